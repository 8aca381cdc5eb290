//! Values that were met in records, and what the tables make of them: values without a row, rows without a value
//! (`mappings.md` M050, M051). Names of chairs and Terminarten, words and codes; nothing of a patient.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate};

use crate::domain::{Appointment, Entry, InstanceKey, fold};
use crate::mapping::tables::Template;
use crate::mapping::{Mapping, Problem, classify};

use super::survey::Survey;
use super::unmapped::{Unmapped, Value, Values, merged, unmapped};
use super::words::{Words, is_word};

/// How long a row may rest before it is told of.
const REST: Days = Days::new(365);
/// Values that are named in one problem.
const SHOWN: usize = 8;

/// What was met, by installation.
#[derive(Debug, Default)]
pub struct Met {
    places: BTreeMap<InstanceKey, MetAt>,
    /// What an earlier look already found; its rows carry ids.
    found: Vec<Unmapped>,
    appointments: u64,
    entries: u64,
    first: Option<NaiveDate>,
}

#[derive(Debug, Default)]
struct MetAt {
    /// Name → how often, and the last day.
    templates: BTreeMap<String, (u64, NaiveDate)>,
    chairs: BTreeMap<String, (u64, NaiveDate)>,
    practitioners: BTreeMap<String, (u64, NaiveDate)>,
    states: BTreeMap<String, u64>,
    confirmations: BTreeMap<String, u64>,
    kinds: BTreeMap<String, u64>,
    /// (schedule, code) → how often.
    codes: BTreeMap<(String, String), u64>,
}

impl Met {
    /// Counts an appointment; a Terminart that is known by its id counts under the name of its row.
    pub fn appointment(&mut self, appointment: &Appointment, mapping: &Mapping) {
        let day = appointment.start.day();
        self.appointments += 1;
        self.first = Some(self.first.map_or(day, |first| first.min(day)));
        let at = self.places.entry(appointment.instance.clone()).or_default();
        let row = appointment.ids.template.as_ref().and_then(|_| mapping.template_of(appointment));
        let template = row.map(|row| format!("{}{}", row.prefix.as_deref().unwrap_or_default(), row.name));
        let names = [
            (&mut at.templates, template.as_ref().unwrap_or(&appointment.template)),
            (&mut at.chairs, &appointment.chair),
            (&mut at.practitioners, &appointment.practitioner),
        ];
        for (all, name) in names {
            if !name.trim().is_empty() {
                let (count, last) = counted(all, name.trim(), (0, day));
                *count += 1;
                *last = day.max(*last);
            }
        }
        for (all, word) in [(&mut at.states, &appointment.state), (&mut at.confirmations, &appointment.confirmation)] {
            if is_word(word.trim()) {
                *counted(all, word.trim(), 0) += 1;
            }
        }
    }

    /// Counts an entry, if no row of `eintragsarten.csv` takes it.
    pub fn entry(&mut self, entry: &Entry, mapping: &Mapping) {
        self.entries += 1;
        if classify(entry, mapping).notice.is_none() {
            return;
        }
        let at = self.places.entry(entry.instance.clone()).or_default();
        let (code, kind) = (entry.code.expose().trim(), entry.kind.trim());
        // A code is the narrower row; a type may hold many.
        if !code.is_empty() && is_code(code) {
            *at.codes.entry((entry.schedule.trim().to_owned(), code.to_owned())).or_default() += 1;
        } else if is_word(kind) {
            *counted(&mut at.kinds, kind, 0) += 1;
        }
    }

    /// Counts what a look at the installation found.
    pub fn survey(&mut self, survey: &Survey) {
        if let Some(found) = &survey.unmapped {
            self.found.extend(found.iter().cloned());
            return;
        }
        let at = self.places.entry(survey.instance.clone()).or_default();
        let day = survey.at.date_naive();
        for (all, names) in [(&mut at.templates, &survey.names.templates), (&mut at.chairs, &survey.names.chairs)] {
            for one in names.iter().flatten().filter(|one| one.active || one.used > 0) {
                let (count, _) = counted(all, &one.name, (0, day));
                *count = one.used.max(*count);
            }
        }
        for (all, words) in [(&mut at.states, "appointment.state"), (&mut at.confirmations, "appointment.confirmation")]
        {
            for (word, number) in survey.words.get(words).iter().flat_map(|words| &words.words) {
                let count = counted(all, word, 0);
                *count = (*number).max(*count);
            }
        }
    }

