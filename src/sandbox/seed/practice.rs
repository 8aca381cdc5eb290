//! One patient after the other: person, path, appointments, chart.

use chrono::{Days, NaiveDate};

use super::Settings;
use super::calendar::Calendar;
use super::chart::Chart;
use super::german;
use super::path::{Class, EVERYBODY, Ending, Mix, REGULARS, plan};
use super::person::{People, Person, Relation};
use super::places::{Course, Purpose};
use super::rng::Rng;
use super::rows::{Cell, EntryRow};
use super::visit::{Visit, book};

/// Days of history and of the calendar ahead (`domain.md` 6.2: five years back, six months ahead).
const BACK: u64 = 5 * 365 + 1;
const AHEAD: u64 = 182;

/// Everything the three files say about one patient.
pub(crate) struct Dossier {
    pub(crate) person: Person,
    pub(crate) visits: Vec<Visit>,
    pub(crate) entries: Vec<EntryRow>,
}

/// The practice over the years; an iterator over its patients, which needs no more memory than its calendar.
pub(crate) struct Practice {
    seed: u64,
    today: NaiveDate,
    calendar: Calendar,
    people: People,
    mix: Mix,
    next: u32,
    patients: u32,
}

impl Practice {
    /// A practice as they are.
    pub(crate) fn new(settings: &Settings) -> Self {
        Self::of(settings, EVERYBODY)
    }

    /// A small practice of patients who come often.
    pub(crate) fn of_regulars(settings: &Settings) -> Self {
        Self::of(settings, REGULARS)
    }

    fn of(settings: &Settings, mix: Mix) -> Self {
        let first = settings.today - Days::new(BACK);
        let last = settings.today + Days::new(AHEAD);
        Self {
            seed: settings.seed,
            today: settings.today,
            calendar: Calendar::new(first, last, settings.patients),
            people: People::new(settings.today),
            mix,
            next: 0,
            patients: settings.patients,
        }
    }

    fn dossier(&mut self, rng: &mut Rng) -> Dossier {
        let (mut person, relation) = self.people.draw(rng);
        // A second file of the same person was opened by mistake: little stands in it.
        let class = match relation {
            Relation::Double | Relation::Married => Class::OneOff,
            Relation::Stranger | Relation::Twin | Relation::Sibling | Relation::Parent => rng.weighted(&self.mix),
        };
        let course = course(&person, rng);
        let planned = plan(class, course, self.today, rng);
        let mut visits: Vec<Visit> = Vec::with_capacity(planned.len());
        let mut not_before = self.today - Days::new(BACK);
        for one in planned {
            let visit = book(one, course, &person, not_before, self.today, &mut self.calendar, rng);
            not_before = visit.day + Days::new(1);
            visits.push(visit);
        }
        let controls = visits.iter().filter(|visit| visit.purpose == Purpose::Control).count();
        let mut chart = Chart::new(&person, course, controls, rng);
        for visit in visits.iter().filter(|visit| visit.ending == Ending::Completed) {
            chart.visit(visit, rng);
        }
        chart.instalments(&visits, self.today, rng);
        let entries = chart.rows;
        finish(&mut person, &visits, class, rng);
        Dossier { person, visits, entries }
    }
}

impl Iterator for Practice {
    type Item = Dossier;

    fn next(&mut self) -> Option<Dossier> {
        if self.next == self.patients {
            return None;
        }
        let mut rng = Rng::of(self.seed, "patient", u64::from(self.next));
        self.next += 1;
        Some(self.dossier(&mut rng))
    }
}

/// What a person of this age comes for at this location.
fn course(person: &Person, rng: &mut Rng) -> Course {
    match (person.minor, person.location) {
        (true, 2) => rng.weighted(&[(50, Course::Braces), (50, Course::Hygiene)]),
        (true, _) => Course::Braces,
        (false, 2) => rng.weighted(&[(45, Course::Implant), (15, Course::Aligner), (40, Course::Hygiene)]),
        (false, _) => rng.weighted(&[(72, Course::Aligner), (14, Course::Braces), (14, Course::Hygiene)]),
    }
}

/// The columns of the patient that follow from the visits.
fn finish(person: &mut Person, visits: &[Visit], class: Class, rng: &mut Rng) {
    let row = &mut person.row;
    if let Some(first) = visits.first() {
        row.created = german::date(first.day - Days::new(u64::from(rng.between(5, 60)))).into();
    }
    if let Some(last) = visits.iter().rev().find(|visit| visit.ending == Ending::Completed) {
        row.last_visit = german::date(last.day).into();
    }
    row.stage = Cell::Borrowed(match class {
        Class::OneOff => "Beratung",
        Class::Active => "KFO",
        Class::Finished => "Abgeschlossen",
        Class::Retention => "Nachkontrolle",
    });
    let typed = |number: &super::safe::Number, rng: &mut Rng| {
        let way = rng.weighted(&[(10, 0), (5, 1), (10, 2), (20, 3), (35, 4), (10, 5), (10, 6)]);
        Cell::Owned(number.typed(way))
    };
    if let Some(number) = &person.phone {
        row.phone = typed(number, rng);
    }
    if let Some(number) = &person.mobile {
        row.mobile = typed(number, rng);
    }
}
