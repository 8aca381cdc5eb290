//! The routes we read, and the words for what is asked and answered. Source: `ivoris-api.md` sections 5 to 10.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a route answers with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Anything; only that it answers counts.
    Sign,
    /// One text: a version, a number, a time.
    Text,
    /// A document of its own form.
    Document,
    /// One record.
    Single,
    /// Any number of records.
    List,
}

macro_rules! routes {
    ($($(#[$doc:meta])* $variant:ident $name:literal $shape:ident $thing:expr;)*) => {
        /// A route that is read.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Route {
            $($(#[$doc])* $variant,)*
        }

        impl Route {
            /// All routes, service by service.
            pub const ALL: [Self; 34] = [$(Self::$variant),*];

            /// The name in profiles, logs and counters: `all_appointments`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// What the route answers with.
            #[must_use]
            pub const fn shape(self) -> Shape {
                match self {
                    $(Self::$variant => Shape::$shape,)*
                }
            }

            /// Which records the route answers with, where we have a type for them.
            #[must_use]
            pub const fn thing(self) -> Option<Thing> {
                match self {
                    $(Self::$variant => $thing,)*
                }
            }
        }
    };
}

const PATIENT: Option<Thing> = Some(Thing::Patient);
const APPOINTMENT: Option<Thing> = Some(Thing::Appointment);
const ENTRY: Option<Thing> = Some(Thing::Entry);
const TEMPLATE: Option<Thing> = Some(Thing::Template);
const CHAIR: Option<Thing> = Some(Thing::Chair);
const PRACTITIONER: Option<Thing> = Some(Thing::Practitioner);
const PROFILE: Option<Thing> = Some(Thing::Profile);

routes! {
    /// Whether the server is there and takes our credentials.
    Ping "ping" Sign None;
    /// Version of Ivoris.
    IvorisVersion "ivoris_version" Text None;
    /// Number of the customer.
    CustomerId "customer_id" Text None;
    /// The live contract, an OpenAPI document.
    Documentation "documentation" Document None;
    /// Licensed services.
    Webservices "webservices" List None;
    /// Profiles (*Mandanten*).
    Profiles "profiles" List PROFILE;
    /// Every patient, in pages.
    AllPatients "all_patients" List PATIENT;
    /// Patients by search fields.
    Patients "patients" List PATIENT;
    /// One patient.
    Patient "patient" Single PATIENT;
    /// Appointments of a range of days.
    AllAppointments "all_appointments" List APPOINTMENT;
    /// Appointments changed lately; an accelerator, never the only source.
    LatestAppointments "latest_appointments" List APPOINTMENT;
    /// When the calendar changed last.
    LatestAppointmentSystemChange "latest_appointment_system_change" Text None;
    /// One appointment.
    Appointment "appointment" Single APPOINTMENT;
    /// All appointments of one patient.
    PatientAllAppointments "patient_all_appointments" List APPOINTMENT;
    /// Only the online bookings of one patient.
    PatientOnlineAppointments "patient_online_appointments" List APPOINTMENT;
    /// Appointments of one patient on a range of days.
    PatientAppointments "patient_appointments" List APPOINTMENT;
    /// Online bookings on a range of days.
    OnlineAppointments "online_appointments" List APPOINTMENT;
    /// Appointment types (*Terminarten*).
    AppointmentTemplates "appointment_templates" List TEMPLATE;
    /// One appointment type.
    AppointmentTemplate "appointment_template" Single TEMPLATE;
    /// Chairs (*Behandlungsstühle*).
    DentistChairs "dentist_chairs" List CHAIR;
    /// One chair.
    DentistChair "dentist_chair" Single CHAIR;
    /// When practitioners work.
    PractitionerTimes "practitioner_times" List None;
    /// Present practitioners.
    ActivePractitioners "active_practitioners" List PRACTITIONER;
    /// Practitioners, former ones included.
    AllPractitioners "all_practitioners" List PRACTITIONER;
    /// Practitioners by search fields.
    Practitioners "practitioners" List PRACTITIONER;
    /// One practitioner.
    Practitioner "practitioner" Single PRACTITIONER;
    /// When the list of practitioners changed last.
    LatestPractitionerSystemChange "latest_practitioner_system_change" Text None;
    /// Entries of one patient and profile; may be empty although there are entries.
    DocumentEntries "document_entries" List ENTRY;
    /// Entries of one patient and profile.
    Entries "entries" List ENTRY;
    /// One stored document.
    Document "document" Single None;
    /// Stations of the waiting room.
    Stations "stations" List None;
    /// Who came and went lately.
    LatestProgressions "latest_progressions" List None;
    /// Who waits now.
    WaitingRoomPatients "waiting_room_patients" List None;
    /// When the waiting room changed last.
    LatestWaitingRoomSystemChange "latest_waiting_room_system_change" Text None;
}

impl Route {
    /// Whether the route answers with any number of records.
    #[must_use]
    pub const fn is_list(self) -> bool {
        matches!(self.shape(), Shape::List)
    }

    /// Whether the route answers with one record.
    #[must_use]
    pub const fn is_single(self) -> bool {
        matches!(self.shape(), Shape::Single)
    }

    /// The route called `name`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|route| route.name() == name)
    }
}

/// The name.
impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

macro_rules! words {
    ($(#[$outer:meta])* $type:ident { $($(#[$doc:meta])* $variant:ident $name:literal,)* }) => {
        $(#[$outer])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $type {
            $($(#[$doc])* $variant,)*
        }

        impl $type {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The name in profiles.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// The one called `name`.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.name() == name)
            }
        }
    };
}

words! {
    /// Kinds of records that we have a type for.
    Thing {
        /// A patient.
        Patient "patient",
        /// An appointment.
        Appointment "appointment",
        /// A chart entry.
        Entry "entry",
        /// An appointment type (*Terminart*).
        Template "template",
        /// A chair (*Behandlungsstuhl*).
        Chair "chair",
        /// A practitioner (*Behandler*).
        Practitioner "practitioner",
        /// A profile (*Mandant*).
        Profile "profile",
    }
}

words! {
    /// What may be asked, in our words; a profile gives the server's.
    Param {
        /// Number of the page.
        Page "page",
        /// First day.
        Begin "begin",
        /// Last day.
        End "end",
        /// Changed since.
        Since "since",
        /// The record itself.
        Id "id",
        /// The patient of the records.
        Patient "patient",
        /// The profile of the records, a UUID.
        Profile "profile",
        /// The legal unit, a small number.
        Mandant "mandant",
        /// Type of entries.
        EntryType "entry_type",
        /// The practitioner of the records.
        Practitioner "practitioner",
        /// First name to search.
        FirstName "first_name",
        /// Last name to search.
        LastName "last_name",
        /// Birthday to search.
        Birthday "birthday",
        /// Landline to search.
        Phone "phone",
        /// Mobile to search.
        Mobile "mobile",
        /// E-mail to search.
        Email "email",
        /// Gender to search.
        Gender "gender",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_unique_and_lead_back() {
        assert!(Route::ALL.iter().all(|route| Route::from_name(route.name()) == Some(*route)));
        assert!(Param::ALL.iter().all(|param| Param::from_name(param.name()) == Some(*param)));
        assert!(Thing::ALL.iter().all(|thing| Thing::from_name(thing.name()) == Some(*thing)));
        assert_eq!(Route::ALL.iter().map(|route| route.name()).collect::<BTreeSet<_>>().len(), 34);
        assert!(Route::ALL.iter().all(|route| serde_json::to_value(route).expect("text") == route.name()));
    }
}
