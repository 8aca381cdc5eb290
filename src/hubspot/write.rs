//! Writes records and links. Everything here may be sent twice; nothing here decides whether it should be.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use crate::domain::{HubspotId, LinkKind, Object, Properties, PropertyName};

use super::batch::{Answered, Matched, send};
use super::call::Call;
use super::client::Inner;
use super::count::Count;
use super::error::Rejection;
use super::limits::Bucket;
use super::wire::error::ErrorBody;
use super::wire::link::{End, LinkAnswer, LinkInput, LinkType};
use super::wire::record::{Inputs, Trace, Values, WriteAnswer, WriteInput, WrittenRecord};
use super::wire::scalar::Id;

/// Inputs of one upsert or update. Source: `hubspot-api.md` section 5.
const RECORDS: usize = 100;
/// Pairs of one batch of links. Source: `hubspot-api.md` section 7.
const PAIRS: usize = 2_000;

/// Writes records and links; usable from many tasks at once.
#[derive(Clone, Debug)]
pub struct Writer(Arc<Inner>);

/// One record to create or update by its key.
#[derive(Clone, Copy)]
pub struct Upsert<'a> {
    /// Value of the unique property.
    pub key: &'a str,
    /// Values to write; the key is added if it is not among them. An empty text clears.
    pub properties: &'a Properties,
}

/// One record to update by its id.
#[derive(Clone, Copy)]
pub struct Update<'a> {
    /// Record id.
    pub id: HubspotId,
    /// Values to write. An empty text clears.
    pub properties: &'a Properties,
}

/// Shows no value.
impl fmt::Debug for Upsert<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Upsert({} properties)", self.properties.len())
    }
}

/// Shows no value.
impl fmt::Debug for Update<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Update({} properties)", self.properties.len())
    }
}

/// A record that was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// Its id; after an update it differs from the one sent when records were merged.
    pub id: HubspotId,
    /// Whether this call created it.
    pub new: bool,
}

/// One pair to link, in the direction of its [`LinkKind`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Link {
    /// Record that the link starts from.
    pub from: HubspotId,
    /// Record that it leads to.
    pub to: HubspotId,
}

impl Writer {
    pub(super) const fn new(line: Arc<Inner>) -> Self {
        Self(line)
    }

    /// Creates or updates records by the unique property `key`. No key may occur twice.
    ///
    /// Shape: batches of 100, one after the other; run several for concurrency, never on the same key.
    /// Results come back in any order and are matched by trace id, else by the key.
    /// Source: `hubspot-api.md` 5.5. Assumed: an answer echoes the trace id or the key property.
    pub async fn upsert(&self, object: Object, key: &PropertyName, inputs: &[Upsert<'_>]) -> Answered<Written> {
        debug_assert!(all_differ(inputs.iter().map(|input| input.key)), "a key occurs twice in one batch");
        let build = |group: &[usize]| {
            let inputs = group.iter().filter_map(|&index| {
                let input = inputs.get(index)?;
                let properties = Values { properties: input.properties, key: Some((key, input.key)) };
                let id_property = Some(key);
                Some(WriteInput { id: input.key, id_property, object_write_trace_id: Trace(index), properties })
            });
            let body = Inputs { inputs: inputs.collect() };
            Call::post(Count::Write, Bucket::Objects, self.0.paths.batch_upsert(object), &body)
        };
        let by_key = |record: &WrittenRecord<'_>, index: usize| {
            record.value(key).is_some_and(|value| inputs.get(index).is_some_and(|input| input.key == value))
        };
        let named = |text: &str, index: usize| inputs.get(index).is_some_and(|input| input.key == text);
        send(&self.0, inputs.len(), RECORDS, build, |group, body| self.match_records(group, body, by_key, named)).await
    }

