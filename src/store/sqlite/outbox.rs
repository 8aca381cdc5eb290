//! The outbox: what is accepted and not sent, what is on its way, and what came of it.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::Db;
use super::landing::{Chain, land_link, land_record};
use super::rows::{self, blob_at, count};
use super::steps::hubspot_id;
use crate::domain::{HubspotId, LinkKind, Object, RunId};
use crate::plan::Wave;
use crate::store::{
    Carried, Error, FlightId, FlightKind, Landing, Queued, RunState, Sending, StepCounts, StepId, StepState,
};

const ACCEPTED: &str = "run IN (SELECT id FROM run WHERE state = 3)";

impl Db {
    /// Steps in open flights: sent, and nobody wrote down what came of it.
    fn flying(&self) -> Result<BTreeSet<(FlightKind, StepId)>, Error> {
        let flights = self.flights()?;
        Ok(flights.into_iter().flat_map(|(_, what, steps)| steps.into_iter().map(move |step| (what, step))).collect())
    }

    fn flights(&self) -> Result<Vec<(FlightId, FlightKind, Vec<StepId>)>, Error> {
        let mut select = self.connection.prepare_cached("SELECT id, what, steps FROM flight ORDER BY id")?;
        let mut rows = select.query([])?;
        let mut flights = Vec::new();
        while let Some(row) = rows.next()? {
            flights.push((FlightId(row.get(0)?), what_from(row.get(1)?)?, unpack(blob_at(row, 2)?)?));
        }
        Ok(flights)
    }

    pub(super) fn in_doubt(&self) -> Result<Vec<(FlightId, Sending)>, Error> {
        let mut open = Vec::new();
        for (flight, what, steps) in self.flights()? {
            let sending = match what {
                FlightKind::Records => {
                    let records: Result<Vec<_>, _> = steps.iter().map(|step| self.one_queued(*step)).collect();
                    Sending::Records(records?)
                }
                FlightKind::Links(kind) => {
                    let links: Result<Vec<_>, _> = steps.iter().map(|step| self.one_link(kind, *step)).collect();
                    Sending::Links(kind, links?.into_iter().flatten().collect())
                }
            };
            open.push((flight, sending));
        }
        Ok(open)
    }

    fn one_queued(&self, step: StepId) -> Result<Queued, Error> {
        let sql = format!("SELECT {QUEUED} WHERE s.id = ?1");
        let mut select = self.connection.prepare_cached(&sql)?;
        let mut rows = select.query([step.0])?;
        let row = rows.next()?.ok_or(Error::Corrupt("a flight names a step that is not there"))?;
        self.queued(row)
    }

    fn one_link(&self, kind: LinkKind, step: StepId) -> Result<Option<(StepId, HubspotId, HubspotId)>, Error> {
        let sql = format!("{} AND s.id = ?1", links_sql(kind));
        let mut select = self.connection.prepare_cached(&sql)?;
        let mut rows = select.query([step.0])?;
        rows.next()?.map(link_row).transpose()
    }

    pub(super) fn next_records(&self, wave: Wave, after: StepId, limit: usize) -> Result<Vec<Queued>, Error> {
        let sql = format!(
            "SELECT {QUEUED} WHERE s.wave = ?1 AND s.id > ?2 AND s.state = 1 AND s.{ACCEPTED} ORDER BY s.id LIMIT ?3"
        );
        let mut select = self.connection.prepare_cached(&sql)?;
        let mut rows = select.query((wave as i64, after.0, i64::try_from(limit).unwrap_or(i64::MAX)))?;
        let mut steps = Vec::new();
        while let Some(row) = rows.next()? {
            steps.push(self.queued(row)?);
        }
        Ok(steps)
    }

    pub(super) fn next_links(
        &self,
        kind: LinkKind,
        after: StepId,
        limit: usize,
    ) -> Result<Vec<(StepId, HubspotId, HubspotId)>, Error> {
        let sql = format!("{} AND s.id > ?1 AND s.{ACCEPTED} ORDER BY s.id LIMIT ?2", links_sql(kind));
        let mut select = self.connection.prepare_cached(&sql)?;
        let mut rows = select.query((after.0, i64::try_from(limit).unwrap_or(i64::MAX)))?;
        let mut links = Vec::new();
        while let Some(row) = rows.next()? {
            links.push(link_row(row)?);
        }
        Ok(links)
    }

