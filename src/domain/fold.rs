//! One spelling for look-ups: case, umlauts, accents and blanks do not matter.

use unicode_normalization::UnicodeNormalization;

/// Returns `text` trimmed, in lower case, with `ä ö ü ß` as `ae oe ue ss`, without accents, with single blanks.
#[must_use]
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return words(text);
    }
    let mut spelled = String::with_capacity(text.len() + 4);
    // Umlauts are the usual case, and composed already.
    if text.chars().all(|letter| letter.is_ascii() || !umlaut(letter).is_empty()) {
        for letter in text.chars() {
            if letter.is_ascii() {
                spelled.push(letter);
            } else {
                spelled.push_str(umlaut(letter));
            }
        }
        return words(&spelled);
    }
    // NFC first, so that a decomposed ä is an umlaut like the other; what is left over loses its accent.
    for letter in text.nfc() {
        if letter.is_ascii() {
            spelled.push(letter);
        } else {
            spelled.extend(spell(letter));
        }
    }
    words(&spelled)
}

/// Returns only the folded letters and digits of `text`: for headers and file names.
#[must_use]
pub fn fold_tight(text: &str) -> String {
    fold(text).chars().filter(|letter| letter.is_alphanumeric()).collect()
}

/// The words of a text in lower case, with single blanks.
fn words(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !folded.is_empty() {
            folded.push(' ');
        }
        if word.is_ascii() {
            folded.push_str(word);
        } else {
            folded.extend(word.chars().flat_map(char::to_lowercase));
        }
    }
    folded.make_ascii_lowercase();
    folded
}

/// One composed letter as the letters that stand for it.
fn spell(letter: char) -> impl Iterator<Item = char> {
    let umlaut = umlaut(letter);
    let plain = if umlaut.is_empty() { Some(letter) } else { None };
    let bare = plain.into_iter().nfd().filter(|part| !unicode_normalization::char::is_combining_mark(*part));
    umlaut.chars().chain(bare)
}

/// What an umlaut is written as; nothing for other letters.
const fn umlaut(letter: char) -> &'static str {
    match letter {
        'ä' | 'Ä' => "ae",
        'ö' | 'Ö' => "oe",
        'ü' | 'Ü' => "ue",
        'ß' | 'ẞ' => "ss",
        _ => "",
    }
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
