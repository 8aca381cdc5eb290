//! The screen: subject, level, sentence; further lines below it; what to do next at the end.

use crate::pass::explore::{Change, End, Sign, Survey};
use crate::report::{Line, Look, counted, span};

use super::facts::{Finding, Level};

/// Columns of the subject and of the level.
const SUBJECT: usize = 11;
const LEVEL: usize = 6;
/// Longer lines are hard to read, however wide the window is.
const WIDEST: usize = 110;

/// Columns that are used of so many: a line that fills the last one looks broken on some terminals.
fn columns(width: usize) -> usize {
    width.min(WIDEST).saturating_sub(1)
}
/// Changes shown; the document has all.
const MOST: usize = 12;

/// The findings about one installation. `width`: columns of the terminal.
#[must_use]
pub fn lines(survey: &Survey, findings: &[Finding], seconds: u64, width: usize) -> Vec<Line> {
    let cost = match survey.end {
        End::Document => "a saved document, nobody was asked".to_owned(),
        End::Complete | End::Unreachable | End::Refused | End::Stopped => {
            format!("{} in {}", counted(survey.calls, "call", "calls"), span(seconds))
        }
    };
    let head = Line::new().look(Look::Strong, survey.instance.as_str()).look(Look::Faint, &format!("   {cost}"));
    let mut lines = vec![head];
    let mut before = "";
    for finding in findings {
        // A subject with several findings is named once.
        let subject = if finding.subject == before { "" } else { finding.subject };
        before = finding.subject;
        lines.extend(one(finding, subject, columns(width)));
    }
    lines
}

fn one(finding: &Finding, subject: &str, width: usize) -> Vec<Line> {
    let look = match finding.level {
        Level::Ok => Look::Good,
        Level::Warn => Look::Warn,
        Level::Fail => Look::Bad,
    };
    let indent = SUBJECT + LEVEL;
    let first = Line::of(subject).pad_to(SUBJECT).look(look, finding.level.word()).pad_to(indent).plain(&finding.text);
    let mut lines = first.wrapped(width, indent);
    for more in &finding.more {
        let line = Line::of(&" ".repeat(indent)).look(Look::Faint, more);
        lines.extend(line.wrapped(width, indent + 2));
    }
    lines
}

/// What changed since the last look.
#[must_use]
pub fn changes(changes: &[Change], since: &str, width: usize) -> Vec<Line> {
    let indent = SUBJECT + LEVEL;
    let subject = Line::of("news").pad_to(SUBJECT);
    if changes.is_empty() {
        return vec![
            subject.look(Look::Good, "ok").pad_to(indent).plain(&format!("nothing has changed since {since}")),
        ];
    }
    let number = counted(changes.len() as u64, "thing has", "things have");
    let text = format!("{number} changed since {since}:");
    let mut lines = vec![subject.look(Look::Warn, "new").pad_to(indent).plain(&text)];
    for change in changes.iter().take(MOST) {
        let look = match change.sign {
            Sign::Came => Look::Good,
            Sign::Went => Look::Bad,
            Sign::Differs => Look::Warn,
        };
        let line = Line::of(&" ".repeat(indent)).look(look, &change.to_string());
        lines.extend(line.wrapped(columns(width), indent + 2));
    }
    if changes.len() > MOST {
        lines.push(Line::of(&format!("{}{} more in the document", " ".repeat(indent), changes.len() - MOST)));
    }
    lines
}

/// What to do, numbered; the most urgent first.
#[must_use]
pub fn next_steps(steps: &[String], width: usize) -> Vec<Line> {
    if steps.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![Line::new(), Line::new().look(Look::Strong, "next")];
    for (number, step) in steps.iter().enumerate() {
        let line = Line::of(&format!("  {}. ", number + 1)).plain(step);
        lines.extend(line.wrapped(columns(width), 5));
    }
    lines
}
