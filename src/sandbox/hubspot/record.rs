//! One record, packed: all values in one text, one slot per value, former values in a list of their own.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// Who wrote a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Source {
    Api,
    Person,
    Workflow,
    Merge,
}

impl Source {
    /// HubSpot's `sourceType`.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Api => "INTEGRATION",
            Self::Person => "CRM_UI",
            Self::Workflow => "AUTOMATION_PLATFORM",
            Self::Merge => "MERGE_OBJECTS",
        }
    }
}

/// Number of a property within its object.
pub(super) type PropertyId = u16;

#[derive(Clone, Copy, Debug)]
struct Slot {
    at: i64,
    end: u32,
    property: PropertyId,
    source: Source,
}

/// A value as it stood at some time; empty is no value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Past {
    #[serde(rename = "p")]
    pub(super) property: PropertyId,
    #[serde(rename = "a")]
    pub(super) at: i64,
    #[serde(rename = "s")]
    pub(super) source: Source,
    #[serde(rename = "v")]
    pub(super) text: Box<str>,
}

/// A record of any object. Times are milliseconds since 1970 in UTC.
#[derive(Clone, Debug, Default)]
pub(super) struct Record {
    pub(super) created: i64,
    pub(super) updated: i64,
    pub(super) archived: Option<i64>,
    /// Index of the record it was merged into.
    pub(super) merged: Option<u32>,
    slots: Box<[Slot]>,
    texts: Box<str>,
    history: Vec<Past>,
}

impl Record {
    pub(super) fn new(created: i64) -> Self {
        Self { created, updated: created, ..Self::default() }
    }

    /// Neither archived nor merged away.
    pub(super) const fn is_live(&self) -> bool {
        self.archived.is_none() && self.merged.is_none()
    }

    /// The current value; `None` when there is none.
    pub(super) fn get(&self, property: PropertyId) -> Option<&str> {
        let at = self.slots.binary_search_by_key(&property, |slot| slot.property).ok()?;
        Some(self.text(at)).filter(|text| !text.is_empty())
    }

    fn text(&self, at: usize) -> &str {
        let begin = at.checked_sub(1).map_or(0, |before| self.slots[before].end);
        let range = usize::try_from(begin).expect("32 bits fit")..usize::try_from(self.slots[at].end).expect("fits");
        self.texts.get(range).expect("slots end where values end")
    }

    /// Properties that have or had a value.
    pub(super) fn properties(&self) -> impl Iterator<Item = PropertyId> {
        self.slots.iter().map(|slot| slot.property)
    }

