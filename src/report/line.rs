//! A line of output in styled pieces. Pieces are cleaned when they are added, so no text gets around it.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

use super::clean::clean;

/// How a piece looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Look {
    /// As it is.
    #[default]
    Plain,
    /// Headings and what counts.
    Strong,
    /// What matters less.
    Faint,
    /// Something new.
    Good,
    /// Something changed, or a warning.
    Warn,
    /// Something wrong.
    Bad,
    /// A command to type.
    Command,
}

impl Look {
    const fn style(self) -> Style {
        let style = Style::new();
        match self {
            Self::Plain => style,
            Self::Strong => style.bold(),
            Self::Faint => style.dimmed(),
            Self::Good => AnsiColor::Green.on_default(),
            Self::Warn => AnsiColor::Yellow.on_default(),
            Self::Bad => AnsiColor::Red.on_default().bold(),
            Self::Command => AnsiColor::Cyan.on_default(),
        }
    }
}

/// One line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line(Vec<(Look, String)>);

impl Line {
    /// An empty line.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// A line of plain text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        Self::new().plain(text)
    }

    /// The same with more plain text.
    #[must_use]
    pub fn plain(self, text: &str) -> Self {
        self.look(Look::Plain, text)
    }

    /// The same with more text that looks like `look`.
    #[must_use]
    pub fn look(mut self, look: Look, text: &str) -> Self {
        if !text.is_empty() {
            self.0.push((look, clean(text).into_owned()));
        }
        self
    }

    /// The same, filled with blanks up to `width`.
    #[must_use]
    pub fn pad_to(self, width: usize) -> Self {
        let missing = width.saturating_sub(self.width());
        self.plain(&" ".repeat(missing))
    }

    /// The same in as many lines as it takes: broken between words, further lines begin `indent` characters in.
    #[must_use]
    pub fn wrapped(self, width: usize, indent: usize) -> Vec<Self> {
        if self.width() <= width || width <= indent + 20 {
            return vec![self];
        }
        let mut lines = vec![Self::new()];
        let mut used = 0;
        for (look, text) in self.0 {
            for word in text.split_inclusive(' ') {
                let length = word.trim_end().chars().count();
                if used + length > width && used > indent && length > 0 {
                    // A blank behind a full line would begin a line of its own.
                    if let Some((_, last)) = lines.last_mut().and_then(|line| line.0.last_mut()) {
                        last.truncate(last.trim_end().len());
                    }
                    lines.push(Self::of(&" ".repeat(indent)));
                    used = indent;
                }
                used += word.chars().count();
                if let Some(line) = lines.last_mut() {
                    line.0.push((look, word.to_owned()));
                }
            }
        }
        lines
    }

    /// The same in lines that fit: further ones begin a little behind the first.
    #[must_use]
    pub fn fitting(self, width: usize) -> Vec<Self> {
        let text = self.text(false);
        let indent = text.chars().take_while(|char| *char == ' ').count() + 4;
        self.wrapped(width, indent)
    }

    /// Number of characters.
    #[must_use]
    pub fn width(&self) -> usize {
        self.0.iter().map(|(_, text)| text.chars().count()).sum()
    }

    /// The text, with or without colour.
    #[must_use]
    pub fn text(&self, colour: bool) -> String {
        let mut out = String::with_capacity(self.width() + 16);
        for (look, text) in &self.0 {
            let style = look.style();
            if colour && *look != Look::Plain {
                // Writing to a string cannot fail.
                let _infallible = write!(out, "{style}{text}{style:#}");
            } else {
                out.push_str(text);
            }
        }
        while out.ends_with(' ') {
            out.pop();
        }
        out
    }
}

/// A number with blanks between thousands: `4 812`.
#[must_use]
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + 6);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(' ');
        }
        out.push(digit);
    }
    out
}

/// `1 change`, `622 changes`.
#[must_use]
pub fn counted(number: u64, one: &str, many: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{} {many}", grouped(number)) }
}

/// A time span for people: `41 s`, `3 min 20 s`, `2 h 5 min`.
#[must_use]
pub fn span(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 if seconds.is_multiple_of(60) => format!("{} min", seconds / 60),
        60..3_600 => format!("{} min {} s", seconds / 60, seconds % 60),
        3_600.. => format!("{} h {} min", seconds / 3_600, seconds % 3_600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_cleaned_and_coloured() {
        let line = Line::new().plain("a\u{1b}[31m").look(Look::Good, "b").plain("  ");
        assert_eq!(line.text(false), "a\u{fffd}[31mb");
        assert_eq!(line.text(true), "a\u{fffd}[31m\u{1b}[32mb\u{1b}[0m");
        assert_eq!(Line::of("ab").pad_to(4).plain("c").text(false), "ab  c");
    }

    #[test]
    fn long_lines_break_between_words() {
        let line = Line::of("held:  2 patients  ").look(Look::Bad, "a reason of several words that is too long for it");
        let shown: Vec<String> = line.wrapped(40, 7).iter().map(|line| line.text(false)).collect();
        assert_eq!(shown, ["held:  2 patients  a reason of several", "       words that is too long for it"]);
        assert_eq!(Line::of("short").wrapped(40, 7).len(), 1);
        for width in [60, 100] {
            let line = Line::of("  calls: about 10 to HubSpot, 1 s at 10/s   ")
                .look(Look::Bad, &"creates 41 of 20; ".repeat(9));
            let shown: Vec<String> = line.fitting(width).iter().map(|line| line.text(false)).collect();
            assert!(shown.len() > 1 && shown.iter().all(|line| line.chars().count() <= width), "{shown:#?}");
            assert!(shown.iter().skip(1).all(|line| line.starts_with("      ")), "{shown:#?}");
        }
    }

    #[test]
    fn numbers_and_spans_are_for_people() {
        let texts: Vec<String> = [0, 812, 4_812, 1_000_000].into_iter().map(grouped).collect();
        assert_eq!(texts, ["0", "812", "4 812", "1 000 000"]);
        assert_eq!(
            (counted(1, "change", "changes"), counted(1_200, "change", "changes")),
            ("1 change".into(), "1 200 changes".into())
        );
        let spans: Vec<String> = [41, 60, 200, 7_500].into_iter().map(span).collect();
        assert_eq!(spans, ["41 s", "1 min", "3 min 20 s", "2 h 5 min"]);
    }
}
