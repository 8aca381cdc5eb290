//! What must survive a crash, behind one trait: inbox, queue, outbox, ledger, journal, runs, spool, windows.
//!
//! Each method is one transaction, or a loop of whole ones that can be repeated from the start.
//! A step's way: proposed → planned (its run is accepted) → in doubt (its flight is open) → done or rejected.

#[cfg(test)]
mod conformance;
mod error;
mod model;
pub mod seal;
mod source;
mod sqlite;
mod state;
mod tally;
mod trace;
mod versions;

use std::future::Future;

use chrono::{DateTime, NaiveDate, Utc};

pub use error::Error;
pub use model::{
    Arrival, Carried, Chunk, Filed, FlightId, FlightKind, Incoming, Landing, LedgerRow, MailMate, NewRun, PatientFile,
    PatientPlan, Pin, Queued, RunLine, RunState, Scope, Sending, StatusReport, StepId, StepLine, Taken,
};
pub use source::{
    ChartRead, GapLine, Interest, Lead, Part, ReadState, Reading, Spooled, SpooledLine, Unit, Watch, Watched, Window,
    WindowsLine,
};
pub use sqlite::SqliteStore;
pub use state::{IllegalEvent, StepEvent, StepState};
pub use tally::{Account, KindAccount, OutcomeNote, StepCounts};
pub use trace::{Fit, Sought, StepFate, Trace};
pub use versions::{Basis, Concerned, KeptMapping, Looked, NewWord, Rebase, Word, WordId, WordUse};

use crate::domain::{
    Appointment, AppointmentId, EntriesRead, Entry, HubspotId, InstanceKey, KeyHash, Kind, LinkKind, Patient,
    PatientId, Record, RunId,
};
use crate::plan::{Totals, Wave, guard::Existing};

/// Where a record lies: patient, kind, key.
pub type Place = (KeyHash, Kind, KeyHash);

/// The store of one project. Two engines share one conformance suite.
pub trait Store: Send + Sync {
    /// Which portal the state belongs to.
    fn pin(&self) -> impl Future<Output = Result<Option<Pin>, Error>> + Send;
    /// Pins the state to a portal; a pin is only changed by `state rebuild`.
    fn set_pin(&self, pin: Pin) -> impl Future<Output = Result<(), Error>> + Send;

    /// Finishes or throws away what a dead run left before sending, then opens a run.
    fn begin(&self, run: NewRun) -> impl Future<Output = Result<(), Error>> + Send;
    /// Proposes what was read; says how each record met what is known. One transaction per call.
    fn take(&self, run: RunId, kind: Kind, batch: Arrival) -> impl Future<Output = Result<Taken, Error>> + Send;
    /// Everything is read: proposals can be found by patient from now on.
    fn read_done(&self, run: RunId) -> impl Future<Output = Result<(), Error>> + Send;

