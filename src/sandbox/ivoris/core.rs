//! One request from the base path to the answer: installation, script, opening hours, credentials, load, faults, route.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::http::{Method, SeededRandom};

use super::answer::{Asked, is_there};
use super::change::{Event, When};
use super::counters::{Counters, Log, Logged};
use super::data::Data;
use super::exchange::{Ending, Reply, Request};
use super::faults::{Dice, Fault, Faults, gateway_timeout};
use super::oddities;
use super::route::{Route, route};
use super::settings::{Credentials, Settings};
use super::times;

/// The practice without locks and without I/O.
pub(super) struct Core {
    pub(super) settings: Settings,
    pub(super) data: Data,
    pub(super) faults: Faults,
    pub(super) counters: Counters,
    pub(super) log: Log,
    pub(super) script: Vec<Event>,
    dice: Dice,
    random: SeededRandom,
    /// Requests and calls since the beginning, whatever is reset: scripts count by them.
    requests: u64,
    calls: std::collections::BTreeMap<(String, &'static str), u64>,
}

/// What is known about a request when it is written down.
#[derive(Default)]
struct Noted {
    installation: Option<String>,
    action: Option<&'static str>,
    params: Vec<(&'static str, String)>,
    id: Option<String>,
    fault: Option<&'static str>,
    rows: usize,
}

/// Parameters whose values may be written down.
const SAFE: [&str; 7] = ["page", "begin", "end", "since", "mandantIndex", "entryType", "profileId"];

impl Core {
    pub(super) fn new(settings: Settings, mut data: Data) -> Self {
        oddities::add(&mut data, &settings);
        Self {
            random: SeededRandom::new(settings.seed),
            settings,
            data,
            faults: Faults::none(),
            counters: Counters::default(),
            log: Log::default(),
            script: Vec::new(),
            dice: Dice::default(),
            requests: 0,
            calls: std::collections::BTreeMap::new(),
        }
    }

    /// Answers a request that arrives at `now`, with so many under way, itself included.
    pub(super) fn handle(&mut self, request: &Request, now: DateTime<Utc>, in_flight: u32) -> Reply {
        let mut noted = Noted::default();
        let reply = self.answer(request, now, in_flight, &mut noted);
        self.requests += 1;
        self.counters.requests += 1;
        self.counters.most_in_flight = self.counters.most_in_flight.max(in_flight);
        if let (Some(installation), Some(action)) = (&noted.installation, noted.action) {
            *self.calls.entry((installation.clone(), action)).or_default() += 1;
            let count = self.counters.routes.entry(format!("{installation} {action}")).or_default();
            count.calls += 1;
            let spoilt = noted.fault.is_some_and(|fault| fault != Fault::Slow.word());
            count.failed += u64::from(spoilt || !reply.is_success());
        }
        let Noted { installation, action, params, id, fault, rows } = noted;
        let method = request.method.map_or("other", Method::as_str);
        self.log.push(Logged { at: now, method, installation, action, params, id, status: reply.status, fault, rows });
        reply
    }

    fn answer(&mut self, request: &Request, now: DateTime<Utc>, in_flight: u32, noted: &mut Noted) -> Reply {
        if request.method != Some(Method::Get) {
            self.counters.not_get += 1;
            return Reply::message(405, "The requested resource does not support this method.");
        }
        let Some((installation, path)) = self.base(&request.path) else {
            self.counters.not_found += 1;
            return Reply::of(404, "text/plain", "unknown link");
        };
        noted.installation = Some(installation.clone());
        let found = route(path, &self.settings.names).filter(|(spec, _)| is_there(&self.settings, spec));
        noted.action = found.map(|(spec, _)| spec.action());
        self.go_on(now, &installation, noted.action);
        if let Some(closed) = self.faults.closed_at(now) {
            self.counters.closed += 1;
            return if closed.silent { Reply::no_answer(Ending::Refused) } else { Reply::empty(503) };
        }
        if let Some(refusal) = refusal(request, &self.settings.credentials) {
            self.counters.refused += 1;
            return refusal;
        }
        let Some((spec, in_path)) = found else {
            self.counters.not_found += 1;
            return Reply::message(404, "No HTTP resource was found that matches the request URI.");
        };
        let Some(home) = self.data.installation(&installation) else { return Reply::empty(404) };
        let asked = Asked { settings: &self.settings, installation: home, spec, request, in_path, now };
        let safe = SAFE.into_iter().filter(|name| spec.params.iter().any(|param| param.name == *name));
        noted.params = safe.filter_map(|name| Some((name, asked.param(name)?.to_owned()))).collect();
        noted.id = asked.id("patientId").or_else(|| asked.id("id"));
        let after = Duration::from_millis(self.settings.load.after_ms);
        if overloaded(&asked, in_flight) {
            self.counters.overload += 1;
            return gateway_timeout(after);
        }
        if unreadable(&asked, &self.faults, noted.id.as_deref()) {
            self.counters.unreadable += 1;
            return gateway_timeout(Duration::from_millis(self.faults.timeout_ms));
        }
        let fault = self.dice.draw(&mut self.faults, &self.random, spec.action());
        let (reply, rows) = asked.answer();
        noted.rows = rows;
        let lists = matches!(spec.gives, super::route::Gives::List(_));
        let reply = Reply { delay: self.settings.takes(rows, lists), ..reply };
        if fault == Fault::Nothing {
            return reply;
        }
        *self.counters.faults.entry(fault.word().to_owned()).or_default() += 1;
        noted.fault = Some(fault.word());
        fault.spoil(reply, &self.faults)
    }

