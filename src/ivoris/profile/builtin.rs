//! The built-in profile: the tables of the fact sheet. Most of it is assumed; a profile file corrects it.

use std::collections::BTreeMap;

use super::super::route::{Param, Route, Thing};
use super::fields::{Fields, IGNORED};
use super::{DateFormat, EndDay, EntrySource, Paging, RouteProfile, RouteSpec};

pub(super) fn profile() -> RouteProfile {
    RouteProfile {
        routes: Route::ALL.into_iter().map(|route| (route, spec(route))).collect(),
        fields: Thing::ALL.iter().map(|thing| (*thing, fields(*thing))).collect(),
        documentation: EntrySource::Both,
    }
}

fn spec(route: Route) -> RouteSpec {
    let (path, params) = of(route);
    RouteSpec {
        path: path.to_owned(),
        params: params.iter().map(|(param, name)| (*param, (*name).to_owned())).collect::<BTreeMap<_, _>>(),
        date_format: if matches!(route, Route::LatestAppointments | Route::LatestProgressions) {
            DateFormat::DatetimeLocal
        } else {
            DateFormat::Date
        },
        paging: if matches!(route, Route::AllPatients | Route::AllAppointments) {
            Paging::ZeroBased
        } else {
            Paging::None
        },
        end: EndDay::Inclusive,
        enabled: true,
    }
}

const DAYS: &[(Param, &str)] = &[(Param::Begin, "begin"), (Param::End, "end")];
const ID: &[(Param, &str)] = &[(Param::Id, "id")];
const IN_PATH: &[(Param, &str)] = &[(Param::Patient, "patientId")];

