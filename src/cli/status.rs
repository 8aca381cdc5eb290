//! `status`: runs, queues, what is held and rejected.

use crate::report::{Line, Look, status};
use crate::store::Store;

use super::context::Context;
use super::exit::Exit;
use super::failure::Failure;
use super::lock::Lock;

pub(super) async fn run(context: &Context) -> Result<Exit, Failure> {
    let config = &context.config;
    let holder = Lock::holder(&config.state);
    if !config.state.is_file() {
        let line = Line::of(&format!("no state yet for profile {}", config.profile));
        context.screen.last(&line.plain("   → ").look(Look::Command, "ivohub migrate-patients --input FILE"));
        let report = crate::store::StatusReport::default();
        context.screen.json(&status::json(&report, &config.profile, holder.as_deref()));
        return Ok(Exit::Done);
    }
    let report = context.store(context.sealer()?)?.status().await?;
    let at = (chrono::Utc::now(), config.zone);
    let lines = status::lines(&report, &config.profile, holder.as_deref(), at, context.screen.width());
    context.screen.outs(&lines);
    context.screen.json(&status::json(&report, &config.profile, holder.as_deref()));
    Ok(Exit::Done)
}
