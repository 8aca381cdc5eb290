//! What is still to be asked for, one by one; what failed comes again when all others are through.

use std::collections::VecDeque;

use super::slices::{CHANCES, Unread};

/// Units that cannot be cut into smaller ones.
#[derive(Clone, Debug)]
pub struct Worklist<T> {
    left: VecDeque<(T, u32)>,
}

impl<T> Worklist<T> {
    /// All of `units`, in order.
    #[must_use]
    pub fn new(units: impl IntoIterator<Item = T>) -> Self {
        Self { left: units.into_iter().map(|unit| (unit, 0)).collect() }
    }

    /// The next unit, and how often it has failed.
    pub fn take(&mut self) -> Option<(T, u32)> {
        self.left.pop_front()
    }

    /// The unit could not be read; returns it when it has had its chances.
    pub fn unread(&mut self, unit: T, failed: u32) -> (Unread, Option<T>) {
        if failed + 1 >= CHANCES {
            return (Unread::GivenUp, Some(unit));
        }
        self.left.push_back((unit, failed + 1));
        (Unread::Later, None)
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

    #[test]
    fn what_fails_comes_last_and_is_given_up_in_the_end() {
        let mut work = Worklist::new(["bad", "good"]);
        let (mut order, mut given_up) = (Vec::new(), None);
        while let Some((unit, failed)) = work.take() {
            order.push(unit);
            if unit == "bad" {
                given_up = work.unread(unit, failed).1;
            }
        }
        assert_eq!(order, ["bad", "good", "bad", "bad", "bad"]);
        assert_eq!(given_up, Some("bad"));
    }
}
