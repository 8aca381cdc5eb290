//! A mapping in one portal: what its pipeline says of the stages counts, whatever the tables say.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::{Object, PropertyName, StageKey, StageKind};

use super::index::Mapping;
use super::states::{is_state_map, translated};
use super::words::SourceWord;

/// A stage of ours as the portal has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageInPortal {
    /// Its id.
    pub id: String,
    /// Open, won or lost by its metadata.
    pub kind: StageKind,
    /// Place in the pipeline.
    pub order: i64,
}

/// The stages of a portal's pipeline.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PortalStages {
    /// Those that the tables name.
    pub ours: BTreeMap<StageKey, StageInPortal>,
    /// All others, by id.
    pub others: BTreeMap<String, StageKind>,
}

/// What a stage is called that the tables do not know.
const OTHER: &str = "hubspot:";

impl Mapping {
    /// The same mapping for one portal: ids, order and kinds of its stages, and other names of key properties.
    /// The digests stay those of the tables.
    #[must_use]
    pub fn for_portal(&self, stages: &PortalStages, keys: &BTreeMap<Object, PropertyName>) -> Self {
        let mut tables = self.tables.clone();
        for row in &mut tables.stages {
            if let Some(found) = stages.ours.get(&row.key) {
                row.hubspot_stage_id.clone_from(&found.id);
                row.kind = found.kind;
            }
        }
        tables.stages.sort_by_key(|row| stages.ours.get(&row.key).map_or(i64::MAX, |found| found.order));
        for row in &mut tables.properties {
            let word = SourceWord::from_word(&row.source);
            if let Some(name) = keys.get(&row.object).filter(|_| word == Some(SourceWord::key_of(row.object))) {
                row.name = name.clone();
            }
        }
        let mut there = Self::new(tables);
        there.digests = self.digests.clone();
        there.other_stages.clone_from(&stages.others);
        there
    }

    /// The same mapping with the values that a portal writes for the states of appointments: where the tables name an
    /// option, or a pipeline stage, by its label, `say` has the value.
    #[must_use]
    pub fn in_words_of(mut self, say: impl Fn(Object, &PropertyName, &str) -> Option<String>) -> Self {
        let rows = self.tables.properties.iter_mut().chain(self.properties.iter_mut().flatten().map(|(_, row)| row));
        for row in rows.filter(|row| is_state_map(&row.transform)) {
            row.transform = translated(&row.transform, |label| say(row.object, &row.name, label));
        }
        self
    }

    /// What differs between the stages of the tables and of a portal, in words.
    #[must_use]
    pub fn stage_differences(&self, stages: &PortalStages) -> Vec<String> {
        let word = |kind: StageKind| match kind {
            StageKind::Open => "open",
            StageKind::Won => "won",
            StageKind::Lost => "lost",
        };
        let found = |row: &super::tables::Stage| Some((row.key.clone(), stages.ours.get(&row.key)?));
        let mut differences: Vec<String> = self
            .tables
            .stages
            .iter()
            .filter_map(|row| Some((row, found(row)?.1)))
            .filter(|(row, there)| row.kind != there.kind)
            .map(|(row, there)| {
                let (here, there) = (word(row.kind), word(there.kind));
                format!("stage {} is {there} in HubSpot and {here} in pipeline.csv: HubSpot counts", row.key)
            })
            .collect();
        let orders: Vec<i64> = self.tables.stages.iter().filter_map(|row| Some(found(row)?.1.order)).collect();
        if !orders.is_sorted() {
            differences
                .push("stages stand in another order in HubSpot than in pipeline.csv: HubSpot counts".to_owned());
        }
        differences
    }

    /// The stage with this id in HubSpot; one that the tables do not know still is a stage, and none of the rules'.
    #[must_use]
    pub fn stage_of(&self, hubspot_id: &str) -> StageKey {
        self.by_hubspot_stage(hubspot_id).cloned().unwrap_or_else(|| StageKey::new(&format!("{OTHER}{hubspot_id}")))
    }

    /// Open, won or lost: of our stages and of those that only the portal knows; `None` = in another pipeline.
    #[must_use]
    pub fn kind_of(&self, stage: &StageKey) -> Option<StageKind> {
        let other = || self.other_stages.get(stage.as_str().strip_prefix(OTHER)?).copied();
        self.stage(stage).map(|row| row.kind).or_else(other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::shipped;

    #[test]
    fn what_the_portal_says_of_a_stage_counts() {
        let tables = shipped();
        let mut stages = PortalStages::default();
        for (at, row) in tables.tables().stages.iter().enumerate() {
            let order = i64::try_from(at).expect("few stages");
            let found = StageInPortal { id: format!("s{at}"), kind: row.kind, order };
            stages.ours.insert(row.key.clone(), found);
        }
        assert!(tables.stage_differences(&stages).is_empty());
        let started = StageKey::new("in_behandlung");
        stages.ours.get_mut(&started).expect("a stage").kind = StageKind::Won;
        stages.ours.get_mut(&StageKey::new("diagnostik")).expect("a stage").order = 50;
        stages.others.insert("77".to_owned(), StageKind::Open);
        let there = tables.for_portal(&stages, &BTreeMap::new());
        assert_eq!(tables.stage_differences(&stages).len(), 2);
        assert_eq!(there.kind_of(&started), Some(StageKind::Won));
        assert!(there.rank(&StageKey::new("diagnostik")) > there.rank(&started));
        assert_eq!(there.kind_of(&there.stage_of("77")), Some(StageKind::Open));
        assert_eq!(there.kind_of(&there.stage_of("78")), None);
        assert_eq!(there.digests(), tables.digests(), "another portal is no other mapping");
    }
}
