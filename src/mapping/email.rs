//! E-mail fields → one address or none, and who of several patients owns an address.

use std::str::FromStr;

use chrono::NaiveDate;
use email_address::EmailAddress;

use crate::domain::{Patient, PatientId};

/// Local parts of addresses that stand for "has none".
const PLACEHOLDERS: [&str; 15] = [
    "kein",
    "keine",
    "keineemail",
    "keinemail",
    "keine-email",
    "keine.email",
    "keinee-mail",
    "nomail",
    "noemail",
    "no-email",
    "none",
    "unbekannt",
    "ohne",
    "ohneemail",
    "noreply",
];

/// Domains, without their last label, that stand for "has none".
const PLACEHOLDER_DOMAINS: [&str; 7] = ["kein", "keine", "keinemail", "keineemail", "nomail", "noemail", "unbekannt"];

/// What an e-mail field holds.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Email {
    /// Nothing, or a placeholder for nothing.
    Empty,
    /// The first valid address, in lower case.
    Valid {
        /// The address.
        address: String,
        /// Whether the field held more than one.
        more: bool,
    },
    /// Something that is no address.
    Invalid,
}

/// Reads an e-mail field: trimmed, first valid of several, placeholders as nothing, lower case.
pub(crate) fn email(raw: &str) -> Email {
    let mut parts =
        raw.split([';', ',', '/', '|', '<', '>']).flat_map(str::split_whitespace).filter(|part| !part.is_empty());
    let (mut seen, mut placeholder) = (false, false);
    while let Some(part) = parts.next() {
        seen = true;
        let part = part.trim_start_matches("mailto:").trim_matches(['.', '"', '\'', '(', ')']).to_lowercase();
        if is_placeholder(&part) {
            placeholder = true;
        } else if is_address(&part) {
            let more = parts.any(|part| part.contains('@'));
            return Email::Valid { address: part, more };
        }
    }
    if !seen || placeholder { Email::Empty } else { Email::Invalid }
}

/// HubSpot takes plain addresses only: ASCII, with a dotted domain, without quotes.
fn is_address(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    text.is_ascii()
        && !local.contains('"')
        && domain.contains('.')
        && !domain.contains('[')
        && EmailAddress::from_str(text).is_ok()
}

fn is_placeholder(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else {
        return PLACEHOLDERS.contains(&text) || matches!(text, "-" | "--" | "n.a" | "na" | "e-mail" | "email");
    };
    let site = domain.rsplit_once('.').map_or(domain, |(site, _)| site);
    PLACEHOLDERS.contains(&local) || PLACEHOLDER_DOMAINS.contains(&site)
}

/// The address of a patient in the form in which addresses are compared; `None` if there is none.
#[must_use]
pub fn email_of(patient: &Patient) -> Option<String> {
    match email(patient.email.expose()) {
        Email::Valid { address, .. } => Some(address),
        Email::Empty | Email::Invalid => None,
    }
}

/// Whether a patient owns the address (`email`) or has it in `ivoris_email` only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EmailRole {
    /// The contact gets it as its `email`.
    Owner,
    /// Another contact has it, or nobody should.
    Shared,
}

/// One of the patients that have an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmailCandidate<'p> {
    /// The patient.
    pub patient: &'p PatientId,
    /// Date of birth, if known.
    pub birthday: Option<NaiveDate>,
    /// Whether this patient's contact holds the address in HubSpot now.
    pub holds: bool,
}

/// Decides which of the patients with one address owns it on `today`; `None` = nobody.
///
/// A patient alone with the address owns it whatever the age; else the one whose contact holds it; else the oldest adult
/// (ties: the smaller id, so that the order of arrival does not matter). Source: design.md section 3.
#[must_use]
pub fn email_owner<'p>(candidates: &[EmailCandidate<'p>], today: NaiveDate) -> Option<&'p PatientId> {
    if let [only] = candidates {
        return Some(only.patient);
    }
    let smallest = |a: &&EmailCandidate<'p>, b: &&EmailCandidate<'p>| a.patient.cmp(b.patient);
    if let Some(holder) = candidates.iter().filter(|one| one.holds).min_by(smallest) {
        return Some(holder.patient);
    }
    let born_if_adult = |one: &EmailCandidate<'p>| {
        one.birthday
            .filter(|born| today.years_since(*born).is_some_and(|years| years >= 18))
            .map(|born| (born, one.patient))
    };
    candidates.iter().filter_map(born_if_adult).min().map(|(_, patient)| patient)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_become_one_address_or_none() {
        let check = |raw: &str, wanted: Option<&str>| {
            let found = match email(raw) {
                Email::Valid { address, .. } => Some(address),
                Email::Empty | Email::Invalid => None,
            };
            assert_eq!(found.as_deref(), wanted, "{raw:?}");
        };
        check("Anna.Muster@Example.COM ", Some("anna.muster@example.com"));
        check("a@example.org; b@example.org", Some("a@example.org"));
        check("kaputt@, b@example.org", Some("b@example.org"));
        check("keine@keine.de", None);
        check("keine@example.org oder mutter@example.org", Some("mutter@example.org"));
        check("Anna <anna@example.net>", Some("anna@example.net"));
        check("kein", None);
        check("", None);
        check("anna@localhost", None);
        check("anna.example.org", None);
        check("änna@example.org", None);
        assert!(email("anna.example.org") == Email::Invalid);
        assert!(email("  ") == Email::Empty);
        assert!(email("kein") == Email::Empty);
        assert!(matches!(email("a@example.org b@example.org"), Email::Valid { more: true, .. }));
    }

    /// Candidates as (id, year of birth or 0, holds).
    fn owner(candidates: &[(&str, i32, bool)]) -> Option<String> {
        let ids: Vec<PatientId> = candidates.iter().map(|(id, ..)| PatientId::new(id)).collect();
        let list: Vec<EmailCandidate<'_>> = candidates
            .iter()
            .zip(&ids)
            .map(|((_, year, holds), patient)| EmailCandidate {
                patient,
                birthday: NaiveDate::from_ymd_opt(*year, 11, 24).filter(|_| *year > 0),
                holds: *holds,
            })
            .collect();
        let today = NaiveDate::from_ymd_opt(2026, 11, 24).expect("a day");
        email_owner(&list, today).map(|id| id.as_str().to_owned())
    }

    #[test]
    fn one_patient_owns_an_address() {
        let check = |candidates: &[(&str, i32, bool)], wanted: Option<&str>| {
            assert_eq!(owner(candidates).as_deref(), wanted, "{candidates:?}");
            let mut turned = candidates.to_vec();
            turned.reverse();
            assert_eq!(owner(&turned).as_deref(), wanted, "{candidates:?} the other way round");
        };
        check(&[], None);
        check(&[("kind", 2018, false)], Some("kind"));
        check(&[("kind", 2018, false), ("kind2", 2020, false)], None);
        check(&[("kind", 2018, false), ("vater", 1980, false), ("oma", 1950, false)], Some("oma"));
        check(&[("kind", 2018, true), ("vater", 1980, false)], Some("kind"));
        check(&[("a", 1980, false), ("b", 1980, false)], Some("a"));
        check(&[("a", 0, false), ("b", 2008, false)], Some("b"));
        check(&[("a", 0, false), ("b", 2009, false)], None);
    }
}
