//! What is watched until it is certain, and what was learned about an installation.

use rusqlite::OptionalExtension;

use super::Db;
use super::rows::{blob_at, hash_at, kind_from, time_from};
use crate::domain::{InstanceKey, KeyHash, Kind};
use crate::store::{Error, Watch, Watched};

fn place(what: Watch, kind: Kind, key: KeyHash) -> Vec<u8> {
    [b"watch", [what as u8, kind as u8].as_slice(), &key.0].concat()
}

fn source_place(instance: &InstanceKey) -> Vec<u8> {
    [b"source ", instance.as_str().as_bytes()].concat()
}

fn text(plain: Vec<u8>) -> Result<String, Error> {
    String::from_utf8(plain).map_err(|_| Error::Corrupt("sealed text is no text"))
}

impl Db {
    pub(super) fn watched(&self, what: Watch) -> Result<Vec<Watched>, Error> {
        let mut select = self.connection.prepare_cached(
            "SELECT instance, kind, key, first, due, attempts, name FROM watch WHERE what = ?1 ORDER BY due, kind, key",
        )?;
        let mut rows = select.query([what as i64])?;
        let mut watched = Vec::new();
        while let Some(row) = rows.next()? {
            let instance: String = row.get(0)?;
            let kind = kind_from(row.get(1)?)?;
            watched.push(Watched {
                what,
                instance: InstanceKey::new(&instance),
                kind,
                key: text(self.sealer.open(&place(what, kind, hash_at(row, 2)?), blob_at(row, 6)?)?)?,
                first: time_from(row.get(3)?)?,
                due: time_from(row.get(4)?)?,
                attempts: row.get(5)?,
            });
        }
        Ok(watched)
    }

    pub(super) fn watch(&mut self, watched: &[Watched]) -> Result<(), Error> {
        self.transaction(|tx, sealer| {
            let mut upsert = tx.prepare_cached(
                "INSERT INTO watch (what, kind, key, instance, first, due, attempts, name)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                 ON CONFLICT (what, kind, key) DO UPDATE SET instance = excluded.instance,
                     first = min(first, excluded.first), due = excluded.due, attempts = excluded.attempts",
            )?;
            for Watched { what, instance, kind, key, first, due, attempts } in watched {
                let hash = sealer.key(*kind, key);
                let name = sealer.seal(&place(*what, *kind, hash), key.as_bytes());
                upsert.execute((
                    *what as i64,
                    *kind as i64,
                    hash.0,
                    instance.as_str(),
                    first.timestamp_millis(),
                    due.timestamp_millis(),
                    attempts,
                    name,
                ))?;
            }
            Ok(())
        })
    }

    pub(super) fn unwatch(&mut self, what: Watch, keys: &[(Kind, String)]) -> Result<(), Error> {
        self.transaction(|tx, sealer| {
            let mut delete = tx.prepare_cached("DELETE FROM watch WHERE what = ?1 AND kind = ?2 AND key = ?3")?;
            for (kind, key) in keys {
                delete.execute((what as i64, *kind as i64, sealer.key(*kind, key).0))?;
            }
            Ok(())
        })
    }

    pub(super) fn source_state(&self, instance: &InstanceKey) -> Result<Option<String>, Error> {
        let mut select = self.connection.prepare_cached("SELECT state FROM source WHERE instance = ?1")?;
        let sealed: Option<Vec<u8>> = select.query_row([instance.as_str()], |row| row.get(0)).optional()?;
        sealed.map(|sealed| text(self.sealer.open(&source_place(instance), &sealed)?)).transpose()
    }

    pub(super) fn set_source_state(&mut self, instance: &InstanceKey, json: &str) -> Result<(), Error> {
        self.transaction(|tx, sealer| {
            let sealed = sealer.seal(&source_place(instance), json.as_bytes());
            tx.execute("INSERT OR REPLACE INTO source VALUES (?1, ?2)", (instance.as_str(), sealed))?;
            Ok(())
        })
    }
}
