//! What an installation is, how carefully it is read, and what opens it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use chrono_tz::Tz;
use secrecy::SecretString;
use tokio_util::sync::CancellationToken;

use crate::domain::InstanceKey;
use crate::http::{Clock, Random, Transport};

use super::quiet::Quiet;

/// Most requests at once that an installation is ever asked to bear. Source: `ivoris-api.md` 4.3.
pub const MOST_PARALLEL: u32 = 2;

/// One installation and the care it is read with. Defaults: `design.md` section 2, "Ivoris defaults".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Name of the installation.
    pub instance: InstanceKey,
    /// What stands before its ids in keys.
    pub prefix: String,
    /// Its time zone.
    pub zone: Tz,
    /// Requests at once, at most; 1 to [`MOST_PARALLEL`].
    pub parallel: u32,
    /// Least time between two starts.
    pub pause: Duration,
    /// Time for one exchange.
    pub request: Duration,
    /// Time for one exchange that asks for a range of days.
    pub window_request: Duration,
    /// How often one call is sent at most, the first time included; at least 3.
    pub attempts: u32,
    /// Upper end of the first wait before a retry.
    pub base: Duration,
    /// Upper end of every wait before a retry.
    pub cap: Duration,
    /// Retries per hundred calls, beyond a small allowance.
    pub retry_percent: u32,
    /// Failures in a row after which nobody sends.
    pub breaker_after: u32,
    /// Time until the first probe of a server that is away.
    pub probe_first: Duration,
    /// Longest time between probes.
    pub probe_cap: Duration,
    /// Times of day at which nothing is sent.
    pub quiet: Vec<Quiet>,
    /// Days that one question for appointments covers at first.
    pub slice_days: u32,
    /// Days that one question for appointments covers at most.
    pub slice_max: u32,
    /// How far before the day that is asked for chart entries are read: late and back-dated lines are normal.
    pub entries_overlap: Duration,
    /// Legal units (`mandantIndex`) that are asked for one by one; empty = the server's default.
    pub mandants: Vec<String>,
    /// Profiles that are read; empty = all that the server lists.
    pub profiles: Vec<String>,
    /// Patients per run whose own list of appointments is compared with the calendar.
    pub cross_check: u32,
}

impl Settings {
    /// The defaults for one installation.
    #[must_use]
    pub fn new(instance: InstanceKey, prefix: impl Into<String>) -> Self {
        const DAY: Duration = Duration::from_hours(24);
        Self {
            instance,
            prefix: prefix.into(),
            zone: chrono_tz::Europe::Berlin,
            parallel: 1,
            pause: Duration::from_millis(200),
            request: Duration::from_secs(30),
            window_request: Duration::from_mins(1),
            attempts: 3,
            base: Duration::from_secs(1),
            cap: Duration::from_secs(30),
            retry_percent: 10,
            breaker_after: 5,
            probe_first: Duration::from_secs(30),
            probe_cap: Duration::from_mins(5),
            quiet: Vec::new(),
            slice_days: 7,
            slice_max: 28,
            entries_overlap: DAY * 30,
            mandants: Vec::new(),
            profiles: Vec::new(),
            cross_check: 20,
        }
    }
}

/// What opens an installation. The relay's link name is part of the transport's base address.
#[derive(Clone)]
pub struct Credentials {
    /// Web-service user.
    pub user: String,
    /// Its password.
    pub password: SecretString,
    /// Name of the registered application.
    pub app: String,
    /// Version of the application, free text.
    pub app_version: String,
    /// The application's key.
    pub key: SecretString,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials([redacted])")
    }
}

/// The effects a client needs; a simulation hands in its own.
#[derive(Clone)]
pub struct Effects {
    /// Sends requests to the installation.
    pub transport: Arc<dyn Transport>,
    /// Wall clock.
    pub clock: Arc<dyn Clock>,
    /// Jitter.
    pub random: Arc<dyn Random>,
    /// Ends every wait and every request under way.
    pub cancel: CancellationToken,
}

impl fmt::Debug for Effects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Effects")
    }
}
