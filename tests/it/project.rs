//! A project folder as an operator has one, a simulated portal that it points at, and the binary itself.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use chrono::Utc;
use ivohub::domain::{HubspotId, Object};
use ivohub::mapping::SHIPPED;
use ivohub::sandbox::hubspot::{Actor, Limits, Portal, Seen, Settings};
use ivohub::sandbox::samples;
use ivohub::sandbox::server::{Running, Server};
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// The token of the project; nobody may ever see it.
pub(crate) const TOKEN: &str = "pat-eu1-0b9d2f4e-secret-of-the-tests";
/// The three passes with their sample files.
pub(crate) const PASSES: [(&str, &str); 3] = [
    ("migrate-patients", "patienten.csv"),
    ("migrate-appointments", "termine.csv"),
    ("backfill-entries", "eintraege.csv"),
];
/// Longer than any command takes on a busy machine.
const PATIENCE: Duration = Duration::from_mins(10);

/// What a command left behind.
pub(crate) struct Done {
    pub(crate) exit: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Done {
    /// Everything that was shown.
    pub(crate) fn all(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }

    /// The same, after a look at the exit code.
    #[track_caller]
    pub(crate) fn exits(self, exit: i32) -> Self {
        assert_eq!(self.exit, exit, "{}", self.all());
        self
    }

    /// The same, after a look for words.
    #[track_caller]
    pub(crate) fn says(self, words: &[&str]) -> Self {
        let all = self.all();
        for word in words {
            assert!(all.contains(word), "\"{word}\" is missing in:\n{all}");
        }
        self
    }

    /// The last line of JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        let last = self.stdout.lines().last().unwrap_or_default();
        serde_json::from_str(last).unwrap_or_else(|error| panic!("{error}: {}", self.all()))
    }
}

/// A folder, a portal, and the line between them.
pub(crate) struct Project {
    folder: TempDir,
    pub(crate) portal: Portal,
    running: Option<Running>,
    runtime: Runtime,
}

impl Project {
    /// Samples, shipped tables, an empty portal with the schema applied.
    pub(crate) fn new() -> Self {
        let project = Self::bare(Settings { limits: Limits::unlimited(), ..Settings::default() });
        project.apply_schema();
        project
    }

