//! Which fields records really have: how often present, null, empty, padded, in which shapes. Never a value.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::shape::{HIDDEN, Shape, of_text, safe_name};

/// Names under one object; with more it is a map keyed by data, and further names are not shown.
const MOST_NAMES: usize = 60;
/// Objects within objects.
const DEEP: usize = 5;

/// What was seen of one kind of record.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// Records looked at.
    pub rows: u64,
    /// Dotted field → what was seen of it.
    pub fields: BTreeMap<String, Seen>,
}

/// What was seen of one field.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// Records that have the key at all.
    pub present: u64,
    /// … as null.
    pub null: u64,
    /// … as a text without anything but blanks.
    pub empty: u64,
    /// Texts with blanks before or behind.
    pub padded: u64,
    /// Shapes of the others.
    pub shapes: BTreeMap<Shape, u64>,
}

impl Seen {
    /// Records with a value.
    #[must_use]
    pub const fn filled(&self) -> u64 {
        self.present.saturating_sub(self.null + self.empty)
    }

    /// Percent of `rows` with a value, rounded down; 0 of 0.
    #[must_use]
    pub const fn share(&self, rows: u64) -> u64 {
        match (self.filled() * 100).checked_div(rows) {
            Some(share) => share,
            None => 0,
        }
    }
}

impl Coverage {
    /// Looks at one record. Anything but an object counts as a record without fields.
    pub fn look(&mut self, record: &Value) {
        self.rows += 1;
        if let Value::Object(object) = record {
            self.object(object, "", 0, &mut BTreeSet::new());
        }
    }

    /// Fields without a place among `known`, however their case is spelt.
    #[must_use]
    pub fn strangers(&self, known: &dyn Fn(&str) -> bool) -> Vec<&str> {
        self.fields.keys().map(String::as_str).filter(|name| !known(name)).collect()
    }

    /// `counted`: fields that this record has counted for already; a list of objects counts once.
    fn object(&mut self, object: &Map<String, Value>, prefix: &str, depth: usize, counted: &mut BTreeSet<String>) {
        for (name, value) in object {
            let mut path = join(prefix, safe_name(name));
            if !self.fields.contains_key(&path) && self.below(prefix) >= MOST_NAMES {
                path = join(prefix, HIDDEN);
            }
            let fresh = counted.insert(path.clone());
            let seen = self.fields.entry(path.clone()).or_default();
            if fresh {
                seen.present += 1;
            }
            let shape = match value {
                Value::Null => {
                    seen.null += u64::from(fresh);
                    continue;
                }
                Value::String(text) if text.trim().is_empty() => {
                    seen.empty += u64::from(fresh);
                    continue;
                }
                Value::String(text) => {
                    seen.padded += u64::from(text.trim().len() != text.len());
                    of_text(text.trim())
                }
                Value::Bool(_) => Shape::Flag,
                Value::Number(number) if number.is_f64() => Shape::Decimal,
                Value::Number(_) => Shape::Integer,
                Value::Array(items) => {
                    for item in items {
                        if let Value::Object(below) = item
                            && depth < DEEP
                        {
                            self.object(below, &format!("{path}[]"), depth + 1, counted);
                        }
                    }
                    Shape::List
                }
                Value::Object(below) => {
                    if depth < DEEP {
                        self.object(below, &path, depth + 1, counted);
                    }
                    continue;
                }
            };
            if let Some(seen) = self.fields.get_mut(&path) {
                *seen.shapes.entry(shape).or_default() += 1;
            }
        }
    }

    fn below(&self, prefix: &str) -> usize {
        let own = |name: &&String| match (prefix, name.strip_prefix(prefix)) {
            ("", Some(rest)) => !rest.contains('.'),
            (_, Some(rest)) => rest.strip_prefix('.').is_some_and(|rest| !rest.contains('.')),
            (_, None) => false,
        };
        self.fields.keys().filter(own).count()
    }
}

fn join(prefix: &str, name: &str) -> String {
    if prefix.is_empty() { name.to_owned() } else { format!("{prefix}.{name}") }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn looked(records: &[Value]) -> Vec<String> {
        let mut coverage = Coverage::default();
        records.iter().for_each(|record| coverage.look(record));
        let line = |(name, seen): (&String, &Seen)| {
            let Seen { present, null, empty, padded, shapes } = seen;
            let shapes: Vec<String> = shapes.iter().map(|(shape, count)| format!("{}×{count}", shape.word())).collect();
            format!("{name} {present} {null} {empty} {padded} {} {}%", shapes.join(","), seen.share(coverage.rows))
        };
        coverage.fields.iter().map(line).collect()
    }

    #[test]
    fn fields_are_counted_and_never_shown() {
        let records = [
            json!({"Id": "7b6f0a52-3c1e-4a5d-9d0e-1f2a3b4c5d6e", "Name": "Lena ", "Address": {"Zip": "01067"}, "N": 1}),
            json!({"Id": "7b6f0a52-3c1e-4a5d-9d0e-1f2a3b4c5d6e", "Name": " ", "Address": null, "N": 1.5}),
            json!({"Name": null, "List": [{"A": true}, {"A": false}], "N": []}),
            json!("Lena"),
        ];
        assert_eq!(
            looked(&records),
            [
                "Address 2 1 0 0  25%",
                "Address.Zip 1 0 0 0 digits×1 25%",
                "Id 2 0 0 0 uuid×2 50%",
                "List 1 0 0 0 list×1 25%",
                "List[].A 1 0 0 0 true/false×2 25%",
                "N 3 0 0 0 integer×1,decimal×1,list×1 75%",
                "Name 3 1 1 1 text×1 25%",
            ]
        );
    }

    #[test]
    fn a_map_keyed_by_data_shows_no_key() {
        let keys: Map<String, Value> =
            (0..200).map(|at| (format!("Name{}x", "y".repeat(at % 30)) + &"z".repeat(at / 30), json!(1))).collect();
        let record = json!({"Beispiel, Lena": 1, "0170 1234567": 2, "By": keys});
        let lines = looked(&[record]);
        assert!(lines.iter().any(|line| line.starts_with("* 1 ")), "{lines:?}");
        assert!(lines.len() <= MOST_NAMES + 3, "{}", lines.len());
        assert!(!lines.iter().any(|line| line.contains("Lena") || line.contains("0170")), "{lines:?}");
    }
}
