//! How the amounts of billing lines are known: what an operator looks at before believing a sum.

use serde::Serialize;

use super::Cents;

/// Some lines, and what they add up to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Lines {
    /// How many.
    pub count: u64,
    /// Their sum in cents.
    #[serde(rename = "cents")]
    pub sum: Cents,
}

impl Lines {
    /// Adds others; a sum that leaves the range stays at its edge.
    pub fn merge(&mut self, other: Self) {
        self.count = self.count.saturating_add(other.count);
        self.sum = Cents(self.sum.0.saturating_add(other.sum.0));
    }
}

/// Revenue lines by how their amount is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Pricing {
    /// Column `Betrag`.
    pub amount: Lines,
    /// Points × point value × factor × count.
    pub points: Lines,
    /// The same with the usual factor 2.3.
    pub usual_factor: Lines,
    /// An amount with `€` in the text.
    pub text: Lines,
    /// The same for each line, by the mapping.
    pub fixed: Lines,
    /// Lines without an amount; they are not zero.
    pub missing: u64,
}

impl Pricing {
    /// Lines with an amount.
    #[must_use]
    pub fn priced(&self) -> u64 {
        let Self { amount, points, usual_factor, text, fixed, missing: _ } = self;
        [amount, points, usual_factor, text, fixed].iter().fold(0, |all, lines| all.saturating_add(lines.count))
    }

    /// All lines.
    #[must_use]
    pub fn all(&self) -> u64 {
        self.priced().saturating_add(self.missing)
    }

    /// Adds others.
    pub fn merge(&mut self, other: &Self) {
        let Self { amount, points, usual_factor, text, fixed, missing } = other;
        self.amount.merge(*amount);
        self.points.merge(*points);
        self.usual_factor.merge(*usual_factor);
        self.text.merge(*text);
        self.fixed.merge(*fixed);
        self.missing = self.missing.saturating_add(*missing);
    }
}

/// Lines that are `pabg`, by their type or by the handler `marker`, and that name an amount.
///
/// What the word means is the practice's to say (`domain.md` 2.7); so every plan says what the revenue is with and without
/// them, whichever way they are counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Pabg {
    /// Those that are part of the revenue.
    pub counted: Lines,
    /// Those that stand apart from it.
    pub apart: Lines,
}

impl Pabg {
    /// Adds others.
    pub fn merge(&mut self, other: &Self) {
        let Self { counted, apart } = other;
        self.counted.merge(*counted);
        self.apart.merge(*apart);
    }
}
