//! Stories of patients, one line each: what the rules make of them.

use chrono::NaiveDate;
use proptest::prelude::*;

use super::*;
use crate::domain::{AppointmentId, InstanceKey, LocalTime, PatientId, PatientRef};
use crate::mapping::{CaseKey, Grain, shipped};

const TODAY: NaiveDate = NaiveDate::from_ymd_opt(2026, 11, 23).expect("a day");

/// `<yyyy-mm-dd> <Terminart>, <status>[, e][, @location]`, one appointment per line; `e` = with entries.
pub(super) fn appointments(story: &str) -> Vec<(Appointment, bool)> {
    let mut rows: Vec<(Appointment, bool)> = story
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .enumerate()
        .map(|(at, line)| {
            let (day, rest) = line.split_once(' ').expect("a day");
            let mut parts = rest.split(", ");
            let template = parts.next().expect("a template").to_owned();
            let state = parts.next().expect("a status").to_owned();
            let more: Vec<&str> = parts.collect();
            let day: NaiveDate = day.parse().expect("a day");
            let id = AppointmentId::keyed("", &format!("a{at}")).expect("an id");
            let appointment = Appointment {
                id,
                instance: InstanceKey::new("nord"),
                patient: PatientRef::Id(PatientId::new("p")),
                start: LocalTime(day.and_hms_opt(9, 0, 0).expect("a time")),
                end: None,
                template,
                chair: String::new(),
                practitioner: String::new(),
                location: more.iter().find_map(|part| part.strip_prefix('@')).map(str::to_owned),
                state,
                confirmation: String::new(),
                created: None,
                changed: None,
                ids: crate::domain::SourceIds::default(),
            };
            (appointment, more.contains(&"e"))
        })
        .collect();
    rows.sort_by_key(|(row, _)| row.start);
    rows
}

pub(super) fn visits_of<'a>(rows: &'a [(Appointment, bool)], mapping: &'a Mapping) -> Vec<Visit<'a>> {
    rows.iter()
        .map(|(row, has_entries)| {
            let template = mapping.template(&row.template, row.start.day());
            let state = mapping.state(&row.state, &row.confirmation).ok();
            Visit {
                appointment: row,
                state,
                template,
                location: mapping.location_of_appointment(row),
                counts: state.is_some() && template.is_some(),
                status_read: row.start.day(),
                made: row.start.day(),
                lost_on: None,
                has_entries: *has_entries,
                signal: None,
                loose_signal: None,
            }
        })
        .collect()
}

pub(super) fn told_with(story: &str, settings: &DealSettings) -> String {
    told_on(story, settings, TODAY)
}

pub(super) fn told_on(story: &str, settings: &DealSettings, today: NaiveDate) -> String {
    let mapping = shipped();
    let rulings = Rulings::new(&mapping);
    let rules = Rules { mapping: &mapping, rulings: &rulings, settings, today };
    let rows = appointments(story);
    let visits = visits_of(&rows, &mapping);
    let line = |case: &Case| {
        let verdict = judge(case, &visits, &DealNow::default(), rules);
        let places: Vec<String> = case.visits.iter().map(ToString::to_string).collect();
        let key = case.opener(&visits).map_or_else(|| "-".to_owned(), |at| at.to_string());
        let stage = verdict.stage.map_or_else(|| "none".to_owned(), |stage| stage.as_str().to_owned());
        let rule = verdict.rule.map_or_else(String::new, |rule| format!(" {rule}"));
        format!("{} key {key}: {stage}{rule}", places.join(","))
    };
    cut(&visits, rules).iter().map(line).collect::<Vec<_>>().join(" | ")
}

fn check(story: &str, expected: &str) {
    assert_eq!(told_with(story, &DealSettings::default()), expected, "{story}");
}

fn check_appointment_grain(story: &str, expected: &str) {
    let settings = DealSettings { grain: Grain::Appointment, ..DealSettings::default() };
    assert_eq!(told_with(story, &settings), expected, "{story}");
}

#[test]
fn a_whole_treatment_is_one_deal() {
    check(
        "2025-01-10 NB_Erstberatung Aligner, fertig, e
         2025-02-10 Anfangsunterlagen/Scan, fertig, e
         2025-03-10 Planbesprechung, fertig, e
         2025-04-10 Aligner-Abgabe Start, fertig, e
         2025-06-10 Kontrolle Aligner, fertig, e
         2026-06-10 Entbänderung, fertig, e
         2026-09-10 Retentionskontrolle, fertig, e",
        "0,1,2,3,4,5 key 0: gewonnen R5",
    );
}

#[test]
fn a_second_treatment_is_a_second_deal() {
    check(
        "2024-01-10 Erstberatung Aligner, fertig, e
         2024-06-10 Entbänderung, fertig, e
         2025-01-10 Erstberatung Aligner, geplant",
        "0,1 key 0: gewonnen R5 | 2 key 2: termin_gebucht R2",
    );
    check(
        "2024-01-10 Erstberatung Aligner, fertig, e
         2024-06-10 Entbänderung, fertig
         2025-01-10 Erstberatung Aligner, geplant",
        "0,1 key 0: erstberatung R2 | 2 key 2: termin_gebucht R2",
    );
}

