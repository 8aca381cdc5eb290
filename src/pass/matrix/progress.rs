//! The rows with entries: completed with entries, a late entry, for every template at every stage.

use crate::mapping::{DealSettings, Grain, SourceWord, WonAt};

use super::cell::{CONSULTATION, DAY, SUPPORTS, check_settled};
use super::world::{Seat, World, told};

const OPEN: [&str; 7] =
    ["neuer_lead", "termin_gebucht", "erstberatung", "diagnostik", "plan_erstellt", "angebot", "in_behandlung"];

fn seat(template: &'static str, state: &'static str) -> Seat {
    Seat { id: "a", template, day: DAY, state }
}

fn rank(stage: &str) -> usize {
    OPEN.iter().position(|one| *one == stage).unwrap_or(OPEN.len())
}

/// What happens to the booked appointment of a deal that stands in a stage.
#[derive(Clone, Copy, Debug)]
enum News {
    /// It is completed, with entries.
    Completed,
    /// It had been completed, and the entries come now.
    LateEntry,
}

fn try_all(grain: Grain, news: News, stage: &str, expected: impl Fn(&str) -> String) {
    for (supported, template) in SUPPORTS {
        let context = format!("{grain:?} {news:?} {template} at {stage}");
        let mut world = World::new(DealSettings { grain, ..DealSettings::default() });
        if stage != "none" {
            world.visit(seat(template, "geplant"));
            world.run();
        }
        if matches!(news, News::LateEntry) {
            world.visit(seat(template, "fertig"));
            world.run();
        }
        if stage != "none" && stage != "termin_gebucht" {
            world.person_moves("a", stage);
        }
        world.visit(seat(template, "fertig"));
        world.entry("e", DAY, "Leistung", 100);
        let decision = world.run();
        assert_eq!(told(&decision, &world, "a"), expected(supported), "{context}");
        assert_eq!(world.value("a", SourceWord::DealRevenue), "100.00", "{context}");
        check_settled(&mut world, &context);
    }
}

/// Forward only, and it may skip stages.
fn forward(grain: Grain, news: News, stage: &str) {
    // A lead goes where a new deal would be, by the rule that leads there.
    let rule = if rank(stage) == 0 { "R2" } else { "R5" };
    let moved = |supported: &str| {
        if rank(supported) > rank(stage) { format!("{supported} {rule}") } else { "=".to_owned() }
    };
    try_all(grain, news, stage, moved);
}

