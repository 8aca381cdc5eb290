//! Rows of all tables alike: under which key each stands, and what its cells hold.

use std::fmt;

use super::tables::{
    Category, Chair, CodeRange, EntryKind, EntryMatch, Fee, Keyed, Location, LossReason, PointValue, Practitioner,
    PropertyRow, Rule, Stage, Status, StatusField, Tables, Template,
};

/// Where a row stands: table (without `.csv`) and key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowRef {
    /// Name of the table.
    pub table: &'static str,
    /// Key of the row, as in [`super::TableDigest`].
    pub key: String,
}

/// A row of any table. `Debug` is its canonical form: every field, by name, as parsed.
pub(super) trait Row: fmt::Debug + Keyed {
    /// What people call it.
    fn name(&self) -> String {
        self.key()
    }

    /// Where it stands.
    fn place(&self) -> RowRef {
        RowRef { table: Self::TABLE, key: self.key() }
    }
}

impl Row for Location {}
impl Row for Category {}
impl Row for Stage {}
impl Row for Rule {}
impl Row for LossReason {}
impl Row for PropertyRow {}
impl Row for Fee {}

impl Row for Chair {
    fn name(&self) -> String {
        self.id.as_ref().or(self.name.as_ref()).or(self.prefix.as_ref()).cloned().unwrap_or_default()
    }
}

impl Row for Practitioner {
    fn name(&self) -> String {
        self.name.clone()
    }
}

impl Row for Template {
    fn name(&self) -> String {
        let from = self.valid_from.map_or_else(String::new, |day| format!(" {day}"));
        format!("{}{}{from}", self.prefix.as_deref().unwrap_or_default(), self.name)
    }
}

impl Row for EntryKind {
    fn name(&self) -> String {
        let what = match &self.matches {
            EntryMatch::Kind(kind) => format!("type {kind}"),
            EntryMatch::Codes(ranges) => {
                let range = |range: &CodeRange| match range {
                    CodeRange::One(code) => code.clone(),
                    CodeRange::Span(first, last) => format!("{first}-{last}"),
                };
                format!("code {}", ranges.iter().map(range).collect::<Vec<_>>().join("|"))
            }
            EntryMatch::Text(pattern) => format!("text {pattern}"),
        };
        self.schedule.as_ref().map_or(what.clone(), |schedule| format!("{what} ({schedule})"))
    }
}

impl Row for Status {
    fn name(&self) -> String {
        match self.field {
            StatusField::State => self.value.clone(),
            StatusField::Confirmation => format!("Bestätigung {}", self.value),
        }
    }
}

impl Row for PointValue {
    fn name(&self) -> String {
        let text = |cell: &Option<String>| cell.as_ref().map_or_else(String::new, |text| format!(" {text}"));
        let from = self.valid_from.map_or_else(String::new, |day| format!(" {day}"));
        format!("{}{}{}{from}", self.schedule, text(&self.area), text(&self.kassenart))
    }
}

/// A row taken out of its table: key, name and cells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Plain {
    pub(super) place: RowRef,
    pub(super) name: String,
    /// Field and value, as parsed.
    pub(super) cells: Vec<(String, String)>,
    canonical: String,
}

impl Plain {
    fn of(row: &impl Row) -> Self {
        let canonical = format!("{row:?}");
        Self { place: row.place(), name: row.name(), cells: cells(&canonical), canonical }
    }

    /// Whether both mean the same.
    pub(super) fn same(&self, other: &Self) -> bool {
        self.canonical == other.canonical
    }
}

/// All rows of all tables, in file order.
pub(super) fn all(tables: &Tables) -> Vec<Plain> {
    // Taken apart by name: a new table cannot be forgotten.
    let Tables {
        locations,
        chairs,
        practitioners,
        templates,
        entry_kinds,
        categories,
        status,
        stages,
        rules,
        reasons,
        properties,
        fees,
        point_values,
        unknown_template: _,
        unknown_status: _,
        trials: _,
        lines: _,
    } = tables;
    let mut rows: Vec<Plain> = Vec::new();
    rows.extend(locations.iter().map(Plain::of));
    rows.extend(chairs.iter().map(Plain::of));
    rows.extend(practitioners.iter().map(Plain::of));
    rows.extend(templates.iter().map(Plain::of));
    rows.extend(entry_kinds.iter().map(Plain::of));
    rows.extend(categories.iter().map(Plain::of));
    rows.extend(status.iter().map(Plain::of));
    rows.extend(stages.iter().map(Plain::of));
    rows.extend(rules.iter().map(Plain::of));
    rows.extend(reasons.iter().map(Plain::of));
    rows.extend(properties.iter().map(Plain::of));
    rows.extend(fees.iter().map(Plain::of));
    rows.extend(point_values.iter().map(Plain::of));
    rows
}

