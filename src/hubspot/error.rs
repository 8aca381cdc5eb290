//! Why a run cannot go on, and why one record cannot.

use std::fmt;
use std::time::Duration;

use crate::domain::{HubspotId, PropertyName};

use super::wire::error::{Detail, ErrorBody, token};

/// Why the run cannot go on. No variant holds a value of a record or text that HubSpot wrote.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// 401. Exit code 4.
    #[error("hubspot does not accept the token (401 on {route}); make or rotate the key under Development → Keys")]
    Unauthorised {
        /// Route template.
        route: &'static str,
    },
    /// 403. Exit code 4.
    #[error("the hubspot key lacks a scope (403 on {route}): {}", scopes_text(.scopes))]
    MissingScopes {
        /// Route template.
        route: &'static str,
        /// What HubSpot asks for; any one may be enough. Empty if it does not say.
        scopes: Vec<String>,
    },
    /// The portal's calls of the day are used up. Exit code 6.
    #[error("hubspot's daily limit is reached; run the same command again after midnight in the portal's time zone")]
    DailyLimit,
    /// 477: the portal moves to another data centre. Exit code 6.
    #[error("the portal is moving to another data centre (477); run the same command again{}", later(*.after))]
    Moving {
        /// When HubSpot wants to be asked again.
        after: Option<Duration>,
    },
    /// The attempts or the run's budget of retries are used up, or HubSpot asks to wait too long. Exit code 6.
    #[error("hubspot is unavailable ({reason} on {route}, {attempts} attempts); run the same command again{}", later(*.after))]
    Unavailable {
        /// Route template.
        route: &'static str,
        /// The last failure: a status or what the transport says.
        reason: String,
        /// How often the request was sent.
        attempts: u32,
        /// When the server wants to be asked again, if it said so.
        after: Option<Duration>,
    },
    /// A redirect or another answer that no HubSpot gives. Exit code 4.
    #[error("the answer to {route} is not hubspot's (status {status}); check base_url and proxy")]
    WrongHost {
        /// Route template.
        route: &'static str,
        /// Status of the answer.
        status: u16,
    },
    /// A request that is not about one record was refused. Exit code 4.
    #[error("hubspot refused {route} (status {status}): {rejection}")]
    Refused {
        /// Route template.
        route: &'static str,
        /// Status of the answer.
        status: u16,
        /// Codes.
        rejection: Rejection,
    },
    /// An answer of an unknown shape. Exit code 1.
    #[error("the answer to {route} has an unknown shape at line {line}, column {column}; report this")]
    Shape {
        /// Route template.
        route: &'static str,
        /// Line of the body.
        line: usize,
        /// Column of the body.
        column: usize,
    },
    /// The request could not be built, for instance a token with a line break. Exit code 4.
    #[error("the request to {route} could not be built; check that the token is one line without blanks")]
    Unsendable {
        /// Route template.
        route: &'static str,
    },
    /// The run was asked to stop. Exit code 130.
    #[error("stopped on request")]
    Cancelled,
}

fn scopes_text(scopes: &[String]) -> String {
    if scopes.is_empty() { "hubspot does not say which".to_owned() } else { format!("add {}", scopes.join(", ")) }
}

fn later(after: Option<Duration>) -> String {
    after.map_or_else(String::new, |after| format!(" in {} s", after.as_secs().max(1)))
}

/// What a caller branches on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RejectionKind {
    /// A unique value (e-mail, key) belongs to another record.
    Conflict,
    /// The record is gone, or never was.
    NotFound,
    /// Values of properties do not pass; see [`Rejection::properties`].
    Property,
    /// Anything else.
    Other,
}

/// Why HubSpot refused one record: codes and property names, never its message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// What a caller branches on.
    pub kind: RejectionKind,
    /// `CATEGORY` or `CATEGORY/CODE` (`VALIDATION_ERROR/INVALID_OPTION`).
    pub code: String,
    /// Properties that HubSpot names, sorted.
    pub properties: Vec<PropertyName>,
    /// The record that holds the value already, for a conflict.
    pub existing_id: Option<HubspotId>,
}

