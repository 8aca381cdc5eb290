//! What was configured, as types.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use chrono::NaiveDate;
use chrono_tz::Tz;

use super::{Address, SecretFrom, Surroundings};
use crate::domain::{InstanceKey, LocationKey, PropertyName};
use crate::http::{BaseUrl, NetworkSettings};
use crate::ivoris::{self, RouteProfile};
use crate::mapping::{DealSettings, Problem};
use crate::pass::Minors;
use crate::plan::Limits;

/// What a profile may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Loopback addresses only, guards off unless given, everything selected.
    Sandbox,
    /// A real portal: pinned, guarded, nothing selected without a rule.
    Live,
}

impl Mode {
    /// The word in the file and on screens.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Sandbox => "sandbox",
            Self::Live => "live",
        }
    }
}

/// Where the mapping tables are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tables {
    /// In a folder.
    Folder(PathBuf),
    /// The ones that come with the binary.
    Shipped,
}

/// The configured names of the unique properties; `None` = as in `eigenschaften.csv`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyNames {
    /// Contact.
    pub contact: Option<PropertyName>,
    /// HubSpot appointment.
    pub appointment: Option<PropertyName>,
    /// Deal.
    pub deal: Option<PropertyName>,
}

/// The HubSpot side.
#[derive(Clone, Debug)]
pub struct Hubspot {
    /// Where it answers.
    pub base_url: BaseUrl,
    /// Where the token comes from; read with [`Config::token`].
    pub token: Option<SecretFrom>,
    /// The portal that is meant.
    pub portal: Option<u64>,
    /// How the client behaves.
    pub client: crate::hubspot::Settings,
    /// How the network is used.
    pub network: NetworkSettings,
    /// Names of the unique properties.
    pub keys: KeyNames,
    /// Whether HubSpot appointments are written.
    pub appointment_objects: bool,
}

/// One Ivoris installation.
#[derive(Clone, Debug)]
pub struct Instance {
    /// Its name.
    pub key: InstanceKey,
    /// Stands before every id of it.
    pub prefix: String,
    /// Its API; `None` = only its CSV exports are read.
    pub ivoris: Option<Ivoris>,
}

/// The API of one installation, and how it is read. What it wants to know of who asks comes from [`Config::access`].
#[derive(Clone, Debug)]
pub struct Ivoris {
    /// Where it answers.
    pub address: Address,
    /// Whether the address was given; else it is the simulator's.
    pub given: bool,
    /// Where the linkname comes from.
    pub linkname: Option<SecretFrom>,
    /// Web-service user.
    pub user: String,
    /// Where that user's password comes from.
    pub password: Option<SecretFrom>,
    /// Name of the registered application.
    pub app: String,
    /// Version that is sent with it.
    pub app_version: String,
    /// Where the application's key comes from.
    pub app_key: Option<SecretFrom>,
    /// How the network is used.
    pub network: NetworkSettings,
    /// Routes and field names.
    pub profile: Arc<RouteProfile>,
    /// How carefully it is read.
    pub settings: ivoris::Settings,
}

/// `[select]`: what may leave the host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Select {
    /// Patients under eighteen.
    pub minors: Minors,
    /// Only appointments from this day on.
    pub appointments_from: Option<NaiveDate>,
    /// Only these locations.
    pub locations: Option<BTreeSet<LocationKey>>,
}

/// `[compliance]`: stands in the audit line of every run.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Compliance {
    /// Who is responsible.
    pub controller: Option<String>,
    /// Legal basis.
    pub basis: Option<String>,
    /// Date of the processing contract.
    pub contract_date: Option<String>,
    /// Where the portal's data lies.
    pub hosting: Option<String>,
}

impl Compliance {
    /// Whether all four are given.
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        let Self { controller, basis, contract_date, hosting } = self;
        controller.is_some() && basis.is_some() && contract_date.is_some() && hosting.is_some()
    }
}

/// Form of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One object per line.
    Json,
}

/// `[log]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    /// To this file instead of stderr.
    pub file: Option<PathBuf>,
    /// Form of lines.
    pub format: LogFormat,
}

/// One line of `config show`.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Shown {
    /// Key below the profile.
    pub key: String,
    /// Value; secrets as where they come from.
    pub value: String,
    /// Who gave it: `ivohub.toml:12`, a variable, `--set`.
    pub origin: String,
    /// What it is for.
    pub help: &'static str,
}

/// Everything that was configured, complete and checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// The file; `None` = the built-in profile without a file.
    pub file: Option<PathBuf>,
    /// The folder that relative paths start from.
    pub root: PathBuf,
    /// Name of the profile.
    pub profile: String,
    /// What it may do.
    pub mode: Mode,
    /// The state database.
    pub state: PathBuf,
    /// The key that seals it.
    pub state_key: PathBuf,
    /// The mapping tables.
    pub mappings: Tables,
    /// Zone of the practices' clocks.
    pub zone: Tz,
    /// The HubSpot side.
    pub hubspot: Hubspot,
    /// Installations, by name.
    pub instances: Vec<Instance>,
    /// What may leave; `None` = everything (sandbox only).
    pub select: Option<Select>,
    /// Guards.
    pub limits: Limits,
    /// Deal rules.
    pub deals: DealSettings,
    /// For the audit line.
    pub compliance: Compliance,
    /// Where log lines go.
    pub log: Log,
    /// What was given, for `config show`.
    pub shown: Vec<Shown>,
    /// What does not stop a run.
    pub warnings: Vec<Problem>,
    pub(super) around: Option<Surroundings>,
}
