//! `regeln`: the decision table, its conditions, and rows that can never apply.

use std::collections::BTreeSet;

use crate::domain::{AppointmentState, RuleId, StageKey, StageKind};
use crate::mapping::condition::{Flaw, VARIABLES, flaws};
use crate::mapping::fold::fold;
use crate::mapping::problem::advice;
use crate::mapping::tables::{Action, Rule, Stage, StageMatch, Target};

use super::row::{Once, Placed, Problems, References, Row};
use super::sheet::Sheet;
use super::stages::state_words;

const ACTIONS: [(&str, Action); 5] = [
    ("open", Action::Open),
    ("advance", Action::Advance),
    ("lose", Action::Lose),
    ("push_back", Action::PushBack),
    ("hold", Action::Hold),
];

/// Beyond this many (rule, point) pairs the search for rows that never apply is left out.
const MAX_WORK: usize = 20_000_000;

pub(super) fn rules(sheet: &Sheet, stages: &[Stage], known: &References, problems: &Problems) -> Placed<Rule> {
    let meanings = state_words();
    let mut once = Once::default();
    let mut read = |row: Row<'_>| {
        let id = row.key("id")?;
        once.check(&row, "id", fold(id), id);
        let action = row.word("action", "M014", None, &ACTIONS)?;
        let rule = Rule {
            id: RuleId::new(id),
            states: row
                .list("appointment_status")
                .filter_map(|word| row.one_of("appointment_status", "M016", word, &meanings))
                .collect(),
            stage: stage_match(&row, known),
            categories: row
                .list("category")
                .filter_map(|key| row.reference("category", key, "M011", "category", &known.categories))
                .collect(),
            has_entries: if row.cell("has_entries").is_empty() { None } else { Some(row.flag("has_entries", false)) },
            condition: row.cell("bedingung").to_owned(),
            action,
            target: target(&row, known),
            reason: row.reference("reason", row.cell("reason"), "M013", "reason", &known.reasons),
        };
        condition(&row, &rule.condition);
        fitting(&row, &rule, stages);
        Some(rule)
    };
    let rows: Vec<(Row<'_>, Rule)> = Row::all(sheet, problems).filter_map(|row| Some((row, read(row)?))).collect();
    // Without the tables they name, rules mean more than they say.
    if rows.len() == sheet.len() && known.stages.is_there() && known.categories.is_there() {
        unreachable(&rows, stages);
    }
    rows.into_iter().map(|(row, rule)| (row.line(), rule)).collect()
}

fn stage_match(row: &Row<'_>, known: &References) -> StageMatch {
    if row.cell("deal_stage").is_empty() {
        return StageMatch::AnyOpen;
    }
    let keys = row.list("deal_stage").filter(|key| fold(key) != "none");
    let stages = keys.filter_map(|key| row.reference("deal_stage", key, "M010", "stage", &known.stages));
    let stages = stages.map(|key| StageKey::new(&key)).collect();
    StageMatch::OneOf { none: row.list("deal_stage").any(|key| fold(key) == "none"), stages }
}

fn target(row: &Row<'_>, known: &References) -> Option<Target> {
    match fold(row.cell("stage")).as_str() {
        "" => None,
        "supported" => Some(Target::Supported),
        "previous" => Some(Target::Previous),
        _ => row.stage("stage", known).map(Target::Stage),
    }
}

fn condition(row: &Row<'_>, condition: &str) {
    for flaw in flaws(condition) {
        row.problems.add(match flaw {
            Flaw::Expression(reason) => row
                .problem("bedingung", "M033", "the condition is not an expression")
                .note(reason)
                .help("conditions use and, or, not, comparisons and the variables of mappings/README.md"),
            Flaw::Variable(name) => {
                let mut problem = row.problem("bedingung", "M034", format!("unknown variable \"{name}\""));
                problem.help = advice(&name, VARIABLES);
                problem
            }
        });
    }
}