/// Path and parameters. Source: `ivoris-api.md` sections 5 to 10.
fn of(route: Route) -> (&'static str, &'static [(Param, &'static str)]) {
    match route {
        Route::Ping => ("/About/v1/Ping", &[]),
        Route::IvorisVersion => ("/About/v1/IvorisVersion", &[]),
        Route::CustomerId => ("/About/v1/CustomerId", &[]),
        Route::Documentation => ("/About/v1/Documentation", &[]),
        Route::Webservices => ("/About/v1/Webservices", &[]),
        Route::Profiles => ("/Profile/v1/Profiles", &[]),
        Route::AllPatients => ("/Patient/v1/AllPatients", &[(Param::Page, "page"), (Param::Mandant, "mandantIndex")]),
        Route::Patients => (
            "/Patient/v1/Patients",
            &[
                (Param::Id, "id"),
                (Param::FirstName, "firstname"),
                (Param::LastName, "lastname"),
                (Param::Birthday, "birthday"),
                (Param::Phone, "phone"),
                (Param::Mobile, "mobile"),
                (Param::Email, "email"),
                (Param::Gender, "gender"),
                (Param::Mandant, "mandantIndex"),
            ],
        ),
        Route::Patient => ("/Patient/v1/Patient", &[(Param::Id, "id"), (Param::Mandant, "mandantIndex")]),
        Route::AllAppointments => (
            "/Appointment/v1/AllAppointments",
            &[(Param::Begin, "begin"), (Param::End, "end"), (Param::Page, "page"), (Param::Mandant, "mandantIndex")],
        ),
        Route::LatestAppointments => ("/Appointment/v1/LatestAppointments", &[(Param::Since, "since")]),
        Route::LatestAppointmentSystemChange => ("/Appointment/v1/LatestAppointmentSystemChange", &[]),
        Route::Appointment => ("/Appointment/v1/Appointment", ID),
        Route::PatientAllAppointments => ("/Appointment/v1/Patient/{patientId}/AllAppointments", IN_PATH),
        Route::PatientOnlineAppointments => ("/Appointment/v1/Patient/{patientId}/Appointments", IN_PATH),
        Route::PatientAppointments => (
            "/Appointment/v1/PatientAppointments",
            &[(Param::Patient, "patientId"), (Param::Begin, "begin"), (Param::End, "end")],
        ),
        Route::OnlineAppointments => ("/Appointment/v1/OnlineAppointments", DAYS),
        Route::AppointmentTemplates => ("/Appointment/v1/AppointmentTemplates", &[]),
        Route::AppointmentTemplate => ("/Appointment/v1/AppointmentTemplate", ID),
        Route::DentistChairs => ("/Appointment/v1/DentistChairs", &[]),
        Route::DentistChair => ("/Appointment/v1/DentistChair", ID),
        Route::PractitionerTimes => (
            "/Appointment/v1/PractitionerTimes",
            &[(Param::Practitioner, "practitionerId"), (Param::Begin, "begin"), (Param::End, "end")],
        ),
        Route::ActivePractitioners => ("/Practitioner/v1/ActivePractitioners", &[]),
        Route::AllPractitioners => ("/Practitioner/v1/AllPractitioners", &[]),
        Route::Practitioners => ("/Practitioner/v1/Practitioners", &[(Param::Id, "id"), (Param::LastName, "lastname")]),
        Route::Practitioner => ("/Practitioner/v1/Practitioner", ID),
        Route::LatestPractitionerSystemChange => ("/Practitioner/v1/LatestPractitionerSystemChange", &[]),
        Route::DocumentEntries => (
            "/Documentation/v1/DocumentEntries",
            &[
                (Param::Patient, "patientId"),
                (Param::Profile, "profileId"),
                (Param::Begin, "begin"),
                (Param::End, "end"),
            ],
        ),
        Route::Entries => (
            "/Documentation/v1/Entries",
            &[
                (Param::Patient, "patientId"),
                (Param::Profile, "profileId"),
                (Param::EntryType, "entryType"),
                (Param::Begin, "begin"),
                (Param::End, "end"),
            ],
        ),
        Route::Document => ("/Documentation/v1/Document", &[(Param::Id, "documentId")]),
        Route::Stations => ("/WaitingRoom/v1/Stations", &[]),
        Route::LatestProgressions => ("/WaitingRoom/v1/LatestProgressions", &[(Param::Since, "since")]),
        Route::WaitingRoomPatients => ("/WaitingRoom/v1/Patients", &[]),
        Route::LatestWaitingRoomSystemChange => ("/WaitingRoom/v1/LatestWaitingRoomSystemChange", &[]),
    }
}

fn fields(thing: Thing) -> Fields {
    let table: &[(&'static str, &[&str])] = match thing {
        Thing::Patient => PATIENT,
        Thing::Appointment => APPOINTMENT,
        Thing::Entry => ENTRY,
        Thing::Template => TEMPLATE,
        Thing::Chair => CHAIR,
        Thing::Practitioner => PRACTITIONER,
        Thing::Profile => PROFILE,
    };
    Fields(
        table
            .iter()
            .map(|(name, aliases)| (*name, aliases.iter().map(|alias| (*alias).to_owned()).collect()))
            .collect(),
    )
}

type Table = &'static [(&'static str, &'static [&'static str])];

/// Source: `ivoris-api.md` 7.2. The insurance number is known and never read.
const PATIENT: Table = &[
    ("id", &["Id"]),
    ("number", &["HumanReadableId"]),
    ("title", &["Title"]),
    ("first_name", &["Firstname"]),
    ("last_name", &["Lastname"]),
    ("birthday", &["Birthday"]),
    ("gender", &["Gender"]),
    ("email", &["Email"]),
    ("phone", &["Phone"]),
    ("mobile", &["Mobile"]),
    ("street", &["Address.Street", "Street"]),
    ("zip", &["Address.Zip", "Zip"]),
    ("city", &["Address.City", "City"]),
    ("country", &["Address.Country", "Country"]),
    ("health_insurance", &["HealthInsurance"]),
    ("insurance_status", &["CurrentInsurance.InsuranceStatus"]),
    ("insurant_first_name", &["CurrentInsurance.Insurant.Firstname"]),
    ("insurant_last_name", &["CurrentInsurance.Insurant.Lastname"]),
    ("stage", &["Treatment.OrthodontistStage"]),
    ("orthodontist", &["Treatment.OrthodontistPractitioner"]),
    ("dentist", &["Treatment.DentistPractitioner"]),
    ("mandant", &["mandantIndex"]),
    ("profile_id", &["ProfileId", "Profile.Id"]),
    ("created", &["CreatedAt"]),
    ("modified", &["ModifiedAt"]),
    (IGNORED, &["CurrentInsurance.InsuranceNumber", "CurrentInsurance.validFrom"]),
];

