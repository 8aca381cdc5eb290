//! A contract: which routes an installation has, what they take and what they answer. OpenAPI 3 and Swagger 2 read alike.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::schema::{Document, kind_of};

/// Parameters that every call carries; they are credentials, not questions.
const CREDENTIALS: [&str; 3] = ["app", "app_version", "api_key"];

/// What an OpenAPI document says, as far as reading is concerned.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contract {
    /// `OpenAPI 3.0.3`, `Swagger 2.0`.
    pub form: String,
    /// `info.version`; Ivoris puts its own version there (inferred).
    pub version: Option<String>,
    /// GET operations by [`key`] of their path.
    pub operations: BTreeMap<String, Operation>,
    /// Operations that write; counted and never called.
    #[serde(default)]
    pub writing: u64,
}

/// One GET operation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operation {
    /// As the document spells it, from the service on: `/Patient/v1/AllPatients`.
    pub path: String,
    /// By name, without credentials.
    #[serde(default)]
    pub parameters: BTreeMap<String, Parameter>,
    /// Fields of one record, dotted; empty when the document does not say.
    #[serde(default)]
    pub fields: BTreeMap<String, Field>,
}

/// What a route takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parameter {
    /// `text`, `uuid`, `date`, `date-time`, `integer`, `number`, `flag`, `any`.
    pub kind: String,
    /// Whether calls without it are refused.
    #[serde(default)]
    pub required: bool,
    /// Whether it is a part of the path.
    #[serde(default)]
    pub in_path: bool,
}

/// What a record has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// As [`Parameter::kind`], and `object`, `list`.
    pub kind: String,
    /// Values of an enumeration, if the document lists them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub words: Vec<String>,
}

/// The document is not one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("neither an OpenAPI 3 nor a Swagger 2 document: \"paths\" is missing")]
pub struct NotAContract;

impl Contract {
    /// Our own contract: what this version of ivohub knows and assumes (`ivoris-api.md`).
    ///
    /// # Panics
    /// Never: a test reads it.
    #[must_use]
    pub fn ours() -> Self {
        serde_json::from_str(include_str!("contract.json")).expect("the shipped contract is sound")
    }

    /// Reads a document.
    ///
    /// # Errors
    /// [`NotAContract`] when it has no paths. Whatever else is odd in it is left out.
    pub fn read(document: &Value) -> Result<Self, NotAContract> {
        let document = Document::new(document);
        let paths = document.root().get("paths").and_then(Value::as_object).ok_or(NotAContract)?;
        let mut contract = Self {
            form: document.form().ok_or(NotAContract)?,
            version: document.root().pointer("/info/version").and_then(Value::as_str).map(str::to_owned),
            ..Self::default()
        };
        for (path, item) in paths {
            let Some(item) = document.resolve(item).as_object() else { continue };
            let shared = item.get("parameters");
            for (method, operation) in item {
                match method.to_ascii_lowercase().as_str() {
                    "get" => {
                        let operation = read_operation(&document, path, shared, operation);
                        contract.operations.insert(key(&operation.path), operation);
                    }
                    "post" | "put" | "delete" | "patch" => contract.writing += 1,
                    _ => {}
                }
            }
        }
        Ok(contract)
    }

    /// The operation with this path, however its case and its placeholders are spelt.
    #[must_use]
    pub fn operation(&self, path: &str) -> Option<&Operation> {
        self.operations.get(&key(path))
    }

    /// The services that have a route that reads.
    #[must_use]
    pub fn services(&self) -> Vec<&str> {
        let mut services: Vec<&str> = self.operations.values().filter_map(|one| service(&one.path)).collect();
        services.sort_unstable();
        services.dedup();
        services
    }
}

/// `/Patient/v1/AllPatients` → `Patient`.
#[must_use]
pub(super) fn service(path: &str) -> Option<&str> {
    path.split('/').find(|part| !part.is_empty())
}

