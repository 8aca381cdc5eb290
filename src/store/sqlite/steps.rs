//! Steps as they are stored: readable columns, and one sealed value that serves outbox, ledger and journal.

use rusqlite::Row;
use serde::{Deserialize, Serialize};

use super::Db;
use super::rows::{self, hash_at, note_place, object_from, run_key, step_place};
use super::versions::propose_looks;
use crate::domain::{HubspotId, KeyHash, Object, Properties, PropertyName, RuleId, RunId};
use crate::plan::{Memo, Op, Outcome, Step, Totals, Wave};
use crate::store::seal::Sealer;
use crate::store::{Error, PatientPlan, Queued, RunState, StepId, StepLine};

/// The sealed part of a step.
#[derive(Serialize, Deserialize)]
pub(super) struct Value {
    /// The key.
    k: String,
    /// Everything ivohub has written once the step is done.
    pub(super) base: Properties,
    /// Which of `base` are sent by this step; absent = all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    set: Option<Vec<PropertyName>>,
    #[serde(default, skip_serializing_if = "Properties::is_empty")]
    before: Properties,
    #[serde(default, skip_serializing_if = "is_default")]
    pub(super) memo: Memo,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rule: Option<RuleId>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    reason: String,
}

fn is_default(memo: &Memo) -> bool {
    *memo == Memo::default()
}

impl Value {
    fn of(step: &Step) -> Self {
        let all = step.set == step.base;
        Self {
            k: step.key_value.clone(),
            base: step.base.clone(),
            set: (!all).then(|| step.set.keys().cloned().collect()),
            before: step.before.clone(),
            memo: step.memo.clone(),
            rule: step.rule.clone(),
            reason: step.reason.clone(),
        }
    }

    pub(super) fn key_value(&self) -> &str {
        &self.k
    }

    /// What the step sends.
    fn sent(&mut self) -> Properties {
        match self.set.take() {
            None => std::mem::take(&mut self.base),
            Some(names) => {
                names.into_iter().filter_map(|name| self.base.remove(&name).map(|value| (name, value))).collect()
            }
        }
    }
}

/// Opens the sealed value of a step.
pub(super) fn open_value(sealer: &Sealer, object: Object, key: KeyHash, bytes: &[u8]) -> Result<Value, Error> {
    sealer.open_json(&step_place(object, key), bytes)
}

const fn op_number(op: Op) -> i64 {
    match op {
        Op::Create => 1,
        Op::Update => 2,
        Op::TakeOver => 3,
        Op::LinkOnly => 4,
    }
}

fn op_from(number: i64) -> Result<Op, Error> {
    match number {
        1 => Ok(Op::Create),
        2 => Ok(Op::Update),
        3 => Ok(Op::TakeOver),
        4 => Ok(Op::LinkOnly),
        _ => Err(Error::Corrupt("unknown way of writing")),
    }
}

pub(super) fn hubspot_id(number: i64) -> Result<HubspotId, Error> {
    u64::try_from(number).map(HubspotId).map_err(|_| Error::Corrupt("a HubSpot id is negative"))
}

pub(super) fn id_number(id: HubspotId) -> Result<i64, Error> {
    i64::try_from(id.0).map_err(|_| Error::Corrupt("a HubSpot id is too large"))
}

