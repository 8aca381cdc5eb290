//! The header row: which column stands where, and why a file is refused before any row is taken.

use std::collections::HashMap;

use crate::domain::{Kind, fold_tight};

use super::column::{Column, Known, known, needed};
use super::error::{Error, HeaderFault};
use super::fields::Fields;
use super::rows::Shape;

/// Longest piece of a header that a message shows.
const SHOWN: usize = 40;

/// Where the columns of one file stand.
#[derive(Clone, Debug)]
pub(super) struct Header {
    places: [Option<usize>; Column::COUNT],
    names: Vec<String>,
    /// Known columns that are not read.
    pub(super) ignored: Vec<String>,
}

impl Header {
    /// Field of a column, counted from 0.
    pub(super) const fn place(&self, column: Column) -> Option<usize> {
        self.places[column as usize]
    }

    /// The header of a field as the file has it.
    pub(super) fn name(&self, field: usize) -> Option<String> {
        self.names.get(field).filter(|name| !name.is_empty()).cloned()
    }

    /// What rows of this file look like.
    pub(super) fn shape(&self) -> Shape {
        let width = self.names.iter().rposition(|name| !name.is_empty()).map_or(0, |last| last + 1);
        let unnamed = (0..width).filter(|field| self.names.get(*field).is_some_and(String::is_empty)).collect();
        Shape { width, unnamed }
    }

    /// Matches the fields of the header row against the columns of `kind`.
    pub(super) fn read(kind: Kind, file: &str, line: u64, fields: Fields<'_>) -> Result<Self, Error> {
        let names: Vec<String> = (0..fields.len()).map(|field| shown(fields.get(field))).collect();
        let with_name = names.iter().filter(|name| !name.is_empty()).count();
        let matched = Matched::of(kind, &names);
        if matched.faults.is_empty() {
            let Matched { places, ignored, .. } = matched;
            return Ok(Self { places, names, ignored });
        }
        let others = Kind::ALL.into_iter().filter(|other| *other != kind);
        let fits = |other: &Kind| Matched::of(*other, &names).faults.len() < matched.faults.len();
        if let Some(found) = others.filter(fits).min_by_key(|other| Matched::of(*other, &names).faults.len()) {
            let best = Matched::of(found, &names);
            if best.known * 2 > with_name {
                return Err(Error::OtherKind { file: file.to_owned(), line, found, wanted: kind });
            }
        }
        if matched.known * 2 <= with_name {
            let first = known(kind).iter().filter(|(column, _)| column.is_some()).take(4);
            let example = first.filter_map(|(_, names)| names.first().copied()).collect::<Vec<_>>().join(";");
            return Err(Error::NoHeader {
                file: file.to_owned(),
                line,
                columns: with_name,
                known: matched.known,
                example,
            });
        }
        Err(Error::Header { file: file.to_owned(), line, faults: matched.faults })
    }
}

struct Matched {
    places: [Option<usize>; Column::COUNT],
    ignored: Vec<String>,
    known: usize,
    faults: Vec<HeaderFault>,
}

impl Matched {
    fn of(kind: Kind, names: &[String]) -> Self {
        let index = index(known(kind));
        let mut matched = Self { places: [None; Column::COUNT], ignored: Vec::new(), known: 0, faults: Vec::new() };
        for (field, name) in names.iter().enumerate().filter(|(_, name)| !name.is_empty()) {
            let column = u32::try_from(field + 1).ok();
            match index.get(&fold_tight(name)) {
                None => matched.faults.push(HeaderFault {
                    column,
                    reason: format!("unknown column \"{name}\""),
                    advice: nearest(kind, name),
                }),
                Some(None) => {
                    matched.known += 1;
                    matched.ignored.push(name.clone());
                }
                Some(Some(known)) => {
                    matched.known += 1;
                    match matched.places[*known as usize] {
                        None => matched.places[*known as usize] = Some(field),
                        Some(first) => matched.faults.push(HeaderFault {
                            column,
                            reason: format!("column \"{name}\" stands there twice, first as column {}", first + 1),
                            advice: "keep one of them".to_owned(),
                        }),
                    }
                }
            }
        }
        for group in needed(kind) {
            if group.iter().all(|column| matched.places[*column as usize].is_none()) {
                let names: Vec<_> = group.iter().map(|column| format!("\"{}\"", first_name(kind, *column))).collect();
                matched.faults.push(HeaderFault {
                    column: None,
                    reason: format!("column {} is missing", names.join(" or ")),
                    advice: "add it to the list in Ivoris and export again".to_owned(),
                });
            }
        }
        matched
    }
}

/// Every spelling that a header may have. `Geändert` is also `Geaendert` and `Geandert`.
fn index(columns: &'static [Known]) -> HashMap<String, Option<Column>> {
    let spellings = |name: &str| {
        let bare: String = name
            .chars()
            .map(|letter| match letter {
                'ä' => 'a',
                'ö' => 'o',
                'ü' => 'u',
                'Ä' => 'A',
                'Ö' => 'O',
                'Ü' => 'U',
                other => other,
            })
            .collect();
        [fold_tight(name), fold_tight(&bare)]
    };
    columns
        .iter()
        .flat_map(|(column, names)| names.iter().flat_map(move |name| spellings(name).map(|key| (key, *column))))
        .collect()
}

/// The name that the Ivoris export gives a column.
pub(super) fn first_name(kind: Kind, column: Column) -> &'static str {
    let known = known(kind).iter().find(|(known, _)| *known == Some(column));
    known.and_then(|(_, names)| names.first().copied()).unwrap_or_default()
}

fn nearest(kind: Kind, name: &str) -> String {
    let wanted = fold_tight(name);
    let names = known(kind).iter().flat_map(|(_, names)| names.iter().copied());
    let best = names
        .map(|name| (strsim::jaro_winkler(&wanted, &fold_tight(name)), name))
        .max_by(|one, other| one.0.total_cmp(&other.0));
    match best {
        Some((score, name)) if score > 0.8 => format!("did you mean \"{name}\"? rename the column or delete it"),
        _ => "rename it to a known column or delete it from the file".to_owned(),
    }
}

/// A header as messages show it: one line, no control characters, not endless.
fn shown(raw: &str) -> String {
    let clean: String = raw.trim().chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    let mut letters = clean.trim().chars();
    let mut name: String = letters.by_ref().take(SHOWN).collect();
    if letters.next().is_some() {
        name.push('…');
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_columns_of_a_file_share_a_name() {
        for kind in Kind::ALL {
            let mut seen: HashMap<String, Option<Column>> = HashMap::new();
            for (column, names) in known(kind) {
                for name in *names {
                    let before = seen.insert(fold_tight(name), *column);
                    assert!(before.is_none_or(|before| before == *column), "{kind:?} {name}");
                }
            }
        }
    }
}
