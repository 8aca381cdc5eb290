//! Passes: the list of stops of each command, in order. Clients and stores are handed in; nothing here prints.

mod contact;
mod deal;
mod history;
mod observe;
mod patient;
mod plan;
mod reads;
mod select;
mod source;
mod visit;

pub use observe::{Observer, Phase, Silent};
pub use patient::{Decider, Decision};
pub use plan::{Error, Listed, Planned, Planner};
pub use reads::{Answers, Asks, Presence};
pub use select::{Minors, Selection};
pub use source::Filter;
