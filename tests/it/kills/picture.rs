//! The portal by keys: everything it holds but its own ids and times.

use std::collections::{BTreeMap, BTreeSet};

use ivohub::domain::{HubspotId, Object};
use ivohub::sandbox::hubspot::Portal;

/// Names and moments that HubSpot gives; they differ from load to load.
const ITS_OWN: [&str; 5] = ["hs_object_id", "createdate", "hs_createdate", "hs_lastmodifieddate", "lastmodifieddate"];
/// Lines of a difference that are shown.
const SHOWN: usize = 12;

/// Per record (object and key) its values; linked records stand as keys among them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Picture(BTreeMap<String, BTreeMap<String, String>>);

/// The unique property that carries our key.
pub(super) const fn key_property(object: Object) -> &'static str {
    match object {
        Object::Contact => "ivoris_patient_id",
        Object::Appointment | Object::Deal => "ivoris_appointment_id",
    }
}

impl Picture {
    /// Looks at all live records; two with one key are an error.
    pub(super) fn of(portal: &Portal) -> Result<Self, String> {
        let mut keys: BTreeMap<(Object, HubspotId), String> = BTreeMap::new();
        for object in Object::ALL {
            let mut seen = BTreeSet::new();
            for record in portal.live(object) {
                let key = record.get(key_property(object)).to_owned();
                if key.is_empty() {
                    return Err(format!("{object} {} has no key", record.id));
                }
                if !seen.insert(key.clone()) {
                    return Err(format!("two live records with the key of {object} {key}"));
                }
                keys.insert((object, record.id), key);
            }
        }
        let mut picture = BTreeMap::new();
        for object in Object::ALL {
            for record in portal.live(object) {
                let mut values: BTreeMap<String, String> =
                    record.properties.into_iter().filter(|(name, _)| !ITS_OWN.contains(&name.as_str())).collect();
                for other in Object::ALL {
                    let linked: BTreeSet<&str> = portal
                        .links(object, record.id, other)
                        .into_iter()
                        .map(|id| keys.get(&(other, id)).map_or("a record without key", String::as_str))
                        .collect();
                    let linked: Vec<&str> = linked.into_iter().collect();
                    values.insert(format!("linked {other}"), linked.join(" "));
                }
                picture.insert(format!("{object} {}", keys[&(object, record.id)]), values);
            }
        }
        Ok(Self(picture))
    }

    /// Number of records.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Where `found` is not as this picture; `None` when it is.
    pub(super) fn differs(&self, found: &Self) -> Option<String> {
        let nothing = BTreeMap::new();
        let records: BTreeSet<&String> = self.0.keys().chain(found.0.keys()).collect();
        let mut lines = Vec::new();
        for record in records {
            let there = [self.0.contains_key(record), found.0.contains_key(record)];
            let (wanted, found) = (self.0.get(record).unwrap_or(&nothing), found.0.get(record).unwrap_or(&nothing));
            match there {
                [true, false] => lines.push(format!("{record} is lost")),
                [false, true] => lines.push(format!("{record} should not be there")),
                _ => {
                    let names: BTreeSet<&String> = wanted.keys().chain(found.keys()).collect();
                    let value = |values: &BTreeMap<String, String>, name: &str| {
                        values.get(name).map_or("nothing", String::as_str).to_owned()
                    };
                    let other = names.into_iter().filter(|name| wanted.get(*name) != found.get(*name));
                    lines.extend(other.map(|name| {
                        format!("{record}, {name}: wanted {}, found {}", value(wanted, name), value(found, name))
                    }));
                }
            }
        }
        let count = lines.len();
        lines.truncate(SHOWN);
        (count > 0).then(|| format!("{count} differences\n{}", lines.join("\n")))
    }
}
