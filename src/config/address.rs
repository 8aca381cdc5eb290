//! Where an Ivoris installation answers: an address that may have a place for the linkname, which is a secret.

use std::fmt;

use crate::http::{AddressError, BaseUrl, percent_encoded};

/// Stands for the linkname in an address.
const PLACE: &str = "{linkname}";

/// Segments of the two known forms of an address (`ivoris-api.md` section 1); all others may be secrets.
const PLAIN: [&str; 4] = ["relay", PLACE, "webservice", "api"];

/// The checked address of one installation.
#[derive(Clone, PartialEq, Eq)]
pub struct Address(String);

/// Why an address is refused. Never holds the address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressProblem {
    /// As for every server.
    #[error(transparent)]
    Of(#[from] AddressError),
    /// A placeholder that nobody fills, or one that names the server.
    #[error("an address may hold {{linkname}} once, behind the server's name, and no other placeholder")]
    Place,
    /// The linkname itself stands in it.
    #[error("this address holds a linkname, and a linkname is a secret")]
    Linkname,
    /// `.` or `..`, which would be another address.
    #[error("this linkname is none")]
    NoLinkname,
}

impl Address {
    /// Checks an address, `https://relay.example/relay/{linkname}/webservice/api` or `https://praxis.intern/webservice/api`.
    ///
    /// # Errors
    /// [`AddressProblem`] names the rule that is broken.
    pub fn parse(text: &str) -> Result<Self, AddressProblem> {
        let text = text.trim();
        let rest = text.replacen(PLACE, "", 1);
        let server = text.split_once("://").map_or(text, |(_, rest)| rest).split('/').next().unwrap_or_default();
        if rest.contains(['{', '}']) || server.contains('{') {
            return Err(AddressProblem::Place);
        }
        let address = Self(text.to_owned());
        let base = address.base("linkname")?;
        let at_relay = address.segments().any(|segment| segment == "relay");
        if at_relay && !address.takes_linkname() && !base.is_loopback() {
            return Err(AddressProblem::Linkname);
        }
        Ok(address)
    }

    /// Whether a linkname is needed to know the address.
    #[must_use]
    pub fn takes_linkname(&self) -> bool {
        self.0.contains(PLACE)
    }

    /// The address with its linkname.
    ///
    /// # Errors
    /// When no such address can be.
    pub fn base(&self, linkname: &str) -> Result<BaseUrl, AddressProblem> {
        if [".", ".."].contains(&linkname) {
            return Err(AddressProblem::NoLinkname);
        }
        Ok(BaseUrl::parse(&self.0.replace(PLACE, &percent_encoded(linkname)))?)
    }

    /// Whether it is an address of this machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.base("linkname").is_ok_and(|base| base.is_loopback())
    }

    /// Parts of the path that may be secrets.
    pub(super) fn unusual(&self) -> impl Iterator<Item = &str> {
        self.segments().filter(|segment| !segment.is_empty() && !PLAIN.contains(segment))
    }

    fn segments(&self) -> impl Iterator<Item = &str> {
        let path = self.0.split_once("://").and_then(|(_, rest)| rest.split_once('/')).map_or("", |(_, path)| path);
        path.split('/')
    }
}

/// Scheme, host and port.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.base("linkname") {
            Ok(base) => base.fmt(f),
            Err(_) => f.write_str("…"), // checked when it was made
        }
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Any address as it may be shown: its path may be a secret.
pub(super) fn shown(text: &str) -> String {
    let cut = text.split_once("://").and_then(|(scheme, rest)| Some((scheme, rest.split_once('/')?)));
    match cut {
        Some((scheme, (server, path))) if !path.is_empty() => format!("{scheme}://{server}/…"),
        Some(_) | None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, wanted: Result<&str, AddressProblem>) {
        let found = Address::parse(text).map(|address| address.to_string());
        assert_eq!(found, wanted.map(str::to_owned), "{text}");
    }

    #[test]
    fn both_forms_pass_and_neither_holds_a_secret() {
        let relay = "https://relay.computer-konkret.de/relay/{linkname}/webservice/api";
        check(relay, Ok("https://relay.computer-konkret.de"));
        check("https://praxis-nord.intern:8443/webservice/api", Ok("https://praxis-nord.intern:8443"));
        check("http://127.0.0.1:4811/relay/nord/webservice/api", Ok("http://127.0.0.1:4811"));
        check("http://praxis-nord.intern/webservice/api", Err(AddressError::PlainHttp.into()));
        check("https://hubspot:x@praxis.intern/webservice/api", Err(AddressError::Extras.into()));
        check("https://praxis.intern/webservice/api?api_key=x", Err(AddressError::Extras.into()));
        check("praxis.intern", Err(AddressError::Form.into()));
        check("https://relay.example/relay/0f3a/webservice/api", Err(AddressProblem::Linkname));
        check("https://relay.example/relay/{name}/webservice/api", Err(AddressProblem::Place));
        check("https://{linkname}.example/webservice/api", Err(AddressProblem::Place));
        check("https://relay.example/{linkname}/{linkname}", Err(AddressProblem::Place));
    }

    #[test]
    fn a_linkname_stays_in_its_segment() {
        let address = Address::parse("https://relay.example/relay/{linkname}/webservice/api").expect("an address");
        assert!(address.takes_linkname() && !address.is_loopback());
        for (linkname, wanted) in [("0f3a-9b", "0f3a-9b"), ("a/../b?c=d", "a%2F..%2Fb%3Fc%3Dd"), ("ü+", "%C3%BC%2B")] {
            let base = address.base(linkname).expect("an address");
            let whole = BaseUrl::parse(&format!("https://relay.example/relay/{wanted}/webservice/api"));
            assert_eq!(Ok(base), whole.map_err(AddressProblem::from), "{linkname}");
        }
        assert_eq!(address.base(".."), Err(AddressProblem::NoLinkname));
    }

    #[test]
    fn what_may_be_secret_is_not_shown() {
        assert_eq!(shown("https://relay.example/relay/0f3a/webservice/api"), "https://relay.example/…");
        assert_eq!(shown("https://api.hubapi.com"), "https://api.hubapi.com");
        let address = Address::parse("https://host.intern/geheim-4711/webservice/api").expect("an address");
        assert_eq!(address.unusual().collect::<Vec<_>>(), ["geheim-4711"]);
        assert_eq!(format!("{address:?}"), "https://host.intern");
    }
}
