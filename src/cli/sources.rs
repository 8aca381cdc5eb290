//! The Ivoris installations that a run reads from: who they are, and the line to each.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::config::{Access, Instance, Mode};
use crate::domain::InstanceKey;
use crate::http::{BaseUrl, Network, SystemClock, SystemRandom};
use crate::ivoris::{Client, Credentials, Effects, Learned};
use crate::mapping::Mapping;
use crate::report::{Line, Look};

use super::api_args::Api;
use super::context::Context;
use super::exit::Exit;
use super::failure::Failure;

/// One installation, ready to be read.
#[derive(Clone)]
pub(super) struct Source {
    /// Its name.
    pub(super) instance: InstanceKey,
    /// Stands before every id of it.
    pub(super) prefix: String,
    /// The line to it.
    pub(super) client: Client,
}

/// Which installations are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Chosen {
    /// `--instance`
    pub(super) instance: Option<InstanceKey>,
    /// Those of the locations of `--practice`; `None` = of all.
    pub(super) practices: Option<BTreeSet<InstanceKey>>,
}

impl Chosen {
    /// What the options of a pass choose: a location is read from the installation that `standorte.csv` names.
    pub(super) fn of(practice: &[String], instance: Option<&str>, mapping: &Mapping) -> Self {
        let rows = mapping.tables().locations.iter().filter(|row| practice.iter().any(|key| key == row.key.as_str()));
        let practices = (!practice.is_empty()).then(|| rows.map(|row| row.instance.clone()).collect());
        Self { instance: instance.map(InstanceKey::new), practices }
    }

    pub(super) fn takes(&self, key: &InstanceKey) -> bool {
        self.instance.as_ref().is_none_or(|only| only == key)
            && self.practices.as_ref().is_none_or(|practices| practices.contains(key))
    }
}

impl Context {
    /// The installations that are wanted, each with its line; in order of their names. `learned`: what earlier runs
    /// found out about each. Sends nothing; in the sandbox it knocks.
    ///
    /// An installation without address is left out, with a note; none left is a failure, and so is an unknown one.
    pub(super) fn sources(
        &self,
        chosen: &Chosen,
        api: &Api,
        mut learned: BTreeMap<InstanceKey, Learned>,
    ) -> Result<Vec<Source>, Failure> {
        let instances = &self.config.instances;
        let usage = |message: String, next: String| Err(Failure::new(Exit::Usage, message).next(next));
        if let Some(only) = chosen.instance.as_ref().filter(|only| instances.iter().all(|one| one.key != **only)) {
            let known: Vec<&str> = instances.iter().map(|one| one.key.as_str()).collect();
            return usage(format!("no installation is called \"{only}\""), format!("known are: {}", known.join(", ")));
        }
        let wanted: Vec<&Instance> = instances.iter().filter(|one| chosen.takes(&one.key)).collect();
        if wanted.is_empty() {
            let message = "--instance and --practice leave no installation".to_owned();
            return usage(message, "standorte.csv names the installation of each location".to_owned());
        }
        let (with, without): (Vec<&Instance>, Vec<&Instance>) =
            wanted.into_iter().partition(|one| one.ivoris.is_some());
        if with.is_empty() {
            let Some(first) = without.first() else { return Ok(Vec::new()) };
            let table = format!("[profile.{}.ivoris.{}]", self.config.profile, first.key);
            return usage(
                format!("there is no address to read from: ivoris.{}.base_url is not set", first.key),
                format!("set base_url, user, password and app below {table}, or give the CSV export with --input FILE"),
            );
        }
        for one in without {
            let text = format!("{} is not read: it has no base_url", one.key);
            self.screen.note(&Line::new().look(Look::Warn, &text));
        }
        let source = |instance: &Instance| {
            let learned = learned.remove(&instance.key).unwrap_or_default();
            let client = self.line_to(instance, api, learned)?;
            Ok(client.map(|client| Source { instance: instance.key.clone(), prefix: instance.prefix.clone(), client }))
        };
        with.into_iter().map(source).filter_map(Result::transpose).collect()
    }

