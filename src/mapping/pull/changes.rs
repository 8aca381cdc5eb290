//! What a pull changes in one table: rows added, changed cell by cell, removed.

use std::collections::{HashMap, HashSet, VecDeque};

use super::same::{keeps, value};
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

/// Columns that tell apart rows of one key, where a table has them.
const FINER: [&str; 3] = ["prefix", "valid_from", "valid_to"];

/// What tells rows apart, the narrowest first: everything they say, then the key with and without [`FINER`].
fn likenesses(shape: &Shape) -> [Vec<&'static str>; 3] {
    let has = |column: &&&str| shape.columns.contains(*column);
    [shape.columns.clone(), shape.keys.iter().chain(FINER.iter().filter(has)).copied().collect(), shape.keys.clone()]
}

/// For each row after the one that it was before. Values count, not how they are written.
fn partners(shape: &Shape, old: &Side<'_>, new: &Side<'_>) -> Vec<Option<usize>> {
    let mut partner: Vec<Option<usize>> = vec![None; new.rows.len()];
    let mut free: Vec<usize> = (0..old.rows.len()).collect();
    for columns in likenesses(shape) {
        let values = |cells: &Cells<'_>| -> Vec<String> {
            columns.iter().map(|column| value(column, cell(cells, column)).into_owned()).collect()
        };
        let mut waiting: HashMap<Vec<String>, VecDeque<usize>> = HashMap::new();
        for (at, (_, cells)) in free.iter().filter_map(|at| Some((*at, old.rows.get(*at)?))) {
            waiting.entry(values(cells)).or_default().push_back(at);
        }
        for (slot, (_, cells)) in partner.iter_mut().zip(&new.rows).filter(|(slot, _)| slot.is_none()) {
            *slot = waiting.get_mut(&values(cells)).and_then(VecDeque::pop_front);
        }
        free = waiting.into_values().flatten().collect();
        free.sort_unstable();
    }
    partner
}

/// Gives every cell whose value is as before the text that it had.
pub(super) fn settle(shape: &Shape, before: &TableText, after: &mut TableText) {
    let (old, new) = (Side::of(before), Side::of(after));
    let rows: Vec<Vec<(String, String)>> = partners(shape, &old, &new)
        .iter()
        .zip(&new.rows)
        .map(|(partner, (_, cells))| {
            let Some((_, before)) = partner.and_then(|at| old.rows.get(at)) else { return Vec::new() };
            let kept = |(column, text): &(&str, &str)| {
                let was = cell(before, column);
                (was != *text && keeps(column, was, text)).then(|| ((*column).to_owned(), was.to_owned()))
            };
            cells.iter().filter_map(kept).collect()
        })
        .collect();
    let header = after.header().to_vec();
    for (row, kept) in after.body_mut().zip(rows) {
        for (column, text) in kept {
            let at = header.iter().position(|name| *name == column);
            if let Some(cell) = at.and_then(|at| row.get_mut(at)) {
                *cell = text;
            }
        }
    }
}

/// Compares a table before and after. Rows are told apart by the table's key columns; of several rows of one key (a
/// Terminart with dates) those are matched that say the same, then those that begin and end on the same days, then in
/// order.
pub(super) fn changes(shape: &Shape, before: &TableText, after: &TableText) -> Changes {
    let (old, new) = (Side::of(before), Side::of(after));
    let partner = partners(shape, &old, &new);
    let key = |cells: &Cells<'_>| {
        let parts = shape.keys.iter().map(|column| cell(cells, column)).filter(|part| !part.is_empty());
        parts.collect::<Vec<_>>().join(" · ")
    };
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
    let order: Vec<usize> = partner.into_iter().flatten().collect();
    let kept: HashSet<usize> = order.iter().copied().collect();
    found.removed =
        old.rows.iter().enumerate().filter(|(at, _)| !kept.contains(at)).map(|(_, row)| name(row)).collect();
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
    fn a_changed_value_is_a_changed_row() {
        check(
            "gebuehren.csv",
            "schedule;code;points\nGOZ;6000;80\nGOZ;0010;100\n",
            "schedule;code;points\nGOZ;6000;81\nGOZ;0010;100\n",
            "~GOZ · 6000@2 points:80>81",
        );
        check(
            "punktwerte.csv",
            "schedule;area;valid_from;cents\nGOZ;;;5,62421\nBEMA;KFO;;105,00\nBEMA;KFO;2026-01-01;108\n",
            "schedule;area;valid_from;cents\nGOZ;;;5,7\nBEMA;KFO;2027-01-01;110\nBEMA;KFO;;105,00\nBEMA;KFO;2026-01-01;109\n",
            "+BEMA · KFO@3 ~GOZ@2 cents:5,62421>5,7 ~BEMA · KFO@5 cents:108>109",
        );
    }

    #[test]
    fn values_as_before_keep_their_text() {
        let check = |before: &str, after: &str, wanted: &str| {
            let shape = shapes().find(|shape| shape.file == "gebuehren.csv").expect("a table");
            let table = |text: &str| Grid::of_csv(shape.file, text).table(&shape);
            let mut settled = table(after);
            settle(&shape, &table(before), &mut settled);
            assert_eq!(settled.text(), wanted, "{after}");
        };
        let before = "schedule;code;points;note\n# Stand 2024\nGOZ;0010;100,0;alt\nGOZ;6000;80;\n";
        check(before, "schedule;code;points;note\n# Stand 2024\nGOZ;10;100;alt\nGOZ;6000;80\n", before);
        check(
            before,
            "code;schedule;points\n6000;GOZ;81\n10;GOZ;100\n20;GOZ;5\n",
            "code;schedule;points\n6000;GOZ;81\n0010;GOZ;100,0\n20;GOZ;5\n",
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
