//! SQLite: the embedded default. One writer thread owns the connection; every transaction is `BEGIN IMMEDIATE`.

mod accept;
mod account;
mod chunk;
mod engine;
mod entries_read;
mod inbox;
mod landing;
mod leads;
mod outbox;
mod refused;
mod rows;
mod run;
mod spool;
mod status;
mod steps;
#[cfg(test)]
mod tests;
mod touched;
mod trace;
mod versions;
mod watch;
mod windows;
mod writer;

use std::path::Path;

use rusqlite::{Connection, OptionalExtension};

use self::writer::Writer;
use super::Error;
use super::seal::Sealer;
use crate::domain::RunId;

const SCHEMA: i64 = 3;

/// The SQLite engine; cheap to clone, all clones share one writer.
#[derive(Clone)]
pub struct SqliteStore {
    writer: Writer,
}

/// The connection and what belongs to it; lives on the writer thread.
struct Db {
    connection: Connection,
    sealer: Sealer,
    /// Keys read so far in the present run.
    seen: inbox::Seen,
    /// The run whose proposals can be found by patient.
    found_by_patient: Option<RunId>,
}

impl SqliteStore {
    /// Opens or makes the database at `file`, sealed with `sealer`.
    ///
    /// # Errors
    /// [`Error`] when the file is no state of this version and key, or cannot be used.
    pub fn open(file: &Path, sealer: Sealer) -> Result<Self, Error> {
        if let Some(folder) = file.parent() {
            super::seal::private_folder(folder).map_err(|error| Error::File(folder.display().to_string(), error))?;
        }
        let connection = Connection::open(file)?;
        restrict(file)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        Ok(Self { writer: Writer::start(Self::ready(connection, sealer)?)? })
    }

    /// A store that lives as long as the process, for tests and simulation.
    ///
    /// # Errors
    /// [`Error`] when SQLite refuses.
    pub fn in_memory(sealer: Sealer) -> Result<Self, Error> {
        Ok(Self { writer: Writer::inline(Self::ready(Connection::open_in_memory()?, sealer)?) })
    }

    fn ready(connection: Connection, sealer: Sealer) -> Result<Db, Error> {
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        connection.pragma_update(None, "secure_delete", "FAST")?;
        // Sorting a million proposals takes a file; it holds what the readable columns hold. Pages that do not fit into
        // the cache are in the system's: memory stays bounded whatever is loaded (design.md section 9).
        connection.pragma_update(None, "cache_size", -16_384)?;
        connection.pragma_update(None, "wal_autocheckpoint", 8_192)?;
        connection.busy_timeout(std::time::Duration::from_secs(10))?;
        connection.set_prepared_statement_cache_capacity(64);
        let mut db = Db { connection, sealer, seen: inbox::Seen::default(), found_by_patient: None };
        db.migrate()?;
        Ok(db)
    }
}

#[cfg(unix)]
fn restrict(file: &Path) -> Result<(), Error> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o600))
        .map_err(|error| Error::File(file.display().to_string(), error))
}

#[cfg(not(unix))]
fn restrict(_: &Path) -> Result<(), Error> {
    Ok(())
}

impl Db {
    fn migrate(&mut self) -> Result<(), Error> {
        self.transaction(|tx, sealer| {
            let found: i64 = tx.pragma_query_value(None, "user_version", |row| row.get(0))?;
            if found > SCHEMA {
                return Err(Error::Newer { found, known: SCHEMA });
            }
            if found == 0 {
                tx.execute_batch(include_str!("../schema/1.sql"))?;
                tx.execute("INSERT INTO meta VALUES ('key', ?1)", [sealer.check().as_slice()])?;
            }
            let check: Vec<u8> = tx.query_row("SELECT value FROM meta WHERE name = 'key'", [], |row| row.get(0))?;
            if check != sealer.check() {
                return Err(Error::OtherKey);
            }
            if found < SCHEMA {
                if found < 2 {
                    tx.execute_batch(include_str!("../schema/2.sql"))?;
                }
                tx.execute_batch(include_str!("../schema/3.sql"))?;
                tx.pragma_update(None, "user_version", SCHEMA)?;
            }
            Ok(())
        })
    }

    fn meta(&self, name: &str) -> Result<Option<Vec<u8>>, Error> {
        let sql = "SELECT value FROM meta WHERE name = ?1";
        let sealed: Option<Vec<u8>> = self.connection.query_row(sql, [name], |row| row.get(0)).optional()?;
        sealed.map(|sealed| self.sealer.open(name.as_bytes(), &sealed)).transpose()
    }

    fn set_meta(&mut self, name: &str, value: &[u8]) -> Result<(), Error> {
        self.transaction(|tx, sealer| {
            let sealed = sealer.seal(name.as_bytes(), value);
            tx.execute("INSERT OR REPLACE INTO meta VALUES (?1, ?2)", (name, sealed))?;
            Ok(())
        })
    }
}
