//! Values that were seen and have no row in the tables, each with the row that would know it (`mappings.md` M050).

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::domain::{InstanceKey, fold};
use crate::mapping::Mapping;

use super::survey::ProfileFound;
use super::words::Words;

/// A value without a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unmapped {
    /// The table: `terminarten.csv`.
    pub table: String,
    /// The value as Ivoris has it.
    pub value: String,
    /// How often it was seen.
    pub count: u64,
    /// Records are held until it has a row. A row for another value would only add something.
    pub needed: bool,
    /// Only a person knows what the row has to say; it stands behind a `#` until then.
    pub open: bool,
    /// The row: column → cell.
    pub row: BTreeMap<String, String>,
}

impl Unmapped {
    /// Whether the tables know the value by now.
    pub(super) fn is_known(&self, mapping: &Mapping, today: NaiveDate) -> bool {
        let cell = |column: &str| self.row.get(column).map_or("", String::as_str);
        let tables = mapping.tables();
        match self.table.as_str() {
            "terminarten.csv" => mapping.template(&self.value, today).is_some(),
            "behandlungsstuehle.csv" => mapping.knows_chair(&self.value) || mapping.knows_chair(cell("chair_id")),
            "status.csv" if cell("source_field") == "State" => mapping.state(cell("source_value"), "").is_ok(),
            "status.csv" => mapping.knows_confirmation(cell("source_value")),
            "eintragsarten.csv" => mapping.state_words().contains(&fold(cell("pattern")).as_str()),
            "behandler.csv" => tables.practitioners.iter().any(|row| fold(&row.name) == fold(&self.value)),
            "standorte.csv" => {
                let instance = InstanceKey::new(cell("instance"));
                [cell("profile_id"), cell("mandant_index")]
                    .into_iter()
                    .any(|profile| !profile.is_empty() && mapping.location_of_profile(&instance, profile).is_some())
            }
            _ => false,
        }
    }
}

/// The header of a table, as the practice has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Columns, as written.
    pub columns: Vec<String>,
    /// Between them.
    pub delimiter: char,
}

impl Header {
    /// The first row of a table that is neither empty nor a comment.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        let line = text.trim_start_matches('\u{feff}').lines().find(|line| {
            let line = line.trim();
            !line.is_empty() && !line.starts_with('#')
        })?;
        let delimiter = [';', '\t', ','].into_iter().max_by_key(|char| (line.matches(*char).count(), *char == ';'))?;
        let columns = line.split(delimiter).map(|name| name.trim().trim_matches('"').to_owned()).collect();
        Some(Self { columns, delimiter })
    }

    /// The line of a table that says what `row` says; a `#` stands before one that a person has to complete.
    #[must_use]
    pub fn line(&self, row: &Unmapped) -> String {
        let cell = |column: &String| {
            let text = row.row.get(fold(column).as_str()).map_or("", String::as_str);
            if text.contains([self.delimiter, '"', '\n']) || text.starts_with('#') {
                format!("\"{}\"", text.replace('"', "\"\""))
            } else {
                text.to_owned()
            }
        };
        let cells: Vec<String> = self.columns.iter().map(cell).collect();
        format!("{}{}", if row.open { "# " } else { "" }, cells.join(&self.delimiter.to_string()))
    }
}

/// What was seen of one installation.
pub(super) struct Values<'v> {
    pub(super) instance: &'v InstanceKey,
    /// A day on which the rows have to hold.
    pub(super) today: NaiveDate,
    pub(super) templates: Vec<Value<'v>>,
    pub(super) chairs: Vec<Value<'v>>,
    pub(super) practitioners: Vec<Value<'v>>,
    pub(super) states: Option<&'v Words>,
    pub(super) confirmations: Option<&'v Words>,
    /// Types of entries that no row takes.
    pub(super) entry_kinds: &'v BTreeMap<String, u64>,
    /// Schedules and codes that no row takes.
    pub(super) entry_codes: &'v BTreeMap<(String, String), u64>,
    pub(super) profiles: &'v [ProfileFound],
}

