//! The closing account: one line per kind that adds up, what was written, and what to do about the rest.

use crate::domain::Kind;
use crate::store::{Account, KindAccount, OutcomeNote, StepCounts};

use super::line::{Line, Look, grouped};
use super::next::{for_held, for_rejected, pass_of};
use super::table::table;

/// Groups shown per class; the summary file has all.
const GROUPS: usize = 8;
/// Where the numbers of a kind begin.
const NAMES: usize = 14;

/// The names and numbers of a kind, in the order of the account.
#[must_use]
pub fn fields(kind: Kind, account: &KindAccount) -> Vec<(&'static str, String)> {
    let KindAccount {
        read,
        repeated,
        rejected,
        from_queue,
        queued,
        created,
        updated,
        unchanged,
        ignored,
        held,
        skipped,
        in_doubt,
        unaccounted,
    } = *account;
    let [first, second] = match kind {
        Kind::Patient | Kind::Appointment => ["created", "updated"],
        Kind::Entry => ["used", "unlinked"],
    };
    let numbers = [
        ("read", read),
        ("from queue", from_queue),
        ("repeated", repeated),
        ("rejected", rejected),
        ("queued", queued),
        (first, created),
        (second, updated),
        ("ignored", ignored),
        ("unchanged", unchanged),
        ("held", held),
        ("skipped", skipped),
        ("in doubt", in_doubt),
    ];
    let others = |name: &str| kind != Kind::Entry && name == "ignored";
    let seldom = |name: &str, number: u64| others(name) || (number == 0 && (name == "from queue" || name == "queued"));
    let mut fields: Vec<(&'static str, String)> = numbers
        .into_iter()
        .filter(|(name, number)| !seldom(name, *number))
        .map(|(name, number)| (name, grouped(number)))
        .collect();
    let sign = if unaccounted < 0 { "-" } else { "" };
    fields.push(("unaccounted", format!("{sign}{}", grouped(unaccounted.unsigned_abs()))));
    fields
}

/// The line of each kind, wrapped between fields where it is wider than the screen.
#[must_use]
pub fn kinds(account: &Account, width: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    for (kind, numbers) in &account.kinds {
        let mut line = Line::new().look(Look::Strong, kind.plural()).pad_to(NAMES);
        for (name, number) in fields(*kind, numbers) {
            let field = format!("{name} {number}");
            if line.width() > NAMES && line.width() + field.chars().count() > width {
                lines.push(std::mem::replace(&mut line, Line::new().pad_to(NAMES)));
            }
            let look = match name {
                "unaccounted" if number != "0" => Look::Bad,
                "rejected" | "held" | "in doubt" if number != "0" => Look::Warn,
                _ => Look::Plain,
            };
            line = line.look(look, &field).plain("   ");
        }
        lines.push(line);
    }
    lines
}

/// What was written, per object.
fn written(account: &Account) -> Vec<Line> {
    let StepCounts { done: _, rejected: _, dropped, planned, in_doubt, links_done, links_open, links_refused } =
        account.steps;
    if account.written.is_empty() && links_done + links_open + links_refused + planned + in_doubt + dropped == 0 {
        return Vec::new();
    }
    let closed = |object| {
        if object == crate::domain::Object::Deal { grouped(account.closed) } else { "–".to_owned() }
    };
    let mut rows: Vec<Vec<String>> = account
        .written
        .iter()
        .map(|(object, created, updated, refused)| {
            vec![object.word().to_owned(), grouped(*created), grouped(*updated), closed(*object), grouped(*refused)]
        })
        .collect();
    rows.push(vec!["link".to_owned(), grouped(links_done), "–".to_owned(), "–".to_owned(), grouped(links_refused)]);
    let mut lines = table(&["written", "created", "updated", "closed", "refused"], &rows, 1, 0);
    let open =
        [("to be sent", planned), ("in doubt", in_doubt), ("dropped", dropped), ("links to be made", links_open)];
    let open: Vec<String> = open
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(name, count)| format!("{} {name}", grouped(count)))
        .collect();
    if !open.is_empty() {
        lines.push(Line::new().look(Look::Warn, &format!("still open    {}", open.join(", "))));
    }
    lines
}

