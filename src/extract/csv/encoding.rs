//! Bytes of a file → UTF-8 text, a piece at a time.

use std::io::{self, Read};

use encoding_rs::{CoderResult, Decoder, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// Bytes read at once.
pub(super) const CHUNK: usize = 128 * 1024;

/// How the characters of a file are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, with or without BOM.
    Utf8,
    /// UTF-16, low byte first.
    Utf16Le,
    /// UTF-16, high byte first.
    Utf16Be,
    /// Windows-1252, what Ivoris writes.
    Windows1252,
}

impl Encoding {
    /// All encodings.
    pub const ALL: [Self; 4] = [Self::Utf8, Self::Utf16Le, Self::Utf16Be, Self::Windows1252];

    /// The name on the command line and in summaries.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Utf16Le => "utf-16le",
            Self::Utf16Be => "utf-16be",
            Self::Windows1252 => "windows-1252",
        }
    }

    /// The encoding of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|encoding| encoding.name().eq_ignore_ascii_case(name))
    }

    /// The encoding that a byte order mark at the start of `head` tells, and the length of the mark.
    pub(super) fn of_bom(head: &[u8]) -> Option<(Self, usize)> {
        match head {
            [0xef, 0xbb, 0xbf, ..] => Some((Self::Utf8, 3)),
            [0xff, 0xfe, ..] => Some((Self::Utf16Le, 2)),
            [0xfe, 0xff, ..] => Some((Self::Utf16Be, 2)),
            _ => None,
        }
    }

    /// UTF-16 without byte order mark: a header is Latin text, so every other byte is zero.
    pub(super) fn of_zeros(head: &[u8]) -> Option<Self> {
        match head {
            [a, 0, b, 0, c, 0, ..] if ![*a, *b, *c].contains(&0) => Some(Self::Utf16Le),
            [0, a, 0, b, 0, c, ..] if ![*a, *b, *c].contains(&0) => Some(Self::Utf16Be),
            _ => None,
        }
    }
}

/// Reads text out of bytes. UTF-8 is passed on as it is: broken bytes belong to a row, and the row is rejected.
pub(super) struct Text<R> {
    source: R,
    decoder: Option<Decoder>,
    raw: Vec<u8>,
    /// Bytes taken from the source.
    pub(super) bytes: u64,
}

impl<R: Read> Text<R> {
    /// Decodes `source`, which stands behind its byte order mark.
    pub(super) fn new(source: R, encoding: Encoding) -> Self {
        let decoder = match encoding {
            Encoding::Utf8 => None,
            Encoding::Utf16Le => Some(UTF_16LE.new_decoder_without_bom_handling()),
            Encoding::Utf16Be => Some(UTF_16BE.new_decoder_without_bom_handling()),
            Encoding::Windows1252 => Some(WINDOWS_1252.new_decoder_without_bom_handling()),
        };
        Self { source, decoder, raw: vec![0; CHUNK], bytes: 0 }
    }

    /// Appends the next piece to `text`; `false` at the end of the source.
    pub(super) fn more(&mut self, text: &mut Vec<u8>) -> io::Result<bool> {
        let read = loop {
            match self.source.read(&mut self.raw) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other?,
            }
        };
        self.bytes += u64::try_from(read).unwrap_or(u64::MAX);
        let mut piece = self.raw.get(..read).unwrap_or_default();
        let Some(decoder) = &mut self.decoder else {
            text.extend_from_slice(piece);
            return Ok(read > 0);
        };
        let last = read == 0;
        loop {
            let before = text.len();
            let room = decoder.max_utf8_buffer_length(piece.len()).unwrap_or(piece.len() * 3 + 16);
            text.resize(before + room, 0);
            let (result, taken, written, _) =
                decoder.decode_to_utf8(piece, text.get_mut(before..).unwrap_or_default(), last);
            text.truncate(before + written);
            piece = piece.get(taken..).unwrap_or_default();
            match result {
                CoderResult::InputEmpty => break,
                CoderResult::OutputFull => {}
            }
        }
        if last {
            // The decoder is spent; a further call would be misuse.
            self.decoder = None;
        }
        Ok(read > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_comes_out_whole_however_it_is_cut() {
        /// Hands out one byte at a time.
        struct Drip<'b>(&'b [u8]);
        impl Read for Drip<'_> {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                let take = usize::from(!self.0.is_empty());
                self.0.read(&mut buffer[..take])
            }
        }
        let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
        for (encoding, bytes) in [
            (Encoding::Utf8, "Zoë 😀".as_bytes().to_vec()),
            (Encoding::Utf16Le, utf16("Zoë 😀")),
            (Encoding::Windows1252, b"Zo\xeb \x80".to_vec()),
        ] {
            let mut text = Text::new(Drip(&bytes), encoding);
            let mut out = Vec::new();
            while text.more(&mut out).expect("reads") {}
            let wanted = if encoding == Encoding::Windows1252 { "Zoë €" } else { "Zoë 😀" };
            assert_eq!(String::from_utf8(out).expect("text"), wanted, "{encoding:?}");
            assert_eq!(text.bytes, bytes.len() as u64);
        }
    }
}
