//! A row of a patient file.

use super::Settings;
use super::cells::{Cells, Fault};
use super::column::Column;
use super::place::Place;
use super::{record, value};
use crate::domain::{Patient, PatientId, PatientNumber, Personal};

pub(super) fn patient(cells: Cells<'_>, place: &Place, settings: &Settings) -> Result<Patient, Fault> {
    let number = record::number(cells, place)?;
    let country = cells.personal(Column::Country);
    Ok(Patient {
        id: key(cells, place, number.as_ref(), settings.number_keys)?,
        instance: place.instance.clone(),
        number,
        title: cells.personal(Column::Title),
        first_name: cells.personal(Column::FirstName),
        last_name: cells.personal(Column::LastName),
        birthday: value::birthday(cells.get(Column::Birthday), settings.today)
            .map_err(|reason| Fault::new(Column::Birthday, reason))?,
        gender: value::gender(cells.get(Column::Gender)),
        email: cells.personal(Column::Email),
        phone: cells.personal(Column::Phone),
        mobile: cells.personal(Column::Mobile),
        street: cells.personal(Column::Street),
        zip: Personal::new(value::zip(&value::clean(cells.get(Column::Zip)), country.expose())),
        city: cells.personal(Column::City),
        country,
        insurance: cells.personal(Column::Insurance),
        location: cells.given(Column::Location),
        profile: cells.given(Column::Profile),
        practitioner: cells.given(Column::Practitioner),
        created: cells.read(Column::Created, value::date)?,
        deleted: cells.read(Column::Deleted, value::yes)?.unwrap_or(false),
        known_as: None,
    })
}

/// `Patient-ID`, else the number when the operator has said so: a key stays for ever, so it is never chosen silently.
fn key(cells: Cells<'_>, place: &Place, number: Option<&PatientNumber>, number_keys: bool) -> Result<PatientId, Fault> {
    if let Some(id) = cells.id(Column::PatientId, |raw| PatientId::keyed(&place.prefix, raw))? {
        return Ok(id);
    }
    if number.is_none() {
        return Err(Fault::new(Column::PatientId, "neither Patient-ID nor Pat.-Nr. is given"));
    }
    let keyed =
        if number_keys { cells.id(Column::Number, |raw| PatientId::keyed(&place.by_number, raw))? } else { None };
    keyed.ok_or_else(|| {
        Fault::new(Column::PatientId, "no Patient-ID is given; with --number-keys the Pat.-Nr. becomes the key")
    })
}
