//! Which foreign name clearly stands for one of our words. Only what is clear is proposed; a person reads it before use.

use crate::domain::fold_tight;

/// Our word → what others call it, folded, the likeliest first. A word with a dot holds for that kind of record only.
const CALLED: &[(&str, &[&str])] = &[
    ("page", &["pageindex", "pagenumber", "pageno", "pagenr", "seite", "seitennummer"]),
    (
        "begin",
        &[
            "beginn",
            "start",
            "starttime",
            "startdate",
            "begindate",
            "begintime",
            "startdatetime",
            "begindatetime",
            "from",
            "fromdate",
            "datefrom",
            "von",
            "vondatum",
            "datumvon",
            "startzeit",
            "anfang",
            "appointmentstart",
            "startsat",
        ],
    ),
    (
        "end",
        &[
            "ende",
            "endtime",
            "enddate",
            "enddatetime",
            "to",
            "todate",
            "dateto",
            "until",
            "bis",
            "bisdatum",
            "datumbis",
            "endzeit",
            "appointmentend",
            "endsat",
        ],
    ),
    (
        "since",
        &[
            "changedsince",
            "changedafter",
            "modifiedsince",
            "modifiedafter",
            "sincedate",
            "seit",
            "ab",
            "from",
            "timestamp",
        ],
    ),
    ("mandant", &["mandantindex", "mandantid", "mandantnr", "clientindex", "clientid"]),
    ("profile", &["profileid", "profilid", "profil", "profileguid", "mandantid", "mandant"]),
    ("patient", &["patientid", "patientguid", "patid", "patientenid"]),
    ("practitioner", &["practitionerid", "behandlerid", "dentistid", "doctorid", "behandler"]),
    ("entry_type", &["entrytype", "type", "kind", "typ", "eintragstyp"]),
    ("patient.id", &["patientid", "patientguid", "patid", "patientenid"]),
    ("appointment.id", &["appointmentid", "appointmentguid", "terminid"]),
    ("entry.id", &["entryid", "entryguid", "eintragid"]),
    ("chair.id", &["dentistchairid", "chairid", "stuhlid"]),
    ("template.id", &["appointmenttemplateid", "templateid", "terminartid"]),
    ("practitioner.id", &["practitionerid", "behandlerid"]),
    ("profile.id", &["profileid", "profilid"]),
    ("id", &["guid", "uuid", "identifier", "key"]),
    ("patient_id", &["patientid", "patientguid", "patid", "patientenid"]),
    ("profile_id", &["profileid", "profilid", "profileguid"]),
    (
        "chair_id",
        &[
            "dentistchairid",
            "chairid",
            "stuhlid",
            "behandlungsstuhlid",
            "roomid",
            "raumid",
            "zimmerid",
            "resourceid",
            "chairguid",
        ],
    ),
    (
        "template_id",
        &["appointmenttemplateid", "templateid", "appointmenttypeid", "terminartid", "vorlageid", "typeid", "reasonid"],
    ),
    ("practitioner_id", &["practitionerid", "behandlerid", "dentistid", "doctorid"]),
    ("state", &["status", "appointmentstate", "appointmentstatus", "terminstatus", "zustand"]),
    ("confirmation", &["confirmationstate", "confirmationstatus", "confirmed", "bestaetigung", "bestaetigungsstatus"]),
    ("number", &["humanreadableid", "patientnumber", "patientennummer", "patnr", "nummer"]),
    ("first_name", &["firstname", "vorname", "givenname", "forename"]),
    ("last_name", &["lastname", "nachname", "surname", "familyname", "familienname"]),
    ("birthday", &["birthdate", "dateofbirth", "geburtsdatum", "geburtstag"]),
    ("gender", &["geschlecht", "sex"]),
    ("email", &["mail", "emailaddress", "mailadresse"]),
    ("phone", &["telefon", "phonenumber", "telephone", "festnetz"]),
    ("mobile", &["mobil", "mobilephone", "handy", "mobiltelefon", "cellphone"]),
    ("name", &["label", "bezeichnung", "caption", "title", "displayname"]),
    ("active", &["isactive", "aktiv", "enabled"]),
    ("date", &["datum", "entrydate", "treatmentdate", "behandlungsdatum", "tag", "day"]),
    ("text", &["freitext", "content", "inhalt", "beschreibung", "description"]),
    ("kind", &["type", "typ", "entrytype", "eintragsart", "art"]),
    ("code", &["feecode", "gebuehrennummer", "leistungsnummer", "ziffer", "nummer"]),
    ("schedule", &["feeschedule", "gebuehrenart", "gebuehrenordnung", "tarif"]),
    ("amount", &["total", "betrag", "summe", "price", "preis"]),
    ("factor", &["faktor"]),
    ("count", &["quantity", "anzahl", "menge"]),
    ("modified", &["modifiedat", "lastchange", "changedat", "lastmodified", "changed", "geaendert", "updatedat"]),
    ("created", &["createdat", "creationdate", "angelegt", "erstellt"]),
];

