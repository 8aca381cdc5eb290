//! What people write about an Ivoris installation, and what they are told.

use std::path::Path;
use std::time::Duration;

use secrecy::ExposeSecret;

use super::tests::{load, told};
use super::*;
use crate::http::BaseUrl;
use crate::ivoris::EntrySource;

const TOP: &str = "[profile.live]\nmode = \"live\"\n[profile.live.hubspot]\nportal = 4711\n[profile.live.select]\nminors = \"include\"\n";
const NORD: &str = "[profile.live.ivoris.nord]\nbase_url = \"https://praxis-nord.intern:8443/webservice/api\"\n\
                    user = \"hubspot\"\npassword = { file = \"secrets/nord-password\" }\n\
                    app = { name = \"kfo\", version = \"2.1\", key = { file = \"secrets/nord-api-key\" } }\n";
const RELAY: &str = "https://relay.computer-konkret.de/relay/{linkname}/webservice/api";

/// `NORD` with further lines, live.
fn nord(more: &str) -> Result<Config, Error> {
    load(&format!("{TOP}{NORD}{more}"), &[], &[])
}

fn ivoris_of(config: &Config) -> &Ivoris {
    config.instances.first().and_then(|one| one.ivoris.as_ref()).expect("it has an address")
}

#[test]
fn an_installation_is_read_as_written() {
    let config = nord("quiet_hours = [\"20:00-06:00\"]\npause = \"250ms\"\nparallel = 2\nretry_base = \"2s\"\nentries_overlap = \"3days\"\nentries = \"entries\"\ntimezone = \"Europe/Vienna\"\nmandants = [\"0\", \"1\"]\nca_file = \"secrets/ca.pem\"\n")
        .expect("sound");
    let ivoris = ivoris_of(&config);
    assert_eq!(
        format!("{} {} {}", ivoris.address, ivoris.user, ivoris.app),
        "https://praxis-nord.intern:8443 hubspot kfo"
    );
    assert_eq!((ivoris.app_version.as_str(), ivoris.given), ("2.1", true));
    let at = |from: &Option<SecretFrom>| match from {
        Some(SecretFrom::File(path)) => path.file_name().and_then(|name| name.to_str()).map(str::to_owned),
        Some(SecretFrom::Variable(_) | SecretFrom::Builtin) | None => None,
    };
    assert_eq!(at(&ivoris.password).as_deref(), Some("nord-password"));
    assert_eq!(at(&ivoris.app_key).as_deref(), Some("nord-api-key"));
    assert!(
        ivoris.network.extra_ca.as_deref().is_some_and(|path| path.is_absolute() && path.ends_with("secrets/ca.pem"))
    );
    let settings = &ivoris.settings;
    assert_eq!(
        (settings.parallel, settings.pause, settings.base),
        (2, Duration::from_millis(250), Duration::from_secs(2))
    );
    assert_eq!((settings.entries_overlap, settings.quiet.len()), (Duration::from_hours(72), 1));
    assert_eq!((settings.zone, settings.mandants.len()), (chrono_tz::Europe::Vienna, 2));
    assert_eq!(ivoris.profile.documentation, EntrySource::Entries);
    assert!(config.has_address());
    assert!(config.warnings.iter().all(|found| !found.message.contains("ivoris")), "{:?}", config.warnings);
}

#[test]
fn what_is_not_written_is_as_designed() {
    let config = nord("").expect("sound");
    let ivoris = ivoris_of(&config);
    let settings = &ivoris.settings;
    let seconds = |time: Duration| time.as_secs();
    assert_eq!((settings.parallel, settings.pause), (1, Duration::from_millis(200)));
    assert_eq!(
        (seconds(ivoris.network.connect), seconds(settings.request), seconds(settings.window_request)),
        (10, 30, 60)
    );
    assert_eq!((settings.attempts, seconds(settings.base), seconds(settings.cap)), (3, 1, 30));
    assert_eq!((settings.retry_percent, settings.breaker_after), (10, 5));
    assert_eq!((seconds(settings.probe_first), seconds(settings.probe_cap)), (30, 300));
    assert_eq!((settings.slice_days, settings.slice_max, settings.cross_check), (7, 28, 20));
    assert_eq!(settings.entries_overlap, Duration::from_hours(720));
    assert_eq!((settings.zone, ivoris.profile.documentation), (chrono_tz::Europe::Berlin, EntrySource::Both));
    assert_eq!(ivoris.network.request, settings.request);
}

