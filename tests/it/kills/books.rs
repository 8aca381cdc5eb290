//! What the state of a dead run says it has written or was about to write, held against what the portal has.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use ivohub::domain::{AppointmentId, HubspotId, Object, PatientId};
use ivohub::sandbox::hubspot::{Portal, Seen};
use ivohub::store::seal::{Sealer, state_key};
use rusqlite::Connection;

use super::picture::key_property;

type Key = (Object, [u8; 16]);

/// How far the last run had come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    /// Before it wrote itself down.
    Starting,
    /// Before the first row.
    Settling,
    /// Rows.
    Reading,
    /// Deciding, and showing the plan.
    Planning,
    /// Moving records into the inbox.
    Accepting,
    /// Sending, no request under way.
    Sending,
    /// Sending, and the answer to a request was not written down.
    InFlight,
    /// Everything was sent; the account was being made.
    Closing,
}

/// The state as a crash left it.
pub(super) struct Books {
    pub(super) phase: Phase,
    /// The last run that wrote itself down.
    pub(super) run: Vec<u8>,
    /// Rows that were read and not accepted.
    pub(super) proposed: u64,
    ledger: BTreeMap<Key, Row>,
    flying: BTreeSet<Key>,
    sealer: Sealer,
}

struct Row {
    id: HubspotId,
    patient: [u8; 16],
    linked: bool,
    deal: Option<[u8; 16]>,
}

fn number(value: i64) -> u64 {
    u64::try_from(value).expect("not negative")
}

fn object(value: i64) -> Object {
    Object::ALL.into_iter().find(|object| *object as i64 == value).expect("an object")
}

impl Books {
    /// Reads a copy of the state, so that the next command finds what the crash left, write-ahead log included; `None`
    /// when there is no state yet.
    pub(super) fn copied(state: &Path) -> Option<Self> {
        let folder = tempfile::tempdir().expect("a folder");
        for suffix in ["", "-wal"] {
            let name = format!("state.db{suffix}");
            let from = state.with_file_name(&name);
            if from.exists() {
                fs::copy(from, folder.path().join(name)).expect("a copy");
            }
        }
        let copy = folder.path().join("state.db");
        copy.exists().then(|| Self::read(&copy, state)).flatten()
    }

    fn read(copy: &Path, state: &Path) -> Option<Self> {
        let connection = Connection::open(copy).expect("a database");
        let whole: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).expect("an answer");
        assert_eq!(whole, "ok", "the state is damaged");
        let one = |sql: &str| -> i64 { connection.query_row(sql, [], |row| row.get(0)).expect("a number") };
        if one("SELECT count(*) FROM sqlite_master WHERE name = 'run'") == 0 {
            return None;
        }
        let last = connection
            .query_row("SELECT id, state, ended IS NOT NULL FROM run ORDER BY id DESC LIMIT 1", [], |row| {
                Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, i64>(1)?, row.get::<_, bool>(2)?))
            })
            .ok();
        let (run, progress, over) = last.unwrap_or((Vec::new(), 0, true));
        let proposed = number(one("SELECT count(*) FROM proposed"));
        let flights = one("SELECT count(*) FROM flight");
        let todo = one("SELECT count(*) FROM step WHERE state = 1 AND run IN (SELECT id FROM run WHERE state = 3)
                        OR state = 3 AND 1 IN (contact_link, deal_link)");
        let indexed = one("SELECT count(*) FROM sqlite_master WHERE name = 'proposed_by_patient'") > 0;
        let phase = match (over, progress) {
            (true, _) => Phase::Starting,
            (false, 0) if flights > 0 => Phase::Settling,
            (false, 0) if indexed => Phase::Planning,
            (false, 0) if proposed > 0 => Phase::Reading,
            (false, 0) => Phase::Settling,
            (false, 1) => Phase::Planning,
            (false, 2) => Phase::Accepting,
            (false, _) if flights > 0 => Phase::InFlight,
            (false, _) if todo > 0 => Phase::Sending,
            (false, _) => Phase::Closing,
        };
        let sealer = Sealer::new(&state_key(&state.with_file_name("state.key")).expect("a key"));
        let (ledger, flying) = (ledger(&connection), flying(&connection));
        Some(Self { phase, run, proposed, ledger, flying, sealer })
    }

    /// Nothing is sent that was not written down before, and nothing is written down as done that is not there.
    pub(super) fn check(&self, portal: &Portal) -> Result<(), String> {
        let mut there: BTreeMap<Key, Seen> = BTreeMap::new();
        for object in Object::ALL {
            for record in portal.live(object) {
                let key = (object, self.hash(object, record.get(key_property(object))));
                if !self.ledger.contains_key(&key) && !self.flying.contains(&key) {
                    return Err(format!("{object} {} is in the portal, and nothing of it in the books", record.id));
                }
                if there.insert(key, record).is_some() {
                    return Err(format!("two live {object} records with one key"));
                }
            }
        }
        for ((object, key), row) in &self.ledger {
            let Some(found) = there.get(&(*object, *key)).filter(|found| found.id == row.id) else {
                return Err(format!("the ledger says {object} {} was written, the portal has it not", row.id));
            };
            let linked = |to: Object, key: [u8; 16]| {
                let other = there.get(&(to, key)).map(|other| other.id);
                other.is_some_and(|other| portal.links(*object, found.id, to).contains(&other))
            };
            if row.linked && *object != Object::Contact && !linked(Object::Contact, row.patient) {
                return Err(format!("the ledger says {object} {} is linked to its contact, it is not", row.id));
            }
            if row.deal.is_some_and(|deal| !linked(Object::Deal, deal)) {
                return Err(format!("the ledger says {object} {} is linked to its deal, it is not", row.id));
            }
        }
        Ok(())
    }

    /// Whether requests are without an answer.
    pub(super) fn is_in_doubt(&self) -> bool {
        !self.flying.is_empty()
    }

    fn hash(&self, object: Object, key: &str) -> [u8; 16] {
        match object {
            Object::Contact => self.sealer.patient(&PatientId::keyed("", key).expect("an id")).0,
            Object::Appointment | Object::Deal => {
                self.sealer.appointment(&AppointmentId::keyed("", key).expect("an id")).0
            }
        }
    }
}

fn ledger(connection: &Connection) -> BTreeMap<Key, Row> {
    let sql = "SELECT object, key, hubspot_id, patient, contact_link = 1, deal FROM ledger";
    let mut select = connection.prepare(sql).expect("a table");
    let rows = select.query_map([], |row| {
        let id = HubspotId(number(row.get(2)?));
        let row_of = Row { id, patient: row.get(3)?, linked: row.get(4)?, deal: row.get(5)? };
        Ok(((object(row.get(0)?), row.get(1)?), row_of))
    });
    rows.expect("rows").map(|row| row.expect("a row")).collect()
}

/// Records whose request had no answer yet.
fn flying(connection: &Connection) -> BTreeSet<Key> {
    let mut select = connection.prepare("SELECT steps FROM flight WHERE what = 0").expect("a table");
    let flights = select.query_map([], |row| row.get::<_, Vec<u8>>(0)).expect("rows");
    let mut step = connection.prepare("SELECT object, key FROM step WHERE id = ?1").expect("a table");
    let mut flying = BTreeSet::new();
    for flight in flights {
        let (steps, _) = flight.as_ref().expect("a row").as_chunks::<8>();
        for id in steps.iter().map(|id| i64::from_le_bytes(*id)) {
            let key = step.query_row([id], |row| Ok((object(row.get(0)?), row.get(1)?)));
            flying.insert(key.expect("a flight names steps"));
        }
    }
    flying
}
