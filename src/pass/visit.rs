//! One appointment's HubSpot appointment, and its links. Pure.

use crate::domain::{Held, KeyHash, Object, Properties, PropertyName, Wanted};
use crate::plan::{Memo, Op, Outcome, Step, differs_from_base, plan_create, plan_update};
use crate::store::LedgerRow;

use super::contact::{bare_step, of_wanted};
use super::reads::{Answer, Answers, Asks, Presence};

/// What the decision looks at.
pub(super) struct VisitCase<'a> {
    pub(super) patient: KeyHash,
    pub(super) key: KeyHash,
    pub(super) key_value: &'a str,
    pub(super) wanted: Wanted,
    pub(super) ledger: Option<&'a LedgerRow>,
    pub(super) presence: Presence,
    /// The deal it belongs to, by the hash of the deal's key.
    pub(super) deal: Option<KeyHash>,
}

/// What becomes of the HubSpot appointment.
pub(super) struct VisitPlan {
    pub(super) step: Option<Step>,
    pub(super) outcome: Outcome,
}

impl VisitCase<'_> {
    /// Decides, or asks in `asks` for what is missing; then the result does not count.
    pub(super) fn decide(self, answers: &Answers, asks: &mut Asks) -> VisitPlan {
        let Some(row) = self.ledger else { return self.unknown(answers, asks) };
        let mut step = self.step(Op::LinkOnly, row.memo.clone());
        step.id = Some(row.id);
        step.base.clone_from(&row.base);
        step.link_contact = !row.contact_link;
        step.link_deal = self.deal.filter(|deal| row.deal != Some(*deal));
        let mut outcome = Outcome::Unchanged;
        if differs_from_base(&self.wanted, &row.base) {
            match answers.by_id(Object::Appointment, row.id, asks) {
                Answer::Open => {}
                Answer::Missing => return VisitPlan { step: None, outcome: Outcome::Held(Held::Gone) },
                Answer::Found(actual) => {
                    outcome = write(&mut step, &self.wanted, &row.base, &actual.properties);
                }
            }
        }
        let needed = step.op != Op::LinkOnly || step.link_contact || step.link_deal.is_some();
        VisitPlan { step: needed.then_some(step), outcome }
    }

    fn unknown(self, answers: &Answers, asks: &mut Asks) -> VisitPlan {
        let mut step = self.step(Op::Create, Memo::default());
        step.link_contact = true;
        step.link_deal = self.deal;
        let mut outcome = Outcome::Created;
        let found = if self.presence.appointments {
            answers.by_key(Object::Appointment, self.key_value, asks)
        } else {
            Answer::Missing
        };
        if let Answer::Found(actual) = found {
            step.op = Op::LinkOnly;
            step.id = Some(actual.id);
            let ours: Properties = of_wanted(&self.wanted, &actual.properties);
            step.base.clone_from(&ours);
            "found by its key".clone_into(&mut step.reason);
            outcome = write(&mut step, &self.wanted, &ours, &actual.properties);
        } else {
            step.set = plan_create(self.wanted);
            step.base.clone_from(&step.set);
            "new appointment".clone_into(&mut step.reason);
        }
        VisitPlan { step: Some(step), outcome }
    }

    fn step(&self, op: Op, memo: Memo) -> Step {
        bare_step(Object::Appointment, self.patient, self.key, self.key_value, op, None, memo)
    }
}

/// Turns a step that only links into one that also writes, if anything differs.
fn write(step: &mut Step, wanted: &Wanted, base: &Properties, actual: &Properties) -> Outcome {
    let verdict = plan_update(wanted, base, actual);
    step.base.clone_from(&verdict.base);
    if verdict.is_empty() {
        return Outcome::Unchanged;
    }
    step.op = Op::Update;
    step.reason = format!("appointment changed: {}", names(&verdict.set));
    step.set = verdict.set;
    step.before = verdict.before;
    Outcome::Updated
}

fn names(set: &Properties) -> String {
    set.keys().map(PropertyName::as_str).collect::<Vec<_>>().join(", ")
}
