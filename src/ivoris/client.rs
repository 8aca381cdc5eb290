//! The line to one installation.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use tokio::time::Instant;

use crate::http::{Method, Request, Response, basic};

use super::ask::Ask;
use super::count::{Calls, Counters};
use super::error::{Error, Trouble};
use super::learned::Learned;
use super::profile::RouteProfile;
use super::route::Route;
use super::settings::{Credentials, Effects, Settings};
use super::told::Told;
use super::unknown::Unknown;

/// One line to one installation; clones share it. Reads only: there is no way to name another method than GET.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

/// Who is told.
type Watcher = Arc<dyn Fn(Told) + Send + Sync>;

struct Inner {
    settings: Settings,
    profile: Arc<RouteProfile>,
    authorization: Arc<SecretString>,
    credentials: Credentials,
    effects: Effects,
    learned: Mutex<Learned>,
    counters: Counters,
    unknown: Mutex<Unknown>,
    deadline: Mutex<Option<Instant>>,
    patience: Mutex<Option<Duration>>,
    watcher: Mutex<Option<Watcher>>,
}

impl Client {
    /// A line that knows what an earlier run learned. Sends nothing yet.
    #[must_use]
    pub fn new(
        settings: Settings,
        profile: Arc<RouteProfile>,
        credentials: Credentials,
        effects: Effects,
        learned: Learned,
    ) -> Self {
        Self(Arc::new(Inner {
            authorization: Arc::new(basic(&credentials.user, &credentials.password)),
            settings,
            profile,
            credentials,
            effects,
            learned: Mutex::new(learned),
            counters: Counters::default(),
            unknown: Mutex::default(),
            deadline: Mutex::default(),
            patience: Mutex::default(),
            watcher: Mutex::default(),
        }))
    }

    /// How the installation is read.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// How it is asked.
    #[must_use]
    pub fn profile(&self) -> &RouteProfile {
        &self.0.profile
    }

    /// The time by which everything ends: calls that have no answer by then end with [`Error::Unavailable`].
    pub fn deadline(&self, until: Option<Instant>) {
        *self.0.deadline.lock().unwrap_or_else(PoisonError::into_inner) = until;
    }

    /// How long a server that is away is waited for before calls end with [`Error::Unavailable`]; `None` = to the deadline.
    pub fn patience(&self, longest: Option<Duration>) {
        *self.0.patience.lock().unwrap_or_else(PoisonError::into_inner) = longest;
    }

    /// Tells `told` what happens between answers.
    pub fn watcher(&self, told: Watcher) {
        *self.0.watcher.lock().unwrap_or_else(PoisonError::into_inner) = Some(told);
    }

    /// The elements of a list: a bare array, or an object that holds exactly one.
    ///
    /// Everything else is a failure and never the end of the data.
    ///
    /// # Errors
    /// [`Error`], each variant of it.
    pub async fn list(&self, route: Route, ask: &Ask) -> Result<Vec<Value>, Error> {
        let value = self.value(route, ask).await?;
        value.as_array().cloned().ok_or(Error::Unreadable { route, what: Trouble::NotAList, attempts: 1 })
    }

    /// One record; `None` when the installation says that it is not there.
    ///
    /// # Errors
    /// [`Error`], each variant of it but [`Error::Gone`].
    pub async fn single(&self, route: Route, ask: &Ask) -> Result<Option<Value>, Error> {
        self.value(route, ask).await.map(Some)
    }

    /// The one text that a route answers with.
    ///
    /// # Errors
    /// [`Error`], each variant of it but [`Error::Gone`].
    pub async fn text(&self, route: Route) -> Result<String, Error> {
        let value = self.value(route, &Ask::new()).await?;
        value.as_str().map(str::to_owned).ok_or(Error::Unreadable { route, what: Trouble::NotAText, attempts: 1 })
    }

    /// The installation's own description of its routes, an OpenAPI document.
    ///
    /// # Errors
    /// [`Error`], each variant of it but [`Error::Gone`].
    pub async fn document(&self) -> Result<Value, Error> {
        self.value(Route::Documentation, &Ask::new()).await
    }

    /// How long the installation takes to say that it is there.
    ///
    /// # Errors
    /// [`Error`], each variant of it but [`Error::Gone`].
    pub async fn ping(&self) -> Result<Duration, Error> {
        let begun = Instant::now();
        self.send(Route::Ping, &Ask::new()).await?;
        Ok(begun.elapsed())
    }

    /// What is known now, to be kept for the next run.
    #[must_use]
    pub fn learned(&self) -> Learned {
        self.0.learned.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Changes what is known about slices and routes.
    pub fn learn(&self, change: impl FnOnce(&mut Learned)) {
        change(&mut self.0.learned.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// The calls made so far.
    #[must_use]
    pub fn calls(&self) -> Calls {
        self.0.counters.snapshot()
    }

    /// The fields met so far that the profile does not name.
    #[must_use]
    pub fn unknown(&self) -> Unknown {
        self.0.unknown.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn value(&self, route: Route, ask: &Ask) -> Result<Value, Error> {
        let response = self.send(route, ask).await?;
        serde_json::from_slice(&response.body).map_err(|_| Error::Unreadable {
            route,
            what: Trouble::NotJson,
            attempts: 1,
        })
    }

    async fn send(&self, route: Route, ask: &Ask) -> Result<Response, Error> {
        let spec = self.0.profile.route(route);
        let failed = |what| Error::Unreadable { route, what, attempts: 1 };
        let (path, mut query) = ask.spell(spec, self.0.settings.zone).ok_or_else(|| failed(Trouble::Unsendable))?;
        let secret = &self.0.credentials;
        query.push(("app".into(), secret.app.clone()));
        query.push(("app_version".into(), secret.app_version.clone()));
        query.push(("api_key".into(), secret.key.expose_secret().to_owned()));
        let request = Request {
            method: Method::Get,
            route: spec.path.clone().into(),
            path,
            query,
            authorization: Some(Arc::clone(&self.0.authorization)),
            body: None,
            timeout: Some(self.0.settings.request),
        };
        let response = self.0.effects.transport.send(&request).await.map_err(|_| failed(Trouble::Cut))?;
        match response.status {
            200..=299 => Ok(response),
            401 | 403 => Err(Error::Credentials { route, status: response.status }),
            status => Err(failed(Trouble::Status(status))),
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ivoris line to {}", self.0.settings.instance)
    }
}
