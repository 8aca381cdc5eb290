//! The values that go in and out of the store.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::source::{GapLine, SpooledLine, Watch, WindowsLine};
use super::tally::{OutcomeNote, StepCounts};
use super::versions::Looked;
use crate::domain::{
    Appointment, EntriesRead, Entry, HubspotId, KeyHash, Kind, LinkKind, Object, Origin, Patient, Properties, Record,
    Rejected, RuleId, RunId,
};
use crate::plan::{Memo, Op, RecordOutcome, Step, Totals, Wave};

/// The portal a state belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pin {
    /// HubSpot's portal id.
    pub portal: u64,
    /// Key prefixes of the instances, frozen with the first write.
    pub prefixes: Vec<(String, String)>,
}

/// A run about to begin.
#[derive(Clone, Debug)]
pub struct NewRun {
    /// Its id.
    pub id: RunId,
    /// The command without values ("migrate-patients").
    pub command: String,
    /// When it began.
    pub now: DateTime<Utc>,
    /// The local day, for "first read".
    pub today: NaiveDate,
    /// Digest of mapping and decision options.
    pub decisions: String,
    /// Digest of the mapping, 64 hex characters.
    pub mapping: String,
}

/// One record as read, with what the store cannot know by itself.
#[derive(Clone, Debug)]
pub struct Incoming {
    /// The record.
    pub record: Record,
    /// Where it was read.
    pub origin: Origin,
    /// Patients: cleaned e-mail address, lower case.
    pub mail: Option<String>,
}

/// What one stretch of reading brought.
#[derive(Clone, Debug, Default)]
pub struct Arrival {
    /// Records in the order of reading.
    pub records: Vec<Incoming>,
    /// Rows that are no records.
    pub rejected: Vec<Rejected>,
    /// Records left out by an option of this run (`--practice`, `--only`).
    pub left_out: u64,
}

/// How one stretch of reading met what is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// New or changed.
    pub proposed: u64,
    /// As accepted before; below zero when repeats of such records brought news.
    pub unchanged: i64,
    /// Already read in this run.
    pub repeated: u64,
}

/// Which queues a pass drains, and whose patients it plans.
#[derive(Clone, Debug)]
pub struct Scope {
    /// Queues.
    pub kinds: Vec<Kind>,
    /// Only patients of records read in this run (`--only`, `--practice`, `--limit`), not the rest of the queue.
    pub only_run: bool,
    /// Records of `kinds` that were handled before are looked at again (`--requeue`); until the run is accepted, this is
    /// seen by this run alone.
    pub requeue: bool,
}

/// A record in the inbox, with the queue's knowledge of it.
#[derive(Clone, Debug)]
pub struct Filed<T> {
    /// The record.
    pub record: T,
    /// Where it was read.
    pub origin: Origin,
    /// Hash of its key.
    pub key: KeyHash,
    /// Whether it waits to be handled (ready, or proposed by this run).
    pub queued: bool,
    /// Whether this run has read it.
    pub read_now: bool,
    /// Day it was first read.
    pub first_read: NaiveDate,
    /// Day its present status was first read.
    pub status_read: NaiveDate,
}

/// What ivohub has written for one key.
#[derive(Clone, Debug)]
pub struct LedgerRow {
    /// Object.
    pub object: Object,
    /// Hash of the key.
    pub key: KeyHash,
    /// The key itself.
    pub key_value: String,
    /// HubSpot's id.
    pub id: HubspotId,
    /// What was written, all in all.
    pub base: Properties,
    /// What is remembered beside.
    pub memo: Memo,
    /// Linked to the patient's contact.
    pub contact_link: bool,
    /// The deal it is linked to.
    pub deal: Option<KeyHash>,
    /// Whether the deal is open.
    pub open: Option<bool>,
}

/// Another patient who has the same e-mail address, or had it until this run.
#[derive(Clone, Debug)]
pub struct MailMate {
    /// Who.
    pub key: KeyHash,
    /// The record.
    pub patient: Patient,
    /// The patient's latest appointment, where the record names no location: it places the patient.
    pub latest: Option<Appointment>,
    /// The address its contact holds in HubSpot, as we wrote it.
    pub holds: Option<String>,
    /// As read in this run, it has another address or none, and nobody else has that one: it gives this one up.
    pub leaves: bool,
}

/// All that is known of one patient.
#[derive(Clone, Debug)]
pub struct PatientFile {
    /// Under which hash it is filed.
    pub key: KeyHash,
    /// The patient; `None` = not in the inbox.
    pub patient: Option<Filed<Patient>>,
    /// Appointments.
    pub appointments: Vec<Filed<Appointment>>,
    /// Entries.
    pub entries: Vec<Filed<Entry>>,
    /// Complete readings of the entries, those of this run among them: a visit that one of them covers and that has no
    /// entries had none on that day. Empty = nothing is known.
    pub entries_read: Vec<EntriesRead>,
    /// What was written.
    pub ledger: Vec<LedgerRow>,
    /// Patients that share the e-mail address.
    pub mates: Vec<MailMate>,
}

