//! Which values a property takes, and what is stored for them. Source: `hubspot-api.md` 8.2, error rows E2 to E4.

use std::borrow::Cow;

use chrono::{DateTime, NaiveDate, NaiveDateTime, SecondsFormat, Utc};

use super::definition::{Definition, Kind, Meaning};
use super::refusal::Detail;

/// Longest text. Source: `hubspot-api.md` 8.2.
const LONGEST: usize = 65_536;
/// Milliseconds of a day.
const DAY: i64 = 86_400_000;

/// What dates that are not in the expected form become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dates {
    /// 2026-09: another form, with a warning.
    Normalised,
    /// Before: an error.
    Strict,
}

/// A value that will be stored.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Accepted<'a> {
    pub(super) text: Cow<'a, str>,
    /// Whether the answer warns that the value was brought into another form.
    pub(super) warn: bool,
}

impl<'a> Accepted<'a> {
    fn plain(text: impl Into<Cow<'a, str>>) -> Self {
        Self { text: text.into(), warn: false }
    }
}

/// Checks `raw` for a property; `current` is its value so far. Stage and pipeline are checked where the record is known.
pub(super) fn accept<'a>(
    definition: &Definition,
    raw: Cow<'a, str>,
    current: Option<&str>,
    dates: Dates,
) -> Result<Accepted<'a>, Detail> {
    let refuse = |code, message: String| Err(Detail { code, property: definition.name.clone(), message });
    if definition.meaning.is_calculated() || definition.field_type == "calculation_equation" {
        return refuse(
            "READ_ONLY_VALUE",
            format!("\"{}\" is a read only property; its value cannot be set.", definition.name),
        );
    }
    if raw.is_empty() {
        return Ok(Accepted::plain(raw));
    }
    // Bytes first: counting characters of every value would cost more than storing it.
    if raw.len() > LONGEST && raw.chars().count() > LONGEST {
        return refuse("PROPERTY_VALUE_TOO_LONG", format!("Property values cannot exceed {LONGEST} characters"));
    }
    match definition.meaning {
        Meaning::Email => return email(definition, raw),
        Meaning::Pipeline | Meaning::Stage => return Ok(Accepted::plain(raw)),
        Meaning::Owner if raw.bytes().all(|byte| byte.is_ascii_digit()) => return Ok(Accepted::plain(raw)),
        Meaning::Owner => return refuse("INVALID_OWNER_ID", format!("Owner ID {raw} is not valid")),
        Meaning::Plain
        | Meaning::ObjectId
        | Meaning::Created
        | Meaning::Modified
        | Meaning::Closed
        | Meaning::ClosedWon
        | Meaning::ClosedLost
        | Meaning::Probability
        | Meaning::LinkedDeals
        | Meaning::LinkedContacts => {}
    }
    match definition.kind {
        Kind::String | Kind::PhoneNumber => Ok(Accepted::plain(raw)),
        Kind::Number if is_number(&raw) => Ok(Accepted::plain(raw)),
        Kind::Number => refuse("INVALID_NUMBER", format!("{raw} was not a valid number.")),
        Kind::Bool if matches!(raw.as_ref(), "true" | "false") => Ok(Accepted::plain(raw)),
        Kind::Bool => refuse("INVALID_OPTION", format!("{raw} was not one of the allowed options: [true, false]")),
        Kind::Enumeration => enumeration(definition, raw, current),
        Kind::Date => match date(&raw, dates) {
            Some((text, warn)) => Ok(Accepted { text: text.map_or(raw, Cow::Owned), warn }),
            None => refuse("INVALID_DATE", format!("{raw} was not a valid date.")),
        },
        Kind::Datetime => match datetime(&raw, dates) {
            Some((text, warn)) => Ok(Accepted { text: text.into(), warn }),
            None => refuse("INVALID_DATE", format!("{raw} was not a valid timestamp.")),
        },
    }
}

