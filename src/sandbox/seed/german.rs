//! German forms: dates, times, amounts as Ivoris exports them.

use chrono::{Datelike, NaiveDate};

/// `23.11.2026`
pub(crate) fn date(day: NaiveDate) -> String {
    format!("{:02}.{:02}.{:04}", day.day(), day.month(), day.year())
}

/// `08:05`, from minutes after midnight.
pub(crate) fn time(minutes: u32) -> String {
    format!("{:02}:{:02}", minutes / 60 % 24, minutes % 60)
}

/// `23.11.2026 08:05`
pub(crate) fn stamp(day: NaiveDate, minutes: u32) -> String {
    format!("{} {}", date(day), time(minutes))
}

/// `-1.234,56`, from cents.
pub(crate) fn amount(cents: i64) -> String {
    let (euros, rest) = (cents.unsigned_abs() / 100, cents.unsigned_abs() % 100);
    let sign = if cents < 0 { "-" } else { "" };
    match (euros / 1_000_000, euros / 1_000 % 1_000, euros % 1_000) {
        (0, 0, ones) => format!("{sign}{ones},{rest:02}"),
        (0, thousands, ones) => format!("{sign}{thousands}.{ones:03},{rest:02}"),
        (millions, thousands, ones) => format!("{sign}{millions}.{thousands:03}.{ones:03},{rest:02}"),
    }
}

/// `2,3`, from tenths.
pub(crate) fn factor(tenths: i64) -> String {
    format!("{},{}", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_in_germany() {
        assert_eq!(amount(123_456), "1.234,56");
        assert_eq!(amount(-5), "-0,05");
        assert_eq!(amount(100_000_000), "1.000.000,00");
        assert_eq!(factor(23), "2,3");
        assert_eq!(time(485), "08:05");
    }
}
