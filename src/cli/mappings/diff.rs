//! `mappings diff`: what differs from the tables that were last applied, row by row, and what looked at it.

use std::collections::HashMap;

use clap::Args;
use serde_json::json;

use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::mapping::sound;
use crate::mapping::{Change, Mapping, RowChange, RowRef, Rulings, UNDER_ALL, changes};
use crate::pass::word;
use crate::report::changes::{Changed, Happened, json as row_json, lines};
use crate::report::{Line, Look, counted};
use crate::store::{SqliteStore, Store, WordId, WordUse};

use super::versions;

/// What `mappings diff` takes.
#[derive(Args, Clone, Debug, Default)]
pub(in crate::cli) struct DiffArgs {
    /// A folder with tables, or the first characters of a digest that a run was made with; else the one applied last
    #[arg(value_name = "DIGEST|DIR")]
    with: Option<String>,
}

/// Shows what differs.
pub(super) async fn run(context: &Context, args: &DiffArgs) -> Result<Exit, Failure> {
    let screen = &context.screen;
    let after = sound(&context.config, screen)?;
    let store = versions::state(context)?;
    let before = match &args.with {
        Some(name) => versions::named(store.as_ref(), name).await?,
        None => last_applied(context, store.as_ref()).await?,
    };
    let (was, is) = (before.digests().mapping, after.digests().mapping);
    let found = changes(before.tables(), after.tables());
    let used = match &store {
        Some(store) => uses(store, &found, &before, &after).await?,
        None => vec![WordUse::default(); found.len()],
    };
    let changed: Vec<Changed> = found.into_iter().zip(used).map(|(one, used)| told(one, used)).collect();
    screen.out(&Line::new().look(Look::Strong, &format!("mapping {was} → {is}")));
    screen.outs(&lines(&changed, screen.width()));
    changed.iter().for_each(|one| screen.json(&row_json(one)));
    let options = before.tables().unknown_template != after.tables().unknown_template
        || before.tables().unknown_status != after.tables().unknown_status;
    if options {
        screen.out(&Line::new().look(Look::Warn, "~").plain(" mapping.toml  options   every record"));
    }
    let rows = u64::try_from(changed.len()).unwrap_or(u64::MAX);
    let last = if rows == 0 && !options {
        Line::of("both mean the same")
    } else {
        let line = Line::of(&counted(rows, "row differs", "rows differ"));
        line.plain("   → ").look(Look::Command, "ivohub mappings affected")
    };
    screen.last(&last);
    screen.json(&json!({
        "type": "summary", "command": "mappings diff", "before": was.hex(), "after": is.hex(), "rows": rows,
        "options": options,
    }));
    Ok(Exit::Done)
}

async fn last_applied(context: &Context, store: Option<&SqliteStore>) -> Result<Mapping, Failure> {
    let store = store.ok_or_else(|| versions::nothing_yet(context))?;
    let basis = store.basis().await?.ok_or_else(|| versions::nothing_yet(context))?;
    versions::kept(store, &basis.mapping).await?.ok_or_else(|| {
        let short: String = basis.mapping.chars().take(8).collect();
        Failure::new(Exit::Usage, format!("the files of mapping {short} are not kept, or not read by this version"))
            .next("ivohub mappings diff FOLDER")
    })
}

/// How much each changed row is used: by the words that it answers, before or after.
async fn uses(
    store: &SqliteStore,
    found: &[RowChange],
    before: &Mapping,
    after: &Mapping,
) -> Result<Vec<WordUse>, Failure> {
    let mut sets: HashMap<&RowRef, Vec<WordId>> = found.iter().map(|one| (&one.row, Vec::new())).collect();
    let (old, new) = (Rulings::new(before), Rulings::new(after));
    for known in store.words().await? {
        let Some(look) = word(&known.text) else { continue };
        let answers = [before.answer(&look, &old), after.answer(&look, &new)];
        // A row that a word could meet counts where the answer is another one by it.
        if answers[0].digest == answers[1].digest {
            continue;
        }
        for row in answers.iter().flat_map(|answer| &answer.rows) {
            if let Some(words) = sets.get_mut(row).filter(|words| !words.contains(&known.id)) {
                words.push(known.id);
            }
        }
    }
    let sets = found.iter().map(|one| sets.get(&one.row).cloned().unwrap_or_default()).collect();
    Ok(store.word_uses(sets).await?)
}

fn told(one: RowChange, used: WordUse) -> Changed {
    let RowChange { row, name, change } = one;
    let records = match row.table {
        "terminarten" | "status" => "appointments",
        "eintragsarten" | "gebuehren" | "punktwerte" => "entries",
        "regeln" => "",
        _ => "records",
    };
    let happened = match change {
        Change::Added => Happened::Added,
        Change::Removed => Happened::Removed,
        Change::Moved => Happened::Moved,
        Change::Cells(cells) => Happened::Cells(cells),
    };
    let used = (!UNDER_ALL.contains(&row.table)).then_some(used);
    Changed { table: row.table, name, happened, used, records }
}
