//! Stories of one family or one practice, each about what turns between two runs.

use std::collections::BTreeSet;

use ivohub::domain::{
    Appointment, AppointmentId, HubspotId, InstanceKey, Kind, LocalTime, LocationKey, Object, Patient, PatientId,
    PatientRef, Personal,
};
use ivohub::http::SeededRandom;
use ivohub::mapping::Grain;
use ivohub::pass::Summary;
use ivohub::sandbox::hubspot::{Actor, Portal, Seen, Settings};

use ivohub::store::Store;

use super::simulation::{Dice, INSTANCE, Practice, Site, day};

const SHARED: &str = "familie@example.org";

pub(super) fn patient(number: u32, born: &str, email: &str) -> Patient {
    let text = |text: &str| Personal::new(text);
    Patient {
        id: patient_id(number),
        instance: InstanceKey::new(INSTANCE),
        number: None,
        title: text(""),
        first_name: text(&format!("Vorname{number}")),
        last_name: text("Krüger"),
        birthday: Some(day(born)),
        gender: None,
        email: text(email),
        phone: text(""),
        mobile: text(""),
        street: text(""),
        zip: text(""),
        city: text(""),
        country: text(""),
        insurance: text(""),
        location: Some("nord".to_owned()),
        profile: None,
        practitioner: None,
        created: None,
        deleted: false,
        known_as: None,
    }
}

pub(super) fn patient_id(number: u32) -> PatientId {
    PatientId::keyed("", &format!("p-{number}")).expect("an id")
}

pub(super) fn visit(number: u32, patient: u32, start: &str, state: &str) -> Appointment {
    Appointment {
        id: AppointmentId::keyed("", &format!("t-{number}")).expect("an id"),
        instance: InstanceKey::new(INSTANCE),
        patient: PatientRef::Id(patient_id(patient)),
        start: LocalTime(start.parse().expect("a time")),
        end: None,
        template: "Erstberatung Aligner".to_owned(),
        chair: String::new(),
        practitioner: String::new(),
        location: Some("nord".to_owned()),
        state: state.to_owned(),
        confirmation: String::new(),
        created: None,
        changed: None,
        ids: ivohub::domain::SourceIds::default(),
    }
}

async fn load(site: &Site, practice: &Practice) -> Vec<Summary> {
    site.load(practice, &Dice(SeededRandom::new(1)), None).await.expect("nobody dies")
}

fn contact(site: &Site, number: u32) -> Seen {
    let found = site.portal.find(Object::Contact, "ivoris_patient_id", &format!("p-{number}"));
    found.into_iter().next().expect("the patient has a contact")
}

/// Nothing was refused by HubSpot, neither records nor links.
fn nothing_refused(summaries: &[Summary]) {
    for summary in summaries {
        assert_eq!(summary.account.steps.rejected, 0, "{:?}", summary.account.held);
    }
}

#[tokio::test(start_paused = true)]
async fn a_patient_who_is_left_out_keeps_the_address_that_the_contact_holds() {
    let site = Site::new(Grain::Case).await;
    let mut practice = Practice::default();
    practice.patients.insert(1, patient(1, "1980-01-01", SHARED));
    load(&site, &practice).await;
    assert_eq!(contact(&site, 1).get("email"), SHARED);
    // The file was opened a second time, and the first one is deleted in Ivoris; the contact in HubSpot stays.
    practice.patients.get_mut(&1).expect("there").deleted = true;
    practice.patients.insert(2, patient(2, "1980-01-01", SHARED));
    nothing_refused(&load(&site, &practice).await);
    assert_eq!(contact(&site, 2).get("ivoris_email"), SHARED);
    assert_eq!(contact(&site, 1).get("email"), SHARED);
}

#[tokio::test(start_paused = true)]
async fn who_is_selected_through_an_appointment_counts_among_the_owners_of_an_address() {
    let mut site = Site::new(Grain::Case).await;
    site.selection.locations = Some(BTreeSet::from([LocationKey::new("nord")]));
    let mut practice = Practice::default();
    for (number, born) in [(1, "1980-01-01"), (2, "1990-01-01"), (3, "1970-01-01")] {
        practice.patients.insert(number, Patient { location: None, ..patient(number, born, SHARED) });
    }
    practice.visits.insert(1, visit(1, 1, "2026-11-02T09:00:00", "geplant"));
    practice.visits.insert(2, visit(2, 2, "2026-11-03T09:00:00", "geplant"));
    // The oldest is elsewhere and takes no part.
    practice
        .visits
        .insert(3, Appointment { location: Some("sued".to_owned()), ..visit(3, 3, "2026-11-03T09:00:00", "geplant") });
    load(&site, &practice).await;
    let patients = practice.patients.values_mut();
    patients.for_each(|patient| patient.last_name = Personal::new("Krüger-Voß"));
    nothing_refused(&load(&site, &practice).await);
    assert_eq!(site.records(Object::Contact).len(), 2);
    assert_eq!(contact(&site, 1).get("email"), SHARED);
    assert_eq!(contact(&site, 2).get("email"), "");
    assert_eq!(contact(&site, 2).get("ivoris_email"), SHARED);
}

