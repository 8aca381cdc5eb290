//! A profile file → [`RouteProfile`]: read to the end, every problem with its place.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::super::route::{Param, Route, Thing};
use super::problem::{ProfileProblem, Text, nearest};
use super::{DateFormat, EndDay, EntrySource, Paging, RouteProfile, RouteSpec};

const VERSION: i64 = 1;

type Name<'a> = Spanned<DeString<'a>>;
type Given<'a> = Spanned<DeValue<'a>>;

pub(super) fn parse(name: &str, text: &str) -> Result<RouteProfile, Vec<ProfileProblem>> {
    let text = Text { name, text };
    let (document, errors) = DeTable::parse_recoverable(text.text);
    let mut reading = Reading { text, problems: Vec::new(), profile: RouteProfile::builtin() };
    for error in &errors {
        let reason = error.message().lines().next().unwrap_or_default();
        reading.wrong(error.span().unwrap_or(0..0), format!("not valid TOML: {reason}"));
    }
    // What follows a syntax error would only be noise.
    if errors.is_empty() {
        document.get_ref().iter().for_each(|(name, value)| reading.top(name, value));
    }
    reading.problems.sort_by_key(|problem| (problem.line, problem.column));
    if reading.problems.is_empty() { Ok(reading.profile) } else { Err(reading.problems) }
}

struct Reading<'a> {
    text: Text<'a>,
    problems: Vec<ProfileProblem>,
    profile: RouteProfile,
}

