//! Pipelines and their stages: what the portal keeps. The endpoints are in `stages.rs`.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::json::iso;

/// A stage.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Stage {
    pub(super) id: String,
    pub(super) label: String,
    pub(super) order: i64,
    /// Deals only: `0.0` is lost, `1.0` is won.
    pub(super) probability: Option<String>,
    pub(super) created: i64,
    pub(super) updated: i64,
}

/// A pipeline.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Pipeline {
    pub(super) id: String,
    pub(super) label: String,
    pub(super) order: i64,
    pub(super) stages: Vec<Stage>,
    pub(super) created: i64,
    pub(super) updated: i64,
}

/// What a stage means for a deal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Open,
    Won,
    Lost,
}

impl Stage {
    pub(super) fn end(&self) -> End {
        match self.probability.as_deref().and_then(|text| text.parse::<f64>().ok()) {
            Some(share) if share >= 1.0 => End::Won,
            Some(share) if share <= 0.0 => End::Lost,
            Some(_) | None => End::Open,
        }
    }

    pub(super) fn to_json(&self) -> Value {
        let metadata = match &self.probability {
            Some(probability) => {
                json!({"isClosed": (self.end() != End::Open).to_string(), "probability": probability})
            }
            None => json!({}),
        };
        json!({
            "id": self.id, "label": self.label, "displayOrder": self.order, "metadata": metadata, "archived": false,
            "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT",
            "createdAt": iso(self.created), "updatedAt": iso(self.updated)
        })
    }
}

impl Pipeline {
    pub(super) fn stage(&self, id: &str) -> Option<&Stage> {
        self.stages.iter().find(|stage| stage.id == id)
    }

    pub(super) fn to_json(&self) -> Value {
        let mut stages: Vec<&Stage> = self.stages.iter().collect();
        stages.sort_by_key(|stage| stage.order);
        let stages: Vec<Value> = stages.into_iter().map(Stage::to_json).collect();
        json!({
            "id": self.id, "label": self.label, "displayOrder": self.order, "stages": stages, "archived": false,
            "createdAt": iso(self.created), "updatedAt": iso(self.updated)
        })
    }
}
