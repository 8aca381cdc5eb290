//! When a server is away: after some failures in a row nobody sends; one probe at a time asks whether it is back.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tokio::time::Instant;

/// When a server counts as away, and how often it is asked then. Source: `reliability.md` 1b.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BreakerRules {
    /// Failures in a row.
    pub after: u32,
    /// Time until the first probe; doubles with each probe.
    pub first: Duration,
    /// Longest time between probes.
    pub cap: Duration,
}

/// What is known about a server's absence; kept between runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Outage {
    /// Failures in a row.
    pub failures: u32,
    /// Since when the server is away; `None` while it answers.
    pub since: Option<DateTime<Utc>>,
    /// When the next probe is due.
    pub probe_at: Option<DateTime<Utc>>,
    /// Probes that failed since then.
    pub probes: u32,
}

/// Lets requests through while the server answers.
#[derive(Debug)]
pub struct Breaker {
    rules: BreakerRules,
    state: Mutex<State>,
    lost: AtomicU64,
    changed: watch::Sender<()>,
}

#[derive(Clone, Copy, Debug)]
enum State {
    There { failures: u32 },
    Away(Away),
}

#[derive(Clone, Copy, Debug)]
struct Away {
    since: DateTime<Utc>,
    begun: Instant,
    probe_at: Instant,
    probes: u32,
    probing: bool,
}

/// Whether a request may leave.
#[derive(Debug)]
pub enum Gate<'a> {
    /// It may.
    Pass,
    /// The server is away: wait until then, or until something changes.
    Wait {
        /// When the next probe is due; `None` while one is under way.
        until: Option<Instant>,
        /// How long the server has been away, as far as this process has seen it.
        away: Duration,
    },
    /// The server is away, and the caller is the one to ask it.
    Probe(Probe<'a>),
}

/// The right to send one probe. A probe that is given up counts as failed: giving up must not bring on the next one.
#[derive(Debug)]
pub struct Probe<'a>(Option<&'a Breaker>);

impl Breaker {
    /// A breaker that begins where an earlier run stopped.
    ///
    /// A probe is never further away than the longest time between probes, whatever the wall clock did.
    #[must_use]
    pub fn new(rules: BreakerRules, outage: Outage, now: DateTime<Utc>) -> Self {
        let state = match outage.since {
            None => State::There { failures: outage.failures.min(rules.after.saturating_sub(1)) },
            Some(since) => {
                let left = outage.probe_at.map_or(Duration::ZERO, |at| (at - now).to_std().unwrap_or_default());
                let begun = Instant::now();
                let probe_at = begun + left.min(rules.cap);
                State::Away(Away { since: since.min(now), begun, probe_at, probes: outage.probes, probing: false })
            }
        };
        Self { rules, state: Mutex::new(state), lost: AtomicU64::new(0), changed: watch::Sender::new(()) }
    }

    /// Whether a request may leave now.
    #[must_use]
    pub fn gate(&self) -> Gate<'_> {
        let mut state = self.lock();
        match &mut *state {
            State::There { .. } => Gate::Pass,
            State::Away(away) if !away.probing && away.probe_at <= Instant::now() => {
                away.probing = true;
                Gate::Probe(Probe(Some(self)))
            }
            State::Away(away) => {
                Gate::Wait { until: (!away.probing).then_some(away.probe_at), away: away.begun.elapsed() }
            }
        }
    }

    /// Whether the server is away.
    #[must_use]
    pub fn is_away(&self) -> bool {
        matches!(*self.lock(), State::Away(_))
    }

    /// The server has answered; `true` when it was away before.
    pub fn answered(&self) -> bool {
        let before = std::mem::replace(&mut *self.lock(), State::There { failures: 0 });
        let back = matches!(before, State::Away(_));
        if back {
            self.changed.send_replace(());
        }
        back
    }

    /// The server has not answered a request; `true` when this made it count as away.
    pub fn failed(&self, now: DateTime<Utc>) -> bool {
        let mut state = self.lock();
        let State::There { failures } = &mut *state else { return false };
        *failures += 1;
        if *failures < self.rules.after.max(1) {
            return false;
        }
        let begun = Instant::now();
        let probe_at = begun + self.wait(0);
        *state = State::Away(Away { since: now, begun, probe_at, probes: 0, probing: false });
        drop(state);
        self.changed.send_replace(());
        true
    }

    /// What the next run should know.
    #[must_use]
    pub fn outage(&self, now: DateTime<Utc>) -> Outage {
        match *self.lock() {
            State::There { failures } => Outage { failures, ..Outage::default() },
            State::Away(away) => {
                let left = away.probe_at.saturating_duration_since(Instant::now());
                let probe_at = TimeDelta::from_std(left).ok().and_then(|left| now.checked_add_signed(left));
                Outage { failures: self.rules.after, since: Some(away.since), probe_at, probes: away.probes }
            }
        }
    }

    /// Probes that failed so far. Unless this has risen, an outage may have been a row of bad questions.
    #[must_use]
    pub fn lost_probes(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }

    /// Tells of changes: subscribe first, look at the gate then, wait last.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    /// The wait after `probes` failed probes.
    fn wait(&self, probes: u32) -> Duration {
        let doubled = self.rules.first.saturating_mul(1_u32.checked_shl(probes).unwrap_or(u32::MAX));
        doubled.min(self.rules.cap)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Probe<'_> {
    /// The server is back.
    pub fn answered(mut self) {
        if let Some(breaker) = self.0.take() {
            breaker.answered();
        }
    }

    /// The server is still away.
    pub fn failed(self) {
        drop(self);
    }
}

