//! What must survive a crash, behind one trait: inbox, queue, outbox, ledger, journal, runs.
//!
//! Each method is one transaction, or a loop of whole ones that can be repeated from the start.
//! A step's way: proposed → planned (its run is accepted) → in doubt (its flight is open) → done or rejected.

#[cfg(test)]
mod conformance;
mod error;
mod model;
pub mod seal;
mod sqlite;
mod state;
mod tally;

use std::future::Future;

use chrono::{DateTime, Utc};

pub use error::Error;
pub use model::{
    Arrival, Carried, Chunk, Filed, FlightId, FlightKind, Incoming, Landing, LedgerRow, MailMate, NewRun, PatientFile,
    PatientPlan, Pin, Queued, RunLine, RunState, Scope, Sending, StatusReport, StepId, StepLine, Taken,
};
pub use sqlite::SqliteStore;
pub use state::{IllegalEvent, StepEvent, StepState};
pub use tally::{Account, KindAccount, OutcomeNote, StepCounts};

use crate::domain::{HubspotId, KeyHash, Kind, LinkKind, RunId};
use crate::plan::{Totals, Wave, guard::Existing};

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
}
