//! What every engine must do. Each case gets a fresh store; a second engine runs the same cases.

mod asked;
mod entries;
mod names;
mod source;
mod steps;
mod versions;

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};

use crate::domain::{
    Appointment, AppointmentId, Held, HubspotId, InstanceKey, Kind, LinkKind, LocalTime, Object, Origin, Patient,
    PatientId, PatientNumber, PatientRef, Personal, Properties, PropertyName, Record, Rejected, RunId,
};
use crate::plan::{Memo, Op, Outcome, RecordOutcome, Step, Totals, Wave};
use crate::store::{
    Arrival, FlightKind, Incoming, Landing, NewRun, PatientPlan, RunState, Scope, Sending, StepEvent, StepId, Store,
};

/// Runs every case on a store of its own.
pub(in crate::store) async fn suite<S: Store>(fresh: impl Fn() -> S) {
    known_records_are_dropped_and_repeats_counted(&fresh()).await;
    nothing_of_a_refused_plan_stays(&fresh()).await;
    records_wait_for_their_patient(&fresh()).await;
    a_dead_run_is_finished_or_forgotten(&fresh()).await;
    steps_go_one_way(&fresh()).await;
    links_wait_for_both_ends(&fresh()).await;
    leftovers_under_other_decisions_go_back_to_the_queue(&fresh()).await;
    names::a_patient_without_id_keeps_the_number_as_key(&fresh()).await;
    names::a_number_that_a_patient_has_is_no_second_patient(&fresh()).await;
    sharing_an_address_is_seen_from_both_sides(&fresh()).await;
    steps::a_known_record_read_twice_is_counted_once(&fresh()).await;
    steps::what_is_queued_again_is_so_for_this_run_alone(&fresh()).await;
    steps::a_record_that_was_found_can_be_linked_to(&fresh()).await;
    steps::nothing_is_built_on_what_was_refused(&fresh()).await;
    source::what_is_spooled_comes_back_whole(&fresh()).await;
    source::a_refused_run_leaves_the_spool(&fresh()).await;
    source::days_replace_days_inside_them(&fresh()).await;
    source::a_gap_is_as_old_as_its_first_try(&fresh()).await;
    source::a_pull_replaces_the_pull_before(&fresh()).await;
    source::watching_remembers_since_when(&fresh()).await;
    source::what_was_learned_is_kept(&fresh()).await;
    entries::a_chart_that_goes_far_enough_is_looked_at_once(&fresh()).await;
    entries::half_a_chart_says_nothing(&fresh()).await;
    entries::files_speak_for_an_installation(&fresh()).await;
    entries::who_is_due_waits_for_a_run_that_plans_it(&fresh()).await;
    asked::the_inbox_answers_by_day_and_key(&fresh()).await;
    asked::a_patient_is_known_by_every_name(&fresh()).await;
    asked::a_key_is_found_in_every_form(&fresh()).await;
    asked::charts_are_wanted_of_those_who_matter(&fresh()).await;
    versions::a_changed_answer_concerns_those_who_looked(&fresh()).await;
    versions::a_part_leaves_the_rest_to_a_whole_run(&fresh()).await;
    versions::a_part_under_other_tables_is_looked_at_again(&fresh()).await;
    versions::what_was_held_wakes_up_for_its_own_pass(&fresh()).await;
    versions::the_last_mappings_are_kept(&fresh()).await;
}

const BOTH: [Kind; 2] = [Kind::Patient, Kind::Appointment];

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_700_000_000, 0).expect("a time")
}

pub(in crate::store) fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 23).expect("a day")
}

async fn begin<S: Store>(store: &S, number: u128) -> RunId {
    begin_under(store, number, "d1").await
}

async fn begin_under<S: Store>(store: &S, number: u128, decisions: &str) -> RunId {
    let id = RunId(uuid::Uuid::from_u128(number));
    let run = NewRun {
        id,
        command: "test".to_owned(),
        now: now(),
        today: day(),
        decisions: decisions.to_owned(),
        mapping: String::new(),
    };
    store.begin(run).await.expect("begins");
    id
}

fn origin(line: u64) -> Origin {
    Origin { file: Arc::from("patienten.csv"), line }
}

pub(in crate::store) fn patient(id: &str, name: &str) -> Incoming {
    let text = |text: &str| Personal::new(text);
    let record = Patient {
        id: PatientId::new(id),
        instance: InstanceKey::new("nord"),
        number: None,
        title: text(""),
        first_name: text("Erna"),
        last_name: text(name),
        birthday: None,
        gender: None,
        email: text(""),
        phone: text(""),
        mobile: text(""),
        street: text(""),
        zip: text(""),
        city: text(""),
        country: text(""),
        insurance: text(""),
        location: None,
        profile: None,
        practitioner: None,
        created: None,
        deleted: false,
        known_as: None,
    };
    Incoming { record: Record::Patient(record), origin: origin(2), mail: None }
}

