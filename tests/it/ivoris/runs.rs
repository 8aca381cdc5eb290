//! Runs over the API that stop, look or narrow: what was read is kept, and read once.

use std::process::Command;
use std::time::{Duration, Instant};

use ivohub::domain::Object;
use ivohub::sandbox::ivoris::{Data, Latency, Settings};
use ivohub::sandbox::seed;

use super::Site;
use crate::project::PASSES;

fn site() -> Site {
    let data = Data::seed(&seed::Settings { patients: 10, ..seed::Settings::default() });
    Site::new(Settings::exact(), data)
}

/// Calls that `work` makes.
fn calls<T>(site: &Site, work: impl FnOnce() -> T) -> (u64, T) {
    let before = site.practice.counters().requests;
    let done = work();
    (site.practice.counters().requests - before, done)
}

#[test]
fn a_dry_run_changes_nothing_and_is_not_read_again() {
    let (site, twin) = (site(), site());
    for (command, _) in PASSES {
        let (wanted, _) = calls(&twin, || twin.pass(command, &[]).exits(0));
        let (records, picture) = (site.project.records(), site.project.picture());
        let dry = || site.project.run(&[command, "--source", "api", "--dry-run", "--json"]).exits(0);
        let (read, (writes, _)) = calls(&site, || site.project.writes_of(dry));
        assert_eq!((writes, read), (0, wanted), "{command}: a dry run reads what a run reads");
        assert_eq!(site.project.records(), records, "{command}: the inbox is as before");
        site.project.looks_like(&picture);
        let status = site.project.status();
        assert_eq!(status["reading"]["spooled"].as_array().map(Vec::len), Some(1), "{status:#}");
        let (again, _) = calls(&site, dry);
        let fresh = || site.project.run(&[command, "--source", "api", "--dry-run", "--fresh", "--json"]).exits(0);
        let (anew, _) = calls(&site, fresh);
        assert!(anew * 10 >= wanted * 9, "{command}: --fresh reads again: {anew} calls of {wanted}");
        let (rest, _) = calls(&site, || site.pass(command, &[]).exits(0));
        assert!(rest <= 18 && again <= 18, "{command}: {again}, {rest} calls of {wanted}");
        let status = site.project.status();
        assert_eq!(status["reading"]["spooled"].as_array().map(Vec::len), Some(0), "{status:#}");
    }
    site.project.looks_like(&twin.project.picture());
}

#[test]
fn what_no_time_was_left_for_is_read_by_the_same_command() {
    let (site, twin) = (site(), site());
    twin.load();
    site.practice.change_settings(|settings| settings.latency = Latency::Each(20));
    site.pass("migrate-patients", &[]).exits(0);
    let mut runs = 0;
    let (read, ()) = calls(&site, || {
        loop {
            runs += 1;
            assert!(runs < 20, "it comes to an end");
            let done = site.pass("migrate-appointments", &["--max-duration", "1s"]);
            if done.exit == 0 {
                break;
            }
            let done = done.exits(3).says(&["to carry on: ivohub migrate-appointments --source api"]);
            assert!(done.all().contains("--max-duration 1s"), "{}", done.all());
        }
    });
    assert!(runs > 1, "one second is not enough");
    site.pass("backfill-entries", &[]).exits(0);
    site.project.looks_like(&twin.project.picture());
    let whole = twin.practice.log().iter().filter(|one| one.action == Some("AllAppointments")).count();
    let windows = site.practice.log().iter().filter(|one| one.action == Some("AllAppointments")).count();
    assert!(windows <= whole + 5 * runs, "{windows} windows in {runs} runs, {whole} in one; {read} calls");
}

#[test]
fn a_run_that_is_interrupted_goes_on_where_it_stopped() {
    let (site, twin) = (site(), site());
    twin.load();
    site.practice.change_settings(|settings| settings.latency = Latency::Each(15));
    for (at, (command, _)) in PASSES.into_iter().enumerate() {
        let before = site.practice.counters().requests;
        let mut running = site.project.command(&[command, "--source", "api", "--yes"]);
        let (out, err) = ("run.out", "run.err");
        running.stdout(std::fs::File::create(site.project.path(out)).expect("a file"));
        running.stderr(std::fs::File::create(site.project.path(err)).expect("a file"));
        let mut child = running.spawn().expect("it starts");
        let begun = Instant::now();
        let some = if at == 0 { 3 } else { 25 };
        while site.practice.counters().requests < before + some {
            assert!(begun.elapsed() < Duration::from_mins(1), "it reads");
            std::thread::sleep(Duration::from_millis(2));
        }
        let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
        assert!(killed.expect("it is told").success());
        let status = child.wait().expect("it ends");
        let said = std::fs::read_to_string(site.project.path(err)).expect("read");
        assert_eq!(status.code(), Some(130), "{command}: {said}");
        assert!(said.contains(&format!("to carry on: ivohub {command}")), "{said}");
        let done = site.pass(command, &[]).exits(0);
        let source = &done.json()["source"]["installations"];
        let reused: u64 = source.as_array().into_iter().flatten().filter_map(|one| one["reused"].as_u64()).sum();
        assert!(at == 0 || reused >= 5, "{command}: {source}");
    }
    site.project.looks_like(&twin.project.picture());
}

