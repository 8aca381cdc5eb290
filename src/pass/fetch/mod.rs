//! Reading over the API: what an installation answers goes unit by unit into the spool, and from there into the inbox as
//! rows of a file would. A reading that was cut short goes on where it stopped.

mod bench;
mod calendar;
mod charts;
mod drive;
mod facts;
mod gone;
mod people;
mod singles;
mod spool;
mod voices;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use chrono::{NaiveDate, TimeDelta};
use futures_util::future::join_all;
use tokio::time::Instant;

use crate::domain::{InstanceKey, Kind};
use crate::extract::api::{Directory, Ground, Reader, Span, patiently};
use crate::ivoris::{self, Client, Told};
use crate::store::Store;

use self::bench::Bench;
use self::voices::Voices;
use super::error::Error;
use super::observe::Phase;
use super::session::Session;

pub use self::facts::{Fetched, Gap, Installation, State};

/// How long what was read and not accepted stays in the spool (design.md section 2).
const KEPT: TimeDelta = TimeDelta::hours(72);
/// How often what was learned about an installation is written down while it is read.
const REMEMBER: Duration = Duration::from_secs(20);

/// What is read.
#[derive(Clone, Debug)]
pub struct Want {
    /// Which records.
    pub kind: Kind,
    /// On which days: appointments, and entries of patients with an appointment on these days.
    pub days: Span,
    /// Entries from this day on only; `None` = whole charts.
    pub entries_from: Option<NaiveDate>,
    /// Charts of all patients, not only of those that matter.
    pub all_patients: bool,
    /// Patients whose own list is compared with the calendar; `None` = as configured, `u32::MAX` = all.
    pub cross_check: Option<u32>,
    /// Only these records: keys as `<prefix><id>`, by the installation that is asked for them.
    pub only: Option<BTreeMap<InstanceKey, BTreeSet<String>>>,
    /// No more than about so many records.
    pub limit: Option<u64>,
    /// What an earlier run has read and nobody accepted is read again.
    pub fresh: bool,
    /// Nothing new is asked for after so long.
    pub within: Option<Duration>,
}

/// What reading needs beside the session.
#[derive(Clone)]
pub struct Means {
    /// The command: what it reads is seen by no other.
    pub command: &'static str,
    /// The day of the run.
    pub today: NaiveDate,
    /// Key of the digests that stand for entries without id.
    pub line_key: [u8; 32],
}

impl Want {
    /// Under which name the spool keeps what is read: what other options left there would be too much or too little.
    pub(super) fn spool(&self, command: &str) -> String {
        match (&self.only, self.entries_from) {
            (Some(_), _) => format!("{command} --only"),
            (None, Some(from)) if self.kind == Kind::Entry => format!("{command} --since {from}"),
            (None, _) => command.to_owned(),
        }
    }
}

