//! What the practice holds when it begins: the samples, a seed, any three exports, or nothing.

use std::sync::{Arc, LazyLock};

use crate::sandbox::{samples, seed};

use super::exports;
use super::installation::Installation;
use super::record::Profile;

/// The installations with everything in them. Clones share what nobody changes.
#[derive(Clone)]
pub struct Data {
    pub(super) installations: Vec<Arc<Installation>>,
}

/// Ids of the profiles of [`seed::places::LOCATIONS`], in their order.
const PROFILES: [&str; 3] = [
    "a0000000-0000-4000-8000-000000000001",
    "a0000000-0000-4000-8000-000000000002",
    "a0000000-0000-4000-8000-000000000003",
];

/// Names of the installations, in the order of the places' `instance`.
const INSTALLATIONS: [&str; 2] = ["nord", "sued"];

/// `Mandant` of a place.
pub(super) fn mandant(at: usize) -> u32 {
    seed::places::LOCATIONS[at].profile.parse().unwrap_or(1)
}

impl Data {
    /// The installations `nord` (two profiles) and `sued` (one), with nobody in them.
    #[must_use]
    pub fn empty() -> Self {
        Self { installations: Self::bare().into_iter().map(Arc::new).collect() }
    }

    fn bare() -> Vec<Installation> {
        let places = || seed::places::LOCATIONS.iter().enumerate();
        let profiles = |instance: usize| {
            let own = places().filter(move |(_, place)| place.instance == instance);
            own.map(|(at, place)| Profile {
                id: PROFILES[at].to_owned(),
                name: place.name.to_owned(),
                mandant: mandant(at),
            })
        };
        INSTALLATIONS.iter().enumerate().map(|(at, name)| Installation::new(name, profiles(at).collect())).collect()
    }

    /// The records of `samples/`.
    #[must_use]
    pub fn samples() -> Self {
        static SAMPLES: LazyLock<Data> = LazyLock::new(|| {
            let bytes = |name: &str| samples::FILES.iter().find(|(have, _)| *have == name).map(|(_, bytes)| *bytes);
            let [patients, appointments, entries] = seed::FILES.map(|name| bytes(name).unwrap_or_default());
            Data::from_exports(patients, appointments, entries)
        });
        SAMPLES.clone()
    }

    /// The records of the files that [`seed::write`] writes with these settings.
    #[must_use]
    pub fn seed(settings: &seed::Settings) -> Self {
        let [mut patients, mut appointments, mut entries] = [const { Vec::new() }; 3];
        // Memory takes everything: there is no error to tell of.
        drop(seed::write_to([&mut patients, &mut appointments, &mut entries], settings));
        Self::from_exports(&patients, &appointments, &entries)
    }

    /// The records of three exports in the form of [`seed`].
    ///
    /// Rows that are no records of an API are left out: without the id the API would have, with a day that does not
    /// exist, cut short, of an unknown `Standort`; so are patients marked as deleted. An entry without id gets one.
    #[must_use]
    pub fn from_exports(patients: &[u8], appointments: &[u8], entries: &[u8]) -> Self {
        let mut installations = Self::bare();
        let numbers = exports::patients(patients, &mut installations);
        exports::appointments(appointments, &numbers, &mut installations);
        exports::entries(entries, &numbers, &mut installations);
        Self { installations: installations.into_iter().map(Arc::new).collect() }
    }

    /// The installation of this name, for changes.
    pub(super) fn installation_mut(&mut self, name: &str) -> Option<&mut Installation> {
        self.installations.iter_mut().find(|one| one.name == name).map(Arc::make_mut)
    }

    /// The installation of this name.
    pub(super) fn installation(&self, name: &str) -> Option<&Installation> {
        self.installations.iter().find(|one| one.name == name).map(Arc::as_ref)
    }
}
