//! Every code has a bad example, and what is shipped is sound.

use std::collections::HashMap;

use crate::mapping::shipped::SHIPPED;

use super::*;
use crate::mapping::{DealSettings, try_cases};

/// The shipped files with some replaced.
fn with(changes: &[(&str, &str)]) -> (Option<Mapping>, Vec<Problem>) {
    let mut files: HashMap<String, Vec<u8>> =
        SHIPPED.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect();
    for (name, text) in changes {
        files.insert((*name).to_owned(), text.as_bytes().to_vec());
    }
    load(&|name: &str| files.get(name).cloned())
}

#[test]
fn the_shipped_tables_have_no_problem() {
    let (mapping, problems) = with(&[]);
    assert_eq!(problems, []);
    assert!(mapping.is_some());
}

#[test]
fn a_missing_table_is_one_problem() {
    for name in ["kategorien.csv", "pipeline.csv", "standorte.csv", "verlustgruende.csv"] {
        let files: HashMap<&str, &str> = SHIPPED.iter().filter(|(have, _)| *have != name).copied().collect();
        let (mapping, problems) = load(&|name: &str| files.get(name).map(|text| text.as_bytes().to_vec()));
        let found: Vec<_> =
            problems.iter().map(|problem| (problem.code, problem.file.as_str(), &problem.message)).collect();
        assert!(mapping.is_none());
        assert_eq!(found.len(), 1, "{name}: {found:#?}");
        assert_eq!(found[0].1, name);
    }
}

#[test]
fn a_row_knows_its_line_and_digests_do_not() {
    let (mapping, _) = with(&[]);
    let mapping = mapping.expect("sound");
    let rows = mapping.digests().tables.iter().flat_map(|table| table.rows.iter().map(|(key, _)| (table.table, key)));
    for (table, key) in rows {
        let line = mapping.tables().line(table, key).unwrap_or_else(|| panic!("{table} {key} has no line"));
        assert!(line > 1, "{table} {key}");
    }
    assert_eq!(mapping.tables().line("terminarten", "planbesprechung"), Some(6));
    assert_eq!(mapping.tables().line("regeln", "R4"), Some(4));
    let text = crate::mapping::shipped_file("terminarten.csv").expect("a table");
    let (moved, problems) = with(&[("terminarten.csv", &format!("# moved down\n\n{text}"))]);
    assert_eq!(problems, []);
    let moved = moved.expect("sound");
    assert_eq!(moved.tables().line("terminarten", "planbesprechung"), Some(8));
    assert_eq!(moved.digests(), mapping.digests());
}

#[test]
fn a_part_of_a_cell_is_shown() {
    let at = |name: &str, old: &str, new: &str| {
        let text = crate::mapping::shipped_file(name).expect("a table");
        assert!(text.contains(old), "{old}");
        let (_, problems) = with(&[(name, &text.replacen(old, new, 1))]);
        assert_eq!(problems.len(), 1, "{problems:#?}");
        let problem = &problems[0];
        let (first, end) = (problem.column as usize - 1, problem.end_column as usize - 1);
        problem.line_text.chars().skip(first).take(end - first).collect::<String>()
    };
    let cell = "termin_gebucht|erstberatung";
    assert_eq!(at("regeln.csv", cell, "termin_gebucht|erstberattung"), "erstberattung");
    assert_eq!(at("regeln.csv", cell, "\" termin_gebucht | erstberattung\""), "erstberattung");
    assert_eq!(at("regeln.csv", "cancelled", "\"no_show|cancelt\""), "cancelt");
}

/// The problems that `regeln.csv` has with these lines behind its header: code, line, message, note.
fn rules(lines: &[&str]) -> Vec<String> {
    let header = "id;appointment_status;deal_stage;category;has_entries;bedingung;action;stage;reason;note";
    let text = format!("{header}\n{}\n", lines.join("\n"));
    let problems = with(&[("regeln.csv", &text), ("tests.csv", "case;terminart;status\n")]).1;
    let shown = |problem: &Problem| {
        let note = problem.note.as_deref().unwrap_or_default();
        format!("{}:{} {} / {note}", problem.code, problem.line, problem.message)
    };
    problems.iter().map(shown).collect()
}

const R2: &str = "R2;;none;;;opens;open;supported;;";
const R5: &str = "R5;;;;;supported_rank > stage_rank;advance;supported;;";

