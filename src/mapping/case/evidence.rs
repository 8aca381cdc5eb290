//! What a case's appointments prove: supported stage, begun, live, the driving appointment.

use chrono::Days;

use crate::domain::{AppointmentState, LocationKey, RuleId, StageKey, StageKind};
use crate::mapping::ruling::Facts;
use crate::mapping::settings::{CaseKey, Grain, WonAt};

use super::{Case, Ending, Rules, Visit};

/// Why a missed appointment lost its case: key in `verlustgruende.csv`.
const MISSED: &str = "nicht_erschienen";

/// The visits of a case so far, and those that may keep it alive.
pub(super) struct Evidence<'a, 'v> {
    pub(super) visits: &'a [Visit<'v>],
    /// Places of the case's visits so far, in order.
    pub(super) own: &'a [usize],
    /// Places of all visits that count for `live`.
    pub(super) others: &'a [usize],
    pub(super) rules: Rules<'a>,
}

impl<'v> Evidence<'_, 'v> {
    /// Everything the decision table asks for, for a deal in `stage`.
    pub(super) fn facts(&self, stage: Option<StageKey>) -> Facts {
        let driving = self.driving();
        let visit = driving.map(|at| &self.visits[at]);
        Facts {
            state: visit.and_then(|visit| visit.state),
            category: visit.and_then(|visit| visit.template).map_or_else(String::new, |row| row.category.clone()),
            has_entries: visit.is_some_and(|visit| visit.has_entries),
            stage,
            supported: self.supported(),
            opens: self.own().any(|visit| visit.opens() && (visit.is_active() || visit.is_completed())),
            begun: self.begun(),
            live: driving.is_some_and(|at| self.is_live(at)),
            push_back: self.rules.settings.push_back,
        }
    }

    fn own(&self) -> impl Iterator<Item = &Visit<'_>> {
        self.own.iter().map(|at| &self.visits[*at])
    }

    fn rank(&self, stage: &StageKey) -> u32 {
        self.rules.mapping.rank(stage)
    }

    /// The latest visit that names a stage or opens a deal; in grain appointment the opening one itself.
    pub(super) fn driving(&self) -> Option<usize> {
        match self.rules.settings.grain {
            Grain::Case => self.own.iter().rev().copied().find(|at| self.visits[*at].drives()),
            Grain::Appointment => self.own.first().copied().filter(|at| self.visits[*at].drives()),
        }
    }

    /// The furthest stage that completed visits with entries support.
    fn supported(&self) -> StageKey {
        let mut best: Option<(&StageKey, u32)> = None;
        let mut raise = |stage: &'v StageKey| {
            let rank = self.rank(stage);
            if best.is_none_or(|(_, best)| best < rank) {
                best = Some((stage, rank));
            }
        };
        let mut booked = false;
        for visit in self.own.iter().map(|at| &self.visits[*at]) {
            let template = visit.template;
            if visit.is_active() || visit.is_completed() {
                booked = true;
                template.and_then(|row| row.stage_on_booked.as_ref()).into_iter().for_each(&mut raise);
            }
            if self.proves(visit) {
                template.and_then(|row| row.stage_on_completed.as_ref()).into_iter().for_each(&mut raise);
            }
        }
        let signals = self.own().filter(|visit| self.proves(visit)).filter_map(|visit| visit.signal.as_ref());
        let loose = self.own().filter_map(|visit| visit.loose_signal.as_ref());
        let signal = signals.chain(loose).max_by_key(|stage| self.rank(stage));
        let least = booked.then_some(&self.rules.rulings.booked);
        let starts = |visit: &Visit<'_>| self.proves(visit) && visit.template.is_some_and(|row| row.is_treatment_start);
        let wins = self.rules.settings.won_at == WonAt::TreatmentStart && self.own().any(starts);
        let won = self.rules.mapping.first_stage(StageKind::Won).filter(|_| wins).map(|row| &row.key);
        let all = [best.map(|(stage, _)| stage), signal, won, least];
        let furthest = all.into_iter().flatten().max_by_key(|stage| self.rank(stage));
        furthest
            .or_else(|| self.rules.mapping.tables().stages.first().map(|row| &row.key))
            .unwrap_or(&self.rules.rulings.booked)
            .clone()
    }

    /// Whether a visit supports the stage that its template names.
    fn proves(&self, visit: &Visit<'_>) -> bool {
        visit.is_completed() && (visit.has_entries || self.rules.settings.advance_without_entries)
    }

    /// R10 with `no_show_lose_after_days`: the driving appointment was missed that long ago and nothing came of it since.
    pub(super) fn missed(&self, stage: Option<&StageKey>) -> Option<Ending> {
        let days = self.rules.settings.no_show_lose_after_days;
        let early = stage.is_some_and(|stage| self.rank(stage) <= self.rules.rulings.consulted);
        let at = self.driving().filter(|_| days > 0 && early)?;
        let visit = &self.visits[at];
        let last = visit.appointment.start.day().checked_add_days(Days::new(u64::from(days)))?;
        let missed = visit.state == Some(AppointmentState::NoShow) && last < self.rules.today;
        (missed && !self.begun() && !self.is_live(at)).then(|| Ending::Lost {
            rule: RuleId::new("R10"),
            reason: self.rules.mapping.reason(MISSED).map(|row| row.key.clone()),
            visit: at,
        })
    }

    /// A completed visit, entries or not, names a stage after the first consultation.
    fn begun(&self) -> bool {
        let consulted = self.rules.rulings.consulted;
        self.own().filter(|visit| visit.is_completed()).any(|visit| {
            let named = visit.template.and_then(|row| row.stage_on_completed.as_ref());
            named.is_some_and(|stage| self.rank(stage) > consulted)
        })
    }

    /// Whether another appointment keeps the case of the driving one alive (design.md section 4b).
    fn is_live(&self, driving: usize) -> bool {
        let window = Days::new(u64::from(self.rules.settings.rebook_days));
        let lost = &self.visits[driving];
        let (start, day) = (lost.appointment.start, lost.appointment.start.day());
        let named = lost.named_stage().map_or(0, |stage| self.rank(stage));
        self.others.iter().filter(|at| **at != driving).map(|at| &self.visits[*at]).any(|other| {
            let (other_start, other_day) = (other.appointment.start, other.appointment.start.day());
            let before = other_start < start;
            let soon = other_start > start && day.checked_add_days(window).is_none_or(|last| other_day <= last);
            let lately = before && day.checked_sub_days(window).is_none_or(|first| other_day >= first);
            let replaces = lost.state == Some(AppointmentState::Cancelled)
                && other.is_completed()
                && lately
                && other.named_stage().is_some_and(|stage| self.rank(stage) >= named);
            (other.is_active() && before) || ((other.is_active() || other.is_completed()) && soon) || replaces
        })
    }
}

/// What tells the case of a visit apart from others of the patient, beside time.
pub(super) fn key_of(visit: &Visit<'_>, rules: Rules<'_>) -> Option<LocationKey> {
    match rules.settings.case_key {
        CaseKey::Patient => None,
        CaseKey::PatientLocation => visit.location.map(|row| row.key.clone()),
    }
}

/// Places of the visits that may keep a case alive: of the same key in grain case, else those that attach to its deal.
pub(super) fn keeping_alive(case: &Case, visits: &[Visit<'_>], rules: Rules<'_>) -> Vec<usize> {
    let all = 0..visits.len();
    match rules.settings.grain {
        Grain::Case => all.filter(|at| visits[*at].counts && key_of(&visits[*at], rules) == case.location).collect(),
        Grain::Appointment => {
            let own = case.visits.first().copied().unwrap_or_default();
            let next = all.clone().find(|at| *at > own && visits[*at].opens()).unwrap_or(visits.len());
            (own..next).filter(|at| visits[*at].counts).collect()
        }
    }
}
