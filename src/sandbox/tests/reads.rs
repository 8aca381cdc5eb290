//! Rules 3, 8 and 12: batch reads, lists, merges, the form of values.

use serde_json::{Value, json};

use super::desk::{Desk, text};
use crate::domain::Object;
use crate::sandbox::hubspot::Actor;

const READ: &str = "/crm/objects/2026-09/0-1/batch/read";

#[test]
fn a_batch_read_tells_what_it_misses_and_never_links() {
    let desk = Desk::new();
    let id = desk.contact("1");
    let ask = |key: Option<&str>, ids: &[&str]| {
        let inputs: Vec<Value> = ids.iter().map(|id| json!({"id": id})).collect();
        let mut body = json!({"properties": ["key"], "inputs": inputs, "associations": ["deals"]});
        if let Some(key) = key {
            body["idProperty"] = json!(key);
        }
        desk.post(READ, &body)
    };
    assert_eq!(ask(None, &[&id]).0, 200);
    let (status, body) = ask(Some("key"), &["1", "2", "3"]);
    assert_eq!(status, 207);
    assert_eq!(body["results"].as_array().map(Vec::len), Some(1));
    assert_eq!(body["results"][0].get("associations"), None);
    let error = &body["errors"][0];
    assert_eq!((&error["category"], &error["context"]["ids"]), (&json!("OBJECT_NOT_FOUND"), &json!(["2", "3"])));
    assert!(text(&error["message"]).starts_with("Could not get some CONTACT objects"));
    assert_eq!(ask(Some("city"), &["1"]).0, 400);
    assert_eq!(ask(None, &["Eva"]).0, 207, "no number is no id");
}

#[test]
fn values_are_texts_missing_ones_null_unknown_ones_left_out() {
    let desk = Desk::new();
    let id = desk.contact("1");
    let patch = json!({"properties": {"key": 4711, "city": "Ulm", "zip": ""}});
    assert_eq!(desk.patch(&format!("/crm/objects/2026-09/0-1/{id}"), &patch).0, 200);
    let (_, body) =
        desk.get(&format!("/crm/objects/2026-09/contacts/{id}?properties=key,city,zip,stadt&properties=fax"));
    let properties = body["properties"].as_object().expect("a map");
    assert_eq!(properties["key"], "4711");
    assert_eq!((&properties["zip"], &properties["fax"]), (&Value::Null, &Value::Null));
    assert!(!properties.contains_key("stadt"));
    for basic in ["createdate", "lastmodifieddate", "hs_object_id"] {
        assert!(properties[basic].is_string(), "{basic}");
    }
    assert_eq!(body["createdAt"], "2026-11-24T08:00:00.000Z");
    let deal = desk.deal("x");
    let (_, body) =
        desk.get(&format!("/crm/objects/2026-09/deals/{deal}?properties=hs_is_closed,hs_deal_stage_probability"));
    assert_eq!(
        (&body["properties"]["hs_is_closed"], &body["properties"]["hs_deal_stage_probability"]),
        (&json!("false"), &json!("0.4"))
    );
    assert!(body["properties"]["hs_lastmodifieddate"].is_string());
    assert_eq!(body["properties"].get("lastmodifieddate"), None, "contacts only");
}

#[test]
fn lists_are_complete_paged_and_know_links() {
    let desk = Desk::new();
    let ids: Vec<String> = (0..7).map(|at| desk.contact(&at.to_string())).collect();
    let deal = desk.deal("x");
    assert_eq!(desk.put(&format!("/crm/objects/2026-09/0-3/{deal}/associations/default/0-1/{}", ids[2]), None).0, 200);
    assert_eq!(desk.delete(&format!("/crm/objects/2026-09/0-1/{}", ids[4])).0, 204);
    let mut seen = Vec::new();
    let mut after = String::new();
    loop {
        let (status, body) = desk.get(&format!("/crm/objects/2026-09/0-1?limit=3&associations=deals{after}"));
        assert_eq!(status, 200);
        seen.extend(body["results"].as_array().expect("a list").clone());
        let Some(next) = body["paging"]["next"]["after"].as_str() else { break };
        after = format!("&after={next}");
    }
    let listed: Vec<String> = seen.iter().map(|one| text(&one["id"])).collect();
    let live: Vec<String> = ids.iter().filter(|id| **id != ids[4]).cloned().collect();
    assert_eq!(listed, live);
    assert_eq!(seen[2]["associations"]["deals"]["results"], json!([{"id": deal, "type": "contact_to_deal"}]));
    assert_eq!(seen[0].get("associations"), None);
    assert_eq!(desk.get("/crm/objects/2026-09/0-1").1["results"].as_array().map(Vec::len), Some(6));
    assert_eq!(desk.get("/crm/objects/2026-09/0-1?archived=true").1["results"].as_array().map(Vec::len), Some(1));
    assert_eq!(desk.get("/crm/objects/2026-09/0-1?limit=101").0, 400);
    let (status, body) = desk.get("/crm/objects/2026-09/0-1?after=abc");
    assert!(status == 400 && text(&body["message"]).contains("Cannot deserialize value of type"), "E28: {body}");
}

