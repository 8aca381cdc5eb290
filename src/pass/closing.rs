//! The end of a decision: what became of each entry, and the steps and notes of contact and deals.

use crate::domain::{Held, Kind, Object};
use crate::plan::{Op, Outcome, Step};
use crate::store::PatientFile;

use super::contact::ContactPlan;
use super::deal::DealPlan;
use super::decision::Decision;
use super::history::History;

/// Lines before, between or after the cases, or of patients without a deal.
const LOOSE: &str = "patient with billing lines that belong to no deal";

pub(super) fn entries(
    file: &PatientFile,
    history: &History<'_>,
    owners: &[Option<usize>],
    deals: &[DealPlan],
    decision: &mut Decision,
) {
    let mut loose = false;
    for ((filed, classified), owner) in file.entries.iter().zip(&history.classified).zip(owners) {
        let has_deal = owner.and_then(|case| deals.get(case)).is_some_and(|deal| deal.key.is_some());
        let outcome = match (classified.is_used(), has_deal) {
            (false, _) => Outcome::Ignored,
            (true, true) => Outcome::Used,
            (true, false) => Outcome::Unlinked,
        };
        if filed.queued
            && let Some(notice) = &classified.notice
        {
            decision.note(Kind::Entry, filed.key, notice);
        }
        loose |= filed.queued && outcome == Outcome::Unlinked && classified.counts_revenue;
        decision.outcome(Kind::Entry, file.key, filed, outcome);
    }
    if loose {
        decision.note(Kind::Patient, file.key, &LOOSE);
    }
}

pub(super) fn finish(
    file: &PatientFile,
    contact: ContactPlan,
    deals: Vec<DealPlan>,
    count: Option<Step>,
    decision: &mut Decision,
) {
    decision.plan.steps.extend(contact.step);
    for deal in deals {
        let key = deal.key.unwrap_or(file.key);
        let pseudonym = if deal.key.is_some() { format!("D:{key}") } else { format!("P:{key}") };
        if deal.duplicate {
            decision.notes.push((Held::DuplicateDeals.to_string(), pseudonym.clone()));
        }
        if let Some(undone) = &deal.undone {
            decision.held.push(Object::Deal);
            decision.notes.push((format!("deal held: {undone}"), pseudonym.clone()));
        }
        decision.notes.extend(deal.listed.iter().map(|what| ((*what).to_owned(), pseudonym.clone())));
        match (&deal.held, &deal.step) {
            (Some(held), _) => {
                decision.held.push(Object::Deal);
                decision.notes.push((format!("deal held: {held}"), pseudonym));
            }
            (None, None) if deal.key.is_some() => decision.unchanged.push(Object::Deal),
            (None, Some(step)) if step.op == Op::LinkOnly => decision.unchanged.push(Object::Deal),
            (None, _) => {}
        }
        decision.plan.steps.extend(deal.step);
    }
    decision.plan.steps.extend(count);
}
