//! Fixtures, load, refusals, outages: what else `explore` does and how it ends.

use std::fs;

use ivohub::sandbox::ivoris::{Fault, Faults, Latency, Load, Settings};
use serde_json::Value;

use super::site::{SECRETS, Site};

#[test]
fn fixtures_hold_kinds_and_words_and_nobody() {
    let site = Site::new(Settings::default());
    let done = site.project.run_with(&["explore", "nord", "--record", "fixtures", "-vv", "--json"], |command| {
        command.env("RUST_LOG", "trace");
    });
    let done = done.exits(0);
    assert_eq!(site.leaks(&done.all()), [""; 0]);
    assert_eq!(site.leaks_in_files(), [""; 0]);
    let fixture = |route: &str| -> Value {
        let text = fs::read_to_string(site.project.path(&format!("fixtures/nord/{route}.json"))).expect(route);
        serde_json::from_str(&text).expect("JSON")
    };
    let appointments = fixture("all_appointments");
    assert_eq!(
        (appointments["path"].as_str(), appointments["asked"][0].as_str()),
        (Some("/Appointment/v1/AllAppointments"), Some("begin"))
    );
    let first = &appointments["body"][0];
    assert_eq!(first["Begin"], "2000-01-01T00:00:00");
    assert!(first["Id"].as_str().is_some_and(|id| id.starts_with("00000000-0000-4000-8000-")), "{first}");
    assert!(["Planned", "Completed", "Cancelled"].contains(&first["State"].as_str().unwrap_or_default()), "{first}");
    let chairs = fixture("dentist_chairs");
    let chair_ids: Vec<&Value> = chairs["body"].as_array().expect("rows").iter().map(|row| &row["Id"]).collect();
    assert!(chair_ids.contains(&&first["DentistChairId"]), "references hold: {chair_ids:?} {first}");
    let patients = fixture("all_patients");
    let names = |row: &Value| row["Lastname"].as_str().unwrap_or_default().replace(['x', ' ', '-'], "");
    assert!(patients["body"].as_array().expect("rows").iter().all(|row| names(row).is_empty()), "{patients}");
    // One object per finding, the summary last.
    let last = done.json();
    assert_eq!(
        (last["type"].as_str(), last["exit"].as_u64(), last["survey"]["end"].as_str()),
        (Some("summary"), Some(0), Some("complete"))
    );
    let subjects = done.stdout.lines().filter(|line| line.contains("\"type\":\"finding\"")).count();
    assert!(subjects >= 12, "{subjects}");
}

#[test]
fn routes_that_fail_are_findings_and_the_rest_goes_on() {
    let site = Site::new(Settings::default());
    let faults = Faults::none().on("Stations", Fault::GatewayTimeout, 1.0).on("DentistChairs", Fault::Html, 1.0).on(
        "Webservices",
        Fault::Truncated,
        1.0,
    );
    site.practice.set_faults(faults);
    site.explore(&[]).exits(3).says(&[
        "route      FAIL  dentist_chairs failed: a web page instead of data, and reading needs it",
        "stations failed: status 504",
        "webservices failed: an answer that breaks off",
        "patients   ok    74 patients",
        "entries    ok    ",
        "ask again at a quieter time",
        "nord: 1 failure, ",
    ]);
}

#[test]
fn credentials_that_are_refused_end_it_at_once() {
    let site = Site::new(Settings::default());
    site.project.put("secrets/nord-password", "another-password-4711");
    site.explore(&[])
        .exits(4)
        .says(&["reach      FAIL  it answers and refuses the credentials", "ivohub config check"]);
    assert!(site.practice.counters().requests <= 2, "{:?}", site.practice.counters());
    assert!(!site.project.path(".ivohub/practice/explore/nord.json").exists(), "no measure for the next look");
}

