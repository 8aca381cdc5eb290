//! How a record looks in an answer (`hubspot-api.md` 5.1).

use std::borrow::Cow;

use crate::domain::Object;

use super::check::Warning;
use super::definition::Meaning;
use super::json::{IdSpelling, Out, iso};
use super::link::{Links, type_id};
use super::pipeline::End;
use super::record::PropertyId;
use super::standard;
use super::store::Store;

/// Linked records that a list or a read shows per type, before it says that there are more.
const INLINE_LINKS: usize = 100;

/// The parts of the portal that a record is shown from.
#[derive(Clone, Copy)]
pub(super) struct View<'v> {
    pub(super) stores: &'v [Store; 3],
    pub(super) store: &'v Store,
    pub(super) links: &'v Links,
}

/// What is shown of each record.
#[derive(Default)]
pub(super) struct Wanted {
    pub(super) properties: Vec<PropertyId>,
    pub(super) history: Vec<PropertyId>,
    pub(super) links: Vec<Object>,
}

impl Wanted {
    /// The properties called so; unknown ones are left out, the basic ones are always there.
    pub(super) fn new<'n>(store: &Store, names: impl IntoIterator<Item = &'n str>, history: &[&str]) -> Self {
        let mut properties: Vec<PropertyId> = names.into_iter().filter_map(|name| store.property(name)).collect();
        let basic = if properties.is_empty() {
            standard::default_names(store.object)
        } else {
            standard::basic_names(store.object)
        };
        properties.extend(basic.iter().filter_map(|name| store.property(name)));
        properties.sort_unstable();
        properties.dedup();
        let history = history.iter().filter_map(|name| store.property(name)).collect();
        Self { properties, history, links: Vec::new() }
    }
}

