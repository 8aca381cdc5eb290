//! Complete readings of entries: known to their run alone until it is accepted, and of whom they say something new.

use chrono::{Days, NaiveDate};

use super::{appointment, begin, day, origin, patient};
use crate::domain::{
    Cents, EntriesRead, Entry, EntryId, InstanceKey, Kind, PatientId, PatientRef, Personal, Record, RunId,
};
use crate::store::{Arrival, ChartRead, Incoming, Scope, Store};

/// Days that entries are waited for.
const WAIT: u32 = 14;

fn entry(id: &str, of: &str) -> Incoming {
    let record = Entry {
        id: EntryId::new(id),
        instance: InstanceKey::new("nord"),
        patient: PatientRef::Id(PatientId::new(of)),
        date: day(),
        practitioner: String::new(),
        kind: "Leistung".to_owned(),
        schedule: "GOZ".to_owned(),
        code: Personal::new("6190"),
        count: 1.into(),
        factor: None,
        amount: Some(Cents(1_500)),
        text: Personal::default(),
        profile: None,
    };
    Incoming { record: Record::Entry(record), origin: origin(2), mail: None }
}

fn chart(of: &str, profile: &str, read: Option<NaiveDate>, rows: u64) -> ChartRead {
    ChartRead { patient: of.to_owned(), profile: profile.to_owned(), instance: InstanceKey::new("nord"), read, rows }
}

/// The day so many days after the visits.
fn after(days: u64) -> NaiveDate {
    day() + Days::new(days)
}

async fn take<S: Store>(store: &S, run: RunId, kind: Kind, records: Vec<Incoming>) {
    store.take(run, kind, Arrival { records, ..Arrival::default() }).await.expect("taken");
}

/// Two patients with a visit each, accepted.
async fn seen<S: Store>(store: &S) {
    let run = begin(store, 1).await;
    take(store, run, Kind::Patient, vec![patient("p1", "Muster"), patient("p2", "Probe")]).await;
    let of = |id: &str| PatientRef::Id(PatientId::new(id));
    let visits = vec![appointment("t1", of("p1"), "fertig", None), appointment("t2", of("p2"), "fertig", None)];
    take(store, run, Kind::Appointment, visits).await;
    plan(store, run, &[Kind::Patient, Kind::Appointment]).await;
    store.accept(run).await.expect("accepted");
}

/// The patients that a run about `kinds` plans, each with the days of its readings.
async fn plan<S: Store>(store: &S, run: RunId, kinds: &[Kind]) -> Vec<(String, Vec<EntriesRead>)> {
    plan_in(store, run, Scope { kinds: kinds.to_vec(), only_run: false, requeue: false }).await
}

/// The same of a run that leaves the queue alone.
async fn plan_part<S: Store>(store: &S, run: RunId, kinds: &[Kind]) -> Vec<(String, Vec<EntriesRead>)> {
    plan_in(store, run, Scope { kinds: kinds.to_vec(), only_run: true, requeue: false }).await
}

async fn plan_in<S: Store>(store: &S, run: RunId, scope: Scope) -> Vec<(String, Vec<EntriesRead>)> {
    store.read_done(run).await.expect("read");
    let chunk = store.chunk(run, scope, None, 10).await.expect("a chunk");
    let name = |file: crate::store::PatientFile| {
        (file.patient.expect("it is there").record.id.as_str().to_owned(), file.entries_read)
    };
    let mut planned: Vec<_> = chunk.patients.into_iter().map(name).collect();
    planned.sort();
    store.planned(run, String::new(), crate::plan::Totals::default()).await.expect("planned");
    planned
}

/// Of those whom a run about entries plans, those of whom something is known.
async fn told<S: Store>(store: &S, run: RunId) -> Vec<(String, Vec<EntriesRead>)> {
    plan(store, run, &[Kind::Entry]).await.into_iter().filter(|(_, read)| !read.is_empty()).collect()
}

fn names(planned: &[(String, Vec<EntriesRead>)]) -> Vec<&str> {
    planned.iter().map(|(name, _)| name.as_str()).collect()
}

/// A chart that says something new brings its patient into the plan, once; what is refused was never said.
pub(super) async fn a_chart_that_goes_far_enough_is_looked_at_once<S: Store>(store: &S) {
    seen(store).await;
    let run = begin(store, 2).await;
    let charts = vec![chart("p1", "a", Some(after(13)), 0), chart("p2", "a", Some(after(14)), 0)];
    store.charts_read(run, charts.clone(), WAIT).await.expect("noted");
    let planned = plan(store, run, &[Kind::Entry]).await;
    assert_eq!(names(&planned), ["p2"], "the wait of the other is not over");
    assert_eq!(planned[0].1, [EntriesRead { from: NaiveDate::MIN, as_of: after(14) }]);
    store.discard(run).await.expect("discarded");

    let run = begin(store, 3).await;
    assert!(plan(store, run, &[Kind::Entry]).await.is_empty(), "nothing of a refused run is known");
    store.charts_read(run, charts.clone(), WAIT).await.expect("noted");
    assert_eq!(names(&plan(store, run, &[Kind::Entry]).await), ["p2"]);
    store.accept(run).await.expect("accepted");

    let run = begin(store, 4).await;
    let later = vec![chart("p1", "a", Some(after(14)), 0), chart("p2", "a", Some(after(15)), 0)];
    store.charts_read(run, later, WAIT).await.expect("noted");
    assert_eq!(names(&plan(store, run, &[Kind::Entry]).await), ["p1"], "of the other it was said");
    store.accept(run).await.expect("accepted");
}

