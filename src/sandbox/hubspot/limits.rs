//! Rate limits as HubSpot counts them (`hubspot-api.md` 3.1 to 3.3).

use std::collections::{HashMap, VecDeque};

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use serde_json::json;

use super::settings::Limits;

/// The portal's time zone: the day ends at its midnight.
pub(super) const ZONE: Tz = chrono_tz::Europe::Berlin;
/// What headers tell when there is no limit.
const NO_LIMIT: u32 = 1_000_000;
/// Window of searches, in microseconds.
const SECOND: i64 = 1_000_000;

/// Which limit a request counts against.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Bucket {
    Objects,
    Associations,
    Searches,
}

/// Why a request is answered 429.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Policy {
    Daily,
    Rolling,
    Secondly,
}

impl Policy {
    /// Body of the answer.
    pub(super) fn body(self, correlation: &str) -> Vec<u8> {
        let (name, word) = match self {
            Self::Daily => ("DAILY", "daily"),
            Self::Rolling => ("TEN_SECONDLY_ROLLING", "ten_secondly_rolling"),
            Self::Secondly => ("SECONDLY", "secondly"),
        };
        let message = format!("You have reached your {word} limit.");
        let mut body = json!({"status": "error", "message": message, "errorType": "RATE_LIMIT",
            "correlationId": correlation, "policyName": name, "requestId": correlation});
        if self == Self::Rolling {
            body["groupName"] = json!("publicapi:private-apps:api-calls-per-10-seconds");
        }
        body.to_string().into_bytes()
    }
}

/// Starts of requests within the last window.
#[derive(Default)]
struct Window {
    /// Of those that were let in, the oldest first.
    admitted: VecDeque<i64>,
    /// Of all.
    started: VecDeque<i64>,
    peak: usize,
}

impl Window {
    fn enter(&mut self, now: i64, length: i64, max: Option<u32>) -> bool {
        for starts in [&mut self.admitted, &mut self.started] {
            while starts.front().is_some_and(|start| *start <= now - length) {
                starts.pop_front();
            }
        }
        self.started.push_back(now);
        self.peak = self.peak.max(self.started.len());
        let free = max.is_none_or(|max| self.admitted.len() < usize::try_from(max).unwrap_or(usize::MAX));
        if free {
            self.admitted.push_back(now);
        }
        free
    }
}

/// What is left, for the headers of an answer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Left {
    max: u32,
    remaining: u32,
    window_ms: u64,
    daily: u64,
    daily_remaining: u64,
}

/// The portal's meters.
#[derive(Default)]
pub(super) struct Meters {
    windows: HashMap<(Bucket, String), Window>,
    day: Option<NaiveDate>,
    today: u64,
}

impl Meters {
    /// Counts a request of `token`; `Err` answers it 429.
    pub(super) fn enter(
        &mut self,
        limits: &Limits,
        bucket: Bucket,
        token: &str,
        now: DateTime<Utc>,
    ) -> Result<(), Policy> {
        let day = now.with_timezone(&ZONE).date_naive();
        if self.day != Some(day) {
            self.day = Some(day);
            self.today = 0;
        }
        let micros = now.timestamp_micros();
        let length = i64::try_from(limits.window.as_micros()).unwrap_or(i64::MAX / 2);
        // Search has one limit for the whole portal.
        let (owner, length, max, policy) = match bucket {
            Bucket::Objects => (token, length, limits.burst, Policy::Rolling),
            Bucket::Associations => (token, length, limits.association_burst, Policy::Rolling),
            Bucket::Searches => ("", SECOND, limits.searches, Policy::Secondly),
        };
        let window = self.windows.entry((bucket, owner.to_owned())).or_default();
        if !window.enter(micros, length, max) {
            return Err(policy);
        }
        if self.today >= limits.daily {
            return Err(Policy::Daily);
        }
        self.today += 1;
        Ok(())
    }

    /// What headers tell; nothing for searches.
    pub(super) fn left(&self, limits: &Limits, bucket: Bucket, token: &str) -> Option<Left> {
        let max = match bucket {
            Bucket::Objects => limits.burst,
            Bucket::Associations => limits.association_burst,
            Bucket::Searches => return None,
        };
        let used = self.windows.get(&(bucket, token.to_owned())).map_or(0, |window| window.admitted.len());
        let used = max.map_or(0, |_| u32::try_from(used).unwrap_or(u32::MAX));
        let max = max.unwrap_or(NO_LIMIT);
        Some(Left {
            max,
            remaining: max.saturating_sub(used),
            window_ms: u64::try_from(limits.window.as_millis()).unwrap_or(u64::MAX),
            daily: limits.daily,
            daily_remaining: limits.daily.saturating_sub(self.today),
        })
    }

    /// Most requests that began within one window, refused ones included.
    pub(super) fn peak(&self, bucket: Bucket) -> u64 {
        let peaks = self.windows.iter().filter(|((of, _), _)| *of == bucket).map(|(_, window)| window.peak);
        u64::try_from(peaks.max().unwrap_or(0)).unwrap_or(u64::MAX)
    }

    pub(super) fn reset_peaks(&mut self) {
        self.windows.values_mut().for_each(|window| window.peak = 0);
    }
}

impl Left {
    /// The headers of `hubspot-api.md` 3.2.
    pub(super) fn headers(self) -> Vec<(&'static str, String)> {
        vec![
            ("x-hubspot-ratelimit-max", self.max.to_string()),
            ("x-hubspot-ratelimit-remaining", self.remaining.to_string()),
            ("x-hubspot-ratelimit-interval-milliseconds", self.window_ms.to_string()),
            ("x-hubspot-ratelimit-daily", self.daily.to_string()),
            ("x-hubspot-ratelimit-daily-remaining", self.daily_remaining.to_string()),
        ]
    }
}
