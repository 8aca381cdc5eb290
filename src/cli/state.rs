//! `state rebuild`: forgets what was written; every record is looked up in HubSpot again by its key.

use std::time::Duration;

use crate::report::{Line, Look, counted};
use crate::store::Store;

use super::ask;
use super::context::Context;
use super::exit::Exit;
use super::failure::Failure;
use super::lock::Lock;

pub(super) async fn rebuild(context: &Context, yes: bool) -> Result<Exit, Failure> {
    let config = &context.config;
    if !config.state.is_file() {
        return Err(Failure::new(Exit::Usage, format!("no state yet for profile {}", config.profile))
            .next("ivohub migrate-patients --input FILE"));
    }
    if !yes {
        context.asking.or_flag("--yes")?;
    }
    let wait: Duration = context.lock_wait;
    let _lock = Lock::take(&config.state, "state rebuild", wait, config.zone)?;
    let store = context.store(context.sealer()?)?;
    let report = store.status().await?;
    let records: u64 = report.queues.iter().map(|(_, records, _, _)| records).sum();
    let portal = report.portal.map_or_else(String::new, |portal| format!(" from portal {portal}"));
    let question = format!(
        "Forget what was written{portal} and look {} up again? Nothing is lost: what was read stays, and HubSpot is found by key",
        counted(records, "record", "records")
    );
    if !yes && !ask::yes(&question)? {
        context.screen.last(&Line::of("nothing was changed"));
        return Ok(Exit::Done);
    }
    let queued = store.forget_target().await?;
    let line = Line::of(&format!("{} queued again", counted(queued, "record", "records")));
    context.screen.last(&line.plain("   → ").look(Look::Command, "ivohub migrate-patients --drain-only"));
    context.screen.json(&serde_json::json!({"type": "summary", "command": "state rebuild", "queued": queued}));
    Ok(Exit::Done)
}
