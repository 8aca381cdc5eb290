//! What to do about records that were held, rejected or skipped.

use crate::domain::Kind;

/// The command that reads a kind.
#[must_use]
pub const fn pass_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Patient => "migrate-patients",
        Kind::Appointment => "migrate-appointments",
        Kind::Entry => "backfill-entries",
    }
}

/// What mends records held for `reason`. Reasons are the texts of [`crate::domain::Held`]; one that is not known here
/// still gets the command that looks at them again.
#[must_use]
pub fn for_held(kind: Kind, reason: &str) -> String {
    let again = format!("ivohub {} --requeue --drain-only", pass_of(kind));
    let table = |file: &str| format!("add a row to {file}, then: {again}");
    let known: [(&str, String); 10] = [
        (
            "waiting for patient",
            "ivohub migrate-patients --input FILE, or --source api; who stays away: look the patient up in Ivoris"
                .to_owned(),
        ),
        ("unknown status", table("mappings/status.csv")),
        ("unknown Terminart", table("mappings/terminarten.csv")),
        ("unknown location", table("mappings/standorte.csv or behandlungsstuehle.csv")),
        ("two deals", format!("close or delete one of them in HubSpot, then: {again}")),
        ("several open deals", format!("leave one of them open in HubSpot, then: {again}")),
        ("locked", "a person decides; ivohub leaves it alone".to_owned()),
        (
            "the portal took back",
            "a person or workflow decided; new appointments or entries move the deal again".to_owned(),
        ),
        ("gone in HubSpot", format!("restore it from HubSpot's recycle bin, then: {again}")),
        ("refused by HubSpot", format!("ivohub hubspot-schema plan, then: {again}")),
    ];
    known.into_iter().find(|(start, _)| reason.starts_with(start)).map_or(again, |(_, next)| next)
}

/// What mends rejected rows.
#[must_use]
pub fn for_rejected(kind: Kind) -> String {
    format!("correct the rows in Ivoris or in the file, then: ivohub {} --input FILE, or --source api", pass_of(kind))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Held;

    #[test]
    fn every_reason_has_a_next_step() {
        let check = |held: &Held, part: &str| {
            let next = for_held(Kind::Appointment, &held.to_string());
            assert!(next.contains(part), "{held}: {next}");
        };
        check(&Held::WaitingForPatient, "migrate-patients");
        check(&Held::UnknownStatus("verschoben?".to_owned()), "mappings/status.csv");
        check(&Held::UnknownTemplate("x".to_owned()), "mappings/terminarten.csv");
        check(&Held::UnknownLocation, "mappings/standorte.csv");
        check(&Held::DuplicateDeals, "in HubSpot");
        check(&Held::SeveralLeads, "leave one of them open");
        check(&Held::Locked, "a person");
        check(&Held::Gone, "recycle bin");
        check(&Held::Refused("VALIDATION_ERROR".to_owned()), "hubspot-schema");
        check(&Held::EmailTaken, "--requeue");
    }
}
