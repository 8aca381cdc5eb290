//! What `explore` keeps and hands out: snapshot, document, route profile, contract, rows, fixtures.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::failure::{DISK_NEXT, Failure};
use crate::cli::mapping::shown;
use crate::config::{Config, Tables};
use crate::domain::InstanceKey;
use crate::http::Redactor;
use crate::mapping;
use crate::pass::explore::{End, Explored, FORMAT, Header, Survey, Unmapped};
use crate::report::explore::Files;

use super::ExploreArgs;

/// The largest contract that is read from a file.
const LARGEST: u64 = 64 * 1024 * 1024;

/// Where everything about one installation is kept.
pub(super) struct Folder {
    folder: PathBuf,
    name: String,
}

/// What was written.
#[derive(Default)]
pub(super) struct Written {
    pub(super) files: Files,
    pub(super) profile: Option<PathBuf>,
    pub(super) rows: Vec<PathBuf>,
    /// Where all of it is, and what stands there beside the document; the fixtures stand elsewhere.
    pub(super) folder: PathBuf,
    pub(super) kept: Vec<&'static str>,
}

impl Folder {
    /// Beside the state.
    pub(super) fn of(config: &Config, instance: &InstanceKey) -> Self {
        let safe = |char: char| if char.is_ascii_alphanumeric() || matches!(char, '-' | '_') { char } else { '_' };
        Self { folder: config.state.with_file_name("explore"), name: instance.as_str().chars().map(safe).collect() }
    }

    fn file(&self, end: &str) -> PathBuf {
        self.folder.join(format!("{}.{end}", self.name))
    }

    /// The document. One that was cut short does not take the place of a complete one.
    pub(super) fn document(&self, end: End) -> PathBuf {
        match end {
            End::Complete => self.file("md"),
            End::Document => self.file("contract.md"),
            End::Unreachable | End::Refused | End::Stopped => self.file("incomplete.md"),
        }
    }

    /// The survey before this one; one of another form is as good as none.
    pub(super) fn earlier(&self) -> Option<Survey> {
        let text = fs::read_to_string(self.file("json")).ok()?;
        serde_json::from_str::<Survey>(&text).ok().filter(|survey| survey.format == FORMAT)
    }

    /// Everything but the document.
    pub(super) fn write(
        &self,
        context: &Context,
        args: &ExploreArgs,
        explored: &Explored,
        redactor: &Redactor,
    ) -> Result<Written, Failure> {
        let survey = &explored.survey;
        let mut written = Written { folder: self.folder.clone(), ..Written::default() };
        // A survey that was cut short, or that asked nobody, is no measure for the next one.
        if survey.end == End::Complete {
            self.forget(survey)?;
            write(&self.file("json"), &serde_json::to_string_pretty(survey).unwrap_or_default())?;
        }
        if let Some(document) = &explored.document {
            let text = serde_json::to_string_pretty(&without_addresses(document, redactor)).unwrap_or_default();
            let file = self.file("openapi.json");
            write(&file, &text)?;
            written.files.contract = Some(name_of(&file));
            written.kept.push("contract (.openapi.json)");
        }
        if !survey.proposed.is_empty() {
            let file = self.file("routes.toml");
            write(&file, &explored.profile.to_toml())?;
            written.files.profile = Some(name_of(&file));
            written.profile = Some(file);
            written.kept.push("proposed route profile (.routes.toml)");
        }
        if let Some(unmapped) = survey.unmapped.as_ref().filter(|all| !all.is_empty()) {
            self.write_rows(&context.config, unmapped, &mut written)?;
            written.kept.push("proposed rows (.mappings/)");
        }
        if let Some(folder) = &args.record {
            let folder = folder.join(&self.name);
            for (route, fixture) in &explored.fixtures {
                let text = serde_json::to_string_pretty(fixture).unwrap_or_default();
                write(&folder.join(format!("{route}.json")), &(text + "\n"))?;
            }
            written.files.fixtures = Some(shown(&folder));
        }
        Ok(written)
    }

