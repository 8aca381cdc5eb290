//! How an installation behaves: a switch for everything that the fact sheet leaves open (`ivoris-api.md` section 13).

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::names::Names;

/// User name that the sandbox takes.
pub const USER: &str = "ivohub";
/// Password that the sandbox takes.
pub const PASSWORD: &str = "sandbox-password";
/// `app` that the sandbox takes.
pub const APP: &str = "ivohub";
/// `app_version` that the sandbox takes.
pub const APP_VERSION: &str = "1";
/// `api_key` that the sandbox takes.
pub const KEY: &str = "sandbox-key";

/// What every request has to carry.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// User of the Basic header.
    pub user: String,
    /// Its password.
    pub password: String,
    /// `app`
    pub app: String,
    /// `app_version`
    pub app_version: String,
    /// `api_key`
    pub key: String,
}

impl Default for Credentials {
    fn default() -> Self {
        Self {
            user: USER.to_owned(),
            password: PASSWORD.to_owned(),
            app: APP.to_owned(),
            app_version: APP_VERSION.to_owned(),
            key: KEY.to_owned(),
        }
    }
}

/// Shows nothing: tests use marker secrets.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials([redacted])")
    }
}

/// How a single-record route answers for an id that it does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unknown {
    /// 400 with a plain text that ends in "could not be found."
    Text400,
    /// 404 with a message.
    NotFound404,
    /// 200 with `null`.
    Null200,
    /// 200 without a body.
    Empty200,
}

/// The Appointment service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Planner {
    /// In use.
    On,
    /// Licensed off: its routes are not there.
    Absent,
    /// There, but the practice plans elsewhere: every list is empty.
    Empty,
}

/// Where pages begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PageBase {
    /// The first page is 0.
    Zero,
    /// The first page is 1; page 0 is the first one, too.
    One,
}

/// Form of days and times in parameters; any other is a bad request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AskForm {
    /// `2026-11-23`; times as in `datetime-local`.
    Date,
    /// `2026-11-23T00:00:00`
    DatetimeLocal,
    /// `2026-11-23T00:00:00+01:00`
    DatetimeOffset,
    /// `23.11.2026`, with or without ` 08:30`
    De,
}

/// Form of times in answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeForm {
    /// `2026-11-23T09:00:00`
    Local,
    /// `2026-11-23T09:00:00+01:00`
    Offset,
    /// `2026-11-23T08:00:00Z`
    Utc,
}

/// Form of days in answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DayForm {
    /// `2026-11-23`
    Day,
    /// `2026-11-23T00:00:00`
    Midnight,
    /// One or the other.
    Mixed,
}

/// Form of amounts, counts and factors in answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NumberForm {
    /// JSON numbers.
    Number,
    /// `"1234.56"`
    Point,
    /// `"1234,56"`
    Comma,
}

/// What lists and records are wrapped in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Envelope {
    /// Bare arrays and objects.
    Bare,
    /// An object with the array under this name, and the record under the name of its kind.
    Named(String),
}

/// The document of the own routes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Documented {
    /// OpenAPI 3.
    OpenApi3,
    /// Swagger 2.
    Swagger2,
}

/// How long answers take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Latency {
    /// No time.
    None,
    /// All the same, in milliseconds.
    Each(u64),
    /// About 2 s for a page of 50 (V: S5), less for single records and lists.
    Realistic,
}

/// From when on the server cannot keep up and answers 504.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Load {
    /// Most requests at once.
    pub parallel: Option<u32>,
    /// Longest window of appointments, in days.
    pub days: Option<u32>,
    /// After how many milliseconds it gives up.
    pub after_ms: u64,
}

impl Load {
    /// A server that bears everything.
    pub const UNLIMITED: Self = Self { parallel: None, days: None, after_ms: 0 };
}

impl Default for Load {
    fn default() -> Self {
        Self { parallel: Some(2), days: Some(31), after_ms: 2_000 }
    }
}

/// Invented records beside those of the data, in percent of the appointments. They belong to nobody, so that the end in
/// HubSpot is the same with and without them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Oddities {
    /// Appointments that an answer holds twice: right after the first, or at its end.
    pub duplicates: u32,
    /// Appointments of callers without a file.
    pub callers: u32,
    /// Appointments whose `PatientId` no patient has.
    pub ghosts: u32,
    /// Appointments of callers with a template, chair and practitioner that stand in no list, and a state nobody knows:
    /// a number or a word.
    pub strange: u32,
    /// Appointments of which an older version is listed as well, nine days earlier and still planned.
    pub stale: u32,
}

impl Default for Oddities {
    fn default() -> Self {
        Self { duplicates: 2, callers: 1, ghosts: 1, strange: 1, stale: 0 }
    }
}

impl Oddities {
    /// Every record once, and nothing but the data.
    pub const NONE: Self = Self { duplicates: 0, callers: 0, ghosts: 0, strange: 0, stale: 0 };
}

