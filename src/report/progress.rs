//! Progress: bars on a terminal, a log line per 30 seconds or 5 percent elsewhere, or nothing.

use std::fmt::Write;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressState, ProgressStyle};

use crate::pass::{Observer, Phase};

use super::line::grouped;
use super::screen::{Bars, Screen};

/// A line at least this often while something goes on.
const EVERY: Duration = Duration::from_secs(30);
/// And after each such share of the whole, but not more often than…
const SHARE: u64 = 5;
/// …this: small runs need no lines at all.
const SELDOM: Duration = Duration::from_secs(5);

/// Shows how a pass goes on.
pub struct Progress {
    screen: Screen,
    stretch: Mutex<Option<Stretch>>,
}

struct Stretch {
    name: String,
    bar: ProgressBar,
    done: u64,
    total: Option<u64>,
    begun: Instant,
    told: Instant,
    told_at: u64,
    says: String,
}

fn name(phase: Phase) -> String {
    match phase {
        Phase::Settling => "settling what an earlier run left".to_owned(),
        Phase::Exploring => "exploring".to_owned(),
        Phase::Asking(kind) => format!("asking    {}", kind.plural()),
        Phase::Reading(kind) => format!("reading   {}", kind.plural()),
        Phase::Planning => "planning  patients".to_owned(),
        Phase::Accepting => "accepting".to_owned(),
        Phase::Sending => "sending   records and links".to_owned(),
    }
}

impl Progress {
    /// Progress on a screen.
    #[must_use]
    pub fn new(screen: &Screen) -> Self {
        Self { screen: screen.clone(), stretch: Mutex::new(None) }
    }

    /// Takes the bar away.
    pub fn clear(&self) {
        if let Ok(mut stretch) = self.stretch.lock()
            && let Some(stretch) = stretch.take()
        {
            stretch.bar.finish_and_clear();
        }
    }

    /// Whether progress is told in log lines.
    fn in_lines(&self) -> bool {
        match self.screen.options().bars {
            Bars::Auto => !self.screen.is_terminal(),
            Bars::Lines => true,
            Bars::Bar | Bars::Off => false,
        }
    }

    fn bar(&self, phase: Phase, total: Option<u64>) -> ProgressBar {
        let bar = match total {
            Some(total) => ProgressBar::new(total),
            None => ProgressBar::no_length(),
        };
        let template = if total.is_some() {
            "{spinner} {msg:28} [{bar:20}] {done}/{all}  {rate}  eta {eta}"
        } else if matches!(phase, Phase::Asking(_)) {
            "{spinner} {msg:28} {done} rows"
        } else {
            "{spinner} {msg:28} {done}  {rate}"
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            let style = style
                .with_key("done", |state: &ProgressState, out: &mut dyn Write| put(out, &grouped(state.pos())))
                .with_key("all", |state: &ProgressState, out: &mut dyn Write| {
                    put(out, &grouped(state.len().unwrap_or(0)));
                })
                .with_key("rate", |state: &ProgressState, out: &mut dyn Write| {
                    put(out, &format!("{:.0}/s", state.per_sec()));
                });
            bar.set_style(style.progress_chars("█▓░"));
        }
        self.screen.multi().add(bar)
    }
}

/// A bar that cannot be drawn is no reason to stop.
fn put(out: &mut dyn Write, text: &str) {
    let _undrawn = out.write_str(text);
}

impl Observer for Progress {
    fn begin(&self, phase: Phase, total: Option<u64>) {
        self.clear();
        let name = name(phase);
        let bar = self.bar(phase, total);
        bar.set_message(name.clone());
        bar.enable_steady_tick(Duration::from_millis(120));
        let now = Instant::now();
        if let Ok(mut stretch) = self.stretch.lock() {
            *stretch =
                Some(Stretch { name, bar, done: 0, total, begun: now, told: now, told_at: 0, says: String::new() });
        }
    }

    fn advance(&self, count: u64) {
        let Ok(mut stretch) = self.stretch.lock() else { return };
        let Some(stretch) = stretch.as_mut() else { return };
        stretch.done += count;
        stretch.bar.inc(count);
        if self.in_lines() && stretch.is_due(Instant::now()) {
            tracing::info!("{}", stretch.line());
        }
    }

    fn says(&self, text: &str) {
        let Ok(mut stretch) = self.stretch.lock() else { return };
        let Some(stretch) = stretch.as_mut() else { return };
        text.clone_into(&mut stretch.says);
        let gap = if text.is_empty() { "" } else { "   " };
        stretch.bar.set_message(format!("{}{gap}{text}", stretch.name));
    }

    fn warns(&self, text: &str) {
        tracing::warn!("{text}");
    }
}

impl Stretch {
    fn line(&self) -> String {
        let of = self.total.map_or_else(String::new, |total| format!("/{}", grouped(total)));
        let per_second = self.done / self.begun.elapsed().as_secs().max(1);
        let says = if self.says.is_empty() { String::new() } else { format!("   {}", self.says) };
        format!("{} {}{of}, {}/s{says}", self.name, grouped(self.done), grouped(per_second))
    }

    fn is_due(&mut self, now: Instant) -> bool {
        let waited = now.duration_since(self.told);
        let share = self.total.is_some_and(|total| (self.done - self.told_at) * 100 >= total.max(1) * SHARE);
        let due = waited >= EVERY || share && waited >= SELDOM;
        if due {
            (self.told, self.told_at) = (now, self.done);
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_seldom() {
        let begun = Instant::now();
        let mut stretch = Stretch {
            name: String::new(),
            bar: ProgressBar::hidden(),
            done: 0,
            total: Some(1_000),
            begun,
            told: begun,
            told_at: 0,
            says: String::new(),
        };
        let mut check = |seconds: u64, done: u64, due: bool| {
            stretch.done = done;
            assert_eq!(stretch.is_due(begun + Duration::from_secs(seconds)), due, "{seconds} s, {done}");
        };
        check(1, 500, false);
        check(6, 520, true);
        check(7, 900, false);
        check(12, 560, false);
        check(36, 561, true);
    }
}
