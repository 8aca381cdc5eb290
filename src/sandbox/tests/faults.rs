//! Rule 7: every fault does what it says, before or after.

use serde_json::{Value, json};

use super::desk::{Desk, text};
use crate::domain::Object;
use crate::http::Method;
use crate::sandbox::hubspot::{Fault, Faults, Reply, Scope};

/// One upsert that meets `fault`, and the number of contacts afterwards.
fn upsert(desk: &Desk, fault: Fault) -> (Reply, usize) {
    desk.portal.next_faults([fault]);
    let input = json!({"id": "1", "idProperty": "key", "objectWriteTraceId": "r", "properties": {"city": "Ulm"}});
    let reply = desk.send(Method::Post, "/crm/objects/2026-09/0-1/batch/upsert", Some(&json!({"inputs": [input]})));
    (reply, desk.portal.count(Object::Contact))
}

#[test]
fn some_faults_strike_before_and_some_after() {
    for (fault, statuses, cut, written) in [
        (Fault::Nothing, &[200][..], false, 1),
        (Fault::Locked, &[423], false, 0),
        (Fault::Burst, &[429], false, 0),
        (Fault::Daily, &[429], false, 0),
        (Fault::Moving, &[477], false, 0),
        (Fault::Gateway, &[502, 503, 504, 524], false, 0),
        (Fault::GatewayAfter, &[502, 503, 504, 524], false, 1),
        (Fault::Cut, &[204], true, 0),
        (Fault::CutAfter, &[200], true, 1),
        (Fault::Truncated, &[200], false, 1),
        (Fault::Slow, &[200], false, 1),
    ] {
        let desk = Desk::new();
        let (reply, count) = upsert(&desk, fault);
        assert!(statuses.contains(&reply.status), "{fault:?}: {reply:?}");
        assert_eq!((reply.cut, count), (cut, written), "{fault:?}");
        assert_eq!(reply.header("retry-after").is_some(), fault == Fault::Moving);
        assert_eq!(reply.delay.is_zero(), fault != Fault::Slow);
        let whole = serde_json::from_slice::<Value>(&reply.body).is_ok();
        assert_eq!(whole, !matches!(fault, Fault::Truncated | Fault::Gateway | Fault::GatewayAfter | Fault::Cut));
        assert_eq!(desk.portal.counters().faults, u64::from(fault != Fault::Nothing));
    }
}

#[test]
fn a_straggler_is_carried_out_later() {
    let mut desk = Desk::new();
    desk.portal.set_faults(Faults { late_ms: 5_000, ..Faults::none() });
    let (reply, count) = upsert(&desk, Fault::Late);
    assert_eq!((reply.status, count), (504, 0));
    desk.pass(4_999);
    desk.portal.settle(desk.now);
    assert_eq!(desk.portal.count(Object::Contact), 0);
    desk.pass(1);
    desk.portal.settle(desk.now);
    assert_eq!((desk.portal.count(Object::Contact), desk.portal.counters().late), (1, 1));
}

#[test]
fn inputs_can_be_refused_and_answers_can_warn() {
    let desk = Desk::new();
    desk.portal.set_faults(Faults { partial: 1.0, partial_share: 0.5, warnings: 1.0, ..Faults::none() });
    let keys: Vec<String> = (0..100).map(|at| at.to_string()).collect();
    let records: Vec<(&str, Value)> = keys.iter().map(|key| (key.as_str(), json!({"city": "Ulm"}))).collect();
    let (status, body) = desk.upsert(&records);
    assert_eq!(status, 207);
    let written = body["results"].as_array().expect("a list");
    assert!((20..80).contains(&written.len()), "{}", written.len());
    assert_eq!(written.len(), desk.portal.count(Object::Contact));
    assert_eq!(body["numErrors"].as_u64(), u64::try_from(100 - written.len()).ok());
    assert_eq!(written[0]["warnings"][0]["category"], "PROPERTY_VALUE_NORMALIZED");
}

#[test]
fn scopes_and_seeds_decide_who_is_hit() {
    let desk = Desk::new();
    desk.portal.set_faults(Faults { scope: Scope::Links, gateway: 1.0, ..Faults::none() });
    assert_eq!(desk.get("/crm/objects/2026-09/0-1").0, 200);
    assert_eq!(desk.upsert(&[("1", json!({}))]).0, 200);
    let links = "/crm/associations/2026-09/0-3/0-1/batch/create";
    let hit = desk.send(Method::Post, links, Some(&json!({"inputs": []})));
    assert!(hit.status >= 502);
    let run = || {
        let desk = Desk::new();
        desk.portal.set_faults(Faults { scope: Scope::Reads, locked: 0.3, gateway: 0.3, ..Faults::none() });
        (0..50).map(|_| desk.send(Method::Get, "/crm/objects/2026-09/0-1", None).status).collect::<Vec<_>>()
    };
    let first = run();
    assert_eq!(first, run(), "one seed, one story");
    assert!([200, 423].iter().all(|status| first.contains(status)));
}

#[test]
fn dates_are_normalised_with_a_warning_or_refused() {
    let desk = Desk::new();
    let made = desk.define(Object::Contact, &json!({"name": "day", "type": "date", "fieldType": "date"}));
    assert_eq!(made.0, 201);
    let (status, body) = desk.upsert(&[("1", json!({"day": "2026-11-24T10:00:00Z"}))]);
    assert_eq!((status, text(&body["results"][0]["properties"]["day"])), (200, "2026-11-24".to_owned()));
    assert_eq!(body["results"][0]["warnings"][0]["context"]["propertyName"], json!(["day"]));
    let input = json!({"inputs": [{"id": "1", "idProperty": "key", "properties": {"day": "2026-11-24T10:00:00Z"}}]});
    assert_eq!(desk.post("/crm/objects/2026-03/0-1/batch/upsert", &input).0, 400);
}
