//! Somebody who asks the practice: requests with credentials, answers as JSON.

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::http::Method;
use crate::sandbox::ivoris::{APP, APP_VERSION, Data, KEY, Practice, Reply, Request, Settings};

/// Basic header of the sandbox's own user.
pub(super) const BASIC: &str = "Basic aXZvaHViOnNhbmRib3gtcGFzc3dvcmQ=";

/// The day after the export.
pub(super) fn today() -> DateTime<Utc> {
    "2026-11-24T08:00:00Z".parse().expect("a time")
}

/// A request with the right credentials, below the relay of `nord` unless the path says otherwise.
pub(super) fn request(path: &str, query: &[(&str, &str)]) -> Request {
    let full = if path.starts_with("/relay") { path.to_owned() } else { format!("/relay/nord/webservice/api{path}") };
    let keys = [("app", APP), ("app_version", APP_VERSION), ("api_key", KEY)];
    let query = keys.iter().chain(query).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Request { method: Some(Method::Get), path: full, query, authorization: Some(BASIC.to_owned()) }
}

/// The samples under these settings.
pub(super) fn samples(settings: Settings) -> Practice {
    Practice::new(settings, Data::samples())
}

/// Asks and takes whatever comes.
pub(super) fn ask(practice: &Practice, path: &str, query: &[(&str, &str)]) -> Reply {
    practice.handle(&request(path, query), today())
}

/// Asks for JSON and gets it.
pub(super) fn get(practice: &Practice, path: &str, query: &[(&str, &str)]) -> Value {
    let reply = ask(practice, path, query);
    assert_eq!(reply.status, 200, "{path} {query:?}: {}", String::from_utf8_lossy(&reply.body));
    serde_json::from_slice(&reply.body).expect("JSON")
}

/// Asks for a list and gets it.
pub(super) fn list(practice: &Practice, path: &str, query: &[(&str, &str)]) -> Vec<Value> {
    get(practice, path, query).as_array().expect("an array").clone()
}

/// The trimmed text of a field; what is not there is empty.
pub(super) fn text<'v>(record: &'v Value, field: &str) -> &'v str {
    record.get(field).and_then(Value::as_str).unwrap_or_default().trim()
}

/// All pages of a list, to the first empty one.
pub(super) fn pages(practice: &Practice, path: &str, query: &[(&str, &str)]) -> Vec<Value> {
    let mut all = Vec::new();
    for page in 0.. {
        let page = page.to_string();
        let rows = list(practice, path, &[query, &[("page", &page)]].concat());
        if rows.is_empty() {
            break;
        }
        all.extend(rows);
    }
    all
}
