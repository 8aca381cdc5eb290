//! What goes wrong on purpose.

use std::time::Duration;

use chrono::TimeDelta;

use super::desk::{ask, list, request, samples, today};
use crate::sandbox::ivoris::{Burst, Closed, Ending, Fault, Faults, Latency, Load, Reply, Settings};

const PATIENTS: &str = "/Patient/v1/AllPatients";
const WINDOW: &str = "/Appointment/v1/AllAppointments";

#[test]
fn each_fault_looks_like_the_real_one() {
    let practice = samples(Settings::default());
    let whole = ask(&practice, PATIENTS, &[]);
    let spoilt = |fault: Fault| {
        practice.next_faults([fault]);
        ask(&practice, PATIENTS, &[])
    };
    let kind = |reply: &Reply| {
        let header = reply.headers.iter().find(|(name, _)| *name == "content-type");
        (reply.status, header.map_or(String::new(), |(_, value)| value.clone()), reply.body.is_empty())
    };
    assert_eq!(kind(&spoilt(Fault::GatewayTimeout)), (504, "text/html".to_owned(), false));
    assert_eq!(kind(&spoilt(Fault::Unavailable)), (503, String::new(), true));
    assert_eq!(kind(&spoilt(Fault::BadGateway)), (502, "text/plain".to_owned(), false));
    assert_eq!(spoilt(Fault::ServerError).body, br#"{"message":"An error has occurred."}"#);
    assert_eq!(spoilt(Fault::Reset).ending, Ending::Cut);
    assert_eq!(spoilt(Fault::Slow), Reply { delay: Duration::from_secs(5), ..whole.clone() });
    let cut = spoilt(Fault::Truncated);
    assert!(cut.status == 200 && serde_json::from_slice::<serde_json::Value>(&cut.body).is_err());
    let page = spoilt(Fault::Html);
    assert!(page.status == 200 && page.body.starts_with(b"<!DOCTYPE html>"));
    assert_eq!(kind(&spoilt(Fault::Empty)), (200, String::new(), true));
    assert_eq!(spoilt(Fault::Null).body, b"null");
    assert_eq!(ask(&practice, PATIENTS, &[]), whole, "one request each");
    let counters = practice.counters();
    assert_eq!((counters.calls_of("AllPatients"), counters.failed()), (12, 9), "slow is no failure");
    assert_eq!(counters.faults.len(), 10);
}

#[test]
fn rates_hold_per_route() {
    let practice = samples(Settings::default());
    practice.set_faults(Faults::none().with(Fault::GatewayTimeout, 0.3).on("Ping", Fault::Unavailable, 1.0));
    let failed = (0..1_000).filter(|_| ask(&practice, PATIENTS, &[]).status == 504).count();
    assert!((250..350).contains(&failed), "{failed}");
    assert!((0..10).all(|_| ask(&practice, "/About/v1/Ping", &[]).status == 503));
}

#[test]
fn a_burst_has_its_length() {
    let practice = samples(Settings::default());
    let burst = Burst { fault: Fault::GatewayTimeout, begins: 0.02, length: 12 };
    practice.set_faults(Faults { bursts: vec![burst], ..Faults::none() });
    let failed: Vec<bool> = (0..3_000).map(|_| ask(&practice, "/About/v1/Ping", &[]).status == 504).collect();
    let rows: Vec<usize> = failed.chunk_by(|one, next| one == next).filter(|row| row[0]).map(<[bool]>::len).collect();
    // Two bursts may follow each other, and the last may be under way.
    assert!(rows.len() > 10 && rows[..rows.len() - 1].iter().all(|row| row % 12 == 0), "{rows:?}");
}

#[test]
fn a_day_that_cannot_be_read_fails_every_window_over_it_until_it_heals() {
    let practice = samples(Settings::default());
    let day = "2026-10-20".parse().expect("a day");
    practice.change_faults(|faults| faults.days.extend([("nord".to_owned(), day)]));
    let status = |begin: &str, end: &str| ask(&practice, WINDOW, &[("begin", begin), ("end", end)]).status;
    assert_eq!([status("2026-10-19", "2026-10-25"), status("2026-10-20", "2026-10-20")], [504, 504]);
    assert_eq!([status("2026-10-19", "2026-10-19"), status("2026-10-21", "2026-10-25")], [200, 200]);
    let other = "/relay/sued/webservice/api/Appointment/v1/AllAppointments";
    assert_eq!(ask(&practice, other, &[("begin", "2026-10-20"), ("end", "2026-10-20")]).status, 200);
    practice.heal();
    assert_eq!(status("2026-10-20", "2026-10-20"), 200);
    assert_eq!(practice.counters().unreadable, 2);
}

#[test]
fn a_patient_that_cannot_be_read_is_listed_all_the_same() {
    let practice = samples(Settings::default());
    let patient = practice.patients("nord")[0].id.clone();
    practice.change_faults(|faults| faults.patients.extend([patient.clone()]));
    let profile = practice.profiles("nord")[0].id.clone();
    let chart = [("patientId", patient.as_str()), ("profileId", profile.as_str())];
    assert_eq!(ask(&practice, "/Documentation/v1/Entries", &chart).status, 504);
    assert_eq!(ask(&practice, "/Patient/v1/Patient", &[("id", &patient)]).status, 504);
    assert_eq!(ask(&practice, &format!("/Appointment/v1/Patient/{patient}/AllAppointments"), &[]).status, 504);
    assert_eq!(list(&practice, PATIENTS, &[]).len(), 50);
    practice.heal();
    assert_eq!(ask(&practice, "/Documentation/v1/Entries", &chart).status, 200);
}

#[test]
fn a_closed_practice_answers_nothing_or_503() {
    let practice = samples(Settings::default());
    let closed = Closed { from: today(), to: today() + TimeDelta::hours(10), silent: false };
    practice.change_faults(|faults| faults.closed = vec![closed]);
    let at = |hours: i64| practice.handle(&request("/About/v1/Ping", &[]), today() + TimeDelta::hours(hours));
    assert_eq!([at(-1).status, at(0).status, at(9).status, at(10).status], [200, 503, 503, 200]);
    assert!(at(5).body.is_empty());
    practice.change_faults(|faults| faults.closed = vec![Closed { silent: true, ..closed }]);
    assert_eq!(at(5).ending, Ending::Refused);
    assert_eq!(practice.counters().closed, 4);
}

#[test]
fn wide_windows_and_crowds_are_too_much() {
    let practice = samples(Settings::default());
    let status = |end: &str| ask(&practice, WINDOW, &[("begin", "2026-03-01"), ("end", end)]);
    assert_eq!([status("2026-03-31").status, status("2026-04-01").status], [200, 504], "31 days are borne");
    assert_eq!(status("2026-04-01").delay, Duration::from_secs(2), "it takes a while until it gives up");
    assert_eq!(ask(&practice, WINDOW, &[]).status, 504, "all days are too many");
    let others = [practice.enter(), practice.enter(), practice.enter()];
    assert_eq!(ask(&practice, PATIENTS, &[]).status, 504);
    let [first, ..] = others;
    drop(first);
    assert_eq!(ask(&practice, PATIENTS, &[]).status, 200);
    practice.set_load(Load::UNLIMITED);
    assert_eq!(ask(&practice, WINDOW, &[]).status, 200);
    let counters = practice.counters();
    assert_eq!((counters.overload, counters.most_in_flight), (4, 3));
}

#[test]
fn realistic_answers_take_about_two_seconds_a_page() {
    let practice = samples(Settings { latency: Latency::Realistic, ..Settings::default() });
    assert_eq!(ask(&practice, PATIENTS, &[]).delay, Duration::from_secs(2));
    assert_eq!(ask(&practice, "/About/v1/Ping", &[]).delay, Duration::from_millis(250));
}
