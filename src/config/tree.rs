//! The file as keys and values with their places; everything that is not known is a problem.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::PathBuf;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::keys::{KEYS, Meaning, Stands, TOP, Takes, advice, meaning};
use super::place::{Given, Text};
use crate::mapping::Problem;

/// Where a secret comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretFrom {
    /// A file with the secret alone.
    File(PathBuf),
    /// An environment variable.
    Variable(String),
    /// Built in: the sandbox takes any.
    Builtin,
}

/// A value as given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Text(String),
    Number(u64),
    Flag(bool),
    Texts(Vec<String>),
    Secret(SecretFrom),
}

/// One value in the file.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// `None` = at the top, for all profiles.
    pub(super) profile: Option<String>,
    /// Path below the profile.
    pub(super) path: String,
    pub(super) value: Value,
    pub(super) given: Given,
}

/// The file, read to the end.
#[derive(Debug, Default)]
pub(super) struct Tree {
    pub(super) entries: Vec<Entry>,
    /// Profiles in order of their names.
    pub(super) profiles: Vec<String>,
    pub(super) default_profile: Option<(String, Range<usize>)>,
    /// Tables that name an installation even when nothing stands in them.
    pub(super) instances: Vec<(String, String)>,
}

const VERSION: u64 = 1;

/// Reads a text; problems are added to `problems`.
pub(super) fn read(source: &Text, problems: &mut Vec<Problem>) -> Tree {
    let (document, errors) = DeTable::parse_recoverable(&source.text);
    for error in errors {
        let mut found = source.at("C001", error.span().unwrap_or(0..0), "not valid TOML");
        error.message().lines().next().unwrap_or_default().clone_into(&mut found.label);
        problems.push(found);
    }
    if !problems.is_empty() {
        return Tree::default(); // what follows a syntax error would only be noise
    }
    let mut reading = Reading { source, problems, tree: Tree::default() };
    for (name, value) in document.get_ref() {
        reading.top(name, value);
    }
    reading.tree
}

struct Reading<'a> {
    source: &'a Text,
    problems: &'a mut Vec<Problem>,
    tree: Tree,
}