    /// The same without the schema.
    pub(crate) fn bare(settings: Settings) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.expect("a runtime");
        let portal = Portal::new(settings);
        let running = runtime.block_on(Server::start(portal.clone(), 0)).expect("a port");
        let folder = TempDir::with_prefix("ivohub-it-").expect("a folder");
        let project = Self { folder, portal, running: Some(running), runtime };
        for name in ["mappings", "samples", "secrets"] {
            fs::create_dir(project.path(name)).expect("a folder");
        }
        SHIPPED.iter().for_each(|(name, text)| project.put(&format!("mappings/{name}"), text));
        samples::FILES.iter().for_each(|(name, bytes)| project.put(&format!("samples/{name}"), bytes));
        project.put("secrets/hubspot-token", TOKEN);
        private(&project.path("secrets/hubspot-token"));
        project.configure("sandbox", "");
        project
    }

    /// Where the portal answers.
    pub(crate) fn url(&self) -> String {
        self.running.as_ref().expect("it runs").url()
    }

    /// Writes `ivohub.toml`; `more` stands below the profile's own lines.
    pub(crate) fn configure(&self, mode: &str, more: &str) {
        let tables =
            "[profile.practice.ivoris.nord]\nprefix = \"\"\n\n[profile.practice.ivoris.sued]\nprefix = \"sued-\"\n";
        self.write_configuration(mode, more, tables);
    }

    /// Writes `ivohub.toml` with these tables of installations.
    pub(crate) fn configure_with(&self, mode: &str, tables: &str) {
        self.write_configuration(mode, "", tables);
    }

    fn write_configuration(&self, mode: &str, more: &str, tables: &str) {
        let url = self.url();
        let text = format!(
            "version = 1\ndefault_profile = \"practice\"\n\n[profile.practice]\nmode = \"{mode}\"\n{more}\n\
             [profile.practice.hubspot]\nbase_url = \"{url}\"\ntoken = {{ file = \"secrets/hubspot-token\" }}\n\n{tables}"
        );
        self.put("ivohub.toml", text);
    }

    /// Another portal answers from now on, at another address.
    pub(crate) fn move_to(&mut self, settings: Settings) {
        self.portal = Portal::new(settings);
        let running = self.runtime.block_on(Server::start(self.portal.clone(), 0)).expect("a port");
        if let Some(before) = self.running.replace(running) {
            self.runtime.block_on(before.stop()).expect("it ends");
        }
        self.configure("sandbox", "");
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn put(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.path(name), bytes).expect("written");
    }

    /// Runs the binary in the folder, without a terminal.
    pub(crate) fn run(&self, args: &[&str]) -> Done {
        self.run_with(args, |_| {})
    }

    /// The same with another environment, stdin or program around it.
    pub(crate) fn run_with(&self, args: &[&str], change: impl FnOnce(&mut Command)) -> Done {
        let mut command = self.command(args);
        change(&mut command);
        self.finish(command)
    }

    /// The binary, ready to be started in the folder.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ivohub"));
        command.args(args);
        self.surround(&mut command);
        command
    }

    /// A command on a terminal of its own; what it says on both streams is stdout then.
    pub(crate) fn on_a_terminal(&self, words: &[&str]) -> Command {
        let line = format!("{} {}", env!("CARGO_BIN_EXE_ivohub"), words.join(" "));
        // From util-linux, part of every Debian: a terminal for one command.
        let mut command = Command::new("script");
        command.args(["--quiet", "--return", "--command", &line, "/dev/null"]);
        self.surround(&mut command);
        command.env("TERM", "xterm").env("NO_COLOR", "1");
        command
    }

    /// Nothing of the tester's own surroundings reaches a command.
    pub(crate) fn surround(&self, command: &mut Command) {
        command.current_dir(self.folder.path()).env_clear().stdin(Stdio::null());
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("HOME", self.folder.path()).env("XDG_CONFIG_HOME", self.path("no-config"));
    }

    /// Starts a command and waits for its end.
    pub(crate) fn finish(&self, command: Command) -> Done {
        self.answered(command, "", "")
    }

    /// Waits for the end of a command; types `keys` once it has shown `question`.
    pub(crate) fn answered(&self, mut command: Command, question: &str, keys: &str) -> Done {
        let out = tempfile::NamedTempFile::new_in(self.folder.path()).expect("a file");
        let err = tempfile::NamedTempFile::new_in(self.folder.path()).expect("a file");
        let open = |file: &tempfile::NamedTempFile| File::create(file.path()).expect("a file");
        if !question.is_empty() {
            command.stdin(Stdio::piped());
        }
        let mut child = command.stdout(open(&out)).stderr(open(&err)).spawn().expect("it starts");
        // Held open till the end: a terminal whose other side is gone hangs up.
        let mut hand = child.stdin.take();
        let mut typed = question.is_empty();
        let begun = Instant::now();
        let status = loop {
            if let Some(status) = child.try_wait().expect("it can be waited for") {
                break status;
            }
            if begun.elapsed() > PATIENCE {
                child.kill().expect("it ends");
                panic!("{command:?} hangs: {}", fs::read_to_string(err.path()).unwrap_or_default());
            }
            if !typed && String::from_utf8_lossy(&fs::read(out.path()).expect("read")).contains(question) {
                hand.as_mut().expect("a hand").write_all(keys.as_bytes()).expect("typed");
                typed = true;
            }
            std::thread::sleep(Duration::from_millis(5));
        };
        drop(hand);
        let read = |path: &Path| String::from_utf8(fs::read(path).expect("read")).expect("UTF-8");
        Done { exit: status.code().unwrap_or(-1), stdout: read(out.path()), stderr: read(err.path()) }
    }

    /// Patients as a small export: id, first name, last name, birthday, e-mail, phone.
    pub(crate) fn patients(&self, rows: &[[&str; 6]]) -> Done {
        let header = "Patient-ID;Vorname;Nachname;Geburtsdatum;E-Mail;Tel. privat;Standort";
        let rows: Vec<String> = rows.iter().map(|row| format!("{};KFO Nord", row.join(";"))).collect();
        self.put("patients.csv", format!("{header}\n{}\n", rows.join("\n")));
        self.run(&["migrate-patients", "--input", "patients.csv", "--yes", "--json"])
    }

    /// Appointments as a small export: id, patient, day, Terminart, status.
    pub(crate) fn appointments(&self, rows: &[[&str; 5]]) -> Done {
        let header = "Termin-ID;Patient-ID;Datum;Terminart;Status;Beginn;Ende;Standort";
        let rows: Vec<String> = rows.iter().map(|row| format!("{};09:00;09:30;KFO Nord", row.join(";"))).collect();
        self.put("appointments.csv", format!("{header}\n{}\n", rows.join("\n")));
        self.run(&["migrate-appointments", "--input", "appointments.csv", "--yes", "--json"])
    }

    pub(crate) fn apply_schema(&self) {
        self.run(&["hubspot-schema", "apply", "--yes"]).exits(0);
    }

    /// One pass on its sample file, accepted.
    pub(crate) fn pass(&self, at: usize) -> Done {
        let (command, file) = PASSES[at];
        self.run(&[command, "--input", &format!("samples/{file}"), "--yes", "--json"])
    }

    /// All three passes on the samples.
    pub(crate) fn load(&self) -> Vec<Done> {
        (0..PASSES.len()).map(|at| self.pass(at).exits(3)).collect()
    }

    pub(crate) fn status(&self) -> Value {
        self.run(&["status", "--json"]).exits(0).json()
    }

    /// Status without the list of runs: what a refused run must leave as it was.
    pub(crate) fn standing(&self) -> Value {
        let mut status = self.status();
        let object = status.as_object_mut().expect("an object");
        object.remove("runs");
        // Rejected rows are told of the newest reading, refused or not.
        object.remove("rejected");
        status
    }

    /// The rows of the state that say what is known, owed and written, sealed as they are. Runs and what they read are
    /// not among them: a refused run is remembered.
    pub(crate) fn records(&self) -> BTreeMap<&'static str, Vec<String>> {
        let state = self.path(".ivohub/practice/state.db");
        if !state.exists() {
            return BTreeMap::new();
        }
        let connection = rusqlite::Connection::open(state).expect("the state");
        let rows = |table: &&'static str| {
            let mut select = connection.prepare(&format!("SELECT * FROM {table}")).expect("a table");
            let columns = select.column_count();
            let row = |row: &rusqlite::Row<'_>| {
                let values: rusqlite::Result<Vec<_>> =
                    (0..columns).map(|at| row.get::<_, rusqlite::types::Value>(at)).collect();
                Ok(format!("{:?}", values?))
            };
            let rows = select.query_map([], row).expect("rows").map(|row| row.expect("a row")).collect();
            (*table, rows)
        };
        let tables = [
            "record",
            "alias",
            "proposed",
            "step",
            "ledger",
            "flight",
            "journal",
            "word",
            "looked_at",
            "looked_now",
            "affected",
            "mapping_version",
        ];
        tables.iter().map(rows).filter(|(_, rows): &(_, Vec<String>)| !rows.is_empty()).collect()
    }

    /// Calls that could change something.
    pub(crate) fn writing(&self) -> u64 {
        self.portal.counters().writing
    }

    /// The writing calls that `work` makes.
    pub(crate) fn writes_of<T>(&self, work: impl FnOnce() -> T) -> (u64, T) {
        let before = self.writing();
        let done = work();
        (self.writing() - before, done)
    }

    /// [`picture`] of the project's portal.
    pub(crate) fn picture(&self) -> BTreeSet<String> {
        picture(&self.portal)
    }

    /// Compares what is in the portal with an earlier picture.
    #[track_caller]
    pub(crate) fn looks_like(&self, wanted: &BTreeSet<String>) {
        let found = self.picture();
        let differs: Vec<&String> = found.symmetric_difference(wanted).collect();
        let some = differs.get(..differs.len().min(10));
        assert!(differs.is_empty(), "{} lines differ: {some:#?}", differs.len());
    }

    /// The one live record with this key.
    pub(crate) fn by_key(&self, object: Object, key: &str) -> Option<Seen> {
        self.portal.find(object, key_of(object), key).pop()
    }

    /// Somebody in HubSpot makes a record.
    pub(crate) fn person_creates(&self, object: Object, values: &[(&str, &str)]) -> HubspotId {
        self.portal.create(Actor::Person, object, values, Utc::now()).expect("accepted")
    }

    /// Somebody in HubSpot changes a record.
    pub(crate) fn person_edits(&self, object: Object, id: HubspotId, values: &[(&str, &str)]) {
        self.portal.edit(Actor::Person, object, id, values, Utc::now()).expect("accepted");
    }
}

