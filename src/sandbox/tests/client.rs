//! The project's own client against the simulated portal.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use tokio_util::sync::CancellationToken;

use crate::domain::{HubspotId, LinkKind, Object, Properties, PropertyName};
use crate::http::{BaseUrl, Network, NetworkSettings, SeededRandom, SystemClock, Transport};
use crate::hubspot::{
    Client, Effects, Link, NewPipeline, NewProperty, NewStage, Outcome, SchemaOutcome, Settings, Upsert, Written,
};
use crate::sandbox::InProcess;
use crate::sandbox::hubspot::{Fault, Faults, Limits, Portal, Settings as PortalSettings};
use crate::sandbox::server::{Running, Server};

const KEY: &str = "ivoris_patient_id";

fn client(transport: Arc<dyn Transport>) -> Client {
    let effects = Effects {
        transport,
        clock: Arc::new(SystemClock),
        random: Arc::new(SeededRandom::new(7)),
        cancel: CancellationToken::new(),
    };
    Client::new(&Settings::default(), &SecretString::from("pat-eu1-test"), effects)
}

async fn over_http(portal: &Portal) -> (Client, Running) {
    let running = Server::start(portal.clone(), 0).await.expect("a free port");
    let base = BaseUrl::parse(&running.url()).expect("loopback");
    let network = Network::new(base, &NetworkSettings::default()).expect("a client");
    (client(Arc::new(network)), running)
}

fn begin() -> DateTime<Utc> {
    DateTime::parse_from_rfc3339("2026-11-24T08:00:00Z").expect("a time").with_timezone(&Utc)
}

fn in_process(portal: &Portal) -> Client {
    client(Arc::new(InProcess::new(portal.clone(), begin(), Duration::from_millis(50))))
}

fn property(name: &str, unique: bool, group: &str) -> NewProperty {
    NewProperty {
        name: name.to_owned(),
        label: name.to_owned(),
        kind: "string",
        field_type: "text",
        group_name: group.to_owned(),
        options: Vec::new(),
        has_unique_value: unique,
    }
}

async fn define(client: &Client) {
    let schema = client.schema_writer();
    for (object, name, group) in [
        (Object::Contact, KEY, "contactinformation"),
        (Object::Deal, "ivoris_appointment_id", "dealinformation"),
        (Object::Appointment, "ivoris_appointment_id", "appointment_information"),
    ] {
        let made = schema.create_property(object, &property(name, true, group)).await.expect("an answer");
        assert!(matches!(made, SchemaOutcome::Done(made) if made.has_unique_value));
    }
    let stage = |id: &str, order, probability: &str| NewStage {
        stage_id: id.to_owned(),
        label: id.to_owned(),
        display_order: order,
        probability: probability.to_owned(),
    };
    let pipeline = NewPipeline {
        pipeline_id: "ivohub".to_owned(),
        label: "Behandlungen".to_owned(),
        display_order: 1,
        stages: vec![stage("open", 0, "0.2"), stage("won", 1, "1.0"), stage("lost", 2, "0.0")],
    };
    let made = schema.create_pipeline(Object::Deal, &pipeline).await.expect("an answer");
    assert_eq!(made, SchemaOutcome::Done(()));
}

fn values(pairs: &[(&str, &str)]) -> Properties {
    pairs.iter().map(|(name, value)| (PropertyName::new(name), (*value).to_owned())).collect()
}

async fn upsert(client: &Client, object: Object, key: &str, records: &[(String, Properties)]) -> Vec<Outcome<Written>> {
    let inputs: Vec<Upsert<'_>> = records.iter().map(|(key, properties)| Upsert { key, properties }).collect();
    let answered = client.writer().upsert(object, &PropertyName::new(key), &inputs).await;
    assert_eq!(answered.stop, None);
    answered.outcomes
}

fn patients(count: usize) -> Vec<(String, Properties)> {
    (0..count).map(|at| (format!("n-{at}"), values(&[("lastname", "Muster"), ("firstname", "Eva")]))).collect()
}

fn ids(outcomes: &[Outcome<Written>]) -> Vec<HubspotId> {
    let id = |outcome: &Outcome<Written>| match outcome {
        Outcome::Done(written) => written.id,
        Outcome::Rejected(_) | Outcome::InDoubt | Outcome::NotSent => panic!("{outcome:?}"),
    };
    outcomes.iter().map(id).collect()
}

