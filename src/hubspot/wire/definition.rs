//! Definitions: properties, groups, pipelines, stages. They hold no personal data and are handed out as they are.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::scalar::Text;

/// `{"results":[…]}`.
#[derive(Deserialize)]
pub(in crate::hubspot) struct Results<T> {
    pub(in crate::hubspot) results: Vec<T>,
}

/// A property as the portal defines it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PropertyDefinition {
    /// Internal name.
    pub name: String,
    /// Label.
    #[serde(default)]
    pub label: String,
    /// `string`, `number`, `date`, `datetime`, `enumeration`, `bool`, `phone_number`.
    #[serde(default, rename = "type")]
    pub kind: String,
    /// `text`, `select`, `checkbox`, …
    #[serde(default)]
    pub field_type: String,
    /// Group it is shown in.
    #[serde(default)]
    pub group_name: String,
    /// Options of an enumeration.
    #[serde(default)]
    pub options: Vec<OptionDefinition>,
    /// Whether two records cannot have the same value.
    #[serde(default)]
    pub has_unique_value: bool,
    /// Whether HubSpot defines it.
    #[serde(default)]
    pub hubspot_defined: bool,
    /// Whether its value is calculated.
    #[serde(default)]
    pub calculated: bool,
    /// What may be changed.
    #[serde(default)]
    pub modification_metadata: Option<ModificationMetadata>,
}

impl PropertyDefinition {
    /// Whether values can be written.
    #[must_use]
    pub fn is_writable(&self) -> bool {
        !self.calculated && !self.modification_metadata.as_ref().is_some_and(|metadata| metadata.read_only_value)
    }

    /// Whether options can be added.
    #[must_use]
    pub fn takes_options(&self) -> bool {
        !self.modification_metadata.as_ref().is_some_and(|metadata| metadata.read_only_options)
    }
}

/// What may be changed about a property.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ModificationMetadata {
    /// Values cannot be written.
    pub read_only_value: bool,
    /// Options cannot be changed.
    pub read_only_options: bool,
}

/// One option of an enumeration; all fields are sent back when options are changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OptionDefinition {
    /// What people see.
    pub label: String,
    /// What is stored.
    pub value: String,
    /// Place in the list.
    #[serde(default)]
    pub display_order: i64,
    /// Not offered any more.
    #[serde(default)]
    pub hidden: bool,
    /// Help text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// A group of properties.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PropertyGroup {
    /// Internal name.
    pub name: String,
    /// Label.
    #[serde(default)]
    pub label: String,
}

/// A pipeline with its stages.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct PipelineDefinition {
    /// Id.
    pub id: String,
    /// Label.
    #[serde(default)]
    pub label: String,
    /// Stages.
    #[serde(default)]
    pub stages: Vec<StageDefinition>,
    /// No longer in use.
    #[serde(default)]
    pub archived: bool,
}

/// A stage of a pipeline.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StageDefinition {
    /// Id, unique in the portal.
    pub id: String,
    /// Label, unique in the pipeline.
    #[serde(default)]
    pub label: String,
    /// Place in the pipeline.
    #[serde(default)]
    pub display_order: i64,
    /// `isClosed`, `probability`: texts.
    #[serde(default)]
    metadata: BTreeMap<String, Text>,
    /// No longer in use.
    #[serde(default)]
    pub archived: bool,
    /// `CRM_PERMISSIONS_ENFORCEMENT`, `READ_ONLY`, `INTERNAL_ONLY`.
    #[serde(default)]
    write_permissions: Option<String>,
}

impl StageDefinition {
    /// A value of `metadata`.
    #[must_use]
    pub fn metadata(&self, key: &str) -> Option<&str> {
        self.metadata.get(key).map(|text| text.0.as_str())
    }

    /// Whether deals can be moved here.
    #[must_use]
    pub fn is_writable(&self) -> bool {
        self.write_permissions.as_deref().is_none_or(|permissions| permissions == "CRM_PERMISSIONS_ENFORCEMENT")
    }
}
