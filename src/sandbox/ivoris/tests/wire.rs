//! The practice behind a transport: in process under a paused clock, and over HTTP.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use secrecy::SecretString;

use super::desk::{BASIC, samples, today};
use crate::http::{BaseUrl, Method, Network, NetworkSettings, Request, Transport, TransportError};
use crate::sandbox::ivoris::{
    APP, APP_VERSION, Closed, Fault, InProcess, KEY, Latency, Load, Practice, Server, Settings,
};

fn request(path: &'static str) -> Request {
    let keys = [("app", APP), ("app_version", APP_VERSION), ("api_key", KEY)];
    Request {
        method: Method::Get,
        route: path.into(),
        path: path.to_owned(),
        query: keys.map(|(name, value)| (name.into(), value.to_owned())).to_vec(),
        authorization: Some(Arc::new(SecretString::from(BASIC))),
        body: None,
        timeout: None,
    }
}

#[tokio::test(start_paused = true)]
async fn answers_take_their_time_and_callers_lose_patience() {
    let practice = samples(Settings { latency: Latency::Each(3_000), ..Settings::default() });
    let line = InProcess::new(practice.clone(), "nord", today());
    let answer = line.send(&request("/About/v1/Ping")).await.expect("an answer");
    assert_eq!((answer.status, answer.body.as_slice()), (200, &b"\"Pong\""[..]));
    assert_eq!(line.now(), today() + TimeDelta::seconds(3));
    let hasty = Request { timeout: Some(Duration::from_secs(2)), ..request("/About/v1/Ping") };
    assert_eq!(line.send(&hasty).await, Err(TransportError::Timeout));
    assert_eq!(line.now(), today() + TimeDelta::seconds(5));
    practice.next_faults([Fault::Reset]);
    assert_eq!(line.send(&request("/About/v1/Ping")).await, Err(TransportError::Cut));
    let closed = Closed { from: today(), to: today() + TimeDelta::hours(1), silent: true };
    practice.change_faults(|faults| faults.closed = vec![closed]);
    assert_eq!(line.send(&request("/About/v1/Ping")).await, Err(TransportError::Unreachable));
    assert_eq!(
        InProcess::at(practice, "/relay/none", today()).send(&request("/x")).await.map(|reply| reply.status),
        Ok(404)
    );
}

#[tokio::test(start_paused = true)]
async fn those_who_wait_at_once_are_counted() {
    let practice = samples(Settings { latency: Latency::Each(100), load: Load::UNLIMITED, ..Settings::default() });
    let (nord, sued) =
        (InProcess::new(practice.clone(), "nord", today()), InProcess::new(practice.clone(), "sued", today()));
    let ping = request("/About/v1/Ping");
    nord.send(&ping).await.expect("an answer");
    nord.send(&ping).await.expect("an answer");
    assert_eq!(practice.counters().most_in_flight, 1);
    let (one, other, third) = tokio::join!(nord.send(&ping), sued.send(&ping), nord.send(&ping));
    assert!(one.is_ok() && other.is_ok() && third.is_ok());
    assert_eq!(practice.counters().most_in_flight, 3);
    assert_eq!(practice.counters().calls_of("Ping"), 5);
}

async fn over_http(practice: Practice) -> (super::super::super::server::Running, Network) {
    let running = Server::start(practice.clone(), 0).await.expect("a port");
    let base = BaseUrl::parse(&format!("{}{}", running.url(), practice.base("sued"))).expect("an address");
    (running, Network::new(base, &NetworkSettings::default()).expect("a client"))
}

#[tokio::test]
async fn over_http_it_is_the_same_practice() {
    let practice = samples(Settings::default());
    let (running, network) = over_http(practice.clone()).await;
    let answer = network.send(&request("/Profile/v1/Profiles")).await.expect("an answer");
    let rows: Vec<serde_json::Value> = serde_json::from_slice(&answer.body).expect("JSON");
    assert_eq!((answer.status, rows.len()), (200, 1));
    practice.next_faults([Fault::Reset, Fault::Unavailable]);
    assert_eq!(network.send(&request("/About/v1/Ping")).await, Err(TransportError::Cut));
    assert_eq!(
        network.send(&request("/About/v1/Ping")).await.map(|reply| (reply.status, reply.body)),
        Ok((503, Vec::new()))
    );
    let post = Request { method: Method::Post, ..request("/About/v1/Ping") };
    assert_eq!(network.send(&post).await.map(|reply| reply.status), Ok(405));
    assert_eq!(practice.counters().not_get, 1);
    running.stop().await.expect("it ends well");
}

#[tokio::test]
async fn switches_can_be_set_from_outside() {
    let practice = samples(Settings::default());
    let running = Server::start(practice.clone(), 0).await.expect("a port");
    let network = Network::new(BaseUrl::parse(&running.url()).expect("an address"), &NetworkSettings::default());
    let network = network.expect("a client");
    let put = |path: &'static str, method: Method, body: &str| Request {
        method,
        body: (!body.is_empty()).then(|| Arc::from(body.as_bytes())),
        ..request(path)
    };
    let load = r#"{"parallel": 1, "days": null, "after_ms": 0}"#;
    for (path, method, body, status) in [
        ("/_sandbox/faults", Method::Put, r#"{"rates": {"unavailable": 1.0}}"#, 204),
        ("/_sandbox/faults", Method::Get, "", 200),
        ("/_sandbox/load", Method::Put, load, 204),
        ("/_sandbox/script", Method::Post, "[]", 204),
        ("/_sandbox/log", Method::Get, "", 200),
        ("/_sandbox/counters", Method::Get, "", 200),
        ("/_sandbox/reset-counters", Method::Post, "", 204),
    ] {
        let answer = network.send(&put(path, method, body)).await.expect("an answer");
        assert_eq!(answer.status, status, "{path}");
    }
    assert_eq!(practice.faults().rates.get(&Fault::Unavailable), Some(&1.0));
    running.stop().await.expect("it ends well");
}
