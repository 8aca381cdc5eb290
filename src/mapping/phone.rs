//! Phone texts → E.164, or nothing.

use phonenumber::{Mode, country};

/// Country that a number without country code belongs to: the `transform` of its row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Region {
    #[default]
    Germany,
    Austria,
    Switzerland,
}

impl Region {
    /// The region that a `transform` cell names; an empty one means Germany.
    pub(crate) fn from_transform(transform: &str) -> Self {
        match transform {
            "at" => Self::Austria,
            "ch" => Self::Switzerland,
            _ => Self::Germany,
        }
    }

    const fn id(self) -> country::Id {
        match self {
            Self::Germany => country::Id::DE,
            Self::Austria => country::Id::AT,
            Self::Switzerland => country::Id::CH,
        }
    }
}

/// What a phone field holds.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Phone {
    /// Nothing.
    Empty,
    /// A valid number in E.164.
    Valid(String),
    /// Something that is no number: it is kept out and noticed.
    Invalid,
}

/// Reads a phone field as practices fill it: notes around the number, `00` for `+`, brackets, slashes.
pub(crate) fn phone(raw: &str, region: Region) -> Phone {
    let text = raw.trim();
    if text.is_empty() || matches!(super::fold(text).as_str(), "-" | "kein" | "keine" | "keins" | "unbekannt") {
        return Phone::Empty;
    }
    let digits = bare(text);
    if digits.is_empty() {
        return Phone::Invalid;
    }
    match phonenumber::parse(Some(region.id()), &digits) {
        Ok(number) if number.is_valid() && number.extension().is_none() => {
            Phone::Valid(number.format().mode(Mode::E164).to_string())
        }
        Ok(_) | Err(_) => Phone::Invalid,
    }
}

/// The digits of the first number in the text, with a `+` before them if one is there.
///
/// Letters are keypad digits to the parser ("priv." would become 7748), so all from the first letter after the number is
/// cut, and so is a second number after `,` or `;`.
fn bare(text: &str) -> String {
    let start = text.find(|letter: char| letter.is_ascii_digit() || letter == '+').unwrap_or(text.len());
    let number = text.get(start..).unwrap_or_default();
    let end = number.find(|letter: char| letter.is_alphabetic() || matches!(letter, ',' | ';')).unwrap_or(number.len());
    let number = number.get(..end).unwrap_or_default();
    // "+49 (0)30 …": the bracketed trunk zero is not dialled.
    let number =
        if number.starts_with('+') || number.starts_with("00") { number.replace("(0)", "") } else { number.to_owned() };
    let plus = number.starts_with('+');
    plus.then_some('+').into_iter().chain(number.chars().filter(char::is_ascii_digit)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phones_become_e164_or_nothing() {
        let check = |raw: &str, wanted: Option<&str>| match phone(raw, Region::Germany) {
            Phone::Valid(number) => assert_eq!(Some(number.as_str()), wanted, "{raw:?}"),
            Phone::Empty | Phone::Invalid => assert_eq!(None, wanted, "{raw:?}"),
        };
        check("030 23125-012", Some("+493023125012"));
        check("(030) 23125012", Some("+493023125012"));
        check("030/23125-12", Some("+493023125 12".replace(' ', "").as_str()));
        check("+49 30 23125 012", Some("+493023125012"));
        check("+49 (0)30 23125 012", Some("+493023125012"));
        check("0049 30 23125012", Some("+493023125012"));
        check("0152 28817386", Some("+4915228817386"));
        check("0152-28817386 priv.", Some("+4915228817386"));
        check("0152 28817386 (Mutter)", Some("+4915228817386"));
        check("Mutter: 0152 28817386", Some("+4915228817386"));
        check("0152 28817386, 030 23125012", Some("+4915228817386"));
        check("+43 1 5880015", Some("+4315880015"));
        check("siehe Akte", None);
        check("12", None);
        check("0000000000", None);
        check("", None);
        assert!(phone("siehe Akte", Region::Germany) == Phone::Invalid);
        assert!(phone(" - ", Region::Germany) == Phone::Empty);
    }

    #[test]
    fn a_note_behind_the_number_is_never_dialled() {
        assert!(phone("0171-1234567 priv.", Region::Germany) == Phone::Valid("+491711234567".to_owned()));
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in ".{0,40}") {
            let read = phone(&text, Region::Germany);
            if let Phone::Valid(number) = read {
                proptest::prop_assert!(number.starts_with('+') && number.len() <= 16, "not E.164");
            }
        }
    }
}
