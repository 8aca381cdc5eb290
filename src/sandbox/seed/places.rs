//! The invented group of the shipped mapping: three locations on two instances, their chairs, people and Terminarten.

use std::borrow::Cow;

use super::rows::Cell;

/// One location of the group.
#[derive(Debug)]
pub(crate) struct Location {
    /// `Standort` as exports write it.
    pub(crate) name: &'static str,
    /// Stands before chairs and some Terminarten.
    pub(crate) prefix: &'static str,
    /// 0 = instance nord, 1 = instance sued: patient numbers are unique within one instance only.
    pub(crate) instance: usize,
    /// Patients of a thousand (`domain.md` 6.2: sizes vary).
    pub(crate) share: u32,
    /// `Mandant`.
    pub(crate) profile: &'static str,
    /// Those who treat.
    pub(crate) doctors: &'static [&'static str],
    /// Who cleans teeth.
    pub(crate) hygienist: &'static str,
    /// Word for a chair.
    chair: &'static str,
    /// Terminarten that carry the prefix here, by the start of their name.
    prefixed: &'static [&'static str],
    /// Postal codes and towns around it, invented.
    pub(crate) towns: &'static [(&'static str, &'static str)],
}

/// The locations, the largest first.
pub(crate) const LOCATIONS: [Location; 3] = [
    Location {
        name: "KFO Nord",
        prefix: "NB_",
        instance: 0,
        share: 450,
        profile: "1",
        doctors: &["Dr. Ahrens", "Dr. Lindqvist"],
        hygienist: "Dr. Lindqvist",
        chair: "Zimmer",
        prefixed: &["Erstberatung", "Planbesprechung"],
        towns: &[("01067", "Neustadt"), ("01099", "Oberau"), ("04109", "Lindenhain"), ("19055", "Birkenfelde")],
    },
    Location {
        name: "KFO Süd",
        prefix: "SB_",
        instance: 1,
        share: 350,
        profile: "1",
        doctors: &["Dr. Falkner"],
        hygienist: "Dr. Falkner",
        chair: "Stuhl",
        prefixed: &["Kontrolle", "Retentionskontrolle"],
        towns: &[("88131", "Seeheim"), ("88142", "Uferweiler"), ("88161", "Bergach")],
    },
    Location {
        name: "Zahnzentrum Mitte",
        prefix: "MB_",
        instance: 0,
        share: 200,
        profile: "2",
        doctors: &["Dr. Okonjo"],
        hygienist: "ZMP Reuter",
        chair: "Behandlung",
        prefixed: &["Beratung", "Implantation", "Zahnersatz", "Erstberatung", "PZR"],
        towns: &[("34117", "Mittelstadt"), ("34225", "Talheim"), ("04275", "Wiesenrode")],
    },
];

impl Location {
    /// Name of a chair, counted from 0. The one of the south without prefix was made before prefixes came up.
    pub(crate) fn chair(&self, at: usize) -> Cell {
        if self.prefix == "SB_" && at == 2 {
            return Cow::Borrowed("Stuhl 3 KFO");
        }
        Cow::Owned(format!("{}{} {}", self.prefix, self.chair, at + 1))
    }

    /// A Terminart as this location calls it.
    pub(crate) fn template(&self, name: &'static str) -> Cell {
        if self.prefixed.iter().any(|start| name.starts_with(start)) {
            return Cow::Owned(format!("{}{name}", self.prefix));
        }
        Cow::Borrowed(name)
    }
}

/// What a visit is for: decides Terminart, length and chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Consult,
    Records,
    Plan,
    Quote,
    Start,
    Control,
    Fitting,
    Emergency,
    End,
    Retainer,
    Retention,
    Cleaning,
}

/// A course of treatment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Course {
    /// Braces of a minor, statutory or private.
    Braces,
    /// Aligners of an adult.
    Aligner,
    /// Implant and prosthetics.
    Implant,
    /// Cleaning only: never a deal.
    Hygiene,
}

impl Course {
    /// Terminart and usual minutes of a visit.
    pub(crate) const fn template(self, purpose: Purpose) -> (&'static str, u32) {
        match (purpose, self) {
            (Purpose::Consult, Self::Braces | Self::Hygiene) => ("Erstberatung KFO Kind", 20),
            (Purpose::Consult, Self::Aligner) => ("Erstberatung Aligner", 30),
            (Purpose::Consult, Self::Implant) => ("Beratung Implantat", 30),
            (Purpose::Records, _) => ("Anfangsunterlagen/Scan", 45),
            (Purpose::Plan, _) => ("Planbesprechung", 30),
            (Purpose::Quote, _) => ("HKP-Besprechung", 20),
            (Purpose::Start, Self::Aligner) => ("Aligner-Abgabe Start", 45),
            (Purpose::Start, Self::Implant) => ("Implantation", 90),
            (Purpose::Start, Self::Braces | Self::Hygiene) => ("Einsetzen Multiband", 90),
            (Purpose::Control, Self::Aligner) => ("Kontrolle Aligner", 15),
            (Purpose::Control, Self::Braces | Self::Implant | Self::Hygiene) => ("Bogenwechsel", 20),
            (Purpose::Fitting, _) => ("Zahnersatz einsetzen", 45),
            (Purpose::Emergency, _) => ("Reparatur/Notfall", 15),
            (Purpose::End, _) => ("Entbänderung", 60),
            (Purpose::Retainer, _) => ("Retainer einsetzen", 30),
            (Purpose::Retention, _) => ("Retentionskontrolle", 15),
            (Purpose::Cleaning, _) => ("PZR", 60),
        }
    }
}
