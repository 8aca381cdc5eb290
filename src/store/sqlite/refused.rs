//! What a refusal does to the record behind it, and to what was planned beside it.

use rusqlite::Connection;

use super::rows;
use crate::domain::{Held, KeyHash, Kind, Object};
use crate::store::Error;
use crate::store::seal::Sealer;

/// Nothing is written for a patient who has no contact: what the run planned beside a refused one waits for the patient.
pub(super) fn drop_without_contact(tx: &Connection, sealer: &mut Sealer, contact: i64) -> Result<(), Error> {
    // The steps of one patient stand together, the contact's first.
    let mut select = tx.prepare_cached(
        "SELECT s.id, s.object, s.patient, s.key FROM step first JOIN step s ON s.id > first.id
             AND s.id < coalesce((SELECT n.id FROM step n WHERE n.id > first.id
                 AND (n.patient <> first.patient OR n.run <> first.run) ORDER BY n.id LIMIT 1), 9223372036854775807)
         WHERE first.id = ?1 AND first.object = 1 AND s.state = 1
             AND NOT EXISTS (SELECT 1 FROM ledger l WHERE l.patient = first.patient AND l.object = 1)",
    )?;
    let mut rows = select.query([contact])?;
    while let Some(row) = rows.next()? {
        let (step, object): (i64, _) = (row.get(0)?, rows::object_from(row.get(1)?)?);
        tx.prepare_cached("UPDATE step SET state = 5, contact_link = 0, deal_link = 0 WHERE id = ?1")?
            .execute([step])?;
        if object == Object::Appointment {
            let (patient, key) = (rows::hash_at(row, 2)?, rows::hash_at(row, 3)?);
            wait(tx, sealer, Kind::Appointment, patient, key, &Held::WaitingForPatient)?;
        }
    }
    Ok(())
}

fn wait(
    tx: &Connection,
    sealer: &mut Sealer,
    kind: Kind,
    patient: KeyHash,
    key: KeyHash,
    why: &Held,
) -> Result<(), Error> {
    let note = sealer.seal_json(&rows::note_place(kind, key), why);
    tx.prepare_cached("UPDATE record SET queue = 2, note = ?4 WHERE patient = ?1 AND kind = ?2 AND key = ?3")?
        .execute((patient.0, kind as i64, key.0, note))?;
    Ok(())
}

/// The record behind a refused step is held until it changes or is queued again.
pub(super) fn hold(tx: &Connection, sealer: &mut Sealer, step: i64, code: &str) -> Result<(), Error> {
    let mut select = tx.prepare_cached("SELECT object, patient, key FROM step WHERE id = ?1")?;
    let mut rows = select.query([step])?;
    let Some(row) = rows.next()? else { return Ok(()) };
    let kind = if rows::object_from(row.get(0)?)? == Object::Contact { Kind::Patient } else { Kind::Appointment };
    let (patient, key) = (rows::hash_at(row, 1)?, rows::hash_at(row, 2)?);
    wait(tx, sealer, kind, patient, key, &Held::Refused(code.to_owned()))
}
