//! What Ivoris says → records of the domain. Required are the id and, for appointments and entries, the day; all else may
//! be missing or strange and never fails a record.

use std::sync::Arc;

use chrono::NaiveDate;
use chrono_tz::Tz;
use rust_decimal::Decimal;
use serde_json::Value;

use crate::domain::{
    Appointment, AppointmentId, Cents, Entry, EntryId, InstanceKey, LocalTime, Origin, Patient, PatientId,
    PatientNumber, PatientRef, Personal, Record, Rejected, SourceIds,
};
use crate::extract::Row;
use crate::extract::csv::value;
use crate::ivoris::wire::{self, Flaw};
use crate::ivoris::{Client, RouteProfile, Thing};

use super::chart::Line;
use super::directory::Directory;

/// What every record of one installation is read with. No `Debug`: it holds a key.
#[derive(Clone)]
pub struct Ground {
    /// The installation.
    pub instance: InstanceKey,
    /// Stands before its ids in keys.
    pub prefix: String,
    /// Its time zone.
    pub zone: Tz,
    /// The day of the run; later birthdays are unknown ones.
    pub today: NaiveDate,
    /// Key of the digests that stand for entries without id.
    pub line_key: [u8; 32],
}

impl Ground {
    /// Of the installation that `client` asks.
    #[must_use]
    pub fn of(client: &Client, today: NaiveDate, line_key: [u8; 32]) -> Self {
        let settings = client.settings();
        Self {
            instance: settings.instance.clone(),
            prefix: settings.prefix.clone(),
            zone: settings.zone,
            today,
            line_key,
        }
    }

    pub(super) fn patient_key(&self, id: &str) -> Option<PatientId> {
        PatientId::keyed(&self.prefix, id).ok()
    }

    /// A patient.
    pub(super) fn patient(&self, profile: &RouteProfile, value: &Value) -> Result<Patient, String> {
        let raw = wire::Patient::decode(profile, value).map_err(|flaw| flaw.to_string())?;
        let id = PatientId::keyed(&self.prefix, &raw.id).map_err(|error| error.to_string())?;
        let numbers = format!("{}:", self.instance);
        let country = text(raw.country);
        Ok(Patient {
            id,
            instance: self.instance.clone(),
            number: raw.number.and_then(|number| PatientNumber::keyed(&numbers, &number).ok()),
            title: personal(raw.title),
            first_name: personal(raw.first_name),
            last_name: personal(raw.last_name),
            birthday: raw.birthday.and_then(|day| self.birthday(&day)),
            gender: raw.gender.and_then(|word| value::gender(&word)),
            email: personal(raw.email),
            phone: personal(raw.phone),
            mobile: personal(raw.mobile),
            street: personal(raw.street),
            zip: Personal::new(value::zip(&text(raw.zip), &country)),
            city: personal(raw.city),
            country: Personal::new(country),
            insurance: personal(raw.health_insurance.or(raw.insurance_status)),
            location: None,
            profile: raw.mandant.or(raw.profile_id),
            practitioner: raw.orthodontist.or(raw.dentist).map(|name| value::clean(&name).into_owned()),
            created: raw.created.and_then(|day| wire::date(&day, self.zone)),
            deleted: false,
            known_as: None,
        })
    }

    /// Placeholders and days to come mean that it is unknown.
    fn birthday(&self, given: &str) -> Option<NaiveDate> {
        let day = wire::date(given, self.zone)?;
        value::birthday(&day.to_string(), self.today).ok().flatten()
    }

