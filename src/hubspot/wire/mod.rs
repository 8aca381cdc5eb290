//! The shapes of HubSpot's JSON, as tolerant as HubSpot is loose: unknown fields are ignored, most are optional.

pub(super) mod definition;
pub(super) mod error;
pub(super) mod link;
pub(super) mod record;
pub(super) mod scalar;

use serde::Deserialize;

/// `paging.next.after`.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Paging {
    #[serde(default)]
    next: Option<Next>,
}

#[derive(Debug, Deserialize)]
struct Next {
    after: scalar::Text,
}

impl Paging {
    /// The cursor of the next page.
    pub(super) fn after(self) -> Option<String> {
        self.next.map(|next| next.after.0)
    }
}
