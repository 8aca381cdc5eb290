//! `status`, `pipeline`, `verlustgruende`.

use crate::domain::{AppointmentState, StageKey, StageKind};
use crate::mapping::fold::fold;
use crate::mapping::tables::{LossReason, Stage, Status, StatusField};

use super::row::{Once, Placed, Problems, Row};
use super::sheet::Sheet;

const KINDS: [(&str, StageKind); 3] = [("open", StageKind::Open), ("won", StageKind::Won), ("lost", StageKind::Lost)];

const DEFAULT_PIPELINE: &str = "ivohub_behandlungen";

/// The words of all appointment states with their meaning.
pub(super) fn state_words() -> Vec<(&'static str, AppointmentState)> {
    AppointmentState::ALL.into_iter().map(|state| (state.word(), state)).collect()
}

pub(super) fn status(sheet: &Sheet, problems: &Problems) -> Placed<Status> {
    let fields = [
        ("State", StatusField::State),
        ("Status", StatusField::State),
        ("Confirmation", StatusField::Confirmation),
        ("Bestätigung", StatusField::Confirmation),
    ];
    let states = state_words();
    let mut once = Once::default();
    let read = |row: Row<'_>| {
        let field = row.word("source_field", "M014", None, &fields);
        let value = fold(row.cell("source_value"));
        let cell = row.cell("canonical");
        let before = problems.count();
        let canonical = if cell.is_empty() { None } else { row.one_of("canonical", "M016", cell, &states) };
        let readable = problems.count() == before;
        let field = field?;
        once.check(&row, "source_value", format!("{field:?} {value}"), row.cell("source_value"));
        if !readable {
            return None;
        }
        match (field, canonical) {
            (StatusField::State, None) => {
                let problem = row.problem(
                    "canonical",
                    "M018",
                    format!("the status \"{}\" has no meaning", row.cell("source_value")),
                );
                problems.add(
                    problem.help("delete the row if the meaning is not known: such appointments are held and listed"),
                );
            }
            (StatusField::Confirmation, Some(state)) if state != AppointmentState::Confirmed => {
                let message = format!("a confirmation cannot mean {}", state.word());
                problems
                    .add(row.problem("canonical", "M016", message).help("write confirmed, or leave the cell empty"));
            }
            (StatusField::State, Some(_)) | (StatusField::Confirmation, None | Some(_)) => {}
        }
        Some(Status { field, value, canonical })
    };
    Row::each(sheet, problems, read)
}

pub(super) fn pipeline(sheet: &Sheet, problems: &Problems) -> Placed<Stage> {
    let (mut keys, mut ids, mut labels, mut orders) =
        (Once::default(), Once::default(), Once::default(), Once::default());
    let mut pipeline: Option<String> = None;
    let read = |row: Row<'_>| {
        let key = row.key("stage_key").unwrap_or(row.cell("stage_key"));
        if !key.is_empty() {
            keys.check(&row, "stage_key", fold(key), key);
        }
        if ["none", "supported", "previous"].contains(&fold(key).as_str()) {
            let message = format!("\"{key}\" is a word of regeln.csv and cannot name a stage");
            row.complain("stage_key", "M019", message, "choose another key");
        }
        let hubspot_stage_id = row.text("hubspot_stage_id").unwrap_or_default();
        if !hubspot_stage_id.is_empty() {
            ids.check(&row, "hubspot_stage_id", hubspot_stage_id.clone(), &hubspot_stage_id);
        }
        let label = row.text("label").unwrap_or_else(|| key.to_owned());
        labels.check(&row, "label", fold(&label), &label);
        let order = row.number("order").unwrap_or_else(|| u32::try_from(row.at).unwrap_or(u32::MAX));
        orders.check(&row, "order", order.to_string(), &order.to_string());
        let pipeline_id = row.text("pipeline_id").unwrap_or_else(|| DEFAULT_PIPELINE.to_owned());
        if *pipeline.get_or_insert_with(|| pipeline_id.clone()) != pipeline_id {
            let problem = row.problem("pipeline_id", "M024", format!("\"{pipeline_id}\" is a second pipeline"));
            problems.add(problem.help("all stages belong to one pipeline"));
        }
        let kind = row.word("kind", "M014", Some(StageKind::Open), &KINDS)?;
        Some(Stage { key: StageKey::new(key), hubspot_stage_id, label, order, kind, pipeline_id })
    };
    let mut stages = Row::each(sheet, problems, read);
    stages.sort_by_key(|(_, stage)| stage.order);
    stages
}

pub(super) fn reasons(sheet: &Sheet, problems: &Problems) -> Placed<LossReason> {
    let mut once = Once::default();
    let read = |row: Row<'_>| {
        let (key, counts_in_kpi) = (row.key("reason_key"), row.flag("counts_in_kpi", true));
        let key = key?;
        once.check(&row, "reason_key", fold(key), key);
        let hubspot_value = row.text("hubspot_value").unwrap_or_else(|| key.to_owned());
        Some(LossReason { key: key.to_owned(), hubspot_value, counts_in_kpi })
    };
    Row::each(sheet, problems, read)
}
