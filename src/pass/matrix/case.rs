//! Grain case with several appointments: what one of them does to the deal of all, as settled in design.md 4 (a) to (f);
//! beside it what grain appointment makes of the same history.

use crate::mapping::{CaseKey, DealSettings, Grain, PushBack, SourceWord};

use super::cell::{CONSULTATION, check_settled};
use super::world::{Seat, World, told};

/// A history that was played, and what each run told.
struct Story {
    world: World,
    told: Vec<String>,
}

/// `<id> <day> <status>[+e] <template>` a line, `+e` = with entries; lines of one paragraph happen between two runs.
fn play(settings: DealSettings, paragraphs: &[&'static str]) -> Story {
    let mut story = Story { world: World::new(settings), told: Vec::new() };
    for paragraph in paragraphs {
        for line in paragraph.lines().map(str::trim) {
            let mut words = line.splitn(4, ' ');
            let mut word = || words.next().expect("four words");
            let (id, day, state, template) = (word(), word(), word(), word());
            let (state, entries) = state.strip_suffix("+e").map_or((state, false), |state| (state, true));
            story.world.visit(Seat {
                id,
                template,
                day,
                state: if state == "versäumt" { "nicht erschienen" } else { state },
            });
            if entries {
                story.world.entry(&format!("e{id}"), day, "Leistung", 100);
            }
        }
        let decision = story.world.run();
        let visits = story.world.file.appointments.iter().map(|one| one.record.id.as_str());
        let keys = visits.filter(|id| story.world.deal(id).is_some());
        let all = keys.map(|id| format!("{id}: {}", told(&decision, &story.world, id)));
        story.told.push(all.collect::<Vec<_>>().join(", "));
    }
    story
}

/// Plays a history; `expected` tells each run: the deals by their key, and what it did to each.
fn check(grain: Grain, paragraphs: &[&'static str], expected: &[&str]) {
    let mut story = play(DealSettings { grain, ..DealSettings::default() }, paragraphs);
    assert_eq!(story.told, expected, "{grain:?} {paragraphs:?}");
    check_settled(&mut story.world, &format!("{paragraphs:?}"));
}

#[test]
fn a_never_seen_active_opens_nothing_and_what_was_booked_keeps_its_deal() {
    for grain in [Grain::Case, Grain::Appointment] {
        for state in ["abgesagt", "geklärt", "versäumt", "gelöscht", "verschoben"] {
            let line: &'static str = format!("a 2026-03-02 {state} {CONSULTATION}").leak();
            check(grain, &[line], &[""]);
        }
        for state in ["versäumt", "gelöscht", "verschoben"] {
            let line: &'static str = format!("a 2026-03-02 {state} {CONSULTATION}").leak();
            check(grain, &["a 2026-03-02 geplant Erstberatung Aligner", line], &["a: termin_gebucht R2", "a: ="]);
        }
    }
}

#[test]
fn r6_a_cancelled_control_in_treatment_is_nothing() {
    for grain in [Grain::Case, Grain::Appointment] {
        for state in ["abgesagt", "geklärt", "versäumt", "gelöscht", "geplant"] {
            let line: &'static str = format!("b 2026-03-20 {state} Kontrolle Aligner").leak();
            check(grain, &["a 2026-03-02 fertig+e Einsetzen Multiband", line], &["a: in_behandlung R2", "a: ="]);
        }
    }
}

#[test]
fn r6_no_push_back_while_another_appointment_supports_the_stage() {
    for state in ["geplant", "abgesagt", "geklärt", "versäumt"] {
        let line: &'static str = format!("b 2026-03-20 {state} Planbesprechung").leak();
        check(Grain::Case, &["a 2026-03-02 fertig+e Einsetzen Multiband", line], &["a: in_behandlung R2", "a: ="]);
    }
    check(
        Grain::Appointment,
        &["a 2026-03-02 fertig+e Einsetzen Multiband", "b 2026-03-20 geplant Planbesprechung"],
        &["a: in_behandlung R2", "a: =, b: termin_gebucht R2"],
    );
}

#[test]
fn r6_a_booked_appointment_pushes_back_what_a_person_moved_ahead_and_only_once() {
    let mut story = play(
        DealSettings::default(),
        &["a 2026-03-02 fertig+e Erstberatung Aligner", "b 2026-03-20 geplant Planbesprechung"],
    );
    assert_eq!(story.told, ["a: erstberatung R2", "a: ="]);
    let world = &mut story.world;
    world.person_moves("a", "angebot");
    world.requeue();
    assert_eq!((told(&world.run(), world, "a"), world.stage("a")), ("erstberatung R6".into(), "erstberatung".into()));
    world.person_moves("a", "angebot");
    world.requeue();
    assert_eq!((told(&world.run(), world, "a"), world.stage("a")), ("=".into(), "angebot".into()), "once");
    // Another status of the same appointment pushes back again: to the stage before, never forward.
    world.visit(Seat { id: "b", template: "Planbesprechung", day: "2026-03-20", state: "bestätigt" });
    assert_eq!(told(&world.run(), world, "a"), "erstberatung R6");
    check_settled(world, "pushed back");
}

#[test]
fn r6_what_it_was_pushed_back_from_is_no_stage_to_push_back_to() {
    let mut story = play(DealSettings::default(), &["a 2026-03-02 geplant Planbesprechung"]);
    let world = &mut story.world;
    world.person_moves("a", "angebot");
    world.requeue();
    assert_eq!(told(&world.run(), world, "a"), "termin_gebucht R6");
    world.visit(Seat { id: "a", template: "Planbesprechung", day: "2026-03-02", state: "fertig" });
    world.entry("e", "2026-03-02", "Leistung", 100);
    assert_eq!(told(&world.run(), world, "a"), "plan_erstellt R5");
    world.visit(Seat { id: "a", template: "Planbesprechung", day: "2026-03-02", state: "versäumt" });
    assert_eq!(told(&world.run(), world, "a"), "termin_gebucht R6");
    world.visit(Seat { id: "a", template: "Planbesprechung", day: "2026-03-02", state: "geplant" });
    assert_eq!(told(&world.run(), world, "a"), "=");
    check_settled(world, "pushed back twice");
}

#[test]
fn r6_once_for_an_appointment_and_status_whatever_drives_in_between() {
    let mut story = play(
        DealSettings::default(),
        &["a 2026-03-02 fertig+e Erstberatung Aligner\nb 2026-03-20 geplant Planbesprechung"],
    );
    let world = &mut story.world;
    let later = |state| Seat { id: "c", template: "Planbesprechung", day: "2026-04-10", state };
    world.person_moves("a", "angebot");
    world.requeue();
    assert_eq!(told(&world.run(), world, "a"), "erstberatung R6", "for b, booked");
    world.visit(later("geplant"));
    world.person_moves("a", "angebot");
    assert_eq!(told(&world.run(), world, "a"), "erstberatung R6", "for c, booked");
    world.visit(later("gelöscht"));
    world.person_moves("a", "angebot");
    assert_eq!(told(&world.run(), world, "a"), "=", "b is booked as ever");
    check_settled(world, "once for each");
}

#[test]
fn r7_a_push_back_of_before_is_over_when_the_deal_is_lost() {
    let mut story = play(
        DealSettings::default(),
        &[
            "a 2026-03-02 fertig+e Planbesprechung",
            "a 2026-03-02 versäumt Planbesprechung",
            "a 2026-03-02 abgesagt Planbesprechung",
            "b 2026-03-20 geplant Erstberatung Aligner",
        ],
    );
    assert_eq!(story.told, ["a: plan_erstellt R2", "a: termin_gebucht R6", "a: verloren R3", "a: termin_gebucht R7"]);
    check_settled(&mut story.world, "reopened");
}

#[test]
fn r3_after_a_push_back_the_same_appointment_still_loses_once_it_was_booked_again() {
    let mut story = play(
        DealSettings::default(),
        &[
            "a 2026-03-02 fertig+e Planbesprechung",
            "a 2026-03-02 abgesagt Planbesprechung",
            "a 2026-03-02 geplant Planbesprechung",
            "a 2026-03-02 abgesagt Planbesprechung",
        ],
    );
    assert_eq!(story.told, ["a: plan_erstellt R2", "a: termin_gebucht R6", "a: =", "a: verloren R3"]);
    check_settled(&mut story.world, "lost at last");
}

#[test]
fn b_loss_and_rebooking() {
    let booked = "a 2026-03-02 geplant Erstberatung Aligner";
    let cancelled = "a 2026-03-02 abgesagt Erstberatung Aligner";
    // Rebooked at once, within thirty days: the case is live, its deal keeps its key.
    let soon = "a 2026-03-02 abgesagt Erstberatung Aligner\nb 2026-04-01 geplant Erstberatung Aligner";
    check(Grain::Case, &[booked, soon], &["a: termin_gebucht R2", "a: ="]);
    check(Grain::Appointment, &[booked, soon], &["a: termin_gebucht R2", "a: verloren R3, b: termin_gebucht R2"]);
    // Later than that: a new case (R8).
    let late = "a 2026-03-02 abgesagt Erstberatung Aligner\nb 2026-04-02 geplant Erstberatung Aligner";
    check(Grain::Case, &[booked, late], &["a: termin_gebucht R2", "a: verloren R3, b: termin_gebucht R2"]);
    // Lost first, rebooked within thirty days: reopened (R7); later: a new deal (R8).
    let lost = "a: verloren R3";
    let first = "a: termin_gebucht R2";
    check(
        Grain::Case,
        &[booked, cancelled, "b 2026-04-01 geplant Erstberatung Aligner"],
        &[first, lost, "a: termin_gebucht R7"],
    );
    for grain in [Grain::Case, Grain::Appointment] {
        check(
            grain,
            &[booked, cancelled, "b 2026-04-02 geplant Erstberatung Aligner"],
            &[first, lost, "a: =, b: termin_gebucht R2"],
        );
    }
    // Moved forward: the completed one took its place; a clarified one is not replaced by what was before.
    check(
        Grain::Case,
        &[
            "a 2026-02-20 fertig Erstberatung Aligner\nb 2026-03-02 geplant Erstberatung Aligner",
            "b 2026-03-02 abgesagt Erstberatung Aligner",
        ],
        &[first, "a: ="],
    );
    check(
        Grain::Case,
        &[
            "a 2026-02-20 fertig Erstberatung Aligner\nb 2026-03-02 geplant Erstberatung Aligner",
            "b 2026-03-02 geklärt Erstberatung Aligner",
        ],
        &[first, "a: verloren R4"],
    );
    // An active one before it keeps the case alive.
    check(
        Grain::Case,
        &[
            "a 2026-02-20 geplant Erstberatung Aligner\nb 2026-03-02 geplant Planbesprechung",
            "b 2026-03-02 abgesagt Planbesprechung",
        ],
        &[first, "a: ="],
    );
    // Begun: a completed appointment names a later stage, entries or not.
    check(
        Grain::Case,
        &[
            "a 2026-02-20 fertig Anfangsunterlagen/Scan\nb 2026-03-02 geplant Planbesprechung",
            "b 2026-03-02 abgesagt Planbesprechung",
        ],
        &[first, "a: ="],
    );
}

#[test]
fn r6_what_a_person_moved_ahead_goes_back_once_another_appointment_is_no_more_of_the_case() {
    let mut story =
        play(DealSettings::default(), &["a 2026-03-02 geplant Erstberatung Aligner\nb 2026-05-01 fertig Entbänderung"]);
    let world = &mut story.world;
    world.person_moves("a", "erstberatung");
    world.requeue();
    assert_eq!(told(&world.run(), world, "a"), "=", "b is completed");
    world.visit(Seat { id: "b", template: "Entbänderung", day: "2026-02-20", state: "fertig" });
    assert_eq!(told(&world.run(), world, "a"), "termin_gebucht R6", "the end of treatment was another case's");
    check_settled(world, "back");
}

#[test]
fn r2_what_a_person_took_back_stays_until_the_evidence_is_another_be_it_by_news_of_another_case() {
    let settings = DealSettings { case_key: CaseKey::PatientLocation, ..DealSettings::default() };
    let mut story = play(settings, &["a 2026-03-02 geplant SB_Erstberatung Aligner"]);
    let world = &mut story.world;
    world.entry("e", "2026-03-02", "Leistung", 0);
    // Without a price, so that no sum tells whose it is.
    world.file.entries[0].record.amount = None;
    world.requeue();
    world.person_moves("a", "neuer_lead");
    assert_eq!(told(&world.run(), world, "a"), "termin_gebucht R2", "with entries");
    world.person_moves("a", "neuer_lead");
    world.requeue();
    assert_eq!(told(&world.run(), world, "a"), "held");
    // The entry is another one's: a is as it was when its deal was made, but that is not what was taken back.
    world.visit(Seat { id: "b", template: "NB_Erstberatung Aligner", day: "2026-03-02", state: "fertig" });
    assert_eq!(told(&world.run(), world, "a"), "termin_gebucht R2", "without");
    check_settled(world, "taken back once");
}

#[test]
fn r3_a_cancelled_follow_up_loses_what_a_person_moved_to_erstberatung_only_if_not_live() {
    let booked = "a 2026-03-02 fertig Erstberatung Aligner
                  b 2026-03-18 geplant Planbesprechung
                  c 2026-03-20 geplant Planbesprechung";
    for (other, expected) in [("abgesagt", "verloren R3"), ("geplant", "=")] {
        let mut story = play(DealSettings::default(), &[booked]);
        let world = &mut story.world;
        world.settings.push_back = PushBack::Portal;
        world.person_moves("a", "erstberatung");
        world.visit(Seat { id: "b", template: "Planbesprechung", day: "2026-03-18", state: other });
        world.visit(Seat { id: "c", template: "Planbesprechung", day: "2026-03-20", state: "abgesagt" });
        assert_eq!(told(&world.run(), world, "a"), expected, "the other one is {other}");
        check_settled(world, other);
    }
}

#[test]
fn r4_what_a_person_moved_to_erstberatung_is_lost_by_the_stage_and_stays_lost() {
    let mut story = play(
        DealSettings::default(),
        &["a 2026-03-02 fertig Erstberatung Aligner\nb 2026-03-20 geplant Planbesprechung"],
    );
    let world = &mut story.world;
    world.person_moves("a", "erstberatung");
    world.visit(Seat { id: "b", template: "Planbesprechung", day: "2026-03-20", state: "geklärt" });
    assert_eq!(told(&world.run(), world, "a"), "verloren R4");
    check_settled(world, "lost");
    world.visit(Seat { id: "b", template: "Planbesprechung", day: "2026-03-20", state: "geplant" });
    assert_eq!(told(&world.run(), world, "a"), "termin_gebucht R7");
    check_settled(world, "reopened");
}

#[test]
fn c_a_case_ends_with_its_treatment_entries_or_not() {
    check(
        Grain::Case,
        &[
            "a 2025-01-10 fertig+e Einsetzen Multiband",
            "b 2026-01-10 fertig Entbänderung",
            "c 2026-03-02 geplant Erstberatung Aligner",
            "b 2026-01-10 fertig+e Entbänderung",
        ],
        &["a: in_behandlung R2", "a: =", "a: =, c: termin_gebucht R2", "a: gewonnen R5, c: ="],
    );
}

#[test]
fn c_idle_days_open_a_new_case_and_the_old_deal_stays() {
    let settings = DealSettings { case_idle_days: 300, ..DealSettings::default() };
    let lines = ["a 2025-01-10 fertig+e Erstberatung Aligner", "b 2026-03-02 geplant Erstberatung Aligner"];
    let mut story = play(settings, &lines);
    assert_eq!(story.told, ["a: erstberatung R2", "a: =, b: termin_gebucht R2"]);
    check_settled(&mut story.world, "idle");
    check(Grain::Case, &lines, &["a: erstberatung R2", "a: ="]);
}

#[test]
fn d_an_appointment_attaches_to_the_case_that_is_open_at_its_own_start() {
    // Read last, but it took place before the first case ended.
    check(
        Grain::Case,
        &[
            "a 2025-01-10 fertig+e Einsetzen Multiband\nb 2025-12-10 fertig+e Entbänderung",
            "c 2026-03-02 geplant Erstberatung Aligner",
            "d 2025-06-10 fertig+e Kontrolle Aligner",
        ],
        &["a: gewonnen R5", "a: =, c: termin_gebucht R2", "a: =, c: ="],
    );
    let mut story = play(
        DealSettings::default(),
        &[
            "a 2025-01-10 fertig+e Einsetzen Multiband\nb 2025-12-10 fertig+e Entbänderung\nc 2026-03-02 geplant Erstberatung Aligner\nd 2025-06-10 fertig+e Kontrolle Aligner",
        ],
    );
    assert_eq!(story.world.value("a", SourceWord::DealRevenue), "300.00");
    check_settled(&mut story.world, "at its own start");
}

#[test]
fn e_a_deal_that_nothing_supports_any_more_stays_and_is_listed() {
    for grain in [Grain::Case, Grain::Appointment] {
        let mut story = play(
            DealSettings { grain, ..DealSettings::default() },
            &["a 2026-03-02 fertig+e Planbesprechung", "a 2026-03-02 gelöscht Planbesprechung"],
        );
        assert_eq!(story.told, ["a: plan_erstellt R2", "a: ="]);
        story.world.requeue();
        let again = story.world.run();
        assert!(again.notes.iter().any(|(what, _)| what.contains("support nothing")), "{:?}", again.notes);
        check_settled(&mut story.world, "deleted");
    }
}

#[test]
fn f_the_deal_of_a_case_is_the_one_keyed_by_any_of_its_opening_appointments() {
    // The earlier appointment is read later: the deal keeps its key.
    check(
        Grain::Case,
        &["b 2026-03-02 geplant Erstberatung Aligner", "a 2026-02-20 geplant Erstberatung Aligner"],
        &["b: termin_gebucht R2", "b: ="],
    );
    // Its own opening appointment is gone: the other one carries it on.
    check(
        Grain::Case,
        &[
            "a 2026-03-02 geplant Erstberatung Aligner",
            "a 2026-03-02 gelöscht Erstberatung Aligner\nb 2026-03-10 fertig+e Erstberatung Aligner",
        ],
        &["a: termin_gebucht R2", "a: erstberatung R5"],
    );
    // A new deal is keyed by the earliest opening one that is active or completed.
    check(
        Grain::Case,
        &["a 2026-02-20 abgesagt Erstberatung Aligner\nb 2026-03-02 geplant Erstberatung Aligner"],
        &["b: termin_gebucht R2"],
    );
}
