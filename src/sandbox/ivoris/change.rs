//! The practice goes on working: changes by script or by hand, while somebody reads.

use chrono::{DateTime, NaiveDateTime, Utc};
use serde::{Deserialize, Serialize};

use super::data::Data;
use super::record::{Appointment, Entry, Patient};

/// Something that happens in the practice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Change {
    /// A patient gets a file, at a place of the list (from 0) or at its end; a known one is replaced.
    PatientAdded {
        /// Who.
        patient: Box<Patient>,
        /// Where in the list.
        #[serde(default)]
        place: Option<usize>,
    },
    /// A patient's file goes.
    PatientRemoved {
        /// Who.
        id: String,
    },
    /// Two files become one: everything of `from` belongs to `into`, and `from` is gone.
    PatientsMerged {
        /// Who goes.
        from: String,
        /// Who stays.
        into: String,
    },
    /// An appointment is made, or a copy of one is filed.
    AppointmentAdded {
        /// Which.
        appointment: Box<Appointment>,
    },
    /// An appointment moves; the length stays.
    AppointmentMoved {
        /// Which.
        id: String,
        /// The new start, local.
        begin: NaiveDateTime,
        /// The new chair, if another one.
        #[serde(default)]
        chair: Option<String>,
    },
    /// An appointment gets another state: cancelled, taken back, completed, …
    AppointmentState {
        /// Which.
        id: String,
        /// The new state.
        state: String,
    },
    /// An appointment is gone without a trace.
    AppointmentDeleted {
        /// Which.
        id: String,
    },
    /// An appointment belongs to somebody else, or to nobody.
    AppointmentReparented {
        /// Which.
        id: String,
        /// Whose it is now.
        patient: Option<String>,
    },
    /// An entry is written, late or back-dated as its date says.
    EntryAdded {
        /// Which.
        entry: Box<Entry>,
    },
    /// An entry is gone.
    EntryRemoved {
        /// Which.
        id: String,
    },
}

impl Change {
    /// An appointment is cancelled.
    #[must_use]
    pub fn cancelled(id: &str) -> Self {
        Self::AppointmentState { id: id.to_owned(), state: "Cancelled".to_owned() }
    }

    /// A cancellation is taken back.
    #[must_use]
    pub fn uncancelled(id: &str) -> Self {
        Self::AppointmentState { id: id.to_owned(), state: "Planned".to_owned() }
    }

    /// Makes the change at a local time; `false` when what it is about is not there.
    pub(super) fn make(self, data: &mut Data, installation: &str, at: NaiveDateTime, deletion_changes: bool) -> bool {
        let Some(home) = data.installation_mut(installation) else { return false };
        let (touches, made) = match self {
            Self::PatientAdded { patient, place } => {
                home.insert_patient(*patient, place);
                (false, true)
            }
            Self::PatientRemoved { id } => (false, home.remove_patient(&id)),
            Self::PatientsMerged { from, into } => (true, home.merge_patients(&from, &into)),
            Self::AppointmentAdded { appointment } => {
                let modified = appointment.modified.or(Some(at));
                home.insert_appointment(Appointment { modified, ..*appointment });
                (true, true)
            }
            Self::AppointmentMoved { id, begin, chair } => {
                let made = home.edit_appointment(&id, |one| {
                    one.end = one.end.map(|end| begin + (end - one.begin));
                    one.begin = begin;
                    one.chair = chair.unwrap_or_else(|| std::mem::take(&mut one.chair));
                    one.modified = Some(at);
                });
                (true, made)
            }
            Self::AppointmentState { id, state } => {
                (true, home.edit_appointment(&id, |one| (one.state, one.modified) = (state, Some(at))))
            }
            Self::AppointmentDeleted { id } => (deletion_changes, home.calendar.remove(&id)),
            Self::AppointmentReparented { id, patient } => {
                (true, home.edit_appointment(&id, |one| (one.patient, one.modified) = (patient, Some(at))))
            }
            Self::EntryAdded { entry } => {
                home.insert_entry(*entry);
                (false, true)
            }
            Self::EntryRemoved { id } => (false, home.remove_entry(&id)),
        };
        if touches && made {
            home.calendar_changed = home.calendar_changed.max(at);
        }
        made
    }
}

/// When something happens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// At this time.
    At(DateTime<Utc>),
    /// Before the request that follows so many others, whichever they are and however they ended.
    AfterRequests(u64),
    /// Before the call that follows so many calls of this action in this installation.
    AfterCalls {
        /// Action (`AllPatients`).
        action: String,
        /// How many calls.
        calls: u64,
    },
}

/// A line of a script.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// When.
    pub when: When,
    /// In which installation.
    pub installation: String,
    /// What.
    pub change: Change,
}
