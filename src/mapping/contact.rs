//! Patient → wanted contact.

use crate::domain::{Object, Patient, Wanted};

use super::email::{Email, EmailRole, email};
use super::index::Mapping;
use super::notice::Notice;
use super::phone::{Phone, Region, phone};
use super::tables::{Location, PropertyRow};
use super::words::SourceWord;

/// Returns the contact that a patient should be, and what was noticed on the way.
///
/// `latest` is the location of the patient's latest appointment; it counts when the patient has none of its own. An empty
/// value means that Ivoris has none; a value that cannot be read (a phone that is none) is left out, so that what HubSpot
/// has stays. `num_open_deal` is not part of it.
#[expect(clippy::wildcard_enum_match_arm, reason = "words of other objects never stand in these rows")]
#[must_use]
pub fn contact(
    patient: &Patient,
    role: EmailRole,
    latest: Option<&Location>,
    mapping: &Mapping,
) -> (Wanted, Vec<Notice>) {
    let mut notices = Vec::new();
    let address = match email(patient.email.expose()) {
        Email::Valid { address, more } => {
            if more {
                notices.push(Notice::SeveralEmails);
            }
            if role == EmailRole::Shared {
                notices.push(Notice::SharedEmail);
            }
            address
        }
        Email::Empty => String::new(),
        Email::Invalid => {
            notices.push(Notice::InvalidEmail);
            String::new()
        }
    };
    let rows = mapping.properties(Object::Contact);
    let mut wanted = Wanted { properties: Vec::with_capacity(rows.len()) };
    for (word, row) in rows {
        let value = match word {
            SourceWord::PatientId => Some(patient.id.as_str().to_owned()),
            SourceWord::PatientFirstName => Some(patient.first_name.expose().to_owned()),
            SourceWord::PatientLastName => Some(patient.last_name.expose().to_owned()),
            SourceWord::PatientEmail if role == EmailRole::Owner => Some(address.clone()),
            SourceWord::PatientEmail => Some(String::new()),
            SourceWord::PatientIvorisEmail => Some(address.clone()),
            SourceWord::PatientPhone => number(patient.phone.expose(), row, Notice::InvalidPhone, &mut notices),
            SourceWord::PatientMobile => number(patient.mobile.expose(), row, Notice::InvalidMobile, &mut notices),
            SourceWord::PatientLocation => place(patient, latest, mapping, &mut notices),
            _ => None,
        };
        if let Some(value) = value {
            wanted.set(&row.name, transformed(value, &row.transform), row.overwrite);
        }
    }
    (wanted, notices)
}

fn number(raw: &str, row: &PropertyRow, invalid: Notice, notices: &mut Vec<Notice>) -> Option<String> {
    match phone(raw, Region::from_transform(&row.transform)) {
        Phone::Empty => Some(String::new()),
        Phone::Valid(number) => Some(number),
        Phone::Invalid => {
            notices.push(invalid);
            None
        }
    }
}

/// A location that cannot be resolved is no opinion: it must not clear what an earlier run knew.
fn place(patient: &Patient, latest: Option<&Location>, mapping: &Mapping, notices: &mut Vec<Notice>) -> Option<String> {
    let own = mapping.location_of_patient(patient).or(latest).or_else(|| mapping.only_location_of(&patient.instance));
    if own.is_none() {
        notices.push(Notice::UnknownLocation);
    }
    own.map(|location| location.hubspot_value.clone())
}

/// A value after the `transform` of its row; phones and money have their form already.
pub(super) fn transformed(value: String, transform: &str) -> String {
    match transform {
        "trim" if value.trim().len() != value.len() => value.trim().to_owned(),
        "lower" => value.to_lowercase(),
        _ => value,
    }
}
