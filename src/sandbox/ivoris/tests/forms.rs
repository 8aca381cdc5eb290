//! Other names, forms and wrappers: what a route profile must be able to say.

use serde_json::Value;

use super::desk::{ask, get, list, samples, text};
use crate::sandbox::ivoris::{Documented, Envelope, Load, NumberForm, PageBase, Settings};

#[test]
fn an_altered_server_knows_its_own_names_only() {
    let practice = samples(Settings { load: Load::UNLIMITED, ..Settings::altered() });
    assert_eq!(ask(&practice, "/Appointment/v1/AllAppointments", &[]).status, 404);
    let rows = |query: &[(&str, &str)]| {
        let answer = get(&practice, "/Calendar/v2/Appointments", query);
        answer["items"].as_array().expect("an envelope").clone()
    };
    let day = rows(&[("dateFrom", "23.11.2026"), ("dateTo", "23.11.2026")]);
    let all = rows(&[("begin", "23.11.2026"), ("end", "23.11.2026")]);
    assert!(all.len() > day.len(), "usual names mean nothing");
    assert_eq!(ask(&practice, "/Calendar/v2/Appointments", &[("dateFrom", "2026-11-23")]).status, 400);
    let first = &all[0];
    assert!(first["Patient"].get("Id").is_some() && first.get("PatientId").is_none());
    assert!(text(first, "StartTime").ends_with("+01:00") || text(first, "StartTime").ends_with("+02:00"), "{first}");
    let page = |number: &str| rows(&[("pageNumber", number)]);
    assert_eq!((page("1").len(), page("1") == page("0"), page("1") == page("2")), (40, true, false));
    let patients = get(&practice, "/Patient/v1/AllPatients", &[]);
    let id = text(&patients["items"][0], "PatientGuid").to_owned();
    let single = get(&practice, "/Patient/v1/Patient", &[("id", &id)]);
    assert_eq!(text(&single["patient"], "PatientGuid"), id);
    assert!(single["patient"].get("Surname").is_some() && single["patient"].get("Lastname").is_none());
}

#[test]
fn money_comes_as_number_or_text() {
    let practice = samples(Settings { messy: false, ..Settings::exact() });
    let entry = practice.entries("nord").into_iter().find(|one| one.amount.is_some_and(|cents| cents.0 == 123_456));
    let entry = entry.expect("a sample");
    let profile = practice.profiles("nord")[0].id.clone();
    let read = || {
        let query = [("patientId", entry.patient.as_str()), ("profileId", profile.as_str())];
        let rows = list(&practice, "/Documentation/v1/Entries", &query);
        rows.into_iter().find(|row| text(row, "Id") == entry.id).expect("it is listed")
    };
    assert_eq!(read()["Amount"].to_string(), "1234.56");
    practice.change_settings(|settings| settings.numbers = NumberForm::Comma);
    assert_eq!(read()["Amount"], "1234,56");
    practice.change_settings(|settings| settings.numbers = NumberForm::Point);
    assert_eq!(read()["Amount"], "1234.56");
    practice.change_settings(|settings| settings.amounts = false);
    let bare = read();
    assert!(["Code", "FeeSchedule", "Count", "Factor", "Amount"].iter().all(|field| bare.get(field).is_none()));
}

#[test]
fn fees_carry_code_schedule_count_and_factor() {
    let practice = samples(Settings { messy: false, ..Settings::exact() });
    let entry = practice.entries("nord").into_iter().find(|one| one.code == "1040").expect("a sample");
    let profile = practice.profiles("nord").into_iter().find(|one| one.mandant == entry.mandant).expect("its profile");
    let query = [("patientId", entry.patient.as_str()), ("profileId", profile.id.as_str())];
    let rows = list(&practice, "/Documentation/v1/Entries", &query);
    let row = rows.iter().find(|row| text(row, "Id") == entry.id).expect("it is listed");
    assert_eq!((text(row, "Code"), text(row, "FeeSchedule")), ("1040", "GOZ"));
    assert_eq!((&row["Factor"].to_string(), row["Count"].is_number()), (&"2.3".to_owned(), true));
    assert_eq!(text(row, "ProfileId"), profile.id);
}

#[test]
fn an_appointment_may_say_how_long_instead_of_until_when() {
    let practice = samples(Settings { durations: true, load: Load::UNLIMITED, ..Settings::exact() });
    let rows = list(&practice, "/Appointment/v1/AllAppointments", &[]);
    assert!(rows.iter().all(|row| row.get("End").is_none_or(|end| end.is_null() || *end == "")));
    assert!(rows.iter().any(|row| row["Duration"] == 30));
    assert!(
        rows.iter().any(|row| row["Duration"].as_i64().is_some_and(|minutes| minutes < 0)),
        "an end before the start"
    );
}

