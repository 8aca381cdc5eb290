//! A patient, a practice and a portal in memory: something happens, a run decides, its steps are carried out.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use chrono::NaiveDate;

use crate::domain::{
    Appointment, AppointmentId, Cents, Entry, EntryId, HubspotId, InstanceKey, KeyHash, LocalTime, Object, Origin,
    Patient, PatientId, PatientRef, Personal, Properties, PropertyName, SourceIds, StageKey,
};
use crate::hubspot::Actual;
use crate::mapping::{DealSettings, Mapping, Rulings, SourceWord, shipped};
use crate::pass::model::{patient, remembered};
use crate::pass::{Answers, Asks, Decider, Decision, Presence, Selection};
use crate::plan::{Op, Step};
use crate::store::{Filed, PatientFile};

pub(super) static MAPPING: LazyLock<Mapping> = LazyLock::new(shipped);

/// Everything there is.
pub(super) struct World {
    pub(super) settings: DealSettings,
    pub(super) mapping: &'static Mapping,
    /// Day of the runs, and on which a new state is first read.
    pub(super) today: NaiveDate,
    pub(super) file: PatientFile,
    pub(super) records: BTreeMap<(Object, HubspotId), Actual>,
    next: u64,
}

/// One visit in the calendar.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seat {
    pub(super) id: &'static str,
    pub(super) template: &'static str,
    pub(super) day: &'static str,
    /// As written in Ivoris.
    pub(super) state: &'static str,
}

pub(super) fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

fn hash(kind: &str, id: &str) -> KeyHash {
    let digest = blake3::hash(format!("{kind}:{id}").as_bytes());
    KeyHash(std::array::from_fn(|at| digest.as_bytes()[at]))
}

fn filed<T>(record: T, key: KeyHash, today: NaiveDate) -> Filed<T> {
    let origin = Origin { file: "invented".into(), line: 2 };
    Filed { record, origin, key, queued: true, read_now: true, first_read: today, status_read: today }
}

impl World {
    pub(super) fn new(settings: DealSettings) -> Self {
        let today = day("2026-03-02");
        let key = hash("P", "p");
        let somebody = Patient { email: Personal::new("mara@example.org"), ..patient() };
        let file = PatientFile {
            key,
            patient: Some(filed(somebody, key, today)),
            appointments: Vec::new(),
            entries: Vec::new(),
            ledger: Vec::new(),
            entries_read: Vec::new(),
            mates: Vec::new(),
        };
        Self { settings, mapping: &MAPPING, today, file, records: BTreeMap::new(), next: 100 }
    }

    /// The practice writes an appointment down, or changes it.
    pub(super) fn visit(&mut self, seat: Seat) {
        let start = LocalTime(day(seat.day).and_hms_opt(9, 0, 0).expect("a time"));
        let record = Appointment {
            id: AppointmentId::new(seat.id),
            instance: InstanceKey::new("nord"),
            patient: PatientRef::Id(PatientId::new("p")),
            start,
            end: None,
            template: seat.template.to_owned(),
            chair: String::new(),
            practitioner: String::new(),
            location: None,
            state: seat.state.to_owned(),
            confirmation: String::new(),
            created: None,
            changed: None,
            ids: SourceIds::default(),
        };
        let new = filed(record, hash("A", seat.id), self.today);
        match self.file.appointments.iter_mut().find(|one| one.key == new.key) {
            None => self.file.appointments.push(new),
            Some(old) => {
                let same = old.record.state == new.record.state;
                let status_read = if same { old.status_read } else { self.today };
                *old = Filed { first_read: old.first_read, status_read, ..new };
            }
        }
    }

    /// The practice writes a line into the chart, or changes it; the amount is in euros.
    pub(super) fn entry(&mut self, id: &str, on: &str, kind: &str, euros: i64) {
        let record = Entry {
            id: EntryId::new(id),
            instance: InstanceKey::new("nord"),
            patient: PatientRef::Id(PatientId::new("p")),
            date: day(on),
            practitioner: String::new(),
            kind: kind.to_owned(),
            schedule: String::new(),
            code: Personal::new(""),
            count: rust_decimal::Decimal::ONE,
            factor: None,
            amount: Some(Cents(euros * 100)),
            text: Personal::new(""),
            profile: None,
        };
        let new = filed(record, hash("E", id), self.today);
        self.file.entries.retain(|one| one.key != new.key);
        self.file.entries.push(new);
    }

    pub(super) fn remove_entries(&mut self) {
        self.file.entries.clear();
    }

    /// Everything is looked at again, as `--requeue` does.
    pub(super) fn requeue(&mut self) {
        self.queue(true);
    }

    fn queue(&mut self, queued: bool) {
        self.file.patient.iter_mut().for_each(|one| one.queued = queued);
        self.file.appointments.iter_mut().for_each(|one| one.queued = queued);
        self.file.entries.iter_mut().for_each(|one| one.queued = queued);
    }