#[test]
fn an_address_that_is_another_one_is_told_in_one_line() {
    let site = Site::new(Settings::default());
    let config = fs::read_to_string(site.project.path("ivohub.toml")).expect("read");
    site.project.put("ivohub.toml", config.replace("/webservice/api\"", "/webservice\""));
    let done = site.explore(&[]).exits(3).says(&[
        "reach      FAIL  something answers, but it has none of Ivoris' routes",
        "look at base_url: it ends in /webservice/api",
        "nord: 1 failure, 0 warnings",
    ]);
    assert!(!done.stdout.contains("route profile"), "{}", done.stdout);
}

#[test]
fn one_installation_that_cannot_be_asked_does_not_keep_the_other_from_it() {
    let site = Site::new(Settings::default());
    let config = fs::read_to_string(site.project.path("ivohub.toml")).expect("read");
    let url = "base_url = \"http://127.0.0.1:9/webservice/api\"\nuser = \"a\"\n\
               password = { file = \"secrets/nord-password\" }\n\
               app = { name = \"b\", version = \"1\", key = { file = \"secrets/nord-api-key\" } }\n";
    let prefix = "prefix = \"sued-\"\n";
    site.project.put("ivohub.toml", config.replace(prefix, &format!("{prefix}{url}")));
    site.project.run(&["explore"]).exits(5).says(&["nord: 0 failures", "sued: nothing answers at http://127.0.0.1:9"]);
}

#[test]
fn a_server_that_is_away_is_no_mystery() {
    let site = Site::new(Settings::default());
    site.practice.set_faults(Faults::none().with(Fault::Unavailable, 1.0));
    site.explore(&[]).exits(5).says(&["reach      FAIL  it does not answer", "is the practice server on?"]);
    // Nothing listens at all.
    let config = fs::read_to_string(site.project.path("ivohub.toml")).expect("read");
    let (before, rest) = config.split_once("base_url = \"http://127.0.0.1:").expect("an address");
    let (_, path) = rest.split_once('/').expect("a path");
    site.project.put("ivohub.toml", format!("{before}base_url = \"http://127.0.0.1:9/{path}"));
    let done = site.explore(&[]).exits(5).says(&["nothing answers at http://127.0.0.1:9"]);
    assert!(SECRETS.iter().all(|(_, secret)| !done.all().contains(secret)));
}

#[test]
fn the_load_is_probed_up_to_the_first_failure() {
    let load = Load { parallel: Some(2), days: Some(31), after_ms: 0 };
    let site = Site::new(Settings { load, latency: Latency::Each(20), ..Settings::default() });
    site.explore(&["--probe-load"]).exits(2).says(&["there is no terminal to ask on", "add --yes"]);
    assert_eq!(site.practice.counters().requests, 0);
    let done = site.explore(&["--probe-load", "--yes"]).exits(0).says(&[
        "load       ok    windows fail at 56 days; 3 questions at once fail",
        "slice_days = 7, slice_max_days = 28, parallel = ",
    ]);
    let counters = site.practice.counters();
    assert!(counters.most_in_flight <= 3, "{counters:?}");
    assert!(counters.overload <= 4, "it stops at the first failures: {counters:?}");
    let survey = site.survey();
    assert_eq!(survey["load"]["windows"].as_array().map(Vec::len), Some(7), "{}", done.stdout);
}

#[test]
fn what_is_asked_for_is_checked_before_anybody_is_asked() {
    let site = Site::new(Settings::default());
    site.project
        .run(&["explore", "nrd"])
        .exits(2)
        .says(&["no installation is called \"nrd\"", "known are: nord, sued"]);
    site.project.run(&["explore", "nord", "--sample", "500"]).exits(2);
    site.explore(&["--routes"]).exits(0).says(&["all_appointments", "/Appointment/v1/AllAppointments", "begin, end"]);
    assert_eq!(site.practice.counters().requests, 0);
    site.explore(&["--out", "reports/site.md", "--sample", "1"]).exits(0).says(&["document reports/site.md"]);
    let document = fs::read_to_string(site.project.path("reports/site.md")).expect("written");
    assert!(document.starts_with("# Ivoris installation nord\n"), "{document}");
    assert!(!site.project.path(".ivohub/practice/explore/nord.md").exists());
    assert!(!site.project.path(".ivohub/practice/state.db").exists(), "no state is needed");
}
