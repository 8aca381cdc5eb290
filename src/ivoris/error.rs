//! Why a call has no answer. No variant holds a URL, an id, or text that the server wrote.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::route::Route;

/// What went wrong with one exchange; another try may go well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trouble {
    /// No connection.
    Unreachable,
    /// No answer in time.
    Timeout,
    /// The connection broke.
    Cut,
    /// The request could not be built: a bug, or a profile whose path lacks a value.
    Unsendable,
    /// 408, 425, 429, or 5xx.
    Status(u16),
    /// 2xx with a web page.
    Html,
    /// 2xx with text that is not JSON.
    NotJson,
    /// 2xx with JSON that breaks off.
    Truncated,
    /// 2xx with nothing where something must be.
    EmptyBody,
    /// JSON, but neither a list nor an object that holds exactly one.
    NotAList,
    /// JSON, but not one record.
    NotARecord,
    /// JSON, but not one text.
    NotAText,
}

impl Trouble {
    /// A short word for counters: `504`, `timeout`, `html`.
    #[must_use]
    pub fn word(self) -> String {
        match self {
            Self::Unreachable => "unreachable".to_owned(),
            Self::Timeout => "timeout".to_owned(),
            Self::Cut => "cut".to_owned(),
            Self::Unsendable => "unsendable".to_owned(),
            Self::Status(status) => status.to_string(),
            Self::Html => "html".to_owned(),
            Self::NotJson => "not_json".to_owned(),
            Self::Truncated => "truncated".to_owned(),
            Self::EmptyBody => "empty_body".to_owned(),
            Self::NotAList => "not_a_list".to_owned(),
            Self::NotARecord => "not_a_record".to_owned(),
            Self::NotAText => "not_a_text".to_owned(),
        }
    }

    /// Whether smaller questions may help: the server took too long, or its answer broke off.
    #[must_use]
    pub const fn may_be_size(self) -> bool {
        match self {
            Self::Timeout | Self::Cut | Self::Truncated | Self::Status(_) | Self::EmptyBody | Self::Html => true,
            Self::Unreachable
            | Self::Unsendable
            | Self::NotJson
            | Self::NotAList
            | Self::NotARecord
            | Self::NotAText => false,
        }
    }

    /// Whether the server itself has answered, if not as expected.
    #[must_use]
    pub(super) const fn is_answer(self) -> bool {
        matches!(self, Self::NotAList | Self::NotARecord | Self::NotAText)
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable => f.write_str("no connection (name, port, certificate or proxy)"),
            Self::Timeout => f.write_str("no answer in time"),
            Self::Cut => f.write_str("connection cut before the answer was complete"),
            Self::Unsendable => f.write_str("request could not be built"),
            Self::Status(status) => write!(f, "status {status}"),
            Self::Html => f.write_str("a web page instead of data"),
            Self::NotJson => f.write_str("an answer that is not JSON"),
            Self::Truncated => f.write_str("an answer that breaks off"),
            Self::EmptyBody => f.write_str("an empty answer"),
            Self::NotAList => f.write_str("an answer that is not a list"),
            Self::NotARecord => f.write_str("an answer that is not one record"),
            Self::NotAText => f.write_str("an answer that is not one text"),
        }
    }
}

/// Why a call has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Transient trouble until the attempts, or the budget of retries, were used up; the server as such is there.
    #[error("ivoris did not answer {route} ({what}, {attempts} attempts)")]
    Unreadable {
        /// What was asked.
        route: Route,
        /// The last trouble.
        what: Trouble,
        /// How often it was sent; fewer than configured when the budget of retries was empty.
        attempts: u32,
    },
    /// The server is away, and the time to wait for it is over. Exit code 5.
    #[error("ivoris has not answered since {}; run the same command again", since.format("%Y-%m-%d %H:%M UTC"))]
    Unavailable {
        /// What was asked.
        route: Route,
        /// Since when nothing answers, or when the time for the run was over.
        since: DateTime<Utc>,
    },
    /// 401, 403 or 407. Nothing more is sent. Exit code 4.
    #[error("ivoris does not accept the credentials (status {status} on {route})")]
    Credentials {
        /// What was asked first.
        route: Route,
        /// Status of the answer.
        status: u16,
    },
    /// The route is not there (404, 405, 501, redirect, switched off in the profile): use the fallback.
    #[error("this ivoris does not offer {route}{}", in_status(*.status))]
    Missing {
        /// What was asked.
        route: Route,
        /// Status of the answer; `None` when the profile has switched the route off.
        status: Option<u16>,
    },
    /// The record that a list was asked for (a patient) is not there.
    #[error("ivoris does not know the record that {route} was asked for (status {status})")]
    Gone {
        /// What was asked.
        route: Route,
        /// Status of the answer.
        status: u16,
    },
    /// Another refusal (4xx): this question will not pass, the next one may.
    #[error("ivoris refused {route} (status {status})")]
    BadRequest {
        /// What was asked.
        route: Route,
        /// Status of the answer.
        status: u16,
    },
    /// The run was asked to stop. Exit code 130.
    #[error("stopped on request")]
    Stopped,
}

fn in_status(status: Option<u16>) -> String {
    status.map_or_else(|| " (switched off in the route profile)".to_owned(), |status| format!(" (status {status})"))
}
