//! A portal with the usual properties, and short ways to ask it.

use chrono::{DateTime, Duration, Utc};
use serde_json::{Value, json};

use crate::domain::Object;
use crate::http::Method;
use crate::sandbox::hubspot::{Limits, Portal, Reply, Request, Settings};

pub(super) const TOKEN: &str = "pat-eu1-test";

/// Asks one portal; time stands still unless told to pass.
pub(super) struct Desk {
    pub(super) portal: Portal,
    pub(super) now: DateTime<Utc>,
}

/// Status and JSON of an answer.
pub(super) type Answer = (u16, Value);

impl Desk {
    /// Contacts have the unique `key`, `city` and friends; deals and appointments the unique `key`; nothing is limited.
    pub(super) fn new() -> Self {
        Self::with(Settings { limits: Limits::unlimited(), ..Settings::default() })
    }

    pub(super) fn with(settings: Settings) -> Self {
        let desk = Self::bare(settings);
        for object in Object::ALL {
            let made = desk.define(object, &json!({"name": "key", "hasUniqueValue": true}));
            assert_eq!(made.0, 201, "{made:?}");
        }
        desk
    }

    /// Without properties of its own.
    pub(super) fn bare(settings: Settings) -> Self {
        let now = DateTime::parse_from_rfc3339("2026-11-24T08:00:00Z").expect("a time").with_timezone(&Utc);
        Self { portal: Portal::new(settings), now }
    }

    pub(super) fn pass(&mut self, millis: i64) {
        self.now += Duration::milliseconds(millis);
    }

    /// Defines a text property; `fields` replace the usual ones.
    pub(super) fn define(&self, object: Object, fields: &Value) -> Answer {
        let group = match object {
            Object::Contact => "contactinformation",
            Object::Deal => "dealinformation",
            Object::Appointment => "appointment_information",
        };
        let mut body = json!({"label": "x", "type": "string", "fieldType": "text", "groupName": group});
        for (name, value) in fields.as_object().expect("a map") {
            body[name] = value.clone();
        }
        self.post(&format!("/crm/properties/2026-09/{}", object.type_id()), &body)
    }

    pub(super) fn send(&self, method: Method, target: &str, body: Option<&Value>) -> Reply {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        let query = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let body = body.map(|body| body.to_string().into_bytes()).unwrap_or_default();
        self.portal.handle(&Request { query, body, ..Request::new(method, path, TOKEN) }, self.now)
    }

    fn json(reply: &Reply) -> Answer {
        let body = if reply.body.is_empty() { Value::Null } else { serde_json::from_slice(&reply.body).expect("json") };
        (reply.status, body)
    }

    pub(super) fn get(&self, target: &str) -> Answer {
        Self::json(&self.send(Method::Get, target, None))
    }

    pub(super) fn post(&self, target: &str, body: &Value) -> Answer {
        Self::json(&self.send(Method::Post, target, Some(body)))
    }

    pub(super) fn patch(&self, target: &str, body: &Value) -> Answer {
        Self::json(&self.send(Method::Patch, target, Some(body)))
    }

    pub(super) fn delete(&self, target: &str) -> Answer {
        Self::json(&self.send(Method::Delete, target, None))
    }

    pub(super) fn put(&self, target: &str, body: Option<&Value>) -> Answer {
        Self::json(&self.send(Method::Put, target, body))
    }

    /// Upserts contacts by `key`, each `(key, properties)` with a trace id of its own.
    pub(super) fn upsert(&self, records: &[(&str, Value)]) -> Answer {
        let input = |(at, (key, properties)): (usize, &(&str, Value))| json!({"id": key, "idProperty": "key", "objectWriteTraceId": format!("r{at}"), "properties": properties});
        let inputs: Vec<Value> = records.iter().enumerate().map(input).collect();
        self.post("/crm/objects/2026-09/0-1/batch/upsert", &json!({ "inputs": inputs }))
    }

    /// Id of a contact with this key, made if need be.
    pub(super) fn contact(&self, key: &str) -> String {
        let (status, body) = self.upsert(&[(key, json!({}))]);
        assert_eq!(status, 200, "{body}");
        text(&body["results"][0]["id"])
    }

    /// Id of a new deal in the default pipeline.
    pub(super) fn deal(&self, name: &str) -> String {
        let properties = json!({"dealname": name, "pipeline": "default", "dealstage": "qualifiedtobuy"});
        let (status, body) = self.post("/crm/objects/2026-09/0-3", &json!({ "properties": properties }));
        assert_eq!(status, 201, "{body}");
        text(&body["id"])
    }
}

pub(super) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

/// The codes of `errors[]`, inside the one error or inside each item.
pub(super) fn codes(body: &Value) -> Vec<String> {
    let errors = body["errors"].as_array().cloned().unwrap_or_default();
    let code = |error: &Value| match error.get("code") {
        Some(code) => vec![text(code)],
        None => codes(error),
    };
    errors.iter().flat_map(code).collect()
}
