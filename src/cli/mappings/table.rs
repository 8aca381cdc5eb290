//! `mappings table`: a table in its canonical form, or the rows that it lacks for values that were met.

use clap::Args;
use serde_json::json;

use crate::cli::args::after_help;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::explore::header;
use crate::cli::failure::Failure;
use crate::cli::findings;
use crate::cli::mapping::{files, place, sound};
use crate::mapping::{decoded, file_names};
use crate::pass::explore::Unmapped;
use crate::report::{Line, Look, counted, finding};

use super::met::{DataArgs, met};

/// Tables whose values come from Ivoris.
const FED: [&str; 6] = ["terminarten", "status", "behandlungsstuehle", "behandler", "eintragsarten", "standorte"];

/// What `mappings table` takes.
#[derive(Args, Clone, Debug, Default)]
#[command(after_long_help = after_help(&[
    ("ivohub mappings table terminarten", "the table as a spreadsheet may have it: UTF-8, ; and nothing to quote"),
    ("ivohub mappings table terminarten --missing", "rows for values that were met and have none"),
    ("ivohub mappings table status --missing --input termine.csv >> mappings/status.csv", "the same for a file that nobody has read yet"),
]))]
pub(in crate::cli) struct TableArgs {
    /// Which: terminarten, status, behandlungsstuehle, behandler, eintragsarten, standorte, …
    #[arg(value_name = "TABLE")]
    table: String,
    /// Rows for values without one, in the inbox, the newest `ivohub explore` and --input; what a person has to complete
    /// stands behind a #
    #[arg(long)]
    missing: bool,
    #[command(flatten)]
    data: DataArgs,
}

/// Prints it.
pub(super) async fn run(context: &Context, args: &TableArgs) -> Result<Exit, Failure> {
    let name = args.table.trim_end_matches(".csv").to_lowercase();
    let file = format!("{name}.csv");
    if !file_names().any(|known| known == file) {
        let known: Vec<&str> = file_names().filter_map(|name| name.strip_suffix(".csv")).collect();
        return Err(Failure::new(Exit::Usage, format!("there is no table \"{name}\"; known are {}", known.join(", "))));
    }
    if args.missing { missing(context, args, &name, &file).await } else { whole(context, &file) }
}

fn whole(context: &Context, file: &str) -> Result<Exit, Failure> {
    let Some(bytes) = files(&context.config)?.read(file) else {
        return Err(Failure::new(Exit::Usage, format!("{} has no {file}", place(&context.config))));
    };
    let mut problems = Vec::new();
    let Some(text) = decoded(file, &bytes, &mut problems) else {
        finding::show(&context.screen, &findings::of_mapping(&problems, &place(&context.config)));
        return Ok(Exit::Usage);
    };
    text.lines().for_each(|line| context.screen.last(&Line::of(line)));
    context.screen.json(&json!({"type": "table", "table": file, "text": text}));
    Ok(Exit::Done)
}

async fn missing(context: &Context, args: &TableArgs, name: &str, file: &str) -> Result<Exit, Failure> {
    if !FED.contains(&name) {
        let message = format!("{file} holds what you decide, nothing in Ivoris has a row there");
        return Err(Failure::new(Exit::Usage, message).next("ivohub mappings table terminarten --missing"));
    }
    let mapping = sound(&context.config, &context.screen)?;
    let met = met(context, &args.data, true, &mapping).await?;
    let all: Vec<Unmapped> =
        met.missing(&mapping, context.today()).into_iter().filter(|one| one.table == file).collect();
    let Some(header) = header(&context.config, file) else {
        return Err(Failure::new(Exit::Usage, format!("{file} has no header")).next("ivohub mappings check"));
    };
    for one in &all {
        let line = header.line(one);
        context.screen.last(&Line::of(&line));
        context.screen.json(&json!({
            "type": "missing", "table": file, "value": one.value, "count": one.count, "open": one.open, "line": line,
        }));
    }
    // The rows alone go to stdout, so that they can be appended to the table.
    let open = all.iter().filter(|one| one.open).count() as u64;
    let text = match (all.len() as u64, open) {
        (0, _) => format!("every value that was met has a row in {file}"),
        (all, 0) => format!("{} for {file}", counted(all, "row", "rows")),
        (all, open) => format!(
            "{} for {file}, {} behind a #: complete it and take the # away",
            counted(all, "row", "rows"),
            counted(open, "row", "rows")
        ),
    };
    context.screen.note(&Line::new().look(Look::Faint, &text));
    context.screen.json(
        &json!({"type": "summary", "command": "mappings table", "table": file, "missing": all.len(), "open": open}),
    );
    Ok(Exit::Done)
}
