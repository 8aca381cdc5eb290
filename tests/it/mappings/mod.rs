//! The commands about the tables: what `mappings check` finds, what `mappings table` prints.

mod data;
mod mistakes;
mod portal;
mod variants;

use std::collections::BTreeSet;

use serde_json::Value;

use crate::project::{Done, Project};

/// A problem as a tool sees it: file, line, code, the marked text, message, help.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Told {
    file: String,
    line: u64,
    code: String,
    mark: String,
    message: String,
    help: String,
}

/// All problems that a command told of as JSON; the marked text is read from the file itself.
fn told(project: &Project, done: &Done) -> Vec<Told> {
    let lines = done.stdout.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let problems = lines.filter(|line| line["type"] == "problem").map(|line| line["problem"].clone());
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    problems
        .map(|problem| Told {
            file: text(&problem["file"]).trim_start_matches("mappings/").to_owned(),
            line: problem["line"].as_u64().unwrap_or(0),
            code: text(&problem["code"]),
            mark: marked(project, &problem),
            message: text(&problem["message"]),
            help: text(&problem["help"]),
        })
        .collect()
}

fn marked(project: &Project, problem: &Value) -> String {
    let number = |name: &str| usize::try_from(problem[name].as_u64().unwrap_or(0)).unwrap_or(0);
    let (line, first, end) = (number("line"), number("column"), number("end_column"));
    let bytes = std::fs::read(project.path(problem["file"].as_str().unwrap_or_default())).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let line = line.checked_sub(1).and_then(|at| text.lines().nth(at)).unwrap_or_default();
    line.chars().skip(first.saturating_sub(1)).take(end.saturating_sub(first)).collect()
}

/// The codes, each once.
fn codes(told: &[Told]) -> BTreeSet<&str> {
    told.iter().map(|one| one.code.as_str()).collect()
}
