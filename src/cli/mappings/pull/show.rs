//! What a pull would change, for people and as JSON.

use serde_json::{Value, json};

use crate::mapping::{Changes, Pulled, PulledTable};
use crate::report::{Line, Look, Screen, counted};

/// Rows shown of one kind in one table; JSON has all.
const MOST: usize = 20;

/// Shows every table of the source.
pub(super) fn changes(screen: &Screen, pulled: &Pulled) {
    for (sheet, near) in &pulled.strangers {
        let meant = near.as_ref().map_or_else(String::new, |table| format!("; is it meant to be \"{table}\"?"));
        screen.note(&Line::new().look(Look::Warn, &format!("sheet \"{sheet}\" is no table{meant}")));
    }
    for table in &pulled.tables {
        screen.outs(&lines(table));
        screen.json(&as_json(table));
    }
}

fn lines(table: &PulledTable) -> Vec<Line> {
    let PulledTable { file, sheet: _, text: _, changes, same, edited } = table;
    let Changes { added, changed, removed, reordered, rows: (_, rows) } = changes;
    let name = Line::new().look(Look::Strong, file).pad_to(24);
    if *same {
        return vec![name.look(Look::Faint, &format!("unchanged, {}", counted(*rows as u64, "row", "rows")))];
    }
    let mut counts: Vec<String> = Vec::new();
    let mut count = |number: usize, what: &str| {
        if number > 0 {
            counts.push(format!("{number} {what}"));
        }
    };
    count(added.len(), "added");
    count(changed.len(), "changed");
    count(removed.len(), "removed");
    counts.extend(reordered.then(|| "other order".to_owned()));
    if changes.is_empty() {
        counts.push("the same rows in canonical form".to_owned());
    }
    let mut lines = vec![name.plain(&counts.join(", "))];
    if *edited {
        lines.push(Line::of("  ").look(Look::Warn, "edited by hand after the last pull; that would be lost"));
    }
    let mut some = |all: usize, each: &mut dyn FnMut(usize) -> Option<Line>| {
        lines.extend((0..all.min(MOST)).filter_map(each));
        if all > MOST {
            lines.push(Line::of("    ").look(Look::Faint, &format!("and {} more", all - MOST)));
        }
    };
    some(added.len(), &mut |at| Some(Line::of("  ").look(Look::Good, &format!("+ {}", added.get(at)?.key))));
    some(changed.len(), &mut |at| {
        let change = changed.get(at)?;
        let value = |text: &str| if text.is_empty() { "(empty)".to_owned() } else { text.replace('\n', " ") };
        let cells = change.cells.iter().map(|(column, old, new)| format!("{column} {} → {}", value(old), value(new)));
        let cells: Vec<String> = cells.collect();
        Some(
            Line::of("  ")
                .look(Look::Warn, &format!("~ {}", change.row.key))
                .plain(&format!("   {}", cells.join(", "))),
        )
    });
    some(removed.len(), &mut |at| Some(Line::of("  ").look(Look::Bad, &format!("- {}", removed.get(at)?.key))));
    lines
}

fn as_json(table: &PulledTable) -> Value {
    let PulledTable { file, sheet, text: _, changes, same, edited } = table;
    let Changes { added, changed, removed, reordered, rows: (before, after) } = changes;
    let cell = |(column, old, new): &(String, String, String)| json!({"column": column, "before": old, "after": new});
    json!({
        "type": "table",
        "file": file,
        "sheet": sheet,
        "same": same,
        "edited": edited,
        "reordered": reordered,
        "rows_before": before,
        "rows_after": after,
        "added": added.iter().map(|row| json!({"key": row.key, "line": row.line})).collect::<Vec<_>>(),
        "changed": changed
            .iter()
            .map(|change| json!({"key": change.row.key, "line": change.row.line, "cells": change.cells.iter().map(cell).collect::<Vec<_>>()}))
            .collect::<Vec<_>>(),
        "removed": removed.iter().map(|row| json!({"key": row.key, "line": row.line})).collect::<Vec<_>>(),
    })
}
