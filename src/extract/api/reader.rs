//! Reads one installation unit by unit: a slice of the calendar, a page of patients, a chart, a single record.

use std::collections::BTreeSet;

use chrono::Days;
use serde_json::Value;
use tokio::sync::Mutex;

use crate::domain::{Appointment, AppointmentId, Patient, PatientId, Record};
use crate::extract::Row;
use crate::extract::lines::Lines;
use crate::ivoris::wire::{self};
use crate::ivoris::{Ask, Client, EntrySource, Error, Route};

use super::chart::{Line, List, Sides, merge};
use super::directory::Directory;
use super::pages::Pages;
use super::record::{Ground, Place};
use super::slices::Span;

/// So long before a slice no practice system has an appointment: 60 years.
const LONG_AGO: Days = Days::new(21_915);

/// One installation, ready to be read.
pub struct Reader {
    client: Client,
    ground: Ground,
    names: Mutex<Directory>,
}

/// A slice of the calendar as it was answered.
#[derive(Debug, Default)]
pub struct Slice {
    /// Rows that lie in the slice, and those that are no records.
    pub rows: Vec<Row>,
    /// Rows on other days; they are dropped.
    pub outside: u64,
    /// The server does not look at days: what it answered is everything.
    pub everything: bool,
}

/// What a chart that could not be read whole has brought so far.
#[derive(Debug, Default)]
pub struct HalfRead(Option<Vec<Value>>);

/// A record that was asked for by its id.
#[derive(Debug)]
pub enum Single {
    /// It is there.
    Found(Row),
    /// The installation says that it is not there.
    Gone,
    /// Nobody can say.
    Unknown,
}

impl Reader {
    /// Reads `client`'s installation with these names.
    #[must_use]
    pub fn new(client: Client, ground: Ground, names: Directory) -> Self {
        Self { client, ground, names: Mutex::new(names) }
    }

    /// The client.
    #[must_use]
    pub const fn client(&self) -> &Client {
        &self.client
    }

    /// What its records are read with.
    #[must_use]
    pub const fn ground(&self) -> &Ground {
        &self.ground
    }

    /// Appointments on the days of `span`; of one legal unit, if given.
    ///
    /// # Errors
    /// [`Error`] when the answer cannot be had whole.
    pub async fn appointments(&self, span: Span, mandant: Option<&str>) -> Result<Slice, Error> {
        let mut ask = Ask::new().days(span.from, span.to);
        if let Some(mandant) = mandant {
            ask = ask.mandant(mandant);
        }
        let pages = Pages::read(&self.client, Route::AllAppointments, &ask).await?;
        let place = Place::new(&format!("{} AllAppointments {}..{}", self.ground.instance, span.from, span.to));
        let mut slice = Slice::default();
        let (mut far, mut read) = (0_u64, 0_u64);
        for (at, value) in pages.values().enumerate() {
            let row = self.appointment(&place, at + 1, value).await?;
            read += 1;
            if let Row::Record(record, _) = &row
                && let Record::Appointment(one) = &**record
                && !span.holds(one.start.day())
            {
                slice.outside += 1;
                let away = (one.start.day() - span.to).num_days().max((span.from - one.start.day()).num_days());
                far += u64::from(away > 1);
            }
            slice.rows.push(row);
        }
        // A day too much at either end is another reading of "until"; a calendar of other weeks is no reading at all.
        // One stray row is neither: the server shows on days that nobody works on whether it looks at them.
        slice.everything = far > 0 && far * 2 >= read && self.ignores_days(span, ask).await?;
        if !slice.everything {
            slice.rows.retain(|row| day_of(row).is_none_or(|day| span.holds(day)));
        }
        Ok(slice)
    }

