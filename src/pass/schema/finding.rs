//! What a portal lacks for a mapping, as problems of the tables: with the row that asks for it (`mappings.md` M040–M049).

use crate::domain::Object;
use crate::mapping::{Mapping, Problem, SourceWord};

use super::plan::{SchemaPlan, SchemaStep};
use super::problem::SchemaProblem;

const PROPERTIES: &str = "eigenschaften";
const PIPELINE: &str = "pipeline";

const APPLY: &str = "ivohub hubspot-schema apply creates it";

/// Everything that stands between a portal and the tables. A portal that lacks something is no place for a pass, so all
/// but the switched-off appointments are errors.
#[must_use]
pub fn findings(plan: &SchemaPlan, mapping: &Mapping) -> Vec<Problem> {
    let steps = plan.steps.iter().filter_map(|step| missing(step, mapping));
    let problems = plan.problems.iter().map(|problem| wrong(problem, mapping));
    let off = plan.appointments_off.iter().map(|off| {
        let text = off.to_string();
        let (message, help) = halves(&text);
        Problem::warning("M041", "eigenschaften.csv", message, help)
    });
    steps.chain(problems).chain(off).collect()
}

/// What `hubspot-schema apply` would create.
fn missing(step: &SchemaStep, mapping: &Mapping) -> Option<Problem> {
    let error = |code, place: Place, message: String| {
        Some(Problem::error(code, &format!("{}.csv", place.0), message, APPLY.to_owned()).at_line(place.1))
    };
    match step {
        // A group is only where new properties are put.
        SchemaStep::Group { .. } => None,
        SchemaStep::Property { object, property } => {
            let message = format!("the portal has no property {object}.{}", property.name);
            error("M041", property_row(*object, &property.name, mapping), message)
        }
        SchemaStep::Options { object, name, added, all: _ } => {
            let message = format!("the property {object}.{name} lacks the options {}", added.join(", "));
            error("M043", property_row(*object, name, mapping), message)
        }
        SchemaStep::Pipeline(pipeline) => {
            error("M040", (PIPELINE, 0), format!("the portal has no pipeline {}", pipeline.pipeline_id))
        }
        SchemaStep::Stage { pipeline: _, stage } => {
            let message = format!("the pipeline has no stage {} (\"{}\")", stage.stage_id, stage.label);
            error("M040", stage_row(&stage.stage_id, &stage.label, mapping), message)
        }
    }
}

/// What only people can settle.
fn wrong(problem: &SchemaProblem, mapping: &Mapping) -> Problem {
    let property = |object: &Object, name: &str| property_row(*object, name, mapping);
    let (code, place) = match problem {
        SchemaProblem::NotApplied(_) | SchemaProblem::Refused(..) => ("M041", (PROPERTIES, 0)),
        SchemaProblem::NotUnique(object, name) | SchemaProblem::TooManyUnique(object, name) => {
            ("M044", property(object, name))
        }
        SchemaProblem::WrongType { object, name, .. } | SchemaProblem::ReadOnly(object, name) => {
            ("M042", property(object, name))
        }
        SchemaProblem::NotHubspots(object, name) => ("M041", property(object, name)),
        SchemaProblem::FixedOptions(object, name, _) | SchemaProblem::FreeSelect(object, name) => {
            ("M043", property(object, name))
        }
        SchemaProblem::Health(object, name) => ("M045", property(object, name)),
        SchemaProblem::StageKind { stage, .. } | SchemaProblem::StageReadOnly(stage) => {
            let id = stage.split(' ').next().unwrap_or_default();
            let label = stage.split('"').nth(1).unwrap_or_default();
            ("M040", stage_row(id, label, mapping))
        }
        SchemaProblem::StageId { label, wanted, .. } => ("M040", stage_row(wanted, label, mapping)),
        SchemaProblem::StageElsewhere { stage, .. } => ("M040", stage_row(stage, "", mapping)),
    };
    let text = problem.to_string();
    let (message, help) = halves(&text);
    Problem::error(code, &format!("{}.csv", place.0), message, help).at_line(place.1)
}

/// A table and a line, 0 = the table as a whole.
type Place = (&'static str, u32);

fn property_row(object: Object, name: &str, mapping: &Mapping) -> Place {
    let rows = mapping.properties(object);
    let named = rows.iter().find(|(_, row)| row.name.as_str() == name);
    // The key may have another name in this portal.
    let row = named.or_else(|| rows.iter().find(|(word, _)| *word == SourceWord::key_of(object)));
    let line = row.and_then(|(_, row)| mapping.tables().line(PROPERTIES, &format!("{object} {}", row.name)));
    (PROPERTIES, line.unwrap_or(0))
}

fn stage_row(id: &str, label: &str, mapping: &Mapping) -> Place {
    let rows = &mapping.tables().stages;
    let row = rows.iter().find(|row| row.hubspot_stage_id == id).or_else(|| rows.iter().find(|row| row.label == label));
    (PIPELINE, row.and_then(|row| mapping.tables().line(PIPELINE, row.key.as_str())).unwrap_or(0))
}

/// What is wrong, and what to do about it.
fn halves(text: &str) -> (String, String) {
    let (message, help) = text.split_once("; ").unwrap_or((text, "ivohub hubspot-schema plan shows all of it"));
    (message.to_owned(), help.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::StageKind;
    use crate::mapping::shipped;

    #[test]
    fn every_problem_of_a_portal_has_its_row() {
        let object = Object::Deal;
        let text = str::to_owned;
        let all = [
            SchemaProblem::NotUnique(object, text("ivoris_appointment_id")),
            SchemaProblem::WrongType {
                object,
                name: text("amount"),
                wanted: text("number/number"),
                found: text("string/text"),
            },
            SchemaProblem::FixedOptions(object, text("treatment_category"), vec![text("retainer")]),
            SchemaProblem::Health(object, text("dealname")),
            SchemaProblem::StageKind {
                stage: text("ivohub_verloren (\"Verloren\")"),
                wanted: StageKind::Lost,
                found: Some(StageKind::Open),
            },
            SchemaProblem::StageId { label: text("Angebot"), wanted: text("ivohub_angebot"), found: text("123") },
            SchemaProblem::StageReadOnly(text("ivohub_gewonnen (\"Gewonnen\")")),
        ];
        let plan = SchemaPlan { problems: all.into(), ..SchemaPlan::default() };
        let found = findings(&plan, &shipped());
        let line = |needle: &str, file: &str| {
            let text = crate::mapping::shipped_file(file).expect("a table");
            (1..).zip(text.lines()).find(|(_, line)| line.contains(needle)).map(|(at, _)| at).expect("a row")
        };
        let (properties, stages) = ("eigenschaften.csv", "pipeline.csv");
        let wanted = [
            ("M044", line("deal;ivoris_appointment_id;", properties)),
            ("M042", line("deal;amount;", properties)),
            ("M043", line("deal;treatment_category;", properties)),
            ("M045", line("deal;dealname;", properties)),
            ("M040", line("verloren;", stages)),
            ("M040", line("angebot;", stages)),
            ("M040", line("gewonnen;", stages)),
        ];
        assert_eq!(found.iter().map(|problem| (problem.code, problem.line)).collect::<Vec<_>>(), wanted);
        assert!(found.iter().all(|problem| problem.help.is_some() && !problem.message.contains("; ")), "{found:#?}");
    }
}