impl Db {
    pub(super) fn propose(&mut self, run: RunId, plans: &[PatientPlan]) -> Result<(), Error> {
        self.transaction(|tx, sealer| {
            let mut insert = tx.prepare_cached(
                "INSERT INTO step (run, wave, object, patient, key, op, hubspot_id, state, contact_link, deal_link, deal,
                     closes, open, value, waits)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
            )?;
            let mut outcome = tx.prepare_cached("INSERT OR REPLACE INTO outcome VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?;
            for plan in plans {
                for step in &plan.steps {
                    let place = step_place(step.object, step.key);
                    let value = sealer.seal_json(&place, &Value::of(step));
                    // A step that only links has nothing to send of its own: it counts as written.
                    let state = if step.op == Op::LinkOnly { 3 } else { 1 };
                    insert.execute(rusqlite::params![
                        run_key(run),
                        step.wave as i64,
                        step.object as i64,
                        step.patient.0,
                        step.key.0,
                        op_number(step.op),
                        step.id.map(id_number).transpose()?,
                        state,
                        i64::from(step.link_contact),
                        i64::from(step.link_deal.is_some()),
                        step.link_deal.map(|deal| deal.0),
                        step.closes,
                        step.open,
                        value,
                        step.memo.waits_for_entries,
                    ])?;
                }
                for record in &plan.outcomes {
                    let note = match &record.outcome {
                        Outcome::Held(held) => Some(sealer.seal_json(&note_place(record.kind, record.key), held)),
                        Outcome::Skipped(why) => Some(sealer.seal_json(&note_place(record.kind, record.key), why)),
                        Outcome::Created
                        | Outcome::Updated
                        | Outcome::Unchanged
                        | Outcome::Used
                        | Outcome::Unlinked
                        | Outcome::Ignored => None,
                    };
                    outcome.execute((
                        run_key(run),
                        record.patient.0,
                        record.kind as i64,
                        record.key.0,
                        record.outcome.code(),
                        record.from_queue,
                        note,
                    ))?;
                }
            }
            propose_looks(tx, sealer, plans)
        })
    }

    pub(super) fn planned(&mut self, run: RunId, digest: &str, totals: &Totals) -> Result<(), Error> {
        let totals = serde_json::to_string(totals).expect("totals serialise");
        self.transaction(|tx, _| {
            tx.execute(
                "UPDATE run SET state = ?2, planned = 1, digest = ?3, totals = ?4 WHERE id = ?1",
                (run_key(run), RunState::Proposed as i64, digest, totals),
            )?;
            Ok(())
        })
    }

    /// A row of (id, wave, object, patient, key, op, closes, value, …).
    pub(super) fn step_line(&self, row: &Row<'_>) -> Result<StepLine, Error> {
        let object = object_from(row.get(2)?)?;
        let key = hash_at(row, 4)?;
        let mut value = open_value(&self.sealer, object, key, rows::blob_at(row, 7)?)?;
        Ok(StepLine {
            id: StepId(row.get(0)?),
            wave: Wave::from_number(row.get(1)?).ok_or(Error::Corrupt("unknown wave"))?,
            object,
            patient: hash_at(row, 3)?,
            key,
            op: op_from(row.get(5)?)?,
            closes: row.get(6)?,
            set: value.sent(),
            before: value.before,
            rule: value.rule,
            reason: value.reason,
        })
    }

    pub(super) fn steps_of(&self, run: RunId, after: StepId, limit: usize) -> Result<Vec<StepLine>, Error> {
        let mut select = self.connection.prepare_cached(
            "SELECT id, wave, object, patient, key, op, closes, value FROM step
             WHERE run = ?1 AND id > ?2 AND id >= (SELECT first_step FROM run WHERE id = ?1) ORDER BY id LIMIT ?3",
        )?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut rows = select.query((run_key(run), after.0, limit))?;
        let mut lines = Vec::new();
        while let Some(row) = rows.next()? {
            lines.push(self.step_line(row)?);
        }
        Ok(lines)
    }

    /// Reads a step for sending from the columns (id, object, key, op, hubspot id, value).
    pub(super) fn queued(&self, row: &Row<'_>) -> Result<Queued, Error> {
        let object = object_from(row.get(1)?)?;
        let mut value = open_value(&self.sealer, object, hash_at(row, 2)?, rows::blob_at(row, 5)?)?;
        let id: Option<i64> = row.get(4)?;
        Ok(Queued {
            id: StepId(row.get(0)?),
            object,
            op: op_from(row.get(3)?)?,
            hubspot_id: id.map(hubspot_id).transpose()?,
            key_value: value.k.clone(),
            set: value.sent(),
            before: value.before,
        })
    }
}