#[tokio::test(start_paused = true)]
async fn an_address_that_is_given_up_goes_to_the_next_owner() {
    let site = Site::new(Grain::Case).await;
    let mut practice = Practice::default();
    practice.patients.insert(1, patient(1, "1980-01-01", SHARED));
    practice.patients.insert(2, patient(2, "1990-01-01", SHARED));
    load(&site, &practice).await;
    practice.patients.get_mut(&1).expect("there").email = Personal::new("eigene@example.org");
    nothing_refused(&load(&site, &practice).await);
    assert_eq!(contact(&site, 1).get("email"), "eigene@example.org");
    assert_eq!(contact(&site, 2).get("email"), SHARED);
    // Both at once: they exchange addresses.
    practice.patients.get_mut(&1).expect("there").email = Personal::new(SHARED);
    practice.patients.get_mut(&2).expect("there").email = Personal::new("eigene@example.org");
    nothing_refused(&load(&site, &practice).await);
    assert_eq!(contact(&site, 1).get("ivoris_email"), SHARED);
    assert_eq!(contact(&site, 2).get("ivoris_email"), "eigene@example.org");
}

#[tokio::test(start_paused = true)]
async fn an_appointment_that_changes_its_patient_takes_its_deal_along() {
    let site = Site::new(Grain::Case).await;
    let mut practice = Practice::default();
    practice.patients.insert(1, patient(1, "1980-01-01", ""));
    practice.patients.insert(2, patient(2, "1990-01-01", ""));
    practice.visits.insert(1, visit(1, 1, "2026-11-02T09:00:00", "geplant"));
    load(&site, &practice).await;
    assert_eq!(contact(&site, 1).get("num_open_deal"), "1");
    practice.visits.insert(1, visit(1, 2, "2026-11-02T09:00:00", "geplant"));
    load(&site, &practice).await;
    let deals = site.records(Object::Deal);
    assert_eq!(deals.len(), 1);
    assert_eq!(deals[0].get("ivoris_patient_id"), "p-2");
    assert_eq!(contact(&site, 2).get("num_open_deal"), "1");
    assert_eq!(contact(&site, 1).get("num_open_deal"), "0");
}

