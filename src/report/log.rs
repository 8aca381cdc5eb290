//! Log lines: ids and counts, never names; other crates only when they warn; secrets cut out as a last line of defence.

use std::fmt::Write as _;
use std::fs::File;
use std::io::Write as _;
use std::sync::{Arc, Mutex, OnceLock};

use chrono::Utc;
use chrono_tz::Tz;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

use super::clean::{clean, clean_json};
use super::line::{Line, Look};
use super::screen::Screen;

/// How much is logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loudness {
    /// `-q`: errors.
    Errors,
    /// On a terminal: warnings.
    Warnings,
    /// Without one: what happened.
    Normal,
    /// `-v`: decisions per record.
    Decisions,
    /// `-vv`: requests.
    Requests,
}

impl Loudness {
    /// The crate's own lines at this level; of other crates warnings only, whatever `RUST_LOG` says: their debug lines
    /// hold URLs.
    fn filter(self) -> Targets {
        let (ours, requests) = match self {
            Self::Errors => (LevelFilter::ERROR, LevelFilter::ERROR),
            Self::Warnings => (LevelFilter::WARN, LevelFilter::WARN),
            Self::Normal => (LevelFilter::INFO, LevelFilter::INFO),
            Self::Decisions => (LevelFilter::DEBUG, LevelFilter::INFO),
            Self::Requests => (LevelFilter::TRACE, LevelFilter::TRACE),
        };
        let others = if self == Self::Errors { LevelFilter::ERROR } else { LevelFilter::WARN };
        Targets::new()
            .with_default(others)
            .with_target("ivohub", ours)
            .with_target("ivohub::hubspot", requests)
            .with_target("ivohub::ivoris", requests)
            .with_target("ivohub::http", requests)
    }
}

/// The form of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// For people.
    Text,
    /// One object per line.
    Json,
}

/// Cuts secrets out of a text.
pub type Mask = Box<dyn Fn(&str) -> String + Send + Sync>;

/// Where log lines go and what they look like.
pub struct Settings {
    /// How much.
    pub loudness: Loudness,
    /// Form.
    pub form: Form,
    /// A file instead of stderr.
    pub file: Option<File>,
    /// Zone of the times.
    pub zone: Tz,
    /// Cuts secrets out.
    pub mask: Mask,
}

/// Tells the log which run its lines belong to.
#[derive(Clone, Debug, Default)]
pub struct RunName(Arc<OnceLock<String>>);

impl RunName {
    /// From now on every line carries this run.
    pub fn set(&self, run: &str) {
        // A process has one run; a second one (the demo) keeps the first name out of its lines.
        let _first = self.0.set(run.to_owned());
    }
}

struct Lines {
    screen: Screen,
    form: Form,
    file: Option<Mutex<File>>,
    zone: Tz,
    mask: Mask,
    run: RunName,
}

/// Starts logging for this process.
#[must_use]
pub fn start(screen: &Screen, settings: Settings) -> RunName {
    let (subscriber, run) = subscriber(screen, settings);
    // A second start (tests) keeps the first.
    let _first = tracing::subscriber::set_global_default(subscriber);
    run
}

fn subscriber(screen: &Screen, settings: Settings) -> (impl Subscriber + Send + Sync, RunName) {
    let Settings { loudness, form, file, zone, mask } = settings;
    let run = RunName::default();
    let lines = Lines { screen: screen.clone(), form, file: file.map(Mutex::new), zone, mask, run: run.clone() };
    (tracing_subscriber::registry().with(lines.with_filter(loudness.filter())), run)
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Lines {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let now = Utc::now().with_timezone(&self.zone).format("%Y-%m-%dT%H:%M:%S%:z").to_string();
        let level = *event.metadata().level();
        let run = self.run.0.get().map_or("", String::as_str);
        match self.form {
            Form::Json => {
                let mut line = serde_json::json!({
                    "time": now,
                    "level": level.as_str(),
                    "run": run,
                    "target": event.metadata().target(),
                    "message": (self.mask)(&fields.message),
                });
                if let Some(object) = line.as_object_mut() {
                    for (name, value) in fields.others {
                        object.insert(name.to_owned(), serde_json::Value::String((self.mask)(&value)));
                    }
                }
                self.put(&clean_json(&line.to_string()));
            }
            Form::Text => self.put_text(&now, level, run, &fields),
        }
    }
}

