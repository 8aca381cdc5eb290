//! Which test answers for which cell of the matrix: a cell without one, or with one that is gone, fails here.

/// Where the tests of cells stand; each is tried in both grains.
const SOURCES: [&str; 8] = [
    include_str!("cells.rs"),
    include_str!("progress.rs"),
    include_str!("others.rs"),
    include_str!("case.rs"),
    include_str!("values.rs"),
    // Options.
    include_str!("options.rs"),
    include_str!("../../mapping/case/options_tests.rs"),
    include_str!("../../../tests/it/options.rs"),
];

/// Rows of `domain.md` 3.3 and the tests of their cells: no deal, `neuer_lead`, `termin_gebucht`, `erstberatung`, the stages
/// between, `in_behandlung`, won, lost. "–" of that page is an empty list.
const MATRIX: [(&str, [&[&str]; 8]); 14] = [
    (
        "booked, confirmed, arrived, in treatment",
        [
            &["r2_active_without_a_deal_creates"],
            &["r2_active_at_neuer_lead_is_booked"],
            &["none_active_at_termin_gebucht_stays"],
            &["r6_active_at_erstberatung_goes_back"],
            &["r6_active_between_goes_back"],
            &["r6_active_at_in_behandlung_goes_back"],
            &["none_active_at_gewonnen_stays"],
            &["r7_active_at_verloren_reopens"],
        ],
    ),
    (
        "moved (new time)",
        [
            &["r2_new_time_without_a_deal_creates"],
            &["r2_new_time_at_neuer_lead_is_booked"],
            &["none_new_time_at_termin_gebucht_stays"],
            &["r6_new_time_at_erstberatung_goes_back"],
            &["r6_new_time_between_goes_back"],
            &["r6_new_time_at_in_behandlung_goes_back"],
            &["none_new_time_at_gewonnen_stays"],
            &["r7_new_time_at_verloren_reopens"],
        ],
    ),
    (
        "completed with entries",
        [
            &["r2_completed_without_a_deal_creates_at_the_supported_stage"],
            &["r2_completed_at_neuer_lead_is_where_a_new_deal_would_be"],
            &["r5_completed_at_termin_gebucht_advances"],
            &["r5_completed_at_erstberatung_advances_if_higher"],
            &[
                "r5_completed_at_diagnostik_advances_if_higher",
                "r5_completed_at_plan_erstellt_advances_if_higher",
                "r5_completed_at_angebot_advances_if_higher",
            ],
            &["r5_completed_at_in_behandlung_wins_at_the_end"],
            &["r5_completed_at_gewonnen_stays_and_money_is_kept_up"],
            &["r7_completed_at_verloren_reopens_at_the_supported_stage"],
        ],
    ),
    (
        "completed, no entries",
        [
            &["r2_completed_without_entries_without_a_deal_creates"],
            &["r2_completed_without_entries_at_neuer_lead_is_booked"],
            &["r10_completed_without_entries_at_termin_gebucht_stays"],
            &["r10_completed_without_entries_at_erstberatung_stays"],
            &["r10_completed_without_entries_between_stays"],
            &["r10_completed_without_entries_at_in_behandlung_stays"],
            &["r10_completed_without_entries_at_gewonnen_stays"],
            &["r7_completed_without_entries_at_verloren_reopens"],
        ],
    ),
    (
        "cancelled",
        [
            &["r2_cancelled_without_a_deal_creates_none"],
            &["r3_cancelled_at_neuer_lead_stays"],
            &["r3_cancelled_at_termin_gebucht_loses"],
            &["r3_cancelled_at_erstberatung_loses"],
            &["r6_cancelled_between_goes_back"],
            &["r6_cancelled_at_in_behandlung_goes_back"],
            &["r3_cancelled_at_gewonnen_stays"],
            &["r3_cancelled_at_verloren_stays"],
        ],
    ),
    (
        "clarified, first consultation",
        [
            &["r2_clarified_consultation_without_a_deal_creates_none"],
            &["r4_clarified_consultation_at_neuer_lead_stays"],
            &["r4_clarified_consultation_at_termin_gebucht_loses"],
            &["r4_clarified_consultation_at_erstberatung_loses"],
            &["r6_clarified_consultation_between_goes_back"],
            &["r6_clarified_consultation_at_in_behandlung_goes_back"],
            &["r4_clarified_consultation_at_gewonnen_stays"],
            &["r4_clarified_consultation_at_verloren_stays"],
        ],
    ),
    (
        "clarified, other template",
        [
            &["r2_clarified_other_without_a_deal_creates_none"],
            &["r4_clarified_other_at_neuer_lead_stays"],
            &["r4_clarified_other_at_termin_gebucht_stays"],
            &["r4_clarified_other_at_erstberatung_loses"],
            &["r6_clarified_other_between_goes_back"],
            &["r6_clarified_other_at_in_behandlung_goes_back"],
            &["r4_clarified_other_at_gewonnen_stays"],
            &["r4_clarified_other_at_verloren_stays"],
        ],
    ),
    (
        "no_show",
        [
            &["r2_no_show_without_a_deal_creates_none"],
            &["r10_no_show_at_neuer_lead_is_booked"],
            &["r10_no_show_at_termin_gebucht_stays"],
            &["r6_no_show_at_erstberatung_goes_back"],
            &["r6_no_show_between_goes_back"],
            &["r6_no_show_at_in_behandlung_goes_back"],
            &["r10_no_show_at_gewonnen_stays"],
            &["r10_no_show_at_verloren_stays"],
        ],
    ),
    (
        "deleted at source",
        [
            &["r2_deleted_without_a_deal_creates_none"],
            &["r10_deleted_at_neuer_lead_stays"],
            &["r10_deleted_at_termin_gebucht_stays"],
            &["r10_deleted_at_erstberatung_stays"],
            &["r10_deleted_between_stays"],
            &["r10_deleted_at_in_behandlung_stays"],
            &["r10_deleted_at_gewonnen_stays"],
            &["r10_deleted_at_verloren_stays"],
        ],
    ),
    (
        "late entry on completed",
        [
            &[],
            &[],
            &["r5_late_entry_at_termin_gebucht_advances"],
            &["r5_late_entry_at_erstberatung_advances_if_higher"],
            &[
                "r5_late_entry_at_diagnostik_advances_if_higher",
                "r5_late_entry_at_plan_erstellt_advances_if_higher",
                "r5_late_entry_at_angebot_advances_if_higher",
            ],
            &["r5_late_entry_at_in_behandlung_wins_at_the_end"],
            &["r5_late_entry_at_gewonnen_is_money_only"],
            &["r5_late_entry_at_verloren_stays_lost"],
        ],
    ),
    (
        "entry changed",
        [
            &[],
            &["r5_entry_changed_at_neuer_lead_stays"],
            &["r5_entry_changed_at_termin_gebucht_stays"],
            &["r5_entry_changed_at_erstberatung_stays"],
            &["r5_entry_changed_between_stays"],
            &["r5_entry_changed_at_in_behandlung_stays"],
            &["r5_entry_changed_at_gewonnen_stays"],
            &["r5_entry_changed_at_verloren_stays"],
        ],
    ),
    (
        "entry removed",
        [
            &[],
            &["r5_entry_removed_at_neuer_lead_stays"],
            &["r5_entry_removed_at_termin_gebucht_stays"],
            &["r5_entry_removed_at_erstberatung_stays"],
            &["r5_entry_removed_between_stays"],
            &["r5_entry_removed_at_in_behandlung_stays"],
            &["r5_entry_removed_at_gewonnen_stays"],
            &["r5_entry_removed_at_verloren_stays"],
        ],
    ),
    (
        "confirmed duplicate",
        [
            &[],
            &["r1_a_duplicate_is_listed_and_left_to_dedup_deals_in_every_stage"],
            &["r1_a_duplicate_is_listed_and_left_to_dedup_deals_in_every_stage"],
            &["r1_a_duplicate_is_listed_and_left_to_dedup_deals_in_every_stage"],
            &["r1_a_duplicate_is_listed_and_left_to_dedup_deals_in_every_stage"],
            &["r1_a_duplicate_is_listed_and_left_to_dedup_deals_in_every_stage"],
            &["r1_a_duplicate_is_listed_and_left_to_dedup_deals_in_every_stage"],
            &["r1_a_duplicate_is_listed_and_left_to_dedup_deals_in_every_stage"],
        ],
    ),
    (
        "person moves the stage",
        [
            &[],
            &["r2_person_moves_to_neuer_lead_stays"],
            &["r6_person_moves_to_termin_gebucht_stays"],
            &["r6_person_moves_to_erstberatung_goes_back"],
            &["r6_person_moves_between_goes_back"],
            &["r6_person_moves_to_in_behandlung_goes_back"],
            &["r0_person_moves_to_gewonnen_holds"],
            &["r0_person_moves_to_verloren_holds"],
        ],
    ),
];

