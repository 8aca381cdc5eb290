//! The real transport: reqwest over rustls with the ring provider.

use std::path::{Path, PathBuf};
use std::sync::Once;
use std::time::Duration;

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use secrecy::ExposeSecret;

use super::address::BaseUrl;
use super::transport::{Method, Request, Response, SendFuture, Transport, TransportError};

/// How the network is used; times from `reliability.md` 1b.
#[derive(Clone, Debug)]
pub struct NetworkSettings {
    /// Time to reach the server.
    pub connect: Duration,
    /// Time for a whole exchange, unless the request says otherwise.
    pub request: Duration,
    /// PEM file with further certificate authorities, trusted beside the system's own.
    pub extra_ca: Option<PathBuf>,
}

impl Default for NetworkSettings {
    fn default() -> Self {
        Self { connect: Duration::from_secs(10), request: Duration::from_mins(1), extra_ca: None }
    }
}

/// Why no client could be built.
#[derive(Debug, thiserror::Error)]
pub enum NetworkError {
    /// The file with certificate authorities cannot be read.
    #[error("cannot read certificate file {}: {source}", path.display())]
    ReadCa {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file holds no certificate.
    #[error("{} holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)", path.display())]
    NoCa {
        /// The file.
        path: PathBuf,
    },
    /// reqwest refuses its settings.
    #[error("cannot set up the network client (system certificates or proxy settings)")]
    Setup,
}

/// Talks to one server over the network: no redirects, no referer, no retries of its own; gzip; checks always on.
pub struct Network {
    client: reqwest::Client,
    base: BaseUrl,
    request: Duration,
}

impl Network {
    /// Builds the client for one server. A loopback address never goes through a proxy.
    ///
    /// # Errors
    /// [`NetworkError`] when the extra certificate file cannot be used or the client cannot be set up.
    pub fn new(base: BaseUrl, settings: &NetworkSettings) -> Result<Self, NetworkError> {
        let builder = builder(settings, base.is_loopback())?;
        // The error's text may hold a proxy address with a password, so it stays here.
        let client = builder.build().map_err(|_| NetworkError::Setup)?;
        Ok(Self { client, base, request: settings.request })
    }

    async fn exchange(&self, request: &Request) -> Result<Response, TransportError> {
        let method = match request.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Patch => reqwest::Method::PATCH,
            Method::Put => reqwest::Method::PUT,
            Method::Delete => reqwest::Method::DELETE,
        };
        let mut builder = self
            .client
            .request(method, self.base.join(&request.path, &request.query))
            .timeout(request.timeout.unwrap_or(self.request))
            .header(ACCEPT, HeaderValue::from_static("application/json"));
        if let Some(secret) = &request.authorization {
            let mut value = HeaderValue::from_str(secret.expose_secret()).map_err(|_| TransportError::Unsendable)?;
            value.set_sensitive(true);
            builder = builder.header(AUTHORIZATION, value);
        }
        if let Some(body) = &request.body {
            builder = builder.header(CONTENT_TYPE, HeaderValue::from_static("application/json")).body(body.to_vec());
        }
        let response = builder.send().await.map_err(|error| failure(&error))?;
        let status = response.status().as_u16();
        let headers = response
            .headers()
            .iter()
            .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
            .collect();
        let body = response.bytes().await.map_err(|error| failure(&error))?;
        Ok(Response { status, headers, body: body.into() })
    }
}

impl Transport for Network {
    fn send<'a>(&'a self, request: &'a Request) -> SendFuture<'a> {
        Box::pin(self.exchange(request))
    }
}

/// What all clients have in common: no redirects, no referer, no retries, gzip, checks; this machine without a proxy.
pub(super) fn builder(settings: &NetworkSettings, loopback: bool) -> Result<reqwest::ClientBuilder, NetworkError> {
    install_provider();
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("ivohub/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .retry(reqwest::retry::never())
        .gzip(true)
        .tcp_nodelay(true)
        .connect_timeout(settings.connect)
        .https_only(!loopback);
    if loopback {
        builder = builder.no_proxy();
    }
    if let Some(path) = &settings.extra_ca {
        builder = builder.tls_certs_merge(read_certificates(path)?);
    }
    Ok(builder)
}

/// Keeps the kind and drops the text, which holds the URL.
pub(super) fn failure(error: &reqwest::Error) -> TransportError {
    if error.is_connect() {
        TransportError::Unreachable
    } else if error.is_builder() {
        TransportError::Unsendable
    } else if error.is_timeout() {
        TransportError::Timeout
    } else {
        TransportError::Cut
    }
}

fn read_certificates(path: &Path) -> Result<Vec<reqwest::Certificate>, NetworkError> {
    let pem = std::fs::read(path).map_err(|source| NetworkError::ReadCa { path: path.to_owned(), source })?;
    let found = reqwest::Certificate::from_pem_bundle(&pem).unwrap_or_default();
    if found.is_empty() { Err(NetworkError::NoCa { path: path.to_owned() }) } else { Ok(found) }
}

/// rustls has no provider of its own with these features; without this `build()` fails.
fn install_provider() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // Somebody else in the process may have installed one before; then theirs is used.
        drop(rustls::crypto::ring::default_provider().install_default());
    });
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    /// Answers one connection with `reply` and returns what was asked.
    async fn once(reply: &'static [u8]) -> (BaseUrl, tokio::task::JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let base = BaseUrl::parse(&format!("http://{}", listener.local_addr().expect("bound"))).expect("loopback");
        let asked = tokio::spawn(async move {
            let (mut socket, _) = listener.accept().await.expect("a client");
            let mut buffer = vec![0; 4096];
            let read = socket.read(&mut buffer).await.expect("a request");
            socket.write_all(reply).await.expect("a reader");
            String::from_utf8_lossy(&buffer[..read]).into_owned()
        });
        (base, asked)
    }

    fn get(path: &str) -> Request {
        Request {
            method: Method::Get,
            route: "/x".into(),
            path: path.to_owned(),
            query: Vec::new(),
            authorization: Some(std::sync::Arc::new(secrecy::SecretString::from("Bearer t"))),
            body: None,
            timeout: None,
        }
    }

    #[tokio::test]
    async fn a_redirect_is_an_answer_and_is_not_followed() {
        let reply = b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n";
        let (base, asked) = once(reply).await;
        let network = Network::new(base, &NetworkSettings::default()).expect("a client");
        let response = network.send(&get("/x")).await.expect("an answer");
        assert_eq!(response.status, 302);
        let asked = asked.await.expect("the server ran").to_lowercase();
        assert!(asked.contains("authorization: bearer t") && asked.contains("accept-encoding: gzip"), "{asked}");
        assert!(!asked.contains("referer"), "{asked}");
    }

    #[tokio::test]
    async fn what_was_not_sent_is_told_from_what_was_cut() {
        let (base, asked) = once(b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\nhalf").await;
        let network = Network::new(base, &NetworkSettings::default()).expect("a client");
        assert_eq!(network.send(&get("/x")).await, Err(TransportError::Cut));
        asked.await.expect("the server ran");
        assert_eq!(network.send(&get("/x")).await, Err(TransportError::Unreachable), "the listener is gone");
    }

    #[test]
    fn a_certificate_file_without_certificate_is_refused() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let settings = NetworkSettings { extra_ca: Some(file.path().to_owned()), ..NetworkSettings::default() };
        let base = BaseUrl::parse("https://localhost").expect("an address");
        assert!(matches!(Network::new(base, &settings), Err(NetworkError::NoCa { .. })));
    }
}
