//! CSV files of a pass: all are looked at before anything of one is taken, then read on a thread of their own.

use std::ops::ControlFlow;
use std::sync::Arc;

use serde_json::json;
use tokio::sync::mpsc;

use crate::domain::{InstanceKey, Kind};
use crate::extract::Row;
use crate::extract::csv::{self, Encoding, FileSummary, Input, Settings};
use crate::mapping::Mapping;
use crate::pass::Run;
use crate::report::{Line, Look, Screen, counted, grouped};
use crate::store::Store;

use super::context::Context;
use super::exit::Exit;
use super::failure::Failure;
use super::only::Only;
use super::pass_args::PassArgs;

/// Stretches that wait for the store: enough to keep it busy, few enough for memory.
const AHEAD: usize = 2;

/// Files that are open and have a sound header.
pub(super) struct Inputs {
    kind: Kind,
    files: Vec<Input>,
    settings: Settings,
    only: Option<Only>,
}

impl Inputs {
    /// Opens and checks all files; every one that is refused is shown.
    pub(super) fn open(
        context: &Context,
        kind: Kind,
        args: &PassArgs,
        mapping: &Mapping,
        only: Option<Only>,
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
                    let reason = error.to_string();
                    context.screen.complain(&reason);
                    context.screen.json(&json!({"type": "refused_file", "file": name, "reason": reason}));
                }
            }
        }
        if refused > 0 {
            let message = format!("{} refused, nothing was read", counted(refused, "file was", "files were"));
            return Err(Failure::new(Exit::Usage, message));
        }
        Ok(Self { kind, files, settings, only })
    }

    /// Reads all files into the inbox of `run`.
    pub(super) async fn read<S: Store + Clone + 'static>(
        self,
        run: &Run<'_, S>,
        screen: &Screen,
    ) -> Result<(), Failure> {
        let Self { kind, files, mut settings, only } = self;
        let only = only.map(Arc::new);
        for mut input in files {
            let name = Arc::clone(input.name());
            let (rows, taken) = mpsc::channel::<Vec<Row>>(AHEAD);
            let (here, wanted) = (settings.clone(), only.clone());
            let reading = tokio::task::spawn_blocking(move || {
                csv::read(kind, &mut input, &here, &mut |stretch| {
                    wanted.iter().for_each(|only| only.look(&stretch));
                    match rows.blocking_send(stretch) {
                        Ok(()) => ControlFlow::Continue(()),
                        Err(_) => ControlFlow::Break(()), // the run has stopped and says why itself
                    }
                })
            });
            run.read(kind, taken, None).await?;
            let summary =
                reading.await.map_err(|_| Failure::new(Exit::Unexpected, format!("reading {name} failed")))??;
            told(screen, &name, &summary);
            if let Some(limit) = &mut settings.limit {
                *limit = limit.saturating_sub(summary.records);
                if *limit == 0 {
                    let text = format!("{name}: what follows is left out by --limit");
                    screen.note(&Line::new().look(Look::Faint, &text));
                    break;
                }
            }
        }
        if kind == Kind::Entry && settings.limit.is_none() {
            run.files_were_whole().await?;
        }
        if let Some(only) = &only {
            only.tell_missing(screen);
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

/// How files are read, from what the command line says of them.
pub(super) fn settings(
    context: &Context,
    args: &PassArgs,
    mapping: &Mapping,
    line_key: [u8; 32],
) -> Result<Settings, Failure> {
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
