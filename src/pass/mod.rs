//! Passes: the list of stops of each command, in order. Clients and stores are handed in; nothing here prints.

mod bound;
mod candidate;
mod closing;
mod contact;
mod deal;
mod decision;
mod desk;
mod error;
pub mod explore;
mod fetch;
mod gate;
mod history;
mod known;
#[cfg(test)]
mod laws;
#[cfg(test)]
mod matrix;
mod money;
mod observe;
mod patient;
mod plan;
mod portal;
mod reads;
mod run;
pub mod schema;
mod select;
mod session;
mod source;
mod standing;
mod told;
mod visit;
mod why;

pub use bound::Bound;
pub use decision::Decision;
pub use error::Error;
pub use fetch::{Fetched, Gap, Installation, Means, State as Reached, Want};
pub use money::Money;
pub use observe::{Observer, Phase, Silent};
pub use patient::Decider;
pub use plan::{Listed, Planned};
pub use portal::{Portal, key_properties};
pub use reads::{Answers, Asks, Presence};
pub use run::{Run, Summary};
pub use select::{Minors, Selection};
pub use session::{Pass, Reach, Session, Settings};
pub use source::{Days, Filter};
pub use why::{CaseTrace, Chain, EntryTrace, Source, VisitTrace};
