//! What a plan comes to in euros: revenue before and after, how much of it is priced, and what `pabg` would change.

use serde::Serialize;

use crate::domain::{Cents, Lines, Object, Pabg, Pricing, Properties, PropertyName};
use crate::mapping::Sums;
use crate::plan::Op;

use super::deal::DealPlan;
use super::known::Known;

/// The money of all deals that a plan has looked at; deals that are held back do not count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Money {
    /// How many deals.
    pub deals: u64,
    /// Their revenue as ivohub last wrote it, or as HubSpot holds it where it is changed, in cents.
    #[serde(rename = "before_cents")]
    pub before: Cents,
    /// Their revenue once the plan is carried out, in cents.
    #[serde(rename = "after_cents")]
    pub after: Cents,
    /// Their billing lines by how the amount is known.
    pub lines: Pricing,
    /// Their `pabg` lines.
    pub pabg: Pabg,
}

impl Money {
    /// What one deal comes to; `revenue` is the property that holds its revenue, if the tables name one.
    pub(super) fn of(deal: &DealPlan, sums: &Sums<'_>, known: &Known<'_>, revenue: Option<&PropertyName>) -> Self {
        let Some(key) = deal.key.filter(|_| deal.held.is_none()) else { return Self::default() };
        let row = known.get(Object::Deal, key);
        let step = deal.step.as_ref();
        let value = |properties: &Properties, name: &PropertyName| {
            properties.get(name).and_then(|value| Cents::from_hubspot(value)).unwrap_or_default()
        };
        let (before, after) = match (revenue, step, row) {
            (Some(name), Some(step), _) if step.set.contains_key(name) => (value(&step.before, name), sums.revenue),
            (Some(_), Some(step), _) if step.op == Op::Create => (Cents::default(), Cents::default()),
            (Some(name), Some(step), _) => (value(&step.base, name), value(&step.base, name)),
            (Some(name), None, Some(row)) => (value(&row.base, name), value(&row.base, name)),
            // Without a property nothing of it changes in HubSpot.
            (None, ..) | (Some(_), None, None) => (sums.revenue, sums.revenue),
        };
        Self { deals: 1, before, after, lines: sums.pricing, pabg: sums.pabg }
    }

    /// Adds what other deals come to.
    pub fn merge(&mut self, other: &Self) {
        let Self { deals, before, after, lines, pabg } = other;
        self.deals = self.deals.saturating_add(*deals);
        self.before = Cents(self.before.0.saturating_add(before.0));
        self.after = Cents(self.after.0.saturating_add(after.0));
        self.lines.merge(lines);
        self.pabg.merge(pabg);
    }

    /// The revenue after the plan if no `pabg` line counted.
    #[must_use]
    pub fn without_pabg(&self) -> Cents {
        Cents(self.after.0.saturating_sub(self.pabg.counted.sum.0))
    }

    /// The revenue after the plan if every `pabg` line counted.
    #[must_use]
    pub fn with_pabg(&self) -> Cents {
        Cents(self.after.0.saturating_add(self.pabg.apart.sum.0))
    }

    /// All `pabg` lines that name an amount.
    #[must_use]
    pub fn all_pabg(&self) -> Lines {
        let mut all = self.pabg.counted;
        all.merge(self.pabg.apart);
        all
    }

    /// Whether there is nothing to tell.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let Self { deals, before, after, lines, pabg: _ } = self;
        *deals == 0 || (*before == *after && after.0 == 0 && lines.all() == 0 && self.all_pabg().count == 0)
    }
}
