//! A file or standard input, opened once, surveyed before it is read.

use std::fs::File;
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use super::encoding::{CHUNK, Encoding, Text};
use super::error::Error;

/// Bytes looked at before anything is decided.
const HEAD: usize = 4096;

trait Source: Read + Seek + Send {}
impl<T: Read + Seek + Send> Source for T {}

/// A CSV input that can be read from its start as often as needed.
pub struct Input {
    name: Arc<str>,
    source: Box<dyn Source>,
}

/// What a first pass over all bytes tells.
pub(super) struct Survey {
    pub(super) encoding: Encoding,
    pub(super) digest: [u8; 32],
    /// Bytes behind the byte order mark.
    pub(super) text_bytes: u64,
}

impl Input {
    /// Opens a file; `-` is standard input. What cannot be read twice is copied to a private temporary file first.
    ///
    /// # Errors
    /// [`Error::Open`] when it cannot be opened, [`Error::Spool`] when the copy fails.
    pub fn open(name: &str) -> Result<Self, Error> {
        if name == "-" {
            return Self::spooled("-", io::stdin().lock());
        }
        let open = |source| Error::Open { file: name.to_owned(), source };
        let file = File::open(Path::new(name)).map_err(open)?;
        let about = file.metadata().map_err(open)?;
        if about.is_dir() {
            return Err(open(io::Error::from(io::ErrorKind::IsADirectory)));
        }
        if about.is_file() {
            return Ok(Self { name: Arc::from(name), source: Box::new(file) });
        }
        Self::spooled(name, file)
    }

    /// Takes everything `source` has; it is kept in a temporary file without a name that only this process can read.
    ///
    /// # Errors
    /// [`Error::Spool`] when reading or copying fails.
    pub fn spooled(name: &str, mut source: impl Read) -> Result<Self, Error> {
        let spool = |source| Error::Spool { file: name.to_owned(), source };
        let mut copy = tempfile::tempfile().map_err(spool)?;
        io::copy(&mut source, &mut copy).map_err(spool)?;
        Ok(Self { name: Arc::from(name), source: Box::new(copy) })
    }

    /// A file that is already in memory.
    #[must_use]
    pub fn of_bytes(name: &str, bytes: Vec<u8>) -> Self {
        Self { name: Arc::from(name), source: Box::new(Cursor::new(bytes)) }
    }

    /// The name as given.
    #[must_use]
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// Refuses what is no text, and tells the encoding as far as the first bytes know it.
    pub(super) fn sniff(&mut self) -> Result<Option<Encoding>, Error> {
        let head = self.head()?;
        let encoding = Encoding::of_bom(&head).map(|(encoding, _)| encoding).or_else(|| Encoding::of_zeros(&head));
        if let Some(what) = no_text(&head, encoding) {
            return Err(Error::NotCsv { file: self.name.to_string(), what });
        }
        if head.iter().all(u8::is_ascii_whitespace) && head.len() < HEAD {
            return Err(Error::Empty { file: self.name.to_string() });
        }
        Ok(encoding)
    }

    /// Reads every byte once: digest, length, and whether the file is UTF-8.
    ///
    /// A file with a few broken bytes among many good sequences is UTF-8 with damage: the damaged rows are rejected,
    /// instead of all umlauts becoming nonsense. So is a file that was cut inside a character.
    pub(super) fn survey(&mut self, known: Option<Encoding>) -> Result<Survey, Error> {
        self.rewind(0)?;
        let mut hasher = blake3::Hasher::new();
        let mut tally = Utf8Tally::default();
        let mut buffer = vec![0; CHUNK];
        let mut bytes = 0;
        loop {
            let read = match self.source.read(&mut buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                other => other.map_err(|source| self.failed(source))?,
            };
            let piece = buffer.get(..read).unwrap_or_default();
            if piece.is_empty() {
                break;
            }
            bytes += u64::try_from(read).unwrap_or(u64::MAX);
            hasher.update(piece);
            if known.is_none() {
                tally.add(piece);
            }
        }
        let encoding = known.unwrap_or_else(|| tally.encoding());
        let text_bytes = bytes - u64::try_from(self.mark(encoding)?).unwrap_or(0);
        Ok(Survey { encoding, digest: hasher.finalize().into(), text_bytes })
    }

    /// The encoding as far as the first bytes tell; enough for a header.
    pub(super) fn guess(&mut self) -> Result<Encoding, Error> {
        let mut tally = Utf8Tally::default();
        tally.add(&self.head()?);
        Ok(tally.encoding())
    }

    /// The text from its start, behind the byte order mark.
    pub(super) fn text(&mut self, encoding: Encoding) -> Result<Text<impl Read + '_>, Error> {
        let skip = self.mark(encoding)?;
        self.rewind(u64::try_from(skip).unwrap_or(0))?;
        Ok(Text::new(&mut self.source, encoding))
    }

    /// Length of the byte order mark, if the file has one for this encoding.
    fn mark(&mut self, encoding: Encoding) -> Result<usize, Error> {
        let head = self.head()?;
        Ok(Encoding::of_bom(&head).filter(|(bom, _)| *bom == encoding).map_or(0, |(_, length)| length))
    }

    fn head(&mut self) -> Result<Vec<u8>, Error> {
        self.rewind(0)?;
        let mut head = Vec::with_capacity(HEAD);
        let limit = u64::try_from(HEAD).unwrap_or(u64::MAX);
        (&mut self.source).take(limit).read_to_end(&mut head).map_err(|source| self.failed(source))?;
        Ok(head)
    }

    fn rewind(&mut self, to: u64) -> Result<(), Error> {
        self.source.seek(SeekFrom::Start(to)).map_err(|source| self.failed(source))?;
        Ok(())
    }

    fn failed(&self, source: io::Error) -> Error {
        Error::Read { file: self.name.to_string(), source }
    }
}

