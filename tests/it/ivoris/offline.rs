//! Practices that nobody answers in for hours: few probes, then it goes on; and credentials that are refused.

use std::time::Duration;

use chrono::TimeDelta;
use ivohub::domain::Kind;
use ivohub::pass::Reached;
use ivohub::sandbox::ivoris::{Closed, Data, Latency, Settings as Shape};
use ivohub::sandbox::seed;

use super::life::Life;

const HOURS: i64 = 10;

fn life() -> Life {
    let data = Data::seed(&seed::Settings { patients: 12, ..seed::Settings::default() });
    Life::new(Shape { latency: Latency::Each(150), ..Shape::default() }, data)
}

/// Nobody is in from a while after now, for ten hours.
fn close(life: &Life, silent: bool) -> Closed {
    let from = life.now() + TimeDelta::seconds(15);
    let closed = Closed { from, to: from + TimeDelta::hours(HOURS), silent };
    life.practice.change_faults(|faults| faults.closed.push(closed));
    closed
}

/// Reads the calendar while nobody is in, and then everything is there.
async fn check(silent: bool) {
    let mut life = life();
    life.reads(Life::want(Kind::Patient)).await;
    life.practice.reset_counters();
    let closed = close(&life, silent);
    let fetched = life.reads(Life::want(Kind::Appointment)).await;
    assert!(fetched.is_complete(), "it goes on by itself: {fetched:?}");
    assert!(life.now() >= closed.to, "it waited");
    assert!(life.now() < closed.to + TimeDelta::minutes(30), "and not much longer: {}", life.now());
    let (counters, log) = (life.practice.counters(), life.practice.log());
    // Two installations: each is asked on its own.
    assert!(counters.closed <= 2 * 130, "{} calls while nobody was in", counters.closed);
    for name in ["nord", "sued"] {
        let away = |at| closed.from <= at && at < closed.to;
        let asked = log.iter().filter(|one| away(one.at) && one.installation.as_deref() == Some(name));
        let (probes, others): (Vec<_>, Vec<_>) = asked.partition(|one| one.action == Some("Ping"));
        assert!(probes.len() + others.len() <= 130, "{name}: {} calls", probes.len() + others.len());
        assert!(probes.len() >= 100, "{name}: {} probes", probes.len());
        assert!(others.len() <= 6, "{name}: nobody else asks: {others:?}");
    }
    life.reads(Life::want(Kind::Entry)).await;
    assert_eq!(life.inbox().await, life.truth());
}

#[tokio::test(start_paused = true)]
async fn ten_hours_of_silence() {
    check(true).await;
}

#[tokio::test(start_paused = true)]
async fn ten_hours_of_empty_503s() {
    check(false).await;
}

#[tokio::test(start_paused = true)]
async fn a_run_that_follows_one_that_was_killed_knows_that_nobody_is_in() {
    let mut life = life();
    life.reads(Life::want(Kind::Patient)).await;
    let closed = close(&life, true);
    // Killed three hours later.
    let killed = tokio::time::timeout(Duration::from_hours(3), life.read(Life::want(Kind::Appointment), i64::MAX));
    assert!(killed.await.is_err());
    let before = life.practice.log();
    let last = before.last().expect("it probed").at;
    life.practice.reset_counters();
    let begun = life.now();
    let fetched = life.reads(Life::want(Kind::Appointment)).await;
    assert!(fetched.is_complete());
    let log = life.practice.log();
    for name in ["nord", "sued"] {
        let of = |one: &&ivohub::sandbox::ivoris::Logged| one.installation.as_deref() == Some(name);
        let first = log.iter().find(of).expect("it is asked");
        assert_eq!(first.action, Some("Ping"), "the first is a probe");
        let before = before.iter().rev().find(of).map_or(last, |one| one.at);
        let wait = first.at - before;
        assert!(first.at > begun && wait > TimeDelta::minutes(4), "{name}: the next probe is not due before: {wait}");
        let probes = log.iter().filter(of).filter(|one| one.at < closed.to).count();
        assert!(probes <= 90, "{name}: {probes} probes in the seven hours left");
    }
    assert!(fetched.installations.iter().all(|one| one.state == Reached::Read));
}

#[tokio::test(start_paused = true)]
async fn a_run_whose_time_is_over_says_since_when_nobody_answers() {
    let mut life = life();
    life.reads(Life::want(Kind::Patient)).await;
    let closed = close(&life, false);
    let want = ivohub::pass::Want { within: Some(Duration::from_hours(1)), ..Life::want(Kind::Appointment) };
    let fetched = life.reads(want).await;
    assert!(fetched.is_unavailable() && !fetched.is_something());
    for one in &fetched.installations {
        let Reached::Unavailable { since } = one.state else { panic!("{:?}", one.state) };
        assert!((since - closed.from).num_seconds().abs() < 60, "{since}, closed {}", closed.from);
    }
    tokio::time::sleep(Duration::from_hours(10)).await;
    life.practice.reset_counters();
    let fetched = life.reads(Life::want(Kind::Appointment)).await;
    assert!(fetched.is_complete());
    assert!(fetched.installations.iter().any(|one| one.reused > 0), "what was read is not read again");
}
