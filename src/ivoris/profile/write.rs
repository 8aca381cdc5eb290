//! [`RouteProfile`] → a profile file with everything in it.

use std::fmt::Write;

use super::super::route::{Param, Route, Thing};
use super::{DateFormat, EndDay, EntrySource, Paging, RouteProfile, builtin};

pub(super) fn to_toml(profile: &RouteProfile) -> String {
    let mut out = head();
    let mut line = |text: String| writeln!(out, "{text}").expect("a String takes everything");
    for route in Route::ALL {
        let spec = profile.route(route);
        line(format!("\n[routes.{route}]"));
        line(format!("path = {}", quoted(&spec.path)));
        line(format!("params = {}", params(profile, route)));
        line(format!("date_format = {}", quoted(spec.date_format.word())));
        line(format!("paging = {}", quoted(spec.paging.word())));
        line(format!("end = {}", quoted(spec.end.word())));
        line(format!("enabled = {}", spec.enabled));
    }
    line(FIELDS.to_owned());
    for thing in Thing::ALL {
        let fields = profile.fields(*thing);
        line(format!("\n[fields.{}]", thing.name()));
        for name in fields.names() {
            let aliases: Vec<String> = fields.aliases(name).iter().map(|alias| quoted(alias)).collect();
            line(format!("{name} = [{}]", aliases.join(", ")));
        }
    }
    line(format!("\n[documentation]\n# {}", words(EntrySource::ALL, EntrySource::word)));
    line(format!("source = {}", quoted(profile.documentation.word())));
    out
}

/// Only the head is a template: a path in the profile may hold the same braces.
fn head() -> String {
    HEAD.replace("{date_format}", &words(DateFormat::ALL, DateFormat::word))
        .replace("{paging}", &words(Paging::ALL, Paging::word))
        .replace("{end}", &words(EndDay::ALL, EndDay::word))
        .replace("{params}", &words(Param::ALL, Param::name))
}

const HEAD: &str = "\
# Route profile of one Ivoris installation: what it is asked, and how its answers are read.
# What is left out is as built in. Unknown keys are refused with their line.
version = 1

# path         below the base address; {name} in it stands for the parameter of that name
# params       our word = \"the server's name\"; \"\" = the server has none. Our words:
#              {params}
# date_format  {date_format}
# paging       {paging}
# end          whether the last day that is asked for belongs to the answer: {end}
# enabled      false = never asked; counts as missing
";

const FIELDS: &str = "
# Our word = the server's names, tried in order, without regard to case; a dot reaches into objects; [] = not read.
# `ignored` are names that are known and never read: they do not show up as new fields.";

/// The parameters with names, and those that the built-in profile has and this one has not.
fn params(profile: &RouteProfile, route: Route) -> String {
    let usual = builtin::profile();
    let (spec, usual) = (profile.route(route), usual.route(route));
    let given = Param::ALL.iter().filter(|param| spec.has(**param) || usual.has(**param));
    let given: Vec<String> = given
        .map(|param| format!("{} = {}", param.name(), quoted(spec.params.get(param).map_or("", String::as_str))))
        .collect();
    if given.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", given.join(", ")) }
}

fn words<T: Copy>(all: &[T], word: fn(T) -> &'static str) -> String {
    all.iter().map(|one| word(*one)).collect::<Vec<_>>().join(" | ")
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}
