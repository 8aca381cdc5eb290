//! Creates, updates, upserts and archives records, alone and in batches (`hubspot-api.md` 5.2, 5.4 to 5.6).

use std::borrow::Cow;
use std::collections::HashSet;

use crate::domain::Object;
use crate::http::Random;

use super::check::{Checker, Claims, Prepared, Warning};
use super::core::{Call, Core, Mark};
use super::definition::Meaning;
use super::exchange::Done;
use super::input::{IdOnly, InlineLink, Inputs, RecordInput, parse};
use super::json::Out;
use super::link::type_id;
use super::record::{PropertyId, Source};
use super::refusal::{Detail, Refusal};
use super::shape::Wanted;
use super::standard;

/// Inputs of one batch. Source: `hubspot-api.md` section 5.
pub(super) const BATCH: usize = 100;

/// How a write finds its record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Create,
    Update,
    Upsert,
}

/// The record an input names.
enum Named<'a> {
    /// None: it will be created, with this key value if it has one.
    New(Option<(PropertyId, Cow<'a, str>)>),
    /// That one, found by this property if not by its id.
    Existing(u32, Option<PropertyId>),
    /// An update of a record that is not there (E15).
    Missing(String),
}

/// A record that was written.
struct Written {
    index: u32,
    new: bool,
    trace: Option<String>,
    properties: Vec<PropertyId>,
    warnings: Vec<Warning>,
}

/// An input that passed all checks.
struct Ready<'a> {
    prepared: Prepared<'a>,
    by: Option<PropertyId>,
    trace: Option<String>,
    links: Vec<(Object, u32)>,
}

impl Core {
    /// One of `batch/create`, `batch/update`, `batch/upsert`.
    pub(super) fn batch_write(
        &mut self,
        call: &mut Call,
        object: Object,
        mode: Mode,
        body: &[u8],
    ) -> Result<Done, Refusal> {
        let Inputs { inputs } = parse::<Inputs<RecordInput<'_>>>(body)?;
        call.inputs = inputs.len();
        if inputs.len() > BATCH {
            return Err(Refusal::too_many(BATCH, inputs.len()));
        }
        self.enabled(object)?;
        if mode != Mode::Create {
            distinct_ids(&inputs)?;
        }
        // A whole batch is refused for a bad `idProperty`, whatever the trace ids.
        let named: Vec<Named<'_>> =
            inputs.iter().map(|input| self.named(object, mode, input)).collect::<Result<_, _>>()?;
        let partial = is_partial(mode, &inputs);
        let mut claims = (!partial).then(Claims::new);
        let (mut waiting, mut written, mut errors) = (Vec::new(), Vec::new(), Vec::new());
        for (input, named) in inputs.into_iter().zip(named) {
            let trace = input.object_write_trace_id.as_ref().map(|trace| trace.as_str().to_owned());
            match self.ready(call, object, mode, (input, named), claims.as_mut()) {
                Ok(ready) if partial => written.push(self.commit(call, object, ready)),
                Ok(ready) => waiting.push(ready),
                // Unknown ids never fail the whole batch (E15).
                Err(refusal) if partial || refusal.status == 404 => errors.push(refusal.item(trace.as_deref())),
                Err(refusal) => return Err(refusal),
            }
        }
        written.extend(waiting.into_iter().map(|ready| self.commit(call, object, ready)));
        self.shuffle(&mut written);
        let status = match (errors.is_empty(), mode) {
            (false, _) => 207,
            (true, Mode::Create) => 201,
            (true, Mode::Update | Mode::Upsert) => 200,
        };
        Ok(Done { status, body: self.written(call, object, mode, &written, &errors) })
    }

