//! What the simulated Ivoris holds means what the exports mean: read by other code, decided by the same tables.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::ControlFlow;

use ivohub::domain::{Appointment, Entry, InstanceKey, Kind, LocalTime, Patient, PatientRef, Record};
use ivohub::extract::Row;
use ivohub::extract::csv::{self, Input};
use ivohub::mapping::{Mapping, shipped};
use ivohub::sandbox::ivoris::{self, Data, Practice};
use ivohub::sandbox::{samples, seed};
use rust_decimal::Decimal;

const PREFIXES: [(&str, &str); 2] = [("nord", ""), ("sued", "sued-")];

/// The records of an export, in the order of its rows.
fn read(kind: Kind, bytes: Vec<u8>, mapping: &Mapping) -> Vec<Record> {
    let settings = csv::Settings {
        encoding: None,
        delimiter: None,
        instances: PREFIXES.iter().map(|(key, prefix)| (InstanceKey::new(key), (*prefix).to_owned())).collect(),
        instance: None,
        locations: mapping.instances_by_location(),
        number_keys: false,
        limit: None,
        today: seed::Settings::default().today,
        line_key: [0; 32],
    };
    let mut records = Vec::new();
    let mut take = |rows: Vec<Row>| {
        records.extend(rows.into_iter().filter_map(|row| match row {
            Row::Record(record, _) => Some(*record),
            Row::Rejected(_) => None,
        }));
        ControlFlow::Continue(())
    };
    csv::read(kind, &mut Input::of_bytes("export", bytes), &settings, &mut take).expect("an export");
    records
}

fn trimmed(text: &str) -> String {
    text.replace('\u{a0}', " ").trim().to_owned()
}

fn same_patient(mapping: &Mapping, export: &Patient, api: &ivoris::Patient) {
    let row = |patient: &Patient| mapping.location_of_patient(patient).map(|row| row.key.clone());
    let without = Patient { location: None, profile: Some(api.mandant.to_string()), ..export.clone() };
    assert_eq!(row(&without), row(export), "the mandant leads to the location");
    let texts = [
        (&export.email, &api.email),
        (&export.phone, &api.phone),
        (&export.mobile, &api.mobile),
        (&export.street, &api.street),
        (&export.city, &api.city),
    ];
    assert!(texts.iter().all(|(export, api)| export.expose() == trimmed(api)), "{}", api.id);
    let birthday =
        api.birthday.filter(|day| *day <= seed::Settings::default().today && day.to_string() != "1900-01-01");
    assert_eq!(export.birthday, birthday);
}

/// The newest version of an appointment, as the closing account wants it: by its own change time, else the later row.
fn newest<'r>(rows: impl Iterator<Item = &'r Appointment>) -> &'r Appointment {
    rows.enumerate().max_by_key(|(at, one)| (one.changed, *at)).expect("a row").1
}

fn same_appointment(mapping: &Mapping, export: &Appointment, patient: Option<&str>, api: &ivoris::Appointment) {
    let place = |one: &Appointment| mapping.location_of_appointment(one).map(|row| row.key.clone());
    let from_api = Appointment {
        start: LocalTime(api.begin),
        end: api.end.map(LocalTime),
        template: trimmed(&api.template),
        chair: trimmed(&api.chair),
        practitioner: trimmed(&api.practitioner),
        location: None,
        state: api.state.clone(),
        confirmation: api.confirmation.clone(),
        changed: api.modified,
        ..export.clone()
    };
    let state = |one: &Appointment| mapping.state(&one.state, &one.confirmation).map_err(|_| ());
    assert_eq!(state(&from_api), state(export), "{} {}", api.state, export.state);
    let is_misc = mapping.template(&api.template, api.begin.date()).is_some_and(|row| row.is_misc);
    assert!(is_misc || place(&from_api) == place(export), "{}: without Standort it lies elsewhere", api.id);
    let (state, confirmation, location) = (export.state.clone(), export.confirmation.clone(), export.location.clone());
    assert_eq!(Appointment { state, confirmation, location, ..from_api }, *export);
    assert_eq!(patient, api.patient.as_deref());
}

