//! Windows: what accepted runs have read, and the gaps that are still open.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, OptionalExtension};

use super::Db;
use super::rows::{blob_at, count, run_from, run_key, time_from};
use super::spool::{Address, DAYS, PAGE, state_from};
use crate::domain::{InstanceKey, RunId};
use crate::store::{Error, ReadState, Window};

const READ: i64 = ReadState::Read as i64;
const GAP: i64 = ReadState::Gap as i64;

/// A unit of the spool about to be filed; its label moves as it is.
struct Filing {
    address: Address,
    state: i64,
    rows: i64,
    at: i64,
    label: Vec<u8>,
}

/// How long a gap has been open, and how often it was tried.
#[derive(Clone, Copy)]
struct Age {
    since: i64,
    attempts: i64,
}

/// Installation and kind: what pages and days of other streams say does not matter.
type Stream = (InstanceKey, i64);

impl Db {
    pub(super) fn file_windows(
        &mut self,
        command: &str,
        run: RunId,
        of: &[InstanceKey],
        whole: bool,
    ) -> Result<(), Error> {
        self.transaction(|tx, _| {
            let mut units = filings(tx, command)?;
            units.retain(|unit| of.contains(&unit.address.instance) && (whole || unit.state == GAP));
            let streams = |part: i64| -> BTreeSet<Stream> {
                let of_part = units.iter().filter(|unit| unit.address.part == part);
                of_part.map(|unit| (unit.address.instance.clone(), unit.address.kind)).collect()
            };
            let mut pages = BTreeMap::new();
            for stream in streams(PAGE) {
                let before = end_pull(tx, &stream, run)?;
                pages.insert(stream, before);
            }
            for unit in &units {
                let stream = (unit.address.instance.clone(), unit.address.kind);
                let age = match (unit.address.part, unit.state) {
                    (DAYS, READ) => close_inside(tx, unit)?,
                    (DAYS, _) => take_over_gaps(tx, unit, run)?,
                    (PAGE, _) => pages.get(&stream).and_then(|before| before.get(&unit.address.first)).copied(),
                    (_, READ) => close_same(tx, unit)?,
                    (_, _) => age_of_same(tx, unit, run)?,
                };
                file(tx, unit, age, run)?;
            }
            for stream in streams(DAYS) {
                close_tried(tx, &stream, run)?;
            }
            let mut empty = tx.prepare_cached("DELETE FROM spool WHERE command = ?1 AND instance = ?2")?;
            for instance in of {
                empty.execute((command, instance.as_str()))?;
            }
            Ok(())
        })
    }

    pub(super) fn windows(&self) -> Result<Vec<Window>, Error> {
        self.windows_where("")
    }

    pub(super) fn gaps(&self) -> Result<Vec<Window>, Error> {
        self.windows_where("WHERE state = 2")
    }

    fn windows_where(&self, filter: &str) -> Result<Vec<Window>, Error> {
        let mut select = self.connection.prepare_cached(&format!(
            "SELECT instance, kind, part, first, last, name, state, rows, at, since, attempts, run, label
             FROM read_window {filter} ORDER BY instance, kind, part, first, last, name, state",
        ))?;
        let mut rows = select.query([])?;
        let mut windows = Vec::new();
        while let Some(row) = rows.next()? {
            let address = Address::at(row, 0)?;
            let label = address.open_label(&self.sealer, blob_at(row, 12)?)?;
            windows.push(Window {
                unit: address.unit(&label)?,
                state: state_from(row.get(6)?)?,
                rows: count(row.get(7)?),
                checksum: label.checksum,
                at: time_from(row.get(8)?)?,
                since: time_from(row.get(9)?)?,
                attempts: row.get(10)?,
                run: Some(run_from(blob_at(row, 11)?)?),
                note: label.note,
            });
        }
        Ok(windows)
    }
}

fn filings(tx: &Connection, command: &str) -> Result<Vec<Filing>, Error> {
    let mut select = tx.prepare_cached(
        "SELECT instance, kind, part, first, last, name, state, rows, at, label FROM spool
         WHERE command = ?1 ORDER BY id",
    )?;
    let mut rows = select.query([command])?;
    let mut units = Vec::new();
    while let Some(row) = rows.next()? {
        let (state, rows, at) = (row.get(6)?, row.get(7)?, row.get(8)?);
        units.push(Filing { address: Address::at(row, 0)?, state, rows, at, label: row.get(9)? });
    }
    Ok(units)
}

/// Removes all pages of the pull before this one; returns how old its gaps are, by page.
fn end_pull(tx: &Connection, (instance, kind): &Stream, run: RunId) -> Result<BTreeMap<i64, Age>, Error> {
    let mut gaps = BTreeMap::new();
    {
        let mut select = tx.prepare_cached(
            "SELECT first, since, attempts + (run <> ?3) FROM read_window
             WHERE instance = ?1 AND kind = ?2 AND part = 1 AND state = 2",
        )?;
        let mut rows = select.query((instance.as_str(), kind, run_key(run)))?;
        while let Some(row) = rows.next()? {
            gaps.insert(row.get(0)?, Age { since: row.get(1)?, attempts: row.get(2)? });
        }
    }
    tx.prepare_cached("DELETE FROM read_window WHERE instance = ?1 AND kind = ?2 AND part = 1")?
        .execute((instance.as_str(), kind))?;
    Ok(gaps)
}

