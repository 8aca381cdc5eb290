//! Reads records and links.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::future::Future;
use std::sync::Arc;

use tokio::task::JoinSet;

use crate::domain::{HubspotId, Object, Properties, PropertyName};

use super::call::{Call, Reply, refused};
use super::client::Inner;
use super::count::Count;
use super::error::{Error, Rejection, RejectionKind};
use super::limits::Bucket;
use super::wire::error::ErrorBody;
use super::wire::link::{LinksAnswer, LinksInput};
use super::wire::record::{Inputs, ReadAnswer, ReadBody, ReadInput, ReadRecord};
use super::wire::scalar::Id;

/// Records of one page or batch read. Source: `hubspot-api.md` section 5.
const RECORDS: usize = 100;
/// Records whose links are read in one call. Source: `hubspot-api.md` section 7.
const LINKS: usize = 1_000;
/// Chunks of one read that are asked for at once; the line's own limit comes on top.
const AT_ONCE: usize = 8;

/// Reads records, links and definitions; usable from many tasks at once.
#[derive(Clone, Debug)]
pub struct Reader(pub(super) Arc<Inner>);

/// A record as it is in HubSpot.
#[derive(Clone, PartialEq, Eq)]
pub struct Actual {
    /// Record id.
    pub id: HubspotId,
    /// Values of the properties asked for; no value is the empty text, an undefined property is left out.
    pub properties: Properties,
    /// In the bin.
    pub archived: bool,
    /// Linked records, where a list asked for them.
    pub links: BTreeMap<Object, Vec<HubspotId>>,
    /// Whether there are more links than `links` holds; [`Reader::links`] has them all.
    pub more_links: bool,
}

/// Id and number of properties; values are personal.
impl fmt::Debug for Actual {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Actual({}, {} properties)", self.id, self.properties.len())
    }
}

/// What a batch read found.
#[derive(Clone, PartialEq, Eq)]
pub struct Found<K> {
    /// Records by what was asked for.
    pub records: BTreeMap<K, Actual>,
    /// What was asked for and is not there: archived, merged away or never written.
    pub missing: BTreeSet<K>,
}

/// Sizes only; keys are personal.
impl<K> fmt::Debug for Found<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Found({} records, {} missing)", self.records.len(), self.missing.len())
    }
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Records in HubSpot's order.
    pub records: Vec<Actual>,
    /// Cursor of the next page; `None` on the last.
    pub after: Option<String>,
}

impl Reader {
    pub(super) const fn new(line: Arc<Inner>) -> Self {
        Self(line)
    }

    /// Returns whether the portal holds any live record of this kind: one list call with `limit=1`.
    ///
    /// # Errors
    /// [`Error`] when the run cannot go on.
    pub async fn any_record(&self, object: Object) -> Result<bool, Error> {
        let mut call = Call::get(self.0.paths.list(object));
        call.query.push(("limit", "1".to_owned()));
        let answer: ReadAnswer = self.ask(&call).await?;
        Ok(!answer.results.is_empty())
    }

    /// Returns one page of up to 100 live records; `after` is the cursor of the page before.
    ///
    /// # Errors
    /// [`Error`] when the run cannot go on.
    pub async fn list(
        &self,
        object: Object,
        properties: &[PropertyName],
        links: &[Object],
        after: Option<&str>,
    ) -> Result<Page, Error> {
        let mut call = Call::get(self.0.paths.list(object));
        let names = || properties.iter().map(PropertyName::as_str);
        call.query.push(("limit", RECORDS.to_string()));
        if !properties.is_empty() {
            call.query.push(("properties", names().collect::<Vec<_>>().join(",")));
        }
        if !links.is_empty() {
            let types: Vec<&str> = links.iter().map(|object| object.type_id()).collect();
            call.query.push(("associations", types.join(",")));
        }
        call.query.extend(after.map(|cursor| ("after", cursor.to_owned())));
        let answer: ReadAnswer = self.ask(&call).await?;
        let after = answer.paging.and_then(super::wire::Paging::after);
        Ok(Page { records: answer.results.into_iter().map(Actual::from).collect(), after })
    }

