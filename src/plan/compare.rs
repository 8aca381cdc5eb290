//! Comparable forms: HubSpot gives values back in another spelling than it took them.

use chrono::{DateTime, NaiveDate};
use rust_decimal::Decimal;

/// Whether two property values mean the same: `90` and `90.00`, both spellings of an instant, options in any order.
#[must_use]
pub fn same(ours: &str, theirs: &str) -> bool {
    ours == theirs || same_number(ours, theirs) || same_instant(ours, theirs) || same_options(ours, theirs)
}

/// A number counts as one only where a decimal point says so: `01067` and `1067` are different texts.
fn same_number(ours: &str, theirs: &str) -> bool {
    if !(ours.contains('.') || theirs.contains('.')) {
        return false;
    }
    let number = |text: &str| text.parse::<Decimal>().ok();
    matches!((number(ours), number(theirs)), (Some(a), Some(b)) if a == b)
}

fn same_instant(ours: &str, theirs: &str) -> bool {
    if ours.len() < 10 || theirs.len() < 10 {
        return false;
    }
    let instant = |text: &str| {
        DateTime::parse_from_rfc3339(text).map(|at| at.timestamp_millis()).ok().or_else(|| {
            let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
            Some(day.and_hms_opt(0, 0, 0)?.and_utc().timestamp_millis())
        })
    };
    matches!((instant(ours), instant(theirs)), (Some(a), Some(b)) if a == b)
}

fn same_options(ours: &str, theirs: &str) -> bool {
    if !(ours.contains(';') && theirs.contains(';')) {
        return false;
    }
    let sorted = |text: &str| {
        let mut options: Vec<String> =
            text.split(';').map(str::trim).filter(|option| !option.is_empty()).map(str::to_owned).collect();
        options.sort();
        options
    };
    sorted(ours) == sorted(theirs)
}

#[cfg(test)]
mod tests {
    use super::same;

    #[test]
    fn spellings_of_one_value_are_equal() {
        for (ours, theirs) in [
            ("90.00", "90"),
            ("2026-11-23T08:30:00.000Z", "2026-11-23T08:30:00Z"),
            ("2026-11-23T08:30:00.000Z", "2026-11-23T09:30:00+01:00"),
            ("a;b", "b;a"),
            ("", ""),
        ] {
            assert!(same(ours, theirs), "{ours} = {theirs}");
        }
    }

    #[test]
    fn texts_that_look_like_numbers_stay_texts() {
        for (ours, theirs) in
            [("01067", "1067"), ("90", "91.00"), ("", "0"), ("a;b", "a"), ("2026-11-23", "2026-11-24")]
        {
            assert!(!same(ours, theirs), "{ours} ≠ {theirs}");
        }
    }
}
