//! The portal at the start of a run: who it is, how it is set up, what it holds already.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::apply::KeyProperties;
use crate::domain::{Object, PropertyName, StageKey};
use crate::hubspot::{Account, PropertyDefinition, Reader};
use crate::mapping::{Mapping, SourceWord};

use super::error::Error;
use super::reads::Presence;

/// Calls that every run makes, whatever its size: account, enablement, properties, pipelines, presence.
pub const FIXED_CALLS: u64 = 9;

/// What a run knows about its portal.
#[derive(Clone, Debug)]
pub struct Portal {
    /// Who it is.
    pub account: Account,
    /// The mapping with this portal's stage ids.
    pub mapping: Arc<Mapping>,
    /// Unique properties of our keys.
    pub keys: Arc<KeyProperties>,
    /// Properties to read, per object.
    pub names: BTreeMap<Object, Vec<PropertyName>>,
    /// Which objects it held when the run began.
    pub presence: Presence,
    /// Whether HubSpot appointments can be written.
    pub appointment_objects: bool,
    /// Defined properties of deals, for the look at deals of earlier tools.
    pub(super) deal_properties: Vec<PropertyDefinition>,
}

impl Portal {
    /// Reads the portal: a fixed number of calls.
    ///
    /// # Errors
    /// [`Error`] when HubSpot does not answer or the portal is not set up.
    pub async fn read(
        reader: &Reader,
        mapping: &Mapping,
        key_names: &HashMap<Object, PropertyName>,
        wants_appointments: bool,
    ) -> Result<Self, Error> {
        let account = reader.account().await?;
        let enabled = reader.enablement().await?.is_on(Object::Appointment);
        let mut defined = BTreeMap::new();
        let appointment_objects = wants_appointments && enabled;
        for object in Object::ALL.into_iter().filter(|object| *object != Object::Appointment || appointment_objects) {
            defined.insert(object, reader.properties(object).await?);
        }
        let pipelines = reader.pipelines(Object::Deal).await?;
        let (stages, mut missing) = stages(mapping, &pipelines);
        let mapping = mapping.for_portal(&stages, key_names);
        missing.extend(missing_properties(&mapping, &defined));
        if !missing.is_empty() {
            return Err(Error::Schema(missing));
        }
        let presence = Presence {
            contacts: reader.any_record(Object::Contact).await?,
            appointments: appointment_objects && reader.any_record(Object::Appointment).await?,
            deals: reader.any_record(Object::Deal).await?,
        };
        let keys = KeyProperties {
            contact: key_of(&mapping, Object::Contact)?,
            appointment: key_of(&mapping, Object::Appointment)?,
            deal: key_of(&mapping, Object::Deal)?,
        };
        let names = Object::ALL.map(|object| (object, names(&mapping, object))).into_iter().collect();
        Ok(Self {
            account,
            mapping: Arc::new(mapping),
            keys: Arc::new(keys),
            names,
            presence,
            appointment_objects,
            deal_properties: defined.remove(&Object::Deal).unwrap_or_default(),
        })
    }
}

fn key_of(mapping: &Mapping, object: Object) -> Result<PropertyName, Error> {
    mapping.key_property(object).map(|row| row.name.clone()).ok_or(Error::NoKey(object))
}

fn names(mapping: &Mapping, object: Object) -> Vec<PropertyName> {
    mapping.properties(object).iter().map(|(_, row)| row.name.clone()).collect()
}

/// The ids of our stages in the portal's pipeline: as the tables say, else by label.
fn stages(
    mapping: &Mapping,
    pipelines: &[crate::hubspot::PipelineDefinition],
) -> (HashMap<StageKey, String>, Vec<String>) {
    let mut found = HashMap::new();
    let mut missing = Vec::new();
    let Some(pipeline) = pipelines.iter().find(|pipeline| pipeline.id == mapping.pipeline_id()) else {
        return (found, vec![format!("no deal pipeline {}", mapping.pipeline_id())]);
    };
    for row in &mapping.tables().stages {
        let named = |stage: &&crate::hubspot::StageDefinition| {
            if row.hubspot_stage_id.is_empty() { stage.label == row.label } else { stage.id == row.hubspot_stage_id }
        };
        match pipeline.stages.iter().find(named) {
            Some(stage) => drop(found.insert(row.key.clone(), stage.id.clone())),
            None => missing.push(format!("no stage {} in pipeline {}", row.label, pipeline.label)),
        }
    }
    (found, missing)
}

fn missing_properties(mapping: &Mapping, defined: &BTreeMap<Object, Vec<PropertyDefinition>>) -> Vec<String> {
    let mut missing = Vec::new();
    for (object, defined) in defined {
        for (word, row) in mapping.properties(*object) {
            let key = *word == SourceWord::key_of(*object);
            match defined.iter().find(|property| property.name == row.name.as_str()) {
                None => missing.push(format!("no property {object}.{}", row.name)),
                Some(property) if key && !property.has_unique_value => missing.push(format!(
                    "{object}.{name} is not unique (name another one under [hubspot] key_properties, such as {name}_key)",
                    name = row.name
                )),
                Some(_) => {}
            }
        }
    }
    missing
}
