//! A transport that hands requests to a practice in the same process: no sockets, any clock.

use std::time::Duration;

use chrono::{DateTime, Utc};
use secrecy::ExposeSecret;

use crate::http::{self, Response, SendFuture, Transport, TransportError};
use crate::sandbox::in_process::Timeline;

use super::exchange::{Ending, Request};
use super::practice::Practice;

/// Hands requests to one installation of a practice.
#[derive(Clone, Debug)]
pub struct InProcess {
    practice: Practice,
    /// Stands before every path, as the path of a base URL does.
    base: String,
    timeline: Timeline,
    patience: Duration,
}

impl InProcess {
    /// Requests reach `installation` through the relay; the first arrives at `begin` or later. Answers take as long as the
    /// practice says.
    ///
    /// Call it inside a runtime: time runs by `tokio::time`, which a test can pause.
    #[must_use]
    pub fn new(practice: Practice, installation: &str, begin: DateTime<Utc>) -> Self {
        let base = practice.base(installation);
        Self::at(practice, &base, begin)
    }

    /// The same below any base path: another linkname, or none.
    #[must_use]
    pub fn at(practice: Practice, base: &str, begin: DateTime<Utc>) -> Self {
        let base = base.trim_end_matches('/').to_owned();
        Self { practice, base, timeline: Timeline::from(begin), patience: Duration::from_mins(1) }
    }

    /// The practice's time of day.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.timeline.now()
    }

    async fn exchange(&self, request: &http::Request) -> Result<Response, TransportError> {
        let waiting = self.practice.enter();
        let asked = Request {
            method: Some(request.method),
            path: format!("{}{}", self.base, request.path),
            query: request.query.iter().map(|(name, value)| (name.to_string(), value.clone())).collect(),
            authorization: request.authorization.as_ref().map(|secret| secret.expose_secret().to_owned()),
        };
        let reply = self.practice.handle(&asked, self.timeline.now());
        if reply.ending == Ending::Refused {
            return Err(TransportError::Unreachable);
        }
        let patience = request.timeout.unwrap_or(self.patience);
        tokio::time::sleep(reply.delay.min(patience)).await;
        drop(waiting);
        if reply.delay > patience {
            return Err(TransportError::Timeout);
        }
        if reply.ending == Ending::Cut {
            return Err(TransportError::Cut);
        }
        let headers = reply.headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Ok(Response { status: reply.status, headers, body: reply.body })
    }
}

impl Transport for InProcess {
    fn send<'a>(&'a self, request: &'a http::Request) -> SendFuture<'a> {
        Box::pin(self.exchange(request))
    }
}
