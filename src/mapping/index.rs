//! `Mapping`: the tables with their look-ups. Pure and shared by all workers.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;

use crate::domain::{Appointment, AppointmentState, InstanceKey, LocationKey, Object, StageKey, StageKind};

use super::chart::Chart;
use super::digest::Digests;
use super::fold::fold;
use super::place::Places;
use super::tables::{
    Category, EntryKind, Location, LossReason, PropertyRow, Rule, Stage, StatusField, Tables, Template,
};
use super::words::SourceWord;

/// A state without a row in `status.csv`; holds the text as written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no row in mappings/status.csv for the status \"{0}\"; add one")]
pub struct UnknownStatus(pub String);

/// All tables of `mappings/`, checked and indexed.
#[derive(Clone, Debug)]
pub struct Mapping {
    pub(super) tables: Tables,
    pub(super) digests: Digests,
    /// The files it was read from, to be kept with what was decided.
    files: Vec<(String, Vec<u8>)>,
    /// Stages of the portal's pipeline that the tables do not know.
    pub(super) other_stages: BTreeMap<String, StageKind>,
    places: Places,
    chart: Chart,
    states: HashMap<String, AppointmentState>,
    confirmations: HashMap<String, Option<AppointmentState>>,
    templates: HashMap<String, Vec<usize>>,
    template_ids: HashMap<String, Vec<usize>>,
    stages: HashMap<StageKey, usize>,
    hubspot_stages: HashMap<String, usize>,
    categories: HashMap<String, usize>,
    reasons: HashMap<String, usize>,
    /// Rows of one object with the word that fills them, in file order; the index is `Object as usize - 1`.
    pub(super) properties: [Vec<(SourceWord, PropertyRow)>; 3],
    /// Places of these rows in order of their names.
    by_name: [Vec<usize>; 3],
}

impl Mapping {
    /// Indexes checked tables. Of two rows with one key the first counts; `load` refuses such tables before.
    #[must_use]
    pub fn new(tables: Tables) -> Self {
        let mut mapping = Self {
            digests: Digests::of(&tables),
            files: Vec::new(),
            other_stages: BTreeMap::new(),
            places: Places::of(&tables),
            chart: Chart::of(&tables),
            states: HashMap::new(),
            confirmations: HashMap::new(),
            templates: HashMap::new(),
            template_ids: HashMap::new(),
            stages: HashMap::new(),
            hubspot_stages: HashMap::new(),
            categories: HashMap::new(),
            reasons: HashMap::new(),
            properties: [Vec::new(), Vec::new(), Vec::new()],
            by_name: [Vec::new(), Vec::new(), Vec::new()],
            tables,
        };
        mapping.index_words();
        mapping.index_stages();
        mapping.index_properties();
        mapping
    }

    fn index_words(&mut self) {
        for row in &self.tables.status {
            let value = fold(&row.value);
            match (row.field, row.canonical) {
                (StatusField::State, Some(state)) => drop(self.states.entry(value).or_insert(state)),
                (StatusField::State, None) => {}
                (StatusField::Confirmation, state) => drop(self.confirmations.entry(value).or_insert(state)),
            }
        }
        for (at, row) in self.tables.templates.iter().enumerate() {
            let name = fold(&format!("{}{}", row.prefix.as_deref().unwrap_or_default(), row.name));
            self.templates.entry(name).or_default().push(at);
            if let Some(id) = &row.id {
                self.template_ids.entry(fold(id)).or_default().push(at);
            }
        }
    }

    fn index_stages(&mut self) {
        for (at, row) in self.tables.stages.iter().enumerate() {
            self.stages.entry(row.key.clone()).or_insert(at);
            if !row.hubspot_stage_id.is_empty() {
                self.hubspot_stages.entry(row.hubspot_stage_id.clone()).or_insert(at);
            }
        }
        for (at, row) in self.tables.categories.iter().enumerate() {
            self.categories.entry(row.key.clone()).or_insert(at);
        }
        for (at, row) in self.tables.reasons.iter().enumerate() {
            self.reasons.entry(row.key.clone()).or_insert(at);
        }
    }

    fn index_properties(&mut self) {
        for row in &self.tables.properties {
            if let (Some(word), Some(rows)) =
                (SourceWord::from_word(&row.source), self.properties.get_mut(slot(row.object)))
            {
                rows.push((word, row.clone()));
            }
        }
        for (places, rows) in self.by_name.iter_mut().zip(&self.properties) {
            places.extend(0..rows.len());
            places.sort_by_key(|at| &rows[*at].1.name);
        }
    }

    /// The same mapping with the files it was read from.
    #[must_use]
    pub fn with_files(self, files: Vec<(String, Vec<u8>)>) -> Self {
        Self { files, ..self }
    }

