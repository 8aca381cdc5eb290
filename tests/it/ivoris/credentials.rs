//! Credentials that are refused: two calls at most, exit 4, and nothing secret anywhere.

use ivohub::sandbox::ivoris::{Data, KEY, PASSWORD, Settings};

use super::Site;

const WRONG: &str = "wrong-secret-7c1f0b";

/// Every pass with `file` holding something wrong.
fn check(file: &str) {
    let site = Site::new(Settings::exact(), Data::samples());
    site.project.put(file, WRONG);
    let before = site.project.writing();
    let passes = crate::project::PASSES.map(|(command, _)| command);
    for (command, more) in passes.into_iter().flat_map(|command| [(command, None), (command, Some("--dry-run"))]) {
        site.practice.reset_counters();
        let mut args = vec![command, "--source", "api", "--json", "-vv"];
        args.push(more.unwrap_or("--yes"));
        let done = site.project.run_with(&args, |command| {
            command.env("RUST_LOG", "trace");
        });
        let done = done.exits(4);
        let counters = site.practice.counters();
        assert!(counters.requests <= 2 && counters.refused == counters.requests, "{command}: {counters:?}");
        let all = done.all();
        for secret in [WRONG, PASSWORD, KEY, "api_key=", "relay/"] {
            assert!(!all.contains(secret), "{command} shows {secret}:\n{all}");
        }
        assert!(all.contains("nord") || all.contains("sued"), "it says whose: {all}");
    }
    assert_eq!(site.project.writing(), before, "nothing is written");
    // With the right ones it goes on.
    site.project.put("secrets/password", PASSWORD);
    site.project.put("secrets/key", KEY);
    for name in ["secrets/password", "secrets/key"] {
        crate::project::private(&site.project.path(name));
    }
    let done = site.pass("migrate-patients", &[]);
    assert!([0, 3].contains(&done.exit), "{}", done.all());
}

#[test]
fn a_wrong_password_costs_two_calls() {
    check("secrets/password");
}

#[test]
fn a_wrong_key_costs_two_calls() {
    check("secrets/key");
}
