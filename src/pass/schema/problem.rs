//! What stands between a portal and a mapping, each with what to do about it.

use std::fmt;

use crate::domain::{Object, StageKind};
use crate::hubspot::Rejection;

/// Why HubSpot appointments are not written. Contacts and deals are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AppointmentsOff {
    /// The object is not switched on; the API cannot do it.
    NotEnabled,
    /// The portal does not keep this property unique on appointments.
    NoUniqueKey(String),
}

impl fmt::Display for AppointmentsOff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotEnabled => f.write_str(
                "HubSpot appointments are not written: the object is switched off in this portal; a person with admin rights can switch it on in \
                 HubSpot (Data Management → Data Model → Object Library → Appointments), then run: ivohub hubspot-schema apply",
            ),
            Self::NoUniqueKey(name) => write!(
                f,
                "HubSpot appointments are not written: the portal has no unique property {name} on them (refused, or hubspot-schema apply was \
                 interrupted); to try again run: ivohub hubspot-schema apply"
            ),
        }
    }
}

/// What stands in the way. No variant holds a value of a record or text that HubSpot wrote about one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SchemaProblem {
    /// Something that `hubspot-schema apply` would create is not there yet; holds what.
    NotApplied(String),
    /// The key property exists and is not unique, which cannot be changed.
    NotUnique(Object, String),
    /// The object has as many unique properties as HubSpot allows.
    TooManyUnique(Object, String),
    /// The property exists with another type.
    WrongType {
        /// Object.
        object: Object,
        /// Property.
        name: String,
        /// `type/fieldType` that is needed.
        wanted: String,
        /// `type/fieldType` that is there.
        found: String,
    },
    /// The value cannot be written.
    ReadOnly(Object, String),
    /// A property that HubSpot should define itself is not there.
    NotHubspots(Object, String),
    /// Options are missing and cannot be added; holds their values.
    FixedOptions(Object, String, Vec<String>),
    /// It should be created as a select, but its values are free text.
    FreeSelect(Object, String),
    /// Class `health` needs a sensitive property, and this version can neither create one nor see whether one is.
    Health(Object, String),
    /// The stage is open, won or lost in HubSpot and something else in the table.
    StageKind {
        /// Label or id.
        stage: String,
        /// What the table says.
        wanted: StageKind,
        /// What the pipeline says; `None` = neither.
        found: Option<StageKind>,
    },
    /// A stage with this label has another id.
    StageId {
        /// Label.
        label: String,
        /// The id in the table.
        wanted: String,
        /// The id in the portal.
        found: String,
    },
    /// The id of the stage belongs to another pipeline; ids are unique in the portal.
    StageElsewhere {
        /// Id of the stage.
        stage: String,
        /// Id of the other pipeline.
        pipeline: String,
    },
    /// Deals cannot be moved to this stage.
    StageReadOnly(String),
    /// HubSpot refused what was sent; holds what it was.
    Refused(String, Rejection),
}

impl fmt::Display for SchemaProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotApplied(what) => write!(f, "the portal is not ready ({what}); run: ivohub hubspot-schema apply"),
            Self::NotUnique(object, name) => write!(
                f,
                "property {object}.{name} exists and is not unique, which HubSpot cannot change; write {object} = \"{name}_key\" under \
                 [hubspot] key_properties in ivohub.toml, then run: ivohub hubspot-schema apply"
            ),
            Self::TooManyUnique(object, name) => write!(
                f,
                "property {object}.{name} cannot be created: {object} has 10 unique properties already, the most HubSpot allows; archive one"
            ),
            Self::WrongType { object, name, wanted, found } => write!(
                f,
                "property {object}.{name} is of type {found}, needed is {wanted}; change its type in HubSpot, or name another property in \
                 mappings/eigenschaften.csv"
            ),
            Self::ReadOnly(object, name) => write!(
                f,
                "property {object}.{name} cannot be written (read-only or calculated); name another one in mappings/eigenschaften.csv"
            ),
            Self::NotHubspots(object, name) => write!(
                f,
                "property {object}.{name} should be HubSpot's own and is not there; check its name in mappings/eigenschaften.csv"
            ),
            Self::FixedOptions(object, name, values) => write!(
                f,
                "property {object}.{name} lacks the options {} and takes no new ones; use the values it has in the mapping tables",
                values.join(", ")
            ),
            Self::FreeSelect(object, name) => write!(
                f,
                "property {object}.{name} cannot be created as a select, its values are free text; write text in mappings/eigenschaften.csv"
            ),
            Self::Health(object, name) => write!(
                f,
                "property {object}.{name} is of class health, which needs a property that HubSpot keeps as sensitive; this version writes none, delete \
                 the row in mappings/eigenschaften.csv"
            ),
            Self::StageKind { stage, wanted, found } => write!(
                f,
                "stage {stage} is {} in HubSpot and {} in mappings/pipeline.csv; correct the one that is wrong",
                found.map_or("neither open nor won nor lost", kind_word),
                kind_word(*wanted)
            ),
            Self::StageId { label, wanted, found } => write!(
                f,
                "stage \"{label}\" has the id {found} in HubSpot, not {wanted}; write {found} into hubspot_stage_id of mappings/pipeline.csv"
            ),
            Self::StageElsewhere { stage, pipeline } => write!(
                f,
                "stage {stage} cannot be created: its id belongs to pipeline {pipeline}; choose another hubspot_stage_id in mappings/pipeline.csv"
            ),
            Self::StageReadOnly(stage) => {
                write!(f, "stage {stage} takes no deals (its write permissions in HubSpot); ask an admin of the portal")
            }
            Self::Refused(what, rejection) => write!(f, "HubSpot refused to {what}: {rejection}"),
        }
    }
}

const fn kind_word(kind: StageKind) -> &'static str {
    match kind {
        StageKind::Open => "open",
        StageKind::Won => "won",
        StageKind::Lost => "lost",
    }
}
