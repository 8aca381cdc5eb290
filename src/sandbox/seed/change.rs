//! The changed edition: the same practice some time later, a share of its rows other than before.

use chrono::{Days, NaiveDate};

use super::german;
use super::path::Ending;
use super::person::Person;
use super::rng::Rng;
use super::rows::{Cell, EntryRow};
use super::safe;
use super::visit::Visit;

/// Picks rows by their own id, so that all other rows stay as they are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Change {
    pub(crate) seed: u64,
    pub(crate) percent: u32,
    pub(crate) today: NaiveDate,
}

impl Change {
    fn hits(self, what: &str, id: &str) -> Option<Rng> {
        // The id takes part letter by letter: ids are random already.
        let index = id.bytes().fold(0_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte)));
        let mut rng = Rng::of(self.seed, what, index);
        rng.chance(self.percent, 100).then_some(rng)
    }

    /// Moved or got a new line: another landline.
    pub(crate) fn patient(self, person: &mut Person) -> bool {
        let Some(mut rng) = self.hits("changed patient", &person.row.id) else { return false };
        let old = person.phone.take();
        let mut new = safe::landline(&mut rng, 1);
        while old.as_ref() == Some(&new) {
            new = safe::landline(&mut rng, 1);
        }
        person.row.phone = new.typed(4).into();
        person.phone = Some(new);
        true
    }

    /// The status moved on; of a visit that is over, the documented end.
    pub(crate) fn visit(self, visit: &mut Visit) -> bool {
        if self.hits("changed visit", &visit.row.id).is_none() {
            return false;
        }
        match visit.ending {
            Ending::Stale => visit.row.state = Cell::Borrowed("wahrgenommen"),
            Ending::Booked => visit.row.state = Cell::Borrowed("bestätigt"),
            Ending::Confirmed => {
                visit.row.state = Cell::Borrowed("abgesagt");
                visit.row.confirmation = Cell::default();
            }
            Ending::Cancelled | Ending::NoShow => visit.row.state = Cell::Borrowed("geklärt"),
            Ending::Clarified => visit.row.state = Cell::Borrowed("abgesagt"),
            Ending::Completed => visit.row.at(visit.day, visit.begin, visit.minutes + 5),
        }
        visit.row.changed = german::stamp(self.today + Days::new(1), 7 * 60 + 15).into();
        true
    }

    /// Another amount; a line without one is written on.
    pub(crate) fn entry(self, row: &mut EntryRow) -> bool {
        if self.hits("changed entry", &row.id).is_none() {
            return false;
        }
        match (row.fee, row.cents) {
            (Some((fee, count, tenths)), _) => row.charge(fee, count + 1, tenths),
            (None, Some(cents)) => row.price(cents + if cents < 0 { -500 } else { 500 }),
            (None, None) => row.text = format!("{} (Nachtrag)", row.text).into(),
        }
        true
    }
}
