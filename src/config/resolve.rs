//! Values → [`Config`]: types, defaults, and what the mode allows. Every problem is reported, not only the first.

use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use chrono_tz::Tz;

use super::layers::Values;
use super::limit::{self, GUARD};
use super::place::{Given, Text};
use super::tree::{SecretFrom, Tree, Value};
use super::{Compliance, Config, Log, LogFormat, Mode, Select, Surroundings, Tables};
use crate::domain::LocationKey;
use crate::mapping::{
    CaseKey, CloseDate, DealSettings, Grain, Level, PreviousStage, Problem, PushBack, StartDate, WonAt,
};
use crate::pass::Minors;
use crate::plan::Limits;
use crate::plan::guard::Limit;

/// Where `ivohub sandbox serve` answers (design.md section 6).
pub const SANDBOX: &str = "http://127.0.0.1:4810";
/// Where it answers as Ivoris.
pub const SANDBOX_IVORIS: &str = "http://127.0.0.1:4811";

/// What is known before values are looked at.
pub(super) struct Ground<'a> {
    pub(super) source: &'a Text,
    pub(super) file: Option<PathBuf>,
    pub(super) root: PathBuf,
    pub(super) profile: String,
    /// The profile `sandbox` as built in: it stands in no file.
    pub(super) builtin: bool,
    pub(super) state_key: Option<PathBuf>,
    pub(super) around: &'a Surroundings,
}

pub(super) fn config(ground: &Ground<'_>, tree: &Tree, values: &Values, problems: &mut Vec<Problem>) -> Config {
    let mut reader = Reader { ground, values, problems };
    let mode = match reader.text("mode") {
        Some(("live", _)) => Mode::Live,
        Some(_) | None => Mode::Sandbox,
    };
    let state = reader.path("state").unwrap_or_else(|| {
        // `.ivohub/sandbox` is where the simulator itself keeps its data.
        let folder = if ground.profile == "sandbox" { "sandbox-profile" } else { ground.profile.as_str() };
        ground.root.join(".ivohub").join(folder).join("state.db")
    });
    let beside = || state.with_file_name("state.key");
    let state_key = ground
        .state_key
        .clone()
        .unwrap_or_else(|| if ground.builtin { beside() } else { ground.root.join("secrets").join("state.key") });
    let hubspot = reader.hubspot(mode);
    let select = reader.select(mode);
    let zone = reader.zone("timezone", chrono_tz::Europe::Berlin);
    let config = Config {
        mappings: reader.tables(),
        zone,
        instances: reader.instances(tree, mode, zone),
        limits: reader.limits(mode),
        deals: reader.deals(),
        compliance: reader.compliance(mode),
        log: reader.log(),
        shown: Vec::new(),
        warnings: Vec::new(),
        mode,
        state,
        state_key,
        hubspot,
        select,
        file: ground.file.clone(),
        root: ground.root.clone(),
        profile: ground.profile.clone(),
        around: None,
    };
    let (warnings, errors) = std::mem::take(problems).into_iter().partition(|found| found.level == Level::Warning);
    *problems = errors;
    Config { warnings, ..config }
}

/// Looks values up, and writes down what is wrong with them.
pub(super) struct Reader<'a, 'g> {
    pub(super) ground: &'a Ground<'g>,
    pub(super) values: &'a Values,
    pub(super) problems: &'a mut Vec<Problem>,
}

