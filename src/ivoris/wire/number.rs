//! Numbers as Ivoris may write them. Source: `ivoris-api.md` section 3: the decimal separator is not known.

use rust_decimal::Decimal;

/// A decimal number: `45.9`, `45,90`, `1.234,56`, `1,234.56`, `4.59e1`; `€` or `EUR` may stand around it.
///
/// One separator alone parts the decimals; of two kinds the last one does.
#[must_use]
pub fn number(text: &str) -> Option<Decimal> {
    let text = text.trim().trim_end_matches("EUR").trim_matches(['€', ' ', '\u{a0}']);
    if text.contains(['e', 'E']) {
        return Decimal::from_scientific(text).ok().map(|number| number.normalize());
    }
    let (sign, digits) = match text.strip_prefix(['-', '\u{2212}']) {
        Some(rest) => ("-", rest),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let last = digits.rfind(['.', ',']);
    let (whole, fraction) = match last.and_then(|at| digits.split_at_checked(at)) {
        None => (digits, ""),
        Some((whole, rest)) => (whole, rest.get(1..)?),
    };
    if last.is_some() && fraction.is_empty() {
        return None;
    }
    let decimals = digits.chars().nth_back(fraction.chars().count()).filter(|_| last.is_some());
    let whole = ungrouped(whole, decimals)?;
    let plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !plain(&whole) || !plain(fraction) {
        return None;
    }
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{sign}{whole}{point}{fraction}").parse::<Decimal>().ok().map(|number| number.normalize())
}

/// The digits before the decimals: groups of three may be parted by the other separator.
fn ungrouped(whole: &str, decimals: Option<char>) -> Option<String> {
    let Some(group) = whole.chars().find(|letter| ['.', ','].contains(letter)) else { return Some(whole.to_owned()) };
    let mut groups = whole.split(group);
    let first = groups.next()?;
    let thousands = (1..=3).contains(&first.len()) && groups.all(|part| part.len() == 3);
    (thousands && decimals != Some(group)).then(|| whole.replace(group, ""))
}

/// Whole minutes: `30`, `30.0`, `00:30:00`.
#[must_use]
pub fn minutes(text: &str) -> Option<i64> {
    use chrono::Timelike;
    if text.contains(':') {
        let time = super::time::time_of_day(text.trim())?;
        return Some(i64::from(time.num_seconds_from_midnight() / 60));
    }
    let minutes = number(text)?;
    (minutes.fract().is_zero() && minutes >= Decimal::ZERO && minutes <= Decimal::from(14_400))
        .then(|| i64::try_from(minutes).ok())?
}

/// Yes or no; `None` for other words.
#[must_use]
pub fn yes(text: &str) -> Option<bool> {
    let is = |words: &[&str]| words.iter().any(|word| word.eq_ignore_ascii_case(text.trim()));
    if is(&["true", "1", "yes", "ja"]) {
        Some(true)
    } else if is(&["false", "0", "no", "nein"]) {
        Some(false)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, wanted: Option<&str>) {
        assert_eq!(number(text).map(|number| number.to_string()).as_deref(), wanted, "{text}");
    }

    #[test]
    fn numbers_with_point_or_comma() {
        check("45.9", Some("45.9"));
        check("45,90", Some("45.9"));
        check("1.234,56", Some("1234.56"));
        check("1,234.56", Some("1234.56"));
        check("1.234.567,8", Some("1234567.8"));
        check("-3", Some("-3"));
        check("\u{2212}3,50 €", Some("-3.5"));
        check("EUR", None);
        check("90 EUR", Some("90"));
        check("4.59e1", Some("45.9"));
        check("0", Some("0"));
        for bad in ["", "-", "1.", ".5", ",5", "1.2.3", "12,34.56", "1,2,3", "zwei", "1 2", "--1", "NaN", "e"] {
            check(bad, None);
        }
    }

    #[test]
    fn durations_and_flags() {
        assert_eq!(["30", "30.0", "00:30:00", "1:15"].map(minutes), [Some(30), Some(30), Some(30), Some(75)]);
        assert_eq!(["", "-1", "30.5", "lang", "99999"].map(minutes), [None; 5]);
        assert_eq!(["True", "0", "ja", "vielleicht"].map(yes), [Some(true), Some(false), Some(true), None]);
    }

    proptest! {
        #[test]
        fn json_numbers_and_both_separators_say_the_same(cents in -99_999_999_i64..99_999_999) {
            let wanted = Decimal::new(cents, 2).normalize();
            let point = Decimal::new(cents, 2).to_string();
            prop_assert_eq!(number(&point), Some(wanted));
            prop_assert_eq!(number(&point.replace('.', ",")), Some(wanted));
            let json: serde_json::Value = serde_json::from_str(&point).expect("a number");
            prop_assert_eq!(number(&json.to_string()), Some(wanted));
        }

        #[test]
        fn no_text_breaks_it(text in "\\PC{0,40}") {
            let _ = (number(&text), minutes(&text), yes(&text));
        }
    }
}
