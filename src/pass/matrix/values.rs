//! What is written beside the stage: start of treatment (R9), close date and reason, the rule, the number of open deals.

use crate::mapping::{DealSettings, Grain, SourceWord};

use super::cell::{CONSULTATION, DAY, check_settled};
use super::world::{Seat, World, day, told};

const START: &str = "Einsetzen Multiband";

fn seat(id: &'static str, template: &'static str, day: &'static str, state: &'static str) -> Seat {
    Seat { id, template, day, state }
}

fn played(seats: &[Seat]) -> World {
    let mut world = World::new(DealSettings::default());
    seats.iter().for_each(|seat| world.visit(*seat));
    world.run();
    world
}

fn start(world: &World) -> String {
    world.value("a", SourceWord::DealStartDate)
}

#[test]
fn r9_the_start_is_the_earliest_completed_one_and_booked_ones_are_planned() {
    let mut world = played(&[seat("a", START, DAY, "geplant")]);
    assert_eq!((start(&world).as_str(), world.value("a", SourceWord::DealPlannedStartDate).as_str()), ("", DAY));
    world.visit(seat("a", START, DAY, "fertig"));
    world.run();
    assert_eq!((start(&world).as_str(), world.value("a", SourceWord::DealPlannedStartDate).as_str()), (DAY, ""));
    assert_eq!(world.stage("a"), "termin_gebucht", "a start needs no entries, the stage does");
    // A later one changes nothing, an earlier one that is read late wins.
    world.visit(seat("b", START, "2026-03-20", "fertig"));
    world.run();
    assert_eq!(start(&world), DAY);
    world.visit(seat("c", START, "2026-02-20", "fertig"));
    world.run();
    assert_eq!(start(&world), "2026-02-20");
    check_settled(&mut world, "started");
}

#[test]
fn r9_the_start_is_never_cleared() {
    for state in ["geplant", "abgesagt", "nicht erschienen", "gelöscht"] {
        let mut world = played(&[seat("a", START, DAY, "fertig")]);
        world.visit(seat("a", START, DAY, state));
        world.run();
        assert_eq!(start(&world), DAY, "{state}");
        check_settled(&mut world, state);
    }
}

#[test]
fn r9_the_start_that_a_person_wrote_is_theirs() {
    let mut world = played(&[seat("a", START, DAY, "fertig")]);
    world.person("a", SourceWord::DealStartDate, "2026-01-15");
    world.visit(seat("b", START, "2026-01-02", "fertig"));
    world.run();
    assert_eq!(start(&world), "2026-01-15");
    check_settled(&mut world, "a person's");
    let mut world = played(&[seat("a", START, DAY, "geplant")]);
    world.person("a", SourceWord::DealStartDate, "2026-01-15");
    world.visit(seat("a", START, DAY, "fertig"));
    world.run();
    assert_eq!(start(&world), "2026-01-15", "filled before us");
}

#[test]
fn a_lost_deal_closes_on_the_earlier_of_appointment_and_reading_and_reopens_without() {
    for (read, closed) in [("2026-02-20", "2026-02-19T23:00:00.000Z"), ("2026-03-09", "2026-03-02T08:00:00.000Z")] {
        let mut world = played(&[seat("a", CONSULTATION, DAY, "geplant")]);
        assert_eq!(world.value("a", SourceWord::DealCloseDate), "");
        world.today = day(read);
        world.visit(seat("a", CONSULTATION, DAY, "abgesagt"));
        world.run();
        assert_eq!(world.value("a", SourceWord::DealCloseDate), closed, "read on {read}");
        assert_eq!(world.value("a", SourceWord::DealLostReason), "Termin abgesagt");
        assert_eq!(world.value("a", SourceWord::DealRule), "R3");
        world.today = day("2026-03-10");
        check_settled(&mut world, "lost");
        assert_eq!(world.value("a", SourceWord::DealCloseDate), closed, "not the day of the run");
        world.visit(seat("a", CONSULTATION, DAY, "geplant"));
        world.run();
        let left = [SourceWord::DealCloseDate, SourceWord::DealLostReason].map(|word| world.value("a", word));
        assert_eq!((left, world.value("a", SourceWord::DealRule)), ([String::new(), String::new()], "R7".to_owned()));
        check_settled(&mut world, "reopened");
    }
}

