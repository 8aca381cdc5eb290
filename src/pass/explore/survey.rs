//! Everything that was found out about one installation: names of fields, kinds, counts, words of enumerations, names of
//! chairs and Terminarten. No value of a patient; it is kept beside the state and compared with the next one.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::InstanceKey;

use super::coverage::Coverage;
use super::differs::Difference;
use super::load::Load;
use super::pages::Total;
use super::prefix::Prefixes;
use super::unmapped::Unmapped;
use super::words::Words;

/// Version of the kept form; another one is not compared.
pub const FORMAT: u32 = 1;

/// What was found out about one installation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Survey {
    /// [`FORMAT`]
    pub format: u32,
    /// The installation.
    pub instance: InstanceKey,
    /// When it began.
    pub at: DateTime<Utc>,
    /// How it ended.
    pub end: End,
    /// Calls made, repeats included.
    pub calls: u64,
    /// Version of Ivoris.
    pub version: Option<String>,
    /// Services that it says it offers; `None` = it did not say.
    pub services: Option<Vec<String>>,
    /// Each route that was asked, by its name in the route profile.
    pub routes: BTreeMap<String, RouteFound>,
    /// Its own contract.
    pub contract: Option<ContractFound>,
    /// Billing profiles; `None` = not known.
    pub profiles: Option<Vec<ProfileFound>>,
    /// The list of patients.
    pub patients: Option<PatientsFound>,
    /// The calendar.
    pub calendar: Option<CalendarFound>,
    /// Chairs, Terminarten, practitioners.
    pub names: NamesFound,
    /// Words of enumerations, by `appointment.state`.
    pub words: BTreeMap<String, Words>,
    /// Fields, by kind of record.
    pub coverage: BTreeMap<String, Coverage>,
    /// Both entry routes side by side.
    pub entries: Option<EntriesFound>,
    /// How a record that does not exist is answered, by route.
    pub unknown: BTreeMap<String, Answer>,
    /// Values without a row in the tables (`--check-mappings`).
    pub unmapped: Option<Vec<Unmapped>>,
    /// `--probe-load`
    pub load: Option<Load>,
    /// Fields that matter and that no record has under any known name: `appointment.chair_id`.
    pub absent: Vec<String>,
    /// Fields that ivohub does not know, by kind of record.
    pub strangers: BTreeMap<String, Vec<String>>,
    /// What the proposed route profile changes; empty = nothing.
    pub proposed: Vec<Proposed>,
}

/// One change of the route profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposed {
    /// The change, in a line.
    pub text: String,
    /// Answers are wrong or missing without it; else it only saves calls.
    pub needed: bool,
}

/// How a survey ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// Everything was asked.
    Complete,
    /// It does not answer, or no longer.
    Unreachable,
    /// It refuses the credentials.
    Refused,
    /// Stopped by the operator.
    Stopped,
    /// Only a document was looked at (`--openapi`).
    Document,
}

/// What a route does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteFound {
    /// Its path as it was asked.
    pub path: String,
    /// The worst that counts: one answer is an answer.
    pub state: RouteState,
    /// Questions.
    pub asked: u64,
    /// Rows of all answers.
    pub rows: u64,
    /// Milliseconds of the answers.
    pub times: Option<Times>,
}

/// Whether a route answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RouteState {
    /// It answers.
    Answered,
    /// It is not there.
    Missing(String),
    /// It is there and fails; holds the class of the failure.
    Failed(String),
    /// It was not asked; says why.
    NotAsked(String),
}

/// Shortest, middle and longest time of answers, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Times {
    /// Shortest.
    pub min: u64,
    /// Middle.
    pub median: u64,
    /// Longest.
    pub max: u64,
}

impl Times {
    /// Of durations in any order.
    #[must_use]
    pub fn of(millis: &[u64]) -> Option<Self> {
        let mut sorted = millis.to_vec();
        sorted.sort_unstable();
        Some(Self { min: *sorted.first()?, median: *sorted.get(sorted.len() / 2)?, max: *sorted.last()? })
    }

    /// The class of the middle: a change of class is news, a change of milliseconds is not.
    #[must_use]
    pub const fn class(&self) -> &'static str {
        match self.median {
            0..1_000 => "quick",
            1_000..5_000 => "slow",
            _ => "very slow",
        }
    }
}

/// The contract that an installation serves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContractFound {
    /// `OpenAPI 3.0.3`, `Swagger 2.0`.
    pub form: String,
    /// Version it names.
    pub version: Option<String>,
    /// Routes that read, by path: what they take, in one line each.
    pub routes: BTreeMap<String, String>,
    /// Operations that write.
    pub writing: u64,
    /// What differs from the route profile.
    pub differences: Vec<Difference>,
}

/// A billing profile (Mandant).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfileFound {
    /// Its id.
    pub id: String,
    /// Its name, as the practice calls it.
    pub name: Option<String>,
    /// `MandantIndex`
    pub mandant: Option<String>,
}

/// Whether something that is asked for is obeyed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Obeyed {
    /// Yes.
    Yes,
    /// The answer is the same without it.
    No,
    /// The answers do not tell.
    #[default]
    Unclear,
    /// The question failed.
    Failed,
}