fn same_entry(export: &Entry, api: &ivoris::Entry) {
    assert_eq!((export.date, export.amount, export.factor), (api.date, api.amount, api.factor));
    assert_eq!(export.count, api.count.unwrap_or(Decimal::ONE));
    let texts = [
        (export.practitioner.as_str(), &api.practitioner),
        (export.kind.as_str(), &api.kind),
        (export.schedule.as_str(), &api.schedule),
        (export.code.expose(), &api.code),
        (export.text.expose(), &api.text),
    ];
    assert!(texts.iter().all(|(export, api)| *export == trimmed(api)), "{}", api.id);
    assert_eq!(export.profile, Some(api.mandant.to_string()));
}

fn check(practice: &Practice, exports: [Vec<u8>; 3]) {
    let mapping = shipped();
    let [patients, appointments, entries] = exports;
    let patients = read(Kind::Patient, patients, &mapping);
    let patients: Vec<&Patient> =
        patients.iter().filter_map(|one| if let Record::Patient(one) = one { Some(one) } else { None }).collect();
    let numbers: HashMap<&str, &str> =
        patients.iter().filter_map(|one| Some((one.number.as_ref()?.as_str(), one.id.as_str()))).collect();
    let owner = |reference: &PatientRef| match reference {
        PatientRef::Id(id) => Some(id.as_str().to_owned()),
        PatientRef::Number(number) => numbers.get(number.as_str()).map(|id| (*id).to_owned()),
        PatientRef::Nobody => None,
    };
    let visits = read(Kind::Appointment, appointments, &mapping);
    let visits: Vec<&Appointment> =
        visits.iter().filter_map(|one| if let Record::Appointment(one) = one { Some(one) } else { None }).collect();
    let lines = read(Kind::Entry, entries, &mapping);
    let lines: Vec<&Entry> =
        lines.iter().filter_map(|one| if let Record::Entry(one) = one { Some(one) } else { None }).collect();
    let mut seen = [0_usize; 3];
    for (installation, prefix) in PREFIXES {
        let key = |id: &str| format!("{prefix}{id}");
        for api in practice.patients(installation) {
            let export = patients.iter().find(|one| one.id.as_str() == key(&api.id)).expect("a row of the export");
            same_patient(&mapping, export, &api);
            seen[0] += 1;
        }
        let ids: BTreeSet<String> = practice.appointments(installation).into_iter().map(|one| one.id).collect();
        let mut rows: BTreeMap<&str, Vec<&Appointment>> = BTreeMap::new();
        visits.iter().for_each(|one| rows.entry(one.id.as_str()).or_default().push(one));
        for id in ids {
            let api = practice.appointment(installation, &id).expect("it is there");
            let export = newest(rows[key(&id).as_str()].iter().copied());
            let patient = owner(&export.patient);
            same_appointment(&mapping, export, patient.as_deref().map(|id| id.trim_start_matches(prefix)), &api);
            seen[1] += 1;
        }
        let by_id: HashMap<&str, &Entry> = lines.iter().map(|one| (one.id.as_str(), *one)).collect();
        for api in practice.entries(installation) {
            if let Some(export) = by_id.get(key(&api.id).as_str()) {
                same_entry(export, &api);
                assert_eq!(owner(&export.patient), Some(key(&api.patient)));
            } else {
                // The export has no id for it.
                assert_eq!(api.text, "Abdruckmasse");
            }
            seen[2] += 1;
        }
    }
    let distinct: BTreeSet<&str> = visits.iter().map(|one| one.id.as_str()).collect();
    assert_eq!(seen, [patients.iter().filter(|one| !one.deleted).count(), distinct.len(), lines.len()]);
}

#[test]
fn the_samples_mean_the_same_on_both_ways() {
    let bytes = |name: &str| samples::FILES.iter().find(|(have, _)| *have == name).expect("embedded").1.to_vec();
    check(&Practice::new(ivoris::Settings::exact(), Data::samples()), seed::FILES.map(bytes));
}

#[test]
fn seeds_mean_the_same_on_both_ways() {
    for seed in 1..=3 {
        let settings = seed::Settings { seed, patients: 600, changed_percent: 3, ..seed::Settings::default() };
        let folder = tempfile::tempdir().expect("a folder");
        seed::write(folder.path(), &settings).expect("written");
        let bytes = seed::FILES.map(|name| std::fs::read(folder.path().join(name)).expect("read"));
        check(&Practice::new(ivoris::Settings::exact(), Data::seed(&settings)), bytes);
    }
}
