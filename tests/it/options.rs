//! What the options of the passes promise, one by one.

use std::collections::BTreeSet;
use std::fs;
use std::time::{Duration, Instant};

use ivohub::domain::Object;
use ivohub::sandbox::hubspot::{Fault, Faults, Limits, Profile, Scope, Settings};
use serde_json::Value;

use super::project::{Done, PASSES, Project};

const PATIENTS: [&str; 3] = ["migrate-patients", "--input", "samples/patienten.csv"];
const TERMINE: [&str; 3] = ["migrate-appointments", "--input", "samples/termine.csv"];
const ANN: [&str; 6] = ["p-1", "Ann", "Grünwald", "12.11.1984", "", ""];

fn with<'a>(args: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    [args, more, &["--yes", "--json"]].concat()
}

fn number(done: &Done, kind: &str, name: &str) -> u64 {
    let summary = done.json();
    let account = &summary["account"]["kinds"][kind];
    assert_eq!(account["unaccounted"], 0, "{summary}");
    account[name].as_u64().unwrap_or_else(|| panic!("no {name}: {summary}"))
}

#[test]
fn limit_only_and_practice_take_a_part_and_the_rest_later_ends_alike() {
    let whole = Project::new();
    whole.load();
    let project = Project::new();
    let done = project.run(&with(&PATIENTS, &["--limit", "7"])).exits(0);
    assert_eq!((number(&done, "patients", "read"), project.portal.count(Object::Contact)), (7, 7));
    // By id, by file, in upper case and braces as the export spells it.
    let one = "A1000000-0000-4000-8000-000000000020";
    let done = project.run(&with(&PATIENTS, &["--only", &format!("{{{one}}}")]));
    assert_eq!(number(&done, "patients", "created"), 1, "{}", done.all());
    project.put("ids.txt", "a1000000-0000-4000-8000-000000000021\n\na1000000-0000-4000-8000-000000000022\n");
    let done = project.run(&with(&PATIENTS, &["--only", "@ids.txt"]));
    assert_eq!(number(&done, "patients", "created"), 2, "{}", done.all());
    assert_eq!(project.portal.count(Object::Contact), 10);
    let done = project.run(&with(&PATIENTS, &["--practice", "sued"]));
    assert!(number(&done, "patients", "created") > 20, "{}", done.all());
    let places = |project: &Project| -> Vec<String> {
        project.portal.live(Object::Contact).iter().map(|contact| contact.get("ivoris_location").to_owned()).collect()
    };
    let sued = places(&project).iter().filter(|place| *place == "sued").count();
    assert_eq!(sued, places(&whole).iter().filter(|place| *place == "sued").count());
    assert!(places(&project).len() < 10 + sued + 1);
    project.load();
    // Who came first keeps an address that the family shares; all else is as if loaded at once.
    let but_contacts = |project: &Project| -> BTreeSet<String> {
        project.picture().into_iter().filter(|line| !line.starts_with("contact")).collect()
    };
    assert_eq!(but_contacts(&project), but_contacts(&whole));
    assert_eq!(project.portal.count(Object::Contact), whole.portal.count(Object::Contact));
}

#[test]
fn days_take_a_part_and_the_rest_later_ends_alike() {
    let project = Project::new();
    project.pass(0).exits(3);
    let days = |project: &Project| -> BTreeSet<String> {
        let visits = project.portal.live(Object::Appointment);
        visits.iter().map(|visit| visit.get("hs_appointment_start").chars().take(10).collect()).collect()
    };
    let done = project.run(&with(&TERMINE, &["--since", "2026-11-01", "--until", "2026-11-30"])).exits(3);
    assert!(number(&done, "appointments", "created") > 0 && number(&done, "appointments", "skipped") > 0);
    assert!(days(&project).iter().all(|day| day.starts_with("2026-11-")), "{:?}", days(&project));
    let skipped = done.json()["account"]["skipped"].to_string();
    assert!(skipped.contains("left out by --since and --until"), "{skipped}");
    project
        .run(&with(&TERMINE, &["--since", "2026-11-30", "--until", "2026-11-01"]))
        .exits(2)
        .says(&["no day is left"]);
    project.run(&with(&PATIENTS, &["--since", "7d"])).says(&["a patient has no day"]);
    let whole = Project::new();
    whole.load();
    project.load();
    assert_eq!(days(&project), days(&whole));
}

