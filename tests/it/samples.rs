//! Every row of `samples/manifest.csv` ends as it says, through the binary: decisions as `-v` tells them, values as the
//! portal holds them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use chrono::DateTime;
use ivohub::domain::{Object, normalise_id};
use ivohub::sandbox::hubspot::Seen;
use serde_json::Value;

use super::project::{PASSES, Project, Table, key_of};

/// One line of the log about a record or a row.
struct Told {
    outcome: String,
    reason: String,
    header: String,
}

/// The samples in the portal, and what the log said about each row.
struct Loaded {
    project: Project,
    told: BTreeMap<(String, u64), Told>,
    tables: BTreeMap<&'static str, Table>,
    summaries: Vec<Value>,
}

fn load() -> Loaded {
    let project = Project::new();
    let mut summaries = Vec::new();
    for (command, file) in PASSES {
        let input = format!("samples/{file}");
        let args =
            [command, "--input", &input, "--yes", "--json", "-v", "--log-file", "log", "--set", "log.format=json"];
        summaries.push(project.run(&args).exits(3).json());
    }
    let log = fs::read_to_string(project.path("log")).expect("a log");
    let mut told = BTreeMap::new();
    for line in log.lines() {
        let line: Value = serde_json::from_str(line).expect("one object per line");
        let text = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
        let at = text("at");
        let Some((file, number)) = at.strip_prefix("samples/").and_then(|at| at.split_once(':')) else { continue };
        let place = (file.to_owned(), number.parse().expect("a line"));
        let one = Told { outcome: text("outcome"), reason: text("reason"), header: text("header") };
        // What waits is decided again when its patient's other records come; the last word counts.
        told.insert(place, one);
    }
    let tables = PASSES.iter().map(|(_, file)| (*file, Table::of_sample(file))).collect();
    Loaded { project, told, tables, summaries }
}

impl Loaded {
    fn row(&self, file: &str, line: u64) -> (&Table, &[String]) {
        let table = &self.tables[file];
        let row =
            table.rows.iter().find(|(at, _)| *at == line).unwrap_or_else(|| panic!("{file}:{line} begins no row"));
        (table, &row.1)
    }

    /// The row's own id in its normal form.
    fn id(&self, file: &str, line: u64) -> String {
        let (table, row) = self.row(file, line);
        let cell = table.cell(row, own_id(file));
        normalise_id(cell).unwrap_or_default()
    }

    /// The record that the row's own id made.
    fn record(&self, object: Object, id: &str) -> Option<Seen> {
        let found: Vec<Seen> = ["", "sued-"]
            .iter()
            .flat_map(|prefix| self.project.portal.find(object, key_of(object), &format!("{prefix}{id}")))
            .collect();
        assert!(found.len() < 2, "{object} {id} twice");
        found.into_iter().next()
    }

    /// What was told of the row, or of another row with the same id: of several, one counts.
    fn told(&self, file: &str, line: u64) -> Option<&Told> {
        let own = self.told.get(&(file.to_owned(), line));
        let id = self.id(file, line);
        if own.is_some() || id.is_empty() {
            return own;
        }
        let table = &self.tables[file];
        let mut same =
            table.rows.iter().filter(|(_, row)| normalise_id(table.cell(row, own_id(file))).as_deref() == Ok(&id));
        same.find_map(|(at, _)| self.told.get(&(file.to_owned(), *at)))
    }

    fn check(&self, file: &str, line: u64, expectation: &str) -> Result<(), String> {
        let mut parts = expectation.split(" | ");
        let outcome = parts.next().unwrap_or_default();
        self.check_outcome(file, line, outcome)?;
        for part in parts {
            let (place, wanted) = part.split_once('=').ok_or("no value")?;
            let (object, property) = place.split_once('.').ok_or("no property")?;
            let object = Object::from_word(object).ok_or("no object")?;
            let record = self.record(object, &self.id(file, line));
            let found = record.as_ref().map_or("", |record| record.get(property));
            if found != wanted && !same_moment(found, wanted) {
                return Err(format!("{place} is \"{found}\""));
            }
            if record.is_none() && property != key_of(object) {
                return Err(format!("there is no {object}"));
            }
        }
        Ok(())
    }

