//! What `status` shows: portal, runs, queues, what is held and rejected, with the command that mends each.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};

use crate::store::{Account, RunLine, RunState, StatusReport};

use super::account::{groups, place};
use super::line::{Line, Look, grouped};
use super::next::for_held;
use super::reading;
use super::summary::short;
use super::table::table;

/// How a run stands, in a word. `unsent`: what it accepted is not all sent.
const fn word(run: &RunLine, unsent: bool) -> &'static str {
    match (run.state, run.exit) {
        (_, Some(130 | 143)) => "stopped",
        (RunState::Reading | RunState::Proposed, None) => "unfinished",
        (RunState::Accepting | RunState::Accepted, None) => "interrupted",
        (RunState::Reading | RunState::Proposed, Some(_)) => "read",
        (RunState::Accepting | RunState::Accepted, Some(0 | 3 | 10)) if !unsent => "done",
        (RunState::Accepting | RunState::Accepted, Some(_)) => "stopped",
        (RunState::Refused, Some(8)) => "refused",
        (RunState::Refused, Some(10)) => "dry run",
        // A dry run, or a "no".
        (RunState::Refused, None | Some(0 | 3)) => "not carried out",
        (RunState::Refused, Some(_)) => "failed",
        (RunState::Abandoned, _) => "abandoned",
    }
}

/// The newest run that sends: what is in the outbox is its own, since a run begins with what older ones left.
fn sender(report: &StatusReport) -> Option<&RunLine> {
    let sends = |run: &&RunLine| matches!(run.state, RunState::Accepting | RunState::Accepted) && run.totals.is_some();
    report.runs.iter().find(sends).filter(|_| open(report) > 0)
}

fn open(report: &StatusReport) -> u64 {
    let steps = report.outbox;
    steps.planned + steps.in_doubt + steps.links_open
}

/// The screen.
#[must_use]
pub fn lines(
    report: &StatusReport,
    profile: &str,
    holder: Option<&str>,
    (now, zone): (DateTime<Utc>, Tz),
    width: usize,
) -> Vec<Line> {
    let portal = report.portal.map_or("not pinned yet".to_owned(), |portal| portal.to_string());
    let mut lines =
        vec![Line::new().look(Look::Strong, &format!("profile {profile}")).plain(&format!("   portal {portal}"))];
    if let Some(holder) = holder {
        lines.push(Line::new().look(Look::Warn, &format!("at work: {holder}")));
    }
    if report.runs.is_empty() {
        lines.push(Line::of("no run yet").plain("   → ").look(Look::Command, "ivohub migrate-patients --input FILE"));
        return lines;
    }
    lines.push(Line::new());
    lines.extend(table(&["run", "command", "started", "state", "changes", "exit"], &runs(report, zone), 4, 0));
    lines.extend(reading::lines(report, now, zone, width));
    lines.push(Line::new());
    let queues: Vec<Vec<String>> = report
        .queues
        .iter()
        .map(|(kind, records, ready, held)| {
            vec![kind.plural().to_owned(), grouped(*records), grouped(*ready), grouped(*held)]
        })
        .collect();
    lines.extend(table(&["in the inbox", "records", "queued", "held"], &queues, 1, 0));
    lines.push(Line::new());
    let ledger: Vec<Vec<String>> =
        report.ledger.iter().map(|(object, count)| vec![object.word().to_owned(), grouped(*count)]).collect();
    lines.extend(table(&["in HubSpot", "written by ivohub"], &ledger, 1, 0));
    lines.extend(outbox(report));
    let account = Account { held: report.held.clone(), rejected: report.rejected.clone(), ..Account::default() };
    let groups = groups(&account, width);
    if !groups.is_empty() {
        lines.push(Line::new());
        lines.extend(groups);
    }
    lines
}

fn runs(report: &StatusReport, zone: Tz) -> Vec<Vec<String>> {
    let unsent = sender(report).map(|run| run.id);
    let row = |run: &RunLine| {
        let started = run.started.with_timezone(&zone).format("%Y-%m-%d %H:%M:%S").to_string();
        let changes = run.totals.map_or("–".to_owned(), |totals| grouped(totals.changes()));
        let exit = run.exit.map_or("–".to_owned(), |exit| exit.to_string());
        vec![short(run.id), run.command.clone(), started, word(run, unsent == Some(run.id)).to_owned(), changes, exit]
    };
    report.runs.iter().map(row).collect()
}

fn outbox(report: &StatusReport) -> Vec<Line> {
    let steps = report.outbox;
    if open(report) == 0 {
        return Vec::new();
    }
    let text = format!(
        "outbox: {} to be sent, {} in doubt, {} links to be made",
        grouped(steps.planned),
        grouped(steps.in_doubt),
        grouped(steps.links_open)
    );
    let next = sender(report).map_or_else(
        || "repeat the command that was stopped".to_owned(),
        |run| format!("repeat the command, or: ivohub {} --drain-only --yes", run.command),
    );
    vec![Line::new(), Line::new().look(Look::Warn, &text).plain("   → ").look(Look::Command, &next)]
}

