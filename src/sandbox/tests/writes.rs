//! Rules 1, 2 and 4: what is refused, what is written in part, what stays unique.

use serde_json::{Value, json};

use super::desk::{Desk, codes, text};
use crate::domain::Object;
use crate::http::Method;
use crate::sandbox::hubspot::{Portal, Request, Settings};

const UPSERT: &str = "/crm/objects/2026-09/contacts/batch/upsert";
const CREATE: &str = "/crm/objects/2026-09/contacts/batch/create";
const UPDATE: &str = "/crm/objects/2026-09/contacts/batch/update";

#[test]
fn a_token_is_needed_and_versions_are_dated() {
    let portal = Portal::new(Settings { token: Some("pat-eu1-mine".to_owned()), ..Settings::default() });
    let ask = |path: &str, bearer: Option<&str>| {
        let request = Request { bearer: bearer.map(str::to_owned), ..Request::new(Method::Get, path, "") };
        portal.handle(&request, chrono::Utc::now()).status
    };
    let path = "/crm/objects/2026-09/contacts";
    assert_eq!([None, Some("pat-eu1-other"), Some("pat-eu1-mine")].map(|bearer| ask(path, bearer)), [401, 401, 200]);
    assert_eq!(ask("/crm/v3/objects/contacts", Some("pat-eu1-mine")), 404);
    let any = Desk::new();
    assert_eq!(any.get("/crm/objects/2026-03/contacts").0, 200);
    let (status, body) = any.get("/crm/objects/2026-09/patients");
    assert_eq!((status, &body["message"]), (400, &json!("Unable to infer object type from: patients")));
}

/// Refused as a whole: nothing is written.
fn refused(target: &str, body: &Value, code: &str) {
    let desk = Desk::new();
    let (status, answer) = desk.post(target, body);
    assert_eq!(status, 400, "{answer}");
    assert_eq!(answer["status"], "error");
    assert_eq!(answer["category"], "VALIDATION_ERROR");
    let told = format!("{} {}", codes(&answer).join(" "), answer["message"]);
    assert!(told.contains(code), "{told}");
    assert_eq!(Object::ALL.map(|object| desk.portal.count(object)), [0, 0, 0]);
}

fn create(properties: &Value) -> Value {
    json!({"inputs": [{"properties": properties, "associations": []}]})
}

#[test]
fn e1_to_e4_values_are_checked() {
    refused(CREATE, &create(&json!({"lastname": "x", "nachname": "x"})), "PROPERTY_DOESNT_EXIST");
    refused(CREATE, &create(&json!({"lifecyclestage": "Kunde"})), "INVALID_OPTION");
    refused(CREATE, &create(&json!({"lastname": "x".repeat(65_537)})), "PROPERTY_VALUE_TOO_LONG");
    refused(CREATE, &create(&json!({"createdate": "2026-11-24"})), "READ_ONLY_VALUE");
    let deal = |name: &str, value: &str| {
        let mut properties = json!({"dealname": "x", "pipeline": "default", "dealstage": "closedwon"});
        properties[name] = json!(value);
        create(&properties)
    };
    let deals = "/crm/objects/2026-09/0-3/batch/create";
    refused(deals, &deal("amount", "1.234,50"), "INVALID_NUMBER");
    refused(deals, &deal("closedate", "24.11.2026"), "INVALID_DATE");
    refused(deals, &deal("dealstage", "closed"), "INVALID_OPTION");
    refused(deals, &deal("pipeline", "other"), "INVALID_OPTION");
    refused(deals, &deal("hs_is_closed", "true"), "READ_ONLY_VALUE");
}

#[test]
fn required_properties_are_required_on_create_only() {
    let deals = "/crm/objects/2026-09/0-3/batch/create";
    refused(deals, &create(&json!({"dealname": "x"})), "MISSING_REQUIRED_PROPERTY");
    refused("/crm/objects/2026-09/0-421/batch/create", &create(&json!({})), "MISSING_REQUIRED_PROPERTY");
    let upsert = json!({"inputs": [{"id": "1", "idProperty": "key", "properties": {"amount": "1"}}]});
    refused("/crm/objects/2026-09/0-3/batch/upsert", &upsert, "MISSING_REQUIRED_PROPERTY");
    let desk = Desk::new();
    let id = desk.deal("x");
    assert_eq!(desk.patch(&format!("/crm/objects/2026-09/0-3/{id}"), &json!({"properties": {"amount": "1"}})).0, 200);
    let moved = desk.patch(&format!("/crm/objects/2026-09/0-3/{id}"), &json!({"properties": {"dealstage": "nowhere"}}));
    assert_eq!((moved.0, codes(&moved.1)), (400, vec!["INVALID_OPTION".to_owned()]));
}

