//! What differs between two versions of the tables, row by row and cell by cell.

use std::collections::BTreeMap;

use super::rows::{Plain, RowRef, all, column};
use super::tables::Tables;

/// What happened to a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// Cells differ: column, before, after.
    Cells(Vec<(String, String, String)>),
    /// It stands elsewhere; told in `regeln` only, where the order is the meaning.
    Moved,
}

/// One row that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowChange {
    /// Where it stands.
    pub row: RowRef,
    /// What people call it.
    pub name: String,
    /// What happened.
    pub change: Change,
}

/// Every row that means something else in `after`, in the order of the tables; removed rows stand before new ones.
#[must_use]
pub fn changes(before: &Tables, after: &Tables) -> Vec<RowChange> {
    let (before, after) = (all(before), all(after));
    let mut tables: Vec<&'static str> = before.iter().chain(&after).map(|row| row.place.table).collect();
    tables.sort_unstable();
    tables.dedup();
    let mut changes = Vec::new();
    for table in tables {
        let of =
            |rows: &'_ [Plain]| -> Vec<Plain> { rows.iter().filter(|row| row.place.table == table).cloned().collect() };
        of_table(of(&before), of(&after), &mut changes);
    }
    if before.iter().chain(&after).any(|row| row.place.table == "regeln")
        && changes.iter().all(|one| one.row.table != "regeln")
    {
        moved(&before, &after, &mut changes);
    }
    changes
}

fn of_table(before: Vec<Plain>, after: Vec<Plain>, changes: &mut Vec<RowChange>) {
    // Rows that share a key (one type under two schedules) are paired by what they say, then in order.
    let mut old: BTreeMap<String, Vec<Plain>> = BTreeMap::new();
    before.into_iter().for_each(|row| old.entry(row.place.key.clone()).or_default().push(row));
    let mut open = Vec::new();
    for row in after {
        let same = old.get_mut(&row.place.key).map(|rows| (rows.iter().position(|one| one.same(&row)), rows));
        match same {
            Some((Some(at), rows)) => drop(rows.remove(at)),
            Some((None, _)) | None => open.push(row),
        }
    }
    let mut later = Vec::new();
    for row in open {
        let twin = old.get_mut(&row.place.key).filter(|rows| !rows.is_empty()).map(|rows| rows.remove(0));
        let change = match twin {
            Some(twin) => Change::Cells(differing(&twin, &row)),
            None => Change::Added,
        };
        later.push(RowChange { row: row.place, name: row.name, change });
    }
    let gone = old.into_values().flatten();
    changes.extend(gone.map(|row| RowChange { row: row.place, name: row.name, change: Change::Removed }));
    changes.append(&mut later);
}

fn differing(before: &Plain, after: &Plain) -> Vec<(String, String, String)> {
    let old: BTreeMap<&str, &str> =
        before.cells.iter().map(|(field, value)| (field.as_str(), value.as_str())).collect();
    let differs = |(field, value): &(String, String)| {
        let was = old.get(field.as_str()).copied().unwrap_or_default();
        (was != value).then(|| (column(after.place.table, field).to_owned(), was.to_owned(), value.clone()))
    };
    after.cells.iter().filter_map(differs).collect()
}

/// Rules that have changed places: every one that no longer follows the one before it.
fn moved(before: &[Plain], after: &[Plain], changes: &mut Vec<RowChange>) {
    let order = |rows: &[Plain]| -> Vec<String> {
        rows.iter().filter(|row| row.place.table == "regeln").map(|row| row.place.key.clone()).collect()
    };
    let (was, is) = (order(before), order(after));
    for (at, key) in is.iter().enumerate() {
        if was.get(at) != Some(key)
            && let Some(row) = after.iter().find(|row| row.place.table == "regeln" && row.place.key == *key)
        {
            changes.push(RowChange { row: row.place.clone(), name: row.name.clone(), change: Change::Moved });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::StageKey;
    use crate::mapping::shipped;

    fn check(edit: impl FnOnce(&mut Tables), wanted: &[&str]) {
        let before = shipped().tables().clone();
        let mut after = before.clone();
        edit(&mut after);
        let told: Vec<String> = changes(&before, &after)
            .iter()
            .map(|one| {
                let what = match &one.change {
                    Change::Added => "+".to_owned(),
                    Change::Removed => "-".to_owned(),
                    Change::Moved => "moved".to_owned(),
                    Change::Cells(cells) => cells
                        .iter()
                        .map(|(field, was, is)| format!("{field} {was} → {is}"))
                        .collect::<Vec<_>>()
                        .join(", "),
                };
                format!("{} {}: {what}", one.row.table, one.name)
            })
            .collect();
        assert_eq!(told, wanted);
    }

    #[test]
    fn rows_that_mean_something_else_are_told_with_their_cells() {
        check(|_| {}, &[]);
        check(
            |tables| {
                let row = tables.templates.iter_mut().find(|row| row.name == "Planbesprechung").expect("a row");
                row.stage_on_completed = Some(StageKey::new("angebot"));
            },
            &["terminarten Planbesprechung: stage_on_completed plan_erstellt → angebot"],
        );
        check(
            |tables| {
                let row = tables.templates.iter().find(|row| row.name == "Planbesprechung").expect("a row").clone();
                tables.templates.retain(|row| row.name != "Planbesprechung");
                tables.templates.push(crate::mapping::tables::Template { name: "Neu".to_owned(), ..row });
            },
            &["terminarten Planbesprechung: -", "terminarten Neu: +"],
        );
        check(|tables| tables.rules.swap(0, 1), &["regeln R3: moved", "regeln R2: moved"]);
        check(|tables| tables.templates.reverse(), &[]);
    }
}
