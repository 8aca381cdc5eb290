//! Texts of single fields → dates, times, numbers, words. A reason tells the shape that was expected, never the value.

use std::borrow::Cow;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use crate::domain::Gender;

/// Why a field is not what its column holds.
pub(in crate::extract) type Reason = &'static str;

const NOT_A_DATE: Reason = "not a date; expected 31.12.2026";
const NO_SUCH_DAY: Reason = "there is no such day; expected a date like 31.12.2026";
const NOT_A_TIME: Reason = "not a time; expected 08:30";
const NOT_A_DATE_TIME: Reason = "not a date with time; expected 31.12.2026 08:30";

/// Returns the text trimmed, in NFC, with ordinary blanks.
pub(in crate::extract) fn clean(text: &str) -> Cow<'_, str> {
    let text = text.trim();
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let hard = |letter: char| matches!(letter, '\u{a0}' | '\u{2007}' | '\u{202f}');
    if !text.contains(hard) && is_nfc_quick(text.chars()) == IsNormalized::Yes {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(|letter| if hard(letter) { ' ' } else { letter }).nfc().collect())
}

/// A calendar day in one of the forms `31.12.2026`, `2026-12-31`, `20261231`, with or without a time behind it.
pub(super) fn date(text: &str) -> Result<NaiveDate, Reason> {
    match text.split_once([' ', 'T']) {
        None => day(text),
        Some((day_part, time_part)) => {
            time(time_part).map_err(|_| NOT_A_DATE)?;
            day(day_part)
        }
    }
}

fn day(text: &str) -> Result<NaiveDate, Reason> {
    let (day, month, year) = if text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        (text.get(6..), text.get(4..6), text.get(..4))
    } else if text.contains('.') {
        let mut parts = text.splitn(3, '.');
        (parts.next(), parts.next(), parts.next())
    } else {
        let mut parts = text.splitn(3, '-');
        let year = parts.next();
        let month = parts.next();
        (parts.next(), month, year)
    };
    let part = |text: Option<&str>, digits: std::ops::RangeInclusive<usize>| {
        let text = text.filter(|text| digits.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit()));
        text.and_then(|text| text.parse::<u32>().ok()).ok_or(NOT_A_DATE)
    };
    let (day, month, year) = (part(day, 1..=2)?, part(month, 1..=2)?, part(year, 4..=4)?);
    let year = i32::try_from(year).map_err(|_| NOT_A_DATE)?;
    if !(1800..=2199).contains(&year) {
        return Err(NO_SUCH_DAY);
    }
    NaiveDate::from_ymd_opt(year, month, day).ok_or(NO_SUCH_DAY)
}

/// A birthday; placeholders (zeros, 01.01.1900) and days after `today` mean that it is unknown.
pub(in crate::extract) fn birthday(text: &str, today: NaiveDate) -> Result<Option<NaiveDate>, Reason> {
    let digits = text.bytes().filter(u8::is_ascii_digit);
    if text.is_empty() || (digits.clone().count() >= 6 && digits.clone().all(|digit| digit == b'0')) {
        return Ok(None);
    }
    let born = date(text)?;
    Ok((born <= today && NaiveDate::from_ymd_opt(1900, 1, 1) != Some(born)).then_some(born))
}

/// A time of day: `8:30`, `08:30`, `08:30:00`.
pub(super) fn time(text: &str) -> Result<NaiveTime, Reason> {
    let mut parts = text.split(':');
    let mut part = |digits: std::ops::RangeInclusive<usize>| {
        let text = parts.next()?;
        let plain = digits.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        Some(if plain { text.parse::<u32>().map_err(|_| NOT_A_TIME) } else { Err(NOT_A_TIME) })
    };
    let hour = part(1..=2).ok_or(NOT_A_TIME)??;
    let minute = part(2..=2).ok_or(NOT_A_TIME)??;
    let second = part(2..=2).unwrap_or(Ok(0))?;
    if part(1..=2).is_some() {
        return Err(NOT_A_TIME);
    }
    NaiveTime::from_hms_opt(hour, minute, second).ok_or(NOT_A_TIME)
}

