//! What comes in and what goes out, whatever carries it.

use std::fmt;
use std::time::Duration;

use crate::http::Method;

/// One request as it reached the server.
#[derive(Clone)]
pub struct Request {
    /// Method; `None` for one that [`Method`] does not know.
    pub method: Option<Method>,
    /// Path from the server's root.
    pub path: String,
    /// Query parameters, decoded.
    pub query: Vec<(String, String)>,
    /// The `Authorization` header.
    pub authorization: Option<String>,
}

impl Request {
    /// The first value of a query parameter.
    pub(super) fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(have, _)| have == name).map(|(_, value)| value.as_str())
    }
}

/// Method only: path and query hold secrets.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} request", self.method.map_or("other", Method::as_str))
    }
}

/// How an exchange ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ending {
    /// With the answer.
    #[default]
    Answered,
    /// The connection breaks instead of carrying the answer.
    Cut,
    /// There is no connection at all.
    Refused,
}

/// The server's answer, and what happens to it on the way.
#[derive(Clone, PartialEq, Eq)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Headers, their names in lower case.
    pub headers: Vec<(&'static str, String)>,
    /// Body.
    pub body: Vec<u8>,
    /// How long the answer takes.
    pub delay: Duration,
    /// How the exchange ends.
    pub ending: Ending,
}

impl Reply {
    /// An answer with a body of this type.
    pub(super) fn of(status: u16, kind: &str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            headers: vec![("content-type", kind.to_owned())],
            body: body.into(),
            delay: Duration::ZERO,
            ending: Ending::Answered,
        }
    }

    pub(super) fn json(status: u16, body: &serde_json::Value) -> Self {
        Self::of(status, "application/json; charset=utf-8", body.to_string())
    }

    /// `{"message": …}`, as the framework words it.
    pub(super) fn message(status: u16, text: &str) -> Self {
        Self::json(status, &serde_json::json!({"message": text}))
    }

    pub(super) fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new(), delay: Duration::ZERO, ending: Ending::Answered }
    }

    pub(super) fn no_answer(ending: Ending) -> Self {
        Self { ending, ..Self::empty(0) }
    }

    /// Whether the answer arrives, says 2xx and is what was asked for.
    pub(super) fn is_success(&self) -> bool {
        self.ending == Ending::Answered && matches!(self.status, 200..=299)
    }
}

/// Status and size only.
impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "status {}, {} bytes, {:?}", self.status, self.body.len(), self.ending)
    }
}