#[test]
fn history_tells_who_wrote_what() {
    let mut desk = Desk::new();
    let id = desk.contact("1");
    let number = desk.portal.live(Object::Contact)[0].id;
    for (at, actor) in [Actor::Person, Actor::Workflow].into_iter().enumerate() {
        desk.pass(1_000);
        let city = ["Ulm", "Bonn"][at];
        desk.portal.edit(actor, Object::Contact, number, &[("city", city)], desk.now).expect("a known city");
    }
    let (_, body) = desk.get(&format!("/crm/objects/2026-09/0-1/{id}?propertiesWithHistory=city"));
    let history = body["propertiesWithHistory"]["city"].as_array().expect("a list");
    assert_eq!(history[0]["value"], "Bonn");
    assert_eq!(history[0]["sourceType"], "AUTOMATION_PLATFORM");
    assert_eq!(
        (&history[1]["sourceType"], &history[1]["timestamp"]),
        (&json!("CRM_UI"), &json!("2026-11-24T08:00:01.000Z"))
    );
    assert_eq!(desk.portal.history(Object::Contact, number, "city").len(), 2);
    assert_eq!(desk.portal.history(Object::Contact, number, "key")[0].source, "INTEGRATION");
}

#[test]
fn a_merge_makes_a_new_record_that_both_ids_lead_to() {
    let desk = Desk::new();
    let (one, two, three) = (desk.contact("1"), desk.contact("2"), desk.contact("3"));
    let set = |id: &str, values: Value| {
        assert_eq!(desk.patch(&format!("/crm/objects/2026-09/0-1/{id}"), &json!({ "properties": values })).0, 200);
    };
    set(&one, json!({"city": "Ulm"}));
    set(&two, json!({"city": "Bonn", "zip": "53111"}));
    for (deal, contact) in [(desk.deal("a"), &one), (desk.deal("b"), &two)] {
        assert_eq!(
            desk.put(&format!("/crm/objects/2026-09/0-3/{deal}/associations/default/0-1/{contact}"), None).0,
            200
        );
    }
    let merge = |primary: &str, other: &str| {
        desk.post("/crm/objects/2026-09/0-1/merge", &json!({"primaryObjectId": primary, "objectIdToMerge": other}))
    };
    let (status, body) = merge(&one, &two);
    let merged = text(&body["id"]);
    assert_eq!((status, merged != one && merged != two), (200, true));
    for old in [&one, &two, &merged] {
        let (_, body) =
            desk.get(&format!("/crm/objects/2026-09/0-1/{old}?properties=city,zip,num_associated_deals,key"));
        assert_eq!(body["id"], merged);
        let values = ["city", "zip", "num_associated_deals", "key"].map(|name| text(&body["properties"][name]));
        assert_eq!(values, ["Ulm", "53111", "2", "1"], "the primary wins, gaps are filled, links are united");
    }
    assert_eq!(desk.contact("1"), merged);
    assert_eq!(merge(&merged, &two).0, 400, "not with itself");
    assert_ne!(desk.contact("2"), merged, "the lost key makes a new record");
    desk.portal.change_profile(|profile| (profile.merge_keeps_id, profile.merge_frees) = (true, false));
    let (_, body) = merge(&merged, &three);
    assert_eq!(body["id"], merged);
    assert_eq!(desk.upsert(&[("3", json!({}))]).0, 207, "the lost key is taken for ever");
    assert_eq!(desk.portal.counters().duplicates, 0);
}

#[test]
fn the_small_endpoints_answer() {
    let desk = Desk::new();
    let account = desk.get("/account-info/2026-09/details").1;
    assert_eq!(
        (account["portalId"].as_u64(), &account["timeZone"]),
        (Some(desk.portal.portal_id()), &json!("Europe/Berlin"))
    );
    for path in [
        "/crm/owners/2026-09",
        "/crm/property-validations/2026-09/0-1",
        "/account-info/2026-09/api-usage/daily/private-apps",
    ] {
        assert_eq!(desk.get(path).0, 200, "{path}");
    }
    assert_eq!(desk.put("/crm/owners/2026-09", None).0, 405);
}
