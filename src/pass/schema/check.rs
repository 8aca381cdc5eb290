//! Whether a portal is ready for a pass.

use crate::domain::Object;

use super::definitions::Definitions;
use super::desired::{Desired, group};
use super::diff::diff;
use super::plan::SchemaStep;
use super::problem::{AppointmentsOff, SchemaProblem};

/// What a pass needs to know before it reads its first record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Readiness {
    /// What stops the pass. Empty = ready.
    pub problems: Vec<SchemaProblem>,
    /// Why HubSpot appointments are not written, if so; the pass says it and goes on.
    pub appointments_off: Option<AppointmentsOff>,
}

/// Returns what stops a pass on this portal.
///
/// A portal whose schema was applied but for the unique key of appointments has refused it: such a portal runs without
/// HubSpot appointments (design.md section 3). One that was never set up is not ready.
#[must_use]
pub fn check(desired: &Desired, portal: &Definitions) -> Readiness {
    let plan = diff(desired, portal);
    let appointments_off = plan.appointments_off.clone().or_else(|| without_key(desired, portal));
    let skipped = |object: Object| appointments_off.is_some() && object == Object::Appointment;
    // A group is only where new properties are put.
    let missing = plan.steps.iter().filter(|step| !matches!(step, SchemaStep::Group { .. }));
    let missing = missing.filter(|step| !skipped(step.object()));
    let not_applied: Vec<String> = missing.map(ToString::to_string).collect();
    let mut problems = Vec::new();
    if let Some(first) = not_applied.first() {
        let more = not_applied.len() - 1;
        let what = if more == 0 { format!("to do: {first}") } else { format!("to do: {first}, and {more} more") };
        problems.push(SchemaProblem::NotApplied(what));
    }
    problems.extend(plan.problems.into_iter().filter(|problem| !problem.object().is_some_and(skipped)));
    Readiness { problems, appointments_off }
}

fn without_key(desired: &Desired, portal: &Definitions) -> Option<AppointmentsOff> {
    let key = desired.properties.get(&Object::Appointment)?.iter().find(|property| property.unique)?;
    let have = portal.properties.get(&Object::Appointment)?;
    let off = match have.get(&key.name) {
        Some(found) => !found.has_unique_value,
        None => portal.groups.get(&Object::Appointment).is_some_and(|groups| groups.contains(&group().name)),
    };
    off.then(|| AppointmentsOff::NoUniqueKey(key.name.clone()))
}

impl SchemaProblem {
    /// The object whose property it is about.
    const fn object(&self) -> Option<Object> {
        match self {
            Self::NotUnique(object, _)
            | Self::TooManyUnique(object, _)
            | Self::WrongType { object, .. }
            | Self::ReadOnly(object, _)
            | Self::NotHubspots(object, _)
            | Self::FixedOptions(object, ..)
            | Self::FreeSelect(object, _)
            | Self::Health(object, _) => Some(*object),
            Self::NotApplied(_)
            | Self::StageKind { .. }
            | Self::StageId { .. }
            | Self::StageElsewhere { .. }
            | Self::StageReadOnly(_)
            | Self::Refused(..) => None,
        }
    }
}