#[tokio::test]
async fn a_migration_in_small_over_http() {
    let portal = Portal::new(PortalSettings::default());
    let (client, running) = over_http(&portal).await;
    let account = client.reader().account().await.expect("an answer");
    assert_eq!(account.portal_id, portal.portal_id());
    assert_eq!(client.reader().any_record(Object::Contact).await, Ok(false));
    define(&client).await;
    let contacts = ids(&upsert(&client, Object::Contact, KEY, &patients(250)).await);
    let deal = values(&[("dealname", "Nord"), ("pipeline", "ivohub"), ("dealstage", "open"), ("amount", "90.00")]);
    let deals = ids(&upsert(&client, Object::Deal, "ivoris_appointment_id", &[("n-1".to_owned(), deal)]).await);
    let links = [Link { from: deals[0], to: contacts[7] }];
    let answered = client.writer().link(LinkKind::DealContact, &links).await;
    assert_eq!(answered.outcomes, [Outcome::Done(())]);
    let read = client.reader().links(Object::Contact, Object::Deal, &contacts[..9]).await.expect("an answer");
    assert_eq!(read.values().flatten().copied().collect::<Vec<_>>(), deals);
    let again = upsert(&client, Object::Contact, KEY, &patients(250)).await;
    assert!(again.iter().all(|outcome| matches!(outcome, Outcome::Done(written) if !written.new)));
    let counters = portal.counters();
    assert_eq!((counters.created, counters.repeated_writes, counters.duplicates), (251, 250, 0));
    assert_eq!(counters.calls_of("contact/batch/upsert"), 6);
    assert_eq!(counters.routes["POST objects/contact/batch/upsert"].fill(), Some(500.0 / 600.0));
    running.stop().await.expect("a clean end");
}

#[tokio::test]
async fn a_cut_connection_leaves_what_was_done() {
    let portal = Portal::new(PortalSettings::default());
    let (client, _running) = over_http(&portal).await;
    define(&client).await;
    portal.next_faults([Fault::CutAfter]);
    assert_eq!(upsert(&client, Object::Contact, KEY, &patients(1)).await, [Outcome::InDoubt]);
    assert_eq!(portal.count(Object::Contact), 1, "carried out, whatever the caller saw");
    portal.next_faults([Fault::Cut]);
    assert_eq!(upsert(&client, Object::Contact, KEY, &patients(2)).await, [Outcome::InDoubt, Outcome::InDoubt]);
    assert_eq!(portal.count(Object::Contact), 1, "cut before anything was done");
    let (key, asked) = (PropertyName::new(KEY), ["n-0".to_owned(), "n-1".to_owned()]);
    let found = client.reader().read_by_key(Object::Contact, &key, &asked, &[]).await.expect("the line is mended");
    assert_eq!((found.records.len(), found.missing.len()), (1, 1));
}

#[tokio::test]
async fn control_routes_need_no_token() {
    let portal = Portal::new(PortalSettings::default());
    let (_client, running) = over_http(&portal).await;
    let http = reqwest::Client::builder().no_proxy().build().expect("a client");
    let url = |path: &str| format!("{}/_sandbox/{path}", running.url());
    let faults = Faults { cut_after: 0.5, ..Faults::none() };
    let put = http.put(url("faults")).json(&faults).send().await.expect("an answer");
    assert_eq!(put.status(), 204);
    assert_eq!(portal.faults(), faults);
    let wrong = http.put(url("faults")).json(&serde_json::json!({"cutt": 1})).send().await.expect("an answer");
    assert_eq!(wrong.status(), 422, "a misspelt switch is no switch");
    let counters: serde_json::Value = http.get(url("counters")).send().await.expect("one").json().await.expect("json");
    assert_eq!(counters["calls"], 0);
    let state = http.get(url("state?object=deal")).send().await.expect("an answer").text().await.expect("text");
    assert_eq!(state, "");
}

#[tokio::test(start_paused = true)]
async fn the_client_keeps_the_limit_in_process_under_a_paused_clock() {
    let limits = Limits::scaled(20, Duration::from_secs(1));
    let portal = Portal::new(PortalSettings { limits, ..PortalSettings::default() });
    let client = in_process(&portal);
    define(&client).await;
    let writer = client.clone();
    let mut tasks = tokio::task::JoinSet::new();
    for round in 0..60 {
        let client = writer.clone();
        tasks.spawn(async move {
            let records: Vec<(String, Properties)> =
                patients(100).into_iter().map(|(key, properties)| (format!("{round}-{key}"), properties)).collect();
            ids(&upsert(&client, Object::Contact, KEY, &records).await).len()
        });
    }
    let written: usize = tasks.join_all().await.into_iter().sum();
    assert_eq!((written, portal.count(Object::Contact)), (6_000, 6_000));
    let counters = portal.counters();
    assert_eq!(counters.rate_limited, 0);
    assert!(counters.peak <= 20, "{}", counters.peak);
}
