//! One call from first attempt to last: wait for a place, send, classify, wait, send again or give up.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::http::{FailureClass, Method, Operation, Request, Response, Seat, TransportError, classify, retry_after};

use super::client::Inner;
use super::count::Count;
use super::error::{Error, Rejection};
use super::limits::Bucket;
use super::path::Place;
use super::wire::error::{ErrorBody, Policy};

/// A lock on records during heavy writes lasts two seconds. Source: `hubspot-api.md` 3.4.
const LOCK: Duration = Duration::from_secs(2);
/// The window of limits per second.
const SECOND: Duration = Duration::from_secs(1);
/// A stopped run ends within 30 s, whatever HubSpot does (`reliability.md` F42); the rest is for writing down.
const STOPPING: Duration = Duration::from_secs(20);
/// The portal moves to another data centre. Source: `hubspot-api.md` 3.4.
const MOVING: u16 = 477;

/// A call that is ready to be sent, as often as needed.
pub(super) struct Call {
    pub(super) count: Count,
    pub(super) bucket: Bucket,
    pub(super) method: Method,
    pub(super) place: Place,
    pub(super) query: Vec<(&'static str, String)>,
    pub(super) body: Option<Arc<[u8]>>,
}

/// How a call ended when the run can go on.
pub(super) enum Reply<T> {
    /// 2xx with a body that was understood.
    Answer(T),
    /// Refused, certainly not done.
    Refused { status: u16, body: ErrorBody },
    /// Perhaps done. Never for a read.
    InDoubt,
}

/// What to do after one attempt.
enum Next<T> {
    Over(Reply<T>),
    Again { wait: Duration, reason: String, after: Option<Duration> },
}

impl Call {
    /// A reading call without body.
    pub(super) fn get(place: Place) -> Self {
        Self { count: Count::Read, bucket: Bucket::Objects, method: Method::Get, place, query: Vec::new(), body: None }
    }

    /// A call that posts `body`.
    pub(super) fn post(count: Count, bucket: Bucket, place: Place, body: &impl serde::Serialize) -> Self {
        let body = serde_json::to_vec(body).expect("wire types have text keys and plain values");
        Self { count, bucket, method: Method::Post, place, query: Vec::new(), body: Some(Arc::from(body)) }
    }

    fn operation(&self) -> Operation {
        match self.count {
            Count::Read => Operation::Read,
            Count::Link => Operation::Link,
            Count::Write
            | Count::Schema
            | Count::RateLimited
            | Count::Locked
            | Count::Retries
            | Count::InDoubt
            | Count::Normalised => Operation::KeyedWrite,
        }
    }
}

impl Inner {
    /// Sends `call` until it has an answer, is refused, or is in doubt.
    ///
    /// Errors: the run cannot go on; a write that ends so was certainly not carried out.
    pub(super) async fn exchange<T>(
        &self,
        call: &Call,
        parse: impl Fn(&[u8]) -> serde_json::Result<T> + Send + Sync,
    ) -> Result<Reply<T>, Error> {
        let request = Request {
            method: call.method,
            route: call.place.route.into(),
            path: call.place.path.clone(),
            query: call.query.iter().map(|(name, value)| ((*name).into(), value.clone())).collect(),
            authorization: Some(Arc::clone(&self.authorization)),
            body: call.body.clone(),
            timeout: None,
        };
        let mut attempts = 0;
        loop {
            let seat = self.turn(call.bucket).await?;
            attempts += 1;
            self.counters.raise(call.count);
            let begun = Instant::now();
            let outcome = self.answer(call, &request).await;
            log(&request, &outcome, begun.elapsed());
            match self.judge(call, outcome, seat, attempts, &parse)? {
                Next::Over(reply) => return Ok(reply),
                Next::Again { wait, reason, after } => {
                    if self.effects.cancel.is_cancelled() {
                        return Err(Error::Cancelled);
                    }
                    let impatient = after.is_some_and(|after| after > self.retry.cap);
                    if impatient || !self.retry.allows(attempts) || !self.budget.spend() {
                        return Err(Error::Unavailable { route: call.place.route, reason, attempts, after });
                    }
                    self.counters.raise(Count::Retries);
                    self.sleep(wait).await?;
                }
            }
        }
    }

    /// Sends and waits for the answer. After a request to stop, the answer to a read is not waited for, and the answer to a
    /// write no longer than [`STOPPING`]: then it is in doubt, as after any timeout, and the next run looks it up.
    async fn answer(&self, call: &Call, request: &Request) -> Result<Response, TransportError> {
        let given_up = async {
            self.effects.cancel.cancelled().await;
            if !call.operation().repeats_safely() {
                tokio::time::sleep(STOPPING).await;
            }
        };
        tokio::select! {
            biased;
            outcome = self.effects.transport.send(request) => outcome,
            () = given_up => Err(TransportError::Timeout),
        }
    }

    /// Waits until a request may leave: a place in flight first, then the pace, so that it leaves at once.
    async fn turn(&self, bucket: Bucket) -> Result<Seat<'_>, Error> {
        let ready = async {
            let seat = self.flight.board().await;
            self.limits.pace(bucket).start().await;
            seat
        };
        if self.effects.cancel.is_cancelled() {
            return Err(Error::Cancelled);
        }
        if self.limits.day_is_over() {
            return Err(Error::DailyLimit);
        }
        tokio::select! {
            biased;
            () = self.effects.cancel.cancelled() => Err(Error::Cancelled),
            seat = ready => Ok(seat),
        }
    }

