//! HubSpot's side: objects, ids, properties, stages.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// The three HubSpot objects that are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Object {
    /// `0-1`
    Contact = 1,
    /// `0-421`
    Appointment = 2,
    /// `0-3`
    Deal = 3,
}

impl Object {
    /// All objects in their order of writing.
    pub const ALL: [Self; 3] = [Self::Contact, Self::Appointment, Self::Deal];

    /// HubSpot's object type id, used in every path.
    #[must_use]
    pub const fn type_id(self) -> &'static str {
        match self {
            Self::Contact => "0-1",
            Self::Appointment => "0-421",
            Self::Deal => "0-3",
        }
    }

    /// The word in tables, plans and `mappings/eigenschaften.csv`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Contact => "contact",
            Self::Appointment => "appointment",
            Self::Deal => "deal",
        }
    }

    /// Object named by `word`.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|object| object.word() == word)
    }
}

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// The links that are made, named from → to; HubSpot adds the way back by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkKind {
    /// Type 3.
    DealContact = 1,
    /// Type 906.
    AppointmentContact = 2,
    /// Type 944.
    AppointmentDeal = 3,
}

impl LinkKind {
    /// All kinds of links.
    pub const ALL: [Self; 3] = [Self::DealContact, Self::AppointmentContact, Self::AppointmentDeal];

    /// From which object to which.
    #[must_use]
    pub const fn ends(self) -> (Object, Object) {
        match self {
            Self::DealContact => (Object::Deal, Object::Contact),
            Self::AppointmentContact => (Object::Appointment, Object::Contact),
            Self::AppointmentDeal => (Object::Appointment, Object::Deal),
        }
    }

    /// HUBSPOT_DEFINED association type id (`hubspot-api.md` section 7).
    #[must_use]
    pub const fn type_id(self) -> u32 {
        match self {
            Self::DealContact => 3,
            Self::AppointmentContact => 906,
            Self::AppointmentDeal => 944,
        }
    }
}

/// A HubSpot record id: a number, unique within one object type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct HubspotId(pub u64);

impl fmt::Display for HubspotId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// Internal name of a HubSpot property.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PropertyName(Arc<str>);

impl PropertyName {
    /// Wraps a name.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self(Arc::from(name))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::borrow::Borrow<str> for PropertyName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PropertyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Property values as HubSpot spells them; an empty text means "no value".
pub type Properties = BTreeMap<PropertyName, String>;

/// Who owns a property (`mappings/eigenschaften.csv`, column `overwrite`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Overwrite {
    /// Ours: always written when it differs.
    Always,
    /// Ours unless a person changed what we last wrote.
    IfTool,
    /// Written only where HubSpot has no value.
    IfEmpty,
    /// Never written on a record that exists; set when the record is created.
    Never,
}

/// Our name of a deal stage: a row of `mappings/pipeline.csv`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StageKey(Arc<str>);

impl StageKey {
    /// Wraps a key.
    #[must_use]
    pub fn new(key: &str) -> Self {
        Self(Arc::from(key))
    }

    /// The key.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for StageKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// What a stage means for the books.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StageKind {
    /// The deal is open.
    Open,
    /// Closed and won.
    Won,
    /// Closed and lost.
    Lost,
}
