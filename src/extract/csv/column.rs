//! The columns of the three kinds of files and the names they go by (`domain.md` 6.4).

use crate::domain::Kind;

/// A column that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    /// `Termin-ID`, `Eintrag-ID`; for patients their own id is [`Column::PatientId`].
    Id,
    PatientId,
    Number,
    Title,
    LastName,
    FirstName,
    Birthday,
    Gender,
    Street,
    Zip,
    City,
    Country,
    Phone,
    Mobile,
    Email,
    Insurance,
    Practitioner,
    Profile,
    Location,
    Created,
    Deleted,
    Date,
    Begin,
    End,
    Duration,
    Template,
    Chair,
    State,
    Confirmation,
    Changed,
    Tooth,
    Type,
    Schedule,
    Code,
    Count,
    Factor,
    Amount,
    Text,
}

impl Column {
    /// Number of columns.
    pub(super) const COUNT: usize = Self::Text as usize + 1;
}

/// A column and its names, the one of the Ivoris export first. `None` = known, and never read.
pub(super) type Known = (Option<Column>, &'static [&'static str]);

/// Groups of columns of which a file needs at least one.
pub(super) type Needed = &'static [&'static [Column]];

/// The columns of a kind of file.
pub(super) const fn known(kind: Kind) -> &'static [Known] {
    match kind {
        Kind::Patient => PATIENTS,
        Kind::Appointment => APPOINTMENTS,
        Kind::Entry => ENTRIES,
    }
}

/// What a kind of file cannot do without.
pub(super) const fn needed(kind: Kind) -> Needed {
    match kind {
        Kind::Patient => &[&[Column::PatientId, Column::Number], &[Column::LastName], &[Column::FirstName]],
        Kind::Appointment => &[
            &[Column::Id],
            &[Column::PatientId, Column::Number],
            &[Column::Date],
            &[Column::Begin],
            &[Column::Template],
            &[Column::State],
        ],
        Kind::Entry => {
            &[&[Column::PatientId, Column::Number], &[Column::Date], &[Column::Type, Column::Code, Column::Text]]
        }
    }
}

const NUMBER: Known = (
    Some(Column::Number),
    &[
        "Pat.-Nr.",
        "Patientennummer",
        "Patientennr.",
        "Patient-Nr.",
        "Patientnummer",
        "HumanReadableId",
        "IVORIS-Nr",
        "IVORIS-Nummer",
    ],
);
const PATIENT_ID: &[&str] = &["Patient-ID", "Patienten-ID", "Patient UUID", "Ivoris-ID"];
const PRACTITIONER: Known =
    (Some(Column::Practitioner), &["Behandler", "Behandlername", "Practitioner", "Zahnarzt", "Arzt"]);
const PROFILE: Known = (Some(Column::Profile), &["Mandant", "MandantIndex", "Profil", "Profile", "ProfileId"]);
const LOCATION: Known = (Some(Column::Location), &["Standort", "Praxis", "Filiale", "Location"]);
const CREATED: Known =
    (Some(Column::Created), &["Angelegt am", "Erfasst am", "Anlagedatum", "Erstellt am", "Created", "CreatedAt"]);

const PATIENTS: &[Known] = &[
    NUMBER,
    (Some(Column::PatientId), &["Patient-ID", "Patienten-ID", "Patient UUID", "Ivoris-ID", "ID", "UUID"]),
    (None, &["Anrede", "Salutation", "Briefanrede"]),
    (Some(Column::Title), &["Titel", "Title", "Akad. Titel"]),
    (Some(Column::LastName), &["Nachname", "Name", "Familienname", "Zuname", "Lastname", "P_NAME"]),
    (Some(Column::FirstName), &["Vorname", "Firstname", "P_VORNAME"]),
    (
        Some(Column::Birthday),
        &["Geburtsdatum", "Geb.-Datum", "Geburtstag", "Geb. am", "Geboren", "Geboren am", "Birthday", "GEBDAT"],
    ),
    (Some(Column::Gender), &["Geschlecht", "Gender"]),
    (Some(Column::Street), &["Straße", "Straße und Hausnummer", "Straße Nr.", "Street", "Anschrift"]),
    (Some(Column::Zip), &["PLZ", "Postleitzahl", "Zip"]),
    (Some(Column::City), &["Ort", "Wohnort", "Stadt", "City"]),
    (Some(Column::Country), &["Land", "Country"]),
    (Some(Column::Phone), &["Tel. privat", "Telefon privat", "Telefon", "Tel.", "Telefonnummer", "Festnetz", "Phone"]),
    (Some(Column::Mobile), &["Tel. mobil", "Telefon mobil", "Mobil", "Mobiltelefon", "Mobilnummer", "Handy", "Mobile"]),
    (None, &["Tel. geschäftlich", "Telefon geschäftlich", "Tel. dienstlich", "Telefon dienstlich", "Fax", "Telefax"]),
    (Some(Column::Email), &["E-Mail", "Mail", "E-Mail-Adresse", "Mailadresse"]),
    (Some(Column::Insurance), &["Versicherungsart", "Kassenart", "KASSEN.ART", "InsuranceStatus"]),
    (None, &["Krankenkasse", "Kasse", "Krankenversicherung", "HealthInsurance", "IK-Nummer", "Kassen-IK"]),
    (None, &["Versichertennr.", "Versichertennummer", "Vers.-Nr.", "KVNR", "InsuranceNumber"]),
    (None, &["Versicherter", "Hauptversicherter", "Insurant", "Zahlungspflichtiger"]),
    PRACTITIONER,
    PROFILE,
    LOCATION,
    (None, &["KFO-Status", "OrthodontistStage", "Behandlungsstatus"]),
    CREATED,
    (None, &["Letzter Besuch", "Letzter Termin", "Nächster Termin", "Alter", "Beruf", "Hausarzt", "Überweiser"]),
    (None, &["Bemerkung", "Bemerkungen", "Notiz", "Notizen", "Kommentar", "Comment"]),
    (Some(Column::Deleted), &["Gelöscht", "DELKZ", "Deleted", "IsDeleted"]),
];