/// Everything an installation is made with.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "independent switches, each named after one open question")]
pub struct Settings {
    /// Seed of everything random: faults, mess.
    pub seed: u64,
    /// What requests have to carry.
    pub credentials: Credentials,
    /// `linkname` of installations that have another one than their name.
    pub linknames: BTreeMap<String, String>,
    /// Records on a page of AllPatients.
    pub page: usize,
    /// Where pages begin.
    pub page_base: PageBase,
    /// Records on a page of AllAppointments; `None` does not page it and ignores `page`.
    pub appointment_page: Option<usize>,
    /// Whether AllAppointments looks at `begin` and `end`.
    pub window_dates: bool,
    /// Whether the Documentation routes look at `begin` and `end`.
    pub entry_dates: bool,
    /// Whether AllPatients without `mandantIndex` lists everybody, and not only the first mandant.
    pub all_mandants: bool,
    /// Whether appointments carry a `ProfileId`.
    pub appointment_profiles: bool,
    /// Whether cancelled appointments are listed by AllAppointments.
    pub cancelled_listed: bool,
    /// Whether a deletion moves LatestAppointmentSystemChange.
    pub deletion_changes: bool,
    /// The Appointment service.
    pub planner: Planner,
    /// Actions that are not there (`Entries`, `LatestAppointments`).
    pub missing: BTreeSet<String>,
    /// Answer for unknown ids.
    pub unknown: Unknown,
    /// Whether trailing blanks, empty texts, `null` and missing keys are mixed.
    pub messy: bool,
    /// Whether records carry fields that nobody knows.
    pub extra_fields: bool,
    /// Whether ids come in upper and lower case.
    pub mixed_ids: bool,
    /// Whether entries carry `Code`, `Count`, `Factor`, `Amount` and `FeeSchedule`. The fact sheet has them off; they
    /// are on here, because without them no revenue can be known.
    pub amounts: bool,
    /// Form of numbers.
    pub numbers: NumberForm,
    /// Share of patients, in percent, whose DocumentEntries hold what Entries hold; for all others they are empty.
    pub documented: u32,
    /// Share of entries, in percent, that Entries lacks and DocumentEntries has, whoever the patient is.
    pub entries_lack: u32,
    /// Whether appointments have `Duration` in minutes instead of `End`.
    pub durations: bool,
    /// Form of parameters.
    pub ask: AskForm,
    /// Form of times.
    pub times: TimeForm,
    /// Form of days.
    pub days: DayForm,
    /// What lists and records are wrapped in.
    pub envelope: Envelope,
    /// Form of the document of the own routes.
    pub document: Documented,
    /// Other names of paths, parameters and fields.
    pub names: Names,
    /// Invented records.
    pub oddities: Oddities,
    /// How long answers take.
    pub latency: Latency,
    /// From when on the server cannot keep up.
    pub load: Load,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            seed: 1,
            credentials: Credentials::default(),
            linknames: BTreeMap::new(),
            page: 50,
            page_base: PageBase::Zero,
            appointment_page: None,
            window_dates: true,
            entry_dates: true,
            all_mandants: true,
            appointment_profiles: false,
            cancelled_listed: true,
            deletion_changes: true,
            planner: Planner::On,
            missing: BTreeSet::new(),
            unknown: Unknown::Text400,
            messy: true,
            extra_fields: true,
            mixed_ids: false,
            amounts: true,
            numbers: NumberForm::Number,
            documented: 20,
            entries_lack: 0,
            durations: false,
            ask: AskForm::Date,
            times: TimeForm::Local,
            days: DayForm::Mixed,
            envelope: Envelope::Bare,
            document: Documented::OpenApi3,
            names: Names::default(),
            oddities: Oddities::default(),
            latency: Latency::None,
            load: Load::default(),
        }
    }
}

impl Settings {
    /// Nothing but the data: every record once, nothing invented beside it. The mess in its fields stays.
    #[must_use]
    pub fn exact() -> Self {
        Self { oddities: Oddities::NONE, ..Self::default() }
    }

    /// A server that differs from the defaults in everything a route profile can say.
    #[must_use]
    pub fn altered() -> Self {
        Self {
            names: Names::altered(),
            page_base: PageBase::One,
            appointment_page: Some(40),
            ask: AskForm::De,
            times: TimeForm::Offset,
            numbers: NumberForm::Comma,
            envelope: Envelope::Named("items".to_owned()),
            document: Documented::Swagger2,
            unknown: Unknown::NotFound404,
            ..Self::default()
        }
    }

    /// The `linkname` of an installation.
    pub(super) fn linkname<'s>(&'s self, installation: &'s str) -> &'s str {
        self.linknames.get(installation).map_or(installation, String::as_str)
    }

    /// How long an answer with so many records takes.
    pub(super) fn takes(&self, rows: usize, lists: bool) -> Duration {
        let rows = u64::try_from(rows).unwrap_or(u64::MAX);
        match (self.latency, lists) {
            (Latency::None, _) => Duration::ZERO,
            (Latency::Each(millis), _) => Duration::from_millis(millis),
            (Latency::Realistic, true) => Duration::from_millis(300 + rows.saturating_mul(34)),
            (Latency::Realistic, false) => Duration::from_millis(250),
        }
    }
}
