//! What changes between two readings: everything is noticed, and nothing is believed too early.

use std::collections::BTreeSet;

use chrono::{Days, TimeDelta};
use ivohub::domain::Kind;
use ivohub::extract::api::Span;
use ivohub::pass::{Fetched, Want};
use ivohub::sandbox::ivoris::{Appointment, Change, Data, Entry, Oddities, Planner, Settings as Shape};
use ivohub::sandbox::seed;

use ivohub::store::Store as _;

use super::life::{Life, day};

async fn known() -> Life {
    let data = Data::seed(&seed::Settings { seed: 3, patients: 30, ..seed::Settings::default() });
    let mut life = Life::new(Shape { oddities: Oddities::NONE, ..Shape::default() }, data);
    for kind in Kind::ALL {
        assert!(life.reads(Life::want(kind)).await.is_complete());
    }
    same(&life.inbox().await, &life.truth());
    life
}

/// A usual run: some months back, some ahead.
fn near(kind: Kind) -> Want {
    Want { days: Span::new(day("2026-03-01"), day("2027-03-31")).expect("days"), ..Life::want(kind) }
}

async fn later(hours: u64) {
    tokio::time::advance(std::time::Duration::from_hours(hours)).await;
}

fn change(life: &Life, change: Change) {
    assert!(life.practice.change("nord", change, life.now()), "it is there");
}

/// An appointment of these days that has a patient.
fn soon(life: &Life, at: usize) -> Appointment {
    let all = life.practice.appointments("nord").into_iter();
    let mut soon = all.filter(|one| {
        one.patient.is_some() && near(Kind::Appointment).days.holds(one.begin.date()) && one.state != "Cancelled"
    });
    soon.nth(at).expect("appointments")
}

fn suspects(fetched: &Fetched) -> (u64, u64) {
    let all = &fetched.installations;
    (all.iter().map(|one| one.suspects).sum(), all.iter().map(|one| one.gone).sum())
}

async fn is_true(life: &Life) -> bool {
    life.inbox().await == life.truth()
}

#[track_caller]
fn same(found: &BTreeSet<String>, wanted: &BTreeSet<String>) {
    let differs: Vec<_> = found.symmetric_difference(wanted).take(10).collect();
    assert!(differs.is_empty(), "{differs:#?}");
}

#[tokio::test(start_paused = true)]
async fn everything_that_moves_or_turns_is_noticed() {
    let mut life = known().await;
    later(1).await;
    let [moved, out, cancelled, back, other, none] = [0, 1, 2, 3, 4, 5].map(|at| soon(&life, at));
    let patients = life.practice.patients("nord");
    change(&life, Change::cancelled(&back.id));
    life.reads(near(Kind::Appointment)).await;
    same(&life.inbox().await, &life.truth());

    let begin = moved.begin + Days::new(3);
    change(&life, Change::AppointmentMoved { id: moved.id, begin, chair: None });
    let begin = out.begin + Days::new(200);
    change(&life, Change::AppointmentMoved { id: out.id, begin, chair: None });
    change(&life, Change::cancelled(&cancelled.id));
    change(&life, Change::uncancelled(&back.id));
    let patient = patients.iter().map(|one| &one.id).find(|id| Some(*id) != other.patient.as_ref()).cloned();
    change(&life, Change::AppointmentReparented { id: other.id, patient });
    change(&life, Change::AppointmentReparented { id: none.id, patient: None });
    assert!(!is_true(&life).await);
    life.reads(near(Kind::Appointment)).await;
    same(&life.inbox().await, &life.truth());
}

#[tokio::test(start_paused = true)]
async fn late_and_back_dated_entries_are_read() {
    let mut life = known().await;
    later(1).await;
    let seen = soon(&life, 0).patient.expect("a patient");
    let pattern = life.practice.entries("nord").into_iter().next().expect("entries");
    for (at, date) in [(1, "2026-11-23"), (2, "2024-02-01")] {
        let id = format!("0000000{at}-bbbb-4bbb-8bbb-000000000000");
        let entry = Entry { id, patient: seen.clone(), date: day(date), ..pattern.clone() };
        change(&life, Change::EntryAdded { entry: Box::new(entry) });
    }
    // Only patients with an appointment in these days are asked for.
    life.reads(Want { all_patients: false, ..near(Kind::Entry) }).await;
    same(&life.inbox().await, &life.truth());
}

