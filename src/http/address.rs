//! Which addresses may be talked to: https anywhere, plain http only to this machine.

use std::borrow::Cow;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr};

use reqwest::Url;

/// The checked address of a server: scheme, host, port and an optional path prefix.
#[derive(Clone, PartialEq, Eq)]
pub struct BaseUrl(Url);

/// Why an address is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Not an absolute URL.
    #[error("address is not a URL; expected a form like https://api.hubapi.com")]
    Form,
    /// Plain http to another machine.
    #[error("plain http is allowed to this machine only (127.0.0.1, localhost); use https")]
    PlainHttp,
    /// Neither https nor http.
    #[error("address must begin with https://")]
    Scheme,
    /// A user name, a password, a query or a fragment stands in the address.
    #[error("address must not hold a user name, a password, a query or a fragment")]
    Extras,
}

impl BaseUrl {
    /// Checks an address.
    ///
    /// # Errors
    /// [`AddressError`] names the rule that is broken, never the address itself, which may hold a secret.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let url = Url::parse(text.trim()).map_err(|_| AddressError::Form)?;
        if !url.username().is_empty() || url.password().is_some() || url.query().is_some() || url.fragment().is_some() {
            return Err(AddressError::Extras);
        }
        if url.host_str().is_none_or(str::is_empty) {
            return Err(AddressError::Form);
        }
        let base = Self(url);
        match base.0.scheme() {
            "https" => Ok(base),
            "http" if base.is_loopback() => Ok(base),
            "http" => Err(AddressError::PlainHttp),
            _ => Err(AddressError::Scheme),
        }
    }

    /// Whether the host is this machine: `localhost`, `127.0.0.0/8` or `::1`.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        is_loopback(self.0.host_str().unwrap_or_default())
    }

    /// The full URL of `path` (which begins with `/`) and `query`.
    pub(super) fn join(&self, path: &str, query: &[(Cow<'static, str>, String)]) -> Url {
        let mut url = self.0.clone();
        let prefix = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{prefix}{path}"));
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }
}

/// Whether a host is this machine.
pub(super) fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    match address {
        Ok(IpAddr::V4(v4)) => v4.is_loopback(),
        Ok(IpAddr::V6(v6)) => v6.is_loopback() || v6.to_ipv4_mapped().is_some_and(|v4: Ipv4Addr| v4.is_loopback()),
        Err(_) => host.eq_ignore_ascii_case("localhost"),
    }
}

/// Scheme, host and port only: the path may hold a secret.
impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.0.scheme(), self.0.host_str().unwrap_or_default())?;
        self.0.port().map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

impl fmt::Debug for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, wanted: Result<bool, AddressError>) {
        let found = BaseUrl::parse(text).map(|base| base.is_loopback());
        assert!(found == wanted, "{text}: {found:?}");
        drop(wanted);
    }

    #[test]
    fn plain_http_stays_on_this_machine() {
        check("https://api.hubapi.com", Ok(false));
        check("https://127.0.0.1:8443", Ok(true));
        check("http://127.0.0.1:4810", Ok(true));
        check("http://localhost:4810/", Ok(true));
        check("http://[::1]:4810", Ok(true));
        check("http://api.hubapi.com", Err(AddressError::PlainHttp));
        check("http://127.0.0.1.evil.example", Err(AddressError::PlainHttp));
        check("http://localhost.evil.example", Err(AddressError::PlainHttp));
        check("ftp://127.0.0.1", Err(AddressError::Scheme));
        check("https://user:secret@api.hubapi.com", Err(AddressError::Extras));
        check("https://api.hubapi.com/?api_key=x", Err(AddressError::Extras));
        check("api.hubapi.com", Err(AddressError::Form));
        check("", Err(AddressError::Form));
    }

    #[test]
    fn a_path_never_shows() {
        for (text, wanted) in [
            ("https://relay.example/relay/link-1/webservice/api", "https://relay.example"),
            ("https://relay.example:8443/link-1/", "https://relay.example:8443"),
            ("http://[::1]:4810/link-1", "http://[::1]:4810"),
        ] {
            let base = BaseUrl::parse(text).expect("an address");
            assert_eq!((base.to_string(), format!("{base:?}")), (wanted.to_owned(), wanted.to_owned()));
        }
    }

    #[test]
    fn paths_and_queries_are_encoded() {
        let base = BaseUrl::parse("https://relay.example/ivoris/").expect("an address");
        let url = base.join("/crm/objects", &[("properties".into(), "a,b c".to_owned())]);
        assert_eq!(url.as_str(), "https://relay.example/ivoris/crm/objects?properties=a%2Cb+c");
    }
}
