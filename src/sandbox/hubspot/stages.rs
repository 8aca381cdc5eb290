//! Pipeline and stage endpoints (`hubspot-api.md` section 9).

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::domain::Object;
use crate::http::Random;

use super::core::{Call, Core, Mark};
use super::definition::Meaning;
use super::exchange::Done;
use super::input::{Text, parse};
use super::pipeline::{Pipeline, Stage};
use super::refusal::Refusal;
use super::store::Store;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StageBody<'a> {
    #[serde(default)]
    stage_id: Option<String>,
    #[serde(default)]
    label: Option<String>,
    #[serde(default)]
    display_order: Option<i64>,
    #[serde(default, borrow)]
    metadata: BTreeMap<String, Text<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PipelineBody<'a> {
    #[serde(default)]
    pipeline_id: Option<String>,
    #[serde(default)]
    label: Option<String>,
    #[serde(default)]
    display_order: Option<i64>,
    #[serde(default, borrow)]
    stages: Vec<StageBody<'a>>,
}

/// Stages of one pipeline. Source: `hubspot-api.md` section 9.
const fn most_stages(object: Object) -> usize {
    match object {
        Object::Contact | Object::Deal => 100,
        Object::Appointment => 30,
    }
}

impl Core {
    /// `GET R`.
    pub(super) fn pipelines(&self, object: Object) -> Done {
        let results: Vec<Value> = self.store(object).pipelines.iter().map(Pipeline::to_json).collect();
        Done::json(200, &json!({ "results": results }))
    }

    fn pipeline_at(&self, object: Object, id: &str) -> Result<usize, Refusal> {
        let found = self.store(object).pipelines.iter().position(|pipeline| pipeline.id == id);
        found.ok_or_else(|| Refusal::not_found(format!("Pipeline {id} does not exist")))
    }

    /// `GET R/{id}`.
    pub(super) fn pipeline(&self, object: Object, id: &str) -> Result<Done, Refusal> {
        let at = self.pipeline_at(object, id)?;
        Ok(Done::json(200, &self.store(object).pipelines[at].to_json()))
    }

    /// `POST R`.
    pub(super) fn create_pipeline(&mut self, call: &Call, object: Object, body: &[u8]) -> Result<Done, Refusal> {
        let PipelineBody { pipeline_id, label, display_order, stages } = parse(body)?;
        if object == Object::Contact {
            return Err(Refusal::invalid("Object type 0-1 does not support pipelines"));
        }
        let label = required(label, "label")?;
        let id = pipeline_id.unwrap_or_else(|| self.fresh_id());
        let store = self.store(object);
        if store.pipelines.iter().any(|pipeline| pipeline.id == id) {
            return Err(Refusal::invalid(format!("Pipeline ID {id} is already in use")));
        }
        if store.pipelines.iter().any(|pipeline| pipeline.label == label) {
            return Err(Refusal::new(409, "CONFLICT", format!("A pipeline with the label {label} already exists")));
        }
        if stages.len() > most_stages(object) {
            return Err(Refusal::invalid(format!("A pipeline holds at most {} stages", most_stages(object))));
        }
        let order = display_order.unwrap_or_default();
        let mut pipeline = Pipeline { id, label, order, stages: Vec::new(), created: call.now, updated: call.now };
        for stage in stages {
            let stage = self.new_stage(call, object, &pipeline, stage)?;
            pipeline.stages.push(stage);
        }
        let answer = pipeline.to_json();
        self.store_mut(object).pipelines.push(pipeline);
        self.mark(Mark::Schema(object));
        Ok(Done::json(201, &answer))
    }

    /// `PATCH R/{id}`: label and order.
    pub(super) fn patch_pipeline(
        &mut self,
        call: &Call,
        object: Object,
        id: &str,
        body: &[u8],
    ) -> Result<Done, Refusal> {
        let PipelineBody { label, display_order, .. } = parse(body)?;
        let at = self.pipeline_at(object, id)?;
        let pipeline = &mut self.store_mut(object).pipelines[at];
        pipeline.label = label.unwrap_or_else(|| pipeline.label.clone());
        pipeline.order = display_order.unwrap_or(pipeline.order);
        pipeline.updated = call.now;
        self.mark(Mark::Schema(object));
        self.pipeline(object, id)
    }

    /// `DELETE R/{id}`.
    pub(super) fn delete_pipeline(&mut self, object: Object, id: &str) -> Result<Done, Refusal> {
        let at = self.pipeline_at(object, id)?;
        let stages: Vec<String> =
            self.store(object).pipelines[at].stages.iter().map(|stage| stage.id.clone()).collect();
        self.unused(object, &stages)?;
        self.store_mut(object).pipelines.remove(at);
        self.mark(Mark::Schema(object));
        Ok(Done::empty())
    }

    /// `GET R/{id}/stages`.
    pub(super) fn stages(&self, object: Object, id: &str) -> Result<Done, Refusal> {
        let at = self.pipeline_at(object, id)?;
        let results: Vec<Value> = self.store(object).pipelines[at].stages.iter().map(Stage::to_json).collect();
        Ok(Done::json(200, &json!({ "results": results })))
    }

    /// `POST R/{id}/stages`.
    pub(super) fn create_stage(&mut self, call: &Call, object: Object, id: &str, body: &[u8]) -> Result<Done, Refusal> {
        let body: StageBody<'_> = parse(body)?;
        let at = self.pipeline_at(object, id)?;
        let pipeline = &self.store(object).pipelines[at];
        if pipeline.stages.len() >= most_stages(object) {
            return Err(Refusal::invalid(format!("A pipeline holds at most {} stages", most_stages(object))));
        }
        let stage = self.new_stage(call, object, pipeline, body)?;
        let answer = stage.to_json();
        self.store_mut(object).pipelines[at].stages.push(stage);
        self.mark(Mark::Schema(object));
        Ok(Done::json(201, &answer))
    }

