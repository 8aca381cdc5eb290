//! What the parser forgives: quotation marks that do not stand around fields.

/// How quotation marks stand in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quoting {
    /// Opened and closed around fields.
    Sound,
    /// Text follows a closing mark.
    Broken,
    /// The last one is not closed.
    Open,
}

/// Walks through a row as strict CSV has it.
pub(super) fn quoting(body: &[u8], delimiter: u8) -> Quoting {
    let mut quoting = Quoting::Sound;
    let mut bytes = body.iter().copied().peekable();
    let mut fresh = true;
    while let Some(byte) = bytes.next() {
        if byte == b'"' && fresh {
            loop {
                match bytes.next() {
                    None => return Quoting::Open,
                    Some(b'"') if bytes.peek() == Some(&b'"') => {
                        bytes.next();
                    }
                    Some(b'"') => break,
                    Some(_) => {}
                }
            }
            if bytes.peek().is_some_and(|next| *next != delimiter) {
                quoting = Quoting::Broken;
            }
        }
        fresh = byte == delimiter;
    }
    quoting
}

/// How often a byte stands in a row.
pub(super) fn count(row: &[u8], wanted: u8) -> usize {
    row.iter().map(|byte| usize::from(*byte == wanted)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_told_apart() {
        for (row, wanted) in [
            ("a;b\"c;d", Quoting::Sound),
            ("\"a;\n\"\"b\";\"\";c", Quoting::Sound),
            ("a;\"b", Quoting::Open),
            ("a;\"b\"\"", Quoting::Open),
            ("a;\"b\"c;\"d\"", Quoting::Broken),
        ] {
            assert_eq!(quoting(row.as_bytes(), b';'), wanted, "{row}");
        }
    }
}
