//! What `status` tells of reading from Ivoris: how old it is, what could not be read, what is watched, what waits.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};

use crate::domain::Kind;
use crate::store::{GapLine, SpooledLine, StatusReport, Watch, WindowsLine};

use super::line::{Line, Look, counted, grouped};
use super::next::pass_of;
use super::table::table;

/// Gaps shown; `--json` has all.
const GAPS: usize = 8;

/// The screen's part of it; empty when nothing was ever read from Ivoris.
pub(super) fn lines(report: &StatusReport, now: DateTime<Utc>, zone: Tz, width: usize) -> Vec<Line> {
    let mut lines = windows(report, now);
    lines.extend(gaps(&report.gaps, zone, width));
    lines.extend(watched(&report.watched, width));
    lines.extend(without_entries(report.without_entries, width));
    lines.extend(report.spooled.iter().flat_map(|line| spooled(line, now, width)));
    lines
}

fn windows(report: &StatusReport, now: DateTime<Utc>) -> Vec<Line> {
    if report.windows.is_empty() {
        return Vec::new();
    }
    let row = |line: &WindowsLine| {
        let WindowsLine { instance, kind, units, rows, oldest, newest } = line;
        let gaps = report.gaps.iter().filter(|gap| gap.instance == *instance && gap.kind == *kind).count() as u64;
        vec![
            instance.to_string(),
            kind.plural().to_owned(),
            grouped(*rows),
            grouped(*units),
            age(now, *newest),
            age(now, *oldest),
            if gaps == 0 { "–".to_owned() } else { grouped(gaps) },
        ]
    };
    let rows: Vec<Vec<String>> = report.windows.iter().map(row).collect();
    let header = ["read from Ivoris", "", "records", "parts", "last", "oldest part", "gaps"];
    let table = table(&header, &rows, 2, 0);
    [Line::new()].into_iter().chain(table).collect()
}

/// Oldest first, and the command that closes them.
fn gaps(gaps: &[GapLine], zone: Tz, width: usize) -> Vec<Line> {
    let sorted = oldest_first(gaps);
    if sorted.is_empty() {
        return Vec::new();
    }
    let text = format!("{}, oldest first", counted(sorted.len() as u64, "open gap", "open gaps"));
    let mut lines = vec![Line::new(), Line::new().look(Look::Warn, &text)];
    for gap in sorted.iter().take(GAPS) {
        let GapLine { instance, kind, days: _, page: _, record: _, since, tried: _, attempts, note } = gap;
        let day = since.with_timezone(&zone).format("%Y-%m-%d %H:%M");
        let runs = counted(u64::from(*attempts), "run", "runs");
        let note = note.as_ref().map_or_else(String::new, |note| format!(": {note}"));
        let text = format!("  {instance}   {}   {}   since {day}, tried in {runs}{note}", kind.plural(), part(gap));
        lines.extend(Line::of(&text).wrapped(width, 6));
    }
    if let Some(rest) = sorted.len().checked_sub(GAPS).filter(|rest| *rest > 0) {
        let text = format!("  and {} more: ivohub status --json lists all", grouped(rest as u64));
        lines.push(Line::new().look(Look::Faint, &text));
    }
    for kind in Kind::ALL.into_iter().filter(|kind| gaps.iter().any(|gap| gap.kind == *kind)) {
        let line = Line::of("  closed by the next run that can read them   → ").look(Look::Command, &again(kind));
        lines.extend(line.wrapped(width, 6));
    }
    lines
}

fn oldest_first(gaps: &[GapLine]) -> Vec<&GapLine> {
    let mut sorted: Vec<&GapLine> = gaps.iter().collect();
    sorted.sort_by_key(|gap| (gap.since, gap.days, gap.page));
    sorted
}

/// What a gap covers.
fn part(gap: &GapLine) -> String {
    match (gap.days, gap.page, gap.record) {
        (Some((from, to)), _, _) if from == to => from.to_string(),
        (Some((from, to)), _, _) => format!("{from} … {to}"),
        (None, Some(page), _) => format!("page {page}"),
        (None, None, Some((Kind::Patient, key))) if gap.kind == Kind::Entry => format!("chart of P:{key}"),
        (None, None, Some((kind, key))) => format!("{}:{key}", kind.letter()),
        (None, None, None) => "all".to_owned(),
    }
}

fn watched(watched: &[(Watch, u64)], width: usize) -> Vec<Line> {
    let texts: Vec<String> =
        watched.iter().filter(|(_, number)| *number > 0).map(|(what, number)| watching(*what, *number)).collect();
    if texts.is_empty() {
        return Vec::new();
    }
    let line = Line::new().look(Look::Warn, "asked for again by the next runs: ").plain(&texts.join(", "));
    [Line::new()].into_iter().chain(line.wrapped(width, 4)).collect()
}

