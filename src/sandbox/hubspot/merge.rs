//! Merges two records into one (`hubspot-api.md` 5.9).

use std::borrow::Cow;

use crate::domain::Object;

use super::core::{Call, Core, Mark};
use super::exchange::Done;
use super::input::{MergeBody, parse};
use super::json::Out;
use super::record::{PropertyId, Source};
use super::refusal::Refusal;
use super::shape::Wanted;

impl Core {
    /// `POST P/merge`.
    pub(super) fn merge_call(&mut self, call: &mut Call, object: Object, body: &[u8]) -> Result<Done, Refusal> {
        let MergeBody { primary_object_id, object_id_to_merge } = parse(body)?;
        call.inputs = 1;
        self.enabled(object)?;
        let primary = self.find(object, primary_object_id.as_str(), None)?;
        let other = self.find(object, object_id_to_merge.as_str(), None)?;
        let merged = self.merge(object, primary, other, call.now)?;
        let view = self.view(object);
        let mut out = Out::new(1024);
        view.record(&mut out, merged, &Wanted::new(view.store, [], &[]), |_| {});
        Ok(Done { status: 200, body: out.bytes })
    }

    /// Merges `other` into `primary`, whose values win, and returns the record that both ids lead to from now on.
    pub(super) fn merge(&mut self, object: Object, primary: u32, other: u32, now: i64) -> Result<u32, Refusal> {
        if primary == other {
            return Err(Refusal::invalid("Cannot merge a record with itself"));
        }
        let (keeps_id, frees) = (self.settings.profile.merge_keeps_id, self.settings.profile.merge_frees);
        let store = self.store(object);
        let of = |index: u32| {
            let record = store.record(index);
            record.properties().filter_map(move |property| Some((property, record.get(property)?)))
        };
        let mut values: Vec<(PropertyId, Cow<'static, str>)> = Vec::new();
        for (property, value) in of(primary).chain(of(other)) {
            if values.iter().all(|(have, _)| *have != property) {
                values.push((property, Cow::Owned(value.to_owned())));
            }
        }
        values.sort_by_key(|(property, _)| *property);
        let created = store.record(primary).created.min(store.record(other).created);
        let store = self.store_mut(object);
        // Whether the other's unique value lives on is unknown: freed, unless the profile holds on to it.
        store.free(primary);
        if frees {
            store.free(other);
        }
        let merged = if keeps_id { primary } else { store.create(created) };
        store.put(merged, &values, Source::Merge, now);
        // The primary's unique values were freed above and are the result's, even where nothing changed.
        store.claim(merged);
        for old in [primary, other].into_iter().filter(|old| *old != merged) {
            self.store_mut(object).record_mut(old).merged = Some(merged);
            self.mark(Mark::Record(object, old));
        }
        self.mark(Mark::Record(object, merged));
        self.move_links(object, [primary, other], merged);
        Ok(merged)
    }

    fn move_links(&mut self, object: Object, old: [u32; 2], merged: u32) {
        for to in Object::ALL {
            for a in old.into_iter().filter(|a| *a != merged) {
                let linked: Vec<u32> = self.links.of(object, a, to, 0).collect();
                for b in linked {
                    self.remove_link(object, a, to, b);
                    if to != object || (b != merged && !old.contains(&b)) {
                        self.add_link(object, merged, to, b);
                    }
                }
            }
        }
    }
}
