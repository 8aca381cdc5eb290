//! Answers about people: patients, practitioners, charts.

use chrono::NaiveDate;
use serde_json::Value;

use crate::sandbox::seed::rng::Rng;

use super::answer::{Answered, Asked};
use super::installation::{Item, Listed};
use super::record::{Entry, Patient};
use super::route::Route;

impl Asked<'_> {
    pub(super) fn all_patients(&self) -> Answered<Vec<Value>> {
        let first = self.installation.profiles.first().map(|profile| profile.mandant.to_string());
        let default = first.as_deref().filter(|_| !self.settings.all_mandants);
        let mandant = self.param("mandantIndex").or(default);
        let listed = self.installation.patients();
        let listed = listed.filter(|patient| mandant.is_none_or(|index| index == patient.mandant.to_string()));
        let page = self.page(listed, self.settings.page)?;
        Ok(page.into_iter().map(|patient| self.shaper().patient(patient)).collect())
    }

    /// Exact but for case; an address or number finds the whole family.
    pub(super) fn found_patients(&self) -> Answered<Vec<Value>> {
        let born = self.day("birthday")?;
        let id = self.id("id");
        let is = |name: &str, value: &str| {
            self.param(name).is_none_or(|asked| asked.to_lowercase() == value.trim().to_lowercase())
        };
        let fits = |patient: &&Patient| {
            id.as_ref().is_none_or(|id| *id == patient.id)
                && born.is_none_or(|born| patient.birthday == Some(born))
                && is("firstname", &patient.first)
                && is("lastname", &patient.last)
                && is("email", &patient.email)
                && is("phone", &patient.phone)
                && is("mobile", &patient.mobile)
                && is("gender", &patient.gender)
                && is("mandantIndex", &patient.mandant.to_string())
        };
        if !self.spec.params.iter().any(|param| self.param(param.name).is_some()) {
            return Ok(Vec::new());
        }
        Ok(self.installation.patients().filter(fits).map(|patient| self.shaper().patient(patient)).collect())
    }

    pub(super) fn patient(&self) -> Answered<Option<Value>> {
        let mandant = self.param("mandantIndex");
        let found = self.installation.patient(&self.needed("id")?);
        let found = found.filter(|patient| mandant.is_none_or(|index| index == patient.mandant.to_string()));
        Ok(found.map(|patient| self.shaper().patient(patient)))
    }

    pub(super) fn found_practitioners(&self) -> Vec<Value> {
        let (id, last) = (self.id("id"), self.param("lastname"));
        let fits = |(name, item): &(&str, &Item)| {
            id.as_ref().is_none_or(|id| *id == item.id) && last.is_none_or(|last| name.ends_with(last))
        };
        let found = self.items(Listed::Practitioner).filter(fits);
        found.map(|(name, item)| self.shaper().practitioner(name, item)).collect()
    }

    /// The part of a patient's chart that the route shows.
    pub(super) fn entries(&self) -> Answered<Vec<Value>> {
        let (patient, profile) = (self.needed("patientId")?, self.needed("profileId")?);
        let (from, to) = self.window(self.settings.entry_dates)?;
        let kind = self.param("entryType");
        let Some(profile) = self.installation.profiles.iter().find(|one| one.id == profile) else {
            // The wrong profile is no error (I).
            return Ok(Vec::new());
        };
        let is_documented = Rng::of(self.settings.seed, &patient, 1).chance(self.settings.documented, 100);
        let listed = |entry: &&Entry| {
            let lacks = Rng::of(self.settings.seed, &entry.id, 2).chance(self.settings.entries_lack, 100);
            if self.spec.route == Route::Entries { !lacks } else { lacks || is_documented }
        };
        let inside = |day: NaiveDate| from.is_none_or(|from| from <= day) && to.is_none_or(|to| day <= to);
        let fits = |entry: &&Entry| {
            entry.mandant == profile.mandant && inside(entry.date) && kind.is_none_or(|kind| kind == entry.kind)
        };
        let chart = self.installation.chart(&patient).iter().filter(listed).filter(fits);
        Ok(chart.map(|entry| self.shaper().entry(entry)).collect())
    }
}