#[tokio::test(start_paused = true)]
async fn a_deleted_appointment_is_gone_after_two_readings_a_day_apart() {
    let mut life = known().await;
    later(1).await;
    change(&life, Change::AppointmentDeleted { id: soon(&life, 0).id });
    assert_eq!(suspects(&life.reads(near(Kind::Appointment)).await), (1, 0));
    assert!(!is_true(&life).await, "once proves nothing");
    later(22).await;
    assert_eq!(suspects(&life.reads(near(Kind::Appointment)).await), (1, 0));
    assert!(!is_true(&life).await, "nor does twice on one day");
    later(2).await;
    assert_eq!(suspects(&life.reads(near(Kind::Appointment)).await), (0, 1));
    same(&life.inbox().await, &life.truth());
    life.practice.reset_counters();
    assert_eq!(suspects(&life.reads(near(Kind::Appointment)).await), (0, 0), "and is not looked for again");
    assert_eq!(life.practice.counters().calls_of("Appointment"), 0);
}

#[tokio::test(start_paused = true)]
async fn one_reading_that_is_used_twice_is_one() {
    let mut life = known().await;
    later(1).await;
    change(&life, Change::AppointmentDeleted { id: soon(&life, 0).id });
    let looked = life.looks(near(Kind::Appointment)).await;
    assert_eq!(suspects(&looked), (1, 0));
    later(30).await;
    let again = life.looks(near(Kind::Appointment)).await;
    assert!(again.installations.iter().all(|one| one.reused > 0), "{again:?}");
    assert_eq!(suspects(&again), (1, 0));
    let reused = life.reads(near(Kind::Appointment)).await;
    assert_eq!(suspects(&reused), (1, 0));
    assert!(!is_true(&life).await);
    assert_eq!(suspects(&life.reads(near(Kind::Appointment)).await), (0, 1), "read anew, a day later");
    same(&life.inbox().await, &life.truth());
}

#[tokio::test(start_paused = true)]
async fn what_is_shown_again_was_never_gone() {
    let mut life = known().await;
    later(1).await;
    let one = soon(&life, 0);
    change(&life, Change::AppointmentDeleted { id: one.id.clone() });
    life.reads(near(Kind::Appointment)).await;
    later(12).await;
    change(&life, Change::AppointmentAdded { appointment: Box::new(one.clone()) });
    life.reads(near(Kind::Appointment)).await;
    later(12).await;
    change(&life, Change::AppointmentDeleted { id: one.id });
    // The day counts from the second disappearance.
    assert_eq!(suspects(&life.reads(near(Kind::Appointment)).await), (1, 0));
    assert!(!is_true(&life).await);
}

#[tokio::test(start_paused = true)]
async fn merged_patients_take_everything_with_them() {
    let mut life = known().await;
    later(1).await;
    let from = soon(&life, 0).patient.expect("a patient");
    let into = life.practice.patients("nord").into_iter().map(|one| one.id).find(|id| *id != from).expect("another");
    change(&life, Change::PatientsMerged { from, into });
    for _ in 0..2 {
        for kind in Kind::ALL {
            life.reads(Life::want(kind)).await;
        }
        later(25).await;
    }
    same(&life.inbox().await, &life.truth());
}

#[tokio::test(start_paused = true)]
async fn a_calendar_that_is_empty_all_at_once_is_not_believed() {
    let mut life = known().await;
    let before = life.inbox().await;
    life.practice.change_settings(|settings| settings.planner = Planner::Empty);
    for _ in 0..3 {
        later(30).await;
        life.practice.reset_counters();
        let fetched = life.reads(Want { cross_check: None, ..near(Kind::Appointment) }).await;
        assert!(!fetched.is_complete(), "somebody has to look: {fetched:?}");
        let notes: Vec<_> = fetched.installations.iter().flat_map(|one| &one.notes).collect();
        assert!(notes.iter().any(|note| note.contains("too many to be believed")), "{notes:?}");
        assert_eq!(suspects(&fetched).1, 0);
        let singles = life.practice.counters().routes.get("nord Appointment").map_or(0, |count| count.calls);
        assert_eq!(singles, 0, "nobody asks for each of them");
    }
    assert_eq!(life.inbox().await, before);
    life.practice.change_settings(|settings| settings.planner = Planner::On);
    assert!(life.reads(near(Kind::Appointment)).await.is_complete());
}

