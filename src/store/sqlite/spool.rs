//! Units on their way: sealed as they come, handed back in the same order, emptied by filing or by age.

use chrono::{DateTime, Utc};
use rusqlite::Row;
use serde::{Deserialize, Serialize};

use super::Db;
use super::rows::{blob_at, count, day_number, time_from};
use crate::domain::{InstanceKey, Origin, Record, Rejected};
use crate::store::seal::Sealer;
use crate::store::{Error, Part, ReadState, Reading, Spooled, Unit};

/// The sealed part of a unit that is needed without its rows.
#[derive(Serialize, Deserialize)]
pub(super) struct Label {
    pub(super) part: Part,
    pub(super) checksum: [u8; 16],
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) note: Option<String>,
}

/// What a unit brought, as it is sealed.
#[derive(Serialize)]
struct Contents<'reading> {
    rows: &'reading [(Record, Origin)],
    rejected: &'reading [Rejected],
}

/// What a unit brought, as it is opened.
#[derive(Deserialize)]
struct Opened {
    rows: Vec<(Record, Origin)>,
    rejected: Vec<Rejected>,
}

/// Under which columns a unit is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) instance: InstanceKey,
    pub(super) kind: i64,
    pub(super) part: i64,
    pub(super) first: i64,
    pub(super) last: i64,
    pub(super) name: Vec<u8>,
}

/// `Address::part` of pages.
pub(super) const PAGE: i64 = 1;
/// `Address::part` of days.
pub(super) const DAYS: i64 = 2;
/// `Address::part` of a chart.
const CHART: i64 = 3;
/// `Address::part` of a single record.
const ONE: i64 = 4;

impl Address {
    fn of(unit: &Unit, sealer: &Sealer) -> Self {
        let (part, first, last, name) = match &unit.part {
            Part::Page(page) => (PAGE, i64::from(*page), i64::from(*page), Vec::new()),
            Part::Days { from, to } => (DAYS, day_number(*from), day_number(*to), Vec::new()),
            Part::Chart { patient, profile } => (CHART, 0, 0, sealer.chart(patient, profile).0.to_vec()),
            Part::One { kind, key } => (ONE, 0, 0, sealer.key(*kind, key).0.to_vec()),
        };
        Self { instance: unit.instance.clone(), kind: unit.kind as i64, part, first, last, name }
    }

    /// Reads the columns `instance, kind, part, first, last, name` from `at` on.
    pub(super) fn at(row: &Row<'_>, at: usize) -> Result<Self, Error> {
        let instance: String = row.get(at)?;
        Ok(Self {
            instance: InstanceKey::new(&instance),
            kind: row.get(at + 1)?,
            part: row.get(at + 2)?,
            first: row.get(at + 3)?,
            last: row.get(at + 4)?,
            name: row.get(at + 5)?,
        })
    }

    pub(super) fn unit(&self, label: &Label) -> Result<Unit, Error> {
        let kind = super::rows::kind_from(self.kind)?;
        Ok(Unit { kind, instance: self.instance.clone(), part: label.part.clone() })
    }

    /// The place a label is sealed to: the same in spool and window, so that filing copies bytes.
    fn label_place(&self) -> Vec<u8> {
        self.place(b'l', "")
    }

    /// The place a unit's rows are sealed to: another command cannot be given them.
    fn contents_place(&self, command: &str) -> Vec<u8> {
        self.place(b'u', command)
    }

    fn place(&self, table: u8, command: &str) -> Vec<u8> {
        let mut place = vec![table];
        for text in [command.as_bytes(), self.instance.as_str().as_bytes(), &self.name] {
            place.extend_from_slice(&(text.len() as u64).to_le_bytes());
            place.extend_from_slice(text);
        }
        for number in [self.kind, self.part, self.first, self.last] {
            place.extend_from_slice(&number.to_le_bytes());
        }
        place
    }

    pub(super) fn open_label(&self, sealer: &Sealer, sealed: &[u8]) -> Result<Label, Error> {
        sealer.open_json(&self.label_place(), sealed)
    }
}

