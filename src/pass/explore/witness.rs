//! What really came over the line: times without the client's own pauses, statuses it makes one answer of, and, where
//! fixtures are wanted, the fullest answer of each route.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

use crate::http::{Request, Response, SendFuture, Transport, TransportError};

/// A transport that looks on.
pub struct Witness {
    inner: Arc<dyn Transport>,
    keep: bool,
    seen: Mutex<Seen>,
    failure: tokio::sync::Notify,
}

#[derive(Default)]
struct Seen {
    exchanges: Vec<Exchange>,
    count: u64,
    kept: BTreeMap<String, Kept>,
}

/// One exchange. Holds nothing of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// Path template of the route.
    pub route: String,
    /// How long it took.
    pub time: Duration,
    /// Status and form of the answer, or why there is none.
    pub answer: Result<(u16, Form), TransportError>,
}

/// The form of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// No body.
    Nothing,
    /// `null`
    Null,
    /// `[]`
    NoRows,
    /// A list with so many rows, bare or in an envelope.
    Rows(u64),
    /// An object.
    Record,
    /// A text that says that something could not be found, in whatever it is wrapped.
    CouldNotBeFound,
    /// Another JSON value.
    Text,
    /// A web page.
    Html,
    /// Something else.
    Other,
}

/// The fullest answer of a route. Not `Debug`: it holds records until they are masked.
pub(super) struct Kept {
    pub(super) names: Vec<String>,
    pub(super) content_type: Option<String>,
    pub(super) body: Value,
    size: usize,
}

impl Witness {
    /// Looks on at `inner`; keeps answers only where fixtures are wanted.
    #[must_use]
    pub fn new(inner: Arc<dyn Transport>, keep: bool) -> Arc<Self> {
        Arc::new(Self { inner, keep, seen: Mutex::default(), failure: tokio::sync::Notify::new() })
    }

    /// Exchanges so far.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.lock().count
    }

    /// Waits for the next exchange that fails: who wants to ask only once does not wait for the client's repeats.
    pub(super) fn failure(&self) -> tokio::sync::futures::Notified<'_> {
        self.failure.notified()
    }

    /// The exchanges since the last time this was asked.
    pub(super) fn news(&self) -> Vec<Exchange> {
        std::mem::take(&mut self.lock().exchanges)
    }

    /// The fullest answer of each route, by its path template.
    pub(super) fn kept(&self) -> BTreeMap<String, Kept> {
        std::mem::take(&mut self.lock().kept)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn look(&self, request: &Request, time: Duration, answer: &Result<Response, TransportError>) {
        let json = answer.as_ref().ok().and_then(|response| parse(&response.body));
        let form = answer.as_ref().map(|response| (response.status, form(&response.body, json.as_ref())));
        if !matches!(&form, Ok((200..=299, _))) {
            self.failure.notify_waiters();
        }
        let mut seen = self.lock();
        seen.count += 1;
        let route = request.route.clone().into_owned();
        seen.exchanges.push(Exchange { route: route.clone(), time, answer: form.map_err(|error| *error) });
        let (true, Ok(response), Some(body)) = (self.keep, answer, json) else { return };
        let size = response.body.len();
        if !response.is_success() || seen.kept.get(&route).is_some_and(|kept| kept.size >= size) {
            return;
        }
        let names = request.query.iter().map(|(name, _)| name.clone().into_owned()).collect();
        let content_type = response.header("content-type").map(str::to_owned);
        seen.kept.insert(route, Kept { names, content_type, body, size });
    }
}

impl Transport for Witness {
    fn send<'a>(&'a self, request: &'a Request) -> SendFuture<'a> {
        Box::pin(async move {
            let begun = Instant::now();
            let answer = self.inner.send(request).await;
            self.look(request, begun.elapsed(), &answer);
            answer
        })
    }
}

fn parse(body: &[u8]) -> Option<Value> {
    serde_json::from_slice(body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body)).ok()
}

fn form(body: &[u8], json: Option<&Value>) -> Form {
    let text = String::from_utf8_lossy(body.get(..body.len().min(2_000)).unwrap_or_default()).to_lowercase();
    let text = text.trim_start_matches('\u{feff}').trim();
    let gone = text.contains("could not be found");
    match json {
        Some(Value::Null) => Form::Null,
        Some(Value::Array(rows)) if rows.is_empty() => Form::NoRows,
        Some(Value::Array(rows)) => Form::Rows(rows.len() as u64),
        Some(Value::Object(object)) => {
            let mut lists = object.values().filter_map(Value::as_array);
            match (lists.next(), lists.next()) {
                (Some(rows), None) if rows.is_empty() => Form::NoRows,
                (Some(rows), None) => Form::Rows(rows.len() as u64),
                _ if gone => Form::CouldNotBeFound,
                _ => Form::Record,
            }
        }
        Some(_) if gone => Form::CouldNotBeFound,
        Some(_) => Form::Text,
        None if text.is_empty() => Form::Nothing,
        None if gone => Form::CouldNotBeFound,
        None if text.starts_with('<') => Form::Html,
        None => Form::Other,
    }
}

impl Form {
    /// In a word or two.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Nothing => "no body",
            Self::Null => "null",
            Self::NoRows => "[]",
            Self::Rows(_) => "rows",
            Self::Record => "an object",
            Self::CouldNotBeFound => "\"could not be found\"",
            Self::Text => "a text",
            Self::Html => "a web page",
            Self::Other => "something that is not JSON",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_have_forms() {
        for (body, wanted) in [
            ("", Form::Nothing),
            (" null", Form::Null),
            ("[]", Form::NoRows),
            ("\u{feff}[1,2]", Form::Rows(2)),
            ("{\"items\":[]}", Form::NoRows),
            ("{\"items\":[1]}", Form::Rows(1)),
            ("{\"Id\":1}", Form::Record),
            ("{\"message\":\"The patient with Id x could not be found.\"}", Form::CouldNotBeFound),
            ("\"The patient with Id x could not be found.\"", Form::CouldNotBeFound),
            ("The patient with Id x could not be found.", Form::CouldNotBeFound),
            ("\"2026-11-23\"", Form::Text),
            ("<html>", Form::Html),
            ("[1,", Form::Other),
        ] {
            assert_eq!(form(body.as_bytes(), parse(body.as_bytes()).as_ref()), wanted, "{body}");
        }
    }
}
