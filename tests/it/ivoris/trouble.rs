//! Servers that fail in every way: everything is read all the same, for little more, and never by more at once.

use std::time::Duration;

use ivohub::domain::Kind;
use ivohub::ivoris::Settings as Care;
use ivohub::sandbox::ivoris::{Burst, Data, Fault, Faults, Latency, Load, Settings as Shape};
use ivohub::sandbox::seed;

use super::life::Life;

/// Runs until everything is read, each started by a scheduler when the one before could not go on.
const RUNS: u32 = 6;
/// A server that bears what a careful reader asks.
const USUAL: Load = Load { parallel: Some(2), days: Some(31), after_ms: 2_000 };

/// A kind of trouble.
struct Trouble {
    name: &'static str,
    faults: Faults,
    load: Load,
    care: fn(Care) -> Care,
    /// Requests at once of both installations together.
    most: u32,
}

impl Trouble {
    fn new(name: &'static str, faults: Faults) -> Self {
        Self { name, faults, load: USUAL, care: |care| care, most: 2 }
    }

    fn life(&self, seed: u64) -> Life {
        let settings = seed::Settings { seed, patients: 40, ..seed::Settings::default() };
        let shape = Shape { seed, load: self.load, latency: Latency::Each(150), ..Shape::default() };
        let mut life = Life::new(shape, Data::seed(&settings));
        life.care = self.care;
        life
    }

    /// Reads all three kinds to their end; returns the calls.
    async fn read_all(&self, life: &mut Life) -> u64 {
        for kind in Kind::ALL {
            for run in 1.. {
                let what = self.name;
                assert!(run <= RUNS, "{what}: {kind:?} does not come to an end");
                let fetched = life.reads(Life::want(kind)).await;
                if fetched.is_complete() {
                    break;
                }
                tokio::time::sleep(Duration::from_mins(10)).await;
            }
        }
        life.practice.counters().calls()
    }

    async fn check(&self) {
        for seed in 1..=2 {
            let few = self.read_all(&mut self.life(seed)).await;
            let mut life = self.life(seed);
            life.practice.set_faults(self.faults.clone());
            let calls = self.read_all(&mut life).await;
            let what = format!("{}, seed {seed}: {calls} calls, {few} of a healthy server", self.name);
            let (found, wanted) = (life.inbox().await, life.truth());
            let differs: Vec<_> = found.symmetric_difference(&wanted).take(10).collect();
            assert!(differs.is_empty(), "{what}: {differs:#?}");
            let counters = life.practice.counters();
            assert!(counters.most_in_flight <= self.most, "{what}: {} at once", counters.most_in_flight);
            assert!(calls * 10 <= few * 16, "{what}");
            assert!(counters.failed() > few / 10, "{what}: there was trouble");
            assert_eq!(counters.not_get, 0);
        }
    }
}

fn often(fault: Fault) -> Faults {
    Faults::none().with(fault, 0.3)
}

fn in_rows(fault: Fault, length: u32) -> Faults {
    Faults { bursts: vec![Burst { fault, begins: 0.025, length }], ..Faults::none() }
}

fn by_two(care: Care) -> Care {
    Care { parallel: 2, ..care }
}

#[tokio::test(start_paused = true)]
async fn thirty_of_a_hundred_calls_are_answered_504() {
    Trouble::new("504", Faults { timeout_ms: 2_000, ..often(Fault::GatewayTimeout) }).check().await;
}

#[tokio::test(start_paused = true)]
async fn the_same_by_two_at_once() {
    let faults = Faults { timeout_ms: 2_000, ..often(Fault::GatewayTimeout) };
    let load = Load { parallel: None, ..USUAL };
    Trouble { care: by_two, most: 4, load, ..Trouble::new("504 by two", faults) }.check().await;
}

#[tokio::test(start_paused = true)]
async fn a_server_that_bears_less_than_it_is_asked() {
    // Windows of ten days, three at once of both installations; and trouble beside that.
    let load = Load { parallel: Some(3), days: Some(10), after_ms: 2_000 };
    let faults = Faults::none().with(Fault::GatewayTimeout, 0.2);
    Trouble { care: by_two, most: 4, load, ..Trouble::new("weak", faults) }.check().await;
}

#[tokio::test(start_paused = true)]
async fn rows_of_ten_and_more_failures() {
    Trouble::new("rows of 504", in_rows(Fault::GatewayTimeout, 10)).check().await;
    Trouble::new("rows of HTML", in_rows(Fault::Html, 14)).check().await;
}

#[tokio::test(start_paused = true)]
async fn empty_503s() {
    Trouble::new("503", often(Fault::Unavailable)).check().await;
}

#[tokio::test(start_paused = true)]
async fn web_pages_with_200() {
    Trouble::new("HTML", often(Fault::Html)).check().await;
}

#[tokio::test(start_paused = true)]
async fn json_that_breaks_off() {
    Trouble::new("truncated", often(Fault::Truncated)).check().await;
}

#[tokio::test(start_paused = true)]
async fn connections_that_break() {
    Trouble::new("resets", often(Fault::Reset)).check().await;
}

#[tokio::test(start_paused = true)]
async fn everything_at_once() {
    let kinds = [Fault::GatewayTimeout, Fault::Unavailable, Fault::BadGateway, Fault::ServerError, Fault::Reset];
    let kinds = kinds.into_iter().chain([Fault::Truncated, Fault::Html, Fault::Empty]);
    let rows = Faults { bursts: vec![Burst { fault: Fault::Unavailable, begins: 0.01, length: 12 }], ..Faults::none() };
    let faults = kinds.fold(rows, |faults, kind| faults.with(kind, 0.02));
    let load = Load { parallel: None, ..USUAL };
    Trouble { care: by_two, most: 4, load, ..Trouble::new("mixture", faults) }.check().await;
}
