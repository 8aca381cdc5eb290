//! One value per key: `--set` before environment before profile before the top of the file.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use super::keys::{KEYS, Meaning, Takes, advice, meaning, paths, variable};
use super::place::{Given, Text};
use super::tree::{SecretFrom, Tree, Value};
use super::{Surroundings, limit};
use crate::mapping::{Level, Problem};

/// The value of each key, with who gave it.
pub(super) type Values = BTreeMap<String, (Value, Given)>;

/// Lays all layers over each other for one profile.
pub(super) fn values(
    tree: &Tree,
    profile: &str,
    around: &Surroundings,
    set: &[String],
    problems: &mut Vec<Problem>,
) -> Values {
    let mut values = Values::new();
    for layer in [None, Some(profile)] {
        for entry in tree.entries.iter().filter(|entry| entry.profile.as_deref() == layer) {
            values.insert(entry.path.clone(), (entry.value.clone(), entry.given.clone()));
        }
    }
    let instances = tree.instances_of(profile);
    for (path, key) in paths(&instances) {
        let name = variable(&path);
        if key.takes == Takes::Secret {
            let file = around.variable(&format!("{name}_FILE")).map(|path| SecretFrom::File(PathBuf::from(path)));
            let plain = around.variable(&name).map(|_| SecretFrom::Variable(name.clone()));
            if let Some(from) = file.or(plain) {
                values.insert(path, (Value::Secret(from), Given::Variable(name)));
            }
        } else if let Some(text) = around.variable(&name) {
            match from_text(key.takes, &text) {
                Ok(value) => drop(values.insert(path, (value, Given::Variable(name)))),
                Err(expected) => problems.push(Problem::of_file("C004", &name, expected)),
            }
        }
    }
    for pair in set {
        if let Err(found) = set_one(pair, profile, &instances, &mut values) {
            problems.push(*found);
        }
    }
    values
}

/// Variables of the command line itself, and those that tests of this project take.
const VARIABLES: [&str; 12] = [
    "IVOHUB_CONFIG",
    "IVOHUB_PROFILE",
    "IVOHUB_JSON",
    "IVOHUB_COLOR",
    "IVOHUB_PROGRESS",
    "IVOHUB_NO_INPUT",
    "IVOHUB_LOG_FILE",
    "IVOHUB_LOCK_WAIT",
    "IVOHUB_STATE_KEY_FILE",
    "IVOHUB_SEEDS",
    "IVOHUB_KILLS",
    "IVOHUB_KILLS_SEED",
];

/// Variables that look like ours and mean nothing: a misspelt one would silently do nothing.
pub(super) fn strangers(around: &Surroundings, values: &Values, instances: &[&str]) -> Vec<Problem> {
    let mut known: Vec<String> = VARIABLES.iter().map(|name| (*name).to_owned()).collect();
    for (path, key) in paths(instances) {
        let name = variable(&path);
        if key.takes == Takes::Secret {
            known.push(format!("{name}_FILE"));
        }
        known.push(name);
    }
    let named = |name: &str| {
        values.values().any(|(value, _)| matches!(value, Value::Secret(SecretFrom::Variable(have)) if have == name))
    };
    let mut found = Vec::new();
    for name in around.ours().filter(|name| !known.iter().any(|have| have == name) && !named(name)) {
        let mut stranger = Problem::of_file("C002", name, format!("the variable {name} means nothing"));
        stranger.level = Level::Warning;
        let nearest =
            known.iter().map(|have| (strsim::jaro_winkler(name, have), have)).max_by(|a, b| a.0.total_cmp(&b.0));
        stranger.help = nearest.map(|(_, have)| format!("the nearest known is {have}"));
        found.push(stranger);
    }
    found
}

fn set_one(pair: &str, profile: &str, instances: &[&str], values: &mut Values) -> Result<(), Box<Problem>> {
    let name = pair.split('=').next().unwrap_or_default().trim();
    let place = format!("--set {name}");
    let fail = |code, message: String, help| Err(Box::new(Problem { help, ..Problem::of_file(code, &place, message) }));
    let Some((_, text)) = pair.split_once('=') else {
        return fail("C004", "expected KEY=VALUE".to_owned(), None);
    };
    let path = name.strip_prefix(&format!("profile.{profile}.")).unwrap_or(name);
    let parts: Vec<&str> = path.split('.').collect();
    let key = match meaning(&parts) {
        Meaning::Key(at) => KEYS.get(at),
        Meaning::Table | Meaning::Unknown(_) => None,
    };
    let Some(key) = key else {
        let known: Vec<&str> = KEYS.iter().map(|key| key.path).collect();
        return fail("C002", format!("unknown key \"{path}\""), advice(path, &known));
    };
    if let ["ivoris", instance, ..] = parts.as_slice()
        && !instances.contains(instance)
    {
        return fail("C002", format!("no installation is called \"{instance}\""), advice(instance, instances));
    }
    if key.takes == Takes::Secret {
        let help = format!("set {}_FILE instead: other users of this machine can read command lines", variable(path));
        return fail("C005", "a secret is never given on the command line".to_owned(), Some(help));
    }
    match from_text(key.takes, text) {
        Ok(value) => {
            values.insert(path.to_owned(), (value, Given::Flag));
            Ok(())
        }
        Err(expected) => fail("C004", expected, None),
    }
}

/// A value from a variable or a flag, or what was expected.
fn from_text(takes: Takes, text: &str) -> Result<Value, String> {
    let text = text.trim();
    let text = text.strip_prefix('"').and_then(|inner| inner.strip_suffix('"')).unwrap_or(text);
    let plain = || Value::Text(text.to_owned());
    match takes {
        Takes::Text => Ok(plain()),
        Takes::Word(words) if words.contains(&text) => Ok(plain()),
        Takes::Word(words) => Err(format!("expected one of: {}", words.join(", "))),
        Takes::Number => text.parse().map(Value::Number).map_err(|_| "expected a whole number".to_owned()),
        Takes::Flag => text.parse().map(Value::Flag).map_err(|_| "expected true or false".to_owned()),
        Takes::Texts => {
            let items = text.trim_matches(['[', ']']).split(',').map(|item| item.trim().trim_matches('"').to_owned());
            Ok(Value::Texts(items.filter(|item| !item.is_empty()).collect()))
        }
        Takes::Day => match text.parse::<chrono::NaiveDate>() {
            Ok(_) => Ok(plain()),
            Err(_) => Err("expected a day such as 2021-01-31".to_owned()),
        },
        Takes::Limit => limit::parse(text).map(|_| plain()),
        Takes::Duration => duration(text).map(|_| plain()),
        Takes::Secret => Err("a secret comes from a file or a variable".to_owned()),
    }
}

/// What a stretch of time looks like.
pub(super) const DURATION: &str = "expected a stretch of time such as \"200ms\", \"30s\" or \"48h\"";

/// Reads a stretch of time (`200ms`, `48h`), or says what was expected.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text.trim()).map_err(|_| DURATION.to_owned())
}

/// Who gave a value, for `config show`.
pub(super) fn origin(given: &Given, source: &Text) -> String {
    match given {
        Given::File(span) => {
            let place = source.at("", span.clone(), "");
            format!("{}:{}", source.name, place.line)
        }
        Given::Variable(name) => name.clone(),
        Given::Flag => "--set".to_owned(),
        Given::Default => "default".to_owned(),
    }
}