/// One named thing.
pub(super) struct Value<'v> {
    pub(super) id: &'v str,
    pub(super) name: &'v str,
    pub(super) minutes: Option<&'v str>,
    pub(super) profile: Option<&'v str>,
    pub(super) used: u64,
}

/// What has no row; what holds records stands first, the most frequent first.
pub(super) fn unmapped(values: &Values<'_>, mapping: &Mapping) -> Vec<Unmapped> {
    let mut found: Vec<Unmapped> = values.templates.iter().filter_map(|one| template(one, values, mapping)).collect();
    found.extend(values.chairs.iter().filter_map(|one| chair(one, values, mapping)));
    found.extend(states(values.states, "State", |word| mapping.state(word, "").is_ok()));
    found.extend(states(values.confirmations, "Confirmation", |word| mapping.knows_confirmation(word)));
    found.extend(values.entry_kinds.iter().map(|(kind, count)| entry_kind(kind, *count)));
    found.extend(values.entry_codes.iter().map(|((schedule, code), count)| entry_code(schedule, code, *count)));
    found.extend(values.practitioners.iter().filter_map(|one| practitioner(one, mapping)));
    found.extend(values.profiles.iter().filter_map(|one| profile(one, values, mapping)));
    merged(found, u64::saturating_add)
}

/// One row per value, its counts put together; what holds records stands first, the most frequent first.
pub(super) fn merged(all: Vec<Unmapped>, count: fn(u64, u64) -> u64) -> Vec<Unmapped> {
    let mut merged: BTreeMap<(String, String), Unmapped> = BTreeMap::new();
    for one in all {
        match merged.entry((one.table.clone(), fold(&one.value))) {
            Entry::Occupied(mut have) => {
                let have = have.get_mut();
                have.count = count(have.count, one.count);
                have.needed |= one.needed;
            }
            Entry::Vacant(place) => drop(place.insert(one)),
        }
    }
    let mut all: Vec<Unmapped> = merged.into_values().collect();
    all.sort_by(|a, b| {
        (!a.needed, &a.table, std::cmp::Reverse(a.count)).cmp(&(!b.needed, &b.table, std::cmp::Reverse(b.count)))
    });
    all
}

fn row(cells: &[(&str, &str)]) -> BTreeMap<String, String> {
    cells.iter().map(|(column, cell)| ((*column).to_owned(), (*cell).to_owned())).collect()
}

fn template(one: &Value<'_>, values: &Values<'_>, mapping: &Mapping) -> Option<Unmapped> {
    if mapping.template(one.name, values.today).is_some() {
        return None;
    }
    let bare = mapping.without_location_prefix(one.name);
    let no = "nein";
    let row = row(&[
        ("template_id", one.id),
        ("template_name", bare),
        ("opens_deal", no),
        ("is_first_consult", no),
        ("is_treatment_start", no),
        ("is_treatment_end", no),
        ("is_misc", no),
        ("default_minutes", one.minutes.unwrap_or_default()),
    ]);
    let (table, value) = ("terminarten.csv".to_owned(), bare.to_owned());
    Some(Unmapped { table, value, count: one.used, needed: one.used > 0, open: true, row })
}

fn chair(one: &Value<'_>, values: &Values<'_>, mapping: &Mapping) -> Option<Unmapped> {
    if mapping.knows_chair(one.name) || mapping.knows_chair(one.id) {
        return None;
    }
    let location = one.profile.and_then(|profile| mapping.location_of_profile(values.instance, profile));
    // Without a row, an appointment still finds its location where the installation has one only.
    let needed = one.used > 0 && mapping.only_location_of(values.instance).is_none();
    let row = row(&[
        ("chair_id", one.id),
        ("chair_name", one.name),
        ("location_key", location.map_or("", |location| location.key.as_str())),
        ("active", "ja"),
    ]);
    let (table, value) = ("behandlungsstuehle.csv".to_owned(), one.name.to_owned());
    Some(Unmapped { table, value, count: one.used, needed, open: location.is_none(), row })
}