/// What everybody knows to be ours in a portal: values and links by key, without HubSpot's ids and times, and without
/// what tells of the way there: the rule that wrote last, and no open deal any more (or never one).
pub(crate) fn picture(portal: &Portal) -> BTreeSet<String> {
    let key = |object, id| {
        let record = portal.record(object, id).expect("links lead to live records");
        record.get(key_of(object)).to_owned()
    };
    let mut lines = BTreeSet::new();
    for object in Object::ALL {
        for record in portal.live(object) {
            let ours = |name: &str, value: &str| {
                (!name.starts_with("hs_") || name.starts_with("hs_appointment"))
                    && !HOW.contains(&name)
                    && (name, value) != ("num_open_deal", "0")
            };
            let values: BTreeMap<&String, &String> =
                record.properties.iter().filter(|(name, value)| ours(name, value)).collect();
            let mut line = format!("{object} {values:?}");
            for to in Object::ALL {
                let keys: BTreeSet<String> =
                    portal.links(object, record.id, to).into_iter().map(|id| key(to, id)).collect();
                write!(line, " {to}:{keys:?}").expect("a string");
            }
            assert!(lines.insert(line), "no two records are alike");
        }
    }
    lines
}

/// Properties that say when or how, not what.
const HOW: [&str; 4] = ["createdate", "lastmodifieddate", "notes_last_updated", "ivoris_rule"];

