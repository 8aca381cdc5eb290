//! Patients on the desk: decided in order, with what is missing read in full batches.
//!
//! Whoever can be decided is decided at once; the others wait until their questions fill a call. Decisions leave in the
//! order in which the patients came, because the plan's digest runs over them in that order.

use std::collections::VecDeque;

use crate::store::PatientFile;

use super::bound::Bound;
use super::decision::Decision;
use super::error::Error;
use super::patient::Decider;
use super::reads::{Answers, Asking, Asks};
use super::told;
use super::words::Words;

/// Patients that may lie on the desk, and answers that may be kept, before part-filled batches are asked too.
const MOST: usize = 1_500;
/// Rounds of reading: contact, its deals, open counts, and some to spare.
const ROUNDS: usize = 6;

enum Slot {
    Open(Box<PatientFile>),
    Decided(Box<Decision>),
}

/// The patients between reading their files and storing their plans.
pub(super) struct Desk<'a> {
    decider: &'a Decider<'a>,
    asking: Asking<'a>,
    pub(super) words: Words<'a>,
    slots: VecDeque<Slot>,
    answers: Answers,
}

impl<'a> Desk<'a> {
    pub(super) fn new(decider: &'a Decider<'a>, asking: Asking<'a>, words: Words<'a>) -> Self {
        Self { decider, asking, words, slots: VecDeque::new(), answers: Answers::default() }
    }

    /// Lays more patients on the desk, behind those that are there.
    pub(super) fn lay(&mut self, files: Vec<PatientFile>) {
        self.slots.extend(files.into_iter().map(|file| Slot::Open(Box::new(file))));
    }

    /// Decides what can be decided; asks in full batches, and all that is open when no more patients come or the desk is
    /// full.
    ///
    /// # Errors
    /// [`Error`] when HubSpot does not answer, or deciding does not come to an end.
    pub(super) async fn decide(&mut self, last: bool, bound: &mut Bound) -> Result<(), Error> {
        let all = last || self.slots.len() >= MOST || self.answers.len() >= MOST;
        let mut rounds = 0;
        loop {
            let open = self.look();
            if open.is_empty() {
                self.answers = Answers::default();
                return Ok(());
            }
            let asked = if all { open } else { open.full_batches() };
            if asked.is_empty() {
                return Ok(());
            }
            if rounds == ROUNDS {
                return Err(Error::Undecided(self.slots.len()));
            }
            rounds += 1;
            asked.count(bound);
            self.asking.answer(asked, &mut self.answers).await?;
        }
    }

    /// Decides about everybody who is open; returns what is still missing. A file is let go once its decision stands.
    fn look(&mut self) -> Asks {
        let mut open = Asks::default();
        for slot in &mut self.slots {
            let Slot::Open(file) = slot else { continue };
            let mut asks = Asks::default();
            // What others asked the rules is none of this patient's business.
            drop(self.decider.rulings.looked());
            let mut made = self.decider.decide(file, &self.answers, &mut asks);
            if asks.is_empty() {
                made.plan.patient = Some(file.key);
                made.plan.looked = self.words.of_file(file);
                told::decided(file, &made);
                *slot = Slot::Decided(Box::new(made));
            } else {
                open.merge(asks);
            }
        }
        open
    }

    /// Takes the decisions that nobody open stands before.
    pub(super) fn decided(&mut self) -> Vec<Decision> {
        let mut decisions = Vec::new();
        while let Some(slot) = self.slots.pop_front() {
            match slot {
                Slot::Decided(decision) => decisions.push(*decision),
                Slot::Open(_) => {
                    self.slots.push_front(slot);
                    break;
                }
            }
        }
        decisions
    }
}