#[test]
fn an_envelope_may_be_deep_and_pages_may_begin_at_one() {
    let practice = samples(Settings {
        envelope: Envelope::Named("result.rows".to_owned()),
        page_base: PageBase::One,
        ..Settings::exact()
    });
    let read = |page: &str| get(&practice, "/Patient/v1/AllPatients", &[("page", page)])["result"]["rows"].clone();
    assert_eq!(read("1").as_array().map(Vec::len), Some(50));
    assert_eq!(read("0"), read("1"));
    assert_ne!(read("1"), read("2"));
}

fn document(settings: Settings) -> Value {
    get(&samples(settings), "/About/v1/Documentation", &[])
}

#[test]
fn the_document_tells_the_names_in_use() {
    let plain = document(Settings::default());
    assert_eq!((&plain["info"]["title"], &plain["info"]["version"]), (&"ivoris® API".into(), &"8.2.91.120".into()));
    let window = &plain["paths"]["/Appointment/v1/AllAppointments"]["get"];
    let names: Vec<&str> =
        window["parameters"].as_array().expect("a list").iter().map(|one| text(one, "name")).collect();
    assert_eq!(names, ["begin", "end", "page", "mandantIndex"]);
    let items = &window["responses"]["200"]["content"]["application/json"]["schema"]["items"]["$ref"];
    assert_eq!(items, "#/components/schemas/Appointment");
    let address = &plain["components"]["schemas"]["Patient"]["properties"]["Address"]["properties"];
    assert_eq!(address["Zip"]["type"], "string");
    let altered = document(Settings::altered());
    assert_eq!(altered["swagger"], "2.0");
    let window = &altered["paths"]["/Calendar/v2/Appointments"]["get"];
    assert_eq!(
        (text(&window["parameters"][0], "name"), text(&window["parameters"][0], "type")),
        ("dateFrom", "string")
    );
    assert!(altered["paths"].get("/Appointment/v1/AllAppointments").is_none());
    let fields = &altered["definitions"]["Appointment"]["properties"];
    assert!(fields.get("StartTime").is_some() && fields.get("Begin").is_none());
    assert_eq!(fields["Patient"]["properties"]["Id"]["format"], "uuid");
    let off = document(Settings { planner: crate::sandbox::ivoris::Planner::Absent, ..Settings::default() });
    let paths = off["paths"].as_object().expect("paths");
    assert!(
        paths.keys().all(|path| !path.starts_with("/Appointment/")) && paths.contains_key("/Documentation/v1/Entries")
    );
    let swagger = document(Settings { document: Documented::Swagger2, ..Settings::default() });
    assert_eq!(
        swagger["paths"].as_object().map(serde_json::Map::len),
        plain["paths"].as_object().map(serde_json::Map::len)
    );
}

/// What is served has the fields that the document lists, and no others but those that nobody is to know.
#[test]
fn records_look_as_the_document_says() {
    for settings in [Settings::default(), Settings::altered()] {
        let settings = Settings { messy: false, extra_fields: false, load: Load::UNLIMITED, ..settings };
        let bare = Settings { envelope: Envelope::Bare, document: Documented::OpenApi3, ..settings };
        let schemas = document(bare.clone())["components"]["schemas"].clone();
        let path = |usual: &str| bare.names.paths.get(usual).cloned().unwrap_or_else(|| usual.to_owned());
        let practice = samples(bare.clone());
        for (route, schema) in [
            ("/Patient/v1/AllPatients", "Patient"),
            ("/Appointment/v1/AllAppointments", "Appointment"),
            ("/Appointment/v1/AppointmentTemplates", "AppointmentTemplate"),
            ("/Appointment/v1/DentistChairs", "DentistChair"),
            ("/Practitioner/v1/AllPractitioners", "Practitioner"),
            ("/Profile/v1/Profiles", "Profile"),
        ] {
            for row in list(&practice, &path(route), &[]) {
                let known = schemas[schema]["properties"].as_object().expect("properties");
                let strange: Vec<&String> =
                    row.as_object().expect("a record").keys().filter(|field| !known.contains_key(*field)).collect();
                assert!(strange.is_empty(), "{schema}: {strange:?}");
            }
        }
    }
}
