//! What every command works with, and how rooms get what they are handed: store, client, settings.

use std::collections::BTreeMap;
use std::net::TcpStream;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;

use crate::config::{Config, KeyNames, Mode, SANDBOX};
use crate::domain::{Object, PropertyName};
use crate::http::{BaseUrl, Network, SystemClock, SystemRandom};
use crate::hubspot::{Client, Effects};
use crate::mapping::Mapping;
use crate::pass::{Observer, Selection, Session, Settings};
use crate::plan::Limits;
use crate::report::Screen;
use crate::report::log::RunName;
use crate::store::SqliteStore;
use crate::store::seal::{Sealer, state_key};

use super::ask::Asking;
use super::exit::Exit;
use super::failure::Failure;
use super::stop::Stop;

/// What a command works with.
#[derive(Clone)]
pub(super) struct Context {
    pub(super) screen: Screen,
    pub(super) config: Config,
    pub(super) stop: Stop,
    pub(super) run: RunName,
    pub(super) asking: Asking,
    pub(super) lock_wait: Duration,
    /// Options that say which configuration is meant, for lines to copy.
    pub(super) global: Vec<(&'static str, String)>,
}

impl Context {
    /// The keys that seal the state; made when there are none.
    pub(super) fn sealer(&self) -> Result<Sealer, Failure> {
        Ok(Sealer::new(&*state_key(&self.config.state_key)?))
    }

    /// Opens the state.
    pub(super) fn store(&self, sealer: Sealer) -> Result<SqliteStore, Failure> {
        Ok(SqliteStore::open(&self.config.state, sealer)?)
    }

    /// The day in the practices.
    pub(super) fn today(&self) -> chrono::NaiveDate {
        Utc::now().with_timezone(&self.config.zone).date_naive()
    }

    /// The line to the portal. Sends nothing.
    pub(super) fn client(&self) -> Result<Client, Failure> {
        let hubspot = &self.config.hubspot;
        self.answers()?;
        let token = self.config.token()?;
        let network = Network::new(hubspot.base_url.clone(), &hubspot.network)
            .map_err(|error| Failure::new(Exit::Usage, error.to_string()))?;
        let effects = Effects {
            transport: Arc::new(network),
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom::default()),
            cancel: self.stop.token.clone(),
        };
        Ok(Client::new(&hubspot.client, &token, effects))
    }

    /// A simulator that is not running would cost minutes of patience; a knock tells at once.
    fn answers(&self) -> Result<(), Failure> {
        if self.config.mode != Mode::Sandbox {
            return Ok(());
        }
        Self::knock(&self.config.hubspot.base_url, Exit::Hubspot)
    }

    /// Whether anybody listens at an address of this machine.
    pub(super) fn knock(base: &BaseUrl, exit: Exit) -> Result<(), Failure> {
        let url = base.to_string();
        let address = url.trim_start_matches("http://").trim_start_matches("https://");
        if TcpStream::connect(address).is_ok() {
            return Ok(());
        }
        let port = address.rsplit_once(':').map_or("", |(_, port)| port);
        // The simulated Ivoris answers at the port behind the one of the simulated HubSpot.
        let port =
            port.parse::<u16>().ok().map(|port| if exit == Exit::Ivoris { port.saturating_sub(1) } else { port });
        let usual = port.is_none_or(|port| SANDBOX.ends_with(&format!(":{port}")));
        let option = port.filter(|_| !usual).map_or_else(String::new, |port| format!(" --port {port}"));
        Err(Failure::new(exit, format!("nothing answers at {url}"))
            .next(format!("start it in another terminal: ivohub sandbox serve{option}")))
    }

    /// Everything a pass is handed.
    pub(super) fn session(
        &self,
        store: SqliteStore,
        client: Client,
        mapping: Arc<Mapping>,
        limits: Limits,
        observer: Arc<dyn Observer>,
    ) -> Session<SqliteStore> {
        let stop = self.stop.token.clone();
        let settings = self.settings(limits);
        Session { store, client, mapping, settings, clock: Arc::new(SystemClock), stop, observer }
    }

    pub(super) fn settings(&self, limits: Limits) -> Settings {
        let config = &self.config;
        let today = self.today();
        let selection = match &config.select {
            None => Selection::everything(today),
            Some(select) => Selection {
                appointments_from: select.appointments_from,
                locations: select.locations.clone(),
                minors: select.minors,
                today,
            },
        };
        Settings {
            zone: config.zone,
            deals: config.deals,
            selection,
            limits,
            prefixes: config.instances.iter().map(|one| (one.key.clone(), one.prefix.clone())).collect(),
            portal: config.hubspot.portal,
            key_names: key_names(&config.hubspot.keys),
            live: config.mode == Mode::Live,
            appointment_objects: config.hubspot.appointment_objects,
        }
    }

    /// The folder of runs, beside the state.
    pub(super) fn runs(&self) -> PathBuf {
        self.config.state.with_file_name("runs")
    }
}

/// The configured names of unique properties.
pub(super) fn key_names(names: &KeyNames) -> BTreeMap<Object, PropertyName> {
    let KeyNames { contact, appointment, deal } = names;
    let all = [(Object::Contact, contact), (Object::Appointment, appointment), (Object::Deal, deal)];
    all.into_iter().filter_map(|(object, name)| Some((object, name.clone()?))).collect()
}