pub(in crate::store) fn appointment(id: &str, patient: PatientRef, state: &str, changed: Option<u32>) -> Incoming {
    let record = Appointment {
        id: AppointmentId::new(id),
        instance: InstanceKey::new("nord"),
        patient,
        start: LocalTime(day().and_hms_opt(9, 0, 0).expect("a time")),
        end: None,
        template: "Erstberatung Aligner".to_owned(),
        chair: String::new(),
        practitioner: String::new(),
        location: None,
        state: state.to_owned(),
        confirmation: String::new(),
        created: None,
        changed: changed.and_then(|hour| day().and_hms_opt(hour, 0, 0)),
        ids: crate::domain::SourceIds::default(),
    };
    Incoming { record: Record::Appointment(record), origin: origin(3), mail: None }
}

async fn read<S: Store>(store: &S, run: RunId, kind: Kind, records: Vec<Incoming>) -> crate::store::Taken {
    let taken = store.take(run, kind, Arrival { records, ..Arrival::default() }).await.expect("is taken");
    store.read_done(run).await.expect("is read");
    taken
}

async fn files<S: Store>(store: &S, run: RunId) -> Vec<crate::store::PatientFile> {
    let scope = Scope { kinds: BOTH.to_vec(), only_run: false, requeue: false };
    let mut files = Vec::new();
    let mut after = None;
    loop {
        let chunk = store.chunk(run, scope.clone(), after, 1).await.expect("a chunk");
        files.extend(chunk.patients);
        match chunk.next {
            Some(next) => after = Some(next),
            None => return files,
        }
    }
}

/// A plan that creates the object of every queued record and links appointments to their contact.
async fn plan_creates<S: Store>(store: &S, run: RunId) -> usize {
    let mut steps = 0;
    for file in files(store, run).await {
        let mut plan = PatientPlan::default();
        let mut add = |object, wave, kind, key, value: &str, from_queue| {
            let base: Properties = [(PropertyName::new("key"), value.to_owned())].into();
            plan.steps.push(Step {
                wave,
                object,
                patient: file.key,
                key,
                key_value: value.to_owned(),
                op: Op::Create,
                id: None,
                set: base.clone(),
                before: Properties::new(),
                base,
                memo: Memo::default(),
                rule: None,
                reason: String::new(),
                link_contact: object != Object::Contact,
                link_deal: None,
                closes: false,
                open: None,
            });
            plan.outcomes.push(RecordOutcome { kind, patient: file.key, key, from_queue, outcome: Outcome::Created });
        };
        if let Some(patient) = file.patient.as_ref().filter(|patient| patient.queued) {
            let value = patient.record.id.as_str();
            add(Object::Contact, Wave::Contacts, Kind::Patient, patient.key, value, !patient.read_now);
        }
        for visit in file.appointments.iter().filter(|visit| visit.queued && file.patient.is_some()) {
            let value = visit.record.id.as_str();
            add(Object::Appointment, Wave::Appointments, Kind::Appointment, visit.key, value, !visit.read_now);
        }
        if file.patient.is_none() {
            plan.outcomes.extend(file.appointments.iter().map(|visit| RecordOutcome {
                kind: Kind::Appointment,
                patient: file.key,
                key: visit.key,
                from_queue: !visit.read_now,
                outcome: Outcome::Held(Held::WaitingForPatient),
            }));
        }
        steps += plan.steps.len();
        store.propose(run, vec![plan]).await.expect("proposes");
    }
    store.planned(run, "digest".to_owned(), Totals::default()).await.expect("is planned");
    steps
}

/// Sends everything that is accepted; every record gets its step's number as HubSpot id.
async fn send_all<S: Store>(store: &S, run: RunId) -> usize {
    let mut sent = 0;
    for wave in Wave::ALL {
        let steps = store.next_records(wave, StepId(0), 100).await.expect("steps");
        if steps.is_empty() {
            continue;
        }
        sent += steps.len();
        let flight = store.depart(FlightKind::Records, steps.iter().map(|step| step.id).collect()).await.expect("off");
        let done = |step: &crate::store::Queued| Landing {
            step: step.id,
            event: StepEvent::Done { hubspot_id: HubspotId(u64::try_from(step.id.0).expect("positive")) },
        };
        store.land(run, flight, steps.iter().map(done).collect(), now()).await.expect("lands");
    }
    sent
}