    /// Takes away proposals of an earlier look that no longer hold.
    fn forget(&self, survey: &Survey) -> Result<(), Failure> {
        let gone = |path: &Path, removed: std::io::Result<()>| match removed {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                let message = format!("cannot remove {}: {error}", shown(path));
                Err(Failure::new(Exit::Storage, message).next(DISK_NEXT))
            }
            Ok(()) | Err(_) => Ok(()),
        };
        let (profile, rows) = (self.file("routes.toml"), self.file("mappings"));
        if survey.proposed.is_empty() {
            gone(&profile, fs::remove_file(&profile))?;
        }
        if survey.unmapped.is_some() {
            gone(&rows, fs::remove_dir_all(&rows))?;
        }
        gone(&self.file("incomplete.md"), fs::remove_file(self.file("incomplete.md")))
    }

    /// One file per table, with the header that the practice's own table has.
    fn write_rows(&self, config: &Config, unmapped: &[Unmapped], written: &mut Written) -> Result<(), Failure> {
        let mut tables = BTreeMap::<&str, Vec<&Unmapped>>::new();
        unmapped.iter().for_each(|one| tables.entry(&one.table).or_default().push(one));
        for (table, rows) in tables {
            let Some(header) = header(config, table) else { continue };
            let lines: Vec<String> = rows.iter().map(|row| header.line(row)).collect();
            let head = header.columns.join(&header.delimiter.to_string());
            let file = self.file("mappings").join(table);
            write(&file, &format!("{head}\n{}\n", lines.join("\n")))?;
            written.files.rows.push((table.to_owned(), head, lines));
            written.rows.push(file);
        }
        Ok(())
    }
}

fn name_of(file: &Path) -> String {
    file.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// The newest complete look at each configured installation.
pub(in crate::cli) fn earlier_surveys(config: &Config) -> Vec<Survey> {
    config.instances.iter().filter_map(|instance| Folder::of(config, &instance.key).earlier()).collect()
}

/// The header of a table of the practice, else of the shipped one.
pub(in crate::cli) fn header(config: &Config, table: &str) -> Option<Header> {
    let own = match &config.mappings {
        Tables::Folder(folder) => fs::read(folder.join(table)).ok(),
        Tables::Shipped => None,
    };
    let own = own.and_then(|bytes| Header::of(&String::from_utf8_lossy(&bytes)));
    own.or_else(|| Header::of(mapping::shipped_file(table)?))
}

/// A contract without the address that served it: at the relay, the address is a secret.
fn without_addresses(document: &Value, redactor: &Redactor) -> Value {
    match document {
        Value::Object(object) => object
            .iter()
            .filter(|(name, _)| !["servers", "host", "basePath"].contains(&name.as_str()))
            .map(|(name, value)| (name.clone(), without_addresses(value, redactor)))
            .collect(),
        Value::Array(items) => items.iter().map(|item| without_addresses(item, redactor)).collect(),
        Value::String(text) => Value::String(redactor.clean(text)),
        Value::Null | Value::Bool(_) | Value::Number(_) => document.clone(),
    }
}

/// Writes a file as a whole: who reads it meanwhile sees the old one or the new one.
pub(super) fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let put = || -> std::io::Result<()> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        fs::create_dir_all(folder)?;
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(text.as_bytes())?;
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    };
    put().map_err(|error| Failure::new(Exit::Storage, format!("cannot write {}: {error}", shown(path))).next(DISK_NEXT))
}

/// Reads a saved contract.
pub(super) fn read_json(path: &Path) -> Result<Value, Failure> {
    let usage = |text: String| Failure::new(Exit::Usage, text);
    let size = fs::metadata(path).map_err(|error| usage(format!("cannot read {}: {error}", path.display())))?.len();
    if size > LARGEST {
        return Err(usage(format!("{} is larger than any contract", path.display())));
    }
    let bytes = fs::read(path).map_err(|error| usage(format!("cannot read {}: {error}", path.display())))?;
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    serde_json::from_slice(bytes).map_err(|error| {
        usage(format!("{} is not JSON (line {}, column {})", path.display(), error.line(), error.column()))
    })
}
