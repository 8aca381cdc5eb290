//! One row → one record of the domain.

use super::Settings;
use super::cells::{Cells, Fault};
use super::column::Column;
use super::place::{Place, Places};
use super::{appointment, entry, patient};
use crate::domain::{Kind, PatientId, PatientNumber, PatientRef, Record};
use crate::extract::lines::Lines;

/// Builds the records of one file.
pub(super) struct Maker<'s> {
    kind: Kind,
    settings: &'s Settings,
    places: Places<'s>,
    lines: Lines,
}

impl<'s> Maker<'s> {
    pub(super) fn new(kind: Kind, settings: &'s Settings) -> Self {
        Self { kind, settings, places: Places::new(settings), lines: Lines::new(settings.line_key) }
    }

    pub(super) fn make(&mut self, cells: Cells<'_>) -> Result<Record, Fault> {
        let place = self.places.of(cells.get(Column::Location))?;
        match self.kind {
            Kind::Patient => patient::patient(cells, place, self.settings).map(Record::Patient),
            Kind::Appointment => appointment::appointment(cells, place).map(Record::Appointment),
            Kind::Entry => entry::entry(cells, place, &mut self.lines).map(Record::Entry),
        }
    }
}

/// The patient number of a row, unique over all instances.
pub(super) fn number(cells: Cells<'_>, place: &Place) -> Result<Option<PatientNumber>, Fault> {
    cells.id(Column::Number, |raw| PatientNumber::keyed(&place.of_numbers, raw))
}

/// Whose record a row is. A number stays a number: the store knows whether it stands for an id or is the key itself.
pub(super) fn owner(cells: Cells<'_>, place: &Place) -> Result<PatientRef, Fault> {
    if let Some(id) = cells.id(Column::PatientId, |raw| PatientId::keyed(&place.prefix, raw))? {
        return Ok(PatientRef::Id(id));
    }
    Ok(number(cells, place)?.map_or(PatientRef::Nobody, PatientRef::Number))
}
