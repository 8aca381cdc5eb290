//! API pages → rows: slices of days, pages, pulls and charts; every record of the server ends as exactly one row.

mod chart;
mod slices;
mod worklist;

pub use chart::Sides;
pub use slices::{Slices, Span, Unread};
pub use worklist::Worklist;