pub(super) fn state_from(number: i64) -> Result<ReadState, Error> {
    match number {
        1 => Ok(ReadState::Read),
        2 => Ok(ReadState::Gap),
        _ => Err(Error::Corrupt("unknown state of a unit")),
    }
}

impl Db {
    pub(super) fn spool(&mut self, command: &str, reading: &Reading) -> Result<(), Error> {
        self.transaction(|tx, sealer| {
            let address = Address::of(&reading.unit, sealer);
            let label =
                Label { part: reading.unit.part.clone(), checksum: reading.checksum, note: reading.note.clone() };
            let contents = Contents { rows: &reading.rows, rejected: &reading.rejected };
            let label = sealer.seal_json(&address.label_place(), &label);
            let payload = sealer.seal_json(&address.contents_place(command), &contents);
            let rows = i64::try_from(reading.rows.len()).expect("an answer fits");
            // A unit that is read again goes to the end: of two versions of a record, the later received one is last.
            tx.prepare_cached(
                "INSERT OR REPLACE INTO spool
                     (command, instance, kind, part, first, last, name, state, rows, at, label, payload)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
            )?
            .execute((
                command,
                address.instance.as_str(),
                address.kind,
                address.part,
                address.first,
                address.last,
                &address.name,
                reading.state as i64,
                rows,
                reading.at.timestamp_millis(),
                label,
                payload,
            ))?;
            Ok(())
        })
    }

    pub(super) fn spooled(&self, command: &str) -> Result<Vec<Spooled>, Error> {
        let mut select = self.connection.prepare_cached(
            "SELECT instance, kind, part, first, last, name, state, rows, at, label FROM spool
             WHERE command = ?1 ORDER BY id",
        )?;
        let mut rows = select.query([command])?;
        let mut units = Vec::new();
        while let Some(row) = rows.next()? {
            let address = Address::at(row, 0)?;
            let label = address.open_label(&self.sealer, blob_at(row, 9)?)?;
            units.push(Spooled {
                unit: address.unit(&label)?,
                state: state_from(row.get(6)?)?,
                rows: count(row.get(7)?),
                checksum: label.checksum,
                at: time_from(row.get(8)?)?,
            });
        }
        Ok(units)
    }

    pub(super) fn unspool(&self, command: &str, after: u64, limit: usize) -> Result<Vec<(u64, Reading)>, Error> {
        let mut select = self.connection.prepare_cached(
            "SELECT instance, kind, part, first, last, name, state, at, label, payload, id FROM spool
             WHERE command = ?1 AND id > ?2 ORDER BY id LIMIT ?3",
        )?;
        let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        let mut rows = select.query((command, number(after), number(limit as u64)))?;
        let mut units = Vec::new();
        while let Some(row) = rows.next()? {
            let address = Address::at(row, 0)?;
            let label = address.open_label(&self.sealer, blob_at(row, 8)?)?;
            let Opened { rows, rejected } =
                self.sealer.open_json(&address.contents_place(command), blob_at(row, 9)?)?;
            let reading = Reading {
                unit: address.unit(&label)?,
                state: state_from(row.get(6)?)?,
                rows,
                rejected,
                checksum: label.checksum,
                at: time_from(row.get(7)?)?,
                note: label.note,
            };
            units.push((count(row.get(10)?), reading));
        }
        Ok(units)
    }

    pub(super) fn clear_spool(
        &mut self,
        command: Option<&str>,
        of: Option<&InstanceKey>,
        older_than: Option<DateTime<Utc>>,
    ) -> Result<u64, Error> {
        self.transaction(|tx, _| {
            let gone = tx.execute(
                "DELETE FROM spool WHERE (?1 IS NULL OR command = ?1) AND (?2 IS NULL OR instance = ?2)
                     AND (?3 IS NULL OR at < ?3)",
                (command, of.map(InstanceKey::as_str), older_than.map(|time| time.timestamp_millis())),
            )?;
            Ok(gone as u64)
        })
    }
}
