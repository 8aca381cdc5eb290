//! Whether two spellings of a cell are one value: a spreadsheet keeps values, not how they were written.

use std::borrow::Cow;

use rust_decimal::Decimal;

use crate::mapping::fold::fold;
use crate::mapping::load::{flag_of, parse_day, parse_decimal, parse_whole};

/// What the cells of a column are read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reading {
    Whole,
    Decimal,
    Day,
    Flag,
    Text,
}

/// Columns mean the same in every table that has them.
const READINGS: [(Reading, &[&str]); 4] = [
    (Reading::Whole, &["rank", "order", "priority", "default_minutes", "entries"]),
    (Reading::Decimal, &["points", "cents", "value_hint"]),
    (Reading::Day, &["valid_from", "valid_to", "day"]),
    (
        Reading::Flag,
        &[
            "active",
            "attaches",
            "begun",
            "counts_in_kpi",
            "counts_revenue",
            "has_entries",
            "is_first_consult",
            "is_misc",
            "is_treatment_end",
            "is_treatment_start",
            "live",
            "opens_deal",
            "unique",
        ],
    ),
];

fn reading(column: &str) -> Reading {
    READINGS.iter().find(|(_, columns)| columns.contains(&column)).map_or(Reading::Text, |(reading, _)| *reading)
}

/// The one form of all spellings of a value; texts stay as they are, but for numbers, which a spreadsheet may have made
/// of them.
pub(super) fn value<'c>(column: &str, cell: &'c str) -> Cow<'c, str> {
    let told = match reading(column) {
        Reading::Whole => parse_whole(cell).map(|number| number.to_string()),
        Reading::Decimal => parse_decimal(cell).map(|number| number.to_string()),
        Reading::Day => parse_day(cell).map(|day| day.to_string()),
        Reading::Flag => flag_of(&fold(cell)).map(|flag| if flag { "ja" } else { "nein" }.to_owned()),
        Reading::Text => as_number(cell),
    };
    told.map_or(Cow::Borrowed(cell), Cow::Owned)
}

/// Whether a cell that reads `after` may keep the text that stood there `before`.
///
/// In a column of texts only a number may, if that is what a spreadsheet makes of the text: `0010` is kept for the
/// number 10, but a person who writes `0010` for `10` means it.
pub(super) fn keeps(column: &str, before: &str, after: &str) -> bool {
    match reading(column) {
        Reading::Text => as_number(before).as_deref() == Some(after),
        Reading::Whole | Reading::Decimal | Reading::Day | Reading::Flag => {
            value(column, before) == value(column, after)
        }
    }
}

/// Digits that a spreadsheet keeps of a number.
const DIGITS: usize = 15;

/// What a spreadsheet shows once it has taken a text for a number.
fn as_number(cell: &str) -> Option<String> {
    let digits = cell.strip_prefix('-').unwrap_or(cell);
    let (whole, part) = digits.split_once(',').unwrap_or((digits, "0"));
    let sound = |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !sound(whole) || !sound(part) || whole.len() + part.len() > DIGITS {
        return None;
    }
    let number: Decimal = cell.replacen(',', ".", 1).parse().ok()?;
    let number = if number.is_zero() { Decimal::ZERO } else { number.normalize() };
    Some(number.to_string().replacen('.', ",", 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_as_before_keeps_its_text() {
        for (column, before, after, wanted) in [
            ("cents", "105,00", "105", true),
            ("cents", "5.62421", "5,62421", true),
            ("cents", "5,62421", "5,7", false),
            ("rank", "1.000", "1000", true),
            ("points", "1.000", "1000", false),
            ("valid_from", "31.12.2026", "2026-12-31", true),
            ("valid_from", "31.12.2026", "2026-12-30", false),
            ("active", "x", "ja", true),
            ("active", "", "nein", false),
            ("code", "0010", "10", true),
            ("code", "10", "0010", false),
            ("code", "6100", "6101", false),
            ("name", "Nord", "nord", false),
            ("canonical", "", "", false),
        ] {
            assert_eq!(keeps(column, before, after), wanted, "{column} {before} {after}");
        }
        assert_eq!((value("code", "0010"), value("name", "Nord")), ("10".into(), "Nord".into()));
    }
}