#[test]
fn clarified_has_its_own_reason_and_won_closes_on_the_day_of_its_appointment() {
    let mut world = played(&[seat("a", CONSULTATION, DAY, "geplant")]);
    world.visit(seat("a", CONSULTATION, DAY, "geklärt"));
    world.run();
    assert_eq!(world.value("a", SourceWord::DealLostReason), "Erstberatung geklärt");
    let mut world = World::new(DealSettings::default());
    world.visit(seat("a", "Entbänderung", "2025-07-02", "fertig"));
    world.entry("e", "2025-07-02", "Leistung", 100);
    world.run();
    assert_eq!(world.value("a", SourceWord::DealCloseDate), "2025-07-02T07:00:00.000Z");
    check_settled(&mut world, "won");
}

#[test]
fn what_a_person_wrote_beside_the_stage_survives() {
    let mut world = played(&[seat("a", CONSULTATION, DAY, "geplant")]);
    let edits = [
        (SourceWord::DealAmount, "4711.00"),
        (SourceWord::DealCloseDate, "2027-01-01T00:00:00.000Z"),
        (SourceWord::DealLostReason, "Umzug"),
        (SourceWord::DealName, "Erikas Deal"),
        (SourceWord::DealCategory, "implantat"),
    ];
    edits.iter().for_each(|(word, value)| world.person("a", *word, value));
    world.visit(seat("a", CONSULTATION, DAY, "fertig"));
    world.entry("e", DAY, "Leistung", 100);
    assert_eq!(told(&world.run(), &world, "a"), "erstberatung R5");
    world.visit(seat("a", CONSULTATION, DAY, "abgesagt"));
    assert_eq!(told(&world.run(), &world, "a"), "verloren R3");
    for (word, value) in edits {
        assert_eq!(world.value("a", word), value, "{word:?}");
    }
    assert_eq!(world.value("a", SourceWord::DealRevenue), "100.00", "always ours");
    check_settled(&mut world, "edited");
}

#[test]
fn the_rule_is_written_only_together_with_something_else() {
    let mut world = played(&[seat("a", CONSULTATION, DAY, "geplant")]);
    assert_eq!(world.value("a", SourceWord::DealRule), "R2");
    world.visit(seat("a", CONSULTATION, DAY, "bestätigt"));
    let decision = world.run();
    assert!(decision.plan.steps.iter().all(|step| step.object != crate::domain::Object::Deal));
    world.visit(seat("a", CONSULTATION, DAY, "fertig"));
    world.entry("e", DAY, "Leistung", 100);
    world.run();
    assert_eq!(world.value("a", SourceWord::DealRule), "R5");
}

#[test]
fn the_number_of_open_deals_follows_every_opening_and_closing() {
    let settings = DealSettings { grain: Grain::Appointment, ..DealSettings::default() };
    let mut world = World::new(settings);
    let mut expect = |seats: &[Seat], open: &str| {
        seats.iter().for_each(|seat| world.visit(*seat));
        world.run();
        assert_eq!(world.open_deals(), open, "{seats:?}");
    };
    expect(&[seat("k", "Kontrolle Aligner", "2026-01-02", "fertig")], "");
    expect(&[seat("a", CONSULTATION, DAY, "geplant")], "1");
    expect(&[seat("b", "Planbesprechung", "2026-03-20", "geplant")], "2");
    expect(&[seat("a", CONSULTATION, DAY, "abgesagt")], "1");
    expect(&[seat("b", "Planbesprechung", "2026-03-20", "abgesagt")], "0");
    expect(&[seat("a", CONSULTATION, DAY, "geplant")], "1");
}
