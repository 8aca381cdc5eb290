//! Versions of the tables: which words decisions looked up, who looked, and the files of the last mappings.
//!
//! Words are proposed with a plan and become real with it. Their accepted answers move only when a run was whole, so
//! that what one run left under older tables is still found by the next.

use serde::{Deserialize, Serialize};

use crate::domain::{KeyHash, Kind};

/// Number of a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WordId(pub u32);

/// A word that decisions looked up.
#[derive(Clone)]
pub struct Word {
    /// Its number.
    pub id: WordId,
    /// The look-up, as the room that decides writes it.
    pub text: String,
}

/// A word that was not known before.
#[derive(Clone)]
pub struct NewWord {
    /// The look-up.
    pub text: String,
    /// Digest of what the present tables answer.
    pub answer: [u8; 32],
}

/// That a patient's decision looked at a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Looked {
    /// The word.
    pub word: WordId,
    /// Records that looked it up; 0 = the decision itself did.
    pub records: u32,
}

/// What accepted decisions were made with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Basis {
    /// Digest of the mapping, 64 hex characters.
    pub mapping: String,
    /// Digest of what every decision depends on: some tables, options, the stages of the portal.
    pub foundation: String,
    /// The stages of the portal, as the room that decides writes them.
    pub portal: String,
}

/// A run under a basis that may be another one.
#[derive(Clone, Debug)]
pub struct Rebase {
    /// What it decides with.
    pub basis: Basis,
    /// What the present tables answer to every known word; empty = they are the accepted ones.
    pub answers: Vec<(WordId, [u8; 32])>,
    /// Kinds of records that it drains.
    pub kinds: Vec<Kind>,
    /// Whether it plans everybody who is concerned, not only patients of records it reads.
    pub whole: bool,
}

/// Who is concerned by a change of the tables.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Concerned {
    /// What the accepted decisions were made with; `None` = unknown.
    pub before: Option<Basis>,
    /// Whether everything that every decision depends on has changed.
    pub all: bool,
    /// Patients.
    pub patients: Vec<KeyHash>,
    /// Records that looked at what has changed; with `all`, all records.
    pub records: u64,
}

/// How much a word is used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WordUse {
    /// Patients whose decisions looked at it.
    pub patients: u64,
    /// Records that did.
    pub records: u64,
    /// Open deals of these patients.
    pub open_deals: u64,
}

/// The files of a mapping that decisions were made with.
#[derive(Clone, PartialEq, Eq)]
pub struct KeptMapping {
    /// Its digest, 64 hex characters.
    pub digest: String,
    /// Names and bytes.
    pub files: Vec<(String, Vec<u8>)>,
}
