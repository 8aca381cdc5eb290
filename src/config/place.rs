//! Places in `ivohub.toml`, and problems that point at them. A line that may hold a secret is never quoted.

use std::ops::Range;

use crate::mapping::Problem;

/// A text with its name.
#[derive(Clone, Debug)]
pub(super) struct Text {
    pub(super) name: String,
    pub(super) text: String,
}

/// Where a value was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Given {
    /// In the file, at these bytes.
    File(Range<usize>),
    /// By an environment variable.
    Variable(String),
    /// By `--set`.
    Flag,
    /// By nobody.
    Default,
}

impl Text {
    /// A problem at some bytes of this text.
    pub(super) fn at(&self, code: &'static str, span: Range<usize>, message: impl Into<String>) -> Problem {
        let before = self.text.get(..span.start).unwrap_or(&self.text);
        let line = before.matches('\n').count();
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count();
        let line_text = self.text.lines().nth(line).unwrap_or_default();
        let width = self.text.get(span).map_or(1, |text| text.lines().next().unwrap_or_default().chars().count());
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let mut found = Problem::of_file(code, &self.name, message);
        (found.line, found.column) = (number(line + 1), number(column + 1));
        found.end_column = number(column + 1 + width.max(1));
        if may_be_quoted(line_text) {
            line_text.clone_into(&mut found.line_text);
        }
        found
    }

    /// A problem with a value, wherever it was given.
    pub(super) fn with(&self, code: &'static str, key: &str, given: &Given, message: impl Into<String>) -> Problem {
        match given {
            Given::File(span) => self.at(code, span.clone(), message),
            Given::Variable(name) => Problem::of_file(code, name, message),
            Given::Flag => Problem::of_file(code, &format!("--set {key}"), message),
            Given::Default => Problem::of_file(code, &self.name, message),
        }
    }
}

/// A secret that somebody wrote into the file by mistake must not come back on a screen; nor an address: the path of
/// one may say which practice is meant, and to the vendor's relay that is a password.
fn may_be_quoted(line: &str) -> bool {
    let line = line.to_lowercase();
    let mut words = line.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    !["token", "password", "secret", "pat-", "linkname", "http"].iter().any(|part| line.contains(part))
        && !words.any(|word| ["key", "user", "base_url"].contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_lines_and_characters() {
        let text = Text { name: "ivohub.toml".to_owned(), text: "a = 1\nü = \"x\"\ntoken = pat-1\n".to_owned() };
        let found = text.at("C001", 11..14, "wrong");
        assert_eq!((found.line, found.column, found.end_column), (2, 5, 8));
        assert_eq!(found.line_text, "ü = \"x\"");
        let hidden = text.at("C001", 23..28, "wrong");
        assert_eq!((hidden.line, hidden.line_text.as_str()), (3, ""), "a secret is not quoted");
        for line in
            ["app = { key = \"x\" }", "base_url = \"x\"", "x = \"https://y/relay/z\"", "linkname = 1", "user = 1"]
        {
            assert!(!may_be_quoted(line), "{line}");
        }
        assert!(may_be_quoted("key_properties = 1") && may_be_quoted("mode = \"life\""));
        assert_eq!(text.at("C001", 900..901, "beyond").line, 4, "no panic beyond the end");
    }
}
