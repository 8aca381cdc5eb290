//! What goes wrong on purpose: seeded, per request, switchable at run time.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::http::Random;

use super::exchange::{Ending, Reply};

/// One way for a request to go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// Nothing goes wrong (in [`Faults::next`]: this request passes).
    Nothing,
    /// 504 with HTML.
    GatewayTimeout,
    /// 503 without a body.
    Unavailable,
    /// 502 with a text.
    BadGateway,
    /// 500 with `{"message":"An error has occurred."}`.
    ServerError,
    /// The connection breaks.
    Reset,
    /// The answer takes its time.
    Slow,
    /// The JSON of the answer ends in the middle.
    Truncated,
    /// 200 with HTML.
    Html,
    /// 200 without a body.
    Empty,
    /// 200 with `null`.
    Null,
}

/// Probability per request, by fault.
pub type Rates = BTreeMap<Fault, f64>;

/// Failures in a row.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Burst {
    /// How each of them fails.
    pub fault: Fault,
    /// Probability, per request, that a row of them begins.
    pub begins: f64,
    /// How many requests it takes.
    pub length: u32,
}

/// A time in which nobody is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Closed {
    /// From then on …
    pub from: DateTime<Utc>,
    /// … until then.
    pub to: DateTime<Utc>,
    /// Whether there is no connection at all; else 503 without a body.
    pub silent: bool,
}

/// What can go wrong at present.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Faults {
    /// For every route without rates of its own; at most one fault happens to a request.
    pub rates: Rates,
    /// By action (`AllAppointments`).
    pub routes: BTreeMap<String, Rates>,
    /// Failures in a row.
    pub bursts: Vec<Burst>,
    /// How slow [`Fault::Slow`] is, in milliseconds.
    pub slow_ms: u64,
    /// How long it takes until [`Fault::GatewayTimeout`] is answered, in milliseconds.
    pub timeout_ms: u64,
    /// Days of an installation whose appointments cannot be read by any window.
    pub days: BTreeSet<(String, NaiveDate)>,
    /// Patients whose own routes cannot be read: GetPatient, their appointments, their entries.
    pub patients: BTreeSet<String>,
    /// Times in which nobody is in.
    pub closed: Vec<Closed>,
    /// What happens to the next requests, one each, before chance has its turn.
    pub next: Vec<Fault>,
}

impl Default for Faults {
    fn default() -> Self {
        Self {
            rates: Rates::new(),
            routes: BTreeMap::new(),
            bursts: Vec::new(),
            slow_ms: 5_000,
            timeout_ms: 0,
            days: BTreeSet::new(),
            patients: BTreeSet::new(),
            closed: Vec::new(),
            next: Vec::new(),
        }
    }
}

impl Faults {
    /// Nothing goes wrong.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// The same with this probability of a fault.
    #[must_use]
    pub fn with(mut self, fault: Fault, share: f64) -> Self {
        self.rates.insert(fault, share);
        self
    }

    /// The same with this probability of a fault of one action.
    #[must_use]
    pub fn on(mut self, action: &str, fault: Fault, share: f64) -> Self {
        self.routes.entry(action.to_owned()).or_default().insert(fault, share);
        self
    }

    pub(super) fn closed_at(&self, now: DateTime<Utc>) -> Option<Closed> {
        self.closed.iter().copied().find(|closed| closed.from <= now && now < closed.to)
    }
}

/// Draws faults, and remembers the row it is in.
#[derive(Debug, Default)]
pub(super) struct Dice {
    row: Option<(Fault, u32)>,
}

impl Dice {
    /// What happens to one request.
    pub(super) fn draw(&mut self, faults: &mut Faults, random: &impl Random, action: &str) -> Fault {
        if !faults.next.is_empty() {
            return faults.next.remove(0);
        }
        if let Some((fault, left)) = self.row.take() {
            self.row = (left > 1).then(|| (fault, left - 1));
            return fault;
        }
        for burst in &faults.bursts {
            if uniform(random) < burst.begins && burst.length > 0 {
                self.row = (burst.length > 1).then(|| (burst.fault, burst.length - 1));
                return burst.fault;
            }
        }
        let rates = faults.routes.get(action).unwrap_or(&faults.rates);
        if rates.is_empty() {
            return Fault::Nothing;
        }
        let mut left = uniform(random);
        for (fault, share) in rates {
            if left < *share {
                return *fault;
            }
            left -= share;
        }
        Fault::Nothing
    }
}

impl Fault {
    /// The name that counters use.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::GatewayTimeout => "gateway_timeout",
            Self::Unavailable => "unavailable",
            Self::BadGateway => "bad_gateway",
            Self::ServerError => "server_error",
            Self::Reset => "reset",
            Self::Slow => "slow",
            Self::Truncated => "truncated",
            Self::Html => "html",
            Self::Empty => "empty",
            Self::Null => "null",
        }
    }

    /// What becomes of an answer.
    pub(super) fn spoil(self, reply: Reply, faults: &Faults) -> Reply {
        match self {
            Self::Nothing => reply,
            Self::GatewayTimeout => gateway_timeout(Duration::from_millis(faults.timeout_ms)),
            Self::Unavailable => Reply::empty(503),
            Self::BadGateway => Reply::of(502, "text/plain", "Bad Gateway"),
            Self::ServerError => Reply::message(500, "An error has occurred."),
            Self::Reset => Reply { delay: reply.delay, ..Reply::no_answer(Ending::Cut) },
            Self::Slow => Reply { delay: reply.delay + Duration::from_millis(faults.slow_ms), ..reply },
            Self::Truncated => {
                let mut body = reply.body;
                body.truncate(body.len() / 2);
                Reply { body, ..reply }
            }
            Self::Html => {
                let page =
                    "<!DOCTYPE html><html><head><title>ivoris relay</title></head><body>Please wait.</body></html>";
                Reply::of(200, "text/html", page)
            }
            Self::Empty => Reply::empty(200),
            Self::Null => Reply::of(200, "application/json; charset=utf-8", "null"),
        }
    }
}

/// What the relay says when the practice takes too long.
pub(super) fn gateway_timeout(delay: Duration) -> Reply {
    let page =
        "<html><head><title>504 Gateway Time-out</title></head>\r\n<body><h1>504 Gateway Time-out</h1></body></html>";
    Reply { delay, ..Reply::of(504, "text/html", page) }
}

/// Between 0 and 1, 1 excluded.
fn uniform(random: &impl Random) -> f64 {
    let high = u32::try_from(random.draw() >> 32).expect("32 bits are left");
    f64::from(high) / (f64::from(u32::MAX) + 1.0)
}
