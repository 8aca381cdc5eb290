//! Mapping: the tables in `mappings/`, read and checked, and the pure functions from records to what HubSpot should hold.

mod amount;
mod chart;
mod condition;
mod contact;
mod digest;
mod email;
mod entry;
mod fold;
mod index;
mod link;
mod load;
mod notice;
mod phone;
mod place;
mod problem;
mod shipped;
mod sums;
pub mod tables;
mod visit;
mod words;

pub use amount::Provenance;
pub use condition::{VARIABLES, environment};
pub use contact::contact;
pub use digest::{Digest, Digests, TableDigest};
pub use email::{EmailCandidate, EmailRole, email_of, email_owner};
pub use entry::{Classified, classify};
pub use fold::{fold, fold_tight};
pub use index::{Mapping, UnknownStatus};
pub use link::{Visit, link};
pub use load::{Source, file_names, load};
pub use notice::Notice;
pub use problem::{Level, Problem};
pub use shipped::{SHIPPED, shipped, shipped_file};
pub use sums::{Markers, Sums};
pub use visit::{DealValues, appointment, deal_wanted};
pub use words::SourceWord;
