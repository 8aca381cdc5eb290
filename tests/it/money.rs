//! Money and entries through the binary: what a plan comes to, how revenue is parted, and visits whose entries are missing.

use ivohub::domain::Object;
use serde_json::Value;

use super::project::{Done, Project};

const PATIENTS: [[&str; 6]; 2] = [
    ["p-1", "Vorname1", "Probe", "01.01.1980", "eins@example.org", ""],
    ["p-2", "Vorname2", "Muster", "02.02.1990", "zwei@example.org", ""],
];

/// Lines as an export holds them: id, patient, day, type, schedule, code, count, factor, amount, text.
fn entries(project: &Project, rows: &[[&str; 10]], more: &[&str]) -> Done {
    let header = "Eintrag-ID;Patient-ID;Datum;Typ;Gebührenart;Leistung;Anzahl;Faktor;Betrag;Text;Standort";
    let rows: Vec<String> = rows.iter().map(|row| format!("{};KFO Nord", row.join(";"))).collect();
    project.put("entries.csv", format!("{header}\n{}\n", rows.join("\n")));
    project.run(&[&["backfill-entries", "--input", "entries.csv"], more].concat())
}

fn accepted(project: &Project, rows: &[[&str; 10]]) -> Done {
    let done = entries(project, rows, &["--yes", "--json"]);
    assert!([0, 3].contains(&done.exit), "{}", done.all());
    done
}

/// The line of the plan.
fn plan(done: &Done) -> Value {
    let lines = done.stdout.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    lines.into_iter().find(|line| line["type"] == "plan").unwrap_or_else(|| panic!("no plan in {}", done.all()))
}

#[track_caller]
fn deal(project: &Project, key: &str, wanted: &[(&str, &str)]) {
    let found = project.by_key(Object::Deal, key).expect("a deal");
    for (name, value) in wanted {
        assert_eq!(found.get(name), *value, "{name} of {key}");
    }
}

/// A completed consultation of the first patient, and a booked one of the second.
fn consulted() -> Project {
    let project = Project::new();
    project.patients(&PATIENTS).exits(0);
    project.appointments(&[["t-1", "p-1", "02.03.2026", "Erstberatung Aligner", "fertig"]]).exits(0);
    project
}

const LINES: [[&str; 10]; 7] = [
    ["e-1", "p-1", "02.03.2026", "Leistung", "GOZ", "6190", "1", "", "", "Beratung"],
    ["e-2", "p-1", "02.03.2026", "Leistung", "BEMA", "01k", "1", "", "", ""],
    ["e-3", "p-1", "02.03.2026", "Leistung", "GOZ", "6100", "1", "2,3", "100,00", ""],
    ["e-4", "p-1", "02.03.2026", "Labor", "", "", "1", "", "50,00", ""],
    ["e-5", "p-1", "02.03.2026", "Leistung", "GOZ", "9999", "1", "", "", ""],
    ["e-6", "p-1", "02.03.2026", "Storno", "GOZ", "", "1", "", "-20,00", ""],
    ["e-7", "p-1", "02.03.2026", "pabg", "", "", "1", "", "300,00", ""],
];

#[test]
fn a_dry_run_says_what_the_plan_comes_to_with_and_without_pabg() {
    let project = consulted();
    let screen = entries(&project, &LINES, &["--dry-run"]);
    let shown = screen.says(&["revenue of 1 deal", "5 of 6", "points at 2,3", "without pabg", "with pabg", "474,92"]);
    let table = shown.stdout.lines().skip_while(|line| !line.contains("lines priced")).take(7);
    let widest = table.map(|line| line.chars().count()).max();
    assert!(shown.stdout.contains("174,92"), "{}", shown.stdout);
    assert!(widest.is_some_and(|widest| widest <= 80), "{}", shown.stdout);
    let money = plan(&entries(&project, &LINES, &["--dry-run", "--json"]))["money"].clone();
    assert_eq!(money["deals"], 1);
    assert_eq!(
        (&money["revenue_before_cents"], &money["revenue_after_cents"]),
        (&Value::from(0), &Value::from(17_492))
    );
    assert_eq!((&money["lines"], &money["priced"]), (&Value::from(6), &Value::from(5)));
    let by = |way: &str| (money["by"][way]["count"].as_u64(), money["by"][way]["cents"].as_i64());
    assert_eq!(by("amount"), (Some(3), Some(13_000)), "with the reversal's sign");
    assert_eq!(by("points"), (Some(1), Some(2_940)));
    assert_eq!(by("usual_factor"), (Some(1), Some(1_552)));
    assert_eq!(money["pabg"]["revenue_without_cents"], 17_492);
    assert_eq!(money["pabg"]["revenue_with_cents"], 47_492);

    let summary = accepted(&project, &LINES).json();
    assert_eq!(summary["plan"]["money"]["revenue_after_cents"], 17_492, "{summary}");
    deal(
        &project,
        "t-1",
        &[
            ("treatment_revenue", "174.92"),
            ("ivoris_revenue_statutory", "29.40"),
            ("ivoris_revenue_private", "95.52"),
            ("ivoris_revenue_lab", "50.00"),
            ("ivoris_pabg_count", "1"),
            ("ivoris_pabg_amount", "300.00"),
        ],
    );
    // The same id with new content takes the place of the old one; the sum is made anew, not added to.
    let mut lines = LINES;
    lines[2][8] = "150,00";
    let money = plan(&entries(&project, &lines, &["--dry-run", "--json"]))["money"].clone();
    assert_eq!(
        (&money["revenue_before_cents"], &money["revenue_after_cents"]),
        (&Value::from(17_492), &Value::from(22_492))
    );
    accepted(&project, &lines);
    deal(&project, "t-1", &[("treatment_revenue", "224.92")]);
}

