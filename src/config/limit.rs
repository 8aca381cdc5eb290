//! Guard limits as people write them: a number, or a share of what exists.

use std::fmt;

use crate::plan::guard::Limit;

/// A limit as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WrittenLimit {
    /// At most so many.
    Count(u64),
    /// At most so many hundredths of what exists.
    Percent(u64),
}

/// Reads `200` or `20%`.
///
/// # Errors
/// What was expected.
pub fn parse(text: &str) -> Result<WrittenLimit, String> {
    let text = text.trim();
    let expected = || "expected a number such as 200 or a share such as 20%".to_owned();
    match text.strip_suffix('%') {
        Some(share) => {
            share.trim().parse().ok().filter(|percent| *percent <= 100).map(WrittenLimit::Percent).ok_or_else(expected)
        }
        None => text.parse().map(WrittenLimit::Count).map_err(|_| expected()),
    }
}

/// The guard of a live portal (design.md section 7).
pub const GUARD: Guarded = Guarded {
    creates: Limit { at_least: 200, percent: 5 },
    updates: Limit { at_least: 200, percent: 20 },
    closes: Limit { at_least: 20, percent: 1 },
};

/// A limit of each kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guarded {
    /// New contacts and deals together.
    pub creates: Limit,
    /// Changed contacts or deals.
    pub updates: Limit,
    /// Closed deals.
    pub closes: Limit,
}

impl WrittenLimit {
    /// The limit for runs: a number is exact, a share of a portal that is still small never goes below the default number.
    #[must_use]
    pub const fn limit(self, default: Limit) -> Limit {
        match self {
            Self::Count(at_least) => Limit { at_least, percent: 0 },
            Self::Percent(percent) => Limit { at_least: default.at_least, percent },
        }
    }
}

/// As it is written.
impl fmt::Display for WrittenLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(count) => write!(f, "{count}"),
            Self::Percent(percent) => write!(f, "{percent}%"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_shares() {
        assert_eq!(parse("200"), Ok(WrittenLimit::Count(200)));
        assert_eq!(parse(" 20 % "), Ok(WrittenLimit::Percent(20)));
        for bad in ["", "%", "-1", "101%", "2.5%", "viel"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
        let default = Limit { at_least: 200, percent: 5 };
        assert_eq!(WrittenLimit::Percent(20).limit(default), Limit { at_least: 200, percent: 20 });
        assert_eq!(WrittenLimit::Count(3).limit(default), Limit { at_least: 3, percent: 0 });
        assert_eq!(
            (WrittenLimit::Count(3).to_string(), WrittenLimit::Percent(20).to_string()),
            ("3".into(), "20%".into())
        );
    }
}
