//! What spreadsheets write, and what is broken in it.

use super::*;

const KEYS: &[&str] = &["source_field", "source_value"];
const SPEC: Spec = Spec { file: "status.csv", needed: true, keys: KEYS, others: &["canonical"], rows: KEYS };

fn read(text: &str) -> (Sheet, Vec<Problem>) {
    let mut problems = Vec::new();
    let sheet = Sheet::read(&SPEC, text.to_owned(), &mut problems);
    (sheet, problems)
}

#[test]
fn reads_what_spreadsheets_write() {
    for text in [
        "source_field;source_value;canonical\nState;fertig;completed\n",
        "Source Field,Source-Value,Canonical\r\n\r\n# a comment\r\nState, fertig ,completed\r\n,,\r\n",
        "canonical\tsource_value\tsource_field\ncompleted\tfertig\tState",
        "source_field;source_value;canonical;;\nState;\"fertig\";completed;;;\n",
    ] {
        let (sheet, problems) = read(text);
        assert_eq!(problems, [], "{text:?}");
        assert_eq!(sheet.len(), 1, "{text:?}");
        let cells = ["source_field", "source_value", "canonical", "note"].map(|column| sheet.cell(0, column));
        assert_eq!(cells, ["State", "fertig", "completed", ""], "{text:?}");
    }
}

#[test]
fn a_misspelt_column_is_read_on_and_one_that_cannot_be_told_says_nothing() {
    for (text, canonical, told) in [
        ("source_field;source_value;canonnical\nState;fertig;completed\n", "completed", true),
        ("source_field;source_value;meaning\nState;fertig;completed\n", "", false),
        ("source_field;source_value;canonical;canonical\nState;fertig;completed;x\n", "completed", false),
    ] {
        let (sheet, problems) = read(text);
        assert_eq!((sheet.cell(0, "canonical"), sheet.is_told()), (canonical, told), "{text:?}");
        assert_eq!((sheet.cell(0, "source_value"), problems.len()), ("fertig", 1), "{text:?}");
        assert_eq!(sheet.at(0, "canonical", "M018", "").code == Problem::MOOT, !told, "{text:?}");
    }
}

#[test]
fn a_cell_knows_its_place() {
    let (sheet, _) = read("# über\r\n\r\nsource_field;source_value\r\n\"a\r\nb\";x\r\n# c\r\nStäte;\"fer;tig\"\r\n");
    let problem = sheet.at(1, "source_value", "M019", "x");
    assert_eq!((problem.line, problem.column, problem.end_column), (7, 7, 16));
    assert_eq!(problem.line_text, "Stäte;\"fer;tig\"");
    let problem = sheet.at(0, "source_value", "M019", "x");
    assert_eq!((problem.line, problem.column, problem.line_text.as_str()), (5, 4, "b\";x"));
}

#[test]
fn broken_headers_and_rows_are_named() {
    let check = |text: &str, wanted: &[(&str, u32, u32)]| {
        let found = read(text).1;
        let found: Vec<_> = found.iter().map(|problem| (problem.code, problem.line, problem.column)).collect();
        assert_eq!(found, wanted, "{text:?}");
    };
    check("", &[("M003", 0, 0)]);
    check("source_field;canonical\n", &[("M003", 1, 1)]);
    check("source_field;source_value;farbe\n", &[("M004", 1, 27)]);
    check("source_field;source_value;farbe\nState;x;rot\nState\n", &[("M004", 1, 27), ("M006", 3, 1)]);
    check(
        "Status der Termine\nsource_field;source_value\nState;x\n",
        &[("M004", 1, 1), ("M003", 1, 1), ("M003", 1, 1)],
    );
    check("source_field;source_value;Source Value\n", &[("M005", 1, 27)]);
    check("source_field;source_value;canonical\nState\nState;a;b;c\n", &[("M006", 2, 1), ("M006", 3, 1)]);
    check("source_field;source_value;canonical\nState;fertig\n", &[]);
}
