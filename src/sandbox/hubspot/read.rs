//! Reads records: one, a page, a batch (`hubspot-api.md` 5.1, 5.3, 5.7).

use std::borrow::Cow;

use crate::domain::{HubspotId, Object};

use super::core::{Call, Core};
use super::definition::Meaning;
use super::exchange::{Done, Request};
use super::input::{IdOnly, ReadBody, Text, parse};
use super::json::Out;
use super::refusal::Refusal;
use super::route::object_named;
use super::shape::{Wanted, paging};
use super::store::Store;
use super::write::{BATCH, close_batch};

/// Records of a page when the request does not say. Source: `hubspot-api.md` section 5.
const PAGE: usize = 10;
/// Most records of a page.
const LONGEST_PAGE: usize = 100;
/// Most records of a page with history; "less" in HubSpot's words, the figure is inferred.
const LONGEST_WITH_HISTORY: usize = 50;

impl Core {
    fn wanted(&self, object: Object, request: &Request) -> Result<Wanted, Refusal> {
        let names = request.list("properties");
        let mut wanted = Wanted::new(self.store(object), names, &request.list("propertiesWithHistory"));
        let links: Result<Vec<Object>, Refusal> = request.list("associations").into_iter().map(object_named).collect();
        wanted.links = links?;
        Ok(wanted)
    }

    /// `GET P/{id}`.
    pub(super) fn get_one(&self, object: Object, id: &str, request: &Request) -> Result<Done, Refusal> {
        let index = if request.archived() {
            let found = id.parse().ok().and_then(|id| self.store(object).resolve(HubspotId(id)));
            let found = found.filter(|index| self.store(object).record(*index).archived.is_some());
            found.ok_or_else(|| Refusal::not_found("Object not found"))?
        } else {
            self.find(object, id, request.query("idProperty"))?
        };
        let wanted = self.wanted(object, request)?;
        let mut out = Out::new(1024);
        self.view(object).record(&mut out, index, &wanted, |_| {});
        Ok(Done { status: 200, body: out.bytes })
    }

    /// `GET P`.
    pub(super) fn list(&self, object: Object, request: &Request) -> Result<Done, Refusal> {
        let wanted = self.wanted(object, request)?;
        let longest = if wanted.history.is_empty() { LONGEST_PAGE } else { LONGEST_WITH_HISTORY };
        let limit = match request.query("limit").map(str::parse::<usize>) {
            None => PAGE,
            Some(Ok(limit)) if (1..=longest).contains(&limit) => limit,
            Some(_) => return Err(Refusal::invalid(format!("limit must be between 1 and {longest}"))),
        };
        let after =
            request.query("after").map(|text| text.parse().map_err(|_| Refusal::bad_cursor(text))).transpose()?;
        let archived = request.archived();
        let store = self.store(object);
        let first = after.map_or(0, Store::index_from);
        let mut found = store
            .records_from(first)
            .filter(|(_, record)| if archived { record.archived.is_some() } else { record.is_live() });
        let mut out = Out::new(limit * 700 + 64);
        out.raw("{\"results\":[");
        for (index, _) in found.by_ref().take(limit) {
            self.view(object).record(&mut out, index, &wanted, |_| {});
        }
        out.raw("]");
        if let Some((next, _)) = found.next() {
            paging(&mut out, Store::id(next));
        }
        out.raw("}");
        Ok(Done { status: 200, body: out.bytes })
    }

    /// `POST P/batch/read`.
    pub(super) fn batch_read(&self, call: &mut Call, object: Object, request: &Request) -> Result<Done, Refusal> {
        let body: ReadBody<'_> = parse(&request.body)?;
        call.inputs = body.inputs.len();
        if body.inputs.len() > BATCH {
            return Err(Refusal::too_many(BATCH, body.inputs.len()));
        }
        let store = self.store(object);
        let history: Vec<&str> = body.properties_with_history.iter().map(Text::as_str).collect();
        let wanted = Wanted::new(store, body.properties.iter().map(Text::as_str), &history);
        let key = match body.id_property.as_ref().map(Text::as_str) {
            None | Some("hs_object_id") => None,
            Some(name) => {
                let unique = store.property(name).filter(|property| store.is_unique(*property));
                Some(unique.ok_or_else(|| {
                    let kind = object.type_id();
                    Refusal::invalid(format!("Unable to perform read by non-unique {kind} property {name}"))
                })?)
            }
        };
        let archived = request.archived();
        let find = |text: &str| match key {
            None if archived => text.parse().ok().and_then(|id| store.resolve(HubspotId(id))),
            None => store.live(text),
            Some(property) => {
                let lower = store.definition(property).meaning == Meaning::Email;
                let value = if lower { Cow::Owned(text.to_lowercase()) } else { Cow::Borrowed(text) };
                store.owner(property, &value)
            }
        };
        let mut out = Out::new(body.inputs.len() * 700 + 256);
        out.raw("{\"status\":\"COMPLETE\",\"results\":[");
        let mut missing = Vec::new();
        let mut shown = std::collections::HashSet::new();
        for IdOnly { id } in &body.inputs {
            match find(id.as_str()).filter(|index| store.record(*index).archived.is_some() == archived) {
                // Two ids of one merged record are one result.
                Some(index) if shown.insert(index) => self.view(object).record(&mut out, index, &wanted, |_| {}),
                Some(_) => {}
                None => missing.push(id.as_str().to_owned()),
            }
        }
        let errors: Vec<serde_json::Value> =
            if missing.is_empty() { Vec::new() } else { vec![Refusal::missing(object.word(), missing).item(None)] };
        close_batch(&mut out, call, &errors);
        Ok(Done { status: if errors.is_empty() { 200 } else { 207 }, body: out.bytes })
    }
}
