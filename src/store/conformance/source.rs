//! Cases about reading over the API: spool, windows and gaps, and what is watched.

use chrono::{DateTime, Duration, NaiveDate, Utc};

use super::{appointment, begin, now, origin, patient, read};
use crate::domain::{
    Cents, Entry, EntryId, InstanceKey, Kind, PatientId, PatientRef, Personal, Record, Rejected, RunId,
};
use crate::store::{Incoming, Part, ReadState, Reading, Store, Unit, Watch, Watched, Window};

const COMMAND: &str = "migrate-appointments";

fn nord() -> InstanceKey {
    InstanceKey::new("nord")
}

pub(super) fn on(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, day).expect("a day")
}

fn hour(hours: i64) -> DateTime<Utc> {
    now() + Duration::hours(hours)
}

fn days(from: u32, to: u32) -> Part {
    Part::Days { from: on(from), to: on(to) }
}

fn chart(patient: &str, profile: &str) -> Part {
    Part::Chart { patient: patient.to_owned(), profile: profile.to_owned() }
}

fn unread(kind: Kind, part: Part, at: DateTime<Utc>) -> Reading {
    let unit = Unit { kind, instance: nord(), part };
    let note = Some("504 after 3 attempts".to_owned());
    Reading { unit, state: ReadState::Gap, rows: Vec::new(), rejected: Vec::new(), checksum: [0; 16], at, note }
}

fn reading(kind: Kind, part: Part, at: DateTime<Utc>, records: Vec<Incoming>) -> Reading {
    let rows = records.into_iter().map(|incoming| (incoming.record, incoming.origin)).collect();
    Reading { state: ReadState::Read, rows, note: None, checksum: [7; 16], ..unread(kind, part, at) }
}

pub(super) fn visit(id: &str, patient: &str, day: u32) -> Incoming {
    let mut incoming = appointment(id, PatientRef::Id(PatientId::new(patient)), "geplant", None);
    if let Record::Appointment(appointment) = &mut incoming.record {
        appointment.start.0 = on(day).and_hms_opt(9, 0, 0).expect("a time");
    }
    incoming
}

pub(super) fn entry(id: &str, patient: &str) -> Incoming {
    let record = Entry {
        id: EntryId::new(id),
        instance: nord(),
        patient: PatientRef::Id(PatientId::new(patient)),
        date: on(23),
        practitioner: String::new(),
        kind: "Leistung".to_owned(),
        schedule: "BEMA".to_owned(),
        code: Personal::new("01"),
        count: 1.into(),
        factor: None,
        amount: Some(Cents(1_800)),
        text: Personal::new("Untersuchung"),
        profile: None,
    };
    Incoming { record: Record::Entry(record), origin: origin(4), mail: None }
}

async fn spool<S: Store>(store: &S, reading: Reading) {
    store.spool(COMMAND.to_owned(), reading).await.expect("is spooled");
}

async fn spooled<S: Store>(store: &S, command: &str) -> Vec<Part> {
    let units = store.spooled(command.to_owned()).await.expect("the spool");
    units.into_iter().map(|spooled| spooled.unit.part).collect()
}

/// Files what is in the spool under a run of its own; returns the windows.
async fn filed<S: Store>(store: &S, run: u128, readings: Vec<Reading>) -> Vec<Window> {
    for reading in readings {
        spool(store, reading).await;
    }
    let run = RunId(uuid::Uuid::from_u128(run));
    store.file_windows(COMMAND.to_owned(), run, all(), true).await.expect("is filed");
    assert!(spooled(store, COMMAND).await.is_empty(), "what is filed leaves the spool");
    store.windows().await.expect("windows")
}

/// What a list of windows says: part, state, hours after `now` when it was first tried, attempts.
fn told(windows: &[Window]) -> Vec<String> {
    let one = |window: &Window| {
        let part = match &window.unit.part {
            Part::Page(page) => format!("page {page}"),
            Part::Days { from, to } => format!("{}-{}", from.format("%d"), to.format("%d")),
            Part::Chart { patient, profile } => format!("chart {patient}/{profile}"),
            Part::One { kind, key } => format!("{kind:?} {key}"),
        };
        let age = (window.since - now()).num_hours();
        match window.state {
            ReadState::Read => format!("{part} read {age}h"),
            ReadState::Gap => format!("{part} gap {age}h x{}", window.attempts),
        }
    };
    let mut told: Vec<String> = windows.iter().map(one).collect();
    told.sort();
    told
}

