//! `standorte`, `behandlungsstuehle`, `behandler`, `terminarten`.

use std::collections::HashMap;

use chrono::NaiveDate;

use crate::domain::{InstanceKey, LocationKey};
use crate::mapping::fold::fold;
use crate::mapping::tables::{Chair, Location, Practitioner, Template};

use super::row::{Once, Placed, Problems, References, Row};
use super::sheet::Sheet;

pub(super) fn locations(sheet: &Sheet, problems: &Problems) -> Placed<Location> {
    let (mut keys, mut names, mut prefixes) = (Once::default(), Once::default(), Once::default());
    let read = |row: Row<'_>| {
        let key = row.key("location_key")?;
        keys.check(&row, "location_key", fold(key), key);
        let name = row.text("name").unwrap_or_else(|| key.to_owned());
        names.check(&row, "name", fold(&name), &name);
        let prefix = row.text("prefix");
        if let Some(prefix) = &prefix {
            prefixes.check(&row, "prefix", fold(prefix), prefix);
        }
        Some(Location {
            key: LocationKey::new(key),
            city: row.text("city").unwrap_or_default(),
            instance: InstanceKey::new(&row.text("instance").unwrap_or_else(|| key.to_owned())),
            profile_id: row.text("profile_id"),
            mandant_index: row.text("mandant_index"),
            hubspot_value: row.text("hubspot_value").unwrap_or_else(|| key.to_owned()),
            prefix,
            active: row.flag("active", true),
            name,
        })
    };
    let rows = Row::each(sheet, problems, read);
    one_location_per_name(sheet, &rows, problems);
    rows
}

/// A `Standort` text may be key, name or HubSpot value: no such text may mean two locations.
fn one_location_per_name(sheet: &Sheet, rows: &[(u32, Location)], problems: &Problems) {
    let mut owner: HashMap<String, &LocationKey> = HashMap::new();
    if rows.len() != sheet.len() {
        return;
    }
    for (row, (_, location)) in Row::all(sheet, problems).zip(rows) {
        for (column, text) in [
            ("location_key", location.key.as_str()),
            ("name", &location.name),
            ("hubspot_value", &location.hubspot_value),
        ] {
            let first = *owner.entry(fold(text)).or_insert(&location.key);
            if *first != location.key && column != "location_key" {
                let message = format!("\"{text}\" already means the location {first}");
                problems.add(row.problem(column, "M020", message).help("give each location a text of its own"));
            }
        }
    }
}

pub(super) fn chairs(sheet: &Sheet, locations: &[Location], known: &References, problems: &Problems) -> Placed<Chair> {
    let (mut names, mut prefixes) = (Once::default(), Once::default());
    let read = |row: Row<'_>| {
        let location = row.reference("location_key", row.cell("location_key"), "M012", "location", &known.locations);
        let chair = Chair {
            id: row.text("chair_id"),
            name: row.text("chair_name"),
            prefix: row.text("prefix"),
            location: location.map(|key| LocationKey::new(&key)),
            active: row.flag("active", true),
        };
        if chair.id.is_none() && chair.name.is_none() && chair.prefix.is_none() {
            row.complain("chair_name", "M018", "a chair needs an id, a name or a prefix");
            return None;
        }
        for (column, text) in [("chair_id", &chair.id), ("chair_name", &chair.name)] {
            if let Some(text) = text {
                names.check(&row, column, fold(text), text);
            }
        }
        if let Some(prefix) = &chair.prefix {
            prefixes.check(&row, "prefix", fold(prefix), prefix);
            let same = |other: &&Location| other.prefix.as_deref().is_some_and(|other| fold(other) == fold(prefix));
            if let Some(other) = locations.iter().find(same).filter(|other| chair.location.as_ref() != Some(&other.key))
            {
                let message = format!("the prefix \"{prefix}\" hides the one of the location {}", other.key);
                let problem =
                    row.problem("prefix", "M023", message).note("standorte.csv gives this prefix another location");
                problems.add(problem.help("use the same location in both tables"));
            }
        }
        Some(chair)
    };
    Row::each(sheet, problems, read)
}

pub(super) fn practitioners(sheet: &Sheet, known: &References, problems: &Problems) -> Placed<Practitioner> {
    let mut once = Once::default();
    let read = |row: Row<'_>| {
        let name = row.needed("name")?;
        let id = row.text("practitioner_id");
        let shown = id.as_deref().unwrap_or(name);
        once.check(&row, "name", fold(shown), shown);
        let location = row.reference("location_key", row.cell("location_key"), "M012", "location", &known.locations);
        Some(Practitioner {
            name: name.to_owned(),
            role: row.text("role").unwrap_or_default(),
            hubspot_owner: row.text("hubspot_owner"),
            location: location.map(|key| LocationKey::new(&key)),
            id,
        })
    };
    Row::each(sheet, problems, read)
}

type Validity = (Option<NaiveDate>, Option<NaiveDate>);

pub(super) fn templates(sheet: &Sheet, known: &References, problems: &Problems) -> Placed<Template> {
    let mut seen: HashMap<String, Vec<(Validity, u32)>> = HashMap::new();
    let read = |row: Row<'_>| {
        let name = row.needed("template_name")?;
        let template = Template {
            name: name.to_owned(),
            prefix: row.text("prefix"),
            category: row.category("category", known).unwrap_or_default(),
            stage_on_booked: row.stage("stage_on_booked", known),
            stage_on_completed: row.stage("stage_on_completed", known),
            opens_deal: row.flag("opens_deal", false),
            is_first_consult: row.flag("is_first_consult", false),
            is_treatment_start: row.flag("is_treatment_start", false),
            is_treatment_end: row.flag("is_treatment_end", false),
            is_misc: row.flag("is_misc", false),
            attaches: row.flag("attaches", true) || row.flag("opens_deal", false),
            default_minutes: row.number("default_minutes"),
            valid_from: row.day("valid_from"),
            valid_to: row.day("valid_to"),
        };
        validity(&row, &template, &mut seen);
        if template.is_misc && template.opens_deal {
            let problem =
                row.problem("opens_deal", "M024", format!("\"{name}\" is no patient's appointment and opens a deal"));
            problems.add(problem.help("write nein in opens_deal or in is_misc"));
        }
        Some(template)
    };
    Row::each(sheet, problems, read)
}

fn validity(row: &Row<'_>, template: &Template, seen: &mut HashMap<String, Vec<(Validity, u32)>>) {
    let dates = (template.valid_from, template.valid_to);
    if let (Some(first), Some(last)) = dates
        && last < first
    {
        row.complain("valid_to", "M021", "the row ends before it begins");
    }
    let rows =
        seen.entry(fold(&format!("{}{}", template.prefix.as_deref().unwrap_or_default(), template.name))).or_default();
    let overlaps = |other: &Validity| {
        let before = |end: Option<NaiveDate>, start: Option<NaiveDate>| matches!((end, start), (Some(end), Some(start)) if end < start);
        !before(other.1, dates.0) && !before(dates.1, other.0)
    };
    if let Some((other, line)) = rows.iter().find(|(other, _)| overlaps(other)) {
        let problem = if *other == dates {
            row.problem("template_name", "M020", format!("\"{}\" stands there twice", template.name))
                .help("keep one of the two rows")
        } else {
            let message = format!("two rows for \"{}\" hold on the same day", template.name);
            row.problem("valid_from", "M021", message).help("let one end the day before the other begins")
        };
        row.problems.add(problem.note(row.sheet.shown("first in", *line)));
    }
    rows.push((dates, row.line()));
}
