//! The trait of the store, served by the thread that owns the connection.

use chrono::{DateTime, NaiveDate, Utc};

use super::{Db, SqliteStore};
use crate::domain::{
    Appointment, AppointmentId, EntriesRead, Entry, HubspotId, InstanceKey, KeyHash, Kind, LinkKind, Patient,
    PatientId, Record, RunId,
};
use crate::plan::{Totals, Wave, guard::Existing};
use crate::store::{
    Account, Arrival, Basis, Carried, ChartRead, Chunk, Concerned, Error, Fit, FlightId, FlightKind, Interest,
    KeptMapping, Landing, Lead, NewRun, NewWord, PatientFile, PatientPlan, Pin, Place, Queued, Reading, Rebase, Scope,
    Sending, Sought, Spooled, StatusReport, StepCounts, StepId, StepLine, Store, Taken, Trace, Watch, Watched, Window,
    Word, WordId, WordUse,
};

impl Store for SqliteStore {
    async fn pin(&self) -> Result<Option<Pin>, Error> {
        self.writer
            .alone(|db| {
                db.meta("pin")?
                    .map(|json| serde_json::from_slice(&json).map_err(|_| Error::Corrupt("portal pin")))
                    .transpose()
            })
            .await
    }

    async fn set_pin(&self, pin: Pin) -> Result<(), Error> {
        self.writer.alone(move |db| db.set_meta("pin", &serde_json::to_vec(&pin).expect("a pin serialises"))).await
    }

    async fn begin(&self, run: NewRun) -> Result<(), Error> {
        self.writer.alone(move |db| db.begin(&run)).await
    }

    async fn take(&self, run: RunId, kind: Kind, batch: Arrival) -> Result<Taken, Error> {
        self.writer.alone(move |db| db.take(run, kind, batch)).await
    }

    async fn read_done(&self, run: RunId) -> Result<(), Error> {
        self.writer.alone(move |db| db.read_done(run)).await
    }

    async fn chunk(&self, run: RunId, scope: Scope, after: Option<KeyHash>, limit: usize) -> Result<Chunk, Error> {
        self.writer.alone(move |db| db.chunk(run, &scope, after, limit)).await
    }

    async fn propose(&self, run: RunId, plans: Vec<PatientPlan>) -> Result<(), Error> {
        self.writer.alone(move |db| db.propose(run, &plans)).await
    }

    async fn planned(&self, run: RunId, digest: String, totals: Totals) -> Result<(), Error> {
        self.writer.alone(move |db| db.planned(run, &digest, &totals)).await
    }

    async fn accept(&self, run: RunId) -> Result<(), Error> {
        self.writer.alone(move |db| db.accept(run)).await
    }

    async fn discard(&self, run: RunId) -> Result<(), Error> {
        self.writer.alone(move |db| db.discard(run)).await
    }

    async fn steps_of(&self, run: RunId, after: StepId, limit: usize) -> Result<Vec<StepLine>, Error> {
        self.writer.alone(move |db| db.steps_of(run, after, limit)).await
    }

    async fn in_doubt(&self) -> Result<Vec<(FlightId, Sending)>, Error> {
        self.writer.alone(|db| db.in_doubt()).await
    }

    async fn sort_leftovers(&self, decisions: String) -> Result<Carried, Error> {
        self.writer.alone(move |db| db.sort_leftovers(&decisions)).await
    }

    async fn next_records(&self, wave: Wave, after: StepId, limit: usize) -> Result<Vec<Queued>, Error> {
        self.writer.alone(move |db| db.next_records(wave, after, limit)).await
    }

    async fn next_links(
        &self,
        kind: LinkKind,
        after: StepId,
        limit: usize,
    ) -> Result<Vec<(StepId, HubspotId, HubspotId)>, Error> {
        self.writer.alone(move |db| db.next_links(kind, after, limit)).await
    }

    async fn depart(&self, what: FlightKind, steps: Vec<StepId>) -> Result<FlightId, Error> {
        self.writer.shared(move |db| db.depart(what, &steps)).await
    }

    async fn land(
        &self,
        run: RunId,
        flight: FlightId,
        landings: Vec<Landing>,
        now: DateTime<Utc>,
    ) -> Result<(), Error> {
        self.writer.shared(move |db| db.land(run, flight, &landings, now)).await
    }

    async fn settle(&self) -> Result<StepCounts, Error> {
        self.writer.alone(Db::settle).await
    }

    async fn existing(&self) -> Result<Existing, Error> {
        self.writer.alone(|db| db.existing()).await
    }

    async fn account(&self, run: RunId) -> Result<Account, Error> {
        self.writer.alone(move |db| db.account(run)).await
    }

    async fn end(&self, run: RunId, exit: u8, summary: String, now: DateTime<Utc>) -> Result<(), Error> {
        self.writer.alone(move |db| db.end(run, exit, &summary, now)).await
    }

    async fn status(&self) -> Result<StatusReport, Error> {
        self.writer.alone(|db| db.status()).await
    }

    async fn forget_target(&self) -> Result<u64, Error> {
        self.writer.alone(Db::forget_target).await
    }

    async fn spool(&self, command: String, reading: Reading) -> Result<(), Error> {
        self.writer.shared(move |db| db.spool(&command, &reading)).await
    }

    async fn spooled(&self, command: String) -> Result<Vec<Spooled>, Error> {
        self.writer.alone(move |db| db.spooled(&command)).await
    }

    async fn unspool(&self, command: String, after: u64, limit: usize) -> Result<Vec<(u64, Reading)>, Error> {
        self.writer.alone(move |db| db.unspool(&command, after, limit)).await
    }

