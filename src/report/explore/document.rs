//! The document of an installation: everything that was found, as Markdown, to be kept and handed on.

mod parts;
mod write;

use crate::pass::explore::{Change, End, Survey};

use super::facts::{Finding, findings};
use write::Markdown;

/// What was written down beside the document, by file name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files {
    /// The proposed route profile.
    pub profile: Option<String>,
    /// The contract as it was served.
    pub contract: Option<String>,
    /// Proposed rows: table, header, lines.
    pub rows: Vec<(String, String, Vec<String>)>,
    /// Where the fixtures are.
    pub fixtures: Option<String>,
}

/// The document. `steps`: what to do next; `news`: what changed since `since`, if there was an earlier look.
#[must_use]
pub fn document(survey: &Survey, steps: &[String], news: Option<(&[Change], &str)>, files: &Files) -> String {
    let mut out = Markdown::default();
    out.title(&format!("Ivoris installation {}", survey.instance));
    let way = match survey.end {
        End::Document => "a saved contract; nobody was asked".to_owned(),
        End::Complete | End::Unreachable | End::Refused | End::Stopped => format!("{} calls", survey.calls),
    };
    out.text(&format!(
        "Looked at by `ivohub explore` on {} UTC ({way}). It holds names of fields, kinds, counts, words of enumerations and the \
         practice's own names for chairs and Terminarten; no data of patients.",
        survey.at.format("%Y-%m-%d %H:%M")
    ));
    summary(&mut out, &findings(survey));
    if !steps.is_empty() {
        out.section("What to do next");
        out.numbered(steps);
    }
    if let Some((news, since)) = news {
        out.section(&format!("Changed since {since}"));
        if news.is_empty() {
            out.text("Nothing.");
        }
        out.list(news.iter().map(ToString::to_string));
    }
    parts::routes(&mut out, survey);
    parts::contract(&mut out, survey);
    parts::profiles(&mut out, survey);
    parts::names(&mut out, survey);
    parts::words(&mut out, survey);
    parts::fields(&mut out, survey);
    parts::entries(&mut out, survey);
    parts::unknown(&mut out, survey);
    parts::load(&mut out, survey);
    parts::proposed(&mut out, survey, files);
    parts::rows(&mut out, files);
    out.finish()
}

fn summary(out: &mut Markdown, findings: &[Finding]) {
    out.section("In short");
    let row = |finding: &Finding| {
        let mut text = finding.text.clone();
        for more in &finding.more {
            text.push_str("; ");
            text.push_str(more);
        }
        vec![finding.subject.to_owned(), finding.level.word().to_owned(), text]
    };
    out.table(&["Subject", "", "Finding"], &findings.iter().map(row).collect::<Vec<_>>());
}
