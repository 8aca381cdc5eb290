//! What a value looks like, without the value: the kinds that coverage counts and masks keep.

use serde::{Deserialize, Serialize};

/// The shape of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shape {
    /// `7b6f0a52-3c1e-4a5d-9d0e-1f2a3b4c5d6e`
    Uuid,
    /// `2026-11-23`
    Date,
    /// `23.11.2026`
    GermanDate,
    /// `2026-11-23T09:00:00`, practice time
    LocalTime,
    /// `2026-11-23T09:00:00+01:00`, or with `Z`
    ZonedTime,
    /// Digits, perhaps with a point or comma between.
    Digits,
    /// Any other text.
    Text,
    /// A number without a fraction.
    Integer,
    /// Another number.
    Decimal,
    /// true or false.
    Flag,
    /// A list of something else than objects.
    List,
}

impl Shape {
    /// The word on screens and in documents.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Uuid => "uuid",
            Self::Date => "date",
            Self::GermanDate => "dd.MM.yyyy",
            Self::LocalTime => "local time",
            Self::ZonedTime => "time with zone",
            Self::Digits => "digits",
            Self::Text => "text",
            Self::Integer => "integer",
            Self::Decimal => "decimal",
            Self::Flag => "true/false",
            Self::List => "list",
        }
    }
}

/// The shape of a text that is not empty.
pub(super) fn of_text(text: &str) -> Shape {
    let pattern: String = text.chars().map(sign).collect();
    if is_uuid(text) {
        return Shape::Uuid;
    }
    match pattern.as_str() {
        "0000-00-00" => return Shape::Date,
        "00.00.0000" => return Shape::GermanDate,
        _ => {}
    }
    if let Some(rest) = pattern.strip_prefix("0000-00-00").and_then(|rest| rest.strip_prefix(['T', ' '])) {
        let time = rest.get(..5).is_some_and(|time| time == "00:00");
        let zone = rest.ends_with('Z') || rest.get(5..).is_some_and(|tail| tail.contains(['+', '-']));
        match (time, zone) {
            (true, true) => return Shape::ZonedTime,
            (true, false) => return Shape::LocalTime,
            (false, _) => {}
        }
    }
    let digits = pattern.contains('0') && pattern.chars().all(|char| matches!(char, '0' | '.' | ','));
    if digits { Shape::Digits } else { Shape::Text }
}

const fn sign(char: char) -> char {
    if char.is_ascii_digit() { '0' } else { char }
}

pub(super) fn is_uuid(text: &str) -> bool {
    text.len() == 36 && uuid::Uuid::try_parse(text).is_ok()
}

/// A field name that may be shown: an API's names are words; a map keyed by data has keys that are not.
pub(super) fn safe_name(name: &str) -> &str {
    let letters = name.chars().filter(|char| char.is_alphabetic()).count();
    let digits = name.chars().filter(char::is_ascii_digit).count();
    let plain = name.chars().all(|char| char.is_alphanumeric() || matches!(char, '_' | '-' | '$' | '@'));
    if plain && (1..=40).contains(&name.len()) && letters > digits && !is_uuid(name) { name } else { HIDDEN }
}

/// Stands for a field name that looks like data.
pub(super) const HIDDEN: &str = "*";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_have_shapes() {
        for (text, shape) in [
            ("7b6f0a52-3c1e-4a5d-9d0e-1f2a3b4c5d6e", Shape::Uuid),
            ("2026-11-23", Shape::Date),
            ("23.11.2026", Shape::GermanDate),
            ("2026-11-23T09:00:00", Shape::LocalTime),
            ("2026-11-23 09:00", Shape::LocalTime),
            ("2026-11-23T09:00:00.000Z", Shape::ZonedTime),
            ("2026-11-23T09:00:00+01:00", Shape::ZonedTime),
            ("00001234", Shape::Digits),
            ("12,50", Shape::Digits),
            ("0170 0000000", Shape::Text),
            ("2026-11-23Tä", Shape::Text),
            ("Lena", Shape::Text),
            (".", Shape::Text),
        ] {
            assert_eq!(of_text(text), shape, "{text}");
        }
    }

    #[test]
    fn names_that_look_like_data_are_not_shown() {
        for name in ["Id", "validFrom", "Straße", "mandant_index", "$type"] {
            assert_eq!(safe_name(name), name);
        }
        for name in
            ["", "Beispiel, Lena", "00001234", "7b6f0a52-3c1e-4a5d-9d0e-1f2a3b4c5d6e", "a@b.de", "2012-04-01", "x1234"]
        {
            assert_eq!(safe_name(name), HIDDEN, "{name}");
        }
    }
}
