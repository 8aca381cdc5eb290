//! What all calls to one installation share.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use tokio::time::Instant;

use crate::http::{Breaker, BreakerRules, Flight, Method, Request, Response, RetryBudget, RetryPolicy, Spacing, basic};

use super::ask::Ask;
use super::body;
use super::count::Counters;
use super::error::{Error, Trouble};
use super::learned::Learned;
use super::profile::RouteProfile;
use super::route::Route;
use super::settings::{Credentials, Effects, MOST_PARALLEL, Settings};
use super::steer::Steering;
use super::told::Told;
use super::unknown::Unknown;

/// Retries that are free of the share: a short run must be able to retry at all.
const ALLOWANCE: u32 = 10;

/// What all calls to one installation share.
pub(super) struct Line {
    pub(super) settings: Settings,
    pub(super) profile: Arc<RouteProfile>,
    pub(super) effects: Effects,
    pub(super) retry: RetryPolicy,
    pub(super) budget: RetryBudget,
    pub(super) flight: Flight,
    pub(super) spacing: Spacing,
    pub(super) breaker: Breaker,
    pub(super) counters: Counters,
    pub(super) steering: Mutex<Steering>,
    authorization: Arc<SecretString>,
    credentials: Credentials,
    limits: Mutex<Limits>,
    learned: Mutex<Learned>,
    unknown: Mutex<Unknown>,
}

/// What a run sets and the line remembers.
#[derive(Default)]
pub(super) struct Limits {
    pub(super) deadline: Option<Instant>,
    pub(super) patience: Option<Duration>,
    pub(super) watcher: Option<Arc<dyn Fn(Told) + Send + Sync>>,
    /// The credentials were refused; nothing more is sent.
    pub(super) refused: Option<Error>,
    /// The last trouble, to be shown while waiting.
    pub(super) trouble: Option<Trouble>,
}

impl Line {
    pub(super) fn new(
        settings: Settings,
        profile: Arc<RouteProfile>,
        credentials: Credentials,
        effects: Effects,
        learned: Learned,
    ) -> Self {
        let rules =
            BreakerRules { after: settings.breaker_after, first: settings.probe_first, cap: settings.probe_cap };
        Self {
            retry: RetryPolicy { attempts: settings.attempts, base: settings.base, cap: settings.cap },
            budget: RetryBudget::percent(settings.retry_percent, ALLOWANCE),
            flight: Flight::starting(settings.parallel.min(MOST_PARALLEL), learned.parallel),
            spacing: Spacing::new(settings.pause),
            breaker: Breaker::new(rules, learned.outage, effects.clock.now()),
            counters: Counters::default(),
            steering: Mutex::new(Steering::new(&learned)),
            authorization: Arc::new(basic(&credentials.user, &credentials.password)),
            credentials,
            limits: Mutex::default(),
            learned: Mutex::new(learned),
            unknown: Mutex::default(),
            settings,
            profile,
            effects,
        }
    }

    /// The request for a question: the only place that builds one. `None` when the path needs a value that is not asked.
    pub(super) fn request(&self, route: Route, ask: &Ask) -> Option<Request> {
        let spec = self.profile.route(route);
        let (path, mut query) = ask.spell(spec, self.settings.zone)?;
        let Credentials { user: _, password: _, app, app_version, key } = &self.credentials;
        query.push(("app".into(), app.clone()));
        query.push(("app_version".into(), app_version.clone()));
        query.push(("api_key".into(), key.expose_secret().to_owned()));
        Some(Request {
            method: Method::Get,
            route: spec.path.clone().into(),
            path,
            query,
            authorization: Some(Arc::clone(&self.authorization)),
            body: None,
            timeout: Some(self.timeout(route, ask)),
        })
    }

    /// Appointments of many days take longer than a page of patients.
    fn timeout(&self, route: Route, ask: &Ask) -> Duration {
        let wide = matches!(route, Route::AllAppointments | Route::LatestAppointments | Route::OnlineAppointments);
        if wide || ask.range().is_some() { self.settings.window_request } else { self.settings.request }
    }

    /// Any 2xx says that the server is there, unless it is a page of somebody in between.
    pub(super) fn read_ping(response: &Response) -> Result<(), Trouble> {
        if body::is_page(response) { Err(Trouble::Html) } else { Ok(()) }
    }

    pub(super) fn limits(&self) -> MutexGuard<'_, Limits> {
        self.limits.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is known about slices and routes.
    pub(super) fn facts(&self) -> MutexGuard<'_, Learned> {
        self.learned.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn learned(&self) -> Learned {
        let mut learned = self.facts().clone();
        learned.outage = self.breaker.outage(self.effects.clock.now());
        learned.parallel = self.flight.limit();
        self.steering.lock().unwrap_or_else(PoisonError::into_inner).keep(&mut learned);
        learned
    }

    /// Counts the fields that the profile does not name.
    pub(super) fn note(&self, route: Route, records: &[Value]) {
        let Some(thing) = route.thing() else { return };
        self.unknown.lock().unwrap_or_else(PoisonError::into_inner).note(thing, self.profile.fields(thing), records);
    }

    pub(super) fn unknown(&self) -> Unknown {
        self.unknown.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn tell(&self, told: Told) {
        let watcher = self.limits().watcher.clone();
        if let Some(watcher) = watcher {
            watcher(told);
        }
    }
}
