//! What mapping noticed about a record: counted and listed, never a reason to stop.

use std::fmt;

/// One thing about a record that an operator should know. Holds no personal value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Notice {
    /// The landline is no valid number; it was left out.
    InvalidPhone,
    /// The mobile number is no valid number; it was left out.
    InvalidMobile,
    /// The e-mail field holds no valid address; it was left out.
    InvalidEmail,
    /// The e-mail field holds several addresses; the first valid one is used.
    SeveralEmails,
    /// Another patient owns the address; it stands in `ivoris_email` only.
    SharedEmail,
    /// The appointment ends before it starts; it is written without end.
    EndBeforeStart,
    /// The start does not exist in March (shifted forward) or exists twice in October (first taken).
    ClockChange,
    /// No row in `terminarten.csv`; holds the text.
    UnknownTemplate(String),
    /// No row in `status.csv` for the state; holds the text.
    UnknownStatus(String),
    /// No row in `status.csv` for the confirmation, which therefore changes nothing; holds the text.
    UnknownConfirmation(String),
    /// No location could be resolved.
    UnknownLocation,
    /// No row in `eintragsarten.csv`; holds type and schedule as written, never code or text.
    UnknownEntryKind {
        /// `Typ`.
        kind: String,
        /// `Gebührenart`.
        schedule: String,
    },
}

impl Notice {
    /// The word under which notices of this kind are counted.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::InvalidPhone => "invalid phone",
            Self::InvalidMobile => "invalid mobile",
            Self::InvalidEmail => "invalid e-mail",
            Self::SeveralEmails => "several e-mails",
            Self::SharedEmail => "shared e-mail",
            Self::EndBeforeStart => "end before start",
            Self::ClockChange => "clock change",
            Self::UnknownTemplate(_) => "unknown Terminart",
            Self::UnknownStatus(_) => "unknown status",
            Self::UnknownConfirmation(_) => "unknown confirmation",
            Self::UnknownLocation => "unknown location",
            Self::UnknownEntryKind { .. } => "unknown entry kind",
        }
    }
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownTemplate(value) | Self::UnknownStatus(value) | Self::UnknownConfirmation(value) => {
                write!(f, "{} \"{value}\"", self.word())
            }
            Self::UnknownEntryKind { kind, schedule } if schedule.is_empty() => write!(f, "{} \"{kind}\"", self.word()),
            Self::UnknownEntryKind { kind, schedule } => write!(f, "{} \"{kind}\" ({schedule})", self.word()),
            Self::InvalidPhone
            | Self::InvalidMobile
            | Self::InvalidEmail
            | Self::SeveralEmails
            | Self::SharedEmail
            | Self::EndBeforeStart
            | Self::ClockChange
            | Self::UnknownLocation => f.write_str(self.word()),
        }
    }
}