#[test]
fn the_source_is_said_or_follows_from_what_is_there() {
    let project = Project::new();
    let refused = |args: &[&str], words: &[&str]| {
        project.run(&[&["migrate-patients"], args, &["--yes"]].concat()).exits(2).says(words);
    };
    refused(&[], &["needs a file to read", "--input FILE, --source api to read from Ivoris itself"]);
    refused(&["--source", "csv"], &["needs a file to read"]);
    refused(&["--source", "api", "--input", "samples/patienten.csv"], &["--input does not fit --source api"]);
    refused(
        &["--input", "samples/patienten.csv", "--max-duration", "8h"],
        &["--max-duration does not fit --source csv"],
    );
    refused(&["--source", "xlsx"], &["api", "csv"]);
    assert_eq!(project.portal.count(Object::Contact), 0);
}

#[test]
fn an_id_that_is_none_and_an_unknown_one_say_so() {
    let project = Project::new();
    project.run(&with(&PATIENTS, &["--only", "1,5E+04"])).exits(2);
    let done = project.run(&with(&PATIENTS, &["--only", "nobody"]));
    assert_eq!(number(&done, "patients", "created"), 0, "{}", done.all());
    assert_eq!(project.portal.count(Object::Contact), 0);
}

#[test]
fn a_file_that_names_no_location_needs_an_instance() {
    let project = Project::new();
    project.put("a.csv", "Patient-ID;Nachname;Vorname\np-1;Grünwald;Ann\n");
    let args = ["migrate-patients", "--input", "a.csv"];
    project.run(&with(&args, &[])).exits(2).says(&["a.csv:1", "--instance with one of nord, sued"]);
    project.run(&with(&args, &["--instance", "sued"])).exits(0);
    assert!(project.by_key(Object::Contact, "sued-p-1").is_some(), "the key carries the instance's prefix");
}

#[test]
fn patients_without_an_id_are_keyed_by_their_number_when_the_operator_says_so() {
    let project = Project::new();
    project.put("a.csv", "Pat.-Nr.;Nachname;Vorname;Standort\n1017;Grünwald;Ann;KFO Nord\n");
    project.put("t.csv", "Termin-ID;Pat.-Nr.;Datum;Beginn;Ende;Terminart;Status;Standort\nt-1;1017;07.12.2026;09:00;09:30;Erstberatung Aligner;geplant;KFO Nord\n");
    let args = ["migrate-patients", "--input", "a.csv"];
    project.run(&with(&args, &[])).exits(3).says(&["no Patient-ID is given; with --number-keys"]);
    assert_eq!(project.portal.count(Object::Contact), 0);
    project.run(&with(&args, &["--number-keys"])).exits(0);
    let contact = project.by_key(Object::Contact, "nr-1017").expect("keyed by number");
    project.run(&with(&["migrate-appointments", "--input", "t.csv"], &["--number-keys"])).exits(0);
    let visit = project.by_key(Object::Appointment, "t-1").expect("written");
    assert!(project.portal.links(Object::Appointment, visit.id, Object::Contact).contains(&contact.id));
    // The id that arrives later becomes an alias: nobody is doubled.
    project.put("a.csv", "Pat.-Nr.;Patient-ID;Nachname;Vorname;Standort\n1017;p-17;Grünwald;Anna;KFO Nord\n");
    let done = project.run(&with(&args, &[]));
    assert_eq!(project.portal.count(Object::Contact), 1, "{}", done.all());
    let contact = project.by_key(Object::Contact, "nr-1017").expect("a written key never changes");
    assert_eq!(contact.get("firstname"), "Anna");
}

#[test]
fn fetching_asks_hubspot_nothing_and_draining_writes_what_was_fetched() {
    let whole = Project::new();
    whole.load();
    let project = Project::new();
    project.portal.reset_counters();
    for (command, file) in PASSES {
        let input = format!("samples/{file}");
        let done = project.run(&[command, "--input", &input, "--fetch-only"]);
        assert!([0, 3].contains(&done.exit), "{}", done.all());
        done.says(&[&format!("ivohub {command} --drain-only"), "unaccounted 0", "queued "]);
    }
    assert_eq!(project.portal.counters().calls, 0);
    let status = project.status();
    let queued = |status: &Value| -> Vec<u64> {
        status["queues"]
            .as_array()
            .expect("queues")
            .iter()
            .map(|queue| queue["queued"].as_u64().expect("a count"))
            .collect()
    };
    assert!(queued(&status).iter().all(|count| *count > 100), "{status}");
    for (command, _) in PASSES {
        let done = project.run(&[command, "--drain-only", "--yes"]);
        assert!([0, 3].contains(&done.exit), "{}", done.all());
        let done = done.all();
        // A patient's file is planned whole: what a later pass would drain may be done already.
        assert!(!done.contains("from queue") || done.contains("unaccounted 0"), "{done}");
    }
    assert_eq!(queued(&project.status()), [0, 0, 0]);
    project.looks_like(&whole.picture());
}

