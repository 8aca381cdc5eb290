//! Keeps a portal in a folder, so that it survives its server, `kill -9` included.
//!
//! `portal.json` names the portal; `changes.jsonl` holds one line per changing request, written before the answer leaves.
//! Opening replays the log, drops a last line that was cut short, and writes the log anew without history of its own.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::http::{Random, SystemRandom};

use super::hubspot::{Portal, Settings};

/// Where the sandbox keeps its portal, unless told otherwise.
pub const FOLDER: &str = ".ivohub/sandbox";

const IDENTITY: &str = "portal.json";
const LOG: &str = "changes.jsonl";
const LOCK: &str = "lock";
/// Form of the log.
const VERSION: u32 = 1;

/// Why a portal cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process serves it.
    #[error("the sandbox in {} is in use by another process", .0.display())]
    InUse(PathBuf),
    /// A file is not what this version wrote.
    #[error("{} is damaged or of another version; --fresh begins anew", .0.display())]
    Damaged(PathBuf),
    /// A file cannot be read or written.
    #[error("cannot use {}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// What a portal is, beside what it holds.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Identity {
    version: u32,
    portal_id: u64,
    seed: u64,
}

/// Opens the portal kept in `folder`, or makes one there; `fresh` empties it first and draws a new portal id.
///
/// The settings are the defaults but for portal id and seed. The folder stays locked as long as the portal lives.
///
/// # Errors
/// [`OpenError`] when another process uses the folder, or its files cannot be used.
pub fn open(folder: &Path, fresh: bool) -> Result<Portal, OpenError> {
    open_with(folder, fresh, Settings::default())
}

/// [`open`] with settings of one's own; portal id and seed are the folder's.
///
/// # Errors
/// [`OpenError`] when another process uses the folder, or its files cannot be used.
pub fn open_with(folder: &Path, fresh: bool, settings: Settings) -> Result<Portal, OpenError> {
    let at = |path: &Path| {
        let path = path.to_owned();
        move |source| OpenError::Io { path, source }
    };
    fs::create_dir_all(folder).map_err(at(folder))?;
    let lock_path = folder.join(LOCK);
    let lock = File::create(&lock_path).map_err(at(&lock_path))?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(OpenError::InUse(folder.to_owned())),
        Err(TryLockError::Error(source)) => return Err(OpenError::Io { path: lock_path, source }),
    }
    let (identity_path, log_path) = (folder.join(IDENTITY), folder.join(LOG));
    let kept = if fresh { None } else { read(&identity_path)? };
    let (identity, bytes) = if let Some(bytes) = kept {
        let identity = serde_json::from_slice(&bytes).ok().filter(|identity: &Identity| identity.version == VERSION);
        (identity.ok_or_else(|| OpenError::Damaged(identity_path.clone()))?, read(&log_path)?.unwrap_or_default())
    } else {
        // The identity goes first and comes last: no id ever stands beside another portal's records.
        remove(&identity_path)?;
        remove(&log_path)?;
        let random = SystemRandom::default();
        // Eight digits, as portals have.
        let portal_id = 10_000_000 + random.draw() % 90_000_000;
        let identity = Identity { version: VERSION, portal_id, seed: random.draw() };
        let json = serde_json::json!(identity).to_string();
        replace(&identity_path, |file| file.write_all(json.as_bytes())).map_err(at(&identity_path))?;
        (identity, Vec::new())
    };
    let settings = Settings { portal_id: identity.portal_id, seed: identity.seed, ..settings };
    // What follows the last line break was being written when the server died: nobody got an answer to it.
    let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    let lines = bytes[..whole].split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let portal = Portal::replay(settings, lines).map_err(|_| OpenError::Damaged(log_path.clone()))?;
    replace(&log_path, |file| portal.write_snapshot(file)).map_err(at(&log_path))?;
    let log = OpenOptions::new().append(true).open(&log_path).map_err(at(&log_path))?;
    portal.keep_in(Kept { log, _lock: lock });
    Ok(portal)
}

/// The open log, and the lock that lives as long as it.
struct Kept {
    log: File,
    _lock: File,
}

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.log.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.log.flush()
    }
}

fn remove(path: &Path) -> Result<(), OpenError> {
    match fs::remove_file(path) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => Err(OpenError::Io { path: path.to_owned(), source }),
        Ok(()) | Err(_) => Ok(()),
    }
}

fn read(path: &Path) -> Result<Option<Vec<u8>>, OpenError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(OpenError::Io { path: path.to_owned(), source }),
    }
}

/// Writes a file beside `path` and puts it in its place.
fn replace(path: &Path, write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>) -> io::Result<()> {
    let new = path.with_extension("new");
    let mut file = BufWriter::new(File::create(&new)?);
    write(&mut file)?;
    file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
    fs::rename(&new, path)
}
