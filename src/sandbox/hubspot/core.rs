//! One request from the token to the answer: token, limits, faults, endpoint, headers, counters.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::domain::Object;
use crate::http::{Method, Random, SeededRandom};

use super::counters::{Counters, RouteCount};
use super::exchange::{Done, Reply, Request};
use super::faults::{Fault, Faults, chance};
use super::json::IdSpelling;
use super::limits::{Bucket, Meters, Policy};
use super::link::{Links, slot};
use super::linking::labels;
use super::refusal::Refusal;
use super::route::{LinkBatch, Route, route};
use super::settings::Settings;
use super::shape::View;
use super::small::nothing;
use super::store::Store;
use super::value::Dates;

/// The portal: everything it knows, without locks and without I/O.
pub(super) struct Core {
    pub(super) settings: Settings,
    pub(super) stores: [Store; 3],
    pub(super) links: Links,
    pub(super) faults: Faults,
    pub(super) random: SeededRandom,
    pub(super) counters: Counters,
    pub(super) meters: Meters,
    searched: [bool; 3],
    late: Vec<(i64, Request)>,
    /// What changed since it was last taken; `None` when nobody wants to know.
    pub(super) marks: Option<Vec<Mark>>,
}

/// Something that changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    Record(Object, u32),
    Linked(Object, u32, Object, u32),
    Unlinked(Object, u32, Object, u32),
    Schema(Object),
}

/// One request while it is carried out.
pub(super) struct Call {
    /// Milliseconds since 1970 in UTC.
    pub(super) now: i64,
    pub(super) dates: Dates,
    /// Spelling of linked ids.
    pub(super) spelling: IdSpelling,
    /// Share of inputs that a fault refuses.
    pub(super) refuse: f64,
    /// Whether written records carry warnings.
    pub(super) warns: bool,
    pub(super) inputs: usize,
    pub(super) created: u64,
    pub(super) repeated: u64,
    pub(super) repeated_links: u64,
}

impl Call {
    pub(super) const fn new(now: i64, dates: Dates) -> Self {
        Self {
            now,
            dates,
            spelling: IdSpelling::Text,
            refuse: 0.0,
            warns: false,
            inputs: 0,
            created: 0,
            repeated: 0,
            repeated_links: 0,
        }
    }

    /// Whether a fault refuses the input at hand.
    pub(super) fn refuses(&self, random: &SeededRandom) -> bool {
        chance(random, self.refuse)
    }
}

/// An answer before its headers.
struct Answer {
    done: Done,
    extra: Option<(&'static str, String)>,
    delay: Duration,
    cut: bool,
}

impl Answer {
    const fn plain(done: Done) -> Self {
        Self { done, extra: None, delay: Duration::ZERO, cut: false }
    }
}

impl Core {
    pub(super) fn new(settings: Settings) -> Self {
        let status = settings.profile.appointment_status;
        let stores = [Object::Contact, Object::Deal, Object::Appointment].map(|object| Store::new(object, status));
        let random = SeededRandom::new(settings.seed);
        Self {
            settings,
            stores,
            links: Links::default(),
            faults: Faults::none(),
            random,
            counters: Counters::default(),
            meters: Meters::default(),
            searched: [false; 3],
            late: Vec::new(),
            marks: None,
        }
    }

    pub(super) fn store(&self, object: Object) -> &Store {
        &self.stores[slot(object)]
    }

    pub(super) fn store_mut(&mut self, object: Object) -> &mut Store {
        &mut self.stores[slot(object)]
    }

    pub(super) fn view(&self, object: Object) -> View<'_> {
        View { stores: &self.stores, store: self.store(object), links: &self.links }
    }

    pub(super) fn mark(&mut self, mark: Mark) {
        if let Some(marks) = &mut self.marks {
            marks.push(mark);
        }
    }

