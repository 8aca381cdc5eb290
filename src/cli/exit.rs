//! Exit codes (`cli.md` 2.2). Schedulers rely on them: a number never changes its meaning.

use std::process::ExitCode;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Everything is as it should be.
    Done = 0,
    /// A bug.
    Unexpected = 1,
    /// Usage, configuration, mapping or input file.
    Usage = 2,
    /// Finished, and something is left to do.
    Unfinished = 3,
    /// Credentials, compliance or portal.
    Refused = 4,
    /// The source.
    Ivoris = 5,
    /// The target.
    Hubspot = 6,
    /// The state or another file of ours.
    Storage = 7,
    /// The guard.
    Guard = 8,
    /// An account that does not add up.
    Invariant = 9,
    /// `--detailed-exitcode`
    Pending = 10,
    /// Another run.
    Locked = 11,
    /// Ctrl-C.
    Interrupted = 130,
    /// SIGTERM.
    Terminated = 143,
}

impl Exit {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 14] = [
        Self::Done,
        Self::Unexpected,
        Self::Usage,
        Self::Unfinished,
        Self::Refused,
        Self::Ivoris,
        Self::Hubspot,
        Self::Storage,
        Self::Guard,
        Self::Invariant,
        Self::Pending,
        Self::Locked,
        Self::Interrupted,
        Self::Terminated,
    ];

    /// The most urgent first. A signal ends a run in a consistent state, so what went wrong before counts more.
    const URGENCY: [Self; 14] = [
        Self::Invariant,
        Self::Storage,
        Self::Refused,
        Self::Usage,
        Self::Guard,
        Self::Unexpected,
        Self::Ivoris,
        Self::Hubspot,
        Self::Locked,
        Self::Interrupted,
        Self::Terminated,
        Self::Pending,
        Self::Unfinished,
        Self::Done,
    ];

    /// What it means, in one line.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Done => "done, or nothing to do",
            Self::Unexpected => "unexpected: a bug, please report it",
            Self::Usage => "usage, configuration, mapping or input file is wrong",
            Self::Unfinished => "finished, but records are held, rejected or unconfirmed",
            Self::Refused => "credentials, compliance or portal refuse",
            Self::Ivoris => "Ivoris is unavailable",
            Self::Hubspot => "HubSpot is unavailable or its limit is reached",
            Self::Storage => "local storage fails",
            Self::Guard => "the guard stopped the plan, approval is needed",
            Self::Invariant => "an invariant is violated, stopped",
            Self::Pending => "changes are pending (only with --detailed-exitcode)",
            Self::Locked => "another run holds the lock",
            Self::Interrupted => "stopped by Ctrl-C, the state is consistent",
            Self::Terminated => "stopped by SIGTERM, the state is consistent",
        }
    }

    /// Its number.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The most urgent of several.
    #[must_use]
    pub fn most_urgent(ends: impl IntoIterator<Item = Self>) -> Self {
        let place = |end: &Self| Self::URGENCY.iter().position(|have| have == end);
        ends.into_iter().min_by_key(place).unwrap_or(Self::Done)
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_urgent_wins() {
        let order = [9, 7, 4, 2, 8, 5, 6, 3];
        let by_code = |code: u8| Exit::ALL.into_iter().find(|exit| exit.code() == code).expect("a code");
        for (at, code) in order.iter().enumerate() {
            let rest = order.iter().skip(at).rev().map(|code| by_code(*code));
            assert_eq!(Exit::most_urgent(rest).code(), *code);
        }
        assert_eq!(Exit::most_urgent([]), Exit::Done);
        assert_eq!(Exit::most_urgent([Exit::Pending, Exit::Unfinished]), Exit::Pending);
    }

    #[test]
    fn every_code_has_its_number_and_its_urgency() {
        let codes: Vec<u8> = Exit::ALL.iter().map(|exit| exit.code()).collect();
        assert_eq!(codes, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 130, 143]);
        assert!(Exit::ALL.iter().all(|exit| Exit::URGENCY.contains(exit)));
    }
}
