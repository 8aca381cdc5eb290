//! `eigenschaften`: what may leave the host, under which name, and who owns it.

use std::collections::HashSet;

use crate::domain::{AppointmentState, Object, Overwrite, PropertyName};
use crate::mapping::problem::{Problem, advice};
use crate::mapping::states::{is_state_map, pairs};
use crate::mapping::tables::{DataClass, PropertyRow, PropertyType};
use crate::mapping::words::SourceWord;

use super::private::is_kept;
use super::row::{Once, Placed, Problems, Row};
use super::sheet::Sheet;

const TYPES: [(&str, PropertyType); 9] = [
    ("text", PropertyType::Text),
    ("phone", PropertyType::Phone),
    ("number", PropertyType::Number),
    ("money", PropertyType::Money),
    ("date", PropertyType::Date),
    ("datetime", PropertyType::Datetime),
    ("bool", PropertyType::Bool),
    ("select", PropertyType::Select),
    ("multi_select", PropertyType::MultiSelect),
];

const OVERWRITES: [(&str, Overwrite); 4] = [
    ("always", Overwrite::Always),
    ("if_tool", Overwrite::IfTool),
    ("if_empty", Overwrite::IfEmpty),
    ("never", Overwrite::Never),
];

const CLASSES: [(&str, DataClass); 4] = [
    ("technical", DataClass::Technical),
    ("person", DataClass::Person),
    ("care", DataClass::Care),
    ("health", DataClass::Health),
];

/// The transformations, each with the types of value it makes sense for; empty = any.
const TRANSFORMS: [(&str, &[PropertyType]); 6] = [
    ("trim", &[PropertyType::Text]),
    ("lower", &[PropertyType::Text]),
    ("de", &[PropertyType::Phone]),
    ("at", &[PropertyType::Phone]),
    ("ch", &[PropertyType::Phone]),
    ("eur", &[PropertyType::Money]),
];

pub(super) fn properties(sheet: &Sheet, problems: &Problems) -> Placed<PropertyRow> {
    let objects: Vec<(&str, Object)> = Object::ALL.into_iter().map(|object| (object.word(), object)).collect();
    let mut once = Once::default();
    let read = |row: Row<'_>| {
        let object = row.word("object", "M014", None, &objects);
        let name = property_name(&row);
        let word = source_word(&row, object);
        let natural = word.map_or(PropertyType::Text, SourceWord::kind);
        // Every cell is read before the first that is missing ends it.
        let kind = row.word("type", "M014", Some(natural), &TYPES);
        let transform = transform(&row, word);
        let overwrite = row.word("overwrite", "M014", Some(Overwrite::IfTool), &OVERWRITES);
        let class = row.word("class", "M014", None, &CLASSES);
        let unique = row.flag("unique", false);
        if let (Some(object), Some(name)) = (object, name) {
            once.check(&row, "hubspot_property", format!("{object} {name}"), name);
        }
        let (object, name, word) = (object?, name?, word?);
        kind.into_iter().for_each(|kind| fitting(&row, word, kind));
        class.into_iter().for_each(|class| privacy(&row, word, class));
        let property = PropertyRow {
            object,
            name: PropertyName::new(name),
            label: row.text("label").unwrap_or_else(|| name.to_owned()),
            source: word.word().to_owned(),
            kind: kind?,
            transform: transform?,
            overwrite: overwrite?,
            class: class?,
            unique,
        };
        let is_key = word == SourceWord::key_of(object);
        if is_key != property.unique {
            let message = if is_key {
                format!("{name} holds the key of the {object} and must be unique")
            } else {
                format!("{name} cannot be unique: it is not the key of the {object}")
            };
            problems.add(
                row.problem("unique", "M017", message)
                    .help(format!("write {} in unique", if is_key { "ja" } else { "nein" })),
            );
        }
        Some(property)
    };
    let rows = Row::each(sheet, problems, read);
    if sheet.len() > 0 && rows.len() == sheet.len() && sheet.is_whole() {
        keys_present(sheet, &rows, problems);
    }
    rows
}

fn property_name<'s>(row: &Row<'s>) -> Option<&'s str> {
    let name = row.needed("hubspot_property")?;
    let sound = name.len() <= 100
        && name.starts_with(|letter: char| letter.is_ascii_lowercase())
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if !sound {
        let problem = row.problem("hubspot_property", "M019", format!("\"{name}\" is not a property name"));
        row.problems.add(problem.help("use the internal name: lower-case letters, digits and _, a letter first"));
        return None;
    }
    Some(name)
}

