//! `mappings check`: every problem of the tables, with its place.

use clap::Args;
use serde_json::json;

use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::findings;
use crate::cli::mapping::{Loaded, load};
use crate::mapping::Level;
use crate::report::{Line, Look, counted, finding};

/// What `mappings check` takes.
#[derive(Args, Clone, Debug, Default)]
pub(in crate::cli) struct CheckArgs {}

/// Every problem of the tables, with its place.
pub(super) fn run(context: &Context, _args: &CheckArgs) -> Result<Exit, Failure> {
    let Loaded { mapping, problems, place } = load(&context.config)?;
    let screen = &context.screen;
    finding::show(screen, &findings::of_mapping(&problems, &place));
    let errors = problems.iter().filter(|problem| problem.level == Level::Error).count();
    let Some(mapping) = mapping else {
        screen.json(&json!({"type": "summary", "command": "mappings check", "place": place, "errors": errors}));
        return Ok(Exit::Usage);
    };
    let digests = mapping.digests();
    let rows: usize = digests.tables.iter().map(|table| table.rows.len()).sum();
    let line = format!(
        "{place}: {} tables, {}, digest {}",
        digests.tables.len(),
        counted(rows as u64, "row", "rows"),
        digests.mapping
    );
    screen.last(&Line::new().look(Look::Good, "ok   ").plain(&line));
    screen.json(&json!({
        "type": "summary",
        "command": "mappings check",
        "place": place,
        "errors": 0,
        "warnings": problems.len(),
        "tables": digests.tables.len(),
        "rows": rows,
        "digest": digests.mapping.hex(),
    }));
    Ok(Exit::Done)
}
