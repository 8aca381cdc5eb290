//! What is still to be asked for, one by one; what failed comes again when all others are through.

use std::collections::VecDeque;

use crate::ivoris::Error;

use super::tries::Tries;

/// Failures in a row after which nothing is worth more than its calls: it is not chance that all of them fail.
const HOPELESS: u32 = 40;

/// A unit that cannot be cut into smaller ones, and what it has been through.
#[derive(Clone, Debug)]
pub struct Task<T> {
    /// The unit.
    pub unit: T,
    tries: Tries,
}

/// Units on their way.
#[derive(Clone, Debug)]
pub struct Worklist<T> {
    left: VecDeque<Task<T>>,
    /// Failures since the last good reading.
    bad: u32,
}

impl<T> Worklist<T> {
    /// All of `units`, in order.
    #[must_use]
    pub fn new(units: impl IntoIterator<Item = T>) -> Self {
        let left = units.into_iter().map(|unit| Task { unit, tries: Tries::default() }).collect();
        Self { left, bad: 0 }
    }

    /// The next unit.
    pub fn take(&mut self) -> Option<Task<T>> {
        self.left.pop_front()
    }

    /// A unit was read.
    pub const fn read(&mut self) {
        self.bad = 0;
    }

    /// The unit could not be read; returns it when it has had its chances.
    pub fn unread(&mut self, mut task: Task<T>, error: &Error) -> Option<T> {
        task.tries.failed(error);
        self.bad = self.bad.saturating_add(1);
        if task.tries.are_all() || (self.bad >= HOPELESS && task.tries.are_one()) {
            return Some(task.unit);
        }
        self.left.push_back(task);
        None
    }

    /// How many are left.
    #[must_use]
    pub fn len(&self) -> usize {
        self.left.len()
    }

    /// Whether none is left.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.left.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ivoris::{Route, Trouble};

    fn error(attempts: u32) -> Error {
        Error::Unreadable { route: Route::Entries, what: Trouble::Status(504), attempts }
    }

    #[test]
    fn what_fails_comes_last_and_is_given_up_in_the_end() {
        let mut work = Worklist::new(["bad", "good"]);
        let (mut order, mut given_up) = (Vec::new(), None);
        while let Some(task) = work.take() {
            order.push(task.unit);
            if task.unit == "bad" {
                given_up = work.unread(task, &error(3));
            }
        }
        assert_eq!(order, ["bad", "good", "bad", "bad", "bad"]);
        assert_eq!(given_up, Some("bad"));
    }

    #[test]
    fn what_can_not_be_read_at_all_is_not_asked_for_twelve_times() {
        let mut work = Worklist::new(0..1_000);
        let (mut asked, mut given_up) = (0, 0);
        while let Some(task) = work.take() {
            asked += 1;
            given_up += u32::from(work.unread(task, &error(1)).is_some());
        }
        assert_eq!((asked, given_up), (3_000, 1_000));
    }
}