#[test]
fn without_an_address_csv_is_the_only_source() {
    let config = load(&format!("{TOP}[profile.live.ivoris.nord]\n"), &[], &[]).expect("sound");
    assert!(config.instances.iter().all(|one| one.ivoris.is_none()) && !config.has_address());
    let config = load(&format!("{TOP}[profile.live.ivoris.nord]\nuser = \"hubspot\"\n"), &[], &[]).expect("sound");
    let warned = config
        .warnings
        .iter()
        .any(|found| found.message.starts_with("ivoris.nord.user is not used: nord has no base_url"));
    assert!(warned, "{:?}", config.warnings);
}

#[test]
fn the_sandbox_has_everything() {
    let config = load("[profile.a.ivoris.nord]\n[profile.a.ivoris.sued]\nprefix = \"s-\"\n", &[], &[]).expect("sound");
    for (instance, base) in config.instances.iter().zip(["nord", "sued"]) {
        let Access { base: found, credentials } =
            config.access(instance).expect("nothing is missing").expect("an address");
        let wanted = format!("http://127.0.0.1:4811/relay/{base}/webservice/api");
        assert_eq!(Ok(found), BaseUrl::parse(&wanted));
        let secrets = [credentials.password.expose_secret(), credentials.key.expose_secret()];
        assert_eq!(secrets, ["sandbox-password", "sandbox-key"]);
        assert_eq!(
            (credentials.user.as_str(), credentials.app.as_str(), credentials.app_version.as_str()),
            ("ivohub", "ivohub", "1")
        );
    }
    assert!(!config.has_address(), "nobody asked for the simulator");
    assert!(config.secrets().iter().all(|secret| secret.read.is_ok()));
    let masked = config.masked();
    let masked: Vec<&str> = masked.iter().map(ExposeSecret::expose_secret).collect();
    assert!(!masked.contains(&"ivohub") && !masked.contains(&"nord"), "words of every line stay: {masked:?}");
}

#[test]
fn the_sandbox_rehearses_without_the_own_address_and_secrets() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = format!("{TOP}{NORD}prefix = \"n-\"\nroute_profile = \"nowhere.toml\"\n")
        .replace("user = ", "timezone = \"Europe/Vienna\"\nuser = ");
    std::fs::write(folder.path().join("ivohub.toml"), text).expect("written");
    let request = Request { profile: Some("sandbox".to_owned()), ..Request::default() };
    let config = Config::load(&request, &Surroundings::of(&[]).in_folder(folder.path())).expect("sound");
    let ivoris = ivoris_of(&config);
    assert_eq!(ivoris.address.to_string(), "http://127.0.0.1:4811");
    assert_eq!(
        (ivoris.user.as_str(), &ivoris.password, &ivoris.app_key),
        ("ivohub", &Some(SecretFrom::Builtin), &Some(SecretFrom::Builtin))
    );
    assert_eq!(config.instances.first().map(|one| one.prefix.as_str()), Some("n-"));
    assert_eq!(ivoris.settings.zone, chrono_tz::Europe::Vienna);
}

#[test]
fn addresses_are_checked_and_never_quoted() {
    let check = |line: &str, wanted: &str| {
        let text =
            format!("{TOP}{NORD}").replace("base_url = \"https://praxis-nord.intern:8443/webservice/api\"", line);
        let result = load(&text, &[], &[]);
        assert!(!format!("{result:?}").contains("geheim"), "{line}");
        let told = told(result);
        assert!(told.contains(wanted) && !told.contains("geheim"), "{line}\n{told}");
    };
    check("base_url = \"http://praxis.intern/geheim\"", "ivohub.toml:8:12 plain http is allowed to this machine only");
    check("base_url = \"https://geheim:x@praxis.intern\"", "must not hold a user name");
    check("base_url = \"https://praxis.intern/?api_key=geheim\"", "a query or a fragment");
    check("base_url = \"geheim\"", "address is not a URL");
    check(
        "base_url = \"https://relay.example/relay/geheim-1/webservice/api\"",
        "this address holds a linkname, and a linkname is a secret = write {linkname} in its place, and linkname = { file = \"secrets/nord-linkname\" }",
    );
    check(
        &format!("base_url = \"{RELAY}\""),
        "no linkname is given = add linkname = { file = \"secrets/nord-linkname\" }",
    );
    check("base_url = 1\nlinkname = \"geheim\"", "a secret does not stand in this file");
    let sandbox = "[profile.a.ivoris.nord]\nbase_url = \"https://praxis.intern/webservice/api\"\n";
    assert_eq!(
        told(load(sandbox, &[], &[])),
        "ivohub.toml:2:12 a profile with mode = \"sandbox\" talks to this machine only (127.0.0.1) = \
         set mode = \"live\" when you mean a real Ivoris\n"
    );
}

