//! Days and times as Ivoris may write them. Source: `ivoris-api.md` section 3.

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use chrono_tz::Tz;

use crate::domain::{LocalTime, practice_utc};

/// Years that a practice can mean; `0001-01-01` and such stand for "none".
const YEARS: std::ops::RangeInclusive<i32> = 1800..=2199;

/// A calendar day: `2026-11-23` or `23.11.2026`, with or without a time behind it.
///
/// A time with an offset counts in `zone`: `2012-03-31T22:00:00Z` is the first of April in Berlin.
#[must_use]
pub fn date(text: &str, zone: Tz) -> Option<NaiveDate> {
    let local = match text.trim().split_once(['T', 't', ' ']) {
        None => day(text.trim())?,
        Some(_) => local_time(text, zone)?.day(),
    };
    YEARS.contains(&local.year()).then_some(local)
}

/// A time in the practice: a day with a time behind it, `T` or a blank between; a day alone is its midnight.
///
/// An offset or `Z` is honoured; without one the time is practice time.
#[must_use]
pub fn local_time(text: &str, zone: Tz) -> Option<LocalTime> {
    let local = match parse(text)? {
        (local, None) => local,
        (local, Some(offset)) => {
            let utc = DateTime::<FixedOffset>::from_naive_utc_and_offset(local.checked_sub_offset(offset)?, offset);
            utc.with_timezone(&zone).naive_local()
        }
    };
    YEARS.contains(&local.year()).then_some(LocalTime(local))
}

/// The instant that such a text means.
#[must_use]
pub fn instant(text: &str, zone: Tz) -> Option<DateTime<Utc>> {
    let at = match parse(text)? {
        (local, None) => practice_utc(local, zone).instant(),
        (local, Some(offset)) => local.checked_sub_offset(offset)?.and_utc(),
    };
    YEARS.contains(&at.year()).then_some(at)
}

/// Wall-clock time and offset, if one is written.
fn parse(text: &str) -> Option<(NaiveDateTime, Option<FixedOffset>)> {
    let text = text.trim();
    let Some((day_part, rest)) = text.split_once(['T', 't', ' ']) else {
        return Some((day(text)?.and_time(NaiveTime::MIN), None));
    };
    let (time_part, offset) = split_offset(rest.trim());
    Some((
        day(day_part)?.and_time(time_of_day(time_part)?),
        offset.map_or(Some(None), |text| offset_of(text).map(Some))?,
    ))
}

fn split_offset(text: &str) -> (&str, Option<&str>) {
    match text.find(['Z', 'z', '+', '-']).and_then(|at| text.split_at_checked(at)) {
        Some((time, offset)) => (time.trim_end(), Some(offset)),
        None => (text, None),
    }
}

/// `Z`, `+01:00`, `+0100` or `+01`.
fn offset_of(text: &str) -> Option<FixedOffset> {
    if text.eq_ignore_ascii_case("z") {
        return FixedOffset::east_opt(0);
    }
    let (sign, digits) = match (text.strip_prefix('+'), text.strip_prefix('-')) {
        (Some(digits), _) => (1, digits),
        (None, Some(digits)) => (-1, digits),
        (None, None) => return None,
    };
    let digits = digits.replacen(':', "", 1);
    let hours = number(digits.get(..2)?, 2..=2)?;
    let minutes = if digits.len() == 2 { 0 } else { number(digits.get(2..)?, 2..=2)? };
    let seconds = i32::try_from(hours * 3600 + minutes * 60).ok()?;
    (minutes < 60).then(|| FixedOffset::east_opt(sign * seconds))?
}

/// `8:30`, `08:30`, `08:30:00`, `08:30:00.000`.
pub(super) fn time_of_day(text: &str) -> Option<NaiveTime> {
    let (whole, fraction) = text.split_once(['.', ',']).map_or((text, None), |(whole, part)| (whole, Some(part)));
    if fraction.is_some_and(|part| part.is_empty() || !part.bytes().all(|byte| byte.is_ascii_digit())) {
        return None;
    }
    let mut parts = whole.split(':');
    let hour = number(parts.next()?, 1..=2)?;
    let minute = number(parts.next()?, 2..=2)?;
    let second = parts.next().map_or(Some(0), |part| number(part, 2..=2))?;
    if parts.next().is_some() {
        return None;
    }
    NaiveTime::from_hms_opt(hour, minute, second)
}

