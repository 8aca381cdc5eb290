//! A plan of definitions: what would be created, and what only people can do.

use std::fmt;

use crate::domain::Object;
use crate::hubspot::{NewPipeline, NewProperty, NewStage, OptionDefinition, PropertyGroup};

use super::problem::{AppointmentsOff, SchemaProblem};

/// What `hubspot-schema apply` would do, in order, and what it cannot do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SchemaPlan {
    /// What would be created.
    pub steps: Vec<SchemaStep>,
    /// What stands in the way; only people can settle it.
    pub problems: Vec<SchemaProblem>,
    /// Why HubSpot appointments are not written, if so. No obstacle for the rest.
    pub appointments_off: Option<AppointmentsOff>,
}

impl SchemaPlan {
    /// Whether there is nothing to create and nothing in the way.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let Self { steps, problems, appointments_off: _ } = self;
        steps.is_empty() && problems.is_empty()
    }
}

/// One definition to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SchemaStep {
    /// A property group.
    Group {
        /// Its object.
        object: Object,
        /// The group.
        group: PropertyGroup,
    },
    /// A property.
    Property {
        /// Its object.
        object: Object,
        /// The property.
        property: NewProperty,
    },
    /// Options of a property that exists.
    Options {
        /// Its object.
        object: Object,
        /// Its name.
        name: String,
        /// Values that are new.
        added: Vec<String>,
        /// The whole list, which replaces the old one: all that is there, and what is new.
        all: Vec<OptionDefinition>,
    },
    /// The deal pipeline with its stages.
    Pipeline(NewPipeline),
    /// A stage of a pipeline that exists.
    Stage {
        /// Id of the pipeline.
        pipeline: String,
        /// The stage.
        stage: NewStage,
    },
}

impl SchemaStep {
    /// The object whose definitions it changes.
    #[must_use]
    pub const fn object(&self) -> Object {
        match self {
            Self::Group { object, .. } | Self::Property { object, .. } | Self::Options { object, .. } => *object,
            Self::Pipeline(_) | Self::Stage { .. } => Object::Deal,
        }
    }
}

/// `create property deal.ivoris_plan_value (number, "Planwert")`
impl fmt::Display for SchemaStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Group { object, group } => write!(f, "create property group {object}.{}", group.name),
            Self::Property { object, property } => {
                let unique = if property.has_unique_value { ", unique" } else { "" };
                let (name, label) = (&property.name, &property.label);
                write!(f, "create property {object}.{name} ({}{unique}, \"{label}\")", property.kind)
            }
            Self::Options { object, name, added, all: _ } => {
                write!(f, "add options to {object}.{name}: {}", added.join(", "))
            }
            Self::Pipeline(pipeline) => {
                let (id, label) = (&pipeline.pipeline_id, &pipeline.label);
                write!(f, "create deal pipeline {id} with {} stages (\"{label}\")", pipeline.stages.len())
            }
            Self::Stage { pipeline, stage } => {
                write!(f, "create stage {} in pipeline {pipeline} (\"{}\")", stage.stage_id, stage.label)
            }
        }
    }
}
