//! What a run has cost: counters that are cheap to raise and cheap to read.

use std::sync::atomic::{AtomicU64, Ordering};

/// Calls made so far, as shown in a run's summary.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Calls {
    /// Reading calls of any kind.
    pub read: u64,
    /// Upserts and updates of records.
    pub write: u64,
    /// Association writes.
    pub link: u64,
    /// Writes of properties, groups, pipelines and stages.
    pub schema: u64,
    /// Answers 429 (any policy).
    pub rate_limited: u64,
    /// Answers 423.
    pub locked: u64,
    /// Of all calls, those that repeated one.
    pub retries: u64,
    /// Writes whose outcome is unknown.
    pub in_doubt: u64,
    /// Values that HubSpot stored in another form than sent.
    pub normalised: u64,
}

impl Calls {
    /// All calls.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.read + self.writing()
    }

    /// Calls that write.
    #[must_use]
    pub const fn writing(&self) -> u64 {
        self.write + self.link + self.schema
    }
}

/// The counters behind [`Calls`].
#[derive(Debug, Default)]
pub(super) struct Counters([AtomicU64; 9]);

/// Which counter.
#[derive(Clone, Copy, Debug)]
pub(super) enum Count {
    Read = 0,
    Write = 1,
    Link = 2,
    Schema = 3,
    RateLimited = 4,
    Locked = 5,
    Retries = 6,
    InDoubt = 7,
    Normalised = 8,
}

impl Counters {
    pub(super) fn raise(&self, count: Count) {
        self.add(count, 1);
    }

    pub(super) fn add(&self, count: Count, by: u64) {
        self.0[count as usize].fetch_add(by, Ordering::Relaxed);
    }

    pub(super) fn snapshot(&self) -> Calls {
        let [read, write, link, schema, rate_limited, locked, retries, in_doubt, normalised] =
            self.0.each_ref().map(|counter| counter.load(Ordering::Relaxed));
        Calls { read, write, link, schema, rate_limited, locked, retries, in_doubt, normalised }
    }
}