fn day(text: &str) -> Option<NaiveDate> {
    let mut parts = text.split(['.', '-']);
    let three = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let (year, month, day) = if text.contains('.') { (three.2, three.1, three.0) } else { three };
    let year = i32::try_from(number(year, 4..=4)?).ok()?;
    NaiveDate::from_ymd_opt(year, number(month, 1..=2)?, number(day, 1..=2)?)
}

fn number(text: &str, digits: std::ops::RangeInclusive<usize>) -> Option<u32> {
    let plain = digits.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use chrono_tz::Europe::Berlin;
    use proptest::prelude::*;

    use super::*;

    fn check_date(text: &str, wanted: Option<&str>) {
        assert_eq!(date(text, Berlin).map(|day| day.to_string()).as_deref(), wanted, "{text}");
    }

    fn check_time(text: &str, wanted: Option<&str>) {
        assert_eq!(local_time(text, Berlin).map(|at| at.0.to_string()).as_deref(), wanted, "{text}");
    }

    #[test]
    fn days() {
        check_date("2026-11-23", Some("2026-11-23"));
        check_date(" 23.11.2026 ", Some("2026-11-23"));
        check_date("2012-04-01T00:00:00", Some("2012-04-01"));
        check_date("2012-03-31T22:00:00Z", Some("2012-04-01"));
        check_date("2012-04-01T00:00:00.000+02:00", Some("2012-04-01"));
        for bad in
            ["", "0001-01-01", "0001-01-01T00:00:00", "2026-02-30", "2026-11", "20-11-2026", "heute", "2026-11-23T"]
        {
            check_date(bad, None);
        }
    }

    #[test]
    fn times() {
        check_time("2026-11-23T09:00:00", Some("2026-11-23 09:00:00"));
        check_time("2026-11-23 09:00", Some("2026-11-23 09:00:00"));
        check_time("23.11.2026 9:00", Some("2026-11-23 09:00:00"));
        check_time("2026-11-23T09:00:00.1234567", Some("2026-11-23 09:00:00"));
        check_time("2026-11-23T08:00:00Z", Some("2026-11-23 09:00:00"));
        check_time("2026-07-23T08:00:00z", Some("2026-07-23 10:00:00"));
        check_time("2026-11-23T09:00:00+01:00", Some("2026-11-23 09:00:00"));
        check_time("2026-11-23T03:00:00-0500", Some("2026-11-23 09:00:00"));
        check_time("2026-11-23", Some("2026-11-23 00:00:00"));
        for bad in
            ["", "09:00", "2026-11-23T25:00", "2026-11-23T09", "2026-11-23T09:00+1:00", "2026-11-23T09:00:00+01:99"]
        {
            check_time(bad, None);
        }
    }

    #[test]
    fn instants_know_summer_and_winter() {
        let check = |text: &str, wanted: &str| {
            assert_eq!(instant(text, Berlin), Some(wanted.parse().expect("a time")), "{text}");
        };
        check("2026-11-23T09:00:00", "2026-11-23T08:00:00Z");
        check("2026-07-23T09:00:00", "2026-07-23T07:00:00Z");
        check("2026-07-23T09:00:00Z", "2026-07-23T09:00:00Z");
    }

    proptest! {
        #[test]
        fn no_text_breaks_it(text in "\\PC{0,40}") {
            let _ = (date(&text, Berlin), local_time(&text, Berlin), instant(&text, Berlin));
        }

        #[test]
        fn an_offset_never_changes_the_instant(seconds in 0_i64..4_000_000_000, hours in -14_i32..=14) {
            let at = DateTime::from_timestamp(seconds, 0).expect("a time");
            let there = at.with_timezone(&FixedOffset::east_opt(hours * 3600).expect("an offset"));
            let text = there.format("%Y-%m-%dT%H:%M:%S%:z").to_string();
            prop_assert_eq!(instant(&text, Berlin), Some(at));
            let local = local_time(&text, Berlin).expect("a time");
            prop_assert_eq!(local.0, at.with_timezone(&Berlin).naive_local());
        }
    }
}
