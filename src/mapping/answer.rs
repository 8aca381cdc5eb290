//! What the tables answer to a look-up: the rows that answered, and a digest of everything the answer depends on.
//!
//! The digest may change where the answer does not (a row that a day shuts out); it never stays where the answer changes.

use crate::domain::{InstanceKey, StageKey};

use super::chart::fold_code;
use super::digest::Digest;
use super::fold::fold;
use super::index::Mapping;
use super::look::{Hit, Look};
use super::rows::{Row, RowRef};
use super::ruling::{Facts, Rulings};
use super::tables::{AmountSource, StatusField};

/// The answer to one look-up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// Rows that answered, or could on some day; none = nothing has a row for it.
    pub rows: Vec<RowRef>,
    /// Of everything that the answer depends on.
    pub digest: Digest,
}

/// Rows and texts that an answer is made of.
#[derive(Default)]
struct Parts {
    rows: Vec<RowRef>,
    texts: Vec<String>,
}

impl Parts {
    fn row(&mut self, row: &impl Row) {
        let place = row.place();
        if !self.rows.contains(&place) {
            self.rows.push(place);
        }
        self.texts.push(format!("{row:?}"));
    }

    fn text(&mut self, text: String) {
        self.texts.push(text);
    }
}

impl Mapping {
    /// What the tables answer to a look-up. `rulings` are those of this mapping.
    #[must_use]
    pub fn answer(&self, look: &Look<'_>, rulings: &Rulings) -> Answered {
        let mut parts = Parts::default();
        match look {
            Look::Template(text) => self.template_parts(text, &mut parts),
            Look::TemplateId(id) => self.template_id_parts(id, &mut parts),
            Look::State { state, confirmation } => self.state_parts(state, confirmation, &mut parts),
            Look::Location(_)
            | Look::Chair { .. }
            | Look::Practitioner(_)
            | Look::Profile { .. }
            | Look::Instance(_) => {
                self.place_parts(look, &mut parts);
            }
            Look::Entry { kind, schedule, code } => self.entry_parts(kind, schedule, code, &mut parts),
            Look::Facts(facts) => self.facts_parts(facts, rulings, &mut parts),
        }
        let digest = Digest::over(parts.texts.iter().map(String::as_bytes));
        Answered { rows: parts.rows, digest }
    }

    /// What a look-up for a place gives. Of a template it is its prefix that counts.
    #[must_use]
    pub fn hit(&self, look: &Look<'_>) -> Hit {
        let place = |found: Option<usize>| if found.is_some() { Hit::Place } else { Hit::Nothing };
        match look {
            Look::Template(text) => place(self.places().by_prefix(&fold(text))),
            Look::Chair { id: true, text } => match self.places().chair_row(&fold(text)) {
                Some(Some(_)) => Hit::Place,
                Some(None) => Hit::Row,
                None => Hit::Nothing,
            },
            Look::Chair { id: false, .. }
            | Look::Location(_)
            | Look::Practitioner(_)
            | Look::Profile { .. }
            | Look::Instance(_) => place(self.place_of(look)),
            Look::TemplateId(_) | Look::State { .. } | Look::Entry { .. } | Look::Facts(_) => Hit::Nothing,
        }
    }

    /// The location that a look-up for a place leads to, by its place in `standorte.csv`.
    fn place_of(&self, look: &Look<'_>) -> Option<usize> {
        let places = self.places();
        match look {
            Look::Location(text) => places.named(text),
            Look::Chair { id: true, text } => places.chair_row(&fold(text)).copied().flatten(),
            Look::Chair { id: false, text } => places.by_chair(text),
            Look::Practitioner(text) => places.by_practitioner(text),
            Look::Profile { instance, text } => places.by_profile(&InstanceKey::new(instance), text),
            Look::Instance(instance) => places.by_instance(&InstanceKey::new(instance)),
            Look::Template(text) => places.by_prefix(&fold(text)),
            Look::TemplateId(_) | Look::State { .. } | Look::Entry { .. } | Look::Facts(_) => None,
        }
    }

