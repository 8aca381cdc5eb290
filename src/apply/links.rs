//! Sends links in batches of 2,000, one batch after the other.

use crate::domain::LinkKind;
use crate::hubspot::{Link, Outcome};
use crate::store::{FlightKind, Landing, StepEvent, StepId, Store};

use super::{Error, Outbox};

/// Pairs of one batch (`hubspot-api.md` section 7).
const BATCH: usize = 2_000;

impl<S: Store + Clone + 'static> Outbox<S> {
    pub(super) async fn send_links(&self) -> Result<(), Error> {
        for kind in LinkKind::ALL {
            let mut after = StepId(0);
            loop {
                let batch = self.store.next_links(kind, after, BATCH).await?;
                let Some((last, ..)) = batch.last() else { break };
                after = *last;
                self.go_on()?;
                let steps = batch.iter().map(|(step, ..)| *step).collect();
                let flight = self.store.depart(FlightKind::Links(kind), steps).await?;
                let inputs: Vec<Link> = batch.iter().map(|(_, from, to)| Link { from: *from, to: *to }).collect();
                let answered = self.writer.link(kind, &inputs).await;
                let landings: Vec<Landing> = batch
                    .iter()
                    .zip(answered.outcomes)
                    .filter_map(|((step, from, _), outcome)| {
                        let event = match outcome {
                            Outcome::Done(()) => StepEvent::Done { hubspot_id: *from },
                            Outcome::Rejected(rejection) => StepEvent::Rejected { code: rejection.to_string() },
                            Outcome::NotSent => StepEvent::Released,
                            Outcome::InDoubt => return None,
                        };
                        Some(Landing { step: *step, event })
                    })
                    .collect();
                let count = u64::try_from(landings.len()).unwrap_or(u64::MAX);
                self.store.land(self.run, flight, landings, self.clock.now()).await?;
                self.progress.sent("link", count);
                if let Some(stop) = answered.stop {
                    return Err(stop.into());
                }
            }
        }
        Ok(())
    }
}
