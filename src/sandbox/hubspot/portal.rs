//! The portal as others hold it: shared, locked, kept in a log if wanted.

use std::fmt;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};

use super::core::Core;
use super::counters::Counters;
use super::exchange::{Reply, Request};
use super::faults::{Fault, Faults};
use super::log::Damaged;
use super::settings::{Limits, Profile, Settings};

/// A simulated portal; clones are handles to the same one.
#[derive(Clone)]
pub struct Portal(Arc<Mutex<Shared>>);

struct Shared {
    core: Core,
    log: Option<Box<dyn Write + Send>>,
}

/// Shows the portal id only.
impl fmt::Debug for Portal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Portal({})", self.portal_id())
    }
}

impl Portal {
    /// A new portal: empty but for what HubSpot itself defines.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self(Arc::new(Mutex::new(Shared { core: Core::new(settings), log: None })))
    }

    /// A portal from the lines of a change log.
    pub(crate) fn replay<'l>(settings: Settings, lines: impl Iterator<Item = &'l [u8]>) -> Result<Self, Damaged> {
        let mut core = Core::new(settings);
        for line in lines {
            core.replay(line)?;
        }
        core.replayed();
        Ok(Self(Arc::new(Mutex::new(Shared { core, log: None }))))
    }

    /// Writes the whole portal as the lines of a change log.
    pub(crate) fn write_snapshot(&self, to: &mut impl Write) -> io::Result<()> {
        let shared = self.lock();
        shared.core.snapshot().try_for_each(|line| to.write_all(&line))
    }

    /// From now on every change is written to `log` before it is answered.
    pub(crate) fn keep_in(&self, log: impl Write + Send + 'static) {
        let mut shared = self.lock();
        shared.core.marks = Some(Vec::new());
        shared.log = Some(Box::new(log));
    }

    /// Answers a request that arrives at `now`.
    ///
    /// `now` never goes back. A kept portal that cannot write its log answers 500.
    #[must_use]
    pub fn handle(&self, request: &Request, now: DateTime<Utc>) -> Reply {
        let mut shared = self.lock();
        let reply = shared.core.handle(request, now);
        match shared.keep() {
            Ok(()) => reply,
            Err(_) => {
                Reply { status: 500, body: b"{\"message\":\"the sandbox cannot write its log\"}".to_vec(), ..reply }
            }
        }
    }

    /// The number that stores are pinned to.
    #[must_use]
    pub fn portal_id(&self) -> u64 {
        self.lock().core.settings.portal_id
    }

    /// What was done since the last reset. Walks all records to count duplicates.
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.lock().core.counted()
    }

    /// Begins counting anew.
    pub fn reset_counters(&self) {
        self.lock().core.reset_counters();
    }

    /// What can go wrong at present.
    #[must_use]
    pub fn faults(&self) -> Faults {
        self.lock().core.faults.clone()
    }

    /// Switches faults.
    pub fn set_faults(&self, faults: Faults) {
        self.lock().core.faults = faults;
    }

    /// The next requests in scope go wrong like this, one each.
    pub fn next_faults(&self, faults: impl IntoIterator<Item = Fault>) {
        self.lock().core.faults.next.extend(faults);
    }

    /// Switches the rate limits.
    pub fn set_limits(&self, limits: Limits) {
        self.lock().core.settings.limits = limits;
    }

    /// Switches behaviour; which properties HubSpot defines is decided when the portal is made.
    pub fn change_profile(&self, change: impl FnOnce(&mut Profile)) {
        change(&mut self.lock().core.settings.profile);
    }

    /// Carries out requests that were answered before and are due at `now` ([`Fault::Late`]).
    pub fn settle(&self, now: DateTime<Utc>) {
        let mut shared = self.lock();
        shared.core.settle(now.timestamp_millis());
        drop(shared.keep());
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks at the portal.
    pub(super) fn look<T>(&self, look: impl FnOnce(&Core) -> T) -> T {
        look(&self.lock().core)
    }

    /// Changes the portal, and the log with it.
    pub(super) fn change<T>(&self, change: impl FnOnce(&mut Core) -> T) -> T {
        let mut shared = self.lock();
        let changed = change(&mut shared.core);
        drop(shared.keep());
        changed
    }
}

impl Shared {
    fn keep(&mut self) -> io::Result<()> {
        let (Some(line), Some(log)) = (self.core.take_line(), &mut self.log) else { return Ok(()) };
        let written = log.write_all(&line);
        if written.is_err() {
            // Half a line must stay the last one.
            self.log = Some(Box::new(Broken));
        }
        written
    }
}

/// Where a log was that could not be written.
struct Broken;

impl Write for Broken {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
