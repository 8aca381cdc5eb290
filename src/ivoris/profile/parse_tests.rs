use proptest::prelude::*;

use super::super::fields::IGNORED;
use super::super::{DateFormat, EndDay, EntrySource, Paging, RouteProfile};
use super::*;

/// The problems in a text, one per line.
fn problems(text: &str) -> String {
    let found = RouteProfile::parse("nord.toml", text).err().unwrap_or_default();
    found.iter().fold(String::new(), |lines, problem| lines + &problem.to_string() + "\n")
}

#[test]
fn an_empty_file_is_the_built_in_profile() {
    assert_eq!(RouteProfile::parse("nord.toml", ""), Ok(RouteProfile::builtin()));
}

#[test]
fn the_sketch_of_the_fact_sheet_is_built_in() {
    let sketch = r#"
        [routes.all_appointments]
        path = "/Appointment/v1/AllAppointments"
        params = { begin = "begin", end = "end", page = "page", mandant = "mandantIndex" }
        date_format = "date"          # date | datetime-local | datetime-offset | de (dd.MM.yyyy)
        paging = "zero-based"         # none | zero-based | one-based
        enabled = true

        [routes.latest_appointments]
        path = "/Appointment/v1/LatestAppointments"
        params = { since = "since" }
        date_format = "datetime-local"

        [fields.appointment]
        id = ["Id", "AppointmentId"]
        patient_id = ["PatientId", "Patient.Id"]
        chair_id = ["DentistChairId", "DentistChair.Id", "ChairId"]
        state = ["State", "AppointmentState", "Status"]

        [documentation]
        source = "both"               # entries | document_entries | both
    "#;
    assert_eq!(RouteProfile::parse("nord.toml", sketch), Ok(RouteProfile::builtin()));
}

#[test]
fn a_file_overrides_what_it_names() {
    let text = r#"
        version = 1
        [routes.all_appointments]
        path = "/Termin/v1/Alle/{von}"
        params = { begin = "von", page = "" }
        paging = "none"
        date_format = "de"
        end = "exclusive"
        [routes.stations]
        enabled = false
        [fields.appointment]
        state = ["Zustand.Text"]
        [documentation]
        source = "entries"
    "#;
    let read = RouteProfile::parse("nord.toml", text).expect("a good file");
    let mut wanted = RouteProfile::builtin();
    let spec = wanted.route_mut(Route::AllAppointments);
    "/Termin/v1/Alle/{von}".clone_into(&mut spec.path);
    spec.params.insert(Param::Begin, "von".to_owned());
    spec.params.remove(&Param::Page);
    (spec.paging, spec.date_format, spec.end) = (Paging::None, DateFormat::De, EndDay::Exclusive);
    wanted.route_mut(Route::Stations).enabled = false;
    wanted.fields_mut(Thing::Appointment).set("state", vec!["Zustand.Text".to_owned()]);
    wanted.documentation = EntrySource::Entries;
    assert_eq!(read, wanted);
}

#[test]
fn every_problem_is_told_at_once_with_its_place() {
    let text = "vesion = 2\n\
        [routes.all_apointments]\n\
        [routes.all_patients]\n\
        paht = \"/x\"\n\
        path = \"/x?api_key=1\"\n\
        params = { seite = \"p\", page = \"api_key\" }\n\
        paging = \"zwei\"\n\
        enabled = \"ja\"\n\
        [fields.patient]\n\
        ide = [\"Id\"]\n\
        id = \"Id\"\n\
        email = [\"a..b\", 7]\n\
        [documentation]\n\
        source = \"all\"\n";
    let wanted = "\
        nord.toml:1:1: unknown key \"vesion\"; did you mean \"version\"?\n\
        nord.toml:2:9: unknown route \"all_apointments\"; did you mean \"all_appointments\"?\n\
        nord.toml:4:1: unknown key \"paht\"; did you mean \"path\"?\n\
        nord.toml:5:8: expected a path below the base address, such as \"/Patient/v1/Patient\"\n\
        nord.toml:6:12: unknown parameter \"seite\"; known here: page, begin, end, since, id, patient, profile, mandant, \
        entry_type, practitioner, first_name, last_name, birthday, phone, mobile, email, gender\n\
        nord.toml:6:32: \"api_key\" is part of the credentials\n\
        nord.toml:7:10: expected one of \"none\", \"zero-based\", \"one-based\"\n\
        nord.toml:8:11: expected true or false\n\
        nord.toml:10:1: unknown field \"ide\"; did you mean \"id\"?\n\
        nord.toml:11:6: expected a list of names such as [\"Id\", \"Patient.Id\"]\n\
        nord.toml:12:10: expected a list of names such as [\"Id\", \"Patient.Id\"]\n\
        nord.toml:12:18: expected a list of names such as [\"Id\", \"Patient.Id\"]\n\
        nord.toml:14:10: expected one of \"entries\", \"document_entries\", \"both\"\n";
    assert_eq!(problems(text), wanted);
}

