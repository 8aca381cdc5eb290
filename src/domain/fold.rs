//! One spelling for look-ups: case, umlauts, accents and blanks do not matter.

use unicode_normalization::UnicodeNormalization;

/// Returns `text` trimmed, in lower case, with `ä ö ü ß` as `ae oe ue ss`, without accents, with single blanks.
#[must_use]
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len() + 4);
    if text.is_ascii() {
        push_words(text.chars(), &mut folded);
    } else {
        // NFC first, so that a decomposed ä is an umlaut like the other; what is left over loses its accent.
        let mut spelled = String::with_capacity(text.len() + 4);
        for letter in text.nfc() {
            if letter.is_ascii() {
                spelled.push(letter);
            } else {
                spelled.extend(spell(letter));
            }
        }
        push_words(spelled.chars(), &mut folded);
    }
    folded
}

/// Returns only the folded letters and digits of `text`: for headers and file names.
#[must_use]
pub fn fold_tight(text: &str) -> String {
    fold(text).chars().filter(|letter| letter.is_alphanumeric()).collect()
}

fn push_words(letters: impl Iterator<Item = char>, folded: &mut String) {
    let mut gap = false;
    for letter in letters {
        if letter.is_whitespace() {
            gap = !folded.is_empty();
            continue;
        }
        if gap {
            folded.push(' ');
            gap = false;
        }
        if letter.is_ascii() {
            folded.push(letter.to_ascii_lowercase());
        } else {
            folded.extend(letter.to_lowercase());
        }
    }
}

/// One composed letter as the letters that stand for it.
fn spell(letter: char) -> impl Iterator<Item = char> {
    let umlaut = match letter {
        'ä' | 'Ä' => "ae",
        'ö' | 'Ö' => "oe",
        'ü' | 'Ü' => "ue",
        'ß' | 'ẞ' => "ss",
        _ => "",
    };
    let plain = if umlaut.is_empty() { Some(letter) } else { None };
    let bare = plain.into_iter().nfd().filter(|part| !unicode_normalization::char::is_combining_mark(*part));
    umlaut.chars().chain(bare)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_word_are_one() {
        for (spelling, wanted) in [
            ("geklärt", "geklaert"),
            (" GEKLÄRT ", "geklaert"),
            ("gekla\u{308}rt", "geklaert"),
            ("geklaert", "geklaert"),
            ("im  Wartezimmer", "im wartezimmer"),
            ("im\u{a0}Wartezimmer\r\n", "im wartezimmer"),
            ("Groß", "gross"),
            ("Çelik", "celik"),
            ("Nguyễn", "nguyen"),
            ("NB_Zimmer 1", "nb_zimmer 1"),
            ("", ""),
            (" \t", ""),
        ] {
            assert_eq!(fold(spelling), wanted, "{spelling:?}");
        }
        assert_eq!(fold_tight("Pat.-Nr."), "patnr");
    }

    proptest::proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in ".{0,40}") {
            proptest::prop_assert_eq!(fold(&fold(&text)), fold(&text));
        }
    }
}
