//! The portal is shared with people and workflows: what they do to a deal is seen, kept, and not fought.

use ivohub::domain::{Appointment, Cents, Entry, EntryId, InstanceKey, Object, PatientRef, Personal};
use ivohub::http::SeededRandom;
use ivohub::mapping::Grain;
use ivohub::pass::Summary;
use ivohub::sandbox::hubspot::{Actor, Seen};

use super::simulation::{Dice, INSTANCE, Practice, Site, day};
use super::stories::{patient, patient_id, visit};

const UNDONE: &str = "deal held: the portal took back what R5 did";

fn of(number: u32, start: &str, template: &str, state: &str) -> Appointment {
    Appointment { template: template.to_owned(), ..visit(number, 1, start, state) }
}

/// A line of 100 euros on a day.
fn bill(practice: &mut Practice, number: u32, patient: u32, on: &str) {
    let entry = Entry {
        id: EntryId::keyed("", &format!("e-{number}")).expect("an id"),
        instance: InstanceKey::new(INSTANCE),
        patient: PatientRef::Id(patient_id(patient)),
        date: day(on),
        practitioner: String::new(),
        kind: "Leistung".to_owned(),
        schedule: "GOZ".to_owned(),
        code: Personal::new("6190"),
        count: 1.into(),
        factor: None,
        amount: Some(Cents(10_000)),
        text: Personal::default(),
        profile: None,
    };
    practice.entries.insert(number, entry);
}

/// A patient with a completed consultation, whose deal stands at its stage.
async fn consulted() -> (Site, Practice) {
    let site = Site::new(Grain::Case).await;
    let mut practice = Practice::default();
    practice.patients.insert(1, patient(1, "1980-01-01", ""));
    practice.visits.insert(1, of(1, "2026-11-02T09:00:00", "Erstberatung Aligner", "fertig"));
    bill(&mut practice, 1, 1, "2026-11-02");
    load(&site, &practice).await;
    assert_eq!(deal(&site).get("dealstage"), "ivohub_erstberatung");
    (site, practice)
}

async fn load(site: &Site, practice: &Practice) -> Vec<Summary> {
    site.load(practice, &Dice(SeededRandom::new(1)), None).await.expect("nobody dies")
}

fn deal(site: &Site) -> Seen {
    let mut deals = site.records(Object::Deal);
    assert_eq!(deals.len(), 1);
    deals.remove(0)
}

fn edit(site: &Site, actor: Actor, values: &[(&str, &str)]) {
    site.portal.edit(actor, Object::Deal, deal(site).id, values, site.now()).expect("an edit");
}

fn listed(summaries: &[Summary], what: &str) -> u64 {
    summaries.iter().filter_map(|summary| summary.listed.get(what)).map(|listed| listed.count).sum()
}

#[tokio::test(start_paused = true)]
async fn a_move_that_a_workflow_takes_back_is_not_repeated_until_there_is_new_evidence() {
    let (site, mut practice) = consulted().await;
    edit(&site, Actor::Workflow, &[("dealstage", "ivohub_termin_gebucht")]);
    // Something else changes, so that the deal is looked at again: its money is written, its stage is theirs.
    bill(&mut practice, 2, 1, "2026-11-02");
    let summaries = load(&site, &practice).await;
    assert_eq!(deal(&site).get("dealstage"), "ivohub_termin_gebucht");
    assert!(listed(&summaries, UNDONE) > 0, "{:?}", summaries.iter().map(|one| &one.listed).collect::<Vec<_>>());
    assert_eq!(deal(&site).get("treatment_revenue"), "200.00");
    let before = deal(&site).updated;
    load(&site, &practice).await;
    assert_eq!(deal(&site).updated, before, "nothing is written again");
    practice.visits.insert(2, of(2, "2026-11-10T09:00:00", "Anfangsunterlagen/Scan", "fertig"));
    bill(&mut practice, 3, 1, "2026-11-10");
    load(&site, &practice).await;
    assert_eq!(deal(&site).get("dealstage"), "ivohub_diagnostik", "new evidence moves it");
}

#[tokio::test(start_paused = true)]
async fn what_a_person_wrote_in_a_property_that_is_ours_by_default_stays() {
    let (site, mut practice) = consulted().await;
    edit(&site, Actor::Person, &[("amount", "4711.00"), ("dealname", "Familie am Telefon")]);
    bill(&mut practice, 2, 1, "2026-11-02");
    load(&site, &practice).await;
    let deal = deal(&site);
    assert_eq!(
        ["amount", "dealname", "treatment_revenue"].map(|name| deal.get(name)),
        ["4711.00", "Familie am Telefon", "200.00"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_deal_that_a_person_closed_is_never_opened_again() {
    let (site, mut practice) = consulted().await;
    edit(&site, Actor::Person, &[("dealstage", "ivohub_verloren"), ("closed_lost_reason", "Kein Interesse")]);
    practice.visits.insert(2, of(2, "2026-11-10T09:00:00", "Anfangsunterlagen/Scan", "fertig"));
    bill(&mut practice, 3, 1, "2026-11-10");
    let summaries = load(&site, &practice).await;
    assert_eq!(deal(&site).get("dealstage"), "ivohub_verloren");
    assert_eq!(deal(&site).get("closed_lost_reason"), "Kein Interesse");
    assert!(listed(&summaries, "deal held: locked or closed by a person") > 0);
}
