//! A row of an appointment file.

use chrono::{Duration, NaiveDateTime};

use super::cells::{Cells, Fault};
use super::column::Column;
use super::place::Place;
use super::{record, value};
use crate::domain::{Appointment, AppointmentId, LocalTime, SourceIds};

pub(super) fn appointment(cells: Cells<'_>, place: &Place) -> Result<Appointment, Fault> {
    let id = cells.id(Column::Id, |raw| AppointmentId::keyed(&place.prefix, raw))?.ok_or_else(|| {
        Fault::new(Column::Id, "no Termin-ID is given; an appointment cannot be told from others without it")
    })?;
    let day = cells.read(Column::Date, value::date)?.ok_or_else(|| Fault::new(Column::Date, "no date is given"))?;
    let start = cells
        .read(Column::Begin, |text| value::time_on(day, text))?
        .ok_or_else(|| Fault::new(Column::Begin, "no time is given"))?;
    if start.date() != day {
        return Err(Fault::new(Column::Begin, "the day is another than in column Datum"));
    }
    Ok(Appointment {
        id,
        instance: place.instance.clone(),
        patient: record::owner(cells, place)?,
        start: LocalTime(start),
        end: end(cells, start)?.map(LocalTime),
        template: cells.plain(Column::Template),
        chair: cells.plain(Column::Chair),
        practitioner: cells.plain(Column::Practitioner),
        location: cells.given(Column::Location),
        state: cells.plain(Column::State),
        confirmation: cells.plain(Column::Confirmation),
        created: cells.read(Column::Created, value::date)?,
        changed: cells.read(Column::Changed, value::date_time)?,
        ids: SourceIds::default(),
    })
}

/// `Ende`, else start and duration. An end before the start is kept: mapping lists it.
fn end(cells: Cells<'_>, start: NaiveDateTime) -> Result<Option<NaiveDateTime>, Fault> {
    if let Some(end) = cells.read(Column::End, |text| value::time_on(start.date(), text))? {
        return Ok(Some(end));
    }
    let minutes = cells.read(Column::Duration, value::minutes)?;
    Ok(minutes.and_then(|minutes| start.checked_add_signed(Duration::minutes(minutes))))
}
