//! Which data the served Ivoris holds: `ivoris.json` beside the portal remembers the seed that was written last.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::sandbox::seed;

use super::data::Data;

const FILE: &str = "ivoris.json";
/// Form of the file.
const VERSION: u32 = 1;

/// Why the remembered seed cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeptError {
    /// The file is not what this version wrote.
    #[error("{} is damaged or of another version; `ivohub sandbox seed` writes it anew, --samples does without it", .0.display())]
    Damaged(PathBuf),
    /// The file cannot be read or written.
    #[error("cannot use {}: {source}", path.display())]
    Io {
        /// The file or its folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// A seed, and the folder its exports were written to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kept {
    version: u32,
    seed: u64,
    patients: u32,
    today: NaiveDate,
    changed_percent: u32,
    /// Where the exports are.
    pub exports: PathBuf,
}

impl Kept {
    /// Remembers in `folder` that `settings` were written to `exports`.
    ///
    /// # Errors
    /// [`KeptError::Io`] when the file cannot be written.
    pub fn write(folder: &Path, settings: &seed::Settings, exports: &Path) -> Result<(), KeptError> {
        let seed::Settings { seed, patients, today, changed_percent } = *settings;
        let kept = Self { version: VERSION, seed, patients, today, changed_percent, exports: exports.to_owned() };
        let path = folder.join(FILE);
        let new = path.with_extension("new");
        // In one step: a server that starts meanwhile reads the old or the new file.
        fs::create_dir_all(folder)
            .and_then(|()| fs::write(&new, serde_json::json!(kept).to_string()))
            .and_then(|()| fs::rename(&new, &path))
            .map_err(|source| KeptError::Io { path, source })
    }

    /// What is remembered in `folder`, if anything.
    ///
    /// # Errors
    /// [`KeptError`] when the file cannot be read or understood.
    pub fn read(folder: &Path) -> Result<Option<Self>, KeptError> {
        let path = folder.join(FILE);
        match fs::read(&path) {
            Ok(bytes) => {
                let kept = serde_json::from_slice(&bytes).ok().filter(|kept: &Self| kept.version == VERSION);
                kept.map(Some).ok_or(KeptError::Damaged(path))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(KeptError::Io { path, source }),
        }
    }

    /// The records of the exports, made again from the seed.
    #[must_use]
    pub fn data(&self) -> Data {
        let Self { version: _, seed, patients, today, changed_percent, exports: _ } = *self;
        Data::seed(&seed::Settings { seed, patients, today, changed_percent })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_is_remembered_and_damage_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = folder.path().join("sandbox");
        assert_eq!(Kept::read(&at).expect("nothing to read"), None);
        let settings = seed::Settings { seed: 7, patients: 12, ..seed::Settings::default() };
        Kept::write(&at, &settings, Path::new("data")).expect("written");
        let kept = Kept::read(&at).expect("read").expect("there");
        assert_eq!(kept.exports, Path::new("data"));
        let patients = kept.data().installations.iter().map(|one| one.patients().count()).sum::<usize>();
        assert!((11..=12).contains(&patients), "{patients}");
        fs::write(at.join(FILE), "{}").expect("written");
        assert!(matches!(Kept::read(&at), Err(KeptError::Damaged(_))));
    }
}
