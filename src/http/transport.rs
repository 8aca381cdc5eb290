//! The boundary to the network: a request, an answer, and what can go wrong on the way.

use std::borrow::Cow;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;

/// HTTP methods in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Creates, and batch calls of any kind.
    Post,
    /// Changes in part.
    Patch,
    /// Replaces.
    Put,
    /// Removes.
    Delete,
}

impl Method {
    /// The method as it stands in a log line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Patch => "PATCH",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }
}

/// One request to the server a [`Transport`] belongs to.
#[derive(Clone)]
pub struct Request {
    /// Method.
    pub method: Method,
    /// Route template for logs and errors (`/crm/objects/{version}/{type}/batch/upsert`): never holds a value.
    pub route: Cow<'static, str>,
    /// Path from the server's root, percent-encoded where needed.
    pub path: String,
    /// Query parameters, not yet encoded.
    pub query: Vec<(Cow<'static, str>, String)>,
    /// Value of `Authorization`.
    pub authorization: Option<Arc<SecretString>>,
    /// JSON body.
    pub body: Option<Arc<[u8]>>,
    /// How long the whole exchange may take; `None` takes the transport's own limit.
    pub timeout: Option<Duration>,
}

/// Method and route only: path, query and body may hold personal data and keys.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method.as_str(), self.route)
    }
}

/// An answer, whatever its status.
#[derive(Clone, PartialEq, Eq)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// Headers with their names in lower case.
    pub headers: Vec<(String, String)>,
    /// The whole body, decompressed.
    pub body: Vec<u8>,
}

impl Response {
    /// The first header called `name` (in lower case).
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(have, _)| have == name).map(|(_, value)| value.as_str())
    }

    /// The header `name` as a whole number.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<u64> {
        self.header(name)?.trim().parse().ok()
    }

    /// Whether the status is 200 to 299.
    #[must_use]
    pub const fn is_success(&self) -> bool {
        matches!(self.status, 200..=299)
    }
}

/// Status and sizes only.
impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "status {}, {} headers, {} bytes", self.status, self.headers.len(), self.body.len())
    }
}

/// Why there is no answer. Holds no URL and no text from the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// No connection: name not found, refused, TLS not accepted, connect timeout. The request was certainly not sent.
    #[error("no connection (name, port, certificate or proxy)")]
    Unreachable,
    /// The time for the exchange ran out; the request may have been carried out.
    #[error("no answer in time")]
    Timeout,
    /// The connection broke after the request began; it may have been carried out.
    #[error("connection cut before the answer was complete")]
    Cut,
    /// The request could not be built; a bug or a value that no header can hold.
    #[error("request could not be built")]
    Unsendable,
}

impl TransportError {
    /// Whether the server certainly never saw the request.
    #[must_use]
    pub const fn is_unsent(self) -> bool {
        matches!(self, Self::Unreachable | Self::Unsendable)
    }
}

/// What [`Transport::send`] returns.
pub type SendFuture<'a> = Pin<Box<dyn Future<Output = Result<Response, TransportError>> + Send + 'a>>;

/// Sends one request and waits for the whole answer. No retries, no redirects, no decisions.
pub trait Transport: Send + Sync {
    /// Sends `request`.
    fn send<'a>(&'a self, request: &'a Request) -> SendFuture<'a>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_neither_query_nor_body_nor_key() {
        let request = Request {
            method: Method::Post,
            route: "/crm/{version}".into(),
            path: "/crm/Eva".to_owned(),
            query: vec![("api_key".into(), "k-123".to_owned())],
            authorization: Some(Arc::new(SecretString::from("Bearer pat-1"))),
            body: Some(Arc::from(&b"Eva"[..])),
            timeout: None,
        };
        assert_eq!(format!("{request:?}"), "POST /crm/{version}");
        let response =
            Response { status: 200, headers: vec![("x".to_owned(), "Eva".to_owned())], body: b"Eva".to_vec() };
        assert_eq!(format!("{response:?}"), "status 200, 1 headers, 3 bytes");
    }
}