fn email<'a>(definition: &Definition, raw: Cow<'a, str>) -> Result<Accepted<'a>, Detail> {
    let text = if raw.bytes().any(|byte| byte.is_ascii_uppercase()) || !raw.is_ascii() || raw.trim() != raw {
        Cow::Owned(raw.trim().to_lowercase())
    } else {
        raw
    };
    let fits = text.split_once('@').is_some_and(|(name, host)| {
        let host_fits = host.contains('.') && !host.starts_with('.') && !host.ends_with('.') && !host.contains('@');
        !name.is_empty() && host_fits && text.is_ascii() && !text.contains(char::is_whitespace) && !text.contains("..")
    });
    if fits {
        return Ok(Accepted::plain(text));
    }
    let message = format!("Email address {text} is invalid");
    Err(Detail { code: "INVALID_EMAIL", property: definition.name.clone(), message })
}

/// Digits, at most one dot, a sign before; no comma, no unit.
fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    all_digits(whole) && all_digits(part) && !(whole.is_empty() && part.is_empty())
}

fn enumeration<'a>(definition: &Definition, raw: Cow<'a, str>, current: Option<&str>) -> Result<Accepted<'a>, Detail> {
    let known = |value: &str| definition.options.iter().any(|option| option.value == value);
    let unknown = |value: &str| {
        let allowed: Vec<&str> = definition.options.iter().map(|option| option.value.as_str()).collect();
        let message = format!("{value} was not one of the allowed options: [{}]", allowed.join(", "));
        Err(Detail { code: "INVALID_OPTION", property: definition.name.clone(), message })
    };
    if !definition.is_multiple() {
        return if known(&raw) { Ok(Accepted::plain(raw)) } else { unknown(&raw) };
    }
    let before = if raw.starts_with(';') { current.unwrap_or_default() } else { "" };
    let mut chosen: Vec<&str> = Vec::new();
    for value in before.split(';').chain(raw.split(';')).map(str::trim).filter(|value| !value.is_empty()) {
        if !known(value) {
            return unknown(value);
        }
        if !chosen.contains(&value) {
            chosen.push(value);
        }
    }
    Ok(Accepted::plain(chosen.join(";")))
}

/// `YYYY-MM-DD`; `None` inside: as it is.
fn date(raw: &str, dates: Dates) -> Option<(Option<String>, bool)> {
    if raw.len() == 10 && NaiveDate::parse_from_str(raw, "%Y-%m-%d").is_ok() {
        return Some((None, false));
    }
    if let Ok(millis) = raw.parse::<i64>() {
        let day = DateTime::<Utc>::from_timestamp_millis(millis)?.date_naive();
        let midnight = millis.rem_euclid(DAY) == 0;
        return (midnight || dates == Dates::Normalised).then(|| (Some(day.to_string()), !midnight));
    }
    let day = instant(raw)?.date_naive();
    (dates == Dates::Normalised).then(|| (Some(day.to_string()), true))
}

/// ISO 8601 as HubSpot answers it: no fraction where there is none.
fn datetime(raw: &str, dates: Dates) -> Option<(String, bool)> {
    let show = |at: DateTime<Utc>| {
        let format = if at.timestamp_subsec_millis() == 0 { SecondsFormat::Secs } else { SecondsFormat::Millis };
        at.to_rfc3339_opts(format, true)
    };
    if let Ok(millis) = raw.parse::<i64>() {
        return Some((show(DateTime::from_timestamp_millis(millis)?), false));
    }
    if let Some(at) = instant(raw) {
        return Some((show(at), false));
    }
    if dates == Dates::Strict {
        return None;
    }
    let day = NaiveDate::parse_from_str(raw, "%Y-%m-%d").ok()?.and_hms_opt(0, 0, 0);
    let local = day.or_else(|| NaiveDateTime::parse_from_str(raw, "%Y-%m-%dT%H:%M:%S%.f").ok())?;
    Some((show(local.and_utc()), true))
}

