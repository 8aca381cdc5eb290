//! Which of a patient's appointments form a treatment case, and what each case proves. Pure, over the whole history.
//!
//! Cases are cut by walking the appointments in order of start with their states as now known (design.md section 4), so
//! that a replay of history and a live run end alike.

mod cut;
mod evidence;
mod live;
#[cfg(test)]
mod options_tests;
#[cfg(test)]
mod tests;
mod verdict;

use chrono::NaiveDate;

use crate::domain::{Appointment, AppointmentState, LocationKey, RuleId, StageKey};

use super::index::Mapping;
use super::ruling::Rulings;
use super::settings::DealSettings;
use super::tables::{Location, Template};

pub use verdict::{DealNow, StageVerdict};

/// One appointment as the rules see it.
#[derive(Clone, Debug)]
pub struct Visit<'a> {
    /// The appointment.
    pub appointment: &'a Appointment,
    /// Where it stands; `None` = its state has no row in `status.csv`.
    pub state: Option<AppointmentState>,
    /// Its template; `None` = no row in `terminarten.csv`.
    pub template: Option<&'a Template>,
    /// Where it takes place.
    pub location: Option<&'a Location>,
    /// Whether it may move a deal: state and template are known, or the options say so.
    pub counts: bool,
    /// Day on which its present state was first read.
    pub status_read: NaiveDate,
    /// Day on which it was made, as far as known: the day it was first read, or earlier.
    pub made: NaiveDate,
    /// Day on which a person lost the deal that it is the key of.
    pub lost_on: Option<NaiveDate>,
    /// Whether entries are linked to it that are not ignored.
    pub has_entries: bool,
    /// The furthest stage that its entries support once it is completed.
    pub signal: Option<StageKey>,
    /// The furthest stage that entries after it, without an appointment of their own, support whatever becomes of it.
    pub loose_signal: Option<StageKey>,
}

impl Visit<'_> {
    fn opens(&self) -> bool {
        self.counts && self.template.is_some_and(|template| template.opens_deal)
    }

    /// Whether it can drive its case: it names a stage or opens a deal, and it has not gone elsewhere.
    fn drives(&self) -> bool {
        let speaks = self.template.is_some_and(|template| template.opens_deal || template.names_stage());
        let gone = matches!(self.state, Some(AppointmentState::Moved | AppointmentState::Deleted) | None);
        self.counts && speaks && !gone
    }

    fn is_active(&self) -> bool {
        self.counts && self.state.is_some_and(AppointmentState::is_active)
    }

    fn is_completed(&self) -> bool {
        self.counts && self.state == Some(AppointmentState::Completed)
    }

    /// Whether it may belong to a deal.
    fn attaches(&self) -> bool {
        self.template.is_none_or(|template| template.attaches)
    }

    fn ends_treatment(&self) -> bool {
        self.is_completed() && self.template.is_some_and(|template| template.is_treatment_end)
    }

    /// The stage that its template names, completed or booked.
    fn named_stage(&self) -> Option<&StageKey> {
        let template = self.template?;
        template.stage_on_completed.as_ref().or(template.stage_on_booked.as_ref())
    }
}

/// Why a case takes no more appointments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// A loss rule hit at the visit with this place.
    Lost {
        /// The rule.
        rule: RuleId,
        /// Key in `verlustgruende.csv`.
        reason: Option<String>,
        /// Place of the driving visit.
        visit: usize,
    },
    /// An end of treatment was completed at the visit with this place.
    Treated {
        /// Place of the visit.
        visit: usize,
    },
    /// Nothing happened for longer than `case_idle_days`.
    Idle,
    /// A person lost its deal, and another appointment was made afterwards (R8).
    LostByPerson,
}

/// One treatment case; visits by their place in the patient's list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// Its visits in order of start.
    pub visits: Vec<usize>,
    /// Of these, the ones with an opening template, whatever their state: the ids a deal may be keyed by.
    pub opening: Vec<usize>,
    /// Location, where cases are told apart by it.
    pub location: Option<LocationKey>,
    /// The stage that replaying its history leads to; `None` = it never opened a deal.
    pub stage: Option<StageKey>,
    /// The rule that led there.
    pub rule: Option<RuleId>,
    /// How it ended, if it did.
    pub ending: Option<Ending>,
    /// Whether another visit keeps it alive although its driving one is cancelled or clarified (design.md section 4b).
    pub live: bool,
    /// First day.
    pub first_day: NaiveDate,
    /// Last day on which it takes entries; `None` = still open.
    pub last_day: Option<NaiveDate>,
}

impl Case {
    /// The opening visit a new deal is keyed by: the earliest that is active or completed.
    #[must_use]
    pub fn opener(&self, visits: &[Visit<'_>]) -> Option<usize> {
        self.opening.iter().copied().find(|at| visits[*at].is_active() || visits[*at].is_completed())
    }

    /// The same, or under `create_lost_deals` the earliest opening visit of a case that was lost before it was seen.
    #[must_use]
    pub fn keyed_by(&self, visits: &[Visit<'_>], settings: &DealSettings) -> Option<usize> {
        let lost = || matches!(self.ending, Some(Ending::Lost { .. })).then(|| self.opening.first().copied()).flatten();
        self.opener(visits).or_else(|| if settings.create_lost_deals { lost() } else { None })
    }
}

/// Everything the rules need beside the visits.
#[derive(Clone, Copy, Debug)]
pub struct Rules<'a> {
    /// Tables.
    pub mapping: &'a Mapping,
    /// The decision table.
    pub rulings: &'a Rulings,
    /// Options.
    pub settings: &'a DealSettings,
    /// Day of the run; only `no_show_lose_after_days` looks at it.
    pub today: NaiveDate,
}

/// Cuts a patient's visits, sorted by start, into cases in the order of their opening.
#[must_use]
pub fn cut(visits: &[Visit<'_>], rules: Rules<'_>) -> Vec<Case> {
    cut::walk(visits, rules)
}

/// What a case proves for a deal in `stage`, and the place of the visit that drives it.
#[must_use]
pub fn proof(
    case: &Case,
    visits: &[Visit<'_>],
    stage: Option<&StageKey>,
    rules: Rules<'_>,
) -> (super::ruling::Facts, Option<usize>) {
    let evidence = evidence::Evidence::of(case, visits, rules);
    (evidence.facts(stage.cloned()), evidence.driving())
}

/// Says in which stage a case's deal belongs, given the deal as it is now.
#[must_use]
pub fn judge(case: &Case, visits: &[Visit<'_>], now: &DealNow<'_>, rules: Rules<'_>) -> StageVerdict {
    verdict::judge(case, visits, now, rules)
}
