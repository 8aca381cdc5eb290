//! Mapping: the tables in `mappings/`, read and checked, and the pure functions from records to what HubSpot should hold.

mod digest;
mod fold;
mod index;
mod place;
mod problem;
pub mod tables;
mod words;

pub use digest::{Digest, Digests, TableDigest};
pub use fold::{fold, fold_tight};
pub use index::{Mapping, UnknownStatus};
pub use problem::{Level, Problem};
pub use words::SourceWord;