/// A unit comes back as it went in, in order, to the same command only; read again, it is the last.
pub(super) async fn what_is_spooled_comes_back_whole<S: Store>(store: &S) {
    let mut first = reading(Kind::Appointment, days(1, 7), hour(0), vec![visit("a", "1", 3), visit("a", "1", 4)]);
    first.rejected = vec![Rejected { origin: origin(9), column: None, header: None, reason: "no start".to_owned() }];
    spool(store, first.clone()).await;
    spool(store, unread(Kind::Appointment, days(8, 8), hour(1))).await;
    store.spool("backfill-entries".to_owned(), unread(Kind::Entry, chart("1", ""), hour(0))).await.expect("is spooled");

    let listed = store.spooled(COMMAND.to_owned()).await.expect("the spool");
    assert_eq!((listed[0].unit.clone(), listed[0].rows, listed[0].checksum), (first.unit.clone(), 2, [7; 16]));
    assert_eq!((listed.len(), listed[1].state, listed[1].at), (2, ReadState::Gap, hour(1)));

    let units = store.unspool(COMMAND.to_owned(), 0, 1).await.expect("the first unit");
    let (number, unit) = &units[0];
    assert_eq!((units.len(), &unit.unit, &unit.rows, unit.at), (1, &first.unit, &first.rows, hour(0)));
    assert_eq!((unit.rejected[0].reason.as_str(), &unit.rejected[0].origin), ("no start", &origin(9)));
    let rest = store.unspool(COMMAND.to_owned(), *number, 9).await.expect("the rest");
    assert_eq!(rest.len(), 1);
    assert_eq!(rest[0].1.note.as_deref(), Some("504 after 3 attempts"));
    assert!(store.unspool(COMMAND.to_owned(), rest[0].0, 9).await.expect("the end").is_empty());

    spool(store, reading(Kind::Appointment, days(1, 7), hour(2), vec![visit("a", "1", 5)])).await;
    assert_eq!(spooled(store, COMMAND).await, [days(8, 8), days(1, 7)], "a unit is there once");
    let report = store.status().await.expect("a status").spooled;
    let shown: Vec<_> = report.iter().map(|line| (line.command.as_str(), line.units, line.rows, line.oldest)).collect();
    assert_eq!(shown, [("backfill-entries", 1, 0, hour(0)), (COMMAND, 2, 1, hour(1))]);
}

/// Nothing but filing and clearing empties the spool, whatever becomes of runs.
pub(super) async fn a_refused_run_leaves_the_spool<S: Store>(store: &S) {
    filed(store, 9, vec![reading(Kind::Appointment, days(1, 7), hour(0), Vec::new())]).await;
    spool(store, reading(Kind::Appointment, days(1, 7), hour(0), vec![visit("a", "1", 3)])).await;
    spool(store, reading(Kind::Appointment, days(8, 14), hour(5), Vec::new())).await;
    store.watch(vec![watched(Watch::Gone, "a", 0, 1)]).await.expect("is watched");
    store.set_source_state(nord(), "{}".to_owned()).await.expect("is kept");
    let run = begin(store, 1).await;
    read(store, run, Kind::Appointment, vec![visit("a", "1", 3)]).await;
    store.discard(run).await.expect("is refused");
    let dead = begin(store, 2).await;
    read(store, dead, Kind::Appointment, vec![visit("a", "1", 3)]).await;
    begin(store, 3).await;
    store.forget_target().await.expect("forgets");
    assert_eq!(spooled(store, COMMAND).await, [days(1, 7), days(8, 14)]);
    assert_eq!(store.windows().await.expect("windows").len(), 1);
    assert_eq!(store.watched(Watch::Gone).await.expect("watched").len(), 1);
    assert!(store.source_state(nord()).await.expect("a state").is_some());

    let clear = |command: Option<&str>, before| store.clear_spool(command.map(str::to_owned), None, before);
    assert_eq!(clear(Some("backfill-entries"), None).await.expect("clears"), 0);
    assert_eq!(clear(None, Some(hour(5))).await.expect("clears"), 1, "only what is older");
    assert_eq!(spooled(store, COMMAND).await, [days(8, 14)]);
    let other = store.clear_spool(None, Some(InstanceKey::new("sued")), None).await;
    assert_eq!(other.expect("clears"), 0, "only of one installation");
    let own = store.clear_spool(Some(COMMAND.to_owned()), Some(nord()), None).await;
    assert_eq!(own.expect("clears"), 1);
    assert!(spooled(store, COMMAND).await.is_empty());
}

