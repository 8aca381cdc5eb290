//! A project whose installations are simulated, and the people who may appear nowhere.

use std::collections::BTreeSet;
use std::fs;

use chrono::{Days, Duration, Utc};
use ivohub::sandbox::ivoris::{Appointment, Change, Credentials, Data, Load, Practice, Server, Settings};
use ivohub::sandbox::server::Running;
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::privacy::files;
use crate::project::{Done, Project, private};

/// What nobody may ever see.
pub(crate) const SECRETS: [(&str, &str); 3] = [
    ("nord-password", "marker-of-the-password-91d3"),
    ("nord-api-key", "marker-of-the-api-key-c07e"),
    ("nord-linkname", "marker-of-the-linkname-5aa2"),
];

/// A project with the installation `nord`.
pub(crate) struct Site {
    pub(crate) project: Project,
    pub(crate) practice: Practice,
    running: Option<Running>,
    runtime: Runtime,
}

impl Site {
    /// The samples behind a server that behaves like this.
    pub(crate) fn new(settings: Settings) -> Self {
        let [(_, password), (_, key), (_, linkname)] = SECRETS;
        let credentials = Credentials { password: password.to_owned(), key: key.to_owned(), ..Credentials::default() };
        let linknames = [("nord".to_owned(), linkname.to_owned())].into();
        // Who gives up does so at once.
        let load = Load { after_ms: 0, ..settings.load };
        let practice = Practice::new(Settings { credentials, linknames, load, ..settings }, Data::samples());
        busy(&practice);
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.expect("a runtime");
        let running = runtime.block_on(Server::start(practice.clone(), 0)).expect("a port");
        let project = Project::bare(ivohub::sandbox::hubspot::Settings::default());
        for (name, secret) in SECRETS {
            project.put(&format!("secrets/{name}"), secret);
            private(&project.path(&format!("secrets/{name}")));
        }
        let site = Self { project, practice, running: Some(running), runtime };
        site.configure("");
        site
    }

    /// Writes `ivohub.toml`; `more` stands in the installation's table. There is no HubSpot in it.
    pub(crate) fn configure(&self, more: &str) {
        let url = self.running.as_ref().expect("it runs").url();
        self.project.put(
            "ivohub.toml",
            format!(
                "version = 1\ndefault_profile = \"practice\"\n[profile.practice]\nmode = \"sandbox\"\n\
                 [profile.practice.ivoris.sued]\nprefix = \"sued-\"\n\
                 [profile.practice.ivoris.nord]\nprefix = \"\"\n\
                 base_url = \"{url}/relay/{{linkname}}/webservice/api\"\n\
                 linkname = {{ file = \"secrets/nord-linkname\" }}\nuser = \"ivohub\"\n\
                 password = {{ file = \"secrets/nord-password\" }}\n\
                 app = {{ name = \"ivohub\", version = \"1\", key = {{ file = \"secrets/nord-api-key\" }} }}\n\
                 pause = \"0ms\"\nretry_base = \"1ms\"\nretry_cap = \"5ms\"\nprobe_first = \"5ms\"\nprobe_cap = \"20ms\"\n{more}"
            ),
        );
    }

    /// `explore nord` with more options.
    pub(crate) fn explore(&self, more: &[&str]) -> Done {
        self.project.run(&[&["explore", "nord"], more].concat())
    }

    /// A file that was kept about the installation.
    pub(crate) fn kept(&self, end: &str) -> String {
        let path = self.project.path(&format!(".ivohub/practice/explore/nord.{end}"));
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// The kept survey.
    pub(crate) fn survey(&self) -> Value {
        serde_json::from_str(&self.kept("json")).expect("JSON")
    }

    /// What of people and secrets is in a text.
    pub(crate) fn leaks(&self, text: &str) -> Vec<String> {
        let secrets = SECRETS.iter().map(|(_, secret)| (*secret).to_owned());
        let (texts, words) = self.people();
        let mut found: Vec<String> = secrets.chain(texts).filter(|needle| text.contains(needle.as_str())).collect();
        let parts: BTreeSet<&str> = text.split(|char: char| !char.is_alphanumeric()).collect();
        found.extend(words.iter().filter(|word| parts.contains(word.as_str())).cloned());
        found
    }

    /// Everything that the files of the project, but its own, tell of people and secrets.
    pub(crate) fn leaks_in_files(&self) -> Vec<String> {
        let own = ["secrets", "samples", "mappings", "ivohub.toml"].map(|name| self.project.path(name));
        let mut leaks = Vec::new();
        let mut looked_at = 0;
        for file in
            files(&self.project.path("")).into_iter().filter(|file| !own.iter().any(|own| file.starts_with(own)))
        {
            let bytes = fs::read(&file).expect("read");
            let found = self.leaks(&String::from_utf8_lossy(&bytes));
            leaks.extend(found.into_iter().map(|leak| format!("{}: {leak}", file.display())));
            looked_at += 1;
        }
        assert!(looked_at >= 4, "{looked_at} files");
        leaks
    }

    /// Texts that name somebody wherever they stand, and names that do so as whole words.
    fn people(&self) -> (Vec<String>, BTreeSet<String>) {
        let (mut texts, mut words) = (Vec::new(), BTreeSet::new());
        let staff = ["Ahrens", "Lindqvist", "Falkner", "Okonjo"];
        for patient in self.practice.patients("nord") {
            texts.extend([patient.id, patient.number, patient.email, patient.phone, patient.mobile]);
            texts.extend([patient.street, patient.insurance_number]);
            texts.extend(patient.birthday.map(|day| day.to_string()));
            for name in [patient.first, patient.last, patient.insurant] {
                let parts = name.split([' ', '-', '"', ',', '.', '\'']);
                words
                    .extend(parts.filter(|part| part.chars().count() >= 4 && !staff.contains(part)).map(str::to_owned));
            }
        }
        for appointment in self.practice.appointments("nord") {
            texts.extend([appointment.id, appointment.comment]);
        }
        texts.extend(self.practice.entries("nord").into_iter().flat_map(|entry| [entry.id, entry.text]));
        // Remarks of one word are words of the trade.
        texts.retain(|text| text.trim().len() >= 10);
        (texts, words)
    }
}

/// Three weeks of completed appointments up to now, whenever that is: one each hour of the morning.
fn busy(practice: &Practice) {
    let now = Utc::now();
    let models: Vec<Appointment> =
        practice.appointments("nord").into_iter().filter(|one| one.patient.is_some() && !one.caller).collect();
    for at in 0..60_u32 {
        let model = &models[at as usize * 7 % models.len()];
        let day = now.date_naive() - Days::new(u64::from(at / 3));
        let begin = day.and_hms_opt(1 + at % 3, 0, 0).expect("a time");
        let appointment = Appointment {
            id: recent(at),
            begin,
            end: Some(begin + Duration::minutes(30)),
            state: "Completed".to_owned(),
            confirmation: "None".to_owned(),
            ..model.clone()
        };
        let appointment = Box::new(appointment);
        assert!(practice.change("nord", Change::AppointmentAdded { appointment }, now));
    }
}

/// Id of one of these appointments, the latest day first.
pub(crate) fn recent(at: u32) -> String {
    format!("b7000000-0000-4000-8000-{at:012}")
}

impl Drop for Site {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            drop(self.runtime.block_on(running.stop()));
        }
    }
}