/// `VALIDATION_ERROR/INVALID_OPTION (ivoris_location)`.
impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.code)?;
        let names: Vec<&str> = self.properties.iter().map(PropertyName::as_str).collect();
        if names.is_empty() { Ok(()) } else { write!(f, " ({})", names.join(", ")) }
    }
}

impl Rejection {
    /// Reads codes, property names and the existing id out of an error body of any known form.
    pub(super) fn from_body(body: &ErrorBody) -> Self {
        let embedded = body.embedded();
        let codes = || body.errors.iter().map(Detail::code).chain(embedded.iter().map(Detail::code));
        let category = token(body.category.as_deref().or(body.error_type.as_deref()));
        let code = codes().flatten().next().or_else(|| body.sub_category());
        let mut properties: Vec<PropertyName> = body
            .errors
            .iter()
            .chain(&embedded)
            .flat_map(Detail::properties)
            .chain(body.context_tokens("propertyName"))
            .map(|name| PropertyName::new(&name))
            .collect();
        properties.sort();
        properties.dedup();
        let is = |words: &[&str]| {
            words.iter().any(|word| category.as_deref() == Some(word) || code.as_deref() == Some(word))
        };
        let kind = if is(&["CONFLICT", "OBJECT_ALREADY_EXISTS", "CONFLICTING_UNIQUE_VALUE"]) {
            RejectionKind::Conflict
        } else if is(&["OBJECT_NOT_FOUND", "NOT_FOUND"]) {
            RejectionKind::NotFound
        } else if properties.is_empty() {
            RejectionKind::Other
        } else {
            RejectionKind::Property
        };
        let category = category.unwrap_or_else(|| "UNNAMED".to_owned());
        let code = code.map_or_else(|| category.clone(), |code| format!("{category}/{code}"));
        Self { kind, code, properties, existing_id: body.existing_id() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(body: &str, kind: RejectionKind, text: &str, existing: Option<u64>) {
        let rejection = Rejection::from_body(&ErrorBody::parse(body.as_bytes()));
        assert_eq!((rejection.kind, rejection.to_string().as_str()), (kind, text), "{body}");
        assert_eq!(rejection.existing_id.map(|id| id.0), existing, "{body}");
    }

    #[test]
    fn bodies_become_codes_and_names_never_values() {
        check(
            r#"{"status":"error","message":"Property values were not valid: [{\"isValid\":false,\"message\":\"Eva was not one of\",\"error\":\"INVALID_OPTION\",\"name\":\"ivoris_location\"}]","category":"VALIDATION_ERROR"}"#,
            RejectionKind::Property,
            "VALIDATION_ERROR/INVALID_OPTION (ivoris_location)",
            None,
        );
        check(
            r#"{"category":"VALIDATION_ERROR","errors":[{"message":"x","code":"PROPERTY_DOESNT_EXIST","context":{"propertyName":["b"]}},{"message":"y","code":"OTHER","context":{"propertyName":["a"]}}]}"#,
            RejectionKind::Property,
            "VALIDATION_ERROR/PROPERTY_DOESNT_EXIST (a, b)",
            None,
        );
        check(
            r#"{"category":"CONFLICT","message":"Contact already exists. Existing ID: 99"}"#,
            RejectionKind::Conflict,
            "CONFLICT",
            Some(99),
        );
        check(
            r#"{"category":"CONFLICT","message":"…","context":{"existingId":["171"],"objectWriteTraceId":["r1"]}}"#,
            RejectionKind::Conflict,
            "CONFLICT",
            Some(171),
        );
        check(
            r#"{"category":"VALIDATION_ERROR","errors":[{"code":"CONFLICTING_UNIQUE_VALUE","message":"eva@example.org"}]}"#,
            RejectionKind::Conflict,
            "VALIDATION_ERROR/CONFLICTING_UNIQUE_VALUE",
            None,
        );
        check(
            r#"{"category":"OBJECT_NOT_FOUND","subCategory":{"name":"x"},"context":{"ids":["7"]}}"#,
            RejectionKind::NotFound,
            "OBJECT_NOT_FOUND",
            None,
        );
        check(r#"{"category":"Eva Mustermann","message":"Eva"}"#, RejectionKind::Other, "UNNAMED", None);
        check("<html>Bad gateway Eva</html>", RejectionKind::Other, "UNNAMED", None);
    }
}
