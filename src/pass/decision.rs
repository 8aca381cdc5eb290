//! What was decided about one patient.

use crate::domain::{KeyHash, Kind, Object};
use crate::plan::{Outcome, RecordOutcome};
use crate::store::{Filed, PatientFile, PatientPlan};

use super::money::Money;

/// What was decided about one patient.
#[derive(Clone, Debug, Default)]
pub struct Decision {
    /// Steps and outcomes.
    pub plan: PatientPlan,
    /// Objects that are held back.
    pub held: Vec<Object>,
    /// Objects that need nothing.
    pub unchanged: Vec<Object>,
    /// Things an operator should know, each with the pseudonym of what it is about.
    pub notes: Vec<(String, String)>,
    /// What the patient's deals come to.
    pub money: Money,
}

impl Decision {
    /// Nothing decided yet, with room for as many outcomes as records wait.
    pub(super) fn of(file: &PatientFile) -> Self {
        let appointments = file.appointments.iter().filter(|one| one.queued).count();
        let entries = file.entries.iter().filter(|one| one.queued).count();
        let mut decision = Self::default();
        decision.plan.outcomes.reserve(1 + appointments + entries);
        if file.ledger.is_empty() {
            // Nothing is written yet: each appointment will be, and so will contact, deal and the number of open ones.
            decision.plan.steps.reserve(3 + appointments);
        }
        decision
    }

    pub(super) fn outcome<T>(&mut self, kind: Kind, patient: KeyHash, record: &Filed<T>, outcome: Outcome) {
        if record.queued {
            let from_queue = !record.read_now;
            self.plan.outcomes.push(RecordOutcome { kind, patient, key: record.key, from_queue, outcome });
        }
    }

    pub(super) fn note(&mut self, kind: Kind, key: KeyHash, what: &impl ToString) {
        self.notes.push((what.to_string(), format!("{}:{key}", kind.letter())));
    }
}
