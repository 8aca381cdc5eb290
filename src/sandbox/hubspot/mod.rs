//! A simulated HubSpot portal. Source: `hubspot-api.md`, whose rules (section 15) it enforces.
//!
//! [`Portal::handle`] is synchronous and free of I/O but for the change log of a kept portal: time comes with each request,
//! randomness from a seed. What HubSpot leaves unsaid is a switch in [`Profile`].

mod check;
mod core;
mod counters;
mod definition;
mod exchange;
mod faults;
mod input;
mod inspect;
mod json;
mod limits;
mod link;
mod linking;
mod log;
mod merge;
mod people;
mod pipeline;
mod portal;
mod read;
mod record;
mod refusal;
mod route;
mod schema;
mod search;
mod settings;
mod shape;
mod small;
mod stages;
mod standard;
mod store;
mod value;
mod write;

pub use counters::{Counters, RouteCount};
pub use exchange::{Reply, Request};
pub use faults::{Fault, Faults, Scope};
pub use inspect::{Revision, Seen};
pub use people::{Actor, Refused};
pub use portal::Portal;
pub use settings::{ConditionalRule, CreateRule, Limits, Profile, Settings};
