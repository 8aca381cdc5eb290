//! Desired × portal → plan.

use std::collections::{BTreeMap, HashSet};

use crate::domain::{Object, StageKind};
use crate::hubspot::{OptionDefinition, PipelineDefinition, PropertyDefinition};
use crate::mapping::tables::PropertyType;

use super::definitions::Definitions;
use super::desired::{Choices, Desired, DesiredProperty, DesiredStage, group, wire_type};
use super::plan::{SchemaPlan, SchemaStep};
use super::problem::{AppointmentsOff, SchemaProblem};
use super::stages::{find, kind, labelled};

/// Most unique properties of one object. Source: `hubspot-api.md` 8.1.
const MAX_UNIQUE: usize = 10;

/// Returns what has to be created for `desired`, and what only people can settle.
///
/// Nothing that exists is changed, but for options that are added. With the appointment object switched off, nothing is
/// planned for it.
#[must_use]
pub fn diff(desired: &Desired, portal: &Definitions) -> SchemaPlan {
    let mut plan = SchemaPlan::default();
    for (object, properties) in &desired.properties {
        match portal.properties.get(object) {
            Some(have) => object_properties(*object, properties, have, portal, &mut plan),
            None => plan.appointments_off = Some(AppointmentsOff::NotEnabled),
        }
    }
    pipeline(desired, &portal.pipelines, &mut plan);
    plan
}

fn object_properties(
    object: Object,
    wanted: &[DesiredProperty],
    have: &BTreeMap<String, PropertyDefinition>,
    portal: &Definitions,
    plan: &mut SchemaPlan,
) {
    let (mut create, mut options) = (Vec::new(), Vec::new());
    let unique = have.values().filter(|property| property.has_unique_value && !property.hubspot_defined).count();
    for property in wanted {
        let name = || property.name.clone();
        match have.get(&property.name) {
            Some(_) | None if property.health => {
                plan.problems.push(SchemaProblem::Health(object, name()));
            }
            Some(found) => options.extend(existing(object, property, found, &mut plan.problems)),
            None if is_hubspots(object, &property.name) => {
                plan.problems.push(SchemaProblem::NotHubspots(object, name()));
            }
            None if property.choices == Choices::Unknown => {
                plan.problems.push(SchemaProblem::FreeSelect(object, name()));
            }
            None if property.unique && unique >= MAX_UNIQUE => {
                plan.problems.push(SchemaProblem::TooManyUnique(object, name()));
            }
            None => create.push(SchemaStep::Property { object, property: property.definition() }),
        }
    }
    let group = group();
    if !create.is_empty() && !portal.groups.get(&object).is_some_and(|groups| groups.contains(&group.name)) {
        plan.steps.push(SchemaStep::Group { object, group });
    }
    plan.steps.extend(create);
    plan.steps.extend(options);
}

/// Looks at a property that is there: problems, or options to add.
fn existing(
    object: Object,
    wanted: &DesiredProperty,
    found: &PropertyDefinition,
    problems: &mut Vec<SchemaProblem>,
) -> Option<SchemaStep> {
    let name = || wanted.name.clone();
    if wanted.unique && !found.has_unique_value {
        problems.push(SchemaProblem::NotUnique(object, name()));
        return None;
    }
    if !fits(wanted.kind, found) {
        let (kind, field) = wire_type(wanted.kind);
        let wanted = format!("{kind}/{field}");
        let found = format!("{}/{}", found.kind, found.field_type);
        problems.push(SchemaProblem::WrongType { object, name: name(), wanted, found });
        return None;
    }
    if wanted.written && !found.is_writable() {
        problems.push(SchemaProblem::ReadOnly(object, name()));
        return None;
    }
    let Choices::Known(options) = &wanted.choices else { return None };
    let values: HashSet<&str> = found.options.iter().map(|option| option.value.as_str()).collect();
    let missing: Vec<&OptionDefinition> =
        options.iter().filter(|option| !values.contains(option.value.as_str())).collect();
    if missing.is_empty() {
        return None;
    }
    let added: Vec<String> = missing.iter().map(|option| option.value.clone()).collect();
    if !found.takes_options() {
        problems.push(SchemaProblem::FixedOptions(object, name(), added));
        return None;
    }
    Some(SchemaStep::Options { object, name: name(), added, all: with_added(&found.options, &missing) })
}