    /// Answers one request.
    pub(super) fn handle(&mut self, request: &Request, now: DateTime<Utc>) -> Reply {
        self.settle(now.timestamp_millis());
        let correlation = self.correlation();
        let (route, dates) = match route(&request.path) {
            Ok(found) => found,
            Err(refusal) => return finish(Answer::plain(error(&refusal, &correlation)), Vec::new(), correlation),
        };
        let Some(token) = request.bearer.as_deref().filter(|token| self.knows(token)) else {
            let message = "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can \
                           find more details at https://developers.hubspot.com/docs/methods/auth/oauth-overview";
            let refusal = Refusal::new(401, "INVALID_AUTHENTICATION", message);
            return finish(Answer::plain(error(&refusal, &correlation)), Vec::new(), correlation);
        };
        let bucket = if matches!(route, Route::Search(_)) {
            Bucket::Searches
        } else if route.is_association() {
            Bucket::Associations
        } else {
            Bucket::Objects
        };
        let admitted = self.meters.enter(&self.settings.limits, bucket, token, now);
        let mut call = Call::new(now.timestamp_millis(), dates);
        let answer = match admitted {
            Ok(()) => self.admitted(&mut call, &route, request, &correlation),
            Err(policy) => {
                self.counters.rate_limited += 1;
                Answer::plain(Done { status: 429, body: policy.body(&correlation) })
            }
        };
        self.count(&call, &route, request.method, &answer);
        let mut headers =
            self.meters.left(&self.settings.limits, bucket, token).map_or_else(Vec::new, super::limits::Left::headers);
        if answer.done.status == 429 && self.settings.limits.retry_after {
            let seconds = self.settings.limits.window.as_millis().div_ceil(1_000);
            headers.push(("retry-after", seconds.to_string()));
        }
        finish(answer, headers, correlation)
    }

    fn knows(&self, token: &str) -> bool {
        match &self.settings.token {
            Some(own) => own == token,
            None => token.starts_with("pat-") && token.len() > 4,
        }
    }

    /// A request within the limits: faults, and what the endpoint does.
    fn admitted(&mut self, call: &mut Call, route: &Route<'_>, request: &Request, correlation: &str) -> Answer {
        if let Some(refusal) = self.lacks_scope(route, request.method) {
            return Answer::plain(error(&refusal, correlation));
        }
        let faults = self.faults.draw(&self.random, route, request.method);
        let has = |fault| faults.contains(&fault);
        self.counters.faults += u64::from(faults.iter().any(|fault| *fault != Fault::Nothing));
        if let Some(before) = self.before(&faults, call.now, request, correlation) {
            return before;
        }
        call.refuse = if has(Fault::Partial) { self.faults.partial_share } else { 0.0 };
        call.warns = has(Fault::Warnings);
        if has(Fault::NumberIds) {
            call.spelling = IdSpelling::Number;
        }
        let mut done = self.act(call, route, request).unwrap_or_else(|refusal| error(&refusal, correlation));
        if has(Fault::GatewayAfter) {
            done = gateway(&self.random);
        }
        if has(Fault::Truncated) {
            done.body.truncate(done.body.len() / 2);
        }
        let delay = if has(Fault::Slow) { Duration::from_millis(self.faults.slow_ms) } else { Duration::ZERO };
        Answer { done, extra: None, delay, cut: has(Fault::CutAfter) }
    }

    /// Faults that strike before anything is done.
    fn before(&mut self, faults: &[Fault], now: i64, request: &Request, correlation: &str) -> Option<Answer> {
        let rate = |policy: Policy| Answer::plain(Done { status: 429, body: policy.body(correlation) });
        let refused = |status, category, message: &str| {
            Answer::plain(error(&Refusal::new(status, category, message), correlation))
        };
        faults.iter().find_map(|fault| match fault {
            Fault::Locked => Some(refused(423, "LOCKED", "The resource is locked by another process")),
            Fault::Burst => Some(rate(Policy::Rolling)),
            Fault::Daily => Some(rate(Policy::Daily)),
            Fault::Moving => {
                let moving = refused(477, "MIGRATION_IN_PROGRESS", "The account is moving to another data centre");
                Some(Answer { extra: Some(("retry-after", self.faults.moving_s.to_string())), ..moving })
            }
            Fault::Gateway => Some(Answer::plain(gateway(&self.random))),
            Fault::Cut => Some(Answer { cut: true, ..Answer::plain(Done::empty()) }),
            Fault::Late => {
                let due = now.saturating_add(i64::try_from(self.faults.late_ms).unwrap_or(i64::MAX));
                self.late.push((due, request.clone()));
                Some(Answer::plain(Done { status: 504, body: GATEWAY.to_vec() }))
            }
            Fault::Nothing
            | Fault::GatewayAfter
            | Fault::CutAfter
            | Fault::Truncated
            | Fault::Slow
            | Fault::Partial
            | Fault::Warnings
            | Fault::NumberIds => None,
        })
    }

