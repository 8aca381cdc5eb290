//! What reading from Ivoris came to: one line per installation, and one per thing to know.

use chrono::NaiveDate;
use chrono_tz::Tz;

use crate::pass::{Fetched, Gap, Installation, Reached};

use super::line::{Line, Look, counted, grouped};

/// Gaps that are shown one by one.
const SHOWN: usize = 5;

/// The lines, for the screen.
#[must_use]
pub fn lines(fetched: &Fetched, zone: Tz) -> Vec<Line> {
    fetched.installations.iter().flat_map(|one| installation(one, zone)).collect()
}

fn installation(one: &Installation, zone: Tz) -> Vec<Line> {
    let calls = &one.calls;
    let mut text = format!(
        "{}: {} in {}, {}",
        one.instance,
        counted(one.rows, "row", "rows"),
        counted(one.units, "reading", "readings"),
        counted(calls.total(), "call", "calls")
    );
    for (count, what) in [(calls.retries(), "again"), (calls.failures(), "failed"), (calls.probes, "probes")] {
        if count > 0 {
            text.extend([", ", &grouped(count), " ", what]);
        }
    }
    if one.reused > 0 {
        text.extend(["; ", &counted(one.reused, "reading", "readings"), " taken over from an earlier run"]);
    }
    let mut lines = vec![Line::new().look(Look::Faint, &text)];
    match &one.state {
        Reached::Read => {}
        Reached::Unavailable { since } => {
            let since = since.with_timezone(&zone).format("%d.%m. %H:%M");
            lines.push(warning(one, &format!("does not answer since {since}; what was read is kept")));
        }
        Reached::TimeOver => {
            lines.push(warning(one, "the time was over before everything was read; what was read is kept"));
        }
    }
    lines.extend(gaps(one));
    for note in &one.notes {
        lines.push(warning(one, note));
    }
    let facts = [
        (one.hidden, "found on the patients' own lists alone"),
        (one.gone, "no longer in Ivoris after two readings a day apart"),
        (one.suspects, "known and no longer shown; believed to be gone after another reading tomorrow"),
        (one.missing, "patients whom appointments name and Ivoris does not deliver; asked for again later"),
        (one.outside, "on days that were not asked for, left out"),
        (one.sides.entries_only, "entries on Entries alone"),
        (one.sides.document_entries_only, "entries on DocumentEntries alone"),
        (one.sides.differing, "entries that the two lists tell differently"),
    ];
    for (count, what) in facts.into_iter().filter(|(count, _)| *count > 0) {
        lines.push(Line::new().look(Look::Faint, &format!("{}: {} {what}", one.instance, grouped(count))));
    }
    let unknown: u64 = one.unknown.0.values().map(|names| names.len() as u64).sum();
    if unknown > 0 {
        let text = format!(
            "{}: {} that the route profile does not name; ivohub explore lists them",
            one.instance,
            counted(unknown, "field", "fields")
        );
        lines.push(Line::new().look(Look::Faint, &text));
    }
    lines
}

fn gaps(one: &Installation) -> Vec<Line> {
    let mut lines: Vec<Line> = one.gaps.iter().take(SHOWN).map(|gap| warning(one, &shown(gap))).collect();
    if one.gaps.len() > SHOWN {
        let more = counted((one.gaps.len() - SHOWN) as u64, "more gap", "more gaps");
        lines.push(warning(one, &format!("{more}; ivohub status lists them")));
    }
    lines
}

fn shown(gap: &Gap) -> String {
    let day = |day: NaiveDate| day.format("%Y-%m-%d").to_string();
    let what = match gap.days {
        Some((from, to)) if from == to => day(from),
        Some((from, to)) => format!("{} to {}", day(from), day(to)),
        None => "a part".to_owned(),
    };
    format!("{what} of the {} could not be read: {}; the next run tries again", gap.kind.plural(), gap.why)
}

fn warning(one: &Installation, text: &str) -> Line {
    Line::new().look(Look::Warn, &format!("{}: {text}", one.instance))
}