impl Reading<'_> {
    fn top(&mut self, name: &Name<'_>, value: &Given<'_>) {
        match name.get_ref().as_ref() {
            "version" => {
                let found = value.get_ref().as_integer().and_then(|number| number.to_string().parse::<i64>().ok());
                if found != Some(VERSION) {
                    self.wrong(value.span(), format!("this version of ivohub knows version = {VERSION}"));
                }
            }
            "routes" => self.table(value, "routes", |reading, name, value| match Route::from_name(name.get_ref()) {
                Some(route) => reading.route(route, value),
                None => reading.unknown(name, "route", Route::ALL.iter().map(|route| route.name())),
            }),
            "fields" => self.table(value, "fields", |reading, name, value| match Thing::from_name(name.get_ref()) {
                Some(thing) => reading.fields(thing, value),
                None => reading.unknown(name, "kind of record", Thing::ALL.iter().map(|thing| thing.name())),
            }),
            "documentation" => self.table(value, "documentation", |reading, name, value| {
                if name.get_ref() != "source" {
                    reading.unknown(name, "key", ["source"]);
                } else if let Some(source) = reading.choice(value, EntrySource::ALL, EntrySource::word) {
                    reading.profile.documentation = source;
                }
            }),
            _ => self.unknown(name, "key", ["version", "routes", "fields", "documentation"]),
        }
    }

    fn route(&mut self, route: Route, value: &Given<'_>) {
        let mut spec = self.profile.route(route).clone();
        let mut params_at = None;
        self.table(value, &format!("routes.{route}"), |reading, name, value| match name.get_ref().as_ref() {
            "path" => {
                if let Some(path) = reading.path(value) {
                    spec.path = path;
                }
            }
            "params" => {
                params_at = Some(value.span());
                reading.params(value, &mut spec.params);
            }
            "date_format" => reading.set(value, DateFormat::ALL, DateFormat::word, &mut spec.date_format),
            "paging" => reading.set(value, Paging::ALL, Paging::word, &mut spec.paging),
            "end" => reading.set(value, EndDay::ALL, EndDay::word, &mut spec.end),
            "enabled" => match value.get_ref().as_bool() {
                Some(enabled) => spec.enabled = enabled,
                None => reading.wrong(value.span(), "expected true or false"),
            },
            _ => {
                reading.unknown(name, "key", ["path", "params", "date_format", "paging", "end", "enabled"]);
            }
        });
        self.check(route, &spec, params_at.unwrap_or_else(|| value.span()));
        *self.profile.route_mut(route) = spec;
    }

    /// What fits only together.
    fn check(&mut self, route: Route, spec: &RouteSpec, span: Range<usize>) {
        for place in places(&spec.path) {
            if !spec.params.values().any(|name| name == place) {
                let message = format!("nothing in the params of {route} is called \"{place}\", as in its path");
                self.wrong(span.clone(), message);
            }
        }
        let mut names: Vec<&String> = spec.params.values().collect();
        names.sort();
        for pair in names.windows(2) {
            if let [one, other] = pair
                && one == other
            {
                self.wrong(span.clone(), format!("two params of {route} are called \"{one}\""));
            }
        }
        if route.is_single() && !spec.has(Param::Id) {
            self.wrong(span.clone(), format!("{route} needs a name for id: without it any record might come"));
        }
        if spec.paging != Paging::None && !spec.has(Param::Page) {
            self.wrong(span, format!("{route} comes in pages, but its params have no name for page"));
        }
    }

    fn params(&mut self, value: &Given<'_>, params: &mut BTreeMap<Param, String>) {
        self.table(value, "params", |reading, name, value| {
            let Some(param) = Param::from_name(name.get_ref()) else {
                return reading.unknown(name, "parameter", Param::ALL.iter().map(|param| param.name()));
            };
            match value.get_ref().as_str() {
                Some("") => drop(params.remove(&param)),
                Some(name) if RESERVED.contains(&name) => {
                    reading.wrong(value.span(), format!("\"{name}\" is part of the credentials"));
                }
                Some(name) if is_plain(name) => drop(params.insert(param, name.to_owned())),
                Some(_) | None => {
                    reading
                        .wrong(value.span(), "expected the server's name of the parameter in quotes, or \"\" for none");
                }
            }
        });
    }

    fn path(&mut self, value: &Given<'_>) -> Option<String> {
        let path = value.get_ref().as_str().filter(|path| is_path(path));
        if path.is_none() {
            let message = "expected a path below the base address, such as \"/Patient/v1/Patient\"";
            self.wrong(value.span(), message);
        }
        path.map(str::to_owned)
    }

    fn fields(&mut self, thing: Thing, value: &Given<'_>) {
        self.table(value, &format!("fields.{}", thing.name()), |reading, name, value| {
            let field = name.get_ref().as_ref();
            let known: Vec<&'static str> = reading.profile.fields(thing).names().collect();
            if !known.contains(&field) {
                return reading.unknown(name, "field", known);
            }
            if let Some(aliases) = reading.aliases(value) {
                reading.profile.fields_mut(thing).set(field, aliases);
            }
        });
    }

    fn aliases(&mut self, value: &Given<'_>) -> Option<Vec<String>> {
        const EXPECTED: &str = "expected a list of names such as [\"Id\", \"Patient.Id\"]";
        let Some(items) = value.get_ref().as_array() else {
            self.wrong(value.span(), EXPECTED);
            return None;
        };
        let mut aliases = Vec::new();
        for item in items {
            let good = |alias: &&str| alias.split('.').all(|part| !part.is_empty() && part.trim() == part);
            match item.get_ref().as_str().filter(good) {
                Some(alias) => aliases.push(alias.to_owned()),
                None => self.wrong(item.span(), EXPECTED),
            }
        }
        Some(aliases)
    }

    fn table(&mut self, value: &Given<'_>, name: &str, mut each: impl FnMut(&mut Self, &Name<'_>, &Given<'_>)) {
        match value.get_ref().as_table() {
            Some(table) => table.iter().for_each(|(name, value)| each(self, name, value)),
            None => self.wrong(value.span(), format!("\"{name}\" is a table")),
        }
    }

    fn set<T: Copy>(&mut self, value: &Given<'_>, all: &[T], word: fn(T) -> &'static str, target: &mut T) {
        if let Some(chosen) = self.choice(value, all, word) {
            *target = chosen;
        }
    }

    fn choice<T: Copy>(&mut self, value: &Given<'_>, all: &[T], word: fn(T) -> &'static str) -> Option<T> {
        let given = value.get_ref().as_str();
        let chosen = all.iter().copied().find(|one| given == Some(word(*one)));
        if chosen.is_none() {
            let words: Vec<String> = all.iter().map(|one| format!("\"{}\"", word(*one))).collect();
            self.wrong(value.span(), format!("expected one of {}", words.join(", ")));
        }
        chosen
    }

    fn wrong(&mut self, span: Range<usize>, message: impl Into<String>) {
        self.problems.push(self.text.at(span, message.into(), None));
    }

    fn unknown(&mut self, name: &Name<'_>, what: &str, known: impl IntoIterator<Item = &'static str>) {
        let word = name.get_ref();
        let help = nearest(word, known);
        self.problems.push(self.text.at(name.span(), format!("unknown {what} \"{word}\""), Some(help)));
    }
}

/// Query parameters that every request has already.
const RESERVED: [&str; 3] = ["app", "app_version", "api_key"];

fn is_plain(name: &str) -> bool {
    name.chars().all(|letter| letter.is_alphanumeric() || "_-.[]$".contains(letter))
}

/// Below the base address and nowhere else: no query, no way up, nothing that would need encoding.
fn is_path(path: &str) -> bool {
    let part = |part: &str| {
        let inner = part.strip_prefix('{').and_then(|inner| inner.strip_suffix('}')).unwrap_or(part);
        !inner.is_empty()
            && !inner.trim_matches('.').is_empty()
            && inner.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.~".contains(&byte))
    };
    path.strip_prefix('/').is_some_and(|rest| rest.split('/').all(part))
}

/// The names in braces.
fn places(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
}

#[cfg(test)]
#[path = "parse_tests.rs"]
mod tests;
