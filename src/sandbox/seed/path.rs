//! Treatment paths: which visits a patient has in five years, in which order, and how each of them ended.

use chrono::{Days, NaiveDate};

use super::places::{Course, Purpose};
use super::rng::Rng;

/// Days that a path may span, five years.
const SPAN: i64 = 1_800;
/// Days that the calendar is booked ahead, just under six months.
const LEAD: i64 = 170;

/// How far along a patient is (`domain.md` 6.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    OneOff,
    Finished,
    Active,
    Retention,
}

/// Shares of the classes among patients.
pub(crate) type Mix = [(u32, Class); 4];

/// The load model: 8.6 appointments per patient.
pub(crate) const EVERYBODY: Mix =
    [(45, Class::OneOff), (35, Class::Finished), (13, Class::Active), (7, Class::Retention)];

/// Those who come often, for small sets that should still show whole treatments.
pub(crate) const REGULARS: Mix =
    [(10, Class::OneOff), (55, Class::Finished), (22, Class::Active), (13, Class::Retention)];

impl Class {
    /// Number of appointments: means 1.3, 16, 9 and 18.
    fn visits(self, rng: &mut Rng) -> u32 {
        match self {
            Self::OneOff => rng.weighted(&[(76, 1), (18, 2), (6, 3)]),
            Self::Finished if rng.chance(30, 100) => rng.between(8, 30),
            Self::Finished => rng.between(8, 30).min(rng.between(8, 30)),
            Self::Active if rng.chance(65, 100) => rng.between(2, 25).min(rng.between(2, 25)),
            Self::Active => rng.between(2, 25).min(rng.between(2, 25)).min(rng.between(2, 25)),
            Self::Retention if rng.chance(42, 100) => rng.between(10, 30),
            Self::Retention => rng.between(10, 30).min(rng.between(10, 30)),
        }
    }
}

/// How an appointment ended, or stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    Completed,
    Cancelled,
    NoShow,
    Clarified,
    /// Long past, still booked: nobody closed it.
    Stale,
    Booked,
    Confirmed,
}

impl Ending {
    /// Shares of `domain.md` 6.2; consultations that lead to nothing are the ones that get clarified.
    fn past(class: Class, rng: &mut Rng) -> Self {
        let clarified = if class == Class::OneOff { 240 } else { 4 };
        rng.weighted(&[
            (120, Self::Cancelled),
            (70, Self::NoShow),
            (clarified, Self::Clarified),
            (30, Self::Stale),
            (780 - clarified, Self::Completed),
        ])
    }

    fn ahead(rng: &mut Rng) -> Self {
        rng.weighted(&[(70, Self::Booked), (28, Self::Confirmed), (2, Self::Cancelled)])
    }

    /// Whether the treatment goes on behind it; otherwise the same is booked again.
    const fn advances(self) -> bool {
        matches!(self, Self::Completed | Self::Stale | Self::Booked | Self::Confirmed)
    }
}

/// One visit of a path.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Planned {
    pub(crate) day: NaiveDate,
    pub(crate) purpose: Purpose,
    pub(crate) ending: Ending,
}

/// Plans all visits of a patient; days are wishes that the calendar may shift.
pub(crate) fn plan(class: Class, course: Course, today: NaiveDate, rng: &mut Rng) -> Vec<Planned> {
    let count = class.visits(rng) as usize;
    let ahead = match class {
        Class::Active if count > 2 => rng.between(1, 2) as usize,
        Class::Active => 1,
        Class::Retention => usize::from(rng.chance(60, 100)),
        Class::OneOff => usize::from(count == 1 && rng.chance(4, 100)),
        Class::Finished => 0,
    };
    let endings: Vec<Ending> =
        (0..count).map(|at| if at + ahead >= count { Ending::ahead(rng) } else { Ending::past(class, rng) }).collect();
    let steps = endings.iter().filter(|ending| ending.advances()).count();
    let purposes = purposes(class, course, steps, rng);
    let mut next = purposes.iter().copied();
    let mut purpose = next.next();
    let last = purposes.last().copied().unwrap_or(first_purpose(course));
    let mut visits = Vec::with_capacity(count);
    let (mut offset, mut offsets) = (0_i64, Vec::with_capacity(count));
    let mut failed = false;
    for ending in endings {
        let now = purpose.unwrap_or(last);
        offset += i64::from(gap(course, now, failed, rng));
        offsets.push(offset);
        visits.push(Planned { day: today, purpose: now, ending });
        failed = !ending.advances();
        if !failed {
            purpose = next.next();
        }
    }
    place(&mut visits, &offsets, ahead, class, today, rng);
    visits
}

