//! What only this engine does: files, keys, and states of older versions.

use std::path::Path;

use chrono::{DateTime, Duration, NaiveDate, Utc};
use proptest::prelude::*;
use rusqlite::Connection;

use super::SqliteStore;
use super::rows::{day_number, record_place};
use crate::domain::{InstanceKey, Kind, PatientId, Record, RunId};
use crate::store::conformance::{appointment, day, patient, suite};
use crate::store::seal::Sealer;
use crate::store::{Error, Incoming, Interest, Part, ReadState, Reading, Store, Unit};

fn sealer() -> Sealer {
    Sealer::new(&[1; 32])
}

fn in_memory() -> SqliteStore {
    SqliteStore::in_memory(sealer()).expect("opens")
}

#[tokio::test]
async fn conforms() {
    suite(in_memory).await;
}

#[tokio::test]
async fn another_key_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("state.db");
    drop(SqliteStore::open(&file, sealer()).expect("opens"));
    assert!(matches!(SqliteStore::open(&file, Sealer::new(&[2; 32])), Err(Error::OtherKey)));
}

fn unit(part: Part) -> Unit {
    Unit { kind: Kind::Appointment, instance: InstanceKey::new("nord"), part }
}

fn reading(part: Part, state: ReadState, at: DateTime<Utc>, records: Vec<Incoming>) -> Reading {
    let rows = records.into_iter().map(|incoming| (incoming.record, incoming.origin)).collect();
    Reading { unit: unit(part), state, rows, rejected: Vec::new(), checksum: [1; 16], at, note: None }
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_700_000_000, 0).expect("a time")
}

/// All that the files of a state hold, as bytes.
fn bytes(folder: &Path) -> Vec<u8> {
    let files = std::fs::read_dir(folder).expect("the folder");
    files.flat_map(|file| std::fs::read(file.expect("a file").path()).expect("its bytes")).collect()
}

#[tokio::test]
async fn nothing_personal_is_readable_and_no_unit_can_be_given_to_another_command() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("state.db");
    let store = SqliteStore::open(&file, sealer()).expect("opens");
    let part = Part::Chart { patient: "n-4711".to_owned(), profile: "Zahnhaus Privat".to_owned() };
    let mut read = reading(part, ReadState::Gap, now(), vec![patient("n-4711", "Kochlöffel")]);
    read.note = Some("Grund".to_owned());
    store.spool("one".to_owned(), read.clone()).await.expect("is spooled");
    store.spool("two".to_owned(), read).await.expect("is spooled");
    store.file_windows("one".to_owned(), RunId(uuid::Uuid::from_u128(1)), all(), true).await.expect("is filed");
    store.set_source_state(InstanceKey::new("nord"), "{\"word\":\"Gelerntes\"}".to_owned()).await.expect("is kept");
    let held = bytes(folder.path());
    let holds = |word: &str| held.windows(word.len()).any(|part| part == word.as_bytes());
    assert!(holds("nord"), "the bytes are those of the state");
    for word in ["4711", "Koch", "Erna", "Privat", "Grund", "Gelerntes"] {
        assert!(!holds(word), "{word} is readable");
    }
    Connection::open(&file).and_then(|db| db.execute("UPDATE spool SET command = 'one'", [])).expect("is moved");
    assert_eq!(store.spooled("one".to_owned()).await.expect("the spool").len(), 1);
    assert!(matches!(store.unspool("one".to_owned(), 0, 9).await, Err(Error::Corrupt(_))));
}

/// A state as version 1 left it, with a patient and an appointment.
fn first_schema(file: &Path) -> Connection {
    let mut sealer = sealer();
    let db = Connection::open(file).expect("opens");
    db.execute_batch(include_str!("../schema/1.sql")).expect("schema 1");
    db.execute("INSERT INTO meta VALUES ('key', ?1)", [sealer.check().as_slice()]).expect("a key");
    let owner = sealer.key(Kind::Patient, "1");
    let visit = appointment("a", crate::domain::PatientRef::Id(PatientId::new("1")), "geplant", None);
    for (key, incoming) in [("1", patient("1", "Koch")), ("a", visit)] {
        let kind = incoming.record.kind();
        let day = (kind == Kind::Appointment).then(|| day_number(day()));
        let hash = sealer.key(kind, key);
        let payload = serde_json::json!({"record": incoming.record, "origin": incoming.origin});
        let payload = sealer.seal_json(&record_place(kind, hash), &payload);
        db.execute(
            "INSERT INTO record (patient, kind, key, day, digest, version, first_read, status_read, queue, reason, payload)
             VALUES (?1, ?2, ?3, ?4, x'00', 1, 1, 1, 0, 1, ?5)",
            (owner.0, kind as i64, hash.0, day, payload),
        )
        .expect("a record");
    }
    db.pragma_update(None, "user_version", 1).expect("a version");
    db
}

