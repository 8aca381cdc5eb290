//! Exports → records. Reads the bytes that the CSV passes read, so that nothing can differ but the way.

use std::collections::HashMap;

use chrono::{Duration, NaiveDate, NaiveDateTime, NaiveTime};
use csv::StringRecord;
use encoding_rs::WINDOWS_1252;
use rust_decimal::Decimal;

use crate::domain::{Cents, fold, normalise_id};
use crate::sandbox::seed::places::LOCATIONS;
use crate::sandbox::seed::rng::Rng;

use super::data::mandant;
use super::installation::Installation;
use super::record::{Appointment, Entry, Patient};
use super::words;

/// Location keys of `standorte.csv`, in the order of the places: some rows name them.
const KEYS: [&str; 3] = ["nord", "sued", "mitte"];

/// Patient ids by installation and `Pat.-Nr.`, deleted patients included.
pub(super) type Numbers = HashMap<(usize, String), String>;

/// Calls `take` with every whole row and the place it belongs to.
fn rows(bytes: &[u8], location: usize, mut take: impl FnMut(&StringRecord, usize)) {
    // A byte order mark decides for UTF-8.
    let text = WINDOWS_1252.decode(bytes).0;
    let mut reader = csv::ReaderBuilder::new().delimiter(b';').flexible(true).from_reader(text.as_bytes());
    let width = reader.headers().map_or(0, StringRecord::len);
    let mut row = StringRecord::new();
    while reader.read_record(&mut row).unwrap_or(false) {
        if row.len() >= width
            && let Some(place) = place(cell(&row, location))
        {
            take(&row, place);
        }
    }
}

fn place(text: &str) -> Option<usize> {
    let folded = || fold(text);
    let exact = LOCATIONS.iter().position(|place| place.name == text);
    exact.or_else(|| {
        LOCATIONS.iter().zip(KEYS).position(|(place, key)| [fold(place.name), fold(key)].contains(&folded()))
    })
}

/// A field as the API serves it: line breaks and all, without the blanks around it.
fn cell(row: &StringRecord, at: usize) -> &str {
    row.get(at).unwrap_or_default().trim_matches(' ')
}

/// `31.12.2026`; anything else is no day.
fn day(text: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(text, "%d.%m.%Y").ok()
}

fn time(text: &str) -> Option<NaiveTime> {
    NaiveTime::parse_from_str(text, "%H:%M").ok()
}

/// `31.12.2026 08:30`, or a day alone.
fn stamp(text: &str) -> Option<NaiveDateTime> {
    let full = NaiveDateTime::parse_from_str(text, "%d.%m.%Y %H:%M").ok();
    full.or_else(|| day(text).map(Into::into))
}

/// A row that is no record.
struct NoRecord;

/// What an empty cell says is nothing; one that cannot be read spoils its row.
fn optional<T>(text: &str, read: impl Fn(&str) -> Option<T>) -> Result<Option<T>, NoRecord> {
    if text.is_empty() { Ok(None) } else { read(text).map(Some).ok_or(NoRecord) }
}

fn decimal(text: &str) -> Option<Decimal> {
    text.replace(',', ".").parse().ok()
}

/// The four forms in which the invented practices write amounts.
fn amount(text: &str) -> Option<Cents> {
    let digits: String = text.chars().filter(|letter| !letter.is_whitespace() && *letter != '€').collect();
    let plain = if digits.contains(',') { digits.replace('.', "") } else { digits };
    Cents::from_euro(decimal(&plain)?).ok()
}

pub(super) fn patients(bytes: &[u8], installations: &mut [Installation]) -> Numbers {
    let mut numbers = Numbers::new();
    rows(bytes, 21, |row, place| {
        let text = |at: usize| cell(row, at).to_owned();
        let Some(id) = normalise_id(cell(row, 1)).ok() else { return };
        let born = cell(row, 6);
        let unknown = !born.is_empty() && born.bytes().all(|byte| byte == b'0');
        let Ok(birthday) = (if unknown { Ok(None) } else { optional(born, day) }) else { return };
        let instance = LOCATIONS[place].instance;
        numbers.insert((instance, text(0)), id.clone());
        if cell(row, 25) == "Ja" {
            return;
        }
        let (kind, insurant) = (cell(row, 15), text(18));
        let patient = Patient {
            id,
            number: text(0),
            first: text(5),
            last: text(4),
            birthday,
            gender: words::gender(cell(row, 7)).to_owned(),
            email: text(14),
            phone: text(12),
            mobile: text(13),
            street: text(8),
            zip: text(9),
            city: text(10),
            country: words::country(cell(row, 11)).to_owned(),
            insurance: words::insurance(kind).to_owned(),
            insurance_status: words::insurance_status(kind, &insurant).to_owned(),
            insurance_number: text(17),
            insurant,
            stage: text(22),
            practitioner: text(19),
            mandant: cell(row, 20).parse().unwrap_or_else(|_| mandant(place)),
        };
        installations[instance].insert_patient(patient, None);
    });
    numbers
}

