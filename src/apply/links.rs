//! Sends links in batches of 2,000, several at once.

use tokio::task::JoinSet;

use crate::domain::{HubspotId, LinkKind};
use crate::hubspot::{Link, Outcome};
use crate::store::{FlightKind, Landing, StepEvent, StepId, Store};

use super::records::{finish, room};
use super::{Error, Outbox};

/// Pairs of one batch (`hubspot-api.md` section 7).
const BATCH: usize = 2_000;

impl<S: Store + Clone + 'static> Outbox<S> {
    pub(super) async fn send_links(&self) -> Result<(), Error> {
        for kind in LinkKind::ALL {
            let mut tasks = JoinSet::new();
            let mut after = StepId(0);
            loop {
                let batch = self.store.next_links(kind, after, BATCH).await?;
                let Some((last, ..)) = batch.last() else { break };
                after = *last;
                room(&mut tasks).await?;
                if let Err(stopped) = self.go_on() {
                    return Err(finish(&mut tasks).await.err().unwrap_or(stopped));
                }
                let outbox = self.clone();
                tasks.spawn(async move { outbox.send_pairs(kind, &batch).await });
            }

            finish(&mut tasks).await?;
        }
        Ok(())
    }

    /// One batch: written down as sent, sent, and written down as answered.
    async fn send_pairs(&self, kind: LinkKind, batch: &[(StepId, HubspotId, HubspotId)]) -> Result<(), Error> {
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
        answered.stop.map_or(Ok(()), |stop| Err(stop.into()))
    }
}
