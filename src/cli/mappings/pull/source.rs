//! What `mappings pull` reads: a workbook, a folder of CSV files, or links to published ones.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::ExposeSecret;

use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::mapping::shown;
use crate::config::{Mode, private_text};
use crate::http::{Download, DownloadError, DownloadRules};
use crate::mapping::{Problem, PullSource, Source, SourceKind, Taken, is_table, pull_source};

/// Largest workbook, and largest answer to a link (SEC-05).
const MOST: u64 = 5 * 1024 * 1024;

/// Where published sheets are, and where they redirect to.
const HOSTS: [&str; 2] = ["docs.google.com", ".googleusercontent.com"];

/// How long one sheet may take.
const TIME: Duration = Duration::from_mins(1);

/// What was read.
pub(super) struct Found {
    pub(super) kind: SourceKind,
    /// Its name for problems and `.pulled.json`.
    pub(super) name: String,
    pub(super) taken: Taken,
    /// Links that brought nothing.
    pub(super) refusals: Vec<Problem>,
}

/// Reads what `--from` names, else what `mapping.toml` does.
pub(super) async fn read(
    context: &Context,
    folder: &Path,
    tables: &dyn Source,
    from: Option<&Path>,
) -> Result<Found, Failure> {
    if let Some(path) = from {
        return local(path);
    }
    let manifest = tables.read("mapping.toml").unwrap_or_default();
    let Some(source) = pull_source(&String::from_utf8_lossy(&manifest)) else {
        let message = format!("{} does not say where the tables come from", shown(&folder.join("mapping.toml")));
        return Err(Failure::new(Exit::Usage, message)
            .next("ivohub mappings pull --from Konfiguration.xlsx, or a [source] in mapping.toml"));
    };
    let path = inside(folder, source.path())?;
    match source {
        PullSource::Xlsx(_) | PullSource::Folder(_) => local(&path),
        PullSource::PublishedCsv(_) => published(context, &path).await,
    }
}

/// The path below the folder, whatever links lie on the way.
fn inside(folder: &Path, path: &str) -> Result<PathBuf, Failure> {
    let wrong = |message: String| Failure::new(Exit::Usage, message).next("correct path or urls in mapping.toml");
    let place = shown(&folder.join(path));
    let root = fs::canonicalize(folder).map_err(|error| wrong(format!("{}: {error}", shown(folder))))?;
    let found = fs::canonicalize(folder.join(path)).map_err(|error| wrong(format!("{place}: {error}")))?;
    if found.starts_with(&root) { Ok(found) } else { Err(wrong(format!("{place} leads out of the folder"))) }
}

/// A workbook, a folder of CSV files, or one CSV file.
fn local(path: &Path) -> Result<Found, Failure> {
    let wrong = |text: String| Failure::new(Exit::Usage, format!("{}: {text}", shown(path)));
    let about = fs::metadata(path).map_err(|error| wrong(error.to_string()))?;
    let name = path.file_name().map_or_else(|| shown(path), |name| name.display().to_string());
    let found = |kind, name: String, taken| Found { kind, name, taken, refusals: Vec::new() };
    if about.is_dir() {
        let entries = fs::read_dir(path).map_err(|error| wrong(error.to_string()))?.flatten();
        let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(|path| stem(path).is_some()).collect();
        files.sort();
        let read = |path: &PathBuf| Ok((stem(path).unwrap_or_default(), bytes(path)?, None));
        let files: Result<_, Failure> = files.iter().map(read).collect();
        return Ok(found(SourceKind::Folder, name, Taken::Csv(files?)));
    }
    let read = bytes(path)?;
    if read.starts_with(b"PK\x03\x04") {
        return Ok(found(SourceKind::Xlsx, name, Taken::Workbook(read)));
    }
    if read.starts_with(b"\xd0\xcf\x11\xe0") {
        return Err(wrong("an old or password-protected workbook".to_owned())
            .next("save it as XLSX (Excel workbook) without a password"));
    }
    match stem(path) {
        Some(table) if is_table(&table) => {
            let above =
                path.parent().and_then(Path::file_name).map_or_else(String::new, |name| name.display().to_string());
            Ok(found(SourceKind::Folder, above, Taken::Csv(vec![(table, read, None)])))
        }
        Some(_) | None => Err(wrong("neither an XLSX workbook nor a CSV file with the name of a table".to_owned())
            .next("ivohub mappings pull --from Konfiguration.xlsx")),
    }
}

