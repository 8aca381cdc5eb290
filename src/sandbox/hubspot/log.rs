//! The change log of a kept portal: one line of JSON per request, written before the answer leaves.

use serde::{Deserialize, Serialize};

use crate::domain::Object;

use super::core::{Core, Mark};
use super::definition::{Definition, Group};
use super::pipeline::Pipeline;
use super::record::{Form, Record};

/// One change, as it stands in the log. Records and properties are named by their numbers.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Change {
    Schema { object: Object, definitions: Vec<Definition>, groups: Vec<Group>, pipelines: Vec<Pipeline> },
    Record { object: Object, index: u32, record: Form },
    Linked(Object, u32, Object, u32),
    Unlinked(Object, u32, Object, u32),
}

/// A line of the log cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a line is damaged")]
pub(crate) struct Damaged;

impl Core {
    /// The line for everything that changed since the last one; `None` when nothing did.
    pub(super) fn take_line(&mut self) -> Option<Vec<u8>> {
        let mut marks = std::mem::take(self.marks.as_mut()?);
        if marks.is_empty() {
            return None;
        }
        // Only the state at the end counts; links keep their order.
        let mut seen = Vec::new();
        marks.retain(|mark| match mark {
            Mark::Record(..) | Mark::Schema(_) => {
                let new = !seen.contains(mark);
                seen.push(*mark);
                new
            }
            Mark::Linked(..) | Mark::Unlinked(..) => true,
        });
        let changes: Vec<Change> = marks.into_iter().map(|mark| self.change(mark)).collect();
        Some(line(&changes))
    }

    fn change(&self, mark: Mark) -> Change {
        match mark {
            Mark::Record(object, index) => {
                Change::Record { object, index, record: Form::from(self.store(object).record(index)) }
            }
            Mark::Linked(from, a, to, b) => Change::Linked(from, a, to, b),
            Mark::Unlinked(from, a, to, b) => Change::Unlinked(from, a, to, b),
            Mark::Schema(object) => {
                let store = self.store(object);
                let (definitions, groups) = (store.definitions.clone(), store.groups.clone());
                Change::Schema { object, definitions, groups, pipelines: store.pipelines.clone() }
            }
        }
    }

    /// The whole portal as lines, in an order that can be replayed.
    pub(super) fn snapshot(&self) -> impl Iterator<Item = Vec<u8>> {
        let schemas = Object::ALL.into_iter().map(Mark::Schema);
        let records = Object::ALL
            .into_iter()
            .flat_map(|object| self.store(object).records_from(0).map(move |(index, _)| Mark::Record(object, index)));
        let links = self.links.all().map(|(from, a, to, b)| Mark::Linked(from, a, to, b));
        schemas.chain(records).chain(links).map(|mark| line(&[self.change(mark)]))
    }

    /// Applies a line; [`Core::replayed`] comes after the last one.
    pub(super) fn replay(&mut self, line: &[u8]) -> Result<(), Damaged> {
        let changes: Vec<Change> = serde_json::from_slice(line).map_err(|_| Damaged)?;
        for change in changes {
            match change {
                Change::Schema { object, definitions, groups, pipelines } => {
                    let store = self.store_mut(object);
                    store.redefine(definitions);
                    store.groups = groups;
                    store.pipelines = pipelines;
                }
                Change::Record { object, index, record } => self.store_mut(object).load(index, Record::from(record)),
                Change::Linked(from, a, to, b) => drop(self.links.add(from, a, to, b)),
                Change::Unlinked(from, a, to, b) => drop(self.links.remove(from, a, to, b)),
            }
        }
        Ok(())
    }

    /// Brings look-ups up to date after a replay.
    pub(super) fn replayed(&mut self) {
        let profile = self.settings.profile.clone();
        for store in &mut self.stores {
            store.reindex(|record| {
                record.archived.is_some() && !profile.archive_frees || record.merged.is_some() && !profile.merge_frees
            });
        }
    }
}

fn line(changes: &[Change]) -> Vec<u8> {
    let mut line = serde_json::to_vec(changes).expect("plain values with text keys");
    line.push(b'\n');
    line
}
