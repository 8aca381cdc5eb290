//! Plan: wanted × base × actual → steps with reasons. Pure: values in, values out.
//!
//! *Wanted* is what mapping says, *base* what ivohub last wrote, *actual* what HubSpot holds now.

pub mod compare;
pub mod diff;
pub mod digest;
pub mod guard;
pub mod step;

pub use diff::{Verdict, differs_from_base, plan_create, plan_update};
pub use digest::PlanDigest;
pub use guard::{Guard, Limits, Totals, Tripped};
pub use step::{Memo, Op, Outcome, RecordOutcome, Step, Wave};
