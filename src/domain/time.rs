//! Practice time: wall-clock time in Europe/Berlin, its zone decided in one place.

use chrono::{DateTime, Datelike, Duration, LocalResult, NaiveDate, NaiveDateTime, TimeZone, Timelike, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

/// A wall-clock time in the practice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LocalTime(pub NaiveDateTime);

/// How a wall-clock time became an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// There is exactly one such instant.
    Exact(DateTime<Utc>),
    /// The hour occurs twice in October: the first occurrence is taken.
    First(DateTime<Utc>),
    /// The hour does not exist in March: shifted forward by the gap.
    Shifted(DateTime<Utc>),
}

impl Settled {
    /// The instant, however it was found.
    #[must_use]
    pub const fn instant(self) -> DateTime<Utc> {
        match self {
            Self::Exact(at) | Self::First(at) | Self::Shifted(at) => at,
        }
    }
}

/// Decides which instant a wall-clock time means in `zone`.
#[must_use]
pub fn practice_utc(local: NaiveDateTime, zone: Tz) -> Settled {
    match zone.from_local_datetime(&local) {
        LocalResult::Single(at) => Settled::Exact(at.with_timezone(&Utc)),
        LocalResult::Ambiguous(first, _) => Settled::First(first.with_timezone(&Utc)),
        LocalResult::None => {
            // The clock jumps by one hour in Germany; the time before the jump is well defined.
            let before = zone.from_local_datetime(&(local - Duration::hours(1))).earliest();
            let at = before.map_or_else(|| local.and_utc(), |at| at.with_timezone(&Utc) + Duration::hours(1));
            Settled::Shifted(at)
        }
    }
}

impl LocalTime {
    /// The calendar day in the practice.
    #[must_use]
    pub fn day(self) -> NaiveDate {
        self.0.date()
    }

    /// The instant in HubSpot's datetime form: `2026-11-23T08:30:00.000Z`.
    #[must_use]
    pub fn to_hubspot(self, zone: Tz) -> String {
        hubspot_instant(practice_utc(self.0, zone).instant())
    }
}

/// An instant in HubSpot's datetime form: `2026-11-23T08:30:00.000Z`.
#[must_use]
pub fn hubspot_instant(at: DateTime<Utc>) -> String {
    let at = at.naive_utc();
    let (day, time) = (at.date(), at.time());
    let milliseconds = time.nanosecond() / 1_000_000;
    let year = u32::try_from(day.year()).ok().filter(|year| *year <= 9_999 && milliseconds <= 999);
    let Some(year) = year else { return at.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string() };
    // Digit by digit: every appointment has two of these, and formatting was a tenth of each decision.
    let mut text = *b"0000-00-00T00:00:00.000Z";
    let mut number = |mut value: u32, first: usize, last: usize| {
        for place in (first..=last).rev() {
            text[place] += u8::try_from(value % 10).unwrap_or_default();
            value /= 10;
        }
    };
    number(year, 0, 3);
    number(day.month(), 5, 6);
    number(day.day(), 8, 9);
    number(time.hour(), 11, 12);
    number(time.minute(), 14, 15);
    number(time.second(), 17, 18);
    number(milliseconds, 20, 22);
    std::str::from_utf8(&text).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn berlin(text: &str) -> String {
        let local = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").expect("a time");
        LocalTime(local).to_hubspot(chrono_tz::Europe::Berlin)
    }

    #[test]
    fn daylight_saving_is_decided_once() {
        assert_eq!(berlin("2026-10-25 02:30"), "2026-10-25T00:30:00.000Z", "first occurrence");
        assert_eq!(berlin("2026-03-29 02:30"), "2026-03-29T01:30:00.000Z", "03:30 summer time");
        assert_eq!(berlin("2026-11-23 09:30"), "2026-11-23T08:30:00.000Z");
    }
}
