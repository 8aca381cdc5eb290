//! What one run learns about an installation and the next one should know.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::http::Outage;

/// What is known about one installation. Holds no value of a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Learned {
    version: u32,
    /// Failures in a row, and since when the server is away.
    #[serde(default)]
    pub outage: Outage,
    /// Requests at once that went well.
    #[serde(default = "one")]
    pub parallel: u32,
    /// Usual time of an answer in milliseconds, per route name.
    #[serde(default)]
    pub usual_ms: BTreeMap<String, u64>,
    /// Days of a slice that went well last.
    #[serde(default)]
    pub slice_days: Option<u32>,
    /// Good slices in a row since the size last changed.
    #[serde(default)]
    pub good_slices: u32,
    /// Digest of what its records are read with: prefix, zone, legal units, route profile.
    #[serde(default)]
    pub ground: Option<String>,
    /// What is known about single routes, per route name.
    #[serde(default)]
    pub routes: BTreeMap<String, RouteFacts>,
}

/// What is known about one route.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RouteFacts {
    /// When the server last said that it does not offer the route.
    pub missing: Option<DateTime<Utc>>,
    /// The server gives the same answer for every page.
    pub ignores_page: Option<bool>,
    /// The server answers with rows outside the days that were asked for.
    pub ignores_days: Option<bool>,
    /// Rows on a full page.
    pub page_rows: Option<u32>,
    /// Last change that a route of its kind told, as it was written.
    pub changed: Option<String>,
}

const VERSION: u32 = 1;

const fn one() -> u32 {
    1
}

impl Default for Learned {
    fn default() -> Self {
        Self {
            version: VERSION,
            outage: Outage::default(),
            parallel: 1,
            usual_ms: BTreeMap::new(),
            slice_days: None,
            good_slices: 0,
            ground: None,
            routes: BTreeMap::new(),
        }
    }
}

impl Learned {
    /// Reads what an earlier run kept; nothing is known when the text is of another version or no such text.
    #[must_use]
    pub fn from_json(text: &str) -> Self {
        serde_json::from_str(text).ok().filter(|learned: &Self| learned.version == VERSION).unwrap_or_default()
    }

    /// The text to keep.
    ///
    /// # Panics
    /// Never: keys are texts and values are plain.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("text keys and plain values")
    }

    /// What is known about the route called `name`.
    pub fn route_mut(&mut self, name: &str) -> &mut RouteFacts {
        self.routes.entry(name.to_owned()).or_default()
    }

    /// The same, to be read.
    #[must_use]
    pub fn route(&self, name: &str) -> RouteFacts {
        self.routes.get(name).cloned().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_kept_comes_back() {
        let mut learned = Learned { slice_days: Some(14), ..Learned::default() };
        learned.route_mut("all_appointments").ignores_page = Some(true);
        assert_eq!(Learned::from_json(&learned.to_json()), learned);
    }

    #[test]
    fn other_versions_and_damage_mean_nothing_is_known() {
        let newer = Learned { version: 2, slice_days: Some(14), ..Learned::default() };
        for text in [newer.to_json(), String::new(), "[]".to_owned(), "{}".to_owned()] {
            assert_eq!(Learned::from_json(&text), Learned::default());
        }
        let older = r#"{"version":1,"slice_days":3}"#;
        assert_eq!(Learned::from_json(older), Learned { slice_days: Some(3), ..Learned::default() });
    }
}
