//! What became of steps that were sent: step, ledger and journal.

use rusqlite::Connection;

use super::outbox::{pack, what_number};
use super::refused::{drop_without_contact, hold};
use super::rows::{self, blob_at, run_key};
use super::steps::id_number;
use crate::domain::{KeyHash, LinkKind, Object, RunId};
use crate::store::seal::Sealer;
use crate::store::{Error, FlightKind, Landing, StepEvent, StepId, StepState};

/// What a step is about.
struct About {
    object: i64,
    patient: KeyHash,
    key: KeyHash,
    open: Option<bool>,
}

pub(super) fn land_record(
    tx: &Connection,
    sealer: &mut Sealer,
    chain: &mut Chain,
    landing: &Landing,
    state: StepState,
) -> Result<(), Error> {
    let step = landing.step.0;
    let about = {
        let mut select =
            tx.prepare_cached("SELECT object, patient, key, open, value, hubspot_id FROM step WHERE id = ?1")?;
        let mut rows = select.query([step])?;
        let row = rows.next()?.ok_or(Error::Corrupt("an answer names a step that is not there"))?;
        let id =
            if let StepEvent::Done { hubspot_id } = landing.event { Some(id_number(hubspot_id)?) } else { row.get(5)? };
        chain.step(landing.step, id, state);
        chain.value(blob_at(row, 4)?);
        About { object: row.get(0)?, patient: rows::hash_at(row, 1)?, key: rows::hash_at(row, 2)?, open: row.get(3)? }
    };
    match &landing.event {
        StepEvent::Done { hubspot_id } => {
            let id = id_number(*hubspot_id)?;
            tx.prepare_cached("UPDATE step SET state = ?2, hubspot_id = ?3 WHERE id = ?1 AND state = 1")?.execute((
                step,
                state.column(),
                id,
            ))?;
            let About { object, patient, key, open } = about;
            tx.prepare_cached(
                "INSERT INTO ledger (patient, object, key, hubspot_id, step, contact_link, deal, open)
                 VALUES (?1, ?2, ?3, ?4, ?5, 0, NULL, ?6)
                 ON CONFLICT (patient, object, key) DO UPDATE SET
                     hubspot_id = excluded.hubspot_id, step = excluded.step, open = coalesce(excluded.open, open)",
            )?
            .execute((patient.0, object, key.0, id, step, open))?;
        }
        StepEvent::Rejected { code } => {
            tx.prepare_cached(
                "UPDATE step SET state = ?2, problem = ?3, contact_link = 0, deal_link = 0 WHERE id = ?1",
            )?
            .execute((step, state.column(), code))?;
            // What the same run planned on top of it would remember values that were never written.
            tx.prepare_cached(
                "UPDATE step SET state = 5, contact_link = 0, deal_link = 0
                 FROM step first
                 WHERE first.id = ?1 AND step.run = first.run AND step.patient = first.patient
                     AND step.object = first.object AND step.key = first.key AND step.id > first.id
                     AND step.state = 1 AND step.wave IN (2, 5)",
            )?
            .execute([step])?;
            hold(tx, sealer, step, code)?;
            drop_without_contact(tx, sealer, step)?;
        }
        StepEvent::Dropped => {
            tx.prepare_cached("UPDATE step SET state = ?2 WHERE id = ?1")?.execute((step, state.column()))?;
        }
        StepEvent::Released | StepEvent::Sent => {}
    }
    Ok(())
}

pub(super) fn land_link(
    tx: &Connection,
    sealer: &mut Sealer,
    chain: &mut Chain,
    kind: LinkKind,
    landing: &Landing,
    state: StepState,
) -> Result<(), Error> {
    let step = landing.step;
    chain.step(step, None, state);
    if state == StepState::Planned {
        return Ok(());
    }
    let to_deal = kind.ends().1 == Object::Deal;
    let set = if to_deal { "deal_link" } else { "contact_link" };
    tx.prepare_cached(&format!("UPDATE step SET {set} = ?2 WHERE id = ?1"))?.execute((step.0, state.column()))?;
    if let StepEvent::Rejected { code } = &landing.event {
        hold(tx, sealer, step.0, &format!("link {code}"))?;
    }
    if state == StepState::Done {
        let mut select = tx.prepare_cached("SELECT object, patient, key, deal FROM step WHERE id = ?1")?;
        let mut rows = select.query([step.0])?;
        let row = rows.next()?.ok_or(Error::Corrupt("an answer names a step that is not there"))?;
        let (object, patient, key) = (row.get::<_, i64>(0)?, rows::hash_at(row, 1)?, rows::hash_at(row, 2)?);
        let set = if to_deal { "deal = ?4" } else { "contact_link = 1" };
        let sql = format!("UPDATE ledger SET {set} WHERE patient = ?1 AND object = ?2 AND key = ?3");
        let mut update = tx.prepare_cached(&sql)?;
        if to_deal {
            update.execute((patient.0, object, key.0, rows::maybe_hash_at(row, 3)?.map(|deal| deal.0)))?;
        } else {
            update.execute((patient.0, object, key.0))?;
        }
    }
    Ok(())
}

/// A row of the journal being made: its chain value covers the row before, and of each step what became of it; where
/// records were written, the sealed values too.
pub(super) struct Chain {
    hasher: blake3::Hasher,
    run: RunId,
    now: i64,
    what: FlightKind,
}

impl Chain {
    pub(super) fn begin(tx: &Connection, run: RunId, now: i64, what: FlightKind) -> Result<Self, Error> {
        let mut hasher = blake3::Hasher::new();
        let mut last = tx.prepare_cached("SELECT chain FROM journal ORDER BY seq DESC LIMIT 1")?;
        let mut rows = last.query([])?;
        if let Some(row) = rows.next()? {
            hasher.update(blob_at(row, 0)?);
        }
        hasher.update(&run_key(run)).update(&now.to_le_bytes()).update(&what_number(what).to_le_bytes());
        Ok(Self { hasher, run, now, what })
    }

    fn step(&mut self, step: StepId, hubspot_id: Option<i64>, state: StepState) {
        self.hasher.update(&step.0.to_le_bytes()).update(&hubspot_id.unwrap_or(0).to_le_bytes());
        self.hasher.update(&state.column().to_le_bytes());
    }

    fn value(&mut self, sealed: &[u8]) {
        self.hasher.update(sealed);
    }

    pub(super) fn end(self, tx: &Connection, landings: &[Landing]) -> Result<(), Error> {
        let steps: Vec<StepId> = landings.iter().map(|landing| landing.step).collect();
        tx.prepare_cached("INSERT INTO journal (run, at, what, steps, chain) VALUES (?1, ?2, ?3, ?4, ?5)")?.execute(
            (
                run_key(self.run),
                self.now,
                what_number(self.what),
                pack(&steps),
                &self.hasher.finalize().as_bytes()[..16],
            ),
        )?;
        Ok(())
    }
}
