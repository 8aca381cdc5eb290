//! How carefully an installation is read: numbers and times, each within what makes sense (design.md section 2,
//! "Ivoris defaults").

use std::ops::RangeInclusive;
use std::time::Duration;

use chrono_tz::Tz;

use super::layers::duration;
use super::resolve::Reader;
use super::tree::Value;
use crate::domain::InstanceKey;
use crate::ivoris::{MOST_PARALLEL, Quiet, Settings};

/// Longest wait for an answer: whoever waits longer waits for nobody.
pub(super) const TEN_MINUTES: Duration = Duration::from_mins(10);
/// Shortest time that is one.
pub(super) const INSTANT: Duration = Duration::from_millis(1);
const ONE_DAY: Duration = Duration::from_hours(24);
const TEN_YEARS: Duration = Duration::from_hours(24 * 3_650);

/// Keys of one installation.
#[derive(Clone, Copy)]
pub(super) struct At<'a>(pub(super) &'a InstanceKey);

impl At<'_> {
    pub(super) fn key(self, name: &str) -> String {
        format!("ivoris.{}.{name}", self.0)
    }
}

impl Reader<'_, '_> {
    pub(super) fn settings(&mut self, at: At<'_>, prefix: &str, zone: Tz) -> Settings {
        let mut settings = Settings { zone, ..Settings::new(at.0.clone(), prefix) };
        self.count(at, "parallel", 1..=MOST_PARALLEL, &mut settings.parallel);
        self.count(at, "attempts", 3..=10, &mut settings.attempts);
        self.count(at, "retry_percent", 0..=100, &mut settings.retry_percent);
        self.count(at, "breaker_after", 1..=100, &mut settings.breaker_after);
        self.count(at, "slice_days", 1..=366, &mut settings.slice_days);
        self.count(at, "slice_max_days", 1..=366, &mut settings.slice_max);
        self.count(at, "cross_check", 0..=u32::MAX, &mut settings.cross_check);
        self.time(at, "pause", Duration::ZERO..=TEN_MINUTES, &mut settings.pause);
        self.time(at, "request", INSTANT..=TEN_MINUTES, &mut settings.request);
        self.time(at, "window_request", INSTANT..=TEN_MINUTES, &mut settings.window_request);
        self.time(at, "retry_base", INSTANT..=TEN_MINUTES, &mut settings.base);
        self.time(at, "retry_cap", INSTANT..=TEN_MINUTES, &mut settings.cap);
        self.time(at, "probe_first", INSTANT..=ONE_DAY, &mut settings.probe_first);
        self.time(at, "probe_cap", INSTANT..=ONE_DAY, &mut settings.probe_cap);
        self.time(at, "entries_overlap", Duration::ZERO..=TEN_YEARS, &mut settings.entries_overlap);
        self.ordered(at, ("slice_days", &mut settings.slice_days), ("slice_max_days", &mut settings.slice_max));
        self.ordered(at, ("retry_base", &mut settings.base), ("retry_cap", &mut settings.cap));
        self.ordered(at, ("probe_first", &mut settings.probe_first), ("probe_cap", &mut settings.probe_cap));
        settings.quiet = self.quiet(at);
        settings.mandants = self.texts(at, "mandants", "a number such as \"0\"", |text| {
            (1..=9).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
        });
        settings.profiles = self.texts(at, "profiles", "an id of an Ivoris profile", |text| {
            (1..=64).contains(&text.len())
                && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_{}".contains(&byte))
        });
        settings
    }

    fn count(&mut self, at: At<'_>, name: &str, range: RangeInclusive<u32>, into: &mut u32) {
        let key = at.key(name);
        let Some(number) = self.number(&key) else { return };
        match u32::try_from(number).ok().filter(|number| range.contains(number)) {
            Some(number) => *into = number,
            None => drop(self.wrong(&key, format!("expected {} to {}", range.start(), range.end()))),
        }
    }

    pub(super) fn time(&mut self, at: At<'_>, name: &str, range: RangeInclusive<Duration>, into: &mut Duration) {
        let key = at.key(name);
        let Some(time) = self.text(&key).and_then(|(text, _)| duration(text).ok()) else { return };
        if range.contains(&time) {
            *into = time;
        } else {
            let [low, high] = [range.start(), range.end()].map(|time| humantime::format_duration(*time));
            self.wrong(&key, format!("expected {low} to {high}"));
        }
    }

    /// One of two is the other's limit: who is not given goes along with who is.
    fn ordered<T: PartialOrd + Copy>(&mut self, at: At<'_>, low: (&str, &mut T), high: (&str, &mut T)) {
        let ((low_name, low), (high_name, high)) = (low, high);
        if *low <= *high {
            return;
        }
        let given = |name: &str| self.values.contains_key(&at.key(name));
        match (given(low_name), given(high_name)) {
            (true, true) => drop(self.wrong(&at.key(high_name), format!("{high_name} is less than {low_name}"))),
            (true, false) => *high = *low,
            (false, _) => *low = *high,
        }
    }

    fn quiet(&mut self, at: At<'_>) -> Vec<Quiet> {
        let key = at.key("quiet_hours");
        let Some((Value::Texts(texts), _)) = self.values.get(&key) else { return Vec::new() };
        let mut quiet = Vec::new();
        for text in texts {
            match Quiet::parse(text) {
                Ok(hours) => quiet.push(hours),
                Err(error) => drop(self.wrong(&key, error.to_string())),
            }
        }
        quiet
    }

    fn texts(&mut self, at: At<'_>, name: &str, expected: &str, fits: impl Fn(&str) -> bool) -> Vec<String> {
        let key = at.key(name);
        let Some((Value::Texts(texts), _)) = self.values.get(&key) else { return Vec::new() };
        if texts.iter().any(|text| !fits(text.trim())) {
            self.wrong(&key, format!("expected {expected} in each place"));
        }
        texts.iter().map(|text| text.trim().to_owned()).collect()
    }
}
