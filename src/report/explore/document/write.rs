//! Markdown, written so that no text of elsewhere becomes markup.

use std::fmt::Write as _;

/// A document under way.
#[derive(Default)]
pub(super) struct Markdown(String);

impl Markdown {
    pub(super) fn title(&mut self, text: &str) {
        self.line(&format!("# {}", cell(text)));
    }

    pub(super) fn section(&mut self, text: &str) {
        self.line(&format!("\n## {}", cell(text)));
    }

    pub(super) fn subsection(&mut self, text: &str) {
        self.line(&format!("\n### {}", cell(text)));
    }

    /// A paragraph of our own.
    pub(super) fn text(&mut self, text: &str) {
        self.line("");
        self.line(text);
    }

    pub(super) fn list(&mut self, lines: impl IntoIterator<Item = String>) {
        let mut first = true;
        for line in lines {
            if std::mem::take(&mut first) {
                self.line("");
            }
            self.line(&format!("* {}", cell(&line)));
        }
    }

    pub(super) fn numbered(&mut self, lines: &[String]) {
        self.line("");
        for (number, line) in lines.iter().enumerate() {
            self.line(&format!("{}. {}", number + 1, cell(line)));
        }
    }

    pub(super) fn table(&mut self, header: &[&str], rows: &[Vec<String>]) {
        let line = |cells: &[String]| format!("| {} |", cells.join(" | "));
        self.line("");
        self.line(&line(&header.iter().map(|title| cell(title)).collect::<Vec<_>>()));
        self.line(&line(&vec!["---".to_owned(); header.len()]));
        for row in rows {
            self.line(&line(&row.iter().map(|text| cell(text)).collect::<Vec<_>>()));
        }
    }

    /// Text as it is, to be copied.
    pub(super) fn code(&mut self, lines: &[String]) {
        self.line("\n```text");
        for line in lines {
            // A fence inside would end the block.
            self.line(&line.replace("```", "'''").replace(['\r', '\n'], " "));
        }
        self.line("```");
    }

    pub(super) fn finish(self) -> String {
        self.0
    }

    fn line(&mut self, text: &str) {
        // Writing to a string cannot fail.
        let _infallible = writeln!(self.0, "{text}");
    }
}

/// Text inside a line: no markup, no line of its own.
fn cell(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '|' | '*' | '_' | '`' | '<' | '>' | '[' | ']' | '\\' | '#' => out.extend(['\\', char]),
            char if char.is_control() => out.push(' '),
            char => out.push(char),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_becomes_markup() {
        let mut out = Markdown::default();
        out.title("a|b");
        out.table(&["Name"], &[vec!["<b>NB_1\n| x".to_owned()]]);
        out.code(&["a;b\n```".to_owned()]);
        assert_eq!(out.finish(), "# a\\|b\n\n| Name |\n| --- |\n| \\<b\\>NB\\_1 \\| x |\n\n```text\na;b '''\n```\n");
    }
}