/// An action needs a stage that fits it.
fn fitting(row: &Row<'_>, rule: &Rule, stages: &[Stage]) {
    let complain =
        |column: &str, message: String, help: &str| row.problems.add(row.problem(column, "M035", message).help(help));
    let id = &rule.id;
    let kind = match &rule.target {
        Some(Target::Stage(key)) => stages.iter().find(|stage| stage.key == *key).map(|stage| stage.kind),
        Some(Target::Supported | Target::Previous) | None => None,
    };
    match rule.action {
        Action::Lose => {
            if row.cell("stage").is_empty() || (rule.target.is_some() && kind != Some(StageKind::Lost)) {
                complain("stage", format!("rule {id} loses a deal without a lost stage"), "name a stage of kind lost");
            }
            if row.cell("reason").is_empty() {
                complain(
                    "reason",
                    format!("rule {id} loses a deal without a reason"),
                    "name a key of verlustgruende.csv",
                );
            }
        }
        Action::Open | Action::Advance | Action::PushBack => {
            if row.cell("stage").is_empty() {
                complain("stage", format!("rule {id} has no stage"), "write supported, previous or a stage key");
            } else if kind == Some(StageKind::Lost) {
                complain(
                    "stage",
                    format!("rule {id} leads to a lost stage"),
                    "use the action lose, which gives a reason",
                );
            }
        }
        Action::Hold => {}
    }
}

/// The finite world that the rows of the table speak of: only values that some row names, and one of the rest.
struct World {
    stages: Vec<Option<StageKey>>,
    open: Vec<bool>,
    categories: Vec<Option<String>>,
}

impl World {
    fn of(rows: &[(Row<'_>, Rule)], stages: &[Stage]) -> Self {
        let named: BTreeSet<&String> = rows.iter().flat_map(|(_, rule)| &rule.categories).collect();
        let categories = std::iter::once(None).chain(named.into_iter().cloned().map(Some)).collect();
        let open = std::iter::once(false).chain(stages.iter().map(|stage| stage.kind == StageKind::Open)).collect();
        let stages = std::iter::once(None).chain(stages.iter().map(|stage| Some(stage.key.clone()))).collect();
        Self { stages, open, categories }
    }

    fn size(&self) -> usize {
        AppointmentState::ALL.len() * self.stages.len() * self.categories.len() * 2
    }

    /// The points that a rule matches, its condition left aside.
    fn points(&self, rule: &Rule) -> Vec<usize> {
        let mut points = Vec::new();
        let mut point = 0;
        for state in AppointmentState::ALL {
            for (stage, open) in self.stages.iter().zip(&self.open) {
                for category in &self.categories {
                    for entries in [false, true] {
                        let stage_fits = match (&rule.stage, stage) {
                            (StageMatch::AnyOpen, _) => *open,
                            (StageMatch::OneOf { none, .. }, None) => *none,
                            (StageMatch::OneOf { stages, .. }, Some(key)) => stages.contains(key),
                        };
                        let fits = stage_fits
                            && (rule.states.is_empty() || rule.states.contains(&state))
                            && (rule.categories.is_empty()
                                || category.as_ref().is_some_and(|key| rule.categories.contains(key)))
                            && rule.has_entries.is_none_or(|wanted| wanted == entries);
                        if fits {
                            points.push(point);
                        }
                        point += 1;
                    }
                }
            }
        }
        points
    }
}

/// A row whose every point an earlier row without condition takes can never apply.
fn unreachable(rows: &[(Row<'_>, Rule)], stages: &[Stage]) {
    let world = World::of(rows, stages);
    if world.size().saturating_mul(rows.len()) > MAX_WORK {
        return;
    }
    let mut taken: Vec<Option<usize>> = vec![None; world.size()];
    for (at, (row, rule)) in rows.iter().enumerate() {
        let points = world.points(rule);
        let by: BTreeSet<Option<usize>> = points.iter().map(|point| taken.get(*point).copied().flatten()).collect();
        if !by.contains(&None) {
            let takers: Vec<String> = by
                .iter()
                .filter_map(|at| rows.get((*at)?))
                .map(|(row, rule)| format!("{} (line {})", rule.id, row.sheet.line(row.at)))
                .collect();
            let problem = row.problem("id", "M030", format!("rule {} can never apply", rule.id));
            row.problems.add(if takers.is_empty() {
                problem.help("its cells contradict each other")
            } else {
                let others = takers.join(", ");
                problem
                    .note(format!("{others} already takes every case of it"))
                    .help(format!("move {} above, or narrow the other", rule.id))
            });
        }
        if rule.condition.is_empty() {
            for point in points {
                if let Some(taker) = taken.get_mut(point) {
                    taker.get_or_insert(at);
                }
            }
        }
    }
}
