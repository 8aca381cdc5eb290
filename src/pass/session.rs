//! What a run works with, and its beginning: the right portal, an empty desk, nothing in doubt.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono_tz::Tz;
use tokio_util::sync::CancellationToken;

use crate::domain::{InstanceKey, Kind, Object, PropertyName, RunId};
use crate::http::Clock;
use crate::hubspot::Client;
use crate::mapping::{DealSettings, Mapping};
use crate::plan::Limits;
use crate::store::{NewRun, Store};

use super::error::Error;
use super::gate::refuse_unadopted;
use super::observe::Observer;
use super::portal::Portal;
use super::run::Run;
use super::select::Selection;
use super::source::Filter;

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
    pub key_names: BTreeMap<Object, PropertyName>,
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
    /// Which records that were handled before are looked at again.
    pub requeue: Requeue,
}

/// Which records that were handled before are looked at again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Requeue {
    /// Those that a change of the tables concerns, beside what is on the queue.
    #[default]
    No,
    /// Those alone, and nothing of the queue.
    Affected,
    /// All.
    All,
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

impl<S: Store + Clone + 'static> Session<S> {
    /// Digest of everything that decides: tables and options.
    fn decisions(&self) -> String {
        let Settings { zone, deals, selection, prefixes, key_names, appointment_objects, .. } = &self.settings;
        let Selection { appointments_from, locations, minors, today: _ } = selection;
        let mapping = self.mapping.digests().mapping.hex();
        let all = format!(
            "{mapping} {zone} {deals:?} {appointments_from:?} {locations:?} {minors:?} {prefixes:?} {key_names:?} {appointment_objects}"
        );
        blake3::hash(all.as_bytes()).to_hex().to_string()
    }

    /// Opens a run: checks the portal, throws away what a dead run proposed, settles what is in doubt.
    ///
    /// # Errors
    /// [`Error`] when the portal is not the right one or not set up, or HubSpot or the store do not answer.
    pub async fn begin(&self, id: RunId, pass: Pass, reach: Reach) -> Result<Run<'_, S>, Error> {
        let portal = if reach == Reach::Fetch { None } else { Some(self.portal(reach).await?) };
        // What was decided for one portal stands in no other.
        let decisions = match &portal {
            Some(portal) => format!("{} {}", self.decisions(), portal.account.portal_id),
            None => self.decisions(),
        };
        let started = self.clock.now();
        self.store
            .begin(NewRun {
                id,
                command: pass.command.to_owned(),
                now: started,
                today: self.settings.selection.today,
                decisions: decisions.clone(),
                mapping: self.mapping.digests().mapping.hex(),
            })
            .await?;
        let mut run = Run::new(self, pass, id, decisions, portal, started);
        if reach != Reach::Fetch {
            run.settle(reach).await?;
        }
        Ok(run)
    }

    pub(super) async fn portal(&self, reach: Reach) -> Result<Portal, Error> {
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
