//! The mapping folder on the disk: read without leaving it, replaced all or none.
//!
//! New files are written into a folder of their own beside the tables. Its renaming to [`READY`] is the moment at which
//! they count: before it nothing has changed, after it every reader sees them, and whoever comes next moves them to
//! their places, so that a crash or a full disk never leaves half of a pull.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use crate::mapping::{Record, Source, file_names};

/// Bytes read of one file; the room refuses anything above 5 MiB and needs no more to see it.
const MOST: u64 = 6 * 1024 * 1024;

/// New files that count already and are not in their places yet.
const READY: &str = ".pulling";

/// A folder of mapping tables.
pub(super) struct Folder(pub(super) PathBuf);

impl Source for Folder {
    fn read(&self, name: &str) -> Option<Vec<u8>> {
        read(&self.0.join(READY).join(name)).or_else(|| read(&self.0.join(name)))
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.0).into_iter().flatten().flatten();
        let files = entries.filter(|entry| !entry.file_type().is_ok_and(|kind| kind.is_dir()));
        let mut names: Vec<String> = files.filter_map(|entry| entry.file_name().into_string().ok()).collect();
        names.sort();
        names
    }
}

fn read(path: &Path) -> Option<Vec<u8>> {
    // No link leads out of the folder, no pipe or device is read.
    if !fs::symlink_metadata(path).is_ok_and(|about| about.is_file()) {
        return None;
    }
    let mut bytes = Vec::new();
    File::open(path).ok()?.take(MOST).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

/// Replaces files of the folder, all or none.
///
/// # Errors
/// What the system says, with the file it is about. Then either nothing has changed, or the new files count already
/// and [`finish`] moves them once the cause is gone.
pub(super) fn replace(folder: &Path, files: &[(&str, &str)]) -> io::Result<()> {
    finish(folder)?;
    for (name, _) in files {
        if fs::symlink_metadata(folder.join(name)).is_ok_and(|about| !about.is_file()) {
            return Err(named(name, &io::Error::other("it is a link or a folder, not a file")));
        }
    }
    let staging = tempfile::Builder::new().prefix(".pull-").tempdir_in(folder)?;
    for (name, text) in files {
        let mut file = File::create_new(staging.path().join(name)).map_err(|error| named(name, &error))?;
        if let Ok(about) = fs::metadata(folder.join(name)) {
            file.set_permissions(about.permissions()).map_err(|error| named(name, &error))?;
        }
        file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(|error| named(name, &error))?;
    }
    sync(staging.path())?;
    fs::rename(staging.path(), folder.join(READY))?;
    // What the name stood for is elsewhere now.
    drop(staging.keep());
    sync(folder)?;
    finish(folder)
}

/// Moves new files that count already to their places; nothing to do is the rule.
///
/// # Errors
/// What the system says.
pub(super) fn finish(folder: &Path) -> io::Result<()> {
    let ready = folder.join(READY);
    if !fs::symlink_metadata(&ready).is_ok_and(|about| about.is_dir()) {
        return Ok(());
    }
    for name in file_names().chain([Record::FILE]) {
        match fs::rename(ready.join(name), folder.join(name)) {
            Ok(()) => {}
            // Not part of it, or moved by another command just now.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(named(name, &error)),
        }
    }
    sync(folder)?;
    match fs::remove_dir_all(&ready) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

fn named(name: &str, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{name}: {error}"))
}

/// Makes the names in a folder last.
#[cfg(unix)]
fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        files.iter().for_each(|(name, text)| fs::write(folder.path().join(name), text).expect("written"));
        folder
    }

    /// Everything in a folder.
    fn all(folder: &Path) -> Vec<(String, String)> {
        let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry"));
        let mut all: Vec<(String, String)> = entries
            .map(|entry| {
                let text = fs::read_to_string(entry.path()).unwrap_or_else(|error| error.kind().to_string());
                (entry.file_name().display().to_string(), text)
            })
            .collect();
        all.sort();
        all
    }

    #[test]
    fn all_files_are_replaced_and_nothing_else_stays() {
        let folder = folder(&[("status.csv", "old"), ("regeln.csv", "kept")]);
        replace(folder.path(), &[("status.csv", "new"), (".pulled.json", "{}")]).expect("replaced");
        let found = all(folder.path());
        let found: Vec<(&str, &str)> = found.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        assert_eq!(found, [(".pulled.json", "{}"), ("regeln.csv", "kept"), ("status.csv", "new")]);
    }

    #[test]
    fn one_file_that_cannot_be_replaced_keeps_all_as_they_were() {
        let folder = folder(&[("status.csv", "old"), ("elsewhere", "x")]);
        std::os::unix::fs::symlink(folder.path().join("elsewhere"), folder.path().join("regeln.csv")).expect("a link");
        let before = all(folder.path());
        let error = replace(folder.path(), &[("status.csv", "new"), ("regeln.csv", "new")]).expect_err("refused");
        assert!(error.to_string().starts_with("regeln.csv"), "{error}");
        assert_eq!(all(folder.path()), before);
    }

    #[test]
    fn after_a_crash_everything_is_new_or_everything_is_old() {
        let folder = folder(&[("status.csv", "old"), ("regeln.csv", "old")]);
        // Before the moment: a staging folder is left over and means nothing.
        let left = folder.path().join(".pull-x1");
        fs::create_dir(&left).and_then(|()| fs::write(left.join("status.csv"), "new")).expect("written");
        let source = Folder(folder.path().to_owned());
        assert_eq!(source.read("status.csv").as_deref(), Some(&b"old"[..]));
        // After it, with one of two files moved: readers see both, and the next command moves the other.
        let ready = folder.path().join(READY);
        fs::create_dir(&ready).and_then(|()| fs::write(ready.join("regeln.csv"), "new")).expect("written");
        fs::write(folder.path().join("status.csv"), "new").expect("written");
        assert_eq!(source.read("regeln.csv").as_deref(), Some(&b"new"[..]));
        finish(folder.path()).expect("finished");
        assert_eq!(fs::read_to_string(folder.path().join("regeln.csv")).expect("read"), "new");
        assert!(!ready.exists());
        assert_eq!(source.names(), ["regeln.csv", "status.csv"]);
    }
}
