//! The distinct words of a field that is an enumeration, with counts. Whatever does not look like such a word is counted
//! and not shown: a field may hold something else than its name says.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::domain::fold;

/// More distinct values are free text.
const MOST: usize = 40;
/// Longest word.
const LONGEST: usize = 32;
/// Digits of the longest number that can be a word: states may arrive as numbers.
const DIGITS: usize = 3;

/// What a field says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words {
    /// Word → records with it.
    pub words: BTreeMap<String, u64>,
    /// Records whose value is not shown.
    #[serde(default)]
    pub hidden: u64,
    /// Records without a value.
    #[serde(default)]
    pub none: u64,
    /// There are more values than an enumeration has: nothing is shown.
    #[serde(default)]
    pub free: bool,
}

/// Collects what a field holds. Not `Debug`: it holds values until [`Tally::settle`] has looked at them.
#[derive(Default)]
pub struct Tally {
    values: BTreeMap<String, u64>,
    beyond: u64,
    none: u64,
}

impl Tally {
    /// Counts one record's value.
    pub fn take(&mut self, value: Option<&str>) {
        let Some(value) = value.map(str::trim).filter(|value| !value.is_empty()) else {
            self.none += 1;
            return;
        };
        if self.values.len() > MOST && !self.values.contains_key(value) {
            self.beyond += 1;
        } else {
            *self.values.entry(value.to_owned()).or_default() += 1;
        }
    }

    /// What may be shown of it.
    #[must_use]
    pub fn settle(self, people: &People) -> Words {
        let total: u64 = self.values.values().sum::<u64>() + self.beyond;
        let single = self.values.values().filter(|count| **count == 1).count();
        // Many values that occur once each are no enumeration, even if they are few.
        let free = self.values.len() > MOST || (self.values.len() > 12 && single * 2 > self.values.len());
        let mut words = Words { none: self.none, free, ..Words::default() };
        for (value, count) in self.values {
            if !free && is_word(&value) && !people.knows(&value) {
                words.words.insert(value, count);
            }
        }
        words.hidden = total - words.words.values().sum::<u64>();
        words
    }
}

/// Whether a value looks like a word of an enumeration.
pub(super) fn is_word(value: &str) -> bool {
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    if value.bytes().all(|byte| byte.is_ascii_digit()) {
        return digits <= DIGITS;
    }
    value.chars().count() <= LONGEST
        && digits <= DIGITS
        && value.chars().any(char::is_alphabetic)
        && value.split(' ').filter(|part| !part.is_empty()).count() <= 4
        && value.chars().all(|char| {
            char.is_alphanumeric() || matches!(char, ' ' | '_' | '-' | '/' | '(' | ')' | '.' | ',' | '&' | '+')
        })
}

/// What records say about people, in pieces: a word that is one of them is shown only if it is known anyway.
/// Not `Debug`: it holds names.
#[derive(Default)]
pub struct People {
    names: BTreeSet<String>,
    known: BTreeSet<String>,
}

/// Parts of field names below which people stand.
const PERSONAL: [&str; 12] = [
    "name",
    "mail",
    "phone",
    "mobile",
    "street",
    "city",
    "insurancenumber",
    "comment",
    "vorname",
    "telefon",
    "strasse",
    "insurant",
];

impl People {
    /// Words that are words whoever bears them as a name.
    pub fn know<'w>(&mut self, words: impl IntoIterator<Item = &'w str>) {
        self.known.extend(words.into_iter().map(fold));
    }

    /// Remembers the people of a patient, an appointment or an entry.
    pub fn look(&mut self, record: &Value) {
        if let Value::Object(object) = record {
            self.object(object, false);
        }
    }

    fn object(&mut self, object: &Map<String, Value>, inside: bool) {
        for (name, value) in object {
            let name = fold(name);
            let personal = inside || PERSONAL.iter().any(|part| name.contains(part));
            match value {
                Value::String(text) if personal => {
                    let folded = fold(text);
                    self.names.extend(pieces(&folded).map(str::to_owned));
                }
                Value::Object(below) => self.object(below, personal),
                Value::Array(items) => {
                    for below in items.iter().filter_map(Value::as_object) {
                        self.object(below, personal);
                    }
                }
                Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
            }
        }
    }

    /// Whether a piece of `value` names somebody.
    fn knows(&self, value: &str) -> bool {
        let folded = fold(value);
        !self.known.contains(&folded) && pieces(&folded).any(|piece| self.names.contains(piece))
    }
}

/// The words of a folded text that are long enough to name somebody.
fn pieces(folded: &str) -> impl Iterator<Item = &str> {
    folded.split(|char: char| !char.is_alphanumeric()).filter(|piece| piece.len() >= 3)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(values: &[&str], wanted: &str, hidden: u64) {
        let mut people = People::default();
        people
            .look(&json!({"Firstname": "Lena ", "Lastname": "von Beispiel-Frei", "Address": {"Street": "Musterweg 7"},
            "CurrentInsurance": {"Insurant": {"Who": "Anna"}}, "Gender": "Female"}));
        people.know(["Frei"]);
        let mut tally = Tally::default();
        values.iter().for_each(|value| tally.take(Some(value)));
        let words = tally.settle(&people);
        let shown: Vec<String> = words.words.iter().map(|(word, count)| format!("{word}×{count}")).collect();
        assert_eq!((shown.join(" "), words.hidden), (wanted.to_owned(), hidden), "{values:?}");
    }

    #[test]
    fn words_are_shown_and_everything_else_is_counted() {
        check(
            &["Planned", "Planned ", "Completed", "geklärt", "in Behandlung"],
            "Completed×1 Planned×2 geklärt×1 in Behandlung×1",
            0,
        );
        check(&["3", "12", "pabg", "Text"], "12×1 3×1 Text×1 pabg×1", 0);
        check(&["2012-04-01", "00001234", "lena@example.org", "0170 1234567"], "", 4);
        check(&["Lena", "Termin Lena", "ANNA", "Beispiel", "musterweg", "Planned"], "Planned×1", 5);
        check(&["Frei", "Female"], "Female×1 Frei×1", 0);
        check(&["Kontrolle, Bogenwechsel oben und unten, Ligaturen erneuert"], "", 1);
    }

    #[test]
    fn free_text_is_not_shown_at_all() {
        let values: Vec<String> =
            (0..100).map(|at| format!("Wort{}", "a".repeat(at % 50) + &"b".repeat(at / 50))).collect();
        check(&values.iter().map(String::as_str).collect::<Vec<_>>(), "", 100);
        let few: Vec<String> = (0..14_u8).map(|at| char::from(b'a' + at).to_string().repeat(5)).collect();
        check(&few.iter().map(String::as_str).collect::<Vec<_>>(), "", 14);
    }
}
