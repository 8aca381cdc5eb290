//! Each option of the deal rules: what the default says, and what the option says instead (`domain.md` 3.4).

use super::tests::{told_on, told_with, visits_of};
use super::*;
use crate::mapping::{CaseKey, CloseDate, Grain, PreviousStage, PushBack, StartDate, WonAt, deal_values};
use crate::mapping::{DealFacts, SourceWord, Sums, shipped};

fn standard() -> DealSettings {
    DealSettings::default()
}

/// The same story under the defaults and under one option.
fn check(story: &str, by_default: &str, option: DealSettings, instead: &str) {
    assert_eq!(told_with(story, &standard()), by_default, "{story}");
    assert_eq!(told_with(story, &option), instead, "{story} {option:?}");
}

#[test]
fn completed_without_entries_waits_or_advances() {
    check(
        "2025-01-10 Erstberatung Aligner, fertig",
        "0 key 0: termin_gebucht R2",
        DealSettings { advance_without_entries: true, ..standard() },
        "0 key 0: erstberatung R2",
    );
}

#[test]
fn a_missed_visit_stays_or_loses_after_so_many_days() {
    let story = "2025-01-10 Erstberatung Aligner, fertig, e
                 2025-03-10 Erstberatung Aligner, nicht erschienen";
    let option = DealSettings { no_show_lose_after_days: 30, ..standard() };
    check(story, "0,1 key 0: erstberatung R2", option, "0,1 key 0: verloren R10");
    let on = |day: &str| told_on(story, &option, day.parse().expect("a day"));
    assert_eq!(on("2025-04-09"), "0,1 key 0: erstberatung R2", "thirty days are not over");
    assert_eq!(on("2025-04-10"), "0,1 key 0: verloren R10");
    check(
        "2025-01-10 Erstberatung Aligner, fertig, e
         2025-01-20 Anfangsunterlagen/Scan, fertig
         2025-03-10 Planbesprechung, nicht erschienen",
        "0,1,2 key 0: erstberatung R2",
        option,
        "0,1,2 key 0: erstberatung R2",
    );
    check(
        "2025-01-10 Erstberatung Aligner, fertig, e
         2025-03-10 Erstberatung Aligner, nicht erschienen
         2025-03-20 Erstberatung Aligner, geplant",
        "0,1,2 key 0: erstberatung R2",
        option,
        "0,1,2 key 0: erstberatung R2",
    );
}

#[test]
fn historic_cancelled_visits_make_no_deals_or_lost_ones() {
    let option = DealSettings { create_lost_deals: true, ..standard() };
    check("2025-01-10 Erstberatung Aligner, abgesagt", "0 key -: none", option, "0 key -: verloren R3");
    check("2025-01-10 Kontrolle Aligner, abgesagt", "", option, "");
    let grain = DealSettings { grain: Grain::Appointment, ..option };
    assert_eq!(told_with("2025-01-10 Erstberatung Aligner, abgesagt", &grain), "0 key -: verloren R3");
}

#[test]
fn a_deal_is_won_at_the_end_of_treatment_or_at_its_start() {
    check(
        "2025-01-10 Erstberatung Aligner, fertig, e
         2025-04-10 Aligner-Abgabe Start, fertig, e
         2025-06-10 Kontrolle Aligner, fertig, e",
        "0,1,2 key 0: in_behandlung R5",
        DealSettings { won_at: WonAt::TreatmentStart, ..standard() },
        "0,1,2 key 0: gewonnen R5",
    );
}

#[test]
fn a_booking_after_a_loss_is_a_new_deal_outside_rebook_days() {
    check(
        "2025-01-10 Erstberatung Aligner, fertig, e
         2025-02-10 Erstberatung Aligner, abgesagt
         2025-04-10 Erstberatung Aligner, geplant",
        "0,1 key 0: verloren R3 | 2 key 2: termin_gebucht R2",
        DealSettings { rebook_days: 90, ..standard() },
        "0,1,2 key 0: erstberatung R2",
    );
}

#[test]
fn cases_are_told_apart_by_patient_or_location_and_by_idle_days() {
    check(
        "2020-01-10 Erstberatung Aligner, fertig, e, @nord
         2025-01-10 Erstberatung Aligner, geplant, @mitte",
        "0,1 key 0: erstberatung R2",
        DealSettings { case_key: CaseKey::PatientLocation, ..standard() },
        "0 key 0: erstberatung R2 | 1 key 1: termin_gebucht R2",
    );
    check(
        "2020-01-10 Erstberatung Aligner, fertig, e
         2025-01-10 Erstberatung Aligner, geplant",
        "0,1 key 0: erstberatung R2",
        DealSettings { case_idle_days: 400, ..standard() },
        "0 key 0: erstberatung R2 | 1 key 1: termin_gebucht R2",
    );
}

