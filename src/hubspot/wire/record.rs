//! Records: what is sent to and what comes from the object endpoints.

use std::collections::BTreeMap;

use serde::ser::{SerializeMap, Serializer};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::domain::{Properties, PropertyName};

use super::Paging;
use super::error::ErrorBody;
use super::scalar::{Id, Text};

/// `{"inputs":[…]}`.
#[derive(Serialize)]
pub(in crate::hubspot) struct Inputs<T> {
    pub(in crate::hubspot) inputs: Vec<T>,
}

/// One input of batch upsert and batch update.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::hubspot) struct WriteInput<'a> {
    pub(in crate::hubspot) id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::hubspot) id_property: Option<&'a PropertyName>,
    pub(in crate::hubspot) object_write_trace_id: Trace,
    pub(in crate::hubspot) properties: Values<'a>,
}

/// Trace id of an input: its place in the caller's list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::hubspot) struct Trace(pub(in crate::hubspot) usize);

impl Trace {
    /// Reads back what was sent.
    pub(in crate::hubspot) fn parse(text: &str) -> Option<usize> {
        text.strip_prefix('r')?.parse().ok()
    }
}

impl Serialize for Trace {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("r{}", self.0))
    }
}

/// Property values, the key among them even if the caller left it out.
pub(in crate::hubspot) struct Values<'a> {
    pub(in crate::hubspot) properties: &'a Properties,
    pub(in crate::hubspot) key: Option<(&'a PropertyName, &'a str)>,
}

impl Serialize for Values<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let missing = self.key.filter(|(name, _)| !self.properties.contains_key(name.as_str()));
        let mut map = serializer.serialize_map(Some(self.properties.len() + usize::from(missing.is_some())))?;
        for (name, value) in self.properties {
            map.serialize_entry(name, value)?;
        }
        if let Some((name, value)) = missing {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

/// Answer to a batch write; only what matching needs is read.
#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(in crate::hubspot) struct WriteAnswer<'a> {
    pub(in crate::hubspot) results: Vec<WrittenRecord<'a>>,
    #[serde(default)]
    pub(in crate::hubspot) errors: Vec<ErrorBody>,
}

/// One written record.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::hubspot) struct WrittenRecord<'a> {
    pub(in crate::hubspot) id: Id,
    #[serde(default)]
    pub(in crate::hubspot) new: bool,
    #[serde(default)]
    pub(in crate::hubspot) object_write_trace_id: Option<String>,
    #[serde(borrow, default)]
    properties: Option<&'a RawValue>,
    #[serde(default)]
    pub(in crate::hubspot) warnings: Vec<serde::de::IgnoredAny>,
}

impl WrittenRecord<'_> {
    /// Value of one property in the answer; read only when the trace id is not echoed.
    pub(in crate::hubspot) fn value(&self, name: &PropertyName) -> Option<String> {
        let mut all: BTreeMap<String, Text> = serde_json::from_str(self.properties?.get()).ok()?;
        all.remove(name.as_str()).map(|text| text.0)
    }
}

/// Body of a batch read.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::hubspot) struct ReadBody<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::hubspot) id_property: Option<&'a str>,
    pub(in crate::hubspot) properties: &'a [PropertyName],
    pub(in crate::hubspot) properties_with_history: [&'a str; 0],
    pub(in crate::hubspot) inputs: Vec<ReadInput<'a>>,
}

/// `{"id":"…"}`.
#[derive(Serialize)]
pub(in crate::hubspot) struct ReadInput<'a> {
    pub(in crate::hubspot) id: &'a str,
}

/// Answer to a batch read or a list.
#[derive(Deserialize)]
pub(in crate::hubspot) struct ReadAnswer {
    pub(in crate::hubspot) results: Vec<ReadRecord>,
    #[serde(default)]
    pub(in crate::hubspot) errors: Vec<ErrorBody>,
    #[serde(default)]
    pub(in crate::hubspot) paging: Option<Paging>,
}

/// One record as read.
#[derive(Deserialize)]
pub(in crate::hubspot) struct ReadRecord {
    pub(in crate::hubspot) id: Id,
    #[serde(default)]
    pub(in crate::hubspot) properties: BTreeMap<PropertyName, Text>,
    #[serde(default)]
    pub(in crate::hubspot) archived: bool,
    #[serde(default)]
    pub(in crate::hubspot) associations: BTreeMap<String, Associated>,
}

/// Linked records of one type.
#[derive(Deserialize)]
pub(in crate::hubspot) struct Associated {
    #[serde(default)]
    pub(in crate::hubspot) results: Vec<AssociatedId>,
    #[serde(default)]
    pub(in crate::hubspot) paging: Option<Paging>,
}

/// `{"id":"901","type":"deal_to_contact"}`.
#[derive(Deserialize)]
pub(in crate::hubspot) struct AssociatedId {
    pub(in crate::hubspot) id: Id,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_always_among_the_properties() {
        let name = PropertyName::new("ivoris_patient_id");
        let properties = Properties::from([(PropertyName::new("lastname"), "Muster".to_owned())]);
        let values = Values { properties: &properties, key: Some((&name, "n-1")) };
        let input =
            WriteInput { id: "n-1", id_property: Some(&name), object_write_trace_id: Trace(17), properties: values };
        assert_eq!(
            serde_json::to_string(&Inputs { inputs: vec![input] }).expect("plain values"),
            r#"{"inputs":[{"id":"n-1","idProperty":"ivoris_patient_id","objectWriteTraceId":"r17","properties":{"lastname":"Muster","ivoris_patient_id":"n-1"}}]}"#
        );
        assert_eq!(Trace::parse("r17"), Some(17));
        assert_eq!(Trace::parse("17"), None);
    }
}
