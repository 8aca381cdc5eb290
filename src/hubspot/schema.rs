//! Writes definitions: property groups, properties, options, pipelines, stages.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::domain::Object;
use crate::http::Method;

use super::call::{Call, Reply};
use super::client::Inner;
use super::count::Count;
use super::error::{Error, Rejection};
use super::limits::Bucket;
use super::path::Place;
use super::wire::definition::{OptionDefinition, PropertyDefinition, PropertyGroup};

/// Writes definitions.
#[derive(Clone, Debug)]
pub struct SchemaWriter(Arc<Inner>);

/// How the write of one definition ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SchemaOutcome<T> {
    /// Done.
    Done(T),
    /// Refused; nothing was changed.
    Refused(Rejection),
    /// Perhaps done: read the definitions again.
    InDoubt,
}

/// A property to create.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NewProperty {
    /// Internal name.
    pub name: String,
    /// Label.
    pub label: String,
    /// `string`, `number`, … (`hubspot-api.md` 8.1).
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// `text`, `select`, …
    pub field_type: &'static str,
    /// Group, which must exist.
    pub group_name: String,
    /// Options of an enumeration or bool.
    pub options: Vec<OptionDefinition>,
    /// Can be set at creation only.
    pub has_unique_value: bool,
}

/// A stage to create.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NewStage {
    /// Id, unique in the portal.
    pub stage_id: String,
    /// Label, unique in the pipeline.
    pub label: String,
    /// Place.
    pub display_order: u32,
    /// `0.0` lost, `1.0` won.
    #[serde(rename = "metadata", serialize_with = "probability")]
    pub probability: String,
}

/// A pipeline to create with its stages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NewPipeline {
    /// Id.
    pub pipeline_id: String,
    /// Label.
    pub label: String,
    /// Place.
    pub display_order: u32,
    /// Stages.
    pub stages: Vec<NewStage>,
}

fn probability<S: serde::Serializer>(value: &str, serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Metadata<'a> {
        probability: &'a str,
    }
    Metadata { probability: value }.serialize(serializer)
}

/// An answer of which nothing is needed.
#[derive(Deserialize)]
struct Ignored {}

impl SchemaWriter {
    pub(super) const fn new(line: Arc<Inner>) -> Self {
        Self(line)
    }

    /// Creates a property group.
    ///
    /// # Errors
    /// [`Error`] when the run cannot go on.
    pub async fn create_group(&self, object: Object, group: &PropertyGroup) -> Result<SchemaOutcome<()>, Error> {
        self.put(Method::Post, self.0.paths.groups(object), group).await.map(forget)
    }

    /// Creates a property and returns it as the portal now defines it.
    ///
    /// # Errors
    /// [`Error`] when the run cannot go on.
    pub async fn create_property(
        &self,
        object: Object,
        property: &NewProperty,
    ) -> Result<SchemaOutcome<PropertyDefinition>, Error> {
        self.put(Method::Post, self.0.paths.properties(object), property).await
    }

    /// Replaces the options of an enumeration: options left out are removed, so hand in all of them.
    ///
    /// # Errors
    /// [`Error`] when the run cannot go on.
    pub async fn set_options(
        &self,
        object: Object,
        name: &str,
        options: &[OptionDefinition],
    ) -> Result<SchemaOutcome<()>, Error> {
        #[derive(Serialize)]
        struct Patch<'a> {
            options: &'a [OptionDefinition],
        }
        self.put(Method::Patch, self.0.paths.property(object, name), &Patch { options }).await.map(forget)
    }

    /// Creates a pipeline with its stages.
    ///
    /// # Errors
    /// [`Error`] when the run cannot go on.
    pub async fn create_pipeline(&self, object: Object, pipeline: &NewPipeline) -> Result<SchemaOutcome<()>, Error> {
        self.put(Method::Post, self.0.paths.pipelines(object), pipeline).await.map(forget)
    }

    /// Creates a stage in a pipeline.
    ///
    /// # Errors
    /// [`Error`] when the run cannot go on.
    pub async fn create_stage(
        &self,
        object: Object,
        pipeline: &str,
        stage: &NewStage,
    ) -> Result<SchemaOutcome<()>, Error> {
        self.put(Method::Post, self.0.paths.stages(object, pipeline), stage).await.map(forget)
    }

    async fn put<T: serde::de::DeserializeOwned>(
        &self,
        method: Method,
        place: Place,
        body: &impl Serialize,
    ) -> Result<SchemaOutcome<T>, Error> {
        let mut call = Call::post(Count::Schema, Bucket::Objects, place, body);
        call.method = method;
        Ok(match self.0.exchange(&call, |body| serde_json::from_slice(body)).await? {
            Reply::Answer(answer) => SchemaOutcome::Done(answer),
            Reply::Refused { body, .. } => SchemaOutcome::Refused(Rejection::from_body(&body)),
            Reply::InDoubt => SchemaOutcome::InDoubt,
        })
    }
}

fn forget(outcome: SchemaOutcome<Ignored>) -> SchemaOutcome<()> {
    match outcome {
        SchemaOutcome::Done(Ignored {}) => SchemaOutcome::Done(()),
        SchemaOutcome::Refused(rejection) => SchemaOutcome::Refused(rejection),
        SchemaOutcome::InDoubt => SchemaOutcome::InDoubt,
    }
}
