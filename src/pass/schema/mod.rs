//! The portal's definitions: what the mapping needs, what the portal has, and the way from one to the other.
//!
//! `hubspot-schema plan` is [`Definitions::read`] and [`diff`], `apply` is [`apply`]; every other pass begins with [`check`].
//! Nothing is ever renamed, removed or turned into another type: that is for people, and the problems say how.

mod apply;
mod check;
mod definitions;
mod desired;
mod diff;
mod finding;
mod options;
mod plan;
mod problem;
mod stages;
#[cfg(test)]
mod tests;

pub use apply::{Applied, apply};
pub use check::{Readiness, check};
pub use definitions::Definitions;
pub use desired::{Choices, Desired, DesiredProperty, DesiredStage};
pub use diff::diff;
pub(super) use diff::value_labelled;
pub use finding::findings;
pub use plan::{SchemaPlan, SchemaStep};
pub use problem::{AppointmentsOff, SchemaProblem};
pub use stages::{PortalStage, Stages};
