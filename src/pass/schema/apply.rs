//! Creates what a schema plan lists, and reads back whether it is there.

use std::time::Duration;

use crate::domain::Object;
use crate::hubspot::{Error, Reader, Rejection, SchemaOutcome, SchemaWriter};

use super::definitions::Definitions;
use super::desired::Desired;
use super::diff::diff;
use super::plan::{SchemaPlan, SchemaStep};
use super::problem::{AppointmentsOff, SchemaProblem};

/// Answers in doubt after which the rest is left for the next call; each costs a reading of the definitions.
const MAX_DOUBTS: usize = 10;

/// Readings until a definition that HubSpot has confirmed must be visible; it usually is within a second.
const READINGS: usize = 4;

/// Pause between such readings. Source: `hubspot-api.md` 8.1.
const LAG: Duration = Duration::from_secs(1);

/// HubSpot's words for "this is there already".
const EXISTS: &str = "OBJECT_ALREADY_EXISTS";

/// What became of a schema plan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// What is there now and was not before.
    pub done: Vec<SchemaStep>,
    /// Planned and still not there: run the same command again.
    pub left: Vec<SchemaStep>,
    /// What only people can settle, refusals included.
    pub problems: Vec<SchemaProblem>,
    /// Why HubSpot appointments will not be written, if so.
    pub appointments_off: Option<AppointmentsOff>,
}

/// Sends the steps of `plan` in order and reads the definitions again.
///
/// Only steps of `plan` are sent, each at most once for certain: after an answer in doubt the definitions are read first. A
/// refused unique key of appointments ends their setup and nothing else.
///
/// # Errors
/// [`Error`] when the run cannot go on; the same command carries on where it stopped.
pub async fn apply(
    plan: &SchemaPlan,
    desired: &Desired,
    reader: &Reader,
    writer: &SchemaWriter,
) -> Result<Applied, Error> {
    let mut round = Round::default();
    let mut open = plan.steps.clone();
    let mut doubts = 0;
    let mut readings = 0;
    let now = loop {
        let in_doubt = round.send(&open, writer).await?;
        let now = diff(desired, &Definitions::read(reader, desired).await?);
        let there = |step: &SchemaStep| !now.steps.iter().any(|other| same(step, other));
        open = plan.steps.iter().filter(|step| !there(step) && !round.is_over(step)).cloned().collect();
        let unseen = round.done.iter().any(|step| !there(step));
        if in_doubt {
            doubts += 1;
        }
        if !open.is_empty() && in_doubt && doubts < MAX_DOUBTS {
            continue;
        }
        open.clear();
        readings += 1;
        if !unseen || readings == READINGS {
            break now;
        }
        tokio::time::sleep(LAG).await;
    };
    Ok(round.close(plan, desired, now))
}

/// Whether two steps create the same thing; what belongs to it may differ, since other things are there by now.
fn same(one: &SchemaStep, other: &SchemaStep) -> bool {
    match (one, other) {
        (SchemaStep::Group { object: a, .. }, SchemaStep::Group { object: b, .. }) => a == b,
        (SchemaStep::Property { object: a, property: x }, SchemaStep::Property { object: b, property: y }) => {
            (a, &x.name) == (b, &y.name)
        }
        (SchemaStep::Options { object: a, name: x, .. }, SchemaStep::Options { object: b, name: y, .. }) => {
            (a, x) == (b, y)
        }
        (SchemaStep::Pipeline(a), SchemaStep::Pipeline(b)) => a.pipeline_id == b.pipeline_id,
        (SchemaStep::Stage { stage: a, .. }, SchemaStep::Stage { stage: b, .. }) => a.stage_id == b.stage_id,
        (
            SchemaStep::Group { .. }
            | SchemaStep::Property { .. }
            | SchemaStep::Options { .. }
            | SchemaStep::Pipeline(_)
            | SchemaStep::Stage { .. },
            _,
        ) => false,
    }
}

/// What is known about the steps that were sent.
#[derive(Default)]
struct Round {
    done: Vec<SchemaStep>,
    refused: Vec<(SchemaStep, Rejection)>,
    appointments_off: Option<AppointmentsOff>,
}

