//! A project folder, a simulated portal over real HTTP in this process, and the real binary that works between the two.

use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use chrono::{NaiveDate, Utc};
use ivohub::sandbox::hubspot::{Faults, Limits, Portal, Scope, Settings};
use ivohub::sandbox::seed;
use ivohub::sandbox::server::{Running, Server};
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::books::Books;
use super::picture::Picture;
use super::reference::Reference;

/// The three passes of a load, in their order, each with its file.
pub(super) const PASSES: [(&str, &str); 3] = [
    ("migrate-patients", "patienten.csv"),
    ("migrate-appointments", "termine.csv"),
    ("backfill-entries", "eintraege.csv"),
];
/// A command that takes longer hangs.
const PATIENCE: Duration = Duration::from_mins(2);

/// The practices' day.
pub(super) fn today() -> NaiveDate {
    Utc::now().with_timezone(&chrono_tz::Europe::Berlin).date_naive()
}

/// What is loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Data {
    /// The repository's samples, with every dirty case.
    Samples,
    /// So many invented patients: more of everything to send.
    Seeded(u32),
}

/// A folder in which an operator works.
pub(super) struct Project {
    folder: TempDir,
    binary: PathBuf,
    /// Where HubSpot answers.
    pub(super) url: String,
    /// Stands before the command: a shell that limits it, for instance.
    pub(super) through: Vec<String>,
    user: Option<u32>,
}

impl Project {
    pub(super) fn new(data: Data, url: &str) -> Self {
        let folder = tempfile::Builder::new().prefix("ivohub-kills-").tempdir().expect("a folder");
        match data {
            Data::Samples => {
                let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples");
                for (_, file) in PASSES {
                    fs::copy(samples.join(file), folder.path().join(file)).expect("a copy");
                }
            }
            Data::Seeded(patients) => {
                let settings = seed::Settings { seed: 5, patients, ..seed::Settings::default() };
                seed::write(folder.path(), &settings).expect("three files");
            }
        }
        let binary = PathBuf::from(env!("CARGO_BIN_EXE_ivohub"));
        Self { folder, binary, url: url.to_owned(), through: Vec::new(), user: None }
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Gives the project to an ordinary user, for whom permissions count; the commands run as that user from now on.
    pub(super) fn belongs_to(&mut self, user: u32) {
        let own = self.path().join("ivohub");
        fs::copy(&self.binary, &own).expect("a copy");
        self.binary = own;
        self.user = Some(user);
        let give = |path: &Path| std::os::unix::fs::chown(path, Some(user), None).expect("our own file");
        give(self.path());
        fs::read_dir(self.path()).expect("a folder").for_each(|entry| give(&entry.expect("an entry").path()));
    }

    /// The state database.
    pub(super) fn state(&self) -> PathBuf {
        self.path().join(".ivohub/sandbox-profile/state.db")
    }

    /// Starts a command in the folder; nothing but the portal's address comes from outside.
    pub(super) fn start(&self, words: &[&str]) -> Started {
        let (out, err) = (self.path().join("out"), self.path().join("err"));
        let file = |path: &Path| Stdio::from(File::create(path).expect("a file for output"));
        let binary = self.binary.display().to_string();
        let mut line = self.through.iter().chain([&binary]);
        let mut command = Command::new(line.next().expect("a program"));
        command.args(line).args(words).current_dir(self.path()).stdin(Stdio::null());
        command.stdout(file(&out)).stderr(file(&err)).env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("HOME", self.path());
        command.env("IVOHUB_HUBSPOT_BASE_URL", &self.url);
        if let Some(user) = self.user {
            command.uid(user);
        }
        Started { child: command.spawn().expect("the binary starts"), begun: Instant::now(), out, err }
    }

    /// Starts one of the three passes.
    pub(super) fn start_pass(&self, pass: usize) -> Started {
        let (command, file) = PASSES[pass];
        self.start(&[command, "--input", file, "--yes", "--json"])
    }

    /// One of the three passes, to its end.
    pub(super) fn run_pass(&self, pass: usize) -> Ended {
        self.start_pass(pass).wait()
    }

    /// Repeats a pass until it has nothing left to do; HubSpot may be unavailable on the way.
    pub(super) fn finish_pass(&self, pass: usize) -> Result<Ended, String> {
        for _ in 0..20 {
            let ended = self.run_pass(pass);
            match ended.code {
                Some(0 | 3) if ended.left() == 0 => {
                    return if ended.unaccounted() == 0 { Ok(ended) } else { Err(ended.told("does not add up")) };
                }
                Some(0 | 3 | 6) => {}
                _ => return Err(ended.told("ends in an unexpected way")),
            }
        }
        Err(format!("{} does not come to an end", PASSES[pass].0))
    }

    /// All three passes, each to its end.
    pub(super) fn finish(&self) -> Result<(), String> {
        (0..PASSES.len()).try_for_each(|pass| self.finish_pass(pass).map(drop))
    }
}

/// A command at work.
pub(super) struct Started {
    child: Child,
    begun: Instant,
    out: PathBuf,
    err: PathBuf,
}

impl Started {
    /// Waits for its end.
    pub(super) fn wait(self) -> Ended {
        let until = self.begun + PATIENCE;
        self.wait_until(until).unwrap_or_else(|mut hanging| {
            drop(hanging.child.kill());
            panic!("the command hangs: {}", fs::read_to_string(&hanging.err).unwrap_or_default())
        })
    }

