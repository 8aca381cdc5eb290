//! What deciding needs to know from HubSpot: asked for in bulk, answered from memory.
//!
//! A decision that misses an answer asks for it and is made again once it is there; so deciding stays pure and reading
//! stays in batches of 100.

use std::collections::{BTreeMap, BTreeSet};

use crate::apply::KeyProperties;
use crate::domain::{HubspotId, Object, PropertyName};
use crate::hubspot::{Actual, Error, Reader};
use crate::store::LedgerRow;

use super::bound::Bound;

/// Which objects the portal held at the start of the run. What was not there need not be looked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Presence {
    /// Any contact.
    pub contacts: bool,
    /// Any HubSpot appointment.
    pub appointments: bool,
    /// Any deal.
    pub deals: bool,
}

impl Presence {
    /// Whether records of this object may exist.
    #[must_use]
    pub const fn of(self, object: Object) -> bool {
        match object {
            Object::Contact => self.contacts,
            Object::Appointment => self.appointments,
            Object::Deal => self.deals,
        }
    }
}

/// Records of one reading call (`hubspot-api.md` section 5).
const RECORDS: usize = 100;
/// Records whose links are read in one call (`hubspot-api.md` section 7).
const LINKS: usize = 1_000;

/// Open questions.
#[derive(Clone, Debug, Default)]
pub struct Asks {
    ids: BTreeMap<Object, BTreeSet<HubspotId>>,
    keys: BTreeMap<Object, BTreeSet<String>>,
    emails: BTreeSet<String>,
    deals_of: BTreeSet<HubspotId>,
}

impl Asks {
    /// Whether nothing is open.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let Self { ids, keys, emails, deals_of } = self;
        ids.is_empty() && keys.is_empty() && emails.is_empty() && deals_of.is_empty()
    }

    /// Counts what is asked for.
    pub(super) fn count(&self, bound: &mut Bound) {
        let Self { ids, keys, emails, deals_of } = self;
        ids.iter().for_each(|(object, ids)| bound.add_asked(object.word(), ids.len()));
        keys.iter().for_each(|(object, keys)| bound.add_asked(object.type_id(), keys.len()));
        bound.add_asked("e-mail", emails.len());
        bound.add_asked("deals of contacts", deals_of.len());
    }

    /// Of each kind of question as many as fill whole calls; the rest waits.
    pub(super) fn full_batches(self) -> Self {
        let Self { ids, keys, emails, deals_of } = self;
        let whole = |count: usize, batch: usize| count / batch * batch;
        Self {
            ids: ids.into_iter().map(|(object, ids)| (object, first(whole(ids.len(), RECORDS), ids))).collect(),
            keys: keys.into_iter().map(|(object, keys)| (object, first(whole(keys.len(), RECORDS), keys))).collect(),
            emails: first(whole(emails.len(), RECORDS), emails),
            deals_of: first(whole(deals_of.len(), LINKS), deals_of),
        }
        .without_nothing()
    }

    fn without_nothing(mut self) -> Self {
        self.ids.retain(|_, ids| !ids.is_empty());
        self.keys.retain(|_, keys| !keys.is_empty());
        self
    }

    /// Takes over the questions of another decision.
    pub fn merge(&mut self, other: Self) {
        let Self { ids, keys, emails, deals_of } = other;
        ids.into_iter().for_each(|(object, ids)| self.ids.entry(object).or_default().extend(ids));
        keys.into_iter().for_each(|(object, keys)| self.keys.entry(object).or_default().extend(keys));
        self.emails.extend(emails);
        self.deals_of.extend(deals_of);
    }
}

/// The first `count` of a set.
fn first<T: Ord>(count: usize, set: BTreeSet<T>) -> BTreeSet<T> {
    set.into_iter().take(count).collect()
}

/// What HubSpot said. `None` in a map = asked for and not there.
#[derive(Clone, Debug, Default)]
pub struct Answers {
    ids: BTreeMap<(Object, HubspotId), Option<Actual>>,
    keys: BTreeMap<(Object, String), Option<Actual>>,
    emails: BTreeMap<String, Option<Actual>>,
    deals_of: BTreeMap<HubspotId, Vec<Actual>>,
}

/// An answer, if there is one already.
#[derive(Clone, Copy, Debug)]
pub enum Answer<'a> {
    /// Asked just now; decide again later.
    Open,
    /// Asked for and not there.
    Missing,
    /// There.
    Found(&'a Actual),
}

impl Answers {
    /// Answers from memory: every record that the ledger knows is as it was last written. For looks ahead that ask nobody.
    pub(super) fn remembered(ledger: &[LedgerRow]) -> Self {
        let known = |row: &LedgerRow| {
            let (id, properties) = (row.id, row.base.clone());
            let actual = Actual { id, properties, archived: false, links: BTreeMap::new(), more_links: false };
            ((row.object, row.id), Some(actual))
        };
        Self { ids: ledger.iter().map(known).collect(), ..Self::default() }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        let Self { ids, keys, emails, deals_of } = self;
        ids.len() + keys.len() + emails.len() + deals_of.len()
    }

