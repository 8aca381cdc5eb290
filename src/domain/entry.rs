//! A chart entry as Ivoris knows it: one act, note or billing line.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{Cents, EntryId, InstanceKey, PatientRef, Personal};

/// A complete reading of a patient's entries: all that were made on visits from one day on, as of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EntriesRead {
    /// First day of the visits whose entries it would have shown.
    pub from: NaiveDate,
    /// The day it was made, or, of a file, the newest day in it.
    pub as_of: NaiveDate,
}

/// One chart entry. Text and code stay in the sealed inbox: they classify, they are never sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Key of the entry.
    pub id: EntryId,
    /// The installation it comes from.
    pub instance: InstanceKey,
    /// Whose entry it is.
    pub patient: PatientRef,
    /// Calendar day in practice time.
    pub date: NaiveDate,
    /// `Behandler` as written; empty if none.
    pub practitioner: String,
    /// `Typ` as written ("Leistung", "pabg", "Note", …); empty if none.
    pub kind: String,
    /// `Gebührenart` as written (BEMA, GOZ, …); empty if none.
    pub schedule: String,
    /// Fee code as written; empty if none.
    pub code: Personal,
    /// How often; 1 if the source says nothing.
    pub count: Decimal,
    /// Factor of the fee schedule, if given.
    pub factor: Option<Decimal>,
    /// Amount of the whole line; `None` is not zero.
    pub amount: Option<Cents>,
    /// Chart text as written.
    pub text: Personal,
    /// `Mandant` as written, if given.
    pub profile: Option<String>,
}
