//! Rule 11 and section 9: definitions live, die and come back.

use serde_json::{Value, json};

use super::desk::{Desk, text};
use crate::domain::Object;
use crate::sandbox::hubspot::Settings;

const PROPERTIES: &str = "/crm/properties/2026-09/0-1";

#[test]
fn a_new_portal_has_only_what_hubspot_defines() {
    let desk = Desk::bare(Settings::default());
    for object in Object::ALL {
        let (_, body) = desk.get(&format!("/crm/properties/2026-09/{}", object.type_id()));
        let all = body["results"].as_array().expect("a list");
        assert!(all.iter().all(|one| one["hubspotDefined"] == true), "{object}");
        assert_eq!(desk.portal.count(object), 0);
    }
    let closed = desk.get("/crm/properties/2026-09/deals/hs_is_closed").1;
    assert_eq!((&closed["calculated"], &closed["modificationMetadata"]["readOnlyValue"]), (&json!(true), &json!(true)));
    let stage = desk.get("/crm/properties/2026-09/deals/dealstage").1;
    assert_eq!(stage["options"].as_array().map(Vec::len), Some(7), "from the default pipeline");
    assert_eq!(desk.get("/crm/properties/2026-09/deals/nothing").0, 404);
}

#[test]
fn properties_are_checked_before_they_exist() {
    let desk = Desk::new();
    for (fields, why) in [
        (json!({"name": "Key2"}), "capital letter"),
        (json!({"name": "2key"}), "begins with a digit"),
        (json!({"name": "a", "label": " "}), "no label"),
        (json!({"name": "a", "fieldType": "number"}), "field type of another type"),
        (json!({"name": "a", "type": "money"}), "unknown type"),
        (json!({"name": "a", "groupName": "ivohub"}), "unknown group"),
        (json!({"name": "a", "type": "bool", "fieldType": "booleancheckbox"}), "E22: no options"),
        (json!({"name": "a", "dataSensitivity": "sensitive"}), "E19"),
        (json!({"name": "a", "type": "date", "fieldType": "date", "hasUniqueValue": true}), "unique date"),
    ] {
        assert_eq!(desk.define(Object::Contact, &fields).0, 400, "{why}");
    }
    let (status, body) = desk.define(Object::Contact, &json!({"name": "key"}));
    assert_eq!((status, &body["category"]), (409, &json!("OBJECT_ALREADY_EXISTS")));
    assert_eq!(body["subCategory"], "Properties.PROPERTY_WITH_NAME_EXISTS");
    assert_eq!(body["context"]["name"], json!(["key"]));
}

#[test]
fn ten_unique_properties_per_object() {
    let desk = Desk::new();
    let make = |at: usize| desk.define(Object::Contact, &json!({"name": format!("u{at}"), "hasUniqueValue": true})).0;
    assert!((2..=10).all(|at| make(at) == 201));
    assert_eq!(make(11), 400);
    assert_eq!(desk.delete(&format!("{PROPERTIES}/u2")).0, 204);
    assert_eq!(make(11), 201);
}

#[test]
fn options_are_replaced_as_a_whole_and_uniqueness_never_changes() {
    let desk = Desk::new();
    let options = |values: &[&str]| -> Value {
        values.iter().map(|value| json!({"label": value, "value": value, "displayOrder": 0, "hidden": false})).collect()
    };
    let fields =
        json!({"name": "ort", "type": "enumeration", "fieldType": "select", "options": options(&["nord", "sued"])});
    assert_eq!(desk.define(Object::Contact, &fields).0, 201);
    let shown = || {
        let (_, body) = desk.get(&format!("{PROPERTIES}/ort"));
        body["options"].as_array().expect("a list").iter().map(|one| text(&one["value"])).collect::<Vec<_>>().join(" ")
    };
    let patch = |body: Value| desk.patch(&format!("{PROPERTIES}/ort"), &body).0;
    assert_eq!((patch(json!({"label": "Standort", "hasUniqueValue": true})), shown().as_str()), (200, "nord sued"));
    assert_eq!((patch(json!({"options": options(&["nord", "west"])})), shown().as_str()), (200, "nord west"));
    assert_eq!(patch(json!({"options": options(&["nord", "nord"])})), 400);
    assert_eq!(desk.upsert(&[("1", json!({"ort": "sued"}))]).0, 207);
    assert_eq!(desk.upsert(&[("1", json!({"ort": "west"}))]).0, 200);
    assert_eq!(desk.get(&format!("{PROPERTIES}/ort")).1["hasUniqueValue"], false);
    assert_eq!(desk.patch(&format!("{PROPERTIES}/lastname"), &json!({"label": "x"})).0, 400, "HubSpot's own");
}

#[test]
fn an_archived_property_comes_back_with_its_values() {
    let desk = Desk::new();
    assert_eq!(desk.define(Object::Contact, &json!({"name": "farbe"})).0, 201);
    assert_eq!(desk.upsert(&[("1", json!({"farbe": "rot"}))]).0, 200);
    assert_eq!(desk.delete(&format!("{PROPERTIES}/farbe")).0, 204);
    assert_eq!(desk.delete(&format!("{PROPERTIES}/farbe")).0, 204, "also for what is not there");
    assert_eq!(desk.upsert(&[("1", json!({"farbe": "blau"}))]).0, 207);
    assert_eq!(desk.get(&format!("{PROPERTIES}/farbe")).0, 404);
    assert_eq!(desk.get(&format!("{PROPERTIES}/farbe?archived=true")).0, 200);
    assert_eq!(desk.define(Object::Contact, &json!({"name": "farbe"})).0, 201);
    assert_eq!(desk.portal.find(Object::Contact, "farbe", "rot").len(), 1);
    assert_eq!(desk.delete(&format!("{PROPERTIES}/email")).0, 400);
}