#[tokio::test(start_paused = true)]
async fn an_appointment_read_under_two_patients_counts_once() {
    let site = Site::new(Grain::Case).await;
    let mut practice = Practice::default();
    practice.patients.insert(1, patient(1, "1980-01-01", ""));
    practice.patients.insert(2, patient(2, "1990-01-01", ""));
    for (row, owner) in [(1, 1), (2, 2)] {
        practice.visits.insert(row, visit(7, owner, "2026-11-02T09:00:00", "geplant"));
    }
    load(&site, &practice).await;
    let (visits, deals) = (site.records(Object::Appointment), site.records(Object::Deal));
    assert_eq!((visits.len(), deals.len()), (1, 1));
    assert_eq!(site.portal.links(Object::Appointment, visits[0].id, Object::Contact).len(), 1);
    assert_eq!(site.portal.links(Object::Deal, deals[0].id, Object::Contact).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_written_for_a_patient_whose_contact_is_refused() {
    let site = Site::new(Grain::Case).await;
    let mut practice = Practice::default();
    practice.visits.insert(1, visit(1, 1, "2026-11-02T09:00:00", "geplant"));
    load(&site, &practice).await;
    // Longer than HubSpot takes a text. The deal of the appointment that waited is planned together with the contact.
    practice
        .patients
        .insert(1, Patient { last_name: Personal::new("Y".repeat(70_000)), ..patient(1, "1980-01-01", "") });
    load(&site, &practice).await;
    assert_eq!(Object::ALL.map(|object| site.records(object).len()), [0, 0, 0]);
    load(&site, &practice).await;
    assert_eq!(Object::ALL.map(|object| site.records(object).len()), [0, 0, 0]);
    practice.patients.insert(1, patient(1, "1980-01-01", ""));
    nothing_refused(&load(&site, &practice).await);
    assert_eq!(Object::ALL.map(|object| site.records(object).len()), [1, 1, 1]);
    let deal = site.records(Object::Deal)[0].id;
    let contacts = BTreeSet::<HubspotId>::from([contact(&site, 1).id]);
    assert_eq!(site.portal.links(Object::Deal, deal, Object::Contact), contacts);
}

#[tokio::test(start_paused = true)]
async fn what_was_accepted_for_one_portal_is_not_sent_to_another() {
    let first = Site::new(Grain::Case).await;
    let lead = [("email", "erna@example.org"), ("firstname", "Vorname1"), ("lastname", "Krüger")];
    first.portal.create(Actor::Person, Object::Contact, &lead, first.now()).expect("a contact");
    let mut practice = Practice::default();
    practice.patients.insert(1, patient(1, "1980-01-01", "erna@example.org"));
    first.accept_only(&practice, Kind::Patient, &Dice(SeededRandom::new(1))).await;
    let settings = Settings { portal_id: 48_100_001, ..Settings::default() };
    let mut second = Site::of(Portal::new(settings), Grain::Case).await;
    let stranger = [("email", "fremd@example.org"), ("firstname", "Fremde"), ("lastname", "Person")];
    second.portal.create(Actor::Person, Object::Contact, &stranger, second.now()).expect("a contact");
    (second.store, second.runs) = (first.store.clone(), 100.into());
    load(&second, &practice).await;
    let stranger = &second.portal.find(Object::Contact, "email", "fremd@example.org")[0];
    assert_eq!((stranger.get("ivoris_patient_id"), stranger.get("lastname")), ("", "Person"));
    assert_eq!(contact(&second, 1).get("email"), "erna@example.org");
}

#[tokio::test(start_paused = true)]
async fn a_lead_that_somebody_has_locked_is_left_alone() {
    let site = Site::new(Grain::Case).await;
    let person = [("email", "erna@example.org"), ("firstname", "Vorname1"), ("lastname", "Krüger")];
    let person = site.portal.create(Actor::Person, Object::Contact, &person, site.now()).expect("a contact");
    let lead = [
        ("dealname", "Anfrage"),
        ("pipeline", "ivohub_behandlungen"),
        ("dealstage", "ivohub_neuer_lead"),
        ("ivohub_lock", "true"),
    ];
    let lead = site.portal.create(Actor::Person, Object::Deal, &lead, site.now()).expect("a deal");
    site.portal.link((Object::Deal, lead), (Object::Contact, person)).expect("a link");
    let mut practice = Practice::default();
    practice.patients.insert(1, patient(1, "1980-01-01", "erna@example.org"));
    practice.visits.insert(1, visit(1, 1, "2026-11-02T09:00:00", "geplant"));
    load(&site, &practice).await;
    let deals = site.records(Object::Deal);
    assert_eq!((deals.len(), deals[0].get("ivoris_appointment_id")), (1, ""));
}

#[tokio::test(start_paused = true)]
async fn a_start_of_treatment_counts_in_one_case_only() {
    let site = Site::new(Grain::Case).await;
    let of = |number, start, template: &str| Appointment {
        template: template.to_owned(),
        ..visit(number, 1, start, "fertig")
    };
    let mut practice = Practice::default();
    practice.patients.insert(1, patient(1, "1980-01-01", ""));
    practice.visits.insert(1, of(1, "2025-01-10T09:00:00", "Erstberatung Aligner"));
    practice.visits.insert(3, of(3, "2026-03-02T09:00:00", "Einsetzen Multiband"));
    load(&site, &practice).await;
    // The end of an earlier treatment arrives late: what came after it is another case.
    practice.visits.insert(2, of(2, "2025-06-01T09:00:00", "Entbänderung"));
    load(&site, &practice).await;
    let starts: Vec<String> =
        site.records(Object::Deal).iter().map(|deal| deal.get("behandlungsstartdate").to_owned()).collect();
    assert_eq!(starts.len(), 2);
    assert_eq!(starts.iter().filter(|start| *start == "2026-03-02").count(), 1, "{starts:?}");
}

#[tokio::test(start_paused = true)]
async fn a_link_that_is_refused_is_told_and_its_record_held() {
    let site = Site::new(Grain::Case).await;
    let mut practice = Practice::default();
    practice.patients.insert(1, patient(1, "1980-01-01", ""));
    load(&site, &practice).await;
    site.portal.archive(Object::Contact, contact(&site, 1).id, site.now()).expect("a contact");
    practice.visits.insert(1, visit(1, 1, "2026-11-02T09:00:00", "geplant"));
    let account = &load(&site, &practice).await[1].account;
    assert_eq!((account.steps.links_done, account.steps.links_refused), (1, 2), "to the deal; both to the contact");
    let held = site.store.status().await.expect("a status").held;
    assert!(held.iter().any(|note| note.kind == Kind::Appointment && note.count == 1), "{held:?}");
}