    /// Carries out what was answered earlier and is due now.
    pub(super) fn settle(&mut self, now: i64) {
        while let Some(at) = self.late.iter().position(|(due, _)| *due <= now) {
            let (due, request) = self.late.remove(at);
            if let Ok((route, dates)) = route(&request.path) {
                let done = self.act(&mut Call::new(due, dates), &route, &request);
                self.counters.late += u64::from(done.is_ok());
            }
        }
    }

    fn act(&mut self, call: &mut Call, route: &Route<'_>, request: &Request) -> Result<Done, Refusal> {
        let body = request.body.as_slice();
        match (route, request.method) {
            (Route::Account, Method::Get) => Ok(self.account()),
            (Route::DailyUsage, Method::Get) => Ok(self.usage(call)),
            (Route::Enablement(of), Method::Get) => self.enablement(of.as_deref()),
            (Route::Owners | Route::Validations(_), Method::Get) => Ok(nothing()),
            (Route::Properties(of), Method::Get) => Ok(self.properties(*of, request.archived())),
            (Route::Properties(of), Method::Post) => self.create_property(call, *of, body),
            (Route::PropertyBatch(of, kind), Method::Post) => self.property_batch(call, *of, *kind, body),
            (Route::Property(of, name), Method::Get) => self.property(*of, name, request.archived()),
            (Route::Property(of, name), Method::Patch) => self.patch_property(call, *of, name, body),
            (Route::Property(of, name), Method::Delete) => self.archive_property(*of, name),
            (Route::Groups(of), Method::Get) => Ok(self.groups(*of)),
            (Route::Groups(of), Method::Post) => self.create_group(*of, body),
            (Route::Group(of, name), Method::Get) => self.group(*of, name),
            (Route::Group(of, name), Method::Delete) => self.archive_group(*of, name),
            (Route::Pipelines(of), Method::Get) => Ok(self.pipelines(*of)),
            (Route::Pipelines(of), Method::Post) => self.create_pipeline(call, *of, body),
            (Route::Pipeline(of, id), Method::Get) => self.pipeline(*of, id),
            (Route::Pipeline(of, id), Method::Patch) => self.patch_pipeline(call, *of, id, body),
            (Route::Pipeline(of, id), Method::Delete) => self.delete_pipeline(*of, id),
            (Route::Stages(of, id), Method::Get) => self.stages(*of, id),
            (Route::Stages(of, id), Method::Post) => self.create_stage(call, *of, id, body),
            (Route::Stage(of, id, stage), Method::Get) => self.stage(*of, id, stage),
            (Route::Stage(of, id, stage), Method::Patch) => self.patch_stage(call, *of, (id, stage), body),
            (Route::Stage(of, id, stage), Method::Delete) => self.delete_stage(*of, id, stage),
            (Route::Records(of), Method::Get) => self.list(*of, request),
            (Route::Records(of), Method::Post) => self.create_one(call, *of, body),
            (Route::Record(of, id), Method::Get) => self.get_one(*of, id, request),
            (Route::Record(of, id), Method::Patch) => {
                self.update_one(call, *of, (id, request.query("idProperty")), body)
            }
            (Route::Record(of, id), Method::Delete) => Ok(self.archive_one(call, *of, id)),
            (Route::BatchWrite(of, mode), Method::Post) => self.batch_write(call, *of, *mode, body),
            (Route::BatchRead(of), Method::Post) => self.batch_read(call, *of, request),
            (Route::BatchArchive(of), Method::Post) => self.batch_archive(call, *of, body),
            (Route::Search(of), Method::Post) => self.search(call, *of, body),
            (Route::Merge(of), Method::Post) => self.merge_call(call, *of, body),
            (Route::DefaultLink([a, b]), Method::Put) => self.link_default(call, (a.0, &a.1), (b.0, &b.1)),
            (Route::Link([a, b]), Method::Put) => self.link_one(call, (a.0, &a.1), (b.0, &b.1)),
            (Route::Link([a, b]), Method::Delete) => Ok(self.unlink_one((a.0, &a.1), (b.0, &b.1))),
            (Route::LinksOf(from, id, to), Method::Get) => self.links_of(call, (*from, id), *to, request),
            (Route::LinkBatch(from, to, kind), Method::Post) => match kind {
                LinkBatch::Create => self.link_batch(call, (*from, *to), true, body),
                LinkBatch::Default => self.link_batch(call, (*from, *to), false, body),
                LinkBatch::Read => self.links_read(call, (*from, *to), body),
                LinkBatch::Archive => self.unlink_batch(call, (*from, *to), body),
            },
            (Route::Labels(from, to), Method::Get) => Ok(labels(*from, *to)),
            _ => Err(Refusal::new(405, "METHOD_NOT_ALLOWED", "HTTP 405 Method Not Allowed")),
        }
    }

