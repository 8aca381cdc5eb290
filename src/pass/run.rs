//! One run of a pass: read, plan, accept or refuse, send, close. The command calls the stops in this order.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use chrono::{DateTime, Utc};
use serde::Serialize;
use tokio::sync::mpsc;

use crate::apply::{Outbox, Progress};
use crate::domain::{Kind, RunId};
use crate::extract::Row;
use crate::hubspot::Calls;
use crate::mapping::Rulings;
use crate::plan::{PlanDigest, Totals};
use crate::store::{Account, Carried, KeptMapping, Pin, Scope, StepId, StepLine, Store};

use super::again::{self, Again};
use super::error::Error;
use super::fetch::Fetched;
use super::money::Money;
use super::observe::{Observer, Phase};
use super::patient::Decider;
use super::plan::{Listed, Planned, Planner};
use super::portal::Portal;
use super::session::{Pass, Reach, Requeue, Session};
use super::source::arrival;
use super::told;
use super::whole::{FileDays, look};
use super::words::Words;

/// A run on its way.
pub struct Run<'s, S> {
    session: &'s Session<S>,
    pass: Pass,
    id: RunId,
    decisions: String,
    portal: Option<Portal>,
    carried: Carried,
    planned: Option<Planned>,
    /// What reading over the API came to.
    pub(super) fetched: Option<Fetched>,
    /// Under which name the spool keeps it.
    pub(super) spool: String,
    /// Charts are read as a whole, not from a day on.
    pub(super) whole_charts: bool,
    /// Days of the entries that files have brought.
    file_days: Mutex<FileDays>,
    began: Instant,
    started: DateTime<Utc>,
}

/// What a run has done, in numbers; no personal value.
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    /// Version of this form.
    pub version: u32,
    /// The run.
    pub run: RunId,
    /// The command.
    pub command: String,
    /// When it began.
    pub started: DateTime<Utc>,
    /// How long it took, in milliseconds.
    pub millis: u64,
    /// The portal, if it was asked.
    pub portal: Option<u64>,
    /// First eight hex digits of the mapping's digest.
    pub mapping: String,
    /// Digest of the plan.
    pub plan: Option<String>,
    /// What was planned.
    pub totals: Option<Totals>,
    /// What the plan's deals come to.
    pub money: Option<Money>,
    /// The closing account.
    pub account: Account,
    /// Leftovers of older runs.
    pub carried: Carried,
    /// Who is looked at again because the tables have changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub again: Option<Again>,
    /// Things an operator should know.
    pub listed: BTreeMap<String, Listed>,
    /// What reading over the API came to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Fetched>,
    /// Calls made.
    pub calls: Calls,
    /// The fewest calls the plan could be carried out with, the fixed ones included.
    pub bound: u64,
}

