//! The guard: a plan that creates, changes or closes more than the limits is refused unless its digest is approved.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::step::{Op, Step, Wave};
use crate::domain::Object;

/// A limit that is a number or a share of what exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limit {
    /// Always allowed up to this number.
    pub at_least: u64,
    /// Allowed up to this many hundredths of the records of that kind in the ledger.
    pub percent: u64,
}

impl Limit {
    /// The number that is allowed where `existing` records are in the ledger.
    #[must_use]
    pub fn of(self, existing: u64) -> u64 {
        self.at_least.max(existing.saturating_mul(self.percent) / 100)
    }
}

/// The limits of one run; `None` = no guard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// New contacts and deals together.
    pub creates: Option<Limit>,
    /// Changed contacts or deals, each against its own number.
    pub updates: Option<Limit>,
    /// Deals closed as lost or won.
    pub closes: Option<Limit>,
}

/// Counts per object.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectTotals {
    /// Records to be created.
    pub create: u64,
    /// Records to be changed.
    pub update: u64,
    /// Of these, deals to be closed.
    pub close: u64,
    /// Records that need nothing.
    pub unchanged: u64,
    /// Records held back.
    pub held: u64,
}

/// What a plan does, in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Contacts; an update of `num_open_deal` alone is counted in `open_counts`.
    pub contact: ObjectTotals,
    /// HubSpot appointments.
    pub appointment: ObjectTotals,
    /// Deals.
    pub deal: ObjectTotals,
    /// Links to make.
    pub links: u64,
    /// Contacts whose number of open deals changes.
    pub open_counts: u64,
    /// Existing records that belonged to somebody else and receive our key.
    pub taken_over: u64,
}

impl Totals {
    /// The counts of one object.
    pub const fn of(&mut self, object: Object) -> &mut ObjectTotals {
        match object {
            Object::Contact => &mut self.contact,
            Object::Appointment => &mut self.appointment,
            Object::Deal => &mut self.deal,
        }
    }

    /// Counts one step.
    pub fn add(&mut self, step: &Step) {
        self.links += u64::from(step.link_contact) + u64::from(step.link_deal.is_some());
        if step.wave == Wave::OpenCounts {
            self.open_counts += 1;
            return;
        }
        self.taken_over += u64::from(step.op == Op::TakeOver);
        let counts = self.of(step.object);
        match step.op {
            Op::Create => counts.create += 1,
            Op::Update | Op::TakeOver => counts.update += 1,
            Op::LinkOnly => {}
        }
        counts.close += u64::from(step.closes);
    }

    /// Number of changes that are asked about.
    #[must_use]
    pub const fn changes(&self) -> u64 {
        let Self { contact, appointment, deal, links, open_counts, taken_over: _ } = self;
        contact.create
            + contact.update
            + appointment.create
            + appointment.update
            + deal.create
            + deal.update
            + *links
            + *open_counts
    }
}

/// How many records there are already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Existing {
    /// Contacts in the ledger.
    pub contacts: u64,
    /// Deals in the ledger.
    pub deals: u64,
    /// Open deals in the ledger.
    pub open_deals: u64,
}

/// One limit that a plan exceeds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tripped {
    /// "creates", "contact updates", "deal updates", "closes".
    pub what: &'static str,
    /// How many are planned.
    pub planned: u64,
    /// How many are allowed.
    pub allowed: u64,
    /// The flag that sets this limit for one run.
    pub flag: &'static str,
}

impl fmt::Display for Tripped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} of {} allowed ({})", self.what, self.planned, self.allowed, self.flag)
    }
}

/// The guard's judgement of a plan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Guard {
    /// Limits that are exceeded; empty = within limits.
    pub tripped: Vec<Tripped>,
}

impl Guard {
    /// Judges a plan.
    #[must_use]
    pub fn judge(totals: &Totals, existing: Existing, limits: &Limits) -> Self {
        let mut tripped = Vec::new();
        let mut check = |what, planned: u64, limit: Option<Limit>, base: u64, flag| {
            if let Some(allowed) = limit.map(|limit| limit.of(base)).filter(|allowed| planned > *allowed) {
                tripped.push(Tripped { what, planned, allowed, flag });
            }
        };
        let creates = totals.contact.create + totals.deal.create;
        check("creates", creates, limits.creates, existing.contacts + existing.deals, "--max-creates");
        check("contact updates", totals.contact.update, limits.updates, existing.contacts, "--max-updates");
        check("deal updates", totals.deal.update, limits.updates, existing.deals, "--max-updates");
        check("closes", totals.deal.close, limits.closes, existing.open_deals, "--max-closes");
        Self { tripped }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_larger_of_number_and_share_is_allowed() {
        let limits = Limits { creates: Some(Limit { at_least: 200, percent: 5 }), ..Limits::default() };
        let mut totals = Totals::default();
        totals.contact.create = 150;
        totals.deal.create = 51;
        let small = Existing { contacts: 100, deals: 0, open_deals: 0 };
        let judged = Guard::judge(&totals, small, &limits);
        assert_eq!(
            judged.tripped.first().map(ToString::to_string).as_deref(),
            Some("creates 201 of 200 allowed (--max-creates)")
        );
        let large = Existing { contacts: 4_000, deals: 1_000, open_deals: 0 };
        assert_eq!(Guard::judge(&totals, large, &limits), Guard::default(), "5 % of 5 000 are 250");
        assert_eq!(Guard::judge(&totals, small, &Limits::default()), Guard::default(), "no guard");
    }
}