#[test]
fn pabg_counts_once_the_table_says_so_and_the_plan_still_tells_both_sums() {
    let project = consulted();
    accepted(&project, &LINES);
    let path = "mappings/eintragsarten.csv";
    let table = std::fs::read_to_string(project.path(path)).expect("a table");
    project.put(path, table.replace("type;pabg;;;marker;nein;amount;", "type;pabg;;;revenue_private;ja;amount;"));
    let done = project.run(&["backfill-entries", "--requeue", "--dry-run", "--json"]);
    let money = plan(&done)["money"].clone();
    assert_eq!(
        (&money["revenue_before_cents"], &money["revenue_after_cents"]),
        (&Value::from(17_492), &Value::from(47_492))
    );
    assert_eq!(money["pabg"]["revenue_without_cents"], 17_492);
    assert_eq!(money["pabg"]["revenue_with_cents"], 47_492);
}

/// A case of two visits, a quarterly instalment without visit, the patient's share of it, and a line before the case.
const INSTALMENTS: [[&str; 10]; 5] = [
    ["e-1", "p-1", "12.01.2026", "Leistung", "BEMA", "01k", "1", "", "", ""],
    ["e-2", "p-1", "02.02.2026", "Leistung", "GOZ", "6100", "1", "2,3", "60,00", ""],
    ["e-3", "p-1", "31.03.2026", "Leistung", "BEMA", "119a", "1", "", "", "Abschlag"],
    ["e-4", "p-1", "31.03.2026", "Leistung", "BEMA", "119a", "1", "", "2,31", "Eigenanteil 20 %"],
    ["e-5", "p-1", "31.12.2025", "Leistung", "GOZ", "6190", "1", "", "15,00", ""],
];

fn treated(grain: &str) -> Project {
    let project = Project::new();
    project.configure("sandbox", &format!("[profile.practice.deals]\ngrain = \"{grain}\"\n"));
    project.patients(&PATIENTS).exits(0);
    let visits = [
        ["t-1", "p-1", "12.01.2026", "Erstberatung Aligner", "fertig"],
        ["t-2", "p-1", "02.02.2026", "Einsetzen Multiband", "fertig"],
    ];
    project.appointments(&visits).exits(0);
    project
}

#[test]
fn an_instalment_without_visit_is_revenue_of_the_case_that_is_open_then() {
    let project = treated("case");
    let account = accepted(&project, &INSTALMENTS).json()["account"]["kinds"]["entries"].clone();
    assert_eq!(
        (&account["created"], &account["updated"]),
        (&Value::from(4), &Value::from(1)),
        "used and unlinked: {account}"
    );
    deal(
        &project,
        "t-1",
        &[
            ("treatment_revenue", "103.26"),
            ("ivoris_revenue_statutory", "40.95"),
            ("ivoris_revenue_private", "60.00"),
            ("ivoris_revenue_own_share", "2.31"),
            ("behandlungsstartdate", "2026-02-02"),
        ],
    );
}

#[test]
fn an_instalment_without_visit_belongs_to_no_single_appointment() {
    let project = treated("appointment");
    let done = accepted(&project, &INSTALMENTS).says(&["patient with billing lines that belong to no deal"]);
    let account = done.json()["account"]["kinds"]["entries"].clone();
    assert_eq!((&account["created"], &account["updated"]), (&Value::from(2), &Value::from(3)), "{account}");
    deal(&project, "t-1", &[("treatment_revenue", "29.40")]);
    deal(&project, "t-2", &[("treatment_revenue", "60.00")]);
}

#[test]
fn of_categories_of_one_rank_the_one_with_more_revenue_names_the_deal() {
    let project = treated("case");
    let path = "mappings/kategorien.csv";
    let table = std::fs::read_to_string(project.path(path)).expect("a table");
    project.put(path, table.replace("multiband_kasse;Feste Spange, GKV;80;", "multiband_kasse;Feste Spange, GKV;85;"));
    accepted(&project, &INSTALMENTS);
    deal(&project, "t-1", &[("treatment_category", "multiband_privat")]);
    let mut more = INSTALMENTS.to_vec();
    let days = ["30.06.2026", "30.09.2026"];
    let ids = ["e-6", "e-7"];
    more.extend(days.iter().zip(ids).map(|(day, id)| [id, "p-1", day, "Leistung", "BEMA", "119d", "1", "", "", ""]));
    accepted(&project, &more);
    deal(&project, "t-1", &[("treatment_category", "multiband_kasse")]);
}

