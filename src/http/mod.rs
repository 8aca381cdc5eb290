//! One request, well sent: transport, classification, retry, pacing, redaction. Knows neither Ivoris nor HubSpot.
//!
//! Building a request, sending it, classifying the answer and waiting are four things; only [`Transport::send`] does I/O.
//! Effects (network, wall clock, randomness) are traits, so that a simulation can replace them; sleeping is `tokio::time`,
//! which a paused clock drives.

mod address;
mod base64;
mod breaker;
mod classify;
mod download;
mod effects;
mod flight;
mod latency;
mod network;
mod pace;
mod redact;
mod retry;
mod spacing;
mod transport;

pub use address::{AddressError, BaseUrl};
pub use base64::basic;
pub use breaker::{Breaker, BreakerRules, Gate, Outage, Probe};
pub use classify::{FailureClass, Operation, classify, retry_after};
pub use download::{Download, DownloadError, DownloadRules, Downloaded};
pub use effects::{Clock, Random, SeededRandom, SystemClock, SystemRandom};
pub use flight::{Flight, Seat};
pub use latency::{Latency, Speed};
pub use network::{Network, NetworkError, NetworkSettings};
pub use pace::{Pace, Told};
pub use redact::Redactor;
pub(crate) use redact::percent_encoded;
pub use retry::{RetryBudget, RetryPolicy};
pub use spacing::Spacing;
pub use transport::{Method, Request, Response, SendFuture, Transport, TransportError};
