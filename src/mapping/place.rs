//! Which location a record belongs to (`domain.md` 1.4): never guessed from a town.

use std::collections::HashMap;

use crate::domain::{Appointment, InstanceKey, LocationKey, Patient};

use super::fold::fold;
use super::index::Mapping;
use super::tables::{EntryMatch, Location, Tables};

/// Folded names and prefixes, each with the place of its location in `standorte.csv`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Places {
    names: HashMap<String, usize>,
    /// Names and ids of chairs; `None` = a chair that stands for no location.
    chairs: HashMap<String, Option<usize>>,
    /// Chair and location prefixes, longest first.
    prefixes: Vec<(String, Option<usize>)>,
    practitioners: HashMap<String, usize>,
    profiles: HashMap<(InstanceKey, String), usize>,
    instances: HashMap<InstanceKey, Option<usize>>,
}

impl Places {
    pub(crate) fn of(tables: &Tables) -> Self {
        let mut places = Self::default();
        let at = |key: &Option<LocationKey>| tables.locations.iter().position(|row| Some(&row.key) == key.as_ref());
        for (place, row) in tables.locations.iter().enumerate() {
            for name in [row.key.as_str(), &row.name, &row.hubspot_value] {
                places.names.entry(fold(name)).or_insert(place);
            }
            for profile in row.profile_id.iter().chain(&row.mandant_index) {
                places.profiles.entry((row.instance.clone(), fold(profile))).or_insert(place);
            }
            // A second location of an instance takes away its default.
            let only = places.instances.entry(row.instance.clone()).or_insert(Some(place));
            if *only != Some(place) {
                *only = None;
            }
        }
        for row in &tables.chairs {
            let place = at(&row.location);
            for name in row.id.iter().chain(&row.name) {
                places.chairs.entry(fold(name)).or_insert(place);
            }
            if let Some(prefix) = &row.prefix {
                places.prefixes.push((fold(prefix), place));
            }
        }
        for (place, row) in tables.locations.iter().enumerate() {
            if let Some(prefix) = &row.prefix {
                places.prefixes.push((fold(prefix), Some(place)));
            }
        }
        places.prefixes.sort_by_key(|(prefix, _)| std::cmp::Reverse(prefix.len()));
        for row in &tables.practitioners {
            if let Some(place) = at(&row.location) {
                for name in row.id.iter().chain([&row.name]) {
                    places.practitioners.entry(fold(name)).or_insert(place);
                }
            }
        }
        places
    }

    pub(crate) fn named(&self, text: &str) -> Option<usize> {
        self.names.get(&fold(text)).copied()
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = (&str, usize)> {
        self.names.iter().map(|(name, at)| (name.as_str(), *at))
    }

    /// What follows a location's or chairs' prefix in an already folded name.
    pub(crate) fn without_prefix<'n>(&self, folded: &'n str) -> Option<&'n str> {
        self.prefixes.iter().find_map(|(prefix, _)| folded.strip_prefix(prefix.as_str())).map(str::trim_start)
    }

    pub(super) fn by_prefix(&self, folded: &str) -> Option<usize> {
        let hit = self.prefixes.iter().find(|(prefix, _)| folded.starts_with(prefix.as_str()));
        hit.and_then(|(_, place)| *place)
    }

    /// The row of a chair by its folded id or name; `None` inside = it stands for no location.
    pub(super) fn chair_row(&self, folded: &str) -> Option<&Option<usize>> {
        self.chairs.get(folded)
    }

    pub(super) fn by_chair(&self, chair: &str) -> Option<usize> {
        let folded = fold(chair);
        // A chair with a row of its own is decided by that row, even when it stands for no location.
        self.chairs.get(&folded).copied().unwrap_or_else(|| self.by_prefix(&folded))
    }

    pub(super) fn by_practitioner(&self, name: &str) -> Option<usize> {
        self.practitioners.get(&fold(name)).copied()
    }

    pub(super) fn by_profile(&self, instance: &InstanceKey, profile: &str) -> Option<usize> {
        self.profiles.get(&(instance.clone(), fold(profile))).copied()
    }

    pub(super) fn by_instance(&self, instance: &InstanceKey) -> Option<usize> {
        self.instances.get(instance).copied().flatten()
    }
}

