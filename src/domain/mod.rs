//! The words every room shares: ids, records as Ivoris knows them, money, time, and HubSpot's objects. Data only,
//! and how the words themselves are compared.
//!
//! German trade words that stay because they are exact: *Terminart* (appointment template), *Standort* (location),
//! *Behandlungsstuhl* (chair), *Mandant* (billing profile), `behandlungsstartdate` (first day of active treatment).

mod appointment;
mod crm;
mod entry;
mod fold;
mod ids;
mod money;
mod origin;
mod patient;
mod personal;
mod pricing;
mod row_at;
mod time;
mod wanted;

pub use appointment::{Appointment, AppointmentState, SourceIds};
pub use crm::{HubspotId, LinkKind, Object, Overwrite, Properties, PropertyName, StageKey, StageKind};
pub use entry::{EntriesRead, Entry};
pub use fold::{fold, fold_tight};
pub use ids::{
    AppointmentId, EntryId, IdError, InstanceKey, KeyHash, LocationKey, PatientId, PatientNumber, PatientRef, RunId,
    normalise_id,
};
pub use money::{Cents, MoneyError};
pub use origin::{Origin, Rejected};
pub use patient::{Gender, Patient};
pub use personal::Personal;
pub use pricing::{Lines, Pabg, Pricing};
pub use row_at::RowAt;
pub use time::{LocalTime, Settled, hubspot_instant, practice_utc};
pub use wanted::{Held, RuleId, Wanted, WantedProperty};

/// A record as it was read from Ivoris, of any of the three kinds.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub enum Record {
    /// A patient: one contact in HubSpot.
    Patient(Patient),
    /// An appointment: one HubSpot appointment, and perhaps a deal.
    Appointment(Appointment),
    /// A chart entry: revenue and category on a deal.
    Entry(Entry),
}

/// The three kinds of records, in the order in which they are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Patients.
    Patient = 1,
    /// Appointments.
    Appointment = 2,
    /// Chart entries.
    Entry = 3,
}

impl Kind {
    /// All kinds, in the order in which they are read and written.
    pub const ALL: [Self; 3] = [Self::Patient, Self::Appointment, Self::Entry];

    /// The plural word for tables, queues and summaries.
    #[must_use]
    pub const fn plural(self) -> &'static str {
        match self {
            Self::Patient => "patients",
            Self::Appointment => "appointments",
            Self::Entry => "entries",
        }
    }

    /// The letter in front of a pseudonym: `P:`, `A:`, `E:`.
    #[must_use]
    pub const fn letter(self) -> char {
        match self {
            Self::Patient => 'P',
            Self::Appointment => 'A',
            Self::Entry => 'E',
        }
    }
}

impl Record {
    /// Which of the three kinds this is.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Patient(_) => Kind::Patient,
            Self::Appointment(_) => Kind::Appointment,
            Self::Entry(_) => Kind::Entry,
        }
    }
}