#[test]
fn a_late_entry_moves_the_deal_and_its_money() {
    let project = consulted();
    deal(&project, "t-1", &[("dealstage", "ivohub_termin_gebucht"), ("treatment_revenue", "")]);
    accepted(&project, &LINES[..1]);
    deal(&project, "t-1", &[("dealstage", "ivohub_erstberatung"), ("treatment_revenue", "15.52")]);
    accepted(&project, &LINES[..2]);
    deal(&project, "t-1", &[("dealstage", "ivohub_erstberatung"), ("treatment_revenue", "44.92")]);
}

const FLAG: &str = "completed_without_entries";

/// A line of the first patient on a day.
fn line<'a>(id: &'a str, patient: &'a str, day: &'a str) -> [&'a str; 10] {
    [id, patient, day, "Leistung", "GOZ", "6190", "1", "", "15,00", ""]
}

#[test]
fn a_visit_without_entries_is_flagged_by_a_whole_file_that_goes_far_enough() {
    let project = Project::new();
    project.patients(&PATIENTS).exits(0);
    let visits = [
        ["t-1", "p-1", "02.03.2026", "Erstberatung Aligner", "fertig"],
        ["t-2", "p-2", "02.03.2026", "Erstberatung Aligner", "fertig"],
        ["t-3", "p-2", "02.03.2026", "Kontrolle Aligner", "fertig"],
    ];
    project.appointments(&visits).exits(0);
    let early = [line("e-1", "p-1", "02.03.2026"), line("e-2", "p-1", "15.03.2026")];
    accepted(&project, &early);
    deal(&project, "t-2", &[("ivoris_flag", "")]);
    let late = [early[0], early[1], line("e-3", "p-1", "16.03.2026")];
    for narrow in [&["--limit", "3"][..], &["--since", "2026-01-01"], &["--only", "e-1,e-2,e-3"]] {
        let done = entries(&project, &late, &[narrow, &["--dry-run", "--json"]].concat());
        assert_eq!(plan(&done)["totals"]["deal"]["update"], 1, "{narrow:?} {}", done.all());
    }
    let before = project.standing();
    entries(&project, &late, &["--dry-run"]);
    assert_eq!(project.standing(), before);
    let done = accepted(&project, &late);
    done.says(&["deal with a completed appointment without entries"]);
    deal(&project, "t-2", &[("ivoris_flag", FLAG), ("dealstage", "ivohub_termin_gebucht")]);
    deal(&project, "t-1", &[("ivoris_flag", "")]);
    assert_eq!(project.status()["reading"]["without_entries"], 1);
    project.run(&["status"]).says(&["completed without entries: 1 deal"]);
    // Nothing is new: nothing is written, neither by the same file nor by other passes.
    let (writes, _) = project.writes_of(|| {
        accepted(&project, &late);
        project.run(&["migrate-appointments", "--requeue", "--yes"])
    });
    assert_eq!(writes, 0);
    deal(&project, "t-2", &[("ivoris_flag", FLAG)]);
    let found = [late[0], late[1], late[2], line("e-4", "p-2", "02.03.2026")];
    accepted(&project, &found);
    deal(&project, "t-2", &[("ivoris_flag", ""), ("dealstage", "ivohub_erstberatung"), ("treatment_revenue", "15.00")]);
    assert_eq!(project.status()["reading"]["without_entries"], 0);
}

#[test]
fn what_is_fetched_without_a_plan_is_flagged_by_the_next_one() {
    let project = consulted();
    let others = [line("e-1", "p-2", "01.03.2026"), line("e-2", "p-2", "20.03.2026")];
    entries(&project, &others, &["--fetch-only"]).exits(0);
    deal(&project, "t-1", &[("ivoris_flag", "")]);
    let done = project.run(&["backfill-entries", "--drain-only", "--yes"]);
    assert!([0, 3].contains(&done.exit), "{}", done.all());
    deal(&project, "t-1", &[("ivoris_flag", FLAG)]);
}

#[test]
fn how_long_entries_are_waited_for_is_an_option() {
    let project = consulted();
    project.configure("sandbox", "[profile.practice.deals]\nentries_wait_days = 30\n");
    let others = [line("e-1", "p-2", "01.03.2026"), line("e-2", "p-2", "31.03.2026")];
    accepted(&project, &others);
    deal(&project, "t-1", &[("ivoris_flag", "")]);
    accepted(&project, &[others[0], others[1], line("e-3", "p-2", "01.04.2026")]);
    deal(&project, "t-1", &[("ivoris_flag", FLAG)]);
}
