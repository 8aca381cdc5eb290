//! Days of the calendar, cut into slices that the server can bear: halved on trouble, doubled after good readings.

use std::collections::{BTreeMap, VecDeque};

use chrono::{Days, NaiveDate};

use crate::ivoris::Error;

use super::tries::Tries;

/// Days from `from` to `to`, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// First day.
    pub from: NaiveDate,
    /// Last day; never before the first.
    pub to: NaiveDate,
}

impl Span {
    /// Days from `from` to `to`; nothing when `to` lies before `from`.
    #[must_use]
    pub fn new(from: NaiveDate, to: NaiveDate) -> Option<Self> {
        (from <= to).then_some(Self { from, to })
    }

    /// How many days.
    #[must_use]
    pub fn days(self) -> u32 {
        u32::try_from((self.to - self.from).num_days()).unwrap_or(0) + 1
    }

    /// Whether `day` is one of them.
    #[must_use]
    pub fn holds(self, day: NaiveDate) -> bool {
        (self.from..=self.to).contains(&day)
    }

    /// The first `days` days, and the rest.
    fn cut(self, days: u32) -> (Self, Option<Self>) {
        let last = self.from + Days::new(u64::from(days.max(1)) - 1);
        if last >= self.to {
            return (self, None);
        }
        (Self { to: last, ..self }, Some(Self { from: last + Days::new(1), ..self }))
    }

    /// What is left of it without `other`.
    fn without(self, other: Self) -> impl Iterator<Item = Self> {
        let before = other.from.pred_opt().and_then(|day| Self::new(self.from, day.min(self.to)));
        let after = other.to.succ_opt().and_then(|day| Self::new(day.max(self.from), self.to));
        before.into_iter().chain(after)
    }
}

/// What becomes of a slice that could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unread {
    /// It is asked for once more: so far it may have been chance.
    Again,
    /// Its halves are read instead.
    Halved,
    /// It is a single day and comes again when all others are through.
    Later,
    /// It is a single day and has had its chances: a gap.
    GivenUp,
}

/// Good readings after which slices grow.
const GOOD: u32 = 5;

/// The slices of a stretch of days, in order; single days that failed come last.
#[derive(Clone, Debug)]
pub struct Slices {
    left: VecDeque<Span>,
    later: VecDeque<Span>,
    /// What slices have been through.
    failed: BTreeMap<Span, Tries>,
    size: u32,
    most: u32,
    /// Days of the widest slice that was read since one of this width could not be: a wider one that fails may be too much.
    proven: u32,
    good: u32,
    /// Good readings before the next growth: more after each trouble, so that a limit is not tried again and again.
    need: u32,
}

impl Slices {
    /// Cuts `wanted` without `done` into slices of `size` days at first, never more than `most`.
    #[must_use]
    pub fn new(wanted: impl IntoIterator<Item = Span>, done: &[Span], size: u32, most: u32) -> Self {
        let mut left: Vec<Span> = wanted.into_iter().collect();
        left.sort_unstable();
        // Days that are wanted twice are read once.
        let mut apart: Vec<Span> = Vec::with_capacity(left.len());
        for span in left {
            match apart.last_mut() {
                Some(last) if last.to.succ_opt().is_none_or(|next| span.from <= next) => last.to = last.to.max(span.to),
                _ => apart.push(span),
            }
        }
        for span in done {
            apart = apart.into_iter().flat_map(|open| open.without(*span)).collect();
        }
        let most = most.max(1);
        Self {
            left: apart.into(),
            later: VecDeque::new(),
            failed: BTreeMap::new(),
            size: size.clamp(1, most),
            most,
            proven: 0,
            good: 0,
            need: GOOD,
        }
    }

    /// The next slice to read.
    pub fn take(&mut self) -> Option<Span> {
        if let Some(span) = self.left.pop_front() {
            let (slice, rest) = span.cut(self.size);
            rest.into_iter().for_each(|rest| self.left.push_front(rest));
            return Some(slice);
        }
        self.later.pop_front()
    }

    /// The slice was read whole.
    pub fn read(&mut self, slice: Span) {
        self.failed.remove(&slice);
        self.proven = self.proven.max(slice.days());
        // The rest of a stretch says nothing about larger slices.
        if slice.days() < self.size {
            return;
        }
        self.good += 1;
        if self.good >= self.need {
            self.good = 0;
            self.size = (self.size * 2).min(self.most);
        }
    }

    /// The slice could not be read although the server answers.
    ///
    /// It is asked for again until it was tried in earnest. Then a day comes again at the end, and more than a day is
    /// halved; if no other slice was as wide and went well, all that follow are narrower too.
    pub fn unread(&mut self, slice: Span, error: &Error) -> Unread {
        let tries = self.failed.entry(slice).or_default();
        tries.failed(error);
        let tries = *tries;
        if slice.days() == 1 {
            if tries.are_all() {
                return Unread::GivenUp;
            }
            self.later.push_back(slice);
            return Unread::Later;
        }
        if !tries.are_one() {
            self.left.push_front(slice);
            return Unread::Again;
        }
        self.failed.remove(&slice);
        let half = slice.days().div_ceil(2);
        if slice.days() > self.proven {
            self.size = half.min(self.size).max(1);
            self.need = (self.need * 2).min(GOOD * 32);
            self.good = 0;
        }
        // Once is chance, or one bad day; twice is not.
        self.proven = self.proven.min(half);
        let (first, second) = slice.cut(half);
        second.into_iter().for_each(|second| self.left.push_front(second));
        self.left.push_front(first);
        Unread::Halved
    }