/// Our unique property.
pub(crate) fn key_of(object: Object) -> &'static str {
    match object {
        Object::Contact => "ivoris_patient_id",
        Object::Appointment | Object::Deal => "ivoris_appointment_id",
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            drop(self.runtime.block_on(running.stop()));
        }
    }
}

/// Readable by its owner only, as secrets have to be.
pub(crate) fn private(file: &Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(file, fs::Permissions::from_mode(0o600)).expect("its mode is set");
}

/// A CSV file of the samples: header and records with the line each begins at.
pub(crate) struct Table {
    pub(crate) header: Vec<String>,
    pub(crate) rows: Vec<(u64, Vec<String>)>,
}

impl Table {
    pub(crate) fn of_sample(name: &str) -> Self {
        let (_, bytes) = samples::FILES.iter().find(|(have, _)| *have == name).expect("a sample");
        Self::read(bytes)
    }

    /// Reads Windows-1252 or UTF-8, `;`.
    pub(crate) fn read(bytes: &[u8]) -> Self {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let text = match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(_) => encoding_rs::WINDOWS_1252.decode(bytes).0.into_owned(),
        };
        // The reader counts a line only with the line feed, which it has not seen yet when a record ends in CRLF.
        let text = text.replace("\r\n", "\n");
        let mut reader =
            csv::ReaderBuilder::new().delimiter(b';').flexible(true).has_headers(false).from_reader(text.as_bytes());
        let records = reader.records().map(|record| {
            let record = record.expect("a row");
            let line = record.position().expect("a place").line();
            (line, record.iter().map(str::to_owned).collect::<Vec<_>>())
        });
        let mut rows: Vec<(u64, Vec<String>)> = records.collect();
        let (_, header) = rows.remove(0);
        Self { header, rows }
    }

    /// The cell of a row under a header; empty when the row is short.
    pub(crate) fn cell<'r>(&self, row: &'r [String], header: &str) -> &'r str {
        let at = self.header.iter().position(|have| have == header).expect("a column");
        row.get(at).map_or("", String::as_str)
    }
}
