//! What `explore` takes.

use std::path::PathBuf;

use clap::Args;

/// Options of `explore`.
#[derive(Args, Clone, Debug, Default)]
pub(in crate::cli) struct ExploreArgs {
    /// Installations; none = all that have an address
    #[arg(value_name = "INSTANCE")]
    pub(super) instances: Vec<String>,
    /// Patients whose own lists and entries are compared
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(0..=50))]
    pub(super) sample: u32,
    /// Lists values without a row in the mapping tables, with rows to paste
    #[arg(long)]
    pub(super) check_mappings: bool,
    /// Writes the document to this file [default: .ivohub/<profile>/explore/<instance>.md]
    #[arg(long, value_name = "FILE.md")]
    pub(super) out: Option<PathBuf>,
    /// Writes an answer of each route to this folder, every value masked
    #[arg(long, value_name = "DIR", conflicts_with_all = ["openapi", "routes"])]
    pub(super) record: Option<PathBuf>,
    /// Compares a saved contract (OpenAPI 3 or Swagger 2) instead of asking
    #[arg(long, value_name = "FILE", conflicts_with_all = ["check_mappings", "probe_load"])]
    pub(super) openapi: Option<PathBuf>,
    /// Lists the routes of the route profile and ends
    #[arg(long, conflicts_with_all = ["openapi", "check_mappings", "probe_load", "out"])]
    pub(super) routes: bool,
    /// Finds the longest window and the most questions at once that are answered; asks first
    #[arg(long)]
    pub(super) probe_load: bool,
    /// Does not ask before --probe-load
    #[arg(short, long)]
    pub(super) yes: bool,
}

impl ExploreArgs {
    /// Whether an installation is asked at all.
    pub(super) const fn asks(&self) -> bool {
        !self.routes && self.openapi.is_none()
    }
}