    fn place_parts(&self, look: &Look<'_>, parts: &mut Parts) {
        let tables = self.tables();
        match look {
            Look::Chair { id, text } => {
                let folded = fold(text);
                let named = |row: &&super::tables::Chair| {
                    row.id.iter().chain(&row.name).any(|name| fold(name) == folded)
                        || (!id && row.prefix.as_ref().is_some_and(|prefix| folded.starts_with(&fold(prefix))))
                };
                tables.chairs.iter().filter(named).for_each(|row| parts.row(row));
            }
            Look::Practitioner(text) => {
                let folded = fold(text);
                let named = |row: &&super::tables::Practitioner| {
                    fold(&row.name) == folded || row.id.as_ref().is_some_and(|id| fold(id) == folded)
                };
                tables.practitioners.iter().filter(named).for_each(|row| parts.row(row));
            }
            Look::Location(_)
            | Look::Profile { .. }
            | Look::Instance(_)
            | Look::Template(_)
            | Look::TemplateId(_)
            | Look::State { .. }
            | Look::Entry { .. }
            | Look::Facts(_) => {}
        }
        if let Some(location) = self.place_of(look).and_then(|at| tables.locations.get(at)) {
            parts.row(location);
        }
        parts.text(format!("{:?}", self.hit(look)));
    }

    fn template_parts(&self, text: &str, parts: &mut Parts) {
        let folded = fold(text);
        let tables = self.tables();
        let exact = self.template_rows(&folded);
        let rest = self.places().without_prefix(&folded).unwrap_or_default();
        let bare = self.template_rows(rest).iter();
        let bare = bare.filter(|at| tables.templates.get(**at).is_some_and(|row| row.prefix.is_none()));
        exact.iter().for_each(|at| self.template_part(*at, "exact", parts));
        bare.for_each(|at| self.template_part(*at, "bare", parts));
        if let Some(location) = self.places().by_prefix(&folded).and_then(|at| tables.locations.get(at)) {
            parts.row(location);
        }
    }

    fn template_id_parts(&self, id: &str, parts: &mut Parts) {
        self.template_id_rows(&fold(id)).iter().for_each(|at| self.template_part(*at, "id", parts));
    }

    fn template_part(&self, at: usize, how: &str, parts: &mut Parts) {
        let Some(row) = self.tables().templates.get(at) else { return };
        parts.text(how.to_owned());
        parts.row(row);
        if let Some(category) = self.category(&row.category) {
            parts.row(category);
        }
    }

    fn state_parts(&self, state: &str, confirmation: &str, parts: &mut Parts) {
        let (folded, confirmed) = (fold(state), fold(confirmation));
        for row in &self.tables().status {
            let asked = match row.field {
                StatusField::State => &folded,
                StatusField::Confirmation => &confirmed,
            };
            if !asked.is_empty() && fold(&row.value) == *asked {
                parts.row(row);
            }
        }
        parts.text(format!("{:?} {}", self.state(state, confirmation), self.knows_confirmation(confirmation)));
    }

    fn entry_parts(&self, kind: &str, schedule: &str, code: &str, parts: &mut Parts) {
        let (schedule, code) = (fold(schedule), fold_code(code));
        let mut priced = false;
        for row in self.entry_rows(&fold(kind), &schedule, &code) {
            parts.row(row);
            if let Some(category) = row.category.as_deref().and_then(|key| self.category(key)) {
                parts.row(category);
            }
            priced |= row.amount_source == AmountSource::Points;
        }
        if !priced {
            return;
        }
        let tables = self.tables();
        for row in tables.fees.iter().filter(|row| fold(&row.schedule) == schedule && fold_code(&row.code) == code) {
            parts.row(row);
        }
        tables.point_values.iter().filter(|row| fold(&row.schedule) == schedule).for_each(|row| parts.row(row));
    }

    /// One answer for each stage that a deal may be in: history decides on the facts, the stage moves on.
    fn facts_parts(&self, facts: &Facts, rulings: &Rulings, parts: &mut Parts) {
        let stages = self.tables().stages.iter().map(|row| Some(row.key.clone()));
        for stage in [None, Some(StageKey::new("hubspot:"))].into_iter().chain(stages) {
            match rulings.rule(&Facts { stage, ..facts.clone() }, self) {
                Some(rule) => parts.row(rule),
                None => parts.text(String::new()),
            }
        }
    }
}

#[cfg(test)]
#[path = "answer_tests.rs"]
mod tests;
