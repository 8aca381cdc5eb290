//! Reading alone, in one process and under a paused clock: odd servers, faults, readings that die. Whatever happened, the
//! inbox holds what the practice knows: nothing is lost and nothing doubled.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use chrono::{DateTime, Days, NaiveDate, Utc};
use ivohub::domain::{InstanceKey, Kind, PatientRef, Record, RunId};
use ivohub::extract::api::Span;
use ivohub::http::{Clock, Random, Request, SeededRandom, SendFuture, Transport};
use ivohub::hubspot;
use ivohub::ivoris::{Client, Credentials, Effects, Learned, RouteProfile, Settings as Care};
use ivohub::mapping::{DealSettings, shipped};
use ivohub::pass::{Error, Fetched, Filter, Means, Pass, Reach, Selection, Session, Settings, Silent, Want};
use ivohub::sandbox;
use ivohub::sandbox::hubspot::{Portal, Settings as PortalSettings};
use ivohub::sandbox::ivoris::{
    APP, APP_VERSION, AskForm, Burst, Change, Data, DayForm, Envelope, Event, Fault, Faults, InProcess, KEY, Load,
    NumberForm, Oddities, PASSWORD, Practice, Settings as Shape, TimeForm, USER, Unknown, When,
};
use ivohub::sandbox::seed;
use ivohub::store::seal::Sealer;
use ivohub::store::{SqliteStore, Store};
use tokio_util::sync::CancellationToken;

const INSTANCES: [(&str, &str); 2] = [("nord", ""), ("sued", "sued-")];

pub(super) fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

/// The practice's time of day.
struct Time(InProcess);

impl Clock for Time {
    fn now(&self) -> DateTime<Utc> {
        self.0.now()
    }
}

/// A line that goes dead after a number of requests.
struct Mortal {
    line: InProcess,
    left: Arc<AtomicI64>,
    dead: CancellationToken,
}

impl Transport for Mortal {
    fn send<'a>(&'a self, request: &'a Request) -> SendFuture<'a> {
        Box::pin(async move {
            if self.left.fetch_sub(1, Ordering::SeqCst) > 0 {
                return self.line.send(request).await;
            }
            self.dead.cancel();
            std::future::pending().await
        })
    }
}

/// A practice and somebody who reads it.
pub(super) struct Life {
    pub(super) practice: Practice,
    pub(super) store: SqliteStore,
    pub(super) profile: RouteProfile,
    pub(super) care: fn(Care) -> Care,
    runs: u128,
    begin: DateTime<Utc>,
    started: tokio::time::Instant,
}

impl Life {
    pub(super) fn new(shape: Shape, data: Data) -> Self {
        Self {
            practice: Practice::new(shape, data),
            store: SqliteStore::in_memory(Sealer::new(&[7; 32])).expect("opens"),
            profile: RouteProfile::builtin(),
            care: |care| care,
            runs: 0,
            begin: day("2026-11-23").and_hms_opt(6, 0, 0).expect("a time").and_utc(),
            started: tokio::time::Instant::now(),
        }
    }

    fn line(&self, installation: &str) -> InProcess {
        InProcess::new(self.practice.clone(), installation, self.now())
    }

    pub(super) fn now(&self) -> DateTime<Utc> {
        self.begin + self.started.elapsed()
    }

    async fn client(&self, (name, prefix): (&str, &str), mortal: Mortal, stop: &CancellationToken) -> Client {
        let care = (self.care)(Care::new(InstanceKey::new(name), prefix));
        let credentials = Credentials {
            user: USER.to_owned(),
            password: PASSWORD.into(),
            app: APP.to_owned(),
            app_version: APP_VERSION.to_owned(),
            key: KEY.into(),
        };
        let effects = Effects {
            transport: Arc::new(mortal),
            clock: Arc::new(Time(self.line(name))),
            random: Arc::new(SeededRandom::new(7)),
            cancel: stop.clone(),
        };
        let learned = self.store.source_state(InstanceKey::new(name)).await.expect("the state");
        let learned = learned.map(|json| Learned::from_json(&json)).unwrap_or_default();
        Client::new(care, Arc::new(self.profile.clone()), credentials, effects, learned)
    }

