//! The portal belongs to people: what they had before, what they change, close and throw away.

use std::collections::BTreeSet;

use chrono::Utc;
use ivohub::domain::{HubspotId, Object};
use ivohub::sandbox::hubspot::{Limits, Settings};
use serde_json::Value;

use super::project::{Done, PASSES, Project};

const ANN: [&str; 6] = ["p-1", "Jürgen", "Grünwald", "12.11.1984", "j.gruenwald@example.org", "030 23125110"];
const CONSULTATION: [&str; 5] = ["t-1", "p-1", "07.12.2026", "NB_Erstberatung Aligner", "geplant"];
const PIPELINE: &str = "ivohub_behandlungen";
const FIRST_STAGE: &str = "ivohub_neuer_lead";

/// Somebody at the desk knew this person before.
fn known_before(project: &Project, first: &str, last: &str) -> HubspotId {
    project.person_creates(
        Object::Contact,
        &[("firstname", first), ("lastname", last), ("email", "j.gruenwald@example.org"), ("phone", "+491713920014")],
    )
}

fn lead(project: &Project, contact: HubspotId, name: &str, stage: &str) -> HubspotId {
    let lead = project.person_creates(
        Object::Deal,
        &[("dealname", name), ("pipeline", PIPELINE), ("dealstage", stage), ("amount", "1200")],
    );
    project.portal.link((Object::Deal, lead), (Object::Contact, contact)).expect("linked");
    lead
}

fn value(project: &Project, object: Object, id: HubspotId, property: &str) -> String {
    project.portal.record(object, id).expect("it is there").get(property).to_owned()
}

fn noted(done: &Done, what: &str) -> u64 {
    let summary = done.json();
    let listed = summary["listed"].as_array().expect("a list");
    listed.iter().find(|note| note["what"] == what).map_or(0, |note| note["count"].as_u64().expect("a count"))
}

fn account(done: &Done, kind: &str, name: &str) -> u64 {
    let summary = done.json();
    assert_eq!(summary["account"]["kinds"][kind]["unaccounted"], 0, "{summary}");
    summary["account"]["kinds"][kind][name].as_u64().unwrap_or_else(|| panic!("no {name}: {summary}"))
}

#[test]
fn a_contact_with_the_same_email_and_name_is_taken_over_with_what_people_wrote() {
    let project = Project::new();
    // Names agree after folding case and umlauts.
    let contact = known_before(&project, "JUERGEN", "Gruenwald");
    let done = project.patients(&[ANN]).exits(0);
    assert_eq!((account(&done, "patients", "created"), account(&done, "patients", "updated")), (0, 1));
    assert_eq!(project.portal.count(Object::Contact), 1);
    let value = |property| value(&project, Object::Contact, contact, property);
    assert_eq!(value("ivoris_patient_id"), "p-1");
    assert_eq!(value("firstname"), "JUERGEN", "a person's spelling stays");
    assert_eq!(value("phone"), "+491713920014", "a person's number stays");
    assert_eq!(value("email"), "j.gruenwald@example.org");
    assert_eq!(value("ivoris_location"), "nord", "what nobody had is filled in");
}

#[test]
fn an_address_that_belongs_to_somebody_else_stays_there() {
    let project = Project::new();
    let other = known_before(&project, "Petra", "Grünwald");
    let done = project.patients(&[ANN]).exits(0);
    assert_eq!(noted(&done, "e-mail belongs to another contact"), 1, "{}", done.all());
    let ours = project.by_key(Object::Contact, "p-1").expect("written");
    assert_eq!((ours.get("email"), ours.get("ivoris_email")), ("", "j.gruenwald@example.org"));
    let theirs = project.portal.record(Object::Contact, other).expect("there");
    assert_eq!((theirs.get("email"), theirs.get("ivoris_patient_id")), ("j.gruenwald@example.org", ""));
    assert_eq!(theirs.get("firstname"), "Petra");
}

#[test]
fn a_contact_is_not_taken_over_when_two_patients_have_its_address() {
    let project = Project::new();
    let before = known_before(&project, "Jürgen", "Grünwald");
    let child = ["p-2", "Mia", "Grünwald", "30.04.2015", "j.gruenwald@example.org", ""];
    let done = project.patients(&[ANN, child]).exits(0);
    assert_eq!(account(&done, "patients", "created"), 2);
    assert_eq!(value(&project, Object::Contact, before, "ivoris_patient_id"), "");
    for key in ["p-1", "p-2"] {
        let ours = project.by_key(Object::Contact, key).expect("written");
        assert_eq!((ours.get("email"), ours.get("ivoris_email")), ("", "j.gruenwald@example.org"), "{key}");
    }
}