#[test]
fn rules_that_never_apply_are_found_through_conditions() {
    let check = |lines: &[&str], wanted: &[&str]| {
        let all: Vec<&str> = [R2].iter().chain(lines).copied().chain([R5]).collect();
        assert_eq!(rules(&all), wanted, "{lines:#?}");
    };
    let lost = "R3;cancelled;termin_gebucht;;;not live;lose;verloren;termin_abgesagt;";
    check(&[lost], &[]);
    check(
        &[lost, "R4;cancelled;termin_gebucht;;;not live and not begun;lose;verloren;geklaert;"],
        &["M030:4 rule R4 can never apply / R3 (line 3) already takes every case of it"],
    );
    check(&["R4;;termin_gebucht;;;category == \"kontrolle\" or category == 'prophylaxe';hold;;;"], &[]);
    check(&[lost, "R4;cancelled;termin_gebucht;;;live and not begun;lose;verloren;geklaert;"], &[]);
    check(
        &["R4;;termin_gebucht;;;deal_stage == \"erstberatung\";hold;;;"],
        &["M030:3 rule R4 can never apply / nothing that happens fits its cells and its condition"],
    );
    check(
        &["R4;deleted;;;;;hold;;;"],
        &["M030:3 rule R4 can never apply / nothing that happens fits its cells and its condition"],
    );
    // What a broken row takes is not known.
    check(
        &["R3;cancelled;;;;livee;lose;verloren;termin_abgesagt;", "R4;cancelled;erstberatung;;;live;hold;;;"],
        &["M034:3 unknown variable \"livee\" / "],
    );
}

#[test]
fn a_gap_is_what_no_row_can_meet() {
    assert_eq!(rules(&[R2, R5]), [""; 0]);
    let only = "R5;completed|booked;;;;supported_rank > stage_rank;advance;supported;;";
    assert_eq!(
        rules(&[
            R2,
            "R1;;neuer_lead|termin_gebucht|erstberatung|diagnostik|plan_erstellt|angebot;;;live;hold;;;",
            only
        ]),
        [
            "M031:0 6 combinations of deal_stage and appointment_status without a rule / in_behandlung: confirmed, arrived, \
          in_treatment, cancelled, no_show, clarified"
        ]
    );
}

#[test]
fn rules_that_undo_each_other_are_found() {
    let fixed = "R5;booked;diagnostik;;;;advance;angebot;;";
    let back = "R6;booked;angebot;;;push_back == \"tool\" and stage_rank > supported_rank;push_back;previous;;";
    assert_eq!(
        rules(&[R2, fixed, back, "R9;;;;;;hold;;;"]),
        [
            "M032:4 rules R5 and R6 move a deal back and forth / between diagnostik and angebot, and nothing has happened in between"
        ]
    );
    let told_apart = "R5;completed;diagnostik;;;;advance;angebot;;";
    assert_eq!(rules(&[R2, told_apart, back, "R9;;;;;;hold;;;"]), [""; 0]);
}

#[test]
fn the_shipped_cases_answer_as_they_say_in_grain_case() {
    let (mapping, _) = with(&[]);
    let mapping = mapping.expect("sound");
    assert!(mapping.tables().trials.len() > 20);
    let problems = try_cases(&mapping, &DealSettings::default());
    let told: Vec<String> = problems.iter().map(|problem| problem.message.clone()).collect();
    assert_eq!(told, [""; 0]);
}

#[test]
fn a_case_tells_what_the_tables_say_instead() {
    let check = |changes: &[(&str, &str)], wanted: &[&str]| {
        let (mapping, problems) = with(changes);
        assert_eq!(problems, []);
        let problems = try_cases(&mapping.expect("sound"), &DealSettings::default());
        let shown =
            |problem: &Problem| format!("{}:{}:{} {}", problem.code, problem.line, problem.column, problem.message);
        assert_eq!(problems.iter().map(shown).collect::<Vec<_>>(), wanted);
    };
    let header = "case;terminart;status;deal_stage;entries;expect_stage;expect_action;expect_rule";
    let lines = |lines: &[&str]| format!("{header}\n{}\n", lines.join("\n"));
    check(
        &[(
            "tests.csv",
            &lines(&[
                "a;Erstberatung Aligner;abgesagt;termin_gebucht;0;verloren;lose;R3",
                "b;Erstberatung Aligner;abgesagt;termin_gebucht;0;verloren;push_back;R6",
                "c;Erstbertung Aligner;cancelled;none;0;none;;",
                "d;Erstberatung Aligner;abgesgt;none;0;none;;",
                "e;Teamsitzung;geplant;none;0;none;none;none",
            ]),
        )],
        &[
            "M060:3:59 \"b\" answers action lose instead of push_back, rule R3 instead of R6",
            "M060:4:3 \"c\": \"Erstbertung Aligner\" has no row in terminarten.csv",
            "M060:5:3 \"d\": \"abgesgt\" has no row in status.csv",
        ],
    );
    let rules = crate::mapping::shipped_file("regeln.csv").expect("a table").replace("not live and", "live and");
    let (mapping, problems) = with(&[("regeln.csv", &rules)]);
    assert_eq!(problems, []);
    assert!(!try_cases(&mapping.expect("sound"), &DealSettings::default()).is_empty(), "a changed rule is seen");
}

