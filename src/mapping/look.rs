//! The words that a record looks up in the tables, in the order in which they are asked: what a decision depends on.
//!
//! A look-up that finds nothing is a word too: a new row answers it. The text of an entry is never a word; what a pattern
//! could say about it belongs to the answer of its type and code.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::{Appointment, Entry, Patient};

use super::ruling::Facts;

/// One look-up. Texts are as written.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Look<'a> {
    /// `Terminart`: its rows in `terminarten.csv` on any day, and the location its prefix stands for.
    Template(Cow<'a, str>),
    /// The id of a `Terminart`: its rows in `terminarten.csv` on any day.
    TemplateId(Cow<'a, str>),
    /// `Status` and `Bestätigung`: `status.csv`.
    State {
        /// `Status`
        state: Cow<'a, str>,
        /// `Bestätigung`
        confirmation: Cow<'a, str>,
    },
    /// `Standort`: `standorte.csv`.
    Location(Cow<'a, str>),
    /// Id or name of a chair: `behandlungsstuehle.csv`.
    Chair {
        /// Whether it is an id: then no prefix counts.
        id: bool,
        /// Id or name.
        text: Cow<'a, str>,
    },
    /// Id or name of a practitioner: `behandler.csv`.
    Practitioner(Cow<'a, str>),
    /// Id or index of a billing profile of an installation: `standorte.csv`.
    Profile {
        /// Installation.
        instance: Cow<'a, str>,
        /// Profile.
        text: Cow<'a, str>,
    },
    /// The only location of an installation: `standorte.csv`.
    Instance(Cow<'a, str>),
    /// Type, schedule and code of a chart entry: `eintragsarten.csv`, `gebuehren.csv`, `punktwerte.csv`.
    Entry {
        /// `Typ`
        kind: Cow<'a, str>,
        /// `Gebührenart`
        schedule: Cow<'a, str>,
        /// Fee code.
        code: Cow<'a, str>,
    },
    /// What `regeln.csv` was asked, for a deal in any stage or none: a deal moves, and its history stays.
    Facts(Facts),
}

/// What a look-up gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hit {
    /// No row.
    Nothing,
    /// A row, but no location.
    Row,
    /// A location.
    Place,
}

/// The kind of look-up without its words: a code is health data.
impl fmt::Debug for Look<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.table())
    }
}

impl Look<'_> {
    /// The table that answers first.
    #[must_use]
    pub const fn table(&self) -> &'static str {
        match self {
            Self::Template(_) | Self::TemplateId(_) => "terminarten",
            Self::State { .. } => "status",
            Self::Location(_) | Self::Profile { .. } | Self::Instance(_) => "standorte",
            Self::Chair { .. } => "behandlungsstuehle",
            Self::Practitioner(_) => "behandler",
            Self::Entry { .. } => "eintragsarten",
            Self::Facts(_) => "regeln",
        }
    }

    /// Writes what tells this look-up from all others; facts are told apart by [`super::Rulings`].
    pub fn spell(&self, into: &mut String) {
        let (letter, texts): (char, [&str; 3]) = match self {
            Self::Template(text) => ('t', [text, "", ""]),
            Self::TemplateId(text) => ('d', [text, "", ""]),
            Self::State { state, confirmation } => ('s', [state, confirmation, ""]),
            Self::Location(text) => ('l', [text, "", ""]),
            Self::Chair { id: true, text } => ('i', [text, "", ""]),
            Self::Chair { id: false, text } => ('c', [text, "", ""]),
            Self::Practitioner(text) => ('p', [text, "", ""]),
            Self::Profile { instance, text } => ('m', [instance, text, ""]),
            Self::Instance(text) => ('n', [text, "", ""]),
            Self::Entry { kind, schedule, code } => ('e', [kind, schedule, code]),
            Self::Facts(_) => ('f', ["", "", ""]),
        };
        into.clear();
        into.push(letter);
        for text in texts {
            into.push_str(text);
            into.push('\u{1f}');
        }
    }

    /// Everything that an appointment looks up. `ask` says what each gave: what comes after a hit is not asked.
    pub fn of_appointment<'r>(one: &'r Appointment, ask: &mut dyn FnMut(Look<'r>) -> Hit) {
        ask(Look::State { state: (&one.state).into(), confirmation: (&one.confirmation).into() });
        if let Some(id) = given(one.ids.template.as_deref()) {
            ask(Look::TemplateId(id.into()));
        }
        let prefix = ask(Look::Template((&one.template).into()));
        Self::of_place(one, prefix, ask);
    }

    /// What the location of an appointment is looked up by; the same order as [`super::Mapping::location_of_appointment`].
    fn of_place<'r>(one: &'r Appointment, prefix: Hit, ask: &mut dyn FnMut(Look<'r>) -> Hit) {
        let mut found = |look: Look<'r>| ask(look) == Hit::Place;
        if given(one.location.as_deref()).is_some_and(|text| found(Look::Location(text.into()))) {
            return;
        }
        let by_id = given(one.ids.chair.as_deref()).map(|text| ask(Look::Chair { id: true, text: text.into() }));
        let chair = match by_id {
            Some(hit @ (Hit::Row | Hit::Place)) => hit,
            Some(Hit::Nothing) | None => {
                let name = given(Some(&one.chair)).map(|text| ask(Look::Chair { id: false, text: text.into() }));
                name.unwrap_or(Hit::Nothing)
            }
        };
        if chair == Hit::Place || prefix == Hit::Place {
            return;
        }
        let mut found = |look: Look<'r>| ask(look) == Hit::Place;
        let practitioners = [one.ids.practitioner.as_deref(), Some(one.practitioner.as_str())];
        for text in practitioners.into_iter().filter_map(given) {
            if found(Look::Practitioner(text.into())) {
                return;
            }
        }
        let instance = one.instance.as_str();
        if given(one.ids.profile.as_deref())
            .is_some_and(|text| found(Look::Profile { instance: instance.into(), text: text.into() }))
        {
            return;
        }
        ask(Look::Instance(instance.into()));
    }

    /// Everything that a patient looks up.
    pub fn of_patient<'r>(one: &'r Patient, ask: &mut dyn FnMut(Look<'r>) -> Hit) {
        let mut found = |look: Look<'r>| ask(look) == Hit::Place;
        if given(one.location.as_deref()).is_some_and(|text| found(Look::Location(text.into()))) {
            return;
        }
        let instance = one.instance.as_str();
        if given(one.profile.as_deref()).is_some_and(|text| {
            found(Look::Profile { instance: instance.into(), text: text.into() }) || found(Look::Location(text.into()))
        }) {
            return;
        }
        // The contact of a patient without appointments stands at the only location.
        ask(Look::Instance(instance.into()));
    }

    /// What an entry looks up.
    #[must_use]
    pub fn of_entry(one: &Entry) -> Look<'_> {
        Look::Entry { kind: (&one.kind).into(), schedule: (&one.schedule).into(), code: one.code.expose().into() }
    }
}

fn given(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}
