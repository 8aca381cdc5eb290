//! `tests.csv`: cases that must keep their answer.

use crate::mapping::fold::fold;
use crate::mapping::problem::Problem;
use crate::mapping::trial::{ACTIONS, Expected, Trial};

use super::row::{Known, Once, Problems, References, Row};
use super::sheet::Sheet;

pub(super) fn trials(sheet: &Sheet, rules: &Known, known: &References, problems: &Problems) -> Vec<Trial> {
    let mut once = Once::default();
    let read = |row: Row<'_>| {
        let (name, template, status) = (row.needed("case"), row.needed("terminart"), row.needed("status"));
        let stage = |column: &str| match fold(row.cell(column)).as_str() {
            "" | "none" => None,
            _ => row.stage(column, known),
        };
        name.into_iter().for_each(|name| once.check(&row, "case", fold(name), name));
        let before = problems.count();
        let text = |cell: Option<&str>| cell.unwrap_or_default().to_owned();
        let trial = Trial {
            name: text(name),
            template: text(template),
            status: text(status),
            confirmation: row.cell("confirmation").to_owned(),
            stage: stage("deal_stage"),
            previous: stage("previous"),
            supported: stage("supported"),
            entries: row.number("entries").unwrap_or(0),
            begun: row.flag("begun", false),
            live: row.flag("live", false),
            day: row.day("day"),
            expected: expected(&row, rules, known),
            place: place(&row, "terminart"),
        };
        (problems.count() == before && name.is_some() && template.is_some() && status.is_some()).then_some(trial)
    };
    Row::each(sheet, problems, read).into_iter().map(|(_, trial)| trial).collect()
}

fn place(row: &Row<'_>, column: &str) -> Problem {
    row.problem(column, "M060", "")
}

fn expected(row: &Row<'_>, rules: &Known, known: &References) -> Expected {
    let cell = |column: &str| (row.cell(column).to_owned(), place(row, column));
    let Expected { stage, action, rule } =
        Expected { stage: cell("expect_stage"), action: cell("expect_action"), rule: cell("expect_rule") };
    if fold(&stage.0) != "none" {
        row.stage("expect_stage", known);
    }
    if !action.0.is_empty() {
        row.one_of("expect_action", "M014", row.cell("expect_action"), &ACTIONS.map(|word| (word, ())));
    }
    // R7 is no row of regeln.csv: it brings back what was lost.
    if !["", "none", "r7"].contains(&fold(&rule.0).as_str()) {
        row.reference("expect_rule", row.cell("expect_rule"), "M015", "rule", rules);
    }
    if stage.0.is_empty() && action.0.is_empty() && rule.0.is_empty() {
        let help = "fill expect_stage, expect_action or expect_rule; none where nothing is expected";
        row.complain("case", "M018", format!("\"{}\" expects nothing", row.cell("case")), help);
    }
    Expected { stage, action, rule }
}
