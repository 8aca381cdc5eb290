//! Rule 5: search is late, limited and capped.

use std::time::Duration;

use serde_json::{Value, json};

use super::desk::{Desk, text};
use crate::domain::Object;
use crate::http::Method;
use crate::sandbox::hubspot::Settings;

const SEARCH: &str = "/crm/objects/2026-09/0-1/search";

fn found(desk: &Desk, filters: &Value) -> Vec<String> {
    let body = json!({"filterGroups": [{"filters": filters}], "properties": ["key"], "limit": 200,
        "sorts": [{"propertyName": "key", "direction": "ASCENDING"}]});
    let (status, body) = desk.post(SEARCH, &body);
    assert_eq!(status, 200, "{body}");
    let keys = body["results"].as_array().expect("a list").iter().map(|one| text(&one["properties"]["key"]));
    keys.collect()
}

#[test]
fn search_sees_writes_late() {
    let mut desk = Desk::new();
    desk.portal.change_profile(|profile| profile.search_lag = Duration::from_secs(8));
    let all = json!([{"propertyName": "key", "operator": "HAS_PROPERTY"}]);
    for at in 0..20 {
        desk.contact(&format!("k{at:02}"));
    }
    assert_eq!(found(&desk, &all).len(), 0, "a moment ago");
    desk.pass(6_000);
    assert!((1..20).contains(&found(&desk, &all).len()), "some are seen before others");
    desk.pass(2_001);
    assert_eq!(found(&desk, &all).len(), 20);
    // A changed value is found under its old self for a while; an archived record at once no more.
    assert_eq!(desk.upsert(&[("k01", json!({"city": "Ulm"}))]).0, 200);
    let in_ulm = json!([{"propertyName": "city", "operator": "EQ", "value": "ulm"}]);
    assert_eq!(found(&desk, &in_ulm).len(), 0);
    desk.pass(8_001);
    assert_eq!(found(&desk, &in_ulm), ["k01"]);
    let id = desk.contact("k01");
    assert_eq!(desk.delete(&format!("/crm/objects/2026-09/0-1/{id}")).0, 204);
    assert_eq!(found(&desk, &in_ulm).len(), 0);
}

#[test]
fn operators_compare_by_type() {
    let mut desk = Desk::new();
    for (key, city) in [("a", "Ulm"), ("b", "Bonn"), ("c", "")] {
        assert_eq!(desk.upsert(&[(key, json!({"city": city}))]).0, 200);
        desk.pass(60_000);
    }
    for (filter, wanted) in [
        (json!({"propertyName": "city", "operator": "NEQ", "value": "ulm"}), "b c"),
        (json!({"propertyName": "city", "operator": "IN", "values": ["ulm", "bonn"]}), "a b"),
        (json!({"propertyName": "city", "operator": "NOT_IN", "values": ["ulm"]}), "b"),
        (json!({"propertyName": "city", "operator": "NOT_HAS_PROPERTY"}), "c"),
        (json!({"propertyName": "city", "operator": "CONTAINS_TOKEN", "value": "*on*"}), "b"),
        (json!({"propertyName": "createdate", "operator": "GT", "value": "2026-11-24T08:00:30Z"}), "b c"),
        (json!({"propertyName": "createdate", "operator": "LTE", "value": "1795507200000"}), "a"),
        (
            json!({"propertyName": "hs_object_id", "operator": "BETWEEN", "value": "1", "highValue": "20000000002"}),
            "a b",
        ),
    ] {
        assert_eq!(found(&desk, &json!([filter])).join(" "), wanted, "{filter}");
    }
}

#[test]
fn e27_limits_of_one_search() {
    let desk = Desk::new();
    let filter = json!({"propertyName": "key", "operator": "HAS_PROPERTY"});
    let group = |count: usize| json!({"filters": vec![filter.clone(); count]});
    let ask = |body: &Value| desk.post(SEARCH, body).0;
    assert_eq!(ask(&json!({"filterGroups": vec![group(1); 5]})), 200);
    for (body, why) in [
        (json!({"filterGroups": vec![group(1); 6]}), "groups"),
        (json!({"filterGroups": [group(7)]}), "filters of a group"),
        (json!({"filterGroups": vec![group(5); 4]}), "filters in all"),
        (json!({"limit": 201}), "page"),
        (json!({"limit": 200, "after": "9900"}), "past 10,000"),
        (json!({"after": "next"}), "cursor"),
        (json!({"query": "x".repeat(3_000)}), "body"),
        (json!({"filterGroups": [{"filters": [{"propertyName": "stadt", "operator": "HAS_PROPERTY"}]}]}), "property"),
        (
            json!({"filterGroups": [{"filters": [{"propertyName": "city", "operator": "IN", "values": ["Ulm"]}]}]}),
            "case",
        ),
        (json!({"sorts": [{"propertyName": "key"}, {"propertyName": "city"}]}), "sorts"),
    ] {
        assert_eq!(ask(&body), 400, "{why}");
    }
}

#[test]
fn five_searches_a_second_for_all_tokens_and_no_headers() {
    let mut desk = Desk::with(Settings::default());
    let ask = |desk: &Desk| desk.send(Method::Post, SEARCH, Some(&json!({})));
    for _ in 0..5 {
        let reply = ask(&desk);
        assert_eq!((reply.status, reply.header("x-hubspot-ratelimit-max")), (200, None));
    }
    let refused = ask(&desk);
    let body: Value = serde_json::from_slice(&refused.body).expect("json");
    assert_eq!((refused.status, &body["policyName"]), (429, &json!("SECONDLY")));
    desk.pass(1_000);
    assert_eq!(ask(&desk).status, 200);
    desk.contact("1");
    assert_eq!(desk.portal.counters().creates_after_search, 1);
    assert_eq!(desk.portal.count(Object::Contact), 1);
}
