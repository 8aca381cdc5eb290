use serde_json::{Value, json};

use super::super::fake::{Answer, Asked, all_done, answer, client};
use super::super::{Answered, Error, Outcome, RejectionKind};
use super::*;
use crate::http::TransportError;

fn keys(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("k{number}")).collect()
}

/// Upserts `count` deals with keys `k0`, `k1`, … and returns the outcomes and the ids of each request.
async fn upsert(
    count: usize,
    script: impl Fn(&Asked, usize) -> Answer + Send + Sync + 'static,
) -> (Answered<Written>, Vec<Vec<String>>) {
    let (client, fake) = client(script);
    let (keys, properties) = (keys(count), Properties::from([(PropertyName::new("dealname"), "x".to_owned())]));
    let inputs: Vec<Upsert<'_>> = keys.iter().map(|key| Upsert { key, properties: &properties }).collect();
    let name = PropertyName::new("ivoris_appointment_id");
    let answered = client.writer().upsert(Object::Deal, &name, &inputs).await;
    assert!(fake.paths().iter().all(|path| path == "/crm/objects/2026-09/0-3/batch/upsert"));
    (answered, fake.asked().iter().map(Asked::ids).collect())
}

/// One letter per outcome: `+` done, `x` rejected, `?` in doubt, `.` not sent.
fn marks<D>(answered: &Answered<D>) -> String {
    let mark = |outcome: &Outcome<D>| match outcome {
        Outcome::Done(_) => '+',
        Outcome::Rejected(_) => 'x',
        Outcome::InDoubt => '?',
        Outcome::NotSent => '.',
    };
    answered.outcomes.iter().map(mark).collect()
}

fn refusal(status: u16) -> Answer {
    answer(
        status,
        &json!({"category": "VALIDATION_ERROR", "message": "Eva",
        "errors": [{"code": "INVALID_OPTION", "context": {"propertyName": ["ivoris_location"]}}]}),
    )
}

#[tokio::test(start_paused = true)]
async fn answers_in_any_order_find_their_inputs() {
    let (answered, requests) = upsert(250, |asked, _| all_done(asked)).await;
    assert_eq!(requests.iter().map(Vec::len).collect::<Vec<_>>(), [100, 100, 50]);
    let ids: Vec<u64> = answered
        .outcomes
        .iter()
        .map(|outcome| if let Outcome::Done(written) = outcome { written.id.0 } else { 0 })
        .collect();
    let wanted: Vec<u64> = (0..250).map(|index| 1000 + index % 100).collect();
    assert_eq!(ids, wanted);
    assert_eq!(answered.stop, None);
}

#[tokio::test(start_paused = true)]
async fn without_trace_ids_the_key_decides() {
    let (answered, _) = upsert(3, |_, _| {
        let of = |id: u64, key: &str| json!({"id": id, "new": false, "properties": {"ivoris_appointment_id": key}});
        answer(200, &json!({"results": [of(7, "k2"), of(5, "k0"), of(6, "k1")]}))
    })
    .await;
    let wanted = [5, 6, 7].map(|id| Outcome::Done(Written { id: HubspotId(id), new: false }));
    assert_eq!(answered.outcomes, wanted);
}

#[tokio::test(start_paused = true)]
async fn part_of_a_batch_may_fail() {
    let (answered, requests) = upsert(3, |_, _| {
        answer(
            207,
            &json!({"numErrors": 1,
            "results": [{"id": "1", "new": true, "objectWriteTraceId": "r0"},
                        {"id": "3", "new": true, "objectWriteTraceId": "r2"}],
            "errors": [{"category": "CONFLICT", "subCategory": {}, "message": "Contact already exists. Existing ID: 99",
                        "context": {"objectWriteTraceId": ["r1"], "existingId": ["99"]}}]}),
        )
    })
    .await;
    assert_eq!((marks(&answered).as_str(), requests.len()), ("+x+", 1));
    let Outcome::Rejected(rejection) = &answered.outcomes[1] else { panic!("rejected") };
    assert_eq!((rejection.kind, rejection.existing_id), (RejectionKind::Conflict, Some(HubspotId(99))));
}

