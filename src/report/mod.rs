//! Everything that is printed or shown. Nothing else prints; rooms below tell an observer, and this is one.

pub mod account;
pub mod again;
pub mod change;
pub mod changes;
mod clean;
pub mod effect;
pub mod explore;
pub mod fetched;
pub mod finding;
pub mod lexicon;
mod line;
pub mod log;
mod money;
mod next;
pub mod overview;
pub mod plan;
mod progress;
mod reading;
mod screen;
pub mod status;
pub mod summary;
mod table;
pub mod why;

pub use line::{Line, Look, counted, grouped, span};
pub use next::{for_held, for_rejected, pass_of};
pub use progress::Progress;
pub use screen::{Bars, Colour, Options, Screen};
pub use table::table;
