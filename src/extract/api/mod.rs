//! API pages → rows: slices of days, pages, pulls and charts; every record of the server ends as exactly one row.

mod adopt;
mod chart;
mod directory;
mod pages;
mod reader;
mod record;
mod slices;
mod tries;
mod worklist;

pub use adopt::{Adopted, adopt, is_line};
pub use chart::Sides;
pub use directory::{Directory, Profile};
pub use reader::{HalfRead, Reader, Single, Slice, named_patients};
pub use record::Ground;
pub use slices::{Slices, Span, Unread};
pub use tries::{Tries, earnestly, patiently};
pub use worklist::{Task, Worklist};
