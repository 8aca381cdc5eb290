//! The rows that an answer rests on, by file and line: what an operator opens when a decision looks wrong.

use rust_decimal::Decimal;

use crate::domain::{Appointment, Entry, Patient, RowAt, RuleId};

use super::amount::Provenance;
use super::chart::fold_code;
use super::entry::Classified;
use super::fold::fold;
use super::index::Mapping;
use super::look::{Hit, Look};
use super::ruling::Rulings;
use super::tables::{Keyed, Location, PointValue, Template};
use super::visit::Read;

/// Rows in the order in which they were met, each once.
#[derive(Default)]
struct Cited(Vec<RowAt>);

impl Cited {
    fn add(&mut self, row: Option<RowAt>) {
        if let Some(row) = row.filter(|row| !self.0.contains(row)) {
            self.0.push(row);
        }
    }
}

impl Mapping {
    fn row_at<R: Keyed>(&self, row: &R) -> Option<RowAt> {
        Some(RowAt { table: R::TABLE, line: self.tables().line(R::TABLE, &row.key())? })
    }

    /// The rows that an appointment met: state, template of its day, what led to its location, the location.
    #[must_use]
    pub fn rows_of_appointment(&self, one: &Appointment, rulings: &Rulings) -> Vec<RowAt> {
        let Read { template, state: _, location } = Read::of(one, self);
        let mut cited = Cited::default();
        Look::of_appointment(one, &mut |look| {
            let hit = self.hit(&look);
            if matches!(look, Look::Template(_)) {
                cited.add(template.and_then(|row: &Template| self.row_at(row)));
            } else {
                self.cite(&look, hit, rulings, &mut cited);
            }
            hit
        });
        cited.add(location.and_then(|row: &Location| self.row_at(row)));
        cited.0
    }

    /// The rows that a patient met.
    #[must_use]
    pub fn rows_of_patient(&self, one: &Patient, rulings: &Rulings) -> Vec<RowAt> {
        let mut cited = Cited::default();
        Look::of_patient(one, &mut |look| {
            let hit = self.hit(&look);
            self.cite(&look, hit, rulings, &mut cited);
            hit
        });
        cited.0
    }

    /// A look-up for a state always counts, one for a place only if it led somewhere.
    fn cite(&self, look: &Look<'_>, hit: Hit, rulings: &Rulings, cited: &mut Cited) {
        if hit == Hit::Nothing && !matches!(look, Look::State { .. }) {
            return;
        }
        for row in self.answer(look, rulings).rows {
            let line = self.tables().line(row.table, &row.key);
            cited.add(line.map(|line| RowAt { table: row.table, line }));
        }
    }

    /// The rows that a chart entry met: its kind, and what it is priced by.
    #[must_use]
    pub fn rows_of_entry(&self, one: &Entry, classified: &Classified<'_>) -> Vec<RowAt> {
        let mut cited = Cited::default();
        cited.add(classified.row.and_then(|at| self.row_at(self.entry_kinds().get(at)?)));
        if matches!(classified.provenance, Provenance::Points | Provenance::PointsAtUsualFactor) {
            let (schedule, code) = (fold(&one.schedule), fold_code(one.code.expose()));
            let fees = &self.tables().fees;
            let fee = fees.iter().find(|row| fold(&row.schedule) == schedule && fold_code(&row.code) == code);
            cited.add(fee.and_then(|row| self.row_at(row)));
            let value = self.chart().point_value(&schedule, &code, one.date);
            cited.add(value.and_then(|value| self.point_value_at(&schedule, value)));
        }
        cited.0
    }

    fn point_value_at(&self, schedule: &str, (from, euros): (Option<chrono::NaiveDate>, Decimal)) -> Option<RowAt> {
        let is = |row: &&PointValue| {
            fold(&row.schedule) == schedule && row.valid_from == from && row.cents == euros * Decimal::ONE_HUNDRED
        };
        self.row_at(self.tables().point_values.iter().find(is)?)
    }

    /// The row of a rule; rules that are code have none.
    #[must_use]
    pub fn row_of_rule(&self, id: &RuleId) -> Option<RowAt> {
        self.row_at(self.rules().iter().find(|row| row.id == *id)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{AppointmentId, InstanceKey, LocalTime, PatientRef, SourceIds};
    use crate::mapping::{shipped, shipped_file};

    /// The lines of the shipped files that `rows` name.
    fn lines(rows: &[RowAt]) -> Vec<String> {
        let line = |row: &RowAt| {
            let text = shipped_file(&format!("{}.csv", row.table)).expect("a table");
            let line = text.lines().nth(row.line as usize - 1).expect("a line");
            format!("{}: {}", row.table, line.split(';').next().unwrap_or_default())
        };
        rows.iter().map(line).collect()
    }

    #[test]
    fn an_appointment_names_the_rows_that_it_met() {
        let mapping = shipped();
        let one = Appointment {
            id: AppointmentId::keyed("", "1").expect("an id"),
            instance: InstanceKey::new("nord"),
            patient: PatientRef::Nobody,
            start: LocalTime("2026-01-01T09:00:00".parse().expect("a time")),
            end: None,
            template: "NB_Planbesprechung".to_owned(),
            chair: "Stuhl 77".to_owned(),
            practitioner: String::new(),
            location: None,
            state: "fertig".to_owned(),
            confirmation: String::new(),
            created: None,
            changed: None,
            ids: SourceIds::default(),
        };
        let rulings = Rulings::new(&mapping);
        let met = lines(&mapping.rows_of_appointment(&one, &rulings));
        assert_eq!(met, ["status: State", "terminarten: Planbesprechung", "standorte: nord"]);
        assert!(mapping.row_of_rule(&RuleId::new("R7")).is_none());
        let rule = mapping.row_of_rule(&RuleId::new("R3")).expect("a row");
        assert_eq!(lines(&[rule]), ["regeln: R3"]);
    }
}
