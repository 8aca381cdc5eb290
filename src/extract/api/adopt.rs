//! Entries that a file brought without an id, met again over the API with one: the same line must not count twice.

use crate::domain::{Entry, EntryId, fold};

/// What became of lines that were read over the API for a chart that holds lines without id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Adopted {
    /// Lines that are known under a key of their own, and keep it.
    pub same: u64,
    /// Lines left out: on their day a known line is like none of them, so each could be that one.
    pub doubtful: u64,
}

/// Whether a key stands for a line that had no id (`<prefix>line-…`).
#[must_use]
pub fn is_line(id: &EntryId, prefix: &str) -> bool {
    id.as_str().strip_prefix(prefix).is_some_and(|id| id.starts_with("line-"))
}

/// Gives lines of `read` the keys of the lines they are among `known`: those that say the same first, then those of the
/// same day with the same amount and code, or the same text. What could still be one of the rest is left out. `P`: where a line
/// was read.
#[must_use]
pub fn adopt<P>(known: &[Entry], read: Vec<(Entry, P)>, prefix: &str) -> (Vec<(Entry, P)>, Adopted) {
    let mut lines: Vec<&Entry> = known.iter().filter(|entry| is_line(&entry.id, prefix)).collect();
    let is_known = |entry: &Entry| known.iter().any(|one| one.id == entry.id);
    let (mut kept, mut open): (Vec<_>, Vec<_>) =
        read.into_iter().partition(|(entry, _)| is_line(&entry.id, prefix) || is_known(entry));
    // A line that still has no id is itself.
    lines.retain(|line| !kept.iter().any(|(entry, _)| entry.id == line.id));
    let mut adopted = Adopted::default();
    for alike in [same, nearly] {
        let mut rest = Vec::with_capacity(open.len());
        for (entry, place) in open {
            match lines.iter().position(|line| alike(line, &entry)) {
                Some(at) => {
                    adopted.same += 1;
                    kept.push((Entry { id: lines.remove(at).id.clone(), ..entry }, place));
                }
                None => rest.push((entry, place)),
            }
        }
        open = rest;
    }
    let (doubtful, new): (Vec<_>, Vec<_>) =
        open.into_iter().partition(|(entry, _)| lines.iter().any(|line| line.date == entry.date));
    adopted.doubtful = doubtful.len() as u64;
    kept.extend(new);
    (kept, adopted)
}

fn same(a: &Entry, b: &Entry) -> bool {
    nearly_kind(a, b)
        && fold(a.code.expose()) == fold(b.code.expose())
        && a.amount == b.amount
        && a.count.normalize() == b.count.normalize()
        && fold(a.text.expose()) == fold(b.text.expose())
}

fn nearly(a: &Entry, b: &Entry) -> bool {
    let code = |entry: &Entry| fold(entry.code.expose());
    let text = |entry: &Entry| fold(entry.text.expose());
    let by_money = a.amount.is_some() && a.amount == b.amount && code(a) == code(b);
    let by_code = !code(a).is_empty() && code(a) == code(b);
    let by_text = !text(a).is_empty() && text(a) == text(b);
    nearly_kind(a, b) && (by_money || by_code || by_text)
}

fn nearly_kind(a: &Entry, b: &Entry) -> bool {
    a.date == b.date && fold(&a.kind) == fold(&b.kind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Cents, InstanceKey, PatientId, PatientRef, Personal};

    fn line(id: &str, day: u32, code: &str, cents: i64) -> Entry {
        Entry {
            id: EntryId::new(id),
            instance: InstanceKey::new("nord"),
            patient: PatientRef::Id(PatientId::new("p")),
            date: chrono::NaiveDate::from_ymd_opt(2026, 11, day).expect("a day"),
            practitioner: String::new(),
            kind: "Leistung".to_owned(),
            schedule: "GOZ".to_owned(),
            code: Personal::new(code),
            count: rust_decimal::Decimal::ONE,
            factor: None,
            amount: Some(Cents(cents)),
            text: Personal::default(),
            profile: None,
        }
    }

    fn check(known: &[Entry], read: Vec<Entry>, keys: &[&str], doubtful: u64) {
        let (kept, adopted) = adopt(known, read.into_iter().map(|entry| (entry, ())).collect(), "");
        let mut found: Vec<&str> = kept.iter().map(|(entry, ())| entry.id.as_str()).collect();
        found.sort_unstable();
        assert_eq!((found.as_slice(), adopted.doubtful), (keys, doubtful));
    }

    #[test]
    fn a_line_keeps_the_key_it_has() {
        let known = [line("line-1-1", 2, "6100", 500), line("line-1-2", 2, "6100", 500), line("e9", 3, "1", 1)];
        // Two of three equal lines were known; the third could be none of them any more.
        let read = vec![line("e1", 2, "6100", 500), line("e2", 2, "6100", 500), line("e9", 3, "1", 1)];
        check(&known, read, &["e9", "line-1-1", "line-1-2"], 0);
        check(&known, vec![line("e3", 4, "6100", 500)], &["e3"], 0);
    }

    #[test]
    fn a_line_that_was_corrected_is_known_by_its_code() {
        check(&[line("line-1-1", 2, "6100", 500)], vec![line("e1", 2, "6100", 700)], &["line-1-1"], 0);
    }

    #[test]
    fn what_could_be_a_known_line_is_left_out() {
        let known = [line("line-1-1", 2, "6100", 500)];
        check(&known, vec![line("e1", 2, "2000", 900), line("e2", 3, "2000", 900)], &["e2"], 1);
    }
}
