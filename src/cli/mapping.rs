//! The mapping of the configuration: read from its folder or from the binary, every problem shown.

use std::path::Path;

use crate::config::{Config, Tables};
use crate::mapping::{self, Level, Mapping, Problem};
use crate::report::{Screen, finding};

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

/// Reads and checks the tables.
pub(super) fn load(config: &Config) -> Result<Loaded, Failure> {
    match &config.mappings {
        Tables::Shipped => {
            let files = |name: &str| mapping::shipped_file(name).map(|text| text.as_bytes().to_vec());
            let (mapping, problems) = mapping::load(&files);
            Ok(Loaded { mapping, problems, place: "shipped mappings".to_owned() })
        }
        Tables::Folder(folder) => {
            if !folder.is_dir() {
                return Err(Failure::new(Exit::Usage, format!("there is no folder {}", shown(folder)))
                    .next("put the mapping tables there, or set mappings = \"…\" in ivohub.toml"));
            }
            // A pull that was cut short; a folder that cannot be written is read as if it were finished.
            let _later = folder::finish(folder);
            let (mapping, problems) = mapping::load(&Folder(folder.clone()));
            Ok(Loaded { mapping, problems, place: shown(folder) })
        }
    }
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
    Ok(mapping)
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
