//! Ctrl-C and SIGTERM: once, twice, and at every stage of a run.

use std::time::{Duration, Instant};

use ivohub::domain::Object;
use ivohub::sandbox::hubspot::Scope;

use super::site::{Data, Ended, Site, Started};

/// An answer that is out when the signal comes, in milliseconds.
const ANSWER: u64 = 400;
/// What is out must be finished within this.
const SOON: Duration = Duration::from_secs(10);

/// Sends a signal and waits for the end; the time is the one from the signal on.
fn stopped_by(run: Started, signal: &str) -> (Ended, Duration) {
    let sent = Instant::now();
    run.signal(signal);
    (run.wait(), sent.elapsed())
}

/// A pass that has sent its first request, whose answers take a while.
fn sending(site: &Site, pass: usize, answer: u64) -> Started {
    (0..pass).for_each(|before| drop(site.project.finish_pass(before).expect("an earlier pass")));
    site.slow(Scope::Writes, answer);
    let written = site.writing();
    site.project.start_pass(pass).when(|_| site.writing() > written)
}

fn check_while_sending(pass: usize, signal: &str, code: i32, next: &str) {
    let site = Site::new(Data::Samples, 2);
    let (ended, took) = stopped_by(sending(&site, pass, ANSWER), signal);
    assert_eq!(ended.code, Some(code), "{}", ended.told("was stopped"));
    assert!(took < SOON, "{took:?}");
    assert!(ended.stderr.contains(next), "{}", ended.told("must say how to go on"));
    let books = site.books();
    assert!(!books.is_in_doubt(), "what was out is waited for and written down");
    assert!(ended.left() > 0, "{}", ended.told("was stopped too late to prove anything"));
    site.finish();
}

#[test]
fn ctrl_c_while_sending_finishes_what_is_out_and_the_same_command_carries_on() {
    check_while_sending(1, "INT", 130, "to carry on: ivohub migrate-appointments --input termine.csv");
}

#[test]
fn sigterm_does_the_same_with_its_own_code() {
    check_while_sending(2, "TERM", 143, "to carry on: ivohub backfill-entries --input eintraege.csv");
}

#[test]
fn ctrl_c_twice_ends_at_once_and_the_same_command_carries_on() {
    let site = Site::new(Data::Samples, 3);
    let run = sending(&site, 1, 20_000);
    run.signal("INT");
    let run = run.when(|run| run.noted().contains("once more stops at once"));
    let (ended, took) = stopped_by(run, "INT");
    assert_eq!(ended.code, Some(130), "{}", ended.told("was stopped twice"));
    assert!(took < Duration::from_secs(2), "{took:?}");
    assert!(site.books().is_in_doubt(), "nobody waited for the answer");
    site.finish();
}

#[test]
fn ctrl_c_while_reading_leaves_nothing_that_was_proposed() {
    let site = Site::new(Data::Seeded(1_200), 4);
    let run = site.project.start_pass(2).when(|run| run.noted().contains("run begins"));
    let (ended, took) = stopped_by(run, "INT");
    assert_eq!(ended.code, Some(130), "{}", ended.told("was stopped"));
    assert!(took < SOON, "{took:?}");
    assert!(!ended.stderr.contains(" read file="), "{}", ended.told("was stopped too late to prove anything"));
    assert_eq!(site.books().proposed, 0);
    let ended = site.project.finish_pass(2).expect("the same command");
    assert_eq!((ended.code, site.writing_of_records()), (Some(3), 0), "every entry waits for its patient");
}

#[test]
fn ctrl_c_while_planning_leaves_nothing_that_was_proposed() {
    let site = Site::new(Data::Samples, 5);
    site.project.finish_pass(0).expect("the first pass");
    site.slow(Scope::Reads, 300);
    let written = site.writing();
    let run = site.project.start_pass(1).when(|run| run.noted().contains(" read file="));
    let (ended, took) = stopped_by(run, "INT");
    assert_eq!(ended.code, Some(130), "{}", ended.told("was stopped"));
    assert!(took < SOON, "{took:?}");
    assert!(ended.stderr.contains("to carry on: ivohub migrate-appointments --input termine.csv"));
    assert_eq!((site.books().proposed, site.writing() - written), (0, 0));
    assert_eq!(site.portal.count(Object::Appointment), 0);
    site.finish();
}
