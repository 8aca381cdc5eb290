//! What is known and no longer shown: believed to be gone after two complete readings a day apart and the single read.

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::{Appointment, AppointmentState, Kind, Patient, PatientId, PatientRef, Record};
use crate::extract::Row;
use crate::extract::api::{Single, Span, earnestly};
use crate::ivoris;
use crate::store::{Part, Store, Watch, Watched};

use super::bench::Bench;
use super::calendar::Found;
use crate::pass::error::Error;

/// Least time between the two readings (design.md section 2).
const APART: TimeDelta = TimeDelta::hours(24);
/// More missing records than this are not believed, whatever the share. Source: `ivoris-api.md` section 11.
const MOST: usize = 50;
/// Nor is a larger share than this, unless they are very few.
const SHARE: usize = 20;
const FEW: usize = 5;

/// Whether so many missing records are more than can be believed.
fn is_too_much(missing: usize, seen: usize) -> bool {
    missing > MOST || (missing > FEW && missing * 100 > (missing + seen) * SHARE)
}

impl<S: Store> Bench<'_, S> {
    /// Appointments that the inbox holds on days that were read whole, and that were not among them.
    pub(super) async fn vanished(&mut self, found: &Found) -> Result<(), Error> {
        let mut missing: Vec<(Appointment, DateTime<Utc>)> = Vec::new();
        let ids: Vec<_> = found.ids.iter().cloned().collect();
        for (span, at) in joined(&found.spans) {
            for one in self.store.appointments_between(span.from, span.to, ids.clone()).await? {
                if one.instance == *self.instance() && one.state != AppointmentState::Deleted.word() {
                    missing.push((one, at));
                }
            }
        }
        let watched = self.watched(Watch::Gone, Kind::Appointment).await?;
        // Those that are shown again are not watched any longer.
        let back = watched.iter().filter(|one| found.ids.iter().any(|id| id.as_str() == one.key));
        let back: Vec<_> = back.map(|one| (Kind::Appointment, one.key.clone())).collect();
        if !back.is_empty() {
            self.store.unwatch(Watch::Gone, back).await?;
        }
        if is_too_much(missing.len(), found.ids.len()) {
            self.not_believed("appointments", missing.len());
            return Ok(());
        }
        for (one, read) in missing {
            self.says("appointments that are no longer shown");
            self.may_go_on()?;
            let key = one.id.as_str().to_owned();
            let patient = match &one.patient {
                PatientRef::Id(id) => Some(id.clone()),
                PatientRef::Number(_) | PatientRef::Nobody => None,
            };
            let answer = earnestly(|| self.reader.single_appointment(&one.id, patient.as_ref())).await;
            let gone = Appointment {
                state: AppointmentState::Deleted.word().to_owned(),
                confirmation: String::new(),
                changed: None,
                ..one
            };
            let before = watched.iter().find(|watched| watched.key == key);
            self.judge((Kind::Appointment, key), answer, Record::Appointment(gone), before, read).await?;
        }
        Ok(())
    }

    /// Patients that the inbox holds and a complete pull did not show.
    pub(super) async fn vanished_patients(&mut self, seen: Vec<PatientId>, read: DateTime<Utc>) -> Result<(), Error> {
        let shown = seen.len();
        let missing: Vec<Patient> = self
            .store
            .patient_records(seen.clone())
            .await?
            .into_iter()
            .filter(|one| one.instance == *self.instance() && !one.deleted && self.can_ask(one))
            .collect();
        let watched = self.watched(Watch::Gone, Kind::Patient).await?;
        let back = watched.iter().filter(|one| seen.iter().any(|id| id.as_str() == one.key));
        let back: Vec<_> = back.map(|one| (Kind::Patient, one.key.clone())).collect();
        if !back.is_empty() {
            self.store.unwatch(Watch::Gone, back).await?;
        }
        if is_too_much(missing.len(), shown) {
            self.not_believed("patients", missing.len());
            return Ok(());
        }
        for one in missing {
            self.says("patients who are no longer shown");
            self.may_go_on()?;
            let key = one.id.as_str().to_owned();
            let id = one.known_as.as_ref().unwrap_or(&one.id);
            let answer = earnestly(|| self.reader.patient(id)).await;
            let before = watched.iter().find(|watched| watched.key == key);
            let gone = Patient { deleted: true, ..one };
            self.judge((Kind::Patient, key), answer, Record::Patient(gone), before, read).await?;
        }
        Ok(())
    }

    /// Whether Ivoris can be asked for the patient: one that is known by number alone says nothing by its absence.
    fn can_ask(&self, one: &Patient) -> bool {
        one.known_as.is_some() || self.reader.names_an_id(&one.id)
    }

    /// What the single read says about a record that a complete reading did not show.
    async fn judge(
        &mut self,
        (kind, key): (Kind, String),
        answer: Result<Single, ivoris::Error>,
        gone: Record,
        before: Option<&Watched>,
        read: DateTime<Utc>,
    ) -> Result<(), Error> {
        let unit = self.unit(kind, Part::One { kind, key: key.clone() });
        match answer {
            Ok(Single::Found(row)) => {
                // It has only moved, or the list hid it.
                self.store.unwatch(Watch::Gone, vec![(kind, key)]).await?;
                self.keep(unit, vec![row]).await
            }
            Ok(Single::Gone) if before.is_some_and(|before| read - before.first >= APART) => {
                self.facts.gone += 1;
                self.store.unwatch(Watch::Gone, vec![(kind, key)]).await?;
                let origin = crate::domain::Origin {
                    file: format!("{} (no longer there)", self.instance()).into(),
                    line: self.facts.gone,
                };
                self.keep(unit, vec![Row::Record(Box::new(gone), origin)]).await
            }
            Ok(Single::Gone) => {
                self.facts.suspects += 1;
                let watched = Watched {
                    what: Watch::Gone,
                    instance: self.instance().clone(),
                    kind,
                    key,
                    first: read,
                    due: read + APART,
                    attempts: before.map_or(1, |before| before.attempts + 1),
                };
                Ok(self.store.watch(vec![watched]).await?)
            }
            Ok(Single::Unknown) | Err(ivoris::Error::Unreadable { .. }) => {
                self.facts.suspects += 1;
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }

    fn not_believed(&mut self, what: &str, missing: usize) {
        let text = format!(
            "{missing} known {what} are missing in what {} answered: too many to be believed, they stay as they are",
            self.instance()
        );
        self.observer.warns(&text);
        self.facts.suspects += u64::try_from(missing).unwrap_or(u64::MAX);
        self.facts.notes.push(text);
    }

    pub(super) async fn watched(&self, what: Watch, kind: Kind) -> Result<Vec<Watched>, Error> {
        let watched = self.store.watched(what).await?;
        Ok(watched.into_iter().filter(|one| one.instance == *self.instance() && one.kind == kind).collect())
    }
}

/// Stretches of days without a break, each as old as its oldest reading.
fn joined(spans: &[(Span, DateTime<Utc>)]) -> Vec<(Span, DateTime<Utc>)> {
    let mut joined: Vec<(Span, DateTime<Utc>)> = Vec::new();
    for (span, at) in spans {
        match joined.last_mut() {
            Some((last, since)) if last.to.succ_opt().is_none_or(|next| span.from <= next) => {
                last.to = last.to.max(span.to);
                *since = (*since).min(*at);
            }
            _ => joined.push((*span, *at)),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_may_be_gone_and_not_half_of_all() {
        for (missing, seen, too_much) in
            [(1, 0, false), (5, 1, false), (6, 10, true), (6, 100, false), (50, 1_000, false), (51, 100_000, true)]
        {
            assert_eq!(is_too_much(missing, seen), too_much, "{missing} of {}", missing + seen);
        }
    }

    #[test]
    fn neighbouring_days_are_one_stretch() {
        let day = |text: &str| text.parse().expect("a day");
        let span = |from, to| Span { from: day(from), to: day(to) };
        let at = |second| DateTime::from_timestamp(second, 0).expect("a time");
        let spans = [
            (span("2026-01-01", "2026-01-07"), at(5)),
            (span("2026-01-08", "2026-01-09"), at(3)),
            (span("2026-01-11", "2026-01-11"), at(4)),
        ];
        let wanted = [(span("2026-01-01", "2026-01-09"), at(3)), (span("2026-01-11", "2026-01-11"), at(4))];
        assert_eq!(joined(&spans), wanted);
    }
}
