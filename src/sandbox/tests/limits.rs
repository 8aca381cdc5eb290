//! Rule 6: the rolling window, the separate bucket of associations, the day.

use std::time::Duration;

use serde_json::{Value, json};

use super::desk::Desk;
use crate::http::Method;
use crate::sandbox::hubspot::{Limits, Reply, Request, Settings};

fn desk(limits: Limits) -> Desk {
    Desk::bare(Settings { limits, ..Settings::default() })
}

fn policy(reply: &Reply) -> String {
    let body: Value = serde_json::from_slice(&reply.body).expect("json");
    assert_eq!((&body["status"], &body["errorType"]), (&json!("error"), &json!("RATE_LIMIT")));
    body["policyName"].as_str().unwrap_or_default().to_owned()
}

const LIST: &str = "/crm/objects/2026-09/0-1";

#[test]
fn the_window_rolls_and_headers_tell() {
    let mut desk = desk(Limits::scaled(3, Duration::from_secs(1)));
    let ask = |desk: &Desk| desk.send(Method::Get, LIST, None);
    for left in ["2", "1", "0"] {
        let reply = ask(&desk);
        assert_eq!(reply.status, 200);
        let header = |name: &str| reply.header(name).unwrap_or_default().to_owned();
        assert_eq!(header("x-hubspot-ratelimit-max"), "3");
        assert_eq!(header("x-hubspot-ratelimit-remaining"), left);
        assert_eq!(header("x-hubspot-ratelimit-interval-milliseconds"), "1000");
        assert_eq!(header("x-hubspot-ratelimit-daily"), "625000");
        desk.pass(400);
    }
    // 1.2 s: the first has left the window.
    assert_eq!(ask(&desk).status, 200);
    let refused = ask(&desk);
    assert_eq!((refused.status, policy(&refused).as_str()), (429, "TEN_SECONDLY_ROLLING"));
    assert_eq!(refused.header("retry-after"), None, "HubSpot promises none");
    let counters = desk.portal.counters();
    assert_eq!((counters.rate_limited, counters.peak), (1, 4));
    desk.portal.set_limits(Limits { retry_after: true, ..Limits::scaled(3, Duration::from_secs(1)) });
    assert_eq!(ask(&desk).header("retry-after"), Some("1"));
}

#[test]
fn associations_and_other_tokens_have_buckets_of_their_own() {
    let desk = desk(Limits { association_burst: Some(1), ..Limits::scaled(1, Duration::from_secs(10)) });
    let links = "/crm/associations/2026-09/0-3/0-1/batch/read";
    let empty = json!({"inputs": []});
    assert_eq!(desk.get(LIST).0, 200);
    assert_eq!(desk.post(links, &empty).0, 200);
    assert_eq!((desk.get(LIST).0, desk.post(links, &empty).0), (429, 429));
    let other = desk.portal.handle(&Request::new(Method::Get, LIST, "pat-eu1-other"), desk.now);
    assert_eq!(other.status, 200);
}

#[test]
fn the_day_ends_at_midnight_in_the_portal() {
    let mut desk = desk(Limits { daily: 2, ..Limits::unlimited() });
    assert_eq!(desk.send(Method::Get, LIST, None).header("x-hubspot-ratelimit-daily-remaining"), Some("1"));
    assert_eq!(desk.get(LIST).0, 200);
    let refused = desk.send(Method::Get, LIST, None);
    assert_eq!((refused.status, policy(&refused).as_str()), (429, "DAILY"));
    // 08:00 UTC is 09:00 in Berlin.
    desk.pass(15 * 3_600_000 - 1);
    assert_eq!(desk.get(LIST).0, 429);
    desk.pass(1);
    assert_eq!(desk.get(LIST).0, 200);
}
