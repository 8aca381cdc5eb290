//! The schema of the shipped mapping against a small portal.

use serde_json::json;

use crate::domain::{Object, StageKey, StageKind};
use crate::mapping::shipped;

use super::*;
use land::{Land, World, keys};

mod land;

fn told(problems: &[SchemaProblem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[tokio::test(start_paused = true)]
async fn an_empty_portal_gets_everything_once() {
    let world = World::new(|_| {});
    let unready = told(&world.ready().await.problems);
    assert!(unready.contains("run: ivohub hubspot-schema apply"), "{unready}");
    let plan = world.plan().await;
    assert_eq!((plan.problems.as_slice(), plan.appointments_off.as_ref()), (&[][..], None));
    let lines: Vec<String> = plan.steps.iter().map(ToString::to_string).collect();
    assert_eq!(lines[0], "create property group contact.ivohub");
    assert_eq!(lines[1], "create property contact.ivoris_patient_id (string, unique, \"Ivoris Patienten-ID\")");
    assert!(lines.contains(&"create deal pipeline ivohub_behandlungen with 9 stages (\"Behandlungen\")".to_owned()));
    assert!(!lines.iter().any(|line| line.contains("dealname") || line.contains("hs_appointment")), "HubSpot's own");
    assert_eq!(world.writes(), 0, "a plan only reads");

    let applied = world.apply().await;
    assert_eq!(applied.done, plan.steps);
    assert_eq!((applied.left.len(), told(&applied.problems), applied.appointments_off), (0, String::new(), None));
    assert_eq!(world.writes(), plan.steps.len());
    assert_eq!(world.ready().await, Readiness::default());
    assert!(world.plan().await.is_empty());
    assert_eq!(world.apply().await.done, []);
    assert_eq!(world.writes(), plan.steps.len(), "applied again, nothing is sent");
    let asked = world.fake.asked().len();
    world.portal().await;
    assert_eq!(world.fake.asked().len() - asked, 5, "a pass reads five definitions");
}

#[tokio::test]
async fn the_definitions_are_what_hubspot_takes() {
    let plan = World::new(|_| {}).plan().await;
    let property = |object: Object, name: &str| {
        plan.steps.iter().find_map(|step| match step {
            SchemaStep::Property { object: of, property } => {
                (*of == object && property.name == name).then_some(property)
            }
            SchemaStep::Group { .. }
            | SchemaStep::Options { .. }
            | SchemaStep::Pipeline(_)
            | SchemaStep::Stage { .. } => None,
        })
    };
    let of_deal = |name: &str| property(Object::Deal, name).expect("a property of deals");
    let values = |name: &str| of_deal(name).options.iter().map(|one| one.value.as_str()).collect::<Vec<_>>().join(" ");
    assert_eq!(values("ivoris_location"), "nord sued mitte");
    assert_eq!(values("ivoris_flag"), "completed_without_entries no_show unknown_status deleted unmapped");
    assert_eq!(values("ivohub_lock"), "true false");
    for (name, kind, field) in [
        ("ivoris_appointment_id", "string", "text"),
        ("treatment_revenue", "number", "number"),
        ("ivoris_pabg_count", "number", "number"),
        ("behandlungsstartdate", "date", "date"),
        ("treatment_category", "enumeration", "select"),
        ("ivoris_flag", "enumeration", "checkbox"),
        ("ivohub_lock", "bool", "booleancheckbox"),
    ] {
        let property = of_deal(name);
        assert_eq!((property.kind, property.field_type), (kind, field), "{name}");
        assert_eq!(property.has_unique_value, name == "ivoris_appointment_id", "{name}");
    }
    let status = property(Object::Appointment, "ivoris_appointment_status").expect("a property of appointments");
    assert_eq!(status.options.len(), 10);
    assert!(status.options.iter().any(|option| option.value == "clarified" && option.label == "Geklärt"));
    let Some(SchemaStep::Pipeline(pipeline)) = plan.steps.last() else { panic!("the pipeline comes last") };
    let chances: Vec<&str> = pipeline.stages.iter().map(|stage| stage.probability.as_str()).collect();
    assert_eq!(chances, ["0.1", "0.2", "0.3", "0.5", "0.6", "0.7", "0.8", "1.0", "0.0"]);
}

#[tokio::test(start_paused = true)]
async fn a_cut_answer_is_looked_up_and_nothing_is_created_twice() {
    let world = World::new(|land| land.cuts = 7);
    let steps = world.plan().await.steps.len();
    let applied = world.apply().await;
    assert_eq!((applied.done.len(), applied.left.len(), told(&applied.problems)), (steps, 0, String::new()));
    assert_eq!(world.writes(), steps);
    assert_eq!(world.ready().await, Readiness::default());
}

#[tokio::test(start_paused = true)]
async fn endless_doubt_ends_with_what_is_left_and_the_next_call_goes_on() {
    let world = World::new(|land| land.cuts = 11);
    let steps = world.plan().await.steps.len();
    let first = world.apply().await;
    assert_eq!((first.done.len(), first.left.len()), (10, steps - 10));
    let second = world.apply().await;
    assert_eq!((second.done.len(), second.left.len()), (steps - 10, 0));
    assert_eq!(world.writes(), steps);
}

#[tokio::test(start_paused = true)]
async fn a_definition_may_be_seen_a_little_later() {
    let world = World::new(|_| {});
    let plan = world.plan().await;
    world.change(|land| land.lag = 2);
    let applied = apply(&plan, &world.desired, &world.client.reader(), &world.client.schema_writer()).await;
    assert_eq!(applied.expect("an end").left, []);
    assert_eq!(world.writes(), plan.steps.len());
}

#[tokio::test(start_paused = true)]
async fn a_portal_that_refuses_the_unique_key_of_appointments_runs_without_them() {
    let world = World::new(|land| land.refuses_unique = Some("0-421"));
    let applied = world.apply().await;
    let off = Some(AppointmentsOff::NoUniqueKey("ivoris_appointment_id".to_owned()));
    assert_eq!(applied.appointments_off, off);
    assert_eq!((applied.left.len(), told(&applied.problems)), (0, String::new()));
    assert_eq!(world.ready().await, Readiness { problems: Vec::new(), appointments_off: off });
    let world = World::new(|land| land.refuses_unique = Some("0-3"));
    let applied = world.apply().await;
    assert!(told(&applied.problems).contains("HubSpot refused to create property deal.ivoris_appointment_id"));
    assert!(!world.ready().await.problems.is_empty(), "a deal without key would be created twice");
}

#[tokio::test(start_paused = true)]
async fn switched_off_appointments_are_told_and_left_alone() {
    let world = World::new(|land| land.without_appointments = true);
    let applied = world.apply().await;
    assert_eq!(applied.appointments_off, Some(AppointmentsOff::NotEnabled));
    assert_eq!((applied.left.len(), applied.problems.len()), (0, 0));
    assert!(!world.fake.paths().iter().any(|path| path.contains("0-421")));
    let ready = world.ready().await;
    assert_eq!(ready.problems, []);
    assert!(ready.appointments_off.expect("off").to_string().contains("a person with admin rights"));
    let world = World { desired: world.desired.clone().without_appointments(), ..world };
    assert_eq!(world.ready().await, Readiness::default(), "not wanted is not off");
}

/// Changes a portal that was set up; the answer is the problems and the steps of the next plan.
async fn after(change: impl FnOnce(&mut Land)) -> (String, Vec<String>) {
    let world = World::new(|_| {});
    world.apply().await;
    world.change(change);
    let plan = world.plan().await;
    let readiness = world.ready().await;
    assert_eq!(readiness.problems.is_empty(), plan.is_empty(), "{readiness:?}");
    (told(&plan.problems), plan.steps.iter().map(ToString::to_string).collect())
}

#[tokio::test(start_paused = true)]
async fn what_only_people_can_settle_is_named_with_what_to_do() {
    for (change, wanted) in [
        (
            Box::new(|land: &mut Land| land.property("0-1", "ivoris_patient_id")["hasUniqueValue"] = json!(false))
                as Box<dyn FnOnce(&mut Land)>,
            "contact = \"ivoris_patient_id_key\" under [hubspot] key_properties",
        ),
        (
            Box::new(|land| land.property("0-3", "amount")["type"] = json!("string")),
            "deal.amount is of type string/number, needed is number/number",
        ),
        (
            Box::new(|land| land.property("0-3", "ivoris_flag")["fieldType"] = json!("select")),
            "needed is enumeration/checkbox",
        ),
        (
            Box::new(|land| land.property("0-3", "dealname")["modificationMetadata"] = json!({"readOnlyValue": true})),
            "deal.dealname cannot be written",
        ),
        (
            Box::new(|land| drop(land.properties.get_mut("0-1").expect("contacts").remove(0))),
            "contact.firstname should be HubSpot's own",
        ),
        (
            Box::new(|land| {
                let status = land.property("0-421", "ivoris_appointment_status");
                status["options"].as_array_mut().expect("options").truncate(8);
                status["modificationMetadata"] = json!({"readOnlyOptions": true});
            }),
            "lacks the options moved, deleted and takes no new ones",
        ),
        (
            Box::new(|land| {
                land.stage("ivohub_verloren")["metadata"] = json!({"probability": "0.4", "isClosed": "false"});
            }),
            "stage ivohub_verloren (\"Verloren\") is open in HubSpot and lost in mappings/pipeline.csv",
        ),
        (
            Box::new(|land| land.stage("ivohub_angebot")["id"] = json!("4711")),
            "stage \"KV/HKP versendet\" has the id 4711 in HubSpot, not ivohub_angebot",
        ),
        (
            Box::new(|land| land.stage("ivohub_angebot")["writePermissions"] = json!("READ_ONLY")),
            "stage ivohub_angebot (\"KV/HKP versendet\") takes no deals",
        ),
    ] {
        let (problems, steps) = after(change).await;
        assert!(problems.contains(wanted), "{wanted}: {problems}");
        assert_eq!((problems.lines().count(), steps.len()), (1, 0), "{wanted}");
    }
    let (problems, steps) = after(|land| {
        let angebot = land.pipelines[1]["stages"].as_array_mut().expect("stages").remove(5);
        land.pipelines[0]["stages"] = json!([angebot]);
    })
    .await;
    assert!(problems.contains("its id belongs to pipeline default"), "{problems}");
    assert_eq!(steps, [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn what_is_missing_is_added_beside_what_people_made() {
    let (problems, steps) = after(|land| {
        let location = land.property("0-3", "ivoris_location");
        location["options"] = json!([
            {"label": "KFO Nord", "value": "alt", "displayOrder": 0, "hidden": true, "description": "Altbestand"},
            {"label": "Mitte", "value": "mitte", "displayOrder": 5, "hidden": false},
        ]);
    })
    .await;
    assert_eq!((problems.as_str(), steps), ("", vec!["add options to deal.ivoris_location: nord, sued".to_owned()]));

    let world = World::new(|_| {});
    world.apply().await;
    world.change(|land| {
        land.property("0-3", "ivoris_location")["options"] =
            json!([{"label": "KFO Nord", "value": "alt", "displayOrder": 4, "hidden": true, "description": "Altbestand"}]);
        land.pipelines[1]["stages"].as_array_mut().expect("stages").remove(3);
    });
    assert_eq!(world.apply().await.done.len(), 2);
    assert_eq!(world.ready().await, Readiness::default());
    world.change(|land| {
        let options = land.property("0-3", "ivoris_location")["options"].clone();
        assert_eq!(
            options[0],
            json!({"label": "KFO Nord", "value": "alt", "displayOrder": 4, "hidden": true, "description": "Altbestand"})
        );
        assert_eq!(options[1]["label"], "KFO Nord (nord)");
        assert_eq!(options.as_array().map(Vec::len), Some(4));
        assert_eq!(land.stage("ivohub_diagnostik")["metadata"]["probability"], "0.5");
    });
}

#[tokio::test(start_paused = true)]
async fn stages_are_found_by_id_or_by_label_and_kinds_come_from_the_portal() {
    let world = World::new(|_| {});
    world.apply().await;
    world.change(|land| {
        land.stage("ivohub_erstberatung")["id"] = json!("1029384");
        let foreign = json!({"id": "77", "label": "Nachsorge", "metadata": {"probability": "1", "isClosed": "true"}});
        land.pipelines[1]["stages"].as_array_mut().expect("stages").push(foreign);
    });
    let mut desired = world.desired.clone();
    desired.stages[2].id = String::new();
    let portal = world.portal().await;
    let stages = Stages::of(&desired, &portal.pipelines);
    let key = StageKey::new("erstberatung");
    assert_eq!(stages.pipeline_id(), "ivohub_behandlungen");
    assert_eq!(stages.id(&key), Some("1029384"));
    assert_eq!(stages.key("1029384"), Some(&key));
    assert_eq!(stages.kind("ivohub_gewonnen"), Some(StageKind::Won));
    assert_eq!(stages.kind("ivohub_verloren"), Some(StageKind::Lost));
    assert_eq!(stages.kind("ivohub_in_behandlung"), Some(StageKind::Open));
    assert_eq!(stages.by_id("77"), Some(&PortalStage { key: None, kind: StageKind::Won, order: 0 }));
    assert_eq!(stages.by_id("closedwon"), None);
    assert_eq!(diff(&desired, &portal).problems, []);
}

#[test]
fn probabilities_rise_however_many_stages_there_are() {
    let desired = Desired::of(&shipped(), &keys());
    for open in 1..60 {
        let stage = DesiredStage { kind: StageKind::Open, ..desired.stages[0].clone() };
        let many = Desired { stages: vec![stage; open], ..desired.clone() };
        let pipeline = many.new_pipeline();
        let chances: Vec<&str> = pipeline.stages.iter().map(|stage| stage.probability.as_str()).collect();
        assert!(chances.is_sorted_by(|one, next| one < next), "{chances:?}");
        assert!(chances.iter().all(|chance| !["0.0", "0.00", "1.0"].contains(chance)), "{chances:?}");
    }
}
