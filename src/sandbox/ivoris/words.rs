//! The words of exports in the words of the API. A word without an equal stays as it is.

use crate::domain::fold;

/// `State` for a `Status`.
pub(super) fn state(raw: &str) -> &str {
    match fold(raw).as_str() {
        "geplant" | "terminiert" | "vergeben" | "offen" | "reserviert" => "Planned",
        "bestaetigt" | "rueckbestaetigt" => "Confirmed",
        "da" | "angemeldet" | "eingecheckt" | "im wartezimmer" | "aufgerufen" => "Waiting",
        "in behandlung" | "im zimmer" => "InTreatment",
        "fertig" | "erledigt" | "behandelt" | "wahrgenommen" | "gegangen" => "Completed",
        "abgesagt" | "storniert" => "Cancelled",
        "nicht erschienen" | "ausgefallen" | "versaeumt" | "unentschuldigt" => "NoShow",
        "geklaert" | "erledigt ohne behandlung" => "Clarified",
        _ => raw,
    }
}

/// `ConfirmationState` for a `Bestätigung`.
pub(super) fn confirmation(raw: &str) -> &str {
    match fold(raw).as_str() {
        "" => "None",
        "bestaetigt" => "Confirmed",
        _ => raw,
    }
}

/// `HealthInsurance` for a `Versicherungsart`.
pub(super) fn insurance(raw: &str) -> &str {
    match fold(raw).as_str() {
        "gesetzlich" => "Statutory",
        "privat" => "Private",
        _ => raw,
    }
}

/// `InsuranceStatus`: children of the statutory funds are insured with a parent.
pub(super) fn insurance_status(raw: &str, insurant: &str) -> &'static str {
    match (fold(raw).as_str(), insurant.is_empty()) {
        ("gesetzlich", false) => "Family",
        ("gesetzlich", true) => "Statutory",
        ("privat", _) => "Private",
        _ => "",
    }
}

/// `Gender` for a `Geschlecht`.
pub(super) fn gender(raw: &str) -> &str {
    match fold(raw).as_str() {
        "" => "Unknown",
        "w" | "weiblich" => "Female",
        "m" | "maennlich" => "Male",
        "d" | "divers" => "Diverse",
        _ => raw,
    }
}

/// `Country` for a `Land`.
pub(super) fn country(raw: &str) -> &str {
    if raw == "DE" { "D" } else { raw }
}

/// Title, first and last name of a practitioner; together they are the name again.
pub(super) fn name_parts(name: &str) -> (String, String, String) {
    let is_title = |word: &&str| word.ends_with('.') || ["ZMP", "ZFA", "ZMF", "DH"].contains(word);
    let words: Vec<&str> = name.split_whitespace().collect();
    let titles = words.iter().take(words.len().saturating_sub(1)).take_while(|word| is_title(word)).count();
    let (title, rest) = words.split_at(titles);
    let (last, first) = rest.split_last().map_or(("", &[][..]), |(last, first)| (*last, first));
    (title.join(" "), first.join(" "), last.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_apart_and_together_again() {
        for (name, wanted) in [
            ("Dr. Ahrens", ("Dr.", "", "Ahrens")),
            ("ZMP Reuter", ("ZMP", "", "Reuter")),
            ("Dr. med. dent. Eva Falkner", ("Dr. med. dent.", "Eva", "Falkner")),
            ("Reuter", ("", "", "Reuter")),
            ("", ("", "", "")),
        ] {
            let (title, first, last) = name_parts(name);
            assert_eq!((title.as_str(), first.as_str(), last.as_str()), wanted);
        }
    }
}
