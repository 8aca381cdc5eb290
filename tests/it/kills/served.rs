//! `sandbox serve` dies in the middle of a load: what it had answered is kept, and the load ends like an undisturbed one.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use ivohub::sandbox::hubspot::Portal;
use ivohub::sandbox::serve;
use serde_json::Value;

use super::books::Books;
use super::picture::Picture;
use super::reference::Reference;
use super::site::{Data, Project, Started, today};

/// A server with a folder of its own.
struct Served {
    project: Project,
    port: String,
    running: Option<Started>,
}

impl Served {
    fn new() -> Self {
        let mut served = Self { project: Project::new(Data::Samples, ""), port: "0".to_owned(), running: None };
        served.start();
        served
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    fn start(&mut self) {
        let running = self.project.start(&["sandbox", "serve", "--port", &self.port, "--ivoris-port", "0", "--json"]);
        let running = running.when(|run| run.said().contains('\n'));
        let serving: Value = serde_json::from_str(running.said().lines().next().expect("a line")).expect("JSON");
        let (_, port) = serving["url"].as_str().expect("an address").rsplit_once(':').expect("a port");
        port.clone_into(&mut self.port);
        self.running = Some(running);
        self.slow(100);
    }

    /// `kill -9`
    fn kill(&mut self) {
        self.running.take().expect("a server").kill();
    }

    /// Answers to writes take so long.
    fn slow(&self, millis: u64) {
        let faults = format!("{{\"scope\":\"writes\",\"slow\":1.0,\"slow_ms\":{millis}}}");
        let mut line = TcpStream::connect(format!("127.0.0.1:{}", self.port)).expect("a server");
        write!(
            line,
            "PUT /_sandbox/faults HTTP/1.1\r\nhost: sandbox\r\nconnection: close\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{faults}",
            faults.len()
        )
        .expect("sent");
        let mut answer = String::new();
        line.read_to_string(&mut answer).expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 204"), "{answer}");
    }

    /// The portal as a dead server left it.
    fn left(&self) -> Portal {
        serve::open(&self.project.path().join(serve::FOLDER), false).expect("the portal is whole")
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            running.kill();
        }
    }
}

#[test]
fn a_load_survives_the_death_of_the_served_portal() {
    let (mut served, day) = (Served::new(), today());
    let project = Project::new(Data::Samples, &served.url());
    let ended = project.start(&["hubspot-schema", "apply", "--yes"]).wait();
    assert_eq!(ended.code, Some(0), "{}", ended.told("is to set up the portal"));
    for pass in 0..3 {
        let run = project.start_pass(pass).when(|run| !run.said().is_empty());
        std::thread::sleep(Duration::from_millis(150));
        served.kill();
        if pass == 1 {
            // Nobody brings it back in time.
            let ended = run.wait();
            assert_eq!(ended.code, Some(6), "{}", ended.told("has lost its server"));
            assert!(ended.stderr.contains("unavailable"), "{}", ended.told("must say why"));
            let portal = served.left();
            let books = Books::copied(&project.state()).expect("a state");
            books.check(&portal).expect("the books tell the truth");
            assert!(Picture::of(&portal).expect("a sound portal").len() > 100, "what was answered is kept");
            drop(portal);
            served.start();
        } else {
            served.start();
            let ended = run.wait();
            assert!(matches!(ended.code, Some(0 | 3 | 6)), "{}", ended.told("had its server back at once"));
        }
        project.finish_pass(pass).expect("the same command");
    }
    served.kill();
    let found = Picture::of(&served.left()).expect("a sound portal");
    assert_eq!(Reference::of(Data::Samples).differs(day, &found), None);
}