async fn known_records_are_dropped_and_repeats_counted<S: Store>(store: &S) {
    let run = begin(store, 1).await;
    let taken =
        read(store, run, Kind::Patient, vec![patient("1", "Koch"), patient("2", "Lange"), patient("1", "Koch")]).await;
    assert_eq!((taken.proposed, taken.unchanged, taken.repeated), (2, 0, 1));
    assert_eq!(plan_creates(store, run).await, 2);
    store.accept(run).await.expect("accepts");
    let account = store.account(run).await.expect("an account");
    let (_, lines) = account.kinds[0];
    assert_eq!((lines.read, lines.repeated, lines.in_doubt, lines.unaccounted), (3, 1, 2, 0));
    assert_eq!(send_all(store, run).await, 2);
    let account = store.account(run).await.expect("an account");
    let (_, lines) = account.kinds[0];
    assert_eq!((lines.created, lines.in_doubt, lines.unaccounted), (2, 0, 0));

    let run = begin(store, 2).await;
    let rejected = Rejected { origin: origin(9), column: Some(4), header: None, reason: "not a date".to_owned() };
    let batch =
        Arrival { records: vec![patient("1", "Koch"), patient("2", "Lang")], rejected: vec![rejected], left_out: 0 };
    let taken = store.take(run, Kind::Patient, batch).await.expect("is taken");
    store.read_done(run).await.expect("is read");
    assert_eq!((taken.proposed, taken.unchanged, taken.repeated), (1, 1, 0));
    assert_eq!(files(store, run).await.len(), 1, "only the changed patient is planned");
}

async fn nothing_of_a_refused_plan_stays<S: Store>(store: &S) {
    let run = begin(store, 1).await;
    read(store, run, Kind::Patient, vec![patient("1", "Koch")]).await;
    plan_creates(store, run).await;
    store.discard(run).await.expect("discards");
    let run = begin(store, 2).await;
    assert!(files(store, run).await.is_empty());
    assert_eq!(send_all(store, run).await, 0);
    let taken = read(store, run, Kind::Patient, vec![patient("1", "Koch")]).await;
    assert_eq!(taken.proposed, 1, "it is as new as before");
}

async fn records_wait_for_their_patient<S: Store>(store: &S) {
    let run = begin(store, 1).await;
    let number = PatientNumber::new("nord:77");
    let visits = vec![
        appointment("a", PatientRef::Id(PatientId::new("1")), "geplant", None),
        appointment("b", PatientRef::Number(number.clone()), "geplant", None),
    ];
    read(store, run, Kind::Appointment, visits).await;
    assert_eq!(plan_creates(store, run).await, 0);
    store.accept(run).await.expect("accepts");
    let waiting = |report: &super::StatusReport| report.queues[1];
    assert_eq!(waiting(&store.status().await.expect("a status")), (Kind::Appointment, 2, 0, 2));

    let run = begin(store, 2).await;
    let mut arrived = patient("1", "Koch");
    if let Record::Patient(patient) = &mut arrived.record {
        patient.number = Some(number);
    }
    read(store, run, Kind::Patient, vec![arrived]).await;
    assert_eq!(plan_creates(store, run).await, 1, "waiting records are queued by the arrival, not planned with it");
    store.accept(run).await.expect("accepts");
    assert_eq!(waiting(&store.status().await.expect("a status")), (Kind::Appointment, 2, 2, 0));
    let run = begin(store, 3).await;
    store.read_done(run).await.expect("nothing to read");
    let found = files(store, run).await;
    assert_eq!(found.len(), 1, "both are filed under the patient now");
    assert_eq!(found[0].appointments.len(), 2);
}

async fn a_dead_run_is_finished_or_forgotten<S: Store>(store: &S) {
    let dead = begin(store, 1).await;
    read(store, dead, Kind::Patient, vec![patient("1", "Koch")]).await;
    plan_creates(store, dead).await;
    let run = begin(store, 2).await;
    assert_eq!(send_all(store, run).await, 0, "what was never accepted is never sent");
    let status = store.status().await.expect("a status");
    assert!(status.runs.iter().any(|line| line.id == dead && line.state == RunState::Abandoned));
}

