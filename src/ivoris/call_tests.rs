//! What is asked, and what an answer means.

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::NaiveDate;
use serde_json::json;

use super::super::fake::{Answer, Asked, Setup, client, says};
use super::super::{Ask, Client, Error, Param, RouteProfile, Trouble};
use crate::http::TransportError;

use super::super::route::Route;

fn day(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, day).expect("a day")
}

#[tokio::test(start_paused = true)]
async fn a_question_carries_both_kinds_of_credentials() {
    let (client, fake) = client(|_, _| says(200, "[]"));
    client.list(Route::AllPatients, &Ask::new().page(3)).await.expect("a list");
    client.list(Route::AllAppointments, &Ask::new().days(day(1), day(7))).await.expect("a list");
    client.ping().await.expect("it is there");
    let shown: Vec<String> = fake
        .asked()
        .iter()
        .map(|asked| format!("{} {:?} {}", asked.path, asked.timeout.expect("set"), asked.query))
        .collect();
    let secrets = "app=marker-app&app_version=1.0.0&api_key=marker-key";
    assert_eq!(
        shown,
        [
            format!("/Patient/v1/AllPatients 30s page=3&{secrets}"),
            format!("/Appointment/v1/AllAppointments 60s begin=2026-11-01&end=2026-11-07&{secrets}"),
            format!("/About/v1/Ping 30s {secrets}"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_no_list_is_never_the_end_of_the_data() {
    for (body, what) in [
        ("", Trouble::EmptyBody),
        ("null", Trouble::EmptyBody),
        ("<html>Wartung</html>", Trouble::Html),
        ("[{\"Id\":\"1\"},{\"Id", Trouble::Truncated),
        ("Bad gateway", Trouble::NotJson),
        ("{\"message\":\"An error has occurred.\"}", Trouble::NotAList),
    ] {
        let (client, fake) = client(move |_, _| says(200, body));
        let found = client.list(Route::AllPatients, &Ask::new().page(0)).await;
        assert_eq!(found, Err(Error::Unreadable { route: Route::AllPatients, what, attempts: 3 }), "{body}");
        assert_eq!(fake.count(), 3, "{body}: may be well the next time");
        assert_eq!(client.calls().of(Route::AllPatients).failures.get(&what.word()), Some(&3));
    }
}

#[tokio::test(start_paused = true)]
async fn good_bodies_of_every_form() {
    let (client, _) = client(|asked, _| match asked.path.rsplit('/').next() {
        Some("AllPatients") => says(200, "\u{feff}{\"patients\":[{\"Id\":\"1\",\"Colour\":2}],\"total\":1}"),
        Some("Patient") => says(200, "{\"patient\":{\"Id\":\"1\",\"Shape\":2}}"),
        Some("IvorisVersion") => says(200, "\"8.2.91.120\""),
        Some("CustomerId") => says(200, "4711"),
        _ => says(200, "{\"openapi\":\"3.0.1\"}"),
    });
    assert_eq!(client.list(Route::AllPatients, &Ask::new()).await, Ok(vec![json!({"Id": "1", "Colour": 2})]));
    assert_eq!(client.single(Route::Patient, &Ask::new().id("1")).await, Ok(Some(json!({"Id": "1", "Shape": 2}))));
    assert_eq!(client.text(Route::IvorisVersion).await.as_deref(), Ok("8.2.91.120"));
    assert_eq!(client.text(Route::CustomerId).await.as_deref(), Ok("4711"));
    assert_eq!(client.document().await, Ok(json!({"openapi": "3.0.1"})));
    assert_eq!(client.ping().await, Ok(Duration::from_millis(100)), "without the pause before it");
    let unknown = serde_json::to_string(&client.unknown()).expect("text keys");
    assert_eq!(unknown, r#"{"patient":{"Colour":1,"Shape":1}}"#);
}

#[tokio::test(start_paused = true)]
async fn a_missing_record_is_a_fact_and_not_a_failure() {
    for (status, body) in [
        (400, "The patient with Id 1 could not be found."),
        (404, ""),
        (404, "{\"message\":\"Not found\"}"),
        (200, "null"),
        (200, ""),
        (200, "{}"),
    ] {
        let (client, fake) = client(move |_, _| says(status, body));
        assert_eq!(client.single(Route::Patient, &Ask::new().id("1")).await, Ok(None), "{status} {body}");
        assert_eq!(fake.count(), 1, "no retry");
    }
    let (client, _) = client(|_, _| says(400, "The patient with Id 1 could not be found."));
    let found = client.list(Route::PatientAllAppointments, &Ask::new().patient("1")).await;
    assert_eq!(found, Err(Error::Gone { route: Route::PatientAllAppointments, status: 400 }));
}

#[tokio::test(start_paused = true)]
async fn a_missing_route_is_told_from_a_missing_record() {
    let missing = r#"{"message":"No HTTP resource was found that matches the request URI."}"#;
    let (client, fake) = client(move |_, _| says(404, missing));
    let status = Some(404);
    let found = client.single(Route::Appointment, &Ask::new().id("1")).await;
    assert_eq!(found, Err(Error::Missing { route: Route::Appointment, status }), "nothing is gone");
    let found = client.list(Route::AllAppointments, &Ask::new()).await;
    assert_eq!(found, Err(Error::Missing { route: Route::AllAppointments, status }));
    assert_eq!(fake.count(), 2, "no retry");
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_asked_is_not_sent() {
    let mut profile = RouteProfile::builtin();
    profile.route_mut(Route::Stations).enabled = false;
    let (client, fake) = Setup { profile, ..Setup::default() }.client(|_, _| says(200, "[]"));
    let found = client.list(Route::Stations, &Ask::new()).await;
    assert_eq!(found, Err(Error::Missing { route: Route::Stations, status: None }));
    let route = Route::PatientAllAppointments;
    let found = client.list(route, &Ask::new()).await;
    assert_eq!(found, Err(Error::Unreadable { route, what: Trouble::Unsendable, attempts: 0 }));
    assert_eq!(fake.count(), 0);
}

#[tokio::test(start_paused = true)]
async fn refused_credentials_cost_two_calls_at_most() {
    for status in [401, 403] {
        let mut setup = Setup::default();
        setup.settings.parallel = 2;
        setup.learned.parallel = 2;
        let (client, fake) = setup.client(move |_, _| says(status, ""));
        let mut tasks = tokio::task::JoinSet::new();
        for page in 0..50 {
            let client = client.clone();
            tasks.spawn(async move { client.list(Route::AllPatients, &Ask::new().page(page)).await });
        }
        let wanted = Err(Error::Credentials { route: Route::AllPatients, status });
        assert!(tasks.join_all().await.into_iter().all(|found| found == wanted));
        assert!(client.ping().await.is_err());
        assert!(fake.count() <= 2, "{} calls", fake.count());
    }
}

/// Everything that is written while `script` answers `ask`s of all kinds.
async fn written(script: impl Fn(&Asked, usize) -> (u64, Answer) + Send + Sync + 'static) -> String {
    #[derive(Clone, Default)]
    struct Page(Arc<Mutex<Vec<u8>>>);
    impl Write for Page {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().expect("one thread").extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let page = Page::default();
    let writer = page.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    tracing::callsite::rebuild_interest_cache();
    let (client, _) = client(script);
    client.patience(Some(Duration::from_mins(5)));
    let ask = Ask::new().page(3).id("marker-id").patient("marker-id").with(Param::LastName, "marker-name");
    let found = client.list(Route::Patients, &ask).await;
    let single = client.single(Route::Patient, &ask).await;
    let list = client.list(Route::PatientAllAppointments, &ask).await;
    tracing::trace!("{found:?} {single:?} {list:?} {client:?} {ask:?} {:?}", client.calls());
    for error in [found.err(), single.err(), list.err()].into_iter().flatten() {
        tracing::trace!("{error}");
    }
    tracing::trace!("{}", client.learned().to_json());
    String::from_utf8(page.0.lock().expect("one thread").clone()).expect("UTF-8")
}

#[tokio::test(start_paused = true)]
async fn no_secret_no_id_and_no_text_of_the_server_is_ever_written() {
    for script in [
        (|_: &Asked, _: usize| says(200, "[\"\"]")) as fn(&Asked, usize) -> (u64, Answer),
        |_, _| says(400, "The patient with Id marker-id could not be found."),
        |_, _| says(422, "marker-id"),
        |_, _| says(404, "marker-id"),
        |_, _| says(504, "<html>marker-id</html>"),
        |_, _| says(200, "marker-id"),
        |_, _| says(401, "marker-key"),
        |_, _| (100, Err(TransportError::Cut)),
    ] {
        let mut text = written(script).await;
        // A test on another thread may just have told tracing that nobody listens here.
        for _ in 0..9 {
            if !text.contains("DEBUG") {
                text = written(script).await;
            }
        }
        assert!(text.contains("/Patient/v1/Patient"), "the template is written: {text}");
        assert!(text.contains("page=3"), "and the page: {text}");
        assert!(!text.contains("marker"), "{text}");
    }
}

#[test]
fn a_client_can_be_shared_between_threads() {
    fn check<T: Send + Sync + Clone>() {}
    check::<Client>();
}
