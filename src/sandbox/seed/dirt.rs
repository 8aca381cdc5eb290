//! The dirt of real exports (`domain.md` 6.3), at its rates; each row is soiled by its own id, whatever stands around it.

use chrono::{Days, NaiveDate};

use super::german;
use super::person::Person;
use super::rng::Rng;
use super::rows::{Cell, EntryRow, PatientRow, VisitRow};
use super::table::Shape;
use super::visit::Visit;

/// Soils rows, seeded.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dirt {
    pub(crate) seed: u64,
    pub(crate) today: NaiveDate,
}

/// Something that a spreadsheet has rounded.
const ROUNDED: &str = "1,23E+05";

impl Dirt {
    fn rng(self, what: &str, id: &str) -> Rng {
        let index = id.bytes().fold(0_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte)));
        Rng::of(self.seed, what, index)
    }

    pub(crate) fn patient(self, person: &mut Person) {
        let rng = &mut self.rng("soiled patient", &person.row.id);
        let row = &mut person.row;
        mail(row, rng);
        phones(row, rng);
        match rng.below(1_000) {
            0..5 => row.birthday = Cell::default(),
            5..8 => row.birthday = "01.01.1900".into(),
            8..10 => row.birthday = "00000000".into(),
            10 => row.birthday = german::date(self.today + Days::new(400)).into(),
            11 => row.birthday = "29.02.2008".into(),
            _ => {}
        }
        match rng.below(1_000) {
            0..5 => row.last = row.last.to_uppercase().into(),
            5..8 => row.last = format!("Dr. med. dent. {}", row.last).into(),
            8..10 => std::mem::swap(&mut row.last, &mut row.first),
            10 => row.last = format!("{}\u{a0}", row.last).into(),
            _ => {}
        }
        // Spreadsheets take a leading zero away.
        if row.zip.starts_with('0') && rng.chance(20, 100) {
            row.zip = row.zip.trim_start_matches('0').to_owned().into();
        }
        if rng.chance(5, 1_000) {
            row.deleted = Cell::Borrowed("Ja");
        }
        shape(&mut row.shape, &mut row.id, 9, rng);
    }

    /// Soils an appointment; what comes back are further rows, now or on a later "page".
    pub(crate) fn visit(self, visit: &mut Visit) -> Again {
        let rng = &mut self.rng("soiled visit", &visit.row.id);
        let row = &mut visit.row;
        match rng.below(20_000) {
            0..20 => row.chair = Cell::Borrowed("Container 2"),
            20..30 => row.template = format!("{} neu", row.template).into(),
            30..34 => row.state = Cell::Borrowed("verschoben?"),
            34..38 => row.end = german::time(visit.begin.saturating_sub(30)).into(),
            38 => clock_change(row, (2026, 3, 29)),
            39 => clock_change(row, (2026, 10, 25)),
            _ => {}
        }
        let mut again = Again::default();
        match rng.below(10_000) {
            0..20 => again.now.push(row.clone()),
            20..30 => again.later.push(row.clone()),
            30..32 => again.now.push(VisitRow { id: rng.uuid().into(), ..row.clone() }),
            // Cancelled and taken back: the older version comes first.
            32..37 => {
                let older = VisitRow {
                    state: Cell::Borrowed("abgesagt"),
                    confirmation: Cell::default(),
                    changed: format!("{} 07:30", row.created).into(),
                    ..row.clone()
                };
                again.before.push(older);
            }
            _ => {}
        }
        shape(&mut row.shape, &mut row.id, 9, rng);
        again
    }

    pub(crate) fn entry(self, row: &mut EntryRow) {
        let rng = &mut self.rng("soiled entry", &row.id);
        if rng.chance(1, 5_000) {
            row.patient = rng.uuid().into();
            row.number = "999999".into();
        }
        if let Some(cents) = row.cents {
            let plain =
                || format!("{}{}.{:02}", if cents < 0 { "-" } else { "" }, cents.abs() / 100, cents.abs() % 100);
            match rng.below(1_000) {
                0..5 => row.amount = plain().into(),
                5..8 => row.amount = format!("{} €", row.amount).into(),
                8 => row.amount = row.amount.replace('.', "\u{a0}").into(),
                _ => {}
            }
        }
        shape(&mut row.shape, &mut row.id, 9, rng);
    }

    /// A meeting that blocks a chair: every two hundredth patient or so is followed by one.
    pub(crate) fn meeting(self, visit: &Visit) -> Option<VisitRow> {
        let mut rng = self.rng("meeting", &visit.row.patient);
        rng.chance(1, 200).then(|| VisitRow {
            id: rng.uuid().into(),
            number: Cell::default(),
            patient: Cell::default(),
            template: Cell::Borrowed("Teamsitzung"),
            practitioner: Cell::default(),
            comment: Cell::default(),
            ..visit.row.clone()
        })
    }
}

/// Further rows of an appointment.
#[derive(Debug, Default)]
pub(crate) struct Again {
    pub(crate) before: Vec<VisitRow>,
    pub(crate) now: Vec<VisitRow>,
    /// As if it had come on another page.
    pub(crate) later: Vec<VisitRow>,
}

fn mail(row: &mut PatientRow, rng: &mut Rng) {
    match rng.below(1_000) {
        0..4 => row.email = "keine@example.org".into(),
        4..7 => row.email = "kein".into(),
        7..10 if !row.email.is_empty() => row.email = format!("{} ", row.email).into(),
        10..15 => row.email = row.email.to_uppercase().into(),
        15..18 if !row.email.is_empty() => row.email = format!("{}; zweite.{}", row.email, row.email).into(),
        _ => {}
    }
}

fn phones(row: &mut PatientRow, rng: &mut Rng) {
    match rng.below(1_000) {
        0..8 if !row.mobile.is_empty() => row.mobile = format!("{} (Mutter)", row.mobile).into(),
        8..12 if !row.phone.is_empty() => row.phone = format!("{} abends", row.phone).into(),
        12..15 => row.phone = "siehe Akte".into(),
        _ => {}
    }
}

/// Half past two in the night in which the clock is changed.
fn clock_change(row: &mut VisitRow, (year, month, day): (i32, u32, u32)) {
    let day = NaiveDate::from_ymd_opt(year, month, day).expect("a day of the calendar");
    row.at(day, 150, 30);
}

fn shape(shape: &mut Shape, id: &mut Cell, columns: usize, rng: &mut Rng) {
    match rng.below(20_000) {
        0 => *shape = Shape::Short(columns),
        1 => *id = Cell::Borrowed(ROUNDED),
        2..22 => *shape = Shape::Trailing,
        _ => {}
    }
}