#[test]
fn what_does_not_fit_together_is_told() {
    let check = |text: &str, wanted: &str| {
        let found = problems(text);
        assert!(found.contains(wanted), "{text}: {found}");
    };
    check("[routes.patient]\npath = \"/Patient/{nr}\"", "is called \"nr\", as in its path");
    check("[routes.patient]\nparams = { id = \"\" }", "2:10: patient needs a name for id");
    check("[routes.all_patients]\nparams = { page = \"\" }", "all_patients comes in pages");
    check("[routes.entries]\nparams = { begin = \"x\", end = \"x\" }", "two params of entries are called \"x\"");
    check("[routes.patient]\npath = \"/a/../b\"", "expected a path");
    check("[routes.patient]\npath = \"https://a/b\"", "expected a path");
    check("version = 2", "1:11: this version of ivohub knows version = 1");
    check("routes = 1\nfields = []", "2:10: \"fields\" is a table");
    check("[routes.patient", "1:16: not valid TOML");
}

#[test]
fn the_written_file_explains_itself() {
    let text = RouteProfile::builtin().to_toml();
    for line in [
        "# date_format  date | datetime-local | datetime-offset | de",
        "params = { page = \"page\", mandant = \"mandantIndex\" }",
        "path = \"/Appointment/v1/Patient/{patientId}/AllAppointments\"",
        "patient_id = [\"PatientId\", \"Patient.Id\"]",
        "source = \"both\"",
    ] {
        assert!(text.lines().any(|have| have == line), "{line} in\n{text}");
    }
}

fn name() -> impl Strategy<Value = String> {
    "[A-Za-zäöü_][A-Za-z0-9_.\\[\\]$-]{0,11}".prop_filter("reserved", |name| !RESERVED.contains(&name.as_str()))
}

prop_compose! {
    fn spec(route: Route)(
        path in "(/[A-Za-z0-9_~-]{1,9}){1,4}",
        mut params in prop::collection::btree_map(prop::sample::select(Param::ALL), name(), 0..6),
        format in prop::sample::select(DateFormat::ALL),
        paging in prop::sample::select(Paging::ALL),
        end in prop::sample::select(EndDay::ALL),
        enabled: bool,
        in_path: bool,
    ) -> RouteSpec {
        // Two params of one name are refused: each gets its number.
        params.iter_mut().enumerate().for_each(|(at, (_, name))| name.push_str(&at.to_string()));
        if route.is_single() {
            params.insert(Param::Id, "id".to_owned());
        }
        if paging != Paging::None {
            params.insert(Param::Page, "page".to_owned());
        }
        let simple = params.values().find(|name| name.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        let path = match simple {
            Some(name) if in_path => format!("{path}/{{{name}}}/Ende"),
            Some(_) | None => path,
        };
        RouteSpec { path, params, date_format: format, paging, end, enabled }
    }
}

fn profile() -> impl Strategy<Value = RouteProfile> {
    let routes = prop::collection::vec(
        prop::sample::select(&Route::ALL[..]).prop_flat_map(|route| (Just(route), spec(route))),
        0..8,
    );
    let alias = prop::collection::vec("[^.\\s\\pC]([^.\\pC]{0,8}[^.\\s\\pC])?", 1..4).prop_map(|parts| parts.join("."));
    let aliases = prop::collection::vec(alias, 0..4);
    let fields = prop::collection::vec((prop::sample::select(Thing::ALL), any::<prop::sample::Index>(), aliases), 0..8);
    (routes, fields, prop::sample::select(EntrySource::ALL)).prop_map(|(routes, fields, source)| {
        let mut profile = RouteProfile::builtin();
        for (route, spec) in routes {
            *profile.route_mut(route) = spec;
        }
        for (thing, at, aliases) in fields {
            let names: Vec<&str> = profile.fields(thing).names().collect();
            let name = names[at.index(names.len())];
            assert!(profile.fields_mut(thing).set(name, aliases));
        }
        profile.documentation = source;
        profile
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn what_is_written_is_read_again(profile in profile()) {
        let text = profile.to_toml();
        let read = RouteProfile::parse("x", &text);
        prop_assert_eq!(read, Ok(profile), "{}", text);
    }

    #[test]
    fn no_text_breaks_it(text in "\\PC{0,60}", line in "(\\[(routes|fields)\\.[a-z_]{1,12}\\]\n[a-z_]{1,8} = [\\[\\]{}\"a-z=, ]{0,12}\n){1,3}") {
        for text in [text, line] {
            for problem in RouteProfile::parse("x", &text).err().unwrap_or_default() {
                prop_assert!(problem.line >= 1 && problem.column >= 1);
            }
        }
    }
}

#[test]
fn braces_in_a_path_stay() {
    let mut profile = RouteProfile::builtin();
    "/a/{end}/{page}".clone_into(&mut profile.route_mut(Route::AllAppointments).path);
    assert_eq!(RouteProfile::parse("x", &profile.to_toml()), Ok(profile));
}

#[test]
fn every_thing_has_a_list_of_ignored_names() {
    let profile = RouteProfile::builtin();
    assert!(Thing::ALL.iter().all(|thing| profile.fields(*thing).names().any(|name| name == IGNORED)));
}
