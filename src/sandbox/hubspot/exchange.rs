//! What comes in and what goes out, whatever carries it.

use std::fmt;
use std::time::Duration;

use crate::http::Method;

/// One request as it reached the portal.
#[derive(Clone)]
pub struct Request {
    /// Method.
    pub method: Method,
    /// Path from the server's root, percent-encoded.
    pub path: String,
    /// Query parameters, decoded; a name may occur several times.
    pub query: Vec<(String, String)>,
    /// What follows `Bearer ` in the `Authorization` header.
    pub bearer: Option<String>,
    /// JSON body, or nothing.
    pub body: Vec<u8>,
}

impl Request {
    /// A request without query and body that carries `bearer`.
    #[must_use]
    pub fn new(method: Method, path: &str, bearer: &str) -> Self {
        let bearer = Some(bearer.to_owned());
        Self { method, path: path.to_owned(), query: Vec::new(), bearer, body: Vec::new() }
    }

    /// The first value of a query parameter.
    pub(super) fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(have, _)| have == name).map(|(_, value)| value.as_str())
    }

    /// All values of a list parameter, comma separated or repeated.
    pub(super) fn list(&self, name: &str) -> Vec<&str> {
        let values = self.query.iter().filter(|(have, _)| have == name).map(|(_, value)| value.as_str());
        values.flat_map(|value| value.split(',')).map(str::trim).filter(|value| !value.is_empty()).collect()
    }

    /// Whether archived records are asked for.
    pub(super) fn archived(&self) -> bool {
        self.query("archived") == Some("true")
    }
}

/// Method only: path, query and body may hold personal values.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} request of {} bytes", self.method.as_str(), self.body.len())
    }
}

/// The portal's answer, and what happens to it on the way.
#[derive(Clone, PartialEq, Eq)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Headers, their names in lower case.
    pub headers: Vec<(&'static str, String)>,
    /// Body; empty for 204.
    pub body: Vec<u8>,
    /// How long the answer takes.
    pub delay: Duration,
    /// The connection breaks instead of carrying the answer.
    pub cut: bool,
}

impl Reply {
    /// The header `name` (lower case).
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(have, _)| *have == name).map(|(_, value)| value.as_str())
    }
}

/// Status and size only.
impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cut = if self.cut { ", cut" } else { "" };
        write!(f, "status {}, {} bytes{cut}", self.status, self.body.len())
    }
}

/// What an endpoint did.
pub(super) struct Done {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
}

impl Done {
    pub(super) const fn empty() -> Self {
        Self { status: 204, body: Vec::new() }
    }

    pub(super) fn json(status: u16, body: &serde_json::Value) -> Self {
        Self { status, body: body.to_string().into_bytes() }
    }
}
