//! Money and dates of a deal, from all of its entries at once; never incremented, so the order of arrival cannot matter.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::domain::{Cents, Entry, Lines, Pabg, Pricing};

use super::amount::Provenance;
use super::entry::Classified;
use super::tables::{Handler, Share};

/// What the entries of one deal add up to.
///
/// `revenue` = `statutory` + `private` + `lab` + `own_share`. Lines without an amount add nothing and are counted apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sums<'m> {
    /// Sum of the lines that count as revenue.
    pub revenue: Cents,
    /// Of these: paid by the statutory insurance.
    pub statutory: Cents,
    /// Of these: paid privately.
    pub private: Cents,
    /// Of these: lab and material.
    pub lab: Cents,
    /// Of these: the patient's own share of statutory treatment.
    pub own_share: Cents,
    /// Revenue lines with an amount.
    pub priced: u32,
    /// Revenue lines without.
    pub unpriced: u32,
    /// Amount of the newest plan that names one; of two on one day that with the greater key.
    pub plan_value: Option<Cents>,
    /// Lines with handler `marker` (`pabg`), apart from revenue.
    pub markers: Markers,
    /// First day with handler `start_signal`.
    pub started: Option<NaiveDate>,
    /// The revenue lines by how their amount is known; adds up to `revenue`.
    pub pricing: Pricing,
    /// What `pabg` lines come to, in the revenue and beside it.
    pub pabg: Pabg,
    /// Categories of the revenue lines, each with the sum of its lines.
    pub categories: BTreeMap<&'m str, Cents>,
}

/// Lines that are only counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Markers {
    /// How many.
    pub count: u32,
    /// Sum of those that name an amount; `None` if none does.
    pub amount: Option<Cents>,
    /// Day of the first.
    pub first: Option<NaiveDate>,
    /// Day of the last.
    pub last: Option<NaiveDate>,
}

impl<'m> Sums<'m> {
    /// Adds up the entries of one deal; each entry is handed in once, in any order.
    #[must_use]
    pub fn of<'a>(entries: impl IntoIterator<Item = (&'a Entry, &'a Classified<'m>)>) -> Self
    where
        'm: 'a,
    {
        let mut sums = Self::default();
        let mut shares: [Tally; 4] = Default::default();
        let mut categories: BTreeMap<&'m str, Tally> = BTreeMap::new();
        let mut markers = Tally::default();
        let (mut known, mut pabg): ([Tally; 6], [Tally; 2]) = Default::default();
        let mut plan = None;
        for (entry, classified) in entries {
            if classified.is_pabg && classified.amount.is_some() {
                let [apart, counted] = &mut pabg;
                let tally = if classified.counts_revenue { counted } else { apart };
                tally.add(classified.amount);
            }
            if classified.counts_revenue {
                if let Some(known) = known.get_mut(place(classified)) {
                    known.add(classified.amount);
                }
                if let Some(share) = shares.get_mut(slot(classified.share)) {
                    share.add(classified.amount);
                }
                if let Some(category) = classified.category {
                    categories.entry(category).or_default().add(classified.amount);
                }
            }
            match classified.handler {
                Handler::Marker => {
                    markers.add(classified.amount);
                    let seen = &mut sums.markers;
                    seen.first = Some(seen.first.map_or(entry.date, |first| first.min(entry.date)));
                    seen.last = seen.last.max(Some(entry.date));
                }
                Handler::PlanSignal => {
                    let newer = classified.amount.map(|amount| (entry.date, &entry.id, amount));
                    plan = plan.max(newer);
                }
                Handler::StartSignal => {
                    sums.started = Some(sums.started.map_or(entry.date, |first| first.min(entry.date)));
                }
                Handler::Revenue | Handler::RevenuePrivate | Handler::Ignore => {}
            }
        }
        let [statutory, private, lab, own_share] = &shares;
        let mut all = Tally::default();
        for share in &shares {
            all.merge(share);
        }
        sums.revenue = all.sum();
        sums.statutory = statutory.sum();
        sums.private = private.sum();
        sums.lab = lab.sum();
        sums.own_share = own_share.sum();
        sums.priced = all.priced;
        sums.unpriced = all.unpriced;
        sums.pricing = pricing(&known);
        let [apart, counted] = &pabg;
        sums.pabg = Pabg { counted: counted.lines(), apart: apart.lines() };
        sums.plan_value = plan.map(|(_, _, amount)| amount);
        sums.markers.count = markers.priced.saturating_add(markers.unpriced);
        sums.markers.amount = (markers.priced > 0).then(|| markers.sum());
        sums.categories = categories.into_iter().map(|(category, tally)| (category, tally.sum())).collect();
        sums
    }
}

const fn slot(share: Share) -> usize {
    match share {
        Share::Statutory => 0,
        Share::Private => 1,
        Share::Lab => 2,
        Share::OwnShare => 3,
    }
}

/// Place of a revenue line among the ways in which amounts are known.
const fn place(classified: &Classified<'_>) -> usize {
    match (classified.amount, classified.provenance) {
        (None, _) | (Some(_), Provenance::Missing | Provenance::NotWanted) => 5,
        (Some(_), Provenance::Amount) => 0,
        (Some(_), Provenance::Points) => 1,
        (Some(_), Provenance::PointsAtUsualFactor) => 2,
        (Some(_), Provenance::Text) => 3,
        (Some(_), Provenance::Fixed) => 4,
    }
}

fn pricing(known: &[Tally; 6]) -> Pricing {
    let [amount, points, usual_factor, text, fixed, missing] = known;
    Pricing {
        amount: amount.lines(),
        points: points.lines(),
        usual_factor: usual_factor.lines(),
        text: text.lines(),
        fixed: fixed.lines(),
        missing: u64::from(missing.unpriced),
    }
}

/// A sum that no list of amounts can overflow: cut to cents only at the end, so that order cannot matter there either.
#[derive(Clone, Copy, Default)]
struct Tally {
    cents: i128,
    priced: u32,
    unpriced: u32,
}

impl Tally {
    fn add(&mut self, amount: Option<Cents>) {
        match amount {
            Some(amount) => {
                self.cents = self.cents.saturating_add(i128::from(amount.0));
                self.priced = self.priced.saturating_add(1);
            }
            None => self.unpriced = self.unpriced.saturating_add(1),
        }
    }

    fn merge(&mut self, other: &Self) {
        self.cents = self.cents.saturating_add(other.cents);
        self.priced = self.priced.saturating_add(other.priced);
        self.unpriced = self.unpriced.saturating_add(other.unpriced);
    }

    fn lines(&self) -> Lines {
        Lines { count: u64::from(self.priced), sum: self.sum() }
    }

    fn sum(&self) -> Cents {
        let edge = if self.cents < 0 { i64::MIN } else { i64::MAX };
        Cents(i64::try_from(self.cents).unwrap_or(edge))
    }
}

#[cfg(test)]
#[path = "sums_tests.rs"]
mod tests;
