//! Cases about steps that build on other steps.

use super::{BOTH, appointment, begin, files, now, patient, plan_creates, read, send_all};
use crate::domain::{HubspotId, KeyHash, Kind, LinkKind, Object, PatientId, PatientRef, Properties, PropertyName};
use crate::plan::{Memo, Op, Step, Totals, Wave};
use crate::store::{Arrival, FlightKind, Landing, PatientPlan, Scope, StepEvent, StepId, Store};

fn step(wave: Wave, object: Object, patient: KeyHash, key: KeyHash, op: Op, id: Option<u64>) -> Step {
    Step {
        wave,
        object,
        patient,
        key,
        key_value: "1".to_owned(),
        op,
        id: id.map(HubspotId),
        set: Properties::from([(PropertyName::new("p"), "v".to_owned())]),
        before: Properties::new(),
        base: Properties::from([(PropertyName::new("p"), "v".to_owned())]),
        memo: Memo::default(),
        rule: None,
        reason: String::new(),
        link_contact: object != Object::Contact,
        link_deal: None,
        closes: false,
        open: None,
    }
}

/// A known record that is read twice is one unchanged and one repeated; read twice with news, it is taken once.
pub(super) async fn a_known_record_read_twice_is_counted_once<S: Store>(store: &S) {
    let run = begin(store, 1).await;
    read(store, run, Kind::Patient, vec![patient("1", "Koch"), patient("2", "Lange")]).await;
    plan_creates(store, run).await;
    store.accept(run).await.expect("accepts");
    let run = begin(store, 2).await;
    let twice = vec![patient("1", "Koch"), patient("1", "Koch"), patient("2", "Lange"), patient("2", "Lang")];
    let taken = read(store, run, Kind::Patient, twice).await;
    assert_eq!((taken.proposed, taken.unchanged, taken.repeated), (1, 1, 2));
    assert_eq!(files(store, run).await.len(), 1);
    plan_creates(store, run).await;
    store.accept(run).await.expect("accepts");
    let (_, lines) = store.account(run).await.expect("an account").kinds[0];
    assert_eq!((lines.read, lines.repeated, lines.unchanged, lines.unaccounted), (4, 2, 1, 0), "{lines:?}");
}

/// Queueing again what was handled is part of the plan: refused, it leaves the queue as it was.
pub(super) async fn what_is_queued_again_is_so_for_this_run_alone<S: Store>(store: &S) {
    let run = begin(store, 1).await;
    read(store, run, Kind::Patient, vec![patient("1", "Koch")]).await;
    plan_creates(store, run).await;
    store.accept(run).await.expect("accepts");
    let scope = |requeue| Scope { kinds: BOTH.to_vec(), only_run: false, requeue };
    let run = begin(store, 2).await;
    store.read_done(run).await.expect("nothing to read");
    let again = store.chunk(run, scope(true), None, 9).await.expect("a chunk").patients;
    assert!(again.len() == 1 && again[0].patient.as_ref().is_some_and(|patient| patient.queued));
    store.discard(run).await.expect("is refused");
    let run = begin(store, 3).await;
    store.read_done(run).await.expect("nothing to read");
    assert!(store.chunk(run, scope(false), None, 9).await.expect("a chunk").patients.is_empty());
}

/// A record found by its key needs no write; it is in the ledger all the same, and links to it are made.
pub(super) async fn a_record_that_was_found_can_be_linked_to<S: Store>(store: &S) {
    let run = begin(store, 1).await;
    let arrival = Arrival { records: vec![patient("1", "Koch")], ..Arrival::default() };
    store.take(run, Kind::Patient, arrival).await.expect("is taken");
    let visit = appointment("a", PatientRef::Id(PatientId::new("1")), "geplant", None);
    read(store, run, BOTH[1], vec![visit]).await;
    let file = files(store, run).await.remove(0);
    let visit = file.appointments[0].key;
    let steps = vec![
        step(Wave::Contacts, Object::Contact, file.key, file.key, Op::LinkOnly, Some(7)),
        step(Wave::Appointments, Object::Appointment, file.key, visit, Op::LinkOnly, Some(8)),
    ];
    store.propose(run, vec![PatientPlan { steps, ..PatientPlan::default() }]).await.expect("proposes");
    store.planned(run, "digest".to_owned(), Totals::default()).await.expect("is planned");
    store.accept(run).await.expect("accepts");
    assert_eq!(send_all(store, run).await, 0);
    let links = store.next_links(LinkKind::AppointmentContact, StepId(0), 9).await.expect("links");
    assert_eq!(links.iter().map(|(_, from, to)| (from.0, to.0)).collect::<Vec<_>>(), [(8, 7)]);
    assert_eq!(store.existing().await.expect("counts").contacts, 1);
}

/// A later step on a record whose earlier step was refused would remember values that were never written.
pub(super) async fn nothing_is_built_on_what_was_refused<S: Store>(store: &S) {
    let run = begin(store, 1).await;
    read(store, run, Kind::Patient, vec![patient("1", "Koch")]).await;
    let file = files(store, run).await.remove(0);
    let steps = vec![
        step(Wave::Contacts, Object::Contact, file.key, file.key, Op::Update, Some(7)),
        step(Wave::OpenCounts, Object::Contact, file.key, file.key, Op::Update, Some(7)),
    ];
    store.propose(run, vec![PatientPlan { steps, ..PatientPlan::default() }]).await.expect("proposes");
    store.planned(run, "digest".to_owned(), Totals::default()).await.expect("is planned");
    store.accept(run).await.expect("accepts");
    let first = store.next_records(Wave::Contacts, StepId(0), 9).await.expect("steps").remove(0);
    let flight = store.depart(FlightKind::Records, vec![first.id]).await.expect("off");
    let refused = StepEvent::Rejected { code: "VALIDATION_ERROR".to_owned() };
    store.land(run, flight, vec![Landing { step: first.id, event: refused }], now()).await.expect("lands");
    assert!(store.next_records(Wave::OpenCounts, StepId(0), 9).await.expect("steps").is_empty());
}
