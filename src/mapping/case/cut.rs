//! The walk: appointment by appointment in order of start, each attached to the case that is open at its own start.

use chrono::Days;

use crate::mapping::ruling::{Ruling, target};
use crate::mapping::settings::Grain;
use crate::mapping::tables::Action;

use super::evidence::{Evidence, keeping_alive, key_of};
use super::{Case, Ending, Rules, Visit};

pub(super) fn walk(visits: &[Visit<'_>], rules: Rules<'_>) -> Vec<Case> {
    let mut walk = Walk { visits, rules, cases: Vec::new() };
    for (at, visit) in visits.iter().enumerate() {
        let Some(case) = walk.case_for(at) else { continue };
        walk.cases[case].visits.push(at);
        if visit.opens() {
            walk.cases[case].opening.push(at);
        }
        walk.step(case, at);
    }
    walk.cases
}

struct Walk<'a, 'v> {
    visits: &'a [Visit<'v>],
    rules: Rules<'a>,
    cases: Vec<Case>,
}

impl Walk<'_, '_> {
    /// The case a visit belongs to, opened for it if need be; `None` = it opens none and none is open.
    fn case_for(&mut self, at: usize) -> Option<usize> {
        let visit = &self.visits[at];
        if !visit.attaches() {
            return None;
        }
        let location = key_of(visit, self.rules);
        let open = |case: &&usize| self.cases[**case].ending.is_none();
        let places: Vec<usize> = (0..self.cases.len()).rev().collect();
        let same = |case: &&usize| self.cases[**case].location == location;
        if !visit.opens() {
            // The open deal opened last; a case that has no deal only where there is none.
            let dealt = |case: &&usize| self.cases[**case].stage.is_some();
            let open: Vec<usize> = places.iter().filter(open).copied().collect();
            let best = open.iter().filter(same).find(dealt).or_else(|| open.iter().find(dealt));
            return best.or_else(|| open.iter().find(same)).or_else(|| open.first()).copied();
        }
        let same = places.iter().filter(open).find(same).copied();
        match (self.rules.settings.grain, same) {
            (Grain::Case, Some(case)) if let Some(day) = self.lost_before(case, at) => {
                self.cases[case].ending = Some(Ending::LostByPerson);
                self.cases[case].last_day = Some(day);
            }
            (Grain::Case, Some(case)) if !self.idle(case, at) => return Some(case),
            (Grain::Case, Some(case)) => {
                let last = self.last_touched(case);
                self.cases[case].ending = Some(Ending::Idle);
                self.cases[case].last_day = last;
            }
            (Grain::Case, None) | (Grain::Appointment, _) => {}
        }
        self.cases.push(Case {
            visits: Vec::new(),
            opening: Vec::new(),
            location,
            stage: None,
            rule: None,
            ending: None,
            first_day: visit.appointment.start.day(),
            last_day: None,
        });
        Some(self.cases.len() - 1)
    }

    /// The day of the last active or completed visit of a case.
    fn last_touched(&self, case: usize) -> Option<chrono::NaiveDate> {
        let visits = self.cases[case].visits.iter().rev().map(|at| &self.visits[*at]);
        visits
            .into_iter()
            .find(|visit| visit.is_active() || visit.is_completed())
            .map(|visit| visit.appointment.start.day())
    }

    /// The day on which a person lost the deal of a case, if the visit was made and takes place after it.
    fn lost_before(&self, case: usize, at: usize) -> Option<chrono::NaiveDate> {
        let visit = &self.visits[at];
        let lost = self.cases[case].opening.iter().filter_map(|at| self.visits[*at].lost_on).max()?;
        (visit.made > lost && visit.appointment.start.day() > lost).then_some(lost)
    }

    fn idle(&self, case: usize, at: usize) -> bool {
        let days = self.rules.settings.case_idle_days;
        let last = self.last_touched(case).and_then(|day| day.checked_add_days(Days::new(u64::from(days))));
        days > 0 && last.is_some_and(|last| self.visits[at].appointment.start.day() > last)
    }

    /// Replays the rules after a visit has joined its case.
    fn step(&mut self, case: usize, at: usize) {
        let (state, visit) = (&self.cases[case], &self.visits[at]);
        let others = keeping_alive(state, self.visits, self.rules);
        let evidence = Evidence { visits: self.visits, own: &state.visits, others: &others, rules: self.rules };
        let mut stage = state.stage.clone();
        let mut rule = state.rule.clone();
        let mut lost = None;
        for _ in 0..2 {
            let facts = evidence.facts(stage.clone());
            let Some(Ruling { rule: row, action }) = self.rules.rulings.decide(&facts, self.rules.mapping) else {
                break;
            };
            match action {
                Action::Open | Action::Advance | Action::PushBack => {
                    stage = target(row, &facts, None, self.rules.mapping);
                    rule = Some(row.id.clone());
                }
                Action::Lose => lost = evidence.driving().map(|visit| (row, visit)),
                Action::Hold => {}
            }
            if action != Action::Open {
                break;
            }
        }
        if stage.is_none() {
            // Had it been seen while booked, it would have a deal that is lost now: the case is over either way.
            let facts = evidence.facts(Some(self.rules.rulings.booked.clone()));
            let ruling = self.rules.rulings.decide(&facts, self.rules.mapping);
            let losing = ruling.filter(|ruling| ruling.action == Action::Lose);
            lost = losing.and_then(|ruling| evidence.driving().map(|visit| (ruling.rule, visit)));
            if lost.is_some() && self.rules.settings.create_lost_deals && visit.opens() {
                stage = Some(self.rules.rulings.booked.clone());
            }
        }
        let lost = lost.map(|(row, visit)| Ending::Lost { rule: row.id.clone(), reason: row.reason.clone(), visit });
        let ending = lost.or_else(|| evidence.missed(stage.as_ref()));
        let state = &mut self.cases[case];
        state.stage = stage;
        state.rule = rule;
        state.ending = ending.or_else(|| self.visits[at].ends_treatment().then_some(Ending::Treated { visit: at }));
        if state.ending.is_some() {
            state.last_day = Some(self.visits[at].appointment.start.day());
        }
    }
}