    /// Decides and carries out what was decided.
    pub(super) fn run(&mut self) -> Decision {
        let rulings = Rulings::new(self.mapping);
        let selection = Selection::everything(self.today);
        let any = |object: Object| self.records.keys().any(|(kind, _)| *kind == object);
        let presence = Presence {
            contacts: any(Object::Contact),
            appointments: any(Object::Appointment),
            deals: any(Object::Deal),
        };
        let decider = Decider {
            mapping: self.mapping,
            rulings: &rulings,
            deals: &self.settings,
            selection: &selection,
            presence,
            appointment_objects: true,
            zone: chrono_tz::Europe::Berlin,
        };
        let mut answers = Answers::default();
        let decision = loop {
            let mut asks = Asks::default();
            let decision = decider.decide(&self.file, &answers, &mut asks);
            if asks.is_empty() {
                break decision;
            }
            let key = |object: Object| self.mapping.key_property(object).expect("a key property").name.clone();
            answers.learn(asks, &self.records, key);
        };
        let mut steps: Vec<&Step> = decision.plan.steps.iter().collect();
        steps.sort_by_key(|step| (step.wave, step.object, step.key));
        steps.into_iter().for_each(|step| self.carry_out(step));
        self.queue(false);
        decision
    }

    fn carry_out(&mut self, step: &Step) {
        let old = self.file.ledger.iter().find(|row| row.object == step.object && row.key == step.key).cloned();
        let id = step.id.or(old.as_ref().map(|row| row.id)).unwrap_or_else(|| {
            self.next += 1;
            HubspotId(self.next)
        });
        if step.op != Op::LinkOnly {
            let record = self.records.entry((step.object, id)).or_insert_with(|| empty(id));
            record.properties.extend(step.set.clone());
        }
        let row = remembered(step, id, old.as_ref());
        self.file.ledger.retain(|row| row.object != step.object || row.key != step.key);
        self.file.ledger.push(row);
    }

    /// A record that was in the portal before us, or that somebody else made.
    pub(super) fn foreign(&mut self, object: Object, values: &[(&str, &str)]) -> HubspotId {
        self.next += 1;
        let id = HubspotId(self.next);
        let mut record = empty(id);
        record.properties = values.iter().map(|(name, value)| (PropertyName::new(name), (*value).to_owned())).collect();
        self.records.insert((object, id), record);
        id
    }

    pub(super) fn deals(&self) -> Vec<(HubspotId, &Properties)> {
        let deals = self.records.iter().filter(|((object, _), _)| *object == Object::Deal);
        deals.map(|((_, id), record)| (*id, &record.properties)).collect()
    }

    /// The deal whose key is this appointment.
    pub(super) fn deal(&self, id: &str) -> Option<HubspotId> {
        let key = name(SourceWord::DealKey);
        let mut deals = self.deals().into_iter();
        deals.find(|(_, deal)| deal.get(&key).is_some_and(|held| held == id)).map(|(id, _)| id)
    }

    /// What HubSpot holds in a property of the deal of this appointment.
    pub(super) fn value(&self, id: &str, word: SourceWord) -> String {
        let deal = self.deal(id).expect("a deal");
        self.records[&(Object::Deal, deal)].properties.get(&name(word)).cloned().unwrap_or_default()
    }

    /// What HubSpot holds in a property of this appointment's own record, if it has one.
    pub(super) fn visit_value(&self, id: &str, word: SourceWord) -> Option<String> {
        let key = name(SourceWord::AppointmentId);
        let mut visits = self.records.iter().filter(|((object, _), _)| *object == Object::Appointment);
        let (_, visit) = visits.find(|(_, visit)| visit.properties.get(&key).is_some_and(|held| held == id))?;
        Some(visit.properties.get(&name(word)).cloned().unwrap_or_default())
    }

    /// The stage of the deal of this appointment; "none" without one.
    pub(super) fn stage(&self, id: &str) -> String {
        if self.deal(id).is_none() {
            return "none".to_owned();
        }
        let stage = self.value(id, SourceWord::DealStage);
        MAPPING.by_hubspot_stage(&stage).map_or(stage, |key| key.as_str().to_owned())
    }

    /// A person writes on the deal of this appointment.
    pub(super) fn person(&mut self, id: &str, word: SourceWord, value: &str) {
        let deal = self.deal(id).expect("a deal");
        let record = self.records.get_mut(&(Object::Deal, deal)).expect("a record");
        record.properties.insert(name(word), value.to_owned());
    }

    /// A person moves the deal of this appointment.
    pub(super) fn person_moves(&mut self, id: &str, stage: &str) {
        let row = MAPPING.stage(&StageKey::new(stage)).expect("a stage");
        self.person(id, SourceWord::DealStage, &row.hubspot_stage_id);
    }

    /// Number of open deals as the contact tells it.
    pub(super) fn open_deals(&self) -> String {
        let name = name(SourceWord::NumOpenDeal);
        let mut contacts = self.records.iter().filter(|((object, _), _)| *object == Object::Contact);
        contacts.find_map(|(_, one)| one.properties.get(&name).cloned()).unwrap_or_default()
    }
}

fn empty(id: HubspotId) -> Actual {
    Actual { id, properties: Properties::new(), archived: false, links: BTreeMap::new(), more_links: false }
}

pub(super) fn name(word: SourceWord) -> PropertyName {
    MAPPING.property(word).expect("a shipped property").name.clone()
}

/// What a run made of the deal of this appointment: the stage it was moved to and the rule, `=`, or `held`.
pub(super) fn told(decision: &Decision, world: &World, id: &str) -> String {
    if decision.held.contains(&Object::Deal) {
        return "held".to_owned();
    }
    let moved = |step: &&Step| step.object == Object::Deal && step.key_value == id && step.op != Op::LinkOnly;
    let step =
        decision.plan.steps.iter().filter(moved).find(|step| step.set.contains_key(&name(SourceWord::DealStage)));
    match step {
        Some(step) => {
            let rule = step.rule.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string);
            format!("{} {rule}", world.stage(id))
        }
        None if world.deal(id).is_none() => "none".to_owned(),
        None => "=".to_owned(),
    }
}
