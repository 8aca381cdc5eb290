//! What can go wrong in the store. All of it ends the run: there is no "continue without ledger".

/// Why the store cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database refuses: full, read-only, broken, locked.
    #[error("state database: {0}")]
    Database(#[from] rusqlite::Error),
    /// A row is not what it should be.
    #[error("state is damaged: {0}; restore a backup, or start an empty state and run: ivohub state rebuild")]
    Corrupt(&'static str),
    /// The state key is missing, loose or of another state.
    #[error("state key: {0}")]
    Key(String),
    /// The state was made with another key.
    #[error(
        "the state was sealed with another key; put the right secrets/state.key back, or move the state away and run: ivohub state rebuild"
    )]
    OtherKey,
    /// The state was written by a newer version.
    #[error("the state has schema {found}, this version knows {known}; use the newer ivohub")]
    Newer {
        /// Version in the file.
        found: i64,
        /// Newest version known here.
        known: i64,
    },
    /// Another run holds the lock.
    #[error("another run holds the lock {0}; wait for it, or use --lock-wait")]
    Locked(String),
    /// Files around the database.
    #[error("{0}: {1}")]
    File(String, #[source] std::io::Error),
    /// The writer thread is gone.
    #[error("the store has stopped after an earlier error")]
    Stopped,
}

impl Error {
    /// Whether the disk refuses: full, read-only, failing, not to be opened. With room again the same command carries on.
    #[must_use]
    pub fn is_of_disk(&self) -> bool {
        use rusqlite::ErrorCode::{CannotOpen, DiskFull, PermissionDenied, ReadOnly, SystemIoFailure};
        let Self::Database(error) = self else { return matches!(self, Self::File(..)) };
        let code = error.sqlite_error_code();
        code.is_some_and(|code| [CannotOpen, DiskFull, PermissionDenied, ReadOnly, SystemIoFailure].contains(&code))
    }
}
