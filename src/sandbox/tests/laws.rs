//! What holds whatever happens.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::desk::Desk;
use crate::domain::Object;
use crate::http::Method;
use crate::sandbox::hubspot::{Faults, Limits, Settings};
use crate::sandbox::serve::open_with;

#[derive(Clone, Debug)]
enum Act {
    Upsert(Vec<(u8, u8)>),
    Archive(u8),
    Merge(u8, u8),
    Link(u8, u8),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => prop::collection::vec((0..12_u8, 0..6_u8), 1..6).prop_map(Act::Upsert),
        1 => any::<u8>().prop_map(Act::Archive),
        1 => (any::<u8>(), any::<u8>()).prop_map(|(a, b)| Act::Merge(a, b)),
        1 => (any::<u8>(), any::<u8>()).prop_map(|(a, b)| Act::Link(a, b)),
    ]
}

fn carry_out(desk: &Desk, act: &Act) {
    let id = |at: u8| {
        let live = desk.portal.live(Object::Contact);
        live.get(usize::from(at) % live.len().max(1)).map_or_else(|| "1".to_owned(), |one| one.id.to_string())
    };
    let (target, body) = match act {
        Act::Upsert(records) => {
            let input = |(at, (key, email)): (usize, &(u8, u8))| {
                json!({"id": key.to_string(), "idProperty": "key", "objectWriteTraceId": at.to_string(),
                    "properties": {"email": format!("p{email}@example.de"), "city": email.to_string()}})
            };
            let inputs: Vec<Value> = records.iter().enumerate().map(input).collect();
            ("objects/2026-09/0-1/batch/upsert", json!({ "inputs": inputs }))
        }
        Act::Archive(at) => ("objects/2026-09/0-1/batch/archive", json!({"inputs": [{"id": id(*at)}]})),
        Act::Merge(a, b) => {
            ("objects/2026-09/0-1/merge", json!({"primaryObjectId": id(*a), "objectIdToMerge": id(*b)}))
        }
        Act::Link(a, b) => {
            let types = json!([{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 449}]);
            let pair = json!({"from": {"id": id(*a)}, "to": {"id": id(*b)}, "types": types});
            ("associations/2026-09/0-1/0-1/batch/create", json!({"inputs": [pair]}))
        }
    };
    desk.send(Method::Post, &format!("/crm/{target}"), Some(&body));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Keys and addresses stay unique, and what was kept is what comes back.
    #[test]
    fn unique_stays_unique_and_kept_stays_kept(acts in prop::collection::vec(act(), 1..40), seed in any::<u64>()) {
        let folder = tempfile::tempdir().expect("a folder");
        let settings = || Settings { limits: Limits::unlimited(), ..Settings::default() };
        let mut desk = Desk::bare(settings());
        desk.portal = open_with(folder.path(), false, Settings { seed, ..settings() }).expect("a new portal");
        prop_assert_eq!(desk.define(Object::Contact, &json!({"name": "key", "hasUniqueValue": true})).0, 201);
        desk.portal.set_faults(Faults { gateway_after: 0.2, cut_after: 0.1, late: 0.1, gateway: 0.1, ..Faults::none() });
        for act in &acts {
            desk.pass(1_000);
            carry_out(&desk, act);
            prop_assert_eq!(desk.portal.counters().duplicates, 0);
        }
        let before = desk.portal.state_lines(Object::Contact);
        let kept: std::collections::BTreeSet<String> =
            desk.portal.live(Object::Contact).iter().map(|one| one.get("key").to_owned()).collect();
        desk.portal = Desk::bare(settings()).portal;
        desk.portal = open_with(folder.path(), false, settings()).expect("the same portal");
        prop_assert_eq!(&desk.portal.state_lines(Object::Contact), &before);
        for key in kept.iter().filter(|key| !key.is_empty()) {
            prop_assert_eq!(desk.portal.find(Object::Contact, "key", key).len(), 1);
        }
    }
}