/// Turns offsets into days, so that the visits ahead lie ahead.
fn place(visits: &mut [Planned], offsets: &[i64], ahead: usize, class: Class, today: NaiveDate, rng: &mut Rng) {
    let first = offsets.first().copied().unwrap_or(0);
    let span = (offsets.last().copied().unwrap_or(0) - first).max(1);
    let scaled = |at: usize| {
        let offset = offsets.get(at).copied().unwrap_or(0) - first;
        if span > SPAN { offset * SPAN / span } else { offset }
    };
    let count = visits.len();
    // The offset at which today lies.
    let present = if let Some(coming) = count.checked_sub(ahead).filter(|at| *at < count) {
        let gap = if coming > 0 { scaled(coming) - scaled(coming - 1) } else { 40 };
        scaled(coming) - i64::from(rng.between(1, u32::try_from((gap - 1).clamp(1, 150)).unwrap_or(1)))
    } else {
        let idle = match class {
            Class::Retention => rng.between(3, 150),
            Class::OneOff | Class::Finished | Class::Active => {
                rng.between(3, u32::try_from((SPAN - span.min(SPAN)).max(30)).unwrap_or(30))
            }
        };
        scaled(count.saturating_sub(1)) + i64::from(idle)
    };
    for (at, visit) in visits.iter_mut().enumerate() {
        let days = (scaled(at) - present).min(LEAD);
        let shift = Days::new(days.unsigned_abs().min(SPAN.unsigned_abs() + 20));
        visit.day = if days < 0 { today - shift } else { today + shift };
    }
}

const fn first_purpose(course: Course) -> Purpose {
    match course {
        Course::Braces | Course::Aligner | Course::Implant => Purpose::Consult,
        Course::Hygiene => Purpose::Cleaning,
    }
}

/// The purposes of so many visits that really happen.
fn purposes(class: Class, course: Course, steps: usize, rng: &mut Rng) -> Vec<Purpose> {
    let mut head = match course {
        Course::Braces | Course::Aligner => vec![Purpose::Consult, Purpose::Records, Purpose::Plan, Purpose::Start],
        Course::Implant => {
            vec![Purpose::Consult, Purpose::Records, Purpose::Quote, Purpose::Start, Purpose::Fitting]
        }
        Course::Hygiene => Vec::new(),
    };
    let orthodontic = matches!(course, Course::Braces | Course::Aligner);
    if orthodontic && rng.chance(35, 100) {
        head.insert(3, Purpose::Quote);
    }
    let recalls = match class {
        Class::Finished => steps / 6,
        Class::Retention => steps / 2,
        Class::OneOff | Class::Active => 0,
    };
    let mut tail = Vec::new();
    if orthodontic && matches!(class, Class::Finished | Class::Retention) {
        tail.extend([Purpose::End, Purpose::Retainer]);
        tail.extend(std::iter::repeat_n(Purpose::Retention, recalls));
    }
    head.truncate(steps);
    tail.truncate(steps - head.len());
    let middle = steps - head.len() - tail.len();
    let filler = if orthodontic { Purpose::Control } else { Purpose::Cleaning };
    head.extend((0..middle).map(|_| if rng.chance(1, 10) { Purpose::Emergency } else { filler }));
    head.extend(tail);
    head
}

/// Days between the visit before and one for `purpose`.
fn gap(course: Course, purpose: Purpose, failed: bool, rng: &mut Rng) -> u32 {
    if failed {
        return rng.between(6, 27);
    }
    match (purpose, course) {
        (Purpose::Consult | Purpose::Records, _) => rng.between(8, 30),
        (Purpose::Plan, _) => rng.between(14, 35),
        (Purpose::Quote, _) => rng.between(7, 21),
        (Purpose::Start, _) => rng.between(20, 60),
        (Purpose::Control, Course::Aligner) => rng.between(42, 75),
        (Purpose::Control, _) => rng.between(28, 56),
        (Purpose::Fitting, _) => rng.between(80, 120),
        (Purpose::Emergency, _) => rng.between(4, 25),
        (Purpose::End, _) => rng.between(28, 50),
        (Purpose::Retainer, _) => rng.between(1, 12),
        (Purpose::Retention, _) => rng.between(90, 190),
        (Purpose::Cleaning, _) => rng.between(120, 200),
    }
}
