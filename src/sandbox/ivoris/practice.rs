//! The practice as others hold it: shared, locked, changed by hand.

use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};

use super::change::{Change, Event};
use super::core::Core;
use super::counters::{Counters, Logged};
use super::data::Data;
use super::exchange::{Reply, Request};
use super::faults::{Fault, Faults};
use super::installation::Installation;
use super::record::{Appointment, Entry, Patient, Profile};
use super::settings::{Load, Settings};
use super::times;

/// A simulated Ivoris with several installations; clones are handles to the same one.
#[derive(Clone)]
pub struct Practice {
    core: Arc<Mutex<Core>>,
    in_flight: Arc<AtomicU32>,
}

/// Shows nothing: linknames are secrets.
impl fmt::Debug for Practice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Practice")
    }
}

/// Somebody waits for an answer as long as this lives.
#[derive(Debug)]
pub struct Waiting(Arc<AtomicU32>);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Practice {
    /// A practice that behaves like this and holds this.
    #[must_use]
    pub fn new(settings: Settings, data: Data) -> Self {
        Self { core: Arc::new(Mutex::new(Core::new(settings, data))), in_flight: Arc::default() }
    }

    /// Counts a request as under way; what carries requests keeps the result until the answer has arrived.
    #[must_use]
    pub fn enter(&self) -> Waiting {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
        Waiting(Arc::clone(&self.in_flight))
    }

    /// Answers a request that arrives at `now`, which never goes back.
    #[must_use]
    pub fn handle(&self, request: &Request, now: DateTime<Utc>) -> Reply {
        let in_flight = self.in_flight.load(Ordering::Relaxed).max(1);
        self.lock().handle(request, now, in_flight)
    }

    /// Names of the installations; the first also answers without a relay.
    #[must_use]
    pub fn installations(&self) -> Vec<String> {
        self.lock().data.installations.iter().map(|one| one.name.clone()).collect()
    }

    /// The path before every route of an installation: `/relay/<linkname>/webservice/api`.
    #[must_use]
    pub fn base(&self, installation: &str) -> String {
        format!("/relay/{}/webservice/api", self.lock().settings.linkname(installation))
    }

    /// What callers did since the last reset.
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.lock().counters.clone()
    }

    /// The requests since the last reset, the last 200,000 of them.
    #[must_use]
    pub fn log(&self) -> Vec<Logged> {
        self.lock().log.all()
    }

    /// Begins counting anew, and forgets the log.
    pub fn reset_counters(&self) {
        let mut core = self.lock();
        core.counters = Counters::default();
        core.log.clear();
    }

    /// What can go wrong at present.
    #[must_use]
    pub fn faults(&self) -> Faults {
        self.lock().faults.clone()
    }

    /// Switches faults.
    pub fn set_faults(&self, faults: Faults) {
        self.lock().faults = faults;
    }

    /// Changes what can go wrong.
    pub fn change_faults(&self, change: impl FnOnce(&mut Faults)) {
        change(&mut self.lock().faults);
    }

    /// The next requests go wrong like this, one each.
    pub fn next_faults(&self, faults: impl IntoIterator<Item = Fault>) {
        self.lock().faults.next.extend(faults);
    }

    /// Days and patients that could not be read can be read again.
    pub fn heal(&self) {
        let mut core = self.lock();
        core.faults.days.clear();
        core.faults.patients.clear();
    }

    /// Switches the load model.
    pub fn set_load(&self, load: Load) {
        self.lock().settings.load = load;
    }

    /// Switches behaviour. Invented records are added when the practice is made, not here.
    pub fn change_settings(&self, change: impl FnOnce(&mut Settings)) {
        change(&mut self.lock().settings);
    }

    /// Lets things happen later.
    pub fn script(&self, events: impl IntoIterator<Item = Event>) {
        self.lock().script.extend(events);
    }

    /// Lets something happen at `now`; `false` when what it is about is not there.
    #[expect(clippy::must_use_candidate, reason = "most callers know that it is there")]
    pub fn change(&self, installation: &str, change: Change, now: DateTime<Utc>) -> bool {
        let mut core = self.lock();
        let deletion_changes = core.settings.deletion_changes;
        change.make(&mut core.data, installation, times::local(now), deletion_changes)
    }

    /// Changes fields of a patient; `false` when there is none.
    pub fn edit_patient(&self, installation: &str, id: &str, change: impl FnOnce(&mut Patient)) -> bool {
        let mut core = self.lock();
        core.data.installation_mut(installation).is_some_and(|home| home.edit_patient(id, change))
    }

    /// Changes fields of the newest copy of an appointment, `modified` only if `change` does.
    pub fn edit_appointment(&self, installation: &str, id: &str, change: impl FnOnce(&mut Appointment)) -> bool {
        let mut core = self.lock();
        core.data.installation_mut(installation).is_some_and(|home| home.edit_appointment(id, change))
    }

    /// Changes fields of an entry; `false` when there is none.
    pub fn edit_entry(&self, installation: &str, id: &str, change: impl Fn(&mut Entry)) -> bool {
        let mut core = self.lock();
        core.data.installation_mut(installation).is_some_and(|home| home.edit_entry(id, change))
    }

    /// Profiles of an installation.
    #[must_use]
    pub fn profiles(&self, installation: &str) -> Vec<Profile> {
        self.lock().data.installation(installation).map(|home| home.profiles.clone()).unwrap_or_default()
    }

    /// Patients of an installation in the order of its list.
    #[must_use]
    pub fn patients(&self, installation: &str) -> Vec<Patient> {
        let core = self.lock();
        core.data.installation(installation).into_iter().flat_map(Installation::patients).cloned().collect()
    }

    /// Appointments of an installation, copies and invented ones included, in the order of filing.
    #[must_use]
    pub fn appointments(&self, installation: &str) -> Vec<Appointment> {
        let core = self.lock();
        core.data.installation(installation).into_iter().flat_map(|home| home.calendar.all()).cloned().collect()
    }

    /// The newest copy of an appointment.
    #[must_use]
    pub fn appointment(&self, installation: &str, id: &str) -> Option<Appointment> {
        self.lock().data.installation(installation)?.calendar.newest(id).cloned()
    }

    /// Entries of an installation, by patient.
    #[must_use]
    pub fn entries(&self, installation: &str) -> Vec<Entry> {
        let core = self.lock();
        core.data.installation(installation).into_iter().flat_map(Installation::charts).cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, Core> {
        self.core.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