    /// Returns the records with these ids, 100 a call.
    ///
    /// An id that was merged away is *missing*, although HubSpot resolves it: look it up by key.
    ///
    /// # Errors
    /// [`Error`] when the run cannot go on.
    pub async fn read_by_id(
        &self,
        object: Object,
        ids: &[HubspotId],
        properties: &[PropertyName],
    ) -> Result<Found<HubspotId>, Error> {
        let keys: BTreeSet<HubspotId> = ids.iter().copied().collect();
        let texts: Vec<String> = keys.iter().map(HubspotId::to_string).collect();
        let found = self.read_all(object, None, &texts, properties).await?;
        let records: BTreeMap<HubspotId, Actual> =
            found.into_iter().map(|record| (record.id, record)).filter(|(id, _)| keys.contains(id)).collect();
        let missing = keys.into_iter().filter(|id| !records.contains_key(id)).collect();
        Ok(Found { records, missing })
    }

    /// Returns the records whose unique property `key` (or a contact's `email`) has one of `values`, 100 a call.
    ///
    /// # Errors
    /// [`Error`] when the run cannot go on; [`Error::Refused`] when the property is not unique.
    pub async fn read_by_key(
        &self,
        object: Object,
        key: &PropertyName,
        values: &[String],
        properties: &[PropertyName],
    ) -> Result<Found<String>, Error> {
        let mut missing: BTreeSet<String> = values.iter().cloned().collect();
        let asked: Vec<String> = missing.iter().cloned().collect();
        let mut wanted: Vec<PropertyName> = properties.to_vec();
        if !wanted.contains(key) {
            wanted.push(key.clone());
        }
        let found = self.read_all(object, Some(key), &asked, &wanted).await?;
        let mut records = BTreeMap::new();
        let mut strays = Vec::new();
        for record in found {
            match record.properties.get(key).and_then(|value| missing.take(value)) {
                Some(value) => drop(records.insert(value, record)),
                None => strays.push(record),
            }
        }
        // HubSpot compares some values without regard to case and returns its own spelling (e-mail addresses).
        for record in strays {
            let value = record.properties.get(key).map(|value| value.to_lowercase());
            let spelled = missing.iter().find(|asked| Some(asked.to_lowercase()) == value).cloned();
            if let Some(value) = spelled.and_then(|spelled| missing.take(&spelled)) {
                records.insert(value, record);
            }
        }
        Ok(Found { records, missing })
    }

    /// Returns all linked records of kind `to` for each of `ids`; an id without links has an empty set.
    ///
    /// # Errors
    /// [`Error`] when the run cannot go on.
    pub async fn links(
        &self,
        from: Object,
        to: Object,
        ids: &[HubspotId],
    ) -> Result<BTreeMap<HubspotId, BTreeSet<HubspotId>>, Error> {
        let mut links: BTreeMap<HubspotId, BTreeSet<HubspotId>> = ids.iter().map(|id| (*id, BTreeSet::new())).collect();
        let mut open: Vec<(HubspotId, Option<String>)> = links.keys().map(|id| (*id, None)).collect();
        while !open.is_empty() {
            let batch: Vec<_> = open.drain(..open.len().min(LINKS)).collect();
            let inputs = batch.into_iter().map(|(id, after)| LinksInput { id: Id(id), after }).collect();
            let place = self.0.paths.links_read(from, to);
            let call = Call::post(Count::Read, Bucket::Associations, place, &Inputs { inputs });
            let answer: LinksAnswer = self.ask(&call).await?;
            tolerate(&call, &answer.errors)?;
            for of in answer.results {
                let id = of.from.id.0;
                links.entry(id).or_default().extend(of.to.iter().map(|to| to.to_object_id.0));
                open.extend(of.paging.and_then(super::wire::Paging::after).map(|after| (id, Some(after))));
            }
        }
        Ok(links)
    }

    /// Batch reads of 100, several at once; unknown ones are left out.
    async fn read_all(
        &self,
        object: Object,
        key: Option<&PropertyName>,
        ids: &[String],
        properties: &[PropertyName],
    ) -> Result<Vec<Actual>, Error> {
        let (key, properties) = (key.cloned(), Arc::<[PropertyName]>::from(properties));
        let pages = in_chunks(ids, RECORDS, |chunk| {
            let (reader, key, properties) = (self.clone(), key.clone(), Arc::clone(&properties));
            async move { reader.read_chunk(object, key.as_ref(), &chunk, &properties).await }
        });
        Ok(pages.await?.into_iter().flatten().collect())
    }