#[test]
fn a_broken_case_stops_no_run() {
    let (mapping, problems) =
        with(&[("tests.csv", "case;terminart;status;expect_rule\na;PZR;fertig;R77\nb;PZR;fertig;\n")]);
    assert!(mapping.is_some());
    let codes: Vec<_> = problems.iter().map(|problem| (problem.code, problem.level, problem.line)).collect();
    assert_eq!(codes, [("M015", Level::Error, 2), ("M018", Level::Error, 3)]);
}

#[test]
fn mistakes_hide_no_others_and_nothing_follows_from_them() {
    let check = |edits: &[(&str, &str, &str)], wanted: &[&str]| {
        let mut texts: HashMap<&str, String> = HashMap::new();
        for (name, old, new) in edits {
            let text =
                texts.entry(name).or_insert_with(|| crate::mapping::shipped_file(name).expect("a table").to_owned());
            assert!(text.contains(old), "{name} {old}");
            *text = text.replacen(old, new, 1);
        }
        let texts: Vec<(&str, &str)> = texts.iter().map(|(name, text)| (*name, text.as_str())).collect();
        let problems = with(&texts).1;
        let found: Vec<String> =
            problems.iter().map(|problem| format!("{} {}", problem.code, problem.message)).collect();
        assert_eq!(found, wanted, "{edits:#?}");
    };
    let row = |text: &'static str| ("\n", text);
    let add = |name: &'static str, text: &'static str| (name, row(text).0, row(text).1);
    check(
        &[add("status.csv", "\nState;ab\u{1}gelehnt;cancelled;\nConfirmation;abgelehnt;cancelled;\n")],
        &["M007 a control character stands in the text", "M016 a confirmation cannot mean cancelled"],
    );
    // A line with a control character is not looked at otherwise; what refers to it is.
    check(&[("pipeline.csv", "angebot;", "ange\u{1}bot;")], &["M007 a control character stands in the text"]);
    let unknown = ("terminarten.csv", ";kontrolle;", ";kontrole;");
    check(
        &[("kategorien.csv", "label", "lable"), unknown],
        &["M004 unknown column \"lable\"", "M011 unknown category \"kontrole\""],
    );
    for header in ["Bezeichnung des Rangs", "key"] {
        let found = with(&[(
            "kategorien.csv",
            &crate::mapping::shipped_file("kategorien.csv").expect("a table").replacen("rank", header, 1),
        )]);
        assert_eq!(found.1.len(), 1, "{header}: {:#?}", found.1);
    }
    check(
        &[add("eigenschaften.csv", "\ndeal;summe;Summe;derived.amount;money;usd;sometimes;cure;vielleicht;\n")],
        &[
            "M014 unknown transform \"usd\"",
            "M014 unknown overwrite \"sometimes\"",
            "M014 unknown class \"cure\"",
            "M019 \"vielleicht\" is neither yes nor no",
        ],
    );
    check(&[("pipeline.csv", ";lost;", ";lst;")], &["M014 unknown kind \"lst\""]);
    check(&[("pipeline.csv", ";lost;", ";weg;")], &["M014 unknown kind \"weg\""]);
    // A row that never applies is found beside one with an unknown action.
    check(
        &[
            add("regeln.csv", "\nR8;booked;erstberatung;;;;wait;;;\n"),
            ("regeln.csv", "R5;", "R9;booked;erstberatung;;;;hold;;;\nR5;"),
        ],
        &["M014 unknown action \"wait\"", "M030 rule R9 can never apply"],
    );
    check(
        &[add("eintragsarten.csv", "\ncode;9-1|8-2;GOZ;nix;revenu;ja;viel;halb;weg;7;\n")],
        &[
            "M019 \"9-1\" is not a range of codes",
            "M019 \"8-2\" is not a range of codes",
            "M011 unknown category \"nix\"",
            "M014 unknown handler \"revenu\"",
            "M014 unknown amount_source \"viel\"",
            "M014 unknown share \"halb\"",
            "M010 unknown stage \"weg\"",
        ],
    );
    check(
        &[add("gebuehren.csv", "\n;;viel;\n"), add("punktwerte.csv", "\n;;;morgen;viel;\n")],
        &[
            "M018 schedule is empty",
            "M018 code is empty",
            "M019 \"viel\" is not a number",
            "M018 schedule is empty",
            "M019 \"morgen\" is not a day",
            "M019 \"viel\" is not a number",
        ],
    );
    check(
        &[add("terminarten.csv", "\n;;kontrole;;;ja;vielleicht;nein;nein;nein;15;;;\n")],
        &[
            "M018 template_name is empty",
            "M011 unknown category \"kontrole\"",
            "M019 \"vielleicht\" is neither yes nor no",
        ],
    );
}
