//! Small conversions between rows and values.

use std::hash::{BuildHasherDefault, Hasher};

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use rusqlite::{Connection, Row};

use crate::domain::{KeyHash, Kind, Object, RunId};
use crate::store::Error;

/// Keys are keyed hashes already: their first eight bytes are as good as any hash of them.
#[derive(Default)]
pub(super) struct FirstBytes(u64);

pub(super) type ByFirstBytes = BuildHasherDefault<FirstBytes>;

impl Hasher for FirstBytes {
    fn write(&mut self, bytes: &[u8]) {
        if let Some(first) = bytes.first_chunk::<8>() {
            self.0 = u64::from_le_bytes(*first);
        }
    }

    // The length prefix says nothing.
    fn write_usize(&mut self, _: usize) {}

    fn finish(&self) -> u64 {
        self.0
    }
}

pub(super) fn hash(bytes: &[u8]) -> Result<KeyHash, Error> {
    bytes.try_into().map(KeyHash).map_err(|_| Error::Corrupt("a key hash has 16 bytes"))
}

pub(super) fn hash_at(row: &Row<'_>, at: usize) -> Result<KeyHash, Error> {
    hash(row.get_ref(at)?.as_blob().map_err(|_| Error::Corrupt("a key hash is a blob"))?)
}

pub(super) fn maybe_hash_at(row: &Row<'_>, at: usize) -> Result<Option<KeyHash>, Error> {
    let value: Option<Vec<u8>> = row.get(at)?;
    value.as_deref().map(hash).transpose()
}

pub(super) fn blob_at<'row>(row: &'row Row<'_>, at: usize) -> Result<&'row [u8], Error> {
    row.get_ref(at)?.as_blob().map_err(|_| Error::Corrupt("a sealed value is a blob"))
}

pub(super) fn kind_from(number: i64) -> Result<Kind, Error> {
    Kind::ALL.into_iter().find(|kind| *kind as i64 == number).ok_or(Error::Corrupt("unknown kind of record"))
}

pub(super) fn object_from(number: i64) -> Result<Object, Error> {
    Object::ALL.into_iter().find(|object| *object as i64 == number).ok_or(Error::Corrupt("unknown object"))
}

pub(super) fn day_number(day: NaiveDate) -> i64 {
    i64::from(day.num_days_from_ce())
}

pub(super) fn day_from(number: i64) -> Result<NaiveDate, Error> {
    i32::try_from(number)
        .ok()
        .and_then(NaiveDate::from_num_days_from_ce_opt)
        .ok_or(Error::Corrupt("a day is out of range"))
}

pub(super) fn time_from(millis: i64) -> Result<DateTime<Utc>, Error> {
    DateTime::from_timestamp_millis(millis).ok_or(Error::Corrupt("a time is out of range"))
}

pub(super) fn run_from(bytes: &[u8]) -> Result<RunId, Error> {
    uuid::Uuid::from_slice(bytes).map(RunId).map_err(|_| Error::Corrupt("a run id has 16 bytes"))
}

pub(super) fn run_key(run: RunId) -> [u8; 16] {
    *run.0.as_bytes()
}

pub(super) fn count(number: i64) -> u64 {
    u64::try_from(number).expect("a count is not negative")
}

/// Whether the inbox holds any record of a kind.
pub(super) fn holds_any(connection: &Connection, kind: Kind) -> Result<bool, Error> {
    let mut select = connection.prepare_cached("SELECT 1 FROM record INDEXED BY record_key WHERE kind = ?1 LIMIT 1")?;
    Ok(select.exists([kind as i64])?)
}

/// The place a record's payload is sealed to: the same in inbox and proposal, so that accepting copies bytes.
pub(super) fn record_place(kind: Kind, key: KeyHash) -> [u8; 18] {
    place(b'r', kind as u8, key)
}

/// The place a note is sealed to.
pub(super) fn note_place(kind: Kind, key: KeyHash) -> [u8; 18] {
    place(b'n', kind as u8, key)
}

/// The place a step's value is sealed to.
pub(super) fn step_place(object: Object, key: KeyHash) -> [u8; 18] {
    place(b's', object as u8, key)
}

fn place(table: u8, kind: u8, key: KeyHash) -> [u8; 18] {
    let mut place = [0; 18];
    place[0] = table;
    place[1] = kind;
    place[2..].copy_from_slice(&key.0);
    place
}