    async fn clear_spool(
        &self,
        command: Option<String>,
        of: Option<InstanceKey>,
        older_than: Option<DateTime<Utc>>,
    ) -> Result<u64, Error> {
        self.writer.alone(move |db| db.clear_spool(command.as_deref(), of.as_ref(), older_than)).await
    }

    async fn file_windows(&self, command: String, run: RunId, of: Vec<InstanceKey>, whole: bool) -> Result<(), Error> {
        self.writer.alone(move |db| db.file_windows(&command, run, &of, whole)).await
    }

    async fn charts_read(&self, run: RunId, charts: Vec<ChartRead>, wait_days: u32) -> Result<(), Error> {
        self.writer.alone(move |db| db.charts_read(run, &charts, wait_days)).await
    }

    async fn files_read(
        &self,
        run: RunId,
        files: Vec<(InstanceKey, EntriesRead)>,
        wait_days: u32,
    ) -> Result<(), Error> {
        self.writer.alone(move |db| db.files_read(run, &files, wait_days)).await
    }

    async fn windows(&self) -> Result<Vec<Window>, Error> {
        self.writer.alone(|db| db.windows()).await
    }

    async fn source_state(&self, instance: InstanceKey) -> Result<Option<String>, Error> {
        self.writer.alone(move |db| db.source_state(&instance)).await
    }

    async fn set_source_state(&self, instance: InstanceKey, json: String) -> Result<(), Error> {
        self.writer.alone(move |db| db.set_source_state(&instance, &json)).await
    }

    async fn watched(&self, what: Watch) -> Result<Vec<Watched>, Error> {
        self.writer.alone(move |db| db.watched(what)).await
    }

    async fn watch(&self, watched: Vec<Watched>) -> Result<(), Error> {
        self.writer.alone(move |db| db.watch(&watched)).await
    }

    async fn unwatch(&self, what: Watch, keys: Vec<(Kind, String)>) -> Result<(), Error> {
        self.writer.alone(move |db| db.unwatch(what, &keys)).await
    }

    async fn appointments_between(
        &self,
        from: NaiveDate,
        to: NaiveDate,
        not: Vec<AppointmentId>,
    ) -> Result<Vec<Appointment>, Error> {
        self.writer.alone(move |db| db.appointments_between(from, to, &not)).await
    }

    async fn unknown_patients(&self, ids: Vec<PatientId>) -> Result<Vec<PatientId>, Error> {
        self.writer.alone(move |db| db.unknown_patients(ids)).await
    }

    async fn leads(&self, interest: Interest) -> Result<Vec<Lead>, Error> {
        self.writer.alone(move |db| db.leads(interest)).await
    }

    async fn patient_records(&self, not: Vec<PatientId>) -> Result<Vec<Patient>, Error> {
        self.writer.alone(move |db| db.patient_records(&not)).await
    }

    async fn entries_of(&self, patient: PatientId) -> Result<Vec<Entry>, Error> {
        self.writer.alone(move |db| db.entries_of(&patient)).await
    }

    async fn find(&self, sought: Vec<Sought>) -> Result<Vec<Fit>, Error> {
        self.writer.alone(move |db| db.find(&sought)).await
    }

    async fn file_of(&self, patient: KeyHash) -> Result<PatientFile, Error> {
        self.writer.alone(move |db| db.file_of(patient)).await
    }

    async fn files_of(&self, patients: Vec<KeyHash>) -> Result<Vec<PatientFile>, Error> {
        self.writer.alone(move |db| patients.into_iter().map(|patient| db.file_of(patient)).collect()).await
    }

    async fn traces(&self, patient: KeyHash) -> Result<Vec<Trace>, Error> {
        self.writer.alone(move |db| db.traces(patient)).await
    }

    async fn records_after(&self, place: Option<Place>, limit: usize) -> Result<Vec<(Place, Record)>, Error> {
        self.writer.alone(move |db| db.records_after(place, limit)).await
    }

    async fn record(&self, kind: Kind, key: String) -> Result<Option<Record>, Error> {
        self.writer.alone(move |db| db.record(kind, &key)).await
    }

    async fn words(&self) -> Result<Vec<Word>, Error> {
        self.writer.alone(|db| db.words()).await
    }

    async fn learn(&self, words: Vec<NewWord>) -> Result<Vec<WordId>, Error> {
        self.writer.alone(move |db| db.learn(&words)).await
    }

    async fn basis(&self) -> Result<Option<Basis>, Error> {
        self.writer.alone(|db| db.basis()).await
    }

    async fn rebase(&self, rebase: Rebase) -> Result<Concerned, Error> {
        self.writer.alone(move |db| db.rebase(&rebase)).await
    }

    async fn concerned(&self, rebase: Rebase) -> Result<Concerned, Error> {
        self.writer.alone(move |db| db.concerned(&rebase)).await
    }

    async fn word_uses(&self, sets: Vec<Vec<WordId>>) -> Result<Vec<WordUse>, Error> {
        self.writer.alone(move |db| db.word_uses(&sets)).await
    }

    async fn keep_mapping(&self, kept: KeptMapping) -> Result<(), Error> {
        self.writer.alone(move |db| db.keep_mapping(&kept)).await
    }

    async fn kept_mappings(&self) -> Result<Vec<String>, Error> {
        self.writer.alone(|db| db.kept_mappings()).await
    }

    async fn kept_mapping(&self, digest: String) -> Result<Option<KeptMapping>, Error> {
        self.writer.alone(move |db| db.kept_mapping(&digest)).await
    }

    async fn mapping_of(&self, run: RunId) -> Result<Option<String>, Error> {
        self.writer.alone(move |db| db.mapping_of(run)).await
    }
}