/// One test per cell and grain.
macro_rules! cells {
    ($($name:ident: $news:ident at $stage:literal;)*) => {
        mod grain_case {
            use super::*;
            $(#[test] fn $name() { forward(Grain::Case, News::$news, $stage); })*
        }
        mod grain_appointment {
            use super::*;
            $(#[test] fn $name() { forward(Grain::Appointment, News::$news, $stage); })*
        }
    };
}

cells! {
    r2_completed_at_neuer_lead_is_where_a_new_deal_would_be: Completed at "neuer_lead";
    r5_completed_at_termin_gebucht_advances: Completed at "termin_gebucht";
    r5_completed_at_erstberatung_advances_if_higher: Completed at "erstberatung";
    r5_completed_at_diagnostik_advances_if_higher: Completed at "diagnostik";
    r5_completed_at_plan_erstellt_advances_if_higher: Completed at "plan_erstellt";
    r5_completed_at_angebot_advances_if_higher: Completed at "angebot";
    r5_completed_at_in_behandlung_wins_at_the_end: Completed at "in_behandlung";
    r5_late_entry_at_termin_gebucht_advances: LateEntry at "termin_gebucht";
    r5_late_entry_at_erstberatung_advances_if_higher: LateEntry at "erstberatung";
    r5_late_entry_at_diagnostik_advances_if_higher: LateEntry at "diagnostik";
    r5_late_entry_at_plan_erstellt_advances_if_higher: LateEntry at "plan_erstellt";
    r5_late_entry_at_angebot_advances_if_higher: LateEntry at "angebot";
    r5_late_entry_at_in_behandlung_wins_at_the_end: LateEntry at "in_behandlung";
}

/// One test per grain.
macro_rules! both {
    ($($name:ident($grain:ident) $body:block)*) => {
        mod case {
            use super::*;
            $(#[test] fn $name() { let $grain = Grain::Case; $body })*
        }
        mod appointment {
            use super::*;
            $(#[test] fn $name() { let $grain = Grain::Appointment; $body })*
        }
    };
}

both! {
    r2_completed_without_a_deal_creates_at_the_supported_stage(grain) {
        try_all(grain, News::Completed, "none", |supported| format!("{supported} R2"));
    }

    r5_completed_at_gewonnen_stays_and_money_is_kept_up(grain) {
        // Won at the start of treatment, which goes on.
        let settings = DealSettings { grain, won_at: WonAt::TreatmentStart, ..DealSettings::default() };
        let mut world = World::new(settings);
        world.visit(seat("Einsetzen Multiband", "fertig"));
        world.entry("e", DAY, "Leistung", 100);
        world.run();
        assert_eq!(world.stage("a"), "gewonnen");
        world.visit(Seat { id: "b", template: "Bogenwechsel", day: "2026-03-20", state: "fertig" });
        world.entry("f", "2026-03-20", "Leistung", 50);
        let decision = world.run();
        assert_eq!(told(&decision, &world, "a"), "=");
        assert_eq!(world.value("a", SourceWord::DealRevenue), "150.00");
        check_settled(&mut world, "won");
    }

    r5_late_entry_at_gewonnen_is_money_only(grain) {
        let mut world = World::new(DealSettings { grain, ..DealSettings::default() });
        world.visit(seat("Entbänderung", "fertig"));
        world.entry("e", DAY, "Leistung", 100);
        world.run();
        assert_eq!(world.stage("a"), "gewonnen");
        world.entry("f", DAY, "Leistung", 50);
        let decision = world.run();
        assert_eq!(told(&decision, &world, "a"), "=");
        assert_eq!(world.value("a", SourceWord::DealRevenue), "150.00");
        check_settled(&mut world, "won");
    }

    r7_completed_at_verloren_reopens_at_the_supported_stage(grain) {
        for (supported, template) in SUPPORTS {
            let mut world = World::new(DealSettings { grain, ..DealSettings::default() });
            world.visit(seat(template, "geplant"));
            world.run();
            world.visit(seat(template, "abgesagt"));
            world.run();
            assert_eq!(world.stage("a"), "verloren", "{template}");
            world.visit(seat(template, "fertig"));
            world.entry("e", DAY, "Leistung", 100);
            let decision = world.run();
            assert_eq!(told(&decision, &world, "a"), format!("{supported} R7"));
            assert_eq!(world.value("a", SourceWord::DealLostReason), "");
            assert_eq!(world.value("a", SourceWord::DealCloseDate).is_empty(), supported != "gewonnen");
            check_settled(&mut world, template);
        }
    }

    r5_late_entry_at_verloren_stays_lost(grain) {
        let mut world = World::new(DealSettings { grain, ..DealSettings::default() });
        // In grain appointment what is completed is no part of a lost deal.
        let (mut lost, mut done) = (seat(CONSULTATION, "geplant"), seat("Kontrolle Aligner", "fertig"));
        if grain == Grain::Case {
            (lost, done) = (Seat { id: "b", day: "2026-03-20", ..lost }, seat(CONSULTATION, "fertig"));
        } else {
            done.id = "k";
        }
        world.visit(lost);
        world.visit(done);
        world.run();
        world.visit(Seat { state: "geklärt", ..lost });
        assert_eq!(told(&world.run(), &world, "a"), "verloren R4");
        world.entry("e", DAY, "Leistung", 100);
        let decision = world.run();
        assert_eq!((told(&decision, &world, "a"), world.stage("a")), ("=".to_owned(), "verloren".to_owned()));
        check_settled(&mut world, "lost");
    }

    r0_late_entry_on_what_a_person_lost_is_held(grain) {
        let mut world = World::new(DealSettings { grain, ..DealSettings::default() });
        world.visit(seat(CONSULTATION, "fertig"));
        world.run();
        world.person_moves("a", "verloren");
        world.entry("e", DAY, "Leistung", 100);
        let decision = world.run();
        assert_eq!((told(&decision, &world, "a"), world.stage("a")), ("held".to_owned(), "verloren".to_owned()));
        assert!(decision.notes.iter().any(|(what, _)| what.starts_with("deal held")), "{:?}", decision.notes);
        check_settled(&mut world, "lost by a person");
    }
}
