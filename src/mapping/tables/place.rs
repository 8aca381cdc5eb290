//! What a row is called, and the line of its file where it stands. Lines are for people: they are no part of any digest.

use std::collections::BTreeMap;

use crate::mapping::fold::fold;

use super::{
    Category, Chair, EntryKind, Fee, Location, LossReason, PointValue, Practitioner, PropertyRow, Rule, Stage, Status,
    Template,
};

/// A row that is told apart from the others of its table.
pub(crate) trait Keyed {
    /// The table, without `.csv`.
    const TABLE: &'static str;

    /// What the row is called in digests, differences and look-ups.
    fn key(&self) -> String;
}

macro_rules! keyed {
    ($($row:ident = $table:literal, |$it:ident| $key:expr;)*) => {
        $(impl Keyed for $row {
            const TABLE: &'static str = $table;

            fn key(&self) -> String {
                let $it = self;
                $key
            }
        })*
    };
}

keyed! {
    Location = "standorte", |row| row.key.as_str().to_owned();
    Chair = "behandlungsstuehle", |row| {
        let name = row.id.as_ref().or(row.name.as_ref()).or(row.prefix.as_ref());
        fold(name.map_or("", String::as_str))
    };
    Practitioner = "behandler", |row| fold(row.id.as_ref().unwrap_or(&row.name));
    Template = "terminarten", |row| {
        let from = row.valid_from.map_or_else(String::new, |day| format!(" {day}"));
        fold(&format!("{}{}{from}", row.prefix.as_deref().unwrap_or_default(), row.name))
    };
    EntryKind = "eintragsarten", |row| {
        let schedule = row.schedule.as_deref().map_or_else(String::new, |schedule| format!(" {schedule}"));
        format!("{} {:?}{schedule}", row.priority, row.matches)
    };
    Category = "kategorien", |row| row.key.clone();
    Status = "status", |row| format!("{:?} {}", row.field, row.value);
    Stage = "pipeline", |row| row.key.as_str().to_owned();
    Rule = "regeln", |row| row.id.as_str().to_owned();
    LossReason = "verlustgruende", |row| row.key.clone();
    PropertyRow = "eigenschaften", |row| format!("{} {}", row.object, row.name);
    Fee = "gebuehren", |row| format!("{} {}", row.schedule, row.code);
    PointValue = "punktwerte", |row| {
        format!("{} {:?} {:?} {:?}", row.schedule, row.area, row.kassenart, row.valid_from)
    };
}

/// The line of each row, counted from 1.
#[derive(Clone, Debug, Default)]
pub struct Lines(BTreeMap<(&'static str, String), u32>);

impl Lines {
    /// Remembers the rows of one table and gives them back without their lines. Of two rows with one key the first stays.
    pub(crate) fn keep<R: Keyed>(&mut self, rows: Vec<(u32, R)>) -> Vec<R> {
        let keep = |(line, row): (u32, R)| {
            self.0.entry((R::TABLE, row.key())).or_insert(line);
            row
        };
        rows.into_iter().map(keep).collect()
    }

    /// The line of a row: `terminarten`, `planbesprechung`.
    #[must_use]
    pub(crate) fn of(&self, table: &'static str, key: &str) -> Option<u32> {
        self.0.get(&(table, key.to_owned())).copied()
    }
}