    /// Finds the record of an input; errors are about the whole request.
    fn named<'a>(&self, object: Object, mode: Mode, input: &RecordInput<'a>) -> Result<Named<'a>, Refusal> {
        if mode == Mode::Create {
            return Ok(Named::New(None));
        }
        let store = self.store(object);
        let id = input.id.as_ref().map(|id| id.0.clone()).filter(|id| !id.is_empty());
        let Some(id) = id else { return Err(Refusal::invalid("Some required fields were not set: [id]")) };
        let Some(name) = &input.id_property else {
            if mode == Mode::Upsert {
                return Err(Refusal::invalid("Some required fields were not set: [idProperty]"));
            }
            return Ok(store
                .live(&id)
                .map_or_else(|| Named::Missing(id.into_owned()), |index| Named::Existing(index, None)));
        };
        let property = store.property(name.as_str()).filter(|property| store.is_unique(*property));
        let is_email = property.is_some_and(|property| store.definition(property).meaning == Meaning::Email);
        let Some(property) = property.filter(|_| mode == Mode::Upsert || !is_email) else {
            let (kind, name) = (object.type_id(), name.as_str());
            let message = format!("Unable to perform update/upsert by non-unique {kind} property {name}");
            return Err(Refusal::invalid(message));
        };
        let key = if is_email { Cow::Owned(id.to_lowercase()) } else { id };
        match store.owner(property, &key) {
            Some(index) if store.record(index).is_live() => Ok(Named::Existing(index, Some(property))),
            Some(_) | None if mode == Mode::Update => Ok(Named::Missing(key.into_owned())),
            Some(_) | None => Ok(Named::New(Some((property, key)))),
        }
    }

    fn ready<'a>(
        &self,
        call: &Call,
        object: Object,
        mode: Mode,
        (input, named): (RecordInput<'a>, Named<'a>),
        claims: Option<&mut Claims>,
    ) -> Result<Ready<'a>, Refusal> {
        let (target, by, key) = match named {
            Named::New(key) => (None, None, key),
            Named::Existing(index, by) => (Some(index), by, None),
            Named::Missing(id) => return Err(Refusal::missing(object.word(), [id])),
        };
        if call.refuses(&self.random) {
            let first = input.properties.0.first().map(|(name, _)| name.clone().into_owned()).unwrap_or_default();
            let message = "refused by a fault switch".to_owned();
            return Err(Refusal::values(vec![Detail { code: "INVALID_FORMAT", property: first, message }]));
        }
        let checker = Checker {
            store: self.store(object),
            profile: &self.settings.profile,
            dates: call.dates,
            requires: mode != Mode::Upsert || self.settings.profile.upsert_requires,
        };
        let prepared = checker.check(target, input.properties, key, claims)?;
        let links = match (mode, &input.associations) {
            (Mode::Create, Some(associations)) => self.inline_links(object, associations)?,
            (Mode::Create | Mode::Update | Mode::Upsert, _) => Vec::new(),
        };
        let trace = input.object_write_trace_id.map(|trace| trace.0.into_owned());
        Ok(Ready { prepared, by, trace, links })
    }

    /// Targets of a new record's links; the type says of which object they are.
    fn inline_links(&self, from: Object, links: &[InlineLink<'_>]) -> Result<Vec<(Object, u32)>, Refusal> {
        let mut found = Vec::new();
        for InlineLink { to: IdOnly { id }, types } in links {
            for link in types {
                let wanted = link.association_type_id;
                let Some(to) = Object::ALL.into_iter().find(|to| type_id(from, *to) == Some(wanted)) else {
                    let word = from.word();
                    return Err(Refusal::invalid(format!("{wanted} is not a valid association type of {word}")));
                };
                let index = self.store(to).live(id.as_str()).ok_or_else(|| Refusal::bad_link_end(id.as_str()))?;
                found.push((to, index));
            }
        }
        Ok(found)
    }

    fn commit(&mut self, call: &mut Call, object: Object, ready: Ready<'_>) -> Written {
        let Ready { prepared: Prepared { target, changes, mut warnings }, by, trace, links } = ready;
        let new = target.is_none();
        let store = self.store_mut(object);
        let index = target.unwrap_or_else(|| store.create(call.now));
        let changed = store.put(index, &changes, Source::Api, call.now);
        if new {
            call.created += 1;
        } else if !changed {
            call.repeated += 1;
        }
        if let (true, Some((property, value))) = (call.warns, changes.first()) {
            warnings.push(Warning { property: *property, raw: value.to_string(), stored: value.to_string() });
        }
        if new || changed {
            self.mark(Mark::Record(object, index));
        }
        for (to, other) in links {
            self.add_link(object, index, to, other);
        }
        // The key is shown even where the input did not repeat it.
        let properties = changes.into_iter().map(|(property, _)| property).chain(by).collect();
        Written { index, new, trace, properties, warnings }
    }

    /// The answer to a batch write.
    fn written(
        &self,
        call: &Call,
        object: Object,
        mode: Mode,
        written: &[Written],
        errors: &[serde_json::Value],
    ) -> Vec<u8> {
        let view = self.view(object);
        let basic: Vec<PropertyId> =
            standard::basic_names(object).iter().filter_map(|name| view.store.property(name)).collect();
        let mut out = Out::new(written.len() * 700 + 256);
        out.raw("{\"status\":\"COMPLETE\",\"results\":[");
        for record in written {
            let mut wanted = Wanted::default();
            wanted.properties.extend(record.properties.iter().chain(&basic));
            wanted.properties.sort_unstable();
            wanted.properties.dedup();
            view.record(&mut out, record.index, &wanted, |out| {
                if mode == Mode::Upsert {
                    out.raw(if record.new { ",\"new\":true" } else { ",\"new\":false" });
                }
                if let Some(trace) = record.trace.as_deref().filter(|_| self.settings.profile.echo_trace) {
                    out.key("objectWriteTraceId");
                    out.text(trace);
                }
                view.warnings(out, &record.warnings);
            });
        }
        close_batch(&mut out, call, errors);
        out.bytes
    }

    fn shuffle<T>(&self, items: &mut [T]) {
        for at in (1..items.len()).rev() {
            let places = u64::try_from(at + 1).expect("batches are small");
            items.swap(at, usize::try_from(self.random.draw() % places).expect("below the length"));
        }
    }

    /// `POST P`.
    pub(super) fn create_one(&mut self, call: &mut Call, object: Object, body: &[u8]) -> Result<Done, Refusal> {
        let input: RecordInput<'_> = parse(body)?;
        call.inputs = 1;
        self.enabled(object)?;
        let ready = self.ready(call, object, Mode::Create, (input, Named::New(None)), None)?;
        let written = self.commit(call, object, ready);
        Ok(Done { status: 201, body: self.one(object, &written) })
    }

    /// `PATCH P/{id}`.
    pub(super) fn update_one(
        &mut self,
        call: &mut Call,
        object: Object,
        (id, id_property): (&str, Option<&str>),
        body: &[u8],
    ) -> Result<Done, Refusal> {
        let input: RecordInput<'_> = parse(body)?;
        call.inputs = 1;
        self.enabled(object)?;
        let index = self.find(object, id, id_property)?;
        let ready = self.ready(call, object, Mode::Update, (input, Named::Existing(index, None)), None)?;
        let written = self.commit(call, object, ready);
        Ok(Done { status: 200, body: self.one(object, &written) })
    }

    fn one(&self, object: Object, written: &Written) -> Vec<u8> {
        let view = self.view(object);
        let mut wanted = Wanted::new(view.store, [], &[]);
        wanted.properties.extend(&written.properties);
        wanted.properties.sort_unstable();
        wanted.properties.dedup();
        let mut out = Out::new(1024);
        view.record(&mut out, written.index, &wanted, |out| view.warnings(out, &written.warnings));
        out.bytes
    }

    /// The live record that a single call names.
    pub(super) fn find(&self, object: Object, id: &str, id_property: Option<&str>) -> Result<u32, Refusal> {
        let store = self.store(object);
        let found = match id_property {
            None => store.live(id),
            Some(name) => {
                let property = store.property(name).filter(|property| store.is_unique(*property));
                let property = property.ok_or_else(|| Refusal::invalid(format!("{name} is not a unique property")))?;
                let is_email = store.definition(property).meaning == Meaning::Email;
                let key = if is_email { Cow::Owned(id.to_lowercase()) } else { Cow::Borrowed(id) };
                store.owner(property, &key).filter(|index| store.record(*index).is_live())
            }
        };
        found.ok_or_else(|| {
            Refusal::not_found(format!("Object not found.  objectId are usually numeric. {}", object.word()))
        })
    }

    /// `DELETE P/{id}`; 204 also for what is not there.
    pub(super) fn archive_one(&mut self, call: &mut Call, object: Object, id: &str) -> Done {
        call.inputs = 1;
        if let Some(index) = self.store(object).live(id) {
            self.archive(object, index, call.now);
        }
        Done::empty()
    }

    /// `batch/archive`.
    pub(super) fn batch_archive(&mut self, call: &mut Call, object: Object, body: &[u8]) -> Result<Done, Refusal> {
        let Inputs { inputs } = parse::<Inputs<IdOnly<'_>>>(body)?;
        call.inputs = inputs.len();
        if inputs.len() > BATCH {
            return Err(Refusal::too_many(BATCH, inputs.len()));
        }
        for IdOnly { id } in inputs {
            if let Some(index) = self.store(object).live(id.as_str()) {
                self.archive(object, index, call.now);
            }
        }
        Ok(Done::empty())
    }

    /// Puts a live record into the bin.
    pub(super) fn archive(&mut self, object: Object, index: u32, now: i64) {
        let frees = self.settings.profile.archive_frees;
        let store = self.store_mut(object);
        if frees {
            store.free(index);
        }
        let record = store.record_mut(index);
        record.archived = Some(now);
        record.updated = now;
        self.mark(Mark::Record(object, index));
    }

    /// Whether the object is switched on. The refusal is inferred: HubSpot's is unknown.
    pub(super) fn enabled(&self, object: Object) -> Result<(), Refusal> {
        if object == Object::Appointment && !self.settings.profile.appointments {
            return Err(Refusal::invalid("The object type 0-421 is not activated in this account"));
        }
        Ok(())
    }
}