/// Days that are read replace what lies inside them; what only overlaps stays.
pub(super) async fn days_replace_days_inside_them<S: Store>(store: &S) {
    let days_read = |from, to, at| reading(Kind::Appointment, days(from, to), hour(at), Vec::new());
    let mut other = days_read(2, 3, 0);
    other.unit.instance = InstanceKey::new("sued");
    let windows =
        vec![days_read(1, 7, 0), days_read(8, 14, 0), unread(Kind::Appointment, days(10, 10), hour(0)), other];
    let windows = filed(store, 1, windows).await;
    assert_eq!(told(&windows), ["01-07 read 0h", "02-03 read 0h", "08-14 read 0h", "10-10 gap 0h x1"]);
    assert!(windows.iter().all(|window| window.run == Some(RunId(uuid::Uuid::from_u128(1)))));
    let windows = filed(store, 2, vec![days_read(1, 10, 1)]).await;
    assert_eq!(told(&windows), ["01-10 read 1h", "02-03 read 0h", "08-14 read 0h"]);
    assert!(store.status().await.expect("a status").gaps.is_empty());
    assert_eq!(filed(store, 2, Vec::new()).await, windows, "filing again changes nothing");
}

/// A gap keeps its age while it cannot be read, in whatever slices it is tried, and closes when all of it is read.
pub(super) async fn a_gap_is_as_old_as_its_first_try<S: Store>(store: &S) {
    let gap = |from, to, at| unread(Kind::Appointment, days(from, to), hour(at));
    let days_read = |from, to, at| reading(Kind::Appointment, days(from, to), hour(at), Vec::new());
    let steps: [(Vec<Reading>, &[&str]); 7] = [
        (vec![days_read(1, 7, 0)], &["01-07 read 0h"]),
        (vec![gap(1, 7, 1)], &["01-07 gap 1h x1", "01-07 read 0h"]),
        (vec![gap(1, 7, 2)], &["01-07 gap 1h x2", "01-07 read 0h"]),
        // Halved: the part that fails again inherits the age, the whole is closed.
        (
            vec![days_read(1, 3, 3), gap(4, 7, 3), days_read(5, 7, 4), gap(4, 4, 4)],
            &["01-03 read 3h", "01-07 read 0h", "04-04 gap 1h x3", "05-07 read 4h"],
        ),
        (vec![gap(2, 5, 5)], &["01-03 read 3h", "01-07 read 0h", "02-05 gap 1h x4", "05-07 read 4h"]),
        // One half is read, nothing is said of the other: it stays open.
        (vec![days_read(1, 3, 6)], &["01-03 read 6h", "01-07 read 0h", "02-05 gap 1h x4", "05-07 read 4h"]),
        (vec![days_read(4, 7, 7)], &["01-03 read 6h", "01-07 read 0h", "04-07 read 7h"]),
    ];
    for (run, (readings, wanted)) in (1..).zip(steps) {
        assert_eq!(told(&filed(store, run, readings).await), wanted, "run {run}");
    }
    let sued = InstanceKey::new("sued");
    filed(store, 20, vec![gap(20, 20, 8)]).await;
    let mut others = [days_read(20, 20, 9), reading(Kind::Entry, days(20, 20), hour(9), Vec::new())];
    others[0].unit.instance = sued;
    filed(store, 21, others.into()).await;
    let gaps = store.status().await.expect("a status").gaps;
    assert_eq!(gaps.len(), 1, "another installation or kind closes nothing");
    assert_eq!((gaps[0].days, gaps[0].tried, gaps[0].since), (Some((on(20), on(20))), hour(8), hour(8)));
    assert_eq!(gaps[0].note.as_deref(), Some("504 after 3 attempts"));
}

