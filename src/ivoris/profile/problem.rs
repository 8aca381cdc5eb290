//! Findings about a profile file, and their places.

use std::fmt;
use std::ops::Range;

/// One finding about a profile file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileProblem {
    /// Name of the file.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

/// `nord.toml:3:1: unknown key "pfad"; did you mean "path"?`
impl fmt::Display for ProfileProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.message)?;
        self.help.as_ref().map_or(Ok(()), |help| write!(f, "; {help}"))
    }
}

/// A text with its name.
#[derive(Clone, Copy)]
pub(super) struct Text<'a> {
    pub(super) name: &'a str,
    pub(super) text: &'a str,
}

impl Text<'_> {
    /// A problem at some bytes of this text.
    pub(super) fn at(self, span: Range<usize>, message: String, help: Option<String>) -> ProfileProblem {
        let before = self.text.get(..span.start).unwrap_or(self.text);
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        ProfileProblem {
            file: self.name.to_owned(),
            line: number(before.matches('\n').count() + 1),
            column: number(before.rsplit('\n').next().unwrap_or_default().chars().count() + 1),
            message,
            help,
        }
    }
}

/// The nearest of `known`, or all if none is near.
pub(super) fn nearest(word: &str, known: impl IntoIterator<Item = &'static str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    let near = known
        .iter()
        .map(|candidate| (strsim::jaro_winkler(&word.to_lowercase(), candidate), candidate))
        .filter(|(likeness, _)| *likeness >= 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0));
    match near {
        Some((_, candidate)) => format!("did you mean \"{candidate}\"?"),
        None => format!("known here: {}", known.join(", ")),
    }
}