/// What design.md section 4 settles beyond the matrix, (a) to (f).
const SETTLED: [(char, &[&str]); 6] = [
    ('a', &["a_never_seen_active_opens_nothing_and_what_was_booked_keeps_its_deal"]),
    ('b', &["b_loss_and_rebooking"]),
    ('c', &["c_a_case_ends_with_its_treatment_entries_or_not", "c_idle_days_open_a_new_case_and_the_old_deal_stays"]),
    ('d', &["d_an_appointment_attaches_to_the_case_that_is_open_at_its_own_start"]),
    ('e', &["e_a_deal_that_nothing_supports_any_more_stays_and_is_listed"]),
    ('f', &["f_the_deal_of_a_case_is_the_one_keyed_by_any_of_its_opening_appointments"]),
];

/// Rules that have no row, or more to say than their row.
const RULES: [(&str, &[&str]); 4] = [
    ("R0", &["r0_a_locked_deal_is_left_alone_in_every_stage", "r0_late_entry_on_what_a_person_lost_is_held"]),
    ("R1", &["r1_what_was_closed_as_a_duplicate_is_never_the_deal_of_its_case"]),
    (
        "R8",
        &[
            "r8_what_is_booked_after_the_deal_was_lost_has_its_own",
            "r8_what_is_booked_after_a_person_lost_the_deal_has_its_own",
            "r8_after_a_person_won_the_deal_its_treatment_goes_on_in_it",
        ],
    ),
    (
        "R9",
        &[
            "r9_the_start_is_the_earliest_completed_one_and_booked_ones_are_planned",
            "r9_the_start_is_never_cleared",
            "r9_the_start_that_a_person_wrote_is_theirs",
        ],
    ),
];

