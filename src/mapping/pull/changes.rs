//! What a pull changes in one table: rows added, changed cell by cell, removed.

use std::collections::{HashMap, VecDeque};

use super::write::TableText;
use crate::mapping::load::Shape;

/// A row by its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowName {
    /// Its key columns, joined by ` · `.
    pub key: String,
    /// Line in the new file; for a removed row in the old one.
    pub line: u32,
}

/// A row that is there before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowEdit {
    /// The row.
    pub row: RowName,
    /// Column, value before, value after; at least one.
    pub cells: Vec<(String, String, String)>,
}

/// The differences between two versions of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Rows that were not there.
    pub added: Vec<RowName>,
    /// Rows with other cells.
    pub changed: Vec<RowEdit>,
    /// Rows that are gone.
    pub removed: Vec<RowName>,
    /// Whether rows that stay stand in another order.
    pub reordered: bool,
    /// Rows before and after.
    pub rows: (usize, usize),
}

impl Changes {
    /// Whether no row differs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let Self { added, changed, removed, reordered, rows: _ } = self;
        added.is_empty() && changed.is_empty() && removed.is_empty() && !reordered
    }
}

/// Columns that tell chairs apart: any of the three may be empty.
const CHAIR: [&str; 3] = ["chair_id", "chair_name", "prefix"];

/// A row as pairs of column and value, empty ones left away: a column more without content is no change.
type Cells<'t> = Vec<(&'t str, &'t str)>;

struct Side<'t> {
    rows: Vec<(u32, Cells<'t>)>,
}

impl<'t> Side<'t> {
    fn of(table: &'t TableText) -> Self {
        let header = table.header();
        let row = |(line, cells): (u32, &'t [String])| {
            let mut pairs: Cells<'t> = header
                .iter()
                .zip(cells)
                .map(|(name, cell)| (name.as_str(), cell.as_str()))
                .filter(|(_, cell)| !cell.is_empty())
                .collect();
            pairs.sort_unstable();
            (line, pairs)
        };
        Self { rows: table.body().into_iter().map(row).collect() }
    }
}

fn cell<'t>(cells: &Cells<'t>, column: &str) -> &'t str {
    cells.iter().find(|(name, _)| *name == column).map_or("", |(_, value)| value)
}

/// Compares a table before and after. Rows are told apart by the table's key columns; several rows of one key (a
/// Terminart with dates) are matched in order, the ones that are alike first.
pub(super) fn changes(shape: &Shape, before: &TableText, after: &TableText) -> Changes {
    let (old, new) = (Side::of(before), Side::of(after));
    let keys: &[&str] = if shape.keys.is_empty() { &CHAIR } else { &shape.keys };
    let key = |cells: &Cells<'_>| {
        let parts: Vec<&str> = keys.iter().map(|column| cell(cells, column)).filter(|part| !part.is_empty()).collect();
        parts.join(" · ")
    };
    let mut partner: Vec<Option<usize>> = vec![None; new.rows.len()];
    let mut alike: HashMap<&Cells<'_>, VecDeque<usize>> = HashMap::new();
    for (at, (_, cells)) in old.rows.iter().enumerate() {
        alike.entry(cells).or_default().push_back(at);
    }
    for (slot, (_, cells)) in partner.iter_mut().zip(&new.rows) {
        *slot = alike.get_mut(cells).and_then(VecDeque::pop_front);
    }
    let mut by_key: HashMap<String, VecDeque<usize>> = HashMap::new();
    let mut left: Vec<usize> = alike.into_values().flatten().collect();
    left.sort_unstable();
    for (at, (_, cells)) in left.iter().filter_map(|at| Some((*at, old.rows.get(*at)?))) {
        by_key.entry(key(cells)).or_default().push_back(at);
    }
    for (slot, (_, cells)) in partner.iter_mut().zip(&new.rows).filter(|(slot, _)| slot.is_none()) {
        *slot = by_key.get_mut(&key(cells)).and_then(VecDeque::pop_front);
    }
    let name = |(line, cells): &(u32, Cells<'_>)| RowName { key: key(cells), line: *line };
    let mut found = Changes { rows: (old.rows.len(), new.rows.len()), ..Changes::default() };
    for (row, partner) in new.rows.iter().zip(&partner) {
        match partner.and_then(|at| old.rows.get(at)) {
            None => found.added.push(name(row)),
            Some((_, before)) if *before != row.1 => {
                found.changed.push(RowEdit { row: name(row), cells: differing(before, &row.1) });
            }
            Some(_) => {}
        }
    }
    let mut gone: Vec<usize> = by_key.into_values().flatten().collect();
    gone.sort_unstable();
    found.removed = gone.into_iter().filter_map(|at| old.rows.get(at)).map(name).collect();
    let order: Vec<usize> = partner.into_iter().flatten().collect();
    found.reordered = !order.is_sorted();
    found
}

