//! The walk: appointment by appointment in order of start, each attached to the case that is open at its own start.

use chrono::{Days, NaiveDate};

use crate::mapping::ruling::{Ruling, target};
use crate::mapping::settings::Grain;
use crate::mapping::tables::Action;

use super::evidence::{Evidence, Proof, key_of};
use super::live::Lives;
use super::{Case, Ending, Rules, Visit};

pub(super) fn walk(visits: &[Visit<'_>], rules: Rules<'_>) -> Vec<Case> {
    let lives = Lives::new(visits, rules);
    let mut walk = Walk { visits, rules, cases: Vec::new(), tracks: Vec::new(), open: Vec::new(), lives };
    for (at, visit) in visits.iter().enumerate() {
        let Some(case) = walk.case_for(at) else { continue };
        walk.join(case, at, visit);
        walk.step(case, at);
        if walk.cases[case].ending.is_some() {
            walk.close(case);
        }
    }
    walk.cases
}

struct Walk<'a, 'v> {
    visits: &'a [Visit<'v>],
    rules: Rules<'a>,
    cases: Vec<Case>,
    /// What is known of each case beside.
    tracks: Vec<Track<'a>>,
    /// Places of the cases that have not ended, in the order of their opening.
    open: Vec<usize>,
    /// What keeps cases alive.
    lives: Lives<'a, 'v>,
}

/// What a case's visits add up to, so that none is looked at again with each that joins.
#[derive(Default)]
struct Track<'a> {
    proof: Proof<'a>,
    /// The day of its last active or completed visit.
    touched: Option<NaiveDate>,
    /// The last day on which a person lost its deal.
    lost_on: Option<NaiveDate>,
}

impl<'a> Walk<'a, '_> {
    /// The case a visit belongs to, opened for it if need be; `None` = it opens none and none is open.
    fn case_for(&mut self, at: usize) -> Option<usize> {
        let visit = &self.visits[at];
        if !visit.attaches() {
            return None;
        }
        let location = key_of(visit, self.rules);
        let newest = || self.open.iter().rev().copied();
        let same = |case: &usize| self.cases[*case].location.as_ref() == location;
        if !visit.opens() {
            // The open deal opened last; a case that has no deal only where there is none.
            let dealt = |case: &usize| self.cases[*case].stage.is_some();
            let best = newest().filter(same).find(dealt).or_else(|| newest().find(dealt));
            return best.or_else(|| newest().find(same)).or_else(|| newest().next());
        }
        let same = match self.rules.settings.grain {
            Grain::Case => newest().find(same),
            Grain::Appointment => None,
        };
        if let Some(case) = same {
            let (ending, last) = match (self.lost_before(case, at), self.idle(case, at)) {
                (Some(day), _) => (Ending::LostByPerson, Some(day)),
                (None, true) => (Ending::Idle, self.tracks[case].touched),
                (None, false) => return Some(case),
            };
            self.cases[case].ending = Some(ending);
            self.cases[case].last_day = last;
            self.close(case);
        }
        self.cases.push(Case {
            visits: Vec::new(),
            opening: Vec::new(),
            location: location.cloned(),
            stage: None,
            rule: None,
            ending: None,
            live: false,
            first_day: visit.appointment.start.day(),
            last_day: None,
        });
        self.tracks.push(Track::default());
        self.open.push(self.cases.len() - 1);
        Some(self.cases.len() - 1)
    }

    fn join(&mut self, case: usize, at: usize, visit: &'a Visit<'_>) {
        let (state, track) = (&mut self.cases[case], &mut self.tracks[case]);
        track.proof.add(state.visits.len(), at, visit, self.rules);
        state.visits.push(at);
        if visit.opens() {
            state.opening.push(at);
            track.lost_on = track.lost_on.max(visit.lost_on);
        }
        if visit.is_active() || visit.is_completed() {
            track.touched = Some(visit.appointment.start.day());
        }
    }

    /// The day on which a person lost the deal of a case, if the visit was made and takes place after it.
    fn lost_before(&self, case: usize, at: usize) -> Option<NaiveDate> {
        let visit = &self.visits[at];
        let lost = self.tracks[case].lost_on?;
        (visit.made > lost && visit.appointment.start.day() > lost).then_some(lost)
    }

    fn idle(&self, case: usize, at: usize) -> bool {
        let days = self.rules.settings.case_idle_days;
        let last = || self.tracks[case].touched.and_then(|day| day.checked_add_days(Days::new(u64::from(days))));
        days > 0 && last().is_some_and(|last| self.visits[at].appointment.start.day() > last)
    }

    /// Takes a case off the open ones; mostly it is one of the newest.
    fn close(&mut self, case: usize) {
        if let Some(place) = self.open.iter().rposition(|open| *open == case) {
            self.open.remove(place);
        }
    }

    /// Replays the rules after a visit has joined its case.
    fn step(&mut self, case: usize, at: usize) {
        let visit = &self.visits[at];
        // The key is that of the visit that opened the case.
        let key = self.cases[case].visits.first().and_then(|opener| key_of(&self.visits[*opener], self.rules));
        let proof = self.tracks[case].proof;
        // What keeps the driving visit's case alive is a matter of the whole history: it is asked once.
        if proof.driving == Some(at) {
            self.cases[case].live = self.lives.is_live(at, key);
        }
        let evidence = Evidence { visits: self.visits, proof, live: self.cases[case].live, rules: self.rules };
        let state = &self.cases[case];
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
