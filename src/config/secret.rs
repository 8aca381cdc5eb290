//! Secrets come from files that only their owner can read, or from the environment; never from the command line.

use std::path::{Path, PathBuf};

use secrecy::SecretString;
use zeroize::Zeroizing;

use super::Surroundings;
use super::keys::variable;
use super::tree::SecretFrom;

/// Why there is no secret. Never holds a part of it.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// Nobody said where it is.
    #[error("no {name}: {advice}")]
    Missing {
        /// What it is.
        name: String,
        /// How to give it.
        advice: String,
    },
    /// The file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// Others can read the file.
    #[error("{} can be read by others; run: chmod 600 {}", path.display(), path.display())]
    Loose {
        /// The file.
        path: PathBuf,
    },
    /// Nothing in it, or several lines.
    #[error("{place} must hold the secret alone, in one line")]
    Form {
        /// File or variable.
        place: String,
    },
    /// No address can be made with it.
    #[error("{key}: {problem}")]
    Address {
        /// The key in the profile.
        key: String,
        /// What is wrong.
        problem: super::AddressProblem,
    },
}

/// A secret that is looked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted<'a> {
    /// Its file in `secrets/` or the credential directory (`hubspot-token`).
    pub(super) name: &'a str,
    /// Its key in a profile (`hubspot.token`).
    pub(super) key: &'a str,
    /// What stands in its place where none is needed: the simulator knows it too.
    pub(super) builtin: &'static str,
}

/// Reads a secret: from where the configuration says, else from the credential directory.
pub(super) fn read(
    wanted: Wanted<'_>,
    from: Option<&SecretFrom>,
    around: &Surroundings,
) -> Result<SecretString, SecretError> {
    let Wanted { name, key, builtin } = wanted;
    let missing = |advice: String| SecretError::Missing { name: name.to_owned(), advice };
    match from {
        Some(SecretFrom::File(path)) => from_file(path, true),
        Some(SecretFrom::Variable(variable)) => match around.variable(variable) {
            Some(text) => one_line(&format!("${variable}"), text),
            None => Err(missing(format!("the variable {variable} is not set"))),
        },
        Some(SecretFrom::Builtin) => Ok(SecretString::from(builtin)),
        None => match around.credential(name) {
            // systemd makes these files for this service alone; an access list may show as group bits.
            Some(path) => from_file(&path, false),
            None => Err(missing(format!(
                "put it into secrets/{name} (chmod 600), write {key} = {{ file = \"secrets/{name}\" }} into the profile, \
                 or set {}_FILE",
                variable(key)
            ))),
        },
    }
}

/// The whole text of a file that only its owner can read.
///
/// # Errors
/// [`SecretError`] when it cannot be read or others can read it.
pub fn private_text(path: &Path) -> Result<SecretString, SecretError> {
    if is_loose(path) {
        return Err(SecretError::Loose { path: path.to_owned() });
    }
    let text =
        std::fs::read_to_string(path).map_err(|source| SecretError::Unreadable { path: path.to_owned(), source })?;
    Ok(SecretString::from(text))
}

fn from_file(path: &Path, strict: bool) -> Result<SecretString, SecretError> {
    if strict && is_loose(path) {
        return Err(SecretError::Loose { path: path.to_owned() });
    }
    let text =
        std::fs::read_to_string(path).map_err(|source| SecretError::Unreadable { path: path.to_owned(), source })?;
    one_line(&path.display().to_string(), text)
}

fn one_line(place: &str, text: String) -> Result<SecretString, SecretError> {
    let text = Zeroizing::new(text);
    let line = text.trim();
    if line.is_empty() || line.contains(['\n', '\r']) {
        return Err(SecretError::Form { place: place.to_owned() });
    }
    Ok(SecretString::from(line))
}

#[cfg(unix)]
fn is_loose(path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata(path).is_ok_and(|meta| meta.mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn is_loose(_: &Path) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    const TOKEN: Wanted<'_> = Wanted { name: "hubspot-token", key: "hubspot.token", builtin: "pat-any" };

    fn around(pairs: &[(&str, &str)]) -> Surroundings {
        Surroundings::of(pairs)
    }

    #[test]
    fn a_file_that_others_can_read_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("hubspot-token");
        std::fs::write(&path, "pat-eu1-geheim\n").expect("written");
        let from = SecretFrom::File(path.clone());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            for (mode, loose) in [(0o644, true), (0o640, true), (0o604, true), (0o600, false), (0o400, false)] {
                std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).expect("chmod");
                let read = read(TOKEN, Some(&from), &around(&[]));
                assert_eq!(matches!(read, Err(SecretError::Loose { .. })), loose, "{mode:o}");
                if let Err(error) = read {
                    assert!(!error.to_string().contains("geheim") && error.to_string().contains("chmod 600"));
                }
            }
        }
        let secret = read(TOKEN, Some(&from), &around(&[])).expect("read");
        assert_eq!(secret.expose_secret(), "pat-eu1-geheim");
        assert!(!format!("{secret:?}").contains("geheim"), "Debug shows nothing");
    }

    #[test]
    fn variables_and_the_credential_directory() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("hubspot-token"), "pat-a").expect("written");
        let directory = folder.path().display().to_string();
        let systemd = around(&[("CREDENTIALS_DIRECTORY", &directory), ("TOKEN", "pat-b\n"), ("TWO", "a\nb")]);
        let token = |from: Option<SecretFrom>| {
            read(TOKEN, from.as_ref(), &systemd).map(|secret| secret.expose_secret().to_owned())
        };
        assert_eq!(token(None).expect("from systemd"), "pat-a");
        assert_eq!(token(Some(SecretFrom::Variable("TOKEN".to_owned()))).expect("from the variable"), "pat-b");
        for (variable, part) in [("TWO", "one line"), ("GONE", "GONE is not set")] {
            let error = token(Some(SecretFrom::Variable(variable.to_owned()))).expect_err("no secret").to_string();
            assert!(error.contains(part), "{error}");
        }
        assert_eq!(token(Some(SecretFrom::Builtin)).expect("for the simulator"), "pat-any");
        let nobody = read(TOKEN, None, &around(&[])).expect_err("no secret").to_string();
        assert_eq!(
            nobody,
            "no hubspot-token: put it into secrets/hubspot-token (chmod 600), write hubspot.token = { file = \
             \"secrets/hubspot-token\" } into the profile, or set IVOHUB_HUBSPOT_TOKEN_FILE"
        );
    }
}
