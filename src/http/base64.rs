//! Base64 as in Basic authentication.

use secrecy::{ExposeSecret, SecretString};

/// The value of `Authorization` for a user and a password: `Basic …`.
#[must_use]
pub fn basic(user: &str, password: &SecretString) -> SecretString {
    let pair = SecretString::from(format!("{user}:{}", password.expose_secret()));
    let bytes = pair.expose_secret().as_bytes();
    let padding = ["", "==", "="].get(bytes.len() % 3).copied().unwrap_or_default();
    SecretString::from(format!("Basic {}{padding}", base64(bytes)))
}

/// Without padding: in a text the rest may continue.
pub(super) fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let letter = |six: u32| char::from(LETTERS[usize::try_from(six & 63).expect("six bits fit")]);
    bytes.chunks(3).fold(String::new(), |mut out, chunk| {
        let at = |index: usize| u32::from(chunk.get(index).copied().unwrap_or(0));
        let word = (at(0) << 16) | (at(1) << 8) | at(2);
        out.push(letter(word >> 18));
        out.push(letter(word >> 12));
        if chunk.len() > 1 {
            out.push(letter(word >> 6));
        }
        if chunk.len() > 2 {
            out.push(letter(word));
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn basic_is_padded() {
        let of = |user: &str, password: &str| basic(user, &password.into()).expose_secret().to_owned();
        assert_eq!(of("Aladdin", "open sesame"), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "RFC 7617");
        assert_eq!(of("test", "123£"), "Basic dGVzdDoxMjPCow==", "RFC 7617, UTF-8");
        assert_eq!([of("a", "b"), of("a", "bc"), of("", "")], ["Basic YTpi", "Basic YTpiYw==", "Basic Og=="]);
    }
}
