//! A portal that remembers: records by object, found by key, id and link. What it gives back is spelled as HubSpot spells it.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::{HubspotId, Object, Properties, PropertyName};
use crate::hubspot::Actual;
use crate::mapping::Mapping;
use crate::plan::{Op, Step};

/// A record.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub(super) object: Object,
    pub(super) key: String,
    pub(super) properties: Properties,
}

/// The portal.
#[derive(Clone, Debug, Default)]
pub(super) struct ModelPortal {
    pub(super) records: BTreeMap<HubspotId, Held>,
}

impl ModelPortal {
    pub(super) fn holds(&self, object: Object) -> bool {
        self.records.values().any(|held| held.object == object)
    }

    fn by_key(&self, object: Object, key: &str) -> Option<HubspotId> {
        self.records.iter().find(|(_, held)| held.object == object && held.key == key).map(|(id, _)| *id)
    }

    /// All records as HubSpot gives them back.
    pub(super) fn actuals(&self, mapping: &Mapping) -> BTreeMap<(Object, HubspotId), Actual> {
        let actual = |(id, held): (&HubspotId, &Held)| {
            let rows = mapping.properties(held.object).iter();
            let value = |name| held.properties.get(name).map_or_else(String::new, |value| respelled(value));
            let properties = rows.map(|(_, row)| (row.name.clone(), value(&row.name))).collect();
            let actual = Actual { id: *id, properties, archived: false, links: BTreeMap::new(), more_links: false };
            ((held.object, *id), actual)
        };
        self.records.iter().map(actual).collect()
    }

    /// Writes a step; returns the record's id.
    pub(super) fn write(&mut self, step: &Step, id: Option<HubspotId>) -> Result<HubspotId, String> {
        if step.op == Op::Create {
            if self.by_key(step.object, &step.key_value).is_some() {
                return Err(format!("{:?} {} is created twice", step.object, step.key_value));
            }
            let id = HubspotId(100 + self.records.len() as u64);
            let (object, key) = (step.object, step.key_value.clone());
            self.records.insert(id, Held { object, key, properties: step.set.clone() });
            return Ok(id);
        }
        let id = id.ok_or_else(|| format!("{:?} {} has no id", step.object, step.key_value))?;
        let held = self.records.get_mut(&id).ok_or_else(|| format!("{id} is not there"))?;
        if held.object != step.object || held.key != step.key_value {
            return Err(format!("{id} is not {:?} {}", step.object, step.key_value));
        }
        held.properties.extend(step.set.clone());
        Ok(id)
    }

    /// Ids of the deals, in order of making.
    pub(super) fn deals(&self) -> BTreeSet<HubspotId> {
        self.records.iter().filter(|(_, held)| held.object == Object::Deal).map(|(id, _)| *id).collect()
    }

    pub(super) fn value(&self, id: HubspotId, name: &PropertyName) -> &str {
        self.records.get(&id).and_then(|held| held.properties.get(name)).map_or("", String::as_str)
    }
}

/// `90.00` comes back as `90`, an instant without its milliseconds.
fn respelled(value: &str) -> String {
    if let Some(instant) = value.strip_suffix(".000Z") {
        return format!("{instant}Z");
    }
    match value.parse::<rust_decimal::Decimal>() {
        Ok(number) if value.contains('.') => number.normalize().to_string(),
        Ok(_) | Err(_) => value.to_owned(),
    }
}