/// All options that are there, and the new ones behind them.
fn with_added(have: &[OptionDefinition], missing: &[&OptionDefinition]) -> Vec<OptionDefinition> {
    let mut labels: HashSet<&str> = have.iter().map(|option| option.label.as_str()).collect();
    let next = have.iter().map(|option| option.display_order.saturating_add(1)).max().unwrap_or(0).max(0);
    let added = missing.iter().zip(next..).map(|(option, display_order)| {
        // A label of a person's own option stays that option's.
        let taken = !labels.insert(option.label.as_str());
        let label = if taken { format!("{} ({})", option.label, option.value) } else { option.label.clone() };
        OptionDefinition { label, display_order, ..(*option).clone() }
    });
    have.iter().cloned().chain(added).collect()
}

/// Whether values of `wanted` can be written to a property of this definition as they are.
fn fits(wanted: PropertyType, found: &PropertyDefinition) -> bool {
    let kind = found.kind.as_str();
    match wanted {
        PropertyType::Text | PropertyType::Phone => matches!(kind, "string" | "phone_number"),
        PropertyType::Number | PropertyType::Money => kind == "number",
        PropertyType::Date => kind == "date",
        PropertyType::Datetime => kind == "datetime",
        PropertyType::Bool => kind == "bool" || (kind == "enumeration" && found.field_type == "booleancheckbox"),
        PropertyType::Select => kind == "enumeration" && found.field_type != "booleancheckbox",
        // Values joined by `;` are one unknown option for a select.
        PropertyType::MultiSelect => kind == "enumeration" && found.field_type == "checkbox",
    }
}

/// Whether HubSpot defines a property of this name itself; such a one is never created.
fn is_hubspots(object: Object, name: &str) -> bool {
    let own: &[&str] = match object {
        Object::Contact => &[
            "firstname",
            "lastname",
            "email",
            "phone",
            "mobilephone",
            "date_of_birth",
            "address",
            "city",
            "zip",
            "country",
            "salutation",
            "gender",
            "lifecyclestage",
        ],
        Object::Deal => &[
            "dealname",
            "dealstage",
            "pipeline",
            "amount",
            "closedate",
            "closed_lost_reason",
            "closed_won_reason",
            "dealtype",
        ],
        Object::Appointment => &[],
    };
    own.contains(&name) || name.starts_with("hs_") || name.starts_with("hubspot_")
}

fn pipeline(desired: &Desired, pipelines: &[PipelineDefinition], plan: &mut SchemaPlan) {
    let ours = pipelines.iter().find(|pipeline| pipeline.id == desired.pipeline_id);
    let mut create = Vec::new();
    for (at, wanted) in desired.stages.iter().enumerate() {
        let problems = &mut plan.problems;
        if let Some(pipeline) = ours
            && existing_stage(wanted, pipeline, problems)
        {
            continue;
        }
        let Some(stage) = desired.new_stage(at) else { continue };
        let others = pipelines.iter().filter(|pipeline| pipeline.id != desired.pipeline_id);
        let holds = |pipeline: &&PipelineDefinition| pipeline.stages.iter().any(|other| other.id == stage.stage_id);
        match others.into_iter().find(holds) {
            Some(other) => problems
                .push(SchemaProblem::StageElsewhere { stage: stage.stage_id.clone(), pipeline: other.id.clone() }),
            None => create.push(stage),
        }
    }
    match ours {
        Some(pipeline) => {
            let stages = create.into_iter();
            plan.steps.extend(stages.map(|stage| SchemaStep::Stage { pipeline: pipeline.id.clone(), stage }));
        }
        // A pipeline without some of its stages would be a half thing that the next plan has to mend.
        None if create.len() == desired.stages.len() => {
            plan.steps.push(SchemaStep::Pipeline(desired.new_pipeline()));
        }
        None => {}
    }
}

/// Whether the stage is there, or in the way; what is wrong with it becomes a problem.
fn existing_stage(wanted: &DesiredStage, pipeline: &PipelineDefinition, problems: &mut Vec<SchemaProblem>) -> bool {
    if let Some(found) = find(wanted, pipeline) {
        let found_kind = kind(found);
        let stage = || format!("{} (\"{}\")", found.id, found.label);
        // Open or won is the portal's choice; a lost stage is where rules put what is lost, and nothing else.
        let agree = found_kind.is_some_and(|found| (found == StageKind::Lost) == (wanted.kind == StageKind::Lost));
        if !agree {
            problems.push(SchemaProblem::StageKind { stage: stage(), wanted: wanted.kind, found: found_kind });
        }
        if !found.is_writable() {
            problems.push(SchemaProblem::StageReadOnly(stage()));
        }
        return true;
    }
    if let Some(found) = labelled(&wanted.label, pipeline) {
        let (label, wanted) = (wanted.label.clone(), wanted.id.clone());
        problems.push(SchemaProblem::StageId { label, wanted, found: found.id.clone() });
        return true;
    }
    false
}
