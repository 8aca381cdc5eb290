//! Secrets and patients of an installation that answers: neither ever shows, however loud the command and whatever happens.

use std::collections::BTreeMap;
use std::fs;

use ivohub::sandbox::ivoris::{Credentials, Data, Fault, Faults, Settings};

use super::Site;
use crate::privacy::{Needles, files};
use crate::project::private;

const USER: &str = "marker-of-the-user-93aa";
const PASSWORD: &str = "marker-of-the-password-4f1c";
const KEY: &str = "marker-of-the-api-key/77 ab";
const LINKNAME: &str = "marker-of-the-linkname-e09d";

/// The secrets as they are, as URLs and as headers hold them.
fn needles() -> Needles {
    let mut needles = Needles::of_samples();
    for text in [
        PASSWORD,
        KEY,
        LINKNAME,
        "marker-of-the-api-key%2F77%20ab",
        "marker-of-the-api-key%2F77+ab",
        // <user>:<password>
        "bWFya2VyLW9mLXRoZS11c2VyLTkzYWE6bWFya2VyLW9mLXRoZS1wYXNzd29yZC00ZjFj",
    ] {
        needles.text(text);
    }
    needles
}

fn site() -> Site {
    let credentials = Credentials {
        user: USER.to_owned(),
        password: PASSWORD.to_owned(),
        key: KEY.to_owned(),
        ..Credentials::default()
    };
    let linknames = BTreeMap::from([("nord".to_owned(), LINKNAME.to_owned())]);
    let site = Site::new(Settings { credentials, linknames, ..Settings::default() }, Data::samples());
    for (name, secret) in [("password", PASSWORD), ("key", KEY), ("linkname", LINKNAME)] {
        site.project.put(&format!("secrets/{name}"), secret);
        private(&site.project.path(&format!("secrets/{name}")));
    }
    let configuration = fs::read_to_string(site.project.path("ivohub.toml")).expect("read");
    let configuration = configuration
        .replace("user = \"ivohub\"", &format!("user = \"{USER}\""))
        .replacen("base_url = \"", "linkname = { file = \"secrets/linkname\" }\nbase_url = \"", 2)
        .replacen("linkname = { file = \"secrets/linkname\" }\n", "", 1)
        .replace(LINKNAME, "{linkname}");
    site.project.put("ivohub.toml", configuration);
    site
}

#[test]
fn neither_secrets_nor_patients_show_whatever_is_asked_and_whatever_happens() {
    let site = site();
    let needles = needles();
    let mut leaks = Vec::new();
    let mut run = |args: &[&str], wanted: &[i32]| {
        for more in [&["-vv"][..], &["-vv", "--json"], &["-vv", "--log-file", "text.log"]] {
            let args = [args, more].concat();
            let done = site.project.run_with(&args, |command| {
                command.env("RUST_LOG", "trace");
            });
            assert!(wanted.contains(&done.exit), "{args:?}: {}", done.all());
            leaks.extend(needles.found(done.all().as_bytes()).into_iter().map(|hit| format!("{args:?}: {hit}")));
        }
    };
    let api = |command: &'static str| [command, "--source", "api", "--yes", "--since", "2026-06-01"];
    run(&["config", "check"], &[0]);
    run(&["config", "show"], &[0]);
    run(&["explore", "--check-mappings", "--record", "recorded"], &[0, 3]);
    run(&["explore", "--routes"], &[0]);
    run(&["migrate-patients", "--source", "api", "--dry-run", "--diff", "full"], &[0, 3]);
    site.practice.set_faults(
        [Fault::GatewayTimeout, Fault::Html, Fault::Truncated, Fault::Reset, Fault::ServerError]
            .into_iter()
            .fold(Faults::none(), |faults, fault| faults.with(fault, 0.03)),
    );
    for command in ["migrate-patients", "migrate-appointments", "backfill-entries"] {
        run(&api(command), &[0, 3]);
    }
    site.practice.set_faults(Faults::none());
    run(&["status"], &[0]);
    run(&["mappings", "check"], &[0]);
    run(
        &["migrate-appointments", "--source", "api", "--yes", "--only", "b1000000-0000-4000-8000-000000000085"],
        &[0, 3],
    );
    // Refused: another password, another key, another link name.
    for name in ["password", "key", "linkname"] {
        let sound = fs::read(site.project.path(&format!("secrets/{name}"))).expect("read");
        site.project.put(&format!("secrets/{name}"), "marker-of-the-password-4f1c-and-more");
        run(&["migrate-patients", "--source", "api", "--yes", "--fresh", "--max-duration", "1s"], &[2, 3, 4, 5]);
        run(&["explore"], &[0, 2, 3, 4, 5]);
        site.project.put(&format!("secrets/{name}"), sound);
    }
    // Nobody is there.
    let site = site.closed();
    let mut run = |args: &[&str]| {
        let done = site.project.run_with(args, |command| {
            command.env("RUST_LOG", "trace");
        });
        leaks.extend(needles.found(done.all().as_bytes()).into_iter().map(|hit| format!("{args:?}: {hit}")));
    };
    run(&["migrate-patients", "--source", "api", "--yes", "--fresh", "--max-duration", "1s", "-vv"]);
    run(&["explore", "-vv"]);
    let ours = ["samples", "secrets", "mappings", "ivohub.toml"].map(|name| site.project.path(name));
    let mut looked_at = Vec::new();
    for file in files(&site.project.path("")).into_iter().filter(|file| !ours.iter().any(|own| file.starts_with(own))) {
        let name = file.strip_prefix(site.project.path("")).expect("below").display().to_string();
        let bytes = fs::read(&file).expect("read");
        leaks.extend(needles.found(&bytes).into_iter().map(|hit| format!("{name}: {hit}")));
        leaks.extend(needles.found(name.as_bytes()).into_iter().map(|hit| format!("the name {name}: {hit}")));
        looked_at.push(name);
    }
    assert!(leaks.is_empty(), "{}", leaks.join("\n"));
    for part in ["text.log", "state.db", "recorded/", "explore/nord.md"] {
        assert!(looked_at.iter().any(|name| name.contains(part)), "{part} was looked at: {looked_at:?}");
    }
}