impl Round {
    /// Sends steps until all are answered or one is in doubt; returns whether one is.
    async fn send(&mut self, steps: &[SchemaStep], writer: &SchemaWriter) -> Result<bool, Error> {
        for step in steps {
            if self.is_over(step) {
                continue;
            }
            let unique = matches!(step, SchemaStep::Property { property, .. } if property.has_unique_value);
            match send(step, writer).await? {
                SchemaOutcome::InDoubt => return Ok(true),
                SchemaOutcome::Done(is_unique) => {
                    self.done.push(step.clone());
                    if unique && !is_unique {
                        self.give_up_appointments(step);
                    }
                }
                // Somebody else created it, or we did and lost the answer; reading tells whether it fits.
                SchemaOutcome::Refused(rejection) if rejection.code.starts_with(EXISTS) => {
                    self.done.push(step.clone());
                }
                SchemaOutcome::Refused(rejection) => {
                    if unique {
                        self.give_up_appointments(step);
                    }
                    self.refused.push((step.clone(), rejection));
                }
            }
        }
        Ok(false)
    }

    fn give_up_appointments(&mut self, step: &SchemaStep) {
        if let SchemaStep::Property { object: Object::Appointment, property } = step {
            self.appointments_off = Some(AppointmentsOff::NoUniqueKey(property.name.clone()));
        }
    }

    /// Whether a step needs not be sent again, or at all.
    fn is_over(&self, step: &SchemaStep) -> bool {
        (self.appointments_off.is_some() && step.object() == Object::Appointment)
            || self.done.iter().any(|done| same(done, step))
            || self.refused.iter().any(|(refused, _)| same(refused, step))
    }

    fn close(self, plan: &SchemaPlan, desired: &Desired, now: SchemaPlan) -> Applied {
        let Self { done: _, refused, appointments_off } = self;
        let missing = |step: &SchemaStep| now.steps.iter().any(|other| same(step, other));
        let off = |object: Object| appointments_off.is_some() && object == Object::Appointment;
        let done = plan.steps.iter().filter(|step| !missing(step)).cloned().collect();
        let was_refused = |step: &SchemaStep| refused.iter().any(|(refused, _)| same(refused, step));
        let left = plan.steps.iter().filter(|step| missing(step) && !was_refused(step) && !off(step.object()));
        let left = left.cloned().collect();
        let key = |name: &str| {
            let properties = desired.properties.get(&Object::Appointment);
            properties.is_some_and(|all| all.iter().any(|property| property.unique && property.name == name))
        };
        // The key of appointments is told by `appointments_off`, which is no problem for the rest.
        let mut problems: Vec<SchemaProblem> = now.problems;
        problems
            .retain(|problem| !matches!(problem, SchemaProblem::NotUnique(object, name) if off(*object) && key(name)));
        problems.extend(
            refused
                .into_iter()
                .filter(|(step, _)| missing(step) && !off(step.object()))
                .map(|(step, rejection)| SchemaProblem::Refused(step.to_string(), rejection)),
        );
        Applied { done, left, problems, appointments_off: appointments_off.or(now.appointments_off) }
    }
}

/// Sends one step; `Done` holds whether a property that was created is unique.
async fn send(step: &SchemaStep, writer: &SchemaWriter) -> Result<SchemaOutcome<bool>, Error> {
    let outcome = match step {
        SchemaStep::Group { object, group } => writer.create_group(*object, group).await?,
        SchemaStep::Property { object, property } => {
            return Ok(match writer.create_property(*object, property).await? {
                SchemaOutcome::Done(created) => SchemaOutcome::Done(created.has_unique_value),
                SchemaOutcome::Refused(rejection) => SchemaOutcome::Refused(rejection),
                SchemaOutcome::InDoubt => SchemaOutcome::InDoubt,
            });
        }
        SchemaStep::Options { object, name, all, added: _ } => writer.set_options(*object, name, all).await?,
        SchemaStep::Pipeline(pipeline) => writer.create_pipeline(Object::Deal, pipeline).await?,
        SchemaStep::Stage { pipeline, stage } => writer.create_stage(Object::Deal, pipeline, stage).await?,
    };
    Ok(match outcome {
        SchemaOutcome::Done(()) => SchemaOutcome::Done(false),
        SchemaOutcome::Refused(rejection) => SchemaOutcome::Refused(rejection),
        SchemaOutcome::InDoubt => SchemaOutcome::InDoubt,
    })
}
