//! When a server is away: after some failures in a row nobody sends; one probe at a time asks whether it is back.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

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
    /// Probes sent since then.
    pub probes: u32,
}
