//! What cannot be read for good: one open gap, everything else complete; the next run closes it by itself.

use std::collections::BTreeSet;

use ivohub::domain::Object;
use ivohub::sandbox::ivoris::{Data, Settings};
use ivohub::sandbox::seed;
use serde_json::Value;

use super::Site;

fn site() -> Site {
    let data = Data::seed(&seed::Settings { patients: 8, ..seed::Settings::default() });
    Site::new(Settings::exact(), data)
}

/// A healthy twin: how its passes end, and what it leaves in HubSpot.
fn twin() -> (Vec<i32>, BTreeSet<String>) {
    let site = site();
    let exits = site.load().iter().map(|done| done.exit).collect();
    (exits, site.project.picture())
}

/// All gaps that status shows.
fn gaps(site: &Site) -> Vec<Value> {
    site.project.status()["reading"]["gaps"].as_array().expect("a list").clone()
}

fn known_entries(site: &Site) -> usize {
    let status = site.project.status();
    let entries = status["queues"].as_array().and_then(|all| all.iter().find(|one| one["kind"] == "entries"));
    usize::try_from(entries.expect("entries")["records"].as_u64().expect("a number")).expect("few")
}

#[test]
fn a_day_is_one_gap_until_it_can_be_read() {
    let (exits, wanted) = twin();
    assert_eq!(exits, [0, 0, 0]);
    let site = site();
    site.pass("migrate-patients", &[]).exits(0);
    let all = site.practice.appointments("nord");
    let day = all.get(7).expect("appointments").begin.date();
    let hidden = all.iter().filter(|one| one.begin.date() == day).count();
    site.practice.change_faults(|faults| {
        faults.days.insert(("nord".to_owned(), day));
    });
    let text = day.to_string();
    site.pass("migrate-appointments", &[]).exits(3).says(&["nord: ", &text, "the next run tries again"]);
    let [gap] = &*gaps(&site) else { panic!("one gap: {:?}", gaps(&site)) };
    for (name, value) in
        [("instance", "nord"), ("kind", "appointments"), ("from", &text), ("to", &text), ("note", "504")]
    {
        assert!(gap[name].as_str().is_some_and(|have| have.contains(value)), "{name}: {gap}");
    }
    assert_eq!(gap["next"], "ivohub migrate-appointments --source api");
    let count = site.practice.appointments("sued").len() + all.len() - hidden;
    assert_eq!(site.project.portal.live(Object::Appointment).len(), count, "everything else is complete");
    // Still there, counted again, and never more than one.
    site.pass("migrate-appointments", &[]).exits(3);
    let [again] = &*gaps(&site) else { panic!("one gap: {:?}", gaps(&site)) };
    assert_eq!((&again["attempts"], &again["since"]), (&Value::from(2), &gap["since"]));
    let seen = site.project.run(&["status"]).exits(0).all();
    assert!(seen.contains(&text) || seen.contains(&day.format("%d.%m.%Y").to_string()), "{seen}");

    site.practice.heal();
    site.pass("migrate-appointments", &[]).exits(0);
    assert_eq!(gaps(&site), Vec::<Value>::new());
    site.pass("backfill-entries", &[]).exits(0);
    site.project.looks_like(&wanted);
}

#[test]
fn a_gap_is_closed_by_a_run_that_looks_elsewhere() {
    let site = site();
    site.pass("migrate-patients", &[]).exits(0);
    let all = site.practice.appointments("sued");
    let day = all.iter().map(|one| one.begin.date()).min().expect("appointments");
    site.practice.change_faults(|faults| {
        faults.days.insert(("sued".to_owned(), day));
    });
    site.pass("migrate-appointments", &[]).exits(3);
    site.practice.heal();
    site.practice.reset_counters();
    site.pass("migrate-appointments", &["--since", "7d", "--until", "+7d"]).exits(0);
    assert_eq!(gaps(&site), Vec::<Value>::new());
    let asked = site.practice.log();
    let windows = asked.iter().filter(|one| one.action == Some("AllAppointments"));
    let begins: BTreeSet<_> = windows.filter_map(|one| one.param("begin")).map(ToOwned::to_owned).collect();
    assert!(begins.contains(&day.to_string()) && begins.len() <= 5, "{begins:?}");
}

#[test]
fn a_chart_is_one_gap_until_it_can_be_read() {
    let (_, wanted) = twin();
    let site = site();
    for command in ["migrate-patients", "migrate-appointments"] {
        site.pass(command, &[]).exits(0);
    }
    let entries = site.practice.entries("sued");
    let patient = entries.first().expect("entries").patient.clone();
    site.practice.change_faults(|faults| {
        faults.patients.insert(patient.clone());
    });
    let done = site.pass("backfill-entries", &[]).exits(3);
    assert!(!done.all().contains(&patient), "ids of people are not shown: {}", done.all());
    let [gap] = &*gaps(&site) else { panic!("one gap: {:?}", gaps(&site)) };
    assert_eq!((&gap["instance"], &gap["kind"]), (&Value::from("sued"), &Value::from("entries")));
    let others = known_entries(&site);

    site.practice.heal();
    site.pass("backfill-entries", &[]).exits(0);
    assert_eq!(gaps(&site), Vec::<Value>::new());
    let own = entries.iter().filter(|one| one.patient == patient).count();
    assert_eq!(known_entries(&site), others + own, "everybody else's entries were there");
    site.project.looks_like(&wanted);
}

#[test]
fn a_page_of_patients_is_a_gap_and_the_pull_goes_on_there() {
    let site = site();
    let fault = ivohub::sandbox::ivoris::Fault::GatewayTimeout;
    site.practice.change_faults(|faults| *faults = faults.clone().on("AllPatients", fault, 1.0));
    let done = site.pass("migrate-patients", &[]);
    assert!([3, 5].contains(&done.exit), "{}", done.all());
    assert!(!gaps(&site).is_empty());
    site.practice.set_faults(ivohub::sandbox::ivoris::Faults::none());
    site.pass("migrate-patients", &[]).exits(0);
    assert_eq!(gaps(&site), Vec::<Value>::new());
    assert_eq!(site.project.portal.live(Object::Contact).len(), 8);
}