    fn session(&self, stop: &CancellationToken) -> Session<SqliteStore> {
        let portal = Portal::new(PortalSettings::default());
        let line = sandbox::InProcess::new(portal, self.begin, Duration::ZERO);
        let effects = hubspot::Effects {
            transport: Arc::new(line),
            clock: Arc::new(Time(self.line("nord"))),
            random: Arc::new(SeededRandom::new(7)),
            cancel: stop.clone(),
        };
        Session {
            store: self.store.clone(),
            client: hubspot::Client::new(&hubspot::Settings::default(), &"".into(), effects),
            mapping: Arc::new(shipped()),
            settings: Settings {
                zone: chrono_tz::Europe::Berlin,
                deals: DealSettings::default(),
                selection: Selection::everything(day("2026-11-23")),
                limits: ivohub::plan::Limits::default(),
                prefixes: INSTANCES.map(|(key, prefix)| (InstanceKey::new(key), prefix.to_owned())).to_vec(),
                portal: None,
                key_names: BTreeMap::new(),
                live: false,
                appointment_objects: true,
            },
            clock: Arc::new(Time(self.line("nord"))),
            stop: stop.clone(),
            observer: Arc::new(Silent),
        }
    }

    /// Reads one kind into the inbox; `None` when the line went dead after `left` requests.
    pub(super) async fn read(&mut self, want: Want, left: i64) -> Option<Result<Fetched, Error>> {
        self.runs += 1;
        let id = RunId(uuid::Uuid::from_u128(self.runs));
        let command = match want.kind {
            Kind::Patient => "migrate-patients",
            Kind::Appointment => "migrate-appointments",
            Kind::Entry => "backfill-entries",
        };
        let (stop, dead) = (CancellationToken::new(), CancellationToken::new());
        let left = Arc::new(AtomicI64::new(left));
        let mut clients = Vec::new();
        for instance in INSTANCES {
            let mortal = Mortal { line: self.line(instance.0), left: Arc::clone(&left), dead: dead.clone() };
            clients.push(self.client(instance, mortal, &stop).await);
        }
        let session = self.session(&stop);
        let kinds = match want.kind {
            Kind::Appointment => vec![Kind::Patient, Kind::Appointment],
            kind @ (Kind::Patient | Kind::Entry) => vec![kind],
        };
        let pass = Pass { command, kinds, filter: Filter::default(), only_run: false, requeue: false };
        let means = Means { command, today: day("2026-11-23"), line_key: [7; 32] };
        let reading = async {
            let mut run = session.begin(id, pass, Reach::Fetch).await?;
            let fetched = run.fetch(&clients, &want, &means).await?.clone();
            if !fetched.is_something() {
                run.refuse().await?;
                return Ok(fetched);
            }
            run.read_spool().await?;
            run.accept().await?;
            let summary = run.summary().await?;
            for (kind, lines) in &summary.account.kinds {
                assert_eq!(lines.unaccounted, 0, "{kind:?} {lines:?}");
            }
            run.close(0, &summary).await?;
            Ok(fetched)
        };
        tokio::select! {
            read = reading => Some(read),
            () = dead.cancelled() => None,
        }
    }

    /// What is read of one kind, whole.
    pub(super) fn want(kind: Kind) -> Want {
        Want {
            kind,
            days: Span::new(day("2020-01-01"), day("2027-12-31")).expect("days"),
            entries_from: None,
            all_patients: true,
            cross_check: Some(0),
            only: None,
            limit: None,
            fresh: false,
            within: None,
        }
    }

    /// Patients, appointments and entries of the practice, in words.
    pub(super) fn truth(&self) -> BTreeSet<String> {
        let mut truth = BTreeSet::new();
        for (name, prefix) in INSTANCES {
            let patients = self.practice.patients(name);
            let known: BTreeSet<String> = patients.iter().map(|one| one.id.to_lowercase()).collect();
            truth.extend(patients.iter().map(|one| format!("patient {prefix}{}", one.id.to_lowercase())));
            let mut newest: BTreeMap<String, ivohub::sandbox::ivoris::Appointment> = BTreeMap::new();
            for one in self.practice.appointments(name) {
                let newer = newest.get(&one.id).is_none_or(|before| before.modified <= one.modified);
                if newer {
                    newest.insert(one.id.clone(), one);
                }
            }
            for one in newest.values() {
                let patient =
                    one.patient.as_deref().map_or_else(String::new, |id| format!("{prefix}{}", id.to_lowercase()));
                truth.insert(format!(
                    "appointment {prefix}{} {} {} {patient}",
                    one.id.to_lowercase(),
                    one.begin,
                    one.state
                ));
            }
            for one in self.practice.entries(name) {
                // A chart can only be asked for when its patient is known.
                if known.contains(&one.patient.to_lowercase()) {
                    truth.insert(format!("entry {prefix}{} {}", one.id.to_lowercase(), one.date));
                }
            }
        }
        truth
    }