    /// Names and bytes of the files it was read from, where whoever read them has handed them over.
    #[must_use]
    pub fn files(&self) -> &[(String, Vec<u8>)] {
        &self.files
    }

    /// The tables themselves: rules, entry kinds, fees, point values, options.
    #[must_use]
    pub const fn tables(&self) -> &Tables {
        &self.tables
    }

    /// Digests of rows, tables and the whole.
    #[must_use]
    pub const fn digests(&self) -> &Digests {
        &self.digests
    }

    /// Where an appointment stands: the `Status` text decides, a confirmation lifts `booked` to `confirmed`.
    ///
    /// # Errors
    /// [`UnknownStatus`] when the state text has no row, an empty text included.
    pub fn state(&self, state: &str, confirmation: &str) -> Result<AppointmentState, UnknownStatus> {
        // What the source no longer has carries our own word: no table needs a row for it.
        let gone = (state == AppointmentState::Deleted.word()).then_some(AppointmentState::Deleted);
        let found = self.states.get(&fold(state)).copied().or(gone);
        let found = found.ok_or_else(|| UnknownStatus(state.trim().to_owned()))?;
        let lifted = found == AppointmentState::Booked
            && !confirmation.is_empty()
            && self.confirmations.get(&fold(confirmation)) == Some(&Some(AppointmentState::Confirmed));
        Ok(if lifted { AppointmentState::Confirmed } else { found })
    }

    /// Whether a confirmation text is empty or has a row.
    #[must_use]
    pub fn knows_confirmation(&self, confirmation: &str) -> bool {
        confirmation.trim().is_empty() || self.confirmations.contains_key(&fold(confirmation))
    }

    /// The template of an appointment: by its id if a row of that day has it, else by its name.
    #[must_use]
    pub fn template_of(&self, appointment: &Appointment) -> Option<&Template> {
        let day = appointment.start.day();
        let id = appointment.ids.template.as_ref().filter(|_| !self.template_ids.is_empty());
        let rows = id.and_then(|id| self.template_ids.get(&fold(id)));
        let by_id =
            rows.into_iter().flatten().filter_map(|at| self.tables.templates.get(*at)).find(|row| row.holds_on(day));
        by_id.or_else(|| self.template(&appointment.template, day))
    }

    /// The template that `name` means on `day`: by its exact name, else without a location's prefix (`NB_`).
    #[must_use]
    pub fn template(&self, name: &str, day: NaiveDate) -> Option<&Template> {
        let folded = fold(name);
        self.template_on(&folded, day, false).or_else(|| {
            let rest = self.places.without_prefix(&folded)?;
            self.template_on(rest, day, true)
        })
    }

    fn template_on(&self, folded: &str, day: NaiveDate, stripped: bool) -> Option<&Template> {
        let rows = self.templates.get(folded)?.iter().filter_map(|at| self.tables.templates.get(*at));
        rows.into_iter().find(|row| row.holds_on(day) && !(stripped && row.prefix.is_some()))
    }

    /// Places of the templates with this folded name, prefix included, whatever day they hold.
    pub(super) fn template_rows(&self, folded: &str) -> &[usize] {
        self.templates.get(folded).map_or(&[], Vec::as_slice)
    }

    /// Chairs, prefixes, practitioners and profiles → location.
    #[must_use]
    pub(crate) const fn places(&self) -> &Places {
        &self.places
    }

    /// Types, codes, points and point values of chart entries.
    #[must_use]
    pub(crate) const fn chart(&self) -> &Chart {
        &self.chart
    }

    /// The location with this key.
    #[must_use]
    pub fn location(&self, key: &LocationKey) -> Option<&Location> {
        self.tables.locations.iter().find(|row| row.key == *key)
    }

    /// The location that a `Standort` text means: its key, name or HubSpot value, folded.
    #[must_use]
    pub fn location_named(&self, text: &str) -> Option<&Location> {
        self.places.named(text).and_then(|at| self.tables.locations.get(at))
    }

    /// Every folded spelling of a location with its instance: what CSV extract asks with `fold(Standort)`.
    #[must_use]
    pub fn instances_by_location(&self) -> HashMap<String, InstanceKey> {
        let rows = self.places.names().filter_map(|(name, at)| Some((name, self.tables.locations.get(at)?)));
        rows.map(|(name, row)| (name.to_owned(), row.instance.clone())).collect()
    }

    /// The deal stage with this key; every key in checked tables has one.
    #[must_use]
    pub fn stage(&self, key: &StageKey) -> Option<&Stage> {
        self.tables.stages.get(*self.stages.get(key)?)
    }

    /// Place of a stage in the pipeline, counted from 0; unknown keys count as 0.
    #[must_use]
    pub fn rank(&self, key: &StageKey) -> u32 {
        self.stages.get(key).and_then(|at| u32::try_from(*at).ok()).unwrap_or(0)
    }

