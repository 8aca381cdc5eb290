//! Appointments: a planned visit on a chair at a time, in the words that practices use.

use chrono::{Days, NaiveDate};

use super::calendar::Calendar;
use super::german;
use super::path::{Ending, Planned};
use super::person::Person;
use super::places::{Course, LOCATIONS, Purpose};
use super::rng::Rng;
use super::rows::{Cell, VisitRow};

/// An appointment with what its row shows and what the chart needs to know.
#[derive(Clone, Debug)]
pub(crate) struct Visit {
    pub(crate) row: VisitRow,
    pub(crate) day: NaiveDate,
    /// Minutes after midnight.
    pub(crate) begin: u32,
    pub(crate) minutes: u32,
    pub(crate) purpose: Purpose,
    pub(crate) ending: Ending,
}

/// Last day on which cleaning was called Prophylaxe outside the centre.
const OLD_NAME_UNTIL: (i32, u32, u32) = (2026, 6, 30);

/// Books a visit; `not_before` keeps the order of the path.
pub(crate) fn book(
    planned: Planned,
    course: Course,
    person: &Person,
    not_before: NaiveDate,
    today: NaiveDate,
    calendar: &mut Calendar,
    rng: &mut Rng,
) -> Visit {
    let location = &LOCATIONS[person.location];
    let (name, minutes) = course.template(planned.purpose);
    let mut ending = planned.ending;
    let keep = !matches!(ending, Ending::Cancelled | Ending::Clarified);
    let slot = calendar.book(person.location, planned.day.max(not_before), minutes, keep, rng);
    if slot.day > today && !matches!(ending, Ending::Booked | Ending::Confirmed | Ending::Cancelled) {
        ending = Ending::Booked;
    }
    let old = NaiveDate::from_ymd_opt(OLD_NAME_UNTIL.0, OLD_NAME_UNTIL.1, OLD_NAME_UNTIL.2);
    let name = if name == "PZR" && person.location != 2 && old.is_some_and(|last| slot.day <= last) {
        "Prophylaxe"
    } else {
        name
    };
    let created = (slot.day - Days::new(u64::from(rng.between(6, 60)))).min(today);
    let mut row = VisitRow {
        id: rng.uuid().into(),
        number: person.row.number.clone(),
        patient: person.row.id.clone(),
        template: location.template(name),
        chair: location.chair(slot.chair),
        practitioner: if planned.purpose == Purpose::Cleaning {
            Cell::Borrowed(location.hygienist)
        } else {
            person.row.practitioner.clone()
        },
        location: Cell::Borrowed(location.name),
        created: german::date(created).into(),
        ..VisitRow::default()
    };
    row.at(slot.day, slot.begin, minutes);
    let changed = match ending {
        Ending::Completed | Ending::NoShow => (slot.day, slot.begin + minutes + rng.between(2, 40)),
        Ending::Cancelled | Ending::Clarified => {
            let ahead = u64::from(rng.between(0, 6));
            ((slot.day - Days::new(ahead)).max(created).min(today), rng.between(480, 1_050))
        }
        Ending::Stale | Ending::Booked => (created, rng.between(480, 1_050)),
        Ending::Confirmed => (today.min(slot.day - Days::new(1)), rng.between(480, 1_050)),
    };
    row.changed = german::stamp(changed.0, changed.1).into();
    say(&mut row, ending, rng);
    if rng.chance(1, 30) {
        row.comment = Cell::Borrowed(rng.pick(&COMMENTS));
    }
    Visit { row, day: slot.day, begin: slot.begin, minutes, purpose: planned.purpose, ending }
}

const COMMENTS: [&str; 6] = [
    "bitte Unterlagen mitbringen",
    "kommt mit Begleitung; wartet im Flur",
    "Terminwunsch: nachmittags",
    "hat \"Schiene\" vergessen",
    "Rückruf erbeten,\nnicht vor 10 Uhr",
    "neue Karte einlesen",
];

impl VisitRow {
    /// Sets day, begin, end and length.
    pub(crate) fn at(&mut self, day: NaiveDate, begin: u32, minutes: u32) {
        self.date = german::date(day).into();
        self.begin = german::time(begin).into();
        self.end = german::time(begin + minutes).into();
        self.minutes = minutes.to_string().into();
    }
}

/// Writes status and confirmation in one of the spellings of the shipped table.
fn say(row: &mut VisitRow, ending: Ending, rng: &mut Rng) {
    let state = match ending {
        Ending::Completed => {
            rng.weighted(&[(60, "wahrgenommen"), (20, "erledigt"), (10, "fertig"), (8, "behandelt"), (2, "gegangen")])
        }
        Ending::Cancelled => rng.weighted(&[(85, "abgesagt"), (15, "storniert")]),
        Ending::NoShow => rng.weighted(&[(80, "nicht erschienen"), (15, "ausgefallen"), (5, "versäumt")]),
        Ending::Clarified => "geklärt",
        Ending::Stale | Ending::Booked => rng.weighted(&[(80, "geplant"), (15, "terminiert"), (5, "vergeben")]),
        // Some sites lift the status itself, others keep it and fill the second column.
        Ending::Confirmed if rng.chance(1, 2) => "bestätigt",
        Ending::Confirmed => {
            row.confirmation = Cell::Borrowed("bestätigt");
            "geplant"
        }
    };
    row.state = Cell::Borrowed(state);
}