    pub(super) fn depart(&mut self, what: FlightKind, steps: &[StepId]) -> Result<FlightId, Error> {
        self.transaction(|tx, _| {
            tx.prepare_cached("INSERT INTO flight (what, steps) VALUES (?1, ?2)")?
                .execute((what_number(what), pack(steps)))?;
            Ok(FlightId(tx.last_insert_rowid()))
        })
    }

    pub(super) fn land(
        &mut self,
        run: RunId,
        flight: FlightId,
        landings: &[Landing],
        now: DateTime<Utc>,
    ) -> Result<(), Error> {
        let open = self.flights()?.into_iter().find(|(id, ..)| *id == flight);
        let (_, what, steps) = open.ok_or(Error::Corrupt("an answer arrived for a flight that is not open"))?;
        let landed: BTreeSet<StepId> = landings.iter().map(|landing| landing.step).collect();
        let still_out: Vec<StepId> = steps.into_iter().filter(|step| !landed.contains(step)).collect();
        let now = now.timestamp_millis();
        self.transaction(|tx, sealer| {
            let mut chain = Chain::begin(tx, run, now, what)?;
            for landing in landings {
                let state = StepState::InDoubt
                    .after(&landing.event)
                    .map_err(|_| Error::Corrupt("an answer that cannot follow a request"))?;
                match what {
                    FlightKind::Records => land_record(tx, sealer, &mut chain, landing, state)?,
                    FlightKind::Links(kind) => land_link(tx, sealer, &mut chain, kind, landing, state)?,
                }
            }
            if still_out.is_empty() {
                tx.prepare_cached("DELETE FROM flight WHERE id = ?1")?.execute([flight.0])?;
            } else {
                tx.execute("UPDATE flight SET steps = ?2 WHERE id = ?1", (flight.0, pack(&still_out)))?;
            }
            chain.end(tx, landings)
        })
    }

    pub(super) fn sort_leftovers(&mut self, decisions: &str) -> Result<Carried, Error> {
        let flying = self.flying()?;
        self.transaction(|tx, _| {
            let mut carried = Carried::default();
            let sql = "SELECT s.id, s.object, s.patient, s.key, r.decisions = ?1
                 AND NOT EXISTS (SELECT 1 FROM record q WHERE q.patient = s.patient AND q.queue = 1)
                 FROM step s JOIN run r ON r.id = s.run
                 WHERE s.state = 1 AND r.state = ?2 AND s.wave BETWEEN 1 AND 5";
            let mut select = tx.prepare(sql)?;
            let mut rows = select.query((decisions, RunState::Accepted as i64))?;
            let mut dropped = Vec::new();
            while let Some(row) = rows.next()? {
                let step = StepId(row.get(0)?);
                if row.get(4)? {
                    carried.kept += 1;
                } else if !flying.contains(&(FlightKind::Records, step)) {
                    dropped.push((step, rows::hash_at(row, 2)?));
                }
            }
            carried.dropped = count(i64::try_from(dropped.len()).unwrap_or(i64::MAX));
            for (step, patient) in dropped {
                tx.execute("UPDATE step SET state = 5, contact_link = 0, deal_link = 0 WHERE id = ?1", [step.0])?;
                tx.execute("UPDATE record SET queue = 1, reason = 4 WHERE patient = ?1 AND queue = 0", [patient.0])?;
            }
            carried.kept += count(tx.query_row(
                "SELECT (SELECT count(*) FROM step WHERE contact_link IN (1) AND state = 3)
                      + (SELECT count(*) FROM step WHERE deal_link IN (1) AND state = 3)",
                [],
                |row| row.get(0),
            )?);
            Ok(carried)
        })
    }

