//! The closing account: what became of everything that was read, counted from rows.

use serde::{Deserialize, Serialize};

use crate::domain::{KeyHash, Kind, Object, Origin};

/// A count of outcomes with one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutcomeNote {
    /// Which kind of record.
    pub kind: Kind,
    /// Why.
    pub reason: String,
    /// How many.
    pub count: u64,
    /// First place, for the operator to look at.
    pub first: Option<Origin>,
    /// Column of the first place, for rows that were rejected.
    pub column: Option<u32>,
    /// Pseudonym of the first record.
    pub example: Option<KeyHash>,
}

/// The closing account of one kind in one run (design.md section 2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KindAccount {
    /// Rows read.
    pub read: u64,
    /// Keys that had been read before in this run.
    pub repeated: u64,
    /// Rows that are no records.
    pub rejected: u64,
    /// Handled from the queue without having been read in this run.
    pub from_queue: u64,
    /// Read and left on the queue (`--fetch-only`).
    pub queued: u64,
    /// Created (entries: used).
    pub created: u64,
    /// Updated (entries: unlinked).
    pub updated: u64,
    /// Unchanged.
    pub unchanged: u64,
    /// Entries of a kind that is not used.
    pub ignored: u64,
    /// Held.
    pub held: u64,
    /// Skipped.
    pub skipped: u64,
    /// Sent and not answered, or planned and not sent.
    pub in_doubt: u64,
    /// What is missing; 0 or a bug.
    pub unaccounted: i64,
}

/// Steps of a run by what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepCounts {
    /// Written.
    pub done: u64,
    /// Refused by HubSpot.
    pub rejected: u64,
    /// Dropped because what they build on was refused.
    pub dropped: u64,
    /// Still to be sent.
    pub planned: u64,
    /// Sent without answer.
    pub in_doubt: u64,
    /// Links made.
    pub links_done: u64,
    /// Links still to be made.
    pub links_open: u64,
    /// Links that HubSpot refused: one end is gone.
    #[serde(default)]
    pub links_refused: u64,
}

/// The closing account of a run.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Account {
    /// Per kind, only those the run touched.
    pub kinds: Vec<(Kind, KindAccount)>,
    /// What was written per object, by what really happened: (created, updated, refused).
    pub written: Vec<(Object, u64, u64, u64)>,
    /// Deals closed.
    pub closed: u64,
    /// Steps in numbers.
    pub steps: StepCounts,
    /// What is in the inbox after the run, per kind: (records on the queue, records held), whoever left them there.
    pub left: Vec<(Kind, u64, u64)>,
    /// Held records by reason.
    pub held: Vec<OutcomeNote>,
    /// Skipped records by reason.
    pub skipped: Vec<OutcomeNote>,
    /// Rejected rows by reason.
    pub rejected: Vec<OutcomeNote>,
}
