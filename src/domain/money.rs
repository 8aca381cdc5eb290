//! Money is whole cents; nothing here touches floating point.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Neg};

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

/// An amount in euro cents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cents(pub i64);

/// Why a text or a product is not an amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Not a number in German (`1.234,56`) or technical (`1234.56`) form.
    #[error("not an amount; expected forms are 1.234,56 and 1234.56")]
    Form,
    /// More than nine quadrillion cents.
    #[error("amount is too large")]
    Range,
}

impl Cents {
    /// Rounds a euro amount half-up (away from zero) to cents, once.
    ///
    /// # Errors
    /// [`MoneyError::Range`] when it does not fit.
    pub fn from_euro(euro: Decimal) -> Result<Self, MoneyError> {
        let cents = euro.checked_mul(Decimal::ONE_HUNDRED).ok_or(MoneyError::Range)?;
        let whole = cents.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero);
        i64::try_from(whole).map(Self).map_err(|_| MoneyError::Range)
    }

    /// The amount as HubSpot takes numbers: `-1234.50`.
    #[must_use]
    pub fn to_hubspot(self) -> String {
        let sign = if self.0 < 0 { "-" } else { "" };
        format!("{sign}{}.{:02}", self.0.unsigned_abs() / 100, self.0.unsigned_abs() % 100)
    }

    /// Reads HubSpot's number form, with or without decimals.
    #[must_use]
    pub fn from_hubspot(text: &str) -> Option<Self> {
        let euro: Decimal = text.trim().parse().ok()?;
        Self::from_euro(euro).ok()
    }
}

/// German form with thousands separated by a thin gap: `1 234,50`.
impl fmt::Display for Cents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let euros = (self.0.unsigned_abs() / 100).to_string();
        let mut grouped = String::with_capacity(euros.len() + 8);
        for (at, digit) in euros.chars().enumerate() {
            if at > 0 && (euros.len() - at).is_multiple_of(3) {
                grouped.push(' ');
            }
            grouped.push(digit);
        }
        let sign = if self.0 < 0 { "-" } else { "" };
        f.pad(&format!("{sign}{grouped},{:02}", self.0.unsigned_abs() % 100))
    }
}

impl Add for Cents {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl AddAssign for Cents {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl Neg for Cents {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl Sum for Cents {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self(0), Add::add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_half_up_once() {
        let goz = |points: i64, factor: &str| {
            let value: Decimal = "0.0562421".parse().expect("the GOZ point value");
            let factor: Decimal = factor.parse().expect("a factor");
            Cents::from_euro(Decimal::from(points) * value * factor).expect("in range")
        };
        assert_eq!(goz(1350, "2.3"), Cents(17463));
        assert_eq!(goz(28, "2.3"), Cents(362));
        assert_eq!(goz(1800, "3.5"), Cents(35433));
    }

    #[test]
    fn prints_for_people_and_for_hubspot() {
        assert_eq!(Cents(-123_450).to_string(), "-1 234,50");
        assert_eq!(Cents(-123_450).to_hubspot(), "-1234.50");
        assert_eq!(Cents(-5).to_hubspot(), "-0.05");
        assert_eq!(Cents::from_hubspot("90"), Some(Cents(9000)));
        assert_eq!(Cents::from_hubspot("90.00"), Some(Cents(9000)));
    }
}
