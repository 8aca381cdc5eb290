//! `sandbox serve` answers for Ivoris too, with the data that the operator expects there.

use std::fs::{self, File};
use std::process::Child;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ivohub::http::{BaseUrl, Method, Network, NetworkSettings, Request, Transport};
use ivohub::sandbox::ivoris::{APP, APP_VERSION, KEY};
use secrecy::SecretString;
use serde_json::Value;

use super::project::Project;

/// `sandbox serve`, stopped in any case.
struct Served {
    child: Child,
    told: Value,
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn serve(project: &Project, args: &[&str]) -> Served {
    let told = project.path("serve.out");
    let mut command = project.command(&[&["sandbox", "serve", "--port", "0", "--json"], args].concat());
    command
        .stdout(File::create(&told).expect("a file"))
        .stderr(File::create(project.path("serve.err")).expect("a file"));
    let child = command.spawn().expect("it starts");
    let mut served = Served { child, told: Value::Null };
    let begun = Instant::now();
    while served.told.is_null() {
        let said = fs::read_to_string(&told).expect("read");
        if let Some((line, _)) = said.split_once('\n') {
            served.told = serde_json::from_str(line).expect("JSON");
        }
        assert!(begun.elapsed() < Duration::from_mins(1), "it serves");
        std::thread::sleep(Duration::from_millis(10));
    }
    served
}

/// Patients of an installation of a served Ivoris, at most a page of them.
fn patients(served: &Served, installation: &str) -> usize {
    let url = served.told["ivoris"]["installations"][installation].as_str().expect("an address");
    let network =
        Network::new(BaseUrl::parse(url).expect("an address"), &NetworkSettings::default()).expect("a client");
    let keys = [("app", APP), ("app_version", APP_VERSION), ("api_key", KEY)];
    // ivohub:sandbox-password
    let basic = SecretString::from("Basic aXZvaHViOnNhbmRib3gtcGFzc3dvcmQ=");
    let request = Request {
        method: Method::Get,
        route: "/Patient/v1/AllPatients".into(),
        path: "/Patient/v1/AllPatients".to_owned(),
        query: keys.map(|(name, value)| (name.into(), value.to_owned())).to_vec(),
        authorization: Some(Arc::new(basic)),
        body: None,
        timeout: None,
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let answer = runtime.block_on(network.send(&request)).expect("an answer");
    assert_eq!(answer.status, 200);
    serde_json::from_slice::<Vec<Value>>(&answer.body).expect("an array").len()
}

#[test]
fn ivoris_is_served_with_the_samples_until_something_is_seeded() {
    let project = Project::new();
    let served = serve(&project, &[]);
    assert_eq!(served.told["ivoris"]["data"], "the data of samples/");
    assert_eq!((patients(&served, "nord"), patients(&served, "sued")), (50, 49), "a page, and all of them");
    drop(served);
    let seeded = project.run(&["sandbox", "seed", "--out", "data", "--patients", "20"]).exits(0);
    seeded.says(&["the simulated Ivoris holds the same data from its next start on: ivohub sandbox serve"]);
    let served = serve(&project, &["--fresh"]);
    assert_eq!(served.told["ivoris"]["data"], "the data of the exports in data");
    assert_eq!(patients(&served, "nord") + patients(&served, "sued"), 20);
    drop(served);
    let served = serve(&project, &["--samples"]);
    assert_eq!(served.told["ivoris"]["data"], "the data of samples/");
}

#[test]
fn a_taken_port_is_named_with_the_option_that_gives_another() {
    let project = Project::new();
    let served = serve(&project, &[]);
    let url = served.told["ivoris"]["url"].as_str().expect("an address");
    let port = url.rsplit(':').next().expect("a port");
    let other = Project::new();
    let done = other.run(&["sandbox", "serve", "--port", "0", "--ivoris-port", port]).exits(2);
    done.says(&[&format!("cannot listen on 127.0.0.1:{port}"), "add --ivoris-port with another number"]);
}