#[test]
fn all_problems_are_in_the_message_and_three_in_the_list() {
    let desk = Desk::new();
    let (_, body) = desk.post(CREATE, &create(&json!({"a": "1", "b": "1", "c": "1", "d": "1"})));
    assert_eq!(codes(&body).len(), 3);
    let message = text(&body["message"]);
    let list = message.strip_prefix("Property values were not valid: ").expect("HubSpot's words");
    let list: Value = serde_json::from_str(list).expect("a list inside the message");
    assert_eq!(list.as_array().map(Vec::len), Some(4));
    assert_eq!(body["errors"][0]["context"]["propertyName"], json!(["a"]));
}

#[test]
fn e9_to_e11_bad_batches_are_refused_whole() {
    let input = |id: &str, key: &str, trace: &str| json!({"id": id, "idProperty": key, "objectWriteTraceId": trace, "properties": {"lastname": "x"}});
    let twice = json!({"inputs": [input("1", "key", "r1"), input("1", "key", "r2")]});
    refused(UPSERT, &twice, "Duplicate IDs found in batch input: [1]. IDs must be unique");
    for wrong in ["lastname", "hs_object_id", "nowhere"] {
        refused(UPSERT, &json!({"inputs": [input("1", wrong, "r1")]}), "non-unique 0-1 property");
    }
    refused(UPDATE, &json!({"inputs": [input("eva@example.de", "email", "r1")]}), "non-unique 0-1 property email");
    refused(UPDATE, &json!({"inputs": [input("1", "hs_object_id", "r1")]}), "non-unique 0-1 property hs_object_id");
    refused(UPSERT, &json!({"inputs": [{"id": "1", "properties": {}}]}), "idProperty");
    refused(UPSERT, &json!({"inputs": [{"idProperty": "key", "properties": {}}]}), "id");
    let many: Vec<Value> = (0..101).map(|at| input(&at.to_string(), "key", &at.to_string())).collect();
    for target in [UPSERT, UPDATE, CREATE] {
        refused(target, &json!({ "inputs": many }), "100");
    }
    refused("/crm/objects/2026-09/contacts/batch/archive", &json!({"inputs": vec![json!({"id": "1"}); 101]}), "100");
    refused("/crm/objects/2026-09/contacts/batch/read", &json!({"inputs": vec![json!({"id": "1"}); 101]}), "100");
    refused(UPSERT, &json!("nothing"), "Invalid input JSON");
}

#[test]
fn without_trace_ids_a_batch_is_all_or_nothing() {
    let desk = Desk::new();
    let input = |key: &str, city: &str| json!({"id": key, "idProperty": "key", "properties": {"city": city, "lifecyclestage": city}});
    let (status, _) = desk.post(UPSERT, &json!({"inputs": [input("1", "lead"), input("2", "nowhere")]}));
    assert_eq!((status, desk.portal.count(Object::Contact)), (400, 0));
    let (status, body) = desk.post(UPSERT, &json!({"inputs": [input("1", "lead"), input("2", "lead")]}));
    assert_eq!((status, desk.portal.count(Object::Contact)), (200, 2));
    assert_eq!(body["results"][0]["new"], true);
    assert_eq!(body.get("numErrors"), None);
    // One trace id for two inputs is none.
    let traced = |key: &str, stage: &str| json!({"id": key, "idProperty": "key", "objectWriteTraceId": "r", "properties": {"lifecyclestage": stage}});
    let (status, _) = desk.post(UPSERT, &json!({"inputs": [traced("3", "lead"), traced("4", "nowhere")]}));
    assert_eq!((status, desk.portal.count(Object::Contact)), (400, 2));
}

