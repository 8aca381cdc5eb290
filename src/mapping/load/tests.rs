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
