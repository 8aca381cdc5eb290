//! Extract: CSV rows or API pages → domain records, each with its origin; every row ends as a record or as a rejection.

pub mod api;
pub mod csv;
mod lines;

use crate::domain::{Origin, Record, Rejected};

/// One row of a source.
#[derive(Clone, Debug)]
pub enum Row {
    /// A record.
    Record(Box<Record>, Origin),
    /// No record.
    Rejected(Rejected),
}