/// Source: `ivoris-api.md` 9.3. The comment is known and never read.
const APPOINTMENT: Table = &[
    ("id", &["Id", "AppointmentId"]),
    ("patient_id", &["PatientId", "Patient.Id"]),
    ("begin", &["Begin", "Start", "StartTime", "From"]),
    ("end", &["End", "EndTime", "To"]),
    ("date", &["Date"]),
    ("time", &["Time"]),
    ("duration", &["Duration"]),
    ("chair_id", &["DentistChairId", "DentistChair.Id", "ChairId"]),
    ("chair", &["DentistChair.Name"]),
    ("practitioner_id", &["PractitionerId", "Practitioner.Id"]),
    ("practitioner", &["Practitioner.Name", "Practitioner.ShortName"]),
    ("template_id", &["AppointmentTemplateId", "AppointmentTemplate.Id", "TemplateId"]),
    ("template", &["AppointmentTemplate.Name"]),
    ("profile_id", &["ProfileId", "Profile.Id"]),
    ("mandant", &["mandantIndex"]),
    ("state", &["State", "AppointmentState", "Status"]),
    ("confirmation", &["ConfirmationState", "Confirmation"]),
    ("online", &["IsOnlineAppointment"]),
    ("unknown_patient", &["UnknownPatient", "Firstname", "Lastname", "Phone", "Email", "Birthday"]),
    ("created", &["CreatedAt"]),
    ("modified", &["ModifiedAt"]),
    (IGNORED, &["Comment"]),
];

/// Source: `ivoris-api.md` 8.3.
const ENTRY: Table = &[
    ("id", &["Id", "EntryId"]),
    ("patient_id", &["PatientId", "Patient.Id"]),
    ("profile_id", &["ProfileId", "Profile.Id"]),
    ("date", &["Date"]),
    ("kind", &["Type"]),
    ("treatment", &["Treatment"]),
    ("tooth", &["Tooth"]),
    ("text", &["Text"]),
    ("document_id", &["DocumentId"]),
    ("practitioner_id", &["PractitionerId", "Practitioner.Id"]),
    ("appointment_id", &["AppointmentId", "Appointment.Id"]),
    ("schedule", &["FeeSchedule", "Schedule"]),
    ("code", &["Code"]),
    ("count", &["Count"]),
    ("factor", &["Factor"]),
    ("amount", &["Amount"]),
    ("created", &["CreatedAt"]),
    ("modified", &["ModifiedAt"]),
    (IGNORED, &[]),
];

/// Source: `ivoris-api.md` 9.1.
const TEMPLATE: Table =
    &[("id", &["Id"]), ("name", &["Name"]), ("duration", &["Duration"]), ("active", &["IsActive"]), (IGNORED, &[])];

/// Source: `ivoris-api.md` 9.1.
const CHAIR: Table = &[
    ("id", &["Id"]),
    ("name", &["Name"]),
    ("profile_id", &["ProfileId", "Profile.Id"]),
    ("active", &["IsActive"]),
    (IGNORED, &[]),
];

/// Source: `ivoris-api.md` section 10.
const PRACTITIONER: Table = &[
    ("id", &["Id"]),
    ("title", &["Title"]),
    ("first_name", &["Firstname"]),
    ("last_name", &["Lastname"]),
    ("short_name", &["ShortName"]),
    ("active", &["IsActive"]),
    (IGNORED, &[]),
];

/// Source: `ivoris-api.md` section 6.
const PROFILE: Table = &[("id", &["Id"]), ("name", &["Name"]), ("mandant", &["MandantIndex"]), (IGNORED, &[])];
