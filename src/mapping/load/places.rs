//! `standorte`, `behandlungsstuehle`, `behandler`, `terminarten`.

use std::collections::HashMap;

use chrono::NaiveDate;

use crate::domain::{InstanceKey, LocationKey};
use crate::mapping::fold::fold;
use crate::mapping::tables::{Chair, Location, Practitioner, Stage, Template};

use super::row::{Once, Placed, Problems, References, Row};
use super::sheet::Sheet;

pub(super) fn locations(sheet: &Sheet, problems: &Problems) -> Placed<Location> {
    let (mut keys, mut texts, mut prefixes) = (Once::default(), Texts::default(), Prefixes::default());
    let mut profiles: HashMap<(String, &str, String), u32> = HashMap::new();
    let read = |row: Row<'_>| {
        let (key, active) = (row.key("location_key"), row.flag("active", true));
        let key = key?;
        keys.check(&row, "location_key", fold(key), key);
        let location = Location {
            key: LocationKey::new(key),
            name: row.text("name").unwrap_or_else(|| key.to_owned()),
            city: row.text("city").unwrap_or_default(),
            instance: InstanceKey::new(&row.text("instance").unwrap_or_else(|| key.to_owned())),
            profile_id: row.text("profile_id"),
            mandant_index: row.text("mandant_index"),
            hubspot_value: row.text("hubspot_value").unwrap_or_else(|| key.to_owned()),
            prefix: row.text("prefix"),
            active,
        };
        texts.check(&row, &location);
        if let Some(prefix) = &location.prefix {
            prefixes.check(&row, prefix, Some(&location.key));
        }
        for (column, text) in [("profile_id", &location.profile_id), ("mandant_index", &location.mandant_index)] {
            let Some(text) = text else { continue };
            let first = *profiles.entry((fold(location.instance.as_str()), column, fold(text))).or_insert(row.line());
            if first != row.line() {
                let message = format!("two locations of {} have the {column} \"{text}\"", location.instance);
                let problem = row.problem(column, "M022", message).warn().note(sheet.shown("the other is", first));
                problems.add(
                    problem.help("a profile that several locations share says nothing: leave it empty in both rows"),
                );
            }
        }
        Some(location)
    };
    Row::each(sheet, problems, read)
}

/// A `Standort` text may be key, name or HubSpot value: no such text may mean two locations.
#[derive(Default)]
struct Texts(HashMap<String, LocationKey>);

impl Texts {
    fn check(&mut self, row: &Row<'_>, location: &Location) {
        let texts = [
            ("location_key", location.key.as_str()),
            ("name", location.name.as_str()),
            ("hubspot_value", location.hubspot_value.as_str()),
        ];
        let mut told = Vec::new();
        for (column, text) in texts {
            let first = self.0.entry(fold(text)).or_insert_with(|| location.key.clone());
            if *first != location.key && !told.contains(&fold(text)) {
                told.push(fold(text));
                let message = format!("\"{text}\" already means the location {first}");
                row.problems.add(row.problem(column, "M020", message).help("give each location a text of its own"));
            }
        }
    }
}

/// Prefixes with their locations: the longest that fits decides.
#[derive(Default)]
struct Prefixes(Vec<(String, Option<LocationKey>, String, String)>);

impl Prefixes {
    fn check(&mut self, row: &Row<'_>, prefix: &str, location: Option<&LocationKey>) {
        let folded = fold(prefix);
        for (other, leads, written, shown) in &self.0 {
            if *other == folded {
                let problem = row.problem("prefix", "M020", format!("\"{prefix}\" stands there twice"));
                row.problems.add(problem.note(shown.clone()).help("keep one of the two rows"));
            } else if leads.as_ref() != location && (other.starts_with(&folded) || folded.starts_with(other)) {
                let written = written.as_str();
                let (long, short) = if other.len() > folded.len() { (written, prefix) } else { (prefix, written) };
                let message = format!("the prefix \"{long}\" hides \"{short}\", which leads elsewhere");
                let problem = row.problem("prefix", "M023", message).warn().note(shown.clone());
                row.problems.add(problem.help("of two prefixes that fit a name the longer one counts; is that meant?"));
            }
        }
        self.0.push((folded, location.cloned(), prefix.to_owned(), row.sheet.shown("the other is", row.line())));
    }
}