    /// What the inbox holds, in the same words.
    pub(super) async fn inbox(&self) -> BTreeSet<String> {
        let mut inbox = BTreeSet::new();
        let patients = self.store.patient_records(Vec::new()).await.expect("patients");
        inbox.extend(patients.iter().filter(|one| !one.deleted).map(|one| format!("patient {}", one.id.as_str())));
        let all = self.store.appointments_between(day("1990-01-01"), day("2100-01-01"), Vec::new()).await;
        for one in all.expect("appointments") {
            let patient = match &one.patient {
                PatientRef::Id(id) => id.as_str(),
                PatientRef::Number(_) | PatientRef::Nobody => "",
            };
            let start = one.start.0;
            if one.state != "deleted" {
                inbox.insert(format!("appointment {} {start} {} {patient}", one.id.as_str(), one.state));
            }
        }
        for (name, prefix) in INSTANCES {
            for one in self.practice.entries(name) {
                let key = format!("{prefix}{}", one.id.to_lowercase());
                if let Some(Record::Entry(entry)) = self.store.record(Kind::Entry, key).await.expect("an answer") {
                    inbox.insert(format!("entry {} {}", entry.id.as_str(), entry.date));
                }
            }
        }
        let status = self.store.status().await.expect("status");
        let entries =
            status.queues.iter().find(|(kind, ..)| *kind == Kind::Entry).map_or(0, |(_, records, ..)| *records);
        let told = inbox.iter().filter(|line| line.starts_with("entry")).count() as u64;
        assert_eq!(entries, told, "no entry is in the inbox twice, under another key");
        inbox
    }
}

pub(super) struct Dice(pub(super) SeededRandom);

impl Dice {
    pub(super) fn below(&self, number: u64) -> u64 {
        self.0.draw() % number
    }

    pub(super) fn one_in(&self, number: u64) -> bool {
        self.below(number) == 0
    }

    fn few(&self, number: u64) -> usize {
        usize::try_from(self.below(number)).expect("few")
    }

    fn small(&self, number: u64) -> u32 {
        u32::try_from(self.below(number)).expect("small")
    }

    fn pick<T: Copy>(&self, all: &[T]) -> T {
        all[usize::try_from(self.below(all.len() as u64)).expect("few")]
    }
}

/// A server of any kind that a reader has to bear without a profile of its own.
fn shape(dice: &Dice) -> Shape {
    Shape {
        seed: dice.below(1_000),
        page: 1 + dice.few(4),
        appointment_page: dice.one_in(2).then(|| 1 + dice.few(6)),
        window_dates: !dice.one_in(8),
        unknown: dice.pick(&[Unknown::Text400, Unknown::NotFound404, Unknown::Null200, Unknown::Empty200]),
        mixed_ids: dice.one_in(3),
        numbers: dice.pick(&[NumberForm::Number, NumberForm::Point, NumberForm::Comma]),
        documented: dice.small(101),
        entries_lack: dice.pick(&[0, 10, 40]),
        durations: dice.one_in(3),
        ask: AskForm::Date,
        times: dice.pick(&[TimeForm::Local, TimeForm::Offset, TimeForm::Utc]),
        days: dice.pick(&[DayForm::Mixed, DayForm::Day, DayForm::Midnight]),
        envelope: if dice.one_in(2) { Envelope::Bare } else { Envelope::Named("items".to_owned()) },
        oddities: Oddities { duplicates: 10, callers: 2, ghosts: 2, strange: 2, stale: 10 },
        load: Load { parallel: None, days: dice.one_in(2).then(|| 3 + dice.small(40)), after_ms: 0 },
        ..Shape::default()
    }
}

fn trouble(dice: &Dice) -> Faults {
    let kinds = [
        Fault::GatewayTimeout,
        Fault::Unavailable,
        Fault::BadGateway,
        Fault::ServerError,
        Fault::Reset,
        Fault::Truncated,
        Fault::Html,
        Fault::Empty,
    ];
    let mut faults = Faults::none();
    for kind in kinds {
        if dice.one_in(4) {
            faults = faults.with(kind, 0.05);
        }
    }
    if dice.one_in(4) {
        faults.bursts.push(Burst { fault: dice.pick(&kinds), begins: 0.02, length: 4 + dice.small(10) });
    }
    faults
}