/// The name of a CSV file without its ending.
fn stem(path: &Path) -> Option<String> {
    let is_csv = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("csv"));
    let stem = path.file_stem().and_then(|stem| stem.to_str())?;
    (is_csv && !stem.starts_with('.')).then(|| stem.to_owned())
}

fn bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    let wrong = |text: String| Failure::new(Exit::Usage, format!("{}: {text}", shown(path)));
    if !fs::metadata(path).is_ok_and(|about| about.is_file()) {
        return Err(wrong("not a file".to_owned()));
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|error| wrong(error.to_string()))?;
    file.take(MOST + 1).read_to_end(&mut bytes).map_err(|error| wrong(error.to_string()))?;
    if bytes.len() as u64 > MOST {
        return Err(wrong("larger than 5 MiB".to_owned()).next("is this the right file?"));
    }
    Ok(bytes)
}

/// One link per table, in a file that only its owner can read.
async fn published(context: &Context, path: &Path) -> Result<Found, Failure> {
    let text = private_text(path)?;
    // The parser's own message would quote a link.
    let links: BTreeMap<String, String> = toml::from_str(text.expose_secret()).map_err(|_| {
        Failure::new(Exit::Usage, format!("{} must hold one link per table", shown(path)))
            .next("terminarten = \"https://docs.google.com/…/pub?gid=…&single=true&output=csv\"")
    })?;
    let rules = DownloadRules {
        hosts: HOSTS.map(str::to_owned).to_vec(),
        loopback: context.config.mode == Mode::Sandbox,
        most: usize::try_from(MOST).unwrap_or(usize::MAX),
        time: TIME,
    };
    let client = Download::new(rules, &context.config.hubspot.network)
        .map_err(|error| Failure::new(Exit::Usage, error.to_string()))?;
    let mut found = Found {
        kind: SourceKind::PublishedCsv,
        name: String::new(),
        taken: Taken::Csv(Vec::new()),
        refusals: Vec::new(),
    };
    let mut files = Vec::new();
    for (table, link) in links {
        tokio::select! {
            () = context.stop.token.cancelled() => return Err(crate::hubspot::Error::Cancelled.into()),
            answer = client.fetch(&link) => match answer {
                Ok(answer) => {
                    found.name = answer.host;
                    files.push((table, answer.body, answer.kind));
                }
                Err(error) => found.refusals.push(refused(&table, &error)?),
            },
        }
    }
    found.taken = Taken::Csv(files);
    Ok(found)
}

/// A link that brings no table is a problem of the table; a network that fails now ends the command.
fn refused(table: &str, error: &DownloadError) -> Result<Problem, Failure> {
    let help = match error {
        DownloadError::Transport { .. } | DownloadError::Status { status: 429 | 500.., .. } => {
            return Err(Failure::new(Exit::Unfinished, format!("{table}: {error}; nothing was replaced"))
                .next("ivohub mappings pull, later"));
        }
        DownloadError::Redirect { .. } | DownloadError::Status { .. } => {
            "publish the sheet: File → Share → Publish to web, one sheet, comma-separated values; or save the workbook as XLSX and use --from"
        }
        DownloadError::Form | DownloadError::Scheme { .. } | DownloadError::Host { .. } => {
            "use the link from File → Share → Publish to web; only sheets of docs.google.com are read"
        }
        DownloadError::Circle { .. } | DownloadError::Large { .. } => "is this the link of one sheet as CSV?",
    };
    Ok(Problem::of_pull(table, error.to_string(), help))
}
