//! Problems in files, shown with the line they are about.

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use serde::Serialize;

use super::clean::clean;
use super::line::{Line, Look, counted};
use super::screen::Screen;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Nothing runs until it is repaired.
    Error,
    /// Does not stop a run.
    Warning,
}

/// One problem about a file. `line` and `column` count from 1, 0 = the whole; an empty `line_text` is not quoted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Its code (`M010`).
    pub code: &'static str,
    /// How bad it is.
    pub level: Severity,
    /// The file as the operator knows it.
    pub file: String,
    /// Line.
    pub line: u32,
    /// First character.
    pub column: u32,
    /// The character after the last.
    pub end_column: u32,
    /// The cell of the spreadsheet behind this place.
    pub cell: Option<String>,
    /// The line itself.
    #[serde(skip)]
    pub line_text: String,
    /// What is wrong.
    pub message: String,
    /// A word at the place itself.
    pub label: String,
    /// Why.
    pub note: Option<String>,
    /// What to do.
    pub help: Option<String>,
}

impl Finding {
    /// As text, with or without colour.
    #[must_use]
    pub fn text(&self, colour: bool) -> String {
        let level = match self.level {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let (message, label, source) = (clean(&self.message), clean(&self.label), clean(&self.line_text));
        let (file, note, help) = (clean(&self.file), self.note.as_deref().map(clean), self.help.as_deref().map(clean));
        let line = usize::try_from(self.line).unwrap_or(0);
        let title = level.primary_title(&*message).id(self.code);
        let mut group: Group<'_> = if line == 0 {
            title.element(Origin::path(&*file))
        } else if source.is_empty() {
            title.element(Origin::path(&*file).line(line).char_column(usize::try_from(self.column).unwrap_or(1)))
        } else {
            let mut place = AnnotationKind::Primary.span(bytes(&source, self.column, self.end_column));
            if !label.is_empty() {
                place = place.label(&*label);
            }
            title.element(Snippet::source(&*source).line_start(line).path(&*file).annotation(place))
        };
        if let Some(note) = &note {
            group = group.element(Level::NOTE.message(&**note));
        }
        if let Some(help) = &help {
            group = group.element(Level::HELP.message(&**help));
        }
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        let text = renderer.decor_style(DecorStyle::Ascii).render(&[group]);
        self.with_cell(text)
    }

    /// The cell stands behind the place, in the line with the arrow.
    fn with_cell(&self, text: String) -> String {
        let Some(cell) = &self.cell else { return text };
        let Some(arrow) = text.find("--> ") else { return text };
        let end = text.get(arrow..).and_then(|rest| rest.find('\n')).map_or(text.len(), |at| arrow + at);
        let (head, tail) = text.split_at_checked(end).unwrap_or((&text, ""));
        format!("{head}   ({}){tail}", clean(cell))
    }
}