    pub(super) fn settle(&mut self) -> Result<StepCounts, Error> {
        self.transaction(|tx, _| {
            // A link whose other end was refused waits for the next plan of its patient.
            for (column, kinds) in [
                ("contact_link", [LinkKind::DealContact, LinkKind::AppointmentContact].as_slice()),
                ("deal_link", [LinkKind::AppointmentDeal].as_slice()),
            ] {
                for kind in kinds {
                    let (_, to) = kind.ends();
                    let target = if to == Object::Deal { "s.deal" } else { "s.patient" };
                    let refused = format!(
                        "SELECT s.id, s.patient FROM step s WHERE s.object = ?1 AND s.{column} IN (1) AND s.state = 3
                         AND NOT EXISTS (SELECT 1 FROM ledger l WHERE l.patient = s.patient AND l.object = ?2
                                         AND l.key = {target})
                         AND NOT EXISTS (SELECT 1 FROM step o WHERE o.state = 1 AND o.wave IN (1, 2, 4)
                                         AND o.object = ?2 AND o.patient = s.patient AND o.key = {target})"
                    );
                    let mut select = tx.prepare(&refused)?;
                    let mut rows = select.query((kind.ends().0 as i64, to as i64))?;
                    let mut broken: Vec<(i64, Vec<u8>)> = Vec::new();
                    while let Some(row) = rows.next()? {
                        broken.push((row.get(0)?, row.get(1)?));
                    }
                    for (step, patient) in broken {
                        tx.execute(&format!("UPDATE step SET {column} = 5 WHERE id = ?1"), [step])?;
                        tx.execute(
                            "UPDATE record SET queue = 1, reason = 4 WHERE patient = ?1 AND queue = 0 AND kind = 2",
                            [patient],
                        )?;
                    }
                }
            }
            Ok(())
        })?;
        self.step_counts(None)
    }
}

/// Columns of a step ready to be sent; the HubSpot id comes from the ledger when an earlier step has made the record.
const QUEUED: &str = "s.id, s.object, s.key, s.op, coalesce(s.hubspot_id,
    (SELECT l.hubspot_id FROM ledger l WHERE l.patient = s.patient AND l.object = s.object AND l.key = s.key)), s.value
    FROM step s";

fn links_sql(kind: LinkKind) -> String {
    let (from, to) = kind.ends();
    let (column, target) = if to == Object::Deal { ("deal_link", "s.deal") } else { ("contact_link", "s.patient") };
    format!(
        "SELECT s.id, f.hubspot_id, t.hubspot_id FROM step s
         JOIN ledger f ON f.patient = s.patient AND f.object = s.object AND f.key = s.key
         JOIN ledger t ON t.patient = s.patient AND t.object = {} AND t.key = {target}
         WHERE s.object = {} AND s.{column} IN (1) AND s.state = 3",
        to as i64, from as i64
    )
}

fn link_row(row: &rusqlite::Row<'_>) -> Result<(StepId, HubspotId, HubspotId), Error> {
    Ok((StepId(row.get(0)?), hubspot_id(row.get(1)?)?, hubspot_id(row.get(2)?)?))
}

pub(super) const fn what_number(what: FlightKind) -> i64 {
    match what {
        FlightKind::Records => 0,
        FlightKind::Links(kind) => kind as i64,
    }
}

fn what_from(number: i64) -> Result<FlightKind, Error> {
    if number == 0 {
        return Ok(FlightKind::Records);
    }
    let kind = LinkKind::ALL.into_iter().find(|kind| *kind as i64 == number);
    kind.map(FlightKind::Links).ok_or(Error::Corrupt("unknown flight"))
}

pub(super) fn pack(steps: &[StepId]) -> Vec<u8> {
    steps.iter().flat_map(|step| step.0.to_le_bytes()).collect()
}

fn unpack(bytes: &[u8]) -> Result<Vec<StepId>, Error> {
    let (steps, rest) = bytes.as_chunks::<8>();
    if !rest.is_empty() {
        return Err(Error::Corrupt("a list of steps is cut"));
    }
    Ok(steps.iter().map(|step| StepId(i64::from_le_bytes(*step))).collect())
}
