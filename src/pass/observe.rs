//! How a pass tells what it is doing; `report` listens.

use crate::domain::Kind;

/// A stretch of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Looking up what an earlier run left in doubt, and sending what it left unsent.
    Settling,
    /// Asking an installation what it offers, in questions.
    Exploring,
    /// Asking Ivoris.
    Asking(Kind),
    /// Reading rows.
    Reading(Kind),
    /// Deciding, patient by patient.
    Planning,
    /// Moving what was accepted into the inbox.
    Accepting,
    /// Sending.
    Sending,
}

/// Told how a pass goes on.
pub trait Observer: Send + Sync {
    /// A stretch of work begins; `total` in its own units (rows, patients, records and links), if known.
    fn begin(&self, phase: Phase, total: Option<u64>);
    /// `count` more units are done.
    fn advance(&self, count: u64);
    /// Where it is at present, or why it waits; without personal values.
    fn says(&self, _text: &str) {}
    /// Something an operator should know at once; without personal values.
    fn warns(&self, _text: &str) {}
}

/// Says nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Observer for Silent {
    fn begin(&self, _: Phase, _: Option<u64>) {}
    fn advance(&self, _: u64) {}
}