/// Days that are read replace windows and gaps inside them.
fn close_inside(tx: &Connection, unit: &Filing) -> Result<Option<Age>, Error> {
    let Address { instance, kind, part, first, last, name: _ } = &unit.address;
    tx.prepare_cached(
        "DELETE FROM read_window WHERE instance = ?1 AND kind = ?2 AND part = ?3 AND first >= ?4 AND last <= ?5",
    )?
    .execute((instance.as_str(), kind, part, first, last))?;
    Ok(None)
}

/// A gap takes the place of gaps inside it, and is as old as the oldest gap that it overlaps: the same days may be
/// asked for in other slices each time.
fn take_over_gaps(tx: &Connection, unit: &Filing, run: RunId) -> Result<Option<Age>, Error> {
    let Address { instance, kind, part, first, last, name: _ } = &unit.address;
    let (since, attempts): (Option<i64>, Option<i64>) = tx
        .prepare_cached(
            "SELECT min(since), max(attempts + (run <> ?6)) FROM read_window
             WHERE instance = ?1 AND kind = ?2 AND part = ?3 AND state = 2 AND first <= ?5 AND last >= ?4",
        )?
        .query_row((instance.as_str(), kind, part, first, last, run_key(run)), |row| Ok((row.get(0)?, row.get(1)?)))?;
    tx.prepare_cached(
        "DELETE FROM read_window WHERE instance = ?1 AND kind = ?2 AND part = ?3 AND state = 2
             AND first >= ?4 AND last <= ?5",
    )?
    .execute((instance.as_str(), kind, part, first, last))?;
    Ok(since.zip(attempts).map(|(since, attempts)| Age { since, attempts }))
}

/// Closes the gap of a chart or record that is read.
fn close_same(tx: &Connection, unit: &Filing) -> Result<Option<Age>, Error> {
    let Address { instance, kind, part, first: _, last: _, name } = &unit.address;
    tx.prepare_cached(
        "DELETE FROM read_window WHERE instance = ?1 AND kind = ?2 AND part = ?3 AND first = 0 AND last = 0
             AND name = ?4 AND state = 2",
    )?
    .execute((instance.as_str(), kind, part, name))?;
    Ok(None)
}

/// How old the gap of a chart or record is that could not be read again.
fn age_of_same(tx: &Connection, unit: &Filing, run: RunId) -> Result<Option<Age>, Error> {
    let Address { instance, kind, part, first: _, last: _, name } = &unit.address;
    let age = tx
        .prepare_cached(
            "SELECT since, attempts + (run <> ?5) FROM read_window WHERE instance = ?1 AND kind = ?2 AND part = ?3
                 AND first = 0 AND last = 0 AND name = ?4 AND state = 2",
        )?
        .query_row((instance.as_str(), kind, part, name, run_key(run)), |row| {
            Ok(Age { since: row.get(0)?, attempts: row.get(1)? })
        })
        .optional()?;
    Ok(age)
}

fn file(tx: &Connection, unit: &Filing, age: Option<Age>, run: RunId) -> Result<(), Error> {
    let Address { instance, kind, part, first, last, name } = &unit.address;
    let age = match unit.state {
        GAP => age.unwrap_or(Age { since: unit.at, attempts: 1 }),
        _ => Age { since: unit.at, attempts: 0 },
    };
    tx.prepare_cached(
        "INSERT OR REPLACE INTO read_window
             (instance, kind, part, first, last, name, state, rows, at, since, attempts, run, label)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
    )?
    .execute((
        instance.as_str(),
        kind,
        part,
        first,
        last,
        name,
        unit.state,
        unit.rows,
        unit.at,
        age.since,
        age.attempts,
        run_key(run),
        &unit.label,
    ))?;
    Ok(())
}

/// Closes gaps whose days were all tried again since, in whatever slices: the days that failed again are gaps of
/// their own.
fn close_tried(tx: &Connection, (instance, kind): &Stream, run: RunId) -> Result<(), Error> {
    struct Days {
        first: i64,
        last: i64,
        state: i64,
        at: i64,
        now: bool,
    }
    let mut select = tx.prepare_cached(
        "SELECT first, last, state, at, run = ?3 FROM read_window
         WHERE instance = ?1 AND kind = ?2 AND part = 2 ORDER BY first, last",
    )?;
    let windows = select
        .query_map((instance.as_str(), kind, run_key(run)), |row| {
            Ok(Days { first: row.get(0)?, last: row.get(1)?, state: row.get(2)?, at: row.get(3)?, now: row.get(4)? })
        })?
        .collect::<Result<Vec<Days>, _>>()?;
    for gap in windows.iter().filter(|window| window.state == GAP) {
        let later = windows.iter().filter(|window| (window.now && !gap.now) || window.at > gap.at);
        // Windows come in the order of their first days.
        let mut open = gap.first;
        for window in later.filter(|window| window.last >= gap.first) {
            if window.first <= open {
                open = open.max(window.last + 1);
            }
        }
        if open > gap.last {
            tx.prepare_cached(
                "DELETE FROM read_window WHERE instance = ?1 AND kind = ?2 AND part = ?3 AND first = ?4 AND last = ?5
                     AND state = 2",
            )?
            .execute((instance.as_str(), kind, DAYS, gap.first, gap.last))?;
        }
    }
    Ok(())
}
