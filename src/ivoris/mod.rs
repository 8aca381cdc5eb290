//! The client of one Ivoris installation: reads only, carefully, and says what it could not read.
//!
//! No function here takes a method: the one place that builds a request builds a GET. Routes, parameter names, formats and
//! field names are data ([`RouteProfile`]), because hardly any of them has been seen. Source: `ivoris-api.md`.

mod ask;
mod body;
mod call;
mod client;
mod count;
mod error;
mod judge;
mod learned;
mod line;
mod profile;
mod quiet;
mod route;
mod settings;
mod steer;
mod told;
mod turn;
mod unknown;
pub mod wire;

#[cfg(test)]
mod care_tests;
#[cfg(test)]
mod fake;

pub use ask::Ask;
pub use client::Client;
pub use count::{Calls, RouteCalls};
pub use error::{Error, Trouble};
pub use learned::{Learned, RouteFacts};
pub use profile::{DateFormat, EndDay, EntrySource, Fields, IGNORED, Paging, ProfileProblem, RouteProfile, RouteSpec};
pub use quiet::{Quiet, QuietError, quiet_until};
pub use route::{Param, Route, Shape, Thing};
pub use settings::{Credentials, Effects, MOST_PARALLEL, Settings};
pub use told::Told;
pub use unknown::Unknown;
