//! What README shows works as it stands there: the demo, the sandbox in two terminals, the configuration, the commands.

use std::fs::{self, File};
use std::process::Child;
use std::time::{Duration, Instant};

use ivohub::domain::Object;
use ivohub::sandbox::serve;
use serde_json::Value;

use super::project::{Project, picture, private};

const README: &str = include_str!("../../README.md");

/// The fenced blocks of a language.
fn blocks(language: &str) -> Vec<&'static str> {
    let fence = format!("```{language}\n");
    README.split(&fence).skip(1).filter_map(|rest| rest.split_once("```").map(|(block, _)| block)).collect()
}

/// Command lines as an operator copies them, without comments.
fn lines() -> Vec<Vec<&'static str>> {
    let lines = blocks("sh").into_iter().flat_map(str::lines);
    let words = lines.map(|line| line.split('#').next().unwrap_or_default().split_whitespace().collect::<Vec<_>>());
    words.filter(|words| words.first() == Some(&"ivohub")).map(|words| words.into_iter().skip(1).collect()).collect()
}

#[test]
fn readme_begins_with_demo_and_tests() {
    let first =
        blocks("sh").first().expect("a block").lines().map(|line| line.split('#').next().unwrap_or_default().trim());
    assert_eq!(first.collect::<Vec<_>>(), ["cargo run --release -- demo", "tests/run"]);
    assert!(README.lines().nth(2).is_some_and(|line| line == "```sh"));
}

#[test]
fn the_demo_ends_well_and_leaves_nothing_behind() {
    let project = Project::new();
    let before = || {
        let names = fs::read_dir(project.path("")).expect("a folder").map(|entry| entry.expect("an entry").file_name());
        let mut names: Vec<_> = names.collect();
        names.sort();
        names
    };
    fs::create_dir(project.path("tmp")).expect("a folder");
    let there = before();
    let demo = |args: &[&str]| {
        project.run_with(args, |command| {
            command.env("TMPDIR", project.path("tmp"));
        })
    };
    let done = demo(&["demo"]).exits(0);
    done.says(&[
        "unaccounted 0",
        "second round 0 created, 0 updated, 0 writing calls",
        "KFO Nord",
        "ivohub sandbox serve",
    ]);
    let summary = demo(&["demo", "--json"]).exits(0).json();
    assert_eq!(summary["problems"], Value::Array(Vec::new()), "{summary}");
    assert_eq!((&summary["first"]["unaccounted"], &summary["second"]["unaccounted"]), (&0.into(), &0.into()));
    assert_eq!((&summary["second"]["written"], &summary["second"]["writing_calls"]), (&0.into(), &0.into()));
    assert_eq!(before(), there);
    assert_eq!(fs::read_dir(project.path("tmp")).expect("a folder").count(), 0);
    assert_eq!(project.portal.counters().calls_of("batch"), 0, "the project's own portal is none of its business");
}

/// A served portal, stopped in any case.
struct Served(Child);

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

