//! What a portal must define for a mapping.

use std::collections::BTreeMap;

use crate::apply::KeyProperties;
use crate::domain::{Object, StageKey, StageKind};
use crate::hubspot::{NewPipeline, NewProperty, NewStage, OptionDefinition, PropertyGroup};
use crate::mapping::tables::{DataClass, PropertyType};
use crate::mapping::{Mapping, SourceWord, is_state_map};

use super::options::choices;

/// Name of the group that our properties stand in.
const GROUP: &str = "ivohub";

/// Label of a pipeline that is created.
const PIPELINE_LABEL: &str = "Behandlungen";

/// Everything that a portal must define.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Desired {
    /// Properties per object, the key first. An object that is left out is not used.
    pub properties: BTreeMap<Object, Vec<DesiredProperty>>,
    /// The deal pipeline.
    pub pipeline_id: String,
    /// Its stages in order.
    pub stages: Vec<DesiredStage>,
}

/// The values a select may hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choices {
    /// The type has no options, or HubSpot keeps them itself (stages).
    None,
    /// At least these.
    Known(Vec<OptionDefinition>),
    /// It should have options, but the values are free text.
    Unknown,
}

/// One property that must be there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DesiredProperty {
    /// Internal name.
    pub name: String,
    /// Label, if it has to be created.
    pub label: String,
    /// Type.
    pub kind: PropertyType,
    /// Whether it holds the key.
    pub unique: bool,
    /// Options.
    pub choices: Choices,
    /// A value may be the label of an option, too.
    pub by_label: bool,
    /// Whether ivohub writes it at all; what people set is only read.
    pub written: bool,
    /// Class `health`: only a property that HubSpot keeps as sensitive may hold it.
    pub health: bool,
}

/// One stage that must be there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DesiredStage {
    /// Our name.
    pub key: StageKey,
    /// Id in HubSpot; empty = found by label.
    pub id: String,
    /// Label.
    pub label: String,
    /// Open, won or lost.
    pub kind: StageKind,
}

impl Desired {
    /// What `mapping` needs; the keys stand in the properties that `keys` names.
    #[must_use]
    pub fn of(mapping: &Mapping, keys: &KeyProperties) -> Self {
        let properties = Object::ALL.map(|object| {
            let rows = mapping.properties(object).iter();
            let mut all: Vec<DesiredProperty> = rows
                .map(|(word, row)| DesiredProperty {
                    name: if row.unique { keys.of(object) } else { &row.name }.as_str().to_owned(),
                    label: row.label.clone(),
                    kind: row.kind,
                    unique: row.unique,
                    choices: choices(*word, row, mapping),
                    by_label: is_state_map(&row.transform),
                    written: *word != SourceWord::DealLock,
                    health: row.class == DataClass::Health,
                })
                .collect();
            all.sort_by_key(|property| !property.unique);
            (object, all)
        });
        let stages = mapping.tables().stages.iter();
        let stages = stages.map(|row| DesiredStage {
            key: row.key.clone(),
            id: row.hubspot_stage_id.clone(),
            label: row.label.clone(),
            kind: row.kind,
        });
        Self { properties: properties.into(), pipeline_id: mapping.pipeline_id().to_owned(), stages: stages.collect() }
    }

    /// The same for a portal that keeps no HubSpot appointments.
    #[must_use]
    pub fn without_appointments(mut self) -> Self {
        self.properties.remove(&Object::Appointment);
        self
    }

    pub(super) fn new_pipeline(&self) -> NewPipeline {
        NewPipeline {
            pipeline_id: self.pipeline_id.clone(),
            label: PIPELINE_LABEL.to_owned(),
            display_order: 1,
            stages: (0..self.stages.len()).filter_map(|at| self.new_stage(at)).collect(),
        }
    }

    /// The stage at a place, as it is created. A portal keeps the id that is chosen here.
    pub(super) fn new_stage(&self, at: usize) -> Option<NewStage> {
        let stage = self.stages.get(at)?;
        let stage_id = if stage.id.is_empty() { format!("ivohub_{}", stage.key) } else { stage.id.clone() };
        Some(NewStage {
            stage_id,
            label: stage.label.clone(),
            display_order: u32::try_from(at).unwrap_or(u32::MAX),
            probability: self.probability(at, stage.kind),
        })
    }

    /// `1.0` won, `0.0` lost, rising in between for open stages. HubSpot closes a stage by these two values, so an open one
    /// never gets them.
    fn probability(&self, at: usize, kind: StageKind) -> String {
        let open = |stages: &[DesiredStage]| stages.iter().filter(|stage| stage.kind == StageKind::Open).count();
        let before = self.stages.get(..at).map_or(0, open);
        let all = open(&self.stages);
        match kind {
            StageKind::Won => "1.0".to_owned(),
            StageKind::Lost => "0.0".to_owned(),
            StageKind::Open if all < 10 => format!("0.{}", (before + 1) * 10 / (all + 1)),
            StageKind::Open => format!("0.{:02}", ((before + 1) * 100 / (all + 1)).clamp(1, 99)),
        }
    }
}

impl DesiredProperty {
    /// The property as it is created.
    pub(super) fn definition(&self) -> NewProperty {
        let (kind, field_type) = wire_type(self.kind);
        let options = match &self.choices {
            Choices::Known(options) => options.clone(),
            Choices::None | Choices::Unknown => Vec::new(),
        };
        NewProperty {
            name: self.name.clone(),
            label: self.label.clone(),
            kind,
            field_type,
            group_name: GROUP.to_owned(),
            options,
            has_unique_value: self.unique,
        }
    }
}

/// The group that our properties are created in.
pub(super) fn group() -> PropertyGroup {
    PropertyGroup { name: GROUP.to_owned(), label: GROUP.to_owned() }
}

/// `type` and `fieldType` of a property that is created (`hubspot-api.md` 8.1).
pub(super) const fn wire_type(kind: PropertyType) -> (&'static str, &'static str) {
    match kind {
        PropertyType::Text => ("string", "text"),
        PropertyType::Phone => ("string", "phonenumber"),
        PropertyType::Number | PropertyType::Money => ("number", "number"),
        PropertyType::Date => ("date", "date"),
        PropertyType::Datetime => ("datetime", "date"),
        PropertyType::Bool => ("bool", "booleancheckbox"),
        PropertyType::Select => ("enumeration", "select"),
        PropertyType::MultiSelect => ("enumeration", "checkbox"),
    }
}