#[test]
fn requeue_looks_again_after_a_change_of_the_tables() {
    let project = Project::new();
    project.load();
    let again = ["migrate-appointments", "--requeue", "--drain-only", "--yes", "--json"];
    let (writing, done) = project.writes_of(|| project.run(&again).exits(3));
    assert_eq!(writing, 0, "the same tables decide the same: {}", done.all());
    let held = number(&done, "appointments", "held");
    let table = fs::read_to_string(project.path("mappings/status.csv")).expect("UTF-8");
    project.put("mappings/status.csv", format!("{table}State;verschoben?;moved;\n"));
    let (writing, done) = project.writes_of(|| project.run(&again).exits(3));
    assert_eq!(number(&done, "appointments", "held"), held - 1, "{}", done.all());
    assert!(writing > 0);
    let moved = project.portal.find(Object::Appointment, "ivoris_appointment_status", "moved");
    assert!(!moved.is_empty());
}

#[test]
fn what_a_run_left_unsent_is_sent_first_or_planned_anew_with_fresh() {
    for fresh in [false, true] {
        let project = Project::new();
        // The portal's day is over before the first write.
        project.portal.set_faults(Faults { scope: Scope::Records, daily: 1.0, ..Faults::default() });
        let done = project.run(&with(&PATIENTS, &[]));
        assert_eq!(done.exit, 6, "{}", done.all());
        done.says(&["to carry on: ivohub migrate-patients --input samples/patienten.csv"]);
        assert_eq!(project.portal.count(Object::Contact), 0);
        assert!(
            project.status()["outbox"]["planned"].as_u64().is_some_and(|planned| planned > 100),
            "{}",
            project.status()
        );
        project.portal.set_faults(Faults::none());
        let more: &[&str] = if fresh { &["--fresh"] } else { &[] };
        let done = project.run(&with(&PATIENTS, more)).exits(3);
        let carried = &done.json()["carried"];
        let (kept, dropped) =
            (carried["kept"].as_u64().expect("a count"), carried["dropped"].as_u64().expect("a count"));
        assert_eq!((kept > 100, dropped > 100), (!fresh, fresh), "{carried}");
        let whole = Project::new();
        whole.pass(0).exits(3);
        project.looks_like(&whole.picture());
        assert_eq!(project.portal.counters().duplicates, 0);
    }
}

#[test]
fn a_dry_run_with_detailed_exitcode_tells_changes_from_none() {
    let project = Project::bare(Settings { limits: Limits::unlimited(), ..Settings::default() });
    project.run(&["hubspot-schema", "plan", "--detailed-exitcode"]).exits(10);
    project.run(&["hubspot-schema", "plan"]).exits(0);
    project.apply_schema();
    project.run(&["hubspot-schema", "plan", "--detailed-exitcode"]).exits(0).says(&["needs nothing"]);
    project.patients(&[ANN]).exits(0);
    let dry = ["migrate-patients", "--input", "patients.csv", "--dry-run", "--detailed-exitcode"];
    project.run(&dry).exits(0);
    let mut moved = ANN;
    moved[2] = "Grünwald-Lenz";
    let rows =
        format!("Patient-ID;Vorname;Nachname;Geburtsdatum;E-Mail;Tel. privat;Standort\n{};KFO Nord\n", moved.join(";"));
    project.put("patients.csv", rows);
    project.run(&dry).exits(10);
    project.run(&["migrate-patients", "--input", "patients.csv", "--dry-run"]).exits(0);
}

#[test]
fn a_second_run_on_the_same_state_waits_or_goes() {
    let project = Project::new();
    project.portal.set_faults(Faults { slow: 1.0, slow_ms: 700, ..Faults::default() });
    let mut first = project.command(&with(&PATIENTS, &[]));
    let out = fs::File::create(project.path("first.out")).expect("a file");
    let err = fs::File::create(project.path("first.err")).expect("a file");
    let mut first = first.stdout(out).stderr(err).spawn().expect("it starts");
    let lock = project.path(".ivohub/practice/state.lock");
    let begun = Instant::now();
    while !fs::read_to_string(&lock).is_ok_and(|text| text.contains("migrate-patients")) {
        assert!(begun.elapsed() < Duration::from_mins(1), "the first run takes its lock");
        std::thread::sleep(Duration::from_millis(10));
    }
    let done = project.run(&with(&TERMINE, &[])).exits(11);
    done.says(&["migrate-patients (process ", "is at work on", "--lock-wait 10m"]);
    let status = project.status();
    assert!(status["at_work"].as_str().is_some_and(|who| who.starts_with("migrate-patients (process ")), "{status}");
    let done = project.run(&with(&TERMINE, &["--lock-wait", "5m"])).exits(3);
    assert!(number(&done, "appointments", "created") > 500);
    assert_eq!(first.wait().expect("it ends").code(), Some(3));
    assert!(project.status()["at_work"].is_null());
}

