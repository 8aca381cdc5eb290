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
