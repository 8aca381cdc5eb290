//! Options that act on a whole patient: what the default says, and what each other value says instead (`domain.md` 3.4).
//! What an option says about a single case stands in `mapping/case/options_tests.rs`.

use crate::domain::{EntriesRead, Object, Overwrite};
use crate::mapping::tables::Unknown;
use crate::mapping::{DealSettings, Mapping, SourceWord};

use super::cell::{CONSULTATION, DAY, check_settled};
use super::others::{listed, with_lead};
use super::world::{MAPPING, Seat, World, day, told};

fn standard() -> DealSettings {
    DealSettings::default()
}

fn seat(template: &'static str, day: &'static str, state: &'static str) -> Seat {
    Seat { id: "a", template, day, state }
}

/// A consultation in a state, and a line of an entry kind on a day; then everything was looked at once.
fn played(settings: DealSettings, state: &'static str, on: &str, kind: &str) -> (World, bool) {
    let mut world = World::new(settings);
    world.visit(seat(CONSULTATION, DAY, state));
    world.entry("e", on, kind, 100);
    let decision = world.run();
    check_settled(&mut world, &format!("{settings:?}"));
    (world, listed(&decision.notes, "entries on the day of an appointment that is not completed"))
}

#[test]
fn an_appointment_with_entries_is_listed_or_counts_as_completed() {
    let option = DealSettings { infer_completed_from_entries: true, ..standard() };
    for (settings, stage, listed) in [(standard(), "termin_gebucht", true), (option, "erstberatung", false)] {
        let (world, told) = played(settings, "geplant", DAY, "Leistung");
        assert_eq!((world.stage("a").as_str(), told), (stage, listed), "{settings:?}");
        // Whatever else it says: what did not take place has no entries that count.
        let (world, _) = played(settings, "abgesagt", DAY, "Leistung");
        assert_eq!(world.stage("a"), "none", "{settings:?}");
    }
}

#[test]
fn entries_without_appointment_move_no_deal_or_to_the_stage_they_name() {
    let option = DealSettings { unlinked_signals: true, ..standard() };
    for (settings, stage) in [(standard(), "erstberatung"), (option, "plan_erstellt")] {
        let mut world = World::new(settings);
        world.visit(seat(CONSULTATION, DAY, "fertig"));
        world.entry("e", DAY, "Leistung", 100);
        world.entry("f", "2026-03-09", "Plan", 3_000);
        world.run();
        assert_eq!(world.stage("a"), stage, "{settings:?}");
        assert_eq!(world.value("a", SourceWord::DealPlanValue), "3000.00", "the money is the case's either way");
        check_settled(&mut world, stage);
    }
    // Before the first appointment there is nothing to move.
    let (world, _) = played(option, "geplant", "2026-02-20", "Plan");
    assert_eq!(world.stage("a"), "termin_gebucht");
}

#[test]
fn an_entry_belongs_to_the_visit_of_its_day_or_to_one_some_days_away() {
    for (link_days, stage) in [(0, "termin_gebucht"), (1, "termin_gebucht"), (2, "erstberatung")] {
        let (world, _) = played(DealSettings { link_days, ..standard() }, "fertig", "2026-03-04", "Leistung");
        assert_eq!(world.stage("a"), stage, "{link_days} days");
    }
}

#[test]
fn a_completed_visit_without_entries_is_flagged_after_fourteen_days_or_as_many_as_the_option_says() {
    for (wait, read, flag) in [
        (14, "2026-03-15", ""),
        (14, "2026-03-16", "completed_without_entries"),
        (30, "2026-03-31", ""),
        (30, "2026-04-01", "completed_without_entries"),
        (0, "2026-03-02", "completed_without_entries"),
    ] {
        let mut world = World::new(DealSettings { entries_wait_days: wait, ..standard() });
        assert!(wait != 14 || world.settings == standard());
        world.visit(seat(CONSULTATION, DAY, "fertig"));
        world.file.entries_read.push(EntriesRead { from: day("2026-01-01"), as_of: day(read) });
        world.run();
        assert_eq!(world.value("a", SourceWord::DealFlag), flag, "{wait} days, read on {read}");
        check_settled(&mut world, flag);
    }
}

#[test]
fn open_deals_of_others_are_counted_or_not() {
    let option = DealSettings { count_open_deals_of_others: false, ..standard() };
    for (settings, open) in [(standard(), "2"), (option, "1")] {
        let mut world = with_lead("angebot", 1);
        world.settings = settings;
        world.visit(seat(CONSULTATION, DAY, "geplant"));
        world.run();
        assert_eq!(world.open_deals(), open, "{settings:?}");
        world.requeue();
        assert!(world.run().plan.steps.is_empty());
    }
}

/// A world under tables that differ from the shipped ones.
fn under(change: impl FnOnce(&mut crate::mapping::tables::Tables)) -> World {
    let mut tables = MAPPING.tables().clone();
    change(&mut tables);
    let mut world = World::new(standard());
    world.mapping = Box::leak(Box::new(Mapping::new(tables)));
    world
}