#[test]
fn completed_without_entries_supports_only_the_booking() {
    check("2025-01-10 Erstberatung Aligner, fertig", "0 key 0: termin_gebucht R2");
}

#[test]
fn what_was_never_seen_active_opens_nothing() {
    for state in ["abgesagt", "geklärt", "nicht erschienen", "gelöscht", "verschoben"] {
        check(&format!("2025-01-10 Erstberatung Aligner, {state}"), "0 key -: none");
    }
    check("2025-01-10 PZR, fertig, e", "");
}

#[test]
fn a_cancelled_follow_up_loses_unless_live_or_begun() {
    check(
        "2025-01-10 Erstberatung Aligner, fertig, e
         2025-02-10 Planbesprechung, abgesagt",
        "0,1 key 0: verloren R3",
    );
    check(
        "2025-01-10 Erstberatung Aligner, fertig, e
         2025-01-20 Anfangsunterlagen/Scan, fertig
         2025-02-10 Planbesprechung, abgesagt",
        "0,1,2 key 0: erstberatung R2",
    );
    check(
        "2025-01-10 Erstberatung Aligner, fertig, e
         2025-02-10 Planbesprechung, abgesagt
         2025-02-20 Planbesprechung, geplant",
        "0,1,2 key 0: erstberatung R2",
    );
}

#[test]
fn rebooking_within_the_window_is_the_same_case() {
    check(
        "2025-01-10 Erstberatung Aligner, abgesagt
         2025-02-09 Erstberatung Aligner, fertig, e",
        "0,1 key 1: erstberatung R2",
    );
    check(
        "2025-01-10 Erstberatung Aligner, abgesagt
         2025-02-10 Erstberatung Aligner, fertig, e",
        "0 key -: none | 1 key 1: erstberatung R2",
    );
    // Moved forward: the earlier visit took the place of the later one.
    check(
        "2025-01-10 Erstberatung Aligner, fertig
         2025-02-05 Erstberatung Aligner, abgesagt",
        "0,1 key 0: termin_gebucht R2",
    );
}

#[test]
fn clarified_loses_consultations_only() {
    check(
        "2025-01-10 Erstberatung Aligner, fertig, e
         2025-03-10 Erstberatung Aligner, geklärt",
        "0,1 key 0: verloren R4",
    );
    check(
        "2025-01-10 Erstberatung Aligner, fertig
         2025-03-10 Planbesprechung, geklärt",
        "0,1 key 0: termin_gebucht R2",
    );
}

#[test]
fn every_opening_appointment_has_its_deal_in_grain_appointment() {
    check_appointment_grain(
        "2025-01-10 Erstberatung Aligner, fertig, e
         2025-01-20 Kontrolle Aligner, fertig, e
         2025-02-10 Planbesprechung, abgesagt
         2025-02-12 Planbesprechung, fertig, e",
        "0,1 key 0: erstberatung R2 | 2 key -: none | 3 key 3: plan_erstellt R2",
    );
}

#[test]
fn locations_can_tell_cases_apart() {
    let story = "2025-01-10 Erstberatung Aligner, fertig, e, @nord
                 2025-01-20 Erstberatung Aligner, geplant, @mitte
                 2025-02-01 PZR, fertig, @mitte";
    check(story, "0,1,2 key 0: erstberatung R2");
    let settings = DealSettings { case_key: CaseKey::PatientLocation, ..DealSettings::default() };
    assert_eq!(told_with(story, &settings), "0 key 0: erstberatung R2 | 1,2 key 1: termin_gebucht R2");
}

#[test]
fn idle_days_open_a_new_case() {
    let settings = DealSettings { case_idle_days: 365, ..DealSettings::default() };
    let story = "2020-01-10 Erstberatung Aligner, fertig, e
                 2025-01-10 Erstberatung Aligner, geplant";
    assert_eq!(told_with(story, &settings), "0 key 0: erstberatung R2 | 1 key 1: termin_gebucht R2");
}

#[test]
fn an_unknown_status_or_template_attaches_and_moves_nothing() {
    check(
        "2025-01-10 Erstberatung Aligner, fertig, e
         2025-02-10 Planbesprechung, verschoben?, e
         2025-02-12 Neue Terminart, fertig, e",
        "0,1,2 key 0: erstberatung R2",
    );
}

fn judged(story: &str, now: &DealNow<'_>) -> String {
    let mapping = shipped();
    let rulings = Rulings::new(&mapping);
    let settings = DealSettings::default();
    let rules = Rules { mapping: &mapping, rulings: &rulings, settings: &settings, today: TODAY };
    let rows = appointments(story);
    let visits = visits_of(&rows, &mapping);
    let verdict = judge(&cut(&visits, rules)[0], &visits, now, rules);
    match verdict.held {
        Some(held) => held.to_string(),
        None => {
            let rule = verdict.rule.map_or_else(|| "-".to_owned(), |rule| rule.to_string());
            format!("{} {rule}", verdict.stage.as_ref().map_or("none", StageKey::as_str))
        }
    }
}