fn source_word(row: &Row<'_>, object: Option<Object>) -> Option<SourceWord> {
    let text = row.needed("source_path")?;
    let known = || {
        SourceWord::ALL
            .iter()
            .filter(|word| object.is_none_or(|object| word.object() == object))
            .map(|word| word.word())
    };
    let word = SourceWord::from_word(text).filter(|word| object.is_none_or(|object| word.object() == object));
    if word.is_none() && SourceWord::from_word(text).is_none() && is_kept(text) {
        let problem = row.problem("source_path", "M070", format!("\"{text}\" would be health data or free text"));
        row.problems.add(problem.note("it never leaves the host").help("delete the row"));
        return None;
    }
    if word.is_none() {
        let what =
            if SourceWord::from_word(text).is_some() { "belongs to another object" } else { "is no source word" };
        let mut problem = row.problem("source_path", "M015", format!("\"{text}\" {what}"));
        problem.help = advice(text, known());
        row.problems.add(problem);
    }
    word
}

fn transform(row: &Row<'_>, word: Option<SourceWord>) -> Option<String> {
    let cell = row.cell("transform");
    if cell.is_empty() {
        return Some(String::new());
    }
    if is_state_map(cell) {
        return word.map_or_else(|| Some(cell.to_owned()), |word| state_map(row, word, cell));
    }
    let words = TRANSFORMS.map(|(name, kinds)| (name, (name, kinds)));
    let (name, kinds) = row.one_of("transform", "M014", cell, &words)?;
    if let Some(word) = word.filter(|word| !kinds.contains(&word.kind())) {
        let message = format!("\"{name}\" does not fit {}", word.word());
        row.complain("transform", "M014", message, "leave the cell empty, or choose one for values of this type");
    }
    Some(name.to_owned())
}

/// A state in the portal's words: every part is a state and a value, and every state has one.
fn state_map(row: &Row<'_>, word: SourceWord, cell: &str) -> Option<String> {
    if word != SourceWord::AppointmentStatus {
        let message = format!("{} is no state; only appointment.status can be mapped", word.word());
        row.complain("transform", "M014", message, "leave the cell empty");
        return None;
    }
    let known = || AppointmentState::ALL.into_iter().map(AppointmentState::word);
    let mut named: HashSet<&str> = HashSet::new();
    for pair in pairs(cell) {
        match pair {
            None => row.complain("transform", "M014", "a part is no state with its value", "write booked=SCHEDULED"),
            Some((state, _)) if state != "*" && AppointmentState::from_word(state).is_none() => {
                let mut problem = row.problem("transform", "M016", format!("\"{state}\" is no state"));
                problem.help = advice(state, known());
                row.problems.add(problem);
            }
            Some((state, _)) if !named.insert(state) => {
                let message = format!("\"{state}\" stands there twice");
                row.complain("transform", "M020", message, "keep one of the two");
            }
            Some(_) => {}
        }
    }
    let missing: Vec<&str> = known().filter(|state| !named.contains("*") && !named.contains(state)).collect();
    if !missing.is_empty() {
        let problem = row.problem("transform", "M018", format!("no value for the states {}", missing.join(", ")));
        row.problems.add(problem.help("add them, or *=VALUE for all that are not named"));
    }
    Some(cell.to_owned())
}

/// Every value may be kept as text; all else must be what the value is by nature.
fn fitting(row: &Row<'_>, word: SourceWord, kind: PropertyType) {
    let number = word.kind() == PropertyType::Money && kind == PropertyType::Number;
    let choice = word.kind() == PropertyType::Text && kind == PropertyType::Select;
    if kind != word.kind() && kind != PropertyType::Text && !number && !choice {
        let natural = TYPES.iter().find(|(_, known)| *known == word.kind()).map_or("text", |(name, _)| name);
        let problem = row.problem("type", "M019", format!("{} is not of type {}", word.word(), row.cell("type")));
        row.problems.add(problem.help(format!("write {natural}, or text")));
    }
}

fn privacy(row: &Row<'_>, word: SourceWord, class: DataClass) {
    if class == DataClass::Health && row.cell("reason").is_empty() {
        let message = format!("{} is of class health and gives no reason", row.cell("hubspot_property"));
        let problem = row.problem("class", "M070", message).note("health data is off by default");
        row.problems.add(
            problem
                .help("fill the column reason, and use a property that HubSpot keeps as sensitive; or delete the row"),
        );
    }
    if word.is_person() && matches!(class, DataClass::Technical | DataClass::Care) {
        let message = format!("{} is of class person, not {}", word.word(), row.cell("class"));
        row.problems.add(row.problem("class", "M070", message).help("write person in class"));
    }
}

fn keys_present(sheet: &Sheet, rows: &[(u32, PropertyRow)], problems: &Problems) {
    let used: HashSet<&str> = rows.iter().map(|(_, row)| row.source.as_str()).collect();
    for object in Object::ALL {
        let key = SourceWord::key_of(object).word();
        if !used.contains(key) {
            let message = format!("no property holds the key of the {object}");
            let problem = Problem::of_file("M017", sheet.file, message);
            problems.add(
                problem
                    .note("without it every run would create duplicates")
                    .help(format!("add a row with source_path {key} and unique ja")),
            );
        }
    }
}