/// What a state means whose spelling leaves no doubt (`ivoris-api.md` 9.4).
const MEANINGS: [(&str, &[&str]); 6] = [
    ("booked", &["planned", "open", "scheduled", "new", "geplant", "offen"]),
    ("confirmed", &["confirmed", "bestaetigt"]),
    ("arrived", &["waiting", "arrived", "inwaitingroom", "wartet"]),
    ("completed", &["completed", "done", "finished", "treated", "erledigt", "abgeschlossen"]),
    ("cancelled", &["cancelled", "canceled", "abgesagt", "storniert"]),
    ("no_show", &["noshow", "missed", "notappeared", "nichterschienen"]),
];

fn states<'v>(
    words: Option<&'v Words>,
    field: &'static str,
    known: impl Fn(&str) -> bool + 'v,
) -> impl Iterator<Item = Unmapped> + 'v {
    let unknown = words.into_iter().flat_map(|words| &words.words).filter(move |(word, _)| !known(word));
    unknown.map(move |(word, count)| {
        let folded = crate::domain::fold_tight(word);
        let meaning = MEANINGS.iter().find(|(_, all)| all.contains(&folded.as_str())).map(|(meaning, _)| *meaning);
        let state = field == "State";
        // A confirmation may only say `confirmed` or nothing.
        let canonical = meaning.filter(|meaning| state || *meaning == "confirmed");
        Unmapped {
            table: "status.csv".to_owned(),
            value: format!("{field} {word}"),
            count: *count,
            needed: state,
            open: state && canonical.is_none(),
            row: row(&[("source_field", field), ("source_value", word), ("canonical", canonical.unwrap_or_default())]),
        }
    })
}

fn entry_kind(kind: &str, count: u64) -> Unmapped {
    Unmapped {
        table: "eintragsarten.csv".to_owned(),
        value: kind.to_owned(),
        count,
        needed: true,
        open: false,
        row: row(&[
            ("match", "type"),
            ("pattern", kind),
            ("handler", "ignore"),
            ("counts_revenue", "nein"),
            ("amount_source", "none"),
            ("priority", "90"),
        ]),
    }
}

/// What a code stands for is in no list of Ivoris.
fn entry_code(schedule: &str, code: &str, count: u64) -> Unmapped {
    Unmapped {
        table: "eintragsarten.csv".to_owned(),
        value: format!("{schedule} {code}").trim().to_owned(),
        count,
        needed: true,
        open: true,
        row: row(&[
            ("match", "code"),
            ("pattern", code),
            ("schedule", schedule),
            ("counts_revenue", "ja"),
            ("amount_source", "points"),
            ("priority", "20"),
        ]),
    }
}

fn practitioner(one: &Value<'_>, mapping: &Mapping) -> Option<Unmapped> {
    let rows = &mapping.tables().practitioners;
    let known = rows.iter().any(|row| fold(&row.name) == fold(one.name) || row.id.as_deref() == Some(one.id));
    (!known && !one.name.is_empty()).then(|| Unmapped {
        table: "behandler.csv".to_owned(),
        value: one.name.to_owned(),
        count: one.used,
        needed: false,
        open: false,
        row: row(&[("practitioner_id", one.id), ("name", one.name)]),
    })
}

