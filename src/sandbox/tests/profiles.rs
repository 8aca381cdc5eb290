//! Rules 9 and 10: portals differ.

use serde_json::{Value, json};

use super::desk::{Desk, codes};
use crate::domain::Object;
use crate::sandbox::hubspot::{ConditionalRule, CreateRule, Limits, Profile, Settings};

fn with(profile: Profile) -> Desk {
    Desk::bare(Settings { profile, limits: Limits::unlimited(), ..Settings::default() })
}

#[test]
fn appointments_can_be_switched_off() {
    let enabled = |on: bool| {
        let desk = with(Profile { appointments: on, ..Profile::default() });
        let all = desk.get("/crm/object-library/2026-09/enablement").1;
        let one = desk.get("/crm/object-library/2026-09/enablement/0-421").1;
        assert_eq!(all["enablementByObjectTypeId"]["0-421"], one["enablement"]);
        let body = json!({"properties": {"hs_appointment_name": "x"}});
        (one["enablement"].as_bool(), desk.post("/crm/objects/2026-09/0-421", &body).0)
    };
    assert_eq!(enabled(true), (Some(true), 201));
    assert_eq!(enabled(false), (Some(false), 400));
}

#[test]
fn the_status_of_appointments_is_disputed() {
    let write = |status: bool| {
        let desk = with(Profile { appointment_status: status, ..Profile::default() });
        let body = json!({"properties": {"hs_appointment_name": "x", "hs_appointment_status": "SCHEDULED"}});
        let (written, body) = desk.post("/crm/objects/2026-09/appointments", &body);
        (written, codes(&body).join(" "), desk.get("/crm/properties/2026-09/0-421/hs_appointment_status").0)
    };
    assert_eq!(write(true), (201, String::new(), 200));
    assert_eq!(write(false), (400, "PROPERTY_DOESNT_EXIST".to_owned(), 404));
}

#[test]
fn appointments_may_refuse_unique_properties() {
    let desk = with(Profile { appointment_unique: false, ..Profile::default() });
    let unique = json!({"name": "key", "hasUniqueValue": true});
    assert_eq!(desk.define(Object::Appointment, &unique).0, 400);
    assert_eq!(desk.define(Object::Deal, &unique).0, 201);
}

#[test]
fn e6_and_e7_rules_of_administrators_bind_the_current_version() {
    let create = CreateRule { object: Object::Contact, property: "city".to_owned() };
    let [when, is, property] = ["dealstage", "closedlost", "closed_lost_reason"].map(str::to_owned);
    let conditional = ConditionalRule { object: Object::Deal, when, is, property };
    let profile = Profile { create_rules: vec![create], conditional_rules: vec![conditional], ..Profile::default() };
    let desk = with(profile);
    let contact = json!({"properties": {"lastname": "x"}});
    let (status, body) = desk.post("/crm/objects/2026-09/0-1", &contact);
    assert_eq!((status, codes(&body)), (400, vec!["MISSING_REQUIRED_PROPERTY".to_owned()]));
    assert_eq!(desk.post("/crm/objects/2026-03/0-1", &contact).0, 201);
    let deal = desk.deal("x");
    let close =
        |values: Value| desk.patch(&format!("/crm/objects/2026-09/0-3/{deal}"), &json!({ "properties": values }));
    let (status, body) = close(json!({"dealstage": "closedlost"}));
    assert_eq!((status, codes(&body)), (400, vec!["MISSING_CONDITIONAL_REQUIRED_PROPERTY".to_owned()]));
    assert_eq!(close(json!({"dealstage": "closedlost", "closed_lost_reason": "Duplikat"})).0, 200);
}

#[test]
fn e17_a_missing_scope_is_named() {
    let desk = Desk::new();
    desk.portal.change_profile(|profile| profile.scopes = Some(vec!["crm.objects.contacts.read".to_owned()]));
    assert_eq!(desk.get("/crm/objects/2026-09/0-1").0, 200);
    assert_eq!(desk.get("/crm/properties/2026-09/0-1").0, 200, "an object scope reads definitions too");
    let (status, body) = desk.upsert(&[("1", json!({}))]);
    assert_eq!((status, &body["category"]), (403, &json!("MISSING_SCOPES")));
    assert_eq!(body["context"]["requiredGranularScopes"], json!(["crm.objects.contacts.write"]));
}

#[test]
fn trace_ids_may_not_come_back() {
    let desk = Desk::new();
    desk.portal.change_profile(|profile| profile.echo_trace = false);
    let (_, body) = desk.upsert(&[("1", json!({}))]);
    assert_eq!(body["results"][0].get("objectWriteTraceId"), None);
    assert_eq!(body["results"][0]["properties"]["key"], "1");
}

#[test]
fn an_upsert_may_create_without_required_properties() {
    let desk = Desk::new();
    desk.portal.change_profile(|profile| profile.upsert_requires = false);
    let input = json!({"inputs": [{"id": "1", "idProperty": "key", "properties": {"amount": "1"}}]});
    assert_eq!(desk.post("/crm/objects/2026-09/0-3/batch/upsert", &input).0, 200);
}
