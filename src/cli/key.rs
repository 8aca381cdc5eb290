//! A KEY as commands take it: a pseudonym from a screen or log, an id of Ivoris, a Pat.-Nr., or an id of HubSpot.

use crate::config::Instance;
use crate::domain::{HubspotId, IdError, InstanceKey, Kind, PatientNumber, normalise_id};
use crate::store::{Fit, Sought};

/// Letters before pseudonyms: patient, appointment, entry, deal.
const LETTERS: [char; 4] = ['P', 'A', 'E', 'D'];

/// One KEY and every way in which it can be meant.
#[derive(Clone, Debug)]
pub(super) struct Key {
    /// The letter before a pseudonym; it can be meant in no other way then.
    letter: Option<char>,
    /// First bytes of a pseudonym.
    first: Option<Vec<u8>>,
    /// An id of Ivoris, or a `Pat.-Nr.`.
    id: Option<String>,
    /// An id of HubSpot.
    hubspot: Option<HubspotId>,
}

/// Why a word is no KEY.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum KeyError {
    /// A letter before a colon that stands before no pseudonym.
    #[error("is no pseudonym: they begin with P:, A:, E: or D:")]
    Letter,
    /// Other than so many digits behind the letter.
    #[error("is no pseudonym: 8 to 32 digits of 0-9 and a-f follow the letter, an even number of them")]
    Digits,
    /// No id either.
    #[error("is neither a pseudonym nor an id")]
    Neither(#[source] IdError),
}

impl Key {
    /// Reads one word.
    pub(super) fn read(word: &str) -> Result<Self, KeyError> {
        let word = word.trim();
        if let Some((before, digits)) = word.split_once(':') {
            let letter = before.parse().map(|letter: char| letter.to_ascii_uppercase());
            let letter = letter.ok().filter(|letter| LETTERS.contains(letter)).ok_or(KeyError::Letter)?;
            let first = Some(first_bytes(digits).ok_or(KeyError::Digits)?);
            return Ok(Self { letter: Some(letter), first, id: None, hubspot: None });
        }
        let id = normalise_id(word).map_err(KeyError::Neither)?;
        let hubspot = id.parse().ok().map(HubspotId);
        Ok(Self { letter: None, first: first_bytes(&id), id: Some(id), hubspot })
    }

    /// The letter, where the word can be nothing but a pseudonym.
    pub(super) const fn letter(&self) -> Option<char> {
        self.letter
    }

    /// Keys that records carry whose Ivoris id this is, by installation, whether they were read before or not.
    pub(super) fn names(&self, instances: &[&Instance]) -> Vec<(InstanceKey, String)> {
        let Some(id) = &self.id else { return Vec::new() };
        let mut names = Vec::new();
        for Instance { key, prefix, ivoris: _ } in instances {
            names.push((key.clone(), format!("{prefix}{id}")));
            if !prefix.is_empty() && id.starts_with(prefix.as_str()) {
                names.push((key.clone(), id.clone())); // it is the key already
            }
        }
        names
    }

    /// What the store is asked for besides: these forms say something of records that were read before only.
    pub(super) fn besides(&self, instances: &[&Instance]) -> Vec<Sought> {
        let mut sought: Vec<Sought> = self.first.clone().map(Sought::Pseudonym).into_iter().collect();
        if let Some(id) = &self.id {
            for Instance { key, prefix, ivoris: _ } in instances {
                sought.push(Sought::Key(format!("{prefix}nr-{id}")));
                sought.push(Sought::Number(PatientNumber::new(&format!("{key}:{id}"))));
            }
        }
        sought.extend(self.hubspot.map(Sought::Hubspot));
        sought
    }

    /// What the letter leaves; without one an appointment stands for the deal it is the key of.
    pub(super) fn chosen(&self, fits: Vec<Fit>) -> Vec<Fit> {
        let wanted = |fit: &Fit| self.letter.is_none_or(|letter| letter == fit.kind.map_or('D', Kind::letter));
        let fits: Vec<Fit> = fits.into_iter().filter(wanted).collect();
        let is_there = |key| fits.iter().any(|fit| fit.kind == Some(Kind::Appointment) && fit.key == key);
        fits.iter().filter(|fit| fit.kind.is_some() || !is_there(fit.key)).copied().collect()
    }
}

/// Four to sixteen bytes in hex.
fn first_bytes(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    if digits.len() < 8 || digits.len() > 32 || digits.len() % 2 == 1 {
        return None;
    }
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    digits.chunks_exact(2).map(|pair| Some(digit(pair[0])? * 16 + digit(pair[1])?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::KeyHash;

    /// The letter; whether it may be a pseudonym, an Ivoris id and a HubSpot id.
    fn check(word: &str, wanted: &Result<(Option<char>, bool, bool, bool), KeyError>) {
        let forms = |key: Key| (key.letter, key.first.is_some(), key.id.is_some(), key.hubspot.is_some());
        assert_eq!(&Key::read(word).map(forms), wanted, "{word}");
    }

    #[test]
    fn a_word_may_be_meant_in_several_ways() {
        check("A:c2f41e88", &Ok((Some('A'), true, false, false)));
        check(" d:C2F41E88 ", &Ok((Some('D'), true, false, false)));
        check("c2f41e88", &Ok((None, true, true, false)));
        check("12345678", &Ok((None, true, true, true)));
        check("1017", &Ok((None, false, true, true)));
        check("{A1000000-0000-4000-8000-000000000020}", &Ok((None, false, true, false)));
        check("sued-13", &Ok((None, false, true, false)));
        check("X:c2f41e88", &Err(KeyError::Letter));
        check("PA:c2f41e88", &Err(KeyError::Letter));
        check(":c2f41e88", &Err(KeyError::Letter));
        check("A:c2f4", &Err(KeyError::Digits));
        check("A:c2f41e8", &Err(KeyError::Digits));
        check("A:c2f41e8g", &Err(KeyError::Digits));
        check("ganz falsch", &Err(KeyError::Neither(IdError::Shape)));
        check("1,5E+04", &Err(KeyError::Neither(IdError::Scientific)));
        check("", &Err(KeyError::Neither(IdError::Empty)));
    }

    #[test]
    fn an_id_may_carry_its_prefix_and_stands_for_a_key_of_every_installation() {
        let one = |key, prefix: &str| Instance { key: InstanceKey::new(key), prefix: prefix.to_owned(), ivoris: None };
        let (nord, sued) = (one("nord", ""), one("sued", "sued-"));
        let names = |word: &str| -> Vec<String> {
            let key = Key::read(word).expect("a key");
            key.names(&[&nord, &sued]).into_iter().map(|(instance, name)| format!("{instance}:{name}")).collect()
        };
        assert_eq!(names("13"), ["nord:13", "sued:sued-13"]);
        assert_eq!(names("sued-13"), ["nord:sued-13", "sued:sued-sued-13", "sued:sued-13"]);
        assert!(names("A:c2f41e88").is_empty());
    }

    #[test]
    fn the_letter_chooses_and_without_it_an_appointment_comes_before_its_deal() {
        let fit = |kind, key| Fit { patient: KeyHash([1; 16]), kind, key: KeyHash([key; 16]) };
        let (visit, deal, other) = (fit(Some(Kind::Appointment), 2), fit(None, 2), fit(None, 3));
        let chosen = |word: &str| Key::read(word).expect("a key").chosen(vec![visit, deal, other]);
        assert_eq!(chosen("02020202"), [visit, other]);
        assert_eq!(chosen("A:02020202"), [visit]);
        assert_eq!(chosen("D:02020202"), [deal, other]);
        assert!(chosen("P:02020202").is_empty());
    }
}