#[test]
fn a_single_lead_at_the_first_stage_becomes_the_deal_of_the_consultation() {
    let project = Project::new();
    let contact = known_before(&project, "Jürgen", "Grünwald");
    let lead = lead(&project, contact, "Anfrage Website", FIRST_STAGE);
    project.patients(&[ANN]).exits(0);
    let done = project.appointments(&[CONSULTATION]).exits(0);
    assert_eq!(project.portal.count(Object::Deal), 1, "{}", done.all());
    let value = |property| value(&project, Object::Deal, lead, property);
    assert_eq!(value("ivoris_appointment_id"), "t-1");
    assert_eq!(value("dealstage"), "ivohub_termin_gebucht");
    assert_eq!(value("dealname"), "Anfrage Website", "a person's name for it stays");
    let visit = project.by_key(Object::Appointment, "t-1").expect("written");
    assert!(project.portal.links(Object::Appointment, visit.id, Object::Deal).contains(&lead));
    let told = project.portal.record(Object::Contact, contact).expect("there");
    assert_eq!(told.get("num_open_deal"), "1");
}

#[test]
fn between_two_leads_nobody_guesses() {
    let project = Project::new();
    let contact = known_before(&project, "Jürgen", "Grünwald");
    let leads = ["Anfrage Website", "Anruf"].map(|name| lead(&project, contact, name, FIRST_STAGE));
    project.patients(&[ANN]).exits(0);
    let done = project.appointments(&[CONSULTATION]);
    assert_eq!(noted(&done, "deal held: several open deals without key"), 1, "{}", done.all());
    assert_eq!(project.portal.count(Object::Deal), 2, "no third one is made");
    leads.iter().for_each(|lead| assert_eq!(value(&project, Object::Deal, *lead, "ivoris_appointment_id"), ""));
    assert!(project.by_key(Object::Appointment, "t-1").is_some(), "the appointment is written all the same");
}

fn live(project: &Project) {
    project.configure("live", "[profile.practice.select]\nminors = \"include\"\n");
}

#[test]
fn deals_of_an_earlier_tool_stop_the_first_write_to_a_live_portal() {
    // An Ivoris id in any property.
    let project = Project::new();
    live(&project);
    project.person_creates(
        Object::Deal,
        &[("dealname", "alt"), ("pipeline", PIPELINE), ("dealstage", FIRST_STAGE), ("ivoris_patient_id", "p-9")],
    );
    let (writing, done) = project.writes_of(|| project.patients(&[ANN]));
    done.exits(4).says(&["deals that look like ours", "(1 on the first page)", "adopt"]);
    assert_eq!(writing, 0);
    assert!(project.status()["portal"].is_null(), "nothing is pinned");
    // Beyond the first stage with a contact of ours.
    let project = Project::new();
    live(&project);
    let contact = project.person_creates(Object::Contact, &[("lastname", "Alt"), ("ivoris_patient_id", "p-9")]);
    lead(&project, contact, "alt", "ivohub_in_behandlung");
    let (writing, done) = project.writes_of(|| project.patients(&[ANN]));
    done.exits(4).says(&["adopt"]);
    assert_eq!(writing, 0);
}

#[test]
fn people_s_own_deals_do_not_stop_a_live_portal() {
    let project = Project::new();
    live(&project);
    let contact = known_before(&project, "Petra", "Ohlsen");
    lead(&project, contact, "Anfrage Website", FIRST_STAGE);
    lead(&project, contact, "Beratung", "ivohub_erstberatung");
    project.patients(&[ANN]).exits(0);
    assert_eq!(project.status()["portal"], 48_100_000, "the portal is pinned at the first write");
}

#[test]
fn what_a_person_changed_stays_and_what_is_ours_comes_back() {
    let project = Project::new();
    project.patients(&[ANN]).exits(0);
    let contact = project.by_key(Object::Contact, "p-1").expect("written").id;
    project.person_edits(Object::Contact, contact, &[("phone", "+4989123456"), ("ivoris_location", "sued")]);
    // Nothing changed in Ivoris: nothing is read or written.
    let (writing, _) = project.writes_of(|| project.patients(&[ANN]).exits(0));
    assert_eq!(writing, 0);
    let mut moved = ANN;
    moved[2] = "Grünwald-Lenz";
    moved[5] = "030 23125199";
    project.patients(&[moved]).exits(0);
    let value = |property| value(&project, Object::Contact, contact, property);
    assert_eq!(value("lastname"), "Grünwald-Lenz", "untouched by people: the new value is written");
    assert_eq!(value("phone"), "+4989123456", "if_tool: the person's value stays");
    assert_eq!(value("ivoris_location"), "nord", "always: restored");
}

#[test]
fn a_deal_that_a_person_closed_is_left_alone() {
    let project = Project::new();
    project.patients(&[ANN]).exits(0);
    project.appointments(&[CONSULTATION]).exits(0);
    let deal = project.by_key(Object::Deal, "t-1").expect("opened").id;
    project.person_edits(Object::Deal, deal, &[("dealstage", "ivohub_verloren"), ("closed_lost_reason", "Preis")]);
    let before = project.portal.record(Object::Deal, deal).expect("there");
    let mut completed = CONSULTATION;
    completed[2] = "02.11.2026";
    completed[4] = "fertig";
    let done = project.appointments(&[completed]);
    assert_eq!(noted(&done, "deal held: locked or closed by a person"), 1, "{}", done.all());
    let after = project.portal.record(Object::Deal, deal).expect("there");
    for property in ["dealstage", "closed_lost_reason", "closedate", "amount", "dealname"] {
        assert_eq!(after.get(property), before.get(property), "{property}");
    }
    assert_eq!(project.portal.count(Object::Deal), 1, "and no other is opened");
}

