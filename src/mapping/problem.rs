//! What is wrong with a table: plain data, rendered by `report`.

use super::load::decode;

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Nothing runs until it is repaired.
    Error,
    /// Does not stop a run.
    Warning,
}

/// One finding about a mapping file (`mappings.md` 3.4). Tables hold no personal data, so cells may be quoted.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Problem {
    /// `M001` to `M090`.
    pub code: &'static str,
    /// Error or warning.
    pub level: Level,
    /// File name inside the mapping folder.
    pub file: String,
    /// Line, counted from 1; 0 = the file as a whole.
    pub line: u32,
    /// First character of the place, counted from 1; 0 = the line or file as a whole.
    pub column: u32,
    /// The character after the place.
    pub end_column: u32,
    /// The cell it was pulled from (`Konfiguration.xlsx, terminarten!E5`), as long as the file is as it was pulled.
    pub cell: Option<String>,
    /// The line as it stands in the file; empty when the whole file is meant.
    pub line_text: String,
    /// What is wrong: `unknown stage "plan_besprochn"`.
    pub message: String,
    /// Short text for the place itself: `not in pipeline.csv`; may be empty.
    pub label: String,
    /// Why, or what stands against it.
    pub note: Option<String>,
    /// What to do.
    pub help: Option<String>,
}

impl Problem {
    /// The code of what follows from another problem; it is never reported.
    pub(in crate::mapping) const MOOT: &str = "";

    /// An error about a file as a whole.
    pub(crate) fn of_file(code: &'static str, file: &str, message: impl Into<String>) -> Self {
        Self {
            code,
            level: Level::Error,
            file: file.to_owned(),
            line: 0,
            column: 0,
            end_column: 0,
            cell: None,
            line_text: String::new(),
            message: message.into(),
            label: String::new(),
            note: None,
            help: None,
        }
    }

    /// A warning about a table as a whole, from outside this room.
    #[must_use]
    pub fn warning(code: &'static str, file: &str, message: String, help: String) -> Self {
        Self::of_file(code, file, message).warn().help(help)
    }

    /// An error about a table, from outside this room.
    #[must_use]
    pub fn error(code: &'static str, file: &str, message: String, help: String) -> Self {
        Self::of_file(code, file, message).help(help)
    }

    /// The same for a row, by its line; 0 = the table as a whole.
    #[must_use]
    pub fn at_line(self, line: u32) -> Self {
        Self { line, ..self }
    }

    /// A pull is refused for what was found at a place of the source (M090).
    #[must_use]
    pub fn of_pull(place: &str, message: impl Into<String>, help: &str) -> Self {
        Self::of_file("M090", place, message).help(help)
    }

    /// The same as a warning.
    pub(crate) fn warn(mut self) -> Self {
        self.level = Level::Warning;
        self
    }

    /// The same with a text for its place.
    pub(crate) fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// The same with a reason.
    pub(crate) fn note(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into());
        self
    }

    /// The same with advice.
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// Shows the line of every problem that knows only its number.
pub fn quote(files: &dyn super::Source, problems: &mut [Problem]) {
    for problem in problems.iter_mut().filter(|problem| problem.line > 0 && problem.column == 0) {
        let text = files.read(&problem.file).and_then(|bytes| decode(&problem.file, &bytes, &mut Vec::new()));
        let at = usize::try_from(problem.line).unwrap_or(0).checked_sub(1);
        let Some(line) = at.and_then(|at| text.as_deref()?.lines().nth(at)) else { continue };
        problem.column = 1;
        problem.end_column = u32::try_from(line.chars().count() + 1).unwrap_or(u32::MAX);
        line.clone_into(&mut problem.line_text);
    }
}

/// Advice for a value that is not one of `known`: the nearest one, or all if they are few.
pub(crate) fn advice<'k>(value: &str, known: impl IntoIterator<Item = &'k str>) -> Option<String> {
    let known: Vec<&str> = known.into_iter().collect();
    match nearest(value, 0.8, known.iter().copied()) {
        Some(candidate) => Some(format!("did you mean \"{candidate}\"?")),
        None if known.is_empty() => None,
        None if known.len() <= 12 => Some(format!("one of: {}", known.join(", "))),
        None => Some(format!("{} values are known, for example: {}", known.len(), known.get(..5)?.join(", "))),
    }
}

/// The one of `known` that is most like a value, if it is as like as `least` (1 = the same).
pub(crate) fn nearest<'k>(value: &str, least: f64, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let wanted = super::fold::fold(value);
    let likeness = |candidate: &'k str| (strsim::jaro_winkler(&wanted, &super::fold::fold(candidate)), candidate);
    let likely = known.into_iter().map(likeness).filter(|(likeness, _)| *likeness >= least);
    likely.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, candidate)| candidate)
}

/// From this likeness on a misspelt word is read on as the known one, so that what follows from it is no alarm of its
/// own.
pub(crate) const MISSPELT: f64 = 0.9;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_known_value_is_offered() {
        let stages = ["termin_gebucht", "plan_erstellt", "verloren"];
        assert_eq!(advice("plan_erstelt", stages).as_deref(), Some("did you mean \"plan_erstellt\"?"));
        assert_eq!(advice("zzz", ["ja", "nein"]).as_deref(), Some("one of: ja, nein"));
        assert_eq!(advice("zzz", []), None);
    }
}
