//! Batches that succeed in part: one outcome per input, and a batch that fails whole is halved until the bad one stands alone.

use super::call::{Call, Reply, refused};
use super::client::Inner;
use super::error::{Error, Rejection, RejectionKind};

/// What became of one input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome<D> {
    /// Done.
    Done(D),
    /// Refused, certainly not done; it will not pass as it is.
    Rejected(Rejection),
    /// Perhaps done: look it up by key before anything is sent again.
    InDoubt,
    /// Certainly not done, because the run stopped first.
    NotSent,
}

/// What became of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered<D> {
    /// One outcome per input, in the order of the inputs.
    pub outcomes: Vec<Outcome<D>>,
    /// Why the run cannot go on, if it cannot; the outcomes hold all the same.
    pub stop: Option<Error>,
}

/// One answer, matched to the inputs it is about.
pub(super) struct Matched<D> {
    pub(super) done: Vec<(usize, D)>,
    pub(super) rejected: Vec<(usize, Rejection)>,
    /// Errors that name no input.
    pub(super) loose: Vec<Rejection>,
}

impl<D> Matched<D> {
    pub(super) const fn new() -> Self {
        Self { done: Vec::new(), rejected: Vec::new(), loose: Vec::new() }
    }
}

/// So many lone inputs in a row, all refused with one code that names no property, none accepted: it is not the records.
const SYSTEMATIC: u32 = 8;

/// Sends `count` inputs in batches of at most `limit`, one after the other.
///
/// `build` makes the call for a group of inputs (indices, ascending); `read` matches an answer to them.
/// Calls for `c` bad inputs in a batch of `n` that fails whole: at most `2·c·⌈log₂ n⌉ + c` more.
pub(super) async fn send<D>(
    line: &Inner,
    count: usize,
    limit: usize,
    build: impl Fn(&[usize]) -> Call,
    read: impl Fn(&[usize], &[u8]) -> serde_json::Result<Matched<D>> + Send + Sync,
) -> Answered<D>
where
    D: Clone + Send,
{
    let mut ledger = Ledger::new(count);
    let indices: Vec<usize> = (0..count).collect();
    let mut open: Vec<Vec<usize>> = indices.chunks(limit).rev().map(<[usize]>::to_vec).collect();
    while let Some(group) = open.pop() {
        let call = build(&group);
        let reply = match line.exchange(&call, |body| read(&group, body)).await {
            Ok(reply) => reply,
            Err(error) => return ledger.close(Some(error)),
        };
        match reply {
            Reply::InDoubt => group.iter().for_each(|&index| ledger.set(index, Outcome::InDoubt)),
            Reply::Refused { status: 400 | 409 | 413 | 422, body } => match group.as_slice() {
                [one] => {
                    let rejection = Rejection::from_body(&body);
                    if ledger.is_systematic(&rejection) {
                        return ledger.close(Some(refused(&call, 400, &body)));
                    }
                    ledger.set(*one, Outcome::Rejected(rejection));
                }
                _ => halve(&mut open, &group),
            },
            Reply::Refused { status, body } => return ledger.close(Some(refused(&call, status, &body))),
            Reply::Answer(matched) => ledger.enter(&group, matched, &mut open),
        }
    }
    ledger.close(None)
}

/// Puts both halves on the stack, the first on top.
fn halve(open: &mut Vec<Vec<usize>>, group: &[usize]) {
    let (first, second) = group.split_at(group.len() / 2);
    open.push(second.to_vec());
    open.push(first.to_vec());
}

/// Outcomes as they come in.
struct Ledger<D> {
    outcomes: Vec<Outcome<D>>,
    accepted: bool,
    lone: Option<(String, u32)>,
}

impl<D: Clone> Ledger<D> {
    fn new(count: usize) -> Self {
        Self { outcomes: vec![Outcome::NotSent; count], accepted: false, lone: None }
    }

    fn set(&mut self, index: usize, outcome: Outcome<D>) {
        self.accepted |= matches!(outcome, Outcome::Done(_));
        if let Some(slot) = self.outcomes.get_mut(index) {
            *slot = outcome;
        }
    }

    /// Enters an answer; inputs that it forgot are sent again in smaller groups, or are in doubt.
    fn enter(&mut self, group: &[usize], matched: Matched<D>, open: &mut Vec<Vec<usize>>) {
        let mut forgotten = group.to_vec();
        for (index, done) in matched.done {
            forgotten.retain(|&other| other != index);
            self.set(index, Outcome::Done(done));
        }
        for (index, rejection) in matched.rejected {
            forgotten.retain(|&other| other != index);
            self.set(index, Outcome::Rejected(rejection));
        }
        match (forgotten.as_slice(), matched.loose.first()) {
            ([], _) => {}
            ([one], Some(loose)) => self.set(*one, Outcome::Rejected(loose.clone())),
            // Refused, but the answer does not say which: the halves will.
            (several, Some(_)) => halve(open, several),
            (several, None) => several.iter().for_each(|&index| self.set(index, Outcome::InDoubt)),
        }
    }

    /// Counts lone refusals that can only be about the request itself (unknown `idProperty`, wrong version).
    fn is_systematic(&mut self, rejection: &Rejection) -> bool {
        if self.accepted || rejection.kind != RejectionKind::Other {
            self.lone = None;
            return false;
        }
        let before = self.lone.take().filter(|(code, _)| *code == rejection.code).map_or(0, |(_, count)| count);
        self.lone = Some((rejection.code.clone(), before + 1));
        before + 1 >= SYSTEMATIC
    }

    fn close(self, stop: Option<Error>) -> Answered<D> {
        Answered { outcomes: self.outcomes, stop }
    }
}
