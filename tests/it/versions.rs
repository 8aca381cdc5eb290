//! A change of the tables: shown row by row, its effect known before anything runs, and only what looked at it is looked at
//! again.

use std::fs;
use std::sync::Arc;

use ivohub::domain::{Object, StageKey};
use ivohub::http::SeededRandom;
use ivohub::mapping::tables::{Handler, Tables, Template, Unknown};
use ivohub::mapping::{Grain, Mapping, shipped};
use ivohub::pass::{Requeue, Summary};
use ivohub::store::Store as _;
use serde_json::Value;

use crate::project::{Done, Project};
use crate::simulation::{Dice, Practice, Site};

/// A file of the project's tables with one text in place of another.
fn edit(project: &Project, file: &str, from: &str, to: &str) {
    let text = fs::read_to_string(project.path(&format!("mappings/{file}"))).expect("UTF-8");
    assert!(text.contains(from), "{from} is not in {file}");
    project.put(&format!("mappings/{file}"), text.replace(from, to));
}

/// The changes that a pass has planned.
fn planned(done: &Done, object: &str, what: &str) -> u64 {
    let json = done.json();
    let totals = &json["plan"]["totals"];
    totals[object][what].as_u64().unwrap_or_else(|| panic!("no {object} {what} in {totals}"))
}