impl<'a> Reader<'a, '_> {
    pub(super) fn text(&self, key: &str) -> Option<(&'a str, &'a Given)> {
        match self.values.get(key)? {
            (Value::Text(text), given) => Some((text.as_str(), given)),
            (Value::Number(_) | Value::Flag(_) | Value::Texts(_) | Value::Secret(_), _) => None,
        }
    }

    pub(super) fn number(&self, key: &str) -> Option<u64> {
        match self.values.get(key)? {
            (Value::Number(number), _) => Some(*number),
            (Value::Text(_) | Value::Flag(_) | Value::Texts(_) | Value::Secret(_), _) => None,
        }
    }

    fn days(&mut self, key: &str) -> Option<u32> {
        let days = self.number(key)?;
        if days > 3_650 {
            self.wrong(key, format!("{days} days are more than ten years"));
        }
        u32::try_from(days).ok()
    }

    pub(super) fn path(&self, key: &str) -> Option<PathBuf> {
        self.text(key).map(|(text, _)| self.ground.root.join(text))
    }

    /// Where a secret comes from, if the configuration says so.
    pub(super) fn secret(&self, key: &str) -> Option<SecretFrom> {
        match self.values.get(key)? {
            (Value::Secret(SecretFrom::File(path)), Given::File(_)) => {
                Some(SecretFrom::File(self.ground.root.join(path)))
            }
            (Value::Secret(from), _) => Some(from.clone()),
            (Value::Text(_) | Value::Number(_) | Value::Flag(_) | Value::Texts(_), _) => None,
        }
    }

    pub(super) fn wrong(&mut self, key: &str, message: impl Into<String>) -> &mut Problem {
        let given = self.values.get(key).map_or(&Given::Default, |(_, given)| given);
        self.problems.push(self.ground.source.with("C006", key, given, message));
        self.problems.last_mut().expect("one was pushed just now")
    }

    pub(super) fn lacking(&mut self, message: String, help: &str) {
        let mut found = Problem::of_file("C007", &self.ground.source.name, message);
        found.help = Some(help.to_owned());
        self.problems.push(found);
    }

    fn tables(&self) -> Tables {
        let given = self.path("mappings");
        let folder = given.clone().unwrap_or_else(|| self.ground.root.join("mappings"));
        let shipped = given.is_none() && self.ground.builtin && !folder.is_dir();
        if shipped { Tables::Shipped } else { Tables::Folder(folder) }
    }

    /// A zone; `else_` when none is given.
    pub(super) fn zone(&mut self, key: &str, else_: Tz) -> Tz {
        let Some((text, _)) = self.text(key) else { return else_ };
        text.parse().unwrap_or_else(|_| {
            self.wrong(key, "unknown time zone; expected a name such as Europe/Berlin");
            else_
        })
    }

    fn select(&mut self, mode: Mode) -> Option<Select> {
        let minors = match self.text("select.minors") {
            Some(("skip", _)) => Some(Minors::Skip),
            Some(_) => Some(Minors::Include),
            None => None,
        };
        if mode == Mode::Live && minors.is_none() {
            let message = "nothing leaves for a live portal without a rule: [select] minors is missing".to_owned();
            self.lacking(message, "set minors = \"include\" or \"skip\" below [select]; there is no default");
        }
        let from = self.text("select.appointments.from").and_then(|(text, _)| text.parse::<NaiveDate>().ok());
        let locations = match self.values.get("select.locations") {
            Some((Value::Texts(names), _)) => Some(names.iter().map(|name| LocationKey::new(name)).collect()),
            Some(_) | None => None,
        };
        if minors.is_none() && from.is_none() && locations.is_none() {
            return None;
        }
        Some(Select { minors: minors.unwrap_or(Minors::Include), appointments_from: from, locations })
    }

    /// The sandbox reaches for another machine.
    pub(super) fn too_far(&mut self, key: &str, meant: &str) {
        let message = "a profile with mode = \"sandbox\" talks to this machine only (127.0.0.1)";
        self.wrong(key, message).help = Some(format!("set mode = \"live\" when you mean {meant}"));
    }

    /// Something that does not stop a run.
    pub(super) fn warn(&mut self, message: String, help: &str) {
        let mut found = Problem::of_file("C008", &self.ground.source.name, message);
        found.level = Level::Warning;
        found.help = Some(help.to_owned());
        self.problems.push(found);
    }

    fn limits(&self, mode: Mode) -> Limits {
        let limit = |key: &str, guard: Limit| {
            let written = self.text(key).and_then(|(text, _)| limit::parse(text).ok());
            written.map_or((mode == Mode::Live).then_some(guard), |written| Some(written.limit(guard)))
        };
        Limits {
            creates: limit("guard.creates", GUARD.creates),
            updates: limit("guard.updates", GUARD.updates),
            closes: limit("guard.closes", GUARD.closes),
        }
    }

    fn flag(&self, key: &str) -> Option<bool> {
        match self.values.get(key) {
            Some((Value::Flag(flag), _)) => Some(*flag),
            _ => None,
        }
    }

    fn deals(&mut self) -> DealSettings {
        let standard = DealSettings::default();
        let word = |key: &str| self.text(key).map(|(text, _)| text);
        let grain = word("deals.grain").map(|word| if word == "case" { Grain::Case } else { Grain::Appointment });
        let case_key = word("deals.case_key")
            .map(|word| if word == "patient" { CaseKey::Patient } else { CaseKey::PatientLocation });
        let push_back =
            word("deals.push_back").map(|word| if word == "tool" { PushBack::Tool } else { PushBack::Portal });
        let booked = word("deals.start_date") == Some("booked");
        let by_start = word("deals.won_at") == Some("treatment_start");
        let by_order = word("deals.previous_stage") == Some("order");
        let close_date = match word("deals.close_date") {
            Some("appointment") => CloseDate::Appointment,
            Some("read") => CloseDate::Read,
            Some(_) | None => standard.close_date,
        };
        DealSettings {
            previous_stage: if by_order { PreviousStage::Order } else { standard.previous_stage },
            infer_completed_from_entries: self.flag("deals.infer_completed_from_entries").unwrap_or_default(),
            advance_without_entries: self.flag("deals.advance_without_entries").unwrap_or_default(),
            unlinked_signals: self.flag("deals.unlinked_signals").unwrap_or_default(),
            no_show_lose_after_days: self.days("deals.no_show_lose_after_days").unwrap_or_default(),
            start_date: if booked { StartDate::Booked } else { standard.start_date },
            create_lost_deals: self.flag("deals.create_lost_deals").unwrap_or_default(),
            won_at: if by_start { WonAt::TreatmentStart } else { standard.won_at },
            close_date,
            count_open_deals_of_others: self.flag("deals.count_open_deals_of_others").unwrap_or(true),
            grain: grain.unwrap_or(standard.grain),
            case_key: case_key.unwrap_or(standard.case_key),
            push_back: push_back.unwrap_or(standard.push_back),
            rebook_days: self.days("deals.rebook_days").unwrap_or(standard.rebook_days),
            case_idle_days: self.days("deals.case_idle_days").unwrap_or(standard.case_idle_days),
            link_days: self.days("deals.link_days").unwrap_or(standard.link_days),
            entries_wait_days: self.days("deals.entries_wait_days").unwrap_or(standard.entries_wait_days),
        }
    }

    fn compliance(&mut self, mode: Mode) -> Compliance {
        // A blank or the dots of an example say nothing.
        let says = |text: &&str| !text.trim().trim_matches(['.', '…']).trim().is_empty();
        let field = |key: &str| self.text(key).map(|(text, _)| text).filter(says).map(str::to_owned);
        let compliance = Compliance {
            controller: field("compliance.controller"),
            basis: field("compliance.basis"),
            contract_date: field("compliance.contract_date"),
            hosting: field("compliance.hosting"),
        };
        if mode == Mode::Live && !compliance.is_complete() {
            let help = "set controller, basis, contract_date and hosting; they stand in the audit line of every run";
            self.warn("[compliance] is not complete".to_owned(), help);
        }
        compliance
    }

    fn log(&self) -> Log {
        let format = match self.text("log.format") {
            Some(("json", _)) => LogFormat::Json,
            Some(_) | None => LogFormat::Text,
        };
        Log { file: self.path("log.file"), format }
    }
}

/// The folder that relative paths start from.
pub(super) fn root_of(file: &Path) -> PathBuf {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).map_or_else(|| PathBuf::from("."), Path::to_owned)
}
