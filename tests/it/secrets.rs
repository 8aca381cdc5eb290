//! Secrets of an Ivoris installation: where they may stand, and that none of them ever comes back.

use std::fs;

use super::privacy::files;
use super::project::{Done, Project, private};

const PASSWORD: &str = "marker-of-the-password-4f1c";
const KEY: &str = "marker-of-the-api-key-77ab";
const LINKNAME: &str = "marker-of-the-linkname-e09d";
const PATH: &str = "marker-in-the-path-51c2";

/// One installation at the relay, one at an unusual path; both away.
fn configured() -> Project {
    let project = Project::new();
    for (name, secret) in [("nord-password", PASSWORD), ("nord-api-key", KEY), ("nord-linkname", LINKNAME)] {
        project.put(&format!("secrets/{name}"), secret);
        private(&project.path(&format!("secrets/{name}")));
    }
    let who = "user = \"web-nord\"\npassword = { file = \"secrets/nord-password\" }\n\
               app = { name = \"kfo\", version = \"1.0.0\", key = { file = \"secrets/nord-api-key\" } }\n";
    project.put(
        "ivohub.toml",
        format!(
            "[profile.practice.hubspot]\nbase_url = \"{}\"\ntoken = {{ file = \"secrets/hubspot-token\" }}\n\
             [profile.practice.ivoris.nord]\nlinkname = {{ file = \"secrets/nord-linkname\" }}\n\
             base_url = \"http://127.0.0.1:9/relay/{{linkname}}/webservice/api\"\n{who}\
             [profile.practice.ivoris.sued]\nprefix = \"sued-\"\nbase_url = \"http://127.0.0.1:9/{PATH}/api\"\n{who}",
            project.url()
        ),
    );
    project
}

/// Secrets as they are, and as a header of HTTP holds them.
fn found(bytes: &[u8]) -> Vec<String> {
    let base64 = "d2ViLW5vcmQ6bWFya2VyLW9mLXRoZS1wYXNzd29yZC00ZjFj"; // web-nord:<password>
    let needles = [PASSWORD, KEY, LINKNAME, PATH, base64];
    let holds = |needle: &&str| bytes.windows(needle.len()).any(|window| window == needle.as_bytes());
    needles.iter().filter(|needle| holds(needle)).map(|needle| (*needle).to_owned()).collect()
}

#[test]
fn secrets_of_an_installation_appear_nowhere_however_loud() {
    let project = configured();
    let loud = |args: &[&str]| -> Done {
        project.run_with(args, |command| {
            command.env("RUST_LOG", "trace");
        })
    };
    let commands: [&[&str]; 12] = [
        &["config", "check"],
        &["config", "show"],
        &["config", "show", "--json"],
        &["config", "check", "--json", "-vv"],
        &["migrate-patients", "--input", "samples/patienten.csv", "--dry-run", "-vv"],
        &["migrate-patients", "--input", "samples/patienten.csv", "--yes", "-vv", "--log-file", "run.log"],
        &["migrate-patients", "--source", "api", "--yes", "-vv"],
        &["migrate-appointments", "--source", "api", "--since", "7d", "--yes", "-vv", "--log-file", "api.log"],
        &["backfill-entries", "--source", "api", "--yes", "-vv", "--json"],
        &["status", "-vv"],
        &["mappings", "check", "-vv"],
        &[
            "--set",
            "ivoris.nord.base_url=http://127.0.0.1:9/marker-in-the-path-51c2",
            "migrate-patients",
            "--source",
            "api",
            "--yes",
        ],
    ];
    for args in commands {
        let all = loud(args).all();
        assert!(!all.is_empty() && found(all.as_bytes()).is_empty(), "{args:?}: {all}");
    }
    // Written where they do not belong.
    let sound = fs::read_to_string(project.path("ivohub.toml")).expect("read");
    for (line, wrong) in [
        ("password = { file = \"secrets/nord-password\" }", format!("password = \"{PASSWORD}\"")),
        ("password = { file = \"secrets/nord-password\" }", format!("password = {PASSWORD}")),
        ("key = { file = \"secrets/nord-api-key\" }", format!("key = \"{KEY}\"")),
        ("linkname = { file = \"secrets/nord-linkname\" }", format!("linkname = '{LINKNAME}'")),
        ("/relay/{linkname}/webservice/api", format!("/relay/{LINKNAME}/{{place}}")),
        ("http://127.0.0.1:9/relay/{linkname}", format!("https://relay.example/relay/{LINKNAME}")),
        ("/relay/{linkname}/webservice/api", format!("/relay/{{linkname}}?api_key={KEY}")),
    ] {
        project.put("ivohub.toml", sound.replacen(line, &wrong, 1));
        let done = loud(&["config", "check", "-vv"]).exits(2);
        assert!(found(done.all().as_bytes()).is_empty(), "{wrong}: {}", done.all());
    }
    let secrets = ["secrets", "ivohub.toml"].map(|name| project.path(name));
    for file in files(&project.path("")).into_iter().filter(|file| !secrets.iter().any(|own| file.starts_with(own))) {
        let bytes = fs::read(&file).expect("read");
        assert!(found(&bytes).is_empty(), "{}", file.display());
    }
    assert_eq!(found(KEY.as_bytes()), [KEY], "the search finds what is there");
}

#[test]
fn config_names_every_secret_that_is_missing_and_where_the_others_come_from() {
    let project = configured();
    project.run(&["config", "check"]).exits(0).says(&[
        "ivoris    ok   nord: http://127.0.0.1:9, secrets are there",
        "ivoris    ok   sued: http://127.0.0.1:9, secrets are there",
    ]);
    project.run(&["config", "show"]).exits(0).says(&[
        "http://127.0.0.1:9/…",
        "set (file secrets/nord-api-key)",
        "set (file secrets/nord-linkname)",
        "ivohub.toml:",
    ]);
    fs::remove_file(project.path("secrets/nord-password")).expect("removed");
    fs::remove_file(project.path("secrets/nord-linkname")).expect("removed");
    let done = project.run(&["config", "check"]).exits(4);
    assert!(done.says(&["secrets/nord-password", "secrets/nord-linkname"]).stderr.lines().count() >= 3);
    project.configure("sandbox", "");
    project.run(&["config", "check"]).exits(0).says(&["(simulator), secrets are there"]);
}
