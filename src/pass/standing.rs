//! Deals that are shared with people and workflows: a move that was taken back is not fought, and what history no longer
//! says about a deal is listed.

use crate::domain::{AppointmentState, Held, StageKey, StageKind};
use crate::mapping::case::{Ending, StageVerdict};
use crate::plan::Memo;
use crate::store::LedgerRow;

use super::deal::DealCase;

impl DealCase<'_> {
    /// What the case says about a deal that stays as it is (design.md section 4 c and e).
    pub(super) fn listed(&self, open: bool) -> Vec<&'static str> {
        let supported = self.case.opener(self.visits).is_some();
        let lost = matches!(self.case.ending, Some(Ending::Lost { .. }));
        let mut listed = Vec::new();
        if self.without_entries {
            listed.push("deal with a completed appointment without entries");
        }
        if !open && supported && !lost && self.case.ending.is_none() && !self.wins() {
            listed.push("closed deal with an active or completed appointment");
        }
        if open && !supported && !lost {
            listed.push("open deal whose appointments support nothing");
        }
        if open && self.case.ending == Some(Ending::Idle) {
            listed.push("open deal of a case without visit for longer than case_idle_days");
        }
        listed
    }

    /// Whether history leads to a won stage.
    fn wins(&self) -> bool {
        let stage = self.case.stage.as_ref().and_then(|stage| self.mapping().stage(stage));
        stage.is_some_and(|row| row.kind == StageKind::Won)
    }

    /// What a move by a rule stands on: as long as this is the same, whoever takes the move back is not fought.
    pub(super) fn mark(&self, verdict: &StageVerdict) -> Option<String> {
        let (rule, stage) = (verdict.rule.as_ref()?, verdict.stage.as_ref()?);
        let mut proof = blake3::Hasher::new();
        for visit in self.case.visits.iter().rev().map(|at| &self.visits[*at]) {
            let state = visit.state.map_or("", AppointmentState::word);
            proof.update(visit.appointment.id.as_str().as_bytes()).update(b"\n").update(state.as_bytes());
            proof.update(&visit.appointment.start.0.and_utc().timestamp().to_le_bytes());
            proof.update(&[u8::from(visit.has_entries)]);
        }
        let short: String = proof.finalize().to_hex().chars().take(16).collect();
        Some(format!("{rule} {} {short}", stage.as_str()))
    }

    /// Whether the deal is in another stage than the one that was written last.
    pub(super) fn stands_elsewhere(&self, row: Option<&LedgerRow>, stage: Option<&StageKey>) -> bool {
        row.and_then(|row| self.stage_in(&row.base)).is_some_and(|ours| Some(&ours) != stage)
    }

    /// A move that was made already and is no more there was taken back by a person or a workflow: the stage stays.
    pub(super) fn yields(&self, verdict: &mut StageVerdict, before: Option<&StageKey>, memo: &Memo) -> Option<Held> {
        let moves = verdict.held.is_none() && verdict.stage.as_ref() != before;
        let again = moves && memo.moved.is_some() && self.mark(verdict) == memo.moved;
        let rule = verdict.rule.clone().filter(|_| again)?;
        *verdict = StageVerdict { stage: before.cloned(), ..StageVerdict::default() };
        Some(Held::Undone(rule))
    }
}