impl<'v> View<'v> {
    /// The value of a property, calculated ones included.
    pub(super) fn value(&self, index: u32, property: PropertyId) -> Option<Cow<'v, str>> {
        let record = self.store.record(index);
        let meaning = self.store.definition(property).meaning;
        let ended = |wanted: &[End]| {
            let end = self.stage_end(index)?;
            Some(Cow::Borrowed(if wanted.contains(&end) { "true" } else { "false" }))
        };
        match meaning {
            Meaning::Plain | Meaning::Email | Meaning::Pipeline | Meaning::Stage | Meaning::Owner => {
                record.get(property).map(Cow::Borrowed)
            }
            Meaning::ObjectId => Some(Cow::Owned(Store::id(index).to_string())),
            Meaning::Created => Some(Cow::Owned(iso(record.created))),
            Meaning::Modified => Some(Cow::Owned(iso(record.updated))),
            Meaning::Closed => ended(&[End::Won, End::Lost]),
            Meaning::ClosedWon => ended(&[End::Won]),
            Meaning::ClosedLost => ended(&[End::Lost]),
            Meaning::Probability => {
                let stage = record.get(self.store.meaning(Meaning::Stage)?)?;
                self.store.stage(stage)?.1.probability.as_deref().map(Cow::Borrowed)
            }
            Meaning::LinkedDeals => self.linked(index, Object::Deal),
            Meaning::LinkedContacts => self.linked(index, Object::Contact),
        }
    }

    fn stage_end(&self, index: u32) -> Option<End> {
        let stage = self.store.record(index).get(self.store.meaning(Meaning::Stage)?)?;
        Some(self.store.stage(stage)?.1.end())
    }

    /// Number of live linked records; none is no value.
    fn linked(&self, index: u32, to: Object) -> Option<Cow<'v, str>> {
        let count = self.live_links(index, to, 0).count();
        (count > 0).then(|| Cow::Owned(count.to_string()))
    }

    /// Live records of kind `to` that are linked with a record of this store.
    pub(super) fn live_links(&self, index: u32, to: Object, begin: u32) -> impl Iterator<Item = u32> + 'v {
        let other = &self.stores[super::link::slot(to)];
        self.links.of(self.store.object, index, to, begin).filter(|linked| other.record(*linked).is_live())
    }

    /// Writes one record; `more` adds fields of its own.
    pub(super) fn record(&self, out: &mut Out, index: u32, wanted: &Wanted, more: impl FnOnce(&mut Out)) {
        let record = self.store.record(index);
        out.comma();
        out.raw("{");
        out.key("id");
        out.id(Store::id(index), IdSpelling::Text);
        self.properties(out, index, &wanted.properties);
        if !wanted.history.is_empty() {
            self.history(out, index, &wanted.history);
        }
        out.key("createdAt");
        out.instant(record.created);
        out.key("updatedAt");
        out.instant(record.updated);
        out.raw(if record.is_live() { ",\"archived\":false" } else { ",\"archived\":true" });
        if let Some(archived) = record.archived {
            out.key("archivedAt");
            out.instant(archived);
        }
        if wanted.links.iter().any(|to| self.live_links(index, *to, 0).next().is_some()) {
            self.associations(out, index, &wanted.links);
        }
        more(out);
        out.raw("}");
    }

    fn properties(&self, out: &mut Out, index: u32, properties: &[PropertyId]) {
        out.key("properties");
        out.raw("{");
        let record = self.store.record(index);
        for property in properties {
            let definition = self.store.definition(*property);
            out.key(&definition.name);
            let meaning = definition.meaning;
            if meaning == Meaning::Created {
                out.instant(record.created);
            } else if meaning == Meaning::Modified {
                out.instant(record.updated);
            } else if meaning.is_calculated() {
                out.text_or_null(self.value(index, *property).as_deref());
            } else {
                out.text_or_null(record.get(*property));
            }
        }
        out.raw("}");
    }

    fn history(&self, out: &mut Out, index: u32, properties: &[PropertyId]) {
        out.key("propertiesWithHistory");
        out.raw("{");
        for property in properties {
            out.key(&self.store.definition(*property).name);
            out.raw("[");
            for past in self.store.record(index).revisions(*property) {
                out.comma();
                out.raw("{");
                out.key("value");
                out.text(&past.text);
                out.key("timestamp");
                out.instant(past.at);
                out.key("sourceType");
                out.text(past.source.word());
                out.raw("}");
            }
            out.raw("]");
        }
        out.raw("}");
    }

    fn associations(&self, out: &mut Out, index: u32, kinds: &[Object]) {
        out.key("associations");
        out.raw("{");
        for to in kinds {
            let mut linked = self.live_links(index, *to, 0).peekable();
            if linked.peek().is_none() || type_id(self.store.object, *to).is_none() {
                continue;
            }
            out.key(&format!("{}s", to.word()));
            out.raw("{\"results\":[");
            for other in linked.by_ref().take(INLINE_LINKS) {
                out.comma();
                out.raw("{");
                out.key("id");
                out.id(Store::id(other), IdSpelling::Text);
                out.key("type");
                out.text(&format!("{}_to_{}", self.store.object.word(), to.word()));
                out.raw("}");
            }
            out.raw("]");
            if let Some(next) = linked.next() {
                paging(out, Store::id(next));
            }
            out.raw("}");
        }
        out.raw("}");
    }

    /// Writes `warnings` of a written record.
    pub(super) fn warnings(&self, out: &mut Out, warnings: &[Warning]) {
        if warnings.is_empty() {
            return;
        }
        out.key("warnings");
        out.raw("[");
        for Warning { property, raw, stored } in warnings {
            let name = &self.store.definition(*property).name;
            out.comma();
            out.value(&serde_json::json!({
                "category": "PROPERTY_VALUE_NORMALIZED",
                "context": {"propertyName": [name], "rawValue": [raw], "normalizedValue": [stored]},
                "message": format!("The value of {name} was normalized")
            }));
        }
        out.raw("]");
    }
}

/// `"paging":{"next":{"after":"…"}}`.
pub(super) fn paging(out: &mut Out, after: u64) {
    out.key("paging");
    out.raw("{\"next\":{\"after\":");
    out.id(after, IdSpelling::Text);
    out.raw("}}");
}
