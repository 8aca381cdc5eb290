//! Planning: chunk by chunk, patient by patient; decide, read what is missing, decide again, store as proposed.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;
use tokio_util::sync::CancellationToken;

use crate::apply::KeyProperties;
use crate::domain::{KeyHash, Object, PropertyName, RunId};
use crate::hubspot::Reader;
use crate::plan::{Guard, Limits, PlanDigest, Totals};
use crate::store::{PatientPlan, Scope, Store};

use super::again::Again;
use super::bound::Bound;
use super::decision::Decision;
use super::desk::Desk;
use super::error::Error;
use super::money::Money;
use super::observe::Observer;
use super::patient::Decider;
use super::reads::Asking;
use super::words::Words;

/// Patients of one chunk: at most 1,000 (design.md section 2); fewer, so that memory stays small. The desk fills the calls.
const CHUNK: usize = 400;

/// A complete plan, stored as proposed.
#[derive(Clone, Debug)]
pub struct Planned {
    /// Its digest, for `--approve`.
    pub digest: String,
    /// In numbers.
    pub totals: Totals,
    /// Against the limits.
    pub guard: Guard,
    /// Patients looked at.
    pub patients: u64,
    /// Things an operator should know, counted by what they are.
    pub listed: BTreeMap<String, Listed>,
    /// The fewest calls it can be carried out with.
    pub bound: Bound,
    /// Who is looked at again because the tables have changed.
    pub again: Option<Again>,
    /// What its deals come to.
    pub money: Money,
}

/// How often something was noticed, and where first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Listed {
    /// How often.
    pub count: u64,
    /// Pseudonym of the first.
    pub example: String,
}

impl Listed {
    pub(super) fn add(&mut self, example: String) {
        if self.count == 0 {
            self.example = example;
        }
        self.count += 1;
    }
}

/// Makes plans.
pub(super) struct Planner<'a, S> {
    /// The store.
    pub(super) store: &'a S,
    /// The portal, for what deciding needs to know.
    pub(super) reader: &'a Reader,
    /// Its key properties.
    pub(super) keys: Arc<KeyProperties>,
    /// Properties to read, per object.
    pub(super) names: &'a BTreeMap<Object, Vec<PropertyName>>,
    /// Decides.
    pub(super) decider: &'a Decider<'a>,
    /// Told how it goes.
    pub(super) observer: &'a dyn Observer,
    /// A request to stop.
    pub(super) stop: &'a CancellationToken,
}

impl<S: Store> Planner<'_, S> {
    /// Plans everything in `scope` and stores it as proposed.
    ///
    /// # Errors
    /// [`Error`] when HubSpot or the store does not answer; nothing is accepted then.
    pub(super) async fn plan(
        &self,
        run: RunId,
        scope: &Scope,
        mut digest: PlanDigest,
        limits: &Limits,
        words: Words<'_>,
    ) -> Result<Planned, Error> {
        let mut totals = Totals::default();
        let mut listed: BTreeMap<String, Listed> = BTreeMap::new();
        let mut bound = Bound::default();
        let mut money = Money::default();
        let mut patients = 0;
        let mut after: Option<KeyHash> = None;
        let asking = Asking { reader: self.reader, keys: &self.keys, names: self.names };
        let mut desk = Desk::new(self.decider, asking, words);
        loop {
            if self.stop.is_cancelled() {
                return Err(crate::hubspot::Error::Cancelled.into());
            }
            let chunk = self.store.chunk(run, scope.clone(), after, CHUNK).await?;
            after = chunk.next;
            desk.lay(chunk.patients);
            desk.decide(after.is_none(), &mut bound).await?;
            let mut plans = Vec::new();
            for decision in desk.decided() {
                let Decision { mut plan, held, unchanged, notes, money: of_patient } = decision;
                money.merge(&of_patient);
                plan.steps.sort_by_key(|step| (step.object, step.key, step.wave));
                for step in &plan.steps {
                    digest.add(step);
                    totals.add(step);
                    bound.add(step);
                }
                held.into_iter().for_each(|object| totals.of(object).held += 1);
                unchanged.into_iter().for_each(|object| totals.of(object).unchanged += 1);
                notes.into_iter().for_each(|(what, key)| listed.entry(what).or_default().add(key));
                plans.push(plan);
            }
            self.learn(&mut desk.words, &mut plans).await?;
            let count = u64::try_from(plans.len()).unwrap_or(u64::MAX);
            patients += count;
            self.store.propose(run, plans).await?;
            self.observer.advance(count);
            if after.is_none() {
                break;
            }
        }
        let guard = Guard::judge(&totals, self.store.existing().await?, limits);
        let digest = digest.to_string();
        self.store.planned(run, digest.clone(), totals).await?;
        Ok(Planned { digest, totals, guard, patients, listed, bound, again: None, money })
    }

    /// Words that are met for the first time get their numbers, and the plans bear them.
    async fn learn(&self, words: &mut Words<'_>, plans: &mut [PatientPlan]) -> Result<(), Error> {
        let (numbers, fresh) = words.fresh();
        if !fresh.is_empty() {
            let ids = self.store.learn(fresh).await?;
            words.learned(&numbers, &ids);
        }
        plans.iter_mut().for_each(|plan| plan.looked = words.stored(&plan.looked));
        Ok(())
    }
}
