//! What people write into `ivohub.toml`, and what they are told.

use std::fmt::Write as _;

use super::*;
use crate::plan::Limits;
use crate::plan::guard::Limit;

const LIVE: &str = r#"
version = 1
default_profile = "live"
[deals]
rebook_days = 14
[profile.live]
mode = "live"
[profile.live.hubspot]
portal = 4711
token = { file = "secrets/hubspot-token" }
[profile.live.ivoris.nord]
[profile.live.ivoris.sued]
prefix = "s-"
[profile.live.select]
minors = "include"
appointments = { from = "2021-01-01" }
[profile.live.guard]
updates = "10%"
closes = 5
[profile.live.compliance]
controller = "KFO Verbund (erfunden)"
basis = "Art. 9 Abs. 2 lit. a DSGVO"
contract_date = 2026-01-31
hosting = "eu1"
"#;

pub(super) fn load(text: &str, variables: &[(&str, &str)], set: &[&str]) -> Result<Config, Error> {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("ivohub.toml"), text).expect("written");
    let request = Request { set: set.iter().map(|pair| (*pair).to_owned()).collect(), ..Request::default() };
    Config::load(&request, &Surroundings::of(variables).in_folder(folder.path()))
}

/// `file:line:column message` and help of every problem.
pub(super) fn told(result: Result<Config, Error>) -> String {
    let Err(Error::Problems(problems)) = result else { return format!("no problems: {result:?}") };
    problems.iter().fold(String::new(), |mut text, found| {
        let help = found.help.as_deref().map_or_else(String::new, |help| format!(" = {help}"));
        writeln!(text, "{}:{}:{} {}{help}", found.file, found.line, found.column, found.message).expect("a string");
        text
    })
}

#[test]
fn a_live_profile_is_read() {
    let config = load(LIVE, &[], &[]).expect("sound");
    assert_eq!((config.profile.as_str(), config.mode), ("live", Mode::Live));
    assert_eq!(config.hubspot.base_url.to_string(), "https://api.hubapi.com");
    assert_eq!(config.hubspot.portal, Some(4711));
    assert_eq!(config.deals.rebook_days, 14);
    assert_eq!(config.limits.updates, Some(Limit { at_least: 200, percent: 10 }));
    assert_eq!(config.limits.closes, Some(Limit { at_least: 5, percent: 0 }));
    assert_eq!(config.limits.creates, Some(Limit { at_least: 200, percent: 5 }), "the default guard");
    assert!(config.state.ends_with(".ivohub/live/state.db"));
    assert!(config.state_key.ends_with("secrets/state.key"));
    assert!(config.warnings.is_empty());
    let prefixes: Vec<&str> = config.instances.iter().map(|instance| instance.prefix.as_str()).collect();
    assert_eq!(prefixes, ["", "s-"]);
}

#[test]
fn without_a_file_the_sandbox_is_meant() {
    let folder = tempfile::tempdir().expect("a folder");
    let around = Surroundings::of(&[]).in_folder(folder.path());
    let config = Config::load(&Request::default(), &around).expect("built in");
    assert_eq!((config.profile.as_str(), config.mode), ("sandbox", Mode::Sandbox));
    assert_eq!(config.hubspot.base_url.to_string(), "http://127.0.0.1:4810");
    assert_eq!(config.limits, Limits::default(), "no guard");
    assert_eq!((config.select, config.mappings), (None, Tables::Shipped));
    assert!(config.state.ends_with(".ivohub/sandbox-profile/state.db"));
    assert_eq!(config.instances.len(), 2);
}

#[test]
fn the_sandbox_rehearses_with_the_own_tables() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("ivohub.toml"), LIVE).expect("written");
    let request = Request { profile: Some("sandbox".to_owned()), ..Request::default() };
    let config = Config::load(&request, &Surroundings::of(&[]).in_folder(folder.path())).expect("sound");
    assert_eq!(config.mode, Mode::Sandbox);
    assert_eq!(config.instances.len(), 2);
    assert_eq!((config.hubspot.portal, config.limits), (None, Limits::default()), "neither portal nor guard");
    assert!(matches!(config.hubspot.token, Some(SecretFrom::Builtin)), "the real token is not sent to the simulator");
}

