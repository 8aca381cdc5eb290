//! Fields that the profile does not name: passed over, but counted for the drift report.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

use super::profile::{Fields, same_name};
use super::route::Thing;

/// How often fields came that the profile does not name: kind of record → dotted name → records. Names only, no values.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Unknown(pub BTreeMap<Thing, BTreeMap<String, u64>>);

/// Names kept per kind of record; an answer that uses values as names must not fill the memory.
const MOST: usize = 200;
/// What stands for a name that is not kept: too long, too many, or of other characters than names have.
const OTHER: &str = "(other)";

impl Unknown {
    /// Counts the unknown fields of records.
    pub(super) fn note(&mut self, thing: Thing, fields: &Fields, records: &[Value]) {
        let mut found = Vec::new();
        let known: Vec<&str> = fields.all().collect();
        records.iter().filter_map(Value::as_object).for_each(|record| walk(&known, "", record, &mut found));
        if found.is_empty() {
            return;
        }
        let names = self.0.entry(thing).or_default();
        for name in found {
            let kept = is_name(&name) && (names.len() < MOST || names.contains_key(&name));
            *names.entry(if kept { name } else { OTHER.to_owned() }).or_default() += 1;
        }
    }
}

fn walk(known: &[&str], above: &str, record: &Map<String, Value>, found: &mut Vec<String>) {
    for (name, value) in record {
        let path = if above.is_empty() { name.clone() } else { format!("{above}.{name}") };
        if known.iter().any(|alias| same_name(alias, &path)) {
            continue;
        }
        let leads_on = known.iter().any(|alias| {
            alias.get(..path.len()).is_some_and(|start| same_name(start, &path))
                && alias.get(path.len()..).is_some_and(|rest| rest.starts_with('.'))
        });
        match value.as_object() {
            Some(inner) if leads_on => walk(known, &path, inner, found),
            None if leads_on && value.is_null() => {}
            Some(_) | None => found.push(path),
        }
    }
}

fn is_name(text: &str) -> bool {
    text.len() <= 64 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::profile::RouteProfile;
    use super::*;

    #[test]
    fn names_are_counted_values_are_not_kept() {
        let profile = RouteProfile::builtin();
        let mut unknown = Unknown::default();
        let records = [
            json!({"id": "1", "Firstname": "Lena", "Address": {"City": "Dresden", "Floor": 2}, "Colour": "blue"}),
            json!({"Id": "2", "address": null, "colour": "red", "Colour": {"Id": 1}, "Insurance": {"A": 1}}),
            json!({"Id": "3", "Lena Beispiel": 1, "CurrentInsurance": {"InsuranceNumber": "X1"}}),
            json!("no record"),
        ];
        unknown.note(Thing::Patient, profile.fields(Thing::Patient), &records);
        let wanted = r#"{"patient":{"(other)":1,"Address.Floor":1,"Colour":2,"Insurance":1,"colour":1}}"#;
        assert_eq!(serde_json::to_string(&unknown).expect("text keys"), wanted);
    }

    #[test]
    fn the_number_of_names_is_bounded() {
        let profile = RouteProfile::builtin();
        let mut unknown = Unknown::default();
        let records: Vec<Value> = (0..1_000).map(|at| json!({ format!("x{at}"): 1 })).collect();
        unknown.note(Thing::Chair, profile.fields(Thing::Chair), &records);
        let names = unknown.0.get(&Thing::Chair).expect("some");
        assert_eq!((names.len(), names.get(OTHER)), (MOST + 1, Some(&800)));
    }
}
