//! One run of a pass: begin, settle, read, plan, accept, send, close. The stops are called in this order by the command.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Instant;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::Serialize;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::apply::{Outbox, Progress};
use crate::domain::{InstanceKey, Kind, Object, PropertyName, RunId};
use crate::extract::Row;
use crate::http::Clock;
use crate::hubspot::{Calls, Client};
use crate::mapping::{DealSettings, Mapping, Rulings};
use crate::plan::{Limits, PlanDigest, Totals};
use crate::store::{Account, Carried, NewRun, Pin, Scope, StepId, StepLine, Store};

use super::error::Error;
use super::gate::refuse_unadopted;
use super::observe::{Observer, Phase};
use super::patient::Decider;
use super::plan::{Listed, Planned, Planner};
use super::portal::Portal;
use super::select::Selection;
use super::source::{Filter, arrival};

/// How passes behave; from the configuration.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Zone of the practices.
    pub zone: Tz,
    /// Deal rules.
    pub deals: DealSettings,
    /// Who is taken at all.
    pub selection: Selection,
    /// The guard.
    pub limits: Limits,
    /// Key prefix per instance.
    pub prefixes: Vec<(InstanceKey, String)>,
    /// The portal that the configuration names.
    pub portal: Option<u64>,
    /// Other names of the unique properties (`[hubspot] key_properties`).
    pub key_names: HashMap<Object, PropertyName>,
    /// `mode = "live"`: deals of earlier tools stop the first write.
    pub live: bool,
    /// Whether HubSpot appointments are wanted.
    pub appointment_objects: bool,
}

/// What a run works with.
pub struct Session<S> {
    /// The store.
    pub store: S,
    /// The line to the portal.
    pub client: Client,
    /// Tables.
    pub mapping: Arc<Mapping>,
    /// Options.
    pub settings: Settings,
    /// Wall clock.
    pub clock: Arc<dyn Clock>,
    /// A request to stop: nothing new begins, what is out is waited for.
    pub stop: CancellationToken,
    /// Told how it goes.
    pub observer: Arc<dyn Observer>,
}

/// Which pass.
#[derive(Clone, Debug)]
pub struct Pass {
    /// The command without values.
    pub command: &'static str,
    /// Queues that it fills and drains.
    pub kinds: Vec<Kind>,
    /// What it takes of what it reads.
    pub filter: Filter,
    /// Only patients of records read in this run are planned, not the rest of the queue.
    pub only_run: bool,
}

/// How far a run goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Reads rows into the inbox; HubSpot is not asked.
    Fetch,
    /// Plans; reads HubSpot, writes nothing there.
    Plan,
    /// Plans and writes; leftovers of older runs are sent first.
    Write,
    /// The same, and leftovers of older runs are planned anew instead of sent.
    WriteFresh,
}

/// A run on its way.
pub struct Run<'s, S> {
    session: &'s Session<S>,
    pass: Pass,
    id: RunId,
    decisions: String,
    portal: Option<Portal>,
    carried: Carried,
    planned: Option<Planned>,
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
    /// The closing account.
    pub account: Account,
    /// Leftovers of older runs.
    pub carried: Carried,
    /// Things an operator should know.
    pub listed: BTreeMap<String, Listed>,
    /// Calls made.
    pub calls: Calls,
    /// The fewest calls the plan could be carried out with, the fixed ones included.
    pub bound: u64,
}