    /// E17.
    fn lacks_scope(&self, route: &Route<'_>, method: Method) -> Option<Refusal> {
        let held = self.settings.profile.scopes.as_ref()?;
        let needed = route.scopes(method);
        if needed.is_empty() || needed.iter().any(|scope| held.contains(scope)) {
            return None;
        }
        let message = "This app hasn't been granted all required scopes to make this call.";
        Some(Refusal::new(403, "MISSING_SCOPES", message).context("requiredGranularScopes", needed))
    }

    fn count(&mut self, call: &Call, route: &Route<'_>, method: Method, answer: &Answer) {
        let whole = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        let counters = &mut self.counters;
        counters.calls += 1;
        counters.writing += u64::from(route.writes(method));
        counters.created += call.created;
        counters.repeated_writes += call.repeated;
        counters.repeated_links += call.repeated_links;
        let limit = route.inputs().map(whole);
        let name = format!("{} {}", method.as_str(), route.name());
        let fresh = RouteCount { limit, ..RouteCount::default() };
        let of = counters.routes.entry(name).or_insert(fresh);
        of.calls += 1;
        of.inputs += whole(call.inputs);
        of.failed += u64::from(answer.cut || !(200..300).contains(&answer.done.status));
        if let Route::Search(object) = route {
            self.searched[slot(*object)] = true;
        }
        if let Route::Records(object) | Route::BatchWrite(object, _) = route {
            counters.creates_after_search += u64::from(call.created > 0 && self.searched[slot(*object)]);
        }
    }

    /// The counters with what is measured at the time of asking.
    pub(super) fn counted(&self) -> Counters {
        Counters {
            peak: self.meters.peak(Bucket::Objects),
            association_peak: self.meters.peak(Bucket::Associations),
            duplicates: self.stores.iter().map(Store::duplicates).sum(),
            ..self.counters.clone()
        }
    }

    pub(super) fn reset_counters(&mut self) {
        self.counters = Counters::default();
        self.meters.reset_peaks();
        self.searched = [false; 3];
    }

    /// A UUID of this portal's own sequence.
    fn correlation(&self) -> String {
        let wide = u128::from(self.random.draw()) << 64 | u128::from(self.random.draw());
        uuid::Builder::from_random_bytes(wide.to_be_bytes()).into_uuid().to_string()
    }
}

/// Body of a proxy's error page: no JSON.
const GATEWAY: &[u8] = b"<html><head><title>Gateway error</title></head><body></body></html>";

fn gateway(random: &SeededRandom) -> Done {
    let status = match random.draw() % 4 {
        0 => 502,
        1 => 503,
        2 => 504,
        _ => 524,
    };
    Done { status, body: GATEWAY.to_vec() }
}

fn error(refusal: &Refusal, correlation: &str) -> Done {
    Done { status: refusal.status, body: refusal.body(correlation) }
}

fn finish(answer: Answer, mut headers: Vec<(&'static str, String)>, correlation: String) -> Reply {
    let Answer { done: Done { status, body }, extra, delay, cut } = answer;
    let kind = if body.first() == Some(&b'<') { "text/html" } else { "application/json;charset=utf-8" };
    headers.push(("content-type", kind.to_owned()));
    headers.push(("x-hubspot-correlation-id", correlation));
    headers.extend(extra);
    Reply { status, headers, body, delay, cut }
}
