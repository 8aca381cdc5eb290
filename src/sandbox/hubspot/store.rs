//! Everything the portal keeps of one object: definitions, records, and who owns which unique value.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::domain::{HubspotId, Object};

use super::definition::{Definition, Group, Meaning};
use super::pipeline::{Pipeline, Stage};
use super::record::{PropertyId, Record, Source};
use super::standard;

/// Ids of all objects begin here: above 32 bits, and the same for every object, as HubSpot's ids are unique per object only.
const FIRST_ID: u64 = 20_000_000_001;

/// Which record has which value of one unique property.
struct Owners {
    property: PropertyId,
    by_value: HashMap<Box<str>, u32>,
}

/// One object of the portal.
pub(super) struct Store {
    pub(super) object: Object,
    pub(super) definitions: Vec<Definition>,
    pub(super) groups: Vec<Group>,
    pub(super) pipelines: Vec<Pipeline>,
    pub(super) records: Vec<Record>,
    names: HashMap<Box<str>, PropertyId>,
    owners: Vec<Owners>,
}

/// A change of one record: ascending, each property once.
pub(super) type Changes<'a> = [(PropertyId, Cow<'a, str>)];

impl Store {
    pub(super) fn new(object: Object, appointment_status: bool) -> Self {
        let mut store = Self {
            object,
            definitions: Vec::new(),
            groups: standard::groups(object),
            pipelines: standard::pipelines(object),
            records: Vec::new(),
            names: HashMap::new(),
            owners: Vec::new(),
        };
        for definition in standard::definitions(object, appointment_status) {
            store.define(definition);
        }
        store
    }

    /// Adds a definition and returns its number.
    pub(super) fn define(&mut self, definition: Definition) -> PropertyId {
        let property =
            PropertyId::try_from(self.definitions.len()).expect("HubSpot allows 1,000 properties per object");
        self.names.insert(Box::from(definition.name.as_str()), property);
        if definition.unique {
            self.owners.push(Owners { property, by_value: HashMap::new() });
        }
        self.definitions.push(definition);
        property
    }

    /// Replaces all definitions, in their order; [`Store::reindex`] comes before the next look-up by value.
    pub(super) fn redefine(&mut self, definitions: Vec<Definition>) {
        self.definitions.clear();
        self.names.clear();
        self.owners.clear();
        for definition in definitions {
            self.define(definition);
        }
    }

    /// The live property called `name`.
    pub(super) fn property(&self, name: &str) -> Option<PropertyId> {
        self.any_property(name).filter(|property| !self.definition(*property).archived)
    }

    /// The property called `name`, archived ones included.
    pub(super) fn any_property(&self, name: &str) -> Option<PropertyId> {
        self.names.get(name).copied()
    }

    pub(super) fn definition(&self, property: PropertyId) -> &Definition {
        &self.definitions[usize::from(property)]
    }

    /// The property with this meaning, if the object has one.
    pub(super) fn meaning(&self, meaning: Meaning) -> Option<PropertyId> {
        let at = self.definitions.iter().position(|definition| definition.meaning == meaning)?;
        PropertyId::try_from(at).ok()
    }

    /// The pipeline and stage with this stage id.
    pub(super) fn stage(&self, id: &str) -> Option<(&Pipeline, &Stage)> {
        self.pipelines.iter().find_map(|pipeline| Some((pipeline, pipeline.stage(id)?)))
    }

    /// Id of the record at `index`.
    pub(super) fn id(index: u32) -> u64 {
        FIRST_ID + u64::from(index)
    }

    /// Index of the record that `id` names now; a merged one leads to its successor. `None`: never existed.
    pub(super) fn resolve(&self, id: HubspotId) -> Option<u32> {
        let mut index = u32::try_from(id.0.checked_sub(FIRST_ID)?).ok()?;
        while let Some(next) = self.try_record(index)?.merged {
            index = next;
        }
        Some(index)
    }

    /// Index of the live record that `text` names.
    pub(super) fn live(&self, text: &str) -> Option<u32> {
        let index = self.resolve(HubspotId(text.parse().ok()?))?;
        self.record(index).is_live().then_some(index)
    }

    fn try_record(&self, index: u32) -> Option<&Record> {
        self.records.get(usize::try_from(index).ok()?)
    }

    pub(super) fn record(&self, index: u32) -> &Record {
        self.try_record(index).expect("indices come from this store")
    }

