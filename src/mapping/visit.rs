//! Appointment → wanted HubSpot appointment; and the properties of a deal by word.

use std::collections::BTreeMap;

use chrono_tz::Tz;

use crate::domain::{Appointment, LocalTime, Object, Settled, Wanted, practice_utc};

use super::contact::transformed;
use super::index::Mapping;
use super::notice::Notice;
use super::tables::{Location, Unknown};
use super::words::SourceWord;

/// Returns the HubSpot appointment that an appointment should be, and what was noticed on the way.
///
/// Units: start and end are written in UTC, `zone` is the practice's. An end before the start is left out. Under `hold` a
/// template or state without a row leaves its property empty; the notice says so and the caller holds the record.
#[expect(clippy::wildcard_enum_match_arm, reason = "words of other objects never stand in these rows")]
#[must_use]
pub fn appointment(
    appointment: &Appointment,
    location: Option<&Location>,
    zone: Tz,
    mapping: &Mapping,
) -> (Wanted, Vec<Notice>) {
    let mut notices = Vec::new();
    let rows = mapping.properties(Object::Appointment);
    let mut wanted = Wanted { properties: Vec::with_capacity(rows.len()) };
    if location.is_none() {
        notices.push(Notice::UnknownLocation);
    }
    if !matches!(practice_utc(appointment.start.0, zone), Settled::Exact(_)) {
        notices.push(Notice::ClockChange);
    }
    // In the hour that March leaves out, the later of two times on the clock can be the earlier one.
    let instant = |at: LocalTime| practice_utc(at.0, zone).instant();
    let end = appointment.end.filter(|end| *end >= appointment.start && instant(*end) >= instant(appointment.start));
    if end.is_none() && appointment.end.is_some() {
        notices.push(Notice::EndBeforeStart);
    }
    let status = status(appointment, mapping, &mut notices);
    let template = template(appointment, mapping, &mut notices);
    for (word, row) in rows {
        let value = match word {
            SourceWord::AppointmentId => Some(appointment.id.as_str().to_owned()),
            SourceWord::AppointmentName => {
                Some(location.map_or_else(|| "Termin".to_owned(), |at| format!("Termin {}", at.name)))
            }
            SourceWord::AppointmentStart => Some(appointment.start.to_hubspot(zone)),
            SourceWord::AppointmentEnd => Some(end.map_or_else(String::new, |end| end.to_hubspot(zone))),
            SourceWord::AppointmentStatus => Some(status.to_owned()),
            SourceWord::AppointmentType => Some(template.to_owned()),
            SourceWord::AppointmentLocation => location.map(|at| at.hubspot_value.clone()),
            SourceWord::AppointmentChair => Some(appointment.chair.clone()),
            SourceWord::AppointmentPractitioner => Some(appointment.practitioner.clone()),
            _ => None,
        };
        if let Some(value) = value {
            wanted.set(&row.name, transformed(value, &row.transform), row.overwrite);
        }
    }
    (wanted, notices)
}

fn status(appointment: &Appointment, mapping: &Mapping, notices: &mut Vec<Notice>) -> &'static str {
    if !mapping.knows_confirmation(&appointment.confirmation) {
        notices.push(Notice::UnknownConfirmation(appointment.confirmation.clone()));
    }
    match mapping.state(&appointment.state, &appointment.confirmation) {
        Ok(state) => state.word(),
        Err(unknown) => {
            notices.push(Notice::UnknownStatus(unknown.0));
            ""
        }
    }
}

/// The template's own name, without a location's prefix; under `attach` and `ignore` the text as written.
fn template<'a>(appointment: &'a Appointment, mapping: &'a Mapping, notices: &mut Vec<Notice>) -> &'a str {
    if let Some(template) = mapping.template_of(appointment) {
        return &template.name;
    }
    notices.push(Notice::UnknownTemplate(appointment.template.clone()));
    match mapping.tables().unknown_template {
        Unknown::Hold => "",
        Unknown::Attach | Unknown::Ignore => &appointment.template,
    }
}

/// Values for the properties of a deal, by source word; a word that is missing is no opinion, an empty text clears.
pub type DealValues = BTreeMap<SourceWord, String>;

/// Returns the deal that `values` describe, under the names and owners of `eigenschaften.csv`.
#[must_use]
pub fn deal_wanted(values: &DealValues, mapping: &Mapping) -> Wanted {
    let rows = mapping.properties(Object::Deal);
    let mut wanted = Wanted { properties: Vec::with_capacity(rows.len()) };
    for (word, row) in rows {
        if let Some(value) = values.get(word) {
            wanted.set(&row.name, transformed(value.clone(), &row.transform), row.overwrite);
        }
    }
    wanted
}
