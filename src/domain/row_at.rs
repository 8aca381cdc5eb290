//! Where a row of a mapping table stands.

use std::fmt;

use serde::Serialize;

/// Where a row of a mapping table stands, for people: `terminarten.csv:12`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct RowAt {
    /// The table, without `.csv`.
    pub table: &'static str,
    /// Line in its file, counted from 1.
    pub line: u32,
}

impl fmt::Display for RowAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.csv:{}", self.table, self.line)
    }
}