fn invented(dice: &Dice) -> Data {
    Data::seed(&seed::Settings {
        seed: dice.below(1_000_000),
        patients: 2 + dice.small(5),
        ..seed::Settings::default()
    })
}

/// Something that happens while somebody reads.
fn happening(practice: &Practice, dice: &Dice) -> Option<Event> {
    let (name, _) = dice.pick(&INSTANCES);
    let pick = |all: usize| usize::try_from(dice.below(all as u64)).expect("few");
    let change = match dice.below(4) {
        0 => {
            let mut patient = practice.patients(name).into_iter().next()?;
            patient.id = format!("0000000{}-aaaa-4aaa-8aaa-00000000000{}", dice.below(10), dice.below(10));
            Change::PatientAdded { patient: Box::new(patient), place: Some(pick(practice.patients(name).len() + 1)) }
        }
        1 => {
            let all = practice.appointments(name);
            let one = all.get(pick(all.len().max(1)))?;
            Change::AppointmentMoved { id: one.id.clone(), begin: one.begin + Days::new(dice.below(60)), chair: None }
        }
        2 => {
            let all = practice.appointments(name);
            Change::cancelled(&all.get(pick(all.len().max(1)))?.id)
        }
        _ => {
            let all = practice.entries(name);
            let mut entry = all.get(pick(all.len().max(1)))?.clone();
            entry.id = format!("0000000{}-bbbb-4bbb-8bbb-00000000000{}", dice.below(10), dice.below(10));
            Change::EntryAdded { entry: Box::new(entry) }
        }
    };
    Some(Event { when: When::AfterRequests(dice.below(60)), installation: name.to_owned(), change })
}

async fn life(seed: u64) {
    let dice = Dice(SeededRandom::new(seed));
    let mut life = Life::new(shape(&dice), invented(&dice));
    life.care = |care| Care { slice_days: 60, slice_max: 366, ..care };
    life.practice.set_faults(trouble(&dice));
    // Some practices go on working while they are read; then only a second reading can know everything.
    let lives_on = dice.one_in(3);
    if lives_on {
        let events: Vec<Event> = (0..3).filter_map(|_| happening(&life.practice, &dice)).collect();
        life.practice.script(events);
    }
    for round in 0..=u32::from(lives_on) {
        for kind in Kind::ALL {
            let mut tries = 0;
            loop {
                tries += 1;
                assert!(tries < 40, "seed {seed}: it does not come to an end");
                let left = if dice.one_in(3) { i64::try_from(dice.below(60)).expect("small") } else { i64::MAX };
                let whole = |fetched: &Fetched| {
                    fetched.is_something() && fetched.installations.iter().all(|one| one.gaps.is_empty())
                };
                match life.read(Life::want(kind), left).await {
                    Some(Ok(fetched)) if whole(&fetched) => break,
                    // It died, or something is still missing: once more.
                    None | Some(Ok(_)) => {}
                    Some(Err(error)) => panic!("seed {seed}: {error}"),
                }
                if tries > 10 {
                    life.practice.set_faults(Faults::none());
                }
            }
        }
        if round == 0 && lives_on {
            life.practice.set_faults(Faults::none());
        }
    }
    assert_eq!(life.practice.counters().not_get, 0);
    let (found, wanted) = (life.inbox().await, life.truth());
    let lost: Vec<&String> = wanted.difference(&found).collect();
    let strange: Vec<&String> = found.difference(&wanted).collect();
    assert!(lost.is_empty() && strange.is_empty(), "seed {seed}: lost {lost:#?}, strange {strange:#?}");
}

async fn lives(part: u64) {
    let only = std::env::var("IVOHUB_SEED").ok().and_then(|seed| seed.parse().ok());
    let count: u64 = std::env::var("IVOHUB_READINGS").ok().and_then(|count| count.parse().ok()).unwrap_or(2_000);
    let seeds = only.map_or(part * count / 4..(part + 1) * count / 4, |seed| seed..seed + 1);
    for seed in seeds {
        life(seed).await;
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_lost_and_nothing_doubled() {
    lives(0).await;
}

#[tokio::test(start_paused = true)]
async fn nothing_is_lost_and_nothing_doubled_second_quarter() {
    lives(1).await;
}

#[tokio::test(start_paused = true)]
async fn nothing_is_lost_and_nothing_doubled_third_quarter() {
    lives(2).await;
}

#[tokio::test(start_paused = true)]
async fn nothing_is_lost_and_nothing_doubled_last_quarter() {
    lives(3).await;
}
