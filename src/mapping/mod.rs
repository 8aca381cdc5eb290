//! Mapping: the tables in `mappings/`, read and checked, and the pure functions from records to what HubSpot should hold.

pub mod case;
mod condition;
mod contact;
mod digest;
mod email;
mod fold;
mod index;
mod load;
mod notice;
mod phone;
mod place;
mod problem;
mod ruling;
mod settings;
mod shipped;
pub mod tables;
mod visit;
mod words;

pub use condition::{VARIABLES, environment};
pub use contact::contact;
pub use digest::{Digest, Digests, TableDigest};
pub use email::{EmailCandidate, EmailRole, email_of, email_owner};
pub use fold::{fold, fold_tight};
pub use index::{Mapping, UnknownStatus};
pub use load::{Source, file_names, load};
pub use notice::Notice;
pub use problem::{Level, Problem};
pub use ruling::Rulings;
pub use settings::{CaseKey, DealSettings, Grain, PushBack};
pub use shipped::{SHIPPED, shipped, shipped_file};
pub use visit::{DealValues, appointment, deal_wanted};
pub use words::SourceWord;
