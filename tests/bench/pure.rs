//! Parts of the way alone, each in a process of its own and on one thread: parsing and mapping, deciding, and what SQLite
//! itself takes for as many rows.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::io::BufRead as _;
use std::ops::ControlFlow;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, Result};
use chrono::NaiveDate;
use ivohub::domain::{Appointment, Entry, KeyHash, Kind, Origin, Patient, PatientRef, Record};
use ivohub::extract::{Row, csv};
use ivohub::mapping::{self, DealSettings, EmailRole, Mapping, Rulings};
use ivohub::pass::{Answers, Asks, Decider, Presence, Selection};
use ivohub::sandbox::seed;
use ivohub::store::seal::Sealer;
use ivohub::store::{Filed, PatientFile};
use serde_json::{Value, json};

use crate::measure::own_cpu;
use crate::set::Set;
use crate::table::{Table, float, rate};

const ZONE: chrono_tz::Tz = chrono_tz::Europe::Berlin;
const KEY: [u8; 32] = [7; 32];

/// Measures the parts and enters them.
pub(crate) fn measured(set: &Set, table: &mut Table) -> Result<()> {
    let [parse, decide] = ["parse", "decide"].map(|part| part_of(part, &set.folder));
    let (count, cpu) = numbers(&parse?)?;
    table.row("Parse and map alone, rows/s per core", &rate(count, cpu), "≥ 200,000");
    let (count, cpu) = numbers(&decide?)?;
    table.row("Decisions alone, appointments/s per core", &rate(count, cpu), "≥ 200,000");
    Ok(())
}

/// Rows and seconds that SQLite takes to insert the lines of the set in one transaction.
pub(crate) fn plain_insert(set: &Set) -> Result<(f64, f64)> {
    let answer = part_of("insert", &set.folder)?;
    let (count, cpu) = numbers(&answer)?;
    let wall = answer["wall"].as_f64().context("no time")?;
    Ok((float(count) / wall, float(count) / cpu))
}

fn part_of(part: &str, folder: &Path) -> Result<Value> {
    let out = Command::new(std::env::current_exe()?).arg(part).arg(folder).output()?;
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    serde_json::from_str(&text).with_context(|| format!("{part}: {}", String::from_utf8_lossy(&out.stderr)))
}

fn numbers(answer: &Value) -> Result<(u64, f64)> {
    let count = answer["count"].as_u64().context("no count")?;
    Ok((count, answer["cpu"].as_f64().context("no time")?))
}

/// Tells the parent how many, and how long since `began`.
fn tell(count: u64, began: (Instant, f64)) {
    let (wall, cpu) = (began.0.elapsed().as_secs_f64(), own_cpu() - began.1);
    println!("{}", json!({"count": count, "wall": wall, "cpu": cpu}));
}

fn now() -> (Instant, f64) {
    (Instant::now(), own_cpu())
}

/// Every row becomes a record and what is wanted in HubSpot for it; nothing is kept.
pub(crate) fn parse_and_map(folder: &Path) -> Result<()> {
    let mapping = mapping::shipped();
    let began = now();
    let mut rows = 0;
    each_row(folder, &mapping, &mut |row, _| {
        rows += 1;
        let Row::Record(record, _) = row else { return };
        match *record {
            Record::Patient(patient) => {
                black_box(mapping::contact(&patient, EmailRole::Owner, None, &mapping));
            }
            Record::Appointment(appointment) => {
                let read = mapping::Read::of(&appointment, &mapping);
                black_box(mapping::appointment(&appointment, read, ZONE, &mapping));
            }
            Record::Entry(entry) => {
                black_box(mapping::classify(&entry, &mapping));
            }
        }
    })?;
    tell(rows, began);
    Ok(())
}

/// Decides about every patient of the set; reading it is not counted.
pub(crate) fn decide(folder: &Path) -> Result<()> {
    let mapping = mapping::shipped();
    let files = files(folder, &mapping)?;
    let (rulings, deals, selection) = (Rulings::new(&mapping), DealSettings::default(), Selection::everything(today()));
    let decider = Decider {
        mapping: &mapping,
        rulings: &rulings,
        deals: &deals,
        selection: &selection,
        presence: Presence::default(),
        appointment_objects: true,
        zone: ZONE,
    };
    let answers = Answers::default();
    // What is loaded once per process (the phone numbers of the world) is no part of a decision.
    let (first, files) = files.split_at(files.len() / 10);
    for file in first {
        black_box(decider.decide(file, &answers, &mut Asks::default()));
    }
    let appointments: usize = files.iter().map(|file| file.appointments.len()).sum();
    let began = now();
    for file in files {
        black_box(decider.decide(file, &answers, &mut Asks::default()));
    }
    tell(u64::try_from(appointments)?, began);
    Ok(())
}

