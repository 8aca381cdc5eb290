//! Waiting for one's turn: quiet hours, a server that is away, a place in flight, the pause between starts.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::http::{Gate, Probe, Seat};

use super::ask::Ask;
use super::call::Attempt;
use super::count::Wait;
use super::error::{Error, Trouble};
use super::line::Line;
use super::quiet::quiet_until;
use super::route::Route;
use super::told::Told;

/// Longest sleep before the wall clock is looked at again: it may have been set, or the machine may have slept.
const LOOK_AGAIN: Duration = Duration::from_mins(10);

impl Line {
    /// Waits until a request may leave.
    pub(super) async fn turn(&self, route: Route) -> Result<Seat<'_>, Error> {
        loop {
            self.present(route).await?;
            let seat = self.board(route).await?;
            if self.limits().refused.is_none() && !self.breaker.is_away() && self.quiet().is_none() {
                return Ok(seat);
            }
        }
    }

    /// Waits until it is not quiet and the server is there, asking it now and then.
    pub(super) async fn present(&self, route: Route) -> Result<(), Error> {
        loop {
            let changes = self.breaker.changes();
            self.may_go_on(route)?;
            if let Some(until) = self.quiet() {
                self.tell(Told::Quiet { until });
                let left = (until - self.effects.clock.now()).to_std().unwrap_or_default();
                self.rest(route, Wait::Quiet, left.min(LOOK_AGAIN), None).await?;
                continue;
            }
            match self.breaker.gate() {
                Gate::Pass => return Ok(()),
                Gate::Wait { until, away } => self.wait_out(route, until, away, changes).await?,
                Gate::Probe(probe) => self.probe(route, probe).await?,
            }
        }
    }

    /// Waits for the next probe or for a change, within patience.
    async fn wait_out(
        &self,
        route: Route,
        until: Option<Instant>,
        away: Duration,
        changes: watch::Receiver<()>,
    ) -> Result<(), Error> {
        let patience = self.limits().patience.map(|longest| longest.saturating_sub(away));
        if patience.is_some_and(|left| left.is_zero()) {
            return Err(self.unavailable(route));
        }
        let probe = until.map(|until| until.saturating_duration_since(Instant::now()));
        if let Some(left) = probe {
            let why = self.limits().trouble.unwrap_or(Trouble::Unreachable);
            self.tell(Told::Waiting { until: self.later(left), why });
        }
        let left = probe.into_iter().chain(patience).min().unwrap_or(LOOK_AGAIN);
        self.rest(route, Wait::Outage, left, Some(changes)).await
    }

    /// Asks a server that was away whether it is back.
    async fn probe(&self, route: Route, probe: Probe<'_>) -> Result<(), Error> {
        let ask = Ask::new();
        let Some(request) = self.request(Route::Ping, &ask) else {
            return Err(Error::Unreadable { route: Route::Ping, what: Trouble::Unsendable, attempts: 0 });
        };
        let seat = self.board(route).await?;
        let attempt = Attempt { route: Route::Ping, ask: &ask, request: &request, again: false, probe: true };
        match self.attempt(attempt, seat, &Self::read_ping).await {
            Ok(Ok(_)) => probe.answered(),
            Ok(Err(_)) => probe.failed(),
            Err(Error::Stopped) => return Err(Error::Stopped),
            Err(error @ Error::Unavailable { .. }) => return Err(error),
            Err(error @ Error::Credentials { .. }) => {
                probe.answered();
                return Err(error);
            }
            // Even "no such route" is an answer.
            Err(Error::Unreadable { .. } | Error::Missing { .. } | Error::Gone { .. } | Error::BadRequest { .. }) => {
                probe.answered();
            }
        }
        Ok(())
    }

    /// A place in flight, and the pause since the start before.
    async fn board(&self, route: Route) -> Result<Seat<'_>, Error> {
        let ready = async {
            let seat = self.flight.board().await;
            self.spacing.start().await;
            seat
        };
        self.race(route, ready).await
    }

    /// Sleeps, or less when something changes, and counts it.
    pub(super) async fn rest(
        &self,
        route: Route,
        why: Wait,
        time: Duration,
        changes: Option<watch::Receiver<()>>,
    ) -> Result<(), Error> {
        let begun = Instant::now();
        let changed = async {
            match changes {
                Some(mut changes) => drop(changes.changed().await),
                None => std::future::pending().await,
            }
        };
        let slept = async {
            tokio::select! {
                () = tokio::time::sleep(time) => {}
                () = changed => {}
            }
        };
        let outcome = self.race(route, slept).await;
        self.counters.waited(why, begun.elapsed());
        outcome
    }

    /// `future`, unless the run is stopped or its time is over first.
    pub(super) async fn race<T>(&self, route: Route, future: impl Future<Output = T>) -> Result<T, Error> {
        let deadline = self.limits().deadline;
        let over = async {
            match deadline {
                Some(deadline) => tokio::time::sleep_until(deadline).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            () = self.effects.cancel.cancelled() => Err(Error::Stopped),
            done = future => Ok(done),
            () = over => Err(self.unavailable(route)),
        }
    }

    /// Whether anything may still be sent.
    fn may_go_on(&self, route: Route) -> Result<(), Error> {
        if self.effects.cancel.is_cancelled() {
            return Err(Error::Stopped);
        }
        let limits = self.limits();
        let (refused, deadline) = (limits.refused, limits.deadline);
        drop(limits);
        match refused {
            Some(refused) => Err(refused),
            None if deadline.is_some_and(|deadline| deadline <= Instant::now()) => Err(self.unavailable(route)),
            None => Ok(()),
        }
    }

    fn unavailable(&self, route: Route) -> Error {
        let now = self.effects.clock.now();
        Error::Unavailable { route, since: self.breaker.outage(now).since.unwrap_or(now) }
    }

    fn quiet(&self) -> Option<DateTime<Utc>> {
        quiet_until(&self.settings.quiet, self.effects.clock.now(), self.settings.zone)
    }

    fn later(&self, time: Duration) -> DateTime<Utc> {
        let now = self.effects.clock.now();
        TimeDelta::from_std(time).ok().and_then(|time| now.checked_add_signed(time)).unwrap_or(now)
    }
}
