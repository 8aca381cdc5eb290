//! Credentials, base paths, and what each route gives.

use std::collections::BTreeSet;

use super::desk::{ask, get, list, pages, request, samples, text, today};
use crate::http::Method;
use crate::sandbox::ivoris::{Data, Practice, Request, Settings, Unknown};
use crate::sandbox::seed;

const PING: &str = "/About/v1/Ping";

#[test]
fn every_request_needs_the_header_and_the_keys() {
    let practice = samples(Settings::default());
    let status = |change: &dyn Fn(&mut Request)| {
        let mut asked = request(PING, &[]);
        change(&mut asked);
        practice.handle(&asked, today()).status
    };
    assert_eq!(status(&|_| {}), 200);
    assert_eq!(status(&|asked| asked.authorization = None), 401);
    assert_eq!(status(&|asked| asked.authorization = Some("Bearer x".to_owned())), 401);
    assert_eq!(status(&|asked| asked.authorization = Some("Basic aXZvaHViOndyb25n".to_owned())), 401);
    for key in ["app", "app_version", "api_key"] {
        assert_eq!(status(&|asked| asked.query.retain(|(name, _)| name != key)), 403, "{key} is missing");
    }
    assert_eq!(practice.counters().refused, 6);
}

#[test]
fn both_forms_of_the_base_lead_in_and_an_unknown_link_does_not() {
    let mut settings = Settings::default();
    settings.linknames.insert("sued".to_owned(), "q7-geheim".to_owned());
    let practice = samples(settings);
    assert_eq!(practice.base("sued"), "/relay/q7-geheim/webservice/api");
    let names = |base: &str| {
        let mut asked = request("/Profile/v1/Profiles", &[]);
        asked.path = format!("{base}/Profile/v1/Profiles");
        let reply = practice.handle(&asked, today());
        let rows: Vec<serde_json::Value> = serde_json::from_slice(&reply.body).unwrap_or_default();
        (reply.status, rows.iter().map(|row| text(row, "Name").to_owned()).collect::<Vec<_>>())
    };
    let north = vec!["KFO Nord".to_owned(), "Zahnzentrum Mitte".to_owned()];
    assert_eq!(names("/relay/nord/webservice/api"), (200, north.clone()));
    assert_eq!(names("/webservice/api"), (200, north), "the first installation answers directly");
    assert_eq!(names("/relay/q7-geheim/webservice/api"), (200, vec!["KFO Süd".to_owned()]));
    for base in ["/relay/sued/webservice/api", "/relay/nord/webservice/apix", "/relay/nord", "/api", ""] {
        assert_eq!(names(base).0, 404, "{base}");
    }
    assert_eq!(practice.counters().not_found, 5);
}

#[test]
fn another_method_than_get_is_refused_and_counted() {
    let practice = samples(Settings::default());
    for method in [Some(Method::Post), Some(Method::Put), Some(Method::Delete), Some(Method::Patch), None] {
        let asked = Request { method, ..request("/Patient/v1/Patient", &[]) };
        assert_eq!(practice.handle(&asked, today()).status, 405);
    }
    let counters = practice.counters();
    assert_eq!((counters.not_get, counters.requests, counters.calls()), (5, 5, 0));
}

#[test]
fn patients_come_in_pages_of_fifty_and_by_mandant() {
    let practice =
        Practice::new(Settings::exact(), Data::seed(&seed::Settings { patients: 250, ..seed::Settings::default() }));
    let all = pages(&practice, "/Patient/v1/AllPatients", &[]);
    let size = |page: &str| list(&practice, "/Patient/v1/AllPatients", &[("page", page)]).len();
    assert_eq!((size("0"), size("1")), (50, 50));
    assert!(list(&practice, "/Patient/v1/AllPatients", &[("page", "99")]).is_empty());
    assert_eq!(list(&practice, "/Patient/v1/AllPatients", &[]), all[..50], "no page is the first page");
    let of = |index: &str| pages(&practice, "/Patient/v1/AllPatients", &[("mandantIndex", index)]);
    let (first, second) = (of("1"), of("2"));
    assert!(!first.is_empty() && !second.is_empty() && first.len() + second.len() == all.len());
    assert_eq!(ask(&practice, "/Patient/v1/AllPatients", &[("page", "x")]).status, 400);
    practice.change_settings(|settings| settings.all_mandants = false);
    assert_eq!(pages(&practice, "/Patient/v1/AllPatients", &[]), first);
}

