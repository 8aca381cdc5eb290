//! Reads what a portal is and how it is set up.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::domain::Object;

use super::call::Call;
use super::error::Error;
use super::read::Reader;
use super::wire::definition::{PipelineDefinition, PropertyDefinition, PropertyGroup, Results};

/// The portal behind the token (`hubspot-api.md` section 10).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Account {
    /// What a store is pinned to.
    pub portal_id: u64,
    /// `STANDARD`, `DEVELOPER_TEST`, `SANDBOX`, `APP_DEVELOPER`.
    #[serde(default)]
    pub account_type: String,
    /// IANA name; the daily limit ends at midnight there.
    #[serde(default)]
    pub time_zone: String,
    /// Three letters.
    #[serde(default)]
    pub company_currency: String,
    /// Where the data lies (`eu1`, `na1`), if told.
    #[serde(default)]
    pub data_hosting_location: Option<String>,
    /// Host of the portal's own pages, if told.
    #[serde(default)]
    pub ui_domain: Option<String>,
}

/// Which objects are switched on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Enablement {
    #[serde(default)]
    enablement_by_object_type_id: BTreeMap<String, bool>,
}

impl Enablement {
    /// Whether `object` can be used. Contacts and deals always can; the list may leave them out.
    #[must_use]
    pub fn is_on(&self, object: Object) -> bool {
        let told = self.enablement_by_object_type_id.get(object.type_id());
        told.copied().unwrap_or(object != Object::Appointment)
    }
}

impl Reader {
    /// Returns the portal behind the token.
    ///
    /// # Errors
    /// [`Error`] when the run cannot go on.
    pub async fn account(&self) -> Result<Account, Error> {
        self.ask(&Call::get(self.0.paths.account())).await
    }

    /// Returns which objects are switched on; the API cannot switch them.
    ///
    /// # Errors
    /// [`Error`] when the run cannot go on.
    pub async fn enablement(&self) -> Result<Enablement, Error> {
        self.ask(&Call::get(self.0.paths.enablement())).await
    }

    /// Returns all live properties of `object`.
    ///
    /// # Errors
    /// [`Error`] when the run cannot go on.
    pub async fn properties(&self, object: Object) -> Result<Vec<PropertyDefinition>, Error> {
        let answer: Results<_> = self.ask(&Call::get(self.0.paths.properties(object))).await?;
        Ok(answer.results)
    }

    /// Returns all property groups of `object`.
    ///
    /// # Errors
    /// [`Error`] when the run cannot go on.
    pub async fn property_groups(&self, object: Object) -> Result<Vec<PropertyGroup>, Error> {
        let answer: Results<_> = self.ask(&Call::get(self.0.paths.groups(object))).await?;
        Ok(answer.results)
    }

    /// Returns all pipelines of `object` with their stages.
    ///
    /// # Errors
    /// [`Error`] when the run cannot go on.
    pub async fn pipelines(&self, object: Object) -> Result<Vec<PipelineDefinition>, Error> {
        let answer: Results<_> = self.ask(&Call::get(self.0.paths.pipelines(object))).await?;
        Ok(answer.results)
    }
}
