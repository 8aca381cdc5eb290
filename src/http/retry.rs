//! When to send again: capped exponential backoff with full jitter, and a budget against retry storms.

use std::sync::Mutex;
use std::time::Duration;

use super::effects::Random;

/// How often and how long. Source: `reliability.md` 1b.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    /// How often one request is sent at most, the first time included; at least 3.
    pub attempts: u32,
    /// Upper end of the first wait.
    pub base: Duration,
    /// Upper end of every wait; a server that asks for more ends the run instead.
    pub cap: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self { attempts: 6, base: Duration::from_millis(500), cap: Duration::from_mins(1) }
    }
}

impl RetryPolicy {
    /// Whether a request that has been sent `sent` times may be sent again.
    #[must_use]
    pub fn allows(&self, sent: u32) -> bool {
        sent < self.attempts.max(3)
    }

    /// The wait before the next attempt after `sent` attempts: evenly drawn from zero to `min(cap, base × 2^(sent−1))`.
    #[must_use]
    pub fn wait(&self, sent: u32, random: &dyn Random) -> Duration {
        let doubled = self.base.saturating_mul(1_u32.checked_shl(sent.saturating_sub(1)).unwrap_or(u32::MAX));
        let ceiling = u64::try_from(doubled.min(self.cap).as_micros()).unwrap_or(u64::MAX - 1);
        Duration::from_micros(random.draw() % (ceiling + 1))
    }
}

/// Retries are bought with requests: each request earns some hundredths of a retry, up to [`RetryBudget::FULL`] retries.
///
/// Against a healthy server that limits now and then nothing is felt; against one that is down the budget is spent after
/// at most [`RetryBudget::FULL`] retries, and the caller gives up, to go on later, instead of hammering.
#[derive(Debug)]
pub struct RetryBudget {
    hundredths: Mutex<u32>,
    percent: u32,
}

impl RetryBudget {
    /// Retries that can be made in a row.
    pub const FULL: u32 = 60;
    /// Hundredths that buy one retry.
    const PRICE: u32 = 100;

    /// A full budget; each request earns a fifth of a retry.
    #[must_use]
    pub const fn new() -> Self {
        Self::percent(20, Self::FULL)
    }

    /// A budget of `allowance` retries; a hundred requests earn `percent` more.
    #[must_use]
    pub const fn percent(percent: u32, allowance: u32) -> Self {
        let allowance = if allowance < Self::FULL { allowance } else { Self::FULL };
        Self { hundredths: Mutex::new(allowance * Self::PRICE), percent }
    }

    /// Counts one request.
    pub fn earn(&self) {
        let mut hundredths = self.lock();
        *hundredths = hundredths.saturating_add(self.percent).min(Self::FULL * Self::PRICE);
    }

    /// Takes one retry; `false` when none is left.
    #[must_use]
    pub fn spend(&self) -> bool {
        let mut hundredths = self.lock();
        match hundredths.checked_sub(Self::PRICE) {
            Some(left) => {
                *hundredths = left;
                true
            }
            None => false,
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, u32> {
        self.hundredths.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Default for RetryBudget {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::http::SeededRandom;

    proptest! {
        #[test]
        fn every_wait_lies_under_the_doubling_and_the_cap(sent in 1_u32..200, seed: u64) {
            let policy = RetryPolicy::default();
            let wait = policy.wait(sent, &SeededRandom::new(seed));
            prop_assert!(wait <= policy.cap);
            prop_assert!(sent > 7 || wait <= policy.base * 2_u32.pow(sent - 1));
        }
    }

    #[test]
    fn waits_use_the_whole_range() {
        let (policy, random) = (RetryPolicy::default(), SeededRandom::new(7));
        let waits: Vec<Duration> = (0..200).map(|_| policy.wait(1, &random)).collect();
        assert!(waits.iter().any(|wait| *wait < policy.base / 10), "jitter is full, not half");
        assert!(waits.iter().any(|wait| *wait > policy.base * 9 / 10));
    }

    #[test]
    fn a_dead_server_empties_the_budget_and_requests_fill_it() {
        let budget = RetryBudget::new();
        let spent = (0..1000).filter(|_| budget.spend()).count();
        assert_eq!(spent, 60);
        (0..5).for_each(|_| budget.earn());
        assert!(budget.spend());
        assert!(!budget.spend());
    }

    #[test]
    fn retries_are_a_share_of_requests() {
        let budget = RetryBudget::percent(10, 10);
        let spent = (0..1000).filter(|_| {
            budget.earn();
            budget.spend()
        });
        assert_eq!(spent.count(), 110);
        assert!(!RetryBudget::percent(10, 0).spend());
    }

    #[test]
    fn at_least_three_attempts() {
        let policy = RetryPolicy { attempts: 0, ..RetryPolicy::default() };
        assert!(policy.allows(2));
        assert!(!policy.allows(3));
    }
}
