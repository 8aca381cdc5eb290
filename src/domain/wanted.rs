//! What mapping says should be in HubSpot.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Overwrite, PropertyName};

/// Which rule decided (`R2`, `R5`, …): a row of `mappings/regeln.csv` or a rule in code.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RuleId(Arc<str>);

impl RuleId {
    /// Wraps a rule id.
    #[must_use]
    pub fn new(id: &str) -> Self {
        Self(Arc::from(id))
    }

    /// The id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// One property as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WantedProperty {
    /// Internal name in HubSpot.
    pub name: PropertyName,
    /// The value as HubSpot spells it; empty clears.
    pub value: String,
    /// Who owns it.
    pub overwrite: Overwrite,
}

/// One HubSpot record as it should be: the unique key property is among `properties`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// All properties that mapping has an opinion on, sorted by name.
    pub properties: Vec<WantedProperty>,
}

impl Wanted {
    /// Adds a property; the order is kept sorted by name and a repeated name replaces.
    pub fn set(&mut self, name: &PropertyName, value: impl Into<String>, overwrite: Overwrite) {
        let property = WantedProperty { name: name.clone(), value: value.into(), overwrite };
        if self.properties.last().is_none_or(|last| last.name < *name) {
            self.properties.push(property);
            return;
        }
        match self.properties.binary_search_by(|have| have.name.cmp(name)) {
            Ok(at) => self.properties[at] = property,
            Err(at) => self.properties.insert(at, property),
        }
    }

    /// The wanted value of `name`.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&str> {
        self.properties
            .binary_search_by(|have| have.name.as_str().cmp(name))
            .ok()
            .and_then(|at| self.properties.get(at))
            .map(|property| property.value.as_str())
    }
}

/// Why a record is held: nothing is written for it, and it is listed with what to do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Held {
    /// Its patient is not in the inbox.
    WaitingForPatient,
    /// No row in `mappings/status.csv` for the state; holds the text.
    UnknownStatus(String),
    /// No row in `mappings/terminarten.csv` for the template; holds the text.
    UnknownTemplate(String),
    /// No location could be resolved.
    UnknownLocation,
    /// Two deals are found for one case.
    DuplicateDeals,
    /// Several open deals without key at the first stage, on a contact that was there before.
    SeveralLeads,
    /// `ivohub_lock` is set, or a person closed the deal.
    Locked,
    /// The HubSpot record that was written is gone: archived or merged by somebody.
    Gone,
    /// HubSpot refused the record; holds its error category and code, never its message.
    Refused(String),
    /// Somebody took back the move of this rule; it is not repeated until the evidence changes.
    Undone(RuleId),
    /// Another contact without our key holds this patient's e-mail address, and the names differ.
    EmailTaken,
}

impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WaitingForPatient => f.write_str("waiting for patient"),
            Self::UnknownStatus(value) => write!(f, "unknown status \"{value}\""),
            Self::UnknownTemplate(value) => write!(f, "unknown Terminart \"{value}\""),
            Self::UnknownLocation => f.write_str("unknown location"),
            Self::DuplicateDeals => f.write_str("two deals for one case"),
            Self::SeveralLeads => f.write_str("several open deals without key"),
            Self::Locked => f.write_str("locked or closed by a person"),
            Self::Gone => f.write_str("gone in HubSpot (archived or merged)"),
            Self::Refused(code) => write!(f, "refused by HubSpot: {code}"),
            Self::Undone(rule) => write!(f, "the portal took back what {rule} did"),
            Self::EmailTaken => f.write_str("e-mail belongs to another contact"),
        }
    }
}
