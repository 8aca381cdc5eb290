//! The HubSpot client: [`Reader`], [`Writer`] and [`SchemaWriter`] over one shared line to one portal.
//!
//! Reading and writing are different types: who holds no [`Writer`] cannot write. There is no creating call but the upsert
//! by a unique property, no search, no merge and no archive. The API version stands in `path.rs` alone.
//! Source: `hubspot-api.md`.

mod batch;
mod call;
mod client;
mod count;
mod error;
mod limits;
mod path;
mod read;
mod schema;
mod settings;
mod setup;
mod wire;
mod write;

#[cfg(test)]
pub(crate) mod fake;

pub use batch::{Answered, Outcome};
pub use client::{Client, Effects};
pub use count::Calls;
pub use error::{Error, Rejection, RejectionKind};
pub use read::{Actual, Found, Page, Reader};
pub use schema::{NewPipeline, NewProperty, NewStage, SchemaOutcome, SchemaWriter};
pub use settings::{ApiVersion, Settings, VersionError};
pub use setup::{Account, Enablement};
pub use wire::definition::{OptionDefinition, PipelineDefinition, PropertyDefinition, PropertyGroup, StageDefinition};
pub use write::{Link, Update, Upsert, Writer, Written};