#[tokio::test(start_paused = true)]
async fn a_chart_that_is_empty_all_at_once_is_kept_and_asked_for_again() {
    let mut life = known().await;
    let all = life.practice.entries("nord");
    let busy: Vec<_> = (0..6).filter_map(|at| soon(&life, at).patient).collect();
    let patient = all.iter().map(|one| &one.patient).find(|id| !busy.contains(id)).expect("a patient").clone();
    let own: Vec<Entry> = all.into_iter().filter(|one| one.patient == patient).collect();
    let before = life.store.status().await.expect("status").queues;
    for entry in &own {
        change(&life, Change::EntryRemoved { id: entry.id.clone() });
    }
    let unconfirmed = |fetched: &Fetched| fetched.installations.iter().map(|one| one.unconfirmed).sum::<u64>();
    later(1).await;
    assert_eq!(unconfirmed(&life.reads(Life::want(Kind::Entry)).await), 1);
    later(24).await;
    // Asked for again, also by a run that is about other patients.
    let days = Span::new(day("2026-11-23"), day("2026-11-23")).expect("days");
    let few = Want { all_patients: false, days, ..Life::want(Kind::Entry) };
    life.practice.reset_counters();
    assert_eq!(unconfirmed(&life.reads(few.clone()).await), 1);
    let asked = |life: &Life| life.practice.log().iter().any(|one| one.id.as_deref() == Some(&*patient));
    assert!(asked(&life));
    let known = life.store.status().await.expect("status").queues;
    assert_eq!(
        known.iter().map(|queue| queue.1).collect::<Vec<_>>(),
        before.iter().map(|queue| queue.1).collect::<Vec<_>>()
    );
    for entry in own {
        change(&life, Change::EntryAdded { entry: Box::new(entry) });
    }
    assert_eq!(unconfirmed(&life.reads(few.clone()).await), 0);
    life.practice.reset_counters();
    life.reads(few).await;
    assert!(!asked(&life), "and then no more");
    same(&life.inbox().await, &life.truth());
}

#[tokio::test(start_paused = true)]
async fn a_patient_without_record_is_asked_for_less_and_less_often() {
    let mut life = known().await;
    let one = soon(&life, 0);
    let id = "0000000f-aaaa-4aaa-8aaa-000000000000";
    change(&life, Change::AppointmentReparented { id: one.id, patient: Some(id.to_owned()) });
    let begun = life.now();
    let mut asked = Vec::new();
    // Every five minutes for a while, then every hour.
    for step in (0..48).map(|_| 5).chain((0..120).map(|_| 60)) {
        life.practice.reset_counters();
        let fetched = life.reads(near(Kind::Appointment)).await;
        assert_eq!(fetched.installations.iter().map(|one| one.missing).sum::<u64>(), 1);
        if life.practice.counters().calls_of("Patient") > 0 {
            asked.push((life.now() - begun).num_minutes());
        }
        tokio::time::advance(std::time::Duration::from_mins(step)).await;
    }
    let waits: Vec<i64> = asked.windows(2).map(|pair| pair[1] - pair[0]).collect();
    for (wait, wanted) in waits.iter().zip([5, 30, 120, 720, 2_880]) {
        assert!((wanted..=wanted + 75).contains(wait), "{waits:?}");
    }
    assert!(waits.len() >= 4, "{waits:?}");
    let patient = life.practice.patients("nord").into_iter().next().expect("patients");
    let patient = ivohub::sandbox::ivoris::Patient { id: id.to_owned(), ..patient };
    change(&life, Change::PatientAdded { patient: Box::new(patient), place: None });
    tokio::time::advance(TimeDelta::hours(49).to_std().expect("a time")).await;
    let fetched = life.reads(near(Kind::Appointment)).await;
    assert_eq!(fetched.installations.iter().map(|one| one.missing).sum::<u64>(), 0);
    same(&life.inbox().await, &life.truth());
}
