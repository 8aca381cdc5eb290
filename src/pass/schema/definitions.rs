//! What a portal defines now.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::Object;
use crate::hubspot::{Error, PipelineDefinition, PropertyDefinition, Reader};

use super::desired::Desired;

/// The definitions of a portal, as far as they matter for a [`Desired`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Definitions {
    /// Whether the appointment object is switched on.
    pub appointments: bool,
    /// Properties per object, by name. An object that is switched off or not wanted is left out.
    pub properties: BTreeMap<Object, BTreeMap<String, PropertyDefinition>>,
    /// Names of the property groups of objects that lack a property.
    pub groups: BTreeMap<Object, BTreeSet<String>>,
    /// Deal pipelines, archived ones left out.
    pub pipelines: Vec<PipelineDefinition>,
}

impl Definitions {
    /// Reads the definitions: five calls, and one more for each object that lacks a property.
    ///
    /// # Errors
    /// [`Error`] when the run cannot go on.
    pub async fn read(reader: &Reader, desired: &Desired) -> Result<Self, Error> {
        let mut portal = Self { pipelines: reader.pipelines(Object::Deal).await?, ..Self::default() };
        portal.pipelines.retain(|pipeline| !pipeline.archived);
        for pipeline in &mut portal.pipelines {
            pipeline.stages.retain(|stage| !stage.archived);
        }
        if desired.properties.contains_key(&Object::Appointment) {
            portal.appointments = reader.enablement().await?.is_on(Object::Appointment);
        }
        for (object, properties) in &desired.properties {
            if *object == Object::Appointment && !portal.appointments {
                continue;
            }
            let have = reader.properties(*object).await?;
            let have: BTreeMap<_, _> = have.into_iter().map(|one| (one.name.clone(), one)).collect();
            if !properties.iter().all(|property| have.contains_key(&property.name)) {
                let groups = reader.property_groups(*object).await?;
                portal.groups.insert(*object, groups.into_iter().map(|group| group.name).collect());
            }
            portal.properties.insert(*object, have);
        }
        Ok(portal)
    }
}