#[test]
fn an_unknown_terminart_is_held_or_attaches_or_is_ignored() {
    assert_eq!(MAPPING.tables().unknown_template, Unknown::default());
    // Whether it is held, what stands on its HubSpot appointment, the deal's flag, and whether the case is live by it.
    for (unknown, held, written, flag, stage) in [
        (Unknown::Hold, true, Some(""), "unmapped", "verloren"),
        (Unknown::Attach, false, Some("Ohne Zeile"), "unmapped", "termin_gebucht"),
        (Unknown::Ignore, false, None, "", "verloren"),
    ] {
        let mut world = under(|tables| tables.unknown_template = unknown);
        world.visit(seat(CONSULTATION, DAY, "geplant"));
        world.run();
        world.visit(Seat { id: "b", ..seat("Ohne Zeile", "2026-03-09", "geplant") });
        let decision = world.run();
        assert_eq!(decision.held.contains(&Object::Appointment), held, "{unknown:?}");
        assert_eq!(world.visit_value("b", SourceWord::AppointmentType).as_deref(), written, "{unknown:?}");
        assert_eq!(world.value("a", SourceWord::DealFlag), flag, "{unknown:?}");
        world.visit(seat(CONSULTATION, DAY, "abgesagt"));
        world.run();
        assert_eq!(world.stage("a"), stage, "{unknown:?}");
        check_settled(&mut world, stage);
    }
}

#[test]
fn an_unknown_status_is_held_or_attaches_or_is_ignored() {
    assert_eq!(MAPPING.tables().unknown_status, Unknown::default());
    for (unknown, held, written, flag) in [
        (Unknown::Hold, true, Some(""), "unknown_status"),
        (Unknown::Attach, false, Some(""), "unknown_status"),
        (Unknown::Ignore, false, None, ""),
    ] {
        let mut world = under(|tables| tables.unknown_status = unknown);
        world.visit(seat(CONSULTATION, DAY, "geplant"));
        world.run();
        world.visit(Seat { id: "b", ..seat("Planbesprechung", "2026-03-09", "verwirbelt") });
        let decision = world.run();
        assert_eq!(decision.held.contains(&Object::Appointment), held, "{unknown:?}");
        assert_eq!(world.visit_value("b", SourceWord::AppointmentStatus).as_deref(), written, "{unknown:?}");
        assert_eq!(world.value("a", SourceWord::DealFlag), flag, "{unknown:?}");
        // What nobody can read keeps nothing alive, moves nothing and opens nothing.
        world.visit(seat(CONSULTATION, DAY, "abgesagt"));
        world.run();
        assert_eq!((world.stage("a").as_str(), world.deals().len()), ("verloren", 1), "{unknown:?}");
        check_settled(&mut world, flag);
    }
}

#[test]
fn each_property_has_the_owner_that_the_table_names() {
    assert_eq!(MAPPING.property(SourceWord::DealAmount).map(|row| row.overwrite), Some(Overwrite::IfTool));
    // What stands there after our first value, after a person's, and after a person has emptied it.
    for (overwrite, first, theirs, emptied) in [
        (Overwrite::Always, "100.00", "250.00", "350.00"),
        (Overwrite::IfTool, "100.00", "4711.00", ""),
        (Overwrite::IfEmpty, "100.00", "4711.00", "350.00"),
        (Overwrite::Never, "100.00", "4711.00", ""),
    ] {
        let mut world = under(|tables| {
            let amount = |row: &&mut crate::mapping::tables::PropertyRow| row.source == SourceWord::DealAmount.word();
            tables.properties.iter_mut().find(amount).expect("shipped").overwrite = overwrite;
        });
        let mut news = |person: Option<&str>, euros: i64| {
            if let Some(value) = person {
                world.person("a", SourceWord::DealAmount, value);
            }
            world.visit(seat(CONSULTATION, DAY, "fertig"));
            world.entry("e", DAY, "Leistung", euros);
            world.run();
            let amount = world.value("a", SourceWord::DealAmount);
            check_settled(&mut world, &format!("{overwrite:?}"));
            amount
        };
        let got = [news(None, 100), news(Some("4711.00"), 250), news(Some(""), 350)];
        assert_eq!(got, [first, theirs, emptied], "{overwrite:?}");
    }
}

#[test]
fn a_booked_consultation_supports_its_booking_or_the_stage_that_its_row_names() {
    for (stage_on_booked, stage) in [(None, "termin_gebucht"), (Some("erstberatung"), "erstberatung")] {
        let mut world = under(|tables| {
            let rows = tables.templates.iter_mut().filter(|row| row.name == CONSULTATION);
            rows.for_each(|row| row.stage_on_booked = stage_on_booked.map(crate::domain::StageKey::new));
        });
        world.visit(seat(CONSULTATION, DAY, "geplant"));
        world.run();
        assert_eq!(world.stage("a"), stage);
        // A person moved it there: without support it goes back.
        world.person_moves("a", "erstberatung");
        world.requeue();
        world.run();
        assert_eq!(world.stage("a"), stage);
        check_settled(&mut world, stage);
    }
}

#[test]
fn the_amount_is_the_plan_if_known_else_what_was_treated() {
    let mut world = World::new(standard());
    world.visit(seat(CONSULTATION, DAY, "fertig"));
    world.entry("e", DAY, "Leistung", 100);
    world.run();
    let values = |world: &World| [SourceWord::DealAmount, SourceWord::DealRevenue].map(|word| world.value("a", word));
    assert_eq!(values(&world), ["100.00", "100.00"]);
    world.entry("f", DAY, "Plan", 3_000);
    world.run();
    assert_eq!(values(&world), ["3000.00", "100.00"]);
    check_settled(&mut world, "planned");
    assert_eq!(told(&world.run(), &world, "a"), "=");
}
