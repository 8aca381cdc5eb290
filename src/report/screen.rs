//! The one printer: results on stdout, everything else on stderr, JSON or text, with or without colour.

use std::io::{IsTerminal, Write};
use std::sync::{Arc, Mutex};

use indicatif::{MultiProgress, ProgressDrawTarget};
use serde::Serialize;

use super::clean::clean_json;
use super::line::{Line, Look};

/// When colour is used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Colour {
    /// On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// How progress is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Bars {
    /// Bars on a terminal, lines elsewhere.
    #[default]
    Auto,
    /// Bars.
    Bar,
    /// Log lines.
    Lines,
    /// Nothing.
    Off,
}

/// What was asked for on the command line.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// One JSON object per line on stdout.
    pub json: bool,
    /// Only errors and the last line.
    pub quiet: bool,
    /// Colour.
    pub colour: Colour,
    /// Progress.
    pub bars: Bars,
}

type Sink = Box<dyn Write + Send>;

struct Inner {
    options: Options,
    out: Mutex<Sink>,
    err: Mutex<Sink>,
    out_colour: bool,
    err_colour: bool,
    terminal: bool,
    /// Whether stdout is a terminal.
    out_terminal: bool,
    width: usize,
    bars: MultiProgress,
}

/// Where everything is shown. Cheap to clone; all clones share one terminal.
#[derive(Clone)]
pub struct Screen(Arc<Inner>);

/// Lines are wrapped at this width where no terminal says otherwise; logs are read in wide windows.
const UNKNOWN_WIDTH: usize = 200;

impl Screen {
    /// The screen of this process. Sets the colour switches of everything that draws.
    #[must_use]
    pub fn of_process(options: Options) -> Self {
        let choice = match options.colour {
            Colour::Auto => anstream::ColorChoice::Auto,
            Colour::Always => anstream::ColorChoice::Always,
            Colour::Never => anstream::ColorChoice::Never,
        };
        choice.write_global();
        let coloured = |choice| choice != anstream::ColorChoice::Never;
        let out_colour = coloured(anstream::AutoStream::choice(&std::io::stdout()));
        let err_colour = coloured(anstream::AutoStream::choice(&std::io::stderr()));
        dialoguer::console::set_colors_enabled(out_colour);
        dialoguer::console::set_colors_enabled_stderr(err_colour);
        let terminal = std::io::stderr().is_terminal();
        let bars = match options.bars {
            Bars::Bar | Bars::Auto if terminal && !options.quiet => ProgressDrawTarget::stderr_with_hz(8),
            Bars::Auto | Bars::Bar | Bars::Lines | Bars::Off => ProgressDrawTarget::hidden(),
        };
        let (_, columns) = dialoguer::console::Term::stdout().size_checked().unwrap_or((0, 0));
        let width = if std::io::stdout().is_terminal() && columns >= 40 { usize::from(columns) } else { UNKNOWN_WIDTH };
        Self(Arc::new(Inner {
            options,
            out: Mutex::new(Box::new(anstream::stdout())),
            err: Mutex::new(Box::new(anstream::stderr())),
            out_colour,
            err_colour,
            terminal,
            out_terminal: std::io::stdout().is_terminal(),
            width,
            bars: MultiProgress::with_draw_target(bars),
        }))
    }

    /// A screen that writes elsewhere, without colour: for tests, and for what the demo need not show.
    #[must_use]
    pub fn elsewhere(options: Options, out: impl Write + Send + 'static, err: impl Write + Send + 'static) -> Self {
        Self(Arc::new(Inner {
            options,
            out: Mutex::new(Box::new(out)),
            err: Mutex::new(Box::new(err)),
            out_colour: false,
            err_colour: false,
            terminal: false,
            out_terminal: false,
            width: UNKNOWN_WIDTH,
            bars: MultiProgress::with_draw_target(ProgressDrawTarget::hidden()),
        }))
    }

    /// What was asked for.
    #[must_use]
    pub fn options(&self) -> Options {
        self.0.options
    }

    /// Columns that a line should fit into.
    #[must_use]
    pub fn width(&self) -> usize {
        self.0.width
    }

    /// Whether messages go to a terminal.
    #[must_use]
    pub fn is_terminal(&self) -> bool {
        self.0.terminal
    }

    /// Whether stderr takes colour.
    #[must_use]
    pub fn err_colour(&self) -> bool {
        self.0.err_colour
    }

    pub(super) fn multi(&self) -> &MultiProgress {
        &self.0.bars
    }

    /// A result line, for people; JSON readers get [`Screen::json`] instead.
    pub fn out(&self, line: &Line) {
        if !self.0.options.json && !self.0.options.quiet {
            self.put_out(line);
        }
    }