#[test]
fn an_unknown_id_is_answered_as_the_switch_says() {
    let practice = samples(Settings::default());
    let unknown = [("id", "00000000-0000-4000-8000-000000000000")];
    for (switch, status, body) in [
        (Unknown::Text400, 400, "could not be found."),
        (Unknown::NotFound404, 404, "could not be found."),
        (Unknown::Null200, 200, "null"),
        (Unknown::Empty200, 200, ""),
    ] {
        practice.change_settings(|settings| settings.unknown = switch);
        for route in [
            "/Patient/v1/Patient",
            "/Appointment/v1/Appointment",
            "/Appointment/v1/DentistChair",
            "/Practitioner/v1/Practitioner",
        ] {
            let reply = ask(&practice, route, &unknown);
            assert_eq!(reply.status, status, "{route}");
            assert!(String::from_utf8_lossy(&reply.body).contains(body), "{route}");
        }
        assert_eq!(ask(&practice, "/Patient/v1/Patient", &[]).status, 400, "no id at all");
    }
}

#[test]
fn appointments_of_a_window_are_those_that_begin_in_it() {
    let practice = samples(Settings::exact());
    let window =
        |begin: &str, end: &str| list(&practice, "/Appointment/v1/AllAppointments", &[("begin", begin), ("end", end)]);
    practice.set_load(crate::sandbox::ivoris::Load::UNLIMITED);
    let all = list(&practice, "/Appointment/v1/AllAppointments", &[]);
    assert_eq!(all.len(), practice.appointments("nord").len());
    let ids = |rows: &[serde_json::Value]| rows.iter().map(|row| text(row, "Id").to_owned()).collect::<Vec<_>>();
    let year = window("2026-01-01", "2026-12-31");
    let halves = [window("2026-01-01", "2026-06-30"), window("2026-07-01", "2026-12-31")].concat();
    assert_eq!(ids(&year), ids(&halves), "both ends count, and nothing twice");
    let day = window("2026-03-29", "2026-03-29");
    assert!(day.iter().any(|row| text(row, "Begin") == "2026-03-29T02:30:00"), "an hour that does not exist");
    assert!(window("2026-12-31", "2026-01-01").is_empty());
    assert_eq!(ask(&practice, "/Appointment/v1/AllAppointments", &[("begin", "31.12.2026")]).status, 400);
    practice.change_settings(|settings| settings.window_dates = false);
    assert_eq!(window("2026-03-29", "2026-03-29").len(), all.len());
}