    async fn sleep(&self, wait: Duration) -> Result<(), Error> {
        tokio::select! {
            biased;
            () = self.effects.cancel.cancelled() => Err(Error::Cancelled),
            () = tokio::time::sleep(wait) => Ok(()),
        }
    }

    /// Decides what one attempt means; learns limits and steers the number of requests in flight on the way.
    fn judge<T>(
        &self,
        call: &Call,
        outcome: Result<Response, TransportError>,
        seat: Seat<'_>,
        attempts: u32,
        parse: &impl Fn(&[u8]) -> serde_json::Result<T>,
    ) -> Result<Next<T>, Error> {
        let route = call.place.route;
        let class = classify(outcome.as_ref().map_err(|error| *error), call.operation(), self.effects.clock.now());
        let backoff = self.retry.wait(attempts, &*self.effects.random);
        let response = match outcome {
            Ok(response) => response,
            Err(error) => {
                seat.trouble();
                return match class {
                    Some(FailureClass::Fatal) => Err(Error::Unsendable { route }),
                    Some(FailureClass::InDoubt) => Ok(self.in_doubt()),
                    Some(FailureClass::Retry { .. } | FailureClass::Rejected) | None => {
                        Ok(Next::Again { wait: backoff, reason: error.to_string(), after: None })
                    }
                };
            }
        };
        self.budget.earn();
        self.limits.learn(call.bucket, &response);
        let status = response.status;
        match class {
            None => {
                seat.good();
                match parse(&response.body) {
                    Ok(answer) => Ok(Next::Over(Reply::Answer(answer))),
                    Err(_) if !call.operation().repeats_safely() => Ok(self.in_doubt()),
                    Err(error) if error.is_data() => {
                        Err(Error::Shape { route, line: error.line(), column: error.column() })
                    }
                    Err(_) => Ok(Next::Again { wait: backoff, reason: "answer cut short".to_owned(), after: None }),
                }
            }
            Some(FailureClass::Retry { after }) => {
                seat.trouble();
                let wait = self.retry_wait(call, &response, after, backoff)?;
                Ok(Next::Again { wait, reason: format!("status {status}"), after })
            }
            Some(FailureClass::InDoubt) => {
                seat.trouble();
                Ok(self.in_doubt())
            }
            Some(FailureClass::Fatal) => Err(fatal(route, &response)),
            Some(FailureClass::Rejected) if status == MOVING => {
                Err(Error::Moving { after: retry_after(&response, self.effects.clock.now()) })
            }
            Some(FailureClass::Rejected) => {
                seat.good();
                Ok(Next::Over(Reply::Refused { status, body: ErrorBody::parse(&response.body) }))
            }
        }
    }

    /// How long to wait before the next attempt (`hubspot-api.md` 3.3 and 3.4).
    fn retry_wait(
        &self,
        call: &Call,
        response: &Response,
        after: Option<Duration>,
        backoff: Duration,
    ) -> Result<Duration, Error> {
        match response.status {
            429 => {
                self.counters.raise(Count::RateLimited);
                match ErrorBody::parse(&response.body).policy() {
                    Policy::Daily => Err(Error::DailyLimit),
                    Policy::Second => Ok(after.unwrap_or(SECOND) + backoff.min(SECOND)),
                    Policy::Window => {
                        // The pace holds back everybody, this call included.
                        self.limits.pace(call.bucket).pause(after.map(|after| after.min(self.retry.cap)));
                        Ok(Duration::ZERO)
                    }
                }
            }
            423 => {
                self.counters.raise(Count::Locked);
                Ok(after.unwrap_or(LOCK).max(LOCK) + backoff.min(SECOND))
            }
            _ => Ok(after.map_or(backoff, |after| after.max(backoff))),
        }
    }

    fn in_doubt<T>(&self) -> Next<T> {
        self.counters.raise(Count::InDoubt);
        Next::Over(Reply::InDoubt)
    }
}

fn fatal(route: &'static str, response: &Response) -> Error {
    match response.status {
        401 => Error::Unauthorised { route },
        403 => Error::MissingScopes { route, scopes: ErrorBody::parse(&response.body).scopes() },
        status => Error::WrongHost { route, status },
    }
}

/// Turns a refusal of a request that is not about one record into the end of the run.
pub(super) fn refused(call: &Call, status: u16, body: &ErrorBody) -> Error {
    Error::Refused { route: call.place.route, status, rejection: Rejection::from_body(body) }
}

/// One line per exchange: never path, query, body or a header that could hold a value.
fn log(request: &Request, outcome: &Result<Response, TransportError>, took: Duration) {
    let (method, route, ms) = (request.method.as_str(), &*request.route, took.as_millis());
    match outcome {
        Ok(response) => {
            let correlation = response.header("x-hubspot-correlation-id").unwrap_or("-");
            let (status, bytes) = (response.status, response.body.len());
            tracing::debug!(target: "ivohub::hubspot", method, route, status, bytes, ms, correlation);
        }
        Err(error) => tracing::debug!(target: "ivohub::hubspot", method, route, %error, ms),
    }
}

#[cfg(test)]
#[path = "call_tests.rs"]
mod tests;