fn instant(raw: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(raw).ok().map(|at| at.with_timezone(&Utc))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Object;
    use crate::sandbox::hubspot::definition::Choice;
    use crate::sandbox::hubspot::standard;

    fn property(kind: Kind, field_type: &str, options: &[&str]) -> Definition {
        let plain = standard::definitions(Object::Contact, false).into_iter().find(|known| known.name == "city");
        let option = |value: &&str| Choice {
            label: (*value).to_owned(),
            value: (*value).to_owned(),
            display_order: 0,
            hidden: false,
            description: None,
        };
        let options = options.iter().map(option).collect();
        Definition { kind, field_type: field_type.to_owned(), options, ..plain.expect("a plain property") }
    }

    fn check(definition: &Definition, raw: &str, wanted: &str) {
        let found = accept(definition, Cow::Borrowed(raw), Some("b"), Dates::Normalised);
        let found = match &found {
            Ok(Accepted { text, warn: false }) => text.to_string(),
            Ok(Accepted { text, warn: true }) => format!("{text} !"),
            Err(detail) => detail.code.to_owned(),
        };
        assert_eq!(found, wanted, "{raw}");
    }

    #[test]
    fn each_type_takes_its_own_form() {
        let number = property(Kind::Number, "number", &[]);
        for (raw, wanted) in
            [("12", "12"), ("-1.50", "-1.50"), ("", ""), ("1,5", "INVALID_NUMBER"), ("12 €", "INVALID_NUMBER")]
        {
            check(&number, raw, wanted);
        }
        for bad in [".", "-", "1.2.3", "1e5", "NaN"] {
            check(&number, bad, "INVALID_NUMBER");
        }
        let bool = property(Kind::Bool, "booleancheckbox", &["true", "false"]);
        check(&bool, "true", "true");
        check(&bool, "ja", "INVALID_OPTION");
        let select = property(Kind::Enumeration, "select", &["a", "b"]);
        check(&select, "a", "a");
        check(&select, "A", "INVALID_OPTION");
        check(&select, "a;b", "INVALID_OPTION");
        let multiple = property(Kind::Enumeration, "checkbox", &["a", "b", "c"]);
        check(&multiple, "c;a;c", "c;a");
        check(&multiple, ";a", "b;a");
        check(&multiple, "a;x", "INVALID_OPTION");
        let text = property(Kind::String, "text", &[]);
        check(&text, &"ä".repeat(65_536), &"ä".repeat(65_536));
        check(&text, &"a".repeat(65_537), "PROPERTY_VALUE_TOO_LONG");
    }

    #[test]
    fn dates_are_normalised_with_a_warning() {
        let date = property(Kind::Date, "date", &[]);
        check(&date, "2026-11-23", "2026-11-23");
        check(&date, "1795392000000", "2026-11-23");
        check(&date, "1795435200000", "2026-11-23 !");
        check(&date, "2026-11-23T08:00:00Z", "2026-11-23 !");
        check(&date, "23.11.2026", "INVALID_DATE");
        check(&date, "2026-02-30", "INVALID_DATE");
        let time = property(Kind::Datetime, "date", &[]);
        check(&time, "2026-11-23T08:30:00.000Z", "2026-11-23T08:30:00Z");
        check(&time, "2026-11-23T09:30:00.5+01:00", "2026-11-23T08:30:00.500Z");
        check(&time, "1795392000000", "2026-11-23T00:00:00Z");
        check(&time, "2026-11-23", "2026-11-23T00:00:00Z !");
        check(&time, "morgen", "INVALID_DATE");
        let strict = accept(&date, Cow::Borrowed("2026-11-23T08:00:00Z"), None, Dates::Strict);
        assert_eq!(strict.map_err(|detail| detail.code), Err("INVALID_DATE"));
    }

    #[test]
    fn addresses_are_kept_in_lower_case() {
        let contact = standard::definitions(Object::Contact, false);
        let email = contact.iter().find(|known| known.name == "email").expect("contacts have an address");
        check(email, " Eva.Muster@Example.DE", "eva.muster@example.de");
        for bad in ["eva", "eva@", "@example.de", "eva@example", "e va@example.de", "eva@ex..de", "äva@example.de"] {
            check(email, bad, "INVALID_EMAIL");
        }
        let id = contact.iter().find(|known| known.name == "hs_object_id").expect("an id");
        check(id, "1", "READ_ONLY_VALUE");
    }
}
