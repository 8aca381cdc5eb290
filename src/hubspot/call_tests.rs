use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::super::fake::{Answer, answer, client, client_with, headed};
use super::super::{Calls, Client, Effects, Error, Link, Outcome, Settings};
use crate::domain::{HubspotId, LinkKind, Object};
use crate::http::{Request, SeededRandom, SendFuture, SystemClock, Transport, TransportError};

fn empty() -> Answer {
    answer(200, &json!({"results": []}))
}

/// Asks once whether there are contacts, against a server whose first answer is `first`.
async fn ask(first: impl Fn() -> Answer + Send + Sync + 'static) -> (Result<bool, Error>, Duration, Calls) {
    let (client, _fake) = client(move |_, number| if number == 0 { first() } else { empty() });
    let begin = Instant::now();
    let result = client.reader().any_record(Object::Contact).await;
    (result, begin.elapsed(), client.calls())
}

#[tokio::test(start_paused = true)]
async fn a_read_is_sent_again_whatever_broke() {
    for first in [
        || answer(502, &json!("bad gateway")),
        || answer(500, &json!({})),
        || Err(TransportError::Timeout),
        || Err(TransportError::Cut),
        || Err(TransportError::Unreachable),
    ] {
        let (result, took, calls) = ask(first).await;
        assert_eq!(result, Ok(false));
        assert!(took <= Duration::from_millis(500), "full jitter over half a second: {took:?}");
        assert_eq!((calls.read, calls.retries), (2, 1));
    }
}

#[tokio::test(start_paused = true)]
async fn a_truncated_answer_is_read_again_and_a_strange_one_is_reported() {
    let cut = || Ok(crate::http::Response { status: 200, headers: Vec::new(), body: b"{\"results\":[".to_vec() });
    assert_eq!(ask(cut).await.0, Ok(false));
    let strange = ask(|| answer(200, &json!({"results": "Eva"}))).await.0.expect_err("no list");
    assert!(matches!(strange, Error::Shape { .. }));
    assert!(!strange.to_string().contains("Eva"), "{strange}");
}

#[tokio::test(start_paused = true)]
async fn each_limit_has_its_own_wait() {
    let window = json!({"errorType": "RATE_LIMIT", "policyName": "TEN_SECONDLY_ROLLING"});
    let (_, took, calls) = ask(move || answer(429, &window)).await;
    assert_eq!(took, Duration::from_millis(10_100));
    assert_eq!((calls.read, calls.rate_limited), (2, 1));

    let learned = json!({"policyName": "TEN_SECONDLY_ROLLING"});
    let headers = [("x-hubspot-ratelimit-max", "50"), ("x-hubspot-ratelimit-interval-milliseconds", "1000")];
    let (_, took, _) = ask(move || headed(429, &headers, &learned)).await;
    assert_eq!(took, Duration::from_millis(1_010), "the answer told the window");

    let second = json!({"policyName": "SECONDLY"});
    let (_, took, _) = ask(move || answer(429, &second)).await;
    assert!((Duration::from_secs(1)..Duration::from_secs(2)).contains(&took), "{took:?}");

    let (_, took, calls) = ask(|| answer(423, &json!({}))).await;
    assert!((Duration::from_secs(2)..Duration::from_secs(3)).contains(&took), "{took:?}");
    assert_eq!(calls.locked, 1);

    let (_, took, _) = ask(|| headed(503, &[("retry-after", "7")], &json!({}))).await;
    assert!(took >= Duration::from_secs(7), "Retry-After wins: {took:?}");
}

