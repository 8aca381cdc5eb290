//! Every code has a bad example, and what is shipped is sound.

use std::collections::HashMap;

use crate::mapping::shipped::SHIPPED;

use super::*;

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