pub(super) fn chairs(sheet: &Sheet, locations: &[Location], known: &References, problems: &Problems) -> Placed<Chair> {
    let (mut names, mut prefixes) = (Once::default(), Prefixes::default());
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
            row.complain("chair_name", "M018", "a chair needs an id, a name or a prefix", "fill one of them");
            return None;
        }
        for (column, text) in [("chair_id", &chair.id), ("chair_name", &chair.name)] {
            if let Some(text) = text {
                names.check(&row, column, fold(text), text);
            }
        }
        if let Some(prefix) = &chair.prefix {
            prefixes.check(&row, prefix, chair.location.as_ref());
            let same = |other: &&Location| other.prefix.as_deref().is_some_and(|other| fold(other) == fold(prefix));
            let given = row.cell("location_key").is_empty() || chair.location.is_some();
            let other =
                locations.iter().find(same).filter(|other| given && chair.location.as_ref() != Some(&other.key));
            if let Some(other) = other {
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
    let mut places: HashMap<String, (Option<String>, u32)> = HashMap::new();
    let read = |row: Row<'_>| {
        let name = row.needed("name");
        let location = row.reference("location_key", row.cell("location_key"), "M012", "location", &known.locations);
        let name = name?;
        let id = row.text("practitioner_id");
        let shown = id.as_deref().unwrap_or(name);
        once.check(&row, "name", fold(shown), shown);
        // Exports have names only.
        let (first, line) = places.entry(fold(name)).or_insert_with(|| (location.clone(), row.line()));
        if *first != location && first.is_some() && location.is_some() {
            let message = format!("two practitioners called \"{name}\" work at different locations");
            let problem = row.problem("location_key", "M022", message).warn().note(sheet.shown("the other is", *line));
            problems
                .add(problem.help("leave location_key empty in both rows: the name alone does not tell the location"));
        }
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

pub(super) fn templates(sheet: &Sheet, stages: &[Stage], known: &References, problems: &Problems) -> Placed<Template> {
    let mut seen: HashMap<String, Vec<(Validity, u32)>> = HashMap::new();
    let mut ids: HashMap<String, Vec<(Validity, u32)>> = HashMap::new();
    let read = |row: Row<'_>| {
        let name = row.needed("template_name");
        let template = Template {
            id: row.text("template_id"),
            name: name.unwrap_or_default().to_owned(),
            prefix: row.text("prefix"),
            category: row.category("category", known).unwrap_or_default(),
            stage_on_booked: row.stage_ahead("stage_on_booked", known, stages),
            stage_on_completed: row.stage_ahead("stage_on_completed", known, stages),
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
        let name = name?;
        if sheet.is_told() {
            validity(&row, &template, &mut seen);
            same_id(&row, &template, &mut ids);
        }
        if template.is_misc && template.opens_deal {
            let problem =
                row.problem("opens_deal", "M024", format!("\"{name}\" is no patient's appointment and opens a deal"));
            problems.add(problem.help("write nein in opens_deal or in is_misc"));
        }
        Some(template)
    };
    Row::each(sheet, problems, read)
}

/// Whether two rows hold on one day.
fn overlap(one: Validity, other: Validity) -> bool {
    let before = |end: Option<NaiveDate>, start: Option<NaiveDate>| matches!((end, start), (Some(end), Some(start)) if end < start);
    !before(one.1, other.0) && !before(other.1, one.0)
}

/// An id that names two templates on one day.
fn same_id(row: &Row<'_>, template: &Template, seen: &mut HashMap<String, Vec<(Validity, u32)>>) {
    let Some(id) = &template.id else { return };
    let dates = (template.valid_from, template.valid_to);
    let rows = seen.entry(fold(id)).or_default();
    if let Some((_, line)) = rows.iter().find(|(other, _)| overlap(*other, dates)) {
        let problem = row.problem("template_id", "M020", format!("the id \"{id}\" stands there twice"));
        row.problems.add(problem.note(format!("first in line {line}")).help("an id names one template at a time"));
    }
    rows.push((dates, row.sheet.line(row.at)));
}

fn validity(row: &Row<'_>, template: &Template, seen: &mut HashMap<String, Vec<(Validity, u32)>>) {
    let dates = (template.valid_from, template.valid_to);
    if let (Some(first), Some(last)) = dates
        && last < first
    {
        row.complain("valid_to", "M021", "the row ends before it begins", "correct valid_from or valid_to");
    }
    let rows =
        seen.entry(fold(&format!("{}{}", template.prefix.as_deref().unwrap_or_default(), template.name))).or_default();
    if let Some((other, line)) = rows.iter().find(|(other, _)| overlap(*other, dates)) {
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
