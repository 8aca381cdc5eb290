//! How many requests are under way at once: starts at one, grows while answers are good, halves at once on trouble.

use std::sync::{Mutex, PoisonError};

use tokio::sync::Notify;

/// A limit on concurrent requests to one host.
#[derive(Debug)]
pub struct Flight {
    state: Mutex<State>,
    freed: Notify,
    cap: u32,
}

#[derive(Debug)]
struct State {
    limit: u32,
    flying: u32,
}

/// A place among the requests under way; given back when dropped.
#[derive(Debug)]
pub struct Seat<'a>(&'a Flight);

impl Flight {
    /// At most `cap` (at least one) at once.
    #[must_use]
    pub fn new(cap: u32) -> Self {
        Self::starting(cap, 1)
    }

    /// The same, beginning with `limit` at once: what an earlier run found to go well.
    #[must_use]
    pub fn starting(cap: u32, limit: u32) -> Self {
        let cap = cap.max(1);
        Self { state: Mutex::new(State { limit: limit.clamp(1, cap), flying: 0 }), freed: Notify::new(), cap }
    }

    /// Waits for a free place.
    pub async fn board(&self) -> Seat<'_> {
        loop {
            if self.take() {
                return Seat(self);
            }
            // A place that is freed between the two lines leaves a permit, so it is not missed.
            self.freed.notified().await;
        }
    }

    /// The present limit.
    #[must_use]
    pub fn limit(&self) -> u32 {
        self.lock().limit
    }

    fn take(&self) -> bool {
        let mut state = self.lock();
        let free = state.flying < state.limit;
        state.flying += u32::from(free);
        if state.flying < state.limit {
            self.freed.notify_one();
        }
        free
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seat<'_> {
    /// The answer was good: one more may fly.
    pub fn good(self) {
        let mut state = self.0.lock();
        state.limit = (state.limit + 1).min(self.0.cap);
    }

    /// The server is in trouble (429, 423, 5xx, timeout): half as many.
    pub fn trouble(self) {
        let mut state = self.0.lock();
        state.limit = (state.limit / 2).max(1);
    }
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        self.0.lock().flying -= 1;
        self.0.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn grows_to_the_cap_and_never_beyond() {
        let (flight, flying, most) =
            (Arc::new(Flight::new(4)), Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..100 {
            let (flight, flying, most) = (Arc::clone(&flight), Arc::clone(&flying), Arc::clone(&most));
            tasks.spawn(async move {
                let seat = flight.board().await;
                most.fetch_max(flying.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                tokio::time::sleep(Duration::from_millis(50)).await;
                flying.fetch_sub(1, Ordering::SeqCst);
                seat.good();
            });
        }
        while tasks.join_next().await.is_some() {}
        assert_eq!(most.load(Ordering::SeqCst), 4);
        assert_eq!(flight.limit(), 4);
    }

    #[tokio::test]
    async fn trouble_halves_and_one_always_flies() {
        let flight = Flight::new(8);
        for _ in 0..8 {
            flight.board().await.good();
        }
        flight.board().await.trouble();
        assert_eq!(flight.limit(), 4);
        for _ in 0..9 {
            flight.board().await.trouble();
        }
        assert_eq!(flight.limit(), 1);
        drop(flight.board().await);
    }
}