/// The same bytes in one table with a key of 16 bytes, in one transaction of a durable database: what SQLite alone takes.
pub(crate) fn insert(folder: &Path) -> Result<()> {
    let place = tempfile::tempdir()?;
    let mut connection = rusqlite::Connection::open(place.path().join("plain.db"))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.execute_batch(
        "CREATE TABLE line (id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, kind INTEGER NOT NULL,
             text BLOB NOT NULL)",
    )?;
    let began = now();
    let mut count = 0_u64;
    let transaction = connection.transaction()?;
    {
        let mut insert = transaction.prepare("INSERT INTO line (key, kind, text) VALUES (?1, ?2, ?3)")?;
        for (kind, name) in Kind::ALL.into_iter().zip(seed::FILES) {
            let file = std::fs::File::open(folder.join(name))?;
            for line in std::io::BufReader::with_capacity(1 << 16, file).split(b'\n').skip(1) {
                let line = line?;
                let mut key = blake3::Hasher::new();
                key.update(name.as_bytes()).update(&u64::to_le_bytes(count));
                insert.execute((&key.finalize().as_bytes()[..16], kind as i64, line))?;
                count += 1;
            }
        }
    }
    transaction.commit()?;
    tell(count, began);
    Ok(())
}

fn today() -> NaiveDate {
    seed::Settings::default().today
}

fn each_row(folder: &Path, mapping: &Mapping, take: &mut dyn FnMut(Row, Kind)) -> Result<()> {
    let locations = mapping.instances_by_location();
    let mut instances: Vec<_> = locations.values().map(|key| (key.clone(), String::new())).collect();
    instances.sort();
    instances.dedup();
    let settings = csv::Settings {
        encoding: None,
        delimiter: None,
        instances,
        instance: None,
        locations,
        number_keys: false,
        limit: None,
        today: today(),
        line_key: KEY,
    };
    for (kind, name) in Kind::ALL.into_iter().zip(seed::FILES) {
        let mut input = csv::Input::open(&folder.join(name).to_string_lossy())?;
        csv::read(kind, &mut input, &settings, &mut |rows| {
            rows.into_iter().for_each(|row| take(row, kind));
            ControlFlow::Continue(())
        })?;
    }
    Ok(())
}

/// All that is known of each patient, as the store would hand it over.
fn files(folder: &Path, mapping: &Mapping) -> Result<Vec<PatientFile>> {
    let sealer = Sealer::new(&KEY);
    let mut files: BTreeMap<KeyHash, PatientFile> = BTreeMap::new();
    each_row(folder, mapping, &mut |row, _| {
        let Row::Record(record, origin) = row else { return };
        match *record {
            Record::Patient(patient) => {
                let key = sealer.patient(&patient.id);
                file(&mut files, key).patient = Some(filed(patient, origin, key));
            }
            Record::Appointment(appointment) => {
                if let Some(owner) = owner(&appointment.patient, &sealer) {
                    let key = sealer.appointment(&appointment.id);
                    file(&mut files, owner).appointments.push(filed::<Appointment>(appointment, origin, key));
                }
            }
            Record::Entry(entry) => {
                if let Some(owner) = owner(&entry.patient, &sealer) {
                    let key = sealer.entry(&entry.id);
                    file(&mut files, owner).entries.push(filed::<Entry>(entry, origin, key));
                }
            }
        }
    })?;
    Ok(files.into_values().filter(|file| file.patient.is_some()).collect())
}

fn owner(patient: &PatientRef, sealer: &Sealer) -> Option<KeyHash> {
    match patient {
        PatientRef::Id(id) => Some(sealer.patient(id)),
        PatientRef::Number(_) | PatientRef::Nobody => None,
    }
}

fn file(files: &mut BTreeMap<KeyHash, PatientFile>, key: KeyHash) -> &mut PatientFile {
    files.entry(key).or_insert_with(|| PatientFile {
        key,
        patient: None::<Filed<Patient>>,
        appointments: Vec::new(),
        entries: Vec::new(),
        entries_read: Vec::new(),
        ledger: Vec::new(),
        mates: Vec::new(),
    })
}

fn filed<T>(record: T, origin: Origin, key: KeyHash) -> Filed<T> {
    Filed { record, origin, key, queued: true, read_now: true, first_read: today(), status_read: today() }
}