fn now(stage: &StageKey) -> DealNow<'_> {
    DealNow { stage: Some(stage), ..DealNow::default() }
}

#[test]
fn the_deal_as_it_is_counts() {
    let [lead, booked_stage, diagnosed, offered, won, lost_stage] =
        ["neuer_lead", "termin_gebucht", "diagnostik", "angebot", "gewonnen", "verloren"].map(StageKey::new);
    let consulted = "2025-01-10 Erstberatung Aligner, fertig, e";
    assert_eq!(judged(consulted, &now(&booked_stage)), "erstberatung R5");
    assert_eq!(judged(consulted, &now(&offered)), "angebot -", "completed: nobody pushes back");
    assert_eq!(judged(consulted, &now(&lead)), "erstberatung R2");
    assert_eq!(judged(consulted, &now(&lost_stage)), "locked or closed by a person");
    assert_eq!(judged(consulted, &now(&won)), "locked or closed by a person");
    let by_tool = DealNow { lost_by_tool: true, closed_by_tool: true, ..now(&lost_stage) };
    assert_eq!(judged(consulted, &by_tool), "erstberatung R7");
    let locked = DealNow { locked: true, ..now(&booked_stage) };
    assert_eq!(judged(consulted, &locked), "locked or closed by a person");

    let booked = "2025-01-10 Erstberatung Aligner, geplant";
    let ahead = DealNow { previous: Some(&diagnosed), ..now(&offered) };
    assert_eq!(judged(booked, &ahead), "diagnostik R6");
    let once = DealNow { pushed: Some("a0 booked"), ..now(&offered) };
    assert_eq!(judged(booked, &once), "angebot -");

    // The entries arrive after the clarified visit: forward and lost in one step.
    let late = "2025-01-10 Erstberatung Aligner, fertig, e
                2025-03-10 Planbesprechung, geklärt";
    assert_eq!(judged(late, &now(&booked_stage)), "verloren R4");

    let cancelled = "2025-01-10 Erstberatung Aligner, abgesagt";
    assert_eq!(judged(cancelled, &now(&booked_stage)), "verloren R3");
    let lost = DealNow { lost_by_tool: true, closed_by_tool: true, ..now(&lost_stage) };
    assert_eq!(judged(cancelled, &lost), "verloren -");
}

proptest! {
    /// The same appointments in any order of arrival are the same cases; every visit belongs to at most one of them.
    #[test]
    fn no_visit_is_in_two_cases(
        rows in prop::collection::vec((0_u32..900, 0_usize..8, 0_usize..7, any::<bool>()), 1..14),
        by_appointment in any::<bool>(),
    ) {
        const TEMPLATES: [&str; 8] = ["Erstberatung Aligner", "Anfangsunterlagen/Scan", "Planbesprechung", "Einsetzen Multiband",
            "Entbänderung", "Kontrolle Aligner", "PZR", "Erfundene Terminart"];
        const STATES: [&str; 7] = ["geplant", "fertig", "abgesagt", "nicht erschienen", "geklärt", "verschoben", "sonst was"];
        let first: NaiveDate = "2023-01-01".parse().expect("a day");
        let line = |(day, template, state, entries): &(u32, usize, usize, bool)| {
            let day = first + chrono::Days::new(u64::from(*day));
            format!("{day} {}, {}{}", TEMPLATES[*template], STATES[*state], if *entries { ", e" } else { "" })
        };
        let story = rows.iter().map(line).collect::<Vec<_>>().join("\n");
        let mapping = shipped();
        let rulings = Rulings::new(&mapping);
        let grain = if by_appointment { Grain::Appointment } else { Grain::Case };
        let settings = DealSettings { grain, ..DealSettings::default() };
        let rules = Rules { mapping: &mapping, rulings: &rulings, settings: &settings, today: TODAY };
        let rows = appointments(&story);
        let visits = visits_of(&rows, &mapping);
        let cases = cut(&visits, rules);
        let mut seen: Vec<usize> = cases.iter().flat_map(|case| case.visits.iter().copied()).collect();
        seen.sort_unstable();
        let before = seen.len();
        seen.dedup();
        prop_assert_eq!(seen.len(), before);
        for case in &cases {
            prop_assert!(!case.opening.is_empty());
            let fresh = judge(case, &visits, &DealNow::default(), rules);
            let Some(stage) = &fresh.stage else { continue };
            // A deal that has just been made stays where it was put.
            let lost = mapping.stage(stage).is_some_and(|row| row.kind == crate::domain::StageKind::Lost);
            let now = DealNow { stage: Some(stage), lost_by_tool: lost, closed_by_tool: true, ..DealNow::default() };
            let again = judge(case, &visits, &now, rules);
            prop_assert_eq!(again.stage.as_ref(), Some(stage));
            prop_assert_eq!(again.closed_at, fresh.closed_at);
        }
    }
}
