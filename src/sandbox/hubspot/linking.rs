//! Association endpoints (`hubspot-api.md` section 7).

use serde_json::{Value, json};

use crate::domain::Object;

use super::core::{Call, Core, Mark};
use super::exchange::{Done, Request};
use super::input::{Inputs, LinksInput, PairInput, Text, UnlinkInput, parse};
use super::json::Out;
use super::link::type_id;
use super::refusal::Refusal;
use super::shape::paging;
use super::store::Store;
use super::write::close_batch;

/// Pairs of one batch create. Source: `hubspot-api.md` section 7.
pub(super) const PAIRS: usize = 2_000;
/// Records of one batch read.
pub(super) const READS: usize = 1_000;
/// Distinct records of one batch archive.
const ARCHIVES: usize = 100;

impl Core {
    /// Links two records and remembers that it changed something.
    pub(super) fn add_link(&mut self, from: Object, a: u32, to: Object, b: u32) -> bool {
        let new = self.links.add(from, a, to, b);
        if new {
            self.mark(Mark::Linked(from, a, to, b));
        }
        new
    }

    pub(super) fn remove_link(&mut self, from: Object, a: u32, to: Object, b: u32) {
        if self.links.remove(from, a, to, b) {
            self.mark(Mark::Unlinked(from, a, to, b));
        }
    }

