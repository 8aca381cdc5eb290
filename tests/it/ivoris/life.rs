//! A practice and somebody who reads it, in one process and under a paused clock.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use ivohub::domain::{InstanceKey, Kind, PatientRef, Record, RunId, practice_utc};
use ivohub::extract::api::Span;
use ivohub::http::{Clock, Request, SeededRandom, SendFuture, Transport};
use ivohub::hubspot;
use ivohub::ivoris::{Client, Credentials, Effects, Learned, RouteProfile, Settings as Care};
use ivohub::mapping::{DealSettings, shipped};
use ivohub::pass::{Error, Fetched, Filter, Means, Pass, Reach, Selection, Session, Settings, Silent, Want};
use ivohub::sandbox;
use ivohub::sandbox::hubspot::{Portal, Settings as PortalSettings};
use ivohub::sandbox::ivoris::{APP, APP_VERSION, Data, InProcess, KEY, PASSWORD, Practice, Settings as Shape, USER};
use ivohub::store::seal::Sealer;
use ivohub::store::{SqliteStore, Store};
use tokio_util::sync::CancellationToken;

pub(super) const INSTANCES: [(&str, &str); 2] = [("nord", ""), ("sued", "sued-")];

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

/// When a time of the practice's clock is: in March two such times can be the same.
fn instant(local: NaiveDateTime) -> DateTime<Utc> {
    practice_utc(local, chrono_tz::Europe::Berlin).instant()
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
            // The morning after everything that the data tells of: what happens now is newer.
            begin: day("2026-11-24").and_hms_opt(6, 0, 0).expect("a time").and_utc(),
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
                selection: Selection::everything(day("2026-11-24")),
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
        tokio::select! {
            biased;
            read = self.run(want, left, true) => read,
            () = self.ticking() => None,
        }
    }

    /// The same with a whole line and without trouble of our own.
    pub(super) async fn reads(&mut self, want: Want) -> Fetched {
        self.read(want, i64::MAX).await.expect("the line lives").expect("no error")
    }

    /// Reads, and accepts nothing: a dry run.
    pub(super) async fn looks(&mut self, want: Want) -> Fetched {
        self.runs += 1;
        let read = tokio::select! {
            biased;
            read = self.run(want, i64::MAX, false) => read,
            () = self.ticking() => None,
        };
        read.expect("the line lives").expect("no error")
    }

    async fn run(&self, want: Want, left: i64, accept: bool) -> Option<Result<Fetched, Error>> {
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
        let pass =
            Pass { command, kinds, filter: Filter::default(), only_run: false, requeue: ivohub::pass::Requeue::No };
        let means = Means { command, today: day("2026-11-24"), line_key: [7; 32] };
        let reading = async {
            let mut run = session.begin(id, pass, Reach::Fetch).await?;
            let fetched = run.fetch(&clients, &want, &means).await?.clone();
            if !fetched.is_something() {
                run.refuse().await?;
                return Ok(fetched);
            }
            run.read_spool().await?;
            if !accept {
                run.refuse().await?;
                return Ok(fetched);
            }
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

    /// The store works on a thread of its own, and the paused clock leaps over its work to whatever is due next. So
    /// something is always due soon, and time stands while the store works.
    async fn ticking(&self) {
        let (soon, late) = (Duration::from_millis(20), Duration::from_secs(5));
        let (mut step, mut asked) = (soon, 0);
        loop {
            let (store, here) = (self.store.clone(), tokio::runtime::Handle::current());
            // Behind everything that waits for the store; while a blocking task runs, time does not pass.
            let caught_up = tokio::task::spawn_blocking(move || here.block_on(store.pin()).is_ok());
            assert!(caught_up.await.expect("no panic"), "the store answers");
            let requests = self.practice.counters().requests;
            step = if requests == asked { (step * 2).min(late) } else { soon };
            asked = requests;
            tokio::time::sleep(step).await;
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
                let (id, at) = (one.id.to_lowercase(), instant(one.begin));
                truth.insert(format!("appointment {prefix}{id} {at} {} {patient}", one.state));
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
            let start = instant(one.start.0);
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
