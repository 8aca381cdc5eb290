//! `mappings pull`: tables out of a spreadsheet, a folder or published CSV; shown and checked before a file is replaced.

mod show;
mod source;

use std::path::{Path, PathBuf};

use chrono::{SecondsFormat, Utc};
use clap::Args;
use serde_json::json;

use crate::cli::ask;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::findings;
use crate::cli::folder::{self, Folder};
use crate::cli::mapping::shown;
use crate::config::Tables;
use crate::mapping::{Level, Pulled, Record, Source, Tolerance, take};
use crate::report::{Line, Look, counted, finding};

/// What `mappings pull` takes.
#[derive(Args, Clone, Debug, Default)]
pub(in crate::cli) struct PullArgs {
    /// Workbook (XLSX), folder of CSV files, or one CSV file; else as [source] in mapping.toml says
    #[arg(long, value_name = "FILE|DIR")]
    from: Option<PathBuf>,
    /// Shows what would change, replaces nothing
    #[arg(short = 'n', long)]
    dry_run: bool,
    /// Does not ask
    #[arg(short, long)]
    yes: bool,
    /// Tables may lose more than 30 % of their rows
    #[arg(long)]
    allow_shrink: bool,
    /// With --yes: replaces tables that were edited by hand after the last pull, too
    #[arg(long)]
    overwrite_edits: bool,
}

/// Reads, compares, checks, asks, replaces.
pub(super) async fn run(context: &Context, args: &PullArgs) -> Result<Exit, Failure> {
    let Tables::Folder(path) = &context.config.mappings else {
        return Err(Failure::new(Exit::Usage, "the shipped mapping cannot be replaced")
            .next("set mappings = \"mappings\" in ivohub.toml, and put your own tables there"));
    };
    if !path.is_dir() {
        return Err(Failure::new(Exit::Usage, format!("there is no folder {}", shown(path)))
            .next("make it, and put a mapping.toml there"));
    }
    if !args.yes && !args.dry_run {
        context.asking.or_flag("--yes")?;
    }
    let tables = Folder(path.clone());
    let pulled = read(context, path, &tables, args).await?;
    show::changes(&context.screen, &pulled);
    if let Some(exit) = is_unsound(context, path, &tables, &pulled) {
        return Ok(exit);
    }
    let changing = pulled.changing().count() as u64;
    let old = tables.read(Record::FILE).unwrap_or_default();
    if changing == 0 && old == pulled.record.text().as_bytes() {
        return Ok(end(context, "nothing to change", 0, Exit::Done));
    }
    if args.dry_run {
        let text = format!("{} would change; nothing was written", counted(changing, "table", "tables"));
        return Ok(end(context, &text, changing, Exit::Done));
    }
    if !may(path, &pulled, changing, args)? {
        return Ok(end(context, "nothing was written", changing, Exit::Done));
    }
    let record = pulled.record.text();
    let files = pulled.changing().map(|table| (table.file, table.text.as_str()));
    let files: Vec<(&str, &str)> = files.chain([(Record::FILE, record.as_str())]).collect();
    folder::replace(path, &files)
        .map_err(|error| Failure::new(Exit::Storage, format!("cannot write into {}: {error}", shown(path))))?;
    let text = match changing {
        0 => "the tables are as they were; where they come from is noted".to_owned(),
        _ => format!("{} replaced in {}", counted(changing, "table", "tables"), shown(path)),
    };
    Ok(end(context, &text, changing, Exit::Done))
}

async fn read(context: &Context, path: &Path, tables: &Folder, args: &PullArgs) -> Result<Pulled, Failure> {
    let found = source::read(context, path, tables, args.from.as_deref()).await?;
    let tolerance = if args.allow_shrink { Tolerance::Shrink } else { Tolerance::Usual };
    let time = Utc::now().to_rfc3339_opts(SecondsFormat::Secs, true);
    let mut pulled = take(found.kind, &found.name, found.taken, tables, tolerance, &time);
    if !found.refusals.is_empty() {
        // A table that did not come is not a table that is gone.
        pulled.refusals = found.refusals;
    }
    Ok(pulled)
}

/// Shows everything that keeps the tables from being replaced.
fn is_unsound(context: &Context, path: &Path, tables: &Folder, pulled: &Pulled) -> Option<Exit> {
    let screen = &context.screen;
    let mut errors = pulled.refusals.len();
    if errors > 0 {
        finding::show(screen, &findings::of_source(&pulled.refusals));
    } else {
        let (_, problems) = pulled.check(tables);
        finding::show(screen, &findings::of_mapping(&problems, &shown(path)));
        errors = problems.iter().filter(|problem| problem.level == Level::Error).count();
    }
    (errors > 0).then(|| {
        let text = format!("{}: nothing was replaced", counted(errors as u64, "error", "errors"));
        screen.last(&Line::new().look(Look::Bad, &text));
        screen.json(&json!({"type": "summary", "command": "mappings pull", "errors": errors, "replaced": 0}));
        Exit::Usage
    })
}

/// Whether the files may be replaced: by flag, or asked.
fn may(path: &Path, pulled: &Pulled, changing: u64, args: &PullArgs) -> Result<bool, Failure> {
    let edited: Vec<&str> = pulled.changing().filter(|table| table.edited).map(|table| table.file).collect();
    if args.yes {
        if !edited.is_empty() && !args.overwrite_edits {
            let message = format!("{} edited by hand after the last pull; nothing was replaced", were(&edited));
            return Err(Failure::new(Exit::Usage, message)
                .next("take the edits over into the source, or add --overwrite-edits"));
        }
        return Ok(true);
    }
    let lost = if edited.is_empty() { String::new() } else { format!(" ({} edited by hand)", were(&edited)) };
    ask::yes(&format!("Replace {} in {}{lost}?", counted(changing, "table", "tables"), shown(path)))
}

fn were(files: &[&str]) -> String {
    format!("{} {}", files.join(", "), if files.len() == 1 { "was" } else { "were" })
}

fn end(context: &Context, text: &str, changing: u64, exit: Exit) -> Exit {
    let screen = &context.screen;
    screen.last(&Line::new().look(Look::Good, "ok   ").plain(text));
    screen.json(&json!({
        "type": "summary", "command": "mappings pull", "errors": 0, "changing": changing, "result": text,
    }));
    exit
}
