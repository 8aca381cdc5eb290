use serde_json::{Value, json};

use super::super::fake::{answer, client};
use super::*;

fn names(names: &[&str]) -> Vec<PropertyName> {
    names.iter().map(|name| PropertyName::new(name)).collect()
}

#[tokio::test(start_paused = true)]
async fn keys_are_read_by_the_hundred_and_misses_are_told() {
    let (client, fake) = client(|asked, _| {
        let ids = asked.ids();
        let results: Vec<Value> = ids
            .iter()
            .filter(|id| *id != "k7")
            .map(|id| json!({"id": id.trim_start_matches('k'), "properties": {"ivoris_patient_id": id, "email": null}}))
            .collect();
        let errors = json!([{"category": "OBJECT_NOT_FOUND", "context": {"ids": ["k7"]}}]);
        if results.len() == ids.len() {
            answer(200, &json!({"results": results}))
        } else {
            answer(207, &json!({"results": results, "errors": errors}))
        }
    });
    let mut keys: Vec<String> = (1..=250).map(|number| format!("k{number}")).collect();
    keys.push("k1".to_owned());
    let key = PropertyName::new("ivoris_patient_id");
    let found = client.reader().read_by_key(Object::Contact, &key, &keys, &names(&["email"])).await.expect("found");
    assert_eq!(found.records.len(), 249);
    assert_eq!(found.missing.into_iter().collect::<Vec<_>>(), ["k7"]);
    assert_eq!(found.records["k250"].id, HubspotId(250));
    assert_eq!(found.records["k250"].properties["email"], "", "null is no value");
    let asked = fake.asked();
    assert_eq!(asked.len(), 3, "the repeated key is asked once");
    assert_eq!(asked[0].body["idProperty"], "ivoris_patient_id");
    assert_eq!(asked[0].body["properties"], json!(["email", "ivoris_patient_id"]));
}

#[tokio::test(start_paused = true)]
async fn hubspots_own_spelling_of_an_address_is_found() {
    let (client, _) =
        client(|_, _| answer(200, &json!({"results": [{"id": "1", "properties": {"email": "eva@example.org"}}]})));
    let email = PropertyName::new("email");
    let asked = ["Eva@Example.org".to_owned()];
    let found = client.reader().read_by_key(Object::Contact, &email, &asked, &[]).await.expect("found");
    assert_eq!(found.records["Eva@Example.org"].id, HubspotId(1));
    assert!(found.missing.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_merged_id_is_missing() {
    let (client, fake) =
        client(|_, _| answer(200, &json!({"results": [{"id": "30", "properties": {}}, {"id": 12, "properties": {}}]})));
    let ids = [HubspotId(12), HubspotId(10)];
    let found = client.reader().read_by_id(Object::Deal, &ids, &names(&["dealstage"])).await.expect("found");
    assert_eq!(found.records.keys().collect::<Vec<_>>(), [&HubspotId(12)]);
    assert_eq!(found.missing.into_iter().collect::<Vec<_>>(), [HubspotId(10)]);
    assert!(fake.asked()[0].body.get("idProperty").is_none());
}

#[tokio::test(start_paused = true)]
async fn other_errors_of_a_read_are_no_empty_answer() {
    let (client, _) = client(|_, _| {
        answer(207, &json!({"results": [], "errors": [{"category": "INTERNAL_ERROR", "message": "Eva"}]}))
    });
    let result = client.reader().read_by_id(Object::Deal, &[HubspotId(1)], &[]).await;
    assert!(matches!(result, Err(Error::Refused { status: 207, .. })), "{result:?}");
}

#[tokio::test(start_paused = true)]
async fn a_list_is_paged_and_carries_links() {
    let (client, fake) = client(|_, number| {
        let record = json!({"id": "1", "properties": {"amount": "9"}, "associations": {
            "contacts": {"results": [{"id": "5", "type": "deal_to_contact"}, {"id": "5", "type": "x"}]},
            "0-421": {"results": [{"id": 6, "type": "y"}], "paging": {"next": {"after": "6"}}}}});
        let paging = if number == 0 { json!({"next": {"after": "2", "link": "https://x"}}) } else { Value::Null };
        answer(200, &json!({"results": [record], "paging": paging}))
    });
    let (reader, asked) = (client.reader(), names(&["amount", "dealname"]));
    let links = [Object::Contact, Object::Appointment];
    let page = reader.list(Object::Deal, &asked, &links, None).await.expect("a page");
    assert_eq!(page.after.as_deref(), Some("2"));
    assert_eq!(page.records[0].links[&Object::Contact], [HubspotId(5)]);
    assert_eq!(page.records[0].links[&Object::Appointment], [HubspotId(6)]);
    assert!(page.records[0].more_links);
    let page = reader.list(Object::Deal, &asked, &links, page.after.as_deref()).await.expect("a page");
    assert_eq!(page.after, None);
    let query: Vec<_> = fake.asked()[1].query.iter().map(|(name, value)| format!("{name}={value}")).collect();
    assert_eq!(query, ["limit=100", "properties=amount,dealname", "associations=0-1,0-421", "after=2"]);
    assert!(reader.any_record(Object::Deal).await.expect("an answer"));
}

#[tokio::test(start_paused = true)]
async fn links_are_read_to_the_last_page() {
    let (client, fake) = client(|asked, number| {
        let of = |id: &str, to: u64, paging: Value| json!({"from": {"id": id}, "to": [{"toObjectId": to}], "paging": paging});
        if number == 0 {
            assert_eq!(asked.ids(), ["1", "2", "3"]);
            let more = json!({"next": {"after": "c1"}});
            let none =
                json!([{"category": "OBJECT_NOT_FOUND", "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND"}]);
            answer(207, &json!({"results": [of("1", 11, more), of("2", 21, Value::Null)], "errors": none}))
        } else {
            assert_eq!(asked.body["inputs"], json!([{"id": "1", "after": "c1"}]));
            answer(200, &json!({"results": [{"from": {"id": "1"}, "to": [{"toObjectId": "12"}]}]}))
        }
    });
    let ids = [3, 1, 2].map(HubspotId);
    let links = client.reader().links(Object::Contact, Object::Deal, &ids).await.expect("links");
    let plain: Vec<(u64, Vec<u64>)> =
        links.into_iter().map(|(id, to)| (id.0, to.into_iter().map(|to| to.0).collect())).collect();
    assert_eq!(plain, [(1, vec![11, 12]), (2, vec![21]), (3, vec![])]);
    assert_eq!(fake.paths(), ["/crm/associations/2026-09/0-1/0-3/batch/read"; 2]);
}
