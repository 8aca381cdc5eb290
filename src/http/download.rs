//! Fetches one file by a link: follows redirects, but only to hosts that are allowed, and never reads more than a cap.
//!
//! The only client that follows redirects at all: services that publish sheets answer with one to another of their
//! hosts. A link may be a secret (whoever knows it can read the sheet), so nothing here shows more than its host.

use std::time::Duration;

use reqwest::Url;
use reqwest::header::{CONTENT_TYPE, LOCATION};

use super::network::{NetworkError, NetworkSettings, builder, failure};
use super::transport::TransportError;

/// How often a redirect is followed.
const HOPS: usize = 5;

/// Where a download may go and how much it may bring.
#[derive(Clone, Debug)]
pub struct DownloadRules {
    /// Hosts; one that begins with a dot stands for all below it.
    pub hosts: Vec<String>,
    /// Whether this machine is allowed too, in plain http: simulators and tests.
    pub loopback: bool,
    /// Largest answer in bytes.
    pub most: usize,
    /// How long it may take, redirects included.
    pub time: Duration,
}

/// What came.
#[derive(Clone, PartialEq, Eq)]
pub struct Downloaded {
    /// The bytes.
    pub body: Vec<u8>,
    /// What the server calls their kind (`text/csv; charset=utf-8`).
    pub kind: Option<String>,
    /// The host of the link.
    pub host: String,
}

/// Why nothing came. Names hosts only, never a link.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DownloadError {
    /// Not an absolute link.
    #[error("the link is no URL; expected a form like https://docs.google.com/…")]
    Form,
    /// Plain http, or anything else that is not https.
    #[error("the link to {host} does not begin with https://")]
    Scheme {
        /// The host.
        host: String,
    },
    /// A host that is not allowed.
    #[error("links to {host} are not followed")]
    Host {
        /// The host.
        host: String,
    },
    /// A redirect to a host that is not allowed: a login page, as a rule.
    #[error("{host} redirects to {to}, which is not followed")]
    Redirect {
        /// Who redirects.
        host: String,
        /// Where to.
        to: String,
    },
    /// Too many redirects, or one that leads nowhere.
    #[error("{host} redirects in circles or to nowhere")]
    Circle {
        /// The host.
        host: String,
    },
    /// Any other status than success.
    #[error("{host} answers with status {status}")]
    Status {
        /// The host.
        host: String,
        /// The status.
        status: u16,
    },
    /// The answer is larger than allowed.
    #[error("{host} sends more than {most} bytes")]
    Large {
        /// The host.
        host: String,
        /// The cap.
        most: usize,
    },
    /// No answer.
    #[error("{host}: {error}")]
    Transport {
        /// The host.
        host: String,
        /// What went wrong.
        error: TransportError,
    },
}

/// A client for downloads.
pub struct Download {
    outside: reqwest::Client,
    here: reqwest::Client,
    rules: DownloadRules,
}

impl Download {
    /// Builds the client. Certificates and proxy are those of the network settings.
    ///
    /// # Errors
    /// [`NetworkError`] as for any client.
    pub fn new(rules: DownloadRules, network: &NetworkSettings) -> Result<Self, NetworkError> {
        let build = |loopback: bool| builder(network, loopback)?.build().map_err(|_| NetworkError::Setup);
        Ok(Self { outside: build(false)?, here: build(true)?, rules })
    }

    /// Fetches one link.
    ///
    /// # Errors
    /// [`DownloadError`]; the first link and every redirect have to keep the rules.
    pub async fn fetch(&self, link: &str) -> Result<Downloaded, DownloadError> {
        let url = Url::parse(link.trim()).map_err(|_| DownloadError::Form)?;
        let host = host_of(&url);
        let late = DownloadError::Transport { host: host.clone(), error: TransportError::Timeout };
        tokio::time::timeout(self.rules.time, self.follow(url, host)).await.unwrap_or(Err(late))
    }

    async fn follow(&self, mut url: Url, first: String) -> Result<Downloaded, DownloadError> {
        self.allows(&url)?;
        for _ in 0..=HOPS {
            let host = host_of(&url);
            let client = if is_loopback(&url) { &self.here } else { &self.outside };
            let error = |error: &reqwest::Error| DownloadError::Transport { host: host.clone(), error: failure(error) };
            let mut response = client.get(url.clone()).send().await.map_err(|cause| error(&cause))?;
            let status = response.status();
            if status.is_redirection() {
                let target = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
                let next = target.and_then(|target| url.join(target).ok());
                let next = next.ok_or_else(|| DownloadError::Circle { host: host.clone() })?;
                if self.allows(&next).is_err() {
                    return Err(DownloadError::Redirect { host, to: host_of(&next) });
                }
                url = next;
                continue;
            }
            if !status.is_success() {
                return Err(DownloadError::Status { host, status: status.as_u16() });
            }
            let kind = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).map(str::to_owned);
            let mut body = Vec::new();
            while let Some(chunk) = response.chunk().await.map_err(|cause| error(&cause))? {
                if body.len() + chunk.len() > self.rules.most {
                    return Err(DownloadError::Large { host, most: self.rules.most });
                }
                body.extend_from_slice(&chunk);
            }
            return Ok(Downloaded { body, kind, host: first });
        }
        Err(DownloadError::Circle { host: first })
    }

    fn allows(&self, url: &Url) -> Result<(), DownloadError> {
        let host = host_of(url);
        if self.rules.loopback && is_loopback(url) && ["http", "https"].contains(&url.scheme()) {
            return Ok(());
        }
        if url.scheme() != "https" {
            return Err(DownloadError::Scheme { host });
        }
        let listed = self.rules.hosts.iter().any(|rule| match rule.strip_prefix('.') {
            Some(_) => host.ends_with(rule.as_str()),
            None => host == *rule,
        });
        // Another port or a name in the link is not what a sheet is published under.
        if !listed || url.port().is_some() || !url.username().is_empty() || url.password().is_some() {
            return Err(DownloadError::Host { host });
        }
        Ok(())
    }
}

