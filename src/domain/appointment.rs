//! An appointment as Ivoris knows it, and where it stands.

use chrono::{NaiveDate, NaiveDateTime};
use serde::{Deserialize, Serialize};

use super::{AppointmentId, InstanceKey, LocalTime, PatientRef};

/// One appointment record; the comment is not read at all.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Appointment {
    /// Key of the appointment, of the HubSpot appointment, and of the deal it opens.
    pub id: AppointmentId,
    /// The installation it comes from.
    pub instance: InstanceKey,
    /// Whose appointment it is.
    pub patient: PatientRef,
    /// Start in practice time.
    pub start: LocalTime,
    /// End in practice time, if given; may lie before the start (a dirty case that mapping lists).
    pub end: Option<LocalTime>,
    /// `Terminart` as written; empty if none.
    pub template: String,
    /// `Behandlungsstuhl` as written; empty if none.
    pub chair: String,
    /// `Behandler` as written; empty if none.
    pub practitioner: String,
    /// `Standort` as written, if the source names one.
    pub location: Option<String>,
    /// `Status` as written; `mappings/status.csv` says what it means.
    pub state: String,
    /// `Bestätigung` as written; `mappings/status.csv` says what it means.
    pub confirmation: String,
    /// Day it was made.
    pub created: Option<NaiveDate>,
    /// When Ivoris last changed it, practice time.
    pub changed: Option<NaiveDateTime>,
    /// Ids behind the names, if the source gives them.
    #[serde(default, skip_serializing_if = "SourceIds::is_empty")]
    pub ids: SourceIds,
}

/// Ids of what an appointment names: a name can change, its id does not. CSV exports have none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceIds {
    /// Id of the template (`Terminart`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<String>,
    /// Id of the chair.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chair: Option<String>,
    /// Id of the practitioner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub practitioner: Option<String>,
    /// Id or index of the profile (`Mandant`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
}

impl SourceIds {
    /// Whether none is given.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        let Self { template, chair, practitioner, profile } = self;
        template.is_none() && chair.is_none() && practitioner.is_none() && profile.is_none()
    }
}

/// Where an appointment stands, in our words (`domain.md` 1.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AppointmentState {
    /// geplant, terminiert
    Booked,
    /// bestätigt
    Confirmed,
    /// angemeldet, im Wartezimmer
    Arrived,
    /// in Behandlung
    InTreatment,
    /// fertig, wahrgenommen
    Completed,
    /// abgesagt, storniert
    Cancelled,
    /// nicht erschienen
    NoShow,
    /// geklärt: resolved without treatment
    Clarified,
    /// verschoben, replaced by another id
    Moved,
    /// gone from Ivoris
    Deleted,
}

impl AppointmentState {
    /// All states, in the order of a visit.
    pub const ALL: [Self; 10] = [
        Self::Booked,
        Self::Confirmed,
        Self::Arrived,
        Self::InTreatment,
        Self::Completed,
        Self::Cancelled,
        Self::NoShow,
        Self::Clarified,
        Self::Moved,
        Self::Deleted,
    ];

    /// The word in `mappings/status.csv`, `mappings/regeln.csv` and HubSpot's option values.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Booked => "booked",
            Self::Confirmed => "confirmed",
            Self::Arrived => "arrived",
            Self::InTreatment => "in_treatment",
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
            Self::NoShow => "no_show",
            Self::Clarified => "clarified",
            Self::Moved => "moved",
            Self::Deleted => "deleted",
        }
    }

    /// The state that `word` names.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }

    /// Booked up to in treatment: the visit may still happen.
    #[must_use]
    pub const fn is_active(self) -> bool {
        matches!(self, Self::Booked | Self::Confirmed | Self::Arrived | Self::InTreatment)
    }
}
