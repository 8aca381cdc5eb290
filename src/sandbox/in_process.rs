//! A transport that hands requests to a portal in the same process: no sockets, any clock.

use std::time::Duration;

use chrono::{DateTime, Utc};
use secrecy::ExposeSecret;

use crate::http::{Request, Response, SendFuture, Transport, TransportError};

use super::hubspot::{self, Portal};

/// Time of a portal: a beginning on the calendar, and from there the runtime's clock, which a test can pause.
#[derive(Clone, Copy, Debug)]
pub(super) struct Timeline {
    begin: DateTime<Utc>,
    started: tokio::time::Instant,
}

impl Timeline {
    pub(super) fn from(begin: DateTime<Utc>) -> Self {
        Self { begin, started: tokio::time::Instant::now() }
    }

    pub(super) fn now(&self) -> DateTime<Utc> {
        self.begin + self.started.elapsed()
    }
}

/// Hands requests to a portal.
#[derive(Clone, Debug)]
pub struct InProcess {
    portal: Portal,
    timeline: Timeline,
    latency: Duration,
    patience: Duration,
}

impl InProcess {
    /// Each request reaches `portal` at once and is answered after `latency`; the first arrives at `begin` or later.
    ///
    /// Call it inside a runtime: time runs by `tokio::time`.
    #[must_use]
    pub fn new(portal: Portal, begin: DateTime<Utc>, latency: Duration) -> Self {
        Self { portal, timeline: Timeline::from(begin), latency, patience: Duration::from_mins(1) }
    }

    /// The portal's time of day.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.timeline.now()
    }

    async fn exchange(&self, request: &Request) -> Result<Response, TransportError> {
        let asked = hubspot::Request {
            method: request.method,
            path: request.path.clone(),
            query: request.query.iter().map(|(name, value)| (name.to_string(), value.clone())).collect(),
            bearer: request.authorization.as_ref().and_then(|secret| bearer(secret.expose_secret())),
            body: request.body.as_ref().map(|body| body.to_vec()).unwrap_or_default(),
        };
        let reply = self.portal.handle(&asked, self.timeline.now());
        let takes = self.latency + reply.delay;
        let patience = request.timeout.unwrap_or(self.patience);
        tokio::time::sleep(takes.min(patience)).await;
        if takes > patience {
            return Err(TransportError::Timeout);
        }
        if reply.cut {
            return Err(TransportError::Cut);
        }
        let headers = reply.headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Ok(Response { status: reply.status, headers, body: reply.body })
    }
}

impl Transport for InProcess {
    fn send<'a>(&'a self, request: &'a Request) -> SendFuture<'a> {
        Box::pin(self.exchange(request))
    }
}

/// The token of an `Authorization` header.
pub(super) fn bearer(header: &str) -> Option<String> {
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
}
