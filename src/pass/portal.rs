//! The portal at the start of a run: who it is, how it is set up, what it holds already.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::apply::KeyProperties;
use crate::domain::{Object, PropertyName};
use crate::hubspot::{Account, PropertyDefinition, Reader};
use crate::mapping::{Mapping, PortalStages};

use super::error::Error;
use super::reads::Presence;
use super::schema::{self, AppointmentsOff, Desired, Readiness, Stages};

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
    /// Whether HubSpot appointments are written.
    pub appointment_objects: bool,
    /// Why the portal takes none, if so; the run says it and goes on.
    pub appointments_off: Option<AppointmentsOff>,
    /// The stages of its pipeline.
    pub stages: PortalStages,
    /// Where its pipeline says something else than the tables; the run says it and goes on.
    pub differences: Vec<String>,
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
        key_names: &BTreeMap<Object, PropertyName>,
        wants_appointments: bool,
    ) -> Result<Self, Error> {
        let account = reader.account().await?;
        let keys = key_properties(mapping, key_names)?;
        let mut desired = Desired::of(mapping, &keys);
        if !wants_appointments {
            desired = desired.without_appointments();
        }
        let mut defined = schema::Definitions::read(reader, &desired).await?;
        let Readiness { problems, appointments_off } = schema::check(&desired, &defined);
        if !problems.is_empty() {
            return Err(Error::Schema(problems.iter().map(ToString::to_string).collect()));
        }
        let stages = Stages::of(&desired, &defined.pipelines);
        let stages = stages.in_portal();
        let differences = mapping.stage_differences(&stages);
        let mapping = mapping.for_portal(&stages, key_names).in_words_of(|object, name, label| {
            let options = &defined.properties.get(&object)?.get(name.as_str())?.options;
            let is_value = options.iter().any(|option| option.value == label);
            if is_value { None } else { schema::value_labelled(label, options).map(str::to_owned) }
        });
        let appointment_objects = wants_appointments && appointments_off.is_none();
        let presence = Presence {
            contacts: reader.any_record(Object::Contact).await?,
            appointments: appointment_objects && reader.any_record(Object::Appointment).await?,
            deals: reader.any_record(Object::Deal).await?,
        };
        let names = Object::ALL.map(|object| (object, names(&mapping, object))).into_iter().collect();
        Ok(Self {
            account,
            mapping: Arc::new(mapping),
            keys: Arc::new(keys),
            names,
            presence,
            appointment_objects,
            appointments_off,
            stages,
            differences,
            deal_properties: defined.properties.remove(&Object::Deal).unwrap_or_default().into_values().collect(),
        })
    }
}

/// The unique properties that hold our keys: as the tables say, else as `[hubspot] key_properties` says.
///
/// # Errors
/// [`Error::NoKey`] when the tables have none for an object.
pub fn key_properties(mapping: &Mapping, key_names: &BTreeMap<Object, PropertyName>) -> Result<KeyProperties, Error> {
    let of = |object: Object| {
        let named = || mapping.key_property(object).map(|row| row.name.clone());
        key_names.get(&object).cloned().or_else(named).ok_or(Error::NoKey(object))
    };
    Ok(KeyProperties { contact: of(Object::Contact)?, appointment: of(Object::Appointment)?, deal: of(Object::Deal)? })
}

fn names(mapping: &Mapping, object: Object) -> Vec<PropertyName> {
    mapping.properties(object).iter().map(|(_, row)| row.name.clone()).collect()
}