    /// The stage before this one in the pipeline.
    #[must_use]
    pub fn stage_before(&self, key: &StageKey) -> Option<&StageKey> {
        let at = self.stages.get(key)?.checked_sub(1)?;
        self.tables.stages.get(at).map(|row| &row.key)
    }

    /// The stage with this id in HubSpot.
    #[must_use]
    pub fn by_hubspot_stage(&self, id: &str) -> Option<&StageKey> {
        self.tables.stages.get(*self.hubspot_stages.get(id)?).map(|row| &row.key)
    }

    /// The first stage of a kind, in pipeline order.
    #[must_use]
    pub fn first_stage(&self, kind: StageKind) -> Option<&Stage> {
        self.tables.stages.iter().find(|row| row.kind == kind)
    }

    /// The pipeline that deals are written to.
    #[must_use]
    pub fn pipeline_id(&self) -> &str {
        self.tables.stages.first().map_or("", |row| row.pipeline_id.as_str())
    }

    /// The category with this key.
    #[must_use]
    pub fn category(&self, key: &str) -> Option<&Category> {
        self.tables.categories.get(*self.categories.get(key)?)
    }

    /// Rank of a category: the highest wins; 0 for one without a row.
    #[must_use]
    pub fn category_rank(&self, key: &str) -> u32 {
        self.category(key).map_or(0, |row| row.rank)
    }

    /// The loss reason with this key.
    #[must_use]
    pub fn reason(&self, key: &str) -> Option<&LossReason> {
        self.tables.reasons.get(*self.reasons.get(key)?)
    }

    /// `regeln.csv`, top-down.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.tables.rules
    }

    /// `eintragsarten.csv` by priority.
    #[must_use]
    pub fn entry_kinds(&self) -> &[EntryKind] {
        &self.tables.entry_kinds
    }

    /// The properties of an object with the word that fills each, in file order.
    #[must_use]
    pub fn properties(&self, object: Object) -> &[(SourceWord, PropertyRow)] {
        self.properties.get(slot(object)).map_or(&[], Vec::as_slice)
    }

    /// The same in order of their names: values that are collected so need not be sorted.
    pub(super) fn properties_by_name(
        &self,
        object: Object,
    ) -> impl ExactSizeIterator<Item = &(SourceWord, PropertyRow)> {
        let rows = self.properties(object);
        let places = self.by_name.get(slot(object)).map_or(&[][..], Vec::as_slice);
        places.iter().map(|at| &rows[*at])
    }

    /// The property that a word fills, if the tables have one.
    #[must_use]
    pub fn property(&self, word: SourceWord) -> Option<&PropertyRow> {
        self.properties(word.object()).iter().find(|(have, _)| *have == word).map(|(_, row)| row)
    }

    /// The unique property that holds an object's key; checked tables have one for each object.
    #[must_use]
    pub fn key_property(&self, object: Object) -> Option<&PropertyRow> {
        self.property(SourceWord::key_of(object))
    }
}

fn slot(object: Object) -> usize {
    match object {
        Object::Contact => 0,
        Object::Appointment => 1,
        Object::Deal => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{AppointmentId, LocalTime, PatientRef, SourceIds};
    use crate::mapping::shipped::shipped;

    fn named(mapping: &Mapping, name: &str, id: Option<&str>) -> Option<String> {
        let appointment = Appointment {
            id: AppointmentId::new("t-1"),
            instance: InstanceKey::new("nord"),
            patient: PatientRef::Nobody,
            start: LocalTime("2026-03-02T09:00:00".parse().expect("a time")),
            end: None,
            template: name.to_owned(),
            chair: String::new(),
            practitioner: String::new(),
            location: None,
            state: String::new(),
            confirmation: String::new(),
            created: None,
            changed: None,
            ids: SourceIds { template: id.map(str::to_owned), ..SourceIds::default() },
        };
        mapping.template_of(&appointment).map(|row| row.name.clone())
    }

    #[test]
    fn a_template_is_known_by_its_id_whatever_its_name_becomes() {
        let mut tables = shipped().tables().clone();
        tables.templates[0].id = Some("T-77".to_owned());
        let first = tables.templates[0].name.clone();
        let mapping = Mapping::new(tables);
        assert_eq!(named(&mapping, "Neuer Name", Some("t-77")), Some(first.clone()));
        assert_eq!(named(&mapping, "Planbesprechung", Some("T-77")), Some(first));
        assert_eq!(named(&mapping, "NB_Planbesprechung", Some("T-78")).as_deref(), Some("Planbesprechung"));
        assert_eq!(named(&mapping, "Neuer Name", None), None);
    }
}
