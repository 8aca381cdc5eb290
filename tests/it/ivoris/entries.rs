//! Visits whose entries are missing: said by whole charts only, and only long enough after the visit.

use chrono::{Days, NaiveTime, Utc};
use ivohub::domain::Object;
use ivohub::sandbox::ivoris::{Appointment, Change, Data, Entry, Patient, Settings};
use ivohub::sandbox::seed;

use super::Site;

const PATIENT: &str = "0000000f-aaaa-4aaa-8aaa-000000000001";
const VISIT: &str = "0000000f-bbbb-4bbb-8bbb-000000000001";
const ENTRY: &str = "0000000f-cccc-4ccc-8ccc-000000000001";

/// A practice where somebody was seen 20 days ago, and nothing was written into the chart.
fn seen() -> Site {
    let data = Data::seed(&seed::Settings { patients: 3, ..seed::Settings::default() });
    let site = Site::new(Settings::exact(), data);
    let pattern = site.practice.patients("nord").remove(0);
    let patient = Patient {
        id: PATIENT.to_owned(),
        first: "Ute".to_owned(),
        email: String::new(),
        number: "99001".to_owned(),
        ..pattern
    };
    change(&site, Change::PatientAdded { patient: Box::new(patient), place: None });
    let day = Utc::now().date_naive() - Days::new(20);
    let visit = Appointment {
        id: VISIT.to_owned(),
        patient: Some(PATIENT.to_owned()),
        begin: day.and_time(NaiveTime::from_hms_opt(9, 0, 0).expect("a time")),
        end: None,
        template: "Erstberatung Aligner".to_owned(),
        state: "Completed".to_owned(),
        ..site.practice.appointments("nord").remove(0)
    };
    change(&site, Change::AppointmentAdded { appointment: Box::new(visit) });
    for command in ["migrate-patients", "migrate-appointments"] {
        pass(&site, command, &[]);
    }
    site
}

fn change(site: &Site, change: Change) {
    assert!(site.practice.change("nord", change, Utc::now()), "it is there");
}

fn pass(site: &Site, command: &str, more: &[&str]) -> String {
    let done = site.pass(command, more);
    assert!([0, 3].contains(&done.exit), "{}", done.all());
    done.all()
}

fn entries(site: &Site, more: &[&str]) -> String {
    pass(site, "backfill-entries", more)
}

fn flag(site: &Site) -> String {
    site.project.by_key(Object::Deal, VISIT).expect("a deal").get("ivoris_flag").to_owned()
}

/// All charts were read so many days earlier.
fn read_earlier(site: &Site, days: u32) {
    let state = rusqlite::Connection::open(site.project.path(".ivohub/practice/state.db")).expect("the state");
    let changed = state.execute("UPDATE entries_read SET last = last - ?1", [days]).expect("written");
    assert!(changed > 0, "charts were read");
}

#[test]
fn a_chart_that_is_read_again_without_change_flags_the_visit_once_the_wait_is_over() {
    let site = seen();
    let since = (Utc::now().date_naive() - Days::new(60)).to_string();
    entries(&site, &["--since", &since]);
    assert_eq!(flag(&site), "", "some days are not the chart");
    entries(&site, &["--set", "deals.entries_wait_days=30"]);
    assert_eq!(flag(&site), "", "the wait is not over");
    read_earlier(&site, 10);
    let told = entries(&site, &[]);
    assert_eq!(flag(&site), "completed_without_entries");
    assert!(told.contains("deal with a completed appointment without entries"), "{told}");
    assert!(site.project.status()["reading"]["without_entries"].as_u64() >= Some(1));
    let (writes, _) = site.project.writes_of(|| entries(&site, &[]));
    assert_eq!(writes, 0, "it is said once");
    let day = Utc::now().date_naive() - Days::new(20);
    let entry = Entry {
        id: ENTRY.to_owned(),
        patient: PATIENT.to_owned(),
        date: day,
        kind: "Leistung".to_owned(),
        schedule: "GOZ".to_owned(),
        code: "6190".to_owned(),
        mandant: site.practice.patients("nord").iter().find(|one| one.id == PATIENT).expect("there").mandant,
        ..Entry::default()
    };
    change(&site, Change::EntryAdded { entry: Box::new(entry) });
    entries(&site, &[]);
    assert_eq!(flag(&site), "", "a late entry takes it back");
}

#[test]
fn a_dry_run_leaves_the_flag_to_the_run_that_is_carried_out() {
    let site = seen();
    let done = site.project.run(&["backfill-entries", "--source", "api", "--dry-run", "--json"]);
    assert!([0, 3].contains(&done.exit), "{}", done.all());
    assert_eq!(flag(&site), "");
    entries(&site, &[]);
    assert_eq!(flag(&site), "completed_without_entries");
}
