//! The portal's limits as its answers tell them: two windows and the calls of the day.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::http::{Pace, Response, Told};

use super::settings::Settings;

/// Which limit a call counts against. Association calls have their own (`hubspot-api.md` 3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bucket {
    Objects,
    Associations,
}

/// Pace per bucket and what is left of the day.
#[derive(Debug)]
pub(super) struct Limits {
    objects: Pace,
    associations: Pace,
    daily_left: AtomicU64,
    reserve: u64,
}

/// No answer has told yet.
const UNKNOWN: u64 = u64::MAX;

impl Limits {
    pub(super) fn new(settings: &Settings) -> Self {
        Self {
            objects: Pace::new(settings.burst, settings.window),
            associations: Pace::new(settings.association_burst, settings.window),
            daily_left: AtomicU64::new(UNKNOWN),
            reserve: settings.daily_reserve,
        }
    }

    pub(super) const fn pace(&self, bucket: Bucket) -> &Pace {
        match bucket {
            Bucket::Objects => &self.objects,
            Bucket::Associations => &self.associations,
        }
    }

    /// Whether the calls of the day are used up, but for what is left to others.
    pub(super) fn day_is_over(&self) -> bool {
        self.daily_left.load(Ordering::Relaxed) <= self.reserve
    }

    /// Takes over what the headers of an answer tell (`hubspot-api.md` 3.2).
    pub(super) fn learn(&self, bucket: Bucket, response: &Response) {
        let small = |name| response.number(name).and_then(|number| u32::try_from(number).ok());
        if let Some(max) = small("x-hubspot-ratelimit-max").filter(|max| *max > 0) {
            let window = response.number("x-hubspot-ratelimit-interval-milliseconds").map(Duration::from_millis);
            self.pace(bucket).learn(Told { max, remaining: small("x-hubspot-ratelimit-remaining"), window });
        }
        if let Some(left) = response.number("x-hubspot-ratelimit-daily-remaining") {
            self.daily_left.store(left, Ordering::Relaxed);
        }
    }
}
