//! Phone texts → E.164, or nothing.

use std::sync::LazyLock;

use phonenumber::metadata::{DATABASE, Descriptor};
use phonenumber::{PhoneNumber, country};
use regex::{Regex, RegexBuilder};

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
    if text.is_empty() {
        return Phone::Empty;
    }
    let digits = bare(text);
    if digits.is_empty() {
        let none = matches!(super::fold(text).as_str(), "-" | "kein" | "keine" | "keins" | "unbekannt");
        return if none { Phone::Empty } else { Phone::Invalid };
    }
    if let Some(number) = usual(&digits, region) {
        return Phone::Valid(number);
    }
    match phonenumber::parse(Some(region.id()), &digits) {
        Ok(number) if number.extension().is_none() => {
            // E.164 is country code and national number; the crate's own formatter tries its patterns all the same.
            let national = number.national().to_string();
            if is_valid(&number, &national) {
                Phone::Valid(format!("+{}{national}", number.country().code()))
            } else {
                Phone::Invalid
            }
        }
        Ok(_) | Err(_) => Phone::Invalid,
    }
}

/// A mobile or landline number of the three regions, with the trunk zero of `region` or a country code before it.
///
/// Nearly all numbers are. The crate reads them likewise, but takes each apart with parsers for all kinds of spelling.
fn usual(digits: &str, region: Region) -> Option<String> {
    let international = digits.strip_prefix('+').or_else(|| digits.strip_prefix("00"));
    let (usual, national) = match international {
        Some(number) => USUAL.iter().find_map(|usual| Some((usual, number.strip_prefix(usual.code.as_str())?)))?,
        None => (USUAL.iter().find(|usual| usual.region == region)?, digits.strip_prefix('0')?),
    };
    usual.fits(national).then(|| format!("+{}{national}", usual.code))
}

/// Whether the number can exist: what [`PhoneNumber::is_valid`] says.
///
/// Usual numbers are tried first, with patterns of our own: the crate tries ten kinds before them and looks each pattern up
/// by its text under a lock.
fn is_valid(number: &PhoneNumber, national: &str) -> bool {
    let code = number.country().code().to_string();
    let usual = USUAL.iter().find(|usual| usual.code == code);
    usual.is_some_and(|usual| usual.fits(national)) || number.is_valid()
}

static USUAL: LazyLock<Vec<Usual>> = LazyLock::new(|| {
    let regions = [Region::Germany, Region::Austria, Region::Switzerland];
    regions.into_iter().filter_map(Usual::of).collect()
});

/// The patterns of one country's usual numbers.
struct Usual {
    region: Region,
    /// Its country code, which is no other region's.
    code: String,
    general: Pattern,
    kinds: Vec<Pattern>,
}

impl Usual {
    /// The patterns of a region that has its country code to itself.
    fn of(region: Region) -> Option<Self> {
        let metadata = DATABASE.by_id(region.id().as_ref())?;
        let code = metadata.country_code();
        let alone = DATABASE.region(&code).is_some_and(|regions| regions.len() == 1);
        let kinds = metadata.descriptors();
        let usual = Self {
            region,
            code: code.to_string(),
            general: Pattern::of(kinds.general())?,
            kinds: [kinds.mobile(), kinds.fixed_line()].into_iter().flatten().filter_map(Pattern::of).collect(),
        };
        alone.then_some(usual)
    }

    fn fits(&self, national: &str) -> bool {
        self.general.fits(national) && self.kinds.iter().any(|kind| kind.fits(national))
    }
}

/// One kind of number, compiled.
struct Pattern {
    lengths: Vec<u16>,
    text: Regex,
}

impl Pattern {
    fn of(kind: &Descriptor) -> Option<Self> {
        let text = RegexBuilder::new(kind.national_number().as_str()).ignore_whitespace(true).build().ok()?;
        Some(Self { lengths: kind.possible_length().to_vec(), text })
    }

    fn fits(&self, national: &str) -> bool {
        let long_enough =
            self.lengths.is_empty() || u16::try_from(national.len()).is_ok_and(|length| self.lengths.contains(&length));
        long_enough && self.text.find(national).is_some_and(|found| found.start() == 0)
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
        fn usual_numbers_are_valid_as_the_crate_says(text in "(0|\\+49|\\+43|\\+41|0043|0049|00|\\+1|)[0-9]{3,13}") {
            for region in [Region::Germany, Region::Austria, Region::Switzerland] {
                let wanted = match phonenumber::parse(Some(region.id()), bare(&text)) {
                    Ok(number) if number.is_valid() => Some(number.format().mode(phonenumber::Mode::E164).to_string()),
                    Ok(_) | Err(_) => None,
                };
                let found = match phone(&text, region) {
                    Phone::Valid(number) => Some(number),
                    Phone::Empty | Phone::Invalid => None,
                };
                proptest::prop_assert_eq!(found, wanted);
            }
        }

        #[test]
        fn no_text_panics(text in ".{0,40}") {
            let read = phone(&text, Region::Germany);
            if let Phone::Valid(number) = read {
                proptest::prop_assert!(number.starts_with('+') && number.len() <= 16, "not E.164");
            }
        }
    }
}