async fn steps_go_one_way<S: Store>(store: &S) {
    let run = begin(store, 1).await;
    read(store, run, Kind::Patient, vec![patient("1", "Koch"), patient("2", "Lange")]).await;
    plan_creates(store, run).await;
    assert!(store.next_records(Wave::Contacts, StepId(0), 9).await.expect("steps").is_empty(), "not accepted yet");
    store.accept(run).await.expect("accepts");
    let steps = store.next_records(Wave::Contacts, StepId(0), 9).await.expect("steps");
    let flight = store.depart(FlightKind::Records, steps.iter().map(|step| step.id).collect()).await.expect("off");
    let open = store.in_doubt().await.expect("flights");
    assert!(matches!(&open[..], [(id, Sending::Records(steps))] if *id == flight && steps.len() == 2));
    let landings = vec![
        Landing { step: steps[0].id, event: StepEvent::Rejected { code: "VALIDATION_ERROR".to_owned() } },
        Landing { step: steps[1].id, event: StepEvent::Released },
    ];
    store.land(run, flight, landings, now()).await.expect("lands");
    assert!(store.in_doubt().await.expect("flights").is_empty());
    assert_eq!(store.next_records(Wave::Contacts, StepId(0), 9).await.expect("steps").len(), 1, "released");
    assert_eq!(send_all(store, run).await, 1);
    let (_, lines) = store.account(run).await.expect("an account").kinds[0];
    assert_eq!((lines.created, lines.held, lines.in_doubt, lines.unaccounted), (1, 1, 0, 0));
    let held = store.status().await.expect("a status").held;
    assert_eq!(held[0].reason, "refused by HubSpot: VALIDATION_ERROR");
}

async fn links_wait_for_both_ends<S: Store>(store: &S) {
    let run = begin(store, 1).await;
    store
        .take(run, Kind::Patient, Arrival { records: vec![patient("1", "Koch")], ..Arrival::default() })
        .await
        .expect("is taken");
    let visit = appointment("a", PatientRef::Id(PatientId::new("1")), "geplant", None);
    read(store, run, Kind::Appointment, vec![visit]).await;
    assert_eq!(plan_creates(store, run).await, 2);
    store.accept(run).await.expect("accepts");
    let kind = LinkKind::AppointmentContact;
    assert!(store.next_links(kind, StepId(0), 9).await.expect("links").is_empty());
    send_all(store, run).await;
    let links = store.next_links(kind, StepId(0), 9).await.expect("links");
    assert_eq!(links.len(), 1);
    let flight = store.depart(FlightKind::Links(kind), vec![links[0].0]).await.expect("off");
    let landing = Landing { step: links[0].0, event: StepEvent::Done { hubspot_id: links[0].1 } };
    store.land(run, flight, vec![landing], now()).await.expect("lands");
    assert!(store.next_links(kind, StepId(0), 9).await.expect("links").is_empty());
    let counts = store.settle().await.expect("settles");
    assert_eq!((counts.planned, counts.links_open), (0, 0));
}

async fn leftovers_under_other_decisions_go_back_to_the_queue<S: Store>(store: &S) {
    let run = begin(store, 1).await;
    read(store, run, Kind::Patient, vec![patient("1", "Koch")]).await;
    plan_creates(store, run).await;
    store.accept(run).await.expect("accepts");
    begin(store, 2).await;
    let same = store.sort_leftovers("d1".to_owned()).await.expect("sorts");
    assert_eq!((same.kept, same.dropped), (1, 0));
    let run = begin_under(store, 3, "d2").await;
    let other = store.sort_leftovers("d2".to_owned()).await.expect("sorts");
    assert_eq!((other.kept, other.dropped), (0, 1));
    assert_eq!(send_all(store, run).await, 0);
    store.read_done(run).await.expect("nothing to read");
    assert_eq!(files(store, run).await.len(), 1, "its key is on the queue");
}

async fn sharing_an_address_is_seen_from_both_sides<S: Store>(store: &S) {
    let with_mail = |id: &str| {
        let mut incoming = patient(id, "Koch");
        incoming.mail = Some("familie@example.com".to_owned());
        if let Record::Patient(patient) = &mut incoming.record {
            patient.email = Personal::new("familie@example.com");
        }
        incoming
    };
    let run = begin(store, 1).await;
    read(store, run, Kind::Patient, vec![with_mail("1"), with_mail("2"), patient("3", "Koch")]).await;
    let mates: Vec<usize> = files(store, run).await.iter().map(|file| file.mates.len()).collect();
    assert_eq!(mates.iter().sum::<usize>(), 2);
    plan_creates(store, run).await;
    store.accept(run).await.expect("accepts");
    let run = begin(store, 2).await;
    read(store, run, Kind::Patient, vec![patient("1", "Koch")]).await;
    assert_eq!(files(store, run).await.len(), 2, "who gives an address up has the others looked at again");
}