impl Lines {
    fn put_text(&self, now: &str, level: Level, run: &str, fields: &Fields) {
        let look = match level {
            Level::ERROR => Look::Bad,
            Level::WARN => Look::Warn,
            _ => Look::Faint,
        };
        let mut text = String::new();
        if !run.is_empty() {
            text.extend(["run=", run, " "]);
        }
        text.push_str(&fields.message);
        for (name, value) in &fields.others {
            let quoted = if value.contains([' ', '"']) { format!("{value:?}") } else { value.clone() };
            // Writing to a string cannot fail.
            let _infallible = write!(text, " {name}={quoted}");
        }
        let masked = (self.mask)(&text);
        let line =
            Line::new().look(Look::Faint, now).plain(" ").look(look, &format!("{level:<5}")).plain(" ").plain(&masked);
        if self.file.is_some() {
            self.put(&line.text(false));
        } else {
            self.screen.raw_err(&line.text(self.screen.err_colour()));
        }
    }

    /// Text that is clean already.
    fn put(&self, line: &str) {
        match &self.file {
            None => self.screen.raw_err(line),
            Some(file) => {
                let Ok(mut file) = file.lock() else { return };
                // A full disk is reported by the store, which stops the run; the log alone does not.
                let _full = writeln!(file, "{line}");
            }
        }
    }
}

#[derive(Default)]
struct Fields {
    message: String,
    others: Vec<(&'static str, String)>,
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        let text = clean(&format!("{value:?}")).into_owned();
        if field.name() == "message" {
            self.message = text;
        } else {
            self.others.push((field.name(), text));
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        let text = clean(value).into_owned();
        if field.name() == "message" {
            self.message = text;
        } else {
            self.others.push((field.name(), text));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::screen::{Caught, Options};
    use super::*;

    fn logged(loudness: Loudness, form: Form) -> String {
        let caught = Caught::default();
        let screen = Screen::elsewhere(Options::default(), Caught::default(), caught.clone());
        let mask: Mask = Box::new(|text| text.replace("geheim", "***"));
        let settings = Settings { loudness, form, file: None, zone: chrono_tz::Europe::Berlin, mask };
        let (subscriber, run) = subscriber(&screen, settings);
        run.set("0195c7");
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!(target: "ivohub::pass", records = 3, file = "a b", "read");
            tracing::debug!(target: "ivohub::hubspot", route = "/crm", "sent");
            tracing::debug!(target: "ivohub::plan", "decided");
            tracing::debug!(target: "reqwest", "https://host/?key=geheim");
            tracing::warn!(target: "reqwest", "trouble with geheim\u{1b}[2J\nforged line");
        });
        caught.text()
    }

    /// Lines without their times.
    fn check(loudness: Loudness, wanted: &[&str]) {
        let text = logged(loudness, Form::Text);
        let lines: Vec<&str> = text.lines().filter_map(|line| line.split_once(' ').map(|(_, rest)| rest)).collect();
        assert_eq!(lines, wanted, "{loudness:?}");
    }

    #[test]
    fn other_crates_only_warn_and_secrets_are_cut_out() {
        let info = "INFO  run=0195c7 read records=3 file=\"a b\"";
        let warn = "WARN  run=0195c7 trouble with ***\u{fffd}[2J␤forged line";
        let decided = "DEBUG run=0195c7 decided";
        check(Loudness::Errors, &[]);
        check(Loudness::Warnings, &[warn]);
        check(Loudness::Normal, &[info, warn]);
        check(Loudness::Decisions, &[info, decided, warn]);
        check(Loudness::Requests, &[info, "DEBUG run=0195c7 sent route=/crm", decided, warn]);
    }

    #[test]
    fn json_lines_are_json() {
        for line in logged(Loudness::Requests, Form::Json).lines() {
            let value: serde_json::Value = serde_json::from_str(line).expect("one object per line");
            assert_eq!(value["run"], "0195c7");
            assert!(!line.contains("geheim") && !line.contains('\u{1b}'));
        }
    }
}