/// A time on `day`; a date in front of the time counts.
pub(super) fn time_on(day: NaiveDate, text: &str) -> Result<NaiveDateTime, Reason> {
    if text.contains([' ', 'T']) { date_time(text) } else { time(text).map(|time| day.and_time(time)) }
}

/// A date with time in one of the forms `31.12.2026 08:30[:00]`, `2026-12-31T08:30:00[.000]`; without time midnight.
pub(super) fn date_time(text: &str) -> Result<NaiveDateTime, Reason> {
    let Some((day_part, time_part)) = text.split_once([' ', 'T']) else {
        return day(text).map(|day| day.and_time(NaiveTime::MIN)).map_err(|_| NOT_A_DATE_TIME);
    };
    let fraction = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let whole = time_part.split_once('.').filter(|(_, part)| fraction(part)).map_or(time_part, |(whole, _)| whole);
    let time = time(whole).map_err(|_| NOT_A_DATE_TIME)?;
    Ok(day(day_part).map_err(|_| NOT_A_DATE_TIME)?.and_time(time))
}

/// Whole minutes, with or without the word behind them; at most ten days.
pub(super) fn minutes(text: &str) -> Result<i64, Reason> {
    const NOT_MINUTES: Reason = "not a duration; expected whole minutes such as 30";
    let digits = text.trim_end_matches(|letter: char| letter.is_alphabetic() || letter == '.').trim_end();
    let unit = text.get(digits.len()..).unwrap_or_default().trim();
    let known = unit.is_empty() || unit.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("min"));
    if !known || digits.is_empty() || digits.len() > 5 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(NOT_MINUTES);
    }
    digits.parse().ok().filter(|minutes| *minutes <= 14_400).ok_or(NOT_MINUTES)
}

/// Yes or no as lists write it; nothing is no.
pub(super) fn yes(text: &str) -> Result<bool, Reason> {
    let is = |words: &[&str]| words.iter().any(|word| word.eq_ignore_ascii_case(text));
    if is(&["", "0", "nein", "n", "no", "false", "falsch", "null", "-"]) {
        return Ok(false);
    }
    let word = is(&["1", "ja", "j", "x", "y", "yes", "true", "wahr"]) || text.to_lowercase() == "gelöscht";
    // DELKZ: every number but zero.
    let number = text.bytes().all(|byte| byte.is_ascii_digit());
    if word || number {
        Ok(text.bytes().any(|byte| byte != b'0'))
    } else {
        Err("neither yes nor no; expected Ja or Nein")
    }
}

/// Gender in the words of exports; every other word means that it is unknown.
pub(in crate::extract) fn gender(text: &str) -> Option<Gender> {
    match text.to_lowercase().as_str() {
        "w" | "weiblich" | "f" | "female" | "frau" => Some(Gender::Female),
        "m" | "männlich" | "maennlich" | "male" | "mann" | "herr" => Some(Gender::Male),
        "d" | "divers" | "diverse" => Some(Gender::Diverse),
        _ => None,
    }
}