/// Patients in key order.
#[derive(Clone, Debug, Default)]
pub struct Chunk {
    /// The patients.
    pub patients: Vec<PatientFile>,
    /// Where to go on; `None` = that was all.
    pub next: Option<KeyHash>,
}

/// What was decided for one patient.
#[derive(Clone, Debug, Default)]
pub struct PatientPlan {
    /// Changes.
    pub steps: Vec<Step>,
    /// What became of each queued record.
    pub outcomes: Vec<RecordOutcome>,
    /// Whose plan it is; `None` = nothing is remembered of what it looked at.
    pub patient: Option<KeyHash>,
    /// The words that were looked up.
    pub looked: Vec<Looked>,
}

/// Number of a step, in the order of planning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StepId(pub i64);

/// Number of a flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FlightId(pub i64);

/// What a flight carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FlightKind {
    /// Records.
    Records,
    /// Links of one kind.
    Links(LinkKind),
}

/// A step ready to be sent.
#[derive(Clone, Debug)]
pub struct Queued {
    /// Its number.
    pub id: StepId,
    /// Object.
    pub object: Object,
    /// How.
    pub op: Op,
    /// The HubSpot record, if known by now.
    pub hubspot_id: Option<HubspotId>,
    /// The key.
    pub key_value: String,
    /// What is sent.
    pub set: Properties,
    /// Values before, for the look-up of a step in doubt.
    pub before: Properties,
}

/// Contents of an open flight.
#[derive(Clone, Debug)]
pub enum Sending {
    /// Records of one object and one way of writing.
    Records(Vec<Queued>),
    /// Links.
    Links(LinkKind, Vec<(StepId, HubspotId, HubspotId)>),
}

/// What became of one step of a flight.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Landing {
    /// The step.
    pub step: StepId,
    /// What happened.
    pub event: super::StepEvent,
}

/// Leftovers of older runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Carried {
    /// Steps that still stand and are sent first.
    pub kept: u64,
    /// Steps dropped; their keys are on the queue again.
    pub dropped: u64,
}

/// A planned change, for the plan view: pseudonyms and values.
#[derive(Clone, Debug)]
pub struct StepLine {
    /// Its number.
    pub id: StepId,
    /// Wave.
    pub wave: Wave,
    /// Object.
    pub object: Object,
    /// Patient.
    pub patient: KeyHash,
    /// Key.
    pub key: KeyHash,
    /// How.
    pub op: Op,
    /// What is sent.
    pub set: Properties,
    /// What was there.
    pub before: Properties,
    /// Which rule.
    pub rule: Option<RuleId>,
    /// Why.
    pub reason: String,
    /// Closes a deal.
    pub closes: bool,
}

/// Where a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// Reading and planning.
    Reading = 0,
    /// Planned, not yet answered.
    Proposed = 1,
    /// The answer was yes; records are being moved.
    Accepting = 2,
    /// Accepted: its steps are the outbox.
    Accepted = 3,
    /// Dry run, "no", or guard.
    Refused = 4,
    /// Died before it was accepted.
    Abandoned = 5,
}

/// One run in `status`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RunLine {
    /// Id.
    pub id: RunId,
    /// Command.
    pub command: String,
    /// Begin.
    pub started: DateTime<Utc>,
    /// End, if it came to one.
    pub ended: Option<DateTime<Utc>>,
    /// Exit code, if it came to one.
    pub exit: Option<u8>,
    /// State.
    pub state: RunState,
    /// Totals of its plan.
    pub totals: Option<Totals>,
}

/// What `status` shows.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct StatusReport {
    /// Portal, if pinned.
    pub portal: Option<u64>,
    /// Newest runs first.
    pub runs: Vec<RunLine>,
    /// Per kind: records, ready, waiting.
    pub queues: Vec<(Kind, u64, u64, u64)>,
    /// Held by reason.
    pub held: Vec<OutcomeNote>,
    /// Rejected in the newest run of each pass, by reason.
    pub rejected: Vec<OutcomeNote>,
    /// The outbox.
    pub outbox: StepCounts,
    /// Ledger: records per object.
    pub ledger: Vec<(Object, u64)>,
    /// Deals that say that entries of a completed visit are missing.
    #[serde(default)]
    pub without_entries: u64,
    /// What was read over the API, per installation and kind.
    #[serde(default)]
    pub windows: Vec<WindowsLine>,
    /// What could not be read so far.
    #[serde(default)]
    pub gaps: Vec<GapLine>,
    /// Records that are asked for again, by reason.
    #[serde(default)]
    pub watched: Vec<(Watch, u64)>,
    /// What is read and not yet filed, per command.
    #[serde(default)]
    pub spooled: Vec<SpooledLine>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_from_before_api_reading_is_still_read() {
        let mut old = serde_json::to_value(StatusReport::default()).expect("a status serialises");
        let fields = old.as_object_mut().expect("an object");
        for name in ["without_entries", "windows", "gaps", "watched", "spooled"] {
            assert!(fields.remove(name).is_some(), "{name}");
        }
        let report: StatusReport = serde_json::from_value(old).expect("is read");
        assert!(report.windows.is_empty() && report.gaps.is_empty());
    }
}