#[tokio::test(start_paused = true)]
async fn a_batch_that_fails_whole_is_halved_until_the_bad_one_stands_alone() {
    for bad in [&["k0"][..], &["k99"], &["k3", "k50", "k51"], &[]] {
        let set: Vec<String> = bad.iter().map(|key| (*key).to_owned()).collect();
        let (answered, requests) =
            upsert(
                100,
                move |asked, _| {
                    if asked.ids().iter().any(|id| set.contains(id)) { refusal(400) } else { all_done(asked) }
                },
            )
            .await;
        let wanted: String = keys(100).iter().map(|key| if bad.contains(&key.as_str()) { 'x' } else { '+' }).collect();
        assert_eq!(marks(&answered), wanted);
        let bound = 2 * bad.len() * 7 + bad.len() + 1;
        assert!(requests.len() <= bound, "{} calls for {} bad ones", requests.len(), bad.len());
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_that_is_not_about_the_records_stops_the_run() {
    let (answered, requests) = upsert(100, |_, _| answer(400, &json!({"category": "VALIDATION_ERROR"}))).await;
    assert!(matches!(answered.stop, Some(Error::Refused { .. })));
    assert!(requests.len() < 30, "{} calls", requests.len());
    let (answered, requests) = upsert(100, |_, _| answer(404, &json!({}))).await;
    assert!(matches!(answered.stop, Some(Error::Refused { status: 404, .. })));
    assert_eq!((requests.len(), marks(&answered)), (1, ".".repeat(100)));
    let (answered, _) = upsert(16, |_, _| refusal(400)).await;
    assert_eq!((marks(&answered), answered.stop), ("x".repeat(16), None), "each record has the bad option");
}

#[tokio::test(start_paused = true)]
async fn a_write_in_doubt_is_never_sent_again() {
    for broken in [
        || answer(504, &json!({})),
        || answer(500, &json!({})),
        || Err(TransportError::Timeout),
        || Err(TransportError::Cut),
        || Ok(crate::http::Response { status: 200, headers: Vec::new(), body: b"{\"results\":[{".to_vec() }),
    ] {
        let (answered, requests) = upsert(2, move |_, _| broken()).await;
        assert_eq!((marks(&answered).as_str(), requests.len(), answered.stop), ("??", 1, None));
    }
}

#[tokio::test(start_paused = true)]
async fn a_write_that_was_certainly_not_done_is_sent_again() {
    for refused in [
        || answer(429, &json!({"policyName": "TEN_SECONDLY_ROLLING"})),
        || answer(423, &json!({})),
        || Err(TransportError::Unreachable),
    ] {
        let (answered, requests) =
            upsert(2, move |asked, number| if number == 0 { refused() } else { all_done(asked) }).await;
        assert_eq!((marks(&answered).as_str(), requests.len()), ("++", 2));
    }
}

#[tokio::test(start_paused = true)]
async fn a_stop_tells_what_was_sent() {
    let (answered, _) = upsert(250, |asked, number| match number {
        0 => all_done(asked),
        1 => answer(502, &json!({})),
        _ => answer(401, &json!({})),
    })
    .await;
    assert_eq!(marks(&answered), ["+".repeat(100), "?".repeat(100), ".".repeat(50)].concat());
    assert!(matches!(answered.stop, Some(Error::Unauthorised { .. })));
}

#[tokio::test(start_paused = true)]
async fn errors_without_a_name_are_found_by_halving() {
    // A 207 whose error names nothing: the forgotten ones are asked again.
    let (answered, _) = upsert(4, |asked, _| {
        let done = |input: &Value| input["id"] != "k2";
        let inputs: Vec<Value> = asked.body["inputs"].as_array().cloned().unwrap_or_default();
        let results: Vec<Value> = inputs
            .iter()
            .filter(|input| done(input) && inputs.len() < 4)
            .map(|input| json!({"id": 1, "new": true, "objectWriteTraceId": input["objectWriteTraceId"]}))
            .collect();
        let errors = if results.len() == inputs.len() { json!([]) } else { json!([{"category": "VALIDATION_ERROR"}]) };
        answer(207, &json!({"results": results, "errors": errors}))
    })
    .await;
    assert_eq!(marks(&answered), "++x+");
    let (answered, _) = upsert(2, |_, _| answer(200, &json!({"results": []}))).await;
    assert_eq!(marks(&answered), "??", "an answer that forgets inputs proves nothing");
}

#[tokio::test(start_paused = true)]
async fn updates_go_by_record_id() {
    let (client, fake) = client(|_, _| {
        answer(
            207,
            &json!({"results": [{"id": "8", "properties": {}}],
            "errors": [{"category": "OBJECT_NOT_FOUND", "context": {"ids": ["9"]}}]}),
        )
    });
    let properties = Properties::from([(PropertyName::new("dealstage"), "won".to_owned())]);
    let inputs = [9, 8].map(|id| Update { id: HubspotId(id), properties: &properties });
    let answered = client.writer().update(Object::Deal, &inputs).await;
    assert_eq!(marks(&answered), "x+");
    let Outcome::Rejected(rejection) = &answered.outcomes[0] else { panic!("rejected") };
    assert_eq!(rejection.kind, RejectionKind::NotFound);
    let body = &fake.asked()[0].body;
    assert_eq!(body["inputs"][0]["id"], "9");
    assert!(body["inputs"][0].get("idProperty").is_none(), "a record id has no idProperty (E10)");
    assert_eq!(client.calls().write, 1);
}

#[tokio::test(start_paused = true)]
async fn links_go_by_the_thousand_and_bad_pairs_are_named() {
    let (client, fake) = client(|asked, _| {
        let pairs = asked.body["inputs"].as_array().cloned().unwrap_or_default();
        let of = |pair: &Value| json!({"fromObjectId": pair["from"]["id"], "toObjectId": 7});
        let (bad, good): (Vec<_>, Vec<_>) = pairs.iter().partition(|pair| pair["from"]["id"] == "13");
        let errors: Vec<Value> = bad
            .iter()
            .map(|_| {
                json!({"category": "VALIDATION_ERROR", "subCategory": "crm.associations.INVALID_IDENTIFIER",
                            "context": {"id": ["13"]}})
            })
            .collect();
        let results: Vec<Value> = good.into_iter().map(of).collect();
        answer(207, &json!({"results": results, "errors": errors}))
    });
    let links: Vec<Link> = (0..3000).map(|from| Link { from: HubspotId(from), to: HubspotId(7) }).collect();
    let answered = client.writer().link(LinkKind::DealContact, &links).await;
    let wanted: String = (0..3000).map(|from| if from == 13 { 'x' } else { '+' }).collect();
    assert_eq!(marks(&answered), wanted);
    let asked = fake.asked();
    assert_eq!(asked.iter().map(|asked| asked.ids().len()).collect::<Vec<_>>(), [2000, 1000]);
    assert_eq!(asked[0].path, "/crm/associations/2026-09/0-3/0-1/batch/create");
    assert_eq!(
        asked[0].body["inputs"][0]["types"],
        json!([{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 3}])
    );
    assert_eq!(client.calls().link, 2);
}
