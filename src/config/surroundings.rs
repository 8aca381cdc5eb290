//! What the configuration takes from outside the file: the environment, the present folder, and where files may lie.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The environment of one command, read once.
#[derive(Clone)]
pub struct Surroundings {
    variables: BTreeMap<String, String>,
    /// The present folder.
    pub folder: PathBuf,
}

const FILE: &str = "ivohub.toml";

impl Surroundings {
    /// The environment and the folder of this process.
    #[must_use]
    pub fn here() -> Self {
        let variables = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        Self { variables, folder: std::env::current_dir().unwrap_or_else(|_| PathBuf::from(".")) }
    }

    /// Surroundings made for a test or the demo.
    #[must_use]
    pub fn of(variables: &[(&str, &str)]) -> Self {
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Self { variables, folder: PathBuf::from(".") }
    }

    /// The same in another folder.
    #[must_use]
    pub fn in_folder(mut self, folder: &Path) -> Self {
        folder.clone_into(&mut self.folder);
        self
    }

    /// A variable that is set and not empty.
    pub(super) fn variable(&self, name: &str) -> Option<String> {
        self.variables.get(name).filter(|value| !value.is_empty()).cloned()
    }

    /// Names of variables that begin like ours.
    pub(super) fn ours(&self) -> impl Iterator<Item = &str> {
        self.variables.keys().map(String::as_str).filter(|name| name.starts_with("IVOHUB_"))
    }

    /// A file in systemd's credential directory.
    pub(super) fn credential(&self, name: &str) -> Option<PathBuf> {
        let path = Path::new(&self.variable("CREDENTIALS_DIRECTORY")?).join(name);
        path.is_file().then_some(path)
    }

    /// The configuration file: in this folder or above, else the user's, else the system's.
    pub(super) fn discover(&self) -> Option<PathBuf> {
        let above = self.folder.ancestors().map(|folder| folder.join(FILE));
        let user = self.variable("XDG_CONFIG_HOME").map(PathBuf::from).or_else(|| {
            let roaming = self.variable("APPDATA").map(PathBuf::from);
            roaming.or_else(|| Some(Path::new(&self.variable("HOME")?).join(".config")))
        });
        let user = user.map(|folder| folder.join("ivohub").join(FILE));
        above.chain(user).chain([PathBuf::from("/etc/ivohub").join(FILE)]).find(|path| path.is_file())
    }
}

/// Shows nothing: the environment may hold secrets.
impl std::fmt::Debug for Surroundings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Surroundings({} variables in {})", self.variables.len(), self.folder.display())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_file_wins() {
        let top = tempfile::tempdir().expect("a folder");
        let below = top.path().join("a/b");
        let user = top.path().join("user");
        std::fs::create_dir_all(&below).expect("made");
        std::fs::create_dir_all(user.join("ivohub")).expect("made");
        let around = Surroundings::of(&[("XDG_CONFIG_HOME", &user.display().to_string())]).in_folder(&below);
        let put = |path: &Path| std::fs::write(path, "").expect("written");
        put(&user.join("ivohub/ivohub.toml"));
        assert_eq!(around.discover(), Some(user.join("ivohub/ivohub.toml")));
        put(&top.path().join("ivohub.toml"));
        assert_eq!(around.discover(), Some(top.path().join("ivohub.toml")));
        put(&below.join("ivohub.toml"));
        assert_eq!(around.discover(), Some(below.join("ivohub.toml")));
    }
}
