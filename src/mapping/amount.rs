//! What a chart entry is worth, and how that is known. A missing amount is not zero.

use std::sync::LazyLock;

use regex::Regex;
use rust_decimal::Decimal;

use crate::domain::{Cents, Entry};

use super::chart::Chart;
use super::tables::AmountSource;

/// Factor of a private fee that names none. Source: `domain.md` 2.1, the average, up to which no reason is needed.
const USUAL_FACTOR: Decimal = Decimal::from_parts(23, 0, 0, false, 1);

/// How the amount of an entry is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Provenance {
    /// Column `Betrag`.
    Amount,
    /// Points × point value × factor × count; BEMA has no factor.
    Points,
    /// The same with the usual factor 2.3, because a private fee names none.
    PointsAtUsualFactor,
    /// An amount with `€` in the text.
    Text,
    /// The mapping gives each such line this amount.
    Fixed,
    /// There should be an amount and none can be found.
    Missing,
    /// The mapping wants none.
    NotWanted,
}

impl Provenance {
    /// The word for screens.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Amount => "Betrag",
            Self::Points => "points",
            Self::PointsAtUsualFactor => "points at 2.3",
            Self::Text => "text",
            Self::Fixed => "fixed",
            Self::Missing => "missing",
            Self::NotWanted => "none",
        }
    }
}

/// The amount of an entry. `schedule` and `code` are folded.
pub(super) fn amount(
    entry: &Entry,
    source: AmountSource,
    schedule: &str,
    code: &str,
    chart: &Chart,
) -> (Option<Cents>, Provenance) {
    let written = entry.amount.map(|amount| (amount, Provenance::Amount));
    let found = match source {
        AmountSource::None => return (None, Provenance::NotWanted),
        AmountSource::Amount => written,
        AmountSource::Points => written.or_else(|| from_points(entry, schedule, code, chart)),
        AmountSource::Text => from_text(entry.text.expose()).map(|amount| (amount, Provenance::Text)),
        AmountSource::Fixed(amount) => Some((amount, Provenance::Fixed)),
    };
    found.map_or((None, Provenance::Missing), |(amount, how)| (Some(amount), how))
}

/// Multiplies everything and rounds once, half-up: an early rounding gives 3.61 € for code 1040 instead of 3.62 €.
fn from_points(entry: &Entry, schedule: &str, code: &str, chart: &Chart) -> Option<(Cents, Provenance)> {
    let points = chart.points(schedule, code)?;
    let euros = chart.euros_per_point(schedule, code, entry.date)?;
    let (factor, how) = match entry.factor {
        // The formula of BEMA has no factor, whatever a line says (`domain.md` 2.1); a private fee always has one.
        Some(_) if schedule == "bema" => (Decimal::ONE, Provenance::Points),
        Some(factor) => (factor, Provenance::Points),
        None if matches!(schedule, "goz" | "goae") => (USUAL_FACTOR, Provenance::PointsAtUsualFactor),
        None => (Decimal::ONE, Provenance::Points),
    };
    let product = points.checked_mul(euros)?.checked_mul(factor)?.checked_mul(entry.count)?;
    Some((Cents::from_euro(product).ok()?, how))
}

/// Returns the first amount that stands right before or after a `€`, with its sign.
///
/// A number that hangs on other letters or digits (`6100-450€`) is none: what it means would be a guess.
fn from_text(text: &str) -> Option<Cents> {
    /// `1.234,56`, `1234,5`, `1234.56`, `450`, `450,-`, `450,--`
    const NUMBER: &str = r"(?<whole>\d{1,3}(?:\.\d{3})+|\d+)(?:[.,](?<part>\d{1,2})|,[-–—]+)?";
    static BEFORE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(&format!(r"(?:^|[\s(:;=/])(?<sign>[-−–]\s?)?{NUMBER}\s*€")).expect("a sound pattern")
    });
    static AFTER: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(&format!(r"€\s*(?<sign>[-−–]\s?)?{NUMBER}(?:[^\d.,]|[.,](?:\D|$)|$)")).expect("a sound pattern")
    });
    if !text.contains('€') {
        return None;
    }
    let found = BEFORE.captures(text).or_else(|| AFTER.captures(text))?;
    let whole: i64 = found.name("whole")?.as_str().replace('.', "").parse().ok()?;
    let part = match found.name("part").map(|part| part.as_str()) {
        Some(part) => format!("{part:0<2}").parse().ok()?,
        None => 0,
    };
    let cents = whole.checked_mul(100)?.checked_add(part)?;
    Some(Cents(if found.name("sign").is_some() { -cents } else { cents }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_in_the_text_needs_its_euro_sign() {
        for (text, wanted) in [
            ("Aligner Rate 450,00 €", Some(45_000)),
            ("450€", Some(45_000)),
            ("Rate: 1.234,56\u{a0}€ bezahlt", Some(123_456)),
            ("1234.5 €", Some(123_450)),
            ("12.345 €", Some(1_234_500)),
            ("Pauschale 450,- €", Some(45_000)),
            ("€ 450", Some(45_000)),
            ("Retainer € 250,50.", Some(25_050)),
            ("Gutschrift -80,00 €", Some(-8_000)),
            ("Gutschrift − 80 €", Some(-8_000)),
            ("2 Schienen à 150 €, gesamt 300 €", Some(15_000)),
            ("0,00 €", Some(0)),
            ("450,00", None),
            ("6100-450€", None),
            ("€ 1.2345", None),
            ("€", None),
            ("99999999999999999999 €", None),
            ("", None),
        ] {
            assert_eq!(from_text(text), wanted.map(Cents), "{text:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in "[0-9.,€ \\-−a]{0,24}") {
            let _ = from_text(&text);
        }

        #[test]
        fn german_amounts_are_read_as_written(cents in -10_000_000_i64..10_000_000) {
            let text = format!("Rate {} €", Cents(cents).to_string().replace(' ', "."));
            proptest::prop_assert_eq!(from_text(&text), Some(Cents(cents)));
        }
    }
}