#[test]
fn every_problem_has_its_place() {
    let text = "version = 1\n[profile.live]\nmod = \"live\"\nmode = \"Live\"\ntimezone = \"Berlin\"\n\
                [profile.live.guard]\ncreate = 3\nupdates = \"viele\"\n[profile.live.ivoris.nord]\nbaseurl = \"x\"\n";
    assert_eq!(
        told(load(text, &[], &[])),
        "ivohub.toml:3:1 unknown key \"mod\" = did you mean \"mode\"?\n\
         ivohub.toml:4:8 expected one of: \"sandbox\", \"live\"\n\
         ivohub.toml:7:1 unknown key \"create\" = did you mean \"creates\"?\n\
         ivohub.toml:8:11 expected a number such as 200 or a share such as \"20%\"\n\
         ivohub.toml:10:1 unknown key \"baseurl\" = did you mean \"base_url\"?\n"
    );
}

#[test]
fn syntax_errors_have_a_place_and_quote_no_secret() {
    let Err(Error::Problems(problems)) = load("[profile.live.hubspot]\ntoken = pat-eu1-geheim\n", &[], &[]) else {
        panic!("not valid TOML");
    };
    let found = problems.first().expect("one problem");
    assert_eq!((found.line, found.line_text.as_str()), (2, ""));
    assert!(!format!("{problems:?}").contains("geheim"));
    let told = told(load("[profile.live.hubspot]\ntoken = \"pat-eu1-geheim\"\n", &[], &[]));
    assert!(told.contains("2:9 a secret does not stand in this file") && !told.contains("geheim"), "{told}");
}

#[test]
fn a_live_portal_needs_rules() {
    let text = "[profile.live]\nmode = \"live\"\n[profile.live.hubspot]\nbase_url = \"http://api.hubapi.com\"\n\
                [profile.live.ivoris.nord]\n[profile.live.ivoris.sued]\n";
    let told = told(load(text, &[], &[]));
    for part in [
        "4:12 plain http is allowed to this machine only",
        "minors is missing = set minors = \"include\" or \"skip\"",
        "nord and sued both have no prefix = set ivoris.sued.prefix = \"sued-\"",
    ] {
        assert!(told.contains(part), "{part}\n{told}");
    }
}

#[test]
fn the_sandbox_stays_on_this_machine() {
    let text = "[profile.a.hubspot]\nbase_url = \"https://api.hubapi.com\"\n[profile.a.ivoris.nord]\n";
    assert_eq!(
        told(load(text, &[], &[])),
        "ivohub.toml:2:12 a profile with mode = \"sandbox\" talks to this machine only (127.0.0.1) = \
         set mode = \"live\" when you mean a real portal\n"
    );
}

#[test]
fn flags_win_over_variables_over_the_file() {
    let days = |variables: &[(&str, &str)], set: &[&str]| load(LIVE, variables, set).expect("sound").deals.rebook_days;
    let variable = [("IVOHUB_DEALS_REBOOK_DAYS", "7")];
    assert_eq!(days(&[], &[]), 14);
    assert_eq!(days(&variable, &[]), 7);
    assert_eq!(days(&variable, &["deals.rebook_days=3"]), 3);
    assert_eq!(days(&variable, &["profile.live.deals.rebook_days = 2"]), 2);
    let profile = LIVE
        .replace("[profile.live.ivoris.nord]", "[profile.live.deals]\nrebook_days = 21\n[profile.live.ivoris.nord]");
    assert_eq!(load(&profile, &[], &[]).expect("sound").deals.rebook_days, 21, "the profile before the top");
}