/// Deals whose flag says that entries are missing: nobody can tell from here whether there are none.
fn without_entries(deals: u64, width: usize) -> Vec<Line> {
    if deals == 0 {
        return Vec::new();
    }
    let text = counted(deals, "deal", "deals");
    let line = Line::new()
        .look(Look::Warn, &format!("completed without entries: {text}"))
        .plain("   → in HubSpot, ivoris_flag is completed_without_entries; read again with ")
        .look(Look::Command, &again(Kind::Entry));
    [Line::new()].into_iter().chain(line.wrapped(width, 4)).collect()
}

fn watching(what: Watch, number: u64) -> String {
    let number_of = |one: &str, many: &str| counted(number, one, many);
    match what {
        Watch::Gone => number_of("record that may be gone", "records that may be gone"),
        Watch::Missing => number_of(
            "patient that records name and nobody delivered",
            "patients that records name and nobody delivered",
        ),
        Watch::Unconfirmed => number_of("chart that came back empty", "charts that came back empty"),
    }
}

const fn watch_word(what: Watch) -> &'static str {
    match what {
        Watch::Gone => "gone",
        Watch::Missing => "missing",
        Watch::Unconfirmed => "unconfirmed",
    }
}

fn spooled(line: &SpooledLine, now: DateTime<Utc>, width: usize) -> Vec<Line> {
    let SpooledLine { command, units, rows, oldest } = line;
    let read = format!(
        "read and not yet accepted: {} in {}, begun {} ago",
        counted(*rows, "record", "records"),
        counted(*units, "part", "parts"),
        age(now, *oldest)
    );
    let line = Line::new().look(Look::Warn, &read).plain("   → ").look(Look::Command, &goes_on(command));
    [Line::new()].into_iter().chain(line.plain(" goes on there").wrapped(width, 4)).collect()
}

/// The line that goes on with what `command` has read.
fn goes_on(command: &str) -> String {
    let line = if command.contains(' ') { command.to_owned() } else { format!("{command} --source api") };
    if line.starts_with("ivohub ") { line } else { format!("ivohub {line}") }
}

fn again(kind: Kind) -> String {
    format!("ivohub {} --source api", pass_of(kind))
}

/// How long ago something was: one unit, rounded down.
fn age(now: DateTime<Utc>, at: DateTime<Utc>) -> String {
    let seconds = (now - at).num_seconds();
    match seconds {
        ..0 => "0 s".to_owned(), // another machine's clock
        0..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        172_800.. => format!("{} days", grouped(u64::try_from(seconds / 86_400).unwrap_or_default())),
    }
}

/// The same for machines, to be added to the status object.
pub(super) fn json(report: &StatusReport) -> Value {
    let windows = report.windows.iter().map(|line| {
        let WindowsLine { instance, kind, units, rows, oldest, newest } = line;
        json!({
            "instance": instance.as_str(),
            "kind": kind.plural(),
            "parts": units,
            "records": rows,
            "last": newest.to_rfc3339(),
            "oldest": oldest.to_rfc3339(),
        })
    });
    let gaps = oldest_first(&report.gaps).into_iter().map(|gap| {
        let GapLine { instance, kind, days, page, record, since, tried, attempts, note } = gap;
        json!({
            "instance": instance.as_str(),
            "kind": kind.plural(),
            "from": days.map(|(from, _)| from.to_string()),
            "to": days.map(|(_, to)| to.to_string()),
            "page": page,
            "record": record.map(|(kind, key)| format!("{}:{key}", kind.letter())),
            "since": since.to_rfc3339(),
            "tried": tried.to_rfc3339(),
            "attempts": attempts,
            "note": note,
            "next": again(*kind),
        })
    });
    let spooled = report.spooled.iter().map(|line| {
        let SpooledLine { command, units, rows, oldest } = line;
        json!({
            "command": command,
            "parts": units,
            "records": rows,
            "since": oldest.to_rfc3339(),
            "next": goes_on(command),
        })
    });
    let watched: serde_json::Map<String, Value> =
        Watch::ALL.iter().map(|what| (watch_word(*what).to_owned(), json!(number(&report.watched, *what)))).collect();
    json!({
        "windows": windows.collect::<Vec<_>>(),
        "gaps": gaps.collect::<Vec<_>>(),
        "watched": watched,
        "without_entries": report.without_entries,
        "spooled": spooled.collect::<Vec<_>>(),
    })
}

