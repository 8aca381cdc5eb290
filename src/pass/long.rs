//! One patient who is a thousand: practices book lunch breaks, repairs and meetings on a patient made for it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{Days, NaiveDate};
use rust_decimal::Decimal;

use crate::domain::{
    Appointment, AppointmentId, Cents, EntriesRead, Entry, EntryId, HubspotId, InstanceKey, KeyHash, LocalTime, Origin,
    PatientId, PatientRef, Personal, SourceIds,
};
use crate::mapping::{CaseKey, DealSettings, Grain, Mapping, Rulings, shipped};
use crate::pass::model::{patient as somebody, remembered};
use crate::pass::{Answers, Asks, Decider, Decision, Presence, Selection};
use crate::plan::Step;
use crate::store::{Filed, PatientFile};

const FEW: u32 = 2_000;
const MANY: u32 = 20_000;
/// How much dearer an appointment may be among ten times as many; were each looked at with each, it would be ten times.
const DEARER: u32 = 5;

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

fn filed<T>(record: T, kind: u8, number: u32) -> Filed<T> {
    let mut key = [kind; 16];
    key[..4].copy_from_slice(&number.to_be_bytes());
    let read = day("2026-09-01");
    let origin = Origin { file: Arc::from("long"), line: 1 };
    Filed { record, origin, key: KeyHash(key), queued: true, read_now: true, first_read: read, status_read: read }
}

/// As many appointments as entries, spread over five years.
fn patient(count: u32) -> PatientFile {
    const DAYS: u32 = 1_800;
    const STATES: [&str; 6] = ["fertig", "abgesagt", "geplant", "nicht erschienen", "fertig", "verschoben"];
    const TEMPLATES: [&str; 7] = [
        "Erstberatung KFO Kind",
        "NB_Kontrolle",
        "Anfangsunterlagen/Scan",
        "Planbesprechung",
        "SB_Erstberatung Aligner",
        "Ohne Zeile",
        "Kontrolle",
    ];
    let owner = PatientRef::Id(PatientId::new("p"));
    let on = |at: u32| day("2021-01-01") + Days::new(u64::from(at * DAYS / count));
    let cycle = |all: &[&str], at: u32| all[at as usize % all.len()].to_owned();
    let appointment = |at: u32| Appointment {
        id: AppointmentId::new(&format!("a{at}")),
        instance: InstanceKey::new("nord"),
        patient: owner.clone(),
        start: LocalTime(on(at).and_hms_opt(8 + at % 9, at % 60, 0).expect("a time")),
        end: None,
        template: cycle(&TEMPLATES, at),
        chair: cycle(&["SB_Stuhl 1", "NB_Zimmer 1"], at / 3),
        practitioner: "Dr. Ahrens".to_owned(),
        location: None,
        state: cycle(&STATES, at),
        confirmation: String::new(),
        created: None,
        changed: None,
        ids: SourceIds::default(),
    };
    let entry = |at: u32| Entry {
        id: EntryId::new(&format!("e{at}")),
        instance: InstanceKey::new("nord"),
        patient: owner.clone(),
        // Every third comes long after the last appointment.
        date: if at.is_multiple_of(3) { day("2026-07-01") } else { on(at) },
        practitioner: "Dr. Ahrens".to_owned(),
        kind: "Leistung".to_owned(),
        schedule: "BEMA".to_owned(),
        code: Personal::new("119a"),
        count: Decimal::ONE,
        factor: None,
        amount: Some(Cents(2_940)),
        text: Personal::default(),
        profile: None,
    };
    let mut file = PatientFile {
        key: KeyHash([9; 16]),
        patient: Some(filed(somebody(), 1, 0)),
        appointments: (0..count).map(|at| filed(appointment(at), 2, at)).collect(),
        entries: (0..count).map(|at| filed(entry(at), 3, at)).collect(),
        entries_read: Vec::new(),
        ledger: Vec::new(),
        mates: Vec::new(),
    };
    file.entries_read.push(EntriesRead { from: day("2020-01-01"), as_of: day("2026-09-01") });
    file
}

/// What the store would remember of the steps.
fn remember(file: &mut PatientFile, steps: Vec<Step>) {
    let rows = (0_u64..).zip(steps).map(|(at, step)| remembered(&step, HubspotId(at), None));
    file.ledger.extend(rows);
}

fn decided(decider: &Decider<'_>, file: &PatientFile) -> (Duration, Decision) {
    let began = Instant::now();
    let decision = decider.decide(file, &Answers::default(), &mut Asks::default());
    (began.elapsed(), decision)
}

/// Times of the first decision about a patient with so many appointments, and of the one after it.
fn times(mapping: &Mapping, deals: &DealSettings, count: u32) -> [Duration; 2] {
    let (rulings, selection) = (Rulings::new(mapping), Selection::everything(day("2026-09-01")));
    let mut decider = Decider {
        mapping,
        rulings: &rulings,
        deals,
        selection: &selection,
        presence: Presence::default(),
        appointment_objects: true,
        zone: chrono_tz::Europe::Berlin,
    };
    let mut file = patient(count);
    let (first, decision) = decided(&decider, &file);
    assert!(decision.plan.steps.len() > count as usize, "every appointment has a step");
    remember(&mut file, decision.plan.steps);
    decider.presence = Presence { contacts: true, appointments: true, deals: true };
    [first, decided(&decider, &file).0]
}

#[test]
fn an_appointment_costs_as_much_among_twenty_thousand_as_among_two() {
    let mapping = shipped();
    for (grain, case_key) in [(Grain::Case, CaseKey::PatientLocation), (Grain::Appointment, CaseKey::Patient)] {
        // Many cases, each soon over.
        let deals =
            DealSettings { grain, case_key, case_idle_days: 5, unlinked_signals: true, ..DealSettings::default() };
        let [few, many] = [FEW, MANY].map(|count| times(&mapping, &deals, count));
        for (few, many) in few.into_iter().zip(many) {
            let bound = few * (MANY / FEW) * DEARER;
            assert!(many < bound, "{grain:?} by {case_key:?}: {few:?} for {FEW}, {many:?} for {MANY}");
        }
    }
}