#[test]
fn with_trace_ids_the_good_ones_are_written() {
    let desk = Desk::new();
    let records = [("1", json!({"city": "Ulm"})), ("2", json!({"stadt": "Ulm"})), ("3", json!({}))];
    let (status, body) = desk.upsert(&records);
    assert_eq!((status, desk.portal.count(Object::Contact)), (207, 2));
    assert_eq!((&body["status"], &body["numErrors"]), (&json!("COMPLETE"), &json!(1)));
    assert_eq!(body["errors"][0]["context"]["objectWriteTraceId"], json!(["r1"]));
    let mut traces: Vec<String> =
        body["results"].as_array().expect("a list").iter().map(|one| text(&one["objectWriteTraceId"])).collect();
    traces.sort();
    assert_eq!(traces, ["r0", "r2"]);
    let create = json!({"inputs": [
        {"objectWriteTraceId": "a", "properties": {"lastname": "x"}, "associations": []},
        {"objectWriteTraceId": "b", "properties": {"x": "x"}, "associations": []}]});
    assert_eq!(desk.post(CREATE, &create).0, 207);
}

#[test]
fn results_come_in_another_order() {
    let desk = Desk::new();
    let keys: Vec<String> = (0..100).map(|at| at.to_string()).collect();
    let records: Vec<(&str, Value)> = keys.iter().map(|key| (key.as_str(), json!({}))).collect();
    let order = |body: &Value| -> Vec<String> {
        body["results"].as_array().expect("a list").iter().map(|one| text(&one["properties"]["key"])).collect()
    };
    let (first, second) = (order(&desk.upsert(&records).1), order(&desk.upsert(&records).1));
    assert!(first != keys && second != keys && first != second);
    let mut sorted = first;
    sorted.sort_by_key(|key| key.parse::<u32>().expect("a number"));
    assert_eq!(sorted, keys);
}

#[test]
fn e12_a_unique_value_has_one_owner() {
    let desk = Desk::new();
    let (one, two) = (desk.contact("1"), desk.contact("2"));
    let (status, body) = desk.patch(&format!("/crm/objects/2026-09/0-1/{two}"), &json!({"properties": {"key": "1"}}));
    assert_eq!((status, codes(&body)), (400, vec!["CONFLICTING_UNIQUE_VALUE".to_owned()]));
    assert_eq!(body["errors"][0]["context"]["propertyName"], json!(["key"]));
    let inputs = json!({"inputs": [{"properties": {"key": "3"}}, {"properties": {"key": "3"}}]});
    assert_eq!((desk.post(CREATE, &inputs).0, desk.portal.count(Object::Contact)), (400, 2), "within one batch");
    // Moved away, the value is free.
    assert_eq!(desk.patch(&format!("/crm/objects/2026-09/0-1/{one}"), &json!({"properties": {"key": ""}})).0, 200);
    assert_eq!(desk.patch(&format!("/crm/objects/2026-09/0-1/{two}"), &json!({"properties": {"key": "1"}})).0, 200);
    assert_eq!((desk.contact("1"), desk.portal.counters().duplicates), (two, 0));
}

#[test]
fn e13_an_address_has_one_owner_whatever_its_case() {
    let desk = Desk::new();
    assert_eq!(desk.upsert(&[("1", json!({"email": "Eva@Example.de"}))]).0, 200);
    let owner = desk.contact("1");
    let (status, body) = desk.upsert(&[("2", json!({"email": "eva@example.DE"})), ("3", json!({}))]);
    assert_eq!((status, desk.portal.count(Object::Contact)), (207, 2));
    let error = &body["errors"][0];
    assert_eq!(error["category"], "CONFLICT");
    assert_eq!(error["message"], format!("Contact already exists. Existing ID: {owner}"));
    assert_eq!(error["context"], json!({"existingId": [owner], "objectWriteTraceId": ["r0"]}));
    let untraced = json!({"inputs": [
        {"id": "4", "idProperty": "key", "properties": {}},
        {"id": "5", "idProperty": "key", "properties": {"email": "eva@example.de"}}]});
    assert_eq!((desk.post(UPSERT, &untraced).0, desk.portal.count(Object::Contact)), (409, 2), "the whole batch");
    let both = [("6", json!({"email": "a@example.de"})), ("7", json!({"email": "a@example.de"}))];
    assert_eq!((desk.upsert(&both).0, desk.portal.count(Object::Contact)), (207, 3), "the first of a batch gets it");
}