/// The one of `free` that stands for `word` of a kind of record (empty = of a question), of which `ours` are the names we
/// know: the same name spelt otherwise, else the likeliest of what others call it. `None` when nothing is clear.
pub(super) fn like<'f>(thing: &str, word: &str, ours: &[&str], free: &[&'f str]) -> Option<&'f str> {
    let only = |fits: &dyn Fn(&str) -> bool| {
        let mut hits = free.iter().filter(|name| fits(name));
        // Two names that could be meant are not clear.
        hits.next().filter(|_| hits.next().is_none()).copied()
    };
    let whole = |wanted: &str| only(&|name| fold_tight(name) == wanted);
    // An `Id` at the end of a path is the id of what stands before it.
    let end = |wanted: &str| {
        let ends = |name: &str| name.rsplit_once('.').is_some_and(|(_, last)| fold_tight(last) == wanted);
        if word.ends_with("id") { None } else { only(&ends) }
    };
    let own: Vec<String> = ours.iter().map(|name| fold_tight(name)).chain([fold_tight(word)]).collect();
    let called = |word: &str| CALLED.iter().find(|(known, _)| *known == word).map_or(&[][..], |(_, names)| names);
    let full = format!("{thing}.{word}");
    let others = || called(&full).iter().chain(called(word)).copied();
    let all = || own.iter().map(String::as_str).filter(|name| *name != "id").chain(others());
    all().find_map(whole).or_else(|| all().find_map(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_clear_is_proposed() {
        let check = |word: &str, ours: &[&str], free: &[&str], wanted: Option<&str>| {
            assert_eq!(like("appointment", word, ours, free), wanted, "{word} {free:?}");
        };
        check("begin", &["begin"], &["Begin_", "von"], Some("Begin_"));
        check("begin", &["begin"], &["bis", "von"], Some("von"));
        check("end", &["end"], &["bis", "von"], Some("bis"));
        check("begin", &["begin"], &["x", "y"], None);
        check("chair_id", &["DentistChair.Id"], &["Stuhl.Id", "PatientId"], Some("Stuhl.Id"));
        check("chair_id", &[], &["StuhlId", "Stuhl.Id"], None);
        check("patient_id", &["patientId"], &["Patient.Id"], Some("Patient.Id"));
        check("colour", &["Colour"], &["colour"], Some("colour"));
        check("id", &["Id"], &["Room.Id", "PatientGuid"], None);
        check("id", &["Id"], &["Room.Id", "TerminId"], Some("TerminId"));
        check("email", &["Email"], &["Contact.Mail"], Some("Contact.Mail"));
        check("since", &["since"], &["changedAfter"], Some("changedAfter"));
    }

    #[test]
    fn what_others_say_is_folded() {
        for (word, names) in CALLED {
            names.iter().for_each(|name| assert_eq!(fold_tight(name), *name, "{word}"));
        }
    }
}
