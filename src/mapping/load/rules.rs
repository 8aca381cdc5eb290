//! `regeln`: the decision table, its conditions, and what its rows do together.

use std::ops::Range;

use crate::domain::{AppointmentState, RuleId, StageKey, StageKind};
use crate::mapping::condition::{Flaw, VARIABLES, flaws};
use crate::mapping::fold::fold;
use crate::mapping::problem::{Problem, advice};
use crate::mapping::tables::{Action, Rule, Stage, StageMatch, Target};

use super::row::{Once, Placed, Problems, References, Row};
use super::sheet::Sheet;
use super::stages::state_words;
use super::world::{Findings, Trust, look_through};

const ACTIONS: [(&str, Action); 5] = [
    ("open", Action::Open),
    ("advance", Action::Advance),
    ("lose", Action::Lose),
    ("push_back", Action::PushBack),
    ("hold", Action::Hold),
];

pub(super) fn rules(sheet: &Sheet, stages: &[Stage], known: &References, problems: &Problems) -> Placed<Rule> {
    let meanings = state_words();
    let mut once = Once::default();
    let mut read = |row: &Row<'_>| {
        let id = row.key("id").unwrap_or(row.cell("id"));
        let action = row.word("action", "M014", None, &ACTIONS);
        let before = problems.count();
        let states = row.list("appointment_status");
        let categories = row.list("category");
        let mut rule = Rule {
            id: RuleId::new(id),
            states: states.filter_map(|word| row.one_of("appointment_status", "M016", word, &meanings)).collect(),
            stage: stage_match(row, known),
            categories: categories
                .filter_map(|key| row.reference("category", key, "M011", "category", &known.categories))
                .collect(),
            has_entries: if row.cell("has_entries").is_empty() { None } else { Some(row.flag("has_entries", false)) },
            condition: row.cell("bedingung").to_owned(),
            // What it does is not known; that it takes what its cells say is.
            action: action.unwrap_or(Action::Hold),
            target: None,
            reason: None,
        };
        let cells = problems.count();
        condition(row, &rule.condition);
        let trust = match (cells == before, problems.count() == cells) {
            (true, true) => Trust::Full,
            (true, false) => Trust::Cells,
            (false, _) => Trust::Nothing,
        };
        // What follows says what the row does, not when.
        rule.target = target(row, known);
        rule.reason = row.reference("reason", row.cell("reason"), "M013", "reason", &known.reasons);
        if !id.is_empty() {
            once.check(row, "id", fold(id), id);
        }
        if action.is_some() {
            fitting(row, &rule, stages);
        }
        (rule, trust)
    };
    let rows: Vec<Row<'_>> = Row::all(sheet, problems).collect();
    let all: Vec<(Rule, Trust)> = rows.iter().map(&mut read).collect();
    // Without the tables they name, rules mean more than they say.
    let named = known.stages.is_there() && known.categories.is_there() && stages.len() == known.stages.keys().len();
    if sheet.is_whole() && named {
        report(sheet, &rows, &all, stages, &look_through(&all, stages), problems);
    }
    rows.iter().zip(all).map(|(row, (rule, _))| (row.line(), rule)).collect()
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
    let at = |place: Option<Range<usize>>| {
        let cell = row.cell("bedingung");
        place.and_then(|place| cell.get(place)).unwrap_or(cell)
    };
    for flaw in flaws(condition) {
        row.problems.add(match flaw {
            Flaw::Expression(reason, place) => row
                .problem_at("bedingung", at(place), "M033", "the condition is not an expression")
                .note(reason)
                .help("conditions use and, or, not, comparisons and the variables of mappings/README.md"),
            Flaw::Variable(name, place) => {
                let message = format!("unknown variable \"{name}\"");
                let mut problem = row.problem_at("bedingung", at(place), "M034", message);
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
        Some(Target::Stage(key)) => match stages.iter().find(|stage| stage.key == *key) {
            Some(stage) => Some(stage.kind),
            // Its row in pipeline.csv is complained about.
            None => return,
        },
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

/// What the rows do together.
fn report(
    sheet: &Sheet,
    rows: &[Row<'_>],
    rules: &[(Rule, Trust)],
    stages: &[Stage],
    found: &Findings,
    problems: &Problems,
) {
    let id = |at: usize| &rules[at].0.id;
    for (at, takers) in &found.unreachable {
        let problem = rows[*at].problem("id", "M030", format!("rule {} can never apply", id(*at)));
        problems.add(if takers.is_empty() {
            problem
                .note("nothing that happens fits its cells and its condition")
                .help("its cells contradict each other, or its condition never holds there")
        } else {
            let takers: Vec<String> =
                takers.iter().map(|at| format!("{} (line {})", id(*at), rows[*at].line())).collect();
            problem
                .note(format!("{} already takes every case of it", takers.join(", ")))
                .help(format!("move {} above, or narrow the other", id(*at)))
        });
    }
    for ((one, other), (low, high)) in &found.cycles {
        let later = *one.max(other);
        let message = if one == other {
            format!("rule {} moves a deal back and forth", id(*one))
        } else {
            format!("rules {} and {} move a deal back and forth", id(*one), id(*other))
        };
        let problem = rows[later].problem("stage", "M032", message);
        let note =
            format!("between {} and {}, and nothing has happened in between", stages[*low].key, stages[*high].key);
        problems.add(problem.note(note).help("lead both to the same stage, or tell their cases apart in bedingung"));
    }
    if !found.gaps.is_empty() {
        let number: usize = found.gaps.iter().map(|(_, states)| states.len()).sum();
        let list = |(stage, states): &(Option<usize>, Vec<AppointmentState>)| {
            let states: Vec<&str> = states.iter().map(|state| state.word()).collect();
            format!("{}: {}", stage.map_or("none", |at| stages[at].key.as_str()), states.join(", "))
        };
        let lists: Vec<String> = found.gaps.iter().map(list).collect();
        let noun = if number == 1 { "combination" } else { "combinations" };
        let message = format!("{number} {noun} of deal_stage and appointment_status without a rule");
        let problem = Problem::of_file("M031", sheet.file, message).warn().note(lists.join("; "));
        problems.add(problem.help("add a rule; one with action hold says that the deal shall stay as it is"));
    }
}