/// Place, reason and next step of each group of records that were held, rejected or skipped.
#[must_use]
pub fn groups(account: &Account, width: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    let classes: [(&str, Look, &[OutcomeNote]); 3] = [
        ("held:", Look::Warn, &account.held),
        ("rejected:", Look::Warn, &account.rejected),
        ("skipped:", Look::Faint, &account.skipped),
    ];
    for (class, look, notes) in classes {
        let mut sorted: Vec<&OutcomeNote> = notes.iter().collect();
        sorted.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| (a.kind, &a.reason).cmp(&(b.kind, &b.reason))));
        let digits = sorted.first().map_or(1, |note| grouped(note.count).chars().count());
        for note in sorted.iter().take(GROUPS) {
            let count = format!("{:>digits$}", grouped(note.count));
            let first = place(note).map_or_else(String::new, |place| format!("   first at {place}"));
            let line = Line::new()
                .look(look, class)
                .pad_to(NAMES - 4)
                .plain(&format!("{count} {}", named(note.kind, note.count)));
            lines.extend(line.plain(&format!("  {}", note.reason)).look(Look::Faint, &first).wrapped(width, NAMES));
            let next = match class {
                "held:" => Some(for_held(note.kind, &note.reason)),
                "rejected:" => Some(for_rejected(note.kind)),
                _ => None,
            };
            // One advice for neighbours that need the same.
            let next = next.map(|next| Line::new().pad_to(NAMES - 4).plain("→ ").look(Look::Command, &next));
            if let Some(next) = next {
                lines.retain(|have| *have != next);
                lines.push(next);
            }
        }
        let rest = sorted.get(GROUPS..).unwrap_or_default();
        if !rest.is_empty() {
            let number = rest.iter().map(|note| note.count).sum();
            let text = format!("… {} more reasons, {} records; all in the summary file", rest.len(), grouped(number));
            lines.push(Line::new().pad_to(NAMES - 4).look(Look::Faint, &text));
        }
    }
    lines
}

/// The kind's word for so many.
const fn named(kind: Kind, count: u64) -> &'static str {
    match (kind, count) {
        (Kind::Patient, 1) => "patient",
        (Kind::Appointment, 1) => "appointment",
        (Kind::Entry, 1) => "entry",
        (kind, _) => kind.plural(),
    }
}

/// `termine.csv:118:4`, or the pseudonym of the first record.
#[must_use]
pub fn place(note: &OutcomeNote) -> Option<String> {
    let column = note.column.map_or_else(String::new, |column| format!(":{column}"));
    let first = note.first.as_ref().map(|origin| format!("{origin}{column}"));
    let example = note.example.map(|key| format!("{}:{key}", note.kind.letter()));
    match (first, example) {
        (Some(first), Some(example)) => Some(format!("{first} ({example})")),
        (first, example) => first.or(example),
    }
}

/// Whether what the account says has happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Came {
    /// It has: records and steps of the run are accepted.
    True,
    /// It was planned and thrown away.
    ToNothing,
}

/// What is left in the inbox beside what the run itself held: records on the queue, and held by earlier runs.
#[must_use]
pub fn left(account: &Account, came: Came) -> Vec<Line> {
    let mut lines = Vec::new();
    for (kind, ready, held) in &account.left {
        let here = account.kinds.iter().find(|(have, _)| have == kind).map_or(0, |(_, numbers)| numbers.held);
        let earlier = if came == Came::True { held.saturating_sub(here) } else { *held };
        let line = |class: &str, look, text: &str, next: &str| {
            Line::new().look(look, class).plain(" ").plain(text).plain("   → ").look(Look::Command, next)
        };
        if earlier > 0 {
            let text = format!("{} {} from earlier runs", grouped(earlier), named(*kind, earlier));
            lines.push(line("still held:", Look::Warn, &text, "ivohub status"));
        }
        if *ready > 0 {
            let text = format!("{} {}", grouped(*ready), named(*kind, *ready));
            lines.push(line("queued:", Look::Warn, &text, &format!("ivohub {} --drain-only", pass_of(*kind))));
        }
    }
    lines
}