impl Drop for Probe<'_> {
    fn drop(&mut self) {
        let Some(breaker) = self.0.take() else { return };
        breaker.lost.fetch_add(1, Ordering::Relaxed);
        if let State::Away(away) = &mut *breaker.lock() {
            away.probes = away.probes.saturating_add(1);
            away.probing = false;
            away.probe_at = Instant::now() + breaker.wait(away.probes);
        }
        breaker.changed.send_replace(());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: BreakerRules = BreakerRules { after: 5, first: Duration::from_secs(30), cap: Duration::from_mins(5) };

    fn now() -> DateTime<Utc> {
        "2026-11-23T08:00:00Z".parse().expect("a time")
    }

    fn away() -> Breaker {
        let breaker = Breaker::new(RULES, Outage::default(), now());
        assert_eq!([(); 5].map(|()| breaker.failed(now())), [false, false, false, false, true]);
        breaker
    }

    /// Seconds until a probe is allowed.
    async fn until_probe(breaker: &Breaker) -> (u64, Probe<'_>) {
        let begun = Instant::now();
        loop {
            match breaker.gate() {
                Gate::Pass => panic!("the server is away"),
                Gate::Probe(probe) => return (begun.elapsed().as_secs(), probe),
                Gate::Wait { until, .. } => tokio::time::sleep_until(until.expect("nobody probes")).await,
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn probes_double_up_to_the_cap() {
        let breaker = away();
        for wanted in [30, 60, 120, 240, 300, 300] {
            let (waited, probe) = until_probe(&breaker).await;
            assert_eq!(waited, wanted);
            assert!(matches!(breaker.gate(), Gate::Wait { until: None, .. }), "one probe at a time");
            probe.failed();
        }
        assert!(breaker.is_away());
        until_probe(&breaker).await.1.answered();
        assert_eq!(breaker.lost_probes(), 6);
        assert!(matches!(breaker.gate(), Gate::Pass));
        assert!(!breaker.failed(now()), "counting begins anew");
    }

    #[tokio::test(start_paused = true)]
    async fn one_answer_ends_the_count_and_the_outage() {
        let breaker = Breaker::new(RULES, Outage::default(), now());
        for _ in 0..20 {
            assert!(!(breaker.failed(now()) || breaker.failed(now())));
            assert!(!breaker.answered(), "was not away");
        }
        let breaker = away();
        let mut changes = breaker.changes();
        assert!(breaker.answered(), "a request that was still under way");
        changes.changed().await.expect("waiting calls are told");
        assert!(!breaker.is_away());
    }

    #[tokio::test(start_paused = true)]
    async fn a_probe_that_is_given_up_has_failed() {
        let breaker = away();
        drop(until_probe(&breaker).await.1);
        assert_eq!(until_probe(&breaker).await.0, 60);
    }

    #[tokio::test(start_paused = true)]
    async fn the_next_run_goes_on_where_this_one_stopped() {
        let breaker = away();
        for _ in 0..3 {
            until_probe(&breaker).await.1.failed();
        }
        tokio::time::advance(Duration::from_secs(40)).await;
        let kept = breaker.outage(now() + TimeDelta::seconds(250));
        assert_eq!((kept.since, kept.probes, kept.probe_at), (Some(now()), 3, Some(now() + TimeDelta::seconds(450))));
        for (later, wanted) in [(350, 100), (1_000, 0), (-86_400, 300)] {
            let next = Breaker::new(RULES, kept, now() + TimeDelta::seconds(later));
            let (waited, probe) = until_probe(&next).await;
            assert_eq!(waited, wanted, "restarted at {later} s");
            probe.failed();
            assert_eq!(until_probe(&next).await.0, 300);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn failures_in_a_row_are_kept_too() {
        let breaker = Breaker::new(RULES, Outage { failures: 4, ..Outage::default() }, now());
        assert!(breaker.failed(now()));
        let breaker = Breaker::new(RULES, Outage { failures: 90, ..Outage::default() }, now());
        assert!(!breaker.is_away());
    }
}
