//! Quiet hours: times of day at which an installation is left alone.

use std::fmt;

use chrono::{DateTime, Days, LocalResult, NaiveDate, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;

use crate::domain::practice_utc;

/// A time of day at which nothing is sent, in practice time; may run over midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quiet {
    from: NaiveTime,
    to: NaiveTime,
}

/// Why a text is no time of quiet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a time of day from and to; expected a form like 22:00-05:30")]
pub struct QuietError;

impl Quiet {
    /// From one time of day to another; `None` when they are equal.
    #[must_use]
    pub fn new(from: NaiveTime, to: NaiveTime) -> Option<Self> {
        (from != to).then_some(Self { from, to })
    }

    /// Reads `22:00-05:30`.
    ///
    /// # Errors
    /// [`QuietError`] for every other form, and when both times are equal.
    pub fn parse(text: &str) -> Result<Self, QuietError> {
        let time = |text: &str| NaiveTime::parse_from_str(text.trim(), "%H:%M").ok();
        let (from, to) = text.split_once(['-', '–']).ok_or(QuietError)?;
        Self::new(time(from).ok_or(QuietError)?, time(to).ok_or(QuietError)?).ok_or(QuietError)
    }

    /// When this quiet time ends, if `now` lies in it.
    fn end(self, now: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
        let local = now.with_timezone(&zone).naive_local();
        let (day, time) = (local.date(), local.time());
        let over_midnight = self.to < self.from;
        let inside =
            if over_midnight { time >= self.from || time < self.to } else { time >= self.from && time < self.to };
        let last = if over_midnight && time >= self.from { day.checked_add_days(Days::new(1))? } else { day };
        inside.then(|| after(now, last, self.to, zone))
    }
}

/// The instant at which clocks show `time` on `day`, after `now`: an hour that occurs twice may have passed once.
fn after(now: DateTime<Utc>, day: NaiveDate, time: NaiveTime, zone: Tz) -> DateTime<Utc> {
    let local = day.and_time(time);
    match zone.from_local_datetime(&local) {
        LocalResult::Ambiguous(first, second) if first <= now => second.with_timezone(&Utc),
        LocalResult::Ambiguous(..) | LocalResult::Single(_) | LocalResult::None => practice_utc(local, zone).instant(),
    }
}

/// When the quiet that `now` lies in ends, quiet times that touch taken together; `None` when there is none.
#[must_use]
pub fn quiet_until(quiet: &[Quiet], now: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
    let mut until = None;
    // Bounded: quiet times that cover the whole day have no end.
    for _ in 0..=quiet.len() {
        let at = until.unwrap_or(now);
        match quiet.iter().filter_map(|one| one.end(at, zone)).max() {
            Some(end) if end > at => until = Some(end),
            Some(_) | None => break,
        }
    }
    until
}

/// As it is written.
impl fmt::Display for Quiet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.from.format("%H:%M"), self.to.format("%H:%M"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().expect("a time")
    }

    fn check(quiet: &[&str], now: &str, wanted: Option<&str>) {
        let quiet: Vec<Quiet> = quiet.iter().map(|text| Quiet::parse(text).expect("quiet")).collect();
        let found = quiet_until(&quiet, utc(now), chrono_tz::Europe::Berlin);
        assert_eq!(found, wanted.map(utc), "{now}");
    }

    #[test]
    fn inside_outside_and_over_midnight() {
        check(&["12:00-13:00"], "2026-11-23T11:30:00Z", Some("2026-11-23T12:00:00Z"));
        check(&["12:00-13:00"], "2026-11-23T12:00:00Z", None);
        check(&["12:00-13:00"], "2026-11-23T10:59:59Z", None);
        check(&["22:00-05:30"], "2026-11-23T21:00:00Z", Some("2026-11-24T04:30:00Z"));
        check(&["22:00-05:30"], "2026-11-24T04:29:59Z", Some("2026-11-24T04:30:00Z"));
        check(&["22:00-05:30"], "2026-11-24T04:30:00Z", None);
        check(&[], "2026-11-24T04:30:00Z", None);
    }

    #[test]
    fn touching_ones_are_one() {
        check(&["05:00-06:00", "22:00-05:30"], "2026-11-23T21:00:00Z", Some("2026-11-24T05:00:00Z"));
        check(&["00:00-12:00", "12:00-00:00"], "2026-11-23T09:00:00Z", Some("2026-11-24T11:00:00Z")); // has no end: bounded
    }

    #[test]
    fn clocks_change_in_quiet_hours() {
        check(&["22:00-05:00"], "2026-10-24T20:00:00Z", Some("2026-10-25T04:00:00Z")); // an hour longer
        check(&["22:00-05:00"], "2026-03-28T21:00:00Z", Some("2026-03-29T03:00:00Z")); // an hour shorter
        check(&["01:00-02:30"], "2026-03-29T00:30:00Z", Some("2026-03-29T01:30:00Z")); // 02:30 does not exist
        check(&["01:00-02:30"], "2026-10-24T23:30:00Z", Some("2026-10-25T00:30:00Z")); // first 02:30
        check(&["01:00-02:30"], "2026-10-25T01:10:00Z", Some("2026-10-25T01:30:00Z")); // second 02:10
    }

    #[test]
    fn forms() {
        assert_eq!(Quiet::parse(" 22:00 – 5:30").map(|quiet| quiet.to_string()).as_deref(), Ok("22:00-05:30"));
        for bad in ["", "22:00", "22-5", "22:00-22:00", "25:00-05:00", "22:00-05:30-06:00"] {
            assert_eq!(Quiet::parse(bad), Err(QuietError), "{bad}");
        }
    }
}