#[test]
fn an_upsert_by_address_is_never_partial() {
    let desk = Desk::new();
    let input = |email: &str, trace: &str, stage: &str| json!({"id": email, "idProperty": "email", "objectWriteTraceId": trace, "properties": {"lifecyclestage": stage}});
    let mixed = json!({"inputs": [input("a@example.de", "1", "lead"), input("b@example.de", "2", "no")]});
    assert_eq!((desk.post(UPSERT, &mixed).0, desk.portal.count(Object::Contact)), (400, 0));
    let good = json!({"inputs": [input("A@example.de", "1", "lead")]});
    let (_, first) = desk.post(UPSERT, &good);
    let (_, second) = desk.post(UPSERT, &good);
    assert_eq!((&first["results"][0]["new"], &second["results"][0]["new"]), (&json!(true), &json!(false)));
    assert_eq!(first["results"][0]["properties"]["lifecyclestage"], "lead");
}

#[test]
fn e15_unknown_ids_never_fail_a_whole_update() {
    let desk = Desk::new();
    let known = desk.contact("1");
    let inputs =
        json!({"inputs": [{"id": known, "properties": {"city": "Ulm"}}, {"id": "99", "properties": {"city": "Ulm"}}]});
    let (status, body) = desk.post(UPDATE, &inputs);
    assert_eq!(status, 207);
    assert_eq!(
        (body["results"][0]["id"].as_str(), body["results"].as_array().map(Vec::len)),
        (Some(known.as_str()), Some(1))
    );
    assert_eq!(
        (&body["errors"][0]["category"], &body["errors"][0]["context"]["ids"]),
        (&json!("OBJECT_NOT_FOUND"), &json!(["99"]))
    );
    let by_key = json!({"inputs": [{"id": "1", "idProperty": "key", "properties": {"city": "Bonn"}}]});
    assert_eq!(desk.post(UPDATE, &by_key).0, 200);
    let bad =
        json!({"inputs": [{"id": known, "properties": {"city": "x"}}, {"id": known, "properties": {"stadt": "x"}}]});
    assert_eq!(desk.post(UPDATE, &bad).0, 400, "a bad property does");
    assert_eq!(desk.portal.find(Object::Contact, "city", "Bonn").len(), 1);
}

#[test]
fn new_records_can_begin_with_links() {
    let desk = Desk::new();
    let contact = desk.contact("1");
    let input = |id: &str, kind: u32| {
        json!({"inputs": [{"properties": {"dealname": "x", "pipeline": "default", "dealstage": "closedlost"},
            "associations": [{"to": {"id": id}, "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": kind}]}]}]})
    };
    let deals = "/crm/objects/2026-09/0-3/batch/create";
    assert_eq!(desk.post(deals, &input("77", 3)).0, 400);
    assert_eq!(desk.post(deals, &input(&contact, 906)).0, 400, "the type of another pair");
    assert_eq!(desk.post(deals, &input(&contact, 3)).0, 201);
    let deal = &desk.portal.live(Object::Deal)[0];
    assert_eq!((deal.get("num_associated_contacts"), deal.get("hs_is_closed_lost")), ("1", "true"));
    assert_eq!(desk.portal.links(Object::Deal, deal.id, Object::Contact).len(), 1);
}

#[test]
fn archived_records_are_gone_and_their_keys_are_free() {
    let desk = Desk::new();
    let id = desk.contact("1");
    assert_eq!(desk.delete(&format!("/crm/objects/2026-09/0-1/{id}")).0, 204);
    assert_eq!(desk.delete(&format!("/crm/objects/2026-09/0-1/{id}")).0, 204, "also for what is not there");
    assert_eq!(desk.get(&format!("/crm/objects/2026-09/0-1/{id}")).0, 404);
    let (status, body) = desk.get(&format!("/crm/objects/2026-09/0-1/{id}?archived=true"));
    assert_eq!((status, &body["archived"]), (200, &json!(true)));
    assert!(body["archivedAt"].is_string());
    let new = desk.contact("1");
    assert_ne!(new, id);
    desk.portal.change_profile(|profile| profile.archive_frees = false);
    let body = json!({"inputs": [{"id": new}]});
    assert_eq!(desk.post("/crm/objects/2026-09/0-1/batch/archive", &body).0, 204);
    let (status, body) = desk.upsert(&[("1", json!({}))]);
    assert_eq!((status, codes(&body)), (207, vec!["CONFLICTING_UNIQUE_VALUE".to_owned()]));
}
