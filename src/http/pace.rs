//! An own record of send times, so that a server's rolling window is never overrun.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

/// One bucket of a server's rate limit: at most `max − 2` requests start in any window + 1 %.
///
/// The two spare places and the 1 % are for requests that reach the server later than they left
/// (`design.md` section 9). Waiting callers start in the order in which they came.
#[derive(Debug)]
pub struct Pace {
    state: Mutex<State>,
    turn: tokio::sync::Mutex<()>,
    changed: Notify,
}

#[derive(Debug)]
struct State {
    max: u32,
    window: Duration,
    sent: VecDeque<Instant>,
    not_before: Option<Instant>,
    told: bool,
}

/// What an answer tells about the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// Requests allowed in the window.
    pub max: u32,
    /// Of these, still left.
    pub remaining: Option<u32>,
    /// Length of the window, if told.
    pub window: Option<Duration>,
}

/// Places in the window that are never used.
const SPARE: u32 = 2;

impl Pace {
    /// Begins with `max` requests per `window`, until an answer tells otherwise.
    #[must_use]
    pub fn new(max: u32, window: Duration) -> Self {
        let state = State { max, window, sent: VecDeque::new(), not_before: None, told: false };
        Self { state: Mutex::new(state), turn: tokio::sync::Mutex::new(()), changed: Notify::new() }
    }

    /// Waits until a request may start, and records that it does. Dropping the future records nothing.
    pub async fn start(&self) {
        let _turn = self.turn.lock().await;
        while let Some(until) = self.try_start(Instant::now()) {
            tokio::select! {
                () = tokio::time::sleep_until(until) => {}
                () = self.changed.notified() => {}
            }
        }
    }

    /// Takes over what an answer says about the limit.
    ///
    /// The first time, requests of an earlier process that the server still counts are recorded as sent now.
    pub fn learn(&self, told: Told) {
        let mut state = self.lock();
        let window = told.window.filter(|window| !window.is_zero()).unwrap_or(state.window);
        let fresh = !std::mem::replace(&mut state.told, true);
        let changed = fresh || state.max != told.max || state.window != window;
        state.max = told.max;
        state.window = window;
        if let (true, Some(remaining)) = (fresh, told.remaining) {
            let used = usize::try_from(told.max.saturating_sub(remaining)).unwrap_or(usize::MAX);
            let foreign = used.saturating_sub(state.sent.len());
            let now = Instant::now();
            state.sent.extend(std::iter::repeat_n(now, foreign));
        }
        drop(state);
        if changed {
            self.changed.notify_one();
        }
    }

    /// The server refused a request for its rate: nothing starts for `wait`, or for one whole window.
    pub fn pause(&self, wait: Option<Duration>) {
        let mut state = self.lock();
        let until = Instant::now() + wait.unwrap_or(state.reach());
        state.not_before = Some(state.not_before.map_or(until, |before| before.max(until)));
    }

    /// The present window length.
    #[must_use]
    pub fn window(&self) -> Duration {
        self.lock().window
    }

    /// Records a start at `now`, or tells when to ask again.
    fn try_start(&self, now: Instant) -> Option<Instant> {
        let mut state = self.lock();
        if let Some(until) = state.not_before.filter(|until| *until > now) {
            return Some(until);
        }
        let reach = state.reach();
        while state.sent.front().is_some_and(|sent| *sent + reach <= now) {
            state.sent.pop_front();
        }
        let allowed = usize::try_from(state.max.saturating_sub(SPARE).max(1)).unwrap_or(usize::MAX);
        if state.sent.len() < allowed {
            state.sent.push_back(now);
            return None;
        }
        // When `allowed` shrank below what is recorded, more than one must leave first.
        state.sent.get(state.sent.len() - allowed).map(|sent| *sent + reach)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The window + 1 %.
    fn reach(&self) -> Duration {
        self.window + self.window / 100
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;

    /// Starts `count` requests from `callers` tasks and returns their times since the beginning, sorted.
    async fn starts(pace: Arc<Pace>, callers: u32, count: u32) -> Vec<Duration> {
        let begin = Instant::now();
        let mut tasks = tokio::task::JoinSet::new();
        for caller in 0..callers {
            let pace = Arc::clone(&pace);
            tasks.spawn(async move {
                let mut times = Vec::new();
                for nth in (caller..count).step_by(usize::try_from(callers).expect("few")) {
                    pace.start().await;
                    times.push(begin.elapsed());
                    tokio::time::sleep(Duration::from_millis(u64::from(nth % 7) * 10)).await;
                }
                times
            });
        }
        let mut times = tasks.join_all().await.concat();
        times.sort();
        times
    }

    fn paused<T>(future: impl Future<Output = T>) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        runtime.expect("a runtime").block_on(future)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn no_window_holds_more_than_max_less_two(
            max in 4_u32..60, window in 100_u64..12_000, callers in 1_u32..9, count in 1_u32..300,
        ) {
            let window = Duration::from_millis(window);
            let times = paused(starts(Arc::new(Pace::new(max, window)), callers, count));
            let allowed = usize::try_from(max - 2).expect("small");
            for pair in times.windows(allowed + 1) {
                prop_assert!(pair[allowed] >= pair[0] + window + window / 100, "{pair:?}");
            }
        }
    }

    #[test]
    fn wall_time_stays_within_five_percent_of_the_floor() {
        for (max, window, count) in [(100, 10_000, 4_500), (190, 10_000, 4_500), (250, 5_000, 9_000)] {
            let window = Duration::from_millis(window);
            let wall = *paused(starts(Arc::new(Pace::new(max, window)), 8, count)).last().expect("some");
            let floor = window * (count.div_ceil(max) - 1);
            assert!(wall * 100 <= floor * 105, "{wall:?} against {floor:?}");
        }
    }

    #[test]
    fn answers_teach_the_limit() {
        let told = |max, remaining| Told { max, remaining: Some(remaining), window: Some(Duration::from_secs(1)) };
        paused(async {
            let pace = Arc::new(Pace::new(100, Duration::from_secs(10)));
            pace.start().await;
            pace.learn(told(12, 11));
            let times = starts(Arc::clone(&pace), 1, 10).await;
            assert!(times[8] < Duration::from_secs(1), "nine more fit: {times:?}");
            assert!(times[9] >= Duration::from_secs(1), "the tenth does not: {times:?}");
        });
        paused(async {
            let pace = Arc::new(Pace::new(100, Duration::from_secs(10)));
            pace.start().await;
            pace.learn(told(12, 2));
            let begin = Instant::now();
            pace.start().await;
            assert!(begin.elapsed() >= Duration::from_secs(1), "an earlier process has used the window up");
        });
    }

    #[test]
    fn a_refusal_stops_everyone_for_a_window() {
        paused(async {
            let pace = Pace::new(100, Duration::from_secs(10));
            pace.start().await;
            pace.pause(None);
            pace.pause(Some(Duration::from_secs(2)));
            let begin = Instant::now();
            pace.start().await;
            assert_eq!(begin.elapsed(), Duration::from_millis(10_100), "the longer wait holds");
        });
    }
}
