//! Only what `[select]` names leaves the host, and people can lock a deal.

use ivohub::domain::Object;

use super::project::{Done, PASSES, Project, Table};

fn live(select: &str) -> Project {
    let project = Project::new();
    project
        .configure("live", &format!("[profile.practice.select]\n{select}\n[profile.practice.guard]\ncreates = 5000\n"));
    project
}

fn load(project: &Project) -> Vec<Done> {
    (0..PASSES.len()).map(|at| project.pass(at).exits(3)).collect()
}

fn number(done: &Done, kind: &str, name: &str) -> u64 {
    let summary = done.json();
    assert_eq!(summary["account"]["kinds"][kind]["unaccounted"], 0, "{summary}");
    summary["account"]["kinds"][kind][name].as_u64().unwrap_or_else(|| panic!("no {name}: {summary}"))
}

/// Born 2014 or later: minors until 2031.
fn children() -> Vec<String> {
    let patients = Table::of_sample("patienten.csv");
    let year = |row: &[String]| {
        patients.cell(row, "Geburtsdatum").rsplit('.').next().and_then(|year| year.parse::<u32>().ok())
    };
    let young = patients.rows.iter().filter(|(_, row)| year(row).is_some_and(|year| (2014..2026).contains(&year)));
    young.map(|(_, row)| patients.cell(row, "Patient-ID").to_lowercase()).collect()
}

#[test]
fn minors_stay_where_they_are_unless_the_operator_includes_them() {
    let project = live("minors = \"skip\"");
    let done = load(&project);
    let children = children();
    assert!(children.len() > 20);
    let everybody = Project::new();
    everybody.load();
    let there = |project: &Project, id: &str| {
        ["", "sued-"].iter().any(|prefix| project.by_key(Object::Contact, &format!("{prefix}{id}")).is_some())
    };
    for child in &children {
        assert!(!there(&project, child), "{child}");
    }
    assert!(children.iter().filter(|child| there(&everybody, child)).count() > 20);
    for (done, kind) in done.iter().zip(["patients", "appointments", "entries"]) {
        assert!(number(done, kind, "skipped") > 20, "{kind}");
    }
    // Nothing of them came by another way.
    let names = project.portal.live(Object::Appointment);
    assert!(names.iter().all(|visit| !project.portal.links(Object::Appointment, visit.id, Object::Contact).is_empty()));
}

#[test]
fn locations_and_days_narrow_what_leaves() {
    let project = live("minors = \"include\"\nlocations = [\"sued\"]\nappointments = { from = \"2026-01-01\" }");
    load(&project);
    let visits = project.portal.live(Object::Appointment);
    assert!(visits.len() > 20);
    for visit in &visits {
        assert!(visit.get("hs_appointment_start") >= "2025-12-31T23", "{}", visit.get("hs_appointment_start"));
        let contacts = project.portal.links(Object::Appointment, visit.id, Object::Contact);
        let contact = project.portal.record(Object::Contact, *contacts.first().expect("a contact")).expect("there");
        assert_eq!(contact.get("ivoris_location"), "sued");
    }
    assert!(project.portal.live(Object::Contact).iter().all(|contact| contact.get("ivoris_location") == "sued"));
}

#[test]
fn the_standing_guard_of_a_live_portal_needs_no_flag() {
    let project = Project::new();
    project
        .configure("live", "[profile.practice.select]\nminors = \"include\"\n[profile.practice.guard]\ncreates = 20\n");
    let (writing, done) = project.writes_of(|| project.pass(0));
    done.exits(8).says(&["--max-creates", "\"allowed\":20"]);
    assert_eq!(writing, 0);
}

#[test]
fn a_deal_that_people_locked_is_not_touched() {
    let project = Project::new();
    let ann = ["p-1", "Ann", "Grünwald", "12.11.1984", "", ""];
    project.patients(&[ann]).exits(0);
    project.appointments(&[["t-1", "p-1", "02.11.2026", "Erstberatung Aligner", "geplant"]]).exits(0);
    let deal = project.by_key(Object::Deal, "t-1").expect("opened").id;
    project.person_edits(Object::Deal, deal, &[("ivohub_lock", "true")]);
    let before = project.portal.record(Object::Deal, deal).expect("there");
    let done = project.appointments(&[["t-1", "p-1", "02.11.2026", "Erstberatung Aligner", "abgesagt"]]);
    assert!(done.all().contains("deal held: locked or closed by a person"), "{}", done.all());
    let after = project.portal.record(Object::Deal, deal).expect("there");
    assert_eq!(after.get("dealstage"), before.get("dealstage"));
    // The lock is lifted: the same is looked at again.
    project.person_edits(Object::Deal, deal, &[("ivohub_lock", "")]);
    project.run(&["migrate-appointments", "--requeue", "--drain-only", "--yes"]).exits(0);
    assert_eq!(project.portal.record(Object::Deal, deal).expect("there").get("dealstage"), "ivohub_verloren");
}

#[test]
fn each_run_says_under_whose_responsibility_it_happens() {
    let project = Project::new();
    let compliance = "[profile.practice.compliance]\ncontroller = \"Zahngruppe Nord\"\nbasis = \"Vertrag\"\ncontract_date = \"2026-01-15\"\nhosting = \"eu1\"\n";
    project.configure("sandbox", compliance);
    let done = project.pass(0).exits(3);
    assert_eq!(done.json()["compliance"]["controller"], "Zahngruppe Nord");
    done.says(&["run begins", "controller=\"Zahngruppe Nord\"", "hosting=eu1"]);
}
