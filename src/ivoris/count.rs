//! What a run has cost the installation.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::error::Trouble;
use super::route::Route;

/// Calls made so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calls {
    /// Per route name.
    pub routes: BTreeMap<String, RouteCalls>,
    /// Of these, probes of a server that was away.
    pub probes: u64,
    /// How often the server was found to be away.
    pub outages: u64,
    /// Most requests under way at once.
    pub most_in_flight: u32,
    /// Time spent waiting before retries, in milliseconds.
    pub backoff_ms: u64,
    /// Time spent waiting for a server that was away, in milliseconds.
    pub outage_ms: u64,
    /// Time spent in quiet hours, in milliseconds.
    pub quiet_ms: u64,
}

/// Calls of one route.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteCalls {
    /// Requests sent, retries and probes included.
    pub calls: u64,
    /// Of these, sent again.
    pub retries: u64,
    /// Answers without data by class: `504`, `timeout`, `html`, `gone`, `missing`, `refused`, `credentials`.
    pub failures: BTreeMap<String, u64>,
    /// Time of all answers together, in milliseconds.
    pub ms: u64,
    /// Time of the slowest answer, in milliseconds.
    pub slowest_ms: u64,
    /// Bytes of all answers together.
    pub bytes: u64,
}

impl Calls {
    /// Requests sent in all.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.routes.values().map(|route| route.calls).sum()
    }

    /// Requests sent again in all.
    #[must_use]
    pub fn retries(&self) -> u64 {
        self.routes.values().map(|route| route.retries).sum()
    }

    /// Answers without data in all.
    #[must_use]
    pub fn failures(&self) -> u64 {
        self.routes.values().flat_map(|route| route.failures.values()).sum()
    }

    /// Calls of one route.
    #[must_use]
    pub fn of(&self, route: Route) -> RouteCalls {
        self.routes.get(route.name()).cloned().unwrap_or_default()
    }
}

/// What a wait was for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Wait {
    Backoff,
    Outage,
    Quiet,
}

/// The counters of one client.
#[derive(Debug, Default)]
pub(super) struct Counters(Mutex<(Calls, u32)>);

/// A request under way; counted as such until dropped.
#[derive(Debug)]
pub(super) struct Under<'a>(&'a Counters);

impl Counters {
    /// Counts a request that is sent now.
    pub(super) fn sent(&self, route: Route, again: bool, probe: bool) -> Under<'_> {
        let mut guard = self.lock();
        let (calls, flying) = &mut *guard;
        *flying += 1;
        calls.most_in_flight = calls.most_in_flight.max(*flying);
        calls.probes += u64::from(probe);
        let of = calls.routes.entry(route.name().to_owned()).or_default();
        of.calls += 1;
        of.retries += u64::from(again);
        Under(self)
    }

    /// Counts an answer of any kind, or that there is none.
    pub(super) fn took(&self, route: Route, time: Duration, bytes: usize) {
        self.route(route, |of| {
            let ms = millis(time);
            of.ms += ms;
            of.slowest_ms = of.slowest_ms.max(ms);
            of.bytes += u64::try_from(bytes).unwrap_or(u64::MAX);
        });
    }

    pub(super) fn failed(&self, route: Route, class: &str) {
        self.route(route, |of| *of.failures.entry(class.to_owned()).or_default() += 1);
    }

    pub(super) fn trouble(&self, route: Route, what: Trouble) {
        self.failed(route, &what.word());
    }

    pub(super) fn outage(&self) {
        self.lock().0.outages += 1;
    }

    pub(super) fn waited(&self, why: Wait, time: Duration) {
        let mut guard = self.lock();
        let calls = &mut guard.0;
        match why {
            Wait::Backoff => calls.backoff_ms += millis(time),
            Wait::Outage => calls.outage_ms += millis(time),
            Wait::Quiet => calls.quiet_ms += millis(time),
        }
    }

    pub(super) fn snapshot(&self) -> Calls {
        self.lock().0.clone()
    }

    fn route(&self, route: Route, change: impl FnOnce(&mut RouteCalls)) {
        change(self.lock().0.routes.entry(route.name().to_owned()).or_default());
    }

    fn lock(&self) -> MutexGuard<'_, (Calls, u32)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Under<'_> {
    fn drop(&mut self) {
        self.0.lock().1 -= 1;
    }
}

/// Whole milliseconds.
pub(super) fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