/// A postal code; a spreadsheet takes the leading zero of a German one.
pub(in crate::extract) fn zip(text: &str, country: &str) -> String {
    let german = ["", "de", "d", "deu", "brd", "deutschland", "germany"];
    let short = text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    if short && german.iter().any(|word| word.eq_ignore_ascii_case(country)) {
        format!("0{text}")
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show<T: std::fmt::Display>(read: Result<T, Reason>) -> String {
        read.map_or_else(str::to_owned, |value| value.to_string())
    }

    #[test]
    fn dates() {
        for (text, wanted) in [
            ("31.12.2026", "2026-12-31"),
            ("1.2.2026", "2026-02-01"),
            ("2026-12-31", "2026-12-31"),
            ("20261231", "2026-12-31"),
            ("29.02.2000", "2000-02-29"),
            ("31.12.2026 00:00:00", "2026-12-31"),
            ("2026-12-31T23:30:00", "2026-12-31"),
            ("29.02.2001", NO_SUCH_DAY),
            ("31.12.26", NOT_A_DATE),
            ("12/31/2026", NOT_A_DATE),
            ("morgen", NOT_A_DATE),
            ("31.12.2026 abends", NOT_A_DATE),
            ("01.01.0026", NO_SUCH_DAY),
            ("+1.01.2026", NOT_A_DATE),
            ("2026123１", NOT_A_DATE),
            ("..", NOT_A_DATE),
        ] {
            assert_eq!(show(date(text)), wanted, "{text}");
        }
    }

    #[test]
    fn birthdays() {
        let today = NaiveDate::from_ymd_opt(2026, 11, 23).expect("a day");
        let check = |text: &str, wanted: &str| {
            let read =
                birthday(text, today).map(|born| born.map_or_else(|| "unknown".to_owned(), |day| day.to_string()));
            assert_eq!(show(read), wanted, "{text}");
        };
        for text in ["", "00000000", "00.00.0000", "0000-00-00", "01.01.1900", "19000101", "24.11.2026", "31.12.2099"] {
            check(text, "unknown");
        }
        check("29.02.2012", "2012-02-29");
        check("23.11.2026", "2026-11-23");
        check("02.01.1900", "1900-01-02");
        check("29.02.1900", NO_SUCH_DAY);
        check("unbekannt", NOT_A_DATE);
        check("0", NOT_A_DATE);
    }

    #[test]
    fn times() {
        for (text, wanted) in [
            ("08:30", "08:30:00"),
            ("8:30", "08:30:00"),
            ("08:30:15", "08:30:15"),
            ("24:00", NOT_A_TIME),
            ("8.30", NOT_A_TIME),
            ("08:30:00:00", NOT_A_TIME),
            ("08:3", NOT_A_TIME),
            ("", NOT_A_TIME),
        ] {
            assert_eq!(show(time(text)), wanted, "{text}");
        }
        for (text, wanted) in [
            ("31.12.2026 08:30", "2026-12-31 08:30:00"),
            ("31.12.2026 08:30:15", "2026-12-31 08:30:15"),
            ("2026-12-31T08:30:15.250", "2026-12-31 08:30:15"),
            ("2026-12-31 08:30", "2026-12-31 08:30:00"),
            ("31.12.2026", "2026-12-31 00:00:00"),
            ("2026-12-31T08:30:15Z", NOT_A_DATE_TIME),
            ("gestern", NOT_A_DATE_TIME),
        ] {
            assert_eq!(show(date_time(text)), wanted, "{text}");
        }
    }

    #[test]
    fn small_words() {
        assert_eq!([minutes("30"), minutes("30 Min."), minutes("5min")].map(Result::ok), [Some(30), Some(30), Some(5)]);
        assert!(["", "-5", "30,5", "1 h", "99999", "Min."].iter().all(|text| minutes(text).is_err()));
        for text in ["Ja", "x", "X", "1", "true", "j", "2", "gelöscht"] {
            assert_eq!(yes(text), Ok(true), "{text}");
        }
        for text in ["", "Nein", "0", "NULL", "00"] {
            assert_eq!(yes(text), Ok(false), "{text}");
        }
        assert!(yes("vielleicht").is_err());
        assert_eq!(gender("W"), Some(Gender::Female));
        assert_eq!(gender("MÄNNLICH"), Some(Gender::Male));
        assert_eq!(gender("k. A."), None);
        assert_eq!([zip("1067", ""), zip("1067", "AT"), zip("01067", "DE")], ["01067", "1067", "01067"]);
        assert_eq!(clean("\u{a0}O\u{a0}Neil\u{a0} "), "O Neil");
        assert_eq!(clean("Mu\u{308}ller"), "Müller");
    }
}
