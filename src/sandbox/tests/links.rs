//! Associations (section 7): sizes, partial answers, paging, spelling.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::desk::{Desk, text};
use crate::domain::Object;
use crate::sandbox::hubspot::{Fault, Faults};

fn pair(from: &str, to: &str, kind: u32) -> Value {
    let types = json!([{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": kind}]);
    json!({"from": {"id": from}, "to": {"id": to}, "types": types})
}

const CREATE: &str = "/crm/associations/2026-09/0-3/0-1/batch/create";
const READ: &str = "/crm/associations/2026-09/0-1/0-3/batch/read";

#[test]
fn links_are_made_once_and_both_ways() {
    let desk = Desk::new();
    let (deal, contact) = (desk.deal("x"), desk.contact("1"));
    for _ in 0..2 {
        let (status, body) = desk.post(CREATE, &json!({"inputs": [pair(&deal, &contact, 3)]}));
        assert_eq!((status, &body["results"][0]["toObjectId"]), (201, &json!(contact)));
    }
    let counters = desk.portal.counters();
    assert_eq!((counters.repeated_links, desk.portal.link_count(Object::Contact, Object::Deal)), (1, 1));
    let (status, body) = desk.post(READ, &json!({"inputs": [{"id": contact}]}));
    let wanted = json!([{"toObjectId": deal, "associationTypes": [{"category": "HUBSPOT_DEFINED", "typeId": 4, "label": null}]}]);
    assert_eq!((status, &body["results"][0]["to"]), (200, &wanted));
    assert_eq!(desk.post(CREATE, &json!({"inputs": [pair(&deal, &contact, 4)]})).0, 400, "the type of the way back");
}

#[test]
fn e25_and_e26_name_the_bad_end() {
    let desk = Desk::new();
    let (deal, other, contact) = (desk.deal("x"), desk.deal("y"), desk.contact("1"));
    let inputs = [pair(&deal, &contact, 3), pair(&deal, "99", 3), pair("Eva", &contact, 3)];
    let (status, body) = desk.post(CREATE, &json!({ "inputs": inputs }));
    assert_eq!((status, body["results"].as_array().map(Vec::len), &body["numErrors"]), (207, Some(1), &json!(2)));
    let bad: BTreeSet<String> =
        body["errors"].as_array().expect("a list").iter().map(|one| text(&one["context"]["id"][0])).collect();
    assert_eq!(bad, BTreeSet::from(["99".to_owned(), "Eva".to_owned()]));
    assert_eq!(body["errors"][0]["subCategory"], "crm.associations.INVALID_IDENTIFIER");
    let same = "/crm/associations/2026-09/0-3/0-3/batch/create";
    let (_, body) = desk.post(same, &json!({"inputs": [pair(&deal, &deal, 451), pair(&deal, &other, 451)]}));
    assert_eq!(body["errors"][0]["message"], format!("Object {deal} cannot be associated to itself ({deal})"));
    assert_eq!(body["results"].as_array().map(Vec::len), Some(1));
}

#[test]
fn batches_have_their_own_sizes() {
    let desk = Desk::new();
    let (deal, contact) = (desk.deal("x"), desk.contact("1"));
    let pairs = |count: usize| json!({"inputs": vec![pair(&deal, &contact, 3); count]});
    assert_eq!([2_000, 2_001].map(|count| desk.post(CREATE, &pairs(count)).0), [201, 400]);
    let reads = |count: usize| json!({"inputs": vec![json!({"id": contact}); count]});
    assert_eq!([1_000, 1_001].map(|count| desk.post(READ, &reads(count)).0), [200, 400]);
    let default = "/crm/associations/2026-09/0-3/0-1/batch/associate/default";
    assert_eq!([2_000, 2_001].map(|count| desk.post(default, &pairs(count)).0), [200, 400]);
    desk.portal.change_profile(|profile| profile.default_links = 100);
    assert_eq!(desk.post(default, &pairs(101)).0, 400);
    let fill = desk.portal.counters().routes["POST associations/deal/contact/batch/create"].clone();
    assert_eq!((fill.calls, fill.failed, fill.inputs), (2, 1, 4_001));
}

#[test]
fn reads_have_pages_and_say_where_nothing_is_linked() {
    let desk = Desk::new();
    desk.portal.change_profile(|profile| profile.link_page = 2);
    let contact = desk.contact("1");
    let lonely = desk.contact("2");
    let deals: BTreeSet<String> = (0..5).map(|at| desk.deal(&at.to_string())).collect();
    let inputs: Vec<Value> = deals.iter().map(|deal| pair(deal, &contact, 3)).collect();
    assert_eq!(desk.post(CREATE, &json!({ "inputs": inputs })).0, 201);
    let mut seen = BTreeSet::new();
    let mut input = json!({"id": contact});
    loop {
        let (_, body) = desk.post(READ, &json!({"inputs": [input]}));
        let of = &body["results"][0];
        let page: Vec<String> = of["to"].as_array().expect("a list").iter().map(|to| text(&to["toObjectId"])).collect();
        assert!(page.len() <= 2);
        seen.extend(page);
        let Some(after) = of["paging"]["next"]["after"].as_str() else { break };
        input = json!({"id": contact, "after": after});
    }
    assert_eq!(seen, deals);
    let (status, body) = desk.post(READ, &json!({"inputs": [{"id": lonely}, {"id": contact}]}));
    assert_eq!((status, body["results"].as_array().map(Vec::len)), (207, Some(1)));
    assert_eq!(body["errors"][0]["subCategory"], "crm.associations.NO_ASSOCIATIONS_FOUND");
    let (_, body) = desk.get(&format!("/crm/objects/2026-09/0-1/{contact}/associations/deals?limit=1"));
    assert_eq!(body["results"].as_array().map(Vec::len), Some(1));
    assert!(body["paging"]["next"]["after"].is_string());
}

#[test]
fn ids_can_be_numbers() {
    let desk = Desk::new();
    let (deal, contact) = (desk.deal("x"), desk.contact("1"));
    desk.portal.set_faults(Faults { number_ids: 1.0, ..Faults::none() });
    let (_, body) = desk.post(CREATE, &json!({"inputs": [pair(&deal, &contact, 3)]}));
    assert_eq!(body["results"][0]["fromObjectId"].as_u64().map(|id| id.to_string()), Some(deal.clone()));
    let (_, body) = desk.post(READ, &json!({"inputs": [{"id": contact}]}));
    assert_eq!(body["results"][0]["to"][0]["toObjectId"].as_u64().map(|id| id.to_string()), Some(deal));
}

#[test]
fn links_can_be_removed_and_end_with_their_records() {
    let desk = Desk::new();
    let (a, b, contact) = (desk.deal("a"), desk.deal("b"), desk.contact("1"));
    assert_eq!(desk.post(CREATE, &json!({"inputs": [pair(&a, &contact, 3), pair(&b, &contact, 3)]})).0, 201);
    let archive = json!({"inputs": [{"from": {"id": a}, "to": [{"id": contact}]}]});
    assert_eq!(desk.post("/crm/associations/2026-09/0-3/0-1/batch/archive", &archive).0, 204);
    assert_eq!(desk.portal.link_count(Object::Contact, Object::Deal), 1);
    assert_eq!(desk.delete(&format!("/crm/objects/2026-09/0-3/{b}")).0, 204);
    assert_eq!(desk.portal.link_count(Object::Contact, Object::Deal), 0);
    let one = format!("/crm/objects/2026-09/0-3/{a}/associations/0-1/{contact}");
    assert_eq!((desk.put(&one, Some(&json!([]))).0, desk.delete(&one).0), (201, 204));
    desk.portal.next_faults([Fault::Partial]);
    desk.portal.set_faults(Faults { partial_share: 1.0, ..desk.portal.faults() });
    assert_eq!(desk.post(CREATE, &json!({"inputs": [pair(&a, &contact, 3)]})).0, 207);
    assert_eq!(desk.get("/crm/associations/2026-09/0-421/0-3/labels").1["results"][0]["typeId"], 944);
}
