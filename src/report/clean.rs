//! What comes from elsewhere is shown without anything that steers a terminal (`reliability.md` SEC-03, SEC-08).

use std::borrow::Cow;
use std::fmt::Write as _;

/// Whether a character moves the cursor, colours, reorders or hides text.
const fn steers(char: char) -> bool {
    matches!(char,
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}'      // C0, DEL, C1: ESC, CSI and OSC begin here
        | '\u{ad}' | '\u{61c}' | '\u{180e}'           // soft hyphen, Arabic mark, Mongolian separator
        | '\u{200b}'..='\u{200f}'                     // zero width, left and right marks
        | '\u{2028}'..='\u{202e}'                     // line and paragraph ends, embeddings, overrides
        | '\u{2060}'..='\u{206f}' | '\u{feff}'        // word joiner, isolates, byte order mark
        | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}'
    )
}

/// The text with every such character replaced by one visible character, so that columns stay where they are.
pub(super) fn clean(text: &str) -> Cow<'_, str> {
    if !text.chars().any(steers) {
        return Cow::Borrowed(text);
    }
    let shown = |char| match char {
        '\t' => ' ',
        '\n' | '\r' => '␤',
        char if steers(char) => '\u{fffd}',
        char => char,
    };
    Cow::Owned(text.chars().map(shown).collect())
}

/// JSON that means the same and holds none of them.
pub(super) fn clean_json(json: &str) -> Cow<'_, str> {
    if !json.chars().any(steers) {
        return Cow::Borrowed(json);
    }
    let mut out = String::with_capacity(json.len() + 32);
    for char in json.chars() {
        if steers(char) {
            let mut units = [0; 2];
            for unit in char.encode_utf16(&mut units) {
                // Writing to a string cannot fail.
                let _infallible = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(char);
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn nothing_steers_the_terminal() {
        assert_eq!(clean("Müller ok"), "Müller ok");
        assert_eq!(clean("a\u{1b}[2Jb"), "a\u{fffd}[2Jb");
        assert_eq!(clean("a\r\nb\tc"), "a␤␤b c");
        assert_eq!(clean("\u{202e}txt\u{200b}"), "\u{fffd}txt\u{fffd}");
        assert_eq!(clean("\u{9b}31m"), "\u{fffd}31m", "C1 is a CSI in one byte");
    }

    proptest! {
        #[test]
        fn whatever_comes_is_clean_and_keeps_its_length(text in "\\PC*|.*") {
            let shown = clean(&text);
            prop_assert!(!shown.chars().any(steers));
            prop_assert_eq!(shown.chars().count(), text.chars().count());
        }

        #[test]
        fn json_stays_the_same_value(text in ".*") {
            let json = serde_json::to_string(&text).expect("a text");
            let shown = clean_json(&json);
            prop_assert!(!shown.chars().any(steers));
            prop_assert_eq!(serde_json::from_str::<String>(&shown).expect("JSON"), text);
        }
    }
}
