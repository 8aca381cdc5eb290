//! API pages → rows: slices of days, pages, pulls and charts; every record of the server ends as exactly one row.

mod slices;

pub use slices::{Slices, Span, Unread};
