//! What reading came to, in numbers and places; no personal value.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

use crate::domain::{InstanceKey, Kind};
use crate::extract::api::Sides;
use crate::ivoris::{Calls, Unknown};

/// What reading came to.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Fetched {
    /// Per installation.
    pub installations: Vec<Installation>,
}

impl Fetched {
    /// Whether everything that was wanted has been read.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.installations.iter().all(Installation::is_complete)
    }

    /// Whether at least one installation was read to its end.
    #[must_use]
    pub fn is_something(&self) -> bool {
        self.installations.iter().any(|one| one.state == State::Read)
    }

    /// Whether an installation could not be reached.
    #[must_use]
    pub fn is_unavailable(&self) -> bool {
        self.installations.iter().any(|one| matches!(one.state, State::Unavailable { .. }))
    }
}

/// How the reading of one installation ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Everything that can be read was read.
    Read,
    /// It did not answer for too long.
    Unavailable {
        /// Since when.
        since: DateTime<Utc>,
    },
    /// The time was over first.
    TimeOver,
}

/// Something that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Gap {
    /// Kind of the records.
    pub kind: Kind,
    /// The days, both included; `None` for pages, charts and single records.
    pub days: Option<(NaiveDate, NaiveDate)>,
    /// Why.
    pub why: String,
}

/// What the reading of one installation came to.
#[derive(Clone, Debug, Serialize)]
pub struct Installation {
    /// Its name.
    pub instance: InstanceKey,
    /// How it ended.
    pub state: State,
    /// Units read now.
    pub units: u64,
    /// Units that an earlier run had read and nobody had accepted.
    pub reused: u64,
    /// Rows read now.
    pub rows: u64,
    /// What could not be read.
    pub gaps: Vec<Gap>,
    /// Rows on days that were not asked for.
    pub outside: u64,
    /// How the two lists of chart entries met.
    pub sides: Sides,
    /// Known records that this reading did not find, and which are not yet believed to be gone.
    pub suspects: u64,
    /// Records now believed to be gone.
    pub gone: u64,
    /// Patients whom appointments name and nobody can deliver.
    pub missing: u64,
    /// Charts that came back empty although entries of them are known.
    pub unconfirmed: u64,
    /// Entries left out, because each could be a line that a file has brought without id.
    pub doubtful: u64,
    /// Patients whose own list was compared with the calendar.
    pub checked: u64,
    /// Appointments found on such a list alone.
    pub hidden: u64,
    /// What an operator should know, in words.
    pub notes: Vec<String>,
    /// Fields that the route profile does not know, with how often they came.
    pub unknown: Unknown,
    /// Calls made.
    pub calls: Calls,
}

impl Installation {
    pub(super) fn new(instance: InstanceKey) -> Self {
        Self {
            instance,
            state: State::Read,
            units: 0,
            reused: 0,
            rows: 0,
            gaps: Vec::new(),
            outside: 0,
            sides: Sides::default(),
            suspects: 0,
            gone: 0,
            missing: 0,
            unconfirmed: 0,
            doubtful: 0,
            checked: 0,
            hidden: 0,
            notes: Vec::new(),
            unknown: Unknown::default(),
            calls: Calls::default(),
        }
    }

    /// Whether everything that was wanted of it has been read.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.state == State::Read && self.gaps.is_empty() && self.notes.is_empty()
    }
}
