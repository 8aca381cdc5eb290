//! Guard limits as people write them: a number, or a share of what exists.

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

impl WrittenLimit {
    /// The limit as it stands, for one run.
    #[must_use]
    pub const fn exact(self) -> Limit {
        match self {
            Self::Count(at_least) => Limit { at_least, percent: 0 },
            Self::Percent(percent) => Limit { at_least: 0, percent },
        }
    }

    /// The limit for every run: a share of a portal that is still small never goes below the default number.
    #[must_use]
    pub const fn standing(self, default: Limit) -> Limit {
        match self {
            Self::Count(at_least) => Limit { at_least, percent: 0 },
            Self::Percent(percent) => Limit { at_least: default.at_least, percent },
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
        assert_eq!(WrittenLimit::Percent(20).standing(default), Limit { at_least: 200, percent: 20 });
        assert_eq!(WrittenLimit::Percent(20).exact(), Limit { at_least: 0, percent: 20 });
    }
}