impl Reading<'_> {
    fn top(&mut self, name: &Spanned<toml::de::DeString<'_>>, value: &Spanned<DeValue<'_>>) {
        match name.get_ref().as_ref() {
            "version" => match number(value.get_ref()) {
                Some(VERSION) => {}
                Some(_) | None => self.wrong(value.span(), format!("this version of ivohub knows version = {VERSION}")),
            },
            "default_profile" => match value.get_ref().as_str() {
                Some(text) => self.tree.default_profile = Some((text.to_owned(), value.span())),
                None => self.wrong(value.span(), "expected the name of a profile in quotes"),
            },
            "profile" => match value.get_ref().as_table() {
                Some(profiles) => profiles.iter().for_each(|(name, value)| self.profile(name, value)),
                None => self.wrong(value.span(), "expected tables such as [profile.live]"),
            },
            _ => self.walk(None, &[], name, value),
        }
    }

    fn profile(&mut self, name: &Spanned<toml::de::DeString<'_>>, value: &Spanned<DeValue<'_>>) {
        let Some(table) = value.get_ref().as_table() else {
            self.wrong(value.span(), "expected a table such as [profile.live]");
            return;
        };
        let profile = name.get_ref().to_string();
        if !is_name(&profile) {
            self.wrong(name.span(), "a profile's name has 1 to 32 letters, digits, - and _");
        }
        self.tree.profiles.push(profile.clone());
        for (name, value) in table {
            self.walk(Some(&profile), &[], name, value);
        }
    }

    fn walk(
        &mut self,
        profile: Option<&str>,
        above: &[&str],
        name: &Spanned<toml::de::DeString<'_>>,
        value: &Spanned<DeValue<'_>>,
    ) {
        let word = name.get_ref().as_ref();
        let path: Vec<&str> = above.iter().copied().chain([word]).collect();
        match meaning(&path) {
            Meaning::Key(at) => {
                let Some(key) = KEYS.get(at) else { return };
                if profile.is_none() && key.stands == Stands::InProfile {
                    self.misplaced(name.span(), &path);
                    return;
                }
                match take(key.takes, value) {
                    Ok(taken) => self.tree.entries.push(Entry {
                        profile: profile.map(str::to_owned),
                        path: path.join("."),
                        value: taken,
                        given: Given::File(value.span()),
                    }),
                    Err(expected) => self.wrong(value.span(), expected),
                }
            }
            Meaning::Table => match value.get_ref().as_table() {
                Some(table) => {
                    if let (["ivoris", instance], Some(profile)) = (path.as_slice(), profile) {
                        self.instance(profile, instance, &name.span());
                    }
                    table.iter().for_each(|(name, value)| self.walk(profile, &path, name, value));
                }
                None => self.wrong(value.span(), format!("\"{}\" is a table: [{}]", path.join("."), path.join("."))),
            },
            Meaning::Unknown(mut known) => {
                if profile.is_none() && above.is_empty() {
                    known.extend(TOP);
                }
                let mut found = self.source.at("C002", name.span(), format!("unknown key \"{word}\""));
                found.help = advice(word, &known);
                self.problems.push(found);
            }
        }
    }

    fn instance(&mut self, profile: &str, instance: &str, span: &Range<usize>) {
        if !is_name(instance) {
            self.wrong(span.clone(), "an installation's name has 1 to 32 letters, digits, - and _");
        }
        self.tree.instances.push((profile.to_owned(), instance.to_owned()));
    }

    fn misplaced(&mut self, span: Range<usize>, path: &[&str]) {
        let mut found = self.source.at("C003", span, format!("\"{}\" belongs into a profile", path.join(".")));
        found.help = Some("write it below a line such as [profile.live]".to_owned());
        self.problems.push(found);
    }

    fn wrong(&mut self, span: Range<usize>, message: impl Into<String>) {
        self.problems.push(self.source.at("C004", span, message));
    }
}

