//! The decision table `regeln.csv`, evaluated: facts about a case and its deal → the first row that matches.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use minijinja::Expression;
use serde::{Deserialize, Serialize};

use crate::domain::{AppointmentState, StageKey, StageKind};

use super::condition::{Variables, compiled};
use super::index::Mapping;
use super::settings::PushBack;
use super::tables::{Action, Rule, StageMatch, Target};

/// What the table looks at.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Facts {
    /// State of the driving appointment; `None` while there is none.
    pub state: Option<AppointmentState>,
    /// Category of the driving appointment; empty while there is none.
    pub category: String,
    /// Whether the driving appointment has entries.
    pub has_entries: bool,
    /// Stage of the deal; `None` = there is no deal.
    pub stage: Option<StageKey>,
    /// The stage that the evidence supports.
    pub supported: StageKey,
    /// An appointment with an opening template is active or completed.
    pub opens: bool,
    /// A completed appointment names a stage after the first consultation.
    pub begun: bool,
    /// Another appointment keeps the case alive.
    pub live: bool,
    /// Who pushes back.
    pub push_back: PushBack,
}

/// One thing to do.
#[derive(Clone, Copy, Debug)]
pub struct Ruling<'m> {
    /// The row that decided.
    pub rule: &'m Rule,
    /// What it does.
    pub action: Action,
}

/// The table with its conditions compiled. Answers are remembered: facts come from small sets, conditions are slow.
pub struct Rulings {
    /// The stage of a deal that has an appointment and no more.
    pub(crate) booked: StageKey,
    /// Rank of the first consultation: what comes after it has *begun*.
    pub(crate) consulted: u32,
    conditions: Vec<Option<Expression<'static, 'static>>>,
    known: Mutex<Known>,
}

/// What was asked so far.
#[derive(Default)]
struct Known {
    /// Place of the row, and number of the facts without stage.
    answers: HashMap<Facts, (Option<usize>, usize)>,
    numbers: HashMap<Facts, usize>,
    /// Facts without stage, by their number.
    facts: Vec<Facts>,
    /// One bit for each: asked since somebody wanted to know.
    looked: Vec<u64>,
}

impl Known {
    fn look(&mut self, number: usize) {
        if self.looked.len() <= number / 64 {
            self.looked.resize(number / 64 + 1, 0);
        }
        self.looked[number / 64] |= 1 << (number % 64);
    }

    fn number(&mut self, facts: &Facts) -> usize {
        let bare = Facts { stage: None, ..facts.clone() };
        let next = self.facts.len();
        let number = *self.numbers.entry(bare.clone()).or_insert(next);
        if number == next {
            self.facts.push(bare);
        }
        number
    }
}

impl fmt::Debug for Rulings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} rules", self.conditions.len())
    }
}

impl Rulings {
    /// Compiles the conditions of a mapping's rules. A condition that does not compile never holds; `load` refuses it.
    #[must_use]
    pub fn new(mapping: &Mapping) -> Self {
        let compile = |rule: &Rule| (!rule.condition.is_empty()).then(|| compiled(&rule.condition)).flatten();
        Self {
            booked: StageKey::new(BOOKED),
            consulted: mapping.rank(&StageKey::new(CONSULTED)),
            conditions: mapping.rules().iter().map(compile).collect(),
            known: Mutex::default(),
        }
    }

    /// The first row that matches, top-down.
    #[must_use]
    pub fn decide<'m>(&self, facts: &Facts, mapping: &'m Mapping) -> Option<Ruling<'m>> {
        let known = {
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            let answer = known.answers.get(facts).copied();
            answer.map(|(at, number)| {
                known.look(number);
                at
            })
        };
        let at = known.unwrap_or_else(|| {
            let at = self.find(facts, mapping);
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            let number = known.number(facts);
            known.look(number);
            known.answers.insert(facts.clone(), (at, number));
            at
        });
        let rule = mapping.rules().get(at?)?;
        Some(Ruling { rule, action: rule.action })
    }

    fn find(&self, facts: &Facts, mapping: &Mapping) -> Option<usize> {
        mapping.rules().iter().enumerate().position(|(at, rule)| self.matches(at, rule, facts, mapping))
    }

    /// The first row that matches; nobody is told that it was asked for.
    pub(super) fn rule<'m>(&self, facts: &Facts, mapping: &'m Mapping) -> Option<&'m Rule> {
        mapping.rules().get(self.find(facts, mapping)?)
    }

    /// Numbers of the facts, whatever the stage, that were decided on since the last call.
    #[must_use]
    pub fn looked(&self) -> Vec<usize> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let mut numbers = Vec::new();
        for (at, word) in known.looked.iter_mut().enumerate() {
            let mut bits = std::mem::take(word);
            while bits != 0 {
                numbers.push(at * 64 + bits.trailing_zeros() as usize);
                bits &= bits - 1;
            }
        }
        numbers
    }

    /// The facts with a number of [`Rulings::looked`], without stage.
    #[must_use]
    pub fn facts(&self, number: usize) -> Option<Facts> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).facts.get(number).cloned()
    }

    fn matches(&self, at: usize, rule: &Rule, facts: &Facts, mapping: &Mapping) -> bool {
        let state = rule.states.is_empty() || facts.state.is_some_and(|state| rule.states.contains(&state));
        let category = rule.categories.is_empty() || rule.categories.contains(&facts.category);
        let entries = rule.has_entries.is_none_or(|wanted| wanted == facts.has_entries);
        state && category && entries && stage_matches(&rule.stage, facts.stage.as_ref(), mapping) && {
            let condition = self.conditions.get(at).and_then(Option::as_ref);
            rule.condition.is_empty() || condition.is_some_and(|condition| holds(condition, facts, mapping))
        }
    }
}