    /// Appointments and entries that were counted.
    #[must_use]
    pub const fn records(&self) -> (u64, u64) {
        (self.appointments, self.entries)
    }

    /// Values without a row, each with the row that would know it; what holds records first, the most frequent first.
    #[must_use]
    pub fn missing(&self, mapping: &Mapping, today: NaiveDate) -> Vec<Unmapped> {
        let mut all = Vec::new();
        for (instance, at) in &self.places {
            let words = |all: &BTreeMap<String, u64>| Words { words: all.clone(), ..Words::default() };
            let (states, confirmations) = (words(&at.states), words(&at.confirmations));
            // A row has to hold on the day on which its value was last met.
            let unknown = at.templates.iter().filter(|(name, (_, last))| mapping.template(name, *last).is_none());
            let values = Values {
                instance,
                today,
                templates: unknown.map(value).collect(),
                chairs: at.chairs.iter().map(value).collect(),
                practitioners: at.practitioners.iter().map(value).collect(),
                states: Some(&states),
                confirmations: Some(&confirmations),
                entry_kinds: &at.kinds,
                entry_codes: &at.codes,
                profiles: &[],
            };
            all.extend(unmapped(&values, mapping));
        }
        let found = self.found.iter().filter(|one| !one.is_known(mapping, today)).cloned();
        // The look met some of the same records: of both counts the larger is the closer.
        merged(found.chain(merged(all, u64::saturating_add)).collect(), u64::max)
    }

    /// Rows of Terminarten, chairs and practitioners that no record of the last twelve months needed: table and name. Empty while the records do not reach back as far.
    #[must_use]
    pub fn resting(&self, mapping: &Mapping, today: NaiveDate) -> Vec<(&'static str, String)> {
        let since = today.checked_sub_days(REST).unwrap_or(today);
        if self.first.is_none_or(|first| first > since) {
            return Vec::new();
        }
        let tables = mapping.tables();
        let (mut templates, mut chairs, mut people) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for at in self.places.values() {
            let lately = |all: &BTreeMap<String, (u64, NaiveDate)>| -> Vec<(String, NaiveDate)> {
                let late = all.iter().filter(|(_, (_, last))| *last >= since);
                late.map(|(name, (_, last))| (name.clone(), *last)).collect()
            };
            let rows = lately(&at.templates).into_iter().filter_map(|(name, day)| mapping.template(&name, day));
            templates.extend(rows.map(id));
            chairs.extend(lately(&at.chairs).iter().map(|(name, _)| fold(name)));
            people.extend(lately(&at.practitioners).iter().map(|(name, _)| fold(name)));
        }
        let mut resting = Vec::new();
        for row in &tables.templates {
            let over =
                row.valid_to.is_some_and(|last| last < since) || row.valid_from.is_some_and(|first| first > today);
            if !over && !row.is_misc && !templates.contains(&id(row)) {
                resting.push(("terminarten", row.name.clone()));
            }
        }
        for row in tables.chairs.iter().filter(|row| row.active && row.location.is_some()) {
            let is_met = match (&row.name, &row.prefix) {
                (Some(name), _) => chairs.contains(&fold(name)),
                (None, Some(prefix)) => chairs.iter().any(|chair| chair.starts_with(&fold(prefix))),
                // An id alone is not told by exports.
                (None, None) => true,
            };
            if !is_met {
                let name = row.name.as_ref().or(row.prefix.as_ref());
                resting.push(("behandlungsstuehle", name.cloned().unwrap_or_default()));
            }
        }
        for row in tables.practitioners.iter().filter(|row| !people.contains(&fold(&row.name))) {
            resting.push(("behandler", row.name.clone()));
        }
        resting
    }

