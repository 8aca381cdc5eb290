//! Pulling tables out of a spreadsheet, a folder or published CSV files: bytes in, canonical files and their
//! differences out (`mappings.md` 3.1, 3.4 M090). Reading the disk and the network is the caller's.

mod changes;
mod grid;
mod record;
mod same;
mod take;
mod workbook;
mod write;

pub use changes::{Changes, RowEdit, RowName};
pub use grid::{Grid, GridRow};
pub use record::{Record, SourceKind};
pub use take::{Pulled, PulledTable, Taken, Tolerance, is_table, take};
pub use write::{canonical, canonical_row};

use super::problem::Problem;

/// The sheet that belongs to a file: its name without `.csv`.
fn sheet_name(file: &str) -> &str {
    file.strip_suffix(".csv").unwrap_or(file)
}

/// A pull is refused for what was found at a place of the source.
fn refusal(place: &str, message: String) -> Problem {
    Problem::of_file("M090", place, message)
}