/// Whose record a row is, by id or else by number, if anybody's.
fn owner(row: &StringRecord, instance: usize, numbers: &Numbers) -> Result<Option<String>, NoRecord> {
    let by_number = || numbers.get(&(instance, cell(row, 1).to_owned())).cloned();
    match cell(row, 2) {
        "" => Ok(by_number()),
        id => normalise_id(id).map(Some).map_err(|_| NoRecord),
    }
}

pub(super) fn appointments(bytes: &[u8], numbers: &Numbers, installations: &mut [Installation]) {
    rows(bytes, 10, |row, place| {
        let instance = LOCATIONS[place].instance;
        if let Ok(appointment) = appointment(row, place, numbers) {
            installations[instance].insert_appointment(appointment);
        }
    });
}

fn appointment(row: &StringRecord, place: usize, numbers: &Numbers) -> Result<Appointment, NoRecord> {
    let text = |at: usize| cell(row, at).to_owned();
    let id = normalise_id(cell(row, 0)).map_err(|_| NoRecord)?;
    let on = day(cell(row, 3)).ok_or(NoRecord)?;
    let begin = on.and_time(time(cell(row, 4)).ok_or(NoRecord)?);
    let minutes = optional(cell(row, 6), |text| text.parse().ok())?;
    let end = optional(cell(row, 5), time)?.map(|end| on.and_time(end));
    // One in twenty books online; which one does not depend on its place in the file.
    let online = Rng::of(0, &id, 0).chance(1, 20);
    Ok(Appointment {
        patient: owner(row, LOCATIONS[place].instance, numbers)?,
        begin,
        end: end.or_else(|| minutes.map(|minutes| begin + Duration::minutes(minutes))),
        template: text(7),
        chair: text(8),
        practitioner: text(9),
        state: words::state(cell(row, 11)).to_owned(),
        confirmation: words::confirmation(cell(row, 12)).to_owned(),
        comment: text(13),
        online,
        mandant: mandant(place),
        created: optional(cell(row, 14), stamp)?,
        modified: optional(cell(row, 15), stamp)?,
        caller: false,
        unlisted: false,
        id,
    })
}

pub(super) fn entries(bytes: &[u8], numbers: &Numbers, installations: &mut [Installation]) {
    let mut lines = 0_u64;
    rows(bytes, 14, |row, place| {
        lines += 1;
        let instance = LOCATIONS[place].instance;
        if let Ok(entry) = entry(row, place, lines, numbers) {
            installations[instance].insert_entry(entry);
        }
    });
}

fn entry(row: &StringRecord, place: usize, line: u64, numbers: &Numbers) -> Result<Entry, NoRecord> {
    let text = |at: usize| cell(row, at).to_owned();
    let id = match cell(row, 0) {
        // Exports may lack ids; an API has them.
        "" => Rng::of(0, "entry without id", line).uuid(),
        id => normalise_id(id).map_err(|_| NoRecord)?,
    };
    Ok(Entry {
        id,
        patient: owner(row, LOCATIONS[place].instance, numbers)?.ok_or(NoRecord)?,
        mandant: cell(row, 13).parse().unwrap_or_else(|_| mandant(place)),
        date: day(cell(row, 3)).ok_or(NoRecord)?,
        kind: text(6),
        tooth: text(5),
        text: text(12),
        practitioner: text(4),
        schedule: text(7),
        code: text(8),
        count: optional(cell(row, 9), decimal)?,
        factor: optional(cell(row, 10), decimal)?,
        amount: optional(cell(row, 11), amount)?,
    })
}
