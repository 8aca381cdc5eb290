//! One run at a time on one state: a lock file beside it, held by the operating system and freed when the process ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use chrono_tz::Tz;

use super::exit::Exit;
use super::failure::{DISK_NEXT, Failure};

/// How often a held lock is tried again.
const AGAIN: Duration = Duration::from_millis(200);

/// The lock of one state, free again when dropped.
#[derive(Debug)]
pub(super) struct Lock(File);

fn path_of(state: &Path) -> PathBuf {
    state.with_extension("lock")
}

impl Lock {
    /// Takes the lock, waiting up to `wait` for another run.
    pub(super) fn take(state: &Path, command: &str, wait: Duration, zone: Tz) -> Result<Self, Failure> {
        let path = path_of(state);
        let storage =
            |error: std::io::Error| Failure::new(Exit::Storage, format!("{}: {error}", path.display())).next(DISK_NEXT);
        if let Some(folder) = path.parent() {
            crate::store::seal::private_folder(folder).map_err(storage)?;
        }
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&path).map_err(storage)?;
        let until = Instant::now() + wait;
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if Instant::now() < until => std::thread::sleep(AGAIN),
                Err(TryLockError::WouldBlock) => {
                    let who = read(&mut file).unwrap_or_else(|| "another run".to_owned());
                    return Err(Failure::new(Exit::Locked, format!("{who} is at work on {}", state.display()))
                        .next("wait for it, or add --lock-wait 10m"));
                }
                Err(TryLockError::Error(error)) => return Err(storage(error)),
            }
        }
        let since = chrono::Utc::now().with_timezone(&zone).format("%Y-%m-%d %H:%M:%S");
        let line = format!("{command} (process {}, since {since})", std::process::id());
        let told = file.set_len(0).and_then(|()| file.rewind()).and_then(|()| file.write_all(line.as_bytes()));
        told.and_then(|()| file.flush()).map_err(storage)?;
        Ok(Self(file))
    }

    /// Who holds the lock of a state, if anybody.
    pub(super) fn holder(state: &Path) -> Option<String> {
        let mut file = OpenOptions::new().read(true).write(true).open(path_of(state)).ok()?;
        match file.try_lock() {
            Ok(()) | Err(TryLockError::Error(_)) => None,
            Err(TryLockError::WouldBlock) => Some(read(&mut file).unwrap_or_else(|| "another run".to_owned())),
        }
    }
}

fn read(file: &mut File) -> Option<String> {
    let mut text = String::new();
    file.rewind().ok()?;
    file.take(200).read_to_string(&mut text).ok()?;
    (!text.is_empty()).then_some(text)
}

impl Drop for Lock {
    fn drop(&mut self) {
        // The name stays readable only while somebody is at work; closing the file frees the lock in any case.
        let _empty = self.0.set_len(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_run_is_told_who_is_at_work() {
        let folder = tempfile::tempdir().expect("a folder");
        let state = folder.path().join("x/state.db");
        let take = |wait| Lock::take(&state, "migrate-patients", wait, chrono_tz::Europe::Berlin);
        let first = take(Duration::ZERO).expect("free");
        let second = take(Duration::from_millis(10)).expect_err("held");
        assert_eq!(second.exit, Exit::Locked);
        assert!(second.message.starts_with("migrate-patients (process "), "{}", second.message);
        assert!(Lock::holder(&state).is_some_and(|who| who.contains("migrate-patients")));
        drop(first);
        assert_eq!(Lock::holder(&state), None);
        take(Duration::ZERO).expect("free again");
    }
}