#[test]
fn who_asks_must_be_known() {
    let text = format!("{TOP}[profile.live.ivoris.nord]\nbase_url = \"https://praxis.intern/webservice/api\"\n");
    let told = told(load(&text, &[], &[]));
    for part in [
        "ivoris.nord.user is missing = set it below [profile.live.ivoris.nord]: the web-service user",
        "ivoris.nord.app.name is missing",
    ] {
        assert!(told.contains(part), "{part}\n{told}");
    }
}

#[test]
fn numbers_times_and_hours_have_limits() {
    let check = |line: &str, wanted: &str| {
        let told = told(nord(&format!("{line}\n")));
        assert!(told.contains(wanted), "{line}\n{told}");
    };
    check("parallel = 3", "ivohub.toml:12:12 expected 1 to 2");
    check("parallel = 0", "expected 1 to 2");
    check("attempts = 2", "expected 3 to 10");
    check("retry_percent = 101", "expected 0 to 100");
    check("pause = 200", "expected a stretch of time such as \"200ms\"");
    check("pause = \"soon\"", "expected a stretch of time such as \"200ms\"");
    check("pause = \"11m\"", "expected 0s to 10m");
    check("request = \"0s\"", "expected 1ms to 10m");
    check("slice_days = 14\nslice_max_days = 7", "slice_max_days is less than slice_days");
    check("probe_first = \"2m\"\nprobe_cap = \"1m\"", "probe_cap is less than probe_first");
    check("quiet_hours = [\"late\"]", "expected a form like 22:00-05:30");
    check("quiet_hours = \"20:00-06:00\"", "expected a list");
    check("entries = \"all\"", "expected one of: \"entries\", \"document_entries\", \"both\"");
    check("mandants = [\"eins\"]", "expected a number such as \"0\"");
    check("timezone = \"Berlin\"", "unknown time zone");
    let config = nord("slice_days = 60\nretry_cap = \"500ms\"\n").expect("the other of a pair goes along");
    let settings = &ivoris_of(&config).settings;
    assert_eq!((settings.slice_max, settings.base), (60, Duration::from_millis(500)));
}

#[test]
fn a_route_profile_is_a_file_beside_and_its_problems_have_places() {
    let told = told(nord("route_profile = \"nowhere.toml\"\n"));
    assert!(told.contains("ivohub.toml:12:17 cannot read nowhere.toml"), "{told}");
    let folder = tempfile::tempdir().expect("a folder");
    let text = format!("{TOP}{NORD}route_profile = \"nord-routes.toml\"\n");
    std::fs::write(folder.path().join("ivohub.toml"), text).expect("written");
    let load = |profile: &str| {
        std::fs::write(folder.path().join("nord-routes.toml"), profile).expect("written");
        Config::load(&Request::default(), &Surroundings::of(&[]).in_folder(folder.path()))
    };
    let Err(Error::Problems(problems)) = load("[documentation]\nsauce = \"both\"\n") else { panic!("an unknown key") };
    let found = problems.first().expect("one");
    assert_eq!(
        (found.file.as_str(), found.line, found.line_text.as_str()),
        ("nord-routes.toml", 2, "sauce = \"both\"")
    );
    let config = load("[documentation]\nsource = \"entries\"\n").expect("sound");
    assert_eq!(ivoris_of(&config).profile.documentation, EntrySource::Entries);
}