/// The column that a field is read from.
pub(super) fn column<'f>(table: &str, field: &'f str) -> &'f str {
    match (table, field) {
        ("behandlungsstuehle", "id") => "chair_id",
        ("behandlungsstuehle", "name") => "chair_name",
        ("standorte", "key") | ("behandlungsstuehle" | "behandler", "location") => "location_key",
        ("behandler", "id") => "practitioner_id",
        ("terminarten", "name") => "template_name",
        ("eintragsarten", "matches") => "pattern",
        ("status", "field") => "source_field",
        ("status", "value") => "source_value",
        ("pipeline", "key") => "stage_key",
        ("regeln", "states") => "appointment_status",
        ("regeln", "stage") => "deal_stage",
        ("regeln", "categories") => "category",
        ("regeln", "condition") => "bedingung",
        ("regeln", "target") => "stage",
        ("verlustgruende", "key") => "reason_key",
        ("eigenschaften", "name") => "hubspot_property",
        ("eigenschaften", "source") => "source_path",
        ("eigenschaften", "kind") => "type",
        _ => field,
    }
}

/// The fields of a row's canonical form, `Name { field: value, … }`.
fn cells(canonical: &str) -> Vec<(String, String)> {
    let inner = canonical.split_once('{').map_or("", |(_, rest)| rest.strip_suffix('}').unwrap_or(rest));
    let parts = split(inner, ',').into_iter();
    let pair = |part: &str| part.trim().split_once(": ").map(|(field, value)| (field.to_owned(), shown(value)));
    parts.filter_map(pair).collect()
}

/// A value as it stands in a cell.
fn shown(value: &str) -> String {
    let value = value.trim();
    match value {
        "None" | "[]" => return String::new(),
        "true" => return "ja".to_owned(),
        "false" => return "nein".to_owned(),
        _ => {}
    }
    if let Some(text) = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        return text.to_owned();
    }
    if let Some(list) = value.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return split(list, ',').into_iter().map(shown).collect::<Vec<_>>().join("|");
    }
    // `Some(…)`, `StageKey(…)`: what is wrapped counts.
    match value.split_once('(') {
        Some((wrapper, rest)) if wrapper.chars().all(char::is_alphanumeric) => {
            shown(rest.strip_suffix(')').unwrap_or(rest))
        }
        _ => value.to_owned(),
    }
}

/// The parts of a text between separators that stand in no bracket and no quotes.
fn split(text: &str, separator: char) -> Vec<&str> {
    let (mut depth, mut quoted, mut escaped, mut from) = (0_u32, false, false, 0);
    let mut parts = Vec::new();
    for (at, letter) in text.char_indices() {
        if escaped {
            escaped = false;
            continue;
        }
        match letter {
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '(' | '[' | '{' if !quoted => depth += 1,
            ')' | ']' | '}' if !quoted => depth = depth.saturating_sub(1),
            _ if letter == separator && depth == 0 && !quoted => {
                parts.push(text.get(from..at).unwrap_or_default());
                from = at + letter.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(text.get(from..).unwrap_or_default());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::shipped;

    #[test]
    fn cells_are_what_the_row_says() {
        let check = |canonical: &str, wanted: &[(&str, &str)]| {
            let wanted: Vec<(String, String)> =
                wanted.iter().map(|(field, value)| ((*field).to_owned(), (*value).to_owned())).collect();
            assert_eq!(cells(canonical), wanted, "{canonical}");
        };
        check(
            r#"Template { name: "Scan, neu", stage: Some(StageKey(diagnostik)), opens: true, day: None }"#,
            &[("name", "Scan, neu"), ("stage", "diagnostik"), ("opens", "ja"), ("day", "")],
        );
        check(
            r#"Rule { states: [Booked, NoShow], stage: OneOf { none: true, stages: [] }, condition: "a == \"b\"" }"#,
            &[
                ("states", "Booked|NoShow"),
                ("stage", "OneOf { none: true, stages: [] }"),
                ("condition", r#"a == \"b\""#),
            ],
        );
    }

    #[test]
    fn every_shipped_row_has_cells_and_a_key() {
        let mapping = shipped();
        let rows = all(mapping.tables());
        let digests: usize = mapping.digests().tables.iter().map(|table| table.rows.len()).sum();
        assert_eq!(rows.len(), digests);
        for row in rows {
            assert!(!row.place.key.is_empty() && row.cells.len() > 1, "{row:?}");
        }
    }
}