    /// Result lines.
    pub fn outs<'l>(&self, lines: impl IntoIterator<Item = &'l Line>) {
        lines.into_iter().for_each(|line| self.out(line));
    }

    /// The last line of a command, shown with `--quiet` too.
    pub fn last(&self, line: &Line) {
        if !self.0.options.json {
            self.put_out(line);
        }
    }

    /// What a question is about: shown with `--quiet` too, and beside JSON on stderr.
    pub fn put_before_question(&self, lines: &[Line]) {
        for line in [Line::new()].iter().chain(lines) {
            if self.0.options.json {
                self.error(line);
            } else {
                self.last(line);
            }
        }
    }

    /// A note on stderr.
    pub fn note(&self, line: &Line) {
        if !self.0.options.quiet {
            self.put_err(line);
        }
    }

    /// Something wrong, on stderr, always shown.
    pub fn error(&self, line: &Line) {
        self.put_err(line);
    }

    fn put_out(&self, line: &Line) {
        let fitting = if self.0.out_terminal { line.clone().fitting(self.0.width) } else { vec![line.clone()] };
        fitting.iter().for_each(|line| self.raw_out(&line.text(self.0.out_colour)));
    }

    fn put_err(&self, line: &Line) {
        let fitting = if self.0.terminal { line.clone().fitting(self.0.width) } else { vec![line.clone()] };
        fitting.iter().for_each(|line| self.raw_err(&line.text(self.0.err_colour)));
    }

    /// An error in words, on stderr; further lines of the text stand below the first.
    pub fn complain(&self, text: &str) {
        for (at, line) in text.lines().enumerate() {
            let start = if at == 0 { Line::new().look(Look::Bad, "error: ") } else { Line::of("       ") };
            self.error(&start.plain(line.trim_start()));
        }
    }

    /// One JSON object on stdout, where JSON was asked for.
    pub fn json<T: Serialize>(&self, value: &T) {
        if self.0.options.json {
            self.json_always(value);
        }
    }

    fn json_always<T: Serialize>(&self, value: &T) {
        // Our own types serialise; a map with other keys than texts would be a bug that only costs this line.
        if let Ok(json) = serde_json::to_string(value) {
            self.raw_out(&clean_json(&json));
        }
    }

    /// Text that is clean already, on stdout.
    pub(super) fn raw_out(&self, text: &str) {
        self.write(&self.0.out, text);
    }

    /// Text that is clean already, on stderr.
    pub(super) fn raw_err(&self, text: &str) {
        self.write(&self.0.err, text);
    }

    fn write(&self, sink: &Mutex<Sink>, text: &str) {
        self.0.bars.suspend(|| {
            let Ok(mut sink) = sink.lock() else { return };
            // A reader that has gone away (`| head`) is fine: the work goes on, and its account is in the summary file.
            let _gone = writeln!(sink, "{text}").and_then(|()| sink.flush());
        });
    }
}

/// A buffer that a test reads afterwards.
#[cfg(test)]
#[derive(Clone, Default)]
pub(crate) struct Caught(Arc<Mutex<Vec<u8>>>);

#[cfg(test)]
impl Caught {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().expect("not poisoned").clone()).expect("text")
    }
}

#[cfg(test)]
impl Write for Caught {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("not poisoned").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn screen(options: Options) -> (Screen, Caught, Caught) {
        let (out, err) = (Caught::default(), Caught::default());
        (Screen::elsewhere(options, out.clone(), err.clone()), out, err)
    }

    fn say(screen: &Screen) {
        screen.out(&Line::of("result"));
        screen.note(&Line::of("note"));
        screen.error(&Line::of("error"));
        screen.complain("two\n  lines");
        screen.json(&serde_json::json!({"type": "x", "text": "a\u{202e}b"}));
        screen.last(&Line::of("last"));
    }

    #[test]
    fn results_and_notes_go_their_ways() {
        let (plain, out, err) = screen(Options::default());
        say(&plain);
        assert_eq!(
            (out.text().as_str(), err.text().as_str()),
            ("result\nlast\n", "note\nerror\nerror: two\n       lines\n")
        );
        let (quiet, out, err) = screen(Options { quiet: true, ..Options::default() });
        say(&quiet);
        assert_eq!((out.text().as_str(), err.text().as_str()), ("last\n", "error\nerror: two\n       lines\n"));
        let (json, out, _) = screen(Options { json: true, ..Options::default() });
        say(&json);
        assert_eq!(out.text(), "{\"text\":\"a\\u202eb\",\"type\":\"x\"}\n");
    }

    #[test]
    fn a_reader_that_went_away_stops_nothing() {
        struct Gone;
        impl Write for Gone {
            fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
                Err(std::io::ErrorKind::BrokenPipe.into())
            }
            fn flush(&mut self) -> std::io::Result<()> {
                Err(std::io::ErrorKind::BrokenPipe.into())
            }
        }
        say(&Screen::elsewhere(Options::default(), Gone, Gone));
    }
}