/// A pull replaces the pull before; charts and single records replace themselves.
pub(super) async fn a_pull_replaces_the_pull_before<S: Store>(store: &S) {
    let page = |page, at| reading(Kind::Patient, Part::Page(page), hour(at), vec![patient("1", "Koch")]);
    let lost = |page, at| unread(Kind::Patient, Part::Page(page), hour(at));
    let windows = filed(store, 1, vec![page(0, 0), page(1, 0), lost(2, 0)]).await;
    assert_eq!(told(&windows), ["page 0 read 0h", "page 1 read 0h", "page 2 gap 0h x1"]);
    let windows = filed(store, 2, vec![page(0, 1), lost(2, 1)]).await;
    assert_eq!(told(&windows), ["page 0 read 1h", "page 2 gap 0h x2"]);
    assert_eq!(store.status().await.expect("a status").gaps[0].page, Some(2));
    assert_eq!(told(&filed(store, 3, vec![page(0, 2)]).await), ["page 0 read 2h"]);

    let one = |key: &str| Part::One { kind: Kind::Appointment, key: key.to_owned() };
    let chart_read = |at| reading(Kind::Entry, chart("1", "A"), hour(at), vec![entry("e", "1")]);
    let chart_lost = |at| unread(Kind::Entry, chart("1", "A"), hour(at));
    let single = reading(Kind::Appointment, one("a"), hour(0), Vec::new());
    let other = reading(Kind::Entry, chart("1", "B"), hour(0), Vec::new());
    filed(store, 4, vec![chart_read(0), single, other]).await;
    filed(store, 5, vec![chart_lost(1)]).await;
    let windows = filed(store, 6, vec![chart_lost(2), unread(Kind::Appointment, one("b"), hour(2))]).await;
    let wanted = [
        "Appointment a read 0h",
        "Appointment b gap 2h x1",
        "chart 1/A gap 1h x2",
        "chart 1/A read 0h",
        "chart 1/B read 0h",
        "page 0 read 2h",
    ];
    assert_eq!(told(&windows), wanted, "what was read stays known beside the gap");
    let status = store.status().await.expect("a status");
    let lines: Vec<_> = status.windows.iter().map(|line| (line.kind, line.units, line.rows, line.oldest)).collect();
    let wanted = [(Kind::Patient, 1, 1, hour(2)), (Kind::Appointment, 1, 0, hour(0)), (Kind::Entry, 2, 1, hour(0))];
    assert_eq!(lines, wanted);
    let kinds: Vec<_> = status.gaps.iter().map(|gap| gap.record.map(|(kind, _)| kind)).collect();
    assert_eq!(kinds, [Some(Kind::Appointment), Some(Kind::Patient)], "a gap is shown by a pseudonym");
    let windows = filed(store, 7, vec![chart_read(3)]).await;
    assert_eq!(told(&windows)[2..4], ["chart 1/A read 3h", "chart 1/B read 0h"]);
}

fn watched(what: Watch, key: &str, at: i64, attempts: u32) -> Watched {
    let kind = Kind::Appointment;
    Watched { what, instance: nord(), kind, key: key.to_owned(), first: hour(at), due: hour(at + 24), attempts }
}

/// What is watched keeps the time at which it was noticed, and is due in order.
pub(super) async fn watching_remembers_since_when<S: Store>(store: &S) {
    let [a, b] = [watched(Watch::Gone, "a", 2, 1), watched(Watch::Gone, "b", 1, 0)];
    store.watch(vec![a.clone(), b.clone(), watched(Watch::Missing, "a", 0, 0)]).await.expect("is watched");
    assert_eq!(store.watched(Watch::Gone).await.expect("watched"), [b, a.clone()]);
    let again = watched(Watch::Gone, "a", 5, 2);
    store.watch(vec![again.clone()]).await.expect("is watched");
    let now = store.watched(Watch::Gone).await.expect("watched");
    assert_eq!(now[1], Watched { first: a.first, ..again });
    let counts = store.status().await.expect("a status").watched;
    assert_eq!(counts, [(Watch::Gone, 2), (Watch::Missing, 1)]);
    let keys = vec![(Kind::Appointment, "a".to_owned()), (Kind::Patient, "b".to_owned())];
    store.unwatch(Watch::Gone, keys).await.expect("is let go");
    assert_eq!(store.watched(Watch::Gone).await.expect("watched").len(), 1, "a key is of one kind");
    assert_eq!(store.watched(Watch::Missing).await.expect("watched").len(), 1);
}

/// What was learned is kept per installation, the last word counts.
pub(super) async fn what_was_learned_is_kept<S: Store>(store: &S) {
    assert_eq!(store.source_state(nord()).await.expect("nothing"), None);
    for json in ["{\"slice\":7}", "{\"slice\":3}"] {
        store.set_source_state(nord(), json.to_owned()).await.expect("is kept");
    }
    assert_eq!(store.source_state(nord()).await.expect("a state").as_deref(), Some("{\"slice\":3}"));
    assert_eq!(store.source_state(InstanceKey::new("sued")).await.expect("nothing"), None);
}

/// The installations of the suite.
fn all() -> Vec<InstanceKey> {
    ["nord", "sued"].map(InstanceKey::new).to_vec()
}