fn differing(before: &Cells<'_>, after: &Cells<'_>) -> Vec<(String, String, String)> {
    let mut columns: Vec<&str> = before.iter().chain(after).map(|(column, _)| *column).collect();
    columns.sort_unstable();
    columns.dedup();
    let pair = |column: &str| (column.to_owned(), cell(before, column).to_owned(), cell(after, column).to_owned());
    columns.into_iter().map(pair).filter(|(_, before, after)| before != after).collect()
}

#[cfg(test)]
mod tests {
    use super::super::grid::Grid;
    use super::*;
    use crate::mapping::load::shapes;

    fn check(file: &str, before: &str, after: &str, wanted: &str) {
        let shape = shapes().find(|shape| shape.file == file).expect("a table");
        let table = |text: &str| Grid::of_csv(file, text).table(&shape);
        let found = changes(&shape, &table(before), &table(after));
        let mut words: Vec<String> = Vec::new();
        words.extend(found.added.iter().map(|row| format!("+{}@{}", row.key, row.line)));
        words.extend(found.changed.iter().map(|change| {
            let cells = change.cells.iter().map(|(column, old, new)| format!("{column}:{old}>{new}"));
            format!("~{}@{} {}", change.row.key, change.row.line, cells.collect::<Vec<_>>().join(","))
        }));
        words.extend(found.removed.iter().map(|row| format!("-{}@{}", row.key, row.line)));
        words.extend(found.reordered.then(|| "order".to_owned()));
        assert_eq!(words.join(" "), wanted, "{before:?} {after:?}");
        assert_eq!(found.is_empty(), wanted.is_empty());
    }

    #[test]
    fn rows_are_told_apart_by_their_key() {
        let status = |before: &str, after: &str, wanted: &str| {
            check(
                "status.csv",
                &format!("source_field;source_value;canonical\n{before}"),
                &format!("source_field;source_value;canonical;note\n{after}"),
                wanted,
            );
        };
        status("State;a;booked\n", "# new\nState;a;booked;\n", "");
        status("State;a;booked\n", "State;a;booked;x\n", "~State · a@2 note:>x");
        status(
            "State;a;booked\nState;b;moved\n",
            "State;b;deleted\nState;c;booked\n",
            "+State · c@3 ~State · b@2 canonical:moved>deleted -State · a@2",
        );
        status("State;a;booked\nState;b;moved\n", "State;b;moved\nState;a;booked\n", "order");
        check(
            "behandlungsstuehle.csv",
            "chair_name;prefix;location_key\n;NB_;nord\nStuhl 3;;sued\n",
            "chair_name;location_key;prefix\n;mitte;NB_\n",
            "~NB_@2 location_key:nord>mitte -Stuhl 3@3",
        );
    }

    #[test]
    fn rows_of_one_key_are_matched_in_order() {
        check(
            "terminarten.csv",
            "template_name;valid_from;category\nx;;a\nx;2026-01-01;b\n",
            "template_name;valid_from;category\nx;;a\nx;2026-01-01;c\nx;2027-01-01;d\n",
            "+x@4 ~x@3 category:b>c",
        );
    }
}