#[test]
fn a_contact_in_the_bin_is_not_made_again() {
    let project = Project::new();
    project.patients(&[ANN]).exits(0);
    let contact = project.by_key(Object::Contact, "p-1").expect("written").id;
    project.portal.archive(Object::Contact, contact, Utc::now()).expect("archived");
    let mut moved = ANN;
    moved[5] = "030 23125199";
    let done = project.patients(&[moved]).exits(3).says(&["gone in HubSpot"]);
    assert_eq!(account(&done, "patients", "held"), 1);
    assert_eq!(project.portal.count(Object::Contact), 0);
    let status = project.status();
    assert_eq!(status["held"][0]["count"], 1, "{status}");
    project.run(&["migrate-patients", "--drain-only", "--yes"]).exits(3);
    assert_eq!(project.portal.count(Object::Contact), 0);
}

#[test]
fn a_wrong_token_is_refused_with_exit_4_and_not_shown() {
    let settings = Settings { token: Some("pat-eu1-the-right-one".to_owned()), ..Settings::default() };
    let project = Project::bare(settings);
    for args in [
        &["hubspot-schema", "apply", "--yes"][..],
        &["migrate-patients", "--input", "samples/patienten.csv", "--yes"],
        &["migrate-patients", "--input", "samples/patienten.csv", "--dry-run", "-vv"],
    ] {
        let done = project.run(args).exits(4);
        assert!(!done.all().contains(super::project::TOKEN), "{}", done.all());
        assert!(done.all().contains("token"), "{}", done.all());
    }
    assert_eq!(project.writing(), 0);
}

#[test]
fn another_portal_than_the_configured_one_is_refused() {
    let project = Project::new();
    let wrong =
        project.run(&["migrate-patients", "--input", "samples/patienten.csv", "--yes", "--set", "hubspot.portal=4711"]);
    wrong.exits(4).says(&["48100000", "4711"]);
    assert_eq!(project.portal.count(Object::Contact), 0);
}

fn other_portal() -> Settings {
    Settings { portal_id: 48_200_000, limits: Limits::unlimited(), ..Settings::default() }
}

#[test]
fn a_state_of_another_portal_is_refused_with_both_ways_out() {
    let mut project = Project::new();
    project.load();
    let wanted = project.picture();
    project.move_to(other_portal());
    project.apply_schema();
    let records = project.records();
    for (command, file) in PASSES {
        let input = format!("samples/{file}");
        let (writing, done) = project.writes_of(|| project.run(&[command, "--input", &input, "--yes"]));
        done.exits(4).says(&["48100000", "48200000", "ivohub state rebuild", "--fresh"]);
        assert_eq!(writing, 0);
    }
    assert!(project.records() == records, "the state is as before");
    // One way: what was read stays and goes to the new portal.
    project.run(&["state", "rebuild", "--yes"]).exits(0);
    for (command, _) in PASSES {
        let done = project.run(&[command, "--drain-only", "--yes"]);
        assert!([0, 3].contains(&done.exit), "{}", done.all());
    }
    project.looks_like(&wanted);
    assert_eq!(project.status()["portal"], 48_200_000);
    // The other way, back at an empty portal: the old state is put aside.
    project.move_to(Settings { portal_id: 48_300_000, ..other_portal() });
    project.apply_schema();
    let done = project.run(&["migrate-patients", "--input", "samples/patienten.csv", "--yes", "--fresh"]).exits(3);
    done.says(&["48200000", "put aside"]);
    project.pass(1).exits(3);
    project.pass(2).exits(3);
    project.looks_like(&wanted);
}

#[test]
fn a_lost_state_costs_reads_and_never_duplicates() {
    let project = Project::new();
    project.load();
    let (wanted, records) = (project.picture(), Object::ALL.map(|object| project.portal.count(object)));
    project.run(&["state", "rebuild", "--yes"]).exits(0).says(&["queued again", "--drain-only"]);
    project.portal.reset_counters();
    for (command, _) in PASSES {
        let done = project.run(&[command, "--drain-only", "--yes"]);
        assert!([0, 3].contains(&done.exit), "{}", done.all());
    }
    untouched(&project, &wanted, records);
    // The state file is gone altogether: the same exports are read again.
    std::fs::remove_dir_all(project.path(".ivohub")).expect("removed");
    project.load();
    untouched(&project, &wanted, records);
    let summary: Value = project.pass(1).json();
    assert_eq!(summary["calls"]["write"], 0, "{summary}");
}

fn untouched(project: &Project, wanted: &BTreeSet<String>, records: [usize; 3]) {
    let counters = project.portal.counters();
    assert_eq!((counters.created, counters.duplicates), (0, 0));
    assert_eq!(Object::ALL.map(|object| project.portal.count(object)), records);
    project.looks_like(wanted);
}
