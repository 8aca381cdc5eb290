//! When an appointment begins and ends, whichever fields say so.

use chrono::Duration;
use chrono_tz::Tz;

use crate::domain::LocalTime;

use super::super::route::Thing;
use super::{Appointment, Flaw, local_time, minutes, time};

impl Appointment {
    /// The start in practice time: `begin`, or `date` with `time` (or with a `begin` that is a time of day).
    ///
    /// # Errors
    /// [`Flaw`] when nothing says it, or in a form that is not known.
    pub fn start(&self, zone: Tz) -> Result<LocalTime, Flaw> {
        let given = self.begin.as_deref().or(self.time.as_deref()).or(self.date.as_deref());
        let given = given.ok_or(Flaw::Missing { thing: Thing::Appointment, field: "begin" })?;
        self.at(given, zone).ok_or(Flaw::Form { thing: Thing::Appointment, field: "begin" })
    }

    /// The end in practice time: `end`, or the start and the duration; `None` when nothing says it.
    ///
    /// # Errors
    /// [`Flaw`] when it has a form that is not known.
    pub fn finish(&self, zone: Tz) -> Result<Option<LocalTime>, Flaw> {
        if let Some(end) = &self.end {
            let flaw = Flaw::Form { thing: Thing::Appointment, field: "end" };
            return self.at(end, zone).map(Some).ok_or(flaw);
        }
        let Some(duration) = &self.duration else { return Ok(None) };
        let flaw = Flaw::Form { thing: Thing::Appointment, field: "duration" };
        let length = minutes(duration).ok_or(flaw)?;
        Ok(self.start(zone)?.0.checked_add_signed(Duration::minutes(length)).map(LocalTime))
    }

    /// A time of day needs the day that stands beside it.
    fn at(&self, text: &str, zone: Tz) -> Option<LocalTime> {
        match time::time_of_day(text.trim()) {
            Some(time) => Some(LocalTime(super::date(self.date.as_deref()?, zone)?.and_time(time))),
            None => local_time(text, zone),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::super::profile::RouteProfile;
    use super::*;

    fn check(mut value: Value, wanted: &str) {
        value["Id"] = json!("a");
        let read = Appointment::decode(&RouteProfile::builtin(), &value).expect("an id is there");
        let zone = chrono_tz::Europe::Berlin;
        let show = |at: LocalTime| at.0.format("%d. %H:%M").to_string();
        let start = read.start(zone).map_or_else(|flaw| flaw.to_string(), show);
        let end = read.finish(zone).map_or_else(|flaw| flaw.to_string(), |at| at.map_or("-".to_owned(), show));
        assert_eq!(format!("{start} to {end}"), wanted, "{value}");
    }

    #[test]
    fn every_way_to_say_when() {
        check(json!({"Begin": "2026-11-23T09:00:00", "End": "2026-11-23T09:30:00"}), "23. 09:00 to 23. 09:30");
        check(json!({"start": "2026-11-23T09:00:00", "Duration": 45}), "23. 09:00 to 23. 09:45");
        check(json!({"Date": "2026-11-23", "Time": "09:00", "To": "09:20"}), "23. 09:00 to 23. 09:20");
        check(json!({"Date": "2026-11-23T00:00:00", "StartTime": "9:00"}), "23. 09:00 to -");
        check(json!({"Date": "2026-11-23T09:00:00"}), "23. 09:00 to -");
        check(json!({"Begin": "2026-11-23T08:00:00Z"}), "23. 09:00 to -");
        check(json!({}), "appointment has no begin to -");
        check(json!({"Time": "09:00"}), "appointment has a begin of unknown form to -");
        check(
            json!({"Begin": "bald", "End": 7}),
            "appointment has a begin of unknown form to appointment has a end of unknown form",
        );
        check(
            json!({"Begin": "2026-11-23T09:00", "Duration": "lang"}),
            "23. 09:00 to appointment has a duration of unknown form",
        );
    }
}