fn lines(done: &Done) -> Vec<Value> {
    done.stdout.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

const DRAIN: [&str; 4] = ["migrate-appointments", "--drain-only", "--yes", "--json"];

#[test]
fn a_changed_row_is_shown_foretold_and_looked_at_again_alone() {
    let project = Project::new();
    project.load();
    project.run(&["mappings", "diff"]).exits(0).says(&["both mean the same"]);
    project.run(&["mappings", "affected"]).exits(0).says(&["no record looked at anything that has changed"]);

    edit(
        &project,
        "terminarten.csv",
        "Planbesprechung;;diagnostik;;plan_erstellt;",
        "Planbesprechung;;diagnostik;;angebot;",
    );
    let before = project.records();
    let writing = project.writing();
    let diff = project.run(&["mappings", "diff"]).exits(0);
    diff.says(&[
        "~ terminarten",
        "\"Planbesprechung\"",
        "stage_on_completed  plan_erstellt → angebot",
        "appointments",
        "1 row differs",
    ]);
    let rows = lines(&project.run(&["mappings", "diff", "--json"]).exits(0));
    let looked = rows[0]["records"].as_u64().expect("a count");
    assert!(looked > 0 && rows[0]["patients"].as_u64().is_some_and(|patients| patients <= looked), "{rows:?}");
    let affected = project.run(&["mappings", "affected", "--json", "--list"]).exits(0).json();
    let numbers = &affected["effect"]["numbers"];
    let deals = numbers["updated"]["deal"].as_u64().unwrap_or(0);
    let moves = affected["effect"]["moves"].as_array().expect("moves").clone();
    assert!(deals > 0 && !moves.is_empty(), "{affected}");
    assert_eq!(affected["again"]["records"].as_u64(), Some(looked));
    assert_eq!(affected["effect"]["deals"].as_array().map(Vec::len), Some(usize::try_from(deals).expect("few")));
    let page = project.run(&["mappings", "affected", "--list"]).exits(0);
    page.says(&["looked at again", "plan_erstellt", "→ angebot", "nothing was written", "D:"]);

    let dry = project.run(&["migrate-appointments", "--drain-only", "--dry-run", "--json"]);
    assert_eq!(planned(&dry, "deal", "update"), deals, "{}", dry.all());
    assert_eq!(project.records(), before, "looking leaves nothing behind");
    assert_eq!(project.writing(), writing);

    let done = project.run(&DRAIN);
    assert_eq!(planned(&done, "deal", "update"), deals, "{}", done.all());
    assert_eq!((planned(&done, "deal", "create"), planned(&done, "appointment", "create")), (0, 0));
    let again = done.json()["again"].clone();
    assert_eq!(again["records"].as_u64(), Some(looked), "{again}");
    let all = project.status()["queues"][0]["records"].as_u64().unwrap_or(u64::MAX);
    assert!(again["patients"].as_u64().is_some_and(|patients| patients < all), "not everybody: {again}");
    let (writing, second) = project.writes_of(|| project.run(&DRAIN));
    assert_eq!((writing, &second.json()["again"]), (0, &Value::Null), "{}", second.all());
    let (writing, _) =
        project.writes_of(|| project.run(&["migrate-appointments", "--requeue", "--drain-only", "--yes", "--json"]));
    assert_eq!(writing, 0, "a full look finds nothing more");

    // The tables of before are kept: what was done can be explained, and taken back.
    let short: String = affected["before"].as_str().expect("a digest").chars().take(8).collect();
    project.run(&["mappings", "diff", &short]).exits(0).says(&["plan_erstellt → angebot"]);
    project.run(&["mappings", "diff", "0000"]).exits(2).says(&["neither a folder nor the digest", &short]);
    edit(
        &project,
        "terminarten.csv",
        "Planbesprechung;;diagnostik;;angebot;",
        "Planbesprechung;;diagnostik;;plan_erstellt;",
    );
    let back = project.run(&["migrate-appointments", "--requeue=affected", "--yes", "--json"]);
    assert_eq!(back.json()["again"]["records"].as_u64(), Some(looked), "{}", back.all());
}

#[test]
fn a_row_for_an_unmapped_word_wakes_what_was_held() {
    let project = Project::new();
    project.load();
    edit(&project, "status.csv", "State;fertig;completed", "State;fertig;completed\nState;verschoben?;moved");
    let affected = project.run(&["mappings", "affected", "--json"]).exits(0).json();
    assert_eq!(affected["effect"]["numbers"]["mapped"], 1, "{affected}");
    // A pass over other records looks at the patient and leaves the appointment to its own pass.
    let moved = || project.portal.find(Object::Appointment, "ivoris_appointment_status", "moved").len();
    let before = moved();
    let held = |project: &Project| project.status()["held"].to_string().contains("verschoben?");
    assert!(held(&project), "{}", project.status());
    let (first, patients) = project.writes_of(|| project.run(&["migrate-patients", "--drain-only", "--yes", "--json"]));
    assert_eq!(patients.json()["again"]["patients"], 1, "{}", patients.all());
    let (second, done) = project.writes_of(|| project.run(&DRAIN));
    assert!(first + second > 0 && !held(&project), "{}", done.all());
    assert_eq!(moved(), before + 1);
}

#[test]
fn what_means_the_same_concerns_nobody_and_what_all_depends_on_concerns_all() {
    let project = Project::new();
    project.load();
    edit(&project, "status.csv", "State;fertig;completed", "# wie bisher\nState;fertig;completed");
    assert_eq!(project.run(&DRAIN).json()["again"], Value::Null);
    edit(
        &project,
        "terminarten.csv",
        "Planbesprechung;",
        "Nie gesehen;;diagnostik;;plan_erstellt;;;;;;;;\nPlanbesprechung;",
    );
    let done = project.run(&["migrate-appointments", "--drain-only", "--dry-run", "--json"]);
    assert_eq!(done.json()["again"]["patients"], 0, "a row that nobody asks for: {}", done.all());
    let all = project.run(&["migrate-appointments", "--drain-only", "--dry-run", "--set", "deals.rebook_days=14"]);
    all.says(&["options or tables have changed that every decision depends on"]);
    assert!(project.run(&DRAIN).json()["again"]["before"].is_string());
    assert_eq!(project.run(&DRAIN).json()["again"], Value::Null, "the new digest is the known one");
}

#[test]
fn a_part_leaves_the_rest_to_a_whole_pass() {
    let project = Project::new();
    project.load();
    edit(
        &project,
        "terminarten.csv",
        "Planbesprechung;;diagnostik;;plan_erstellt;",
        "Planbesprechung;;diagnostik;;angebot;",
    );
    let part = ["migrate-appointments", "--input", "samples/termine.csv", "--limit", "1", "--yes"];
    project.run(&part).says(&["wait for a whole pass"]);
    let done = project.run(&DRAIN);
    assert!(planned(&done, "deal", "update") > 0, "{}", done.all());
    let refused = project.run(&["migrate-appointments", "--requeue=affected", "--input", "samples/termine.csv"]);
    refused.exits(2).says(&["--input does not fit --requeue=affected"]);
}

/// One change as an operator makes it; HubSpot knows every value it may lead to.
fn change(tables: &mut Tables, dice: &Dice) {
    let at = |length: usize| usize::try_from(dice.below(length as u64)).expect("small");
    let stages = ["erstberatung", "diagnostik", "plan_erstellt", "angebot", "in_behandlung"];
    let stage = || (!dice.one_in(4)).then(|| StageKey::new(dice.pick::<&str>(&stages)));
    let (templates, kinds) = (tables.templates.len(), tables.entry_kinds.len());
    match dice.below(14) {
        0 => tables.templates[at(templates)].stage_on_completed = stage(),
        1 => tables.templates[at(templates)].stage_on_booked = stage(),
        2 => tables.templates[at(templates)].opens_deal ^= true,
        3 => drop(tables.templates.remove(at(templates))),
        4 => {
            let row = tables.templates[at(templates)].clone();
            tables.templates.push(Template { name: "Neue Terminart".to_owned(), prefix: None, ..row });
        }
        5 => tables.templates[at(templates)].is_treatment_start ^= true,
        6 => drop(tables.status.remove(at(tables.status.len()))),
        7 => {
            let handlers = [Handler::Revenue, Handler::RevenuePrivate, Handler::Marker, Handler::Ignore];
            tables.entry_kinds[at(kinds)].handler = *dice.pick(&handlers);
        }
        8 => drop(tables.entry_kinds.remove(at(kinds))),
        9 => tables.entry_kinds[at(kinds)].stage_signal = stage(),
        10 => drop(tables.rules.remove(at(tables.rules.len()))),
        11 => {
            let categories = tables.categories.len();
            let (one, other) = (at(categories), at(categories));
            let rank = tables.categories[one].rank;
            tables.categories[one].rank = tables.categories[other].rank;
            tables.categories[other].rank = rank;
        }
        12 => {
            let locations = tables.locations.len();
            tables.locations[at(locations)].name.push('x');
        }
        13 => tables.unknown_template = *dice.pick(&[Unknown::Hold, Unknown::Attach, Unknown::Ignore]),
        _ => unreachable!("below 14"),
    }
}

fn changes(summaries: &[Summary]) -> u64 {
    summaries.iter().filter_map(|summary| summary.totals).map(|totals| totals.changes()).sum()
}

/// Practices and changes of tables for each; the test command takes any number on demand.
const PRACTICES: u64 = 30;
const CHANGES: usize = 8;

#[tokio::test(start_paused = true)]
async fn looking_again_at_what_is_concerned_is_as_good_as_looking_at_everything() {
    let practices = std::env::var("IVOHUB_PRACTICES").ok().and_then(|number| number.parse().ok());
    let mut touched = 0;
    for seed in 0..practices.unwrap_or(PRACTICES) {
        let dice = Dice(SeededRandom::new(seed));
        let site = Site::new(if dice.one_in(3) { Grain::Appointment } else { Grain::Case }).await;
        let practice = Practice::begin(&dice);
        site.load(&practice, &dice, None).await.expect("nobody dies");
        site.drain(Requeue::All).await;
        let mut tables = shipped().tables().clone();
        for step in 0..CHANGES {
            if dice.one_in(4) {
                tables = shipped().tables().clone();
            }
            change(&mut tables, &dice);
            *site.mapping.lock().expect("one at a time") = Arc::new(Mapping::new(tables.clone()));
            touched += changes(&site.drain(Requeue::No).await);
            let held = site.store.status().await.expect("a status").held;
            let all = site.drain(Requeue::All).await;
            assert_eq!(
                changes(&all),
                0,
                "practice {seed}, change {step}: {:?}",
                all.iter().map(|one| one.totals).collect::<Vec<_>>()
            );
            assert_eq!(site.store.status().await.expect("a status").held, held, "practice {seed}, change {step}");
        }
    }
    assert!(touched > 50, "only {touched} changes: the law was hardly put to the test");
}
