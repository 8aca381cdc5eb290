//! What an answer's status means. Source: `ivoris-api.md` 4.2.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::http::{Response, TransportError, retry_after};

use super::body;
use super::error::{Error, Trouble};
use super::route::Route;

/// What is to be done about an outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The body is to be read.
    Read,
    /// Ask again, not before `after`.
    Again { what: Trouble, after: Option<Duration> },
    /// Asking again changes nothing.
    Over(Error),
}

/// Judges an outcome by its status; `record`: the question names a record.
pub(super) fn judge(
    route: Route,
    record: bool,
    outcome: Result<&Response, TransportError>,
    now: DateTime<Utc>,
) -> Verdict {
    let again = |what| Verdict::Again { what, after: None };
    let response = match outcome {
        Ok(response) => response,
        Err(TransportError::Unreachable) => return again(Trouble::Unreachable),
        Err(TransportError::Timeout) => return again(Trouble::Timeout),
        Err(TransportError::Cut) => return again(Trouble::Cut),
        Err(TransportError::Unsendable) => {
            return Verdict::Over(Error::Unreadable { route, what: Trouble::Unsendable, attempts: 1 });
        }
    };
    let status = response.status;
    let missing = Verdict::Over(Error::Missing { route, status: Some(status) });
    let gone = Verdict::Over(Error::Gone { route, status });
    match status {
        200..=299 => Verdict::Read,
        401 | 403 | 407 => Verdict::Over(Error::Credentials { route, status }),
        404 | 410 if record && !is_about_the_route(response) => gone,
        // A redirect leads to another server, a login page for instance.
        300..=399 | 404 | 405 | 410 | 501 => missing,
        400 if record && says_gone(response) => gone,
        408 | 425 | 429 | 500..=599 => {
            Verdict::Again { what: Trouble::Status(status), after: retry_after(response, now) }
        }
        0..=199 | 400..=499 | 600.. => Verdict::Over(Error::BadRequest { route, status }),
    }
}

/// The text that a missing record is refused with. Source: `ivoris-api.md` 4.1.
fn says_gone(response: &Response) -> bool {
    body::message(response).to_lowercase().contains("could not be found")
}

/// What the framework says when no such route exists, and a page of the relay or the web server in front.
///
/// A patient must not be taken for gone because a service is switched off.
fn is_about_the_route(response: &Response) -> bool {
    const TEXTS: [&str; 4] =
        ["no http resource was found", "no action was found", "no type was found", "no route matched"];
    let message = body::message(response).to_lowercase();
    body::is_page(response) || TEXTS.iter().any(|text| message.contains(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(record: bool, status: u16, body: &str) -> String {
        let response = Response { status, headers: Vec::new(), body: body.as_bytes().to_vec() };
        match judge(Route::Patient, record, Ok(&response), Utc::now()) {
            Verdict::Read => "read".to_owned(),
            Verdict::Again { .. } => "again".to_owned(),
            Verdict::Over(error) => match error {
                Error::Credentials { .. } => "credentials",
                Error::Missing { .. } => "missing",
                Error::Gone { .. } => "gone",
                Error::BadRequest { .. } => "refused",
                Error::Unreadable { .. } | Error::Unavailable { .. } | Error::Stopped => "other",
            }
            .to_owned(),
        }
    }

    #[test]
    fn statuses() {
        for (statuses, with_record, without) in [
            (&[200, 204][..], "read", "read"),
            (&[408, 425, 429, 500, 502, 503, 504, 524], "again", "again"),
            (&[401, 403, 407], "credentials", "credentials"),
            (&[404, 410], "gone", "missing"),
            (&[301, 302, 405, 501], "missing", "missing"),
            (&[400, 406, 409, 422, 423], "refused", "refused"),
        ] {
            for status in statuses {
                assert_eq!((word(true, *status, ""), word(false, *status, "")), (with_record.into(), without.into()));
            }
        }
    }

    #[test]
    fn a_missing_record_is_told_from_a_missing_route() {
        let gone = "The patient with Id 4711 could not be found.";
        assert_eq!(word(true, 400, gone), "gone");
        assert_eq!(word(true, 400, &format!("{{\"Message\":\"{gone}\"}}")), "gone");
        assert_eq!(word(true, 400, &format!("\"{gone}\"")), "gone");
        assert_eq!(word(false, 400, gone), "refused");
        assert_eq!(
            word(true, 404, r#"{"message":"No HTTP resource was found that matches the request URI."}"#),
            "missing"
        );
        assert_eq!(word(true, 404, "<html>404 - not found</html>"), "missing");
        assert_eq!(word(true, 404, r#"{"message":"Not found."}"#), "gone");
        assert_eq!(word(true, 500, r#"{"message":"An error has occurred."}"#), "again");
    }

    #[test]
    fn troubles_on_the_way() {
        let of = |error| judge(Route::Patient, true, Err(error), Utc::now());
        assert_eq!(of(TransportError::Timeout), Verdict::Again { what: Trouble::Timeout, after: None });
        assert!(matches!(of(TransportError::Unsendable), Verdict::Over(Error::Unreadable { .. })));
        let headers = vec![("retry-after".to_owned(), "7".to_owned())];
        let busy = Response { status: 503, headers, body: Vec::new() };
        let wanted = Verdict::Again { what: Trouble::Status(503), after: Some(Duration::from_secs(7)) };
        assert_eq!(judge(Route::Patient, true, Ok(&busy), Utc::now()), wanted);
    }
}
