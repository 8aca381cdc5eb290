//! What a change of the tables would do, before anything runs: the patients it concerns are decided once more from the
//! inbox, with the ledger as what HubSpot holds. Asks nobody, writes nothing.

use std::collections::BTreeMap;

use serde::Serialize;
use tokio::sync::mpsc;

use crate::domain::{Cents, KeyHash, Object, Properties, StageKey, StageKind};
use crate::mapping::{Mapping, SourceWord};
use crate::plan::{Op, Step};
use crate::store::{PatientFile, Store};

use super::error::Error;
use super::patient::Decider;
use super::reads::{Answers, Asks};

/// Patients that are handed over at once, and such stretches that wait.
const STRETCH: usize = 50;
const AHEAD: usize = 4;

/// What would become of one deal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DealEffect {
    /// Hash of the deal's key; pseudonyms show its beginning.
    #[serde(skip)]
    pub key: KeyHash,
    /// Stage as last written; `None` = it is new.
    pub from: Option<StageKey>,
    /// Stage that it would have.
    pub to: Option<StageKey>,
    /// How much its revenue would change.
    pub revenue: Cents,
    /// How much its amount would change.
    pub amount: Cents,
}

/// What a change comes to, in numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Effect {
    /// Patients that were decided once more.
    pub patients: u64,
    /// Their appointments.
    pub appointments: u64,
    /// Their entries.
    pub entries: u64,
    /// Records that would be created, by object.
    pub created: BTreeMap<Object, u64>,
    /// Records that would be changed, by object.
    pub updated: BTreeMap<Object, u64>,
    /// Deals by stage before and after; only those that move, or are new.
    #[serde(skip)]
    pub moves: BTreeMap<(Option<StageKey>, Option<StageKey>), u64>,
    /// Deals that would close.
    pub closed: u64,
    /// Closed deals that would open again.
    pub reopened: u64,
    /// How much revenue on deals would change.
    pub revenue: Cents,
    /// How much the amounts of deals would change.
    pub amount: Cents,
    /// Appointments whose type or status would get a row; `None` = the tables before are not known.
    pub mapped: Option<u64>,
    /// Appointments whose type or status would lose its row.
    pub unmapped: Option<u64>,
    /// Patients that cannot be decided without asking HubSpot.
    pub undecided: u64,
    /// Every deal that would change.
    #[serde(skip)]
    pub deals: Vec<DealEffect>,
    /// Every appointment in HubSpot that would change.
    #[serde(skip)]
    pub visits: Vec<KeyHash>,
}

impl Effect {
    /// Takes in what would become of one patient.
    fn add(&mut self, mut file: PatientFile, decider: &Decider<'_>, before: Option<&Mapping>) {
        self.patients += 1;
        self.appointments += u64::try_from(file.appointments.len()).unwrap_or(u64::MAX);
        self.entries += u64::try_from(file.entries.len()).unwrap_or(u64::MAX);
        if let Some(before) = before {
            self.compare(&file, before, decider.mapping);
        }
        file.patient.iter_mut().for_each(|one| one.queued = true);
        file.appointments.iter_mut().for_each(|one| one.queued = true);
        file.entries.iter_mut().for_each(|one| one.queued = true);
        let mut asks = Asks::default();
        let mut decision = decider.decide(&file, &Answers::default(), &mut asks);
        if !asks.is_empty() {
            asks = Asks::default();
            decision = decider.decide(&file, &Answers::remembered(&file.ledger), &mut asks);
        }
        if !asks.is_empty() {
            self.undecided += 1;
            return;
        }
        let written = |step: &Step| {
            file.ledger.iter().find(|row| row.object == step.object && row.key == step.key).map(|row| &row.base)
        };
        for step in decision.plan.steps {
            match step.op {
                Op::LinkOnly => continue,
                Op::Create => *self.created.entry(step.object).or_default() += 1,
                Op::Update | Op::TakeOver => *self.updated.entry(step.object).or_default() += 1,
            }
            match step.object {
                Object::Contact => {}
                Object::Appointment => self.visits.push(step.key),
                Object::Deal => self.deal(&step, written(&step), decider.mapping),
            }
        }
    }

