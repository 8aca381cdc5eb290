//! Sends records of one wave in batches of 100, several at once, never two with the same key.

use tokio::task::JoinSet;

use crate::domain::{HubspotId, Object};
use crate::hubspot::{Outcome, Rejection, Update, Upsert, Written};
use crate::plan::{Op, Wave};
use crate::store::{FlightKind, Landing, Queued, StepEvent, StepId, Store};

use super::{AT_ONCE, Error, Outbox};

/// Inputs of one batch (`hubspot-api.md` section 5).
const BATCH: usize = 100;
/// Steps fetched from the store at once.
const PAGE: usize = 1_000;

/// Steps collected for batches of one way of writing.
#[derive(Default)]
struct Waiting {
    upserts: Vec<Queued>,
    updates: Vec<Queued>,
}

impl<S: Store + Clone + 'static> Outbox<S> {
    pub(super) async fn send_records(&self, wave: Wave) -> Result<(), Error> {
        let mut waiting = Waiting::default();
        let mut tasks = JoinSet::new();
        let mut after = StepId(0);
        loop {
            let steps = self.store.next_records(wave, after, PAGE).await?;
            let last = steps.last().map(|step| step.id);
            for step in steps {
                let queue = if step.op == Op::Create { &mut waiting.upserts } else { &mut waiting.updates };
                queue.push(step);
                if queue.len() == BATCH {
                    let batch = std::mem::take(queue);
                    self.start(&mut tasks, batch).await?;
                }
            }
            match last {
                Some(last) => after = last,
                None => break,
            }
        }
        for batch in [waiting.upserts, waiting.updates] {
            if !batch.is_empty() {
                self.start(&mut tasks, batch).await?;
            }
        }
        finish(&mut tasks).await
    }

    /// Starts a batch once there is room for it.
    async fn start(&self, tasks: &mut JoinSet<Result<(), Error>>, batch: Vec<Queued>) -> Result<(), Error> {
        room(tasks).await?;
        if let Err(stopped) = self.go_on() {
            return Err(finish(tasks).await.err().unwrap_or(stopped));
        }
        let outbox = self.clone();
        tasks.spawn(async move { outbox.send_batch(batch).await });
        Ok(())
    }

    /// One batch: written down as sent, sent, and written down as answered.
    async fn send_batch(&self, batch: Vec<Queued>) -> Result<(), Error> {
        let Some(object) = batch.first().map(|step| step.object) else { return Ok(()) };
        let flight = self.store.depart(FlightKind::Records, batch.iter().map(|step| step.id).collect()).await?;
        let create = batch.iter().all(|step| step.op == Op::Create);
        let answered = if create { self.upsert(object, &batch).await } else { self.update(object, &batch).await };
        let landings: Vec<Landing> = batch
            .iter()
            .zip(answered.0)
            .filter_map(|(step, outcome)| Some(Landing { step: step.id, event: event(outcome)? }))
            .collect();
        let count = u64::try_from(landings.len()).unwrap_or(u64::MAX);
        self.store.land(self.run, flight, landings, self.clock.now()).await?;
        self.progress.sent(object.word(), count);
        answered.1.map_or(Ok(()), |stop| Err(stop.into()))
    }

    async fn upsert(&self, object: Object, batch: &[Queued]) -> (Vec<Outcome<Written>>, Option<crate::hubspot::Error>) {
        let inputs: Vec<Upsert<'_>> =
            batch.iter().map(|step| Upsert { key: &step.key_value, properties: &step.set }).collect();
        let answered = self.writer.upsert(object, self.keys.of(object), &inputs).await;
        (answered.outcomes, answered.stop)
    }

    /// Updates by id. A step whose record was never made (its create was refused) cannot be sent.
    async fn update(&self, object: Object, batch: &[Queued]) -> (Vec<Outcome<Written>>, Option<crate::hubspot::Error>) {
        let known: Vec<(usize, Update<'_>)> = batch
            .iter()
            .enumerate()
            .filter_map(|(at, step)| Some((at, Update { id: step.hubspot_id?, properties: &step.set })))
            .collect();
        let inputs: Vec<Update<'_>> = known.iter().map(|(_, update)| *update).collect();
        let answered = self.writer.update(object, &inputs).await;
        let mut outcomes: Vec<Outcome<Written>> = batch.iter().map(|_| Outcome::Rejected(never_made())).collect();
        for ((at, _), outcome) in known.into_iter().zip(answered.outcomes) {
            outcomes[at] = outcome;
        }
        (outcomes, answered.stop)
    }
}

fn never_made() -> Rejection {
    Rejection {
        kind: crate::hubspot::RejectionKind::NotFound,
        code: "NOT_MADE".to_owned(),
        properties: Vec::new(),
        existing_id: None,
    }
}

/// What an outcome means for the step; a step in doubt has no event yet.
fn event(outcome: Outcome<Written>) -> Option<StepEvent> {
    match outcome {
        Outcome::Done(Written { id, new: _ }) => Some(StepEvent::Done { hubspot_id: HubspotId(id.0) }),
        Outcome::Rejected(rejection) => Some(StepEvent::Rejected { code: rejection.to_string() }),
        Outcome::NotSent => Some(StepEvent::Released),
        Outcome::InDoubt => None,
    }
}

/// Waits until another batch may leave; an error ends all that is out.
pub(super) async fn room(tasks: &mut JoinSet<Result<(), Error>>) -> Result<(), Error> {
    while tasks.len() >= AT_ONCE {
        if let Err(error) = one(tasks).await {
            return Err(finish(tasks).await.err().unwrap_or(error));
        }
    }
    Ok(())
}

async fn one(tasks: &mut JoinSet<Result<(), Error>>) -> Result<(), Error> {
    match tasks.join_next().await {
        Some(Ok(result)) => result,
        Some(Err(_)) => Err(Error::Task),
        None => Ok(()),
    }
}

/// Waits for every batch that is out; the first error counts.
pub(super) async fn finish(tasks: &mut JoinSet<Result<(), Error>>) -> Result<(), Error> {
    let mut result = Ok(());
    while !tasks.is_empty() {
        let next = one(tasks).await;
        result = result.and(next);
    }
    result
}
