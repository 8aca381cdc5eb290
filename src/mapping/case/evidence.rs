//! What a case's appointments prove: supported stage, begun, live, the driving appointment.

use chrono::Days;

use crate::domain::{AppointmentState, LocationKey, RuleId, StageKey, StageKind};
use crate::mapping::ruling::Facts;
use crate::mapping::settings::{CaseKey, Grain, WonAt};

use super::{Case, Ending, Rules, Visit};

/// Why a missed appointment lost its case: key in `verlustgruende.csv`.
const MISSED: &str = "nicht_erschienen";

/// What the visits of a case prove so far, each looked at once.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Proof<'a> {
    /// Place of the driving visit.
    pub(super) driving: Option<usize>,
    /// The furthest stage that a visit or an entry supports, with its rank.
    best: Option<(&'a StageKey, u32)>,
    /// A visit is active or completed.
    booked: bool,
    /// A visit with an opening template is.
    opens: bool,
    /// A completed visit, entries or not, names a stage after the first consultation.
    begun: bool,
    /// A completed visit that counts as proof starts the treatment.
    starts: bool,
}

impl<'a> Proof<'a> {
    /// What these visits of a case prove.
    pub(super) fn of(own: &[usize], visits: &'a [Visit<'_>], rules: Rules<'_>) -> Self {
        let mut proof = Self::default();
        for (nth, at) in own.iter().enumerate() {
            proof.add(nth, *at, &visits[*at], rules);
        }
        proof
    }

    /// Adds the visit that comes `nth` in its case.
    pub(super) fn add(&mut self, nth: usize, at: usize, visit: &'a Visit<'_>, rules: Rules<'_>) {
        // The latest that names a stage or opens a deal; in grain appointment the opening one itself.
        let may_drive = match rules.settings.grain {
            Grain::Case => true,
            Grain::Appointment => nth == 0,
        };
        if may_drive && visit.drives() {
            self.driving = Some(at);
        }
        let (completed, template) = (visit.is_completed(), visit.template);
        let on_completed = template.and_then(|row| row.stage_on_completed.as_ref());
        if visit.is_active() || completed {
            self.booked = true;
            self.opens |= visit.opens();
            self.raise(template.and_then(|row| row.stage_on_booked.as_ref()), rules);
        }
        if completed {
            self.begun |= on_completed.is_some_and(|stage| rules.mapping.rank(stage) > rules.rulings.consulted);
        }
        // Entries prove that what was completed was done.
        if completed && (visit.has_entries || rules.settings.advance_without_entries) {
            self.raise(on_completed, rules);
            self.raise(visit.signal.as_ref(), rules);
            self.starts |= template.is_some_and(|row| row.is_treatment_start);
        }
        self.raise(visit.loose_signal.as_ref(), rules);
    }

    fn raise(&mut self, stage: Option<&'a StageKey>, rules: Rules<'_>) {
        if let Some(stage) = stage {
            let rank = rules.mapping.rank(stage);
            if self.best.is_none_or(|(_, best)| best < rank) {
                self.best = Some((stage, rank));
            }
        }
    }
}

/// The visits of a case so far.
pub(super) struct Evidence<'a, 'v> {
    pub(super) visits: &'a [Visit<'v>],
    pub(super) proof: Proof<'a>,
    /// Another visit keeps the case of the driving one alive.
    pub(super) live: bool,
    pub(super) rules: Rules<'a>,
}

impl<'a, 'v> Evidence<'a, 'v> {
    /// All visits of a case, and whatever keeps it alive.
    pub(super) fn of(case: &'a Case, visits: &'a [Visit<'v>], rules: Rules<'a>) -> Self {
        Self { live: case.live, ..Self::alone(case, visits, rules) }
    }

    /// All visits of a case, which nothing else keeps alive.
    pub(super) fn alone(case: &Case, visits: &'a [Visit<'v>], rules: Rules<'a>) -> Self {
        Self { visits, proof: Proof::of(&case.visits, visits, rules), live: false, rules }
    }

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
            opens: self.proof.opens,
            begun: self.proof.begun,
            live: self.live,
            push_back: self.rules.settings.push_back,
        }
    }

    fn rank(&self, stage: &StageKey) -> u32 {
        self.rules.mapping.rank(stage)
    }

    /// The latest visit that names a stage or opens a deal; in grain appointment the opening one itself.
    pub(super) fn driving(&self) -> Option<usize> {
        self.proof.driving
    }

    /// The furthest stage that completed visits with entries support.
    fn supported(&self) -> StageKey {
        let least = self.proof.booked.then_some(&self.rules.rulings.booked);
        let wins = self.rules.settings.won_at == WonAt::TreatmentStart && self.proof.starts;
        let won = self.rules.mapping.first_stage(StageKind::Won).filter(|_| wins).map(|row| &row.key);
        let all = [self.proof.best.map(|(stage, _)| stage), won, least];
        let furthest = all.into_iter().flatten().max_by_key(|stage| self.rank(stage));
        furthest
            .or_else(|| self.rules.mapping.tables().stages.first().map(|row| &row.key))
            .unwrap_or(&self.rules.rulings.booked)
            .clone()
    }

    /// R10 with `no_show_lose_after_days`: the driving appointment was missed that long ago and nothing came of it since.
    pub(super) fn missed(&self, stage: Option<&StageKey>) -> Option<Ending> {
        let days = self.rules.settings.no_show_lose_after_days;
        let early = stage.is_some_and(|stage| self.rank(stage) <= self.rules.rulings.consulted);
        let at = self.driving().filter(|_| days > 0 && early)?;
        let visit = &self.visits[at];
        let last = visit.appointment.start.day().checked_add_days(Days::new(u64::from(days)))?;
        let missed = visit.state == Some(AppointmentState::NoShow) && last < self.rules.today;
        (missed && !self.proof.begun && !self.live).then(|| Ending::Lost {
            rule: RuleId::new("R10"),
            reason: self.rules.mapping.reason(MISSED).map(|row| row.key.clone()),
            visit: at,
        })
    }
}

/// What tells the case of a visit apart from others of the patient, beside time.
pub(super) fn key_of<'v>(visit: &Visit<'v>, rules: Rules<'_>) -> Option<&'v LocationKey> {
    match rules.settings.case_key {
        CaseKey::Patient => None,
        CaseKey::PatientLocation => visit.location.map(|row| &row.key),
    }
}
