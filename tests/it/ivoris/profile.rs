//! A server with other paths, parameters, fields, pages, days and times: a route profile file is all it takes.

use ivohub::domain::Object;
use ivohub::sandbox::ivoris::{Data, Oddities, Settings};

use super::Site;

/// What differs in [`Settings::altered`]; everything else is as built in.
const PROFILE: &str = r#"
version = 1

[routes.all_appointments]
path = "/Calendar/v2/Appointments"
params = { begin = "dateFrom", end = "dateTo", page = "pageNumber" }
date_format = "de"
paging = "one-based"

[routes.latest_appointments]
params = { since = "changedAfter" }
date_format = "de"

[routes.patient_appointments]
params = { patient = "patient" }
date_format = "de"

[routes.all_patients]
params = { page = "pageNumber" }
paging = "one-based"

[routes.entries]
path = "/Documentation/v2/TreatmentEntries"
params = { patient = "patient", profile = "mandant" }
date_format = "de"

[routes.document_entries]
params = { patient = "patient", profile = "mandant" }
date_format = "de"

[fields.patient]
id = ["PatientGuid"]
last_name = ["Surname"]
email = ["Contact.Mail"]
mandant = ["ClientIndex"]

[fields.appointment]
chair_id = ["Room.Id"]
modified = ["LastChange"]

[fields.entry]
date = ["TreatmentDate"]
amount = ["Total"]
code = ["FeeCode"]

[fields.chair]
name = ["Label"]

[fields.practitioner]
last_name = ["Surname"]
"#;

fn altered() -> Site {
    Site::new(Settings { oddities: Oddities::NONE, ..Settings::altered() }, Data::samples())
}

#[test]
fn a_route_profile_is_all_it_takes() {
    let usual = Site::new(Settings::exact(), Data::samples());
    let exits: Vec<i32> = usual.load().iter().map(|done| done.exit).collect();
    let site = altered();
    site.project.put("other.toml", PROFILE);
    site.configure("route_profile = \"other.toml\"");
    let found: Vec<i32> = site.load().iter().map(|done| done.exit).collect();
    assert_eq!(found, exits);
    site.project.looks_like(&usual.project.picture());
    let counters = site.practice.counters();
    assert_eq!((counters.not_get, counters.not_found), (0, 0), "{counters:?}");
    // What is asked for by days and by id works, too.
    let before = site.project.picture();
    let one = site.practice.appointments("nord").into_iter().find(|one| one.patient.is_some()).expect("appointments");
    let day = one.begin.date().to_string();
    for more in [["--since", &*day, "--until", &*day].as_slice(), &["--only", &one.id]] {
        let done = site.pass("migrate-appointments", more);
        assert!([0, 3].contains(&done.exit), "{}", done.all());
    }
    let done = site.pass("backfill-entries", &["--since", &day]);
    assert!([0, 3].contains(&done.exit), "{}", done.all());
    site.project.looks_like(&before);
}

#[test]
fn without_it_nothing_is_made_up() {
    let site = altered();
    let done = site.pass("migrate-patients", &[]);
    assert!(done.exit != 0, "{}", done.all());
    assert!(site.project.portal.live(Object::Contact).is_empty(), "a patient without id is none");
}

#[test]
fn a_profile_that_does_not_fit_is_refused_with_its_line() {
    let site = altered();
    site.project.put("other.toml", PROFILE.replace("last_name", "last_nam"));
    site.configure("route_profile = \"other.toml\"");
    let done = site.pass("migrate-patients", &[]).exits(2).says(&["other.toml:33", "other.toml:50", "last_name"]);
    assert_eq!(done.stderr.matches("other.toml:33").count(), 1, "both installations share it: {}", done.stderr);
    assert_eq!(site.practice.counters().requests, 0);
}
