//! Passes: the list of stops of each command, in order. Clients and stores are handed in; nothing here prints.

mod contact;
pub mod reads;
pub mod schema;
mod select;
mod visit;

pub use select::{Minors, Selection};
