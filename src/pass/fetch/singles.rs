//! Single records: patients whom appointments name and nobody knows, and what was asked for by id.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::{AppointmentId, Kind, PatientId};
use crate::extract::api::{Single, earnestly};
use crate::ivoris;
use crate::store::{Part, Store, Watch, Watched};

use super::bench::Bench;
use crate::pass::error::Error;

/// When a patient who could not be had is asked for again; the last one repeats. Source: `ivoris-api.md` section 11.
const AGAIN: [TimeDelta; 5] =
    [TimeDelta::minutes(5), TimeDelta::minutes(30), TimeDelta::hours(2), TimeDelta::hours(12), TimeDelta::hours(48)];

/// From more unknown patients on, reading all of them page by page is less to ask.
const SINGLES: usize = 100;

fn due(now: DateTime<Utc>, attempts: u32) -> DateTime<Utc> {
    let at = usize::try_from(attempts.saturating_sub(1)).unwrap_or(usize::MAX).min(AGAIN.len() - 1);
    now + AGAIN[at]
}

impl<S: Store> Bench<'_, S> {
    /// Asks one by one for patients whom appointments name, unless one of them was asked for in vain a short while ago.
    pub(super) async fn waiting_patients(&mut self, named: &BTreeSet<PatientId>) -> Result<(), Error> {
        let watched = self.watched(Watch::Missing, Kind::Patient).await?;
        let now = self.now();
        let early: BTreeSet<&str> = watched.iter().filter(|one| one.due > now).map(|one| one.key.as_str()).collect();
        let asked: BTreeSet<String> = self.spooled_patients();
        let mut ids: Vec<PatientId> = named.iter().cloned().collect();
        ids.extend(watched.iter().map(|one| PatientId::new(&one.key)).filter(|id| !named.contains(id)));
        let mut unknown = self.store.unknown_patients(ids).await?;
        // Those who were asked for in vain before are in no list either.
        let before: BTreeSet<&str> = watched.iter().map(|one| one.key.as_str()).collect();
        let new = |id: &&PatientId| !before.contains(id.as_str()) && !asked.contains(id.as_str());
        let new = unknown.iter().filter(new).count();
        if new > SINGLES {
            let text = format!("{}: {new} patients are named and not known; all patients are read", self.instance());
            self.observer.warns(&text);
            let pulled = self.pull_all().await?;
            unknown.retain(|id| !pulled.contains(id));
        }
        let known: Vec<_> = watched
            .iter()
            .filter(|one| !unknown.iter().any(|id| id.as_str() == one.key))
            .map(|one| (Kind::Patient, one.key.clone()))
            .collect();
        self.store.unwatch(Watch::Missing, known).await?;
        let all = unknown.len();
        for (at, id) in unknown.into_iter().enumerate() {
            self.says(&format!("patients that appointments name, {} of {all}", at + 1));
            if asked.contains(id.as_str()) {
                continue;
            }
            if early.contains(id.as_str()) {
                self.facts.missing += 1;
                continue;
            }
            self.may_go_on()?;
            let attempts = watched.iter().find(|one| one.key == id.as_str()).map_or(0, |one| one.attempts);
            self.waiting_patient(&id, attempts + 1).await?;
        }
        Ok(())
    }

    async fn waiting_patient(&mut self, id: &PatientId, attempts: u32) -> Result<(), Error> {
        let key = id.as_str().to_owned();
        match earnestly(|| self.reader.patient(id)).await {
            Ok(Single::Found(row)) => {
                self.store.unwatch(Watch::Missing, vec![(Kind::Patient, key.clone())]).await?;
                let unit = self.unit(Kind::Patient, Part::One { kind: Kind::Patient, key });
                self.keep(unit, vec![row]).await
            }
            Ok(Single::Gone | Single::Unknown) | Err(ivoris::Error::Unreadable { .. }) => {
                self.facts.missing += 1;
                let now = self.now();
                let watched = Watched {
                    what: Watch::Missing,
                    instance: self.instance().clone(),
                    kind: Kind::Patient,
                    key,
                    first: now,
                    due: due(now, attempts),
                    attempts,
                };
                Ok(self.store.watch(vec![watched]).await?)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Patients that an earlier run had read one by one.
    fn spooled_patients(&self) -> BTreeSet<String> {
        let one = self.spooled.iter().filter_map(|unit| match &unit.unit.part {
            Part::One { kind: Kind::Patient, key } => Some(key.clone()),
            Part::One { .. } | Part::Page(_) | Part::Days { .. } | Part::Chart { .. } => None,
        });
        one.collect()
    }

    /// Asks for records by key. What this installation does not know may be another one's.
    pub(super) async fn only(&mut self, kind: Kind, keys: impl Iterator<Item = &String>) -> Result<(), Error> {
        let mut patients = BTreeSet::new();
        for key in keys {
            self.may_go_on()?;
            let answer = match kind {
                Kind::Patient => earnestly(|| async { self.reader.patient(&PatientId::new(key)).await }).await?,
                Kind::Appointment => {
                    earnestly(|| async { self.reader.single_appointment(&AppointmentId::new(key), None).await }).await?
                }
                Kind::Entry => continue,
            };
            let Single::Found(row) = answer else { continue };
            if let crate::extract::Row::Record(record, _) = &row {
                patients.extend(crate::extract::api::named_patients([&**record]));
            }
            let unit = self.unit(kind, Part::One { kind, key: key.clone() });
            self.keep(unit, vec![row]).await?;
        }
        self.waiting_patients(&patients).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_missing_is_asked_for_less_and_less_often() {
        let now = DateTime::from_timestamp(0, 0).expect("a time");
        let minutes: Vec<i64> = (1..=7).map(|attempts| (due(now, attempts) - now).num_minutes()).collect();
        assert_eq!(minutes, [5, 30, 120, 720, 2_880, 2_880, 2_880]);
    }
}
