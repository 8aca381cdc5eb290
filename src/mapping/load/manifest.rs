//! `mapping.toml`: format version, where the tables come from, options.

use serde::Deserialize;

use crate::mapping::problem::{Problem, advice};
use crate::mapping::tables::Unknown;

const FILE: &str = "mapping.toml";

/// The only format version there is.
const VERSION: i64 = 1;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    version: toml::Spanned<i64>,
    #[serde(rename = "name")]
    _name: Option<String>,
    source: Option<Source>,
    #[serde(default)]
    options: Options,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Source {
    kind: toml::Spanned<String>,
    path: Option<toml::Spanned<String>>,
    urls: Option<Urls>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Urls {
    file: toml::Spanned<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Options {
    unknown_terminart: Option<toml::Spanned<String>>,
    unknown_status: Option<toml::Spanned<String>>,
}

/// Where `mappings pull` takes the tables from; paths start in the mapping folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PullSource {
    /// A workbook.
    Xlsx(String),
    /// A folder of CSV files.
    Folder(String),
    /// A file that names a link for each table.
    PublishedCsv(String),
}

impl PullSource {
    /// The path, whatever it leads to.
    #[must_use]
    pub fn path(&self) -> &str {
        match self {
            Self::Xlsx(path) | Self::Folder(path) | Self::PublishedCsv(path) => path,
        }
    }
}

/// The `[source]` of a manifest, if it has one; whether it is sound is for [`super::load`] to say.
#[must_use]
pub fn pull_source(manifest: &str) -> Option<PullSource> {
    let Source { kind, path, urls } = toml::from_str::<Manifest>(manifest).ok()?.source?;
    let path = path.map(toml::Spanned::into_inner);
    match kind.get_ref().as_str() {
        "xlsx" => path.map(PullSource::Xlsx),
        "folder" => path.map(PullSource::Folder),
        "published-csv" => urls.map(|urls| PullSource::PublishedCsv(urls.file.into_inner())),
        _ => None,
    }
}

/// What the manifest says about values without a row: Terminart, status.
pub(super) fn manifest(text: &str, problems: &mut Vec<Problem>) -> (Unknown, Unknown) {
    let manifest: Manifest = match toml::from_str(text) {
        Ok(manifest) => manifest,
        Err(error) => {
            let code = if error.message().contains("unknown field") { "M004" } else { "M001" };
            let message = error.message().lines().next().unwrap_or_default().to_owned();
            let help = "the manifest has version, name, [source] and [options], see mappings/README.md";
            problems.push(place(text, error.span(), code, message).help(help));
            return (Unknown::default(), Unknown::default());
        }
    };
    if *manifest.version.get_ref() != VERSION {
        let message = format!("format version {} is not known", manifest.version.get_ref());
        let problem = place(text, Some(manifest.version.span()), "M001", message);
        problems.push(problem.help(format!("this ivohub reads version {VERSION}")));
    }
    if let Some(source) = &manifest.source {
        check_source(text, source, problems);
    }
    let mut option = |value: Option<toml::Spanned<String>>| {
        let words = [("hold", Unknown::Hold), ("attach", Unknown::Attach), ("ignore", Unknown::Ignore)];
        let Some(value) = value else { return Unknown::default() };
        let hit = words.iter().find(|(word, _)| word == value.get_ref()).map(|(_, value)| *value);
        hit.unwrap_or_else(|| {
            let message = format!("unknown option \"{}\"", value.get_ref());
            let mut problem = place(text, Some(value.span()), "M014", message);
            problem.help = advice(value.get_ref(), words.map(|(word, _)| word));
            problems.push(problem);
            Unknown::default()
        })
    };
    (option(manifest.options.unknown_terminart), option(manifest.options.unknown_status))
}

fn check_source(text: &str, source: &Source, problems: &mut Vec<Problem>) {
    let kinds = ["xlsx", "published-csv", "folder"];
    if !kinds.contains(&source.kind.get_ref().as_str()) {
        let message = format!("unknown kind of source \"{}\"", source.kind.get_ref());
        let mut problem = place(text, Some(source.kind.span()), "M014", message);
        problem.help = advice(source.kind.get_ref(), kinds);
        problems.push(problem);
    }
    let (given, wanted) = match source.kind.get_ref().as_str() {
        "published-csv" => (source.urls.is_some(), "urls = { file = \"secrets/sheet-urls.toml\" }"),
        "folder" => (source.path.is_some(), "path = \"tabellen\""),
        _ => (source.path.is_some(), "path = \"Konfiguration.xlsx\""),
    };
    if !given {
        let problem = place(text, Some(source.kind.span()), "M003", "the source does not say where it is");
        problems.push(problem.help(format!("write {wanted} below it")));
    }
    for path in source.path.iter().chain(source.urls.as_ref().map(|urls| &urls.file)) {
        let part_up = path.get_ref().split(['/', '\\']).any(|part| part == "..");
        if part_up || path.get_ref().starts_with(['/', '\\', '~']) || path.get_ref().contains(':') {
            let problem = place(text, Some(path.span()), "M009", "the path leads out of the folder");
            problems.push(problem.help("use a path relative to the mapping folder, without .."));
        }
    }
}

/// A problem at a byte range of the manifest.
fn place(text: &str, span: Option<std::ops::Range<usize>>, code: &'static str, message: impl Into<String>) -> Problem {
    let mut problem = Problem::of_file(code, FILE, message);
    let Some(span) = span else { return problem };
    let before = text.get(..span.start).unwrap_or_default();
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let line = text.get(line_start..).unwrap_or_default().lines().next().unwrap_or_default();
    let count = |text: Option<&str>| u32::try_from(text.unwrap_or_default().chars().count()).unwrap_or(u32::MAX);
    problem.line = u32::try_from(before.bytes().filter(|byte| *byte == b'\n').count() + 1).unwrap_or(u32::MAX);
    problem.column = count(text.get(line_start..span.start)).saturating_add(1);
    let end = span.end.min(line_start + line.len()).max(span.start);
    problem.end_column = problem.column.saturating_add(count(text.get(span.start..end)).max(1));
    line.clone_into(&mut problem.line_text);
    problem
}
