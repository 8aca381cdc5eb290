//! Association batches.

use serde::{Deserialize, Serialize};

use super::Paging;
use super::error::ErrorBody;
use super::scalar::Id;

/// `{"id":"1"}`.
#[derive(Serialize, Deserialize)]
pub(in crate::hubspot) struct End {
    pub(in crate::hubspot) id: Id,
}

/// One pair to link.
#[derive(Serialize)]
pub(in crate::hubspot) struct LinkInput {
    pub(in crate::hubspot) from: End,
    pub(in crate::hubspot) to: End,
    pub(in crate::hubspot) types: [LinkType; 1],
}

/// The type of a link.
#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::hubspot) struct LinkType {
    pub(in crate::hubspot) association_category: &'static str,
    pub(in crate::hubspot) association_type_id: u32,
}

/// Answer to a batch of links.
#[derive(Deserialize)]
pub(in crate::hubspot) struct LinkAnswer {
    #[serde(default)]
    pub(in crate::hubspot) results: Vec<Linked>,
    #[serde(default)]
    pub(in crate::hubspot) errors: Vec<ErrorBody>,
}

/// One link that now exists.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::hubspot) struct Linked {
    pub(in crate::hubspot) from_object_id: Id,
    pub(in crate::hubspot) to_object_id: Id,
}

/// One record whose links are asked for.
#[derive(Serialize)]
pub(in crate::hubspot) struct LinksInput {
    pub(in crate::hubspot) id: Id,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::hubspot) after: Option<String>,
}

/// Answer to a batch read of links.
#[derive(Deserialize)]
pub(in crate::hubspot) struct LinksAnswer {
    pub(in crate::hubspot) results: Vec<LinksOf>,
    #[serde(default)]
    pub(in crate::hubspot) errors: Vec<ErrorBody>,
}

/// Links of one record.
#[derive(Deserialize)]
pub(in crate::hubspot) struct LinksOf {
    pub(in crate::hubspot) from: End,
    #[serde(default)]
    pub(in crate::hubspot) to: Vec<LinkedTo>,
    #[serde(default)]
    pub(in crate::hubspot) paging: Option<Paging>,
}

/// The other end.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::hubspot) struct LinkedTo {
    pub(in crate::hubspot) to_object_id: Id,
}
