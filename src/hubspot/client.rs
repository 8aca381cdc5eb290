//! The shared line to one portal, and the three types that use it.

use std::fmt;
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};
use tokio_util::sync::CancellationToken;

use crate::http::{Clock, Flight, Random, RetryBudget, RetryPolicy, Transport};

use super::count::{Calls, Counters};
use super::limits::Limits;
use super::path::Paths;
use super::read::Reader;
use super::schema::SchemaWriter;
use super::settings::Settings;
use super::write::Writer;

/// The effects a client needs; a simulation hands in its own.
#[derive(Clone)]
pub struct Effects {
    /// Sends requests to the portal's host.
    pub transport: Arc<dyn Transport>,
    /// Wall clock.
    pub clock: Arc<dyn Clock>,
    /// Jitter.
    pub random: Arc<dyn Random>,
    /// Ends every wait; requests under way are finished.
    pub cancel: CancellationToken,
}

impl fmt::Debug for Effects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Effects")
    }
}

/// One line to one portal: limits, budget and counters are shared by everything that is made from it.
#[derive(Clone, Debug)]
pub struct Client(Arc<Inner>);

pub(super) struct Inner {
    pub(super) effects: Effects,
    pub(super) authorization: Arc<SecretString>,
    pub(super) paths: Paths,
    pub(super) retry: RetryPolicy,
    pub(super) budget: RetryBudget,
    pub(super) flight: Flight,
    pub(super) limits: Limits,
    pub(super) counters: Counters,
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "hubspot line, {:?}", self.counters.snapshot())
    }
}

impl Client {
    /// A line that uses `token` (a service key or the token of a legacy private app). Sends nothing yet.
    #[must_use]
    pub fn new(settings: &Settings, token: &SecretString, effects: Effects) -> Self {
        Self(Arc::new(Inner {
            effects,
            authorization: Arc::new(SecretString::from(format!("Bearer {}", token.expose_secret()))),
            paths: Paths::new(settings.api_version.clone()),
            retry: settings.retry,
            budget: RetryBudget::new(),
            flight: Flight::new(settings.max_in_flight),
            limits: Limits::new(settings),
            counters: Counters::default(),
        }))
    }

    /// Reads records, links and definitions.
    #[must_use]
    pub fn reader(&self) -> Reader {
        Reader::new(Arc::clone(&self.0))
    }

    /// Writes records and links.
    #[must_use]
    pub fn writer(&self) -> Writer {
        Writer::new(Arc::clone(&self.0))
    }

    /// Writes property groups, properties, pipelines and stages.
    #[must_use]
    pub fn schema_writer(&self) -> SchemaWriter {
        SchemaWriter::new(Arc::clone(&self.0))
    }

    /// The calls made so far.
    #[must_use]
    pub fn calls(&self) -> Calls {
        self.0.counters.snapshot()
    }
}
