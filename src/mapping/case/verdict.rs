//! The stage of a case's deal, given the deal as HubSpot holds it: forward, lost, pushed back, reopened, or left alone.

use crate::domain::{AppointmentState, Held, RuleId, StageKey, StageKind};
use crate::mapping::ruling::{Ruling, target};
use crate::mapping::settings::{PreviousStage, WonAt};
use crate::mapping::tables::Action;

use super::evidence::Evidence;
use super::{Case, Ending, Rules, Visit};

/// What stands between the marks of several push-backs; no id holds it.
const MARKS: char = ';';

/// The deal as it is now.
#[derive(Clone, Copy, Debug, Default)]
pub struct DealNow<'a> {
    /// Its stage; `None` = there is no deal.
    pub stage: Option<&'a StageKey>,
    /// The stage it held before, as far as remembered.
    pub previous: Option<&'a StageKey>,
    /// Whether the tool itself lost it, and not as a duplicate.
    pub lost_by_tool: bool,
    /// Whether the tool itself closed it at all.
    pub closed_by_tool: bool,
    /// `ivohub_lock` is set.
    pub locked: bool,
    /// (appointment, state) of each push-back that is remembered, by [`MARKS`].
    pub pushed: Option<&'a str>,
    /// It stands elsewhere than the tool put it.
    pub moved_by_person: bool,
}

/// What becomes of the stage.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StageVerdict {
    /// The stage the deal belongs in; `None` = no deal, or hands off.
    pub stage: Option<StageKey>,
    /// The rule that decided; `None` = it stays where it is.
    pub rule: Option<RuleId>,
    /// Key in `verlustgruende.csv`.
    pub reason: Option<String>,
    /// Place of the visit that decided on closing.
    pub closed_at: Option<usize>,
    /// (appointment, state) of each push-back to remember, by [`MARKS`]; `None` = the same as before, or none.
    pub pushed: Option<String>,
    /// A push-back that is remembered was for something that is over.
    pub push_is_over: bool,
    /// Why nothing may be written.
    pub held: Option<Held>,
}

