//! One call from first attempt to last.

use std::time::Duration;

use tokio::time::Instant;
use tracing::field::display;

use crate::http::{Request, Response, Seat, TransportError};

use super::ask::Ask;
use super::count::Wait;
use super::error::{Error, Trouble};
use super::judge::{Verdict, judge};
use super::line::Line;
use super::route::Route;
use super::told::Told;

/// How often the attempts of one call start anew after an outage. A server that answers probes and nothing else must not
/// hold a call forever.
const RENEWALS: u32 = 2;

/// An answer that was understood.
#[derive(Debug)]
pub(super) struct Answer<T> {
    pub(super) value: T,
    /// Time of the exchange that brought it.
    pub(super) took: Duration,
}

/// One sending of one request.
pub(super) struct Attempt<'a> {
    pub(super) route: Route,
    pub(super) ask: &'a Ask,
    pub(super) request: &'a Request,
    pub(super) again: bool,
    pub(super) probe: bool,
}

/// Trouble with one attempt, and what the server asks to wait.
pub(super) struct Failed {
    what: Trouble,
    after: Option<Duration>,
}

/// What reading a body gives.
type Read<T> = Result<T, Trouble>;

impl Line {
    /// Asks until there is an answer, a refusal, or no attempt left.
    pub(super) async fn exchange<T>(
        &self,
        route: Route,
        ask: &Ask,
        read: impl Fn(&Response) -> Read<T> + Send + Sync,
    ) -> Result<Answer<T>, Error> {
        if !self.profile.route(route).enabled {
            return Err(Error::Missing { route, status: None });
        }
        let Some(request) = self.request(route, ask) else {
            return Err(Error::Unreadable { route, what: Trouble::Unsendable, attempts: 0 });
        };
        self.budget.earn();
        let (mut sent, mut attempts, mut renewals) = (0, 0, 0);
        let mut lost = self.breaker.lost_probes();
        loop {
            let seat = self.turn(route).await?;
            let lost_before = std::mem::replace(&mut lost, self.breaker.lost_probes());
            if lost > lost_before && attempts > 0 && renewals < RENEWALS {
                renewals += 1;
                attempts = 0;
            }
            attempts += 1;
            let attempt = Attempt { route, ask, request: &request, again: sent > 0, probe: false };
            sent += 1;
            let failed = match self.attempt(attempt, seat, &read).await? {
                Ok(answer) => return Ok(answer),
                Err(failed) => failed,
            };
            let unreadable = Error::Unreadable { route, what: failed.what, attempts: sent };
            if self.breaker.is_away() {
                // The server, or only this question? A probe tells. Only if one fails do attempts start anew.
                self.present(route).await?;
                let outage = self.breaker.lost_probes() > lost && renewals < RENEWALS;
                if !outage && !self.retry.allows(attempts) {
                    return Err(unreadable);
                }
                continue;
            }
            if !self.retry.allows(attempts) || !self.budget.spend() {
                return Err(unreadable);
            }
            let backoff = self.retry.wait(attempts, &*self.effects.random);
            let wait = failed.after.map_or(backoff, |after| after.min(self.settings.probe_cap).max(backoff));
            self.rest(route, Wait::Backoff, wait, None).await?;
        }
    }

    /// Sends once, and draws the consequences for everybody: seats, counters, whether the server is there.
    pub(super) async fn attempt<T>(
        &self,
        attempt: Attempt<'_>,
        seat: Seat<'_>,
        read: &(impl Fn(&Response) -> Read<T> + Send + Sync),
    ) -> Result<Result<Answer<T>, Failed>, Error> {
        let Attempt { route, ask, request, again, probe } = attempt;
        let limit = request.timeout.unwrap_or(self.settings.request);
        let begun = Instant::now();
        let outcome = {
            let _under = self.counters.sent(route, again, probe);
            // The transport keeps the time too, but a simulated one may not.
            let sending = tokio::time::timeout(limit, self.effects.transport.send(request));
            self.race(route, sending).await?.unwrap_or(Err(TransportError::Timeout))
        };
        let took = begun.elapsed();
        self.counters.took(route, took, outcome.as_ref().map_or(0, |response| response.body.len()));
        self.log(request, ask, &outcome, took);
        let record = ask.names_a_record(self.profile.route(route));
        let verdict = judge(route, record, outcome.as_ref().map_err(|error| *error), self.effects.clock.now());
        let (what, after) = match (verdict, outcome) {
            (Verdict::Read, Ok(response)) => match read(&response) {
                Ok(value) => {
                    self.there(probe);
                    self.facts().routes.entry(route.name().to_owned()).and_modify(|facts| facts.missing = None);
                    self.good(seat, route, took);
                    return Ok(Ok(Answer { value, took }));
                }
                Err(what) => (what, None),
            },
            (Verdict::Read, Err(_)) => (Trouble::Cut, None), // only an answer is read
            (Verdict::Again { what, after }, _) => (what, after),
            (Verdict::Over(error), _) => return Err(self.over(error, seat, probe)),
        };
        self.counters.trouble(route, what);
        if what.is_answer() {
            self.there(probe);
        } else {
            self.limits().trouble = Some(what);
            if self.breaker.failed(self.effects.clock.now()) {
                self.counters.outage();
            }
        }
        self.bad(seat);
        Ok(Err(Failed { what, after }))
    }

    /// An end that no other attempt changes. The server has answered; refused credentials end everything.
    fn over(&self, error: Error, seat: Seat<'_>, probe: bool) -> Error {
        match error {
            Error::Credentials { route, .. } => {
                self.limits().refused = Some(error);
                self.counters.failed(route, "credentials");
            }
            Error::Missing { route, .. } => {
                self.counters.failed(route, "missing");
                self.facts().route_mut(route.name()).missing = Some(self.effects.clock.now());
            }
            Error::Gone { route, .. } => self.counters.failed(route, "gone"),
            Error::BadRequest { route, .. } => self.counters.failed(route, "refused"),
            Error::Unreadable { route, what, .. } => self.counters.trouble(route, what),
            Error::Unavailable { .. } | Error::Stopped => {}
        }
        self.there(probe);
        drop(seat);
        error
    }

    /// The server has answered. A probe says so itself.
    fn there(&self, probe: bool) {
        if self.breaker.answered() || probe {
            self.tell(Told::Back);
        }
    }

    /// One line per exchange: template, page, days, status, sizes; never path, query, id or body.
    fn log(&self, request: &Request, ask: &Ask, outcome: &Result<Response, TransportError>, took: Duration) {
        let (instance, route, ms) = (self.settings.instance.as_str(), &*request.route, took.as_millis());
        let page = ask.page_number();
        let (from, to) = ask.range().map(|(from, to)| (display(from), display(to))).unzip();
        match outcome {
            Ok(response) => {
                let (status, bytes) = (response.status, response.body.len());
                tracing::debug!(target: "ivohub::ivoris", instance, route, page, from, to, status, bytes, ms);
            }
            Err(error) => tracing::debug!(target: "ivohub::ivoris", instance, route, page, from, to, %error, ms),
        }
    }
}

#[cfg(test)]
#[path = "call_tests.rs"]
mod tests;
