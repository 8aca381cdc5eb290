//! Readings that go on where another one stopped, with other options or another configuration, and answers that look like
//! something else.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use ivohub::domain::{InstanceKey, Kind, Object};
use ivohub::extract::api::{Directory, Ground, Reader, Span};
use ivohub::http::{Request, Response, SeededRandom, SendFuture, SystemClock, Transport};
use ivohub::ivoris::{Client, Credentials, Effects, Learned, RouteProfile, Settings as Care};
use ivohub::pass::{Fetched, Reached as State, Want};
use ivohub::sandbox::ivoris::{
    APP, APP_VERSION, Data, Fault, Faults, KEY, Latency, Load, Names, Oddities, PASSWORD, Settings as Shape, USER,
};
use ivohub::sandbox::seed;
use ivohub::store::{ReadState, Store as _};
use tokio_util::sync::CancellationToken;

use super::Site;
use super::life::{Life, day};

fn data(patients: u32) -> Data {
    Data::seed(&seed::Settings { seed: 3, patients, ..seed::Settings::default() })
}

fn shape() -> Shape {
    Shape { oddities: Oddities::NONE, load: Load::UNLIMITED, ..Shape::default() }
}

/// A practice of which everything but the charts is known.
async fn before_charts(patients: u32) -> Life {
    let mut life = Life::new(shape(), data(patients));
    for kind in [Kind::Patient, Kind::Appointment] {
        assert!(life.reads(Life::want(kind)).await.is_complete());
    }
    life
}

#[track_caller]
fn same(found: &BTreeSet<String>, wanted: &BTreeSet<String>) {
    let differs: Vec<_> = found.symmetric_difference(wanted).take(10).collect();
    assert!(differs.is_empty(), "{differs:#?}");
}

fn sum(fetched: &Fetched, of: fn(&ivohub::pass::Installation) -> u64) -> u64 {
    fetched.installations.iter().map(of).sum()
}

/// Entries of the last weeks.
fn lately() -> Want {
    Want { entries_from: Some(day("2026-11-16")), ..Life::want(Kind::Entry) }
}

#[tokio::test(start_paused = true)]
async fn some_days_of_a_chart_are_not_taken_for_all_of_it() {
    let mut life = before_charts(12).await;
    life.looks(lately()).await;
    assert!(life.reads(Life::want(Kind::Entry)).await.is_complete());
    same(&life.inbox().await, &life.truth());
}

#[tokio::test(start_paused = true)]
async fn some_days_of_a_chart_do_not_close_its_gap() {
    let mut life = before_charts(12).await;
    let patient = life.practice.entries("sued").first().expect("entries").patient.clone();
    life.practice.change_faults(|faults| {
        faults.patients.insert(patient);
    });
    assert!(!life.reads(Life::want(Kind::Entry)).await.is_complete());
    life.practice.set_faults(Faults::none());
    life.reads(lately()).await;
    let windows = life.store.windows().await.expect("windows");
    if !windows.iter().any(|one| one.state == ReadState::Gap) {
        same(&life.inbox().await, &life.truth());
    }
}

