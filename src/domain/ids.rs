//! Ids that cannot be mixed up. A key is `<prefix><id>`: the value that HubSpot's unique property holds.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// Why a text is not an id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Nothing there.
    #[error("id is empty")]
    Empty,
    /// `1,23E+05`: a spreadsheet has destroyed the number.
    #[error(
        "id is in scientific notation; a spreadsheet has rounded it, export the file again without opening it there"
    )]
    Scientific,
    /// Longer than 64 characters, or other characters than letters, digits, `_` and `-`.
    #[error("id is neither a UUID nor 1 to 64 characters of 0-9 A-Z a-z _ -")]
    Shape,
}

/// Brings an Ivoris id into its one form: trimmed, without quotes and braces, UUIDs in lower case.
///
/// # Errors
/// [`IdError`] for anything that is not a UUID or 1 to 64 characters of `[0-9A-Za-z_-]`.
pub fn normalise_id(raw: &str) -> Result<String, IdError> {
    let text = raw.trim().trim_matches('"').trim();
    let text = text.strip_prefix('{').and_then(|inner| inner.strip_suffix('}')).unwrap_or(text).trim();
    if text.is_empty() {
        return Err(IdError::Empty);
    }
    if is_uuid(text) {
        return Ok(text.to_ascii_lowercase());
    }
    if is_scientific(text) {
        return Err(IdError::Scientific);
    }
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if text.len() > 64 || !text.bytes().all(allowed) {
        return Err(IdError::Shape);
    }
    Ok(text.to_owned())
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// Digits, a separator or none, digits, `E`, a sign or none, digits: what a spreadsheet makes of a long number.
fn is_scientific(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once(['e', 'E']) else { return false };
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let marked = mantissa.contains([',', '.']) || exponent.starts_with(['+', '-']);
    marked && digits(&mantissa.replacen([',', '.'], "", 1)) && digits(exponent.trim_start_matches(['+', '-']))
}

macro_rules! text_key {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Wraps a text that is already in its normal form.
            #[must_use]
            pub fn new(text: &str) -> Self {
                Self(Arc::from(text))
            }

            /// The text itself.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
    };
}

macro_rules! record_key {
    ($(#[$doc:meta])* $name:ident) => {
        text_key!($(#[$doc])* $name);

        impl $name {
            /// Normalises an Ivoris id and puts the instance's prefix before it.
            ///
            /// # Errors
            /// [`IdError`] when the id has no allowed shape.
            pub fn keyed(prefix: &str, raw: &str) -> Result<Self, IdError> {
                let id = normalise_id(raw)?;
                Ok(Self(Arc::from(format!("{prefix}{id}"))))
            }
        }

        /// An id of a person's record is personal: it is shown as a pseudonym only.
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "([redacted])"))
            }
        }
    };
}

macro_rules! plain_key {
    ($(#[$doc:meta])* $name:ident) => {
        text_key!($(#[$doc])* $name);

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

record_key!(
    /// Key of a patient and of the contact: `<prefix><Ivoris patient id>`.
    PatientId
);
record_key!(
    /// Key of an appointment, of the HubSpot appointment, and of the deal it opens.
    AppointmentId
);
record_key!(
    /// Key of a chart entry: its Ivoris id, or a digest of what the line says plus its ordinal among equal lines.
    EntryId
);
record_key!(
    /// The practice's own patient number (`Pat.-Nr.`), unique within one instance only.
    PatientNumber
);
plain_key!(
    /// One Ivoris installation, as named in the configuration.
    InstanceKey
);
plain_key!(
    /// One location, as named in `mappings/standorte.csv`.
    LocationKey
);

/// How a record names its patient.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum PatientRef {
    /// By the patient's key.
    Id(PatientId),
    /// By `Pat.-Nr.` alone; a patient of the same instance in the inbox resolves it.
    Number(PatientNumber),
    /// By nothing: a blocker, a meeting, a caller without file.
    Nobody,
}

/// Keyed hash of a key, 16 bytes: what the store can be read by, and what screens show eight hex digits of.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct KeyHash(pub [u8; 16]);

impl fmt::Display for KeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().take(4).try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for KeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// One run of one command: a time-ordered UUID.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RunId(pub uuid::Uuid);

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.simple())
    }
}

impl fmt::Debug for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_uuid_is_one_id() {
        let wanted = "a0000000-0000-4000-8000-00000000000b";
        for raw in [
            "a0000000-0000-4000-8000-00000000000b",
            "{A0000000-0000-4000-8000-00000000000B}",
            " \"A0000000-0000-4000-8000-00000000000b\" ",
        ] {
            assert_eq!(normalise_id(raw).as_deref(), Ok(wanted));
        }
    }

    #[test]
    fn spreadsheet_damage_is_named() {
        assert_eq!(normalise_id("1,23E+05"), Err(IdError::Scientific));
        assert_eq!(normalise_id("1.23e5"), Err(IdError::Scientific));
        assert_eq!(normalise_id("12E5").as_deref(), Ok("12E5"), "a plain id may hold an E");
        assert_eq!(normalise_id("a b"), Err(IdError::Shape));
        assert_eq!(normalise_id("  "), Err(IdError::Empty));
        assert_eq!(normalise_id(&"9".repeat(65)), Err(IdError::Shape));
    }

    #[test]
    fn record_keys_never_show_themselves() {
        let id = PatientId::keyed("n-", "4711").expect("a plain id");
        assert_eq!(id.as_str(), "n-4711");
        assert_eq!(format!("{id:?}"), "PatientId([redacted])");
    }
}
