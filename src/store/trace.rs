//! Looking back: what a key means, and what was ever written for a patient.

use chrono::{DateTime, Utc};

use super::model::StepLine;
use crate::domain::{HubspotId, KeyHash, Kind, Object, PatientNumber, RunId};

/// One way in which a KEY of the command line can be meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sought {
    /// The first bytes of a pseudonym (`A:c2f41e88`).
    Pseudonym(Vec<u8>),
    /// A key as records carry it: prefix and Ivoris id.
    Key(String),
    /// A `Pat.-Nr.` of one installation.
    Number(PatientNumber),
    /// A record in HubSpot.
    Hubspot(HubspotId),
}

/// A record that a KEY fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fit {
    /// The patient it is filed under.
    pub patient: KeyHash,
    /// A record of Ivoris, or `None` for what only HubSpot has: a deal.
    pub kind: Option<Kind>,
    /// Hash of its key; a deal has that of an opening appointment.
    pub key: KeyHash,
}

/// What became of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StepFate {
    /// Accepted and not sent, or sent and not answered.
    Waiting,
    /// HubSpot has it.
    Written,
    /// HubSpot refused it.
    Refused,
    /// News came before it was sent.
    Dropped,
}

/// One change that was planned and accepted, with the run it belongs to.
#[derive(Clone, Debug)]
pub struct Trace {
    /// The change.
    pub step: StepLine,
    /// Its run.
    pub run: RunId,
    /// The command of the run.
    pub command: String,
    /// When the run began.
    pub started: DateTime<Utc>,
    /// What became of it.
    pub fate: StepFate,
    /// HubSpot's category and code, if it refused.
    pub problem: Option<String>,
    /// The record in HubSpot, if the ledger knows it.
    pub hubspot: Option<HubspotId>,
}

/// Which object a fit is about, where one is written for it.
impl Fit {
    /// The object in HubSpot that its own record becomes.
    #[must_use]
    pub const fn object(&self) -> Option<Object> {
        match self.kind {
            Some(Kind::Patient) => Some(Object::Contact),
            Some(Kind::Appointment) => Some(Object::Appointment),
            Some(Kind::Entry) => None,
            None => Some(Object::Deal),
        }
    }
}