    /// An appointment.
    pub(super) fn appointment(&self, raw: &wire::Appointment, names: &Directory) -> Result<Appointment, String> {
        let id = AppointmentId::keyed(&self.prefix, &raw.id).map_err(|error| error.to_string())?;
        let start = raw.start(self.zone).map_err(|flaw| flaw.to_string())?;
        let patient = match &raw.patient_id {
            None => PatientRef::Nobody,
            Some(id) => {
                PatientRef::Id(PatientId::keyed(&self.prefix, id).map_err(|error| format!("patient: {error}"))?)
            }
        };
        let moment = |text: &Option<String>| text.as_deref().and_then(|text| wire::local_time(text, self.zone));
        Ok(Appointment {
            id,
            instance: self.instance.clone(),
            patient,
            start,
            // A length in a form nobody knows is no reason to lose the appointment.
            end: raw.finish(self.zone).ok().flatten(),
            template: value::clean(&names.template_of(raw)).into_owned(),
            chair: value::clean(&names.chair_of(raw)).into_owned(),
            practitioner: value::clean(&names.practitioner_of(raw)).into_owned(),
            location: None,
            state: text(raw.state.clone()),
            confirmation: text(raw.confirmation.clone()),
            created: moment(&raw.created).map(LocalTime::day),
            changed: moment(&raw.modified).map(|at| at.0),
            ids: SourceIds {
                template: raw.template_id.clone(),
                chair: raw.chair_id.clone(),
                practitioner: raw.practitioner_id.clone(),
                profile: raw.profile_id.clone().or_else(|| raw.mandant.clone()),
            },
        })
    }

    /// A line of a chart of `asked`; its id is empty when the server gives none.
    pub(super) fn line(
        &self,
        profile: &RouteProfile,
        value: &Value,
        names: &Directory,
        (asked, under): (&PatientId, &str),
    ) -> Result<Line, String> {
        let raw = wire::Entry::decode(profile, value).map_err(|flaw| flaw.to_string())?;
        let id = match &raw.id {
            None => EntryId::new(""),
            Some(id) => EntryId::keyed(&self.prefix, id).map_err(|error| error.to_string())?,
        };
        let day = raw.date.as_deref().ok_or(Flaw::Missing { thing: Thing::Entry, field: "date" });
        let day = day.map_err(|flaw| flaw.to_string())?;
        let date = wire::date(day, self.zone).ok_or(Flaw::Form { thing: Thing::Entry, field: "date" });
        let number = |text: &Option<String>| text.as_deref().and_then(wire::number);
        let patient = raw.patient_id.as_deref().and_then(|id| self.patient_key(id));
        let entry = Entry {
            id,
            instance: self.instance.clone(),
            patient: PatientRef::Id(patient.unwrap_or_else(|| asked.clone())),
            date: date.map_err(|flaw| flaw.to_string())?,
            practitioner: value::clean(&names.writer_of(&raw)).into_owned(),
            kind: text(raw.kind),
            schedule: text(raw.schedule),
            code: personal(raw.code),
            count: number(&raw.count).unwrap_or(Decimal::ONE),
            factor: number(&raw.factor),
            amount: number(&raw.amount).and_then(cents),
            text: personal(raw.text),
            profile: raw.profile_id.or_else(|| (!under.is_empty()).then(|| under.to_owned())),
        };
        Ok(Line { entry, tooth: raw.tooth.unwrap_or_default() })
    }
}

fn cents(amount: Decimal) -> Option<Cents> {
    Cents::from_euro(amount).ok()
}

fn personal(given: Option<String>) -> Personal {
    Personal::new(text(given))
}

fn text(given: Option<String>) -> String {
    given.map(|text| value::clean(&text).into_owned()).unwrap_or_default()
}

/// Where rows of one answer come from.
#[derive(Clone, Debug)]
pub(super) struct Place(Arc<str>);

impl Place {
    pub(super) fn new(name: &str) -> Self {
        Self(Arc::from(name))
    }

    /// The row at this place of the answer, from 1.
    pub(super) fn row(&self, at: usize, read: Result<Record, String>) -> Row {
        let origin = Origin { file: Arc::clone(&self.0), line: u64::try_from(at).unwrap_or(u64::MAX) };
        match read {
            Ok(record) => Row::Record(Box::new(record), origin),
            Err(reason) => Row::Rejected(Rejected { origin, column: None, header: None, reason }),
        }
    }
}