    /// Days per slice at present.
    #[must_use]
    pub const fn size(&self) -> u32 {
        self.size
    }

    /// Days still to read.
    #[must_use]
    pub fn days_left(&self) -> u64 {
        self.left.iter().chain(&self.later).map(|span| u64::from(span.days())).sum()
    }

    /// Takes the whole rest, for a server that does not look at days.
    pub fn rest(&mut self) -> Vec<Span> {
        self.left.drain(..).chain(self.later.drain(..)).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::http::{Random, SeededRandom};
    use crate::ivoris::{Route, Trouble};

    fn day(number: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 1, 1).expect("a day") + Days::new(u64::from(number))
    }

    fn error(attempts: u32) -> Error {
        Error::Unreadable { route: Route::AllAppointments, what: Trouble::Status(504), attempts }
    }

    fn span(from: u32, to: u32) -> Span {
        Span { from: day(from), to: day(to) }
    }

    proptest! {
        #[test]
        fn every_day_is_read_once_or_given_up(
            wanted in prop::collection::vec((0_u32..120, 0_u32..40), 1..4),
            done in prop::collection::vec((0_u32..160, 0_u32..9), 0..4),
            bad in prop::collection::btree_set(0_u32..160, 0..6),
            wide in 1_u32..40,
            size in 1_u32..30,
            attempts in 1_u32..5,
        ) {
            let wanted: Vec<Span> = wanted.into_iter().map(|(from, days)| span(from, from + days)).collect();
            let done: Vec<Span> = done.into_iter().map(|(from, days)| span(from, from + days)).collect();
            let mut slices = Slices::new(wanted.clone(), &done, size, 28);
            let (mut read, mut given_up, mut asked) = (Vec::new(), Vec::new(), 0);
            while let Some(slice) = slices.take() {
                asked += 1;
                prop_assert!(asked < 2_000, "it ends");
                prop_assert!(slice.days() <= 28);
                if slice.days() > wide || bad.iter().any(|number| slice.holds(day(*number))) {
                    if slices.unread(slice, &error(attempts)) == Unread::GivenUp {
                        given_up.push(slice.from);
                    }
                } else {
                    slices.read(slice);
                    read.extend((0..slice.days()).map(|number| slice.from + Days::new(u64::from(number))));
                }
            }
            for number in 0..170 {
                let here = day(number);
                let is_wanted = wanted.iter().any(|span| span.holds(here)) && !done.iter().any(|span| span.holds(here));
                let times = read.iter().filter(|one| **one == here).count();
                let lost = given_up.iter().filter(|one| **one == here).count();
                prop_assert_eq!(times + lost, usize::from(is_wanted), "day {}", number);
                prop_assert_eq!(lost == 1, is_wanted && bad.contains(&number));
            }
        }
    }

    #[test]
    fn slices_grow_after_five_good_ones_and_halve_on_trouble() {
        let mut slices = Slices::new([span(0, 364)], &[], 7, 28);
        for _ in 0..5 {
            let slice = slices.take().expect("a slice");
            assert_eq!(slice.days(), 7);
            slices.read(slice);
        }
        let wide = slices.take().expect("a slice");
        assert_eq!(wide.days(), 14);
        assert_eq!(slices.unread(wide, &error(3)), Unread::Halved);
        assert_eq!(slices.take().map(Span::days), Some(7));
        assert_eq!(slices.size(), 7);
    }

    #[test]
    fn one_bad_day_does_not_narrow_all_that_follow() {
        let mut slices = Slices::new([span(0, 364)], &[], 8, 8);
        let slice = slices.take().expect("a slice");
        slices.read(slice);
        let mut asked = 0;
        while let Some(slice) = slices.take() {
            asked += 1;
            if slice.holds(day(100)) {
                slices.unread(slice, &error(3));
            } else {
                slices.read(slice);
            }
        }
        // Slices of 8 days, the way down to the one (4, 2, 1 and their other halves), and its tries.
        assert_eq!(asked, 365_u32.div_ceil(8) - 1 + 6 + 3);
    }

    #[test]
    fn chance_alone_narrows_little() {
        let random = SeededRandom::new(5);
        let mut slices = Slices::new([span(0, 3_649)], &[], 7, 28);
        let (mut asked, mut given_up) = (0_u32, 0);
        while let Some(slice) = slices.take() {
            asked += 1;
            if random.draw() % 10 < 3 {
                given_up += u32::from(slices.unread(slice, &error(1)) == Unread::GivenUp);
            } else {
                slices.read(slice);
            }
        }
        let healthy = 5 + 5 + (3_650 - 5 * 21_u32).div_ceil(28);
        assert!(asked * 10 <= healthy * 16, "{asked} calls, {healthy} when nothing fails");
        assert_eq!(given_up, 0);
    }
}
