//! What differs between two versions of the tables, and what looked at it (`mappings.md` 3.5).

use serde_json::{Value, json};

use crate::store::WordUse;

use super::line::{Line, Look, counted, grouped};

/// What happened to a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happened {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// Another place in the order.
    Moved,
    /// Cells differ: column, before, after.
    Cells(Vec<(String, String, String)>),
}

/// One row that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// Table without `.csv`.
    pub table: &'static str,
    /// What people call the row.
    pub name: String,
    /// What happened.
    pub happened: Happened,
    /// What looked at it; `None` = everything does.
    pub used: Option<WordUse>,
    /// What the records are: "appointments", "entries", "records".
    pub records: &'static str,
}

impl Changed {
    const fn sign(&self) -> (&'static str, Look) {
        match self.happened {
            Happened::Added => ("+", Look::Good),
            Happened::Removed => ("-", Look::Bad),
            Happened::Moved | Happened::Cells(_) => ("~", Look::Warn),
        }
    }

    fn uses(&self) -> String {
        let Some(WordUse { patients, records, open_deals }) = self.used else { return "every record".to_owned() };
        let deals = if open_deals > 0 { format!(", {} open deals", grouped(open_deals)) } else { String::new() };
        match (self.records, &self.happened) {
            ("", _) => format!("{}{deals}", counted(patients, "patient", "patients")),
            (what, Happened::Added) => format!("{} {what} had no row{deals}", grouped(records)),
            (what, _) => format!("{} {what}{deals}", grouped(records)),
        }
    }
}

/// `~ terminarten  "Planbesprechung"  stage_on_completed  diagnostik → plan_besprochen     1 204 appointments, 318 open deals`
#[must_use]
pub fn lines(changed: &[Changed], width: usize) -> Vec<Line> {
    let table = changed.iter().map(|one| one.table.len()).max().unwrap_or(0) + 4;
    let name = changed.iter().map(|one| one.name.chars().count().min(40) + 4).max().unwrap_or(0) + table;
    let mut lines = Vec::new();
    for one in changed {
        let (sign, look) = one.sign();
        let head = Line::new().look(look, sign).plain(&format!(" {}", one.table)).pad_to(table);
        let head = head.plain(&format!("\"{}\"", one.name)).pad_to(name);
        let cell = |(column, before, after): &(String, String, String)| {
            let text = |text: &str| if text.is_empty() { "–".to_owned() } else { text.to_owned() };
            format!("{column}  {} → {}", text(before), text(after))
        };
        let what: Vec<String> = match &one.happened {
            Happened::Cells(cells) => cells.iter().map(cell).collect(),
            Happened::Moved => vec!["another place in the order".to_owned()],
            Happened::Added | Happened::Removed => Vec::new(),
        };
        let mut first = head;
        for (at, what) in what.iter().enumerate() {
            if at > 0 {
                lines.push(std::mem::take(&mut first));
                first = Line::new().pad_to(name);
            }
            first = first.plain(what).plain("   ");
        }
        lines.push(first.look(Look::Faint, &one.uses()));
    }
    lines.into_iter().flat_map(|line| line.wrapped(width, 4)).collect()
}

/// The same for machines.
#[must_use]
pub fn json(one: &Changed) -> Value {
    let word = match one.happened {
        Happened::Added => "added",
        Happened::Removed => "removed",
        Happened::Moved => "moved",
        Happened::Cells(_) => "changed",
    };
    let cells: Vec<Value> = match &one.happened {
        Happened::Cells(cells) => cells
            .iter()
            .map(|(column, before, after)| json!({"column": column, "before": before, "after": after}))
            .collect(),
        Happened::Added | Happened::Removed | Happened::Moved => Vec::new(),
    };
    json!({
        "type": "row", "table": one.table, "name": one.name, "change": word, "cells": cells,
        "all": one.used.is_none(),
        "patients": one.used.map(|used| used.patients),
        "records": one.used.map(|used| used.records),
        "open_deals": one.used.map(|used| used.open_deals),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_line_up_and_say_what_looked_at_them() {
        let row = |name: &str, happened, used, records| Changed {
            table: "terminarten",
            name: name.to_owned(),
            happened,
            used,
            records,
        };
        let used = |records, open_deals| Some(WordUse { patients: 9, records, open_deals });
        let cells = vec![("stage_on_completed".to_owned(), "diagnostik".to_owned(), String::new())];
        let changed = [
            row("Planbesprechung", Happened::Cells(cells), used(1204, 318), "appointments"),
            row("NB_Kontrolle KIG", Happened::Added, used(214, 0), "appointments"),
            row("R5", Happened::Removed, used(0, 0), ""),
            row("x", Happened::Moved, None, "records"),
        ];
        let told: Vec<String> = lines(&changed, 200).iter().map(|line| line.text(false)).collect();
        assert_eq!(
            told,
            [
                "~ terminarten  \"Planbesprechung\"   stage_on_completed  diagnostik → –   1 204 appointments, 318 open deals",
                "+ terminarten  \"NB_Kontrolle KIG\"  214 appointments had no row",
                "- terminarten  \"R5\"                9 patients",
                "~ terminarten  \"x\"                 another place in the order   every record",
            ]
        );
        assert_eq!(json(&changed[0])["cells"][0]["column"], "stage_on_completed");
    }
}
