//! Configuration: `ivohub.toml`, the environment and flags → one complete, checked [`Config`].
//!
//! Order of precedence: flag, environment (`IVOHUB_…`), profile, top of the file, default. Relative paths start from the
//! folder of `ivohub.toml`. Without a file the built-in profile `sandbox` is used.

mod address;
mod careful;
mod credentials;
mod hubspot;
mod instances;
mod ivoris;
#[cfg(test)]
mod ivoris_tests;
mod keys;
mod layers;
pub mod limit;
mod model;
mod place;
mod resolve;
mod secret;
mod surroundings;
#[cfg(test)]
mod tests;
mod tree;

use std::path::PathBuf;

use crate::mapping::Problem;

pub use address::{Address, AddressProblem};
pub use credentials::{Access, Secret};
pub use model::{Compliance, Config, Hubspot, Instance, Ivoris, KeyNames, Log, LogFormat, Mode, Select, Shown, Tables};
pub use resolve::{SANDBOX, SANDBOX_IVORIS};
pub use secret::{SecretError, private_text};
pub use surroundings::Surroundings;
pub use tree::SecretFrom;

/// What the command line says about the configuration.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// `--config`
    pub file: Option<PathBuf>,
    /// `--profile`
    pub profile: Option<String>,
    /// `--set`
    pub set: Vec<String>,
}

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// Its contents, all problems at once.
    #[error("{} in the configuration", count(.0.len()))]
    Problems(Vec<Problem>),
}

fn count(problems: usize) -> String {
    if problems == 1 { "1 problem".to_owned() } else { format!("{problems} problems") }
}

impl Config {
    /// Finds, reads and checks the configuration.
    ///
    /// # Errors
    /// [`Error`] with every problem and its place.
    pub fn load(request: &Request, around: &Surroundings) -> Result<Self, Error> {
        let file = request.file.clone().map(|file| around.folder.join(file)).or_else(|| around.discover());
        Self::of(file, request, around)
    }

    /// The built-in profile, whatever files lie around.
    ///
    /// # Errors
    /// [`Error`] when a flag or variable does not fit.
    pub fn built_in(request: &Request, around: &Surroundings) -> Result<Self, Error> {
        Self::of(None, request, around)
    }

    fn of(file: Option<PathBuf>, request: &Request, around: &Surroundings) -> Result<Self, Error> {
        let text = match &file {
            Some(path) => {
                std::fs::read_to_string(path).map_err(|source| Error::Unreadable { path: path.clone(), source })?
            }
            None => String::new(),
        };
        let name = file.as_ref().map_or("built-in profile".to_owned(), |path| shown_path(path, around));
        let source = place::Text { name, text };
        let mut problems = Vec::new();
        let mut tree = tree::read(&source, &mut problems);
        problems.sort_by_key(|found| (found.line, found.column));
        if !problems.is_empty() {
            return Err(Error::Problems(problems));
        }
        let Some(profile) = choose(request, &tree, &source, &mut problems) else {
            return Err(Error::Problems(problems));
        };
        let builtin = !tree.profiles.contains(&profile);
        if builtin {
            tree.stand_in(&profile, file.is_some());
        }
        let values = layers::values(&tree, &profile, around, &request.set, &mut problems);
        let ground = resolve::Ground {
            source: &source,
            root: file.as_deref().map_or_else(|| around.folder.clone(), resolve::root_of),
            file,
            profile,
            builtin,
            around,
            state_key: around
                .variable("IVOHUB_STATE_KEY_FILE")
                .map(PathBuf::from)
                .or_else(|| around.credential("state.key")),
        };
        let mut config = resolve::config(&ground, &tree, &values, &mut problems);
        if !problems.is_empty() {
            return Err(Error::Problems(problems));
        }
        config.warnings.extend(layers::strangers(around, &values, &tree.instances_of(&config.profile)));
        config.shown = shown(&values, &source);
        config.around = Some(around.clone());
        Ok(config)
    }
}

/// A pair of `--set` as it may be shown.
#[must_use]
pub fn shown_pair(pair: &str) -> String {
    match pair.split_once('=') {
        Some((key, value)) if key.trim().ends_with("base_url") => format!("{key}={}", address::shown(value)),
        Some(_) | None => pair.to_owned(),
    }
}

/// The profile that is meant.
fn choose(request: &Request, tree: &tree::Tree, source: &place::Text, problems: &mut Vec<Problem>) -> Option<String> {
    const BUILTIN: &str = "sandbox";
    let known = |name: &str| name == BUILTIN || tree.profiles.iter().any(|have| have == name);
    let advice = |name: &str| {
        let names: Vec<&str> = tree.profiles.iter().map(String::as_str).chain([BUILTIN]).collect();
        keys::advice(name, &names)
    };
    if let Some(name) = &request.profile {
        if known(name) {
            return Some(name.clone());
        }
        let mut found = Problem::of_file("C009", "--profile", format!("{} has no profile \"{name}\"", source.name));
        found.help = advice(name);
        problems.push(found);
        return None;
    }
    if let Some((name, span)) = &tree.default_profile {
        if known(name) {
            return Some(name.clone());
        }
        let mut found = source.at("C009", span.clone(), format!("there is no profile \"{name}\""));
        found.help = advice(name);
        problems.push(found);
        return None;
    }
    match tree.profiles.as_slice() {
        [] => Some(BUILTIN.to_owned()),
        [only] => Some(only.clone()),
        [_, _, ..] => {
            let message = format!("{} has several profiles: {}", source.name, tree.profiles.join(", "));
            let mut found = Problem::of_file("C009", &source.name, message);
            found.help = Some("set default_profile at the top of the file, or use --profile NAME".to_owned());
            problems.push(found);
            None
        }
    }
}

fn shown_path(path: &std::path::Path, around: &Surroundings) -> String {
    path.strip_prefix(&around.folder).unwrap_or(path).display().to_string()
}

fn shown(values: &layers::Values, source: &place::Text) -> Vec<Shown> {
    let value = |value: &tree::Value| match value {
        tree::Value::Text(text) if text.is_empty() => "(empty)".to_owned(),
        tree::Value::Text(text) => text.clone(),
        tree::Value::Number(number) => number.to_string(),
        tree::Value::Flag(flag) => flag.to_string(),
        tree::Value::Texts(list) => list.join(", "),
        tree::Value::Secret(SecretFrom::File(path)) => format!("set (file {})", path.display()),
        tree::Value::Secret(SecretFrom::Variable(name)) => format!("set (variable {name})"),
        tree::Value::Secret(SecretFrom::Builtin) => "built in".to_owned(),
    };
    let lines = values.iter().map(|(key, (given_value, given))| {
        let text = value(given_value);
        let text = if key.ends_with("base_url") { address::shown(&text) } else { text };
        let parts: Vec<&str> = key.split('.').collect();
        let (place, help) = match keys::meaning(&parts) {
            keys::Meaning::Key(at) => (at, keys::KEYS.get(at).map_or("", |key| key.help)),
            keys::Meaning::Table | keys::Meaning::Unknown(_) => (usize::MAX, ""),
        };
        (place, Shown { key: key.clone(), value: text, origin: layers::origin(given, source), help })
    });
    let mut lines: Vec<(usize, Shown)> = lines.collect();
    lines.sort_by_key(|(place, _)| *place);
    lines.into_iter().map(|(_, line)| line).collect()
}