impl Finding {
    /// As a workflow command of GitHub: `::error file=…,line=5,col=30,title=M010::unknown stage …`.
    #[must_use]
    pub fn github(&self) -> String {
        // Line ends are gone: `clean` shows them.
        let data = |text: &str| text.replace('%', "%25");
        let property = |text: &str| data(text).replace(':', "%3A").replace(',', "%2C");
        let level = match self.level {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let numbers = [("line", self.line), ("col", self.column), ("endColumn", self.end_column)];
        let numbers = numbers.into_iter().filter(|(_, number)| self.line > 0 && *number > 0);
        let place = std::iter::once(format!("file={}", property(&clean(&self.file))))
            .chain(numbers.map(|(name, number)| format!("{name}={number}")))
            .collect::<Vec<_>>()
            .join(",");
        let rest = [(" note: ", &self.note), (" help: ", &self.help)];
        let rest = rest.into_iter().filter_map(|(word, text)| Some(format!("{word}{}", text.as_deref()?)));
        let text = std::iter::once(self.message.clone()).chain(rest).collect::<Vec<_>>().join(";");
        format!("::{level} {place},title={}::{}", self.code, data(&clean(&text)))
    }
}

/// Bytes of the characters from `first` to before `end`, counted from 1.
fn bytes(line: &str, first: u32, end: u32) -> std::ops::Range<usize> {
    let at = |column: u32| {
        let column = usize::try_from(column.max(1)).unwrap_or(1) - 1;
        line.char_indices().nth(column).map_or(line.len(), |(byte, _)| byte)
    };
    let start = at(first);
    start..at(end.max(first)).max(start)
}

/// Shows problems and how many there are; errors and warnings go to stderr, JSON to stdout.
pub fn show(screen: &Screen, findings: &[Finding]) {
    for finding in findings {
        screen.json(&serde_json::json!({ "type": "problem", "problem": finding }));
        if !screen.options().quiet || finding.level == Severity::Error {
            screen.raw_err(&finding.text(screen.err_colour()));
            screen.raw_err("");
        }
    }
    total(screen, findings);
}

fn total(screen: &Screen, findings: &[Finding]) {
    if !findings.is_empty() {
        let number = |level| findings.iter().filter(|finding| finding.level == level).count() as u64;
        let (errors, warnings) = (number(Severity::Error), number(Severity::Warning));
        let look = if errors > 0 { Look::Bad } else { Look::Warn };
        let text = format!("{}, {}", counted(errors, "error", "errors"), counted(warnings, "warning", "warnings"));
        screen.error(&Line::new().look(look, &text));
    }
}

/// Shows problems as annotations of a GitHub workflow, on stdout; how many there are goes to stderr.
pub fn show_for_github(screen: &Screen, findings: &[Finding]) {
    for finding in findings {
        screen.last(&Line::of(&finding.github()));
    }
    total(screen, findings);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_is_marked() {
        let finding = Finding {
            code: "M010",
            level: Severity::Error,
            file: "mappings/terminarten.csv".to_owned(),
            line: 5,
            column: 27,
            end_column: 41,
            cell: None,
            line_text: "Plänbesprechung;;diagnost;plan_besprochn;nein".to_owned(),
            message: "unknown stage \"plan_besprochn\"".to_owned(),
            label: "not in pipeline.csv".to_owned(),
            note: None,
            help: Some("did you mean \"plan_erstellt\"?".to_owned()),
        };
        assert_eq!(
            finding.text(false),
            "error[M010]: unknown stage \"plan_besprochn\"
 --> mappings/terminarten.csv:5:27
  |
5 | Plänbesprechung;;diagnost;plan_besprochn;nein
  |                           ^^^^^^^^^^^^^^ not in pipeline.csv
  |
  = help: did you mean \"plan_erstellt\"?"
        );
        assert_eq!(
            finding.github(),
            "::error file=mappings/terminarten.csv,line=5,col=27,endColumn=41,title=M010::unknown stage \"plan_besprochn\"; \
             help: did you mean \"plan_erstellt\"?"
        );
        let odd =
            Finding { file: "a,b:c".to_owned(), message: "100 %\nmore".to_owned(), help: None, ..finding.clone() };
        assert!(odd.github().starts_with("::error file=a%2Cb%3Ac,line=5"), "{}", odd.github());
        assert!(odd.github().ends_with("title=M010::100 %25\u{2424}more"), "{}", odd.github());
        let pulled = Finding { cell: Some("Konfiguration.xlsx, terminarten!D5".to_owned()), ..finding.clone() };
        let place = " --> mappings/terminarten.csv:5:27   (Konfiguration.xlsx, terminarten!D5)\n";
        assert!(pulled.text(false).contains(place), "{}", pulled.text(false));
        let whole = Finding { line: 0, line_text: String::new(), help: None, ..finding.clone() };
        assert_eq!(whole.text(false), "error[M010]: unknown stage \"plan_besprochn\"\n--> mappings/terminarten.csv");
        let hidden = Finding { line_text: String::new(), help: None, ..finding };
        assert!(hidden.text(false).ends_with("--> mappings/terminarten.csv:5:27"), "{}", hidden.text(false));
    }

    #[test]
    fn places_beyond_the_line_do_no_harm() {
        for (first, end) in [(0, 0), (1, 1), (3, 2), (99, 120)] {
            let span = bytes("äöü", first, end);
            assert!(span.start <= span.end && span.end <= 6, "{span:?}");
        }
    }
}
