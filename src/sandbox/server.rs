//! A portal over real HTTP on this machine, with control routes under `/_sandbox/` beside HubSpot's own.

use std::io;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, DefaultBodyLimit, Query, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use chrono::Utc;

use crate::domain::Object;
use crate::http;

use super::hubspot::{Faults, Portal, Request};
use super::in_process::{Timeline, bearer};
use super::line::{self, Line};

pub use super::line::Running;

/// Largest request body: 2,000 links are about 250 KiB.
const BODY: usize = 16 * 1024 * 1024;

/// Serves portals over HTTP.
#[derive(Clone, Copy, Debug)]
pub struct Server;

#[derive(Clone)]
struct Shared {
    portal: Portal,
    timeline: Timeline,
}

impl Server {
    /// Listens on 127.0.0.1 and answers until stopped; port 0 takes any that is free.
    ///
    /// # Errors
    /// When the port cannot be had.
    pub async fn start(portal: Portal, port: u16) -> io::Result<Running> {
        let app = Router::new()
            .route("/_sandbox/counters", get(counters))
            .route("/_sandbox/faults", get(faults).put(set_faults))
            .route("/_sandbox/state", get(state))
            .route("/_sandbox/reset-counters", post(reset_counters))
            .fallback(answer)
            .layer(DefaultBodyLimit::max(BODY))
            .with_state(Shared { portal, timeline: Timeline::from(Utc::now()) });
        line::listen(app, port).await
    }
}

/// Carries a request to the portal and its reply back, or breaks the line.
async fn answer(
    State(shared): State<Shared>,
    ConnectInfo(line): ConnectInfo<Line>,
    (method, uri, headers): (Method, Uri, HeaderMap),
    Query(query): Query<Vec<(String, String)>>,
    body: Bytes,
) -> Response {
    let method = match method {
        Method::GET => http::Method::Get,
        Method::POST => http::Method::Post,
        Method::PATCH => http::Method::Patch,
        Method::PUT => http::Method::Put,
        Method::DELETE => http::Method::Delete,
        _ => return StatusCode::METHOD_NOT_ALLOWED.into_response(),
    };
    let bearer = headers.get(header::AUTHORIZATION).and_then(|value| bearer(value.to_str().ok()?));
    let request = Request { method, path: uri.path().to_owned(), query, bearer, body: body.into() };
    let reply = shared.portal.handle(&request, shared.timeline.now());
    if !reply.delay.is_zero() {
        tokio::time::sleep(reply.delay).await;
    }
    if reply.cut {
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
    axum::Json(shared.portal.counters()).into_response()
}

async fn faults(State(shared): State<Shared>) -> Response {
    axum::Json(shared.portal.faults()).into_response()
}

async fn set_faults(State(shared): State<Shared>, axum::Json(faults): axum::Json<Faults>) -> Response {
    shared.portal.set_faults(faults);
    StatusCode::NO_CONTENT.into_response()
}

async fn reset_counters(State(shared): State<Shared>) -> Response {
    shared.portal.reset_counters();
    StatusCode::NO_CONTENT.into_response()
}

/// `?object=contact`, or all objects.
async fn state(State(shared): State<Shared>, Query(query): Query<Vec<(String, String)>>) -> Response {
    let asked = query.iter().find(|(name, _)| name == "object").map(|(_, value)| Object::from_word(value));
    let objects = match asked {
        None => Object::ALL.to_vec(),
        Some(Some(object)) => vec![object],
        Some(None) => return (StatusCode::BAD_REQUEST, "object must be contact, appointment or deal").into_response(),
    };
    let lines: String = objects.into_iter().map(|object| shared.portal.state_lines(object)).collect();
    ([(header::CONTENT_TYPE, "application/x-ndjson")], lines).into_response()
}
