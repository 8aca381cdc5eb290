//! `[ivoris.*]` of an installation with an API: where it answers, who asks, and what differs there.

use std::sync::Arc;

use chrono_tz::Tz;

use super::careful::{At, INSTANT, TEN_MINUTES};
use super::credentials::file_name;
use super::place::Given;
use super::resolve::{Reader, SANDBOX, SANDBOX_IVORIS};
use super::tree::SecretFrom;
use super::{Address, AddressProblem, Ivoris, Mode};
use crate::domain::InstanceKey;
use crate::http::NetworkSettings;
use crate::ivoris::{EntrySource, RouteProfile};
use crate::mapping::Problem;

/// The vendor's relay (`ivoris-api.md` section 1).
const RELAY: &str = "https://relay.computer-konkret.de/relay/{linkname}/webservice/api";

/// Who asks the simulated Ivoris (design.md section 6); no secret.
const SANDBOX_USER: &str = "ivohub";
const SANDBOX_APP: &str = "ivohub";
const SANDBOX_VERSION: &str = "1";

/// Version text that was seen in use (`ivoris-api.md` section 2).
const VERSION: &str = "1.0.0";

/// Keys of who asks: without an address they mean nothing.
const ASKER: [&str; 7] = ["linkname", "user", "password", "app.name", "app.version", "app.key", "ca_file"];

impl Reader<'_, '_> {
    /// Where the simulated Ivoris answers: at the port behind the one of the simulated HubSpot.
    fn simulated(&self) -> String {
        let (url, _) = self.text("hubspot.base_url").unwrap_or((SANDBOX, &Given::Default));
        let beside = url.trim_end_matches('/').rsplit_once(':').and_then(|(host, port)| {
            let port: u16 = port.parse().ok()?;
            Some(format!("{host}:{}", port.checked_add(1)?))
        });
        beside.unwrap_or_else(|| SANDBOX_IVORIS.to_owned())
    }

    /// What stands in `[ivoris.<key>]`; `None` = no address, so CSV is its only source.
    pub(super) fn ivoris(&mut self, key: &InstanceKey, prefix: &str, mode: Mode, zone: Tz) -> Option<Ivoris> {
        let at = At(key);
        let zone = self.zone(&at.key("timezone"), zone);
        // Checked with and without an address: what is written down is meant.
        let settings = self.settings(at, prefix, zone);
        let profile = self.route_profile(at);
        let given = self.values.contains_key(&at.key("base_url"));
        let mut network = NetworkSettings {
            extra_ca: self.path(&at.key("ca_file")),
            request: settings.request,
            ..NetworkSettings::default()
        };
        self.time(at, "connect", INSTANT..=TEN_MINUTES, &mut network.connect);
        let (address, standard) = match (given, mode) {
            (true, _) => (self.address(at, mode), mode == Mode::Sandbox),
            (false, Mode::Sandbox) => {
                let base = self.simulated();
                (Address::parse(&format!("{base}/relay/{key}/webservice/api")).ok(), true)
            }
            (false, Mode::Live) => (None, false),
        };
        let Some(address) = address else {
            if !given {
                self.without_address(at);
            }
            return None;
        };
        let linkname = self.secret(&at.key("linkname"));
        self.check_linkname(at, &address, linkname.as_ref());
        let builtin = |from: Option<SecretFrom>| from.or(standard.then_some(SecretFrom::Builtin));
        Some(Ivoris {
            address,
            given,
            linkname,
            user: self.word(
                at,
                "user",
                standard.then_some(SANDBOX_USER),
                "the web-service user that was issued for it",
            ),
            password: builtin(self.secret(&at.key("password"))),
            app: self.word(at, "app.name", standard.then_some(SANDBOX_APP), "the name of the registered application"),
            app_version: self.word(at, "app.version", Some(if standard { SANDBOX_VERSION } else { VERSION }), ""),
            app_key: builtin(self.secret(&at.key("app.key"))),
            network,
            profile: Arc::new(profile),
            settings,
        })
    }

