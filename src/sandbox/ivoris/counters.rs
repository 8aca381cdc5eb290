//! What callers did: the figures and the log that tests judge a client by.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;

use chrono::{DateTime, Utc};
use serde::Serialize;

/// Requests that the log remembers.
const REMEMBERED: usize = 200_000;

/// Calls of one action.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RouteCount {
    /// All calls, however they ended.
    pub calls: u64,
    /// Of these, those that were not answered with 2xx and what was asked for.
    pub failed: u64,
}

/// Everything counted since the last reset.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counters {
    /// By installation and action: `nord AllAppointments`.
    pub routes: BTreeMap<String, RouteCount>,
    /// All requests, those without a route or credentials included.
    pub requests: u64,
    /// Requests with another method than GET. Anything but 0 is a mistake of the client.
    pub not_get: u64,
    /// Requests refused with 401 or 403.
    pub refused: u64,
    /// Requests for an unknown linkname or route.
    pub not_found: u64,
    /// Requests that came while nobody was in.
    pub closed: u64,
    /// Requests that the load model gave up on.
    pub overload: u64,
    /// Requests for what cannot be read at present.
    pub unreadable: u64,
    /// Faults that happened, by name.
    pub faults: BTreeMap<String, u64>,
    /// Most requests under way at once.
    pub most_in_flight: u32,
}

impl Counters {
    /// Calls of an action of all installations.
    #[must_use]
    pub fn calls_of(&self, action: &str) -> u64 {
        let of_action = |name: &String| name.rsplit(' ').next() == Some(action);
        self.routes.iter().filter(|(name, _)| of_action(name)).map(|(_, count)| count.calls).sum()
    }

    /// Calls that found their route.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.routes.values().map(|count| count.calls).sum()
    }

    /// Calls that failed.
    #[must_use]
    pub fn failed(&self) -> u64 {
        self.routes.values().map(|count| count.failed).sum()
    }
}

/// One request as it is remembered: nothing in it names a person but the id.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Logged {
    /// When it came.
    pub at: DateTime<Utc>,
    /// `GET`
    pub method: &'static str,
    /// The installation, if it was found.
    pub installation: Option<String>,
    /// Action, if there is one (`AllAppointments`).
    pub action: Option<&'static str>,
    /// Usual names and values of `page`, `begin`, `end`, `since`, `mandantIndex`, `entryType`, `profileId`.
    pub params: Vec<(&'static str, String)>,
    /// The record asked for.
    #[serde(skip)]
    pub id: Option<String>,
    /// Status; 0 = no answer.
    pub status: u16,
    /// What went wrong on purpose.
    pub fault: Option<&'static str>,
    /// Records in the answer.
    pub rows: usize,
}

impl Logged {
    /// The value of a parameter by its usual name.
    #[must_use]
    pub fn param(&self, name: &str) -> Option<&str> {
        self.params.iter().find(|(have, _)| *have == name).map(|(_, value)| value.as_str())
    }
}

/// All but the id.
impl fmt::Debug for Logged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = self.installation.as_deref().unwrap_or("-");
        write!(f, "{} {} {place} {} {:?}", self.at, self.method, self.action.unwrap_or("-"), self.params)?;
        write!(f, " -> {} {} rows {}", self.status, self.rows, self.fault.unwrap_or_default())
    }
}

/// The last requests.
#[derive(Debug, Default)]
pub(super) struct Log(VecDeque<Logged>);

impl Log {
    pub(super) fn push(&mut self, logged: Logged) {
        if self.0.len() == REMEMBERED {
            self.0.pop_front();
        }
        self.0.push_back(logged);
    }

    pub(super) fn all(&self) -> Vec<Logged> {
        self.0.iter().cloned().collect()
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}