fn host_of(url: &Url) -> String {
    url.host_str().unwrap_or_default().to_ascii_lowercase()
}

fn is_loopback(url: &Url) -> bool {
    super::address::is_loopback(url.host_str().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    fn rules() -> DownloadRules {
        DownloadRules {
            hosts: vec!["docs.google.com".to_owned(), ".googleusercontent.com".to_owned()],
            loopback: true,
            most: 64,
            time: Duration::from_secs(20),
        }
    }

    /// Serves these answers one after the other; `{port}` in an answer is the own port.
    async fn serve(answers: Vec<String>) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("bound").port();
        tokio::spawn(async move {
            for answer in answers {
                let (mut socket, _) = listener.accept().await.expect("a client");
                let mut buffer = [0_u8; 4096];
                let _read = socket.read(&mut buffer).await;
                let answer = answer.replace("{port}", &port.to_string());
                let _gone = socket.write_all(answer.as_bytes()).await;
            }
        });
        port
    }

    fn ok(body: &str) -> String {
        format!(
            "HTTP/1.1 200 OK\r\ncontent-type: text/csv\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )
    }

    fn to(link: &str) -> String {
        format!("HTTP/1.1 307 Temporary Redirect\r\nlocation: {link}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n")
    }

    async fn get(answers: Vec<String>) -> Result<Downloaded, DownloadError> {
        let port = serve(answers).await;
        let client = Download::new(rules(), &NetworkSettings::default()).expect("a client");
        client.fetch(&format!("http://127.0.0.1:{port}/pub?gid=secret")).await
    }

    #[tokio::test]
    async fn redirects_are_followed_within_the_list_only() {
        let here = "127.0.0.1".to_owned();
        let found = get(vec![to("http://127.0.0.1:{port}/next"), to("/x"), ok("a;b")]).await.expect("it came");
        assert_eq!((found.body, found.kind.as_deref(), &found.host), (b"a;b".to_vec(), Some("text/csv"), &here));
        for (link, host) in [
            ("https://accounts.google.com/ServiceLogin?continue=secret", "accounts.google.com"),
            ("https://docs.google.com.evil.example/", "docs.google.com.evil.example"),
            ("http://docs.google.com/", "docs.google.com"),
            ("file:///etc/passwd", ""),
        ] {
            let error = get(vec![to(link)]).await.map(|_| ()).expect_err("refused");
            assert_eq!(error, DownloadError::Redirect { host: here.clone(), to: host.to_owned() });
            assert!(!error.to_string().contains("secret"), "{error}");
        }
        let round = get(vec![to("/x"); 9]).await.map(|_| ());
        assert_eq!(round, Err(DownloadError::Circle { host: here }));
    }

    #[tokio::test]
    async fn size_and_status_are_looked_at() {
        let host = || "127.0.0.1".to_owned();
        assert_eq!(
            get(vec![ok(&"x".repeat(65))]).await.map(|_| ()),
            Err(DownloadError::Large { host: host(), most: 64 })
        );
        assert!(get(vec![ok(&"x".repeat(64))]).await.is_ok());
        let gone = "HTTP/1.1 410 Gone\r\ncontent-length: 0\r\n\r\n".to_owned();
        assert_eq!(get(vec![gone]).await.map(|_| ()), Err(DownloadError::Status { host: host(), status: 410 }));
    }

    #[tokio::test]
    async fn links_keep_the_rules_before_anything_is_sent() {
        let client = Download::new(DownloadRules { loopback: false, ..rules() }, &NetworkSettings::default());
        let client = client.expect("a client");
        for (link, wanted) in [
            ("docs.google.com/x", DownloadError::Form),
            ("http://docs.google.com/x", DownloadError::Scheme { host: "docs.google.com".to_owned() }),
            ("https://docs.google.com:8443/x", DownloadError::Host { host: "docs.google.com".to_owned() }),
            ("https://user@docs.google.com/x", DownloadError::Host { host: "docs.google.com".to_owned() }),
            (
                "https://googleusercontent.com.example/x",
                DownloadError::Host { host: "googleusercontent.com.example".to_owned() },
            ),
            ("https://127.0.0.1/x", DownloadError::Host { host: "127.0.0.1".to_owned() }),
            ("http://127.0.0.1/x", DownloadError::Scheme { host: "127.0.0.1".to_owned() }),
        ] {
            assert_eq!(client.fetch(link).await.map(|_| ()), Err(wanted), "{link}");
        }
    }
}
