//! A least time between the starts of requests to one host.

use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

/// Lets one request start at a time, each at least `pause` after the one before, in the order in which they came.
#[derive(Debug)]
pub struct Spacing {
    pause: Duration,
    last: Mutex<Option<Instant>>,
}

impl Spacing {
    /// With `pause` between two starts.
    #[must_use]
    pub fn new(pause: Duration) -> Self {
        Self { pause, last: Mutex::new(None) }
    }

    /// Waits until a request may start, and records that it does. Dropping the future records nothing.
    pub async fn start(&self) {
        let mut last = self.last.lock().await;
        if let Some(before) = *last {
            tokio::time::sleep_until(before + self.pause).await;
        }
        *last = Some(Instant::now());
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn starts_keep_their_distance() {
        let spacing = Arc::new(Spacing::new(Duration::from_millis(200)));
        let begun = Instant::now();
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..5 {
            let spacing = Arc::clone(&spacing);
            tasks.spawn(async move {
                spacing.start().await;
                begun.elapsed().as_millis()
            });
        }
        let mut starts = tasks.join_all().await;
        starts.sort_unstable();
        assert!(starts.windows(2).all(|pair| pair[1] - pair[0] >= 200), "{starts:?}");
        assert!(starts[0] < 5 && starts[4] < 810, "and no more: {starts:?}");
        tokio::time::advance(Duration::from_secs(5)).await;
        let begun = Instant::now();
        spacing.start().await;
        assert!(begun.elapsed().is_zero(), "nothing is saved up, nothing is owed");
    }
}