impl<'s, S: Store + Clone + 'static> Run<'s, S> {
    pub(super) fn new(
        session: &'s Session<S>,
        pass: Pass,
        id: RunId,
        decisions: String,
        portal: Option<Portal>,
        started: DateTime<Utc>,
    ) -> Self {
        let (carried, began) = (Carried::default(), Instant::now());
        Self {
            session,
            pass,
            id,
            decisions,
            portal,
            carried,
            planned: None,
            fetched: None,
            spool: String::new(),
            whole_charts: false,
            file_days: Mutex::default(),
            began,
            started,
        }
    }

    /// Its id.
    #[must_use]
    pub const fn id(&self) -> RunId {
        self.id
    }

    /// The portal, if this run asks it.
    #[must_use]
    pub const fn portal(&self) -> Option<&Portal> {
        self.portal.as_ref()
    }

    /// What was planned, once it is.
    #[must_use]
    pub const fn planned(&self) -> Option<&Planned> {
        self.planned.as_ref()
    }

    pub(super) async fn settle(&mut self, reach: Reach) -> Result<(), Error> {
        let store = &self.session.store;
        let outbox = self.outbox();
        self.session.observer.begin(Phase::Settling, None);
        outbox.resolve().await?;
        match reach {
            Reach::Fetch | Reach::Plan => {}
            Reach::WriteFresh => self.carried = store.sort_leftovers(String::new()).await?,
            Reach::Write => {
                self.carried = store.sort_leftovers(self.decisions.clone()).await?;
                if self.carried.kept > 0 {
                    self.pin().await?;
                    outbox.drain().await?;
                }
            }
        }
        Ok(())
    }

    /// Takes rows into the inbox as proposed; returns how many were read.
    ///
    /// # Errors
    /// [`Error`] when the store cannot go on, or on a request to stop.
    pub async fn read(&self, kind: Kind, mut rows: mpsc::Receiver<Vec<Row>>, total: Option<u64>) -> Result<u64, Error> {
        self.session.observer.begin(Phase::Reading(kind), total);
        let mut read = 0;
        while let Some(stretch) = rows.recv().await {
            if kind == Kind::Entry {
                look(&mut self.file_days.lock().unwrap_or_else(PoisonError::into_inner), &stretch);
            }
            read += self.take(kind, stretch).await?;
        }
        Ok(read)
    }

    /// Takes one stretch of rows; returns how many.
    pub(super) async fn take(&self, kind: Kind, stretch: Vec<Row>) -> Result<u64, Error> {
        let Session { store, mapping, observer, stop, .. } = self.session;
        if stop.is_cancelled() {
            return Err(crate::hubspot::Error::Cancelled.into());
        }
        let count = u64::try_from(stretch.len()).unwrap_or(u64::MAX);
        let arrival = arrival(stretch, &self.pass.filter, mapping);
        told::rejected(kind, &arrival.rejected);
        store.take(self.id, kind, arrival).await?;
        observer.advance(count);
        Ok(count)
    }

    /// What is known of the portal, asked for again: a long reading lies between.
    pub(super) async fn look_again(&mut self) -> Result<(), Error> {
        if self.portal.is_some() {
            self.portal = Some(self.session.portal(Reach::Plan).await?);
        }
        Ok(())
    }

    /// Whether nothing of what is read is left out.
    pub(super) const fn takes_all(&self) -> bool {
        self.pass.filter.practices.is_none()
    }

    /// The kind of records that the pass is about: the last one it fills.
    pub(super) fn kind(&self) -> Kind {
        self.pass.kinds.last().copied().unwrap_or(Kind::Patient)
    }

    pub(super) const fn pass(&self) -> &Pass {
        &self.pass
    }

    pub(super) const fn whole_charts(&self) -> bool {
        self.whole_charts
    }

    pub(super) fn take_file_days(&self) -> FileDays {
        std::mem::take(&mut *self.file_days.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) const fn session(&self) -> &'s Session<S> {
        self.session
    }

    /// Plans everything in the pass's scope and stores it as proposed.
    ///
    /// # Errors
    /// [`Error`] when HubSpot or the store does not answer.
    ///
    /// # Panics
    /// When the run was begun with [`Reach::Fetch`]: it has not asked the portal.
    pub async fn plan(&mut self) -> Result<&Planned, Error> {
        let Session { store, client, settings, observer, stop, .. } = self.session;
        let portal = self.portal.as_ref().expect("a run that plans has asked the portal");
        store.read_done(self.id).await?;
        observer.begin(Phase::Planning, None);
        let rulings = Rulings::new(&portal.mapping);
        let decider = Decider {
            mapping: &portal.mapping,
            rulings: &rulings,
            deals: &settings.deals,
            selection: &settings.selection,
            presence: portal.presence,
            appointment_objects: portal.appointment_objects,
            zone: settings.zone,
        };
        let reader = client.reader();
        let planner = Planner {
            store,
            reader: &reader,
            keys: Arc::clone(&portal.keys),
            names: &portal.names,
            decider: &decider,
            observer: &**observer,
            stop,
        };
        let Pass { kinds, only_run, requeue, .. } = &self.pass;
        let words = store.words().await?;
        let basis = again::basis(settings, &portal.mapping, &portal.stages);
        let question = again::question(store, basis, &words, &portal.mapping, &rulings, kinds.clone(), !only_run);
        let concerned = store.rebase(question.await?).await?;
        let words = Words::of(&words, &portal.mapping, &rulings);
        let scope = Scope {
            kinds: kinds.clone(),
            only_run: *only_run || *requeue == Requeue::Affected,
            requeue: *requeue == Requeue::All,
        };
        let digest = PlanDigest::new(portal.account.portal_id, &self.decisions);
        let mut planned = planner.plan(self.id, &scope, digest, &settings.limits, words).await?;
        planned.again = Again::of(&concerned, &portal.mapping, !only_run);
        for difference in &portal.differences {
            planned.listed.entry(difference.clone()).or_default().add("mappings/pipeline.csv".to_owned());
        }
        Ok(self.planned.insert(planned))
    }

    /// Planned changes in order, for the plan view.
    ///
    /// # Errors
    /// [`Error`] when the store cannot go on.
    pub async fn lines(&self, after: StepId, limit: usize) -> Result<Vec<StepLine>, Error> {
        Ok(self.session.store.steps_of(self.id, after, limit).await?)
    }

    /// Deletes what was proposed: afterwards the store's records are as before.
    ///
    /// # Errors
    /// [`Error`] when the store cannot go on.
    pub async fn refuse(&self) -> Result<(), Error> {
        Ok(self.session.store.discard(self.id).await?)
    }

    /// Accepts records and, if there is a plan, its steps.
    ///
    /// # Errors
    /// [`Error`] when the store cannot go on.
    pub async fn accept(&self) -> Result<(), Error> {
        self.session.observer.begin(Phase::Accepting, None);
        let Session { store, mapping, .. } = self.session;
        if self.planned.is_some() && !mapping.files().is_empty() {
            let digest = mapping.digests().mapping.hex();
            store.keep_mapping(KeptMapping { digest, files: mapping.files().to_vec() }).await?;
        }
        store.accept(self.id).await?;
        self.file_windows().await
    }

    /// Sends everything that is accepted; pins the state to the portal before the first write.
    ///
    /// # Errors
    /// [`Error`] when the run cannot go on; the same command carries on where it stopped.
    ///
    /// # Panics
    /// When the run was begun with [`Reach::Fetch`]: it has not asked the portal.
    pub async fn send(&self) -> Result<(), Error> {
        self.pin().await?;
        let total = self.planned.as_ref().map(|planned| planned.totals.changes());
        self.session.observer.begin(Phase::Sending, total);
        Ok(self.outbox().drain().await?)
    }

    /// Pins the state to the portal, unless it is: before the first write, whichever it is.
    async fn pin(&self) -> Result<(), Error> {
        let Session { store, settings, .. } = self.session;
        let portal = self.portal.as_ref().expect("a run that sends has asked the portal");
        if store.pin().await?.is_none() {
            let prefixes =
                settings.prefixes.iter().map(|(instance, prefix)| (instance.to_string(), prefix.clone())).collect();
            store.set_pin(Pin { portal: portal.account.portal_id, prefixes }).await?;
        }
        Ok(())
    }

    fn outbox(&self) -> Outbox<S> {
        let Session { store, client, clock, stop, observer, .. } = self.session;
        let portal = self.portal.as_ref().expect("a run that sends has asked the portal");
        Outbox {
            store: store.clone(),
            reader: client.reader(),
            writer: client.writer(),
            keys: Arc::clone(&portal.keys),
            run: self.id,
            clock: Arc::clone(clock),
            stop: stop.clone(),
            progress: Arc::new(Telling(Arc::clone(observer))),
        }
    }

    /// The closing account as it stands.
    ///
    /// # Errors
    /// [`Error`] when the store cannot go on.
    pub async fn summary(&self) -> Result<Summary, Error> {
        let Session { store, client, mapping, .. } = self.session;
        let planned = self.planned.as_ref();
        Ok(Summary {
            version: 1,
            run: self.id,
            command: self.pass.command.to_owned(),
            started: self.started,
            millis: u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX),
            portal: self.portal.as_ref().map(|portal| portal.account.portal_id),
            mapping: mapping.digests().mapping.to_string(),
            plan: planned.map(|planned| planned.digest.clone()),
            totals: planned.map(|planned| planned.totals),
            money: planned.map(|planned| planned.money),
            account: store.account(self.id).await?,
            carried: self.carried,
            again: planned.and_then(|planned| planned.again.clone()),
            listed: planned.map(|planned| planned.listed.clone()).unwrap_or_default(),
            source: self.fetched.clone(),
            calls: client.calls(),
            bound: planned.map_or(0, |planned| planned.bound.total()),
        })
    }

    /// Closes the run with its exit code.
    ///
    /// # Errors
    /// [`Error`] when the store cannot go on.
    ///
    /// # Panics
    /// Never: a summary is our own type and serialises.
    pub async fn close(self, exit: u8, summary: &Summary) -> Result<(), Error> {
        let json = serde_json::to_string(summary).expect("a summary serialises");
        Ok(self.session.store.end(self.id, exit, json, self.session.clock.now()).await?)
    }
}

/// Passes what sending tells on to the observer.
struct Telling(Arc<dyn Observer>);

impl Progress for Telling {
    fn sent(&self, _: &str, count: u64) {
        self.0.advance(count);
    }
}
