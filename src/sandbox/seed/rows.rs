//! The rows of the three exports, column by column (`domain.md` 6.4).

use std::borrow::Cow;

use super::fees::Fee;
use super::table::Shape;

/// A cell: most are words of the trade that need no room of their own.
pub(crate) type Cell = Cow<'static, str>;

/// Header of `patienten.csv`.
pub(crate) const PATIENTS: &str = "Pat.-Nr.;Patient-ID;Anrede;Titel;Nachname;Vorname;Geburtsdatum;Geschlecht;Straße;PLZ;Ort;Land;Tel. privat;Tel. mobil;E-Mail;Versicherungsart;Krankenkasse;Versichertennr.;Versicherter;Behandler;Mandant;Standort;KFO-Status;Angelegt am;Letzter Besuch;Gelöscht";
/// Header of `termine.csv`.
pub(crate) const VISITS: &str = "Termin-ID;Pat.-Nr.;Patient-ID;Datum;Beginn;Ende;Dauer (Min.);Terminart;Behandlungsstuhl;Behandler;Standort;Status;Bestätigung;Bemerkung;Angelegt am;Geändert am";
/// Header of `eintraege.csv`. `Standort` tells the instance: a file without it cannot hold rows of two instances.
pub(crate) const ENTRIES: &str = "Eintrag-ID;Pat.-Nr.;Patient-ID;Datum;Behandler;Zahn;Typ;Gebührenart;Leistung;Anzahl;Faktor;Betrag;Text;Mandant;Standort";

/// Defines a row: one `Cell` per column in the order of the file, and how the row ends.
macro_rules! row {
    ($(#[$doc:meta])* $name:ident, $count:literal: $($field:ident)*; $($extra:ident: $kind:ty),*) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default)]
        pub(crate) struct $name {
            $(pub(crate) $field: Cell,)*
            $(pub(crate) $extra: $kind,)*
            pub(crate) shape: Shape,
        }

        impl $name {
            /// The cells in the order of the header.
            pub(crate) fn cells(&self) -> [&str; $count] {
                [$(&self.$field),*]
            }
        }
    };
}

row!(
    /// A row of `patienten.csv`.
    PatientRow, 26: number id salutation title last first birthday gender street zip city country phone mobile email
    insurance fund insured_number insurant practitioner profile location stage created last_visit deleted;
);
row!(
    /// A row of `termine.csv`.
    VisitRow, 16: id number patient date begin end minutes template chair practitioner location state confirmation
    comment created changed;
);
row!(
    /// A row of `eintraege.csv`; what its amount was made of stands beside the cells.
    EntryRow, 15: id number patient date practitioner tooth kind schedule code count factor amount text profile location;
    cents: Option<i64>, fee: Option<(Fee, i64, i64)>
);