/// The tests that try the default and the other values of each option of `[deals]` in `ivohub.toml`.
const OPTIONS: [(&str, &str); 17] = [
    ("grain", "the_grain_of_deals_is_a_matter_of_configuration"),
    ("case_key", "cases_are_told_apart_by_patient_or_location_and_by_idle_days"),
    ("rebook_days", "a_booking_after_a_loss_is_a_new_deal_outside_rebook_days"),
    ("case_idle_days", "cases_are_told_apart_by_patient_or_location_and_by_idle_days"),
    ("link_days", "an_entry_belongs_to_the_visit_of_its_day_or_to_one_some_days_away"),
    (
        "entries_wait_days",
        "a_completed_visit_without_entries_is_flagged_after_fourteen_days_or_as_many_as_the_option_says",
    ),
    ("push_back", "a_push_back_leads_to_the_stage_held_before_or_to_the_one_before_in_the_pipeline_or_is_the_portals"),
    (
        "previous_stage",
        "a_push_back_leads_to_the_stage_held_before_or_to_the_one_before_in_the_pipeline_or_is_the_portals",
    ),
    ("infer_completed_from_entries", "an_appointment_with_entries_is_listed_or_counts_as_completed"),
    ("advance_without_entries", "completed_without_entries_waits_or_advances"),
    ("unlinked_signals", "entries_without_appointment_move_no_deal_or_to_the_stage_they_name"),
    ("no_show_lose_after_days", "a_missed_visit_stays_or_loses_after_so_many_days"),
    ("start_date", "the_start_of_treatment_is_completed_or_booked"),
    ("create_lost_deals", "historic_cancelled_visits_make_no_deals_or_lost_ones"),
    ("won_at", "a_deal_is_won_at_the_end_of_treatment_or_at_its_start"),
    ("close_date", "a_lost_deal_closes_on_the_earlier_day_or_on_the_one_the_option_names"),
    ("count_open_deals_of_others", "open_deals_of_others_are_counted_or_not"),
];

