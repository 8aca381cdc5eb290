//! Selection: nothing leaves without a rule. Which patients and appointments are taken at all.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::domain::{Appointment, LocationKey, Patient};

/// What to do with patients under eighteen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Minors {
    /// Taken like everybody.
    Include,
    /// Left out.
    Skip,
}

/// The rules of `[select]`.
#[derive(Clone, Debug)]
pub struct Selection {
    /// Appointments from this day on; `None` = all.
    pub appointments_from: Option<NaiveDate>,
    /// Only these locations; `None` = all.
    pub locations: Option<BTreeSet<LocationKey>>,
    /// Patients under eighteen.
    pub minors: Minors,
    /// The day of the run, on which age is counted.
    pub today: NaiveDate,
}

impl Selection {
    /// Everybody, as in the sandbox.
    #[must_use]
    pub const fn everything(today: NaiveDate) -> Self {
        Self { appointments_from: None, locations: None, minors: Minors::Include, today }
    }

    /// Why a patient is left out, if so.
    #[must_use]
    pub fn leaves_out_patient(&self, patient: &Patient, location: Option<&LocationKey>) -> Option<&'static str> {
        if patient.deleted {
            return Some("deleted in Ivoris");
        }
        if self.minors == Minors::Skip && patient.is_adult(self.today) != Some(true) {
            return Some("under eighteen or without birthday ([select] minors = \"skip\")");
        }
        self.other_location(location)
    }

    /// Why an appointment is left out, if so.
    #[must_use]
    pub fn leaves_out_appointment(
        &self,
        appointment: &Appointment,
        location: Option<&LocationKey>,
    ) -> Option<&'static str> {
        if self.appointments_from.is_some_and(|from| appointment.start.day() < from) {
            return Some("before [select] appointments.from");
        }
        self.other_location(location)
    }

    fn other_location(&self, location: Option<&LocationKey>) -> Option<&'static str> {
        let wanted = self.locations.as_ref()?;
        let outside = location.is_none_or(|location| !wanted.contains(location));
        outside.then_some("location not in [select]")
    }
}
