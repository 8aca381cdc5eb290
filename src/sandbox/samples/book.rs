//! The three files while they are put together: rows, the cases they stand for, and what must become of them.

use chrono::{NaiveDate, NaiveTime, Timelike};

use crate::sandbox::seed::german;
use crate::sandbox::seed::places::LOCATIONS;
use crate::sandbox::seed::rows::{Cell, EntryRow, PatientRow, VisitRow};

/// Places in [`LOCATIONS`].
pub(super) const NORD: usize = 0;
pub(super) const SUED: usize = 1;
pub(super) const MITTE: usize = 2;

/// A row with its place in the file.
pub(super) struct Line<R> {
    /// Rows are sorted by this; equal ones keep the order in which they were added.
    pub(super) order: (NaiveDate, u32),
    pub(super) row: R,
    /// Case and expectation.
    pub(super) cases: Vec<(&'static str, String)>,
}

impl<R> Line<R> {
    /// The row stands for a case and must end as `expectation` says.
    pub(super) fn case(&mut self, id: &'static str, expectation: impl Into<String>) -> &mut Self {
        self.cases.push((id, expectation.into()));
        self
    }

    /// Changes cells of the row.
    pub(super) fn with(&mut self, change: impl FnOnce(&mut R)) -> &mut Self {
        change(&mut self.row);
        self
    }

    /// Moves the row behind all others, as if it had come on a last page.
    pub(super) fn last(&mut self) -> &mut Self {
        self.order = (NaiveDate::MAX, 0);
        self
    }
}

/// A patient that rows can name.
#[derive(Clone, Debug)]
pub(super) struct Who {
    pub(super) id: String,
    pub(super) number: String,
    pub(super) location: usize,
}

/// All rows so far.
#[derive(Default)]
pub(super) struct Book {
    pub(super) patients: Vec<Line<PatientRow>>,
    pub(super) visits: Vec<Line<VisitRow>>,
    pub(super) entries: Vec<Line<EntryRow>>,
    people: u32,
    meetings: u32,
    lines: u32,
}

/// A day as `2026-11-23`.
pub(super) fn day(text: &str) -> NaiveDate {
    text.parse().expect("days of the stories are days of the calendar")
}

impl Book {
    /// Somebody nobody has a file of.
    pub(super) fn ghost(&mut self, location: usize) -> Who {
        self.people += 1;
        let id = format!("a1000000-0000-4000-8000-{:012}", self.people);
        Who { id, number: (9_000 + self.people).to_string(), location }
    }

    /// A patient; names and birthday as the file shows them.
    pub(super) fn patient(
        &mut self,
        location: usize,
        first: &'static str,
        last: &'static str,
        birthday: &'static str,
    ) -> (Who, &mut Line<PatientRow>) {
        let who = self.ghost(location);
        let row = PatientRow {
            number: who.number.clone().into(),
            id: who.id.clone().into(),
            last: last.into(),
            first: first.into(),
            birthday: birthday.into(),
            street: "Musterweg 5".into(),
            zip: LOCATIONS[location].towns[0].0.into(),
            city: LOCATIONS[location].towns[0].1.into(),
            insurance: "gesetzlich".into(),
            practitioner: LOCATIONS[location].doctors[0].into(),
            profile: LOCATIONS[location].profile.into(),
            location: LOCATIONS[location].name.into(),
            created: "04.01.2023".into(),
            deleted: "Nein".into(),
            ..PatientRow::default()
        };
        let order = (NaiveDate::MIN, 9_000 + self.people);
        (who, added(&mut self.patients, order, row))
    }

    /// An appointment of `who` at the own location: `at` is `2026-11-23 09:30`, the length thirty minutes.
    pub(super) fn visit(
        &mut self,
        who: &Who,
        at: &str,
        template: &'static str,
        state: &'static str,
    ) -> &mut Line<VisitRow> {
        self.meetings += 1;
        let (on, clock) = at.split_once(' ').expect("stories say day and time");
        let (on, clock): (NaiveDate, NaiveTime) = (day(on), clock.parse().expect("stories say times as 09:30"));
        let begin = clock.hour() * 60 + clock.minute();
        let location = &LOCATIONS[who.location];
        let mut row = VisitRow {
            id: format!("b1000000-0000-4000-8000-{:012}", self.meetings).into(),
            number: who.number.clone().into(),
            patient: who.id.clone().into(),
            template: location.template(template),
            chair: location.chair(0),
            practitioner: location.doctors[0].into(),
            location: location.name.into(),
            state: state.into(),
            created: german::date(on - chrono::Days::new(21)).into(),
            ..VisitRow::default()
        };
        row.at(on, begin, 30);
        row.changed = format!("{} 07:30", row.created).into();
        added(&mut self.visits, (on, begin), row)
    }

    /// A chart entry of `who` that is no fee: `amount` as the file shows it.
    pub(super) fn entry(
        &mut self,
        who: &Who,
        on: &str,
        kind: &'static str,
        amount: &'static str,
        text: &'static str,
    ) -> &mut Line<EntryRow> {
        self.lines += 1;
        let location = &LOCATIONS[who.location];
        let row = EntryRow {
            id: format!("c1000000-0000-4000-8000-{:012}", self.lines).into(),
            number: who.number.clone().into(),
            patient: who.id.clone().into(),
            date: german::date(day(on)).into(),
            practitioner: location.doctors[0].into(),
            kind: kind.into(),
            count: Cell::Borrowed(if amount.is_empty() { "" } else { "1" }),
            amount: amount.into(),
            text: text.into(),
            profile: location.profile.into(),
            location: location.name.into(),
            ..EntryRow::default()
        };
        added(&mut self.entries, (day(on), 0), row)
    }
}

fn added<R>(lines: &mut Vec<Line<R>>, order: (NaiveDate, u32), row: R) -> &mut Line<R> {
    lines.push(Line { order, row, cases: Vec::new() });
    lines.last_mut().expect("a line was just pushed")
}
