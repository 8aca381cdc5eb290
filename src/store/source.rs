//! What reading an installation over its API leaves in the store: units on their way, windows, gaps, and what is
//! watched until it is certain.
//!
//! A unit's way: spooled (sealed, seen by the same command only) → read like rows of a file → its run is accepted →
//! filed as a window. A run that is refused or killed leaves the spool as it is; the same command goes on there.

use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::{InstanceKey, KeyHash, Kind, Origin, PatientId, Record, Rejected, RunId};

/// Which part of an installation's data one answer, or one row of answers, covers.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// One page of a full pull, counted from 0.
    Page(u32),
    /// Calendar days in practice time, both included.
    Days {
        /// First day.
        from: NaiveDate,
        /// Last day.
        to: NaiveDate,
    },
    /// The entries of one patient under one billing profile.
    Chart {
        /// The patient's key.
        patient: String,
        /// The profile as the server numbers or names it; empty = the server's default.
        profile: String,
    },
    /// One record asked for by its key.
    One {
        /// Kind of the record.
        kind: Kind,
        /// Its key.
        key: String,
    },
}

/// Days and pages are shown; whose chart or record it is, is not.
impl fmt::Debug for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Page(page) => write!(f, "Page({page})"),
            Self::Days { from, to } => write!(f, "Days({from}..={to})"),
            Self::Chart { .. } => f.write_str("Chart([redacted])"),
            Self::One { kind, .. } => write!(f, "One({kind:?}, [redacted])"),
        }
    }
}

/// What is read of one installation at a time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Unit {
    /// Kind of the records it brings.
    pub kind: Kind,
    /// The installation.
    pub instance: InstanceKey,
    /// Which part of it.
    pub part: Part,
}

/// Whether a unit could be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReadState {
    /// Read completely.
    Read = 1,
    /// It could not be read: an open gap.
    Gap = 2,
}

/// One unit as it was read, or was not.
#[derive(Clone, Debug)]
pub struct Reading {
    /// What was asked for.
    pub unit: Unit,
    /// Whether it could be read.
    pub state: ReadState,
    /// The records in the order of the answer, repeats included.
    pub rows: Vec<(Record, Origin)>,
    /// Rows that are no records.
    pub rejected: Vec<Rejected>,
    /// Digest of what was answered, to compare two readings of one unit.
    pub checksum: [u8; 16],
    /// When it was read, or tried in vain.
    pub at: DateTime<Utc>,
    /// Why it is a gap; without personal values.
    pub note: Option<String>,
}

/// A unit in the spool, without its rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spooled {
    /// What was asked for.
    pub unit: Unit,
    /// Whether it could be read.
    pub state: ReadState,
    /// Records it brought.
    pub rows: u64,
    /// Digest of what was answered.
    pub checksum: [u8; 16],
    /// When it was read, or tried in vain.
    pub at: DateTime<Utc>,
}

/// A unit whose run was accepted. A unit that was read once and failed later has two of these: what was read stays
/// known beside the gap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// What was asked for.
    pub unit: Unit,
    /// Whether it could be read.
    pub state: ReadState,
    /// Records it brought.
    pub rows: u64,
    /// Digest of what was answered.
    pub checksum: [u8; 16],
    /// When it was read; gaps: when it was tried last.
    pub at: DateTime<Utc>,
    /// Gaps: when it was tried first; else as `at`.
    pub since: DateTime<Utc>,
    /// Gaps: runs in which it was tried, from 1; else 0.
    pub attempts: u32,
    /// The run that filed it.
    pub run: Option<RunId>,
    /// Gaps: why.
    pub note: Option<String>,
}

/// Why something is watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Watch {
    /// Missing in a complete reading: gone when a later one misses it too and the single read says so.
    Gone = 1,
    /// A patient whom records name and nobody could deliver yet.
    Missing = 2,
    /// A chart that came back empty although entries of it are known.
    Unconfirmed = 3,
}

impl Watch {
    /// All reasons.
    pub const ALL: [Self; 3] = [Self::Gone, Self::Missing, Self::Unconfirmed];
}

