//! JSON written straight into bytes: answers are large, and a tree per record would cost more than the record.

use chrono::{DateTime, SecondsFormat, Utc};

/// JSON under construction.
pub(super) struct Out {
    pub(super) bytes: Vec<u8>,
    /// The instant that was written last; batches repeat it hundreds of times.
    stamp: (i64, String),
}

impl Out {
    pub(super) fn new(capacity: usize) -> Self {
        Self { bytes: Vec::with_capacity(capacity), stamp: (0, iso(0)) }
    }

    pub(super) fn raw(&mut self, json: &str) {
        self.bytes.extend_from_slice(json.as_bytes());
    }

    /// A comma, unless something was just opened.
    pub(super) fn comma(&mut self) {
        if !matches!(self.bytes.last(), Some(b'{' | b'[') | None) {
            self.bytes.push(b',');
        }
    }

    /// `"name":`, with a comma where one is due.
    pub(super) fn key(&mut self, name: &str) {
        self.comma();
        self.text(name);
        self.bytes.push(b':');
    }

    pub(super) fn text(&mut self, text: &str) {
        self.bytes.push(b'"');
        let bytes = text.as_bytes();
        let mut rest = bytes;
        while let Some(at) = rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f)) {
            let (clean, special) = rest.split_at(at);
            self.bytes.extend_from_slice(clean);
            let (byte, after) = special.split_first().expect("position found a byte");
            match byte {
                b'"' => self.bytes.extend_from_slice(b"\\\""),
                b'\\' => self.bytes.extend_from_slice(b"\\\\"),
                b'\n' => self.bytes.extend_from_slice(b"\\n"),
                other => self.bytes.extend_from_slice(format!("\\u{other:04x}").as_bytes()),
            }
            rest = after;
        }
        self.bytes.extend_from_slice(rest);
        self.bytes.push(b'"');
    }

    /// A text, or `null`.
    pub(super) fn text_or_null(&mut self, text: Option<&str>) {
        match text {
            Some(text) => self.text(text),
            None => self.raw("null"),
        }
    }

    /// A whole number, bare.
    pub(super) fn number(&mut self, number: u64) {
        let mut digits = [0_u8; 20];
        let mut at = digits.len();
        let mut left = number;
        loop {
            at -= 1;
            digits[at] = b'0' + u8::try_from(left % 10).expect("a digit");
            left /= 10;
            if left == 0 {
                break;
            }
        }
        self.bytes.extend_from_slice(&digits[at..]);
    }

    /// A record id: a text, or a number where the fault asks for it.
    pub(super) fn id(&mut self, id: u64, spelling: IdSpelling) {
        match spelling {
            IdSpelling::Text => {
                self.bytes.push(b'"');
                self.number(id);
                self.bytes.push(b'"');
            }
            IdSpelling::Number => self.number(id),
        }
    }

    /// An instant as text: milliseconds, `Z`.
    pub(super) fn instant(&mut self, millis: i64) {
        if self.stamp.0 != millis {
            self.stamp = (millis, iso(millis));
        }
        self.bytes.push(b'"');
        self.bytes.extend_from_slice(self.stamp.1.as_bytes());
        self.bytes.push(b'"');
    }

    pub(super) fn value(&mut self, value: &serde_json::Value) {
        self.raw(&value.to_string());
    }
}

/// How ids of linked records are spelled; HubSpot does both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum IdSpelling {
    Text,
    Number,
}

/// `2026-11-24T08:00:00.000Z`.
pub(super) fn iso(millis: i64) -> String {
    let at = DateTime::<Utc>::from_timestamp_millis(millis).unwrap_or_default();
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_numbers_survive() {
        let odd = "a\"b\\c\nd\u{1}eäß\u{2028}";
        let mut out = Out::new(0);
        out.raw("{");
        out.key("x");
        out.text(odd);
        out.key("n");
        out.id(20_000_000_001, IdSpelling::Number);
        out.key("z");
        out.number(0);
        out.raw("}");
        let read: serde_json::Value = serde_json::from_slice(&out.bytes).expect("json");
        assert_eq!(read, serde_json::json!({"x": odd, "n": 20_000_000_001_u64, "z": 0}));
    }
}
