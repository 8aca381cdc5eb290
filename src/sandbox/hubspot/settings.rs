//! How a portal behaves: its limits, and a switch for everything that HubSpot's documents leave open.

use std::time::Duration;

use crate::domain::Object;

/// Everything a portal is made with.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Number that a store is pinned to.
    pub portal_id: u64,
    /// The only accepted token; `None` accepts any that begins with `pat-`.
    pub token: Option<String>,
    /// Seed of everything random: order of results, faults, correlation ids.
    pub seed: u64,
    /// Limits of the portal.
    pub limits: Limits,
    /// Behaviour where portals differ.
    pub profile: Profile,
}

impl Default for Settings {
    fn default() -> Self {
        Self { portal_id: 48_100_000, token: None, seed: 1, limits: Limits::default(), profile: Profile::default() }
    }
}

/// Rate limits. Source: `hubspot-api.md` 3.1; defaults of Professional.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Requests per window and token; `None` is no limit.
    pub burst: Option<u32>,
    /// Association requests per window and token; `None` is no limit.
    pub association_burst: Option<u32>,
    /// Length of the rolling window; tests scale it.
    pub window: Duration,
    /// Requests per day of the portal's time zone.
    pub daily: u64,
    /// Searches per second; `None` is no limit.
    pub searches: Option<u32>,
    /// Whether a 429 carries `Retry-After`; HubSpot does not promise it.
    pub retry_after: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            burst: Some(190),
            association_burst: Some(150),
            window: Duration::from_secs(10),
            daily: 625_000,
            searches: Some(5),
            retry_after: false,
        }
    }
}

impl Limits {
    /// No limits: for benches.
    #[must_use]
    pub fn unlimited() -> Self {
        Self { burst: None, association_burst: None, daily: u64::MAX, searches: None, ..Self::default() }
    }

    /// `burst` requests, and as many association requests, per `window`.
    #[must_use]
    pub fn scaled(burst: u32, window: Duration) -> Self {
        Self { burst: Some(burst), association_burst: Some(burst), window, ..Self::default() }
    }
}

/// A property that administrators require when a record is created (error E6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateRule {
    /// Object.
    pub object: Object,
    /// Required property.
    pub property: String,
}

/// A property that is required when another has a value (error E7).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConditionalRule {
    /// Object.
    pub object: Object,
    /// Property whose value triggers the rule.
    pub when: String,
    /// The triggering value.
    pub is: String,
    /// Then required.
    pub property: String,
}

/// Where portals differ or where HubSpot's behaviour is unknown (`hubspot-api.md` section 15, "switchable").
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "independent switches, each named after one open question")]
pub struct Profile {
    /// Whether the appointment object is switched on.
    pub appointments: bool,
    /// Whether appointments have `hs_appointment_status`.
    pub appointment_status: bool,
    /// Whether appointments take unique properties.
    pub appointment_unique: bool,
    /// Rules of the portal's administrators; enforced from 2026-09 on.
    pub create_rules: Vec<CreateRule>,
    /// Rules of the portal's administrators; enforced from 2026-09 on.
    pub conditional_rules: Vec<ConditionalRule>,
    /// Whether results of batch writes echo `objectWriteTraceId`.
    pub echo_trace: bool,
    /// Whether a merge keeps the primary record's id.
    pub merge_keeps_id: bool,
    /// Whether archiving a record frees its unique values.
    pub archive_frees: bool,
    /// Whether a merge frees the unique values that the result does not carry.
    pub merge_frees: bool,
    /// Whether an upsert that creates needs the required properties.
    pub upsert_requires: bool,
    /// Most inputs of `batch/associate/default`.
    pub default_links: usize,
    /// Linked records per record and page of an association read.
    pub link_page: usize,
    /// Longest time until search sees a write; each record has its own, between half of it and all.
    pub search_lag: Duration,
    /// Scopes of the token; `None` is all.
    pub scopes: Option<Vec<String>>,
}

impl Default for Profile {
    fn default() -> Self {
        Self {
            appointments: true,
            appointment_status: false,
            appointment_unique: true,
            create_rules: Vec::new(),
            conditional_rules: Vec::new(),
            echo_trace: true,
            merge_keeps_id: false,
            archive_frees: true,
            merge_frees: true,
            upsert_requires: true,
            default_links: 2_000,
            link_page: 500,
            search_lag: Duration::from_secs(8),
            scopes: None,
        }
    }
}