/// Something that is asked for again before it is believed.
#[derive(Clone, PartialEq, Eq)]
pub struct Watched {
    /// Why.
    pub what: Watch,
    /// The installation.
    pub instance: InstanceKey,
    /// Kind of the record.
    pub kind: Kind,
    /// The record's key.
    pub key: String,
    /// When it was noticed first.
    pub first: DateTime<Utc>,
    /// When to ask again.
    pub due: DateTime<Utc>,
    /// How often it was asked for.
    pub attempts: u32,
}

impl fmt::Debug for Watched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, instance, kind, key: _, first, due, attempts } = self;
        let mut shown = f.debug_struct("Watched");
        shown.field("what", what).field("instance", instance).field("kind", kind).field("key", &"[redacted]");
        shown.field("first", first).field("due", due).field("attempts", attempts).finish()
    }
}

/// Whose charts are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Interest {
    /// Patients with an appointment on or after this day; without both days, appointments do not count.
    pub from: Option<NaiveDate>,
    /// Patients with an appointment on or before this day.
    pub to: Option<NaiveDate>,
    /// Patients with an open deal of ours.
    pub open_deals: bool,
    /// All patients.
    pub everybody: bool,
}

/// A patient whose chart is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lead {
    /// Under which hash the patient is filed.
    pub key: KeyHash,
    /// The patient's key, or the id that Ivoris knows it by when its key is a number.
    pub id: PatientId,
    /// The installation the patient comes from.
    pub instance: InstanceKey,
    /// `Mandant` of the patient as written.
    pub profile: Option<String>,
    /// Entries already accepted.
    pub entries: u64,
}

/// One chart that was asked for as a whole.
#[derive(Clone, PartialEq, Eq)]
pub struct ChartRead {
    /// The patient's key.
    pub patient: String,
    /// The profile as the server numbers or names it.
    pub profile: String,
    /// The installation.
    pub instance: InstanceKey,
    /// The day on which it was read; `None` = it could not be read as a whole.
    pub read: Option<NaiveDate>,
    /// Entries it brought.
    pub rows: u64,
}

impl fmt::Debug for ChartRead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { patient: _, profile: _, instance, read, rows } = self;
        f.debug_struct("ChartRead").field("instance", instance).field("read", read).field("rows", rows).finish()
    }
}

/// What is known of one kind of one installation, in `status`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WindowsLine {
    /// The installation.
    pub instance: InstanceKey,
    /// Kind of the records.
    pub kind: Kind,
    /// Units read.
    pub units: u64,
    /// Records they brought, repeats included.
    pub rows: u64,
    /// The reading that is longest ago.
    pub oldest: DateTime<Utc>,
    /// The latest reading.
    pub newest: DateTime<Utc>,
}

/// One open gap in `status`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GapLine {
    /// The installation.
    pub instance: InstanceKey,
    /// Kind of the records.
    pub kind: Kind,
    /// The days that could not be read, both included.
    pub days: Option<(NaiveDate, NaiveDate)>,
    /// The page that could not be read, counted from 0.
    pub page: Option<u32>,
    /// Pseudonym of the patient whose chart, or of the record that could not be read, with its kind.
    pub record: Option<(Kind, KeyHash)>,
    /// When it was tried first.
    pub since: DateTime<Utc>,
    /// When it was tried last.
    pub tried: DateTime<Utc>,
    /// Runs in which it was tried.
    pub attempts: u32,
    /// Why, without personal values.
    pub note: Option<String>,
}

/// What one command has read and not yet filed, in `status`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpooledLine {
    /// The command.
    pub command: String,
    /// Units, gaps included.
    pub units: u64,
    /// Records they brought.
    pub rows: u64,
    /// The reading that is longest ago.
    pub oldest: DateTime<Utc>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_shown_by_debug() {
        let now = DateTime::from_timestamp(1_700_000_000, 0).expect("a time");
        let key = "n-4711".to_owned();
        let parts = [
            Part::Chart { patient: key.clone(), profile: String::new() },
            Part::One { kind: Kind::Patient, key: key.clone() },
        ];
        let instance = InstanceKey::new("nord");
        let watched = Watched {
            what: Watch::Missing,
            instance: instance.clone(),
            kind: Kind::Patient,
            key,
            first: now,
            due: now,
            attempts: 1,
        };
        let units = parts.map(|part| Unit { kind: Kind::Entry, instance: instance.clone(), part });
        let shown = format!("{units:?} {watched:?}");
        assert!(!shown.contains("4711") && shown.contains("nord"), "{shown}");
    }
}