    /// `batch/create` and `batch/associate/default`; `typed`: inputs name their types.
    pub(super) fn link_batch(
        &mut self,
        call: &mut Call,
        (from, to): (Object, Object),
        typed: bool,
        body: &[u8],
    ) -> Result<Done, Refusal> {
        let Inputs { inputs } = parse::<Inputs<PairInput<'_>>>(body)?;
        call.inputs = inputs.len();
        let limit = if typed { PAIRS } else { self.settings.profile.default_links };
        if inputs.len() > limit {
            return Err(Refusal::too_many(limit, inputs.len()));
        }
        let default = default_type(from, to)?;
        if typed {
            let wrong = |input: &PairInput<'_>| {
                input.types.is_empty() || input.types.iter().any(|link| link.association_type_id != default)
            };
            if inputs.iter().any(wrong) {
                let message = format!("One or more types are not valid for {} to {}", from.word(), to.word());
                return Err(Refusal::invalid(message));
            }
        }
        let mut out = Out::new(inputs.len() * 128 + 256);
        out.raw("{\"status\":\"COMPLETE\",\"results\":[");
        let mut errors: Vec<Value> = Vec::new();
        for PairInput { from: a, to: b, types: _ } in &inputs {
            let (a, b) = (a.id.as_str(), b.id.as_str());
            if call.refuses(&self.random) {
                errors.push(Refusal::bad_link_end(a).item(None));
                continue;
            }
            let ends = (self.store(from).live(a), self.store(to).live(b));
            let (one, other) = match ends {
                (Some(one), Some(other)) if from == to && one == other => {
                    errors
                        .push(Refusal::invalid(format!("Object {a} cannot be associated to itself ({b})")).item(None));
                    continue;
                }
                (Some(one), Some(other)) => (one, other),
                (None, _) => {
                    errors.push(Refusal::bad_link_end(a).item(None));
                    continue;
                }
                (Some(_), None) => {
                    errors.push(Refusal::bad_link_end(b).item(None));
                    continue;
                }
            };
            if !self.add_link(from, one, to, other) {
                call.repeated_links += 1;
            }
            if typed {
                linked(&mut out, call, (from, one), (to, other));
            } else {
                out.comma();
                out.value(&default_result((Store::id(one), Store::id(other)), default));
            }
        }
        close_batch(&mut out, call, &errors);
        let whole = if typed { 201 } else { 200 };
        Ok(Done { status: if errors.is_empty() { whole } else { 207 }, body: out.bytes })
    }

    /// `batch/read`.
    pub(super) fn links_read(
        &self,
        call: &mut Call,
        (from, to): (Object, Object),
        body: &[u8],
    ) -> Result<Done, Refusal> {
        let Inputs { inputs } = parse::<Inputs<LinksInput<'_>>>(body)?;
        call.inputs = inputs.len();
        if inputs.len() > READS {
            return Err(Refusal::too_many(READS, inputs.len()));
        }
        let default = default_type(from, to)?;
        let mut out = Out::new(inputs.len() * 200 + 256);
        out.raw("{\"status\":\"COMPLETE\",\"results\":[");
        let mut errors = Vec::new();
        for LinksInput { id, after } in &inputs {
            let begin = match after.as_ref().map(Text::as_str).filter(|after| !after.is_empty()) {
                None => 0,
                Some(text) => Store::index_from(text.parse().map_err(|_| Refusal::bad_cursor(text))?),
            };
            let Some(index) = self.store(from).live(id.as_str()) else {
                errors.push(Refusal::bad_link_end(id.as_str()).item(None));
                continue;
            };
            let mut linked = self.view(from).live_links(index, to, begin).peekable();
            if linked.peek().is_none() {
                errors.push(nothing_linked(from, to, id.as_str()).item(None));
                continue;
            }
            out.comma();
            out.raw("{\"from\":{\"id\":");
            // The id that was asked for, which a merge may have replaced.
            out.text(id.as_str());
            out.raw("},\"to\":[");
            for other in linked.by_ref().take(self.settings.profile.link_page) {
                linked_to(&mut out, call, other, default);
            }
            out.raw("]");
            if let Some(next) = linked.next() {
                paging(&mut out, Store::id(next));
            }
            out.raw("}");
        }
        close_batch(&mut out, call, &errors);
        Ok(Done { status: if errors.is_empty() { 200 } else { 207 }, body: out.bytes })
    }

    /// `batch/archive`.
    pub(super) fn unlink_batch(
        &mut self,
        call: &mut Call,
        (from, to): (Object, Object),
        body: &[u8],
    ) -> Result<Done, Refusal> {
        let Inputs { inputs } = parse::<Inputs<UnlinkInput<'_>>>(body)?;
        call.inputs = inputs.len();
        if inputs.len() > ARCHIVES {
            return Err(Refusal::too_many(ARCHIVES, inputs.len()));
        }
        for UnlinkInput { from: a, to: others } in &inputs {
            for b in others {
                if let (Some(a), Some(b)) = (self.store(from).live(a.id.as_str()), self.store(to).live(b.id.as_str())) {
                    self.remove_link(from, a, to, b);
                }
            }
        }
        Ok(Done::empty())
    }

    /// `PUT P/{id}/associations/default/{to}/{id}`.
    pub(super) fn link_default(
        &mut self,
        call: &mut Call,
        (from, a): (Object, &str),
        (to, b): (Object, &str),
    ) -> Result<Done, Refusal> {
        let default = default_type(from, to)?;
        let (one, other) = self.link_pair(call, (from, a), (to, b))?;
        let both = [
            default_result((Store::id(one), Store::id(other)), default),
            default_result((Store::id(other), Store::id(one)), default_type(to, from)?),
        ];
        let mut out = Out::new(512);
        out.raw("{\"status\":\"COMPLETE\",\"results\":[");
        for result in both {
            out.comma();
            out.value(&result);
        }
        close_batch(&mut out, call, &[]);
        Ok(Done { status: 200, body: out.bytes })
    }

    /// `PUT P/{id}/associations/{to}/{id}`.
    pub(super) fn link_one(
        &mut self,
        call: &mut Call,
        (from, a): (Object, &str),
        (to, b): (Object, &str),
    ) -> Result<Done, Refusal> {
        default_type(from, to)?;
        let (one, other) = self.link_pair(call, (from, a), (to, b))?;
        let mut out = Out::new(128);
        linked(&mut out, call, (from, one), (to, other));
        Ok(Done { status: 201, body: out.bytes })
    }

    fn link_pair(
        &mut self,
        call: &mut Call,
        (from, a): (Object, &str),
        (to, b): (Object, &str),
    ) -> Result<(u32, u32), Refusal> {
        call.inputs = 1;
        let (one, other) = (self.find(from, a, None)?, self.find(to, b, None)?);
        if from == to && one == other {
            return Err(Refusal::invalid(format!("Object {a} cannot be associated to itself ({b})")));
        }
        if !self.add_link(from, one, to, other) {
            call.repeated_links += 1;
        }
        Ok((one, other))
    }

    /// `DELETE P/{id}/associations/{to}/{id}`.
    pub(super) fn unlink_one(&mut self, (from, a): (Object, &str), (to, b): (Object, &str)) -> Done {
        if let (Some(a), Some(b)) = (self.store(from).live(a), self.store(to).live(b)) {
            self.remove_link(from, a, to, b);
        }
        Done::empty()
    }

    /// `GET P/{id}/associations/{to}`.
    pub(super) fn links_of(
        &self,
        call: &Call,
        (from, id): (Object, &str),
        to: Object,
        request: &Request,
    ) -> Result<Done, Refusal> {
        let default = default_type(from, to)?;
        let index = self.find(from, id, None)?;
        let page = self.settings.profile.link_page;
        let limit = match request.query("limit").map(str::parse::<usize>) {
            None => page,
            Some(Ok(limit)) if (1..=page).contains(&limit) => limit,
            Some(_) => return Err(Refusal::invalid(format!("limit must be between 1 and {page}"))),
        };
        let begin = match request.query("after") {
            None => 0,
            Some(text) => Store::index_from(text.parse().map_err(|_| Refusal::bad_cursor(text))?),
        };
        let mut found = self.view(from).live_links(index, to, begin);
        let mut out = Out::new(256);
        out.raw("{\"results\":[");
        for other in found.by_ref().take(limit) {
            linked_to(&mut out, call, other, default);
        }
        out.raw("]");
        if let Some(next) = found.next() {
            paging(&mut out, Store::id(next));
        }
        out.raw("}");
        Ok(Done { status: 200, body: out.bytes })
    }
}

