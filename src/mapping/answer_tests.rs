//! What a change of one row touches, and that the walk over look-ups is the way a place is really found.

use proptest::prelude::*;

use crate::domain::{
    Appointment, AppointmentId, LocalTime, Patient, PatientId, PatientRef, Personal, SourceIds, StageKey,
};
use crate::mapping::tables::{Chair, Tables, Template};
use crate::mapping::{Mapping, shipped};

use super::*;

fn looks() -> Vec<Look<'static>> {
    let template = |text: &str| Look::Template(text.to_owned().into());
    let entry = |kind: &str, schedule: &str, code: &str| Look::Entry {
        kind: kind.to_owned().into(),
        schedule: schedule.to_owned().into(),
        code: code.to_owned().into(),
    };
    vec![
        template("Planbesprechung"),
        template("NB_Planbesprechung"),
        template("Neue Terminart"),
        Look::State { state: "fertig".into(), confirmation: "".into() },
        Look::State { state: "verschollen".into(), confirmation: "".into() },
        Look::Location("KFO Nord".into()),
        Look::Chair { id: false, text: "Stuhl 77".into() },
        entry("Leistung", "BEMA", "119b"),
        entry("Leistung", "GOZ", "6190"),
        entry("pabg", "", ""),
        entry("Unbekannt", "", ""),
        Look::Facts(Facts {
            state: Some(crate::domain::AppointmentState::Cancelled),
            category: "erstberatung".to_owned(),
            has_entries: false,
            stage: None,
            supported: StageKey::new("termin_gebucht"),
            opens: true,
            begun: false,
            live: false,
            push_back: crate::mapping::PushBack::Tool,
        }),
        Look::TemplateId("T-77".into()),
    ]
}

/// Places in [`looks`] whose answer an edit changes.
fn check(edit: impl FnOnce(&mut Tables), wanted: &[usize]) {
    let before = shipped();
    let mut tables = before.tables().clone();
    edit(&mut tables);
    let after = Mapping::new(tables);
    let (old, new) = (Rulings::new(&before), Rulings::new(&after));
    let looks = looks();
    let changed = (0..looks.len())
        .filter(|at| before.answer(&looks[*at], &old).digest != after.answer(&looks[*at], &new).digest)
        .collect::<Vec<_>>();
    assert_eq!(changed, wanted);
}

fn named<'t>(tables: &'t mut Tables, name: &str) -> &'t mut Template {
    tables.templates.iter_mut().find(|row| row.name == name).expect("a row")
}

#[test]
fn an_answer_changes_with_the_rows_it_depends_on() {
    check(|_| {}, &[]);
    check(|tables| named(tables, "Planbesprechung").stage_on_completed = None, &[0, 1]);
    check(|tables| named(tables, "Planbesprechung").valid_to = "2020-01-01".parse().ok(), &[0, 1]);
    check(|tables| named(tables, "Planbesprechung").name = "Neue Terminart".to_owned(), &[0, 1, 2]);
    check(|tables| named(tables, "Planbesprechung").id = Some("t-77".to_owned()), &[0, 1, 12]);
    check(|tables| tables.status.retain(|row| row.value != "fertig"), &[3]);
    check(
        |tables| tables.locations.iter_mut().find(|row| row.key.as_str() == "nord").expect("a row").city.push('x'),
        &[1, 5],
    );
    let chair = |tables: &Tables| Chair {
        id: None,
        name: None,
        prefix: Some("Stuhl".to_owned()),
        location: Some(tables.locations[0].key.clone()),
        active: true,
    };
    check(|tables| tables.chairs.push(chair(tables)), &[6]);
    check(
        |tables| {
            let bema = tables.point_values.iter_mut().filter(|row| fold(&row.schedule) == "bema");
            bema.for_each(|row| row.cents += rust_decimal::Decimal::ONE);
        },
        &[7],
    );
    check(
        |tables| {
            let row = tables.entry_kinds[0].clone();
            let matches = crate::mapping::tables::EntryMatch::Text(regex::Regex::new("retainer").expect("a pattern"));
            tables.entry_kinds.insert(0, crate::mapping::tables::EntryKind { matches, schedule: None, ..row });
        },
        &[7, 8, 9, 10],
    );
    check(|tables| tables.rules.retain(|row| row.id.as_str() != "R3"), &[11]);
    check(|tables| tables.rules.retain(|row| row.id.as_str() != "R4"), &[]);
    check(|tables| tables.rules.swap(0, 1), &[]);
}

#[test]
fn unmapped_words_have_no_row() {
    let mapping = shipped();
    let rulings = Rulings::new(&mapping);
    let rows = |at: usize| mapping.answer(&looks()[at], &rulings).rows;
    assert!([2, 4, 6, 12].into_iter().all(|at| rows(at).is_empty()));
    assert_eq!(rows(0)[0], RowRef { table: "terminarten", key: "planbesprechung".to_owned() });
    assert_eq!(rows(11)[0].table, "regeln");
}

#[test]
fn a_look_is_sealed_and_comes_back() {
    for look in looks() {
        let text = serde_json::to_string(&look).expect("serialises");
        let back: Look<'static> = serde_json::from_str(&text).expect("is read");
        assert!(back == look, "{look:?}");
        assert!(!format!("{look:?}").contains("119b"), "a code is not shown");
    }
}

