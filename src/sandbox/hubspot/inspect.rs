//! Looks into a portal without going through its API: for tests, benches and the demo.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use chrono::{DateTime, Utc};

use crate::domain::{HubspotId, Object};

use super::core::Core;
use super::portal::Portal;
use super::record::{Record, Source};
use super::shape::View;
use super::store::Store;

/// A record as it is.
#[derive(Clone, PartialEq, Eq)]
pub struct Seen {
    /// Its id.
    pub id: HubspotId,
    /// All values it has, calculated ones included.
    pub properties: BTreeMap<String, String>,
    /// When it was made.
    pub created: DateTime<Utc>,
    /// When it was last changed.
    pub updated: DateTime<Utc>,
}

impl Seen {
    /// The value of a property; no value is the empty text.
    #[must_use]
    pub fn get(&self, property: &str) -> &str {
        self.properties.get(property).map_or("", String::as_str)
    }
}

/// Id and number of values only.
impl fmt::Debug for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Seen({}, {} properties)", self.id, self.properties.len())
    }
}

/// A value that a property has or had.
#[derive(Clone, PartialEq, Eq)]
pub struct Revision {
    /// The value; empty when it was cleared.
    pub value: String,
    /// Since when.
    pub at: DateTime<Utc>,
    /// HubSpot's `sourceType`: `INTEGRATION`, `CRM_UI`, `AUTOMATION_PLATFORM`, `MERGE_OBJECTS`.
    pub source: &'static str,
}

/// Time and source only.
impl fmt::Debug for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Revision({}, {})", self.at, self.source)
    }
}

impl Portal {
    /// All live records of `object`, by id.
    #[must_use]
    pub fn live(&self, object: Object) -> Vec<Seen> {
        self.look(|core| {
            let view = core.view(object);
            view.store.all_live().map(|(index, _)| seen(view, index)).collect()
        })
    }

    /// Number of live records.
    #[must_use]
    pub fn count(&self, object: Object) -> usize {
        self.look(|core| core.store(object).all_live().count())
    }

    /// Records of `object` in the bin, by id.
    #[must_use]
    pub fn archived(&self, object: Object) -> Vec<Seen> {
        self.look(|core| {
            let view = core.view(object);
            let all = view.store.records_from(0);
            all.filter(|(_, record)| record.archived.is_some()).map(|(index, _)| seen(view, index)).collect()
        })
    }

    /// Live records whose `property` has exactly this value.
    #[must_use]
    pub fn find(&self, object: Object, property: &str, value: &str) -> Vec<Seen> {
        self.look(|core| {
            let view = core.view(object);
            let Some(property) = view.store.property(property) else { return Vec::new() };
            if view.store.is_unique(property) {
                let owner = view.store.owner(property, value);
                let owner = owner.filter(|index| view.store.record(*index).is_live());
                return owner.into_iter().map(|index| seen(view, index)).collect();
            }
            let fits = |index: u32| view.value(index, property).as_deref().unwrap_or_default() == value;
            let live = view.store.all_live().map(|(index, _)| index);
            live.filter(|index| fits(*index)).map(|index| seen(view, index)).collect()
        })
    }

    /// The live record that `id` leads to, after a merge its successor.
    #[must_use]
    pub fn record(&self, object: Object, id: HubspotId) -> Option<Seen> {
        self.look(|core| {
            let view = core.view(object);
            view.store.resolve(id).filter(|index| view.store.record(*index).is_live()).map(|index| seen(view, index))
        })
    }

    /// Live records of kind `to` that the record is linked with.
    #[must_use]
    pub fn links(&self, object: Object, id: HubspotId, to: Object) -> BTreeSet<HubspotId> {
        self.look(|core| {
            let view = core.view(object);
            let linked = view.store.resolve(id).map(|index| view.live_links(index, to, 0));
            linked.into_iter().flatten().map(|index| HubspotId(Store::id(index))).collect()
        })
    }

    /// Number of links between live records of two kinds.
    #[must_use]
    pub fn link_count(&self, from: Object, to: Object) -> usize {
        self.look(|core| {
            let view = core.view(from);
            view.store.all_live().map(|(index, _)| view.live_links(index, to, 0).count()).sum()
        })
    }

    /// Every value a property had, the newest first.
    #[must_use]
    pub fn history(&self, object: Object, id: HubspotId, property: &str) -> Vec<Revision> {
        self.look(|core| {
            let store = core.store(object);
            let found = store.resolve(id).zip(store.any_property(property));
            let past = found.map(|(index, property)| store.record(index).revisions(property)).unwrap_or_default();
            let revision = |past: super::record::Past| {
                let (value, at) = (past.text.into_string(), time(past.at));
                Revision { value, at, source: Source::word(past.source) }
            };
            past.into_iter().map(revision).collect()
        })
    }

    /// One JSON line per live record: id, object, properties, links. Personal values included: it is all invented.
    #[must_use]
    pub fn state_lines(&self, object: Object) -> String {
        self.look(|core| {
            let view = core.view(object);
            let line = |(index, _): (u32, &Record)| state_line(core, view, index);
            view.store.all_live().map(line).collect()
        })
    }
}

fn state_line(core: &Core, view: View<'_>, index: u32) -> String {
    let Seen { id, properties, created: _, updated: _ } = seen(view, index);
    let object = view.store.object;
    let links: BTreeMap<&str, Vec<u64>> = Object::ALL
        .into_iter()
        .map(|to| (to.word(), core.view(object).live_links(index, to, 0).map(Store::id).collect::<Vec<_>>()))
        .filter(|(_, linked)| !linked.is_empty())
        .collect();
    let line = serde_json::json!({"object": object.word(), "id": id.0, "properties": properties, "links": links});
    format!("{line}\n")
}

fn seen(view: View<'_>, index: u32) -> Seen {
    let record = view.store.record(index);
    let all = (0..).zip(&view.store.definitions).filter(|(_, definition)| !definition.archived);
    let properties = all.filter_map(|(property, definition)| {
        Some((definition.name.clone(), view.value(index, property)?.into_owned()))
    });
    let properties = properties.collect();
    let id = HubspotId(Store::id(index));
    Seen { id, properties, created: time(record.created), updated: time(record.updated) }
}

fn time(millis: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(millis).unwrap_or_default()
}
