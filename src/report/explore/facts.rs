//! Findings: a survey in sentences, each with its level and what to do about it.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::pass::explore::{End, Obeyed, Survey};
use crate::report::grouped;

use super::{about, data};

/// How good a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// As expected.
    Ok,
    /// Worth a look.
    Warn,
    /// Reading does not work this way.
    Fail,
}

impl Level {
    /// The word on the screen.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "FAIL",
        }
    }
}

/// Who has to act; decides the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Nobody.
    Nobody,
    /// Whoever keeps configuration and tables.
    Operator,
    /// Whoever has the credentials.
    Credentials,
    /// Whoever keeps the server running.
    Server,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Its subject, one word: `calendar`.
    pub subject: &'static str,
    /// How good it is.
    pub level: Level,
    /// The sentence.
    pub text: String,
    /// Further lines below it.
    pub more: Vec<String>,
    /// What to do.
    pub next: Option<String>,
    /// Who has to do it.
    pub need: Need,
}

impl Finding {
    /// A finding that is fine.
    pub(super) fn ok(subject: &'static str, text: impl Into<String>) -> Self {
        Self { subject, level: Level::Ok, text: text.into(), more: Vec::new(), next: None, need: Need::Nobody }
    }

    /// A finding that is worth a look.
    pub(super) fn warn(subject: &'static str, text: impl Into<String>) -> Self {
        Self { level: Level::Warn, ..Self::ok(subject, text) }
    }

    /// A finding that stops reading.
    pub(super) fn fail(subject: &'static str, text: impl Into<String>) -> Self {
        Self { level: Level::Fail, need: Need::Operator, ..Self::ok(subject, text) }
    }

    pub(super) fn more(mut self, lines: impl IntoIterator<Item = String>) -> Self {
        self.more.extend(lines);
        self
    }

    pub(super) fn next(mut self, next: impl Into<String>) -> Self {
        self.next = Some(next.into());
        self
    }

    pub(super) fn needs(mut self, need: Need) -> Self {
        self.need = need;
        self
    }
}

/// All findings, in the order of the screen.
#[must_use]
pub fn findings(survey: &Survey) -> Vec<Finding> {
    let mut all = about::reach(survey);
    if matches!(survey.end, End::Complete | End::Stopped | End::Unreachable) && !survey.routes.is_empty() {
        all.extend(about::routes(survey));
    }
    all.extend(about::contract(survey));
    all.extend(data::all(survey));
    all.extend(about::proposal(survey));
    all
}

/// One object per finding.
#[must_use]
pub fn json(survey: &Survey, finding: &Finding) -> Value {
    json!({
        "type": "finding",
        "instance": survey.instance.as_str(),
        "subject": finding.subject,
        "level": finding.level.word().to_lowercase(),
        "text": finding.text,
        "more": finding.more,
        "next": finding.next,
    })
}

/// `184 ms`, `4.9 s`.
pub(super) fn time(millis: u64) -> String {
    if millis < 1_000 { format!("{millis} ms") } else { format!("{}.{} s", millis / 1_000, millis % 1_000 / 100) }
}

/// `3 min`, `5 h`, `12 days`.
pub(super) fn ago(minutes: i64) -> String {
    match minutes {
        ..0 => "in the future: its clock is ahead".to_owned(),
        0..120 => format!("{minutes} min ago"),
        120..2_880 => format!("{} h ago", minutes / 60),
        _ => format!("{} days ago", minutes / 1_440),
    }
}

/// `a ×3, b ×1`: the most frequent first, and how many more there are.
pub(super) fn counts<'c>(all: impl IntoIterator<Item = (&'c String, &'c u64)>, most: usize) -> String {
    let mut all: Vec<(&String, &u64)> = all.into_iter().collect();
    all.sort_by(|a, b| b.1.cmp(a.1).then_with(|| a.0.cmp(b.0)));
    let mut text = String::new();
    for (name, count) in all.iter().take(most) {
        // Writing to a string cannot fail.
        let _infallible = write!(text, "{}{name} ×{}", if text.is_empty() { "" } else { ", " }, grouped(**count));
    }
    if all.len() > most {
        let _infallible = write!(text, ", {} more", all.len() - most);
    }
    text
}

/// `a, b, c`, and how many more there are.
pub(super) fn list<'l>(all: impl IntoIterator<Item = &'l str>, most: usize) -> String {
    let all: Vec<&str> = all.into_iter().collect();
    let shown = all.iter().take(most).copied().collect::<Vec<_>>().join(", ");
    if all.len() > most { format!("{shown}, {} more", all.len() - most) } else { shown }
}

/// `obeyed`, `not obeyed`, …
pub(super) const fn obeyed(obeyed: Obeyed) -> &'static str {
    match obeyed {
        Obeyed::Yes => "obeyed",
        Obeyed::No => "NOT obeyed",
        Obeyed::Unclear => "not certain",
        Obeyed::Failed => "the question failed",
    }
}
