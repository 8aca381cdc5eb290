//! Decimal numbers and amounts as practices write them.

use rust_decimal::Decimal;

use crate::domain::Cents;

use super::value::Reason;

const NOT_AN_AMOUNT: Reason = "not an amount; expected forms are 1.234,56 and 1234.56";
const TWO_WAYS: Reason = "the amount can be read in two ways; expected forms are 1.234,56 and 1234.56";
const TOO_LARGE: Reason = "the amount is too large";
const NOT_A_NUMBER: Reason = "not a number; expected a form like 2,3";

/// A euro amount: `1.234,56`, `1234.56`, `1 234,56`, sign before or behind, `€` or `EUR` before or behind.
///
/// A dot before three digits separates thousands, as Ivoris writes it; a comma before three digits is refused, because
/// it is either a thousand in English or a tenth of a cent in German.
pub(super) fn amount(text: &str) -> Result<Cents, Reason> {
    let (negative, text) = sign_and_digits(text).ok_or(NOT_AN_AMOUNT)?;
    let groups = Groups::of(text).ok_or(NOT_AN_AMOUNT)?;
    let thousand = groups.count == 2 && groups.are_thousands(2) && !text.starts_with('0');
    let decimal = match groups.separators[0] {
        b'.' if thousand => groups.scaled(0),
        b',' if thousand => return Err(TWO_WAYS),
        _ => groups.decimal(),
    };
    let decimal = decimal.ok_or(NOT_AN_AMOUNT)?;
    Cents::from_euro(if negative { -decimal } else { decimal }).map_err(|_| TOO_LARGE)
}

/// A count or a factor: `2`, `2,3`, `2.3`.
pub(super) fn number(text: &str) -> Result<Decimal, Reason> {
    let read = || {
        let (negative, text) = sign_and_digits(text)?;
        let decimal = Groups::of(text)?.decimal()?.normalize();
        Some(if negative { -decimal } else { decimal })
    };
    read().ok_or(NOT_A_NUMBER)
}

/// Takes sign and currency off, wherever they stand; two signs are none.
fn sign_and_digits(text: &str) -> Option<(bool, &str)> {
    let mut text = text.trim();
    let mut sign = None;
    loop {
        let before = text;
        for unit in ["€", "EUR", "Euro", "eur", "euro"] {
            text = text.strip_prefix(unit).or_else(|| text.strip_suffix(unit)).unwrap_or(text).trim();
        }
        for (mark, minus) in [('-', true), ('\u{2212}', true), ('+', false)] {
            if let Some(rest) = text.strip_prefix(mark).or_else(|| text.strip_suffix(mark)) {
                text = rest.trim();
                if sign.replace(minus).is_some() {
                    return None;
                }
            }
        }
        if text == before {
            return Some((sign.unwrap_or(false), text));
        }
    }
}

/// Most groups of digits a number has.
const MOST: usize = 12;

/// The groups of digits between the separators of a number; what the separators mean is not decided yet.
struct Groups {
    value: i128,
    lengths: [usize; MOST],
    separators: [u8; MOST],
    count: usize,
}

impl Groups {
    fn of(text: &str) -> Option<Self> {
        let mut groups = Self { value: 0, lengths: [0; MOST], separators: [0; MOST], count: 1 };
        for letter in text.chars() {
            let separator = match letter {
                '0'..='9' => {
                    let digit = i128::from(u32::from(letter) - u32::from('0'));
                    groups.value = groups.value.checked_mul(10)?.checked_add(digit)?;
                    groups.lengths[groups.count - 1] += 1;
                    continue;
                }
                '.' => b'.',
                ',' => b',',
                ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}' => b' ',
                _ => return None,
            };
            if groups.count == MOST {
                return None;
            }
            groups.separators[groups.count - 1] = separator;
            groups.count += 1;
        }
        groups.lengths[..groups.count].iter().all(|length| *length > 0).then_some(groups)
    }

    /// Whether the first `count` groups look like `1.234.567`.
    fn are_thousands(&self, count: usize) -> bool {
        count == 1
            || self.lengths[0] <= 3
                && self.lengths[1..count].iter().all(|length| *length == 3)
                && self.separators[1..count - 1].iter().all(|separator| *separator == self.separators[0])
    }

    /// The last separator parts the decimals, unless it stands there more than once.
    fn decimal(&self) -> Option<Decimal> {
        let Some(parts) = self.count.checked_sub(2) else { return self.scaled(0) };
        let last = self.separators[parts];
        if last != b' ' && !self.separators[..parts].contains(&last) {
            return if self.are_thousands(self.count - 1) { self.scaled(self.lengths[self.count - 1]) } else { None };
        }
        if self.are_thousands(self.count) { self.scaled(0) } else { None }
    }

    fn scaled(&self, decimals: usize) -> Option<Decimal> {
        Decimal::try_from_i128_with_scale(self.value, u32::try_from(decimals).ok()?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts() {
        for (text, wanted) in [
            ("1.234,56", Ok(123_456)),
            ("1234.56", Ok(123_456)),
            ("1234,56", Ok(123_456)),
            ("1 234,56", Ok(123_456)),
            ("1\u{a0}234,56\u{a0}€", Ok(123_456)),
            ("€ 1.234,56", Ok(123_456)),
            ("EUR 90", Ok(9_000)),
            ("1,234.56", Ok(123_456)),
            ("1.234.567,8", Ok(123_456_780)),
            ("1.234", Ok(123_400)),
            ("1.234.567", Ok(123_456_700)),
            ("0.5", Ok(50)),
            ("0.500", Ok(50)),
            ("0,500", Ok(50)),
            ("1 234 567", Ok(123_456_700)),
            ("1.234 567,00", Err(NOT_AN_AMOUNT)),
            ("1..2", Err(NOT_AN_AMOUNT)),
            ("-90,00", Ok(-9_000)),
            ("90,00-", Ok(-9_000)),
            ("- 90,00 €", Ok(-9_000)),
            ("\u{2212}90,00 €", Ok(-9_000)),
            ("-€90", Ok(-9_000)),
            ("+3", Ok(300)),
            ("0,00", Ok(0)),
            ("2,345", Err(TWO_WAYS)),
            ("0,0051", Ok(1)),
            ("--3", Err(NOT_AN_AMOUNT)),
            ("12,34,56", Err(NOT_AN_AMOUNT)),
            ("12.34,56", Err(NOT_AN_AMOUNT)),
            ("1.23.4", Err(NOT_AN_AMOUNT)),
            ("1 23,45", Err(NOT_AN_AMOUNT)),
            ("1.", Err(NOT_AN_AMOUNT)),
            (",5", Err(NOT_AN_AMOUNT)),
            ("1E5", Err(NOT_AN_AMOUNT)),
            ("", Err(NOT_AN_AMOUNT)),
            ("€", Err(NOT_AN_AMOUNT)),
            ("99999999999999999999", Err(TOO_LARGE)),
            ("99999999999999999999999999999999999999999", Err(NOT_AN_AMOUNT)),
        ] {
            assert_eq!(amount(text), wanted.map(Cents), "{text}");
        }
    }

    #[test]
    fn numbers() {
        for (text, wanted) in [("2,3", "2.3"), ("2.3", "2.3"), ("1", "1"), ("1,000", "1"), ("3,5000", "3.5")] {
            assert_eq!(number(text).map(|number| number.to_string()), Ok(wanted.to_owned()), "{text}");
        }
        assert!(number("zwei").is_err());
    }
}