    /// Checks a new stage of `pipeline`.
    fn new_stage(
        &self,
        call: &Call,
        object: Object,
        pipeline: &Pipeline,
        body: StageBody<'_>,
    ) -> Result<Stage, Refusal> {
        let StageBody { stage_id, label, display_order, metadata } = body;
        let label = required(label, "label")?;
        let probability = probability(object, &metadata)?;
        let id = stage_id.unwrap_or_else(|| self.fresh_id());
        // Ids of stages are unique in the whole portal (E24).
        let known = Object::ALL.iter().any(|of| self.store(*of).stage(&id).is_some());
        if known || pipeline.stage(&id).is_some() {
            return Err(Refusal::new(409, "CONFLICT", format!("Stage ID {id} exists in another pipeline"))
                .sub("STAGE_ID_EXISTS_IN_ANOTHER_PIPELINE"));
        }
        if pipeline.stages.iter().any(|stage| stage.label == label) {
            return Err(Refusal::invalid(format!("Stage labels must be unique: {label}")));
        }
        let order = display_order.unwrap_or_default();
        Ok(Stage { id, label, order, probability, created: call.now, updated: call.now })
    }

    /// `GET R/{id}/stages/{id}`.
    pub(super) fn stage(&self, object: Object, id: &str, stage: &str) -> Result<Done, Refusal> {
        let at = self.pipeline_at(object, id)?;
        let found = self.store(object).pipelines[at].stage(stage);
        let found = found.ok_or_else(|| Refusal::not_found(format!("Stage {stage} does not exist")))?;
        Ok(Done::json(200, &found.to_json()))
    }

    /// `PATCH R/{id}/stages/{id}`.
    pub(super) fn patch_stage(
        &mut self,
        call: &Call,
        object: Object,
        (id, stage): (&str, &str),
        body: &[u8],
    ) -> Result<Done, Refusal> {
        let StageBody { label, display_order, metadata, stage_id: _ } = parse(body)?;
        self.stage(object, id, stage)?;
        let at = self.pipeline_at(object, id)?;
        let new = if metadata.is_empty() { None } else { Some(probability(object, &metadata)?) };
        let stages = &mut self.store_mut(object).pipelines[at].stages;
        let others = |label: &String| stages.iter().any(|other| other.id != stage && other.label == *label);
        if label.as_ref().is_some_and(others) {
            return Err(Refusal::invalid("Stage labels must be unique"));
        }
        for found in stages.iter_mut().filter(|found| found.id == stage) {
            found.label = label.clone().unwrap_or_else(|| found.label.clone());
            found.order = display_order.unwrap_or(found.order);
            found.probability = new.clone().unwrap_or_else(|| found.probability.clone());
            found.updated = call.now;
        }
        self.mark(Mark::Schema(object));
        self.stage(object, id, stage)
    }

    /// `DELETE R/{id}/stages/{id}`.
    pub(super) fn delete_stage(&mut self, object: Object, id: &str, stage: &str) -> Result<Done, Refusal> {
        self.stage(object, id, stage)?;
        self.unused(object, &[stage.to_owned()])?;
        let at = self.pipeline_at(object, id)?;
        self.store_mut(object).pipelines[at].stages.retain(|found| found.id != stage);
        self.mark(Mark::Schema(object));
        Ok(Done::empty())
    }

    /// E23: no live record stands in one of these stages.
    fn unused(&self, object: Object, stages: &[String]) -> Result<(), Refusal> {
        let store = self.store(object);
        let Some(property) = store.meaning(Meaning::Stage) else { return Ok(()) };
        let stands = |value: &str| stages.iter().any(|stage| stage == value);
        let users: Vec<String> = store
            .all_live()
            .filter(|(_, record)| record.get(property).is_some_and(stands))
            .map(|(index, _)| Store::id(index).to_string())
            .take(100)
            .collect();
        if users.is_empty() {
            return Ok(());
        }
        Err(Refusal::invalid("Stages are in use and cannot be deleted")
            .sub("PipelineError.STAGE_ID_IN_USE")
            .context("stageIds", stages.to_vec())
            .context("objectIds", users))
    }

    /// A number for a pipeline or stage that names none.
    fn fresh_id(&self) -> String {
        let all = || Object::ALL.iter().flat_map(|of| &self.store(*of).pipelines);
        loop {
            let id = (10_000_000 + self.random.draw() % 990_000_000).to_string();
            if all().all(|pipeline| pipeline.id != id && pipeline.stage(&id).is_none()) {
                return id;
            }
        }
    }
}

fn required(text: Option<String>, name: &str) -> Result<String, Refusal> {
    let refusal = || Refusal::invalid(format!("Some required fields were not set: [{name}]"));
    text.filter(|text| !text.trim().is_empty()).ok_or_else(refusal)
}

/// Deals need a probability per stage.
fn probability(object: Object, metadata: &BTreeMap<String, Text<'_>>) -> Result<Option<String>, Refusal> {
    if object != Object::Deal {
        return Ok(None);
    }
    let text = metadata.get("probability").map(Text::as_str).unwrap_or_default();
    let fits = text.parse::<f64>().is_ok_and(|share| (0.0..=1.0).contains(&share));
    if fits {
        return Ok(Some(text.to_owned()));
    }
    Err(Refusal::invalid("Deal stages must have a probability between 0.0 and 1.0 in their metadata"))
}
