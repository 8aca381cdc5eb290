//! Appointment → wanted HubSpot appointment; and the properties of a deal by word.

use std::collections::BTreeMap;

use chrono_tz::Tz;

use crate::domain::{
    Appointment, AppointmentState, Object, PropertyName, Settled, Wanted, hubspot_instant, practice_utc,
};

use super::contact::transformed;
use super::index::Mapping;
use super::notice::Notice;
use super::states::{is_state_map, mapped};
use super::tables::{Location, Template, Unknown};
use super::words::SourceWord;

/// What the tables say of an appointment.
#[derive(Clone, Copy, Debug)]
pub struct Read<'m> {
    /// Its template; `None` = no row in `terminarten.csv`.
    pub template: Option<&'m Template>,
    /// Where it stands; `None` = no row in `status.csv`.
    pub state: Option<AppointmentState>,
    /// Where it takes place; `None` = unknown.
    pub location: Option<&'m Location>,
}

impl<'m> Read<'m> {
    /// Looks everything up.
    #[must_use]
    pub fn of(appointment: &Appointment, mapping: &'m Mapping) -> Self {
        Self {
            template: mapping.template_of(appointment),
            state: mapping.state(&appointment.state, &appointment.confirmation).ok(),
            location: mapping.location_of_appointment(appointment),
        }
    }
}

/// HubSpot's own properties that are never empty (`hubspot-api.md` 6.3).
const PIPELINE: [&str; 2] = ["hs_pipeline", "hs_pipeline_stage"];

/// Returns the HubSpot appointment that an appointment should be, and what was noticed on the way.
///
/// Units: start and end are written in UTC, `zone` is the practice's. An end before the start is left out. Under `hold` a
/// template or state without a row leaves its property empty; the notice says so and the caller holds the record.
#[expect(clippy::wildcard_enum_match_arm, reason = "words of other objects never stand in these rows")]
#[must_use]
pub fn appointment(appointment: &Appointment, read: Read<'_>, zone: Tz, mapping: &Mapping) -> (Wanted, Vec<Notice>) {
    let mut notices = Vec::new();
    let rows = mapping.properties_by_name(Object::Appointment);
    let mut wanted = Wanted { properties: Vec::with_capacity(rows.len()) };
    let location = read.location;
    if location.is_none() {
        notices.push(Notice::UnknownLocation);
    }
    let settled = practice_utc(appointment.start.0, zone);
    if !matches!(settled, Settled::Exact(_)) {
        notices.push(Notice::ClockChange);
    }
    let start = settled.instant();
    // In the hour that March leaves out, the later of two times on the clock can be the earlier one.
    let end = appointment.end.filter(|end| *end >= appointment.start);
    let end = end.map(|end| practice_utc(end.0, zone).instant()).filter(|end| *end >= start);
    if end.is_none() && appointment.end.is_some() {
        notices.push(Notice::EndBeforeStart);
    }
    let status = status(appointment, read.state, mapping, &mut notices);
    let template = template(appointment, read.template, mapping, &mut notices);
    for (word, row) in rows {
        let value = match word {
            SourceWord::AppointmentId => Some(appointment.id.as_str().to_owned()),
            SourceWord::AppointmentName => {
                Some(location.map_or_else(|| "Termin".to_owned(), |at| ["Termin ", &at.name].concat()))
            }
            SourceWord::AppointmentStart => Some(hubspot_instant(start)),
            SourceWord::AppointmentEnd => Some(end.map_or_else(String::new, hubspot_instant)),
            SourceWord::AppointmentStatus => state_of(status, &row.transform, &row.name),
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

/// A state in our word or in the portal's; one that is not known is nothing, and no pipeline takes nothing.
fn state_of(status: &str, transform: &str, name: &PropertyName) -> Option<String> {
    if !is_state_map(transform) {
        return Some(status.to_owned());
    }
    if status.is_empty() {
        return (!PIPELINE.contains(&name.as_str())).then(String::new);
    }
    mapped(transform, status).map(str::to_owned)
}

fn status(
    appointment: &Appointment,
    state: Option<AppointmentState>,
    mapping: &Mapping,
    notices: &mut Vec<Notice>,
) -> &'static str {
    if !mapping.knows_confirmation(&appointment.confirmation) {
        notices.push(Notice::UnknownConfirmation(appointment.confirmation.clone()));
    }
    let Some(state) = state else {
        notices.push(Notice::UnknownStatus(appointment.state.trim().to_owned()));
        return "";
    };
    state.word()
}

/// The template's own name, without a location's prefix; under `attach` and `ignore` the text as written.
fn template<'a>(
    appointment: &'a Appointment,
    template: Option<&'a Template>,
    mapping: &Mapping,
    notices: &mut Vec<Notice>,
) -> &'a str {
    if let Some(template) = template {
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
    let rows = mapping.properties_by_name(Object::Deal);
    let mut wanted = Wanted { properties: Vec::with_capacity(rows.len()) };
    for (word, row) in rows {
        if let Some(value) = values.get(word) {
            wanted.set(&row.name, transformed(value.clone(), &row.transform), row.overwrite);
        }
    }
    wanted
}