    /// The installation that a path means, and the path within its API.
    fn base<'p>(&self, path: &'p str) -> Option<(String, &'p str)> {
        const API: &str = "/webservice/api";
        let (name, rest) = match path.strip_prefix("/relay/") {
            Some(rest) => {
                let (linkname, rest) = rest.split_once('/')?;
                let mut all = self.data.installations.iter().map(|one| one.name.as_str());
                (all.find(|name| self.settings.linkname(name) == linkname)?, rest)
            }
            None => (self.data.installations.first()?.name.as_str(), path.strip_prefix('/')?),
        };
        let rest = rest.strip_prefix(API.trim_start_matches('/'))?;
        (rest.is_empty() || rest.starts_with('/')).then(|| (name.to_owned(), rest))
    }

    /// Makes the changes that are due.
    fn go_on(&mut self, now: DateTime<Utc>, installation: &str, action: Option<&str>) {
        let calls = |event: &Event, wanted: &str| {
            let of =
                |((have, name), _): &(&(String, &'static str), &u64)| *have == event.installation && *name == wanted;
            self.calls.iter().find(of).map_or(0, |(_, calls)| *calls)
        };
        let is_due = |event: &Event| match &event.when {
            When::At(at) => *at <= now,
            When::AfterRequests(requests) => *requests <= self.requests,
            When::AfterCalls { action: wanted, calls: wanted_calls } => {
                event.installation == installation && action == Some(wanted) && *wanted_calls <= calls(event, wanted)
            }
        };
        let (mut due, left): (Vec<Event>, Vec<Event>) =
            std::mem::take(&mut self.script).into_iter().partition(|event| is_due(event));
        self.script = left;
        let time = |event: &Event| if let When::At(at) = event.when { at } else { now };
        due.sort_by_key(time);
        for event in due {
            let at = times::local(time(&event));
            event.change.make(&mut self.data, &event.installation, at, self.settings.deletion_changes);
        }
    }
}

/// Why a request is not let in, if so: 401 for the Basic header, 403 for the keys of the application.
fn refusal(request: &Request, wanted: &Credentials) -> Option<Reply> {
    let basic = request.authorization.as_deref().and_then(|header| header.split_once(' '));
    let token = basic.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic")).map(|(_, token)| token.trim());
    if token != Some(base64(&format!("{}:{}", wanted.user, wanted.password)).as_str()) {
        let mut reply = Reply::message(401, "Authorization has been denied for this request.");
        reply.headers.push(("www-authenticate", "Basic".to_owned()));
        return Some(reply);
    }
    let keys = [("app", &wanted.app), ("app_version", &wanted.app_version), ("api_key", &wanted.key)];
    let fits = keys.iter().all(|(name, value)| request.query(name) == Some(value.as_str()));
    (!fits).then(|| Reply::message(403, "The application is not allowed to use this service."))
}

/// Standard base64 with padding (RFC 4648, section 4).
fn base64(text: &str) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut encoded = String::new();
    for chunk in text.as_bytes().chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for at in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * at) & 63) as usize];
            encoded.push(if at <= chunk.len() { char::from(letter) } else { '=' });
        }
    }
    encoded
}

/// Whether the server cannot keep up: too many at once, or a window too wide.
fn overloaded(asked: &Asked<'_>, in_flight: u32) -> bool {
    let load = asked.settings.load;
    if load.parallel.is_some_and(|most| in_flight > most) {
        return true;
    }
    // What comes in pages is bounded by them.
    let wide = asked.spec.route == Route::AllAppointments
        && asked.settings.window_dates
        && asked.settings.appointment_page.is_none();
    let Some(most) = load.days.filter(|_| wide) else { return false };
    match asked.window(true) {
        Ok((Some(from), Some(to))) => (to - from).num_days() >= i64::from(most),
        Ok(_) => true,
        Err(_) => false,
    }
}

/// Whether the request is for a day or a patient that cannot be read.
fn unreadable(asked: &Asked<'_>, faults: &Faults, id: Option<&str>) -> bool {
    /// Routes about one patient.
    const OF_PATIENT: [Route; 6] = [
        Route::Patient,
        Route::PatientAllAppointments,
        Route::PatientOnlineAppointments,
        Route::PatientAppointments,
        Route::DocumentEntries,
        Route::Entries,
    ];
    if asked.spec.route != Route::AllAppointments {
        return OF_PATIENT.contains(&asked.spec.route) && id.is_some_and(|id| faults.patients.contains(id));
    }
    let Ok((from, to)) = asked.window(asked.settings.window_dates) else { return false };
    faults.days.iter().any(|(installation, day)| {
        *installation == asked.installation.name
            && from.is_none_or(|from| from <= *day)
            && to.is_none_or(|to| *day <= to)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_the_standard() {
        for (text, wanted) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy"), ("ü:?", "w7w6Pw==")]
        {
            assert_eq!(base64(text), wanted);
        }
    }
}