impl<S: Store + Clone + 'static> Session<S> {
    /// Digest of everything that decides: tables and options.
    fn decisions(&self) -> String {
        let Settings { zone, deals, selection, prefixes, key_names, appointment_objects, .. } = &self.settings;
        let Selection { appointments_from, locations, minors, today: _ } = selection;
        let mapping = self.mapping.digests().mapping.hex();
        let mut names: Vec<_> = key_names.iter().collect();
        names.sort();
        let all = format!(
            "{mapping} {zone} {deals:?} {appointments_from:?} {locations:?} {minors:?} {prefixes:?} {names:?} {appointment_objects}"
        );
        blake3::hash(all.as_bytes()).to_hex().to_string()
    }

    /// Opens a run: checks the portal, throws away what a dead run proposed, settles what is in doubt.
    ///
    /// # Errors
    /// [`Error`] when the portal is not the right one or not set up, or HubSpot or the store do not answer.
    pub async fn begin(&self, id: RunId, pass: Pass, reach: Reach) -> Result<Run<'_, S>, Error> {
        let portal = if reach == Reach::Fetch { None } else { Some(self.portal(reach).await?) };
        let decisions = self.decisions();
        let started = self.clock.now();
        self.store
            .begin(NewRun {
                id,
                command: pass.command.to_owned(),
                now: started,
                today: self.settings.selection.today,
                decisions: decisions.clone(),
            })
            .await?;
        let began = Instant::now();
        let carried = Carried::default();
        let mut run = Run { session: self, pass, id, decisions, portal, carried, planned: None, began, started };
        if reach != Reach::Fetch {
            run.settle(reach).await?;
        }
        Ok(run)
    }

    async fn portal(&self, reach: Reach) -> Result<Portal, Error> {
        let reader = self.client.reader();
        let settings = &self.settings;
        let portal = Portal::read(&reader, &self.mapping, &settings.key_names, settings.appointment_objects).await?;
        let found = portal.account.portal_id;
        if let Some(wanted) = settings.portal.filter(|wanted| *wanted != found) {
            return Err(Error::WrongPortal { wanted, found });
        }
        match self.store.pin().await? {
            Some(pin) => {
                if pin.portal != found {
                    return Err(Error::OtherPortal { pinned: pin.portal, found });
                }
                for (instance, prefix) in &settings.prefixes {
                    let frozen = pin.prefixes.iter().find(|(name, _)| name == instance.as_str());
                    if frozen.is_some_and(|(_, written)| written != prefix) {
                        return Err(Error::PrefixChanged(instance.to_string()));
                    }
                }
            }
            None if settings.live && reach != Reach::Plan => refuse_unadopted(&reader, &portal).await?,
            None => {}
        }
        Ok(portal)
    }
}

impl<S: Store + Clone + 'static> Run<'_, S> {
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

    async fn settle(&mut self, reach: Reach) -> Result<(), Error> {
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
        let Session { store, mapping, observer, stop, .. } = self.session;
        observer.begin(Phase::Reading(kind), total);
        let mut read = 0;
        while let Some(stretch) = rows.recv().await {
            if stop.is_cancelled() {
                return Err(crate::hubspot::Error::Cancelled.into());
            }
            let count = u64::try_from(stretch.len()).unwrap_or(u64::MAX);
            store.take(self.id, kind, arrival(stretch, &self.pass.filter, mapping)).await?;
            observer.advance(count);
            read += count;
        }
        Ok(read)
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
        let scope = Scope { kinds: self.pass.kinds.clone(), only_run: self.pass.only_run };
        let digest = PlanDigest::new(portal.account.portal_id, &self.decisions);
        let planned = planner.plan(self.id, &scope, digest, &settings.limits).await?;
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
        Ok(self.session.store.accept(self.id).await?)
    }

    /// Sends everything that is accepted; pins the state to the portal before the first write.
    ///
    /// # Errors
    /// [`Error`] when the run cannot go on; the same command carries on where it stopped.
    ///
    /// # Panics
    /// When the run was begun with [`Reach::Fetch`]: it has not asked the portal.
    pub async fn send(&self) -> Result<(), Error> {
        let Session { store, settings, observer, .. } = self.session;
        let portal = self.portal.as_ref().expect("a run that sends has asked the portal");
        if store.pin().await?.is_none() {
            let prefixes =
                settings.prefixes.iter().map(|(instance, prefix)| (instance.to_string(), prefix.clone())).collect();
            store.set_pin(Pin { portal: portal.account.portal_id, prefixes }).await?;
        }
        let total = self.planned.as_ref().map(|planned| planned.totals.changes());
        observer.begin(Phase::Sending, total);
        Ok(self.outbox().drain().await?)
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
            account: store.account(self.id).await?,
            carried: self.carried,
            listed: planned.map(|planned| planned.listed.clone()).unwrap_or_default(),
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
