//! Which deals may be a case's own: those keyed by one of its opening appointments, in the ledger or in HubSpot. Pure.

use crate::domain::{HubspotId, Object, Properties, StageKind};
use crate::hubspot::Actual;
use crate::mapping::SourceWord;
use crate::store::LedgerRow;

use super::deal::DealCase;
use super::reads::{Answer, Answers, Asks};

/// A deal that may be the case's own.
pub(super) struct Candidate<'a> {
    pub(super) at: usize,
    pub(super) row: Option<&'a LedgerRow>,
    pub(super) actual: Option<&'a Actual>,
}

impl DealCase<'_> {
    pub(super) fn in_ledger(&self) -> Vec<Candidate<'_>> {
        let row_of = |at: usize| self.ledger.get(Object::Deal, self.keys[at]);
        let rows = self.case.opening.iter().filter_map(|at| Some((*at, row_of(*at)?)));
        rows.filter(|(_, row)| !self.is_duplicate(&row.base))
            .map(|(at, row)| Candidate { at, row: Some(row), actual: None })
            .collect()
    }

    pub(super) fn in_hubspot<'x>(&self, answers: &'x Answers, asks: &mut Asks) -> Vec<Candidate<'x>>
    where
        Self: 'x,
    {
        let mut found = Vec::new();
        for at in &self.case.opening {
            let id = self.visits[*at].appointment.id.as_str();
            if let Answer::Found(actual) = answers.by_key(Object::Deal, id, asks)
                && !self.is_duplicate(&actual.properties)
            {
                found.push(Candidate { at: *at, row: None, actual: Some(actual) });
            }
        }
        found
    }

    /// A deal that was closed as a duplicate is never the case's own again.
    fn is_duplicate(&self, properties: &Properties) -> bool {
        properties.get(self.name(SourceWord::DealDuplicateOf)).is_some_and(|other| !other.is_empty())
    }

    /// Whether every opening visit that is linked to a deal is linked to this one: the choice was made before, and what came
    /// of it since (the deal may be lost now, the other still open) does not make it again.
    fn is_chosen(&self, candidate: &Candidate<'_>) -> bool {
        let linked =
            self.case.opening.iter().filter_map(|at| self.ledger.get(Object::Appointment, self.keys[*at])?.deal);
        let mut linked = linked.peekable();
        linked.peek().is_some() && linked.all(|deal| deal == self.keys[candidate.at])
    }

    /// Survivor order (`domain.md` section 4): the one chosen before, won, furthest stage, has an amount, smallest id.
    pub(super) fn worth(&self, candidate: &Candidate<'_>) -> (bool, bool, u32, bool, std::cmp::Reverse<HubspotId>) {
        let chosen = self.is_chosen(candidate);
        let Candidate { at: _, row, actual } = candidate;
        let empty = Properties::new();
        let properties = row.map(|row| &row.base).or(actual.map(|actual| &actual.properties)).unwrap_or(&empty);
        let id = row.map(|row| row.id).or(actual.map(|actual| actual.id)).unwrap_or(HubspotId(u64::MAX));
        let stage = self.stage_in(properties);
        let kind = stage.as_ref().and_then(|stage| self.mapping().stage(stage)).map(|row| row.kind);
        let rank = stage.filter(|_| kind == Some(StageKind::Open)).map_or(0, |stage| self.mapping().rank(&stage));
        let amount = properties.get(self.name(SourceWord::DealAmount)).is_some_and(|amount| !amount.is_empty());
        (chosen, kind == Some(StageKind::Won), rank, amount, std::cmp::Reverse(id))
    }
}
