//! What may be done about a failed request.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::transport::{Response, TransportError};

/// What may be done about a failed request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureClass {
    /// Certainly not done, or a read: send again, not before `after`.
    Retry {
        /// What the server asked for.
        after: Option<Duration>,
    },
    /// Perhaps done: look first.
    InDoubt,
    /// This record will not pass as it is; the next one may.
    Rejected,
    /// No request will pass: stop the run.
    Fatal,
}

/// What kind of request failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    /// Changes nothing.
    Read,
    /// Writes values under a key or a record id: twice is the same as once.
    KeyedWrite,
    /// Links two records: twice is the same as once.
    Link,
    /// Cannot be taken back (merge, archive).
    Destructive,
}

impl Operation {
    /// Whether the request may be sent again although it may have been carried out.
    #[must_use]
    pub const fn repeats_safely(self) -> bool {
        match self {
            Self::Read => true,
            // A later write may lie between the two: the caller looks first.
            Self::KeyedWrite | Self::Link | Self::Destructive => false,
        }
    }
}

/// Classifies an outcome; `None` means it is an answer (2xx).
///
/// Source: `hubspot-api.md` section 3.4, `reliability.md` 1b, `style.md` section 6.
#[must_use]
pub fn classify(
    outcome: Result<&Response, TransportError>,
    operation: Operation,
    now: DateTime<Utc>,
) -> Option<FailureClass> {
    let response = match outcome {
        Ok(response) => response,
        Err(TransportError::Unreachable) => return Some(FailureClass::Retry { after: None }),
        Err(TransportError::Unsendable) => return Some(FailureClass::Fatal),
        Err(TransportError::Timeout | TransportError::Cut) => return Some(doubt(operation, None)),
    };
    let after = retry_after(response, now);
    match response.status {
        200..=299 => None,
        // Refused before anything was done: too early, too many, locked.
        423 | 425 | 429 => Some(FailureClass::Retry { after }),
        // The server gave up on a request it may have taken.
        408 | 500..=599 => Some(doubt(operation, after)),
        // A redirect is a wrong host; without credentials nothing passes.
        0..=199 | 300..=399 | 401 | 403 | 407 => Some(FailureClass::Fatal),
        400..=499 | 600.. => Some(FailureClass::Rejected),
    }
}

const fn doubt(operation: Operation, after: Option<Duration>) -> FailureClass {
    if operation.repeats_safely() { FailureClass::Retry { after } } else { FailureClass::InDoubt }
}

/// `Retry-After` as a duration from `now`: whole seconds or an HTTP date.
#[must_use]
pub fn retry_after(response: &Response, now: DateTime<Utc>) -> Option<Duration> {
    let text = response.header("retry-after")?.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let until = DateTime::parse_from_rfc2822(text).ok()?.with_timezone(&Utc);
    Some((until - now).to_std().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        DateTime::parse_from_rfc3339("2026-11-24T08:00:00Z").expect("a time").with_timezone(&Utc)
    }

    fn answer(status: u16, after: Option<&str>) -> Response {
        let headers = after.map(|text| ("retry-after".to_owned(), text.to_owned())).into_iter().collect();
        Response { status, headers, body: Vec::new() }
    }

    /// One letter per operation in the order read, keyed write, link, destructive:
    /// `-` no failure, `r` retry, `d` in doubt, `j` rejected, `f` fatal.
    fn row(outcome: Result<&Response, TransportError>) -> String {
        [Operation::Read, Operation::KeyedWrite, Operation::Link, Operation::Destructive]
            .map(|operation| match classify(outcome, operation, now()) {
                None => '-',
                Some(FailureClass::Retry { .. }) => 'r',
                Some(FailureClass::InDoubt) => 'd',
                Some(FailureClass::Rejected) => 'j',
                Some(FailureClass::Fatal) => 'f',
            })
            .iter()
            .collect()
    }

    #[test]
    fn status_by_operation() {
        for (statuses, wanted) in [
            (&[200, 201, 204, 207][..], "----"),
            (&[301, 302, 304, 307], "ffff"),
            (&[401, 403, 407], "ffff"),
            (&[400, 404, 405, 409, 410, 413, 414, 415, 422], "jjjj"),
            (&[423, 425, 429], "rrrr"),
            (&[408, 500, 502, 503, 504, 521, 522, 523, 524, 525, 526], "rddd"),
        ] {
            for &status in statuses {
                assert_eq!(row(Ok(&answer(status, None))), wanted, "status {status}");
            }
        }
        assert_eq!(row(Err(TransportError::Unreachable)), "rrrr");
        assert_eq!(row(Err(TransportError::Timeout)), "rddd");
        assert_eq!(row(Err(TransportError::Cut)), "rddd");
        assert_eq!(row(Err(TransportError::Unsendable)), "ffff");
    }

    #[test]
    fn retry_after_wins_in_both_spellings() {
        let wait = |text| retry_after(&answer(429, Some(text)), now());
        assert_eq!(wait("7"), Some(Duration::from_secs(7)));
        assert_eq!(wait("Tue, 24 Nov 2026 08:00:30 GMT"), Some(Duration::from_secs(30)));
        assert_eq!(wait("Tue, 24 Nov 2026 07:00:00 GMT"), Some(Duration::ZERO), "past");
        assert_eq!(wait("soon"), None);
        let class = classify(Ok(&answer(429, Some("7"))), Operation::KeyedWrite, now());
        assert_eq!(class, Some(FailureClass::Retry { after: Some(Duration::from_secs(7)) }));
    }
}
