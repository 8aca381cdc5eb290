//! What a client tells while it works, for the progress line.

use chrono::{DateTime, Utc};

use super::error::Trouble;

/// What happens between answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// An answer took much longer than usual: fewer are sent at once.
    Slow,
    /// The server is away; it is asked again at `until`.
    Waiting {
        /// The next probe.
        until: DateTime<Utc>,
        /// The last trouble.
        why: Trouble,
    },
    /// The server is back.
    Back,
    /// Quiet hours.
    Quiet {
        /// Their end.
        until: DateTime<Utc>,
    },
    /// So many requests at once from now on.
    Parallel(u32),
}
