//! How carefully an installation is read. All times are virtual.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::time::Instant;

use super::fake::{Asked, Setup, client, says};
use super::{Ask, Client, Error, Learned, Quiet, Route, Told, Trouble};
use crate::http::TransportError;

const HOUR: Duration = Duration::from_hours(1);

async fn page(client: &Client, page: u32) -> Result<usize, Error> {
    client.list(Route::AllPatients, &Ask::new().page(page)).await.map(|rows| rows.len())
}

/// Asks for `pages` from as many tasks at once.
async fn all(client: &Client, pages: u32) -> Vec<Result<usize, Error>> {
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..pages {
        let client = client.clone();
        tasks.spawn(async move { page(&client, number).await });
    }
    tasks.join_all().await
}

fn starts(asked: &[Asked]) -> Vec<u128> {
    asked.iter().map(|asked| asked.at.as_millis()).collect()
}

#[tokio::test(start_paused = true)]
async fn one_at_a_time_with_a_pause_between_starts() {
    let (client, fake) = client(|_, _| says(200, "[]"));
    assert!(all(&client, 30).await.iter().all(Result::is_ok));
    let starts = starts(&fake.asked());
    assert!(starts.windows(2).all(|pair| pair[1] - pair[0] >= 200), "{starts:?}");
    assert_eq!((fake.most(), client.calls().most_in_flight), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn two_at_once_only_while_answers_are_quick() {
    let parallel = |script: fn(&Asked, usize) -> (u64, super::fake::Answer), pages| async move {
        let mut setup = Setup::default();
        setup.settings.parallel = 9; // never more than two, whatever is asked
        setup.settings.pause = Duration::from_millis(10);
        let (client, fake) = setup.client(script);
        let told: Arc<Mutex<Vec<Told>>> = Arc::default();
        let keep = Arc::clone(&told);
        client.watcher(Arc::new(move |one| keep.lock().expect("one thread").push(one)));
        all(&client, pages).await;
        let told = told.lock().expect("one thread").clone();
        (fake.most(), client.learned().parallel, told)
    };
    let (most, kept, told) = parallel(|_, _| says(200, "[]"), 40).await;
    assert_eq!((most, kept, told), (2, 2, vec![Told::Parallel(2)]));
    let (most, kept, _) = parallel(|_, n| (100 << (n % 2 * 3), says(200, "[]").1), 40).await;
    assert_eq!((most, kept), (1, 1), "every second answer takes eight times as long");
    let (_, kept, told) = parallel(|_, n| says(if n == 39 { 504 } else { 200 }, "[]"), 40).await;
    assert_eq!((kept, told), (1, vec![Told::Parallel(2), Told::Parallel(1)]), "one 504");
    let (_, kept, told) = parallel(|_, n| (if n == 39 { 5_000 } else { 100 }, says(200, "[]").1), 40).await;
    assert_eq!((kept, told), (1, vec![Told::Parallel(2), Told::Slow, Told::Parallel(1)]), "one slow answer");
}

#[tokio::test(start_paused = true)]
async fn transient_trouble_is_asked_again_with_jitter() {
    let (client, fake) = client(|_, n| match n {
        0 => says(504, "<html>504</html>"),
        1 => (100, Err(TransportError::Cut)),
        _ => says(200, "[1]"),
    });
    assert_eq!(page(&client, 0).await, Ok(1));
    let starts = starts(&fake.asked());
    assert!(starts[1] <= 100 + 1_000 && starts[2] <= starts[1] + 100 + 2_000, "{starts:?}");
    let calls = client.calls();
    assert_eq!((calls.total(), calls.retries(), calls.failures()), (3, 2, 2));
    assert!(calls.backoff_ms > 0);
}

#[tokio::test(start_paused = true)]
async fn the_server_may_ask_for_a_longer_wait() {
    let (client, fake) = client(|_, n| match n {
        0 => {
            let (ms, answer) = says(503, "");
            let mut answer = answer.expect("an answer");
            answer.headers.push(("retry-after".to_owned(), "20".to_owned()));
            (ms, Ok(answer))
        }
        _ => says(200, "[]"),
    });
    page(&client, 0).await.expect("the second answer");
    assert_eq!(starts(&fake.asked()), [0, 20_100]);
}

#[tokio::test(start_paused = true)]
async fn an_exchange_ends_although_the_transport_hangs() {
    let (client, fake) = client(|_, _| (100_000_000, says(200, "[]").1));
    let begun = Instant::now();
    let found = page(&client, 0).await;
    let wanted = Error::Unreadable { route: Route::AllPatients, what: Trouble::Timeout, attempts: 3 };
    assert_eq!((found, fake.count()), (Err(wanted), 3));
    assert!(begun.elapsed() < Duration::from_secs(94), "three times 30 s and the waits between");
}

#[tokio::test(start_paused = true)]
async fn retries_stay_within_their_share() {
    let (client, fake) = client(|_, n| says(if n % 3 == 0 { 504 } else { 200 }, "[]"));
    let mut deferred = 0;
    for number in 0..1_000 {
        match page(&client, number).await {
            Ok(_) => {}
            Err(Error::Unreadable { .. }) => deferred += 1,
            Err(error) => panic!("{error}"),
        }
    }
    let calls = client.calls();
    assert!(calls.retries() <= 10 + 100, "{} retries", calls.retries());
    assert!(deferred > 200, "the rest is given back at once: {deferred}");
    assert_eq!(calls.total(), u64::try_from(fake.count()).expect("few"));
}

#[tokio::test(start_paused = true)]
async fn ten_hours_offline_cost_130_probes_at_most() {
    let (client, fake) =
        client(
            |asked, _| {
                if asked.at < HOUR * 10 { (2_000, Err(TransportError::Unreachable)) } else { says(200, "[1]") }
            },
        );
    let told: Arc<Mutex<Vec<Told>>> = Arc::default();
    let keep = Arc::clone(&told);
    client.watcher(Arc::new(move |one| keep.lock().expect("one thread").push(one)));
    let mut worklist: Vec<u32> = (0..20).collect();
    while let Some(next) = worklist.pop() {
        if page(&client, next).await.is_err() {
            worklist.insert(0, next);
        }
    }
    let asked = fake.asked();
    let offline: Vec<&Asked> = asked.iter().filter(|asked| asked.at < HOUR * 10).collect();
    let probes = offline.iter().filter(|asked| asked.is_ping()).count();
    assert!(probes <= 130 && probes > 100, "{probes} probes");
    assert_eq!(offline.len() - probes, 5, "five failures, then nothing but probes");
    assert!(asked.last().expect("some").at < HOUR * 10 + Duration::from_mins(6), "and then it goes on");
    assert_eq!(client.calls().outages, 1);
    let told = told.lock().expect("one thread");
    assert!(told.contains(&Told::Back));
    let until: chrono::DateTime<chrono::Utc> = "2026-11-23T08:00:40Z".parse().expect("a time");
    assert!(
        matches!(told.first(), Some(Told::Waiting { until: first, why: Trouble::Unreachable }) if *first < until + chrono::TimeDelta::minutes(1))
    );
}

#[tokio::test(start_paused = true)]
async fn calls_that_wait_for_the_server_have_all_their_attempts_afterwards() {
    let failed: Mutex<usize> = Mutex::new(0);
    let (client, fake) = client(move |asked, _| {
        if asked.at.as_secs() < 100 {
            return says(503, "");
        }
        let mut failed = failed.lock().expect("one thread");
        *failed += usize::from(!asked.is_ping());
        says(if asked.is_ping() || *failed > 2 { 200 } else { 504 }, "[1]")
    });
    assert_eq!(all(&client, 2).await, [Ok(1), Ok(1)], "five failures before, two after");
    let later: Vec<Asked> = fake.asked().into_iter().filter(|asked| asked.at.as_secs() >= 100).collect();
    assert!(later[0].is_ping() && later.len() == 5, "{later:?}");
}

#[tokio::test(start_paused = true)]
async fn a_question_that_always_fails_is_not_a_dead_server() {
    for attempts in [3, 5, 50] {
        let mut setup = Setup::default();
        setup.settings.attempts = attempts;
        let (client, fake) = setup.client(|asked, _| if asked.is_ping() { says(200, "pong") } else { says(504, "") });
        let begun = Instant::now();
        for number in 0..10 {
            let found = page(&client, number).await;
            let what = Trouble::Status(504);
            assert!(matches!(found, Err(Error::Unreadable { what: found, .. }) if found == what), "{found:?}");
        }
        assert!(fake.count() <= 10 * 4 + 10, "{} calls with {attempts} attempts", fake.count());
        assert!(begun.elapsed() < HOUR, "{:?}", begun.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn patience_and_deadline_end_the_wait() {
    let dead = || client(|_, _| (100, Err(TransportError::Unreachable))).0;
    let patient = dead();
    patient.patience(Some(Duration::from_mins(15)));
    let begun = Instant::now();
    let found = loop {
        match page(&patient, 0).await {
            Err(Error::Unreadable { .. }) => {}
            other => break other,
        }
    };
    let Err(Error::Unavailable { since, .. }) = found else { panic!("{found:?}") };
    assert_eq!(since.to_rfc3339().get(..16), Some("2026-11-23T08:00"));
    assert!(begun.elapsed() >= Duration::from_mins(15) && begun.elapsed() < Duration::from_mins(16));

    let hurried = dead();
    hurried.deadline(Some(Instant::now() + Duration::from_secs(100)));
    let begun = Instant::now();
    let found = all(&hurried, 5).await;
    assert!(found.iter().any(|found| matches!(found, Err(Error::Unavailable { .. }))), "{found:?}");
    assert_eq!(begun.elapsed().as_secs(), 100);
    let before = hurried.calls().total();
    assert!(matches!(page(&hurried, 0).await, Err(Error::Unavailable { .. })));
    assert_eq!(hurried.calls().total(), before, "nothing is sent after the deadline");
}

#[tokio::test(start_paused = true)]
async fn a_request_to_stop_ends_every_wait_at_once() {
    for script in [
        (|_: &Asked, _: usize| (25_000, says(200, "[]").1)) as fn(&Asked, usize) -> (u64, super::fake::Answer),
        |_, _| says(504, ""),
        |_, _| (100, Err(TransportError::Unreachable)),
    ] {
        let setup = Setup::default();
        let cancel = setup.cancel.clone();
        let (client, _) = setup.client(script);
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_secs(20)).await;
            cancel.cancel();
        });
        let begun = Instant::now();
        let found = loop {
            match page(&client, 0).await {
                Err(Error::Unreadable { .. }) => {}
                other => break other,
            }
        };
        assert_eq!((found, begun.elapsed().as_secs()), (Err(Error::Stopped), 20));
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_sent_in_quiet_hours() {
    let mut setup = Setup { wall: "2026-11-23T20:59:30Z", ..Setup::default() };
    setup.settings.quiet = vec![Quiet::parse("22:00-05:30").expect("quiet")];
    let (client, fake) = setup.client(|_, _| (7_000, says(200, "[]").1));
    let told: Arc<Mutex<Vec<Told>>> = Arc::default();
    let keep = Arc::clone(&told);
    client.watcher(Arc::new(move |one| keep.lock().expect("one thread").push(one)));
    for number in 0..6 {
        page(&client, number).await.expect("an answer");
    }
    let seconds: Vec<u64> = fake.asked().iter().map(|asked| asked.at.as_secs()).collect();
    assert_eq!(seconds, [0, 7, 14, 21, 28, 30 + 7 * 3600 + 1800], "what is under way is finished");
    let until = "2026-11-24T04:30:00Z".parse().expect("a time");
    assert_eq!(told.lock().expect("one thread").first(), Some(&Told::Quiet { until }));
    assert_eq!(client.calls().quiet_ms / 1_000, 7 * 3600 + 1800 - 5);
}

#[tokio::test(start_paused = true)]
async fn the_next_run_knows_what_this_one_learned() {
    let mut setup = Setup::default();
    setup.settings.parallel = 2;
    let (first, _) = setup.client(|asked, _| if asked.at < HOUR { says(200, "[]") } else { says(503, "") });
    all(&first, 30).await;
    first.learn(|learned| {
        learned.slice_days = Some(14);
        learned.route_mut("all_appointments").ignores_page = Some(true);
    });
    tokio::time::sleep(HOUR).await;
    first.patience(Some(Duration::from_mins(10)));
    while !matches!(page(&first, 0).await, Err(Error::Unavailable { .. })) {}
    let kept = Learned::from_json(&first.learned().to_json());
    assert_eq!((kept.slice_days, kept.route("all_appointments").ignores_page), (Some(14), Some(true)));
    assert_eq!(kept.usual_ms.get("all_patients"), Some(&100));
    assert!(kept.outage.since.is_some() && kept.outage.probes >= 3);

    let wall = "2026-11-23T09:10:30Z"; // a little later: the next probe is not due yet
    let due = (kept.outage.probe_at.expect("away") - wall.parse::<chrono::DateTime<chrono::Utc>>().expect("a time"))
        .num_seconds();
    assert!(due > 30, "{due} s");
    let (second, fake) = Setup { learned: kept, wall, ..Setup::default() }.client(|_, _| says(200, "[1]"));
    assert_eq!(page(&second, 0).await, Ok(1));
    let asked = fake.asked();
    assert!(asked[0].is_ping() && asked.len() == 2, "first a probe: {asked:?}");
    assert!(asked[0].at.as_secs().abs_diff(due.unsigned_abs()) <= 1, "when it is due");
    let kept = second.learned();
    assert_eq!((kept.outage.since, kept.slice_days), (None, Some(14)));
}

#[tokio::test(start_paused = true)]
async fn a_route_that_is_not_there_is_remembered() {
    let (client, _) = client(|_, n| says(if n == 0 { 404 } else { 200 }, "[]"));
    assert!(client.list(Route::AllPatients, &Ask::new()).await.is_err());
    assert!(client.learned().route("all_patients").missing.is_some());
    client.list(Route::AllPatients, &Ask::new()).await.expect("there now");
    assert_eq!(client.learned().route("all_patients").missing, None);
}

#[tokio::test(start_paused = true)]
async fn wrong_credentials_found_by_a_probe_end_the_run() {
    let (client, _) = client(|asked, _| says(if asked.is_ping() { 401 } else { 503 }, ""));
    let found = all(&client, 4).await;
    let refused = Error::Credentials { route: Route::Ping, status: 401 };
    assert_eq!(found.last(), Some(&Err(refused)), "{found:?}");
    assert_eq!(client.calls().of(Route::Ping).calls, 1);
}

#[tokio::test(start_paused = true)]
async fn with_a_third_of_all_answers_failing_everything_is_read_for_little_more() {
    use crate::http::{Random, SeededRandom};
    let random = SeededRandom::new(3);
    let (client, fake) = client(move |_, _| says(if random.draw() % 10 < 3 { 504 } else { 200 }, "[1]"));
    let mut worklist: Vec<u32> = (0..1_000).collect();
    while let Some(next) = worklist.pop() {
        if page(&client, next).await.is_err() {
            worklist.insert(0, next);
        }
    }
    assert!(fake.count() <= 1_500, "{} calls for 1,000 answers, {:?}", fake.count(), client.calls());
}
