//! What an installation bears (`--probe-load`): how long a window, how many questions at once, before it gives up.

use serde::{Deserialize, Serialize};

/// What was tried, and what is proposed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Load {
    /// Windows, shortest first.
    pub windows: Vec<Trial>,
    /// Questions at once, fewest first.
    pub parallel: Vec<Trial>,
}

/// One try.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trial {
    /// Days, or questions at once.
    pub size: u32,
    /// Questions that failed.
    pub failed: u32,
    /// The longest answer in milliseconds.
    pub millis: u64,
}

impl Load {
    /// The longest window to be set: half of the first that failed leaves room for a busy morning.
    #[must_use]
    pub fn slice_days(&self) -> Option<u32> {
        let bad = self.windows.iter().find(|trial| trial.failed > 0);
        match bad {
            Some(bad) => self.windows.iter().map(|trial| trial.size).rfind(|size| *size * 2 <= bad.size).or(Some(1)),
            None => self.windows.last().map(|trial| trial.size),
        }
    }

    /// Questions at once to be set: 2 only if they are answered about as quickly as one; never more (design.md section 2).
    #[must_use]
    pub fn parallel(&self) -> Option<u32> {
        let one = self.parallel.iter().find(|trial| trial.size == 1)?;
        let two = self.parallel.iter().find(|trial| trial.size == 2);
        let quick = |two: &Trial| two.failed == 0 && two.millis <= one.millis.saturating_mul(3) / 2 + 200;
        Some(if two.is_some_and(quick) { 2 } else { 1 })
    }

    /// The first size that failed.
    #[must_use]
    pub fn breaks_at(trials: &[Trial]) -> Option<u32> {
        trials.iter().find(|trial| trial.failed > 0).map(|trial| trial.size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_proposed_leaves_room() {
        let trials = |all: &[(u32, u32, u64)]| -> Vec<Trial> {
            all.iter().map(|(size, failed, millis)| Trial { size: *size, failed: *failed, millis: *millis }).collect()
        };
        let check = |windows: &[(u32, u32, u64)], parallel: &[(u32, u32, u64)], wanted: (Option<u32>, Option<u32>)| {
            let load = Load { windows: trials(windows), parallel: trials(parallel) };
            assert_eq!((load.slice_days(), load.parallel()), wanted);
        };
        check(&[(1, 0, 9), (7, 0, 9), (14, 0, 9), (28, 1, 0)], &[(1, 0, 300), (2, 0, 500)], (Some(14), Some(2)));
        check(&[(1, 1, 0)], &[(1, 0, 300), (2, 1, 0)], (Some(1), Some(1)));
        check(&[(1, 0, 9), (7, 0, 9)], &[(1, 0, 3_000), (2, 0, 6_000)], (Some(7), Some(1)));
        check(&[], &[], (None, None));
    }
}
