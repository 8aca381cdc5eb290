//! CSV files of a pass: all are looked at before anything of one is taken, then read on a thread of their own.

use std::ops::ControlFlow;
use std::sync::Arc;

use tokio::sync::mpsc;

use crate::domain::{InstanceKey, Kind, normalise_id};
use crate::extract::Row;
use crate::extract::csv::{self, Encoding, FileSummary, Input, Settings};
use crate::mapping::Mapping;
use crate::pass::Run;
use crate::report::{Line, Look, Screen, counted, grouped};
use crate::store::Store;

use super::context::Context;
use super::exit::Exit;
use super::failure::Failure;
use super::pass_args::PassArgs;

/// Stretches that wait for the store: enough to keep it busy, few enough for memory.
const AHEAD: usize = 2;

/// Files that are open and have a sound header.
pub(super) struct Inputs {
    kind: Kind,
    files: Vec<Input>,
    settings: Settings,
}

impl Inputs {
    /// Opens and checks all files; every one that is refused is shown.
    pub(super) fn open(
        context: &Context,
        kind: Kind,
        args: &PassArgs,
        mapping: &Mapping,
        line_key: [u8; 32],
    ) -> Result<Self, Failure> {
        let settings = settings(context, args, mapping, line_key)?;
        let mut files = Vec::with_capacity(args.input.len());
        let mut refused = 0_u64;
        for name in &args.input {
            let checked = Input::open(name).and_then(|mut input| {
                csv::check(kind, &mut input, &settings)?;
                Ok(input)
            });
            match checked {
                Ok(input) => files.push(input),
                Err(error) => {
                    refused += 1;
                    context.screen.complain(&error.to_string());
                }
            }
        }
        if refused > 0 {
            let message = format!("{} refused, nothing was read", counted(refused, "file was", "files were"));
            return Err(Failure::new(Exit::Usage, message));
        }
        Ok(Self { kind, files, settings })
    }

    /// Reads all files into the inbox of `run`.
    pub(super) async fn read<S: Store + Clone + 'static>(
        self,
        run: &Run<'_, S>,
        screen: &Screen,
    ) -> Result<(), Failure> {
        let Self { kind, files, mut settings } = self;
        for mut input in files {
            let name = Arc::clone(input.name());
            let (rows, taken) = mpsc::channel::<Vec<Row>>(AHEAD);
            let here = settings.clone();
            let reading = tokio::task::spawn_blocking(move || {
                csv::read(kind, &mut input, &here, &mut |stretch| match rows.blocking_send(stretch) {
                    Ok(()) => ControlFlow::Continue(()),
                    Err(_) => ControlFlow::Break(()), // the run has stopped and says why itself
                })
            });
            run.read(kind, taken, None).await?;
            let summary =
                reading.await.map_err(|_| Failure::new(Exit::Unexpected, format!("reading {name} failed")))??;
            told(screen, &name, &summary);
            if let Some(limit) = &mut settings.limit {
                *limit = limit.saturating_sub(summary.records);
                if *limit == 0 {
                    break;
                }
            }
        }
        Ok(())
    }
}

fn told(screen: &Screen, name: &str, summary: &FileSummary) {
    let FileSummary { rows, records, rejected, encoding, delimiter, ignored, digest } = summary;
    let digest = format!("{:08x}", u32::from_be_bytes(digest.first_chunk().copied().unwrap_or_default()));
    tracing::info!(file = name, rows, records, rejected, encoding = encoding.name(), digest, "read");
    let delimiter = match delimiter {
        b'\t' => "tab".to_owned(),
        byte => char::from(*byte).to_string(),
    };
    let rejected = if *rejected > 0 { format!(", {} rejected", grouped(*rejected)) } else { String::new() };
    let text = format!("{name}: {}{rejected} ({}, {delimiter})", counted(*rows, "row", "rows"), encoding.name());
    screen.note(&Line::new().look(Look::Faint, &text));
    if !ignored.is_empty() {
        let text = format!("{name}: not used: {}", ignored.join(", "));
        screen.note(&Line::new().look(Look::Faint, &text));
    }
}

fn settings(context: &Context, args: &PassArgs, mapping: &Mapping, line_key: [u8; 32]) -> Result<Settings, Failure> {
    let usage = |message: String| Failure::new(Exit::Usage, message);
    let encoding = match &args.encoding {
        None => None,
        Some(name) => Some(Encoding::from_name(name).ok_or_else(|| {
            let known: Vec<&str> = Encoding::ALL.iter().map(|one| one.name()).collect();
            usage(format!("unknown --encoding \"{name}\"; known are {}", known.join(", ")))
        })?),
    };
    let delimiter = match args.delimiter.as_deref() {
        None => None,
        Some("tab" | "\\t" | "\t") => Some(b'\t'),
        Some(";") => Some(b';'),
        Some(",") => Some(b','),
        Some("|") => Some(b'|'),
        Some(_) => return Err(usage("unknown --delimiter; known are ';', ',', '|' and tab".to_owned())),
    };
    let config = &context.config;
    Ok(Settings {
        encoding,
        delimiter,
        instances: config.instances.iter().map(|one| (one.key.clone(), one.prefix.clone())).collect(),
        instance: args.instance.as_deref().map(InstanceKey::new),
        locations: mapping.instances_by_location(),
        number_keys: args.number_keys,
        limit: args.limit,
        today: chrono::Utc::now().with_timezone(&config.zone).date_naive(),
        line_key,
    })
}

/// The ids of `--only`, with every prefix that may stand before them.
pub(super) fn only(context: &Context, given: &[String]) -> Result<Option<std::collections::BTreeSet<String>>, Failure> {
    if given.is_empty() {
        return Ok(None);
    }
    let mut ids = Vec::new();
    for word in given {
        match word.strip_prefix('@') {
            Some(file) => {
                let text = std::fs::read_to_string(file)
                    .map_err(|error| Failure::new(Exit::Usage, format!("cannot read {file}: {error}")))?;
                ids.extend(text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned));
            }
            None => ids.push(word.clone()),
        }
    }
    let mut keys = std::collections::BTreeSet::new();
    for (at, id) in ids.iter().enumerate() {
        let id =
            normalise_id(id).map_err(|error| Failure::new(Exit::Usage, format!("--only, id {}: {error}", at + 1)))?;
        keys.extend(context.config.instances.iter().map(|instance| format!("{}{id}", instance.prefix)));
        keys.insert(id); // or it is the key already
    }
    Ok(Some(keys))
}