fn stage_matches(cell: &StageMatch, stage: Option<&StageKey>, mapping: &Mapping) -> bool {
    match (cell, stage) {
        (StageMatch::AnyOpen, None) => false,
        (StageMatch::AnyOpen, Some(stage)) => mapping.stage(stage).is_some_and(|row| row.kind == StageKind::Open),
        (StageMatch::OneOf { none, stages: _ }, None) => *none,
        (StageMatch::OneOf { none: _, stages }, Some(stage)) => stages.contains(stage),
    }
}

fn holds(condition: &Expression<'_, '_>, facts: &Facts, mapping: &Mapping) -> bool {
    let values = Variables {
        deal_stage: facts.stage.as_ref().map_or("none", StageKey::as_str),
        stage_rank: facts.stage.as_ref().map_or(0, |stage| mapping.rank(stage)),
        supported_rank: mapping.rank(&facts.supported),
        category: facts.category.as_str(),
        opens: facts.opens,
        begun: facts.begun,
        live: facts.live,
        push_back: facts.push_back,
    };
    values.fulfil(condition)
}

/// The stage that a row leads to; `previous` is the stage held before the present one.
#[must_use]
pub(crate) fn target(rule: &Rule, facts: &Facts, previous: Option<&StageKey>, mapping: &Mapping) -> Option<StageKey> {
    match rule.target.as_ref()? {
        Target::Supported => Some(facts.supported.clone()),
        Target::Stage(stage) => Some(stage.clone()),
        Target::Previous => {
            let floor = [Some(&facts.supported), previous].into_iter().flatten().max_by_key(|key| mapping.rank(key))?;
            let booked = StageKey::new(BOOKED);
            Some(if mapping.rank(floor) < mapping.rank(&booked) { booked } else { floor.clone() })
        }
    }
}

/// The stage of a deal that has an appointment and no more.
pub(crate) const BOOKED: &str = "termin_gebucht";
/// The stage of the first consultation.
pub(crate) const CONSULTED: &str = "erstberatung";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::shipped;

    fn facts(state: AppointmentState, stage: Option<&str>, supported: &str) -> Facts {
        Facts {
            state: Some(state),
            category: "erstberatung".to_owned(),
            has_entries: false,
            stage: stage.map(StageKey::new),
            supported: StageKey::new(supported),
            opens: true,
            begun: false,
            live: false,
            push_back: PushBack::Tool,
        }
    }

    fn check(facts: &Facts, expected: &str) {
        let mapping = shipped();
        let rulings = Rulings::new(&mapping);
        for _ in 0..2 {
            let ruling = rulings.decide(facts, &mapping);
            let said = ruling.map_or_else(String::new, |ruling| {
                let stage = target(ruling.rule, facts, None, &mapping);
                format!("{} {}", ruling.rule.id, stage.map_or_else(String::new, |stage| stage.as_str().to_owned()))
            });
            assert_eq!(said, expected, "{facts:?}");
        }
    }

    #[test]
    fn the_shipped_table_says_what_the_old_workflows_said() {
        use AppointmentState::{Booked, Cancelled, Clarified, Completed, NoShow};
        check(&facts(Booked, None, "termin_gebucht"), "R2 termin_gebucht");
        check(&facts(Cancelled, Some("termin_gebucht"), "termin_gebucht"), "R3 verloren");
        check(&facts(Cancelled, Some("erstberatung"), "erstberatung"), "R3 verloren");
        check(&Facts { live: true, ..facts(Cancelled, Some("erstberatung"), "erstberatung") }, "");
        check(&Facts { begun: true, ..facts(Cancelled, Some("erstberatung"), "erstberatung") }, "");
        check(&facts(Clarified, Some("termin_gebucht"), "termin_gebucht"), "R4 verloren");
        check(
            &Facts { category: "kontrolle".to_owned(), ..facts(Clarified, Some("termin_gebucht"), "termin_gebucht") },
            "",
        );
        check(&facts(Completed, Some("termin_gebucht"), "diagnostik"), "R5 diagnostik");
        check(&facts(NoShow, Some("in_behandlung"), "diagnostik"), "R6 diagnostik");
        check(&Facts { push_back: PushBack::Portal, ..facts(NoShow, Some("in_behandlung"), "diagnostik") }, "");
        check(&facts(Completed, Some("verloren"), "diagnostik"), "");
        check(&Facts { opens: false, ..facts(Cancelled, None, "termin_gebucht") }, "");
    }
}