    /// Whether applying `changes` would change nothing.
    pub(super) fn holds(&self, changes: &[(PropertyId, Cow<'_, str>)]) -> bool {
        changes.iter().all(|(property, value)| self.get(*property).unwrap_or_default() == value)
    }

    /// Takes over `changes` (ascending, each property once); values that stay keep their time and source.
    pub(super) fn apply(&mut self, changes: &[(PropertyId, Cow<'_, str>)], source: Source, at: i64) {
        let room: usize = changes.iter().map(|(_, value)| value.len()).sum();
        let mut texts = String::with_capacity(self.texts.len() + room);
        let mut slots = Vec::with_capacity(self.slots.len() + changes.len());
        let mut past = Vec::new();
        let mut changes = changes.iter().peekable();
        let mut push = |texts: &mut String, slot: Slot, value: &str| {
            texts.push_str(value);
            let end = u32::try_from(texts.len()).expect("values of a record are far below 4 GiB");
            slots.push(Slot { end, ..slot });
        };
        for (index, slot) in self.slots.iter().enumerate() {
            while let Some((property, value)) = changes.next_if(|(property, _)| *property < slot.property) {
                push(&mut texts, Slot { at, end: 0, property: *property, source }, value);
            }
            let old = self.text(index);
            match changes.next_if(|(property, _)| *property == slot.property) {
                Some((_, value)) if *value != old => {
                    let Slot { property, .. } = *slot;
                    past.push(Past { property, at: slot.at, source: slot.source, text: Box::from(old) });
                    push(&mut texts, Slot { at, end: 0, property, source }, value);
                }
                Some(_) | None => push(&mut texts, *slot, old),
            }
        }
        for (property, value) in changes {
            push(&mut texts, Slot { at, end: 0, property: *property, source }, value);
        }
        self.slots = slots.into_boxed_slice();
        self.texts = texts.into_boxed_str();
        // Most records change little: no room is kept for more.
        self.history.reserve_exact(past.len());
        self.history.append(&mut past);
        self.updated = at;
    }

    /// The value as it stood at `time`.
    pub(super) fn as_of(&self, property: PropertyId, time: i64) -> Option<&str> {
        let slot = self.slots.binary_search_by_key(&property, |slot| slot.property).ok()?;
        let text = if self.slots[slot].at <= time {
            self.text(slot)
        } else {
            let past = self.history.iter().rev().find(|past| past.property == property && past.at <= time)?;
            &past.text
        };
        Some(text).filter(|text| !text.is_empty())
    }

    /// All values a property ever had, the newest first.
    pub(super) fn revisions(&self, property: PropertyId) -> Vec<Past> {
        let slot = self.slots.iter().position(|slot| slot.property == property);
        let now = slot.map(|index| self.as_past(index));
        let before = self.history.iter().rev().filter(|past| past.property == property).cloned();
        now.into_iter().chain(before).collect()
    }

    fn as_past(&self, index: usize) -> Past {
        let Slot { at, property, source, .. } = self.slots[index];
        Past { property, at, source, text: Box::from(self.text(index)) }
    }
}

/// A record as the change log spells it.
#[derive(Serialize, Deserialize)]
pub(super) struct Form {
    #[serde(rename = "c")]
    created: i64,
    #[serde(rename = "u")]
    updated: i64,
    #[serde(rename = "x", default, skip_serializing_if = "Option::is_none")]
    archived: Option<i64>,
    #[serde(rename = "m", default, skip_serializing_if = "Option::is_none")]
    merged: Option<u32>,
    #[serde(rename = "v")]
    values: Vec<Past>,
    #[serde(rename = "h", default, skip_serializing_if = "Vec::is_empty")]
    history: Vec<Past>,
}

impl From<&Record> for Form {
    fn from(record: &Record) -> Self {
        let values = (0..record.slots.len()).map(|index| record.as_past(index)).collect();
        let Record { created, updated, archived, merged, slots: _, texts: _, history } = record;
        let (created, updated, archived, merged) = (*created, *updated, *archived, *merged);
        Self { created, updated, archived, merged, values, history: history.clone() }
    }
}

impl From<Form> for Record {
    fn from(form: Form) -> Self {
        let Form { created, updated, archived, merged, mut values, history } = form;
        values.sort_by_key(|value| value.property);
        let mut texts = String::new();
        let slots = values.iter().map(|Past { property, at, source, text }| {
            texts.push_str(text);
            let end = u32::try_from(texts.len()).expect("values of a record are far below 4 GiB");
            Slot { at: *at, end, property: *property, source: *source }
        });
        let slots = slots.collect();
        Self { created, updated, archived, merged, slots, texts: texts.into_boxed_str(), history }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changes<'a>(values: &[(PropertyId, &'a str)]) -> Vec<(PropertyId, Cow<'a, str>)> {
        values.iter().map(|(property, value)| (*property, Cow::Borrowed(*value))).collect()
    }

    #[test]
    fn values_keep_their_history_and_survive_the_log() {
        let mut record = Record::new(1);
        record.apply(&changes(&[(2, "b"), (7, "")]), Source::Api, 1);
        record.apply(&changes(&[(1, "a"), (2, "bb"), (9, "z")]), Source::Person, 5);
        record.apply(&changes(&[(2, "")]), Source::Workflow, 9);
        let again = Record::from(Form::from(&record));
        for record in [&record, &again] {
            assert_eq!([1, 2, 7, 9, 3].map(|property| record.get(property)), [Some("a"), None, None, Some("z"), None]);
            assert_eq!([0, 1, 5, 9].map(|time| record.as_of(2, time)), [None, Some("b"), Some("bb"), None]);
            let sources: Vec<Source> = record.revisions(2).iter().map(|past| past.source).collect();
            assert_eq!(sources, [Source::Workflow, Source::Person, Source::Api]);
        }
        assert!(record.holds(&changes(&[(1, "a"), (2, ""), (100, "")])));
        assert!(!record.holds(&changes(&[(1, "b")])));
    }
}