#[tokio::test(start_paused = true)]
async fn charts_of_two_profiles_are_not_empty_because_one_was_read_before() {
    let mut life = before_charts(8).await;
    assert!(life.reads(Life::want(Kind::Entry)).await.is_complete());
    for left in (8..60).step_by(3) {
        if life.read(Life::want(Kind::Entry), left).await.is_some() {
            break;
        }
        let again = life.reads(Life::want(Kind::Entry)).await;
        assert_eq!(sum(&again, |one| one.unconfirmed), 0, "after {left} requests");
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_read_under_another_prefix_is_not_used() {
    let mut life = Life::new(Shape { page: 5, ..shape() }, data(12));
    life.care = |care| ivohub::ivoris::Settings { prefix: format!("old-{}", care.prefix), ..care };
    for kind in Kind::ALL {
        life.looks(Life::want(kind)).await;
    }
    life.care = |care| care;
    for kind in Kind::ALL {
        assert!(life.reads(Life::want(kind)).await.is_complete());
    }
    same(&life.inbox().await, &life.truth());
}

#[tokio::test(start_paused = true)]
async fn what_was_read_with_another_profile_is_not_used() {
    let mut life = Life::new(shape(), data(12));
    let text = "[fields.appointment]\nstate = [\"Nothing\"]\n";
    life.profile = RouteProfile::parse("wrong.toml", text).expect("a profile");
    life.looks(Life::want(Kind::Appointment)).await;
    life.profile = RouteProfile::builtin();
    for kind in Kind::ALL {
        assert!(life.reads(Life::want(kind)).await.is_complete());
    }
    same(&life.inbox().await, &life.truth());
}

#[tokio::test(start_paused = true)]
async fn one_record_is_one_record_whatever_was_read_before() {
    let mut life = Life::new(shape(), data(12));
    life.looks(Life::want(Kind::Patient)).await;
    let id = life.practice.patients("nord").first().expect("patients").id.clone();
    let only = BTreeMap::from([(InstanceKey::new("nord"), BTreeSet::from([id.clone()]))]);
    life.reads(Want { only: Some(only), ..Life::want(Kind::Patient) }).await;
    assert_eq!(life.inbox().await, BTreeSet::from([format!("patient {id}")]));
    life.practice.reset_counters();
    assert!(life.reads(Life::want(Kind::Patient)).await.is_complete());
    let pages = life.practice.counters().calls_of("AllPatients");
    assert!(pages <= 8, "what was read is still there: {pages} pages asked for");
}

/// Template, chair and practitioner of every appointment that is known.
async fn names(life: &Life) -> BTreeMap<String, [String; 3]> {
    let all = life.store.appointments_between(day("1990-01-01"), day("2100-01-01"), Vec::new()).await;
    let all = all.expect("appointments").into_iter();
    all.map(|one| (one.id.as_str().to_owned(), [one.template, one.chair, one.practitioner])).collect()
}

#[tokio::test(start_paused = true)]
async fn a_name_that_could_not_be_had_at_once_is_asked_for_again() {
    let lists = ["AppointmentTemplates", "DentistChairs", "AllPractitioners", "ActivePractitioners"];
    let shape = || Shape { missing: lists.map(str::to_owned).into(), ..shape() };
    let mut healthy = Life::new(shape(), data(12));
    healthy.reads(Life::want(Kind::Appointment)).await;
    let wanted = names(&healthy).await;
    let mut life = Life::new(shape(), data(12));
    let mut faults = Faults::none();
    for action in ["AppointmentTemplate", "DentistChair", "Practitioner"] {
        faults = faults.on(action, Fault::GatewayTimeout, 0.4);
    }
    life.practice.set_faults(faults);
    while !life.reads(Life::want(Kind::Appointment)).await.is_complete() {}
    let found = names(&life).await;
    let differ: Vec<_> = found.iter().filter(|(id, names)| wanted.get(*id) != Some(names)).take(5).collect();
    assert!(found.len() == wanted.len() && differ.is_empty(), "{differ:?}");
}

#[tokio::test(start_paused = true)]
async fn a_reading_whose_time_is_over_has_an_ivoris_that_answers() {
    for kind in [Kind::Patient, Kind::Appointment] {
        let mut life = Life::new(Shape { page: 2, latency: Latency::Each(700), ..shape() }, data(60));
        let within = Some(Duration::from_secs(10));
        let fetched = life.reads(Want { within, ..Life::want(kind) }).await;
        assert!(fetched.installations.iter().all(|one| one.state == State::TimeOver), "{:?}", fetched.installations);
    }
}

#[tokio::test(start_paused = true)]
async fn a_page_that_cannot_be_read_does_not_hide_those_behind_it() {
    let mut life = Life::new(Shape { page: 2, ..shape() }, data(60));
    life.practice.set_faults(Faults::none().on("AllPatients", Fault::ServerError, 0.85));
    let fetched = life.reads(Life::want(Kind::Patient)).await;
    let gaps: usize = fetched.installations.iter().map(|one| one.gaps.len()).sum();
    let known = life.inbox().await.len();
    let all = life.truth().iter().filter(|line| line.starts_with("patient")).count();
    assert!(gaps > 0, "bad luck is needed");
    assert!(known + 2 * gaps >= all, "{known} of {all} with {gaps} gaps");
}

/// A server whose page parameter is called otherwise: it gives the first page each time.
fn pages_unheard() -> Shape {
    let names = Names { params: [("page".to_owned(), "seite".to_owned())].into(), ..Names::default() };
    Shape { names, page: 10, ..shape() }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_knows_one_page_only_is_no_end_of_the_data() {
    let mut life = Life::new(pages_unheard(), data(60));
    let fetched = life.reads(Life::want(Kind::Patient)).await;
    let known = life.inbox().await.len();
    assert!(known < 60 && !fetched.is_complete(), "{known} patients");
}

#[tokio::test(start_paused = true)]
async fn a_list_that_cannot_be_understood_comes_to_an_end() {
    let mut life = Life::new(pages_unheard(), data(60));
    life.profile = RouteProfile::parse("wrong.toml", "[fields.patient]\nid = [\"Nothing\"]\n").expect("a profile");
    let read = tokio::time::timeout(Duration::from_hours(2), life.reads(Life::want(Kind::Patient)));
    assert!(read.await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn patients_whom_nobody_has_are_not_looked_for_among_all_each_time() {
    let oddities = Oddities { ghosts: 60, ..Oddities::NONE };
    let mut life = Life::new(Shape { oddities, ..shape() }, data(60));
    for kind in [Kind::Patient, Kind::Appointment] {
        life.reads(Life::want(kind)).await;
    }
    life.practice.reset_counters();
    let again = life.reads(Life::want(Kind::Appointment)).await;
    assert!(sum(&again, |one| one.missing) > 200, "enough of them");
    assert_eq!(life.practice.counters().calls_of("AllPatients"), 0);
}

/// Whatever days it is asked for: answers as if one of these days had this row.
struct Stray;

impl Transport for Stray {
    fn send<'a>(&'a self, request: &'a Request) -> SendFuture<'a> {
        let asked = |name: &str| request.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        let begin = asked("begin").unwrap_or_default();
        let row = if begin.starts_with("2026") { "{\"Id\":\"1\",\"Begin\":\"2019-01-07T09:00:00\"}" } else { "" };
        let body = format!("[{row}]").into_bytes();
        Box::pin(async move { Ok(Response { status: 200, headers: Vec::new(), body }) })
    }
}

#[tokio::test(start_paused = true)]
async fn one_stray_row_in_a_quiet_week_is_not_the_whole_calendar() {
    let effects = Effects {
        transport: Arc::new(Stray),
        clock: Arc::new(SystemClock),
        random: Arc::new(SeededRandom::new(7)),
        cancel: CancellationToken::new(),
    };
    let credentials = Credentials {
        user: USER.to_owned(),
        password: PASSWORD.into(),
        app: APP.to_owned(),
        app_version: APP_VERSION.to_owned(),
        key: KEY.into(),
    };
    let care = Care::new(InstanceKey::new("nord"), "");
    let client = Client::new(care, Arc::new(RouteProfile::builtin()), credentials, effects, Learned::default());
    let ground = Ground::of(&client, day("2026-11-23"), [7; 32]);
    let reader = Reader::new(client, ground, Directory::default());
    let span = Span::new(day("2026-12-24"), day("2026-12-30")).expect("days");
    let slice = reader.appointments(span, None).await.expect("an answer");
    assert!(!slice.everything && slice.rows.is_empty() && slice.outside == 1, "{slice:?}");
}

#[test]
fn appointments_of_one_practice_bring_their_patients() {
    let site = Site::new(shape(), data(40));
    let done = site.pass("migrate-appointments", &["--practice", "mitte"]);
    let held = done.json()["held"].clone();
    assert!(done.exit == 0, "{held} {}", done.all());
    let status = site.project.status();
    assert!(status["held"].as_array().is_none_or(Vec::is_empty), "{}", status["held"]);
}

#[test]
fn a_gap_is_not_closed_by_a_run_that_takes_one_practice_only() {
    let site = Site::new(shape(), data(40));
    let on = |chair: &str| {
        let all = site.practice.appointments("nord").into_iter();
        let of = all.filter(|one| one.patient.is_some() && one.chair.starts_with(chair));
        of.map(|one| one.begin.date()).filter(|at| *at < self::day("2026-06-01")).collect::<BTreeSet<_>>()
    };
    let gap = *on("NB_").first().expect("appointments");
    site.practice.change_faults(|faults| {
        faults.days.insert(("nord".to_owned(), gap));
    });
    site.pass("migrate-patients", &[]).exits(0);
    site.pass("migrate-appointments", &[]).exits(3);
    site.practice.heal();
    site.pass("migrate-appointments", &["--practice", "mitte", "--since", "7d"]);
    site.pass("migrate-appointments", &["--since", "7d"]).exits(0);
    let twin = Site::new(shape(), data(40));
    twin.pass("migrate-patients", &[]).exits(0);
    twin.pass("migrate-appointments", &[]).exits(0);
    site.project.looks_like(&twin.project.picture());
}

#[test]
fn patients_known_by_number_are_met_again_with_their_charts() {
    let site = Site::new(shape(), data(40));
    let row = |one: &ivohub::sandbox::ivoris::Patient| {
        format!("{};{};{};nord\n", one.number, one.last.trim(), one.first.trim())
    };
    let rows: String = site.practice.patients("nord").iter().map(row).collect();
    site.project.put("by-number.csv", format!("Pat.-Nr.;Nachname;Vorname;Standort\n{rows}"));
    let file = site.project.path("by-number.csv");
    let file = file.to_str().expect("a path");
    site.project.run(&["migrate-patients", "--input", file, "--number-keys", "--yes", "--json"]).exits(0);
    site.pass("migrate-patients", &[]).exits(0);
    site.pass("migrate-appointments", &[]).exits(0);
    site.pass("backfill-entries", &["--all-patients"]).exits(0);
    site.pass("migrate-patients", &[]).exits(0);
    let (mut people, mut entries) = (0, 0);
    for name in ["nord", "sued"] {
        let patients = site.practice.patients(name);
        let of_patient = |id: &str| patients.iter().any(|one| one.id == id);
        people += patients.len();
        entries += site.practice.entries(name).iter().filter(|one| of_patient(&one.patient)).count();
    }
    assert_eq!(site.project.portal.live(Object::Contact).len(), people);
    let status = site.project.status();
    let known = status["queues"].as_array().and_then(|all| all.iter().find(|one| one["kind"] == "entries"));
    assert_eq!(known.expect("entries")["records"], entries);
}