impl StageVerdict {
    /// A push-back happens once per (appointment, status): it is remembered, whatever drives the case in between, until its
    /// appointment is in another state.
    fn remembering(mut self, visits: &[Visit<'_>], now: &DealNow<'_>) -> Self {
        let Some(known) = now.pushed else { return self };
        let lasts = |mark: &&str| {
            let (id, state) = mark.rsplit_once(' ').unwrap_or_default();
            let visit = visits.iter().find(|visit| visit.appointment.id.as_str() == id);
            visit.is_some_and(|visit| visit.state.map_or("", AppointmentState::word) == state)
        };
        let (mut lasting, over): (Vec<&str>, Vec<&str>) = known.split(MARKS).partition(lasts);
        self.push_is_over = !over.is_empty();
        if self.push_is_over || self.pushed.is_some() {
            lasting.extend(self.pushed.as_deref());
            self.pushed = (!lasting.is_empty()).then(|| lasting.join(&MARKS.to_string()));
        }
        self
    }
}

pub(super) fn judge(case: &Case, visits: &[Visit<'_>], now: &DealNow<'_>, rules: Rules<'_>) -> StageVerdict {
    let Some(stage) = now.stage else { return fresh(case, visits, rules) };
    let kind = rules.mapping.stage(stage).map(|row| row.kind);
    let closed = matches!(kind, Some(StageKind::Won | StageKind::Lost));
    if now.locked || (closed && !now.closed_by_tool) {
        return StageVerdict { held: Some(Held::Locked), ..StageVerdict::default() };
    }
    match kind {
        Some(StageKind::Lost) if now.lost_by_tool && reopens(case, visits, now, rules) => StageVerdict {
            stage: Some(case.stage.clone().unwrap_or_else(|| rules.rulings.booked.clone())),
            rule: Some(RuleId::new("R7")),
            closed_at: won_at(case, visits, case.stage.as_ref(), rules),
            ..StageVerdict::default()
        }
        .remembering(visits, now),
        Some(StageKind::Won | StageKind::Lost) => stays(case, stage, visits, rules),
        // A stage that is not ours has no rank: the deal stands in another pipeline, people moved it there.
        None => StageVerdict { held: Some(Held::Locked), ..StageVerdict::default() },
        Some(StageKind::Open) => open(case, visits, stage, now, rules).remembering(visits, now),
    }
}

/// A deal that is not there yet is created where the replay of its history ends.
fn fresh(case: &Case, visits: &[Visit<'_>], rules: Rules<'_>) -> StageVerdict {
    let Some(stage) = &case.stage else { return StageVerdict::default() };
    if let Some(Ending::Lost { rule, reason, visit }) = &case.ending {
        return lost(rule, reason.as_ref(), *visit, rules);
    }
    StageVerdict {
        stage: Some(stage.clone()),
        rule: case.rule.clone(),
        closed_at: won_at(case, visits, Some(stage), rules),
        ..StageVerdict::default()
    }
}

fn lost(rule: &RuleId, reason: Option<&String>, visit: usize, rules: Rules<'_>) -> StageVerdict {
    StageVerdict {
        stage: rules.mapping.first_stage(StageKind::Lost).map(|row| row.key.clone()),
        rule: Some(rule.clone()),
        reason: reason.cloned(),
        closed_at: Some(visit),
        ..StageVerdict::default()
    }
}

/// The stage stays; a closed one keeps its date as long as history still says so.
fn stays(case: &Case, stage: &StageKey, visits: &[Visit<'_>], rules: Rules<'_>) -> StageVerdict {
    let kept = StageVerdict { stage: Some(stage.clone()), ..StageVerdict::default() };
    match (&case.ending, rules.mapping.stage(stage).map(|row| row.kind)) {
        (Some(Ending::Lost { rule: _, reason, visit }), Some(StageKind::Lost)) => {
            StageVerdict { reason: reason.clone(), closed_at: Some(*visit), ..kept }
        }
        (_, Some(StageKind::Won)) => StageVerdict { closed_at: won_at(case, visits, Some(stage), rules), ..kept },
        _ => kept,
    }
}

/// A lost case lives again when it is not lost by its present states and something supports it; a deal that was lost from
/// a stage ahead of its evidence, only when it would not be lost from there again.
fn reopens(case: &Case, visits: &[Visit<'_>], now: &DealNow<'_>, rules: Rules<'_>) -> bool {
    let alive = !matches!(case.ending, Some(Ending::Lost { .. })) && case.opener(visits).is_some();
    let (true, Some(stage)) = (alive, &case.stage) else { return false };
    let Some(held) = now.previous.filter(|held| rules.mapping.rank(held) > rules.mapping.rank(stage)) else {
        return true;
    };
    let evidence = Evidence::of(case, visits, rules);
    let again = rules.rulings.decide(&evidence.facts(Some(held.clone())), rules.mapping);
    again.is_none_or(|ruling| ruling.action != Action::Lose)
}

fn open(case: &Case, visits: &[Visit<'_>], stage: &StageKey, now: &DealNow<'_>, rules: Rules<'_>) -> StageVerdict {
    let booked = rules.mapping.rank(&rules.rulings.booked);
    let unchanged = StageVerdict { stage: Some(stage.clone()), ..StageVerdict::default() };
    if rules.mapping.rank(stage) < booked {
        let evidence = Evidence::alone(case, visits, rules);
        let missed = evidence.driving().is_some_and(|at| visits[at].state == Some(AppointmentState::NoShow));
        return match &case.stage {
            // A lead that marketing made has no history of ours yet: it goes where a new deal would be.
            Some(_) => fresh(case, visits, rules),
            // What was missed had been booked.
            None if missed => StageVerdict {
                stage: Some(rules.rulings.booked.clone()),
                rule: Some(RuleId::new("R10")),
                ..StageVerdict::default()
            },
            None => unchanged,
        };
    }
    let ended = match &case.ending {
        Some(Ending::Lost { rule: _, reason: _, visit }) => Some(*visit),
        Some(Ending::Treated { .. } | Ending::Idle | Ending::LostByPerson) | None => None,
    };
    // A case that the walk ended as lost is not kept alive by what came later.
    let evidence =
        if ended.is_some() { Evidence::alone(case, visits, rules) } else { Evidence::of(case, visits, rules) };
    let facts = evidence.facts(Some(stage.clone()));
    let mark = || {
        let at = evidence.driving()?;
        let state = visits[at].state.map_or("", AppointmentState::word);
        Some(format!("{} {state}", visits[at].appointment.id.as_str()))
    };
    let pushed_for_this = now.pushed.is_some_and(|pushed| {
        let mark = mark();
        pushed.split(MARKS).any(|known| mark.as_deref() == Some(known))
    });
    if let Some(Ending::Lost { rule, reason, visit }) = evidence.missed(Some(stage)) {
        return lost(&rule, reason.as_ref(), visit, rules);
    }
    let Some(Ruling { rule, action }) = rules.rulings.decide(&facts, rules.mapping) else { return unchanged };
    let to = |wanted: StageKey, rule: Option<RuleId>| StageVerdict {
        closed_at: won_at(case, visits, Some(&wanted), rules),
        stage: Some(wanted),
        rule,
        ..StageVerdict::default()
    };
    let before = match rules.settings.previous_stage {
        // What it was pushed back from is no stage to push back to.
        PreviousStage::Held => now.previous.filter(|held| rules.mapping.rank(held) < rules.mapping.rank(stage)),
        PreviousStage::Order => rules.mapping.stage_before(stage),
    };
    let wanted = target(rule, &facts, before, rules.mapping).unwrap_or_else(|| stage.clone());
    match (action, ended) {
        // The walk lost the case from a stage that this deal only reaches now: one write carries the result.
        (Action::Open | Action::Advance, Some(visit)) => {
            let again = rules.rulings.decide(&evidence.facts(Some(wanted.clone())), rules.mapping);
            match again.filter(|ruling| ruling.action == Action::Lose) {
                Some(Ruling { rule, .. }) => lost(&rule.id, rule.reason.as_ref(), visit, rules),
                None => to(wanted, Some(rule.id.clone())),
            }
        }
        (Action::Open | Action::Advance, None) => to(wanted, Some(rule.id.clone())),
        // What pushed the deal back does not lose it as well, when it is looked at again.
        (Action::Lose, _) if pushed_for_this => unchanged,
        (Action::Lose, Some(visit)) => lost(&rule.id, rule.reason.as_ref(), visit, rules),
        // The walk decides what is lost, so that the order in which entries arrive does not matter.
        (Action::Lose, None) if rules.mapping.rank(&facts.supported) > rules.mapping.rank(stage) => {
            to(facts.supported.clone(), case.rule.clone())
        }
        // A person put it where the rule hits.
        (Action::Lose, None) if now.moved_by_person => match evidence.driving() {
            Some(visit) => lost(&rule.id, rule.reason.as_ref(), visit, rules),
            None => unchanged,
        },
        (Action::Lose, None) | (Action::Hold, _) => unchanged,
        (Action::PushBack, _) => match mark() {
            Some(mark) if !pushed_for_this => StageVerdict { pushed: Some(mark), ..to(wanted, Some(rule.id.clone())) },
            Some(_) | None => unchanged,
        },
    }
}

/// The completed visit that supports a won stage.
fn won_at(case: &Case, visits: &[Visit<'_>], stage: Option<&StageKey>, rules: Rules<'_>) -> Option<usize> {
    let won = stage.and_then(|stage| rules.mapping.stage(stage)).is_some_and(|row| row.kind == StageKind::Won);
    let supports = |at: &usize| {
        let visit = &visits[*at];
        let named = visit.template.and_then(|row| row.stage_on_completed.as_ref());
        let starts =
            rules.settings.won_at == WonAt::TreatmentStart && visit.template.is_some_and(|row| row.is_treatment_start);
        visit.is_completed() && (named == stage || visit.signal.as_ref() == stage || starts)
    };
    won.then(|| case.visits.iter().copied().find(supports)).flatten()
}
