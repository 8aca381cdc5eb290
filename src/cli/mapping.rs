//! The mapping of the configuration: read from its folder or from the binary, every problem shown.

use std::cell::RefCell;
use std::path::Path;

use crate::config::{Config, Tables};
use crate::mapping::{self, Level, Mapping, Problem, Source};
use crate::report::{Line, Look, Screen, counted, finding};

use super::exit::Exit;
use super::failure::Failure;
use super::findings;
use super::folder::{self, Folder};

/// A mapping with everything that was found, and where it was read.
pub(super) struct Loaded {
    pub(super) mapping: Option<Mapping>,
    pub(super) problems: Vec<Problem>,
    pub(super) place: String,
}

/// The files of the tables: a folder, or what is in the binary.
pub(super) fn files(config: &Config) -> Result<Box<dyn Source>, Failure> {
    match &config.mappings {
        Tables::Shipped => Ok(Box::new(|name: &str| mapping::shipped_file(name).map(|text| text.as_bytes().to_vec()))),
        Tables::Folder(folder) if folder.is_dir() => {
            // A pull that was cut short; a folder that cannot be written is read as if it were finished.
            let _later = folder::finish(folder);
            Ok(Box::new(Folder(folder.clone())))
        }
        Tables::Folder(folder) => Err(Failure::new(Exit::Usage, format!("there is no folder {}", shown(folder)))
            .next("put the mapping tables there, or set mappings = \"…\" in ivohub.toml")),
    }
}

/// Where the tables are, for people.
pub(super) fn place(config: &Config) -> String {
    match &config.mappings {
        Tables::Shipped => "shipped mappings".to_owned(),
        Tables::Folder(folder) => shown(folder),
    }
}

/// Reads and checks the tables.
pub(super) fn load(config: &Config) -> Result<Loaded, Failure> {
    let (mapping, problems) = with_files(&*files(config)?);
    Ok(Loaded { mapping, problems, place: place(config) })
}

/// Remembers the bytes of every file that is read.
struct Recorded<'s> {
    source: &'s dyn Source,
    read: RefCell<Vec<(String, Vec<u8>)>>,
}

impl Source for Recorded<'_> {
    fn read(&self, name: &str) -> Option<Vec<u8>> {
        let bytes = self.source.read(name)?;
        self.read.borrow_mut().push((name.to_owned(), bytes.clone()));
        Some(bytes)
    }

    fn names(&self) -> Vec<String> {
        self.source.names()
    }
}

/// Reads and checks tables; the mapping keeps the bytes that it was read from.
pub(super) fn with_files(source: &dyn Source) -> (Option<Mapping>, Vec<Problem>) {
    let recorded = Recorded { source, read: RefCell::default() };
    let (mapping, problems) = mapping::load(&recorded);
    let mut files = recorded.read.into_inner();
    files.sort();
    files.dedup_by(|a, b| a.0 == b.0);
    (mapping.map(|mapping| mapping.with_files(files)), problems)
}

/// The tables of any folder.
pub(super) fn folder(path: &Path) -> (Option<Mapping>, Vec<Problem>) {
    with_files(&Folder(path.to_owned()))
}

/// The mapping, or all its problems on the screen. Warnings are counted only.
pub(super) fn sound(config: &Config, screen: &Screen) -> Result<Mapping, Failure> {
    let Loaded { mapping, problems, place } = load(config)?;
    let Some(mapping) = mapping else {
        let errors: Vec<Problem> = problems.into_iter().filter(|problem| problem.level == Level::Error).collect();
        finding::show(screen, &findings::of_mapping(&errors, &place));
        return Err(Failure::told(Exit::Usage).next("ivohub mappings check"));
    };
    check_instances(config, &mapping, &place)?;
    cases(config, &mapping, &problems, screen);
    Ok(mapping)
}

/// Cases of `tests.csv` stop nothing; they are told of.
fn cases(config: &Config, mapping: &Mapping, problems: &[Problem], screen: &Screen) {
    let broken = problems.iter().filter(|problem| problem.file == "tests.csv" && problem.level == Level::Error).count();
    let wrong = broken + mapping::try_cases(mapping, &config.deals).len();
    if wrong > 0 {
        let text = format!(
            "{} of tests.csv {} what the tables say",
            counted(wrong as u64, "case", "cases"),
            if wrong == 1 { "is not" } else { "are not" }
        );
        let line = Line::new().look(Look::Warn, "warning: ").plain(&text).plain("   → ");
        screen.note(&line.look(Look::Command, "ivohub mappings check"));
    }
}

/// Every installation that a location names must be configured: its prefix is part of keys.
fn check_instances(config: &Config, mapping: &Mapping, place: &str) -> Result<(), Failure> {
    let configured = |name: &str| config.instances.iter().any(|instance| instance.key.as_str() == name);
    let missing = mapping.tables().locations.iter().find(|row| !configured(row.instance.as_str()));
    missing.map_or(Ok(()), |row| {
        let message = format!(
            "location {} in {place}/standorte.csv belongs to installation \"{}\", which profile {} does not name",
            row.key, row.instance, config.profile
        );
        let next = format!("add a table [profile.{}.ivoris.{}]", config.profile, row.instance);
        Err(Failure::new(Exit::Usage, message).next(next))
    })
}

/// A path as the operator knows it: relative to the present folder, if it lies there.
pub(super) fn shown(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(&here).unwrap_or(path).display().to_string()
}