/// The whole account.
#[must_use]
pub fn lines(account: &Account, came: Came, width: usize) -> Vec<Line> {
    let mut lines = kinds(account, width);
    lines.extend(written(account));
    lines.extend(groups(account, width));
    lines.extend(left(account, came));
    lines
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::domain::{KeyHash, Object, Origin};

    pub(in crate::report) fn account() -> Account {
        let note = |kind, reason: &str, count, line, column| OutcomeNote {
            kind,
            reason: reason.to_owned(),
            count,
            first: Some(Origin { file: "samples/termine.csv".into(), line }),
            column,
            example: column.is_none().then_some(KeyHash([0xe1; 16])),
        };
        Account {
            left: Vec::new(),
            kinds: vec![(
                Kind::Appointment,
                KindAccount {
                    read: 4_812,
                    rejected: 3,
                    created: 37,
                    updated: 240,
                    unchanged: 4_520,
                    held: 12,
                    ..KindAccount::default()
                },
            )],
            written: vec![(Object::Appointment, 37, 240, 0), (Object::Deal, 37, 209, 1)],
            closed: 6,
            steps: StepCounts { done: 523, links_done: 78, ..StepCounts::default() },
            held: vec![
                note(Kind::Appointment, "unknown status \"verschoben?\"", 2, 44, None),
                note(Kind::Appointment, "two deals for one case", 10, 9, None),
            ],
            skipped: Vec::new(),
            rejected: vec![note(Kind::Appointment, "Termin-ID: id is empty", 3, 118, Some(1))],
        }
    }

    #[test]
    fn the_account_reads_like_this() {
        let shown: Vec<String> = lines(&account(), Came::True, 200).iter().map(|line| line.text(false)).collect();
        assert_eq!(
            shown,
            [
                "appointments  read 4 812   repeated 0   rejected 3   created 37   updated 240   unchanged 4 520   held 12   skipped 0   in doubt 0   unaccounted 0",
                "written       created   updated   closed   refused",
                "appointment        37       240        –         0",
                "deal               37       209        6         1",
                "link               78         –        –         0",
                "held:     10 appointments  two deals for one case   first at samples/termine.csv:9 (A:e1e1e1e1)",
                "          → close or delete one of them in HubSpot, then: ivohub migrate-appointments --requeue --drain-only",
                "held:      2 appointments  unknown status \"verschoben?\"   first at samples/termine.csv:44 (A:e1e1e1e1)",
                "          → add a row to mappings/status.csv, then: ivohub migrate-appointments --requeue --drain-only",
                "rejected: 3 appointments  Termin-ID: id is empty   first at samples/termine.csv:118:1",
                "          → correct the rows in Ivoris or in the file, then: ivohub migrate-appointments --input FILE, or --source api",
            ]
        );
    }

    #[test]
    fn what_earlier_runs_left_is_named_with_the_command_that_goes_on() {
        let check = |came, left: &[(Kind, u64, u64)], wanted: &[&str]| {
            let account = Account { left: left.to_vec(), ..account() };
            let shown: Vec<String> = super::left(&account, came).iter().map(|line| line.text(false)).collect();
            assert_eq!(shown, wanted);
        };
        check(Came::True, &[(Kind::Appointment, 0, 12)], &[]);
        check(
            Came::True,
            &[(Kind::Appointment, 588, 17), (Kind::Entry, 0, 1)],
            &[
                "still held: 5 appointments from earlier runs   → ivohub status",
                "queued: 588 appointments   → ivohub migrate-appointments --drain-only",
                "still held: 1 entry from earlier runs   → ivohub status",
            ],
        );
        check(
            Came::ToNothing,
            &[(Kind::Appointment, 0, 4)],
            &["still held: 4 appointments from earlier runs   → ivohub status"],
        );
    }

    #[test]
    fn narrow_screens_wrap_between_fields() {
        let account = account();
        let shown: Vec<String> = lines(&account, Came::True, 80).iter().map(|line| line.text(false)).collect();
        assert!(shown.iter().take(3).all(|line| line.chars().count() <= 80), "{shown:?}");
        assert_eq!(shown.get(1).map(|line| line.starts_with("              ")), Some(true), "{shown:?}");
    }

    #[test]
    fn entries_have_their_own_words_and_seldom_fields_only_show_when_there_is_something() {
        let numbers = KindAccount {
            read: 5,
            from_queue: 2,
            created: 3,
            updated: 2,
            unchanged: 2,
            unaccounted: -1,
            ..KindAccount::default()
        };
        let text: Vec<String> =
            fields(Kind::Entry, &numbers).iter().map(|(name, number)| format!("{name} {number}")).collect();
        assert_eq!(
            text.join(", "),
            "read 5, from queue 2, repeated 0, rejected 0, used 3, unlinked 2, ignored 0, unchanged 2, held 0, skipped 0, in doubt 0, unaccounted -1"
        );
    }
}
