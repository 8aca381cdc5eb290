//! Where a record came from; every complaint about it carries this.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// The place a record was read from.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Origin {
    /// File name as given on the command line, or route template.
    pub file: Arc<str>,
    /// Line in the file where the row begins, counted from 1.
    pub line: u64,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// A row that is no record; the reason holds no personal value.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Rejected {
    /// Where.
    pub origin: Origin,
    /// Column in the file, from 1.
    pub column: Option<u32>,
    /// Header of the column.
    pub header: Option<String>,
    /// Why.
    pub reason: String,
}