/// A profile that could not be read, or an empty answer where entries are known, says nothing; an earlier reading stays.
pub(super) async fn half_a_chart_says_nothing<S: Store>(store: &S) {
    seen(store).await;
    let run = begin(store, 2).await;
    take(store, run, Kind::Entry, vec![entry("e1", "p2")]).await;
    assert_eq!(names(&plan(store, run, &[Kind::Entry]).await), ["p2"]);
    store.accept(run).await.expect("accepted");

    let run = begin(store, 3).await;
    let charts =
        vec![chart("p1", "a", Some(after(20)), 0), chart("p1", "b", None, 0), chart("p2", "a", Some(after(20)), 0)];
    store.charts_read(run, charts, WAIT).await.expect("noted");
    assert!(told(store, run).await.is_empty());
    store.accept(run).await.expect("accepted");

    let run = begin(store, 4).await;
    store.charts_read(run, vec![chart("p1", "b", Some(after(16)), 0)], WAIT).await.expect("noted");
    assert_eq!(
        told(store, run).await,
        [("p1".to_owned(), vec![EntriesRead { from: NaiveDate::MIN, as_of: after(16) }])]
    );
    store.accept(run).await.expect("accepted");

    let run = begin(store, 5).await;
    store.charts_read(run, vec![chart("p1", "a", None, 0)], WAIT).await.expect("noted");
    assert!(told(store, run).await.is_empty(), "what was read stays read");
    store.accept(run).await.expect("accepted");
}

/// Files speak for their installation; without a plan, whom they concern is planned by the next run.
pub(super) async fn files_speak_for_an_installation<S: Store>(store: &S) {
    seen(store).await;
    let file = |name: &str, from: NaiveDate, as_of: NaiveDate| (InstanceKey::new(name), EntriesRead { from, as_of });
    let run = begin(store, 2).await;
    let files = vec![file("sued", day(), after(30)), file("nord", after(1), after(30))];
    store.files_read(run, files, WAIT).await.expect("noted");
    let planned = plan(store, run, &[Kind::Entry]).await;
    assert!(planned.iter().all(|(_, read)| read.iter().all(|read| !read.covers(day(), WAIT))), "{planned:?}");
    store.accept(run).await.expect("accepted");

    let run = begin(store, 3).await;
    store.files_read(run, vec![file("nord", day(), after(30))], WAIT).await.expect("noted");
    store.accept(run).await.expect("accepted without a plan");

    let run = begin(store, 4).await;
    let planned = plan(store, run, &[Kind::Entry]).await;
    assert_eq!(names(&planned), ["p1", "p2"]);
    let whole = EntriesRead { from: day(), as_of: after(30) };
    assert_eq!(planned[0].1, [whole], "the file that says less is forgotten");
    store.accept(run).await.expect("accepted");
    let run = begin(store, 5).await;
    assert!(plan(store, run, &[Kind::Entry]).await.is_empty(), "and once is enough");
    store.accept(run).await.expect("accepted");
}

/// A run about other kinds that comes first takes nobody off the list whom it has not planned.
pub(super) async fn who_is_due_waits_for_a_run_that_plans_it<S: Store>(store: &S) {
    seen(store).await;
    let of = |id: &str| PatientRef::Id(PatientId::new(id));
    let run = begin(store, 2).await;
    let nord = EntriesRead { from: day(), as_of: after(30) };
    store.files_read(run, vec![(InstanceKey::new("nord"), nord)], WAIT).await.expect("noted");
    store.accept(run).await.expect("accepted without a plan");
    // Patients whose pseudonyms lie before and behind those who are due.
    let run = begin(store, 3).await;
    let others: Vec<String> = (0..8).map(|number| format!("q{number}")).collect();
    take(store, run, Kind::Patient, others.iter().map(|id| patient(id, "Muster")).collect()).await;
    let planned = plan_part(store, run, &[Kind::Patient]).await;
    assert_eq!(planned.len(), others.len(), "whom it reads, and nobody else");
    store.accept(run).await.expect("accepted");
    // One of the two is planned for another reason, entries and all.
    let run = begin(store, 4).await;
    take(store, run, Kind::Appointment, vec![appointment("t3", of("p1"), "fertig", None)]).await;
    assert_eq!(names(&plan_part(store, run, &[Kind::Appointment]).await), ["p1"]);
    store.accept(run).await.expect("accepted");
    let run = begin(store, 5).await;
    assert_eq!(names(&plan(store, run, &[Kind::Entry]).await), ["p2"]);
    store.accept(run).await.expect("accepted");
}