/// `GET …/labels`: the plain type only.
pub(super) fn labels(from: Object, to: Object) -> Done {
    let plain = type_id(from, to).map(|id| json!({"category": "HUBSPOT_DEFINED", "typeId": id, "label": null}));
    Done::json(200, &json!({"results": plain.into_iter().collect::<Vec<_>>()}))
}

fn default_type(from: Object, to: Object) -> Result<u16, Refusal> {
    let message = || format!("No default association type exists between {} and {}", from.word(), to.word());
    type_id(from, to).ok_or_else(|| Refusal::invalid(message()))
}

fn nothing_linked(from: Object, to: Object, id: &str) -> Refusal {
    Refusal::not_found(format!("No {} is associated with {} {id}.", to.word(), from.word()))
        .sub("crm.associations.NO_ASSOCIATIONS_FOUND")
        .context("fromObjectId", [id.to_owned()])
}

fn linked(out: &mut Out, call: &Call, (from, a): (Object, u32), (to, b): (Object, u32)) {
    out.comma();
    out.raw("{\"fromObjectTypeId\":\"");
    out.raw(from.type_id());
    out.raw("\",\"fromObjectId\":");
    out.id(Store::id(a), call.spelling);
    out.raw(",\"toObjectTypeId\":\"");
    out.raw(to.type_id());
    out.raw("\",\"toObjectId\":");
    out.id(Store::id(b), call.spelling);
    out.raw(",\"labels\":[]}");
}

fn linked_to(out: &mut Out, call: &Call, other: u32, type_id: u16) {
    out.comma();
    out.raw("{\"toObjectId\":");
    out.id(Store::id(other), call.spelling);
    out.raw(",\"associationTypes\":[{\"category\":\"HUBSPOT_DEFINED\",\"typeId\":");
    out.number(u64::from(type_id));
    out.raw(",\"label\":null}]}");
}

fn default_result((from, to): (u64, u64), type_id: u16) -> Value {
    json!({
        "from": {"id": from.to_string()}, "to": {"id": to.to_string()},
        "associationSpec": {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_id}
    })
}
