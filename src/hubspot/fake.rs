//! A scripted transport for the tests of this room: it answers as told and keeps what it was asked.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::http::{Request, Response, SeededRandom, SendFuture, SystemClock, Transport, TransportError};

use super::client::{Client, Effects};
use super::settings::Settings;

/// One request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) path: String,
    pub(crate) query: Vec<(std::borrow::Cow<'static, str>, String)>,
    pub(crate) body: Value,
    pub(crate) at: Instant,
}

impl Asked {
    /// `inputs[].id`, or the `from` id of links.
    pub(crate) fn ids(&self) -> Vec<String> {
        let inputs = self.body["inputs"].as_array().cloned().unwrap_or_default();
        let text = |input: &Value| input["id"].as_str().or(input["from"]["id"].as_str()).map(str::to_owned);
        inputs.iter().filter_map(text).collect()
    }
}

/// What an answer is made of.
pub(crate) type Answer = Result<Response, TransportError>;
type Script = Box<dyn Fn(&Asked, usize) -> Answer + Send + Sync>;

/// Answers by calling a closure with the request and its number (from 0).
pub(crate) struct Fake {
    script: Script,
    asked: Mutex<Vec<Asked>>,
}

impl Fake {
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("no test panics here").clone()
    }

    pub(crate) fn paths(&self) -> Vec<String> {
        self.asked().into_iter().map(|asked| asked.path).collect()
    }
}

impl Transport for Fake {
    fn send<'a>(&'a self, request: &'a Request) -> SendFuture<'a> {
        let body = request.body.as_deref().map_or(Value::Null, |body| serde_json::from_slice(body).expect("JSON"));
        let asked = Asked { path: request.path.clone(), query: request.query.clone(), body, at: Instant::now() };
        let number = {
            let mut all = self.asked.lock().expect("no test panics here");
            all.push(asked.clone());
            all.len() - 1
        };
        let answer = (self.script)(&asked, number);
        Box::pin(async move { answer })
    }
}

/// A client over a script, and the script's memory.
pub(crate) fn client(script: impl Fn(&Asked, usize) -> Answer + Send + Sync + 'static) -> (Client, Arc<Fake>) {
    client_with(&Settings::default(), CancellationToken::new(), script)
}

/// The same with settings and a token of its own.
pub(crate) fn client_with(
    settings: &Settings,
    cancel: CancellationToken,
    script: impl Fn(&Asked, usize) -> Answer + Send + Sync + 'static,
) -> (Client, Arc<Fake>) {
    let fake = Arc::new(Fake { script: Box::new(script), asked: Mutex::new(Vec::new()) });
    let effects = Effects {
        transport: Arc::clone(&fake) as Arc<dyn Transport>,
        clock: Arc::new(SystemClock),
        random: Arc::new(SeededRandom::new(1)),
        cancel,
    };
    (Client::new(settings, &"pat-eu1-test".into(), effects), fake)
}

/// An answer with a JSON body.
#[expect(clippy::unnecessary_wraps, reason = "scripts return it as it is")]
pub(crate) fn answer(status: u16, body: &Value) -> Answer {
    Ok(Response { status, headers: Vec::new(), body: body.to_string().into_bytes() })
}

/// An answer with headers and an empty body.
#[expect(clippy::unnecessary_wraps, reason = "scripts return it as it is")]
pub(crate) fn headed(status: u16, headers: &[(&str, &str)], body: &Value) -> Answer {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Ok(Response { status, headers, body: body.to_string().into_bytes() })
}

/// All inputs of an upsert done, in reverse order, with their trace ids; the record id is 1000 + place in the request.
pub(crate) fn all_done(asked: &Asked) -> Answer {
    let inputs = asked.body["inputs"].as_array().cloned().unwrap_or_default();
    let results: Vec<Value> = inputs
        .iter()
        .enumerate()
        .rev()
        .map(|(at, input)| {
            json!({"id": (1000 + at).to_string(), "new": true, "properties": input["properties"],
                   "objectWriteTraceId": input["objectWriteTraceId"]})
        })
        .collect();
    answer(200, &json!({"status": "COMPLETE", "results": results}))
}