#[test]
fn the_grain_of_deals_is_a_matter_of_configuration() {
    let rows = [
        ["t-1", "p-1", "02.09.2026", "Erstberatung Aligner", "fertig"],
        ["t-2", "p-1", "14.09.2026", "Planbesprechung", "fertig"],
        ["t-3", "p-1", "07.12.2026", "Kontrolle Aligner", "geplant"],
    ];
    for (more, deals) in [
        ("", 1),
        ("[profile.practice.deals]\ngrain = \"case\"\n", 1),
        ("[profile.practice.deals]\ngrain = \"appointment\"\n", 2),
    ] {
        let project = Project::new();
        project.configure("sandbox", more);
        project.patients(&[ANN]).exits(0);
        project.appointments(&rows).exits(0);
        assert_eq!(project.portal.count(Object::Deal), deals, "{more}");
        let last = project.by_key(Object::Appointment, "t-3").expect("written");
        assert_eq!(project.portal.links(Object::Appointment, last.id, Object::Deal).len(), 1, "{more}");
        let contact = project.by_key(Object::Contact, "p-1").expect("written");
        assert_eq!(contact.get("num_open_deal"), deals.to_string());
    }
}

#[test]
fn without_hubspot_appointments_deals_are_made_all_the_same() {
    let rows = [["t-1", "p-1", "07.12.2026", "Erstberatung Aligner", "geplant"]];
    // Switched off by the operator.
    let project = Project::new();
    project.patients(&[ANN]).exits(0);
    let text = fs::read_to_string(project.path("ivohub.toml")).expect("UTF-8");
    project.put("ivohub.toml", text.replace("base_url", "appointment_objects = false\nbase_url"));
    let done = project.appointments(&rows).exits(0).says(&["HubSpot appointments are switched off"]);
    assert_eq!(number(&done, "appointments", "skipped"), 1);
    assert_eq!((project.portal.count(Object::Deal), project.portal.count(Object::Appointment)), (1, 0));
    // Switched off in the portal, or without unique properties there.
    let off = [
        Profile { appointments: false, ..Profile::default() },
        Profile { appointment_unique: false, ..Profile::default() },
    ];
    for profile in off {
        let project = Project::bare(Settings { limits: Limits::unlimited(), profile, ..Settings::default() });
        project.run(&["hubspot-schema", "apply", "--yes"]).exits(0).says(&["appointment"]);
        project.patients(&[ANN]).exits(0);
        let done = project.appointments(&rows).exits(0).says(&["HubSpot appointments are switched off"]);
        assert!(done.stderr.contains("appointment"), "the run says why: {}", done.all());
        assert_eq!((project.portal.count(Object::Deal), project.portal.count(Object::Appointment)), (1, 0));
    }
}

#[test]
fn a_portal_without_the_schema_is_refused_with_the_command_that_makes_it() {
    let project = Project::bare(Settings { limits: Limits::unlimited(), ..Settings::default() });
    for (command, file) in PASSES {
        let input = format!("samples/{file}");
        for more in ["--yes", "--dry-run"] {
            let (writing, done) = project.writes_of(|| project.run(&[command, "--input", &input, more]));
            done.exits(4).says(&["hubspot-schema apply", "ivoris_patient_id"]);
            assert_eq!(writing, 0);
        }
    }
    assert!(project.records().is_empty());
}

#[test]
fn what_hubspot_refuses_is_held_with_its_code_and_can_be_sent_again() {
    let project = Project::new();
    project.portal.next_faults(std::iter::repeat_n(Fault::Nothing, 9).chain([Fault::Partial]));
    let done = project.pass(0).exits(3);
    let refused = done.json()["account"]["written"]["contact"]["refused"].as_u64().expect("a count");
    assert!(refused > 0, "{}", done.all());
    done.says(&["refused by HubSpot: "]);
    let (_, again) =
        project.writes_of(|| project.run(&["migrate-patients", "--requeue", "--drain-only", "--yes", "--json"]));
    assert!([0, 3].contains(&again.exit), "{}", again.all());
    let whole = Project::new();
    whole.pass(0).exits(3);
    project.looks_like(&whole.picture());
}