    /// Waits for its end until `until`; gives it back when it is still at work.
    pub(super) fn wait_until(mut self, until: Instant) -> Result<Ended, Self> {
        loop {
            if let Some(status) = self.child.try_wait().expect("our child") {
                let text = |path: &Path| fs::read_to_string(path).unwrap_or_default();
                let (stdout, stderr) = (text(&self.out), text(&self.err));
                return Ok(Ended { code: status.code(), stdout, stderr });
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(self);
            }
            std::thread::sleep(left.min(Duration::from_millis(2)));
        }
    }

    /// Waits until `ready` says so; panics when the command ends before.
    pub(super) fn when(mut self, ready: impl Fn(&Self) -> bool) -> Self {
        while !ready(&self) {
            match self.wait_until(Instant::now() + Duration::from_millis(2)) {
                Ok(ended) => panic!("{}", ended.told("ended too early")),
                Err(working) => self = working,
            }
            assert!(self.begun.elapsed() < PATIENCE, "the moment does not come");
        }
        self
    }

    /// `kill -9`
    pub(super) fn kill(mut self) {
        self.child.kill().expect("our child");
        self.child.wait().expect("our child");
    }

    /// `kill -INT`, `kill -TERM`
    pub(super) fn signal(&self, name: &str) {
        let line = format!("kill -{name} {}", self.child.id());
        let sent = Command::new("sh").args(["-c", &line]).status().expect("a shell");
        assert!(sent.success(), "{line}");
    }

    /// What it has noted so far on stderr.
    pub(super) fn noted(&self) -> String {
        fs::read_to_string(&self.err).unwrap_or_default()
    }

    /// What it has said so far on stdout.
    pub(super) fn said(&self) -> String {
        fs::read_to_string(&self.out).unwrap_or_default()
    }
}

/// A command that is over.
pub(super) struct Ended {
    /// Its exit code; `None` when a signal ended it.
    pub(super) code: Option<i32>,
    pub(super) stdout: String,
    pub(super) stderr: String,
}

impl Ended {
    fn summary(&self) -> Value {
        self.stdout.lines().last().and_then(|line| serde_json::from_str(line).ok()).unwrap_or_default()
    }

    /// Steps and links that wait to be sent.
    pub(super) fn left(&self) -> u64 {
        let steps = self.summary()["account"]["steps"].clone();
        ["planned", "in_doubt", "links_open"].iter().map(|name| steps[name].as_u64().unwrap_or(1)).sum()
    }

    /// Records that the account has lost.
    fn unaccounted(&self) -> u64 {
        let kinds = self.summary()["account"]["kinds"].clone();
        let kinds = kinds.as_object().expect("an account per kind");
        kinds.values().map(|kind| kind["unaccounted"].as_i64().map_or(1, i64::unsigned_abs)).sum()
    }

    /// A sentence about it with all it said.
    pub(super) fn told(&self, what: &str) -> String {
        let last = self.stdout.lines().last().unwrap_or_default();
        format!("the command {what}: exit {:?}\n{}\n{last}", self.code, self.stderr)
    }
}

/// A project and its portal.
pub(super) struct Site {
    /// The day of its first command.
    pub(super) day: NaiveDate,
    pub(super) project: Project,
    pub(super) portal: Portal,
    _running: Running,
    _runtime: Runtime,
}

impl Site {
    /// A portal that is set up and holds no record, and an empty project beside it.
    pub(super) fn new(data: Data, seed: u64) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        let runtime = runtime.expect("a runtime");
        let limits = Limits::scaled(100, Duration::from_millis(300));
        let portal = Portal::new(Settings { seed, limits, ..Settings::default() });
        let running = runtime.block_on(Server::start(portal.clone(), 0)).expect("a free port");
        let project = Project::new(data, &running.url());
        let ended = project.start(&["hubspot-schema", "apply", "--yes"]).wait();
        assert_eq!(ended.code, Some(0), "{}", ended.told("is to set up the portal"));
        Self { day: today(), project, portal, _running: running, _runtime: runtime }
    }

    /// Answers in `scope` take so long.
    pub(super) fn slow(&self, scope: Scope, millis: u64) {
        self.portal.set_faults(Faults { scope, slow: 1.0, slow_ms: millis, ..Faults::none() });
    }

    /// Everything works again: the load comes to the end that it has undisturbed.
    pub(super) fn finish(&self) {
        self.portal.set_faults(Faults::none());
        self.project.finish().expect("the same commands come to their end");
        let found = Picture::of(&self.portal).expect("a sound portal");
        assert_eq!(Reference::of(Data::Samples).differs(self.day, &found), None);
    }

    /// What the state says, held against the portal; panics when it is not so.
    pub(super) fn books(&self) -> Books {
        let books = Books::copied(&self.project.state()).expect("a state");
        books.check(&self.portal).expect("the books tell the truth");
        books
    }

    /// Calls so far that could change a record or a link.
    pub(super) fn writing_of_records(&self) -> u64 {
        let counters = self.portal.counters();
        ["batch/upsert", "batch/update", "batch/create", "batch/associate"]
            .map(|route| counters.calls_of(route))
            .iter()
            .sum()
    }

    /// Calls so far that could change something.
    pub(super) fn writing(&self) -> u64 {
        self.portal.counters().writing
    }
}
