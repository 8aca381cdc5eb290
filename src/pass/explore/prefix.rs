//! Location prefixes in the names of chairs and appointment templates (`NB_Zimmer 1`, `MB_Kontrolle`): candidates with
//! counts, for a person to decide. There is no location route (`ivoris-api.md` 6.1).

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// Letters and digits of the longest prefix.
const LONGEST: usize = 6;

/// A prefix and how many names begin with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prefix {
    /// With its separator: `NB_`.
    pub text: String,
    /// Chairs.
    pub chairs: u64,
    /// Appointment templates.
    pub templates: u64,
}

/// What names begin with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prefixes {
    /// Candidates, the most used first.
    pub found: Vec<Prefix>,
    /// Chairs that begin with none of them.
    pub chairs_without: u64,
    /// Templates that begin with none of them.
    pub templates_without: u64,
}

/// Finds prefixes. `_` separates nothing else in such names, so two names are enough; behind `-`, `.`, `:` or a blank a
/// first word may be of the trade (`KFO Kontrolle`), so it has to begin a chair and a template and to be interchangeable:
/// the same rest stands behind another prefix, or alone.
#[must_use]
pub fn detect(chairs: &[&str], templates: &[&str]) -> Prefixes {
    let mut counts = BTreeMap::<String, (u64, u64, BTreeSet<String>)>::new();
    for (names, at) in [(chairs, 0), (templates, 1)] {
        for (prefix, rest) in names.iter().filter_map(|name| split(name.trim())) {
            let (in_chairs, in_templates, rests) = counts.entry(prefix).or_default();
            *(if at == 0 { in_chairs } else { in_templates }) += 1;
            rests.insert(rest);
        }
    }
    let alone: BTreeSet<String> = chairs.iter().chain(templates).map(|name| name.trim().to_lowercase()).collect();
    let interchangeable = |prefix: &str, rests: &BTreeSet<String>| {
        let others = || counts.iter().filter(|(other, _)| *other != prefix).map(|(_, (_, _, rests))| rests);
        rests.iter().any(|rest| alone.contains(rest) || others().any(|others| others.contains(rest)))
    };
    let mut found: Vec<Prefix> = counts
        .iter()
        .filter(|(prefix, (in_chairs, in_templates, rests))| {
            if prefix.ends_with('_') {
                in_chairs + in_templates >= 2
            } else {
                *in_chairs > 0 && *in_templates > 0 && interchangeable(prefix, rests)
            }
        })
        .map(|(text, (chairs, templates, _))| Prefix { text: text.clone(), chairs: *chairs, templates: *templates })
        .collect();
    found.sort_by_key(|one| (std::cmp::Reverse(one.chairs + one.templates), one.text.clone()));
    let without = |names: &[&str]| {
        let none = |name: &&&str| !found.iter().any(|one| name.trim().starts_with(&one.text));
        names.iter().filter(none).count() as u64
    };
    Prefixes { chairs_without: without(chairs), templates_without: without(templates), found }
}

/// `NB_Zimmer 1` → `NB_` and `zimmer 1`; only capitals and digits can be a prefix.
fn split(name: &str) -> Option<(String, String)> {
    let end = name.find(|char: char| !char.is_alphanumeric())?;
    let (word, rest) = name.split_at_checked(end)?;
    let separator = rest.chars().next().filter(|char| matches!(char, '_' | '-' | '.' | ':' | ' '))?;
    let rest = rest.strip_prefix(separator)?.trim_start();
    let capital = word.chars().next().is_some_and(char::is_uppercase)
        && word.chars().all(|char| char.is_uppercase() || char.is_ascii_digit());
    let fits = capital && word.chars().count() <= LONGEST && !rest.is_empty();
    fits.then(|| (format!("{word}{separator}"), rest.to_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(chairs: &[&str], templates: &[&str], wanted: &str) {
        let found = detect(chairs, templates);
        let shown: Vec<String> =
            found.found.iter().map(|one| format!("{} {}+{}", one.text, one.chairs, one.templates)).collect();
        let wanted_all = format!("{} | {}+{}", shown.join(", "), found.chairs_without, found.templates_without);
        assert_eq!(wanted_all, wanted);
    }

    #[test]
    fn locations_are_told_from_words_of_the_trade() {
        check(
            &["NB_Zimmer 1", "NB_Zimmer 2", "MB_Zimmer 1", "Stuhl 3 KFO", "Verwaltung"],
            &["NB_Kontrolle", "Kontrolle", "KFO Kontrolle", "KFO Beratung", "PZR 60", "MB_Beratung", "OP_gross"],
            "NB_ 2+1, MB_ 1+1 | 2+5",
        );
        check(&["DD-Stuhl 1", "L-Stuhl 1"], &["DD-Kontrolle", "L-Kontrolle", "Re-Termin"], "DD- 1+1, L- 1+1 | 0+1");
        check(&["KFO 1", "KFO 2"], &["KFO Kontrolle"], " | 2+1");
        check(&[], &[], " | 0+0");
        check(&["Ä_1", " Ä_2 "], &["ä_3", "_", "LANGES_wort"], "Ä_ 2+0 | 0+3");
    }
}