    pub(super) fn record_mut(&mut self, index: u32) -> &mut Record {
        self.records.get_mut(usize::try_from(index).expect("32 bits fit")).expect("indices come from this store")
    }

    /// All live records.
    pub(super) fn all_live(&self) -> impl Iterator<Item = (u32, &Record)> {
        (0..).zip(&self.records).filter(|(_, record)| record.is_live())
    }

    /// Whether values of `property` can belong to one record only.
    pub(super) fn is_unique(&self, property: PropertyId) -> bool {
        self.owners.iter().any(|owners| owners.property == property)
    }

    /// The record that has `value` in a unique property.
    pub(super) fn owner(&self, property: PropertyId, value: &str) -> Option<u32> {
        self.owners.iter().find(|owners| owners.property == property)?.by_value.get(value).copied()
    }

    /// All records from an index on, whatever became of them.
    pub(super) fn records_from(&self, first: u32) -> impl Iterator<Item = (u32, &Record)> {
        let begin = usize::try_from(first).expect("32 bits fit").min(self.records.len());
        (first..).zip(self.records.get(begin..).unwrap_or_default())
    }

    /// The index that a cursor (the next record's id) begins at.
    pub(super) fn index_from(cursor: u64) -> u32 {
        u32::try_from(cursor.saturating_sub(FIRST_ID)).unwrap_or(u32::MAX)
    }

    /// Makes a record and returns its index.
    pub(super) fn create(&mut self, now: i64) -> u32 {
        let index = u32::try_from(self.records.len()).expect("a portal holds less than 2^32 records");
        self.records.push(Record::new(now));
        index
    }

    /// Writes values that were checked before; returns whether anything changed.
    pub(super) fn put(&mut self, index: u32, changes: &Changes<'_>, source: Source, now: i64) -> bool {
        if self.record(index).holds(changes) {
            return false;
        }
        for at in 0..self.owners.len() {
            let property = self.owners[at].property;
            let Some((_, value)) = changes.iter().find(|(changed, _)| *changed == property) else { continue };
            let old = self.record(index).get(property).map(str::to_owned);
            let by_value = &mut self.owners[at].by_value;
            if let Some(old) = old
                && by_value.get(old.as_str()) == Some(&index)
            {
                by_value.remove(old.as_str());
            }
            if !value.is_empty() {
                by_value.insert(Box::from(value.as_ref()), index);
            }
        }
        self.record_mut(index).apply(changes, source, now);
        true
    }

    /// Frees the unique values of a record, so that others can have them.
    pub(super) fn free(&mut self, index: u32) {
        for at in 0..self.owners.len() {
            let value = self.record(index).get(self.owners[at].property).map(str::to_owned);
            if let Some(value) = value
                && self.owners[at].by_value.get(value.as_str()) == Some(&index)
            {
                self.owners[at].by_value.remove(value.as_str());
            }
        }
    }

    /// Makes a record the owner of its unique values.
    pub(super) fn claim(&mut self, index: u32) {
        for at in 0..self.owners.len() {
            if let Some(value) = self.record(index).get(self.owners[at].property).map(Box::from) {
                self.owners[at].by_value.insert(value, index);
            }
        }
    }

    /// Live records that share a unique value with another.
    pub(super) fn duplicates(&self) -> u64 {
        let mut count = 0;
        for owners in &self.owners {
            let mut seen = std::collections::HashSet::new();
            let values = self.all_live().filter_map(|(_, record)| record.get(owners.property));
            count += u64::try_from(values.filter(|value| !seen.insert(*value)).count()).unwrap_or(u64::MAX);
        }
        count
    }

    /// Puts a record from the change log at `index`; [`Store::reindex`] comes before the next look-up by value.
    pub(super) fn load(&mut self, index: u32, record: Record) {
        let at = usize::try_from(index).expect("32 bits fit");
        if at >= self.records.len() {
            self.records.resize_with(at + 1, Record::default);
        }
        self.records[at] = record;
    }

    /// Finds out again who owns which unique value; `keeps`: records that are not live and keep theirs.
    pub(super) fn reindex(&mut self, keeps: impl Fn(&Record) -> bool) {
        for Owners { property, by_value } in &mut self.owners {
            by_value.clear();
            // The dead first, so that the living win.
            for living in [false, true] {
                for (index, record) in (0..).zip(&self.records) {
                    let counts = if record.is_live() { living } else { !living && keeps(record) };
                    if let Some(value) = record.get(*property).filter(|_| counts) {
                        by_value.insert(Box::from(value), index);
                    }
                }
            }
        }
    }
}
