//! Last line of defence: known secrets and URLs are cut out of any text before it is shown or kept.

use std::fmt;
use std::sync::LazyLock;

use regex::Regex;

use super::base64::base64;

/// Masks secrets in texts that come from elsewhere.
pub struct Redactor {
    secrets: Vec<String>,
}

static URL: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(https?://[^/\s?#]*)[^\s]*").expect("a constant pattern"));

/// What stands where a secret was.
const MASK: &str = "***";

/// Shorter texts are too common to be masked.
const SHORTEST: usize = 6;

impl Redactor {
    /// Masks each of `secrets`, raw, percent-encoded and in base64, and the path and query of every URL.
    #[must_use]
    pub fn new<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Self {
        let mut all: Vec<String> = secrets
            .into_iter()
            .filter(|secret| secret.len() >= SHORTEST)
            .flat_map(|secret| [secret.to_owned(), percent_encoded(secret), base64(secret.as_bytes())])
            .collect();
        // The longest first: a secret may contain another.
        all.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        all.dedup();
        Self { secrets: all }
    }

    /// `text` without secrets and without paths and queries of URLs.
    #[must_use]
    pub fn clean(&self, text: &str) -> String {
        let masked = self.secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), MASK));
        URL.replace_all(&masked, "$1/…").into_owned()
    }
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Redactor({} forms)", self.secrets.len())
    }
}

/// A text as a segment of a path or a value of a query.
pub(crate) fn percent_encoded(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let digit = |four: u8| char::from_digit(u32::from(four), 16).unwrap_or('0').to_ascii_uppercase();
            out.extend(['%', digit(byte >> 4), digit(byte & 15)]);
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_secret_is_masked() {
        let redactor = Redactor::new(["pat-eu1-a b/c", "x"]);
        for text in ["token pat-eu1-a b/c!", "token pat-eu1-a%20b%2Fc!", "token cGF0LWV1MS1hIGIvYw!"] {
            assert_eq!(redactor.clean(text), "token ***!");
        }
        assert_eq!(redactor.clean("x stays"), "x stays", "too short to mask");
    }

    #[test]
    fn urls_lose_path_and_query() {
        let text = Redactor::new([]).clean("failed: https://relay.example:8443/patients?api_key=1 again");
        assert_eq!(text, "failed: https://relay.example:8443/… again");
    }
}
