//! `--since` and `--until`: days as people write them.

use std::fmt;
use std::str::FromStr;

use chrono::{Days, NaiveDate};

/// A day as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    /// `2026-01-31`
    Day(NaiveDate),
    /// `7d`: so many days ago.
    Ago(u16),
    /// `+60d`: so many days ahead.
    Ahead(u16),
    /// `today`
    Today,
    /// `beginning`: as far back as there is anything.
    Beginning,
}

/// How far back something reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Since {
    /// To the first there is.
    Beginning,
    /// To this day, which belongs to it.
    Day(NaiveDate),
}

const EXPECTED: &str =
    "expected a day such as 2026-01-31, 7d (seven days ago), +60d (in sixty days), today or beginning";

impl FromStr for When {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let expected = || EXPECTED.to_owned();
        // An unsigned number takes a plus sign of its own.
        let days = |text: &str| -> Option<u16> {
            text.strip_suffix('d').filter(|number| number.bytes().all(|byte| byte.is_ascii_digit()))?.parse().ok()
        };
        match text {
            "today" => Ok(Self::Today),
            "beginning" => Ok(Self::Beginning),
            _ => match text.strip_prefix('+') {
                Some(ahead) => days(ahead).map(Self::Ahead).ok_or_else(expected),
                None => days(text).map(Self::Ago).or_else(|| day(text).map(Self::Day)).ok_or_else(expected),
            },
        }
    }
}

/// A day in the one form that sorts, of the years that calendars have.
fn day(text: &str) -> Option<NaiveDate> {
    let shape = text.len() == 10
        && text
            .bytes()
            .enumerate()
            .all(|(at, byte)| if at == 4 || at == 7 { byte == b'-' } else { byte.is_ascii_digit() });
    let day: NaiveDate = shape.then(|| text.parse().ok()).flatten()?;
    let first = NaiveDate::from_ymd_opt(1900, 1, 1)?;
    (day >= first).then_some(day)
}

impl When {
    /// As the first day that is wanted; `today` is the practice's.
    pub(super) fn since(self, today: NaiveDate) -> Since {
        match self {
            Self::Beginning => Since::Beginning,
            Self::Day(_) | Self::Ago(_) | Self::Ahead(_) | Self::Today => {
                self.day(today).map_or(Since::Beginning, Since::Day)
            }
        }
    }

    /// The day itself; `None` = the beginning.
    pub(super) fn day(self, today: NaiveDate) -> Option<NaiveDate> {
        match self {
            Self::Day(day) => Some(day),
            Self::Ago(days) => today.checked_sub_days(Days::new(days.into())),
            Self::Ahead(days) => today.checked_add_days(Days::new(days.into())),
            Self::Today => Some(today),
            Self::Beginning => None,
        }
    }
}

/// As it is written.
impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Day(day) => write!(f, "{day}"),
            Self::Ago(days) => write!(f, "{days}d"),
            Self::Ahead(days) => write!(f, "+{days}d"),
            Self::Today => f.write_str("today"),
            Self::Beginning => f.write_str("beginning"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_as_people_write_them() {
        let today: NaiveDate = "2026-03-01".parse().expect("a day");
        let day = |text: &str| text.parse::<When>().map(|when| when.since(today));
        for (text, wanted) in [
            ("2026-01-31", Some("2026-01-31")),
            (" 2024-02-29 ", Some("2024-02-29")),
            ("7d", Some("2026-02-22")),
            ("0d", Some("2026-03-01")),
            ("+60d", Some("2026-04-30")),
            ("today", Some("2026-03-01")),
            ("beginning", None),
        ] {
            let wanted = wanted.map_or(Since::Beginning, |day| Since::Day(day.parse().expect("a day")));
            assert_eq!(day(text), Ok(wanted), "{text}");
            let when: When = text.parse().expect("parsed");
            assert_eq!(when.to_string(), text.trim(), "it is repeated as it was given");
        }
        for bad in [
            "",
            "d",
            "-7d",
            "7",
            "+7",
            "++7d",
            "7 d",
            "70000d",
            "2026-02-30",
            "31.01.2026",
            "2026-1-1",
            "0026-01-31",
            "soon",
        ] {
            assert!(day(bad).is_err_and(|error| error.contains("2026-01-31")), "{bad}");
        }
    }
}
