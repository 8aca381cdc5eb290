//! The end of a run: account, summary file, exit code, and the line that tells how to go on.

use chrono::Utc;
use serde_json::json;

use crate::domain::{Kind, RunId};
use crate::pass::{Fetched, Run, Summary};
use crate::report::summary::{Calls, Closing, Notice};
use crate::report::{Line, Look, pass_of, summary};
use crate::store::{Account, OutcomeNote, SqliteStore};

use super::context::Context;
use super::exit::Exit;
use super::failure::Failure;
use super::mapping::shown;
use super::pass_args::PassArgs;

pub(super) use crate::report::summary::short;

/// Why a plan is not carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// `--dry-run`
    DryRun,
    /// The operator said no.
    No,
    /// Over the limits, and nobody approved.
    Guard,
    /// `--approve` names another plan.
    OtherPlan,
}

/// How a run ended.
pub(super) enum End {
    /// Everything was carried out.
    Finished,
    /// Nothing was accepted.
    Refused(Why),
    /// Something failed before anything was accepted.
    Failed(Failure),
    /// Something failed, or a signal came, while sending.
    Interrupted(Failure),
}

/// The command's own name, which lives as long as the program.
pub(super) fn name(command: &str) -> &'static str {
    Kind::ALL.into_iter().map(pass_of).find(|name| *name == command).unwrap_or("ivohub")
}

/// A failure that a signal caused ends with the signal's code.
pub(super) fn stopped(context: &Context, failure: Failure) -> Failure {
    if failure.exit != Exit::Interrupted {
        return failure;
    }
    Failure { exit: context.stop.exit(), ..failure }
}

/// A run that ended before it read anything: portal, tables or leftovers of earlier runs stood in its way.
pub(super) fn ended_at_begin(
    context: &Context,
    command: &str,
    run: RunId,
    args: &PassArgs,
    failure: Failure,
) -> Failure {
    let failure = stopped(context, failure);
    let again = matches!(failure.exit, Exit::Interrupted | Exit::Terminated | Exit::Hubspot | Exit::Storage);
    if !again {
        return failure;
    }
    let text = format!("run {}   ended before it read anything   exit {}: ", short(run), failure.exit.code());
    context.screen.last(&Line::of(&text).look(Look::Warn, failure.exit.meaning()));
    if failure.next.is_some() {
        return failure;
    }
    failure.next(format!("to carry on: {}", args.again(command, &context.global)))
}

/// A run that is over.
pub(super) struct Closed {
    pub(super) exit: Exit,
    pub(super) facts: Summary,
}

/// Accounts for a run, writes its summary, closes it.
pub(super) async fn close(
    context: &Context,
    run: Run<'_, SqliteStore>,
    end: End,
    args: &PassArgs,
) -> Result<Closed, Failure> {
    let digest = run.planned().map(|planned| planned.digest.clone());
    let over = run.planned().is_some_and(|planned| !planned.guard.tripped.is_empty());
    let mut facts = run.summary().await?;
    if matches!(end, End::Failed(_)) {
        // Nothing was decided about what was read, so there is nothing to account for.
        facts.account = Account { left: facts.account.left, ..Account::default() };
    }
    left_out(&mut facts.account, args);
    let discards = matches!(end, End::Refused(_) | End::Failed(_));
    if discards {
        run.refuse().await?;
    }
    let (failure, refused) = match end {
        End::Finished => (None, None),
        End::Refused(why) => (None, Some(why)),
        End::Failed(failure) | End::Interrupted(failure) => (Some(stopped(context, failure)), None),
    };
    let exit = exit_of(&facts, failure.as_ref(), refused, args);
    let file = context.runs().join(facts.run.to_string()).join("summary.json");
    let closing = closing(context, &facts, digest.as_deref(), exit, discards);
    let json = closing.json();
    run.close(exit.code(), &facts).await?;
    let written = summary::write(&file, &json);
    written.map_err(|error| Failure::new(Exit::Storage, format!("cannot write {}: {error}", shown(&file))))?;
    if let Some(copy) = &args.summary_out {
        let copied = summary::write(copy, &json);
        copied.map_err(|error| Failure::new(Exit::Storage, format!("cannot write {}: {error}", copy.display())))?;
    }
    let screen = &context.screen;
    screen.out(&Line::new());
    screen.outs(&closing.lines(screen.width()));
    screen.out(&Line::new());
    if let Some(failure) = &failure {
        tell(context, failure);
    }
    if let Some(next) =
        next(context, &facts, failure.as_ref(), refused, args, digest.as_deref().map(|digest| (digest, over)))
    {
        screen.note(&Line::of("→ ").look(Look::Command, &next));
    }
    screen.out(&Line::new().look(Look::Faint, &format!("summary {}", shown(&file))));
    screen.last(&closing.last());
    screen.json(&json);
    tracing::info!(exit = exit.code(), calls = facts.calls.total(), "run ends");
    Ok(Closed { exit, facts })
}

