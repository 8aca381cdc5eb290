//! How many requests at once go well: more only while answers are quick, fewer at once when they are not.

use std::collections::BTreeMap;
use std::sync::PoisonError;
use std::time::Duration;

use crate::http::{Latency, Seat, Speed};

use super::count::millis;
use super::learned::Learned;
use super::line::Line;
use super::route::Route;
use super::told::Told;

/// Quick answers in a row before one more is tried.
const GROW_AFTER: u32 = 10;

/// The usual times of answers, and how many were quick in a row.
#[derive(Debug)]
pub(super) struct Steering {
    usual: BTreeMap<Route, Latency>,
    quick: u32,
}

impl Steering {
    pub(super) fn new(learned: &Learned) -> Self {
        let known = |route: &Route| learned.usual_ms.get(route.name()).copied().map(Duration::from_millis);
        let usual = Route::ALL.into_iter().map(|route| (route, Latency::new(known(&route)))).collect();
        Self { usual, quick: 0 }
    }

    pub(super) fn keep(&self, learned: &mut Learned) {
        let known = self.usual.iter().filter_map(|(route, latency)| Some((route, latency.usual()?)));
        learned.usual_ms = known.map(|(route, usual)| (route.name().to_owned(), millis(usual))).collect();
    }

    /// Takes in one good answer; `Some` when it asks for more or fewer at once.
    fn learn(&mut self, route: Route, took: Duration) -> Speed {
        let speed = self.usual.entry(route).or_default().learn(took);
        match speed {
            Speed::Quick => self.quick = self.quick.saturating_add(1),
            Speed::Usual | Speed::Slow => self.quick = 0,
        }
        speed
    }
}

impl Line {
    /// A good answer: gives the seat back, and perhaps one more or fewer.
    pub(super) fn good(&self, seat: Seat<'_>, route: Route, took: Duration) {
        let before = self.flight.limit();
        let (speed, quick) = {
            let mut steering = self.steering.lock().unwrap_or_else(PoisonError::into_inner);
            let speed = steering.learn(route, took);
            let quick = steering.quick;
            if quick >= GROW_AFTER {
                steering.quick = 0;
            }
            (speed, quick)
        };
        if speed == Speed::Slow {
            seat.trouble();
            self.tell(Told::Slow);
        } else if quick >= GROW_AFTER {
            seat.good();
        } else {
            drop(seat);
        }
        self.tell_parallel(before);
    }

    /// Trouble: gives the seat back, and fewer fly.
    pub(super) fn bad(&self, seat: Seat<'_>) {
        let before = self.flight.limit();
        self.steering.lock().unwrap_or_else(PoisonError::into_inner).quick = 0;
        seat.trouble();
        self.tell_parallel(before);
    }

    fn tell_parallel(&self, before: u32) {
        let now = self.flight.limit();
        if now != before {
            self.tell(Told::Parallel(now));
        }
    }
}
