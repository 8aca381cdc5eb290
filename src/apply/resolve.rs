//! What happened to steps in doubt? Looked up in HubSpot by key or id; what is there as wanted is done, the rest may be
//! sent again.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::{HubspotId, LinkKind, Object, Properties, PropertyName};
use crate::hubspot::Actual;
use crate::plan::{Op, compare::same};
use crate::store::{Landing, Queued, Sending, StepEvent, StepId, Store};

use super::{Error, Outbox};

impl<S: Store + Clone + 'static> Outbox<S> {
    /// Settles every open flight, whoever left it; returns how many steps were in doubt.
    ///
    /// # Errors
    /// [`Error`] when HubSpot or the store does not answer.
    pub async fn resolve(&self) -> Result<usize, Error> {
        let mut doubted = 0;
        for (flight, sending) in self.store.in_doubt().await? {
            let landings = match sending {
                Sending::Records(steps) => self.look_up_records(&steps).await?,
                Sending::Links(kind, links) => self.look_up_links(kind, &links).await?,
            };
            doubted += landings.len();
            self.store.land(self.run, flight, landings, self.clock.now()).await?;
        }
        Ok(doubted)
    }

    async fn look_up_records(&self, steps: &[Queued]) -> Result<Vec<Landing>, Error> {
        let Some(object) = steps.first().map(|step| step.object) else { return Ok(Vec::new()) };
        let names: BTreeSet<PropertyName> = steps.iter().flat_map(|step| step.set.keys().cloned()).collect();
        let names: Vec<PropertyName> = names.into_iter().collect();
        let (by_key, by_id) = self.find(object, steps, &names).await?;
        let landing = |step: &Queued| {
            let actual = if step.op == Op::Create {
                by_key.get(&step.key_value)
            } else {
                step.hubspot_id.and_then(|id| by_id.get(&id))
            };
            let event = match actual {
                Some(actual) if is_there(&step.set, &actual.properties) => StepEvent::Done { hubspot_id: actual.id },
                Some(_) | None => StepEvent::Released,
            };
            Landing { step: step.id, event }
        };
        Ok(steps.iter().map(landing).collect())
    }

    async fn find(
        &self,
        object: Object,
        steps: &[Queued],
        names: &[PropertyName],
    ) -> Result<(BTreeMap<String, Actual>, BTreeMap<HubspotId, Actual>), Error> {
        let keys: Vec<String> =
            steps.iter().filter(|step| step.op == Op::Create).map(|step| step.key_value.clone()).collect();
        let ids: Vec<HubspotId> =
            steps.iter().filter(|step| step.op != Op::Create).filter_map(|step| step.hubspot_id).collect();
        let by_key = if keys.is_empty() {
            BTreeMap::new()
        } else {
            self.reader.read_by_key(object, self.keys.of(object), &keys, names).await?.records
        };
        let by_id =
            if ids.is_empty() { BTreeMap::new() } else { self.reader.read_by_id(object, &ids, names).await?.records };
        Ok((by_key, by_id))
    }

    async fn look_up_links(
        &self,
        kind: LinkKind,
        links: &[(StepId, HubspotId, HubspotId)],
    ) -> Result<Vec<Landing>, Error> {
        let (from, to) = kind.ends();
        let ids: Vec<HubspotId> = links.iter().map(|(_, from, _)| *from).collect();
        let linked = self.reader.links(from, to, &ids).await?;
        let landing = |(step, from, to): &(StepId, HubspotId, HubspotId)| {
            let there = linked.get(from).is_some_and(|others| others.contains(to));
            let event = if there { StepEvent::Done { hubspot_id: *from } } else { StepEvent::Released };
            Landing { step: *step, event }
        };
        Ok(links.iter().map(landing).collect())
    }
}

fn is_there(wanted: &Properties, actual: &Properties) -> bool {
    wanted.iter().all(|(name, value)| actual.get(name).is_some_and(|theirs| same(value, theirs)))
}