    /// M050 and M051: one warning per table.
    #[must_use]
    pub fn problems(&self, mapping: &Mapping, today: NaiveDate) -> Vec<Problem> {
        let mut missing: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for one in self.missing(mapping, today).into_iter().filter(|one| one.needed) {
            missing.entry(one.table).or_default().push(format!("\"{}\" ({})", one.value, one.count));
        }
        let mut resting: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (table, name) in self.resting(mapping, today) {
            resting.entry(format!("{table}.csv")).or_default().push(format!("\"{name}\""));
        }
        let mut problems = Vec::new();
        for (table, values) in missing {
            let name = table.trim_end_matches(".csv");
            let verb = if values.len() == 1 { "value has" } else { "values have" };
            let message = format!("{} {verb} no row: {}", values.len(), some(&values));
            let help = format!("ivohub mappings table {name} --missing >> mappings/{table}");
            problems.push(Problem::warning("M050", &table, message, help));
        }
        for (table, names) in resting {
            let verb = if names.len() == 1 { "row was" } else { "rows were" };
            let message = format!("{} {verb} not met in the last twelve months: {}", names.len(), some(&names));
            let help = "delete what is no longer used; a Terminart of earlier years keeps its row".to_owned();
            problems.push(Problem::warning("M051", &table, message, help));
        }
        problems
    }
}

/// The first few, and how many more there are.
fn some(all: &[String]) -> String {
    let shown = all.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    match all.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        Some(more) => format!("{shown} and {more} more"),
        None => shown,
    }
}

/// The number that belongs to a text; looks before it allocates.
fn counted<'m, T: Copy>(all: &'m mut BTreeMap<String, T>, text: &str, new: T) -> &'m mut T {
    if !all.contains_key(text) {
        all.insert(text.to_owned(), new);
    }
    all.get_mut(text).expect("it was just put there")
}

/// Whether a text can be a fee code and no text about a patient.
fn is_code(text: &str) -> bool {
    text.chars().count() <= 8
        && text.chars().any(|letter| letter.is_ascii_digit())
        && !text.contains(char::is_whitespace)
}

/// What tells a Terminart apart.
fn id(row: &Template) -> (Option<&str>, &str, Option<NaiveDate>) {
    (row.prefix.as_deref(), row.name.as_str(), row.valid_from)
}

fn value<'v>((name, (used, _)): (&'v String, &(u64, NaiveDate))) -> Value<'v> {
    Value { id: "", name, minutes: None, profile: None, used: *used }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{AppointmentId, LocalTime, PatientRef, SourceIds};
    use crate::mapping::shipped;

    #[test]
    fn a_template_that_is_known_by_its_id_lacks_no_row_and_does_not_rest() {
        let day: NaiveDate = "2026-03-02".parse().expect("a day");
        let visit = |day: &str| Appointment {
            id: AppointmentId::new("t-1"),
            instance: InstanceKey::new("nord"),
            patient: PatientRef::Nobody,
            start: LocalTime(format!("{day}T09:00:00").parse().expect("a time")),
            end: None,
            template: "Neuer Name".to_owned(),
            chair: String::new(),
            practitioner: String::new(),
            location: None,
            state: "geplant".to_owned(),
            confirmation: String::new(),
            created: None,
            changed: None,
            ids: SourceIds { template: Some("t-77".to_owned()), ..SourceIds::default() },
        };
        let check = |mapping: &Mapping, is_missing: bool| {
            let mut met = Met::default();
            met.appointment(&visit("2024-03-02"), mapping);
            met.appointment(&visit("2026-03-02"), mapping);
            let missing = met.missing(mapping, day).iter().any(|one| one.table == "terminarten.csv");
            assert_eq!(missing, is_missing);
            let rests = met.resting(mapping, day).contains(&("terminarten", "Planbesprechung".to_owned()));
            assert_eq!(rests, is_missing);
        };
        check(&shipped(), true);
        let mut tables = shipped().tables().clone();
        let row = tables.templates.iter_mut().find(|row| row.name == "Planbesprechung").expect("a row");
        row.id = Some("T-77".to_owned());
        check(&Mapping::new(tables), false);
    }
}