#[test]
fn fetching_and_working_can_be_two_commands() {
    let (site, twin) = (site(), site());
    twin.load();
    for (command, _) in PASSES {
        let fetch = || site.project.run(&[command, "--source", "api", "--fetch-only", "--json"]).exits(0);
        let (writes, _) = site.project.writes_of(fetch);
        assert_eq!(writes, 0, "{command}");
        let drain = || site.project.run(&[command, "--drain-only", "--yes", "--json"]).exits(0);
        let (asked, _) = calls(&site, drain);
        assert_eq!(asked, 0, "{command}: nothing is read any more");
    }
    site.project.looks_like(&twin.project.picture());
}

#[test]
fn days_ids_places_and_numbers_narrow_what_is_read() {
    let site = site();
    let patients = site.practice.patients("nord");
    site.pass("migrate-patients", &["--only", &patients[0].id]).exits(0);
    let live = |object| site.project.portal.live(object).len();
    assert_eq!(live(Object::Contact), 1);
    site.pass("migrate-patients", &["--instance", "sued"]).exits(0);
    assert_eq!(live(Object::Contact), 1 + site.practice.patients("sued").len());
    assert!(
        site.practice
            .log()
            .iter()
            .all(|one| one.action != Some("AllPatients") || one.installation.as_deref() == Some("sued"))
    );
    site.pass("migrate-patients", &[]).exits(0);

    // A day.
    let all = site.practice.appointments("nord");
    let one = all.iter().find(|one| one.patient.is_some()).expect("appointments");
    let day = one.begin.date();
    site.practice.reset_counters();
    site.pass("migrate-appointments", &["--since", &day.to_string(), "--until", &day.to_string()]).exits(0);
    let here = |installation: &str| {
        site.practice.appointments(installation).iter().filter(|one| one.begin.date() == day).count()
    };
    assert_eq!(live(Object::Appointment), here("nord") + here("sued"));
    for asked in site.practice.log().iter().filter(|one| one.action == Some("AllAppointments")) {
        assert_eq!(asked.param("begin"), Some(&*day.to_string()), "{asked:?}");
    }
    // An id.
    let other = all.iter().find(|one| one.begin.date() != day && one.patient.is_some()).expect("another");
    site.practice.reset_counters();
    site.pass("migrate-appointments", &["--only", &other.id]).exits(0);
    assert_eq!(live(Object::Appointment), here("nord") + here("sued") + 1);
    assert_eq!(site.practice.counters().calls_of("AllAppointments"), 0);
    // A number.
    site.practice.reset_counters();
    let done = site.pass("migrate-appointments", &["--limit", "5"]);
    assert!([0, 3].contains(&done.exit), "{}", done.all());
    let few = site.practice.counters().calls_of("AllAppointments");
    assert!(few < 80, "{few} windows");
    assert!(live(Object::Appointment) < all.len());
    // Nothing of it is in the way of everything.
    for (command, _) in PASSES {
        site.pass(command, &[]).exits(0);
    }
    let everything = all.len() + site.practice.appointments("sued").len();
    assert_eq!(live(Object::Appointment), everything);
}

#[test]
fn a_record_that_is_known_is_asked_for_where_it_lives() {
    let site = site();
    site.pass("migrate-patients", &[]).exits(0);
    let id = site.practice.patients("sued")[0].id.to_lowercase();
    let name = format!("sued-{id}");
    let contact = site.project.by_key(Object::Contact, &name).expect("written").id.to_string();
    let chain = site.project.run(&["why", &contact, "--json"]).exits(0).json();
    let key = chain["key"].as_str().expect("a pseudonym");
    let asked = |only: &str, more: &[&str]| {
        site.practice.reset_counters();
        let done = site.pass("migrate-patients", &[&["--only", only], more].concat()).exits(0);
        assert!(!done.all().contains("not found"), "{only}: {}", done.all());
        let log = site.practice.log();
        let single = log.iter().filter(|one| one.action == Some("Patient"));
        single.map(|one| one.installation.clone().unwrap_or_default()).collect::<Vec<_>>()
    };
    assert_eq!(asked(&contact, &[]), ["sued"]);
    assert_eq!(asked(key, &[]), ["sued"]);
    assert_eq!(asked(&id, &["--instance", "sued"]), ["sued"]);
    // By its key as HubSpot shows it.
    assert!(asked(&name, &[]).contains(&"sued".to_owned()));
}
