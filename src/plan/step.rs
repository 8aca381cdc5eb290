//! A step: one planned change on its way to HubSpot, and the outcome of each record that was looked at.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::domain::{Held, HubspotId, KeyHash, Kind, Object, Properties, RuleId, StageKey};

/// The order of writing (design.md section 2); a wave is finished before the next one begins.
///
/// Links are part of the step of the record they start from and are sent after all deals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Wave {
    /// Contacts, among them those that give an e-mail address up.
    Contacts = 1,
    /// Contacts that receive an address another contact of ours held.
    ContactsWithFreedEmail = 2,
    /// HubSpot appointments.
    Appointments = 3,
    /// Deals.
    Deals = 4,
    /// `num_open_deal`, last of all.
    OpenCounts = 5,
}

impl Wave {
    /// All waves in order.
    pub const ALL: [Self; 5] =
        [Self::Contacts, Self::ContactsWithFreedEmail, Self::Appointments, Self::Deals, Self::OpenCounts];

    /// The wave with this number.
    #[must_use]
    pub fn from_number(number: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|wave| *wave as i64 == number)
    }
}

/// How the record is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Op {
    /// Upsert by our unique property: the record is not known to exist.
    Create,
    /// Update by HubSpot id: the record exists and has our key.
    Update,
    /// Update by HubSpot id that writes our key: the record exists and belonged to somebody else.
    TakeOver,
    /// Nothing is written on the record itself; only its links are made.
    LinkOnly,
}

/// What is remembered beside the written values; it never leaves the store.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Memo {
    /// The contact was in the portal before us, so its deals are read before the first deal is made.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub was_there: bool,
    /// The stage the deal held before the one in `base`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_stage: Option<StageKey>,
    /// The tool itself closed the deal as lost.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub lost_by_tool: bool,
    /// Day on which a person lost the deal: an appointment that is made afterwards has a deal of its own (R8).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lost_by_person: Option<NaiveDate>,
    /// The deal was found by its key, without a memory of it, and no entries of its patient have been read since: nothing
    /// is concluded from what is missing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub recovered: bool,
    /// (appointment, state) of the push-backs, which happen once for each; over when the appointment is in another state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pushed: Option<String>,
    /// The last move of the deal by a rule: rule, stage, and the evidence for it. Who undoes it is not fought.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moved: Option<String>,
    /// The deal was left where people put it: it is read whenever its patient is decided on, because what calls for
    /// another stage may be no news of its own appointments.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub elsewhere: bool,
    /// The deal says that entries of a completed visit are missing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub waits_for_entries: bool,
    /// Open deals of others on this contact, from the last full read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub foreign_open_deals: Option<u32>,
}

/// One planned change: stored before it is sent, kept afterwards as ledger value and journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// When it is sent.
    pub wave: Wave,
    /// What it writes on.
    pub object: Object,
    /// The patient it belongs to.
    pub patient: KeyHash,
    /// Hash of the key.
    pub key: KeyHash,
    /// The value of the unique property; sealed in the store.
    pub key_value: String,
    /// How.
    pub op: Op,
    /// The HubSpot record, for everything but `Create`; a step of the same plan may only learn it later.
    pub id: Option<HubspotId>,
    /// What is sent.
    pub set: Properties,
    /// What HubSpot held in those properties when the plan was made; empty for `Create`.
    pub before: Properties,
    /// All values ivohub has written on this record once the step is done.
    pub base: Properties,
    /// What is remembered beside.
    pub memo: Memo,
    /// Which rule decided.
    pub rule: Option<RuleId>,
    /// Why, in words without personal values.
    pub reason: String,
    /// Link to the patient's contact that is still to be made.
    pub link_contact: bool,
    /// Link to a deal that is still to be made.
    pub link_deal: Option<KeyHash>,
    /// The deal becomes lost or won.
    pub closes: bool,
    /// Whether the deal is open once the step is done; `None` on other objects.
    pub open: Option<bool>,
}

/// What became of one record in one run, as planned; steps decide the rest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Its own object is created by a step.
    Created,
    /// Its own object is changed by a step.
    Updated,
    /// Nothing differs.
    Unchanged,
    /// Nothing more is done until somebody acts or another record arrives.
    Held(Held),
    /// Left out by rule; says which.
    Skipped(String),
    /// Entry: counted on a deal.
    Used,
    /// Entry: belongs to no deal.
    Unlinked,
    /// Entry: its kind is not used.
    Ignored,
}

impl Outcome {
    /// The number in the store's readable column.
    #[must_use]
    pub const fn code(&self) -> i64 {
        match self {
            Self::Created => 1,
            Self::Updated => 2,
            Self::Unchanged => 3,
            Self::Held(_) => 4,
            Self::Skipped(_) => 5,
            Self::Used => 6,
            Self::Unlinked => 7,
            Self::Ignored => 8,
        }
    }
}

/// The outcome of one queued record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordOutcome {
    /// Which kind.
    pub kind: Kind,
    /// The patient as the record is filed under.
    pub patient: KeyHash,
    /// The record.
    pub key: KeyHash,
    /// Whether it came from the queue and was not read in this run.
    pub from_queue: bool,
    /// What became of it.
    pub outcome: Outcome,
}
