//! A practice over real HTTP on this machine, with control routes under `/_sandbox/` beside Ivoris' own.

use std::io;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Query, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use chrono::Utc;

use crate::http;
use crate::sandbox::in_process::Timeline;
use crate::sandbox::line::{self, Line, Running};

use super::change::Event;
use super::exchange::{Ending, Request};
use super::faults::Faults;
use super::practice::Practice;
use super::settings::Load;

/// Serves practices over HTTP.
#[derive(Clone, Copy, Debug)]
pub struct Server;

#[derive(Clone)]
struct Shared {
    practice: Practice,
    timeline: Timeline,
}

impl Server {
    /// Listens on 127.0.0.1 and answers until stopped; port 0 takes any that is free.
    ///
    /// # Errors
    /// When the port cannot be had.
    pub async fn start(practice: Practice, port: u16) -> io::Result<Running> {
        let app = Router::new()
            .route("/_sandbox/counters", get(counters))
            .route("/_sandbox/log", get(log))
            .route("/_sandbox/faults", get(faults).put(set_faults))
            .route("/_sandbox/load", put(set_load))
            .route("/_sandbox/script", post(script))
            .route("/_sandbox/reset-counters", post(reset_counters))
            .fallback(answer)
            .with_state(Shared { practice, timeline: Timeline::from(Utc::now()) });
        line::listen(app, port).await
    }
}

/// Carries a request to the practice and its reply back, or breaks the line.
async fn answer(
    State(shared): State<Shared>,
    ConnectInfo(line): ConnectInfo<Line>,
    (method, uri, headers): (Method, Uri, HeaderMap),
    Query(query): Query<Vec<(String, String)>>,
) -> Response {
    let waiting = shared.practice.enter();
    let method = match method {
        Method::GET => Some(http::Method::Get),
        Method::POST => Some(http::Method::Post),
        Method::PATCH => Some(http::Method::Patch),
        Method::PUT => Some(http::Method::Put),
        Method::DELETE => Some(http::Method::Delete),
        _ => None,
    };
    let authorization = headers.get(header::AUTHORIZATION).and_then(|value| Some(value.to_str().ok()?.to_owned()));
    let request = Request { method, path: uri.path().to_owned(), query, authorization };
    let reply = shared.practice.handle(&request, shared.timeline.now());
    if !reply.delay.is_zero() {
        tokio::time::sleep(reply.delay).await;
    }
    drop(waiting);
    if reply.ending != Ending::Answered {
        line.cut();
    }
    let mut response = Response::new(Body::from(reply.body));
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in reply.headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

async fn counters(State(shared): State<Shared>) -> Response {
    axum::Json(shared.practice.counters()).into_response()
}

/// One JSON line per request.
async fn log(State(shared): State<Shared>) -> Response {
    let lines: Vec<String> =
        shared.practice.log().iter().map(|one| serde_json::json!(one).to_string() + "\n").collect();
    let lines = lines.concat();
    ([(header::CONTENT_TYPE, "application/x-ndjson")], lines).into_response()
}

async fn faults(State(shared): State<Shared>) -> Response {
    axum::Json(shared.practice.faults()).into_response()
}

async fn set_faults(State(shared): State<Shared>, axum::Json(faults): axum::Json<Faults>) -> Response {
    shared.practice.set_faults(faults);
    StatusCode::NO_CONTENT.into_response()
}

async fn set_load(State(shared): State<Shared>, axum::Json(load): axum::Json<Load>) -> Response {
    shared.practice.set_load(load);
    StatusCode::NO_CONTENT.into_response()
}

async fn script(State(shared): State<Shared>, axum::Json(events): axum::Json<Vec<Event>>) -> Response {
    shared.practice.script(events);
    StatusCode::NO_CONTENT.into_response()
}

async fn reset_counters(State(shared): State<Shared>) -> Response {
    shared.practice.reset_counters();
    StatusCode::NO_CONTENT.into_response()
}