/// Closes `results` and writes the rest of a batch answer.
pub(super) fn close_batch(out: &mut Out, call: &Call, errors: &[serde_json::Value]) {
    out.raw("]");
    if !errors.is_empty() {
        out.key("numErrors");
        out.number(u64::try_from(errors.len()).unwrap_or(u64::MAX));
        out.key("errors");
        out.raw("[");
        for error in errors {
            out.comma();
            out.value(error);
        }
        out.raw("]");
    }
    out.key("startedAt");
    out.instant(call.now);
    out.key("completedAt");
    out.instant(call.now);
    out.raw("}");
}

/// Whether good inputs are written although others are bad: each has a trace id of its own, and not by `email`.
fn is_partial(mode: Mode, inputs: &[RecordInput<'_>]) -> bool {
    let mut seen = HashSet::with_capacity(inputs.len());
    let by_email = |input: &RecordInput<'_>| {
        mode == Mode::Upsert && input.id_property.as_ref().is_some_and(|name| name.as_str() == "email")
    };
    inputs.iter().all(|input| {
        let trace = input.object_write_trace_id.as_ref().filter(|trace| !trace.as_str().is_empty());
        trace.is_some_and(|trace| seen.insert(trace.as_str())) && !by_email(input)
    })
}

/// E9: no `id` twice in one batch.
fn distinct_ids(inputs: &[RecordInput<'_>]) -> Result<(), Refusal> {
    let mut seen = HashSet::with_capacity(inputs.len());
    let ids = inputs.iter().filter_map(|input| input.id.as_ref());
    let mut twice: Vec<String> = ids.filter(|id| !seen.insert(id.as_str())).map(|id| id.as_str().to_owned()).collect();
    twice.sort();
    twice.dedup();
    if twice.is_empty() { Ok(()) } else { Err(Refusal::duplicate_ids(twice)) }
}
