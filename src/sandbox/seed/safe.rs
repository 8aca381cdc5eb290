//! Values that reach nobody: phones from the regulator's ranges for fiction (Amtsblatt 7/2021, Mitteilung 148/2021),
//! e-mail at the reserved example domains, insurance numbers with a wrong check digit (`domain.md` 6.3).

use super::rng::Rng;

/// Landlines: area code and the digits before the last three.
const LANDLINES: [(&str, &str); 5] =
    [("030", "23125"), ("069", "90009"), ("040", "66969"), ("0221", "4710"), ("089", "99998")];
/// Mobile numbers that belong to nobody; the last two are followed by two digits of choice.
const MOBILES: [(&str, &str); 12] = [
    ("0152", "28817386"),
    ("0152", "28895456"),
    ("0152", "54599371"),
    ("0172", "9925904"),
    ("0172", "9968532"),
    ("0172", "9973185"),
    ("0172", "9973186"),
    ("0172", "9980752"),
    ("0174", "9091317"),
    ("0174", "9464308"),
    ("0171", "39200"),
    ("0176", "040690"),
];
const DOMAINS: [&str; 3] = ["example.com", "example.org", "example.net"];

/// A number in two parts: area or network, and the rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Number {
    pub(crate) area: &'static str,
    pub(crate) rest: String,
}

/// A landline in the range of a location (0 to 4).
pub(crate) fn landline(rng: &mut Rng, area: usize) -> Number {
    let (area, start) = LANDLINES[area % LANDLINES.len()];
    Number { area, rest: format!("{start}{:03}", rng.below(1_000)) }
}

/// A mobile number. Few exist, so people share them; nothing is keyed by a phone number.
pub(crate) fn mobile(rng: &mut Rng) -> Number {
    // The ranges are drawn more often: they hold a hundred numbers each. 0176 040690… is none to the usual parsers.
    let (area, start) = if rng.chance(8, 10) { MOBILES[10] } else { rng.pick(&MOBILES[..10]) };
    let rest = if start.len() <= 6 { format!("{start}{:02}", rng.below(100)) } else { start.to_owned() };
    Number { area, rest }
}

impl Number {
    /// The number as one of the ways in which practices type it.
    pub(crate) fn typed(&self, way: u32) -> String {
        let Self { area, rest } = self;
        let short = area.trim_start_matches('0');
        let (front, back) = rest.split_at_checked(rest.len().saturating_sub(2)).unwrap_or((rest, ""));
        match way {
            0 => format!("+49 {short} {rest}"),
            1 => format!("0049 {short} {rest}"),
            2 => format!("({area}) {rest}"),
            3 => format!("{area}/{front}-{back}"),
            4 => format!("{area} {rest}"),
            5 => format!("{area}-{rest}"),
            _ => format!("{area}{rest}"),
        }
    }
}

/// An address at a reserved domain.
pub(crate) fn mail(rng: &mut Rng, local: &str) -> String {
    format!("{local}@{}", rng.pick(&DOMAINS))
}

/// A statutory insurance number whose check digit is wrong.
pub(crate) fn insured_number(rng: &mut Rng) -> String {
    let letter = rng.below(26);
    let digits = rng.below(100_000_000);
    let right = check_digit(letter, digits);
    let wrong = (right + rng.between(1, 9)) % 10;
    let letter = char::from_u32(u32::from(b'A') + letter).unwrap_or('A');
    format!("{letter}{digits:08}{wrong}")
}

/// The check digit of letter (0 = A) and eight digits: weights 1 and 2 in turn, cross sums, modulo 10.
fn check_digit(letter: u32, digits: u32) -> u32 {
    let text = format!("{:02}{digits:08}", letter + 1);
    let weighted = text.bytes().zip([1, 2].into_iter().cycle()).map(|(byte, weight)| u32::from(byte - b'0') * weight);
    weighted.map(|product| product / 10 + product % 10).sum::<u32>() % 10
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Whether a phone text holds nothing but a number of the ranges for fiction (and perhaps words).
    pub(crate) fn is_fictional(text: &str) -> bool {
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        let national = digits.strip_prefix("0049").or_else(|| digits.strip_prefix("49")).unwrap_or(&digits);
        let national = national.trim_start_matches('0');
        let fits = |(area, start): &(&str, &str), free: usize| {
            let start = format!("{}{start}", area.trim_start_matches('0'));
            national.strip_prefix(start.as_str()).is_some_and(|rest| rest.len() == free)
        };
        LANDLINES.iter().any(|range| fits(range, 3))
            || MOBILES.iter().any(|one| fits(one, if one.1.len() <= 6 { 2 } else { 0 }))
    }

    /// Whether an insurance number could be somebody's.
    pub(crate) fn could_be_real(number: &str) -> bool {
        let letter = number.bytes().next().map_or(0, |byte| u32::from(byte - b'A'));
        let digits = number.get(1..9).and_then(|text| text.parse().ok()).unwrap_or(0);
        number.get(9..).and_then(|text| text.parse().ok()) == Some(check_digit(letter, digits))
    }

    /// Asserts that rows of a patient file hold no address, phone or insurance number that could be somebody's.
    pub(crate) fn assert_safe(patients: &[Vec<String>]) {
        for row in patients {
            for part in row[14].split_whitespace().filter(|part| part.contains('@')) {
                let domain = part.trim_end_matches(';').rsplit('@').next().unwrap_or_default().to_lowercase();
                assert!(DOMAINS.contains(&domain.as_str()), "{part}");
            }
            for phone in [&row[12], &row[13]].into_iter().filter(|text| text.chars().any(|one| one.is_ascii_digit())) {
                assert!(is_fictional(phone), "{phone}");
            }
            assert!(row[17].is_empty() || !could_be_real(&row[17]), "{}", row[17]);
        }
    }

    #[test]
    fn known_numbers_have_their_check_digit() {
        assert_eq!(check_digit(0, 12_345_678), 0, "the usual specimen");
        assert!(could_be_real("A123456780") && !could_be_real("A123456781"));
        let mut rng = Rng::of(1, "test", 0);
        assert!((0..500).all(|_| !could_be_real(&insured_number(&mut rng))));
    }

    #[test]
    fn every_way_of_typing_stays_in_the_ranges() {
        let mut rng = Rng::of(1, "test", 1);
        for way in 0..7 {
            for area in 0..5 {
                let number = landline(&mut rng, area).typed(way);
                assert!(is_fictional(&number), "{number}");
            }
            let number = mobile(&mut rng).typed(way);
            assert!(is_fictional(&number), "{number}");
        }
        assert!(!is_fictional("0171 1234567") && !is_fictional("030 2312500"));
    }
}