#[test]
fn the_passes_against_a_served_sandbox_end_like_those_against_a_portal_in_process() {
    let reference = Project::new();
    reference.load();
    let project = Project::new();
    fs::remove_file(project.path("ivohub.toml")).expect("removed");
    let mut server = project.command(&["sandbox", "serve", "--port", "0", "--json"]);
    let told = project.path("serve.out");
    let server = server
        .stdout(File::create(&told).expect("a file"))
        .stderr(File::create(project.path("serve.err")).expect("a file"));
    let served = Served(server.spawn().expect("it starts"));
    let begun = Instant::now();
    let (url, installations) = loop {
        let said = fs::read_to_string(&told).expect("read");
        if let Some((line, _)) = said.split_once('\n') {
            let line: Value = serde_json::from_str(line).expect("JSON");
            break (line["url"].as_str().expect("an address").to_owned(), line["ivoris"]["installations"].clone());
        }
        assert!(begun.elapsed() < Duration::from_mins(1), "it serves");
        std::thread::sleep(Duration::from_millis(10));
    };
    // The block of the second terminal, answered with yes.
    let set = format!("hubspot.base_url={url}");
    let shown = lines();
    let second: Vec<&Vec<&str>> =
        shown.iter().skip_while(|words| words.first() != Some(&"hubspot-schema")).take(5).collect();
    let commands: Vec<&str> = second.iter().map(|words| words[0]).collect();
    assert_eq!(commands, ["hubspot-schema", "migrate-patients", "migrate-appointments", "backfill-entries", "status"]);
    for words in second {
        let mut args = words.clone();
        args.extend(["--set", &set]);
        let passes = words.contains(&"--input");
        if passes {
            args.push("--yes");
        }
        project.run(&args).exits(if passes { 3 } else { 0 });
    }
    // The block below it: the same from the simulated Ivoris.
    let from_ivoris: Vec<&Vec<&str>> = shown.iter().filter(|words| words.ends_with(&["--source", "api"])).collect();
    assert_eq!(from_ivoris.len(), 3);
    let care = ["nord", "sued"].map(|name| {
        let address = installations[name].as_str().expect("an address");
        [format!("ivoris.{name}.base_url={address}"), format!("ivoris.{name}.pause=0ms")]
    });
    for words in from_ivoris {
        let mut args = words.clone();
        args.extend(["--set", &set, "--yes"]);
        care.iter().flatten().for_each(|pair| args.extend(["--set", pair]));
        let done = project.run(&args);
        assert!([0, 3].contains(&done.exit), "{}", done.all());
    }
    drop(served);
    let left = serve::open(&project.path(serve::FOLDER), false).expect("the portal is whole");
    assert!(left.count(Object::Contact) > 100);
    let (found, wanted) = (picture(&left), reference.picture());
    let differs: Vec<&String> = found.symmetric_difference(&wanted).take(5).collect();
    assert!(differs.is_empty(), "{differs:#?}");
}

#[test]
fn the_configuration_of_readme_is_sound() {
    let project = Project::new();
    let toml = blocks("toml");
    let [whole, installation, routes] = toml.as_slice() else { panic!("{} blocks", toml.len()) };
    project.put("ivohub.toml", whole);
    private(&project.path("secrets/hubspot-token"));
    project.run(&["config", "check"]).exits(0).says(&["profile live is ready"]);
    project.run(&["config", "show", "--origin"]).exits(0).says(&["deals.rebook_days", "ivohub.toml:"]);
    // With an address for one installation, and a route profile of its own.
    let switched_on = installation.replace("# route_profile", "route_profile").replace("# quiet_hours", "quiet_hours");
    let table = whole.lines().skip_while(|line| !line.starts_with("[profile.live.ivoris.nord]")).take(2);
    let table = table.collect::<Vec<_>>().join("\n");
    assert!(whole.contains(&table) && table.contains("prefix"));
    project.put("ivohub.toml", whole.replace(&table, &switched_on));
    project.put("nord.routes.toml", routes);
    for name in ["nord-linkname", "nord-password", "nord-api-key"] {
        project.put(&format!("secrets/{name}"), "a secret of the tests");
        private(&project.path(&format!("secrets/{name}")));
    }
    project.run(&["config", "check"]).exits(0).says(&["profile live is ready"]);
}

#[test]
fn every_command_that_readme_names_is_there() {
    let project = Project::new();
    for words in lines() {
        let args: Vec<&str> = words.into_iter().chain(["--help"]).collect();
        project.run(&args).exits(0).says(&["Usage: ivohub"]);
    }
    let table = README.lines().filter(|line| line.starts_with("| `")).filter_map(|line| line.split('|').nth(1));
    let mut seen = 0;
    for cell in table.take_while(|cell| !cell.contains('/')) {
        let names: Vec<&str> = cell.split('`').skip(1).step_by(2).collect();
        let command = names.first().and_then(|name| name.split(' ').next()).expect("a name");
        for name in &names {
            let words = if name.starts_with(command) { (*name).to_owned() } else { format!("{command} {name}") };
            project.run(&words.split(' ').chain(["--help"]).collect::<Vec<_>>()).exits(0).says(&["Usage: ivohub"]);
            seen += 1;
        }
    }
    assert!(seen > 10, "the table of commands has {seen}");
}
