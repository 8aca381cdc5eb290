//! Problems of rooms → findings on the screen.

use crate::mapping::{Level, Problem};
use crate::report::finding::{Finding, Severity};

/// Problems of the configuration: their file is named as it was found.
pub(super) fn of_config(problems: &[Problem]) -> Vec<Finding> {
    problems.iter().map(|problem| finding(problem, problem.file.clone())).collect()
}

/// Problems of the mapping: their files lie in `folder`.
pub(super) fn of_mapping(problems: &[Problem], folder: &str) -> Vec<Finding> {
    problems.iter().map(|problem| finding(problem, format!("{folder}/{}", problem.file))).collect()
}

/// Problems of what tables are pulled from: their place is named as it is.
pub(super) fn of_source(problems: &[Problem]) -> Vec<Finding> {
    problems.iter().map(|problem| finding(problem, problem.file.clone())).collect()
}

fn finding(problem: &Problem, file: String) -> Finding {
    let Problem { code, level, file: _, line, column, end_column, cell, line_text, message, label, note, help } =
        problem.clone();
    let level = match level {
        Level::Error => Severity::Error,
        Level::Warning => Severity::Warning,
    };
    Finding { code, level, file, line, column, end_column, cell, line_text, message, label, note, help }
}
