//! A patient as Ivoris knows it.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{InstanceKey, PatientId, PatientNumber, Personal};

/// One patient record. The insurance number and free text are not read at all.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Patient {
    /// Key of the patient and of the contact.
    pub id: PatientId,
    /// The installation it comes from.
    pub instance: InstanceKey,
    /// `Pat.-Nr.`, if the source gives one.
    pub number: Option<PatientNumber>,
    /// Title such as "Dr."; empty if none.
    pub title: Personal,
    /// First name as written, NFC.
    pub first_name: Personal,
    /// Last name as written, NFC.
    pub last_name: Personal,
    /// Date of birth; `None` when missing or a placeholder such as 01.01.1900.
    pub birthday: Option<NaiveDate>,
    /// Gender, if known.
    pub gender: Option<Gender>,
    /// E-mail field as written; may hold none, a placeholder or two addresses.
    pub email: Personal,
    /// Landline as written.
    pub phone: Personal,
    /// Mobile as written.
    pub mobile: Personal,
    /// Street and number.
    pub street: Personal,
    /// Postal code, five digits where Germany is meant.
    pub zip: Personal,
    /// Town.
    pub city: Personal,
    /// Country as written; empty means Germany.
    pub country: Personal,
    /// Kind of insurance as written ("gesetzlich", "privat", …).
    pub insurance: Personal,
    /// `Standort` as written, if the source names one.
    pub location: Option<String>,
    /// `Mandant` (billing profile) as written, if the source names one.
    pub profile: Option<String>,
    /// Practitioner as written.
    pub practitioner: Option<String>,
    /// Day the file was opened in Ivoris.
    pub created: Option<NaiveDate>,
    /// Marked as deleted in Ivoris.
    pub deleted: bool,
    /// The id it has in Ivoris, when its key is a number (`nr-…`) that was written before the id was known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known_as: Option<PatientId>,
}

/// Gender as Ivoris knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Gender {
    /// weiblich
    Female,
    /// männlich
    Male,
    /// divers
    Diverse,
}

impl Patient {
    /// Whether the patient is at least eighteen years old on `day`; unknown without a birthday.
    #[must_use]
    pub fn is_adult(&self, day: NaiveDate) -> Option<bool> {
        self.birthday.map(|born| day.years_since(born).is_some_and(|years| years >= 18))
    }
}
