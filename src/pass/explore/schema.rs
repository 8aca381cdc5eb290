//! Schemas inside an OpenAPI document: references, envelopes, nested objects → dotted fields.

use std::collections::BTreeMap;

use serde_json::Value;

use super::contract::Field;

/// References followed before a document counts as going in circles.
const FAR: usize = 12;
/// Objects within objects; a record of Ivoris has three.
const DEEP: usize = 5;

/// A document with its references.
pub(super) struct Document<'d> {
    root: &'d Value,
}

impl<'d> Document<'d> {
    pub(super) const fn new(root: &'d Value) -> Self {
        Self { root }
    }

    pub(super) const fn root(&self) -> &'d Value {
        self.root
    }

    /// `OpenAPI 3.0.3` or `Swagger 2.0`.
    pub(super) fn form(&self) -> Option<String> {
        let text = |name: &str| self.root.get(name).and_then(Value::as_str);
        let openapi = text("openapi").map(|version| format!("OpenAPI {version}"));
        openapi.or_else(|| text("swagger").map(|version| format!("Swagger {version}")))
    }

    /// What a reference leads to; anything else is itself. One that leads nowhere is null.
    pub(super) fn resolve(&self, mut value: &'d Value) -> &'d Value {
        for _ in 0..FAR {
            let Some(reference) = value.get("$ref").and_then(Value::as_str) else { return value };
            let found = reference.strip_prefix('#').and_then(|pointer| self.root.pointer(pointer));
            value = found.unwrap_or(&Value::Null);
        }
        &Value::Null
    }

    /// Fields of one record that a successful answer holds.
    pub(super) fn fields_of_answer(&self, operation: &'d Value) -> BTreeMap<String, Field> {
        let mut fields = BTreeMap::new();
        let Some(responses) = operation.get("responses").and_then(Value::as_object) else { return fields };
        let answer = ["200", "2XX", "201", "default"].iter().find_map(|status| responses.get(*status));
        let Some(answer) = answer.map(|answer| self.resolve(answer)) else { return fields };
        let content = answer.get("content").and_then(Value::as_object);
        let json = content.and_then(|kinds| {
            kinds.iter().find(|(name, _)| name.contains("json")).or_else(|| kinds.iter().next()).map(|(_, kind)| kind)
        });
        if let Some(schema) = json.and_then(|kind| kind.get("schema")).or_else(|| answer.get("schema")) {
            self.collect(self.record(schema), "", &mut Vec::new(), &mut fields);
        }
        fields
    }

    /// The schema of one record: without the list and without an envelope around it.
    fn record(&self, schema: &'d Value) -> &'d Value {
        let schema = self.resolve(schema);
        if let Some(items) = schema.get("items") {
            return self.resolve(items);
        }
        let Some(properties) = schema.get("properties").and_then(Value::as_object) else { return schema };
        let mut lists = properties.values().map(|one| self.resolve(one)).filter_map(|one| one.get("items"));
        match (lists.next(), lists.next(), properties.len()) {
            (Some(items), None, _) if !properties.keys().any(|name| name.eq_ignore_ascii_case("id")) => {
                self.resolve(items)
            }
            (None, None, 1) => {
                let only = properties.values().next().map_or(&Value::Null, |one| self.resolve(one));
                if only.get("properties").is_some() { only } else { schema }
            }
            (Some(_) | None, Some(_) | None, _) => schema,
        }
    }

    /// `above`: the schemas around, outermost first; one that holds itself is not followed.
    fn collect(
        &self,
        schema: &'d Value,
        prefix: &str,
        above: &mut Vec<&'d Value>,
        fields: &mut BTreeMap<String, Field>,
    ) {
        let schema = self.resolve(schema);
        if above.len() > DEEP || above.iter().any(|one| std::ptr::eq(*one, schema)) {
            return;
        }
        above.push(schema);
        for name in ["allOf", "oneOf", "anyOf"] {
            for part in schema.get(name).and_then(Value::as_array).into_iter().flatten() {
                self.collect(part, prefix, above, fields);
            }
        }
        let properties = schema.get("properties").and_then(Value::as_object);
        for (name, property) in properties.into_iter().flatten() {
            let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
            let property = self.resolve(property);
            let before = fields.len();
            match property.get("items") {
                Some(items) => self.collect(items, &format!("{path}[]"), above, fields),
                None => self.collect(property, &path, above, fields),
            }
            if fields.len() == before {
                let parts = self.parts(property);
                let kind = parts.iter().map(|part| kind_of(part)).find(|kind| *kind != "any").unwrap_or("any");
                let words = parts.iter().flat_map(|part| words_of(part)).collect();
                fields.insert(path, Field { kind: kind.to_owned(), words });
            }
        }
        above.pop();
    }

    /// A schema and what it is put together from.
    fn parts(&self, schema: &'d Value) -> Vec<&'d Value> {
        let mut parts = vec![schema];
        for name in ["allOf", "oneOf", "anyOf"] {
            let more = schema.get(name).and_then(Value::as_array).into_iter().flatten();
            parts.extend(more.map(|part| self.resolve(part)));
        }
        parts
    }
}

/// The kind of a value in one word.
pub(super) fn kind_of(schema: &Value) -> &'static str {
    // OpenAPI 3.1 lists several types; null is none of ours.
    let kind = match schema.get("type") {
        Some(Value::String(kind)) => kind.as_str(),
        Some(Value::Array(kinds)) => {
            kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null").unwrap_or_default()
        }
        Some(_) | None => "",
    };
    let format = schema.get("format").and_then(Value::as_str).unwrap_or_default();
    match (kind, format) {
        ("string", "uuid" | "guid") => "uuid",
        ("string", "date") => "date",
        ("string", "date-time") => "date-time",
        ("string", _) => "text",
        ("integer", _) => "integer",
        ("number", _) => "number",
        ("boolean", _) => "flag",
        ("array", _) => "list",
        ("object", _) => "object",
        _ if schema.get("properties").is_some() => "object",
        _ if schema.get("enum").is_some() => "text",
        _ => "any",
    }
}

/// Values of an enumeration.
fn words_of(schema: &Value) -> Vec<String> {
    let listed = schema.get("enum").and_then(Value::as_array).into_iter().flatten();
    listed
        .filter_map(|word| match word {
            Value::String(word) => Some(word.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        })
        .collect()
}