impl<S: Store + Clone + 'static> Session<S> {
    /// Reads all of `clients` side by side, each as carefully as it is configured.
    ///
    /// An installation that cannot be reached does not keep the others from being read: its state says so.
    ///
    /// # Errors
    /// [`Error`] when credentials are refused, on a request to stop, or when the store cannot go on.
    pub async fn fetch(&self, clients: &[Client], want: &Want, means: &Means) -> Result<Fetched, Error> {
        let now = self.clock.now();
        // Single records are few: they are asked for each time.
        if want.fresh || want.only.is_some() {
            self.store.clear_spool(Some(want.spool(means.command)), None, None).await?;
        }
        self.store.clear_spool(None, None, Some(now - KEPT)).await?;
        self.observer.begin(Phase::Asking(want.kind), None);
        let deadline = want.within.map(|within| Instant::now() + within);
        let voices = Voices::new(Arc::clone(&self.observer));
        let installations = clients.iter().map(|client| self.installation(client, want, means, deadline, &voices));
        let mut fetched = Fetched::default();
        for installation in join_all(installations).await {
            fetched.installations.push(installation?);
        }
        Ok(fetched)
    }

    async fn installation(
        &self,
        client: &Client,
        want: &Want,
        means: &Means,
        deadline: Option<Instant>,
        voices: &Voices,
    ) -> Result<Installation, Error> {
        let (instance, now) = (client.settings().instance.clone(), self.clock.now());
        client.deadline(deadline);
        let (told, name) = (voices.clone(), instance.clone());
        let zone = self.settings.zone;
        client.watcher(Arc::new(move |what| told.say(&name, &words(what, zone))));
        self.same_ground(client).await?;
        // Whether the server looks at pages and days is found out anew: it may have been brought up to date.
        client.learn(|learned| {
            for facts in learned.routes.values_mut() {
                (facts.ignores_page, facts.ignores_days) = (None, None);
            }
        });
        let mut facts = Installation::new(instance.clone());
        let read = tokio::select! {
            read = self.read_installation(client, want, means, deadline, voices, &mut facts) => read,
            error = self.keep_learned(&instance, client) => Err(error),
        };
        voices.say(&instance, "");
        self.store.set_source_state(instance, client.learned().to_json()).await?;
        facts.calls = client.calls();
        facts.unknown = client.unknown();
        match read {
            Ok(()) => {}
            // The server answers: what ended is the time that this run had.
            Err(Error::Ivoris(ivoris::Error::Unavailable { .. })) if client.learned().outage.since.is_none() => {
                facts.state = State::TimeOver;
            }
            Err(Error::Ivoris(ivoris::Error::Unavailable { since, .. })) => facts.state = State::Unavailable { since },
            Err(Error::Ivoris(ivoris::Error::Credentials { status, .. })) => {
                return Err(Error::Credentials { instance: facts.instance.clone(), status });
            }
            // Nobody is at this address who offers the simplest of all routes.
            Err(Error::Ivoris(ivoris::Error::Missing { route: ivoris::Route::Ping, status: Some(status) })) => {
                return Err(Error::Address { instance: facts.instance.clone(), status });
            }
            // What nothing can begin without could not be had.
            Err(Error::Ivoris(ivoris::Error::Unreadable { .. })) => facts.state = State::Unavailable { since: now },
            Err(Error::TimeOver) => facts.state = State::TimeOver,
            Err(error) => return Err(error),
        }
        Ok(facts)
    }

    /// Forgets what was read of an installation that was configured otherwise: other keys, other fields, other pages.
    async fn same_ground(&self, client: &Client) -> Result<(), Error> {
        let (settings, profile) = (client.settings(), client.profile().to_toml());
        let ground = (&settings.prefix, settings.zone.name(), &settings.mandants, profile);
        let ground = serde_json::to_vec(&ground).expect("texts serialise");
        let ground = blake3::hash(&ground).to_hex().to_string();
        if client.learned().ground.as_ref() == Some(&ground) {
            return Ok(());
        }
        let instance = settings.instance.clone();
        self.store.clear_spool(None, Some(instance.clone()), None).await?;
        client.learn(|learned| learned.ground = Some(ground));
        Ok(self.store.set_source_state(instance, client.learned().to_json()).await?)
    }

    /// Writes down what is learned from time to time, for the run after one that is killed.
    async fn keep_learned(&self, instance: &InstanceKey, client: &Client) -> Error {
        let mut kept = String::new();
        loop {
            tokio::time::sleep(REMEMBER).await;
            let learned = client.learned().to_json();
            if learned == kept {
                continue;
            }
            if let Err(error) = self.store.set_source_state(instance.clone(), learned.clone()).await {
                return error.into();
            }
            kept = learned;
        }
    }

    async fn read_installation(
        &self,
        client: &Client,
        want: &Want,
        means: &Means,
        deadline: Option<Instant>,
        voices: &Voices,
        facts: &mut Installation,
    ) -> Result<(), Error> {
        // The cheapest question first: wrong credentials and a server that is away show here.
        patiently(|| client.ping()).await?;
        let names = match want.kind {
            Kind::Patient => Directory::default(),
            Kind::Appointment => Directory::read(client).await?,
            Kind::Entry => Directory::for_charts(client).await?,
        };
        let profiles = names.profiles().to_vec();
        let reader = Reader::new(client.clone(), Ground::of(client, means.today, means.line_key), names);
        let spooled = self.store.spooled(want.spool(means.command)).await?;
        let instance = &client.settings().instance;
        let spooled = spooled.into_iter().filter(|unit| unit.unit.instance == *instance).collect();
        let mut bench = Bench {
            store: &self.store,
            reader: &reader,
            observer: &*self.observer,
            voices,
            clock: &*self.clock,
            stop: &self.stop,
            means,
            want,
            deadline,
            spooled,
            facts,
        };
        match (want.kind, &want.only) {
            (Kind::Patient | Kind::Appointment, Some(keys)) => {
                bench.only(want.kind, keys.get(instance).into_iter().flatten()).await
            }
            (Kind::Patient, None) => bench.people().await,
            (Kind::Appointment, None) => bench.calendar().await,
            (Kind::Entry, _) => bench.charts(&profiles).await,
        }
    }
}

/// What a client tells, for the progress line.
fn words(told: Told, zone: chrono_tz::Tz) -> String {
    let at = |at: chrono::DateTime<chrono::Utc>| at.with_timezone(&zone).format("%H:%M:%S");
    match told {
        Told::Slow => "answers slowly".to_owned(),
        Told::Waiting { until, why } => format!("does not answer ({}), next try {}", why.word(), at(until)),
        Told::Back => "answers again".to_owned(),
        Told::Quiet { until } => format!("has quiet hours until {}", at(until)),
        Told::Parallel(count) => format!("{count} at once"),
    }
}
