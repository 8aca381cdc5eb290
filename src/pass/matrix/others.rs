//! Deals that are not, or no longer, ours alone: locks (R0), duplicates (R1), rebooking after others closed (R8), leads.

use crate::domain::{Held, Object};
use crate::mapping::{DealSettings, Grain, SourceWord};

use super::cell::{CONSULTATION, DAY, check_settled};
use super::world::{MAPPING, Seat, World, day, told};

const GRAINS: [Grain; 2] = [Grain::Case, Grain::Appointment];

fn seat(id: &'static str, state: &'static str) -> Seat {
    Seat { id, template: CONSULTATION, day: if id == "a" { DAY } else { "2026-03-12" }, state }
}

fn booked(grain: Grain) -> World {
    let mut world = World::new(DealSettings { grain, ..DealSettings::default() });
    world.visit(seat("a", "geplant"));
    world.run();
    world
}

pub(super) fn listed(notes: &[(String, String)], what: &str) -> bool {
    notes.iter().any(|(text, _)| text.contains(what))
}

#[test]
fn r0_a_locked_deal_is_left_alone_in_every_stage() {
    for grain in GRAINS {
        for stage in &MAPPING.tables().stages {
            for state in ["geplant", "bestätigt", "fertig", "abgesagt", "geklärt", "nicht erschienen", "gelöscht"] {
                let mut world = booked(grain);
                world.person_moves("a", stage.key.as_str());
                world.person("a", SourceWord::DealLock, "true");
                world.visit(seat("a", state));
                world.entry("e", DAY, "Leistung", 100);
                let before = world.value("a", SourceWord::DealRevenue);
                let decision = world.run();
                assert_eq!(told(&decision, &world, "a"), "held", "{grain:?} {state} at {}", stage.key);
                assert_eq!(world.stage("a"), stage.key.as_str());
                assert_eq!(world.value("a", SourceWord::DealRevenue), before, "no property either");
                check_settled(&mut world, state);
            }
        }
    }
}

#[test]
fn r0_what_a_person_closed_is_held_and_not_counted_as_open() {
    for grain in GRAINS {
        for stage in ["gewonnen", "verloren"] {
            for state in ["bestätigt", "fertig", "abgesagt", "geklärt", "nicht erschienen", "gelöscht"] {
                let mut world = booked(grain);
                assert_eq!(world.open_deals(), "1");
                world.person_moves("a", stage);
                world.visit(seat("a", state));
                let decision = world.run();
                assert_eq!(told(&decision, &world, "a"), "held", "{grain:?} {state} at {stage}");
                assert_eq!((world.stage("a").as_str(), world.open_deals().as_str()), (stage, "0"));
                check_settled(&mut world, state);
            }
        }
    }
}

#[test]
fn r0_a_deal_in_a_stage_that_is_none_of_ours_is_held() {
    for grain in GRAINS {
        let mut world = booked(grain);
        world.person("a", SourceWord::DealStage, "4711");
        world.visit(seat("a", "abgesagt"));
        assert_eq!(told(&world.run(), &world, "a"), "held");
        assert_eq!(world.value("a", SourceWord::DealStage), "4711");
    }
}

/// Two deals, each keyed by an opening appointment of one case: made while they were two, or by an earlier tool.
fn twice(stage: &str) -> World {
    let mut world = booked(Grain::Appointment);
    world.visit(seat("b", "geplant"));
    world.run();
    world.settings.grain = Grain::Case;
    world.person_moves("b", stage);
    world
}

#[test]
fn r1_a_duplicate_is_listed_and_left_to_dedup_deals_in_every_stage() {
    for stage in &MAPPING.tables().stages {
        let mut world = twice(stage.key.as_str());
        world.visit(seat("a", "bestätigt"));
        let decision = world.run();
        assert!(listed(&decision.notes, &Held::DuplicateDeals.to_string()), "{}: {:?}", stage.key, decision.notes);
        assert_eq!((world.stage("a").as_str(), world.stage("b").as_str()), ("termin_gebucht", stage.key.as_str()));
        assert_eq!(world.deals().len(), 2, "no third");
    }
}

#[test]
fn r1_what_was_closed_as_a_duplicate_is_never_the_deal_of_its_case() {
    let mut world = twice("verloren");
    world.person("b", SourceWord::DealDuplicateOf, "a");
    // Forgotten here, found in HubSpot by key.
    world.file.ledger.retain(|row| row.object != Object::Deal);
    world.visit(seat("a", "fertig"));
    world.entry("e", DAY, "Leistung", 100);
    world.requeue();
    let decision = world.run();
    assert!(!listed(&decision.notes, &Held::DuplicateDeals.to_string()), "{:?}", decision.notes);
    assert_eq!((world.stage("a").as_str(), world.stage("b").as_str()), ("erstberatung", "verloren"));
}

#[test]
fn r8_what_is_booked_after_the_deal_was_lost_has_its_own() {
    for grain in GRAINS {
        let mut world = booked(grain);
        world.visit(seat("a", "abgesagt"));
        world.run();
        assert_eq!(world.stage("a"), "verloren");
        world.visit(Seat { id: "b", template: CONSULTATION, day: "2026-06-02", state: "geplant" });
        let decision = world.run();
        assert_eq!(told(&decision, &world, "a"), "=");
        assert_eq!(told(&decision, &world, "b"), "termin_gebucht R2");
        check_settled(&mut world, "rebooked");
    }
}

