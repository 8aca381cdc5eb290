//! Answers about the calendar and the waiting room.

use chrono::{Duration, NaiveDate, NaiveDateTime};
use serde_json::{Value, json};

use crate::sandbox::seed::rng::Rng;

use super::answer::{Answered, Asked};
use super::installation::Listed;
use super::record::Appointment;
use super::times;

/// Stations of the waiting room.
const STATIONS: [&str; 2] = ["Wartezimmer", "Behandlung"];
/// How long people wait.
const WAIT: Duration = Duration::minutes(10);

impl<'a> Asked<'a> {
    pub(super) fn all_appointments(&self) -> Answered<Vec<&'a Appointment>> {
        let (from, to) = self.window(self.settings.window_dates)?;
        let mut found = self.installation.calendar.between(from, to);
        if let Some(mandant) = self.param("mandantIndex") {
            found.retain(|one| one.mandant.to_string() == mandant);
        }
        if !self.settings.cancelled_listed {
            found.retain(|one| one.state != "Cancelled");
        }
        self.in_pages(self.repeated(found))
    }

    pub(super) fn latest_appointments(&self) -> Answered<Vec<&'a Appointment>> {
        let since = self.time("since")?.unwrap_or_default();
        let changed = self.installation.calendar.all().filter(|one| one.modified.or(one.created) >= Some(since));
        self.in_pages(self.repeated(changed.collect()))
    }

    fn in_pages(&self, found: Vec<&'a Appointment>) -> Answered<Vec<&'a Appointment>> {
        match self.settings.appointment_page {
            Some(size) => self.page(found.into_iter(), size),
            None => Ok(found),
        }
    }

    pub(super) fn appointments_of_patient(&self) -> Answered<Vec<&'a Appointment>> {
        Ok(self.installation.calendar.of_patient(&self.needed("patientId")?))
    }

    /// Some appointments come twice: the second time next to the first, or at the end of everything.
    fn repeated(&self, found: Vec<&'a Appointment>) -> Vec<&'a Appointment> {
        let mut all = Vec::with_capacity(found.len());
        let mut end = Vec::new();
        for one in found {
            all.push(one);
            let mut rng = Rng::of(self.settings.seed, &one.id, 3);
            if rng.chance(self.settings.oddities.duplicates, 100) {
                if rng.chance(1, 2) {
                    all.push(one);
                } else {
                    end.push(one);
                }
            }
        }
        all.extend(end);
        all
    }

    /// Who sat where on the days of the window, all day long.
    pub(super) fn practitioner_times(&self) -> Answered<Vec<Value>> {
        let (from, to) = self.window(self.settings.window_dates)?;
        let asked = self.id("practitionerId");
        let taken = self.installation.calendar.between(from, to).into_iter();
        let seated = taken.filter(|one| !one.unlisted && !one.practitioner.is_empty() && !one.chair.is_empty());
        let mut seats: Vec<(NaiveDate, &str, &str)> =
            seated.map(|one| (one.begin.date(), one.practitioner.as_str(), one.chair.as_str())).collect();
        seats.sort_unstable();
        seats.dedup();
        let row = |(day, practitioner, chair): (NaiveDate, &str, &str)| {
            let practitioner = self.installation.id_of(Listed::Practitioner, practitioner);
            let at = |hour| day.and_hms_opt(hour, 0, 0).map(|time| self.given(time));
            asked.as_ref().is_none_or(|asked| *asked == practitioner).then(|| {
                let chair = self.installation.id_of(Listed::Chair, chair);
                json!({"PractitionerId": practitioner, "DentistChairId": chair, "Begin": at(8), "End": at(18)})
            })
        };
        Ok(seats.into_iter().filter_map(row).collect())
    }

    fn station(&self, name: &str) -> String {
        Rng::of(0, &format!("{} station {name}", self.installation.name), 0).uuid()
    }

    pub(super) fn stations(&self) -> Vec<Value> {
        STATIONS.iter().map(|name| json!({"Id": self.station(name), "Name": name})).collect()
    }

    fn came(&self, begin: NaiveDateTime) -> String {
        self.given(begin - WAIT)
    }

    /// Those who wait today.
    pub(super) fn waiting(&self) -> Vec<Value> {
        let today = Some(times::local(self.now).date());
        let waiting = self.installation.calendar.between(today, today).into_iter();
        let station = self.station(STATIONS[0]);
        let row =
            |one: &Appointment| json!({"PatientId": one.patient, "StationId": station, "Since": self.came(one.begin)});
        waiting.filter(|one| one.state == "Waiting").map(row).collect()
    }

    /// Those of the appointments that took place.
    pub(super) fn progressions(&self, appointments: Vec<&Appointment>) -> Vec<Value> {
        let station = self.station(STATIONS[1]);
        let row = |one: &Appointment| {
            json!({
                "PatientId": one.patient, "StationId": station, "AppointmentId": one.id,
                "EnteredAt": self.came(one.begin), "LeftAt": self.given(one.end.unwrap_or(one.begin)),
            })
        };
        appointments.into_iter().filter(|one| one.state == "Completed").map(row).collect()
    }
}