/// What two spellings of one path have in common: lower case, placeholders without their names.
#[must_use]
pub(super) fn key(path: &str) -> String {
    let parts = path
        .split('/')
        .map(|part| if part.starts_with('{') && part.ends_with('}') { "{}".to_owned() } else { part.to_lowercase() });
    parts.collect::<Vec<_>>().join("/")
}

/// The path from its service on: documents differ in what of the base address they repeat.
fn from_service(path: &str) -> String {
    let is_version = |part: &str| {
        part.strip_prefix(['v', 'V'])
            .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let version = parts.iter().position(|part| is_version(part)).filter(|at| *at > 0);
    let kept = version.map_or(parts.as_slice(), |at| parts.get(at - 1..).unwrap_or_default());
    format!("/{}", kept.join("/"))
}

fn read_operation(document: &Document<'_>, path: &str, shared: Option<&Value>, operation: &Value) -> Operation {
    let lists = [shared, operation.get("parameters")];
    let all = lists.into_iter().flatten().filter_map(Value::as_array).flatten();
    let mut parameters = BTreeMap::new();
    for parameter in all.map(|parameter| document.resolve(parameter)) {
        let place = parameter.get("in").and_then(Value::as_str).unwrap_or_default();
        let name = parameter.get("name").and_then(Value::as_str).unwrap_or_default();
        let credential = CREDENTIALS.iter().any(|known| known.eq_ignore_ascii_case(name));
        if name.is_empty() || credential || !["query", "path"].contains(&place) {
            continue;
        }
        // OpenAPI 3 has a schema below, Swagger 2 the type itself.
        let schema = parameter.get("schema").map_or(parameter, |schema| document.resolve(schema));
        let parameter = Parameter {
            kind: kind_of(schema).to_owned(),
            required: place == "path" || parameter.get("required").and_then(Value::as_bool).unwrap_or(false),
            in_path: place == "path",
        };
        parameters.insert(name.to_owned(), parameter);
    }
    Operation { path: from_service(path), parameters, fields: document.fields_of_answer(operation) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn ours_is_sound_and_knows_every_route_of_the_fact_sheet() {
        let ours = Contract::ours();
        assert_eq!((ours.operations.len(), ours.services().len()), (34, 7));
        for (key_of, operation) in &ours.operations {
            assert_eq!(key(&operation.path), *key_of);
        }
        let all = ours.operation("/appointment/v1/patient/{ID}/allappointments").expect("known");
        assert!(all.parameters["patientId"].in_path && all.fields.contains_key("State"));
        assert_eq!(ours.operation("/Patient/v1/AllPatients").expect("known").fields["Address.Zip"].kind, "text");
    }

    fn check(document: &Value, wanted: &[&str]) {
        let contract = Contract::read(document).expect("a contract");
        let mut lines = vec![format!("{} {:?} {}", contract.form, contract.version, contract.writing)];
        for operation in contract.operations.values() {
            let parameters = operation.parameters.iter().map(|(name, one)| {
                format!(
                    "{name}:{}{}{}",
                    one.kind,
                    if one.required { "!" } else { "" },
                    if one.in_path { "/" } else { "" }
                )
            });
            let fields =
                operation.fields.iter().map(|(name, one)| format!("{name}:{}{}", one.kind, one.words.join("|")));
            let parts: Vec<String> = parameters.chain(["→".to_owned()]).chain(fields).collect();
            lines.push(format!("{} {}", operation.path, parts.join(" ")));
        }
        assert_eq!(lines, wanted);
    }

    #[test]
    fn both_forms_of_document_say_the_same() {
        let swagger = json!({
            "swagger": "2.0", "info": {"version": "8.2"}, "host": "x", "basePath": "/webservice/api",
            "parameters": {"Key": {"name": "api_key", "in": "query", "type": "string"}},
            "paths": {
                "/Patient/v1/All": {"get": {"parameters": [
                    {"$ref": "#/parameters/Key"}, {"name": "page", "in": "query", "type": "integer", "format": "int32"},
                    {"name": "begin", "in": "query", "type": "string", "format": "date"}, {"name": "x", "in": "header", "type": "string"}],
                    "responses": {"200": {"description": "", "schema": {"type": "array", "items": {"type": "string"}}}}}},
                "/Appointment/v1/Patient/{id}/All": {
                    "parameters": [{"name": "id", "in": "path", "type": "string", "format": "uuid"}],
                    "get": {"responses": {"200": {"description": "", "schema": {"$ref": "#/definitions/List"}}}},
                    "post": {}},
            },
            "definitions": {
                "List": {"type": "object", "properties": {"items": {"type": "array", "items": {"$ref": "#/definitions/A"}}}},
                "A": {"type": "object", "properties": {
                    "Id": {"type": "string", "format": "uuid"}, "State": {"type": "string", "enum": ["Open", "Done"]},
                    "Room": {"allOf": [{"$ref": "#/definitions/Room"}]},
                    "Tags": {"type": "array", "items": {"type": "object", "properties": {"Word": {"type": "string"}}}}}},
                "Room": {"type": "object", "properties": {"Name": {"type": "string"}, "Parent": {"$ref": "#/definitions/Room"}}},
            },
        });
        check(
            &swagger,
            &[
                "Swagger 2.0 Some(\"8.2\") 1",
                "/Appointment/v1/Patient/{id}/All id:uuid!/ → Id:uuid Room.Name:text Room.Parent:object State:textOpen|Done Tags[].Word:text",
                "/Patient/v1/All begin:date page:integer →",
            ],
        );
        let openapi = json!({
            "openapi": "3.0.3", "info": {"version": "8.2"}, "servers": [{"url": "https://x"}],
            "components": {"schemas": {
                "A": {"type": "object", "properties": {
                    "Id": {"type": "string", "format": "uuid"},
                    "State": {"oneOf": [{"type": "string", "enum": ["Open", "Done"]}, {"type": "integer"}]},
                    "Room": {"$ref": "#/components/schemas/Room"},
                    "Tags": {"type": "array", "items": {"type": "object", "properties": {"Word": {"type": ["string", "null"]}}}}}},
                "Room": {"type": "object", "properties": {"Name": {"type": "string"}, "Parent": {"$ref": "#/components/schemas/Room"}}},
            }},
            "paths": {
                "/webservice/api/Patient/v1/All": {"get": {"parameters": [
                    {"name": "app", "in": "query", "schema": {"type": "string"}},
                    {"name": "page", "in": "query", "schema": {"type": "integer"}},
                    {"name": "begin", "in": "query", "schema": {"type": "string", "format": "date"}}]}},
                "/Appointment/v1/Patient/{id}/All": {"delete": {}, "get": {
                    "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string", "format": "uuid"}}],
                    "responses": {"200": {"content": {"application/json; charset=utf-8": {"schema":
                        {"type": "array", "items": {"$ref": "#/components/schemas/A"}}}}}}}},
            },
        });
        check(
            &openapi,
            &[
                "OpenAPI 3.0.3 Some(\"8.2\") 1",
                "/Appointment/v1/Patient/{id}/All id:uuid!/ → Id:uuid Room.Name:text Room.Parent:object State:textOpen|Done Tags[].Word:text",
                "/Patient/v1/All begin:date page:integer →",
            ],
        );
    }

    #[test]
    fn what_is_no_contract_says_so() {
        for odd in [
            json!(null),
            json!([]),
            json!({"paths": {}}),
            json!({"openapi": "3.0.0"}),
            json!({"openapi": 3, "paths": {}}),
        ] {
            assert_eq!(Contract::read(&odd), Err(NotAContract), "{odd}");
        }
        let circle = json!({"openapi": "3.0.0", "paths": {"/a/v1/b": {"$ref": "#/paths/~1a~1v1~1b"}}});
        assert_eq!(Contract::read(&circle).map(|one| one.operations.len()), Ok(0));
    }
}
