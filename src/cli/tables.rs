//! `mappings check` and `config check | show`: what was written down, and whether it is sound.

use serde_json::json;

use crate::config::Config;
use crate::mapping::Level;
use crate::report::{Line, Look, counted, finding, grouped, table};

use super::context::Context;
use super::exit::Exit;
use super::failure::Failure;
use super::findings;
use super::mapping::{Loaded, load, shown, sound};

/// Every problem of the tables, with its place.
pub(super) fn check_mappings(context: &Context) -> Result<Exit, Failure> {
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

/// File, secrets and tables; opens no connection.
pub(super) fn check_config(context: &Context) -> Result<Exit, Failure> {
    let config = &context.config;
    let screen = &context.screen;
    finding::show(screen, &findings::of_config(&config.warnings));
    let file = config.file.as_deref().map_or_else(|| "no ivohub.toml, built-in profile".to_owned(), shown);
    let good = |name: &str, text: &str| {
        screen.out(&Line::of(name).pad_to(10).look(Look::Good, "ok   ").plain(text));
    };
    good("config", &format!("{file}, profile {}, mode {}", config.profile, config.mode.word()));
    config.token()?;
    good("hubspot", &format!("{}, token is there", config.hubspot.base_url));
    let mapping = sound(config, screen)?;
    good("mappings", &format!("digest {}", mapping.digests().mapping));
    good("state", &shown(&config.state));
    screen.last(&Line::new().look(Look::Good, &format!("profile {} is ready", config.profile)));
    screen.json(&json!({"type": "summary", "command": "config check", "profile": config.profile, "warnings": config.warnings.len()}));
    Ok(Exit::Done)
}

/// Every value that was given.
pub(super) fn show_config(context: &Context, origin: bool) -> Exit {
    let Config { file, profile, mode, shown: values, .. } = &context.config;
    let screen = &context.screen;
    let file = file.as_deref().map_or_else(|| "no ivohub.toml, built-in profile".to_owned(), shown);
    screen.out(
        &Line::new().look(Look::Strong, &format!("profile {profile}")).plain(&format!("   {} ({file})", mode.word())),
    );
    let rows: Vec<Vec<String>> = values
        .iter()
        .map(|line| {
            let mut row = vec![line.key.clone(), line.value.clone()];
            if origin {
                row.push(line.origin.clone());
            }
            row.push(line.help.to_owned());
            row
        })
        .collect();
    let header: &[&str] = if origin { &["key", "value", "given by", ""] } else { &["key", "value", ""] };
    if !rows.is_empty() {
        screen.outs(&table(header, &rows, header.len(), 0));
    }
    screen.last(
        &Line::new().look(Look::Faint, &format!("{} values given, all else is default", grouped(rows.len() as u64))),
    );
    screen.json(&json!({"type": "config", "profile": profile, "mode": mode.word(), "values": values}));
    Exit::Done
}