/// Shows what ended a command early.
pub(super) fn tell(context: &Context, failure: &Failure) {
    if !failure.message.is_empty() {
        context.screen.complain(&failure.message);
        context.screen.json(
            &json!({"type": "error", "exit": failure.exit.code(), "message": failure.message, "next": failure.next}),
        );
    }
    if let Some(next) = &failure.next {
        context.screen.error(&Line::of("→ ").look(Look::Command, next));
    }
}

fn closing<'a>(
    context: &'a Context,
    facts: &'a Summary,
    digest: Option<&'a str>,
    exit: Exit,
    discards: bool,
) -> Closing<'a> {
    let calls = facts.calls;
    Closing {
        command: name(&facts.command),
        run: facts.run,
        profile: (&context.config.profile, context.config.mode.word()),
        portal: facts.portal,
        mapping: facts.mapping.clone(),
        digest,
        totals: facts.totals,
        money: facts.money,
        started: facts.started,
        ended: Utc::now(),
        account: &facts.account,
        source: facts.source.as_ref(),
        carried: facts.carried,
        again: facts.again.as_ref(),
        listed: facts
            .listed
            .iter()
            .map(|(what, listed)| Notice {
                what: what.clone(),
                count: listed.count,
                examples: vec![listed.example.clone()],
            })
            .collect(),
        calls: Calls {
            read: calls.read,
            write: calls.write,
            link: calls.link,
            retries: calls.retries,
            rate_limited: calls.rate_limited,
            bound: (facts.bound > 0).then_some(facts.bound),
        },
        exit: (exit.code(), exit.meaning()),
        nothing_written: discards.then_some(if facts.carried.kept == 0 {
            "nothing was written"
        } else {
            "nothing new was written"
        }),
        compliance: json!(context.config.compliance),
    }
}

/// Names the records that options of the run left out: they have no reason of their own in the store.
fn left_out(account: &mut Account, args: &PassArgs) {
    for (kind, numbers) in &account.kinds {
        // A patient has no day.
        let days = *kind != Kind::Patient;
        let options = [
            (!args.only.is_empty(), "--only"),
            (!args.practice.is_empty(), "--practice"),
            (days && args.since.is_some(), "--since"),
            (days && args.until.is_some(), "--until"),
        ];
        let given: Vec<&str> = options.iter().filter(|(given, _)| *given).map(|(_, name)| *name).collect();
        let named: u64 = account.skipped.iter().filter(|note| note.kind == *kind).map(|note| note.count).sum();
        let count = numbers.skipped.saturating_sub(named);
        if count > 0 && !given.is_empty() {
            let reason = format!("left out by {}", given.join(" and "));
            account.skipped.push(OutcomeNote { kind: *kind, reason, count, first: None, column: None, example: None });
        }
    }
}

fn exit_of(facts: &Summary, failure: Option<&Failure>, refused: Option<Why>, args: &PassArgs) -> Exit {
    let mut ends = Vec::new();
    let account = &facts.account;
    if account.kinds.iter().any(|(_, numbers)| numbers.unaccounted != 0) {
        ends.push(Exit::Invariant);
    }
    if is_unfinished(account) || facts.source.as_ref().is_some_and(|source| !source.is_complete()) {
        ends.push(Exit::Unfinished);
    }
    if facts.source.as_ref().is_some_and(Fetched::is_unavailable) {
        ends.push(Exit::Ivoris);
    }
    ends.extend(failure.map(|failure| failure.exit));
    match refused {
        Some(Why::Guard | Why::OtherPlan) => ends.push(Exit::Guard),
        Some(Why::DryRun) if args.detailed_exitcode && facts.totals.is_some_and(|totals| totals.changes() > 0) => {
            ends.push(Exit::Pending);
        }
        Some(Why::DryRun | Why::No) | None => {}
    }
    Exit::most_urgent(ends)
}