#[test]
fn properties_in_batches_and_groups() {
    let desk = Desk::new();
    let groups = format!("{PROPERTIES}/groups");
    let group = json!({"name": "ivohub", "label": "ivohub"});
    assert_eq!((desk.post(&groups, &group).0, desk.post(&groups, &group).0), (201, 409));
    let property =
        |name: &str| json!({"name": name, "label": name, "type": "string", "fieldType": "text", "groupName": "ivohub"});
    let (status, body) =
        desk.post(&format!("{PROPERTIES}/batch/create"), &json!({"inputs": [property("a"), property("B")]}));
    assert_eq!((status, body["results"].as_array().map(Vec::len), &body["numErrors"]), (207, Some(1), &json!(1)));
    let names = json!({"inputs": [{"name": "a"}, {"name": "b"}]});
    assert_eq!(desk.post(&format!("{PROPERTIES}/batch/read"), &names).0, 207);
    assert_eq!(desk.delete(&format!("{groups}/ivohub")).0, 400, "has active properties");
    assert_eq!(desk.post(&format!("{PROPERTIES}/batch/archive"), &names).0, 204);
    assert_eq!(desk.delete(&format!("{groups}/ivohub")).0, 204);
    assert_eq!(desk.get(&groups).1["results"].as_array().map(Vec::len), Some(1));
}

const PIPELINES: &str = "/crm/pipelines/2026-09/0-3";

fn stage(id: &str, label: &str, probability: &str) -> Value {
    json!({"stageId": id, "label": label, "displayOrder": 0, "metadata": {"probability": probability}})
}

#[test]
fn pipelines_keep_their_ids_and_know_closed_stages() {
    let desk = Desk::new();
    let stages = [stage("s1", "Offen", "0.5"), stage("s2", "Gewonnen", "1.0"), stage("s3", "Verloren", "0.0")];
    let pipeline = json!({"pipelineId": "p1", "label": "Behandlungen", "displayOrder": 1, "stages": stages});
    let (status, body) = desk.post(PIPELINES, &pipeline);
    assert_eq!((status, &body["id"]), (201, &json!("p1")));
    let closed: Vec<String> =
        body["stages"].as_array().expect("a list").iter().map(|one| text(&one["metadata"]["isClosed"])).collect();
    assert_eq!(closed, ["false", "true", "true"]);
    assert_eq!(desk.post(PIPELINES, &pipeline).0, 400, "a duplicate pipeline id");
    let other = |stages: Value| json!({"pipelineId": "p2", "label": "Andere", "displayOrder": 1, "stages": stages});
    let (status, body) = desk.post(PIPELINES, &other(json!([stage("s1", "x", "0.1")])));
    assert_eq!((status, &body["subCategory"]), (409, &json!("STAGE_ID_EXISTS_IN_ANOTHER_PIPELINE")), "E24");
    for bad in [
        json!([stage("a", "x", "0.1"), stage("b", "x", "0.1")]),
        json!([stage("a", "x", "1.5")]),
        json!([{"label": "x"}]),
    ] {
        assert_eq!(desk.post(PIPELINES, &other(bad.clone())).0, 400, "{bad}");
    }
    let added = format!("{PIPELINES}/p1/stages");
    assert_eq!(desk.post(&added, &stage("s4", "Angebot", "0.7")).0, 201);
    assert_eq!(desk.post(&added, &stage("s4", "Noch eins", "0.7")).0, 409);
    assert_eq!(desk.patch(&format!("{added}/s4"), &json!({"label": "Offen"})).0, 400, "the label of another stage");
    assert_eq!(desk.patch(&format!("{added}/s4"), &json!({"metadata": {"probability": "0.8"}})).0, 200);
    assert_eq!(desk.get(&format!("{added}/s4")).1["metadata"]["probability"], "0.8");
    assert_eq!(desk.get("/crm/pipelines/2026-09/deals").1["results"].as_array().map(Vec::len), Some(2));
    assert_eq!(desk.get(&format!("{PIPELINES}/p9")).0, 404);
}

#[test]
fn e23_stages_in_use_stay() {
    let desk = Desk::new();
    let deal = desk.deal("x");
    let (status, body) = desk.delete(&format!("{PIPELINES}/default/stages/qualifiedtobuy"));
    assert_eq!((status, &body["subCategory"]), (400, &json!("PipelineError.STAGE_ID_IN_USE")));
    assert_eq!(body["context"]["objectIds"], json!([deal]));
    assert_eq!(desk.delete(&format!("{PIPELINES}/default")).0, 400);
    assert_eq!(desk.delete(&format!("{PIPELINES}/default/stages/contractsent")).0, 204);
    assert_eq!(desk.get(&format!("{PIPELINES}/default")).1["stages"].as_array().map(Vec::len), Some(6));
}
