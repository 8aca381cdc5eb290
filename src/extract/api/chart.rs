//! One chart out of two lists that do not agree (`ivoris-api.md` 8.2).

use std::collections::HashMap;

use crate::domain::{Entry, EntryId};
use crate::extract::lines::Lines;

/// A line of a list, before it has a key of its own.
#[derive(Clone, Debug)]
pub(super) struct Line {
    /// The entry; its id is empty when the server gave none.
    pub(super) entry: Entry,
    /// Tooth as written: it tells lines apart and is not kept.
    pub(super) tooth: String,
}

/// The list that a line was found on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum List {
    /// `Documentation/v1/Entries`
    Entries,
    /// `Documentation/v1/DocumentEntries`
    DocumentEntries,
}

/// How the two lists of a chart met.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Sides {
    /// Lines on both lists.
    pub both: u64,
    /// Lines on `Entries` alone.
    pub entries_only: u64,
    /// Lines on `DocumentEntries` alone.
    pub document_entries_only: u64,
    /// Lines on both lists that say different things.
    pub differing: u64,
}

impl Sides {
    /// Adds those of another chart.
    pub fn add(&mut self, other: Self) {
        let Self { both, entries_only, document_entries_only, differing } = other;
        self.both += both;
        self.entries_only += entries_only;
        self.document_entries_only += document_entries_only;
        self.differing += differing;
    }
}

/// Merges two lists: by id, lines without one by what they say. Equal lines without id within one list are several lines;
/// a line that comes twice under one id within one list comes out twice, for the account to count it.
pub(super) fn merge(entries: Vec<Line>, documents: Vec<Line>, lines: &mut Lines) -> (Vec<(Line, List)>, Sides) {
    let mut sides = Sides::default();
    let said = |line: &Line| lines.digest(&line.entry, &line.tooth);
    let mut by_id: HashMap<EntryId, usize> = HashMap::new();
    // Lines of `Entries` that can stand for a line of the other list that has no id, and those without id themselves.
    let mut unmatched: HashMap<[u8; 16], Vec<usize>> = HashMap::new();
    let mut merged: Vec<(Line, List)> = Vec::with_capacity(entries.len().max(documents.len()));
    for line in entries {
        let at = merged.len();
        if has_id(&line) {
            by_id.insert(line.entry.id.clone(), at);
        }
        unmatched.entry(said(&line)).or_default().push(at);
        merged.push((line, List::Entries));
    }
    let first = merged.len();
    let mut met = vec![false; first];
    // Lines with an id first: what they stand for is certain.
    let (certain, others): (Vec<Line>, Vec<Line>) = documents.into_iter().partition(has_id);
    for line in certain.into_iter().chain(others) {
        let digest = said(&line);
        let same = match by_id.get(&line.entry.id).filter(|_| has_id(&line)) {
            Some(at) => Some(*at),
            // One has an id and the other none, or neither has: what they say decides.
            None => unmatched.get(&digest).and_then(|places| {
                places.iter().copied().find(|at| !(met[*at] || has_id(&line) && has_id(&merged[*at].0)))
            }),
        };
        match same.filter(|at| *at < first) {
            Some(at) => {
                sides.both += u64::from(!met[at]);
                met[at] = true;
                let kept = &mut merged[at].0;
                sides.differing += u64::from(said(kept) != digest);
                complete(kept, line);
            }
            None => {
                sides.document_entries_only += 1;
                merged.push((line, List::DocumentEntries));
            }
        }
    }
    sides.entries_only = met.iter().filter(|met| !**met).count() as u64;
    (merged, sides)
}

fn has_id(line: &Line) -> bool {
    !line.entry.id.as_str().is_empty()
}

/// Takes over what the other list says and this one does not.
fn complete(kept: &mut Line, other: Line) {
    let (here, there) = (&mut kept.entry, other.entry);
    if here.id.as_str().is_empty() {
        here.id = there.id;
    }
    if here.amount.is_none() {
        here.amount = there.amount;
    }
    if here.factor.is_none() {
        here.factor = there.factor;
    }
    if here.code.expose().is_empty() {
        here.code = there.code;
    }
    if here.schedule.is_empty() {
        here.schedule = there.schedule;
    }
    if here.text.expose().is_empty() {
        here.text = there.text;
    }
    if here.practitioner.is_empty() {
        here.practitioner = there.practitioner;
    }
    if here.kind.is_empty() {
        here.kind = there.kind;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::{InstanceKey, PatientId, PatientRef, Personal};

    fn line(id: Option<u8>, text: u8) -> Line {
        let entry = Entry {
            id: EntryId::new(&id.map_or_else(String::new, |id| format!("e{id}"))),
            instance: InstanceKey::new("nord"),
            patient: PatientRef::Id(PatientId::new("p")),
            date: "2026-11-16".parse().expect("a day"),
            practitioner: String::new(),
            kind: "Text".to_owned(),
            schedule: String::new(),
            code: Personal::default(),
            count: rust_decimal::Decimal::ONE,
            factor: None,
            amount: None,
            text: Personal::new(format!("t{text}")),
            profile: None,
        };
        Line { entry, tooth: String::new() }
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_nothing_doubled(
            chart in prop::collection::btree_map(0_u8..40, (0_u8..4, any::<bool>(), 0_u8..3), 0..30),
        ) {
            // Each line of the true chart: text, whether the server gives its id, on which lists it is.
            let mut on = [Vec::new(), Vec::new()];
            for (id, (text, has_id, lists)) in &chart {
                let one = line(has_id.then_some(*id), *text);
                if *lists != 1 { on[0].push(one.clone()); }
                if *lists != 2 { on[1].push(one); }
            }
            let count = |lines: &[Line], text: u8| lines.iter().filter(|line| {
                !has_id(line) && line.entry.text.expose() == format!("t{text}")
            }).count();
            let [entries, documents] = on;
            let wanted_ids = chart.iter().filter(|(_, (_, has_id, _))| *has_id).count();
            let wanted: usize = wanted_ids + (0..4).map(|text| count(&entries, text).max(count(&documents, text))).sum::<usize>();
            let lines = &mut Lines::new([7; 32]);
            let (merged, sides) = merge(entries, documents, lines);
            let ids: std::collections::BTreeSet<_> =
                merged.iter().filter(|(line, _)| has_id(line)).map(|(line, _)| line.entry.id.clone()).collect();
            prop_assert_eq!(ids.len(), wanted_ids, "every id once");
            prop_assert!(merged.len() <= wanted, "nothing is doubled");
            prop_assert_eq!(merged.len() as u64, sides.both + sides.entries_only + sides.document_entries_only);
        }
    }

    #[test]
    fn a_line_without_id_on_one_list_is_the_one_with_id_on_the_other() {
        let lines = &mut Lines::new([7; 32]);
        let (merged, sides) = merge(vec![line(None, 1), line(None, 1)], vec![line(Some(5), 1)], lines);
        assert_eq!(merged.len(), 2, "two equal lines are two lines");
        assert_eq!(merged[0].0.entry.id.as_str(), "e5");
        assert_eq!((sides.both, sides.entries_only), (1, 1));
    }
}
