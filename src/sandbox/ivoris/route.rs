//! The routes of `ivoris-openapi.json`: paths, parameters, what they give.

use super::names::Names;

/// A parameter of a route.
#[derive(Clone, Copy, Debug)]
pub(super) struct Param {
    pub(super) name: &'static str,
    pub(super) required: bool,
    /// Type and format in documents.
    pub(super) kind: (&'static str, &'static str),
}

/// What a route answers with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gives {
    /// An array of records of this schema.
    List(&'static str),
    /// One record of this schema.
    One(&'static str),
    /// A bare text.
    Text,
    /// The document of the routes.
    Document,
}

/// One route.
#[derive(Debug)]
pub(super) struct Spec {
    pub(super) route: Route,
    pub(super) path: &'static str,
    pub(super) operation: &'static str,
    pub(super) params: &'static [Param],
    pub(super) gives: Gives,
}

const fn text(name: &'static str) -> Param {
    Param { name, required: false, kind: ("string", "") }
}

const fn number(name: &'static str) -> Param {
    Param { name, required: false, kind: ("integer", "int32") }
}

const fn date(name: &'static str) -> Param {
    Param { name, required: false, kind: ("string", "date") }
}

const fn time(name: &'static str) -> Param {
    Param { name, required: false, kind: ("string", "date-time") }
}

const fn id(name: &'static str) -> Param {
    Param { name, required: true, kind: ("string", "uuid") }
}

const fn maybe(param: Param) -> Param {
    Param { required: false, ..param }
}

macro_rules! routes {
    ($($route:ident: $path:literal $operation:literal [$($param:expr),*] $gives:expr;)*) => {
        /// What can be asked for.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub(super) enum Route { $($route,)* }

        pub(super) const ROUTES: &[Spec] = &[$(Spec {
            route: Route::$route,
            path: $path,
            operation: $operation,
            params: &[$($param),*],
            gives: $gives,
        },)*];
    };
}

use Gives::{Document, List, One, Text};

routes! {
    Ping: "/About/v1/Ping" "Ping" [] Text;
    Version: "/About/v1/IvorisVersion" "GetIvorisVersion" [] Text;
    CustomerId: "/About/v1/CustomerId" "GetCustomerId" [] Text;
    Documentation: "/About/v1/Documentation" "GetAvailableWebservicesDocumentation" [] Document;
    Webservices: "/About/v1/Webservices" "GetAvailableWebservices" [] List("WebserviceInfo");
    Profiles: "/Profile/v1/Profiles" "GetProfiles" [] List("Profile");
    AllPatients: "/Patient/v1/AllPatients" "GetAllPatients" [number("page"), text("mandantIndex")] List("Patient");
    Patients: "/Patient/v1/Patients" "GetPatients" [
        maybe(id("id")), text("firstname"), text("lastname"), text("phone"), text("mobile"), text("email"),
        text("gender"), date("birthday"), text("mandantIndex")
    ] List("Patient");
    Patient: "/Patient/v1/Patient" "GetPatient" [id("id"), text("mandantIndex")] One("Patient");
    AllAppointments: "/Appointment/v1/AllAppointments" "GetAllAppointments" [
        date("begin"), date("end"), number("page"), text("mandantIndex")
    ] List("Appointment");
    LatestAppointments: "/Appointment/v1/LatestAppointments" "GetLatestAppointments" [time("since"), number("page")]
        List("Appointment");
    CalendarChange: "/Appointment/v1/LatestAppointmentSystemChange" "GetLatestAppointmentSystemChange" [] Text;
    Appointment: "/Appointment/v1/Appointment" "GetAppointment" [id("id")] One("Appointment");
    PatientAllAppointments: "/Appointment/v1/Patient/{patientId}/AllAppointments" "GetAllPatientAppointments"
        [id("patientId")] List("Appointment");
    PatientOnlineAppointments: "/Appointment/v1/Patient/{patientId}/Appointments" "GetPatientOnlineAppointments"
        [id("patientId")] List("Appointment");
    PatientAppointments: "/Appointment/v1/PatientAppointments" "GetPatientAppointments"
        [id("patientId"), date("begin"), date("end")] List("Appointment");
    OnlineAppointments: "/Appointment/v1/OnlineAppointments" "GetOnlineAppointments" [date("begin"), date("end")]
        List("Appointment");
    Templates: "/Appointment/v1/AppointmentTemplates" "GetAppointmentTemplates" [] List("AppointmentTemplate");
    Template: "/Appointment/v1/AppointmentTemplate" "GetAppointmentTemplate" [id("id")] One("AppointmentTemplate");
    Chairs: "/Appointment/v1/DentistChairs" "GetDentistChairs" [] List("DentistChair");
    Chair: "/Appointment/v1/DentistChair" "GetDentistChair" [id("id")] One("DentistChair");
    PractitionerTimes: "/Appointment/v1/PractitionerTimes" "GetPractitionerTimes"
        [maybe(id("practitionerId")), date("begin"), date("end")] List("PractitionerTime");
    ActivePractitioners: "/Practitioner/v1/ActivePractitioners" "GetActivePractitioners" [] List("Practitioner");
    AllPractitioners: "/Practitioner/v1/AllPractitioners" "GetAllPractitioners" [] List("Practitioner");
    Practitioners: "/Practitioner/v1/Practitioners" "GetPractitioners" [maybe(id("id")), text("lastname")]
        List("Practitioner");
    Practitioner: "/Practitioner/v1/Practitioner" "GetPractitioner" [id("id")] One("Practitioner");
    PractitionerChange: "/Practitioner/v1/LatestPractitionerSystemChange" "GetLatestPractitionerSystemChange" [] Text;
    DocumentEntries: "/Documentation/v1/DocumentEntries" "GetDocumentEntries"
        [id("patientId"), id("profileId"), date("begin"), date("end")] List("DocumentationEntry");
    Entries: "/Documentation/v1/Entries" "GetEntries"
        [id("patientId"), id("profileId"), text("entryType"), date("begin"), date("end")] List("DocumentationEntry");
    StoredDocument: "/Documentation/v1/Document" "GetDocument" [id("documentId")] One("Document");
    Stations: "/WaitingRoom/v1/Stations" "GetStations" [] List("WaitingRoomStation");
    Progressions: "/WaitingRoom/v1/LatestProgressions" "GetLatestProgressions" [time("since")]
        List("WaitingRoomProgression");
    WaitingPatients: "/WaitingRoom/v1/Patients" "GetWaitingRoomPatients" [] List("WaitingRoomPatient");
    PatientProgression: "/WaitingRoom/v1/Patient/{patientId}/Progression" "GetPatientProgression" [id("patientId")]
        List("WaitingRoomProgression");
    WaitingRoomChange: "/WaitingRoom/v1/LatestWaitingRoomSystemChange" "GetLatestWaitingRoomSystemChange" [] Text;
}

impl Spec {
    /// The last part of the path, or a longer name where that is not enough: what switches and counters call the route.
    pub(super) fn action(&self) -> &'static str {
        /// Their paths end like those of other routes.
        const OWN: [(Route, &str); 4] = [
            (Route::PatientAllAppointments, "PatientAllAppointments"),
            (Route::PatientOnlineAppointments, "PatientOnlineAppointments"),
            (Route::WaitingPatients, "WaitingPatients"),
            (Route::PatientProgression, "PatientProgression"),
        ];
        let own = OWN.iter().find(|(route, _)| *route == self.route).map(|(_, name)| *name);
        own.unwrap_or_else(|| self.path.rsplit('/').next().unwrap_or_default())
    }

    /// `Appointment` of `/Appointment/v1/…`.
    pub(super) fn service(&self) -> &'static str {
        self.path.split('/').nth(1).unwrap_or_default()
    }
}

