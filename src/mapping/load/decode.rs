//! Bytes of a table → text, whatever spreadsheet wrote it.

use encoding_rs::{UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use unicode_normalization::UnicodeNormalization;

use crate::mapping::problem::Problem;

/// Largest file that is read (SEC-05).
const MAX_BYTES: usize = 5 * 1024 * 1024;

/// More lines with control characters than this, or a NUL, and it is no text.
const MOST_STRAYS: usize = 20;

/// Returns the text of `file` in NFC without BOM; `None` when it cannot be read at all. Control characters are
/// problems, each line of them one, and left away: the rest can be checked nevertheless.
#[must_use]
pub fn decode(file: &str, bytes: &[u8], problems: &mut Vec<Problem>) -> Option<String> {
    if bytes.len() > MAX_BYTES {
        let message = format!("{file} is larger than 5 MiB");
        problems.push(
            Problem::of_file("M008", file, message)
                .help("a mapping table has hundreds of rows: is this the right file?"),
        );
        return None;
    }
    let (text, doubtful) = match encoding_rs::Encoding::for_bom(bytes) {
        Some((encoding, length)) if [UTF_8, UTF_16LE, UTF_16BE].contains(&encoding) => {
            let (text, broken) = encoding.decode_without_bom_handling(bytes.get(length..).unwrap_or_default());
            (text, broken)
        }
        Some(_) | None => {
            if let Ok(text) = std::str::from_utf8(bytes) {
                (text.into(), false)
            } else {
                let (text, _) = WINDOWS_1252.decode_without_bom_handling(bytes);
                let doubtful = text.chars().any(|letter| ('\u{80}'..='\u{9f}').contains(&letter));
                (text, doubtful)
            }
        }
    };
    if doubtful || text.contains('\u{fffd}') {
        problems.push(
            Problem::of_file("M002", file, "the encoding is doubtful: some characters make no sense")
                .warn()
                .help("save the file as UTF-8"),
        );
    }
    let text: String = if text.is_ascii() { text.into_owned() } else { text.nfc().collect() };
    let stray = |letter: char| letter.is_ascii_control() && !matches!(letter, '\t' | '\r' | '\n');
    let strays: Vec<(usize, &str)> = text.lines().enumerate().filter(|(_, line)| line.contains(stray)).collect();
    let is_text = strays.len() <= MOST_STRAYS && !text.contains('\0');
    for (at, line) in strays.iter().take(if is_text { MOST_STRAYS } else { 1 }) {
        let column = line.chars().take_while(|letter| !stray(*letter)).count();
        let mut problem = Problem::of_file("M007", file, "a control character stands in the text")
            .help("delete it; if the whole file looks like this, it is not a CSV file");
        problem.line = u32::try_from(at + 1).unwrap_or(u32::MAX);
        problem.column = u32::try_from(column + 1).unwrap_or(u32::MAX);
        problem.end_column = problem.column.saturating_add(1);
        problem.line_text = line.chars().map(|letter| if stray(letter) { '\u{fffd}' } else { letter }).collect();
        problems.push(problem);
    }
    let cleaned = || text.chars().filter(|letter| !stray(*letter)).collect();
    match (is_text, strays.is_empty()) {
        (false, _) => None,
        (true, false) => Some(cleaned()),
        (true, true) => Some(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], wanted: Option<&str>, codes: &[&str]) {
        let mut problems = Vec::new();
        assert_eq!(decode("status.csv", bytes, &mut problems).as_deref(), wanted, "{bytes:?}");
        assert_eq!(problems.iter().map(|problem| problem.code).collect::<Vec<_>>(), codes, "{bytes:?}");
    }

    #[test]
    fn every_usual_encoding_is_read() {
        check(b"a;b", Some("a;b"), &[]);
        check("\u{feff}gekl\u{e4}rt".as_bytes(), Some("geklärt"), &[]);
        check(b"gekl\xe4rt", Some("geklärt"), &[]);
        check("gekla\u{308}rt".as_bytes(), Some("geklärt"), &[]);
        check(&[0xff, 0xfe, b'a', 0, b';', 0], Some("a;"), &[]);
        check(&[0xfe, 0xff, 0, b'a'], Some("a"), &[]);
        check(b"a\x81\xe4", Some("a\u{81}ä"), &["M002"]);
    }

    #[test]
    fn a_control_character_does_not_hide_the_rest() {
        check(b"a;\x01b\nc\n\x02\x03d", Some("a;b\nc\nd"), &["M007", "M007"]);
    }

    #[test]
    fn what_is_no_text_is_refused() {
        check(b"a\0b", None, &["M007"]);
        check(&b"\x01\n".repeat(MOST_STRAYS + 1), None, &["M007"]);
        check(&vec![b'a'; MAX_BYTES + 1], None, &["M008"]);
    }
}
