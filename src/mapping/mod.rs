//! Mapping: the tables in `mappings/`, read and checked, and the pure functions from records to what HubSpot should hold.

mod amount;
mod answer;
pub mod case;
mod changes;
mod chart;
mod cited;
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
mod look;
mod notice;
mod phone;
mod place;
mod portal;
mod problem;
mod pull;
mod rows;
mod ruling;
mod settings;
mod shipped;
mod states;
mod sums;
pub mod tables;
mod trial;
mod visit;
mod words;

pub use amount::Provenance;
pub use answer::Answered;
pub use changes::{Change, RowChange, changes};
pub use condition::{VARIABLES, environment};
pub use contact::contact;
pub use deal::{DealFacts, deal_values};
pub use digest::{Digest, Digests, TableDigest, UNDER_ALL};
pub use email::{EmailCandidate, EmailRole, email_of, email_owner};
pub use entry::{Classified, classify};
pub use fold::{fold, fold_tight};
pub use index::{Mapping, UnknownStatus};
pub use link::{Visit, link};
pub use load::{PullSource, Source, decode as decoded, file_names, load, pull_source};
pub use look::{Hit, Look};
pub use notice::Notice;
pub use portal::{PortalStages, StageInPortal};
pub use problem::{Level, Problem, quote};
pub use pull::{
    Changes, Grid, GridRow, Pulled, PulledTable, Record, RowEdit, RowName, SourceKind, Taken, Tolerance, canonical,
    canonical_row, is_table, take,
};
pub use rows::RowRef;
pub use ruling::{Facts, Rulings};
pub use settings::{CaseKey, CloseDate, DealSettings, Grain, PreviousStage, PushBack, StartDate, WonAt};
pub use shipped::{SHIPPED, shipped, shipped_file};
pub use states::{is_state_map, mapped_values};
pub use sums::{Markers, Sums};
pub use trial::{Expected, Trial, try_cases};
pub use visit::{DealValues, Read, appointment, deal_wanted};
pub use words::SourceWord;