/// The same for machines.
#[must_use]
pub fn json(report: &StatusReport, profile: &str, holder: Option<&str>) -> Value {
    let unsent = sender(report).map(|run| run.id);
    let runs: Vec<Value> = report
        .runs
        .iter()
        .map(|run| {
            json!({
                "run": run.id.to_string(),
                "command": run.command,
                "started": run.started.to_rfc3339(),
                "ended": run.ended.map(|at| at.to_rfc3339()),
                "state": word(run, unsent == Some(run.id)),
                "exit": run.exit,
                "changes": run.totals.map(|totals| totals.changes()),
            })
        })
        .collect();
    let queues: Vec<Value> = report
        .queues
        .iter()
        .map(|(kind, records, ready, held)| {
            json!({"kind": kind.plural(), "records": records, "queued": ready, "held": held})
        })
        .collect();
    let ledger: serde_json::Map<String, Value> =
        report.ledger.iter().map(|(object, count)| (object.word().to_owned(), json!(count))).collect();
    let notes = |notes: &[crate::store::OutcomeNote], held: bool| -> Vec<Value> {
        let one = |note: &crate::store::OutcomeNote| {
            let next = held.then(|| for_held(note.kind, &note.reason));
            json!({"kind": note.kind.plural(), "reason": note.reason, "count": note.count, "first": place(note), "next": next})
        };
        notes.iter().map(one).collect()
    };
    json!({
        "type": "status",
        "profile": profile,
        "portal": report.portal,
        "at_work": holder,
        "runs": runs,
        "queues": queues,
        "ledger": ledger,
        "outbox": report.outbox,
        "reading": reading::json(report),
        "held": notes(&report.held, true),
        "rejected": notes(&report.rejected, false),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Kind, Object, RunId};
    use crate::plan::Totals;
    use crate::store::StepCounts;

    #[test]
    fn status_is_a_page() {
        let report = StatusReport {
            portal: Some(4711),
            runs: vec![RunLine {
                id: RunId(uuid::Uuid::from_u128(0x0195_c7a1_b2c3_7000_8000_0000_0000_0001)),
                command: "migrate-patients".to_owned(),
                started: chrono::DateTime::UNIX_EPOCH,
                ended: None,
                exit: None,
                state: RunState::Accepted,
                totals: Some(Totals::default()),
            }],
            queues: vec![(Kind::Patient, 120, 3, 1)],
            ledger: vec![(Object::Contact, 117)],
            outbox: StepCounts { planned: 3, ..StepCounts::default() },
            ..StatusReport::default()
        };
        let at = (chrono::DateTime::UNIX_EPOCH, chrono_tz::Europe::Berlin);
        let shown: Vec<String> = lines(&report, "live", None, at, 200).iter().map(|line| line.text(false)).collect();
        assert_eq!(
            shown,
            [
                "profile live   portal 4711",
                "",
                "run            command            started               state         changes   exit",
                "0195c7a1b2c3   migrate-patients   1970-01-01 01:00:00   interrupted         0      –",
                "",
                "in the inbox   records   queued   held",
                "patients           120        3      1",
                "",
                "in HubSpot   written by ivohub",
                "contact                    117",
                "",
                "outbox: 3 to be sent, 0 in doubt, 0 links to be made   → repeat the command, or: ivohub migrate-patients --drain-only --yes",
            ]
        );
        assert_eq!(json(&report, "live", None)["queues"][0]["queued"], 3);
    }

    #[test]
    fn only_a_run_that_sent_everything_is_done() {
        let check = |state, exit: Option<u8>, unsent, wanted| {
            let run = RunLine {
                id: RunId(uuid::Uuid::nil()),
                command: "migrate-patients".to_owned(),
                started: chrono::DateTime::UNIX_EPOCH,
                ended: exit.map(|_| chrono::DateTime::UNIX_EPOCH),
                exit,
                state,
                totals: None,
            };
            assert_eq!(word(&run, unsent), wanted, "{state:?} {exit:?} {unsent}");
        };
        check(RunState::Accepted, Some(0), false, "done");
        check(RunState::Accepted, Some(3), false, "done");
        check(RunState::Accepted, Some(3), true, "stopped");
        check(RunState::Accepted, Some(6), false, "stopped");
        check(RunState::Accepted, Some(130), true, "stopped");
        check(RunState::Accepted, None, true, "interrupted");
        check(RunState::Refused, Some(8), false, "refused");
        check(RunState::Refused, Some(0), false, "not carried out");
        check(RunState::Refused, Some(10), false, "dry run");
        check(RunState::Refused, Some(6), false, "failed");
    }
}
