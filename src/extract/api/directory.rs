//! Names behind ids: chairs, templates, practitioners and profiles of one installation.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::ivoris::wire::{self, Appointment, Entry};
use crate::ivoris::{Ask, Client, Error, Route};

use super::tries::patiently;

/// A profile (*Mandant*) of the installation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Its id, as routes of the documentation take it.
    pub id: String,
    /// Its small number, as records of patients carry it.
    pub mandant: Option<String>,
}

/// What ids of one installation stand for. An id without a name stands for itself.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    chairs: Names,
    templates: Names,
    practitioners: Names,
    profiles: Vec<Profile>,
}

#[derive(Clone, Debug, Default)]
struct Names {
    known: BTreeMap<String, String>,
    /// Ids that were asked for one by one in vain.
    unknown: BTreeSet<String>,
}

impl Names {
    fn lacks(&self, id: Option<&String>) -> Option<String> {
        let id = folded(id?);
        (!self.known.contains_key(&id) && !self.unknown.contains(&id)).then_some(id)
    }

    fn name(&self, id: Option<&String>) -> Option<String> {
        self.known.get(&folded(id?)).cloned()
    }
}

fn folded(id: &str) -> String {
    id.trim().to_ascii_lowercase()
}

impl Directory {
    /// Asks for all lists; a list that is not offered stays empty.
    ///
    /// # Errors
    /// [`Error`] when a list is offered and cannot be read.
    pub async fn read(client: &Client) -> Result<Self, Error> {
        let mut directory = Self::default();
        for value in list(client, Route::DentistChairs).await? {
            directory.chair(client, &value);
        }
        for value in list(client, Route::AppointmentTemplates).await? {
            directory.template(client, &value);
        }
        // Past appointments name people who have left.
        let practitioners = match list(client, Route::AllPractitioners).await? {
            all if all.is_empty() => list(client, Route::ActivePractitioners).await?,
            all => all,
        };
        for value in practitioners {
            directory.practitioner(client, &value);
        }
        directory.profiles = Self::profiles_of(client).await?;
        Ok(directory)
    }

    /// Asks for the practitioners and profiles alone: what charts need.
    ///
    /// # Errors
    /// [`Error`] when a list is offered and cannot be read.
    pub async fn for_charts(client: &Client) -> Result<Self, Error> {
        let mut directory = Self::default();
        for value in list(client, Route::AllPractitioners).await? {
            directory.practitioner(client, &value);
        }
        directory.profiles = Self::profiles_of(client).await?;
        Ok(directory)
    }

    async fn profiles_of(client: &Client) -> Result<Vec<Profile>, Error> {
        let read = |value: &Value| {
            let profile = wire::Profile::decode(client.profile(), value).ok()?;
            Some(Profile { id: profile.id, mandant: profile.mandant })
        };
        Ok(list(client, Route::Profiles).await?.iter().filter_map(read).collect())
    }

    /// The profiles that the installation lists.
    #[must_use]
    pub fn profiles(&self) -> &[Profile] {
        &self.profiles
    }

    /// Asks one by one for what `appointment` names and no list holds. What cannot be had stands for itself.
    ///
    /// # Errors
    /// [`Error`] when asking had to stop: that says nothing about the name.
    pub(super) async fn complete(&mut self, client: &Client, appointment: &Appointment) -> Result<(), Error> {
        if let Some(id) = self.chairs.lacks(appointment.chair_id.as_ref()) {
            match one(client, Route::DentistChair, &id).await? {
                Some(value) => self.chair(client, &value),
                None => drop(self.chairs.unknown.insert(id)),
            }
        }
        if let Some(id) = self.templates.lacks(appointment.template_id.as_ref()) {
            match one(client, Route::AppointmentTemplate, &id).await? {
                Some(value) => self.template(client, &value),
                None => drop(self.templates.unknown.insert(id)),
            }
        }
        self.complete_practitioner(client, appointment.practitioner_id.as_ref()).await
    }

    async fn complete_practitioner(&mut self, client: &Client, id: Option<&String>) -> Result<(), Error> {
        if let Some(id) = self.practitioners.lacks(id) {
            match one(client, Route::Practitioner, &id).await? {
                Some(value) => self.practitioner(client, &value),
                None => drop(self.practitioners.unknown.insert(id)),
            }
        }
        Ok(())
    }

    fn chair(&mut self, client: &Client, value: &Value) {
        if let Ok(wire::Chair { id, name, .. }) = wire::Chair::decode(client.profile(), value) {
            self.chairs.known.insert(folded(&id), name.unwrap_or_default());
        }
    }

    fn template(&mut self, client: &Client, value: &Value) {
        if let Ok(wire::Template { id, name, .. }) = wire::Template::decode(client.profile(), value) {
            self.templates.known.insert(folded(&id), name.unwrap_or_default());
        }
    }

    fn practitioner(&mut self, client: &Client, value: &Value) {
        if let Ok(one) = wire::Practitioner::decode(client.profile(), value) {
            let parts = [one.title, one.first_name, one.last_name];
            let name = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
            let name = if name.is_empty() { one.short_name.unwrap_or_default() } else { name };
            self.practitioners.known.insert(folded(&one.id), name);
        }
    }

    /// Name of the chair; without one its id.
    pub(super) fn chair_of(&self, appointment: &Appointment) -> String {
        named(
            appointment.chair.as_ref(),
            self.chairs.name(appointment.chair_id.as_ref()),
            appointment.chair_id.as_ref(),
        )
    }

    /// Name of the template; without one its id, which then has no row in `terminarten.csv` and is listed.
    pub(super) fn template_of(&self, appointment: &Appointment) -> String {
        let Appointment { template, template_id, .. } = appointment;
        named(template.as_ref(), self.templates.name(template_id.as_ref()), template_id.as_ref())
    }

    /// Name of the practitioner; without one the id.
    pub(super) fn practitioner_of(&self, appointment: &Appointment) -> String {
        let Appointment { practitioner, practitioner_id, .. } = appointment;
        named(practitioner.as_ref(), self.practitioners.name(practitioner_id.as_ref()), practitioner_id.as_ref())
    }

    /// Name of the practitioner of an entry; without one the id.
    pub(super) fn writer_of(&self, entry: &Entry) -> String {
        let id = entry.practitioner_id.as_ref();
        named(None, self.practitioners.name(id), id)
    }
}

fn named(given: Option<&String>, known: Option<String>, id: Option<&String>) -> String {
    let known = known.filter(|name| !name.is_empty());
    known.or_else(|| given.cloned()).or_else(|| id.cloned()).unwrap_or_default()
}

/// A list; empty when the installation does not offer it.
async fn list(client: &Client, route: Route) -> Result<Vec<Value>, Error> {
    let ask = Ask::new();
    match patiently(|| client.list(route, &ask)).await {
        Err(Error::Missing { .. } | Error::BadRequest { .. } | Error::Gone { .. }) => Ok(Vec::new()),
        answer => answer,
    }
}

/// One record; `None` when it is not there, or cannot be read after all tries.
async fn one(client: &Client, route: Route, id: &str) -> Result<Option<Value>, Error> {
    let ask = Ask::new().id(id);
    match patiently(|| client.single(route, &ask)).await {
        Err(Error::Unreadable { .. } | Error::Missing { .. } | Error::BadRequest { .. } | Error::Gone { .. }) => {
            Ok(None)
        }
        answer => answer,
    }
}
