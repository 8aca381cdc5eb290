//! `mappings check`: every problem of the tables, with its place; with the portal and with data where that is asked for.

use clap::{Args, ValueEnum};
use serde_json::json;

use crate::cli::args::after_help;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::mapping::{Loaded, files, load};
use crate::cli::{findings, schema};
use crate::mapping::{Level, Mapping, Problem, quote, try_cases};
use crate::pass::schema::findings as of_portal;
use crate::report::{Line, Look, counted, finding};

use super::met::{DataArgs, met};

/// What `mappings check` takes.
#[derive(Args, Clone, Debug, Default)]
#[command(after_long_help = after_help(&[
    ("ivohub mappings check", "the tables alone: needs no network and no state"),
    ("ivohub mappings check --live", "the portal too: stages, properties, types, options; writes nothing"),
    ("ivohub mappings check --input termine.csv --seen", "values of a file, and of what was read before, that have no row"),
]))]
pub(in crate::cli) struct CheckArgs {
    /// Compares with the portal too; reads only
    #[arg(long)]
    live: bool,
    /// Compares with what was read before: the inbox, and the newest look of `ivohub explore`
    #[arg(long)]
    seen: bool,
    #[command(flatten)]
    data: DataArgs,
    /// How problems are shown: text as a compiler does, github as annotations of a workflow
    #[arg(long, value_enum, value_name = "FORM", default_value_t, hide_possible_values = true)]
    format: Form,
}

/// How problems are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Form {
    #[default]
    Text,
    Github,
}

/// Every problem of the tables, with its place.
pub(super) async fn run(context: &Context, args: &CheckArgs) -> Result<Exit, Failure> {
    let Loaded { mapping, mut problems, place } = load(&context.config)?;
    let screen = &context.screen;
    let wants_more = args.live || args.seen || args.data.is_given();
    if let Some(mapping) = &mapping {
        problems.extend(try_cases(mapping, &context.config.deals));
        problems.extend(more(context, args, mapping).await?);
        quote(&*files(&context.config)?, &mut problems);
    }
    problems.sort_by(|a, b| (&a.file, a.line, a.column, a.code).cmp(&(&b.file, b.line, b.column, b.code)));
    let shown = findings::of_mapping(&problems, &place);
    match args.format {
        Form::Text => finding::show(screen, &shown),
        Form::Github => finding::show_for_github(screen, &shown),
    }
    let errors = problems.iter().filter(|problem| problem.level == Level::Error).count();
    let summary = |errors: usize, mapping: Option<&Mapping>| {
        let digests = mapping.map(Mapping::digests);
        json!({
            "type": "summary",
            "command": "mappings check",
            "place": place,
            "errors": errors,
            "warnings": problems.len() - errors,
            "tables": digests.map(|digests| digests.tables.len()),
            "rows": digests.map(|digests| digests.tables.iter().map(|table| table.rows.len()).sum::<usize>()),
            "cases": mapping.map(|mapping| mapping.tables().trials.len()),
            "digest": digests.map(|digests| digests.mapping.hex()),
        })
    };
    let Some(mapping) = mapping else {
        if wants_more {
            let text = "the portal and the data are compared once the tables are without errors";
            screen.note(&Line::new().look(Look::Faint, text));
        }
        screen.json(&summary(errors, None));
        return Ok(Exit::Usage);
    };
    let digests = mapping.digests();
    let rows: usize = digests.tables.iter().map(|table| table.rows.len()).sum();
    let cases = mapping.tables().trials.len();
    let line = format!(
        "{place}: {} tables, {}, {}, digest {}",
        digests.tables.len(),
        counted(rows as u64, "row", "rows"),
        counted(cases as u64, "case", "cases"),
        digests.mapping
    );
    let (look, word) = if errors == 0 { (Look::Good, "ok   ") } else { (Look::Bad, "not ok   ") };
    screen.last(&Line::new().look(look, word).plain(&line));
    screen.json(&summary(errors, Some(&mapping)));
    Ok(if errors == 0 { Exit::Done } else { Exit::Usage })
}

/// The portal and the data, as far as they are asked for.
async fn more(context: &Context, args: &CheckArgs, mapping: &Mapping) -> Result<Vec<Problem>, Failure> {
    let mut problems = Vec::new();
    if args.live {
        let plan = schema::portal_plan(context).await?;
        problems.extend(of_portal(&plan, mapping));
    }
    if args.seen || args.data.is_given() {
        let met = met(context, &args.data, args.seen, mapping).await?;
        problems.extend(met.problems(mapping, context.today()));
    }
    Ok(problems)
}