/// Whether something is left to do: held, by this run or an earlier one, rejected, refused or unconfirmed.
fn is_unfinished(account: &Account) -> bool {
    let held = account.left.iter().any(|(_, _, held)| *held > 0);
    let records = account.kinds.iter().any(|(_, numbers)| numbers.held + numbers.rejected + numbers.in_doubt > 0);
    let refused = account.written.iter().any(|(_, _, _, refused)| *refused > 0);
    let steps = account.steps;
    held || records
        || refused
        || steps.planned + steps.in_doubt + steps.links_open + steps.links_refused + steps.dropped > 0
}

/// The line to type next, if there is one. `plan`: digest, and whether the guard wants it approved.
fn next(
    context: &Context,
    facts: &Summary,
    failure: Option<&Failure>,
    refused: Option<Why>,
    args: &PassArgs,
    plan: Option<(&str, bool)>,
) -> Option<String> {
    let line = args.line(&facts.command, &context.global);
    let (digest, over) = plan.unwrap_or_default();
    let approving = format!("{line} --approve {digest}");
    match (refused, failure) {
        (Some(Why::DryRun), _) if over => Some(approving),
        (Some(Why::DryRun), _) => facts.totals.is_some_and(|totals| totals.changes() > 0).then_some(line),
        (Some(Why::Guard), _) => Some(approving),
        (Some(Why::OtherPlan), _) => {
            Some(format!("the plan is not the one that was approved; look at it, then: {approving}"))
        }
        (None, Some(failure)) if failure.next.is_none() => {
            Some(format!("to carry on: {}", args.again(&facts.command, &context.global)))
        }
        (Some(Why::No) | None, _) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::KindAccount;

    #[test]
    fn what_options_left_out_is_named() {
        let numbers = KindAccount { read: 130, skipped: 124, ..KindAccount::default() };
        let note = |reason: &str, count| OutcomeNote {
            kind: Kind::Patient,
            reason: reason.to_owned(),
            count,
            first: None,
            column: None,
            example: None,
        };
        let check = |only: &[&str], practice: &[&str], wanted: &[OutcomeNote]| {
            let mut account = Account {
                kinds: vec![(Kind::Patient, numbers)],
                skipped: vec![note("deleted in Ivoris", 4)],
                ..Account::default()
            };
            let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
            left_out(&mut account, &PassArgs { only: words(only), practice: words(practice), ..PassArgs::default() });
            assert_eq!(account.skipped.get(1..), Some(wanted));
        };
        check(&[], &[], &[]);
        check(&["11"], &[], &[note("left out by --only", 120)]);
        check(&[], &["nord"], &[note("left out by --practice", 120)]);
        check(&["11"], &["nord"], &[note("left out by --only and --practice", 120)]);
        let mut account = Account { kinds: vec![(Kind::Entry, numbers)], ..Account::default() };
        let since = "7d".parse().ok();
        left_out(&mut account, &PassArgs { since, practice: vec!["nord".to_owned()], ..PassArgs::default() });
        let reasons: Vec<&str> = account.skipped.iter().map(|note| note.reason.as_str()).collect();
        assert_eq!(reasons, ["left out by --practice and --since"]);
    }

    #[test]
    fn what_earlier_runs_hold_keeps_a_run_from_being_done() {
        let check = |left: &[(Kind, u64, u64)], unfinished| {
            let account = Account { left: left.to_vec(), ..Account::default() };
            assert_eq!(is_unfinished(&account), unfinished, "{left:?}");
        };
        check(&[], false);
        check(&[(Kind::Appointment, 588, 0)], false);
        check(&[(Kind::Appointment, 0, 1)], true);
    }
}
