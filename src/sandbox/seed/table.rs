//! One CSV file in the dialect of Ivoris exports: `;`, CRLF, `"` quoting (`domain.md` 6.4), written as a stream.

use std::io::{self, Write};

use encoding_rs::WINDOWS_1252;

/// How letters become bytes. Sites differ, so both occur.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// What cannot be held becomes `?`, as in real exports.
    Windows1252,
    /// UTF-8 with a byte order mark.
    Utf8WithBom,
    /// UTF-8 as everything but exports has it.
    Utf8,
}

/// How a row ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Shape {
    /// With its last column.
    #[default]
    Whole,
    /// After so many columns.
    Short(usize),
    /// With one `;` too many.
    Trailing,
}

/// What a file holds in the end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FileCount {
    /// Rows below the header.
    pub rows: u64,
    /// Rows that the changed edition has other than the first one.
    pub changed: u64,
    /// Bytes.
    pub bytes: u64,
}

/// A file being written.
pub(crate) struct Table<W> {
    out: W,
    encoding: Encoding,
    buffer: Vec<u8>,
    /// Physical line at which the next row begins, from 1.
    line: u64,
    count: FileCount,
}

impl<W: Write> Table<W> {
    pub(crate) fn new(out: W, encoding: Encoding, header: &str) -> io::Result<Self> {
        let mut table =
            Self { out, encoding, buffer: Vec::with_capacity(1 << 16), line: 2, count: FileCount::default() };
        if encoding == Encoding::Utf8WithBom {
            table.buffer.extend_from_slice("\u{feff}".as_bytes());
        }
        table.letters(header);
        table.buffer.extend_from_slice(b"\r\n");
        table.flush_when_full(0)?;
        Ok(table)
    }

    /// Writes a row and returns the line it begins at.
    pub(crate) fn row(&mut self, cells: &[&str], shape: Shape) -> io::Result<u64> {
        let cells = match shape {
            Shape::Whole | Shape::Trailing => cells,
            Shape::Short(columns) => cells.get(..columns).unwrap_or(cells),
        };
        let begins = self.line;
        for (at, cell) in cells.iter().enumerate() {
            if at > 0 {
                self.buffer.push(b';');
            }
            self.cell(cell);
        }
        if shape == Shape::Trailing {
            self.buffer.push(b';');
        }
        self.buffer.extend_from_slice(b"\r\n");
        self.line += 1;
        self.count.rows += 1;
        self.flush_when_full(1 << 15)?;
        Ok(begins)
    }

    /// Counts the row just written among those that the changed edition changes.
    pub(crate) fn note_changed(&mut self, changed: bool) {
        self.count.changed += u64::from(changed);
    }

    pub(crate) fn finish(mut self) -> io::Result<(W, FileCount)> {
        self.flush_when_full(0)?;
        self.out.flush()?;
        Ok((self.out, self.count))
    }

    fn cell(&mut self, text: &str) {
        if text.contains([';', '"', '\n', '\r']) {
            self.line += u64::try_from(text.matches('\n').count()).unwrap_or(0);
            self.buffer.push(b'"');
            self.letters(&text.replace('"', "\"\""));
            self.buffer.push(b'"');
        } else {
            self.letters(text);
        }
    }

    fn letters(&mut self, text: &str) {
        if self.encoding != Encoding::Windows1252 || text.is_ascii() {
            self.buffer.extend_from_slice(text.as_bytes());
            return;
        }
        let mut room = [0; 4];
        for letter in text.chars() {
            let (bytes, _, lost) = WINDOWS_1252.encode(letter.encode_utf8(&mut room));
            if lost {
                self.buffer.push(b'?');
            } else {
                self.buffer.extend_from_slice(&bytes);
            }
        }
    }

    fn flush_when_full(&mut self, limit: usize) -> io::Result<()> {
        if self.buffer.len() > limit {
            self.count.bytes += u64::try_from(self.buffer.len()).unwrap_or(0);
            self.out.write_all(&self.buffer)?;
            self.buffer.clear();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(encoding: Encoding, cells: &[&str], shape: Shape, wanted: &[u8]) {
        let mut table = Table::new(Vec::new(), encoding, "A;B").expect("memory takes everything");
        table.row(cells, shape).expect("memory takes everything");
        let (bytes, count) = table.finish().expect("memory takes everything");
        assert_eq!(bytes, wanted);
        assert_eq!(count.bytes, u64::try_from(wanted.len()).expect("small"));
    }

    #[test]
    fn rows_are_written_as_ivoris_exports_them() {
        check(Encoding::Windows1252, &["Groß", "5 €"], Shape::Whole, b"A;B\r\nGro\xdf;5 \x80\r\n");
        check(Encoding::Windows1252, &["Nguyễn", ""], Shape::Trailing, b"A;B\r\nNguy?n;;\r\n");
        check(Encoding::Utf8WithBom, &["Ö", "x"], Shape::Short(1), b"\xef\xbb\xbfA;B\r\n\xc3\x96\r\n");
        check(Encoding::Windows1252, &["a;b", "\"c\"\nd"], Shape::Whole, b"A;B\r\n\"a;b\";\"\"\"c\"\"\nd\"\r\n");
    }

    #[test]
    fn lines_are_those_of_the_file() {
        let mut table = Table::new(Vec::new(), Encoding::Windows1252, "A").expect("memory takes everything");
        let mut at = |text: &str| table.row(&[text], Shape::Whole).expect("memory takes everything");
        assert_eq!([at("one"), at("two\nlines"), at("three")], [2, 3, 5]);
    }
}
