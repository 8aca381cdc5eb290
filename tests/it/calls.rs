//! As few calls as HubSpot allows, counted on both ends of the line.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use ivohub::domain::Object;
use ivohub::sandbox::hubspot::{Limits, Settings};
use ivohub::sandbox::seed::{self, FileCount, Written};
use serde_json::Value;

use super::project::{PASSES, Project};

/// Calls that a run may make besides (design.md section 9).
const FIXED: u64 = 16;
/// Of these, the ones that a summary counts into its bound.
const TOLD_FIXED: u64 = 9;
/// Calls per window. The pace keeps two places and a hundredth of the window free for calls that arrive later than they
/// left; on a machine that is busy with other tests some are later than that.
const BURST: u32 = 190;
const WINDOW: Duration = Duration::from_secs(3);
const LATE: u64 = 3;
/// Most records and most links of one call.
const RECORDS: u64 = 100;
const LINKS: u64 = 2_000;
const LINKED: [(Object, Object); 3] =
    [(Object::Deal, Object::Contact), (Object::Appointment, Object::Contact), (Object::Appointment, Object::Deal)];

/// The portal in numbers, before and after a pass.
struct Census {
    records: BTreeMap<Object, u64>,
    links: [u64; 3],
    open: BTreeMap<String, String>,
}

impl Census {
    fn of(project: &Project) -> Self {
        let count = |number: usize| u64::try_from(number).expect("small");
        let records = Object::ALL.map(|object| (object, count(project.portal.count(object))));
        let contacts = project.portal.live(Object::Contact);
        let open = |contact: &ivohub::sandbox::hubspot::Seen| {
            (contact.get("ivoris_patient_id").to_owned(), contact.get("num_open_deal").to_owned())
        };
        Self {
            records: records.into_iter().collect(),
            links: LINKED.map(|(from, to)| count(project.portal.link_count(from, to))),
            open: contacts.iter().map(open).filter(|(_, open)| !open.is_empty()).collect(),
        }
    }

    /// The fewest calls that can have led here: full batches, each changed record read once and written once.
    fn bound(&self, before: &Self, summary: &Value) -> u64 {
        let mut calls = 0;
        for (object, now) in &self.records {
            let created = now - before.records[object];
            let updated = summary["account"]["written"][object.word()]["updated"].as_u64().unwrap_or(0);
            calls += created.div_ceil(RECORDS) + 2 * updated.div_ceil(RECORDS);
        }
        for (now, before) in self.links.iter().zip(before.links) {
            calls += (now - before).div_ceil(LINKS);
        }
        let recounted = self.open.iter().filter(|(key, open)| before.open.get(*key) != Some(open)).count();
        // An open count is written once, and read before where the contact was there.
        calls + 2 * u64::try_from(recounted).expect("small").div_ceil(RECORDS)
    }
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("no number: {value}"))
}

/// One pass, with what was counted on both ends.
fn counted(project: &Project, at: usize, folder: &Path) -> (Value, u64) {
    let (command, file) = PASSES[at];
    let input = folder.join(file).display().to_string();
    let before = Census::of(project);
    project.portal.reset_counters();
    let done = project.run(&[command, "--input", &input, "--yes", "--json"]);
    assert!([0, 3].contains(&done.exit), "{}", done.all());
    let summary = done.json();
    let counters = project.portal.counters();
    let calls = &summary["calls"];
    let shown = number(&calls["read"]) + number(&calls["write"]) + number(&calls["link"]);
    assert_eq!(shown, counters.calls, "{command}: the summary and the portal count alike");
    assert_eq!(number(&calls["rate_limited"]), counters.rate_limited, "{command}");
    assert_eq!(number(&calls["retries"]), counters.rate_limited, "{command}: nothing else is repeated");
    assert!(counters.rate_limited <= LATE, "{command}: {} answers 429", counters.rate_limited);
    assert!(counters.peak <= u64::from(BURST) + LATE, "{command}: {} calls in one window", counters.peak);
    assert_eq!(counters.duplicates, 0, "{command}");
    assert_eq!(counters.repeated_writes + counters.repeated_links, 0, "{command}: nothing is written twice");
    let shown = shown - counters.rate_limited;
    let most = |bound: u64| bound + bound / 50 + FIXED;
    let bound = Census::of(project).bound(&before, &summary);
    assert!(shown <= most(bound), "{command}: {shown} calls, bound {bound} + {FIXED}: {:#?}", counters.routes);
    let told = number(&calls["bound"]);
    assert!(
        told <= shown && shown <= most(told - TOLD_FIXED),
        "{command}: {shown} calls, the summary says bound {told}"
    );
    (summary, counters.writing)
}

#[test]
fn a_load_of_the_samples_takes_the_fewest_calls_and_the_second_none_that_write() {
    let project = Project::new();
    let folder = project.path("samples");
    for at in 0..PASSES.len() {
        counted(&project, at, &folder);
    }
    for at in 0..PASSES.len() {
        let (summary, writing) = counted(&project, at, &folder);
        assert_eq!(writing, 0, "{summary}");
        assert!(number(&summary["calls"]["read"]) <= FIXED, "{}", summary["calls"]);
    }
}

#[test]
fn of_five_thousand_patients_only_what_changed_is_read_and_sent_again() {
    let limits = Limits::scaled(BURST, WINDOW);
    let project = Project::bare(Settings { limits, ..Settings::default() });
    project.apply_schema();
    let settings = seed::Settings { patients: 5_000, ..seed::Settings::default() };
    let (first, later) = (project.path("first"), project.path("later"));
    seed::write(&first, &settings).expect("written");
    let changed = seed::write(&later, &seed::Settings { changed_percent: 1, ..settings }).expect("written");
    for at in 0..PASSES.len() {
        counted(&project, at, &first);
    }
    for at in 0..PASSES.len() {
        let (summary, writing) = counted(&project, at, &first);
        assert_eq!(writing, 0, "the same files again: {summary}");
    }
    let Written { patients, appointments, entries } = changed;
    for (at, FileCount { changed, .. }) in [patients, appointments, entries].into_iter().enumerate() {
        let before = project.portal.count(Object::Contact);
        let (summary, _) = counted(&project, at, &later);
        let counters = project.portal.counters();
        let account =
            summary["account"]["kinds"].as_object().and_then(|kinds| kinds.values().next()).expect("one kind");
        let told = |name: &str| number(&account[name]);
        let news = told("read") - told("repeated") - told("rejected") - told("unchanged") - told("skipped");
        assert!(news <= changed, "{news} of {changed} changed rows are news: {account}");
        assert!(2 * news >= changed, "{news} of {changed} changed rows are news: {account}");
        let written: u64 = counters.inputs_of("batch/upsert") + counters.inputs_of("batch/update");
        // A changed visit or entry may change its own object, its deal, and the open deals of the contact.
        assert!(written <= 3 * changed, "{written} records written for {changed} changed rows");
        let read = counters.inputs_of("batch/read");
        assert!(read <= 3 * changed, "{read} records read for {changed} changed rows");
        assert_eq!(project.portal.count(Object::Contact), before);
    }
}
