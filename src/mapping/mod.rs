//! Mapping: the tables in `mappings/`, read and checked, and the pure functions from records to what HubSpot should hold.

mod amount;
pub mod case;
mod chart;
mod condition;
mod contact;
mod deal;
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
mod portal;
mod pricing;
mod problem;
mod pull;
mod ruling;
mod settings;
mod shipped;
mod sums;
pub mod tables;
mod trial;
mod visit;
mod words;

pub use amount::Provenance;
pub use condition::{VARIABLES, environment};
pub use contact::contact;
pub use deal::{DealFacts, deal_values};
pub use digest::{Digest, Digests, TableDigest};
pub use email::{EmailCandidate, EmailRole, email_of, email_owner};
pub use entry::{Classified, classify};
pub use fold::{fold, fold_tight};
pub use index::{Mapping, UnknownStatus};
pub use link::{Visit, link};
pub use load::{PullSource, Source, file_names, load, pull_source};
pub use notice::Notice;
pub use portal::{PortalStages, StageInPortal};
pub use pricing::{Lines, Pabg, Pricing};
pub use problem::{Level, Problem};
pub use pull::{
    Changes, Grid, GridRow, Pulled, PulledTable, Record, RowChange, RowName, SourceKind, Taken, Tolerance, canonical,
    canonical_row, is_table, take,
};
pub use ruling::{Facts, Rulings};
pub use settings::{CaseKey, CloseDate, DealSettings, Grain, PreviousStage, PushBack, StartDate, WonAt};
pub use shipped::{SHIPPED, shipped, shipped_file};
pub use sums::{Markers, Sums};
pub use trial::{Expected, Trial, try_cases, warn_of_cases};
pub use visit::{DealValues, appointment, deal_wanted};
pub use words::SourceWord;
