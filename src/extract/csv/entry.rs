//! A row of a file of chart entries.

use rust_decimal::Decimal;

use super::cells::{Cells, Fault};
use super::column::Column;
use super::place::Place;
use super::{number, record, value};
use crate::domain::{Entry, EntryId, PatientRef};
use crate::extract::lines::Lines;

pub(super) fn entry(cells: Cells<'_>, place: &Place, lines: &mut Lines) -> Result<Entry, Fault> {
    let given = cells.id(Column::Id, |raw| EntryId::keyed(&place.prefix, raw))?;
    let patient = record::owner(cells, place)?;
    if patient == PatientRef::Nobody {
        return Err(Fault::new(Column::PatientId, "neither Patient-ID nor Pat.-Nr. is given"));
    }
    let mut entry = Entry {
        id: EntryId::new(""),
        instance: place.instance.clone(),
        patient,
        date: cells.read(Column::Date, value::date)?.ok_or_else(|| Fault::new(Column::Date, "no date is given"))?,
        practitioner: cells.plain(Column::Practitioner),
        kind: cells.plain(Column::Type),
        schedule: cells.plain(Column::Schedule),
        code: cells.personal(Column::Code),
        count: cells.read(Column::Count, number::number)?.unwrap_or(Decimal::ONE),
        factor: cells.read(Column::Factor, number::number)?,
        amount: cells.read(Column::Amount, number::amount)?,
        text: cells.personal(Column::Text),
        profile: cells.given(Column::Profile),
    };
    entry.id = match given {
        Some(id) => id,
        None => lines
            .key(&entry, cells.get(Column::Tooth), &place.prefix)
            .map_err(|error| Fault::new(Column::Id, error.to_string()))?,
    };
    Ok(entry)
}
