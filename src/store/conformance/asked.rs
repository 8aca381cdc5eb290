//! Cases about what reading asks of the inbox.

use super::source::{entry, on, visit};
use super::{appointment, begin, files, patient, plan_creates, read, send_all};
use crate::domain::{
    AppointmentId, HubspotId, KeyHash, Kind, Object, Patient, PatientId, PatientNumber, PatientRef, Properties, Record,
    RunId,
};
use crate::plan::{Memo, Op, Step, Totals, Wave};
use crate::store::{Interest, PatientPlan, Sought, StepFate, Store};

/// Patients 1 and 2 with appointments on days 3, 10 (of 1) and 20 (of 2), two entries of 1, a patient 3 without
/// anything, and an appointment of somebody unknown.
async fn practice<S: Store>(store: &S) -> RunId {
    let run = begin(store, 1).await;
    let mut first = patient("1", "Koch");
    if let Record::Patient(patient) = &mut first.record {
        patient.profile = Some("Privat".to_owned());
    }
    read(store, run, Kind::Patient, vec![first, patient("2", "Lange"), patient("3", "Voss")]).await;
    let visits = vec![visit("a", "1", 3), visit("b", "1", 10), visit("c", "2", 20), visit("x", "9", 20)];
    read(store, run, Kind::Appointment, visits).await;
    read(store, run, Kind::Entry, vec![entry("e1", "1"), entry("e2", "1")]).await;
    plan_creates(store, run).await;
    run
}

