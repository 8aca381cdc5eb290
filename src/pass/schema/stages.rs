//! The stages of our pipeline as the portal has them: which id is which key, and what is open, won or lost.

use std::collections::HashMap;

use crate::domain::{StageKey, StageKind};
use crate::hubspot::{PipelineDefinition, StageDefinition};
use crate::mapping::{PortalStages, StageInPortal};

use super::desired::{Desired, DesiredStage};

/// Stages by key and by HubSpot id. Kinds come from the pipeline, not from the table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stages {
    pipeline_id: String,
    ids: HashMap<StageKey, String>,
    by_id: HashMap<String, PortalStage>,
}

/// One stage of the pipeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortalStage {
    /// Our name; `None` for a stage that the table does not know.
    pub key: Option<StageKey>,
    /// Open, won or lost by its metadata.
    pub kind: StageKind,
    /// Place in the pipeline.
    pub order: i64,
}

impl Stages {
    /// Resolves the stages of `desired`, by id or, where the table has none, by label.
    ///
    /// A stage that is not there has no id here; [`super::check`] stops a pass before that can matter.
    #[must_use]
    pub fn of(desired: &Desired, pipelines: &[PipelineDefinition]) -> Self {
        let mut stages = Self { pipeline_id: desired.pipeline_id.clone(), ..Self::default() };
        let Some(pipeline) = pipelines.iter().find(|pipeline| pipeline.id == desired.pipeline_id) else {
            return stages;
        };
        for stage in &pipeline.stages {
            // What is neither is treated as closed: nothing is done to such a deal unasked.
            let kind = kind(stage).unwrap_or(StageKind::Lost);
            stages.by_id.insert(stage.id.clone(), PortalStage { key: None, kind, order: stage.display_order });
        }
        for wanted in &desired.stages {
            if let Some(found) = find(wanted, pipeline) {
                stages.ids.insert(wanted.key.clone(), found.id.clone());
                if let Some(stage) = stages.by_id.get_mut(&found.id) {
                    stage.key = Some(wanted.key.clone());
                }
            }
        }
        stages
    }

    /// The same by our names, as the mapping takes them.
    #[must_use]
    pub fn in_portal(&self) -> PortalStages {
        let mut stages = PortalStages::default();
        for (id, PortalStage { key, kind, order }) in &self.by_id {
            match key {
                Some(key) => {
                    let found = StageInPortal { id: id.clone(), kind: *kind, order: *order };
                    stages.ours.insert(key.clone(), found);
                }
                None => drop(stages.others.insert(id.clone(), *kind)),
            }
        }
        stages
    }

    /// Id of the pipeline.
    #[must_use]
    pub fn pipeline_id(&self) -> &str {
        &self.pipeline_id
    }

    /// The id of a stage in HubSpot.
    #[must_use]
    pub fn id(&self, key: &StageKey) -> Option<&str> {
        self.ids.get(key).map(String::as_str)
    }

    /// The stage with this id, ours or not; `None` if it stands in another pipeline.
    #[must_use]
    pub fn by_id(&self, id: &str) -> Option<&PortalStage> {
        self.by_id.get(id)
    }

    /// Our name of the stage with this id.
    #[must_use]
    pub fn key(&self, id: &str) -> Option<&StageKey> {
        self.by_id(id)?.key.as_ref()
    }

    /// Whether a deal in the stage with this id is open, won or lost.
    #[must_use]
    pub fn kind(&self, id: &str) -> Option<StageKind> {
        self.by_id(id).map(|stage| stage.kind)
    }
}

/// The stage that a row means: by its id, else, if it has none, by its label.
pub(super) fn find<'p>(wanted: &DesiredStage, pipeline: &'p PipelineDefinition) -> Option<&'p StageDefinition> {
    if wanted.id.is_empty() {
        return labelled(&wanted.label, pipeline);
    }
    pipeline.stages.iter().find(|stage| stage.id == wanted.id)
}

/// The stage with this label.
pub(super) fn labelled<'p>(label: &str, pipeline: &'p PipelineDefinition) -> Option<&'p StageDefinition> {
    let same = |stage: &&StageDefinition| stage.label.trim().to_lowercase() == label.trim().to_lowercase();
    pipeline.stages.iter().find(same)
}

/// What the metadata of a stage say; `None` = closed, but neither won nor lost.
///
/// Source: `hubspot-api.md` section 9: probability 1.0 is won, 0.0 is lost, `isClosed` follows from it.
pub(super) fn kind(stage: &StageDefinition) -> Option<StageKind> {
    let closed = stage.metadata("isClosed").map(|closed| closed.trim().eq_ignore_ascii_case("true"));
    let digits = stage.metadata("probability").unwrap_or_default().trim();
    let is = |whole: &str| {
        let (front, rest) = digits.split_once('.').unwrap_or((digits, ""));
        front == whole && rest.bytes().all(|byte| byte == b'0')
    };
    match closed {
        Some(true) | None if is("1") => Some(StageKind::Won),
        Some(true) | None if is("0") => Some(StageKind::Lost),
        Some(true) => None,
        Some(false) | None => Some(StageKind::Open),
    }
}