/// The list of patients.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PatientsFound {
    /// Whether `page` is obeyed.
    pub paged: Obeyed,
    /// Page size and number of patients.
    pub total: Total,
    /// What the pages seen are sorted by.
    pub order: Option<String>,
    /// Patients seen on two pages.
    pub repeated: u64,
    /// Values of `mandantIndex` and how often they were seen.
    pub mandants: BTreeMap<String, u64>,
    /// Whether asking for one mandant is obeyed.
    pub by_mandant: Obeyed,
}

/// The calendar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalendarFound {
    /// Appointments of the single day that was asked.
    pub day_rows: u64,
    /// Whether the dates are obeyed.
    pub dates: Obeyed,
    /// What comes without dates: rows, or how it failed.
    pub undated: Result<u64, String>,
    /// Whether `page` is obeyed.
    pub paged: Obeyed,
    /// Whether the first page is 1.
    pub one_based: bool,
    /// Days of the window that was read.
    pub days: u64,
    /// Days of it that could not be read.
    pub days_failed: u64,
    /// Further pages of the window were left out.
    pub cut: bool,
    /// Different appointments in it.
    pub rows: u64,
    /// Rows that came again.
    pub repeated: u64,
    /// Rows outside the asked days.
    pub outside: u64,
    /// Appointments without a patient.
    pub nobody: u64,
    /// Appointments whose chair, Terminart, practitioner is in no list, by word.
    pub unlisted: BTreeMap<String, u64>,
    /// Rows that could not be understood (no id, no start).
    pub flawed: u64,
    /// Rows of LatestAppointments since yesterday.
    pub latest_rows: Option<u64>,
    /// Whether its `since` is obeyed.
    pub since: Obeyed,
    /// Minutes since the last change of the calendar, as it says itself.
    pub last_change_minutes: Option<i64>,
    /// Patients whose own lists were read.
    pub own_lists: u64,
    /// Their appointments in the window, …
    pub own_expected: u64,
    /// … and how many of them their own list has.
    pub own_found: u64,
}

impl Default for CalendarFound {
    fn default() -> Self {
        Self {
            day_rows: 0,
            dates: Obeyed::default(),
            undated: Err("not asked".to_owned()),
            paged: Obeyed::default(),
            one_based: false,
            days: 0,
            days_failed: 0,
            cut: false,
            rows: 0,
            repeated: 0,
            outside: 0,
            nobody: 0,
            unlisted: BTreeMap::new(),
            flawed: 0,
            latest_rows: None,
            since: Obeyed::default(),
            last_change_minutes: None,
            own_lists: 0,
            own_expected: 0,
            own_found: 0,
        }
    }
}

/// Chairs, Terminarten, practitioners.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamesFound {
    /// Chairs; `None` = not known.
    pub chairs: Option<Vec<Named>>,
    /// Terminarten.
    pub templates: Option<Vec<Named>>,
    /// Practitioners: how many, and how many of them active.
    pub practitioners: Option<(u64, u64)>,
    /// Prefixes in the names of chairs and Terminarten.
    pub prefixes: Prefixes,
}

/// A chair or a Terminart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Named {
    /// Its name.
    pub name: String,
    /// Whether it is in use, as the list says.
    pub active: bool,
    /// Appointments of the window with it.
    pub used: u64,
}

/// Both entry routes, side by side.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntriesFound {
    /// One line per patient and profile with at least one answer.
    pub pairs: Vec<Pair>,
    /// Whether the dates are obeyed.
    pub dates: Obeyed,
    /// Entries with an amount, of all.
    pub with_amount: u64,
    /// Entries with a fee code, of all.
    pub with_code: u64,
    /// All entries seen.
    pub rows: u64,
}

/// What the two routes say about one patient and profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pair {
    /// Number of the patient among the samples, from 1.
    pub patient: u64,
    /// Number of the profile, from 1.
    pub profile: u64,
    /// Rows of `Entries`; `None` = it failed.
    pub entries: Option<u64>,
    /// Rows of `DocumentEntries`.
    pub document_entries: Option<u64>,
    /// Entries that both have.
    pub both: u64,
}

/// How a record that does not exist is answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Status.
    pub status: u16,
    /// `null`, `[]`, `says "could not be found"`, …
    pub form: String,
    /// Whether reading takes it for "gone", as it should.
    pub gone: bool,
}

impl Survey {
    /// An empty one.
    #[must_use]
    pub fn new(instance: InstanceKey, at: DateTime<Utc>) -> Self {
        Self {
            format: FORMAT,
            instance,
            at,
            end: End::Complete,
            calls: 0,
            version: None,
            services: None,
            routes: BTreeMap::new(),
            contract: None,
            profiles: None,
            patients: None,
            calendar: None,
            names: NamesFound::default(),
            words: BTreeMap::new(),
            coverage: BTreeMap::new(),
            entries: None,
            unknown: BTreeMap::new(),
            unmapped: None,
            load: None,
            absent: Vec::new(),
            strangers: BTreeMap::new(),
            proposed: Vec::new(),
        }
    }

    /// Whether a route answered.
    #[must_use]
    pub fn answers(&self, route: &str) -> bool {
        self.routes.get(route).is_some_and(|found| found.state == RouteState::Answered)
    }
}