fn number(watched: &[(Watch, u64)], what: Watch) -> u64 {
    watched.iter().filter(|(have, _)| *have == what).map(|(_, number)| number).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{InstanceKey, KeyHash};

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().expect("a time")
    }

    fn report() -> StatusReport {
        let nord = InstanceKey::new("nord");
        let gap = |kind, since: &str| GapLine {
            instance: nord.clone(),
            kind,
            days: None,
            page: None,
            record: None,
            since: utc(since),
            tried: utc("2026-11-23T08:00:00Z"),
            attempts: 4,
            note: None,
        };
        let day = |text: &str| text.parse().expect("a day");
        StatusReport {
            windows: vec![WindowsLine {
                instance: nord.clone(),
                kind: Kind::Appointment,
                units: 52,
                rows: 12_345,
                oldest: utc("2026-11-22T07:00:00Z"),
                newest: utc("2026-11-23T08:48:00Z"),
            }],
            gaps: vec![
                GapLine {
                    record: Some((Kind::Patient, KeyHash([0xa7; 16]))),
                    attempts: 1,
                    ..gap(Kind::Entry, "2026-11-23T08:00:00Z")
                },
                GapLine { page: Some(17), ..gap(Kind::Patient, "2026-11-22T08:00:00Z") },
                GapLine {
                    days: Some((day("2026-11-18"), day("2026-11-18"))),
                    note: Some("AllAppointments answered 504, 3 attempts".to_owned()),
                    ..gap(Kind::Appointment, "2026-11-20T04:15:00Z")
                },
            ],
            watched: vec![(Watch::Gone, 3), (Watch::Missing, 1)],
            spooled: vec![
                SpooledLine {
                    command: "migrate-patients".to_owned(),
                    units: 12,
                    rows: 600,
                    oldest: utc("2026-11-23T08:30:00Z"),
                },
                SpooledLine {
                    command: "backfill-entries --source api --since 2021-01-01".to_owned(),
                    units: 1,
                    rows: 1,
                    oldest: utc("2026-11-20T08:30:00Z"),
                },
            ],
            ..StatusReport::default()
        }
    }

    fn shown(report: &StatusReport, width: usize) -> Vec<String> {
        let lines = lines(report, utc("2026-11-23T09:00:00Z"), chrono_tz::Europe::Berlin, width);
        lines.iter().map(|line| line.text(false)).collect()
    }

    #[test]
    fn reading_is_told_with_what_mends_it() {
        assert_eq!(
            shown(&report(), 200),
            [
                "",
                "read from Ivoris                  records   parts     last   oldest part   gaps",
                "nord               appointments    12 345      52   12 min          26 h      1",
                "",
                "3 open gaps, oldest first",
                "  nord   appointments   2026-11-18   since 2026-11-20 05:15, tried in 4 runs: AllAppointments answered 504, 3 attempts",
                "  nord   patients   page 17   since 2026-11-22 09:00, tried in 4 runs",
                "  nord   entries   chart of P:a7a7a7a7   since 2026-11-23 09:00, tried in 1 run",
                "  closed by the next run that can read them   → ivohub migrate-patients --source api",
                "  closed by the next run that can read them   → ivohub migrate-appointments --source api",
                "  closed by the next run that can read them   → ivohub backfill-entries --source api",
                "",
                "asked for again by the next runs: 3 records that may be gone, 1 patient that records name and nobody delivered",
                "",
                "read and not yet accepted: 600 records in 12 parts, begun 30 min ago   → ivohub migrate-patients --source api goes on there",
                "",
                "read and not yet accepted: 1 record in 1 part, begun 3 days ago   → ivohub backfill-entries --source api --since 2021-01-01 goes on there",
            ]
        );
        assert_eq!(shown(&StatusReport::default(), 200), [""; 0]);
    }

    #[test]
    fn long_lists_end_with_their_number_and_narrow_screens_are_kept() {
        let mut report = report();
        let gap = report.gaps.first().cloned().expect("one");
        report.gaps.extend(std::iter::repeat_n(gap, 17));
        let shown = shown(&report, 72);
        assert!(shown.iter().any(|line| line == "  and 12 more: ivohub status --json lists all"), "{shown:#?}");
        let table = |line: &&String| line.contains("oldest part") || line.contains("12 345");
        assert!(shown.iter().filter(|line| !table(line)).all(|line| line.chars().count() <= 72), "{shown:#?}");
    }

    #[test]
    fn machines_get_all_of_it() {
        let json = json(&report());
        assert_eq!(json["windows"][0]["last"], "2026-11-23T08:48:00+00:00");
        assert_eq!(
            (&json["gaps"][0]["from"], &json["gaps"][0]["next"]),
            (&json!("2026-11-18"), &json!("ivohub migrate-appointments --source api"))
        );
        assert_eq!(json["gaps"][2]["record"], "P:a7a7a7a7");
        assert_eq!(json["watched"], json!({"gone": 3, "missing": 1, "unconfirmed": 0}));
        assert_eq!(json["spooled"][1]["next"], "ivohub backfill-entries --source api --since 2021-01-01");
    }

    #[test]
    fn ages_have_one_unit() {
        let now = utc("2026-11-23T09:00:00Z");
        let check = |at: &str, wanted: &str| assert_eq!(age(now, utc(at)), wanted);
        check("2026-11-23T09:00:30Z", "0 s");
        check("2026-11-23T08:58:30Z", "90 s");
        check("2026-11-23T08:00:01Z", "59 min");
        check("2026-11-22T09:00:00Z", "24 h");
        check("2026-11-13T09:00:00Z", "10 days");
    }
}
