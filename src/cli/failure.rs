//! What ends a command: the exit code, the sentence, and what to do next.

use crate::{apply, config, extract, hubspot, ivoris, pass, store};

use super::exit::Exit;

/// What to do when the disk refuses.
pub(super) const DISK_NEXT: &str = "make room, or make the state's folder writable; then run the same command again";

/// Why a command ends early.
#[derive(Debug)]
pub struct Failure {
    /// The exit code.
    pub exit: Exit,
    /// What went wrong, in one sentence without personal values; empty = it was told already.
    pub message: String,
    /// What to do or to type next.
    pub next: Option<String>,
}

impl Failure {
    /// A failure with a sentence.
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into(), next: None }
    }

    /// A failure whose problems were shown already.
    #[must_use]
    pub const fn told(exit: Exit) -> Self {
        Self { exit, message: String::new(), next: None }
    }

    /// The same with a next step.
    #[must_use]
    pub fn next(mut self, next: impl Into<String>) -> Self {
        self.next = Some(next.into());
        self
    }
}

impl From<hubspot::Error> for Failure {
    fn from(error: hubspot::Error) -> Self {
        let exit = match &error {
            hubspot::Error::Unauthorised { .. }
            | hubspot::Error::MissingScopes { .. }
            | hubspot::Error::WrongHost { .. }
            | hubspot::Error::Refused { .. }
            | hubspot::Error::Unsendable { .. } => Exit::Refused,
            hubspot::Error::DailyLimit | hubspot::Error::Moving { .. } | hubspot::Error::Unavailable { .. } => {
                Exit::Hubspot
            }
            hubspot::Error::Shape { .. } => Exit::Unexpected,
            hubspot::Error::Cancelled => Exit::Interrupted,
        };
        Self::new(exit, error.to_string())
    }
}

impl From<ivoris::Error> for Failure {
    fn from(error: ivoris::Error) -> Self {
        let exit = match &error {
            ivoris::Error::Credentials { .. } => Exit::Refused,
            ivoris::Error::Stopped => Exit::Interrupted,
            ivoris::Error::Unreadable { .. }
            | ivoris::Error::Unavailable { .. }
            | ivoris::Error::Missing { .. }
            | ivoris::Error::Gone { .. }
            | ivoris::Error::BadRequest { .. } => Exit::Ivoris,
        };
        Self::new(exit, error.to_string())
    }
}

impl From<store::Error> for Failure {
    fn from(error: store::Error) -> Self {
        let exit = if matches!(error, store::Error::Locked(_)) { Exit::Locked } else { Exit::Storage };
        let failure = Self::new(exit, error.to_string());
        if error.is_of_disk() {
            return failure.next(DISK_NEXT);
        }
        failure
    }
}

impl From<apply::Error> for Failure {
    fn from(error: apply::Error) -> Self {
        match error {
            apply::Error::Hubspot(error) => error.into(),
            apply::Error::Store(error) => error.into(),
            apply::Error::Unanswered(_) => Self::new(Exit::Hubspot, error.to_string()),
            apply::Error::Task => Self::new(Exit::Unexpected, error.to_string()),
        }
    }
}

impl From<pass::Error> for Failure {
    fn from(error: pass::Error) -> Self {
        let exit = match error {
            pass::Error::Hubspot(error) => return error.into(),
            pass::Error::Store(error) => return error.into(),
            pass::Error::Apply(error) => return error.into(),
            pass::Error::Ivoris(error) => return error.into(),
            pass::Error::Credentials { ref instance, status } => {
                let keys = if status == 403 { "app.name and app.key" } else { "user and password" };
                let next = format!("check ivoris.{instance}.{keys}, then: ivohub config check");
                return Self::new(Exit::Refused, error.to_string()).next(next);
            }
            pass::Error::Address { ref instance, .. } => {
                let next = format!(
                    "check ivoris.{instance}.base_url and linkname; the address ends in /webservice/api: ivohub explore {instance}"
                );
                return Self::new(Exit::Usage, error.to_string()).next(next);
            }
            pass::Error::TimeOver => Exit::Unfinished,
            pass::Error::WrongPortal { .. }
            | pass::Error::OtherPortal { .. }
            | pass::Error::Schema(_)
            | pass::Error::Adopt { .. } => Exit::Refused,
            pass::Error::PrefixChanged(_) | pass::Error::NoKey(_) => Exit::Usage,
            pass::Error::Undecided(_) => Exit::Unexpected,
        };
        Self::new(exit, error.to_string())
    }
}

impl From<extract::csv::Error> for Failure {
    fn from(error: extract::csv::Error) -> Self {
        Self::new(Exit::Usage, error.to_string())
    }
}

impl From<config::SecretError> for Failure {
    fn from(error: config::SecretError) -> Self {
        Self::new(Exit::Refused, error.to_string())
    }
}
