use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::super::profile::{IGNORED, RouteProfile};
use super::super::route::Thing;
use super::*;

#[test]
fn every_field_of_a_record_has_names_in_the_profile() {
    let profile = RouteProfile::builtin();
    for (thing, fields) in [
        (Thing::Patient, Patient::FIELDS),
        (Thing::Appointment, Appointment::FIELDS),
        (Thing::Entry, Entry::FIELDS),
        (Thing::Template, Template::FIELDS),
        (Thing::Chair, Chair::FIELDS),
        (Thing::Practitioner, Practitioner::FIELDS),
        (Thing::Profile, Profile::FIELDS),
    ] {
        let named: Vec<&str> =
            profile.fields(thing).names().filter(|name| ![IGNORED, "unknown_patient"].contains(name)).collect();
        assert_eq!(named, fields, "{}", thing.name());
    }
}

#[test]
fn the_examples_of_the_fact_sheet() {
    let profile = RouteProfile::builtin();
    let patient = Patient::decode(
        &profile,
        &json!({
            "Id": "7b6f0a52-3c1e-4a5d-9d0e-1f2a3b4c5d6e", "HumanReadableId": "00001234", "Firstname": "Lena ",
            "Lastname": "Beispiel", "Birthday": "2012-04-01", "Gender": "Female", "Email": "familie.beispiel@example.org",
            "Phone": "", "Mobile": "0170 0000000",
            "Address": {"Street": "Musterweg 7", "Zip": "01067", "City": "Dresden", "Country": "D "},
            "HealthInsurance": "Statutory",
            "CurrentInsurance": {"InsuranceStatus": "Family", "InsuranceNumber": "X000000000", "validFrom": "2020-01-01",
                "Insurant": {"Firstname": "Anna", "Lastname": "Beispiel"}},
            "Treatment": {"OrthodontistStage": "KFO", "OrthodontistPractitioner": null, "DentistPractitioner": null},
            "mandantIndex": 1
        }),
    )
    .expect("a patient");
    let some = |text: &str| Some(text.to_owned());
    let wanted = Patient {
        id: "7b6f0a52-3c1e-4a5d-9d0e-1f2a3b4c5d6e".to_owned(),
        number: some("00001234"),
        first_name: some("Lena"),
        last_name: some("Beispiel"),
        birthday: some("2012-04-01"),
        gender: some("Female"),
        email: some("familie.beispiel@example.org"),
        mobile: some("0170 0000000"),
        street: some("Musterweg 7"),
        zip: some("01067"),
        city: some("Dresden"),
        country: some("D"),
        health_insurance: some("Statutory"),
        insurance_status: some("Family"),
        insurant_first_name: some("Anna"),
        insurant_last_name: some("Beispiel"),
        stage: some("KFO"),
        mandant: some("1"),
        ..Patient::default()
    };
    assert!(patient == wanted, "{patient:?}");
    let entry =
        Entry::decode(&profile, &json!({"EntryId": "e", "Type": "pabg", "Amount": 45.9, "Text": " Kontrolle "}));
    let entry = entry.expect("an entry");
    let shown = (entry.id.as_deref(), entry.kind.as_deref(), entry.amount.as_deref(), entry.text.as_deref());
    assert_eq!(shown, (Some("e"), Some("pabg"), Some("45.9"), Some("Kontrolle")));
    let state =
        Appointment::decode(&profile, &json!({"Id": "a", "Status": 3, "DentistChair": {"Id": "c", "Name": "MB_1"}}));
    let state = state.expect("an appointment");
    let shown = (state.state.as_deref(), state.chair_id.as_deref(), state.chair.as_deref());
    assert_eq!(shown, (Some("3"), Some("c"), Some("MB_1")), "numbers and unknown words are kept as text");
}

#[test]
fn flaws_name_the_field_and_no_value() {
    let profile = RouteProfile::builtin();
    let of = |value: Value| Patient::decode(&profile, &value).map(|_| ()).expect_err("no patient").to_string();
    assert_eq!(of(json!({"Id": " ", "Firstname": "Lena"})), "patient has no id");
    assert_eq!(of(json!({"Firstname": "Lena"})), "patient has no id");
    assert_eq!(of(json!("Lena")), "patient is not an object");
    assert!(Entry::decode(&profile, &json!({})).is_ok(), "an entry is known by what it says");
    let lena = Patient::decode(&profile, &json!({"Id": "1", "Firstname": "Lena"})).expect("a patient");
    assert_eq!(format!("{lena:?}"), "Patient([redacted])");
}

#[test]
fn other_names_need_a_profile_only() {
    let text = "[fields.patient]\nid = [\"Nr\"]\nfirst_name = [\"Person.Name.Vor\", \"Vorname\"]\n";
    let profile = RouteProfile::parse("x", text).expect("a good file");
    for value in
        [json!({"nr": 7, "person": {"NAME": {"vor": "Lena"}}}), json!({"NR": "7", "vorname": "Lena", "Id": "x"})]
    {
        let patient = Patient::decode(&profile, &value).expect("a patient");
        assert_eq!((patient.id.as_str(), patient.first_name.as_deref()), ("7", Some("Lena")), "{value}");
    }
}

/// Any JSON, three levels deep.
fn anything() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,8}".prop_map(Value::from),
    ];
    let name = prop_oneof![
        prop::sample::select(&["Id", "id", "Address", "City", "Begin", "Date", "Patient", "CurrentInsurance"][..])
            .prop_map(str::to_owned),
        "\\PC{0,6}",
    ];
    leaf.prop_recursive(3, 24, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((name.clone(), inner), 0..6)
                .prop_map(|members| Value::from(members.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// How the same name may be written.
fn case(name: &str, seed: u64) -> String {
    name.chars()
        .enumerate()
        .map(
            |(at, letter)| {
                if seed >> (at % 64) & 1 == 0 { letter.to_ascii_lowercase() } else { letter.to_ascii_uppercase() }
            },
        )
        .collect()
}

proptest! {
    #[test]
    fn no_value_breaks_it(value in anything()) {
        let profile = RouteProfile::builtin();
        let zone = chrono_tz::Europe::Berlin;
        if let Ok(read) = Appointment::decode(&profile, &value) {
            prop_assert!(!read.id.trim().is_empty());
            let known = read.start(zone).is_ok();
            prop_assert!(known || read.duration.is_none() || read.end.is_some() || read.finish(zone).is_err());
        }
        drop((Patient::decode(&profile, &value), Entry::decode(&profile, &value)));
    }

    #[test]
    fn order_case_extra_fields_and_wrapped_names_change_nothing(
        id in "[a-z0-9-]{1,12}", city in "[A-Za-zäöü]{1,9}", seed: u64, extra in anything(), before: bool,
    ) {
        let profile = RouteProfile::builtin();
        let plain = Patient::decode(&profile, &json!({"Id": id, "Address": {"City": city}})).expect("a patient");
        let mut members = vec![
            (case("Id", seed), json!(format!(" {id} "))),
            (case("Address", seed >> 7), json!({ case("City", seed >> 9): city, "Floor": 2 })),
        ];
        members.insert(if before { 0 } else { 2 }, ("SomethingNew".to_owned(), extra));
        let other = Value::from(members.into_iter().collect::<Map<_, _>>());
        prop_assert!(Patient::decode(&profile, &other) == Ok(plain), "{}", other);
    }
}
