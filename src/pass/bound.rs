//! The fewest calls a run can make: `ceil` once per object and way of writing, whatever the chunks.

use std::collections::BTreeMap;

use crate::domain::{LinkKind, Object};
use crate::plan::{Op, Step, Wave};

/// Records of one call (`hubspot-api.md` section 5).
const RECORDS: u64 = 100;
/// Links of one call (`hubspot-api.md` section 7).
const LINKS: u64 = 2_000;
/// Calls that every run makes: account, enablement, definitions of three objects and the pipelines, and whether the portal
/// holds any record of each object. design.md section 9 allows 16.
const FIXED: u64 = 9;

/// Counts that the bound follows from (`hubspot-api.md` section 14).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bound {
    records: BTreeMap<(Wave, bool), u64>,
    links: BTreeMap<LinkKind, u64>,
    asked: BTreeMap<&'static str, u64>,
}

impl Bound {
    /// Counts a planned step.
    pub fn add(&mut self, step: &Step) {
        if step.op != Op::LinkOnly {
            *self.records.entry((step.wave, step.op == Op::Create)).or_default() += 1;
        }
        let contact = match step.object {
            Object::Deal => Some(LinkKind::DealContact),
            Object::Appointment => Some(LinkKind::AppointmentContact),
            Object::Contact => None,
        };
        let links = [contact.filter(|_| step.link_contact), step.link_deal.map(|_| LinkKind::AppointmentDeal)];
        links.into_iter().flatten().for_each(|kind| *self.links.entry(kind).or_default() += 1);
    }

    /// Counts records that were read because they may exist.
    pub fn add_asked(&mut self, what: &'static str, count: usize) {
        *self.asked.entry(what).or_default() += u64::try_from(count).unwrap_or(u64::MAX);
    }

    /// Writing calls.
    #[must_use]
    pub fn writing(&self) -> u64 {
        let records: u64 = self.records.values().map(|count| count.div_ceil(RECORDS)).sum();
        let links: u64 = self.links.values().map(|count| count.div_ceil(LINKS)).sum();
        records + links
    }

    /// All calls, the fixed ones included.
    #[must_use]
    pub fn total(&self) -> u64 {
        let asked: u64 = self.asked.values().map(|count| count.div_ceil(RECORDS)).sum();
        self.writing() + asked + FIXED
    }
}
