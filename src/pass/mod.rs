//! Passes: the list of stops of each command, in order. Clients and stores are handed in; nothing here prints.

mod again;
mod bound;
mod candidate;
mod closing;
mod contact;
mod deal;
mod deal_reason;
mod decision;
mod desk;
mod effect;
mod error;
pub mod explore;
mod fetch;
mod gate;
mod history;
mod known;
#[cfg(test)]
mod laws;
#[cfg(test)]
mod long;
#[cfg(test)]
mod matrix;
#[cfg(test)]
mod model;
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
mod whole;
mod why;
mod words;

pub use again::{Again, basis, question, stages_of};
pub use bound::Bound;
pub use decision::Decision;
pub use effect::{DealEffect, Effect, effect};
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
pub use session::{Pass, Reach, Requeue, Session, Settings};
pub use source::{Days, Filter};
pub use why::{CaseTrace, Chain, EntryTrace, Source, VisitTrace};
pub use words::{answers, read as word};