#[test]
fn flags_and_variables_are_checked_too() {
    let told = told(load(
        LIVE,
        &[("IVOHUB_TIMEZONE", "Neustadt"), ("IVOHUB_GUARD_CLOSES", "x")],
        &["hubspot.token=pat-geheim", "deal.grain=case", "deals.grain=viele"],
    ));
    for part in [
        "IVOHUB_TIMEZONE:0:0 unknown time zone",
        "IVOHUB_GUARD_CLOSES:0:0 expected a number",
        "--set hubspot.token:0:0 a secret is never given on the command line",
        "--set deal.grain:0:0 unknown key \"deal.grain\" = did you mean \"deals.grain\"?",
        "--set deals.grain:0:0 expected one of: case, appointment",
    ] {
        assert!(told.contains(part), "{part}\n{told}");
    }
    assert!(!told.contains("geheim"));
}

#[test]
fn secrets_come_from_variables_before_the_file() {
    let from = |variables: &[(&str, &str)]| load(LIVE, variables, &[]).expect("sound").hubspot.token;
    assert!(
        matches!(from(&[]), Some(SecretFrom::File(path)) if path.is_absolute() && path.ends_with("secrets/hubspot-token"))
    );
    assert_eq!(
        from(&[("IVOHUB_HUBSPOT_TOKEN", "pat-x")]),
        Some(SecretFrom::Variable("IVOHUB_HUBSPOT_TOKEN".to_owned()))
    );
    let both = [("IVOHUB_HUBSPOT_TOKEN", "pat-x"), ("IVOHUB_HUBSPOT_TOKEN_FILE", "/run/token")];
    assert_eq!(from(&both), Some(SecretFrom::File(PathBuf::from("/run/token"))));
}

#[test]
fn several_profiles_need_a_word() {
    let text = "[profile.a.ivoris.nord]\n[profile.b.ivoris.nord]\n";
    assert!(told(load(text, &[], &[])).contains("has several profiles: a, b"));
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("ivohub.toml"), text).expect("written");
    let around = Surroundings::of(&[]).in_folder(folder.path());
    let by = |name: &str| Config::load(&Request { profile: Some(name.to_owned()), ..Request::default() }, &around);
    assert_eq!(by("b").expect("named").profile, "b");
    assert!(told(by("c")).contains("has no profile \"c\""));
}

#[test]
fn values_are_shown_with_who_gave_them_and_secrets_are_not() {
    let config = load(LIVE, &[("IVOHUB_TIMEZONE", "Europe/Vienna")], &["deals.grain=case"]).expect("sound");
    let line = |key: &str| {
        let found = config.shown.iter().find(|line| line.key == key).expect("shown");
        format!("{} {}", found.value, found.origin)
    };
    assert_eq!(line("mode"), "live ivohub.toml:7");
    assert_eq!(line("timezone"), "Europe/Vienna IVOHUB_TIMEZONE");
    assert_eq!(line("deals.grain"), "case --set");
    assert_eq!(line("hubspot.token"), "set (file secrets/hubspot-token) ivohub.toml:10");
}

#[test]
fn what_says_nothing_counts_as_missing_and_misspelt_variables_are_named() {
    let config =
        load(LIVE, &[("IVOHUB_GUARD_CLOSE", "5")], &["compliance.basis=…", "compliance.hosting= "]).expect("sound");
    assert_eq!((config.compliance.basis, config.compliance.hosting), (None, None));
    let warned = |part: &str| config.warnings.iter().any(|found| found.message.contains(part));
    assert!(
        warned("IVOHUB_GUARD_CLOSE means nothing") && warned("[compliance] is not complete"),
        "{:#?}",
        config.warnings
    );
    let help = config.warnings.iter().find_map(|found| found.help.as_deref().filter(|help| help.contains("IVOHUB_")));
    assert_eq!(help, Some("the nearest known is IVOHUB_GUARD_CLOSES"));
}