/// The stage of a deal at `angebot` that held `diagnostik` before and whose appointment is booked again.
fn pushed_back(settings: &DealSettings) -> String {
    let mapping = shipped();
    let rulings = Rulings::new(&mapping);
    let today = "2026-11-23".parse().expect("a day");
    let rules = Rules { mapping: &mapping, rulings: &rulings, settings, today };
    let rows = super::tests::appointments("2025-01-10 Erstberatung Aligner, geplant");
    let visits = visits_of(&rows, &mapping);
    let [offered, held] = ["angebot", "diagnostik"].map(StageKey::new);
    let now = DealNow { stage: Some(&offered), previous: Some(&held), ..DealNow::default() };
    let verdict = judge(&cut(&visits, rules)[0], &visits, &now, rules);
    verdict.stage.map_or_else(String::new, |stage| stage.as_str().to_owned())
}

#[test]
fn a_push_back_leads_to_the_stage_held_before_or_to_the_one_before_in_the_pipeline_or_is_the_portals() {
    assert_eq!(pushed_back(&standard()), "diagnostik");
    assert_eq!(pushed_back(&DealSettings { previous_stage: PreviousStage::Order, ..standard() }), "plan_erstellt");
    assert_eq!(pushed_back(&DealSettings { push_back: PushBack::Portal, ..standard() }), "angebot");
}

/// A value of the first deal of a story; every status was first read on the day before its appointment.
fn value(story: &str, settings: &DealSettings, word: SourceWord) -> String {
    value_read(story, -1, settings, word)
}

/// The same; every status was first read so many days after its appointment.
fn value_read(story: &str, days: i64, settings: &DealSettings, word: SourceWord) -> String {
    let mapping = shipped();
    let rulings = Rulings::new(&mapping);
    let rules = Rules { mapping: &mapping, rulings: &rulings, settings, today: "2026-11-23".parse().expect("a day") };
    let rows = super::tests::appointments(story);
    let mut visits = visits_of(&rows, &mapping);
    for visit in &mut visits {
        visit.status_read += chrono::TimeDelta::days(days);
    }
    let cases = cut(&visits, rules);
    let verdict = judge(&cases[0], &visits, &DealNow::default(), rules);
    let facts = DealFacts {
        without_entries: false,
        case: &cases[0],
        visits: &visits,
        sums: &Sums::default(),
        verdict: &verdict,
        key: &rows[0].0.id,
        patient: "p",
        settings,
        zone: chrono_tz::Europe::Berlin,
    };
    deal_values(&facts, &mapping).remove(&word).unwrap_or_else(|| "-".to_owned())
}

#[test]
fn the_start_of_treatment_is_completed_or_booked() {
    let story = "2025-01-10 Erstberatung Aligner, fertig, e
                 2026-12-10 Aligner-Abgabe Start, geplant";
    let booked = DealSettings { start_date: StartDate::Booked, ..standard() };
    assert_eq!(value(story, &standard(), SourceWord::DealStartDate), "-");
    assert_eq!(value(story, &standard(), SourceWord::DealPlannedStartDate), "2026-12-10");
    assert_eq!(value(story, &booked, SourceWord::DealStartDate), "2026-12-10");
}

#[test]
fn a_lost_deal_closes_on_the_earlier_day_or_on_the_one_the_option_names() {
    let story = "2025-01-10 Erstberatung Aligner, fertig, e
                 2025-03-10 Erstberatung Aligner, abgesagt";
    let closed = |close_date, days| {
        value_read(story, days, &DealSettings { close_date, ..standard() }, SourceWord::DealCloseDate)
    };
    assert_eq!(standard().close_date, CloseDate::Earlier);
    let (before, start, after) = ("2025-03-08T23:00:00.000Z", "2025-03-10T08:00:00.000Z", "2025-03-11T23:00:00.000Z");
    for (close_date, read_before, read_after) in
        [(CloseDate::Earlier, before, start), (CloseDate::Read, before, after), (CloseDate::Appointment, start, start)]
    {
        assert_eq!((closed(close_date, -1).as_str(), closed(close_date, 2).as_str()), (read_before, read_after));
    }
}

#[test]
fn a_template_that_attaches_to_nothing_is_on_no_deal() {
    let mut tables = shipped().tables().clone();
    for row in tables.templates.iter_mut().filter(|row| row.name == "PZR") {
        row.attaches = false;
    }
    let story = "2025-01-10 Erstberatung Aligner, fertig, e
                 2025-01-20 PZR, fertig, e";
    assert_eq!(told_with(story, &standard()), "0,1 key 0: erstberatung R2");
    let mapping = Mapping::new(tables);
    let rulings = Rulings::new(&mapping);
    let settings = standard();
    let rules = Rules { mapping: &mapping, rulings: &rulings, settings: &settings, today: NaiveDate::MIN };
    let rows = super::tests::appointments(story);
    let cases = cut(&visits_of(&rows, &mapping), rules);
    assert_eq!(cases.iter().map(|case| case.visits.clone()).collect::<Vec<_>>(), [[0]]);
}