/// Whether a record looked at something whose answer an edit changes.
fn notices(walk: impl FnOnce(&mut dyn FnMut(Look<'_>) -> Hit), before: &Mapping, after: &Mapping) -> bool {
    let (old, new) = (Rulings::new(before), Rulings::new(after));
    let mut noticed = false;
    walk(&mut |look| {
        noticed |= before.answer(&look, &old).digest != after.answer(&look, &new).digest;
        before.hit(&look)
    });
    noticed
}

fn edited(before: &Mapping, edit: impl FnOnce(&mut Tables)) -> Mapping {
    let mut tables = before.tables().clone();
    edit(&mut tables);
    Mapping::new(tables)
}

fn visit() -> Appointment {
    Appointment {
        id: AppointmentId::new("1"),
        instance: InstanceKey::new("nord"),
        patient: PatientRef::Nobody,
        start: LocalTime("2026-01-01T09:00:00".parse().expect("a time")),
        end: None,
        template: "Neuer Name".to_owned(),
        chair: String::new(),
        practitioner: String::new(),
        location: None,
        state: "geplant".to_owned(),
        confirmation: String::new(),
        created: None,
        changed: None,
        ids: SourceIds::default(),
    }
}

fn patient_of(instance: &str) -> Patient {
    let nothing = Personal::default;
    Patient {
        id: PatientId::new("p-1"),
        instance: InstanceKey::new(instance),
        number: None,
        title: nothing(),
        first_name: nothing(),
        last_name: nothing(),
        birthday: None,
        gender: None,
        email: nothing(),
        phone: nothing(),
        mobile: nothing(),
        street: nothing(),
        zip: nothing(),
        city: nothing(),
        country: nothing(),
        insurance: nothing(),
        location: None,
        profile: None,
        practitioner: None,
        created: None,
        deleted: false,
        known_as: None,
    }
}

#[test]
fn a_template_that_is_known_by_its_id_is_looked_at_under_it() {
    let one = Appointment { ids: SourceIds { template: Some("t-77".to_owned()), ..SourceIds::default() }, ..visit() };
    let bare = shipped();
    let with_id = edited(&bare, |tables| named(tables, "Planbesprechung").id = Some("T-77".to_owned()));
    let moved = edited(&with_id, |tables| named(tables, "Planbesprechung").stage_on_completed = None);
    assert_ne!(with_id.template_of(&one), moved.template_of(&one));
    for (before, after, wanted) in
        [(&with_id, &moved, true), (&bare, &with_id, true), (&with_id, &bare, true), (&with_id, &with_id, false)]
    {
        assert_eq!(notices(|ask| Look::of_appointment(&one, ask), before, after), wanted);
    }
}

#[test]
fn a_patient_without_appointments_looks_at_the_only_location() {
    let one = patient_of("sued");
    let before = edited(&shipped(), |tables| tables.locations.retain(|row| row.key.as_str() == "sued"));
    let place = |mapping: &Mapping| {
        let (wanted, _) = crate::mapping::contact(&one, crate::mapping::EmailRole::Owner, None, mapping);
        wanted.properties.into_iter().find(|row| row.name.as_str() == "ivoris_location").map(|row| row.value)
    };
    let renamed = edited(&before, |tables| tables.locations[0].hubspot_value = "anders".to_owned());
    assert_ne!(place(&before), place(&renamed));
    assert!(notices(|ask| Look::of_patient(&one, ask), &before, &renamed));
}

fn word(words: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop::sample::select(words).prop_map(str::to_owned)
}

proptest! {
    /// The last look-up that gives a place is the one that places the appointment.
    #[test]
    fn looks_lead_to_the_same_place(
        location in prop::option::of(word(&["", "KFO Nord", "mitte", "nirgends"])),
        chair in word(&["", "NB_Zimmer 1", "MB_Stuhl", "Verwaltung", "Stuhl 3 KFO", "Stuhl 9"]),
        chair_id in prop::option::of(word(&["", "c-1", "Verwaltung"])),
        template in word(&["NB_Planbesprechung", "Planbesprechung", ""]),
        practitioner in word(&["", "Dr. Beispiel", "Niemand"]),
        instance in word(&["nord", "sued", "west"]),
        profile in prop::option::of(word(&["a0000000-0000-4000-8000-000000000003", "7"])),
    ) {
        let mapping = shipped();
        let one = Appointment {
            id: AppointmentId::keyed("", "1").expect("an id"),
            instance: InstanceKey::new(&instance),
            patient: PatientRef::Nobody,
            start: LocalTime("2026-01-01T09:00:00".parse().expect("a time")),
            end: None,
            template,
            chair,
            practitioner,
            location,
            state: "geplant".to_owned(),
            confirmation: String::new(),
            created: None,
            changed: None,
            ids: SourceIds { template: None, chair: chair_id, practitioner: None, profile },
        };
        let mut prefix = None;
        let mut last = None;
        Look::of_appointment(&one, &mut |look| {
            let hit = mapping.hit(&look);
            if hit == Hit::Place {
                let place = mapping.place_of(&look);
                if matches!(look, Look::Template(_)) { prefix = place } else { last = place }
            }
            hit
        });
        let found = mapping.location_of_appointment(&one).map(|row| row.key.clone());
        let looked = last.or(prefix).map(|at| mapping.tables().locations[at].key.clone());
        prop_assert_eq!(looked, found);
    }
}