/// What a file is that is no text, judged by how it begins.
fn no_text(head: &[u8], encoding: Option<Encoding>) -> Option<&'static str> {
    let begins = |magic: &[u8]| head.starts_with(magic);
    if begins(b"%PDF") {
        return Some("a PDF document");
    }
    if begins(b"PK\x03\x04") || begins(b"PK\x05\x06") {
        return Some("an Excel workbook or another zip archive");
    }
    if begins(b"\xd0\xcf\x11\xe0") {
        return Some("an old Excel or Word document");
    }
    if begins(b"\x1f\x8b")
        || begins(b"BZh")
        || begins(b"\xfd7zXZ")
        || begins(b"7z\xbc\xaf")
        || begins(b"\x28\xb5\x2f\xfd")
    {
        return Some("a compressed file");
    }
    if begins(b"SQLite format 3") {
        return Some("a database");
    }
    if begins(b"\x89PNG") || begins(b"\xff\xd8\xff") || begins(b"GIF8") {
        return Some("a picture");
    }
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    let tag = |name: &[u8]| text.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name));
    if tag(b"<?xml") || tag(b"<!doctype") || tag(b"<html") {
        return Some("an XML or HTML document");
    }
    if text.starts_with(b"{") && text.get(1..).is_some_and(|rest| rest.trim_ascii_start().starts_with(b"\"")) {
        return Some("a JSON document");
    }
    let first = head.split(|byte| matches!(byte, b'\r' | b'\n')).next().unwrap_or_default();
    let stray = |byte: &u8| byte.is_ascii_control() && *byte != b'\t';
    let wide = matches!(encoding, Some(Encoding::Utf16Le | Encoding::Utf16Be));
    (!wide && first.iter().any(stray)).then_some("a binary file")
}

/// Counts what speaks for UTF-8 and what against.
#[derive(Default)]
struct Utf8Tally {
    good: u64,
    broken: u64,
    /// The beginning of a character whose rest comes with the next piece.
    rest: Vec<u8>,
}

impl Utf8Tally {
    fn add(&mut self, piece: &[u8]) {
        let mut joined = std::mem::take(&mut self.rest);
        let mut piece = if joined.is_empty() {
            piece
        } else {
            joined.extend_from_slice(piece);
            &joined
        };
        loop {
            match std::str::from_utf8(piece) {
                Ok(text) => {
                    self.good += leads(text.as_bytes());
                    return;
                }
                Err(error) => {
                    let (good, bad) = piece.split_at(error.valid_up_to());
                    self.good += leads(good);
                    let Some(length) = error.error_len() else {
                        self.rest = bad.to_vec();
                        return;
                    };
                    self.broken += 1;
                    piece = bad.get(length..).unwrap_or_default();
                }
            }
        }
    }

    /// A character that the end of the file cuts off counts for neither.
    const fn encoding(&self) -> Encoding {
        let sound = self.broken == 0 && self.rest.is_empty();
        if sound || self.good > self.broken { Encoding::Utf8 } else { Encoding::Windows1252 }
    }
}

/// Number of characters that take more than one byte.
fn leads(text: &[u8]) -> u64 {
    u64::try_from(text.iter().filter(|byte| **byte >= 0xc0).count()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], wanted: Encoding) {
        let mut input = Input::of_bytes("x.csv", bytes.to_vec());
        let known = input.sniff().expect("text");
        assert_eq!(input.survey(known).expect("reads").encoding, wanted, "{bytes:?}");
    }

    #[test]
    fn the_encoding_is_found() {
        check(b"a;b", Encoding::Utf8);
        check("\u{feff}a;b".as_bytes(), Encoding::Utf8);
        check("Straße;Größe".as_bytes(), Encoding::Utf8);
        check(b"Stra\xdfe;Gr\xf6\xdfe", Encoding::Windows1252);
        check(b"\xff\xfea\0;\0", Encoding::Utf16Le);
        check(b"\xfe\xff\0a\0;", Encoding::Utf16Be);
        check(b"a\0;\0b\0", Encoding::Utf16Le);
        // Damage, and a cut inside a character, do not turn a UTF-8 file into nonsense.
        check(b"Stra\xc3\x9fe;Gr\xc3\xb6\xc3", Encoding::Utf8);
        check(b"Stra\xc3\x9fe;Gr\xc3\xb6\xff\xc3\x9fe", Encoding::Utf8);
        // A single umlaut at the end is Windows-1252.
        check(b"a;b\r\nc;\xe4", Encoding::Windows1252);
        let mut long = vec![b'a'; CHUNK - 1];
        long.extend_from_slice("ß".as_bytes());
        check(&long, Encoding::Utf8);
    }

    #[test]
    fn what_is_no_text_is_named() {
        for (bytes, wanted) in [
            (&b"%PDF-1.7\n"[..], "a PDF document"),
            (b"PK\x03\x04\x14", "an Excel workbook or another zip archive"),
            (b"<!DOCTYPE html>", "an XML or HTML document"),
            (b"{ \"value\": []}", "a JSON document"),
            (b"\x7fELF\x02\x01\x01\0\0", "a binary file"),
        ] {
            match Input::of_bytes("x.csv", bytes.to_vec()).sniff() {
                Err(Error::NotCsv { what, .. }) => assert_eq!(what, wanted),
                other => panic!("{other:?}"),
            }
        }
        for bytes in [&b""[..], b"\r\n \r\n"] {
            assert!(matches!(Input::of_bytes("x.csv", bytes.to_vec()).sniff(), Err(Error::Empty { .. })));
        }
    }
}