    /// The record with this id.
    pub fn by_id(&self, object: Object, id: HubspotId, asks: &mut Asks) -> Answer<'_> {
        match self.ids.get(&(object, id)) {
            Some(found) => found.as_ref().map_or(Answer::Missing, Answer::Found),
            None => {
                asks.ids.entry(object).or_default().insert(id);
                Answer::Open
            }
        }
    }

    /// The record with this key.
    pub fn by_key(&self, object: Object, key: &str, asks: &mut Asks) -> Answer<'_> {
        match self.keys.get(&(object, key.to_owned())) {
            Some(found) => found.as_ref().map_or(Answer::Missing, Answer::Found),
            None => {
                asks.keys.entry(object).or_default().insert(key.to_owned());
                Answer::Open
            }
        }
    }

    /// The contact with this e-mail address.
    pub fn by_email(&self, address: &str, asks: &mut Asks) -> Answer<'_> {
        match self.emails.get(address) {
            Some(found) => found.as_ref().map_or(Answer::Missing, Answer::Found),
            None => {
                asks.emails.insert(address.to_owned());
                Answer::Open
            }
        }
    }

    /// All deals of a contact.
    pub fn deals_of(&self, contact: HubspotId, asks: &mut Asks) -> Option<&[Actual]> {
        let known = self.deals_of.get(&contact).map(Vec::as_slice);
        if known.is_none() {
            asks.deals_of.insert(contact);
        }
        known
    }
}

#[cfg(test)]
impl Answers {
    /// Answers from a model of the portal: all its records, and the name of each object's key property.
    pub(super) fn learn(
        &mut self,
        asks: Asks,
        records: &BTreeMap<(Object, HubspotId), Actual>,
        key: impl Fn(Object) -> PropertyName,
    ) {
        let Asks { ids, keys, emails, deals_of } = asks;
        let holder = |object: Object, name: &PropertyName, value: &str| {
            let mut all = records.iter().filter(|((kind, _), _)| *kind == object).map(|(_, one)| one);
            all.find(|one| one.properties.get(name).is_some_and(|held| held == value)).cloned()
        };
        let ids = ids.into_iter().flat_map(|(object, ids)| ids.into_iter().map(move |id| (object, id)));
        self.ids.extend(ids.map(|asked| (asked, records.get(&asked).cloned())));
        let keys = keys.into_iter().flat_map(|(object, keys)| keys.into_iter().map(move |key| (object, key)));
        self.keys.extend(keys.map(|asked| {
            let found = holder(asked.0, &key(asked.0), &asked.1);
            (asked, found)
        }));
        let email = PropertyName::new("email");
        self.emails.extend(emails.into_iter().map(|address| {
            let found = holder(Object::Contact, &email, &address);
            (address, found)
        }));
        self.deals_of.extend(deals_of.into_iter().map(|contact| {
            let linked = records.get(&(Object::Contact, contact)).and_then(|one| one.links.get(&Object::Deal));
            let deals = linked.into_iter().flatten().filter_map(|id| records.get(&(Object::Deal, *id)).cloned());
            (contact, deals.collect())
        }));
    }
}

/// Asks HubSpot, in as few calls as it allows.
pub(super) struct Asking<'a> {
    /// The portal.
    pub(super) reader: &'a Reader,
    /// Key properties.
    pub(super) keys: &'a KeyProperties,
    /// Properties to read, per object.
    pub(super) names: &'a BTreeMap<Object, Vec<PropertyName>>,
}

impl Asking<'_> {
    /// Answers everything in `asks`.
    ///
    /// # Errors
    /// When HubSpot does not answer.
    pub(super) async fn answer(&self, asks: Asks, answers: &mut Answers) -> Result<(), Error> {
        let Asks { ids, keys, emails, deals_of } = asks;
        for (object, ids) in ids {
            self.answer_ids(object, ids, answers).await?;
        }
        for (object, keys) in keys {
            let keys: Vec<String> = keys.into_iter().collect();
            let mut found = self.reader.read_by_key(object, self.keys.of(object), &keys, self.names(object)).await?;
            answers.keys.extend(keys.into_iter().map(|key| {
                let actual = found.records.remove(&key);
                ((object, key), actual)
            }));
        }
        if !emails.is_empty() {
            let emails: Vec<String> = emails.into_iter().collect();
            let email = PropertyName::new("email");
            let names = self.names(Object::Contact);
            let mut found = self.reader.read_by_key(Object::Contact, &email, &emails, names).await?;
            answers.emails.extend(emails.into_iter().map(|address| {
                let actual = found.records.remove(&address);
                (address, actual)
            }));
        }
        if !deals_of.is_empty() {
            self.answer_deals(deals_of, answers).await?;
        }
        Ok(())
    }

    fn names(&self, object: Object) -> &[PropertyName] {
        self.names.get(&object).map_or(&[], Vec::as_slice)
    }

    async fn answer_ids(&self, object: Object, ids: BTreeSet<HubspotId>, answers: &mut Answers) -> Result<(), Error> {
        let ids: Vec<HubspotId> = ids.into_iter().collect();
        let mut found = self.reader.read_by_id(object, &ids, self.names(object)).await?;
        answers.ids.extend(ids.into_iter().map(|id| ((object, id), found.records.remove(&id))));
        Ok(())
    }

    async fn answer_deals(&self, contacts: BTreeSet<HubspotId>, answers: &mut Answers) -> Result<(), Error> {
        let contacts: Vec<HubspotId> = contacts.into_iter().collect();
        let links = self.reader.links(Object::Contact, Object::Deal, &contacts).await?;
        let deals: BTreeSet<HubspotId> = links.values().flatten().copied().collect();
        if !deals.is_empty() {
            self.answer_ids(Object::Deal, deals, answers).await?;
        }
        for (contact, deals) in links {
            let deals = deals.into_iter().filter_map(|id| answers.ids.get(&(Object::Deal, id)).cloned().flatten());
            let deals = deals.collect();
            answers.deals_of.insert(contact, deals);
        }
        Ok(())
    }
}
