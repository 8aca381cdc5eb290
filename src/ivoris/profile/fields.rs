//! Alias lists: under which names a field may come.

use serde_json::{Map, Value};

/// The fields of one kind of record: our name → the server's names, tried in order.
///
/// Names are compared without regard to case; a dotted name reaches into objects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fields(pub(super) Vec<(&'static str, Vec<String>)>);

/// The field whose names are known and never read.
pub const IGNORED: &str = "ignored";

impl Fields {
    /// Our names, in the order of the record.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.0.iter().map(|(name, _)| *name)
    }

    /// The server's names of the field that we call `name`; none for a field that does not exist.
    #[must_use]
    pub fn aliases(&self, name: &str) -> &[String] {
        self.0.iter().find(|(have, _)| *have == name).map_or(&[], |(_, aliases)| aliases.as_slice())
    }

    /// Replaces the server's names; `false` when there is no such field.
    pub fn set(&mut self, name: &str, aliases: Vec<String>) -> bool {
        let found = self.0.iter_mut().find(|(have, _)| *have == name);
        found.map(|(_, have)| *have = aliases).is_some()
    }

    /// The text of the field that we call `name`: the first alias that has a value.
    #[must_use]
    pub fn text(&self, name: &str, record: &Map<String, Value>) -> Option<String> {
        self.aliases(name).iter().find_map(|alias| scalar(at(record, alias)?))
    }

    /// Whether any alias of `name` holds something that is not null or empty, of whatever type.
    #[must_use]
    pub fn is_given(&self, name: &str, record: &Map<String, Value>) -> bool {
        self.aliases(name).iter().filter_map(|alias| at(record, alias)).any(|value| match value {
            Value::Null => false,
            Value::Bool(flag) => *flag,
            Value::Number(_) => true,
            Value::String(text) => !text.trim().is_empty(),
            Value::Array(items) => !items.is_empty(),
            Value::Object(members) => members.values().any(|member| scalar(member).is_some()),
        })
    }

    /// Every alias of every field.
    pub(crate) fn all(&self) -> impl Iterator<Item = &str> {
        self.0.iter().flat_map(|(_, aliases)| aliases.iter().map(String::as_str))
    }
}

/// The value at a dotted path; a name as written comes before one that differs in case.
fn at<'a>(record: &'a Map<String, Value>, path: &str) -> Option<&'a Value> {
    let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
    let value = member(record, first)?;
    match rest {
        None => Some(value),
        Some(rest) => at(value.as_object()?, rest),
    }
}

/// The member called `name`, without regard to case.
pub(crate) fn member<'a>(record: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    record.get(name).or_else(|| record.iter().find(|(have, _)| same_name(have, name)).map(|(_, value)| value))
}

/// Whether two names differ at most in case.
pub(crate) fn same_name(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b) || (!(a.is_ascii() && b.is_ascii()) && a.to_lowercase() == b.to_lowercase())
}

/// The trimmed text of a value; nothing for null, empty, lists and objects.
///
/// A number keeps its digits: decimals of up to fifteen digits come back as they were written.
pub(crate) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim()).filter(|text| !text.is_empty()).map(str::to_owned),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(aliases: &[&str], record: &Value, wanted: Option<&str>) {
        let fields = Fields(vec![("field", aliases.iter().map(|alias| (*alias).to_owned()).collect())]);
        let found = fields.text("field", record.as_object().expect("an object"));
        assert_eq!(found.as_deref(), wanted, "{aliases:?} in {record}");
    }

    #[test]
    fn aliases_are_tried_in_order_without_regard_to_case() {
        check(&["Id"], &json!({"ID": " a "}), Some("a"));
        check(&["Id"], &json!({"id": "lower", "Id": "as written"}), Some("as written"));
        check(&["Id", "AppointmentId"], &json!({"Id": "  ", "appointmentid": "b"}), Some("b"));
        check(&["Größe"], &json!({"GRÖSSE": "x", "GRÖßE": "y"}), Some("y"));
        check(&["Patient.Id"], &json!({"patient": {"ID": 7}}), Some("7"));
        check(&["Patient.Id"], &json!({"Patient": null, "Patient.Id": "x"}), None);
        check(&["Patient"], &json!({"Patient": {"Id": "x"}}), None);
        check(&["A", "B"], &json!({"A": [1], "B": true}), Some("true"));
        check(&[], &json!({"Id": "x"}), None);
    }

    #[test]
    fn decimals_keep_their_digits() {
        for digits in ["45.9", "0.1", "123456789.01", "1234567890123.45", "18446744073709551615", "-7"] {
            let value: Value = serde_json::from_str(digits).expect("a number");
            assert_eq!(scalar(&value).as_deref(), Some(digits));
        }
    }
}
