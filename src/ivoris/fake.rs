//! A scripted transport for the tests of this room: it answers as told and keeps what it was asked.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::domain::InstanceKey;
use crate::http::{Clock, Method, Request, Response, SeededRandom, SendFuture, Transport, TransportError};

use super::client::Client;
use super::learned::Learned;
use super::profile::RouteProfile;
use super::settings::{Credentials, Effects, Settings};

/// One request as it came.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) path: String,
    pub(super) query: String,
    pub(super) timeout: Option<Duration>,
    /// Since the fake was made.
    pub(super) at: Duration,
}

impl Asked {
    pub(super) fn is_ping(&self) -> bool {
        self.path.ends_with("/Ping")
    }
}

pub(super) type Answer = Result<Response, TransportError>;
type Script = Box<dyn Fn(&Asked, usize) -> (u64, Answer) + Send + Sync>;

/// Answers by calling a closure with the request and its number (from 0); takes as many milliseconds as it says.
pub(super) struct Fake {
    script: Script,
    begun: Instant,
    state: Mutex<(Vec<Asked>, u32, u32)>,
}

impl Fake {
    pub(super) fn asked(&self) -> Vec<Asked> {
        self.state.lock().expect("no test panics here").0.clone()
    }

    pub(super) fn count(&self) -> usize {
        self.asked().len()
    }

    /// Most requests at once.
    pub(super) fn most(&self) -> u32 {
        self.state.lock().expect("no test panics here").2
    }

    fn landed(&self) {
        self.state.lock().expect("no test panics here").1 -= 1;
    }
}

struct Landing<'a>(&'a Fake);

impl Drop for Landing<'_> {
    fn drop(&mut self) {
        self.0.landed();
    }
}

impl Transport for Fake {
    fn send<'a>(&'a self, request: &'a Request) -> SendFuture<'a> {
        assert!(request.method == Method::Get && request.body.is_none() && request.authorization.is_some());
        let query: Vec<String> = request.query.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let asked = Asked {
            path: request.path.clone(),
            query: query.join("&"),
            timeout: request.timeout,
            at: self.begun.elapsed(),
        };
        let number = {
            let mut state = self.state.lock().expect("no test panics here");
            state.0.push(asked.clone());
            state.1 += 1;
            state.2 = state.2.max(state.1);
            state.0.len() - 1
        };
        let (ms, answer) = (self.script)(&asked, number);
        let landing = Landing(self);
        Box::pin(async move {
            let _landing = landing;
            tokio::time::sleep(Duration::from_millis(ms)).await;
            answer
        })
    }
}

/// A wall clock that goes with tokio's.
pub(super) struct Ticking {
    begun: Instant,
    wall: DateTime<Utc>,
}

impl Ticking {
    pub(super) fn at(wall: &str) -> Arc<Self> {
        Arc::new(Self { begun: Instant::now(), wall: wall.parse().expect("a time") })
    }
}

impl Clock for Ticking {
    fn now(&self) -> DateTime<Utc> {
        self.wall + TimeDelta::from_std(self.begun.elapsed()).expect("a short test")
    }
}

/// What a test may choose.
pub(super) struct Setup {
    pub(super) settings: Settings,
    pub(super) profile: RouteProfile,
    pub(super) learned: Learned,
    pub(super) cancel: CancellationToken,
    pub(super) wall: &'static str,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            settings: Settings::new(InstanceKey::new("nord"), ""),
            profile: RouteProfile::builtin(),
            learned: Learned::default(),
            cancel: CancellationToken::new(),
            wall: "2026-11-23T08:00:00Z",
        }
    }
}

impl Setup {
    pub(super) fn client(
        self,
        script: impl Fn(&Asked, usize) -> (u64, Answer) + Send + Sync + 'static,
    ) -> (Client, Arc<Fake>) {
        let fake = Arc::new(Fake { script: Box::new(script), begun: Instant::now(), state: Mutex::default() });
        let effects = Effects {
            transport: Arc::clone(&fake) as Arc<dyn Transport>,
            clock: Ticking::at(self.wall),
            random: Arc::new(SeededRandom::new(7)),
            cancel: self.cancel,
        };
        let credentials = Credentials {
            user: "marker-user".to_owned(),
            password: "marker-password".into(),
            app: "marker-app".to_owned(),
            app_version: "1.0.0".to_owned(),
            key: "marker-key".into(),
        };
        (Client::new(self.settings, Arc::new(self.profile), credentials, effects, self.learned), fake)
    }
}

/// A client with the defaults.
pub(super) fn client(script: impl Fn(&Asked, usize) -> (u64, Answer) + Send + Sync + 'static) -> (Client, Arc<Fake>) {
    Setup::default().client(script)
}

/// An answer after 100 ms.
pub(super) fn says(status: u16, body: &str) -> (u64, Answer) {
    (100, Ok(Response { status, headers: Vec::new(), body: body.as_bytes().to_vec() }))
}
