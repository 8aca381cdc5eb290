//! The passes against the simulated Ivoris, through the binary.

mod changes;
mod credentials;
mod entries;
mod gaps;
mod hunt;
mod life;
mod lives;
mod missing;
mod offline;
mod profile;
mod runs;
mod same;
mod secrets;
mod strangers;
mod trouble;

use ivohub::sandbox::ivoris::{Data, KEY, PASSWORD, Practice, Server, Settings, USER};
use ivohub::sandbox::server::Running;

use crate::project::{Done, Project};

/// A project whose installations are simulated too.
pub(crate) struct Site {
    pub(crate) project: Project,
    pub(crate) practice: Practice,
    running: Option<Running>,
    runtime: tokio::runtime::Runtime,
    care: String,
}

/// Care that lets tests be quick: the waits of a healthy reading are milliseconds.
const QUICK: &str =
    "pause = \"0ms\"\nretry_base = \"1ms\"\nretry_cap = \"5ms\"\nprobe_first = \"5ms\"\nprobe_cap = \"20ms\"\n";

impl Site {
    pub(crate) fn new(settings: Settings, data: Data) -> Self {
        Self::of(Project::new(), settings, data)
    }

    pub(crate) fn of(project: Project, settings: Settings, data: Data) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.expect("a runtime");
        let practice = Practice::new(settings, data);
        let running = runtime.block_on(Server::start(practice.clone(), 0)).expect("a port");
        let site = Self { project, practice, running: Some(running), runtime, care: QUICK.to_owned() };
        site.project.put("secrets/password", PASSWORD);
        site.project.put("secrets/key", KEY);
        for name in ["secrets/password", "secrets/key"] {
            crate::project::private(&site.project.path(name));
        }
        site.configure("");
        site
    }

    /// Writes `ivohub.toml`; `more` stands in the table of every installation.
    pub(crate) fn configure(&self, more: &str) {
        let url = self.running.as_ref().expect("it runs").url();
        let table = |name: &str, prefix: &str| {
            format!(
                "[profile.practice.ivoris.{name}]\nprefix = \"{prefix}\"\nbase_url = \"{url}{}\"\nuser = \"{USER}\"\n\
                 password = {{ file = \"secrets/password\" }}\napp = {{ name = \"ivohub\", version = \"1\", key = {{ file = \"secrets/key\" }} }}\n{}{more}\n",
                self.practice.base(name),
                self.care
            )
        };
        self.project.configure_with("sandbox", &format!("{}{}", table("nord", ""), table("sued", "sued-")));
    }

    /// Nobody answers any more.
    pub(crate) fn closed(mut self) -> Self {
        if let Some(running) = self.running.take() {
            self.runtime.block_on(running.stop()).expect("it ends");
        }
        self
    }

    /// One pass over the API, accepted.
    pub(crate) fn pass(&self, command: &str, more: &[&str]) -> Done {
        let mut args = vec![command, "--source", "api", "--yes", "--json"];
        args.extend(more);
        self.project.run(&args)
    }

    /// All three.
    pub(crate) fn load(&self) -> Vec<Done> {
        crate::project::PASSES.iter().map(|(command, _)| self.pass(command, &[])).collect()
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            drop(self.runtime.block_on(running.stop()));
        }
    }
}
