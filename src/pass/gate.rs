//! The gate before the first write: a portal with deals of an earlier tool is not written to until they are adopted.

use std::collections::BTreeSet;

use crate::domain::{HubspotId, Object, PropertyName, StageKind};
use crate::hubspot::{Actual, Reader};
use crate::mapping::SourceWord;

use super::error::Error;
use super::portal::Portal;

/// Looks at one page of deals: any that looks like ours and lacks our key stops the run.
///
/// A deal looks like ours when a property that names Ivoris has a value, or when it stands in our pipeline beyond its
/// first stage with a contact of ours (design.md section 3).
///
/// # Errors
/// [`Error::Adopt`]; HubSpot's own.
pub(super) async fn refuse_unadopted(reader: &Reader, portal: &Portal) -> Result<(), Error> {
    if !portal.presence.deals {
        return Ok(());
    }
    let key = &portal.keys.deal;
    let ivoris: Vec<PropertyName> = portal
        .deal_properties
        .iter()
        .filter(|property| property.name.to_lowercase().contains("ivoris") && property.name != key.as_str())
        .map(|property| PropertyName::new(&property.name))
        .collect();
    let word = |word| portal.mapping.property(word).map(|row| row.name.clone());
    let (pipeline, stage) = (word(SourceWord::DealPipeline), word(SourceWord::DealStage));
    let mut asked = ivoris.clone();
    asked.extend([Some(key.clone()), pipeline.clone(), stage.clone()].into_iter().flatten());
    let page = reader.list(Object::Deal, &asked, &[Object::Contact], None).await?;
    let value = |deal: &Actual, name: Option<&PropertyName>| {
        name.and_then(|name| deal.properties.get(name)).cloned().unwrap_or_default()
    };
    let unkeyed: Vec<&Actual> = page.records.iter().filter(|deal| value(deal, Some(key)).is_empty()).collect();
    let first = portal.mapping.first_stage(StageKind::Open).map(|row| row.hubspot_stage_id.clone());
    let beyond = |deal: &Actual| {
        value(deal, pipeline.as_ref()) == portal.mapping.pipeline_id() && Some(value(deal, stage.as_ref())) != first
    };
    let contacts: BTreeSet<HubspotId> =
        unkeyed.iter().filter(|deal| beyond(deal)).flat_map(|deal| contacts_of(deal)).collect();
    let ours = contacts_of_ours(reader, portal, &contacts).await?;
    let looks_like_ours = |deal: &&&Actual| {
        ivoris.iter().any(|name| !value(deal, Some(name)).is_empty())
            || (beyond(deal) && contacts_of(deal).iter().any(|id| ours.contains(id)))
    };
    match unkeyed.iter().filter(looks_like_ours).count() {
        0 => Ok(()),
        count => Err(Error::Adopt { count, key: key.to_string() }),
    }
}

fn contacts_of(deal: &Actual) -> Vec<HubspotId> {
    deal.links.get(&Object::Contact).cloned().unwrap_or_default()
}

async fn contacts_of_ours(
    reader: &Reader,
    portal: &Portal,
    contacts: &BTreeSet<HubspotId>,
) -> Result<BTreeSet<HubspotId>, Error> {
    if contacts.is_empty() {
        return Ok(BTreeSet::new());
    }
    let key = &portal.keys.contact;
    let ids: Vec<HubspotId> = contacts.iter().copied().collect();
    let found = reader.read_by_id(Object::Contact, &ids, std::slice::from_ref(key)).await?;
    let keyed = |actual: &&Actual| actual.properties.get(key).is_some_and(|value| !value.is_empty());
    Ok(found.records.values().filter(keyed).map(|actual| actual.id).collect())
}
