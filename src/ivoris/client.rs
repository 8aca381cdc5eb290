//! The line to one installation.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

use super::ask::Ask;
use super::body;
use super::count::Calls;
use super::error::{Error, Trouble};
use super::learned::Learned;
use super::line::Line;
use super::profile::RouteProfile;
use super::route::Route;
use super::settings::{Credentials, Effects, Settings};
use super::told::Told;
use super::unknown::Unknown;

/// One line to one installation; clones share it. Reads only: there is no way to name another method than GET.
///
/// Every call waits for its turn: quiet hours, a server that is away, as many requests at once as go well, a pause between
/// starts. What is transient is asked again, within attempts and a budget; what is not is told at once.
#[derive(Clone)]
pub struct Client(Arc<Line>);

impl Client {
    /// A line that knows what an earlier run learned. Sends nothing yet.
    ///
    /// Never more than [`super::MOST_PARALLEL`] requests at once, whatever `settings` say.
    #[must_use]
    pub fn new(
        settings: Settings,
        profile: Arc<RouteProfile>,
        credentials: Credentials,
        effects: Effects,
        learned: Learned,
    ) -> Self {
        Self(Arc::new(Line::new(settings, profile, credentials, effects, learned)))
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
        self.0.limits().deadline = until;
    }

    /// How long a server that is away is waited for before calls end with [`Error::Unavailable`]; `None` = to the deadline.
    ///
    /// Counts from the first failure that this run has seen of the outage, or from its start if it began before.
    pub fn patience(&self, longest: Option<Duration>) {
        self.0.limits().patience = longest;
    }

    /// Tells `told` what happens between answers.
    pub fn watcher(&self, told: Arc<dyn Fn(Told) + Send + Sync>) {
        self.0.limits().watcher = Some(told);
    }

    /// The elements of a list, in the server's order, repeats included.
    ///
    /// Shape: a bare array, or an object that holds exactly one. Everything else (a page, an empty body, broken JSON, `null`)
    /// is a failure and never the end of the data. Fields that the profile does not name are counted on the way.
    ///
    /// # Errors
    /// [`Error`], each variant of it.
    pub async fn list(&self, route: Route, ask: &Ask) -> Result<Vec<Value>, Error> {
        let answer = self.0.exchange(route, ask, |response| body::list(body::json(response)?)).await?;
        self.0.note(route, &answer.value);
        Ok(answer.value)
    }

    /// One record, without the wrapper around it; `None` when the installation says that it is not there.
    ///
    /// "Not there": 404, 400 with "could not be found", or 200 with nothing. A 404 that is about the route is not one of them.
    ///
    /// # Errors
    /// [`Error`], each variant of it but [`Error::Gone`].
    pub async fn single(&self, route: Route, ask: &Ask) -> Result<Option<Value>, Error> {
        let id = route.thing().map(|thing| self.0.profile.fields(thing));
        let read = |response: &_| match body::json(response) {
            Err(Trouble::EmptyBody) => Ok(None),
            other => body::single(other?, id),
        };
        match self.0.exchange(route, ask, read).await {
            Ok(answer) => {
                self.0.note(route, answer.value.as_slice());
                Ok(answer.value)
            }
            Err(Error::Gone { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The one text that a route answers with: a bare JSON text or number, or an object that holds exactly one.
    ///
    /// # Errors
    /// [`Error`], each variant of it but [`Error::Gone`].
    pub async fn text(&self, route: Route) -> Result<String, Error> {
        let read = |response: &_| body::one_text(&body::json(response)?);
        Ok(self.0.exchange(route, &Ask::new(), read).await?.value)
    }

    /// The installation's own description of its routes: an OpenAPI 3 or Swagger 2 document.
    ///
    /// # Errors
    /// [`Error`], each variant of it but [`Error::Gone`].
    pub async fn document(&self) -> Result<Value, Error> {
        let read = |response: &_| body::document(body::json(response)?);
        Ok(self.0.exchange(Route::Documentation, &Ask::new(), read).await?.value)
    }

    /// How long the installation takes to say that it is there and accepts the credentials; waits are not counted.
    ///
    /// # Errors
    /// [`Error`], each variant of it but [`Error::Gone`].
    pub async fn ping(&self) -> Result<Duration, Error> {
        Ok(self.0.exchange(Route::Ping, &Ask::new(), Line::read_ping).await?.took)
    }

    /// What is known now, to be kept for the next run.
    #[must_use]
    pub fn learned(&self) -> Learned {
        self.0.learned()
    }

    /// Changes what is known about slices and routes. Outage, parallel requests and times are the client's own.
    pub fn learn(&self, change: impl FnOnce(&mut Learned)) {
        change(&mut self.0.facts());
    }

    /// The calls made so far.
    #[must_use]
    pub fn calls(&self) -> Calls {
        self.0.counters.snapshot()
    }

    /// The fields met so far that the profile does not name.
    #[must_use]
    pub fn unknown(&self) -> Unknown {
        self.0.unknown()
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ivoris line to {}", self.0.settings.instance)
    }
}