    async fn read_chunk(
        &self,
        object: Object,
        key: Option<&PropertyName>,
        ids: &[String],
        properties: &[PropertyName],
    ) -> Result<Vec<Actual>, Error> {
        let body = ReadBody {
            id_property: key.map(PropertyName::as_str),
            properties,
            properties_with_history: [],
            inputs: ids.iter().map(|id| ReadInput { id }).collect(),
        };
        let call = Call::post(Count::Read, Bucket::Objects, self.0.paths.batch_read(object), &body);
        let answer: ReadAnswer = self.ask(&call).await?;
        tolerate(&call, &answer.errors)?;
        Ok(answer.results.into_iter().map(Actual::from).collect())
    }

    /// One reading call; a refusal ends the run.
    pub(super) async fn ask<T: serde::de::DeserializeOwned>(&self, call: &Call) -> Result<T, Error> {
        match self.0.exchange(call, |body| serde_json::from_slice(body)).await? {
            Reply::Answer(answer) => Ok(answer),
            Reply::Refused { status, body } => Err(refused(call, status, &body)),
            Reply::InDoubt => unreachable!("a read is sent again, it is never in doubt"),
        }
    }
}

impl From<ReadRecord> for Actual {
    fn from(record: ReadRecord) -> Self {
        let mut links: BTreeMap<Object, Vec<HubspotId>> = BTreeMap::new();
        let mut more_links = false;
        for (name, associated) in record.associations {
            let Some(object) = object_named(&name) else { continue };
            more_links |= associated.paging.and_then(super::wire::Paging::after).is_some();
            links.entry(object).or_default().extend(associated.results.iter().map(|linked| linked.id.0));
        }
        for ids in links.values_mut() {
            // One entry per label of the same pair.
            ids.sort_unstable();
            ids.dedup();
        }
        let properties = record.properties.into_iter().map(|(name, text)| (name, text.0)).collect();
        Self { id: record.id.0, properties, archived: record.archived, links, more_links }
    }
}

/// `contacts`, `0-1`, `deals`, …
fn object_named(name: &str) -> Option<Object> {
    let name = name.to_ascii_lowercase();
    Object::ALL
        .into_iter()
        .find(|object| name == object.type_id() || name.strip_suffix('s').unwrap_or(&name) == object.word())
}

/// Lets pass what only says "not there"; anything else makes the answer unreliable and ends the run.
fn tolerate(call: &Call, errors: &[ErrorBody]) -> Result<(), Error> {
    let absent = |error: &&ErrorBody| {
        let rejection = Rejection::from_body(error);
        rejection.kind == RejectionKind::NotFound
            || ["NO_ASSOCIATIONS_FOUND", "INVALID_IDENTIFIER"].iter().any(|word| rejection.code.ends_with(word))
    };
    errors.iter().find(|error| !absent(error)).map_or(Ok(()), |error| Err(refused(call, 207, error)))
}

/// Asks for `keys` in chunks of `size`, up to [`AT_ONCE`] at once, and returns the answers in any order.
async fn in_chunks<T, Ask, Answer>(keys: &[String], size: usize, ask: Ask) -> Result<Vec<T>, Error>
where
    T: Send + 'static,
    Ask: Fn(Vec<String>) -> Answer,
    Answer: Future<Output = Result<T, Error>> + Send + 'static,
{
    let mut chunks = keys.chunks(size);
    let mut asked = JoinSet::new();
    let mut answers = Vec::new();
    loop {
        while asked.len() < AT_ONCE
            && let Some(chunk) = chunks.next()
        {
            asked.spawn(ask(chunk.to_vec()));
        }
        match asked.join_next().await {
            None => return Ok(answers),
            Some(Ok(answer)) => answers.push(answer?),
            Some(Err(error)) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => return Err(Error::Cancelled),
            },
        }
    }
}

#[cfg(test)]
#[path = "read_tests.rs"]
mod tests;
