//! A story being played: what is read is planned, what is planned is written, what is written is remembered.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use chrono::NaiveDate;

use super::portal::ModelPortal;
use super::story::{Hand, Story, TIMES, Told};
use crate::domain::{AppointmentState, HubspotId, KeyHash, Object, Origin, PropertyName};
use crate::mapping::{self, DealSettings, Mapping, Rulings, SHIPPED, SourceWord};
use crate::pass::model::{patient, remembered};
use crate::pass::{Answers, Asks, Decider, Decision, Presence, Selection};
use crate::plan::{Step, Wave};
use crate::store::{Filed, LedgerRow, PatientFile};

/// Decisions that ask for something are made again; more rounds than this do not end.
const ROUNDS: usize = 8;

/// The shipped tables, and what they have no row for: an entry that says treatment has started, a stage that a booked
/// appointment supports, a property that is only filled.
pub(super) fn tables() -> &'static Arc<Mapping> {
    static TABLES: LazyLock<Arc<Mapping>> = LazyLock::new(|| {
        let files = |name: &str| {
            let text = SHIPPED.iter().find(|(have, _)| *have == name)?.1;
            let text = match name {
                "eintragsarten.csv" => format!("{text}type;Start;;;start_signal;nein;none;;;10;\n"),
                "eigenschaften.csv" => text.replace(
                    "derived.treatment_category;select;;if_tool",
                    "derived.treatment_category;select;;if_empty",
                ),
                _ => text.to_owned(),
            };
            Some(text.into_bytes())
        };
        Arc::new(mapping::load(&files).0.expect("sound tables"))
    });
    &TABLES
}

pub(super) fn name_of(word: SourceWord) -> &'static PropertyName {
    &tables().property(word).expect("the tables have it").name
}

/// Everything there is.
#[derive(Clone)]
pub(super) struct World {
    pub(super) mapping: Arc<Mapping>,
    pub(super) rulings: Arc<Rulings>,
    settings: DealSettings,
    selection: Selection,
    pub(super) file: PatientFile,
    pub(super) portal: ModelPortal,
    /// State of each appointment, and how often it was read as another one.
    states: BTreeMap<String, (Option<AppointmentState>, usize)>,
}

impl World {
    pub(super) fn new(settings: DealSettings) -> Self {
        static RULINGS: LazyLock<Arc<Rulings>> = LazyLock::new(|| Arc::new(Rulings::new(tables())));
        let today = NaiveDate::from_ymd_opt(2026, 9, 1).expect("a day");
        Self {
            mapping: Arc::clone(tables()),
            rulings: Arc::clone(&RULINGS),
            settings,
            selection: Selection::everything(today),
            file: PatientFile {
                key: hash("p"),
                patient: Some(filed(patient(), "p", today)),
                appointments: Vec::new(),
                entries: Vec::new(),
                ledger: Vec::new(),
                mates: Vec::new(),
                entries_read: Vec::new(),
            },
            portal: ModelPortal::default(),
            states: BTreeMap::new(),
        }
    }

    /// Reads what a story brings at `time`; says whether it brings anything.
    pub(super) fn read(&mut self, story: &Story, time: u8) -> bool {
        let mut any = false;
        for (at, Told(versions)) in story.visits.iter().enumerate() {
            for (_, seat) in versions.iter().filter(|(when, _)| *when == time) {
                let (record, read) = seat.record(at);
                put(&mut self.file.appointments, filed(record, &format!("a{at}"), read));
                any = true;
            }
        }
        for (at, Told(versions)) in story.lines.iter().enumerate() {
            for (_, line) in versions.iter().filter(|(when, _)| *when == time) {
                let new = filed(story.entry(line, at), &format!("e{at}"), self.selection.today);
                if line.gone {
                    self.file.entries.retain(|old| old.key != new.key);
                } else {
                    put(&mut self.file.entries, new);
                }
                any = true;
            }
        }
        for one in self.file.appointments.iter().map(|one| &one.record) {
            let state = tables().state(&one.state, &one.confirmation).ok();
            let known = self.states.entry(one.id.as_str().to_owned()).or_insert((state, 0));
            if known.0 != state {
                *known = (state, known.1 + 1);
            }
        }
        any
    }

    /// From now on other tables count.
    pub(super) fn turn_to(&mut self, mapping: Arc<Mapping>) {
        self.rulings = Arc::new(Rulings::new(&mapping));
        self.mapping = mapping;
    }