#[test]
fn secrets_come_from_files_variables_and_the_credential_directory() {
    let folder = tempfile::tempdir().expect("a folder");
    let put = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("written");
    put("nord-linkname", "link-geheim");
    put("nord-password", "pass-geheim");
    let text = format!(
        "{TOP}[profile.live.ivoris.nord]\nbase_url = \"{RELAY}\"\nuser = \"web\"\napp.name = \"kfo\"\n[profile.live.ivoris.kfo-sued]\nprefix = \"s-\"\n"
    );
    let directory = folder.path().display().to_string();
    let variables = [
        ("CREDENTIALS_DIRECTORY", directory.as_str()),
        ("IVOHUB_IVORIS_NORD_APP_KEY", "key-geheim"),
        ("IVOHUB_HUBSPOT_TOKEN", "pat-geheim"),
    ];
    let config = load(&text, &variables, &[]).expect("sound");
    let nord = config.instances.iter().find(|one| one.key.as_str() == "nord").expect("nord");
    let access = config.access(nord).expect("nothing is missing").expect("an address");
    assert_eq!(Ok(access.base), BaseUrl::parse("https://relay.computer-konkret.de/relay/link-geheim/webservice/api"));
    assert_eq!(access.credentials.key.expose_secret(), "key-geheim");
    let masked = config.masked();
    let masked: Vec<&str> = masked.iter().map(ExposeSecret::expose_secret).collect();
    for secret in ["link-geheim", "pass-geheim", "key-geheim", "pat-geheim", "web:pass-geheim", "web"] {
        assert!(masked.contains(&secret), "{secret} is masked");
    }
    assert!(!format!("{config:?}").contains("geheim"));
    assert!(config.warnings.iter().all(|found| !found.message.contains("means nothing")), "{:?}", config.warnings);
    let alone = load(&text.replace(RELAY, "https://praxis.intern/webservice/api"), &[], &[]).expect("sound");
    let missing: Vec<String> = alone
        .secrets()
        .into_iter()
        .filter_map(|secret| Some(format!("{}: {}", secret.key, secret.read.err()?)))
        .collect();
    assert_eq!(missing.len(), 3, "{missing:?}");
    assert_eq!(
        missing.last().map(String::as_str),
        Some(
            "ivoris.nord.app.key: no nord-api-key: put it into secrets/nord-api-key (chmod 600), write ivoris.nord.app.key = \
             { file = \"secrets/nord-api-key\" } into the profile, or set IVOHUB_IVORIS_NORD_APP_KEY_FILE"
        )
    );
}

#[test]
fn variables_and_flags_reach_an_installation() {
    let parallel = |variables: &[(&str, &str)], set: &[&str]| {
        ivoris_of(&load(&format!("{TOP}{NORD}"), variables, set).expect("sound")).settings.parallel
    };
    assert_eq!(parallel(&[("IVOHUB_IVORIS_NORD_PARALLEL", "2")], &[]), 2);
    assert_eq!(parallel(&[("IVOHUB_IVORIS_NORD_PARALLEL", "2")], &["ivoris.nord.parallel=1"]), 1);
    let told = told(load(
        &format!("{TOP}{NORD}"),
        &[("IVOHUB_IVORIS_NORD_PAUSE", "lang")],
        &["ivoris.nrod.parallel=1", "ivoris.nord.password=geheim"],
    ));
    for part in [
        "IVOHUB_IVORIS_NORD_PAUSE:0:0 expected a stretch of time",
        "no installation is called \"nrod\" = did you mean \"nord\"?",
        "a secret is never given on the command line = set IVOHUB_IVORIS_NORD_PASSWORD_FILE instead",
    ] {
        assert!(told.contains(part), "{part}\n{told}");
    }
    assert!(!told.contains("geheim"));
}

#[test]
fn values_are_shown_without_paths_and_secrets() {
    let text = format!("{TOP}{NORD}").replace("/webservice/api", "/geheim-1/webservice/api");
    let config = load(&text, &[], &["ivoris.nord.pause=1s"]).expect("sound");
    let shown = |key: &str| config.shown.iter().find(|line| line.key == key).map(|line| line.value.as_str());
    assert_eq!(shown("ivoris.nord.base_url"), Some("https://praxis-nord.intern:8443/…"));
    assert_eq!(shown("ivoris.nord.app.key"), Some("set (file secrets/nord-api-key)"));
    assert_eq!(shown("ivoris.nord.pause"), Some("1s"));
    assert_eq!(shown_pair("ivoris.nord.base_url=https://a.b/c"), "ivoris.nord.base_url=https://a.b/…");
    assert!(!format!("{config:?}").contains("geheim"));
    assert!(Path::new("secrets/nord-api-key").is_relative());
}
