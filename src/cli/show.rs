//! Shows a plan: heading, changes, totals, and what stays behind.

use std::collections::BTreeMap;

use serde_json::json;

use crate::domain::Kind;
use crate::pass::Run;
use crate::plan::Limits;
use crate::report::lexicon::Lexicon;
use crate::report::plan::{Heading, PlanTotals};
use crate::report::{Line, Look, again, change, grouped};
use crate::store::{SqliteStore, StepId, StepLine};

use super::ask::Asking;
use super::context::Context;
use super::failure::Failure;
use super::pass_args::{Diff, PassArgs};

/// Changes shown by `--diff fields`, unless their fields fill the screen before.
const FIRST: usize = 20;
/// Lines that changes may take there.
const LINES: usize = 40;
/// Changes read from the store at once.
const STRETCH: usize = 500;

/// Shows the plan of a run.
pub(super) async fn plan(context: &Context, run: &Run<'_, SqliteStore>, args: &PassArgs) -> Result<(), Failure> {
    let (Some(planned), Some(portal)) = (run.planned(), run.portal()) else { return Ok(()) };
    let screen = &context.screen;
    let summary = run.summary().await?;
    let instances: Vec<&str> = context.config.instances.iter().map(|instance| instance.key.as_str()).collect();
    let heading = Heading {
        command: super::closing::name(&summary.command),
        instances: instances.join(", "),
        mapping: summary.mapping.clone(),
        portal: portal.account.portal_id,
        mode: context.config.mode.word(),
    };
    screen.out(&Line::new());
    screen.out(&heading.line());
    if let Some(again) = &planned.again {
        screen.note(&again::line(again));
    }
    let lexicon = super::lexicon::of(&portal.mapping, context.config.zone);
    let people = if screen.is_terminal() { Diff::Fields } else { Diff::Summary };
    let diff = args.diff.unwrap_or(if screen.options().json { Diff::Summary } else { people });
    changes(context, run, &lexicon, diff).await?;
    let mut rejected: BTreeMap<Kind, u64> = BTreeMap::new();
    for note in &summary.account.rejected {
        *rejected.entry(note.kind).or_default() += note.count;
    }
    let totals = PlanTotals {
        totals: planned.totals,
        rejected: &rejected,
        guard: &planned.guard,
        guarded: run_is_guarded(context, args),
        digest: &planned.digest,
        money: &planned.money,
    };
    screen.json(&totals.json());
    if will_be_asked(context, args) && planned.totals.changes() > 0 {
        // Nobody is asked about what was not shown.
        screen.put_before_question(&totals.lines());
    } else {
        screen.out(&Line::new());
        screen.outs(&totals.lines());
    }
    Ok(())
}

fn will_be_asked(context: &Context, args: &PassArgs) -> bool {
    let answered = args.dry_run || args.yes || args.approve.is_some();
    !answered && context.asking == Asking::Possible
}

fn run_is_guarded(context: &Context, args: &PassArgs) -> bool {
    let flags = args.max_creates.is_some() || args.max_updates.is_some() || args.max_closes.is_some();
    flags || context.config.limits != Limits::default()
}

async fn changes(context: &Context, run: &Run<'_, SqliteStore>, lexicon: &Lexicon, diff: Diff) -> Result<(), Failure> {
    let screen = &context.screen;
    let most = match diff {
        Diff::Summary => return Ok(()),
        Diff::Fields => FIRST,
        Diff::Full => usize::MAX,
    };
    let (mut after, mut shown, mut lines) = (StepId::default(), 0, 0);
    'all: while shown < most {
        let steps = run.lines(after, STRETCH.min(most - shown)).await?;
        let Some(last) = steps.last() else { break };
        let end = last.id;
        if shown == 0 {
            screen.out(&Line::new());
        }
        for step in &steps {
            let of_step = change::lines(step, lexicon, diff == Diff::Full);
            screen.outs(&of_step);
            screen.json(&change_json(step, lexicon));
            (after, shown, lines) = (step.id, shown + 1, lines + of_step.len());
            if diff == Diff::Fields && lines >= LINES {
                break 'all;
            }
        }
        after = end;
    }
    if !run.lines(after, 1).await?.is_empty() {
        let all = run.planned().map_or(0, |planned| planned.totals.changes() - planned.totals.links);
        let rest = all.saturating_sub(u64::try_from(shown).unwrap_or(u64::MAX));
        let text = format!("  … {} more changes; --diff full shows all", grouped(rest));
        screen.out(&Line::new().look(Look::Faint, &text));
    }
    Ok(())
}

/// A change for machines: what may not be shown is named without its value.
fn change_json(step: &StepLine, lexicon: &Lexicon) -> serde_json::Value {
    let fields: Vec<serde_json::Value> = step
        .set
        .iter()
        .map(|(name, value)| {
            let before = step.before.get(name).map_or("", String::as_str);
            match lexicon.value(step.object, name.as_str(), value).filter(|_| !value.is_empty()) {
                Some(_) => json!({"property": name.as_str(), "before": before_shown(step, lexicon, name.as_str(), before), "after": value}),
                None => json!({"property": name.as_str(), "hidden": true}),
            }
        })
        .collect();
    json!({
        "type": "change",
        "object": step.object.word(),
        "key": format!("{}:{}", change::letter(step.object), step.key),
        "patient": format!("P:{}", step.patient),
        "op": step.op,
        "closes": step.closes,
        "rule": step.rule.as_ref().map(ToString::to_string),
        "reason": step.reason,
        "fields": fields,
    })
}

fn before_shown<'v>(step: &StepLine, lexicon: &Lexicon, name: &str, before: &'v str) -> Option<&'v str> {
    lexicon.value(step.object, name, before).map(|_| before)
}