    /// Whether the server has appointments on other days of another time, too.
    async fn ignores_days(&self, span: Span, ask: Ask) -> Result<bool, Error> {
        if self.client.learned().route(Route::AllAppointments.name()).ignores_days == Some(true) {
            return Ok(true);
        }
        let [Some(from), Some(to)] = [span.from, span.to].map(|day| day.checked_sub_days(LONG_AGO)) else {
            return Ok(false);
        };
        match Pages::first(&self.client, Route::AllAppointments, &ask.days(from, to)).await {
            Ok(values) => Ok(!values.is_empty()),
            // Then each slice is asked for by itself, which loses nothing.
            Err(Error::Missing { .. } | Error::BadRequest { .. } | Error::Gone { .. } | Error::Unreadable { .. }) => {
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    async fn appointment(&self, place: &Place, at: usize, value: &Value) -> Result<Row, Error> {
        let read = match wire::Appointment::decode(self.client.profile(), value) {
            Err(flaw) => Err(flaw.to_string()),
            Ok(raw) => {
                let mut names = self.names.lock().await;
                names.complete(&self.client, &raw).await?;
                self.ground.appointment(&raw, &names).map(Record::Appointment)
            }
        };
        Ok(place.row(at, read))
    }

    /// One page of all patients; empty = there are no more.
    ///
    /// # Errors
    /// [`Error`] when the page cannot be had whole.
    pub async fn patients(&self, page: u32, mandant: Option<&str>) -> Result<Vec<Row>, Error> {
        let mut ask = Ask::new().page(page);
        if let Some(mandant) = mandant {
            ask = ask.mandant(mandant);
        }
        let values = self.client.list(Route::AllPatients, &ask).await?;
        let place = Place::new(&format!("{} AllPatients page {page}", self.ground.instance));
        let row = |(at, value): (usize, &Value)| {
            place.row(at + 1, self.ground.patient(self.client.profile(), value).map(Record::Patient))
        };
        Ok(values.iter().enumerate().map(row).collect())
    }

    /// One patient by its key.
    ///
    /// # Errors
    /// [`Error`] when the installation does not answer.
    pub async fn patient(&self, key: &PatientId) -> Result<Single, Error> {
        let Some(id) = self.id_of(key.as_str()) else { return Ok(Single::Unknown) };
        let place = Place::new(&format!("{} Patient", self.ground.instance));
        match self.client.single(Route::Patient, &Ask::new().id(&id)).await {
            Ok(Some(value)) => {
                let read = self.ground.patient(self.client.profile(), &value);
                // Another patient than the one that was asked for is no answer.
                if read.as_ref().is_ok_and(|patient: &Patient| patient.id != *key) {
                    return Ok(Single::Unknown);
                }
                Ok(Single::Found(place.row(1, read.map(Record::Patient))))
            }
            Ok(None) => Ok(Single::Gone),
            Err(Error::Missing { .. } | Error::BadRequest { .. }) => Ok(Single::Unknown),
            Err(error) => Err(error),
        }
    }

    /// One appointment by its key; where single appointments are not offered, in the list of its patient.
    ///
    /// # Errors
    /// [`Error`] when the installation does not answer.
    pub async fn single_appointment(&self, key: &AppointmentId, patient: Option<&PatientId>) -> Result<Single, Error> {
        let Some(id) = self.id_of(key.as_str()) else { return Ok(Single::Unknown) };
        let place = Place::new(&format!("{} Appointment", self.ground.instance));
        match self.client.single(Route::Appointment, &Ask::new().id(&id)).await {
            Ok(Some(value)) => {
                let row = self.appointment(&place, 1, &value).await?;
                let same = appointment_in(&row).is_none_or(|one| one.id == *key);
                return Ok(if same { Single::Found(row) } else { Single::Unknown });
            }
            Ok(None) => return Ok(Single::Gone),
            Err(Error::Missing { .. } | Error::BadRequest { .. }) => {}
            Err(error) => return Err(error),
        }
        let Some(patient) = patient else { return Ok(Single::Unknown) };
        let Some(rows) = self.appointments_of(patient).await? else { return Ok(Single::Unknown) };
        let found = rows.into_iter().find(|row| appointment_in(row).is_some_and(|one| one.id == *key));
        Ok(found.map_or(Single::Gone, Single::Found))
    }

    /// All appointments of one patient; `None` when the installation does not offer such lists or does not know the patient.
    ///
    /// # Errors
    /// [`Error`] when the installation does not answer.
    pub async fn appointments_of(&self, patient: &PatientId) -> Result<Option<Vec<Row>>, Error> {
        let Some(id) = self.id_of(patient.as_str()) else { return Ok(None) };
        let values = match self.client.list(Route::PatientAllAppointments, &Ask::new().patient(&id)).await {
            Ok(values) => values,
            Err(Error::Missing { .. } | Error::BadRequest { .. } | Error::Gone { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        let place = Place::new(&format!("{} Patient/AllAppointments", self.ground.instance));
        let mut rows = Vec::with_capacity(values.len());
        for (at, value) in values.iter().enumerate() {
            rows.push(self.appointment(&place, at + 1, value).await?);
        }
        Ok(Some(rows))
    }

    /// The chart of one patient under one profile, from both lists or the one that the profile names; on the days of
    /// `span`, if given. `None`: neither list is offered, or the patient is not known. A list that came stays in `half`, and
    /// is not asked for again when the other one failed.
    ///
    /// # Errors
    /// [`Error`] when a list that is offered cannot be had whole.
    pub async fn chart(
        &self,
        patient: &PatientId,
        profile: &str,
        span: Option<Span>,
        half: &mut HalfRead,
    ) -> Result<Option<(Vec<Row>, Sides)>, Error> {
        let Some(id) = self.id_of(patient.as_str()) else { return Ok(None) };
        let mut ask = Ask::new().patient(&id);
        if !profile.is_empty() {
            ask = ask.profile(profile);
        }
        if let Some(span) = span {
            ask = ask.days(span.from, span.to);
        }
        let source = self.client.profile().documentation;
        if half.0.is_none() && source != EntrySource::DocumentEntries {
            half.0 = self.entries(Route::Entries, &ask).await?;
        }
        let documents =
            if source == EntrySource::Entries { None } else { self.entries(Route::DocumentEntries, &ask).await? };
        let entries = half.0.take();
        if entries.is_none() && documents.is_none() {
            return Ok(None);
        }
        let names = self.names.lock().await;
        let mut flawed = Vec::new();
        let mut lines_of = |list: List, values: Vec<Value>| -> Vec<Line> {
            let place = Place::new(&format!("{} {}", self.ground.instance, word(list)));
            let mut lines = Vec::with_capacity(values.len());
            for (at, value) in values.iter().enumerate() {
                match self.ground.line(self.client.profile(), value, &names, (patient, profile)) {
                    Ok(line) => lines.push(line),
                    Err(reason) => flawed.push(place.row(at + 1, Err(reason))),
                }
            }
            lines
        };
        let entries = lines_of(List::Entries, entries.unwrap_or_default());
        let documents = lines_of(List::DocumentEntries, documents.unwrap_or_default());
        let mut keys = Lines::new(self.ground.line_key);
        let (merged, sides) = merge(entries, documents, &mut keys);
        let places = [List::Entries, List::DocumentEntries]
            .map(|list| Place::new(&format!("{} {}", self.ground.instance, word(list))));
        let mut rows = flawed;
        for (at, (line, list)) in merged.into_iter().enumerate() {
            let mut entry = line.entry;
            let key = if entry.id.as_str().is_empty() {
                keys.key(&entry, &line.tooth, &self.ground.prefix).map_err(|error| error.to_string())
            } else {
                Ok(entry.id.clone())
            };
            let [here, there] = &places;
            let place = if list == List::Entries { here } else { there };
            rows.push(place.row(
                at + 1,
                key.map(|key| {
                    entry.id = key;
                    Record::Entry(entry)
                }),
            ));
        }
        Ok(Some((rows, sides)))
    }

    async fn entries(&self, route: Route, ask: &Ask) -> Result<Option<Vec<Value>>, Error> {
        match self.client.list(route, ask).await {
            Ok(values) => Ok(Some(values)),
            Err(Error::Missing { .. } | Error::BadRequest { .. } | Error::Gone { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether the key of a patient holds the id that Ivoris knows it by.
    #[must_use]
    pub fn names_an_id(&self, key: &PatientId) -> bool {
        self.id_of(key.as_str()).is_some()
    }

    /// The Ivoris id in a key of this installation; `None` for keys that are no ids (`nr-…`) or of another installation.
    fn id_of(&self, key: &str) -> Option<String> {
        let id = key.strip_prefix(self.ground.prefix.as_str())?;
        (!id.starts_with("nr-")).then(|| id.to_owned())
    }
}

const fn word(list: List) -> &'static str {
    match list {
        List::Entries => "Entries",
        List::DocumentEntries => "DocumentEntries",
    }
}

fn appointment_in(row: &Row) -> Option<&Appointment> {
    match row {
        Row::Record(record, _) => match &**record {
            Record::Appointment(one) => Some(one),
            Record::Patient(_) | Record::Entry(_) => None,
        },
        Row::Rejected(_) => None,
    }
}

fn day_of(row: &Row) -> Option<chrono::NaiveDate> {
    appointment_in(row).map(|one| one.start.day())
}

/// The patients that appointments name.
#[must_use]
pub fn named_patients<'r>(rows: impl IntoIterator<Item = &'r Record>) -> BTreeSet<PatientId> {
    let patient = |record: &Record| match record {
        Record::Appointment(one) => match &one.patient {
            crate::domain::PatientRef::Id(id) => Some(id.clone()),
            crate::domain::PatientRef::Number(_) | crate::domain::PatientRef::Nobody => None,
        },
        Record::Patient(_) | Record::Entry(_) => None,
    };
    rows.into_iter().filter_map(patient).collect()
}