const APPOINTMENTS: &[Known] = &[
    (Some(Column::Id), &["Termin-ID", "Termin-Nr.", "Terminnummer", "AppointmentId", "ID"]),
    NUMBER,
    (Some(Column::PatientId), PATIENT_ID),
    (Some(Column::Date), &["Datum", "Termindatum", "Tag", "Date"]),
    (Some(Column::Begin), &["Beginn", "Uhrzeit", "Startzeit", "Zeit", "Von", "Begin", "Start"]),
    (Some(Column::End), &["Ende", "Endzeit", "Bis", "End"]),
    (Some(Column::Duration), &["Dauer (Min.)", "Dauer", "Dauer in Minuten", "Minuten", "Duration"]),
    (Some(Column::Template), &["Terminart", "Terminvorlage", "Vorlage", "Template", "AppointmentTemplate"]),
    (Some(Column::Chair), &["Behandlungsstuhl", "Stuhl", "Zimmer", "Raum", "Behandlungszimmer", "Chair"]),
    PRACTITIONER,
    LOCATION,
    (Some(Column::State), &["Status", "Terminstatus", "State"]),
    (Some(Column::Confirmation), &["Bestätigung", "Bestätigungsstatus", "ConfirmationState"]),
    CREATED,
    (Some(Column::Changed), &["Geändert am", "Letzte Änderung", "Änderungsdatum", "Changed", "ChangedAt", "Modified"]),
    (None, &["Bemerkung", "Bemerkungen", "Notiz", "Notizen", "Kommentar", "Comment", "Betreff"]),
    (None, &["Patient", "Patientenname", "Nachname", "Name", "Vorname", "Geburtsdatum"]),
    (None, &["Telefon", "Tel. privat", "Tel. mobil", "Mobil", "E-Mail", "Versicherungsart", "Krankenkasse"]),
    (None, &["Mandant", "MandantIndex", "Wochentag", "Online", "Onlinetermin", "Erinnerung"]),
];

const ENTRIES: &[Known] = &[
    (Some(Column::Id), &["Eintrag-ID", "Eintrags-ID", "Eintrag-Nr.", "EntryId", "ID"]),
    NUMBER,
    (Some(Column::PatientId), PATIENT_ID),
    (Some(Column::Date), &["Datum", "Leistungsdatum", "Belegdatum", "Behandlungsdatum", "Date"]),
    PRACTITIONER,
    (Some(Column::Tooth), &["Zahn", "Zähne", "Gebiet", "Region", "Zahn/Gebiet", "Tooth"]),
    (Some(Column::Type), &["Typ", "Eintragsart", "Eintragstyp", "Art", "Type"]),
    (Some(Column::Schedule), &["Gebührenart", "Gebührenordnung", "Schedule"]),
    (
        Some(Column::Code),
        &["Leistung", "Leistungsnummer", "Leistungsnr.", "Gebührennummer", "Geb.-Nr.", "Ziffer", "Code"],
    ),
    (Some(Column::Count), &["Anzahl", "Menge", "Count"]),
    (Some(Column::Factor), &["Faktor", "Steigerungsfaktor", "Factor"]),
    (
        Some(Column::Amount),
        &["Betrag", "Betrag in EUR", "Betrag (EUR)", "Betrag €", "Betrag Euro", "Rechnungsbetrag", "Amount"],
    ),
    (Some(Column::Text), &["Text", "Bezeichnung", "Beschreibung", "Leistungstext", "Karteitext"]),
    PROFILE,
    LOCATION,
    (None, &["Bemerkung", "Bemerkungen", "Notiz", "Notizen", "Kommentar", "Comment", "Begründung"]),
    (None, &["Patient", "Patientenname", "Nachname", "Name", "Vorname", "Geburtsdatum"]),
    (None, &["Buchungsdatum", "Fällig am", "Verwendungszweck", "Rechnungsnummer", "Rechnungs-Nr.", "Beleg-Nr."]),
    (None, &["Diagnose", "Material", "Flächen", "Dokument-ID", "DocumentId", "Angelegt am"]),
];