    /// Plays a whole story; `watch` sees every step just before it is written, and may object.
    pub(super) fn play(
        &mut self,
        story: &Story,
        watch: &mut dyn FnMut(&Self, &Step) -> Result<(), String>,
    ) -> Result<(), String> {
        for time in 0..TIMES {
            if self.read(story, time) {
                self.plan_and_write(watch)?;
            }
        }
        Ok(())
    }

    pub(super) fn plan_and_write(
        &mut self,
        watch: &mut dyn FnMut(&Self, &Step) -> Result<(), String>,
    ) -> Result<(), String> {
        for step in self.plan()?.plan.steps {
            watch(self, &step)?;
            self.write(&step)?;
        }
        self.requeue(false);
        Ok(())
    }

    /// What decides, as a run at this moment would have it.
    pub(super) fn decider(&self) -> Decider<'_> {
        Decider {
            mapping: &self.mapping,
            rulings: &self.rulings,
            deals: &self.settings,
            selection: &self.selection,
            presence: Presence {
                contacts: self.portal.holds(Object::Contact),
                appointments: self.portal.holds(Object::Appointment),
                deals: self.portal.holds(Object::Deal),
            },
            appointment_objects: true,
            zone: chrono_tz::Europe::Berlin,
        }
    }

    /// Decides; asks the portal as often as needed. Steps come in the order of writing.
    pub(super) fn plan(&self) -> Result<Decision, String> {
        let decider = self.decider();
        let mut answers = Answers::default();
        for _ in 0..ROUNDS {
            let mut asks = Asks::default();
            // As in a run: only what the decision that stands asks the rules is looked at.
            drop(self.rulings.looked());
            let mut decision = decider.decide(&self.file, &answers, &mut asks);
            if asks.is_empty() {
                decision.plan.steps.sort_by_key(|step| step.wave);
                return Ok(decision);
            }
            let key = |object| self.mapping.key_property(object).expect("the tables have one").name.clone();
            answers.learn(asks, &self.portal.actuals(&self.mapping), key);
        }
        Err("deciding does not come to an end".to_owned())
    }

    /// Writes a step and remembers it as the store does.
    fn write(&mut self, step: &Step) -> Result<(), String> {
        let place = self.file.ledger.iter().position(|row| row.object == step.object && row.key == step.key);
        let id = step.id.or_else(|| place.map(|at| self.file.ledger[at].id));
        let id = self.portal.write(step, id)?;
        let old = place.map(|at| self.file.ledger.remove(at));
        self.file.ledger.push(remembered(step, id, old.as_ref()));
        if step.link_deal.is_some_and(|deal| self.deal_row(deal).is_none()) && step.wave != Wave::Appointments {
            return Err("an appointment is linked to a deal that is not there".to_owned());
        }
        Ok(())
    }

    /// Puts every record on its queue, or takes it off.
    pub(super) fn requeue(&mut self, queued: bool) {
        self.file.patient.iter_mut().for_each(|one| one.queued = queued);
        self.file.appointments.iter_mut().for_each(|one| one.queued = queued);
        self.file.entries.iter_mut().for_each(|one| one.queued = queued);
    }

    /// How often an appointment changed its state.
    pub(super) fn changes_of(&self, id: &str) -> usize {
        self.states.get(id).map_or(0, |(_, changes)| *changes)
    }

    pub(super) fn deal_row(&self, key: KeyHash) -> Option<&LedgerRow> {
        self.file.ledger.iter().find(|row| row.object == Object::Deal && row.key == key)
    }

    /// Writes a value by hand; returns the deal and the property, if there is a deal yet.
    pub(super) fn by_hand(&mut self, hand: &Hand, name: &PropertyName, value: &str) -> Option<HubspotId> {
        let deals = self.portal.deals();
        let id = *deals.iter().nth(hand.deal % deals.len().max(1))?;
        self.portal.records.get_mut(&id)?.properties.insert(name.clone(), value.to_owned());
        Some(id)
    }
}

fn put<T>(all: &mut Vec<Filed<T>>, new: Filed<T>) {
    match all.iter_mut().find(|old| old.key == new.key) {
        Some(old) => *old = new,
        None => all.push(new),
    }
}

/// A key in sixteen bytes, its own text.
pub(super) fn hash(key: &str) -> KeyHash {
    let mut bytes = [0; 16];
    bytes.iter_mut().zip(key.bytes()).for_each(|(byte, letter)| *byte = letter);
    KeyHash(bytes)
}

fn filed<T>(record: T, key: &str, status_read: NaiveDate) -> Filed<T> {
    let origin = Origin { file: Arc::from("story"), line: 1 };
    Filed { record, origin, key: hash(key), queued: true, read_now: true, first_read: status_read, status_read }
}
