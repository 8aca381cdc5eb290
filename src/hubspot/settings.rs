//! How the client behaves; every default has its source.

use std::fmt;
use std::time::Duration;

use crate::http::RetryPolicy;

/// A dated API version (`2026-09`), a beta included.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiVersion(String);

/// The text is no dated version.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no HubSpot API version; expected a form like 2026-09 (v3 and v4 are not supported)")]
pub struct VersionError(String);

impl ApiVersion {
    /// Checks a version: `YYYY-MM`, or `YYYY-MM-beta`.
    ///
    /// # Errors
    /// [`VersionError`] with the text.
    pub fn parse(text: &str) -> Result<Self, VersionError> {
        let date = text.strip_suffix("-beta").unwrap_or(text);
        let fits = date.len() == 7
            && date.bytes().enumerate().all(|(at, byte)| if at == 4 { byte == b'-' } else { byte.is_ascii_digit() });
        if fits { Ok(Self(text.to_owned())) } else { Err(VersionError(text.chars().take(24).collect())) }
    }

    /// The version segment of a path.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for ApiVersion {
    /// Source: `hubspot-api.md` section 1.
    fn default() -> Self {
        Self("2026-09".to_owned())
    }
}

impl fmt::Display for ApiVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ApiVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How the client behaves towards one portal.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Version segment of every path.
    pub api_version: ApiVersion,
    /// When a request is sent again.
    pub retry: RetryPolicy,
    /// Most requests under way at once; 4 to 8 (`hubspot-api.md` section 14).
    pub max_in_flight: u32,
    /// Requests per window before the first answer tells the portal's own figure; the lowest tier has 100.
    pub burst: u32,
    /// The same for association calls, which have a limit of their own.
    pub association_burst: u32,
    /// The window before the first answer tells.
    pub window: Duration,
    /// Calls of the portal's daily budget that are left to others.
    pub daily_reserve: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            api_version: ApiVersion::default(),
            retry: RetryPolicy::default(),
            max_in_flight: 6,
            burst: 100,
            association_burst: 100,
            window: Duration::from_secs(10),
            daily_reserve: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_dated_versions_pass() {
        for good in ["2026-09", "2026-03", "2026-09-beta"] {
            assert_eq!(ApiVersion::parse(good).map(|version| version.to_string()).as_deref(), Ok(good));
        }
        for bad in ["v3", "2026", "2026-9", "2026-09/..", "", "2026/09", "beta"] {
            assert!(ApiVersion::parse(bad).is_err(), "{bad}");
        }
    }
}
