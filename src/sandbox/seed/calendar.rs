//! Opening hours, holidays, and which chair is taken when: appointments of one chair do not overlap.

use chrono::{Datelike, Days, NaiveDate, Weekday};

use super::places::LOCATIONS;
use super::rng::Rng;

/// First minute of a working day.
const OPENS: u32 = 8 * 60;
/// Five-minute slots of a working day, 8 to 18 o'clock.
const SLOTS: u32 = 120;
/// Patients per chair over the five years: about two thirds of the chair time are used.
const PATIENTS_PER_CHAIR: u32 = 2_400;

/// A place in the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slot {
    pub(crate) day: NaiveDate,
    /// Minutes after midnight.
    pub(crate) begin: u32,
    /// Chair of the location, from 0.
    pub(crate) chair: usize,
}

/// What is booked where, one bit per five minutes.
pub(crate) struct Calendar {
    first: NaiveDate,
    days: usize,
    chairs: [usize; 3],
    taken: [Vec<u128>; 3],
}

impl Calendar {
    /// An empty calendar from `first` to `last` for a group of so many patients.
    pub(crate) fn new(first: NaiveDate, last: NaiveDate, patients: u32) -> Self {
        let days = usize::try_from((last - first).num_days().max(0)).unwrap_or(0) + 1;
        let chairs = LOCATIONS.map(|location| {
            let own = u64::from(patients) * u64::from(location.share) / 1_000;
            usize::try_from(own.div_ceil(u64::from(PATIENTS_PER_CHAIR))).unwrap_or(1) + 2
        });
        Self { first, days, chairs, taken: chairs.map(|count| vec![0; count * days]) }
    }

    /// Finds a free slot on `day` or soon after, and takes it if `keep`.
    pub(crate) fn book(&mut self, location: usize, day: NaiveDate, minutes: u32, keep: bool, rng: &mut Rng) -> Slot {
        let raster = if minutes >= 30 {
            3
        } else if minutes >= 20 {
            2
        } else {
            1
        };
        let long = minutes.div_ceil(5).clamp(1, SLOTS);
        let mut day = day.max(self.first);
        let mut found = None;
        for _ in 0..12 {
            day = next_open(day);
            for _ in 0..8 {
                let chair = rng.below(u32::try_from(self.chairs[location]).unwrap_or(1)) as usize;
                let slot = rng.below((SLOTS - long) / raster + 1) * raster;
                let mask = ((1_u128 << long) - 1) << slot;
                let begin = Slot { day, begin: OPENS + slot * 5, chair };
                found.get_or_insert(begin);
                let Some(taken) = self.day_of(location, chair, day) else { return begin };
                if *taken & mask == 0 {
                    if keep {
                        *taken |= mask;
                    }
                    return begin;
                }
            }
            day = day + Days::new(1);
        }
        // A full fortnight: somebody is squeezed in, as in life.
        found.expect("the loop runs at least once")
    }

    fn day_of(&mut self, location: usize, chair: usize, day: NaiveDate) -> Option<&mut u128> {
        let at = usize::try_from((day - self.first).num_days()).ok().filter(|at| *at < self.days)?;
        self.taken[location].get_mut(chair * self.days + at)
    }
}

/// The first day on or after `day` on which the practice is open.
pub(crate) fn next_open(mut day: NaiveDate) -> NaiveDate {
    while !is_open(day) {
        day = day + Days::new(1);
    }
    day
}

/// Monday to Friday, and the first Saturday of a month; never on a holiday.
pub(crate) fn is_open(day: NaiveDate) -> bool {
    let weekday = day.weekday();
    weekday != Weekday::Sun && (weekday != Weekday::Sat || day.day() <= 7) && !is_holiday(day)
}

/// The holidays of all of Germany.
pub(crate) fn is_holiday(day: NaiveDate) -> bool {
    let fixed = [(1, 1), (5, 1), (10, 3), (12, 24), (12, 25), (12, 26), (12, 31)];
    let since_easter = (day - easter(day.year())).num_days();
    fixed.contains(&(day.month(), day.day())) || [-2, 1, 39, 50].contains(&since_easter)
}

/// Easter Sunday (Gauss, with the two exceptions of the anonymous Gregorian rule).
fn easter(year: i32) -> NaiveDate {
    let (century, golden) = (year / 100, year % 19);
    let epact = (century - century / 4 - (8 * century + 13) / 25 + 19 * golden + 15) % 30;
    let full = epact - epact / 28 * (1 - 29 / (epact + 1) * ((21 - golden) / 11));
    let weekday = (year + year / 4 + full + 2 - century + century / 4) % 7;
    let shift = full - weekday;
    let month = 3 + (shift + 40) / 44;
    let day = shift + 28 - 31 * (month / 4);
    let part = |number: i32| u32::try_from(number).unwrap_or(1);
    NaiveDate::from_ymd_opt(year, part(month), part(day)).expect("the rule gives a day of March or April")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    #[test]
    fn holidays_are_kept() {
        for (year, wanted) in [(2021, "2021-04-04"), (2024, "2024-03-31"), (2026, "2026-04-05"), (2027, "2027-03-28")] {
            assert_eq!(easter(year), day(wanted));
        }
        assert!(is_holiday(day("2026-04-03")) && is_holiday(day("2026-05-14")) && is_holiday(day("2026-10-03")));
        assert!(!is_open(day("2026-11-22")) && !is_open(day("2026-11-14")) && is_open(day("2026-11-07")));
    }

    #[test]
    fn a_chair_is_taken_once() {
        let (first, last) = (day("2026-11-02"), day("2026-11-30"));
        let mut calendar = Calendar::new(first, last, 100);
        let mut rng = Rng::of(1, "test", 0);
        let mut slots: Vec<Slot> = (0..60).map(|_| calendar.book(1, first, 45, true, &mut rng)).collect();
        slots.sort_by_key(|slot| (slot.day, slot.chair, slot.begin));
        for pair in slots.windows(2) {
            let apart = pair[0].day != pair[1].day || pair[0].chair != pair[1].chair;
            assert!(apart || pair[0].begin + 45 <= pair[1].begin, "{pair:?}");
        }
        assert!(slots.iter().all(|slot| is_open(slot.day) && slot.begin >= 480 && slot.begin + 45 <= 1_080));
    }
}
