//! Fixtures without people: every value becomes one of the same kind that says nothing. Letters become `x`, digits `0`,
//! dates 2000-01-01, ids numbered ones (equal ids stay equal, so references hold); words of enumerations stay.

use std::collections::HashMap;

use serde_json::{Map, Number, Value, json};

use super::shape::{Shape, is_uuid, of_text, safe_name};

/// Records kept of a list.
const ROWS: usize = 5;
/// Letters kept of a text: documents travel as base64.
const LONGEST: usize = 200;

/// Masks answers. One for all fixtures of an installation, so that ids keep their relations.
#[derive(Default)]
pub struct Mask {
    ids: HashMap<String, u64>,
}

impl Mask {
    /// The masked form of an answer. `keep` says of a field (its last name) and a text whether the text is a word of an
    /// enumeration that may be shown.
    pub fn answer(&mut self, answer: &Value, keep: &dyn Fn(&str, &str) -> bool) -> Value {
        self.value("", answer, keep)
    }

    fn value(&mut self, name: &str, value: &Value, keep: &dyn Fn(&str, &str) -> bool) -> Value {
        match value {
            Value::Null | Value::Bool(_) => value.clone(),
            Value::Number(number) if number.is_f64() => Number::from_f64(0.0).map_or(Value::Null, Value::Number),
            Value::Number(number) if keep(name, &number.to_string()) => value.clone(),
            Value::Number(_) => json!(0),
            Value::String(text) if keep(name, text.trim()) => value.clone(),
            Value::String(text) => Value::String(self.text(text)),
            Value::Array(items) => {
                Value::Array(items.iter().take(ROWS).map(|item| self.value(name, item, keep)).collect())
            }
            Value::Object(object) => {
                let mut masked = Map::new();
                for (name, value) in object {
                    let mut shown = safe_name(name).to_owned();
                    while masked.contains_key(&shown) {
                        shown.push('*');
                    }
                    let value = self.value(name, value, keep);
                    masked.insert(shown, value);
                }
                Value::Object(masked)
            }
        }
    }

    fn text(&mut self, text: &str) -> String {
        let bare = text.trim();
        let masked = match of_text(bare) {
            _ if is_uuid(bare) => {
                let next = self.ids.len() as u64 + 1;
                let number = *self.ids.entry(bare.to_lowercase()).or_insert(next);
                format!("00000000-0000-4000-8000-{number:012}")
            }
            Shape::Date => "2000-01-01".to_owned(),
            Shape::GermanDate => "01.01.2000".to_owned(),
            Shape::LocalTime | Shape::ZonedTime => {
                let zeros = |char: char| if char.is_ascii_digit() { '0' } else { char };
                let time: String = bare.chars().skip("2000-01-01".len()).map(zeros).collect();
                format!("2000-01-01{time}")
            }
            Shape::Uuid | Shape::Digits | Shape::Text | Shape::Integer | Shape::Decimal | Shape::Flag | Shape::List => {
                bare.chars().take(LONGEST).map(hide).collect()
            }
        };
        // Blanks around a value are a quirk worth keeping.
        let front: String = text.chars().take_while(|char| char.is_whitespace()).collect();
        let behind = text.len().saturating_sub(text.trim_end().len());
        if bare.is_empty() { text.to_owned() } else { format!("{front}{masked}{}", " ".repeat(behind)) }
    }
}

fn hide(char: char) -> char {
    if char.is_numeric() {
        '0'
    } else if char.is_alphabetic() {
        'x'
    } else {
        char
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn kinds_stay_and_values_go() {
        let keep = |name: &str, text: &str| name == "State" && ["Planned", "3"].contains(&text);
        let mut mask = Mask::default();
        let id = "7B6F0A52-3c1e-4a5d-9d0e-1f2a3b4c5d6e";
        let masked = mask.answer(
            &json!([{"Id": id, "PatientId": id.to_lowercase(), "Name": "Lena Müller ", "Zip": "01067", "Born": "2012-04-01",
                "Begin": "2026-11-23T09:15:00+01:00", "Mail": "lena@example.org", "State": "Planned", "Other": "Planned",
                "Count": 7, "Amount": 12.5, "Done": true, "None": null, "Blank": "  ", "0170 123": {"German": "23.11.2026"}},
                {"State": 3, "Number": 3, "State2": "geheim"}]),
            &keep,
        );
        assert_eq!(
            masked,
            json!([{"Id": "00000000-0000-4000-8000-000000000001", "PatientId": "00000000-0000-4000-8000-000000000001",
                "Name": "xxxx xxxxxx ", "Zip": "00000", "Born": "2000-01-01", "Begin": "2000-01-01T00:00:00+00:00",
                "Mail": "xxxx@xxxxxxx.xxx", "State": "Planned", "Other": "xxxxxxx", "Count": 0, "Amount": 0.0, "Done": true,
                "None": null, "Blank": "  ", "*": {"German": "01.01.2000"}},
                {"State": 3, "Number": 0, "State2": "xxxxxx"}])
        );
        let many = json!(vec![1; 50]);
        assert_eq!(mask.answer(&many, &keep).as_array().map(Vec::len), Some(ROWS));
    }

    proptest! {
        #[test]
        fn no_letter_and_no_digit_of_a_text_is_left(text in "\\PC{0,60}") {
            let masked = Mask::default().text(&text);
            let dated = matches!(of_text(text.trim()), Shape::Date | Shape::GermanDate | Shape::LocalTime | Shape::ZonedTime | Shape::Uuid);
            prop_assert!(dated || masked.chars().all(|char| !char.is_alphanumeric() || char == 'x' || char == '0'), "{masked}");
        }
    }
}