#[test]
fn the_lists_of_a_patient_and_the_calendar_agree() {
    let practice = samples(Settings::exact());
    let every = practice.appointments("nord");
    let patient = every.iter().find_map(|one| one.patient.clone()).expect("a patient");
    let own: BTreeSet<String> =
        every.iter().filter(|one| one.patient.as_ref() == Some(&patient)).map(|one| one.id.clone()).collect();
    let route = format!("/Appointment/v1/Patient/{}/AllAppointments", patient.to_uppercase());
    let ids = |rows: Vec<serde_json::Value>| rows.iter().map(|row| text(row, "Id").to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(ids(list(&practice, &route, &[])), own);
    assert_eq!(ids(list(&practice, "/Appointment/v1/PatientAppointments", &[("patientId", &patient)])), own);
    let online = list(&practice, &format!("/Appointment/v1/Patient/{patient}/Appointments"), &[]);
    assert!(online.iter().all(|row| row["IsOnlineAppointment"] == true) && online.len() < own.len());
    let id = own.first().expect("one");
    assert_eq!(text(&get(&practice, "/Appointment/v1/Appointment", &[("id", &id.to_uppercase())]), "Id"), id);
}

#[test]
fn ids_of_appointments_lead_to_the_names_of_the_exports() {
    let practice = samples(Settings::exact());
    let named = |route: &str, field: &str| {
        let rows = list(&practice, route, &[]);
        rows.iter().map(|row| (text(row, "Id").to_owned(), text(row, field).to_owned())).collect::<Vec<_>>()
    };
    let chairs = named("/Appointment/v1/DentistChairs", "Name");
    let templates = named("/Appointment/v1/AppointmentTemplates", "Name");
    assert!(
        chairs.iter().any(|(_, name)| name.starts_with("MB_"))
            && chairs.iter().any(|(_, name)| name.starts_with("NB_"))
    );
    let rows = list(&practice, "/Practitioner/v1/AllPractitioners", &[]);
    let full = |row: &serde_json::Value| {
        let parts = ["Title", "Firstname", "Lastname"].map(|part| text(row, part));
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
    };
    let practitioners: Vec<(String, String)> = rows.iter().map(|row| (text(row, "Id").to_owned(), full(row))).collect();
    let name = |list: &[(String, String)], id: &str| {
        list.iter().find(|(have, _)| have == id).map(|(_, name)| name.clone()).unwrap_or_default()
    };
    for one in practice.appointments("nord") {
        let row = get(&practice, "/Appointment/v1/Appointment", &[("id", &one.id)]);
        if practice.appointment("nord", &one.id).as_ref() == Some(&one) {
            assert_eq!(name(&chairs, text(&row, "DentistChairId")), one.chair);
            assert_eq!(name(&templates, text(&row, "AppointmentTemplateId")), one.template);
            assert_eq!(name(&practitioners, text(&row, "PractitionerId")), one.practitioner);
        }
    }
    let active = list(&practice, "/Practitioner/v1/ActivePractitioners", &[]);
    assert!(!active.is_empty() && active.len() <= rows.len());
}

#[test]
fn small_routes_answer() {
    let practice = samples(Settings::default());
    for route in ["/About/v1/Ping", "/About/v1/IvorisVersion", "/About/v1/CustomerId"] {
        assert!(get(&practice, route, &[]).is_string(), "{route}");
    }
    for service in ["Appointment", "Practitioner", "WaitingRoom"] {
        let change = get(&practice, &format!("/{service}/v1/Latest{service}SystemChange"), &[]);
        assert!(change.as_str().is_some_and(|text| text.starts_with("202") && text.len() == 19), "{change}");
    }
    assert_eq!(list(&practice, "/WaitingRoom/v1/Stations", &[]).len(), 2);
    assert!(!list(&practice, "/WaitingRoom/v1/LatestProgressions", &[("since", "2026-01-01")]).is_empty());
    let window = [("begin", "2026-10-19"), ("end", "2026-10-23")];
    assert!(!list(&practice, "/Appointment/v1/PractitionerTimes", &window).is_empty());
    let family = "familie.schroeder@example.org";
    assert_eq!(list(&practice, "/Patient/v1/Patients", &[("email", family)]).len(), 2, "a family shares its address");
    assert!(list(&practice, "/Patient/v1/Patients", &[]).is_empty());
    assert_eq!(ask(&practice, "/Patient/v1/Nothing", &[]).status, 404);
    practice.change_settings(|settings| settings.missing.extend(["Stations".to_owned()]));
    assert_eq!(ask(&practice, "/WaitingRoom/v1/Stations", &[]).status, 404);
}

#[test]
fn the_log_tells_routes_and_safe_parameters() {
    let practice = samples(Settings::default());
    ask(&practice, "/Patient/v1/AllPatients", &[("page", "1")]);
    ask(&practice, "/Patient/v1/Patients", &[("lastname", "Bauer")]);
    let log = practice.log();
    assert_eq!((log[0].action, log[0].param("page"), log[0].status), (Some("AllPatients"), Some("1"), 200));
    assert_eq!(log[0].installation.as_deref(), Some("nord"));
    assert!(log[1].params.is_empty(), "a name is not written down");
    let shown = format!("{log:?}{}", serde_json::json!(log));
    assert!(!shown.contains("Bauer") && !shown.contains("sandbox-key"));
    practice.reset_counters();
    assert!(practice.log().is_empty() && practice.counters().requests == 0);
}