    /// The line to one installation; `None` = it has no address.
    fn line_to(&self, instance: &Instance, api: &Api, learned: Learned) -> Result<Option<Client>, Failure> {
        let (Some(ivoris), Some((base, network, credentials))) = (&instance.ivoris, self.network_to(instance)?) else {
            return Ok(None);
        };
        if self.config.mode == Mode::Sandbox {
            Self::knock(&base, Exit::Ivoris)?;
        }
        let effects = Effects {
            transport: Arc::new(network),
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom::default()),
            cancel: self.stop.token.clone(),
        };
        let mut settings = ivoris.settings.clone();
        settings.parallel = settings.parallel.min(api.parallel.unwrap_or(settings.parallel));
        if let Some(check) = api.cross_check {
            settings.cross_check = check.patients();
        }
        Ok(Some(Client::new(settings, Arc::clone(&ivoris.profile), credentials, effects, learned)))
    }

    /// Address, network and credentials of an installation; `None` = it has no address. Sends nothing.
    pub(super) fn network_to(&self, instance: &Instance) -> Result<Option<(BaseUrl, Network, Credentials)>, Failure> {
        let (Some(ivoris), Some(Access { base, credentials })) = (&instance.ivoris, self.config.access(instance)?)
        else {
            return Ok(None);
        };
        let network = Network::new(base.clone(), &ivoris.network)
            .map_err(|error| Failure::new(Exit::Usage, format!("ivoris.{}: {error}", instance.key)))?;
        Ok(Some((base, network, credentials)))
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::time::Duration;

    use super::*;
    use crate::cli::ask::Asking;
    use crate::cli::stop::Stop;
    use crate::config::{Config, Request, Surroundings};
    use crate::mapping::shipped;
    use crate::report::log::RunName;
    use crate::report::{Bars, Colour, Options, Screen};

    const NOTHING: Api =
        Api { since: None, until: None, max_duration: None, parallel: None, all_patients: false, cross_check: None };

    /// The context of a profile, its text below `[profile.a]`.
    fn context(text: &str) -> Context {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("ivohub.toml"), format!("[profile.a]\n{text}")).expect("written");
        let variables = [("IVOHUB_IVORIS_NORD_PASSWORD", "geheim-1"), ("IVOHUB_IVORIS_NORD_APP_KEY", "geheim-2")];
        let around = Surroundings::of(&variables).in_folder(folder.path());
        let options = Options { json: false, quiet: false, colour: Colour::Never, bars: Bars::Off };
        Context {
            screen: Screen::elsewhere(options, std::io::sink(), std::io::sink()),
            config: Config::load(&Request::default(), &around).expect("sound"),
            stop: Stop::default(),
            run: RunName::default(),
            asking: Asking::here(true),
            lock_wait: Duration::ZERO,
            global: Vec::new(),
        }
    }

    fn failure(result: Result<Vec<Source>, Failure>) -> (Exit, String) {
        let failure = result.err().expect("a failure");
        (failure.exit, format!("{} → {}", failure.message, failure.next.unwrap_or_default()))
    }

    const LIVE: &str = "mode = \"live\"\nselect.minors = \"include\"\n[profile.a.ivoris.nord]\n\
                        base_url = \"https://praxis.intern/webservice/api\"\nuser = \"web\"\napp.name = \"kfo\"\n\
                        parallel = 2\n[profile.a.ivoris.sued]\nprefix = \"s-\"\n";

    #[test]
    fn installations_with_an_address_are_read_with_the_caps_of_this_run() {
        let context = context(LIVE);
        let sources = |api: &Api| context.sources(&Chosen::default(), api, BTreeMap::new()).expect("one");
        let all = sources(&NOTHING);
        let names: Vec<String> = all.iter().map(|source| format!("{}:{}", source.instance, source.prefix)).collect();
        assert_eq!(names, ["nord:"], "sued has no address");
        let settings = |api: Api| {
            let all = sources(&api);
            let settings = all.first().expect("nord").client.settings().clone();
            (settings.parallel, settings.cross_check)
        };
        assert_eq!(settings(NOTHING), (2, 20));
        let cross_check = "all".parse().ok();
        assert_eq!(settings(Api { parallel: Some(1), cross_check, ..NOTHING }), (1, u32::MAX));
    }

    #[test]
    fn locations_and_installations_are_chosen_by_name() {
        let context = context(LIVE);
        let mapping = shipped();
        let sources = |practice: &[&str], instance: Option<&str>| {
            let practice: Vec<String> = practice.iter().map(|key| (*key).to_owned()).collect();
            context.sources(&Chosen::of(&practice, instance, &mapping), &NOTHING, BTreeMap::new())
        };
        assert_eq!(sources(&["nord"], None).expect("one").len(), 1);
        assert_eq!(sources(&["nord", "sued"], Some("nord")).expect("one").len(), 1);
        let (exit, text) = failure(sources(&["sued"], None));
        assert!(
            exit == Exit::Usage && text.starts_with("there is no address to read from: ivoris.sued.base_url"),
            "{text}"
        );
        assert!(text.contains("below [profile.a.ivoris.sued], or give the CSV export with --input FILE"), "{text}");
        assert!(failure(sources(&[], Some("west"))).1.contains("known are: nord, sued"));
        assert!(failure(sources(&["sued"], Some("nord"))).1.contains("leave no installation"));
    }

    #[test]
    fn a_simulator_that_is_not_running_is_told_at_once() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("bound").port();
        let context = context(&format!(
            "[profile.a.ivoris.nord]\nbase_url = \"http://127.0.0.1:{port}/relay/nord/webservice/api\"\n"
        ));
        let sources = || context.sources(&Chosen::default(), &NOTHING, BTreeMap::new());
        assert_eq!(sources().expect("somebody listens").len(), 1);
        drop(listener);
        let (exit, text) = failure(sources());
        assert_eq!(exit, Exit::Ivoris);
        assert_eq!(
            text,
            format!(
                "nothing answers at http://127.0.0.1:{port} → start it in another terminal: \
                 ivohub sandbox serve --port {}",
                port - 1
            )
        );
    }
}
