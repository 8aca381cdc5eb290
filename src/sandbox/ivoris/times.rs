//! Days and times: practice time, and the forms in which the API takes and gives them.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, SecondsFormat, TimeZone, Utc};
use chrono_tz::Europe::Berlin;

use crate::domain::practice_utc;

use super::settings::{AskForm, TimeForm};

/// The wall clock of the practice.
pub(super) fn local(now: DateTime<Utc>) -> NaiveDateTime {
    now.with_timezone(&Berlin).naive_local()
}

/// A time as an answer gives it.
pub(super) fn given(time: NaiveDateTime, form: TimeForm) -> String {
    match form {
        TimeForm::Local => time.format("%Y-%m-%dT%H:%M:%S").to_string(),
        TimeForm::Offset => {
            practice_utc(time, Berlin).instant().with_timezone(&Berlin).to_rfc3339_opts(SecondsFormat::Secs, false)
        }
        TimeForm::Utc => practice_utc(time, Berlin).instant().to_rfc3339_opts(SecondsFormat::Secs, true),
    }
}

/// A day or time of a parameter; `None` when it has another form than the server takes.
pub(super) fn asked(text: &str, form: AskForm, with_time: bool) -> Option<NaiveDateTime> {
    let day = |format| NaiveDate::parse_from_str(text, format).ok().map(|day| day.and_time(NaiveTime::MIN));
    let time = |format| NaiveDateTime::parse_from_str(text, format).ok();
    match form {
        AskForm::Date if with_time => time("%Y-%m-%dT%H:%M:%S").or_else(|| day("%Y-%m-%d")),
        AskForm::Date => day("%Y-%m-%d"),
        AskForm::DatetimeLocal => time("%Y-%m-%dT%H:%M:%S"),
        AskForm::DatetimeOffset => {
            let at = DateTime::<FixedOffset>::parse_from_rfc3339(text).ok()?;
            Some(Berlin.from_utc_datetime(&at.naive_utc()).naive_local())
        }
        AskForm::De => time("%d.%m.%Y %H:%M:%S").or_else(|| time("%d.%m.%Y %H:%M")).or_else(|| day("%d.%m.%Y")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_mean_the_same_in_every_form() {
        let time = |text: &str| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").expect("a time");
        for (at, offset, utc) in [
            ("2026-11-23 09:00", "2026-11-23T09:00:00+01:00", "2026-11-23T08:00:00Z"),
            ("2026-10-25 02:30", "2026-10-25T02:30:00+02:00", "2026-10-25T00:30:00Z"),
            ("2026-03-29 02:30", "2026-03-29T03:30:00+02:00", "2026-03-29T01:30:00Z"),
        ] {
            assert_eq!(given(time(at), TimeForm::Offset), offset);
            assert_eq!(given(time(at), TimeForm::Utc), utc);
        }
        assert_eq!(given(time("2026-03-29 02:30"), TimeForm::Local), "2026-03-29T02:30:00");
    }

    #[test]
    fn parameters_have_one_form() {
        let all = [AskForm::Date, AskForm::DatetimeLocal, AskForm::DatetimeOffset, AskForm::De];
        for (text, wanted) in [
            ("2026-11-23", [true, false, false, false]),
            ("2026-11-23T00:00:00", [false, true, false, false]),
            ("2026-11-23T00:00:00+01:00", [false, false, true, false]),
            ("2026-11-22T23:00:00Z", [false, false, true, false]),
            ("23.11.2026", [false, false, false, true]),
            ("gestern", [false; 4]),
        ] {
            let day = |form| asked(text, form, false).map(|at| at.date().to_string());
            let wanted = wanted.map(|fits| fits.then(|| "2026-11-23".to_owned()));
            assert_eq!(all.map(day), wanted, "{text}");
        }
        assert!(asked("2026-11-23T08:30:00", AskForm::Date, true).is_some());
    }
}