impl Mapping {
    /// The location of an appointment: `Standort`, else chair (its id before its name and prefix), template prefix,
    /// practitioner, profile, the instance's only location.
    #[must_use]
    pub fn location_of_appointment(&self, appointment: &Appointment) -> Option<&Location> {
        let (places, ids) = (self.places(), &appointment.ids);
        let at = given(appointment.location.as_deref())
            .and_then(|text| places.named(text))
            .or_else(|| match given(ids.chair.as_deref()).and_then(|id| places.chairs.get(&fold(id))) {
                Some(place) => *place,
                None => given(Some(&appointment.chair)).and_then(|chair| places.by_chair(chair)),
            })
            .or_else(|| given(Some(&appointment.template)).and_then(|name| places.by_prefix(&fold(name))))
            .or_else(|| given(ids.practitioner.as_deref()).and_then(|id| places.by_practitioner(id)))
            .or_else(|| given(Some(&appointment.practitioner)).and_then(|name| places.by_practitioner(name)))
            .or_else(|| given(ids.profile.as_deref()).and_then(|id| places.by_profile(&appointment.instance, id)))
            .or_else(|| places.by_instance(&appointment.instance))?;
        self.tables().locations.get(at)
    }

    /// The patient's own location: `Standort`, else profile. `None` leaves the decision to the latest appointment
    /// (design.md section 4).
    #[must_use]
    pub fn location_of_patient(&self, patient: &Patient) -> Option<&Location> {
        let places = self.places();
        let profile = |text: &str| places.by_profile(&patient.instance, text);
        let at = given(patient.location.as_deref()).and_then(|text| places.named(text)).or_else(|| {
            given(patient.profile.as_deref()).and_then(|text| profile(text).or_else(|| places.named(text)))
        })?;
        self.tables().locations.get(at)
    }
}

impl Mapping {
    /// The only location of an instance, if it has just one.
    #[must_use]
    pub fn only_location_of(&self, instance: &InstanceKey) -> Option<&Location> {
        self.places().by_instance(instance).and_then(|at| self.tables().locations.get(at))
    }
}

/// What is known of single values: for the list of those that have no row.
impl Mapping {
    /// Whether a chair has a row, by its id, name or prefix; one that stands for no location is known too.
    #[must_use]
    pub fn knows_chair(&self, chair: &str) -> bool {
        let folded = fold(chair);
        self.places().chairs.contains_key(&folded) || self.places().without_prefix(&folded).is_some()
    }

    /// Spellings of states and types of entries that have a row: words, whoever bears them as a name.
    #[must_use]
    pub fn state_words(&self) -> Vec<&str> {
        let kinds = self.tables().entry_kinds.iter().filter_map(|row| match &row.matches {
            EntryMatch::Kind(kind) => Some(kind.as_str()),
            EntryMatch::Codes(_) | EntryMatch::Text(_) => None,
        });
        self.tables().status.iter().map(|row| row.value.as_str()).chain(kinds).collect()
    }

    /// The location of a profile id or Mandant index of an installation.
    #[must_use]
    pub fn location_of_profile(&self, instance: &InstanceKey, profile: &str) -> Option<&Location> {
        self.places().by_profile(instance, profile).and_then(|at| self.tables().locations.get(at))
    }

    /// A name without the prefix of a location or of chairs, as it stands in `terminarten.csv`.
    #[must_use]
    pub fn without_location_prefix<'n>(&self, name: &'n str) -> &'n str {
        let trimmed = name.trim();
        let mut prefixes = self.places().prefixes.iter().map(|(prefix, _)| prefix.as_str());
        let cut = |prefix: &str| {
            let end = trimmed
                .char_indices()
                .map(|(at, char)| at + char.len_utf8())
                .find(|end| trimmed.get(..*end).is_some_and(|start| fold(start) == prefix))?;
            trimmed.get(end..).map(str::trim_start).filter(|rest| !rest.is_empty())
        };
        prefixes.find_map(cut).unwrap_or(trimmed)
    }
}

fn given(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}