/// The inbox says what a window should have brought, and who is missing; only what is accepted counts.
pub(super) async fn the_inbox_answers_by_day_and_key<S: Store>(store: &S) {
    let run = practice(store).await;
    let ids = |ids: &[&str]| ids.iter().map(|id| PatientId::new(id)).collect::<Vec<_>>();
    assert_eq!(store.unknown_patients(ids(&["1"])).await.expect("unknown").len(), 1, "nothing is accepted yet");
    assert!(store.record(Kind::Appointment, "a".to_owned()).await.expect("nothing").is_none());
    store.accept(run).await.expect("accepts");

    let between = async |from, to, not: &[&str]| {
        let not = not.iter().map(|id| AppointmentId::new(id)).collect();
        let found = store.appointments_between(on(from), on(to), not).await.expect("appointments");
        found.iter().map(|visit| visit.id.as_str().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(between(3, 10, &[]).await, ["a", "b"], "both ends are included");
    assert_eq!(between(3, 10, &["a", "unread"]).await, ["b"]);
    assert_eq!(between(4, 9, &[]).await, [""; 0]);
    assert_eq!(store.unknown_patients(ids(&["9", "1", "8", "9"])).await.expect("unknown"), ids(&["9", "8"]));

    let known = |patients: Vec<Patient>| {
        let mut names: Vec<_> = patients.iter().map(|patient| patient.id.as_str().to_owned()).collect();
        names.sort();
        names
    };
    assert_eq!(known(store.patient_records(ids(&["2", "9"])).await.expect("patients")), ["1", "3"]);
    assert_eq!(known(store.patient_records(Vec::new()).await.expect("patients")).len(), 3);
    for (kind, key) in [(Kind::Patient, "1"), (Kind::Appointment, "x"), (Kind::Entry, "e2")] {
        let record = store.record(kind, key.to_owned()).await.expect("a record");
        assert_eq!(record.map(|record| record.kind()), Some(kind));
    }
    assert!(store.record(Kind::Patient, "a".to_owned()).await.expect("nothing").is_none());
    for (patient, entries) in [("1", 2), ("2", 0), ("9", 0)] {
        assert_eq!(store.entries_of(PatientId::new(patient)).await.expect("entries").len(), entries, "{patient}");
    }
}

/// A patient is known by every name: the id that arrived after the number had become the key is no stranger's.
pub(super) async fn a_patient_is_known_by_every_name<S: Store>(store: &S) {
    let numbered = |id: &str| {
        let mut incoming = patient(id, "Koch");
        if let Record::Patient(patient) = &mut incoming.record {
            patient.number = Some(PatientNumber::new("nord:5"));
        }
        incoming
    };
    let id = "a0000000-0000-4000-8000-000000000001";
    for (number, key) in [(1, "nr-5"), (2, id)] {
        let run = begin(store, number).await;
        read(store, run, Kind::Patient, vec![numbered(key)]).await;
        plan_creates(store, run).await;
        store.accept(run).await.expect("accepts");
    }
    for key in [id, "nr-5"] {
        let ids = vec![PatientId::new(key)];
        assert!(store.unknown_patients(ids.clone()).await.expect("unknown").is_empty(), "{key}");
        assert!(store.patient_records(ids).await.expect("patients").is_empty(), "{key}");
        let Some(Record::Patient(patient)) = store.record(Kind::Patient, key.to_owned()).await.expect("a record")
        else {
            panic!("{key} is a patient");
        };
        assert_eq!(patient.id.as_str(), "nr-5");
    }
}

/// Charts are wanted of those with an appointment in the window or an open deal, or of everybody.
pub(super) async fn charts_are_wanted_of_those_who_matter<S: Store>(store: &S) {
    let run = practice(store).await;
    store.accept(run).await.expect("accepts");
    let leads = async |interest: Interest| {
        let leads = store.leads(interest).await.expect("leads");
        assert!(leads.is_sorted_by_key(|lead| lead.key), "in the order of their hashes");
        let mut leads: Vec<_> =
            leads.into_iter().map(|lead| (lead.id.as_str().to_owned(), lead.entries, lead.profile)).collect();
        leads.sort();
        leads
    };
    let one = ("1".to_owned(), 2, Some("Privat".to_owned()));
    let [two, three] = ["2", "3"].map(|id| (id.to_owned(), 0, None));
    let nobody = Interest::default();
    assert_eq!(leads(nobody).await, []);
    assert_eq!(leads(Interest { from: Some(on(4)), to: Some(on(10)), ..nobody }).await, vec![one.clone()]);
    assert_eq!(leads(Interest { from: Some(on(11)), ..nobody }).await, vec![two.clone()], "a stranger has no chart");
    assert_eq!(leads(Interest { to: Some(on(19)), ..nobody }).await, vec![one.clone()]);
    assert_eq!(leads(Interest { open_deals: true, ..nobody }).await, [], "no deal is written yet");
    assert_eq!(leads(Interest { everybody: true, ..nobody }).await, [one, two.clone(), three.clone()]);

    deals(store, &[("2", Some(true)), ("3", Some(false))]).await;
    assert_eq!(leads(Interest { open_deals: true, ..nobody }).await, [two]);
}

/// Writes a deal for each patient, open or not, under the hash that leads show.
async fn deals<S: Store>(store: &S, patients: &[(&str, Option<bool>)]) {
    let leads = store.leads(Interest { everybody: true, ..Interest::default() }).await.expect("leads");
    let run = begin(store, 5).await;
    store.read_done(run).await.expect("nothing to read");
    let deal = |number: u8, key: KeyHash, open| Step {
        wave: Wave::Deals,
        object: Object::Deal,
        patient: key,
        key: KeyHash([number; 16]),
        key_value: String::new(),
        op: Op::LinkOnly,
        id: Some(HubspotId(u64::from(number))),
        set: Properties::new(),
        before: Properties::new(),
        base: Properties::new(),
        memo: Memo::default(),
        rule: None,
        reason: String::new(),
        link_contact: false,
        link_deal: None,
        closes: false,
        open,
    };
    let steps = (1..)
        .zip(patients)
        .filter_map(|(number, (id, open))| {
            leads.iter().find(|lead| lead.id.as_str() == *id).map(|lead| deal(number, lead.key, *open))
        })
        .collect();
    store.propose(run, vec![PatientPlan { steps, ..PatientPlan::default() }]).await.expect("proposes");
    store.planned(run, "digest".to_owned(), Totals::default()).await.expect("is planned");
    store.accept(run).await.expect("accepts");
}

/// A record is found by every form of its key, and what was accepted for its patient is traced; what was refused is not.
pub(super) async fn a_key_is_found_in_every_form<S: Store>(store: &S) {
    let run = begin(store, 1).await;
    read(store, run, Kind::Patient, vec![patient("p1", "Koch")]).await;
    let owner = PatientRef::Id(PatientId::new("p1"));
    read(store, run, Kind::Appointment, vec![appointment("a1", owner, "geplant", None)]).await;
    let refused = files(store, run).await;
    plan_creates(store, run).await;
    let of = refused[0].key;
    assert!(store.find(vec![Sought::Key("a1".to_owned())]).await.expect("answers").is_empty(), "not accepted");
    assert!(store.traces(of).await.expect("answers").is_empty(), "not accepted");
    store.accept(run).await.expect("accepts");
    assert_eq!(send_all(store, run).await, 2);
    let found = |sought: Sought| async move { store.find(vec![sought]).await.expect("answers") };
    let visit = found(Sought::Key("a1".to_owned())).await;
    assert_eq!(visit.iter().map(|fit| (fit.patient, fit.kind)).collect::<Vec<_>>(), [(of, Some(Kind::Appointment))]);
    let short = visit[0].key.0.get(..4).expect("sixteen bytes").to_vec();
    assert_eq!(found(Sought::Pseudonym(short)).await, visit);
    let traces = store.traces(of).await.expect("answers");
    assert_eq!(traces.len(), 2);
    assert!(traces.iter().all(|trace| trace.fate == StepFate::Written && trace.run == run));
    for trace in &traces {
        let by_id = found(Sought::Hubspot(trace.hubspot.expect("it is written"))).await;
        assert_eq!(by_id.iter().map(|fit| fit.key).collect::<Vec<_>>(), [trace.step.key]);
    }
    let file = store.file_of(of).await.expect("answers");
    assert_eq!((file.patient.is_some(), file.appointments.len(), file.ledger.len()), (true, 1, 2));
    assert!(found(Sought::Key("a2".to_owned())).await.is_empty());
}