    fn check_outcome(&self, file: &str, line: u64, outcome: &str) -> Result<(), String> {
        let (word, reason) = outcome.split_once(": ").unwrap_or((outcome, ""));
        if word == "repeated" {
            let id = self.id(file, line);
            let table = &self.tables[file];
            let before = table.rows.iter().take_while(|(at, _)| *at < line);
            let read =
                before.filter(|(_, row)| normalise_id(table.cell(row, own_id(file))).as_deref() == Ok(&id)).count();
            return if read == 1 { Ok(()) } else { Err(format!("its id was read {read} times before")) };
        }
        let told = self.told(file, line).ok_or("nothing was told")?;
        let as_told = format!("told: {} {} {}", told.outcome, told.header, told.reason);
        let own = match file {
            "patienten.csv" => Some(Object::Contact),
            "termine.csv" => Some(Object::Appointment),
            _ => None,
        };
        let record = own.and_then(|object| self.record(object, &self.id(file, line)));
        let fits = match word {
            "held" | "skipped" => told.outcome == word && told.reason.starts_with(reason),
            "rejected" if reason == "row too short" => told.outcome == word && is_short(&told.reason),
            "rejected" => {
                let whole = format!("{}: {}", told.header, told.reason);
                let (header, cause) = reason.split_once(": ").unwrap_or((reason, ""));
                told.outcome == word && whole.contains(header) && told.reason.contains(cause)
            }
            "used" | "unlinked" | "ignored" => told.outcome == word,
            _ => {
                let record = record.as_ref().ok_or_else(|| format!("not in the portal; {as_told}"))?;
                let (email, kept) = (record.get("email"), record.get("ivoris_email"));
                match word {
                    "written" => {}
                    "written without email" if email.is_empty() => {}
                    "written; email in ivoris_email" if email.is_empty() && !kept.is_empty() => {}
                    _ => return Err(format!("e-mail {}, {as_told}", !email.is_empty())),
                }
                ["created", "updated"].contains(&told.outcome.as_str())
            }
        };
        if ["rejected", "skipped"].contains(&word) && record.is_some() {
            return Err("it is in the portal".to_owned());
        }
        if fits { Ok(()) } else { Err(as_told) }
    }
}

/// HubSpot writes one moment in several ways.
fn same_moment(found: &str, wanted: &str) -> bool {
    let moment = |text| DateTime::parse_from_rfc3339(text).ok();
    moment(found).is_some() && moment(found) == moment(wanted)
}

/// "the row has 7 fields, the header 16"
fn is_short(reason: &str) -> bool {
    let numbers: Vec<u32> =
        reason.split(|char: char| !char.is_ascii_digit()).filter_map(|part| part.parse().ok()).collect();
    matches!(numbers.as_slice(), [row, header] if row < header)
}

fn own_id(file: &str) -> &'static str {
    match file {
        "patienten.csv" => "Patient-ID",
        "termine.csv" => "Termin-ID",
        _ => "Eintrag-ID",
    }
}

#[test]
fn every_row_of_the_manifest_ends_as_it_says() {
    let loaded = load();
    let manifest = Table::of_sample("manifest.csv");
    let mut wrong = Vec::new();
    for (_, row) in &manifest.rows {
        let [case, file, line, expectation] = row.as_slice() else { panic!("{row:?}") };
        if let Err(why) = loaded.check(file, line.parse().expect("a line"), expectation) {
            wrong.push(format!("{case} {file}:{line} \"{expectation}\": {why}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), manifest.rows.len(), wrong.join("\n"));
    loaded.every_row_is_told();
    loaded.the_account_is_that_of_the_rows(&manifest);
}

impl Loaded {
    /// No row of the three files ends in silence: `-v` names each, or the row that stands for it.
    fn every_row_is_told(&self) {
        for (_, file) in PASSES {
            for (line, _) in &self.tables[file].rows {
                assert!(self.told(file, *line).is_some(), "{file}:{line} ended in silence");
            }
        }
    }

    /// The summary counts what the rows came to, and its groups name places that fit.
    fn the_account_is_that_of_the_rows(&self, manifest: &Table) {
        for ((_, file), summary) in PASSES.iter().zip(&self.summaries) {
            let kinds = summary["account"]["kinds"].as_object().expect("kinds");
            assert_eq!(kinds.len(), 1);
            let account = kinds.values().next().expect("one kind");
            assert_eq!(account["unaccounted"], 0, "{file}: {account}");
            assert_eq!(account["in_doubt"], 0, "{file}: {account}");
            let table = &self.tables[file];
            assert_eq!(account["read"], table.rows.len(), "{file}");
            let count = |word: &str| {
                let rows = manifest.rows.iter().filter(|(_, row)| row[1] == *file && row[3].starts_with(word));
                rows.map(|(_, row)| row[2].clone()).collect::<BTreeSet<_>>().len()
            };
            for word in ["rejected", "repeated"] {
                assert_eq!(account[word], count(word), "{file} {word}");
            }
            for class in ["held", "rejected", "skipped"] {
                for note in summary["account"][class].as_array().expect("groups") {
                    let place = (file.to_string(), note["line"].as_u64().expect("a line"));
                    let told = &self.told[&place];
                    let reason = note["reason"].as_str().expect("a reason");
                    assert_eq!(told.outcome, class, "{place:?}");
                    assert!(reason.ends_with(&told.reason), "{place:?}: {reason}, told {}", told.reason);
                }
            }
        }
    }
}