/// The same of what `mapping.toml` and the tables say.
const OPTIONS_OF_TABLES: [&str; 6] = [
    "an_unknown_terminart_is_held_or_attaches_or_is_ignored",
    "an_unknown_status_is_held_or_attaches_or_is_ignored",
    "each_property_has_the_owner_that_the_table_names",
    "a_booked_consultation_supports_its_booking_or_the_stage_that_its_row_names",
    "a_template_that_attaches_to_nothing_is_on_no_deal",
    "the_amount_is_the_plan_if_known_else_what_was_treated",
];

#[test]
fn every_option_has_a_test() {
    let keys = include_str!("../../config/keys.rs").lines().map(str::trim);
    let keys = keys.filter_map(|line| line.strip_prefix("\"deals.")?.split('"').next());
    let keys: Vec<&str> = keys.collect();
    let listed: Vec<&str> = OPTIONS.iter().map(|(key, _)| *key).collect();
    for key in &keys {
        assert!(listed.contains(key), "[deals] {key} has no test");
    }
    assert_eq!(keys.len(), listed.len());
    for name in OPTIONS.iter().map(|(_, name)| name).chain(&OPTIONS_OF_TABLES) {
        assert!(is_there(name), "no test {name}");
    }
}

/// Whether a source defines a test of this name: a function, or a line of one of the tables of tests.
fn is_there(name: &str) -> bool {
    let forms = [format!("fn {name}()"), format!("    {name}: "), format!("    {name}(grain)")];
    SOURCES.into_iter().any(|source| forms.iter().any(|form| source.contains(form.as_str())))
}

#[test]
fn every_cell_has_a_test_named_after_its_rule() {
    for (row, cells) in &MATRIX {
        for (column, names) in cells.iter().enumerate() {
            // Without a deal no entry, duplicate or move has one to change; a lead has no completed appointment.
            let nothing = match *row {
                "late entry on completed" => column < 2,
                "entry changed" | "entry removed" | "confirmed duplicate" | "person moves the stage" => column == 0,
                _ => false,
            };
            assert_eq!(names.is_empty(), nothing, "{row}, column {column}");
            for name in *names {
                assert!(is_there(name), "{row}, column {column}: no test {name}");
                let rule = name.split('_').next().unwrap_or_default();
                let is_rule =
                    rule.strip_prefix('r').is_some_and(|number| number.parse::<u8>().is_ok_and(|at| at <= 10));
                assert!(is_rule || rule == "none", "{name} names no rule");
            }
        }
    }
    for (letter, names) in &SETTLED {
        for name in *names {
            assert!(is_there(name) && name.starts_with(&format!("{letter}_")), "({letter}): no test {name}");
        }
    }
    for (rule, names) in &RULES {
        for name in *names {
            let named = name.starts_with(&format!("{}_", rule.to_lowercase()));
            assert!(is_there(name) && named, "{rule}: no test {name}");
        }
    }
}
