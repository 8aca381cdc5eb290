//! What people and the portal's own workflows do, without the API: for tests that tell a story.

use std::borrow::Cow;

use chrono::{DateTime, Utc};

use crate::domain::{HubspotId, Object};

use super::check::Checker;
use super::core::{Core, Mark};
use super::input::Values;
use super::portal::Portal;
use super::record::Source;
use super::refusal::Refusal;
use super::store::Store;
use super::value::Dates;

/// Who acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// Somebody in HubSpot's pages.
    Person,
    /// A workflow of the portal.
    Workflow,
    /// Another integration.
    Integration,
}

impl Actor {
    const fn source(self) -> Source {
        match self {
            Self::Person => Source::Person,
            Self::Workflow => Source::Workflow,
            Self::Integration => Source::Api,
        }
    }
}

/// The portal refuses; its words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Refused(String);

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self(refusal.message)
    }
}

impl Portal {
    /// Makes a record.
    ///
    /// # Errors
    /// [`Refused`] for values that the portal takes from nobody.
    pub fn create(
        &self,
        by: Actor,
        object: Object,
        values: &[(&str, &str)],
        now: DateTime<Utc>,
    ) -> Result<HubspotId, Refused> {
        self.change(|core| {
            let index = write(core, by, object, None, values, now)?;
            Ok(HubspotId(Store::id(index)))
        })
    }

    /// Changes values; an empty text clears.
    ///
    /// # Errors
    /// [`Refused`] for an unknown record, and for values that the portal takes from nobody.
    pub fn edit(
        &self,
        by: Actor,
        object: Object,
        id: HubspotId,
        values: &[(&str, &str)],
        now: DateTime<Utc>,
    ) -> Result<(), Refused> {
        self.change(|core| {
            let index = core.find(object, &id.to_string(), None)?;
            write(core, by, object, Some(index), values, now)?;
            Ok(())
        })
    }

    /// Puts a record into the bin.
    ///
    /// # Errors
    /// [`Refused`] for an unknown record.
    pub fn archive(&self, object: Object, id: HubspotId, now: DateTime<Utc>) -> Result<(), Refused> {
        self.change(|core| {
            let index = core.find(object, &id.to_string(), None)?;
            core.archive(object, index, now.timestamp_millis());
            Ok(())
        })
    }

    /// Merges `other` into `primary` and returns the id of the result.
    ///
    /// # Errors
    /// [`Refused`] for unknown records and for a record with itself.
    pub fn merge(
        &self,
        object: Object,
        primary: HubspotId,
        other: HubspotId,
        now: DateTime<Utc>,
    ) -> Result<HubspotId, Refused> {
        self.change(|core| {
            let primary = core.find(object, &primary.to_string(), None)?;
            let other = core.find(object, &other.to_string(), None)?;
            let merged = core.merge(object, primary, other, now.timestamp_millis())?;
            Ok(HubspotId(Store::id(merged)))
        })
    }

    /// Links two records.
    ///
    /// # Errors
    /// [`Refused`] for unknown records.
    pub fn link(&self, from: (Object, HubspotId), to: (Object, HubspotId)) -> Result<(), Refused> {
        self.change(|core| {
            let (a, b) = ends(core, from, to)?;
            core.add_link(from.0, a, to.0, b);
            Ok(())
        })
    }

    /// Removes a link.
    ///
    /// # Errors
    /// [`Refused`] for unknown records.
    pub fn unlink(&self, from: (Object, HubspotId), to: (Object, HubspotId)) -> Result<(), Refused> {
        self.change(|core| {
            let (a, b) = ends(core, from, to)?;
            core.remove_link(from.0, a, to.0, b);
            Ok(())
        })
    }
}

fn ends(core: &Core, from: (Object, HubspotId), to: (Object, HubspotId)) -> Result<(u32, u32), Refusal> {
    Ok((core.find(from.0, &from.1.to_string(), None)?, core.find(to.0, &to.1.to_string(), None)?))
}

fn write(
    core: &mut Core,
    by: Actor,
    object: Object,
    target: Option<u32>,
    values: &[(&str, &str)],
    now: DateTime<Utc>,
) -> Result<u32, Refusal> {
    let values = Values(values.iter().map(|(name, value)| (Cow::Borrowed(*name), Cow::Borrowed(*value))).collect());
    let profile = &core.settings.profile;
    let checker = Checker { store: core.store(object), profile, dates: Dates::Normalised, requires: true };
    let prepared = checker.check(target, values, None, None)?;
    let millis = now.timestamp_millis();
    let store = core.store_mut(object);
    let index = target.unwrap_or_else(|| store.create(millis));
    store.put(index, &prepared.changes, by.source(), millis);
    core.mark(Mark::Record(object, index));
    Ok(index)
}