fn profile(one: &ProfileFound, values: &Values<'_>, mapping: &Mapping) -> Option<Unmapped> {
    let mandant = one.mandant.as_deref().unwrap_or_default();
    let known = mapping.only_location_of(values.instance).is_some()
        || mapping.location_of_profile(values.instance, &one.id).is_some()
        || (!mandant.is_empty() && mapping.location_of_profile(values.instance, mandant).is_some());
    (!known).then(|| Unmapped {
        table: "standorte.csv".to_owned(),
        value: one.name.clone().unwrap_or_else(|| one.id.clone()),
        count: 0,
        needed: false,
        open: true,
        row: row(&[
            ("name", one.name.as_deref().unwrap_or_default()),
            ("instance", values.instance.as_str()),
            ("profile_id", &one.id),
            ("mandant_index", mandant),
            ("active", "ja"),
        ]),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::shipped;

    fn value(name: &str, used: u64) -> Value<'_> {
        Value { id: "id-1", name, minutes: Some("20"), profile: None, used }
    }

    #[test]
    fn what_has_no_row_gets_one() {
        let instance = InstanceKey::new("nord");
        let words = |all: &[&str]| Words {
            words: all.iter().map(|word| ((*word).to_owned(), 4)).collect(),
            ..Words::default()
        };
        let (states, confirmations) = (words(&["Planned", "Warteliste"]), words(&["None", "Maybe"]));
        let kinds = BTreeMap::from([("Röntgen".to_owned(), 3)]);
        let profiles =
            [ProfileFound { id: "p-9".to_owned(), name: Some("MVZ; Nord".to_owned()), mandant: Some("9".to_owned()) }];
        let values = Values {
            instance: &instance,
            today: NaiveDate::from_ymd_opt(2026, 11, 23).expect("a day"),
            templates: vec![
                value("NB_Kontrolle KIG", 4),
                value("NB_PZR", 9),
                value("Alt", 0),
                value("SB_Kontrolle KIG", 3),
            ],
            chairs: vec![value("NB_Zimmer 9", 9), value("Zimmer X", 5), value("Verwaltung", 1)],
            practitioners: vec![value("Dr. Ahrens", 3), value("Dr. Neu", 2)],
            states: Some(&states),
            confirmations: Some(&confirmations),
            entry_kinds: &kinds,
            entry_codes: &BTreeMap::from([(("GOZ".to_owned(), "9999".to_owned()), 2)]),
            profiles: &profiles,
        };
        let found = unmapped(&values, &shipped());
        let line = |one: &Unmapped| {
            let text = crate::mapping::shipped_file(&one.table).expect("a table");
            let mark = if one.needed { "!" } else { "" };
            format!("{mark}{} ×{}: {}", one.table, one.count, Header::of(text).expect("a header").line(one))
        };
        assert_eq!(
            found.iter().map(line).collect::<Vec<_>>(),
            [
                "!behandlungsstuehle.csv ×5: # id-1;Zimmer X;;;ja;",
                "!eintragsarten.csv ×3: type;Röntgen;;;ignore;nein;none;;;90;",
                "!eintragsarten.csv ×2: # code;9999;GOZ;;;ja;points;;;20;",
                "!status.csv ×4: # State;Warteliste;;",
                "!terminarten.csv ×7: # Kontrolle KIG;;;;;nein;nein;nein;nein;nein;20;;;",
                "behandler.csv ×2: id-1;Dr. Neu;;;",
                "standorte.csv ×0: # ;\"MVZ; Nord\";;nord;p-9;9;;;ja",
                "status.csv ×4: Confirmation;Maybe;;",
                "terminarten.csv ×0: # Alt;;;;;nein;nein;nein;nein;nein;20;;;",
            ]
        );
    }

    #[test]
    fn headers_are_read_as_they_are_written() {
        let check = |text: &str, columns: &[&str], delimiter: char| {
            let header = Header::of(text).expect("a header");
            assert_eq!((header.columns.join("|"), header.delimiter), (columns.join("|"), delimiter));
        };
        check("\u{feff}# note\n\nName , \"Id\"\nx,y", &["Name", "Id"], ',');
        check("chair_id;chair_name\n", &["chair_id", "chair_name"], ';');
        assert_eq!(Header::of("\n# only\n"), None);
    }
}