    /// Updates records by their ids. No id may occur twice.
    ///
    /// Source: `hubspot-api.md` 5.4. An unknown id is rejected with [`super::RejectionKind::NotFound`].
    pub async fn update(&self, object: Object, inputs: &[Update<'_>]) -> Answered<Written> {
        debug_assert!(all_differ(inputs.iter().map(|input| input.id)), "an id occurs twice in one batch");
        let ids: Vec<String> = inputs.iter().map(|input| input.id.to_string()).collect();
        let build = |group: &[usize]| {
            let inputs = group.iter().filter_map(|&index| {
                let (input, id) = (inputs.get(index)?, ids.get(index)?);
                let properties = Values { properties: input.properties, key: None };
                Some(WriteInput { id, id_property: None, object_write_trace_id: Trace(index), properties })
            });
            let body = Inputs { inputs: inputs.collect() };
            Call::post(Count::Write, Bucket::Objects, self.0.paths.batch_update(object), &body)
        };
        let by_id =
            |record: &WrittenRecord<'_>, index: usize| inputs.get(index).is_some_and(|input| input.id == record.id.0);
        let named = |text: &str, index: usize| ids.get(index).is_some_and(|id| id == text);
        send(&self.0, inputs.len(), RECORDS, build, |group, body| self.match_records(group, body, by_id, named)).await
    }

    /// Links pairs of records; a pair that is linked already stays as it is.
    ///
    /// Shape: batches of 2,000, one after the other. Source: `hubspot-api.md` section 7.
    pub async fn link(&self, kind: LinkKind, inputs: &[Link]) -> Answered<()> {
        let types = [LinkType { association_category: "HUBSPOT_DEFINED", association_type_id: kind.type_id() }];
        let (from, to) = kind.ends();
        let build = |group: &[usize]| {
            let pairs = group.iter().filter_map(|&index| {
                let link = inputs.get(index)?;
                Some(LinkInput { from: End { id: Id(link.from) }, to: End { id: Id(link.to) }, types })
            });
            let body = Inputs { inputs: pairs.collect() };
            Call::post(Count::Link, Bucket::Associations, self.0.paths.links_create(from, to), &body)
        };
        send(&self.0, inputs.len(), PAIRS, build, |group, body| match_links(inputs, group, body)).await
    }

    /// Matches an answer to a batch write: by trace id, else by key or id.
    fn match_records(
        &self,
        group: &[usize],
        body: &[u8],
        is: impl Fn(&WrittenRecord<'_>, usize) -> bool,
        named: impl Fn(&str, usize) -> bool,
    ) -> serde_json::Result<Matched<Written>> {
        let answer: WriteAnswer<'_> = serde_json::from_slice(body)?;
        let ours = |trace: &str| Trace::parse(trace).filter(|index| group.binary_search(index).is_ok());
        let mut matched = Matched::new();
        let mut normalised = 0;
        for record in &answer.results {
            normalised += record.warnings.len();
            let traced = record.object_write_trace_id.as_deref().and_then(ours);
            let found = traced.or_else(|| group.iter().copied().find(|&index| is(record, index)));
            matched.done.extend(found.map(|index| (index, Written { id: record.id.0, new: record.new })));
        }
        for error in &answer.errors {
            let traced: Vec<usize> = error.context("objectWriteTraceId").filter_map(ours).collect();
            let by_name = || -> Vec<usize> {
                let texts = || error.context("ids").chain(error.context("id"));
                group.iter().copied().filter(|&index| texts().any(|text| named(text, index))).collect()
            };
            enter_error(&mut matched, error, if traced.is_empty() { by_name() } else { traced });
        }
        if normalised > 0 {
            self.0.counters.add(Count::Normalised, u64::try_from(normalised).unwrap_or(u64::MAX));
        }
        Ok(matched)
    }
}

fn enter_error<D>(matched: &mut Matched<D>, error: &ErrorBody, about: Vec<usize>) {
    let rejection = Rejection::from_body(error);
    if about.is_empty() {
        matched.loose.push(rejection);
    } else {
        matched.rejected.extend(about.into_iter().map(|index| (index, rejection.clone())));
    }
}

/// Matches an answer to a batch of links by its pairs; without errors all are done.
fn match_links(inputs: &[Link], group: &[usize], body: &[u8]) -> serde_json::Result<Matched<()>> {
    let answer: LinkAnswer = serde_json::from_slice(body)?;
    let mut matched = Matched::new();
    if answer.errors.is_empty() {
        matched.done.extend(group.iter().map(|&index| (index, ())));
        return Ok(matched);
    }
    let mut places: HashMap<Link, Vec<usize>> = HashMap::with_capacity(group.len());
    for &index in group {
        if let Some(link) = inputs.get(index) {
            places.entry(*link).or_default().push(index);
        }
    }
    for linked in &answer.results {
        let link = Link { from: linked.from_object_id.0, to: linked.to_object_id.0 };
        matched.done.extend(places.remove(&link).unwrap_or_default().into_iter().map(|index| (index, ())));
    }
    let mut open: Vec<(usize, Link)> =
        places.into_iter().flat_map(|(link, at)| at.into_iter().map(move |index| (index, link))).collect();
    open.sort_unstable();
    for error in &answer.errors {
        let ids: Vec<u64> =
            error.context("id").chain(error.context("ids")).filter_map(|text| text.parse().ok()).collect();
        let about = |link: &Link| ids.contains(&link.from.0) || ids.contains(&link.to.0);
        enter_error(
            &mut matched,
            error,
            open.iter().filter(|(_, link)| about(link)).map(|(index, _)| *index).collect(),
        );
    }
    Ok(matched)
}

fn all_differ<T: std::hash::Hash + Eq>(mut items: impl Iterator<Item = T>) -> bool {
    let mut seen = std::collections::HashSet::new();
    items.all(|item| seen.insert(item))
}

#[cfg(test)]
#[path = "write_tests.rs"]
mod tests;