    /// The next patients with something queued or proposed, with all that is known of them.
    fn chunk(
        &self,
        run: RunId,
        scope: Scope,
        after: Option<KeyHash>,
        limit: usize,
    ) -> impl Future<Output = Result<Chunk, Error>> + Send;
    /// Stores the steps and outcomes of a chunk as proposed.
    fn propose(&self, run: RunId, plans: Vec<PatientPlan>) -> impl Future<Output = Result<(), Error>> + Send;
    /// The plan is complete; its digest and totals are written down.
    fn planned(&self, run: RunId, digest: String, totals: Totals) -> impl Future<Output = Result<(), Error>> + Send;
    /// Accepts records and steps of a run, or only records when it has no plan.
    fn accept(&self, run: RunId) -> impl Future<Output = Result<(), Error>> + Send;
    /// Deletes what a run proposed.
    fn discard(&self, run: RunId) -> impl Future<Output = Result<(), Error>> + Send;
    /// Planned changes of a run, in the order of the plan, for the plan view.
    fn steps_of(
        &self,
        run: RunId,
        after: StepId,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<StepLine>, Error>> + Send;

    /// Steps whose flight is open: what was sent and never answered.
    fn in_doubt(&self) -> impl Future<Output = Result<Vec<(FlightId, Sending)>, Error>> + Send;
    /// Drops accepted steps that no longer stand under `decisions` or whose patient has news; keys go back to the queue.
    fn sort_leftovers(&self, decisions: String) -> impl Future<Output = Result<Carried, Error>> + Send;
    /// The next planned steps of a wave, in order.
    fn next_records(
        &self,
        wave: Wave,
        after: StepId,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<Queued>, Error>> + Send;
    /// The next planned links whose both ends exist: (step, from, to).
    fn next_links(
        &self,
        kind: LinkKind,
        after: StepId,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<(StepId, HubspotId, HubspotId)>, Error>> + Send;
    /// Writes down that these steps are about to be sent together. Durable when it returns.
    fn depart(&self, what: FlightKind, steps: Vec<StepId>) -> impl Future<Output = Result<FlightId, Error>> + Send;
    /// Writes down what became of a flight: steps, ledger and journal in one transaction. Steps without a landing
    /// stay in doubt.
    fn land(
        &self,
        run: RunId,
        flight: FlightId,
        landings: Vec<Landing>,
        now: DateTime<Utc>,
    ) -> impl Future<Output = Result<(), Error>> + Send;
    /// Puts what cannot be sent (rejected ends) back on the queue and counts what is left.
    fn settle(&self) -> impl Future<Output = Result<StepCounts, Error>> + Send;

    /// Records already there, for the guard.
    fn existing(&self) -> impl Future<Output = Result<Existing, Error>> + Send;
    /// The closing account of a run, counted from rows.
    fn account(&self, run: RunId) -> impl Future<Output = Result<Account, Error>> + Send;
    /// Closes a run with its exit code and summary (JSON without personal values).
    fn end(
        &self,
        run: RunId,
        exit: u8,
        summary: String,
        now: DateTime<Utc>,
    ) -> impl Future<Output = Result<(), Error>> + Send;
    /// Runs, queues, what is held and rejected.
    fn status(&self) -> impl Future<Output = Result<StatusReport, Error>> + Send;
    /// Forgets ledger and outbox and queues every record again; the inbox stays.
    fn forget_target(&self) -> impl Future<Output = Result<u64, Error>> + Send;

    /// Writes down one unit that a command has read, or could not read; it replaces the same unit. Durable when it
    /// returns. Nothing but [`Store::file_windows`] and [`Store::clear_spool`] takes it away.
    fn spool(&self, command: String, reading: Reading) -> impl Future<Output = Result<(), Error>> + Send;
    /// Units a command has read and not filed, in the order of spooling.
    fn spooled(&self, command: String) -> impl Future<Output = Result<Vec<Spooled>, Error>> + Send;
    /// The next `limit` units of a command with their rows, each with the number to go on after; 0 = from the start.
    fn unspool(
        &self,
        command: String,
        after: u64,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<(u64, Reading)>, Error>> + Send;
    /// Throws away units of one command or all, of one installation or all, read before a time or whenever; says how
    /// many.
    fn clear_spool(
        &self,
        command: Option<String>,
        of: Option<InstanceKey>,
        older_than: Option<DateTime<Utc>>,
    ) -> impl Future<Output = Result<u64, Error>> + Send;
    /// The run is accepted: units that its command has read of these installations become windows and leave the spool.
    ///
    /// What is read replaces the same unit. Days that are read replace windows inside them; a gap is closed once all
    /// its days were tried again, and a gap that is left of it is as old as it was. A page replaces the whole pull
    /// before. A gap beside an earlier reading leaves that reading known. Unless the run took the `whole` of what it read,
    /// only its gaps are filed.
    fn file_windows(
        &self,
        command: String,
        run: RunId,
        of: Vec<InstanceKey>,
        whole: bool,
    ) -> impl Future<Output = Result<(), Error>> + Send;
    /// The run has asked for these charts as a whole. Until it is accepted this is known to it alone; patients of whose
    /// visits it says something new, `wait_days` after them, are planned with the entries.
    fn charts_read(
        &self,
        run: RunId,
        charts: Vec<ChartRead>,
        wait_days: u32,
    ) -> impl Future<Output = Result<(), Error>> + Send;
    /// The same for files that were read to their ends: the days they hold, per installation.
    fn files_read(
        &self,
        run: RunId,
        files: Vec<(InstanceKey, EntriesRead)>,
        wait_days: u32,
    ) -> impl Future<Output = Result<(), Error>> + Send;
    /// All that is known to be read, and the open gaps.
    fn windows(&self) -> impl Future<Output = Result<Vec<Window>, Error>> + Send;
    /// What was learned about an installation, as JSON.
    fn source_state(&self, instance: InstanceKey) -> impl Future<Output = Result<Option<String>, Error>> + Send;
    /// Remembers what was learned about an installation; sealed.
    fn set_source_state(&self, instance: InstanceKey, json: String) -> impl Future<Output = Result<(), Error>> + Send;
    /// What is watched for one reason, in the order in which it is due.
    fn watched(&self, what: Watch) -> impl Future<Output = Result<Vec<Watched>, Error>> + Send;
    /// Watches records, or says when to ask for them again; the earlier `first` stays.
    fn watch(&self, watched: Vec<Watched>) -> impl Future<Output = Result<(), Error>> + Send;
    /// Watches these records no longer.
    fn unwatch(&self, what: Watch, keys: Vec<(Kind, String)>) -> impl Future<Output = Result<(), Error>> + Send;

    /// Accepted appointments on these days, both included, but those named; in the order of their starts.
    fn appointments_between(
        &self,
        from: NaiveDate,
        to: NaiveDate,
        not: Vec<AppointmentId>,
    ) -> impl Future<Output = Result<Vec<Appointment>, Error>> + Send;
    /// Those of the patients who are not in the accepted inbox, under no other name either; each once, in order.
    fn unknown_patients(&self, ids: Vec<PatientId>) -> impl Future<Output = Result<Vec<PatientId>, Error>> + Send;
    /// Accepted patients whose charts are wanted, in the order of their hashes.
    fn leads(&self, interest: Interest) -> impl Future<Output = Result<Vec<Lead>, Error>> + Send;
    /// Accepted patients but those named, in the order of their hashes.
    fn patient_records(&self, not: Vec<PatientId>) -> impl Future<Output = Result<Vec<Patient>, Error>> + Send;
    /// Accepted entries of a patient, in the order of their hashes.
    fn entries_of(&self, patient: PatientId) -> impl Future<Output = Result<Vec<Entry>, Error>> + Send;
    /// What a key may mean among accepted records and what was written; in order, each once.
    fn find(&self, sought: Vec<Sought>) -> impl Future<Output = Result<Vec<Fit>, Error>> + Send;
    /// All that is accepted of a patient, as a run without news would see it.
    fn file_of(&self, patient: KeyHash) -> impl Future<Output = Result<PatientFile, Error>> + Send;
    /// All that is accepted of each patient, as runs without news would see them.
    fn files_of(&self, patients: Vec<KeyHash>) -> impl Future<Output = Result<Vec<PatientFile>, Error>> + Send;
    /// Every accepted change for a patient, newest first.
    fn traces(&self, patient: KeyHash) -> impl Future<Output = Result<Vec<Trace>, Error>> + Send;
    /// The next `limit` accepted appointments and entries, in the order in which they lie, each with the place to go on after.
    fn records_after(
        &self,
        place: Option<Place>,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<(Place, Record)>, Error>> + Send;
    /// The accepted record under a key; a patient under any name.
    fn record(&self, kind: Kind, key: String) -> impl Future<Output = Result<Option<Record>, Error>> + Send;

    /// Words that accepted decisions looked up, or the present run proposes.
    fn words(&self) -> impl Future<Output = Result<Vec<Word>, Error>> + Send;
    /// Proposes words that are not known; the numbers come in the same order.
    fn learn(&self, words: Vec<NewWord>) -> impl Future<Output = Result<Vec<WordId>, Error>> + Send;
    /// What accepted decisions were made with; `None` = unknown.
    fn basis(&self) -> impl Future<Output = Result<Option<Basis>, Error>> + Send;
    /// Begins to plan under a basis. Who looked at a word with another answer than the accepted one is part of the plan, if
    /// the run is whole; the basis becomes the accepted one with the run.
    fn rebase(&self, rebase: Rebase) -> impl Future<Output = Result<Concerned, Error>> + Send;
    /// The same question without a run; nothing is written.
    fn concerned(&self, rebase: Rebase) -> impl Future<Output = Result<Concerned, Error>> + Send;
    /// How much each set of words is used by accepted decisions.
    fn word_uses(&self, sets: Vec<Vec<WordId>>) -> impl Future<Output = Result<Vec<WordUse>, Error>> + Send;
    /// Keeps the files of a mapping; the last 20 stay.
    fn keep_mapping(&self, kept: KeptMapping) -> impl Future<Output = Result<(), Error>> + Send;
    /// Digests of the kept mappings, the one used last first.
    fn kept_mappings(&self) -> impl Future<Output = Result<Vec<String>, Error>> + Send;
    /// The files of a kept mapping by its whole digest.
    fn kept_mapping(&self, digest: String) -> impl Future<Output = Result<Option<KeptMapping>, Error>> + Send;
    /// Digest of the mapping that a run decided with; `None` for runs before that was written down.
    fn mapping_of(&self, run: RunId) -> impl Future<Output = Result<Option<String>, Error>> + Send;
}