/// Names become folder names and environment variables.
pub(super) fn is_name(text: &str) -> bool {
    (1..=32).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

fn number(value: &DeValue<'_>) -> Option<u64> {
    let integer = value.as_integer()?;
    u64::from_str_radix(&integer.as_str().replace('_', ""), integer.radix()).ok()
}

/// The value as the key takes it, or what was expected. Never quotes the value.
pub(super) fn take(takes: Takes, value: &Spanned<DeValue<'_>>) -> Result<Value, String> {
    let value = value.get_ref();
    let text = value.as_str();
    match takes {
        Takes::Text => text.map(|text| Value::Text(text.to_owned())).ok_or_else(|| "expected a text in quotes".into()),
        Takes::Word(words) => match text {
            Some(text) if words.contains(&text) => Ok(Value::Text(text.to_owned())),
            Some(_) | None => Err(format!("expected one of: \"{}\"", words.join("\", \""))),
        },
        Takes::Number => number(value).map(Value::Number).ok_or_else(|| "expected a whole number".into()),
        Takes::Flag => value.as_bool().map(Value::Flag).ok_or_else(|| "expected true or false".into()),
        Takes::Day => {
            let day = text.map(str::to_owned).or_else(|| value.as_datetime().map(ToString::to_string));
            day.filter(|day| day.parse::<chrono::NaiveDate>().is_ok())
                .map(Value::Text)
                .ok_or_else(|| "expected a day such as \"2021-01-31\"".into())
        }
        Takes::Limit => number(value)
            .map(|count| count.to_string())
            .or_else(|| text.filter(|text| super::limit::parse(text).is_ok()).map(str::to_owned))
            .map(Value::Text)
            .ok_or_else(|| "expected a number such as 200 or a share such as \"20%\"".into()),
        Takes::Duration => text
            .filter(|text| super::layers::duration(text).is_ok())
            .map(|text| Value::Text(text.to_owned()))
            .ok_or_else(|| super::layers::DURATION.to_owned()),
        Takes::Texts => {
            let items = value.as_array().map(|list| list.iter().map(|item| item.get_ref().as_str().map(str::to_owned)));
            items
                .and_then(Iterator::collect)
                .map(Value::Texts)
                .ok_or_else(|| "expected a list such as [\"nord\", \"sued\"]".into())
        }
        Takes::Secret => secret(value).map(Value::Secret).ok_or_else(|| {
            "a secret does not stand in this file; expected { file = \"secrets/…\" } or { env = \"NAME\" }".into()
        }),
    }
}

fn secret(value: &DeValue<'_>) -> Option<SecretFrom> {
    let table = value.as_table()?;
    let mut fields = table.iter();
    let (name, from) = fields.next()?;
    let text = from.get_ref().as_str().filter(|text| !text.is_empty())?;
    if fields.next().is_some() {
        return None;
    }
    match name.get_ref().as_ref() {
        "file" => Some(SecretFrom::File(PathBuf::from(text))),
        "env" => Some(SecretFrom::Variable(text.to_owned())),
        _ => None,
    }
}

/// Keys that the built-in profile takes over from the file's own default profile, to rehearse with the own tables.
/// Never where a system answers or who may ask it: the simulator has its own.
const REHEARSED: [&str; 7] =
    ["mappings", "timezone", "ivoris.*.prefix", "ivoris.*.timezone", "deals.*", "select.*", "hubspot.key_properties.*"];

/// Whether a path is among [`REHEARSED`]; a star at the end stands for all that is below.
fn rehearsed(path: &str) -> bool {
    let fits = |pattern: &str| {
        let alike = pattern.split('.').zip(path.split('.')).all(|(a, b)| a == "*" || a == b);
        let (wanted, found) = (pattern.split('.').count(), path.split('.').count());
        alike && (wanted == found || (pattern.ends_with('*') && wanted < found))
    };
    REHEARSED.iter().any(|pattern| fits(pattern))
}

impl Tree {
    /// Installations that a profile names, in order of their names.
    pub(super) fn instances_of(&self, profile: &str) -> Vec<&str> {
        let names = self.instances.iter().filter(|(of, _)| of == profile).map(|(_, name)| name.as_str());
        names.collect::<BTreeSet<&str>>().into_iter().collect()
    }

    /// Adds the profile `name` that stands in no file. With a file it rehearses the file's default profile; without one
    /// it is the invented group of the shipped tables.
    pub(super) fn stand_in(&mut self, name: &str, with_file: bool) {
        let model = match &self.default_profile {
            Some((model, _)) => Some(model.clone()),
            None => self.profiles.first().cloned(),
        };
        if let (true, Some(model)) = (with_file, model) {
            let of_model = |profile: &Option<String>| profile.as_deref() == Some(model.as_str());
            let entries: Vec<Entry> = self
                .entries
                .iter()
                .filter(|entry| of_model(&entry.profile) && rehearsed(&entry.path))
                .cloned()
                .collect();
            self.entries.extend(entries.into_iter().map(|entry| Entry { profile: Some(name.to_owned()), ..entry }));
            let instances: Vec<String> =
                self.instances.iter().filter(|(profile, _)| *profile == model).map(|(_, key)| key.clone()).collect();
            self.instances.extend(instances.into_iter().map(|key| (name.to_owned(), key)));
            return;
        }
        for (instance, prefix) in [("nord", ""), ("sued", "sued-")] {
            self.instances.push((name.to_owned(), instance.to_owned()));
            self.entries.push(Entry {
                profile: Some(name.to_owned()),
                path: format!("ivoris.{instance}.prefix"),
                value: Value::Text(prefix.to_owned()),
                given: Given::Default,
            });
        }
    }
}
