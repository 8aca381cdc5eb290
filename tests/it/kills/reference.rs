//! An undisturbed load: how it ends, and how long each stretch of it takes.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use chrono::NaiveDate;
use ivohub::sandbox::hubspot::{Faults, Scope};

use super::picture::Picture;
use super::site::{Data, Site, Started, today};

/// What a run is seen to have reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gate {
    Started,
    Begun,
    Read,
    Planned,
    Sending,
}

/// In the order in which they are passed.
pub(super) const GATES: [Gate; 5] = [Gate::Started, Gate::Begun, Gate::Read, Gate::Planned, Gate::Sending];

impl Gate {
    pub(super) fn is_passed(self, run: &Started, site: &Site, written: u64) -> bool {
        match self {
            Self::Started => true,
            Self::Begun => run.noted().contains("run begins"),
            Self::Read => run.noted().contains(" read file="),
            Self::Planned => !run.said().is_empty(),
            Self::Sending => site.writing() > written,
        }
    }
}

/// Data sets, in the order in which they take turns.
pub(super) const SETS: [Data; 2] = [Data::Samples, Data::Seeded(120)];
/// How long the answer to a write takes, in milliseconds: sending is to be as long as the rest.
const ANSWER: u64 = 60;

/// An undisturbed load.
pub(super) struct Reference {
    picture: Picture,
    /// Per pass, the time from each gate to the next or to the end.
    pub(super) lengths: [[Duration; 5]; 3],
    day: NaiveDate,
}

impl Reference {
    pub(super) fn of(data: Data) -> &'static Self {
        static LOADS: [OnceLock<Reference>; 2] = [OnceLock::new(), OnceLock::new()];
        LOADS[usize::from(data != SETS[0])].get_or_init(|| Self::load(data))
    }

    fn load(data: Data) -> Self {
        let site = Site::new(data, 1);
        site.portal.set_faults(slow());
        let lengths = [0, 1, 2].map(|pass| lengths(&site, pass));
        let picture = Picture::of(&site.portal).expect("a sound portal");
        assert!(picture.len() > 300, "only {} records", picture.len());
        Self { picture, lengths, day: site.day }
    }

    /// Where another load did not end like this one. A load on another day may write other dates and is not compared.
    pub(super) fn differs(&self, begun: NaiveDate, found: &Picture) -> Option<String> {
        if [begun, today()] == [self.day; 2] { self.picture.differs(found) } else { None }
    }
}

/// Runs a pass and looks at the clock at every gate.
fn lengths(site: &Site, pass: usize) -> [Duration; 5] {
    let (written, begun) = (site.writing(), Instant::now());
    let mut run = site.project.start_pass(pass);
    let mut times = Vec::new();
    for gate in GATES {
        run = run.when(|run| gate.is_passed(run, site, written));
        times.push(begun.elapsed());
    }
    let ended = run.wait();
    assert!(matches!(ended.code, Some(0 | 3)) && ended.left() == 0, "{}", ended.told("is to end undisturbed"));
    times.push(begun.elapsed());
    [0, 1, 2, 3, 4].map(|at| times[at + 1].saturating_sub(times[at]))
}

/// Writes take their time; nothing goes wrong.
pub(super) fn slow() -> Faults {
    Faults { scope: Scope::Writes, slow: 1.0, slow_ms: ANSWER, ..Faults::none() }
}
