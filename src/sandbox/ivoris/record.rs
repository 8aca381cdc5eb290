//! What a practice holds: patients, appointments, chart entries, in the words of the API.

use std::fmt;

use chrono::{NaiveDate, NaiveDateTime};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::domain::Cents;

/// A billing profile ("Mandant") of an installation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// What Documentation routes ask for.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What Patient routes ask for.
    pub mandant: u32,
}

/// A patient; an empty text is no value.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Patient {
    /// UUID in lower case.
    pub id: String,
    /// `HumanReadableId`.
    pub number: String,
    /// First name.
    pub first: String,
    /// Last name.
    pub last: String,
    /// Date of birth.
    pub birthday: Option<NaiveDate>,
    /// `Male`, `Female`, …
    pub gender: String,
    /// E-mail field as typed.
    pub email: String,
    /// Landline as typed.
    pub phone: String,
    /// Mobile as typed.
    pub mobile: String,
    /// Street and number.
    pub street: String,
    /// Postal code.
    pub zip: String,
    /// Town.
    pub city: String,
    /// `D`, …
    pub country: String,
    /// `HealthInsurance`: `Statutory`, `Private`.
    pub insurance: String,
    /// `InsuranceStatus`: `Family`, `Statutory`, `Private`.
    pub insurance_status: String,
    /// `InsuranceNumber`.
    pub insurance_number: String,
    /// Name of the policy holder.
    pub insurant: String,
    /// `OrthodontistStage`.
    pub stage: String,
    /// Name of who treats.
    pub practitioner: String,
    /// `mandantIndex`.
    pub mandant: u32,
}

/// An appointment, or one of several copies of it. Times are local.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Appointment {
    /// UUID in lower case.
    pub id: String,
    /// Whose it is, if anybody's.
    pub patient: Option<String>,
    /// Start.
    pub begin: NaiveDateTime,
    /// End; may lie before the start.
    pub end: Option<NaiveDateTime>,
    /// Name of the template; empty = none.
    pub template: String,
    /// Name of the chair; empty = none.
    pub chair: String,
    /// Name of the practitioner; empty = none.
    pub practitioner: String,
    /// `State`, in the API's words where it has one.
    pub state: String,
    /// `ConfirmationState`.
    pub confirmation: String,
    /// Comment.
    pub comment: String,
    /// Booked online.
    pub online: bool,
    /// Mandant whose calendar it stands in.
    pub mandant: u32,
    /// When it was made.
    pub created: Option<NaiveDateTime>,
    /// When it was last changed.
    pub modified: Option<NaiveDateTime>,
    /// Belongs to somebody who has no file: `UnknownPatient` is filled.
    pub caller: bool,
    /// Template, chair and practitioner stand in no list.
    pub unlisted: bool,
}

/// A chart entry.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Entry {
    /// UUID in lower case.
    pub id: String,
    /// Whose chart it stands in.
    pub patient: String,
    /// Mandant whose chart it stands in.
    pub mandant: u32,
    /// Day of treatment.
    pub date: NaiveDate,
    /// `Type`.
    pub kind: String,
    /// `Tooth`.
    pub tooth: String,
    /// `Text`.
    pub text: String,
    /// Name of the practitioner; empty = none.
    pub practitioner: String,
    /// Fee schedule (`FeeSchedule`): BEMA, GOZ, GOÄ.
    pub schedule: String,
    /// Fee code.
    pub code: String,
    /// How often.
    pub count: Option<Decimal>,
    /// Factor.
    pub factor: Option<Decimal>,
    /// Amount of the line.
    pub amount: Option<Cents>,
}

impl Default for Entry {
    fn default() -> Self {
        Self {
            id: String::new(),
            patient: String::new(),
            mandant: 1,
            date: NaiveDate::default(),
            kind: String::new(),
            tooth: String::new(),
            text: String::new(),
            practitioner: String::new(),
            schedule: String::new(),
            code: String::new(),
            count: None,
            factor: None,
            amount: None,
        }
    }
}

/// Records are about people: their `Debug` tells the kind only.
macro_rules! hidden {
    ($($name:ident)*) => {
        $(impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "([redacted])"))
            }
        })*
    };
}

hidden!(Patient Appointment Entry);