    fn deal(&mut self, step: &Step, written: Option<&Properties>, mapping: &Mapping) {
        let nothing = Properties::new();
        let before = written.unwrap_or(&nothing);
        let value = |values: &Properties, word: SourceWord| {
            mapping.property(word).and_then(|row| values.get(&row.name)).cloned().unwrap_or_default()
        };
        let stage = |values: &Properties| {
            let id = value(values, SourceWord::DealStage);
            (!id.is_empty()).then(|| mapping.stage_of(&id))
        };
        let cents = |values: &Properties, word| Cents::from_hubspot(&value(values, word)).unwrap_or_default();
        let grown = |word| Cents(cents(&step.base, word).0.saturating_sub(cents(before, word).0));
        let one = DealEffect {
            key: step.key,
            from: stage(before),
            to: stage(&step.base),
            revenue: grown(SourceWord::DealRevenue),
            amount: grown(SourceWord::DealAmount),
        };
        let is_open =
            |stage: &Option<StageKey>| stage.as_ref().map(|stage| mapping.kind_of(stage) == Some(StageKind::Open));
        match (is_open(&one.from), is_open(&one.to)) {
            (Some(true), Some(false)) => self.closed += 1,
            (Some(false), Some(true)) => self.reopened += 1,
            _ => {}
        }
        if one.from != one.to {
            *self.moves.entry((one.from.clone(), one.to.clone())).or_default() += 1;
        }
        self.revenue = Cents(self.revenue.0.saturating_add(one.revenue.0));
        self.amount = Cents(self.amount.0.saturating_add(one.amount.0));
        self.deals.push(one);
    }

    /// Counts appointments that get or lose a row.
    fn compare(&mut self, file: &PatientFile, before: &Mapping, after: &Mapping) {
        let is_mapped = |mapping: &Mapping, one: &crate::domain::Appointment| {
            mapping.template_of(one).is_some() && mapping.state(&one.state, &one.confirmation).is_ok()
        };
        let (mapped, unmapped) = (self.mapped.get_or_insert_default(), self.unmapped.get_or_insert_default());
        for one in &file.appointments {
            match (is_mapped(before, &one.record), is_mapped(after, &one.record)) {
                (false, true) => *mapped += 1,
                (true, false) => *unmapped += 1,
                (true, true) | (false, false) => {}
            }
        }
    }
}

/// What would become of `patients`. `stores` are ways to the same state: each reads its part while the others read theirs.
/// `before`: the tables that accepted decisions were made with, if they are known.
///
/// # Errors
/// [`Error`] when the store cannot go on.
///
/// # Panics
/// Never: a reader that ends early ends with its error.
pub async fn effect<S: Store + 'static>(
    stores: Vec<S>,
    patients: &[KeyHash],
    decider: &Decider<'_>,
    before: Option<&Mapping>,
) -> Result<Effect, Error> {
    let (files, mut arrived) = mpsc::channel(AHEAD);
    let part = patients.len().div_ceil(stores.len().max(1)).max(1);
    let mut readers = Vec::new();
    for (store, part) in stores.into_iter().zip(patients.chunks(part)) {
        let (files, part) = (files.clone(), part.to_vec());
        readers.push(tokio::spawn(async move {
            for stretch in part.chunks(STRETCH) {
                let read = store.files_of(stretch.to_vec()).await?;
                if files.send(read).await.is_err() {
                    break;
                }
            }
            Ok::<(), crate::store::Error>(())
        }));
    }
    drop(files);
    let mut effect = Effect::default();
    if before.is_some() {
        (effect.mapped, effect.unmapped) = (Some(0), Some(0));
    }
    while let Some(files) = arrived.recv().await {
        files.into_iter().for_each(|file| effect.add(file, decider, before));
    }
    for reader in readers {
        reader.await.expect("a reader does not panic")?;
    }
    effect.deals.sort_by_key(|deal| deal.key);
    effect.visits.sort_unstable();
    Ok(effect)
}