#[tokio::test(start_paused = true)]
async fn what_no_request_can_pass_stops_at_once() {
    let scopes = json!({"category": "MISSING_SCOPES",
        "errors": [{"context": {"requiredGranularScopes": ["crm.objects.deals.read"]}}]});
    let daily = json!({"policyName": "DAILY", "message": "You have reached your daily limit."});
    let (result, took, calls) = ask(|| answer(401, &json!({}))).await;
    assert!(matches!(result, Err(Error::Unauthorised { .. })));
    assert_eq!((took, calls.read), (Duration::ZERO, 1));
    let missing = ask(move || answer(403, &scopes)).await.0.expect_err("forbidden");
    assert!(missing.to_string().contains("crm.objects.deals.read"), "{missing}");
    assert_eq!(ask(move || answer(429, &daily)).await.0, Err(Error::DailyLimit));
    let moving = ask(|| headed(477, &[("retry-after", "3600")], &json!({}))).await.0;
    assert_eq!(moving, Err(Error::Moving { after: Some(Duration::from_hours(1)) }));
    let redirect = ask(|| answer(302, &json!({}))).await.0;
    assert!(matches!(redirect, Err(Error::WrongHost { status: 302, .. })));
    let refused = ask(|| answer(404, &json!({"category": "OBJECT_NOT_FOUND"}))).await.0;
    assert!(matches!(refused, Err(Error::Refused { status: 404, .. })));
    let long = ask(|| headed(503, &[("retry-after", "3600")], &json!({}))).await;
    assert!(matches!(long.0, Err(Error::Unavailable { .. })), "no endless waits");
    assert_eq!(long.1, Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_dead_server_ends_the_run_in_bounded_time() {
    let (client, fake) = client(|_, _| answer(504, &json!({})));
    let begin = Instant::now();
    let result = client.reader().any_record(Object::Deal).await;
    assert!(matches!(result, Err(Error::Unavailable { attempts: 6, .. })), "{result:?}");
    assert_eq!(fake.asked().len(), 6);
    assert!(begin.elapsed() < Duration::from_mins(1));
    assert!(fake.asked().windows(2).all(|pair| pair[0].at <= pair[1].at));
}

#[tokio::test(start_paused = true)]
async fn stopping_ends_waits() {
    let cancel = CancellationToken::new();
    let (client, fake) = client_with(&Settings::default(), cancel.clone(), |_, _| {
        answer(429, &json!({"policyName": "TEN_SECONDLY_ROLLING"}))
    });
    let begin = Instant::now();
    let reader = client.reader();
    let reading = tokio::spawn(async move { reader.any_record(Object::Deal).await });
    tokio::time::sleep(Duration::from_secs(1)).await;
    cancel.cancel();
    assert_eq!(reading.await.expect("no panic"), Err(Error::Cancelled));
    assert_eq!(begin.elapsed(), Duration::from_secs(1));
    assert_eq!(client.reader().any_record(Object::Deal).await, Err(Error::Cancelled));
    assert_eq!(fake.asked().len(), 1, "nothing is sent after the stop");
}

/// A server that takes everything and answers nothing.
struct Mute;

impl Transport for Mute {
    fn send<'a>(&'a self, _: &'a Request) -> SendFuture<'a> {
        Box::pin(std::future::pending())
    }
}

/// A client of such a server that is asked to stop after a second.
fn stopped_after_a_second() -> Client {
    let cancel = CancellationToken::new();
    let effects = Effects {
        transport: Arc::new(Mute),
        clock: Arc::new(SystemClock),
        random: Arc::new(SeededRandom::new(1)),
        cancel: cancel.clone(),
    };
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(1)).await;
        cancel.cancel();
    });
    Client::new(&Settings::default(), &"pat-eu1-test".into(), effects)
}

#[tokio::test(start_paused = true)]
async fn a_stopped_run_does_not_wait_for_a_server_that_says_nothing() {
    let (client, begin) = (stopped_after_a_second(), Instant::now());
    assert_eq!(client.reader().any_record(Object::Deal).await, Err(Error::Cancelled));
    assert_eq!(begin.elapsed(), Duration::from_secs(1), "a read can be repeated");

    let (client, begin) = (stopped_after_a_second(), Instant::now());
    let links = [Link { from: HubspotId(1), to: HubspotId(2) }];
    let answered = client.writer().link(LinkKind::DealContact, &links).await;
    assert_eq!(answered.outcomes, [Outcome::InDoubt], "it may have been carried out");
    assert_eq!(begin.elapsed(), Duration::from_secs(21), "an answer has its time to come");
}

#[tokio::test(start_paused = true)]
async fn the_days_budget_is_not_overdrawn() {
    let settings = Settings { daily_reserve: 10, ..Settings::default() };
    let (client, fake) = client_with(&settings, CancellationToken::new(), |_, number| {
        let left = (12 - number).to_string();
        headed(200, &[("x-hubspot-ratelimit-daily-remaining", &left)], &json!({"results": []}))
    });
    let reader = client.reader();
    let mut results = Vec::new();
    for _ in 0..5 {
        results.push(reader.any_record(Object::Deal).await);
    }
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 3);
    assert_eq!(results.last(), Some(&Err(Error::DailyLimit)));
    assert_eq!(fake.asked().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn the_burst_limit_of_the_portal_is_never_reached() {
    let headers = [
        ("x-hubspot-ratelimit-max", "40"),
        ("x-hubspot-ratelimit-remaining", "39"),
        ("x-hubspot-ratelimit-interval-milliseconds", "1000"),
    ];
    let (client, fake) = client(move |_, _| headed(200, &headers, &json!({"results": []})));
    let reader = client.reader();
    reader.any_record(Object::Deal).await.expect("the first teaches");
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..500 {
        let reader = reader.clone();
        tasks.spawn(async move { reader.any_record(Object::Deal).await });
    }
    assert!(tasks.join_all().await.iter().all(Result::is_ok));
    let times: Vec<Instant> = fake.asked().iter().map(|asked| asked.at).collect();
    assert!(times.windows(39).all(|of| of[38] >= of[0] + Duration::from_millis(1_010)));
}
