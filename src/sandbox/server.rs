//! A portal over real HTTP on this machine, with control routes under `/_sandbox/` beside HubSpot's own.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::connect_info::Connected;
use axum::extract::{ConnectInfo, DefaultBodyLimit, Query, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::serve::{IncomingStream, Listener};
use chrono::Utc;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::domain::Object;
use crate::http;

use super::hubspot::{Faults, Portal, Request};
use super::in_process::{Timeline, bearer};

/// Largest request body: 2,000 links are about 250 KiB.
const BODY: usize = 16 * 1024 * 1024;

/// A portal that listens.
#[derive(Debug)]
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    stop: CancellationToken,
    task: JoinHandle<io::Result<()>>,
}

impl Running {
    /// `http://127.0.0.1:<port>`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Answers what is under way and ends.
    ///
    /// # Errors
    /// What the listener died of, if it did.
    pub async fn stop(self) -> io::Result<()> {
        self.stop.cancel();
        self.task.await.unwrap_or_else(|error| Err(io::Error::other(error)))
    }
}

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
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let address = listener.local_addr()?;
        let stop = CancellationToken::new();
        let app = Router::new()
            .route("/_sandbox/counters", get(counters))
            .route("/_sandbox/faults", get(faults).put(set_faults))
            .route("/_sandbox/state", get(state))
            .route("/_sandbox/reset-counters", post(reset_counters))
            .fallback(answer)
            .layer(DefaultBodyLimit::max(BODY))
            .with_state(Shared { portal, timeline: Timeline::from(Utc::now()) })
            .into_make_service_with_connect_info::<Line>();
        let ended = stop.clone();
        let serving = axum::serve(Fragile(listener), app).with_graceful_shutdown(ended.cancelled_owned());
        let task = tokio::spawn(serving.into_future());
        Ok(Running { address, stop, task })
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

/// A switch that breaks one connection.
#[derive(Clone, Debug, Default)]
struct Line(Arc<AtomicBool>);

impl Line {
    fn cut(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn check(&self) -> io::Result<()> {
        if self.0.load(Ordering::Relaxed) { Err(io::ErrorKind::ConnectionReset.into()) } else { Ok(()) }
    }
}

/// Accepts connections that can be broken.
struct Fragile(TcpListener);

impl Listener for Fragile {
    type Io = FragileStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        let (stream, address) = Listener::accept(&mut self.0).await;
        // Small answers must not wait for each other; without it a call costs 40 ms.
        drop(stream.set_nodelay(true));
        (FragileStream { stream, line: Line::default() }, address)
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.0.local_addr()
    }
}

impl Connected<IncomingStream<'_, Fragile>> for Line {
    fn connect_info(stream: IncomingStream<'_, Fragile>) -> Self {
        stream.io().line.clone()
    }
}

/// A connection that ends without a word once its line is cut.
struct FragileStream {
    stream: TcpStream,
    line: Line,
}

impl AsyncRead for FragileStream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for FragileStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.line.check()?;
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.line.check()?;
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