#[test]
fn r8_what_is_booked_after_a_person_lost_the_deal_has_its_own() {
    for grain in GRAINS {
        let mut world = World::new(DealSettings { grain, ..DealSettings::default() });
        world.visit(seat("a", "fertig"));
        world.entry("e", DAY, "Leistung", 100);
        world.visit(Seat { id: "k", template: "Planbesprechung", day: "2026-04-10", state: "geplant" });
        world.run();
        world.person_moves("a", "verloren");
        world.person("a", SourceWord::DealCloseDate, "2026-03-20T09:00:00.000Z");
        world.today = day("2026-03-25");
        world.visit(Seat { id: "b", template: CONSULTATION, day: "2026-06-02", state: "geplant" });
        let decision = world.run();
        assert_eq!((world.stage("a").as_str(), world.stage("b").as_str()), ("verloren", "termin_gebucht"), "{grain:?}");
        assert_eq!(listed(&decision.notes, "deal held"), grain == Grain::Case, "{:?}", decision.notes);
        if grain == Grain::Appointment {
            // Nothing happened to its own appointment: that it was lost is seen when it is looked at.
            world.requeue();
            world.run();
        }
        // What was in the calendar already when the deal was lost opens none in grain case.
        assert_eq!(world.stage("k") == "none", grain == Grain::Case);
        check_settled(&mut world, "rebooked");
        // Reopened by a person: two deals stay two.
        world.person_moves("a", "erstberatung");
        world.requeue();
        let decision = world.run();
        assert!(!listed(&decision.notes, &Held::DuplicateDeals.to_string()), "{:?}", decision.notes);
        check_settled(&mut world, "reopened");
    }
}

#[test]
fn r8_after_a_person_won_the_deal_its_treatment_goes_on_in_it() {
    let mut world = booked(Grain::Case);
    world.person_moves("a", "gewonnen");
    world.person("a", SourceWord::DealCloseDate, "2026-03-20T09:00:00.000Z");
    world.today = day("2026-03-25");
    world.visit(Seat { id: "b", template: "Einsetzen Multiband", day: "2026-06-02", state: "geplant" });
    assert_eq!(told(&world.run(), &world, "a"), "held");
    assert_eq!(world.deals().len(), 1);
    check_settled(&mut world, "won");
}

/// A contact with a lead that marketing made, before its patient is read for the first time.
pub(super) fn with_lead(stage: &str, number: usize) -> World {
    let mut world = World::new(DealSettings::default());
    let contact = [("email", "mara@example.org"), ("firstname", "Mara"), ("lastname", "Musterfeld")];
    let contact = world.foreign(Object::Contact, &contact);
    for _ in 0..number {
        let stage = &MAPPING.stage(&crate::domain::StageKey::new(stage)).expect("a stage").hubspot_stage_id;
        let deal = world.foreign(Object::Deal, &[("pipeline", MAPPING.pipeline_id()), ("dealstage", stage)]);
        let record = world.records.get_mut(&(Object::Contact, contact)).expect("a contact");
        record.links.entry(Object::Deal).or_default().push(deal);
    }
    world
}

#[test]
fn r2_a_lead_of_marketing_is_taken_over_by_what_opens_a_deal_and_by_nothing_else() {
    for (state, expected) in [
        ("geplant", "termin_gebucht R2"),
        ("fertig", "termin_gebucht R2"),
        ("abgesagt", "none"),
        ("geklärt", "none"),
        ("nicht erschienen", "none"),
        ("gelöscht", "none"),
    ] {
        let mut world = with_lead("neuer_lead", 1);
        world.visit(seat("a", state));
        let decision = world.run();
        assert_eq!(told(&decision, &world, "a"), expected, "{state}");
        assert_eq!(world.deals().len(), 1, "{state}: the lead is the deal");
        check_settled(&mut world, state);
    }
    let mut world = with_lead("neuer_lead", 1);
    world.visit(seat("a", "fertig"));
    world.entry("e", DAY, "Leistung", 100);
    assert_eq!(told(&world.run(), &world, "a"), "erstberatung R2");
}

#[test]
fn r2_several_leads_are_held_and_a_deal_of_others_beyond_the_first_stage_is_counted() {
    let mut world = with_lead("neuer_lead", 2);
    world.visit(seat("a", "geplant"));
    assert_eq!(told(&world.run(), &world, "a"), "held");
    let mut world = with_lead("angebot", 1);
    world.visit(seat("a", "geplant"));
    assert_eq!(told(&world.run(), &world, "a"), "termin_gebucht R2");
    assert_eq!(world.open_deals(), "2");
}

#[test]
fn r4_what_a_person_took_back_from_lost_stays_and_is_settled() {
    let mut world = World::new(DealSettings::default());
    let seat = |state| Seat { id: "a", template: "Anfangsunterlagen/Scan", day: DAY, state };
    world.visit(seat("geplant"));
    world.run();
    world.visit(seat("geklärt"));
    for expected in ["verloren R4", "held"] {
        world.person_moves("a", "erstberatung");
        world.requeue();
        assert_eq!(told(&world.run(), &world, "a"), expected);
        check_settled(&mut world, expected);
    }
}

#[test]
fn r2_what_a_person_put_behind_its_evidence_goes_forward_and_is_not_lost() {
    let mut world = World::new(DealSettings::default());
    world.visit(seat("a", "fertig"));
    world.entry("e", DAY, "Plan", 100);
    world.visit(Seat { id: "b", template: CONSULTATION, day: DAY, state: "abgesagt" });
    assert_eq!(told(&world.run(), &world, "a"), "plan_erstellt R2");
    // Another visit: what the person takes back stood on other evidence.
    world.visit(Seat { id: "c", template: "Kontrolle Aligner", day: DAY, state: "fertig" });
    world.person_moves("a", "erstberatung");
    world.requeue();
    assert_eq!(told(&world.run(), &world, "a"), "plan_erstellt R2");
    check_settled(&mut world, "behind its evidence");
}