/// The route that a path means, and the patient id that stands in it.
pub(super) fn route<'p>(path: &'p str, names: &Names) -> Option<(&'static Spec, Option<&'p str>)> {
    ROUTES.iter().find_map(|spec| {
        let mut patient = None;
        let (mut have, mut want) = (path.split('/'), names.path(spec.path).split('/'));
        loop {
            match (have.next(), want.next()) {
                (None, None) => return Some((spec, patient)),
                (Some(part), Some("{patientId}")) if !part.is_empty() => patient = Some(part),
                (Some(part), Some(name)) if part == name => {}
                _ => return None,
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_action_has_a_name_of_its_own() {
        let actions: BTreeSet<&str> = ROUTES.iter().map(Spec::action).collect();
        assert_eq!(actions.len(), ROUTES.len());
    }

    #[test]
    fn paths_lead_to_routes() {
        let names = Names::altered();
        let found = |path: &str| route(path, &names).map(|(spec, patient)| (spec.route, patient.map(str::to_owned)));
        assert_eq!(found("/About/v1/Ping"), Some((Route::Ping, None)));
        let of_patient = Some((Route::PatientAllAppointments, Some("x".to_owned())));
        assert_eq!(found("/Appointment/v1/Patient/x/AllAppointments"), of_patient);
        assert_eq!(found("/Calendar/v2/Appointments"), Some((Route::AllAppointments, None)));
        assert_eq!(found("/Appointment/v1/AllAppointments"), None, "a renamed path has one name");
        assert_eq!(found("/Appointment/v1/Patient//AllAppointments"), None);
    }
}