#[tokio::test]
async fn a_state_of_the_first_version_is_brought_up_in_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("state.db");
    drop(first_schema(&file));
    for _ in 0..2 {
        let store = SqliteStore::open(&file, sealer()).expect("opens");
        let visits = store.appointments_between(day(), day(), Vec::new()).await.expect("appointments");
        assert_eq!(visits.len(), 1);
        let leads = store.leads(Interest { from: Some(day()), ..Interest::default() }).await.expect("leads");
        assert_eq!(leads.len(), 1);
        assert!(matches!(store.record(Kind::Patient, "1".to_owned()).await, Ok(Some(Record::Patient(_)))));
        assert!(store.windows().await.expect("windows").is_empty());
    }
    let db = Connection::open(&file).expect("opens");
    db.pragma_update(None, "user_version", 4).expect("a version");
    assert!(matches!(SqliteStore::open(&file, sealer()), Err(Error::Newer { found: 4, known: 3 })));
}

#[test]
fn a_state_that_cannot_be_brought_up_stays_as_it_was() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("state.db");
    let db = first_schema(&file);
    db.execute_batch("CREATE TABLE watch (in_the_way)").expect("a table");
    assert!(matches!(SqliteStore::open(&file, sealer()), Err(Error::Database(_))));
    let version: i64 = db.pragma_query_value(None, "user_version", |row| row.get(0)).expect("a version");
    let sql = "SELECT count(*) FROM sqlite_master WHERE name IN ('spool', 'read_window', 'record_day')";
    let made: i64 = db.query_row(sql, [], |row| row.get(0)).expect("a count");
    assert_eq!((version, made), (1, 0), "all of it or nothing");
}

/// One try of some days: from, how many more, and whether they could be read.
type Try = (u32, u32, bool);

fn date(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 1, day).expect("a day")
}

async fn open_gaps_are_what_failed_last(runs: Vec<Vec<Try>>) {
    let store = in_memory();
    let mut at = now();
    let mut failed = [false; 32];
    for (number, tries) in (1..).zip(runs) {
        for (from, more, read) in tries {
            at += Duration::seconds(1);
            failed[from as usize..=(from + more) as usize].fill(!read);
            let part = Part::Days { from: date(from), to: date(from + more) };
            let state = if read { ReadState::Read } else { ReadState::Gap };
            store.spool("sync".to_owned(), reading(part, state, at, Vec::new())).await.expect("is spooled");
        }
        store
            .file_windows("sync".to_owned(), RunId(uuid::Uuid::from_u128(number)), all(), true)
            .await
            .expect("is filed");
        let windows = store.windows().await.expect("windows");
        let gaps = windows.iter().filter(|window| window.state == ReadState::Gap);
        let mut open = [false; 32];
        for gap in gaps {
            let Part::Days { from, to } = gap.unit.part else { panic!("only days were read") };
            let [from, to] = [from, to].map(|day| chrono::Datelike::day(&day) as usize);
            assert!(failed[from..=to].contains(&true), "a gap whose days are all read is closed");
            assert!(gap.attempts >= 1 && gap.since <= gap.at);
            open[from..=to].fill(true);
        }
        assert!((1..32).all(|day| open[day] || !failed[day]), "a day that failed last lies in a gap");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn gaps_are_neither_lost_nor_kept_for_ever(
        runs in prop::collection::vec(prop::collection::vec((1..12_u32, 0..6_u32, any::<bool>()), 1..5), 1..6),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(open_gaps_are_what_failed_last(runs));
    }
}

/// The installations of these tests.
fn all() -> Vec<crate::domain::InstanceKey> {
    ["nord", "sued"].map(crate::domain::InstanceKey::new).to_vec()
}