    fn address(&mut self, at: At<'_>, mode: Mode) -> Option<Address> {
        let key = at.key("base_url");
        let (text, _) = self.text(&key)?;
        match Address::parse(text) {
            Ok(address) => {
                if mode == Mode::Sandbox && !address.is_loopback() {
                    self.too_far(&key, "a real Ivoris");
                }
                Some(address)
            }
            Err(problem) => {
                let linkname = problem == AddressProblem::Linkname;
                let found = self.wrong(&key, problem.to_string());
                if linkname {
                    found.help = Some(format!(
                        "write {{linkname}} in its place, and linkname = {{ file = \"secrets/{}\" }}",
                        file_name(at.0.as_str(), "linkname")
                    ));
                }
                None
            }
        }
    }

    /// An address with a place for a linkname needs one, and only such an address does.
    fn check_linkname(&mut self, at: At<'_>, address: &Address, linkname: Option<&SecretFrom>) {
        let file = file_name(at.0.as_str(), "linkname");
        if address.takes_linkname() && linkname.is_none() && self.ground.around.credential(&file).is_none() {
            let found = self.wrong(&at.key("base_url"), "{linkname} stands in this address and no linkname is given");
            found.help = Some(format!("add linkname = {{ file = \"secrets/{file}\" }}"));
        }
        if !address.takes_linkname() && linkname.is_some() {
            let message = format!("{} is not used: no {{linkname}} stands in its base_url", at.key("linkname"));
            self.warn(message, &format!("at the vendor's relay an address is {RELAY}"));
        }
    }

    fn without_address(&mut self, at: At<'_>) {
        if let Some(name) = ASKER.iter().find(|name| self.values.contains_key(&at.key(name))) {
            let message =
                format!("{} is not used: {} has no base_url, so only its CSV files are read", at.key(name), at.0);
            self.warn(message, &format!("set base_url; at the vendor's relay it is {RELAY}"));
        }
    }

    /// A text that must be there: given, or standard.
    fn word(&mut self, at: At<'_>, name: &str, standard: Option<&str>, what: &str) -> String {
        let key = at.key(name);
        let given = self.text(&key).map(|(text, _)| text.trim().to_owned()).filter(|text| !text.is_empty());
        // In a header, a colon ends the user.
        if name == "user" && given.as_ref().is_some_and(|user| user.contains(':')) {
            self.wrong(&key, "a user's name holds no colon");
        }
        given.or_else(|| standard.map(str::to_owned)).unwrap_or_else(|| {
            let help = format!("set it below [profile.{}.ivoris.{}]: {what}", self.ground.profile, at.0);
            self.lacking(format!("{key} is missing"), &help);
            String::new()
        })
    }

    /// The routes and fields of this installation: as usual, but for what the file says.
    fn route_profile(&mut self, at: At<'_>) -> RouteProfile {
        let key = at.key("route_profile");
        let mut profile = RouteProfile::builtin();
        if let Some(path) = self.path(&key) {
            let name = path.strip_prefix(&self.ground.root).unwrap_or(&path).display().to_string();
            match std::fs::read_to_string(&path) {
                Err(error) => drop(self.wrong(&key, format!("cannot read {name}: {error}"))),
                Ok(text) => match RouteProfile::parse(&name, &text) {
                    Ok(read) => profile = read,
                    Err(problems) => {
                        let found = problems.into_iter().map(|problem| {
                            let line = usize::try_from(problem.line).unwrap_or(0).saturating_sub(1);
                            Problem {
                                line: problem.line,
                                column: problem.column,
                                end_column: problem.column + 1,
                                line_text: text.lines().nth(line).unwrap_or_default().to_owned(),
                                help: problem.help,
                                ..Problem::of_file("C010", &name, problem.message)
                            }
                        });
                        // Several installations may share a file.
                        for problem in found.collect::<Vec<_>>() {
                            if !self.problems.contains(&problem) {
                                self.problems.push(problem);
                            }
                        }
                    }
                },
            }
        }
        match self.text(&at.key("entries")) {
            Some(("entries", _)) => profile.documentation = EntrySource::Entries,
            Some(("document_entries", _)) => profile.documentation = EntrySource::DocumentEntries,
            Some(("both", _)) => profile.documentation = EntrySource::Both,
            Some(_) | None => {}
        }
        profile
    }
}
