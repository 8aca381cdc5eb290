//! Chart entries: what is written down at a visit and, for statutory treatment, at the end of each quarter.

use chrono::{Datelike, Days, NaiveDate};

use super::fees::{self as fee, Fee};
use super::german;
use super::path::Ending;
use super::person::{Insurance, Person};
use super::places::{Course, LOCATIONS, Purpose};
use super::rng::Rng;
use super::rows::{Cell, EntryRow};
use super::visit::Visit;

/// Instalments of one treatment at most (`domain.md` 2.3).
const INSTALMENTS: usize = 12;
/// Teeth that carry brackets.
const TEETH: [&str; 20] = [
    "15", "14", "13", "12", "11", "21", "22", "23", "24", "25", "35", "34", "33", "32", "31", "41", "42", "43", "44",
    "45",
];
const NOTES: [&str; 8] = [
    "Mundhygiene besprochen",
    "Verlauf regelrecht",
    "Gummizüge neu instruiert",
    "Nächster Termin in 6 Wochen",
    "Druckstelle geglättet; Kontrolle",
    "Patient zufrieden",
    "Zahnputztraining,\nFärbemittel gezeigt",
    "Foto für den Verlauf",
];

/// The money of one treatment: what was planned and how it is paid.
#[derive(Clone, Copy, Debug)]
struct Budget {
    plan: i64,
    lab: i64,
    rate: i64,
    /// Letters a to d: how hard a statutory case is.
    degree: usize,
}

/// Writes the chart of one patient.
pub(crate) struct Chart<'a> {
    person: &'a Person,
    course: Course,
    budget: Budget,
    /// Lines of this patient so far, in order of time.
    pub(crate) rows: Vec<EntryRow>,
    line: EntryRow,
    last_charge: Option<i64>,
}

impl<'a> Chart<'a> {
    pub(crate) fn new(person: &'a Person, course: Course, controls: usize, rng: &mut Rng) -> Self {
        let euros = |rng: &mut Rng, low, high| i64::from(rng.between(low, high)) * 5_000;
        // Units of fifty euros, in the ranges of `domain.md` 2.8.
        let (plan, lab) = match (course, person.insurance) {
            (Course::Aligner, _) => (euros(rng, 50, 150), euros(rng, 16, 32)),
            (Course::Implant, _) => (euros(rng, 36, 70), euros(rng, 6, 12)),
            (Course::Braces, Insurance::Statutory) => (euros(rng, 20, 36), euros(rng, 3, 6)),
            (Course::Braces | Course::Hygiene, _) => (euros(rng, 70, 150), euros(rng, 4, 10)),
        };
        let rates = i64::try_from(controls.clamp(1, 24)).unwrap_or(24);
        let rate = (plan - lab - 45_000).max(0) / rates;
        let budget = Budget { plan, lab, rate, degree: rng.below(4) as usize };
        let line = EntryRow {
            number: person.row.number.clone(),
            patient: person.row.id.clone(),
            profile: person.row.profile.clone(),
            location: Cell::Borrowed(LOCATIONS[person.location].name),
            ..EntryRow::default()
        };
        Self { person, course, budget, rows: Vec::new(), line, last_charge: None }
    }

    /// Writes down a completed visit.
    pub(crate) fn visit(&mut self, visit: &Visit, rng: &mut Rng) {
        if rng.chance(6, 100) {
            return;
        }
        self.line.date = german::date(visit.day).into();
        self.line.practitioner.clone_from(&visit.row.practitioner);
        match visit.purpose {
            Purpose::Consult => self.consult(rng),
            Purpose::Records => self.records(rng),
            Purpose::Plan | Purpose::Quote => self.plan(visit.purpose, rng),
            Purpose::Start => self.start(rng),
            Purpose::Control => self.control(rng),
            Purpose::Fitting => {
                let tooth = rng.pick(&TEETH);
                self.charge(rng, "Leistung", tooth, "Krone eingegliedert", 47_500, 110_000);
                self.charge(rng, "Labor", tooth, "Fremdlabor Krone", 18_000, 36_000);
            }
            Purpose::Emergency => {
                let repair = if self.statutory() { fee::B_131A } else { fee::G_6210 };
                self.fee(repair, 1, rng.pick(&TEETH), rng);
            }
            Purpose::End => {
                self.fee(if self.statutory() { fee::B_126D } else { fee::G_6210 }, 20, "", rng);
                self.note("Apparatur entfernt, poliert", rng);
            }
            Purpose::Retainer => self.charge(rng, "Leistung", "", "Retainer geklebt, je Kiefer", 25_000, 50_000),
            Purpose::Retention => self.fee(fee::G_6210, 1, "", rng),
            Purpose::Cleaning => {
                let teeth = i64::from(rng.between(22, 30));
                self.fee(fee::G_1040, teeth, "", rng);
                if rng.chance(20, 100) {
                    self.charge(rng, "Material", "", "Fluoridlack", 900, 1_900);
                }
            }
        }
        for _ in 0..rng.weighted(&[(30, 0), (40, 1), (20, 2), (10, 3)]) {
            self.note(rng.pick(&NOTES), rng);
        }
        if let Some(cents) = self.last_charge.filter(|_| rng.chance(1, 200)) {
            self.money("Storno", "", "Storno der letzten Position", -cents);
        }
    }

    fn statutory(&self) -> bool {
        self.person.insurance == Insurance::Statutory
    }

    fn consult(&mut self, rng: &mut Rng) {
        if self.statutory() && self.person.minor {
            self.fee(fee::B_01K, 1, "", rng);
        } else {
            self.fee(if self.course == Course::Implant { fee::A_1 } else { fee::G_6190 }, 1, "", rng);
            if rng.chance(40, 100) {
                self.fee(fee::A_5, 1, "", rng);
            }
        }
        self.note("Erstberatung, Möglichkeiten und Kosten besprochen", rng);
    }

    fn records(&mut self, rng: &mut Rng) {
        let list: &[Fee] = if self.statutory() {
            &[fee::B_116, fee::B_117, fee::B_118, fee::B_935D, fee::B_934A]
        } else {
            &[fee::G_6000, fee::G_6010, fee::G_6020, fee::A_5004, fee::A_5000]
        };
        let count = rng.between(3, 5) as usize;
        list.iter().take(count).for_each(|one| self.fee(*one, 1, "", rng));
    }

    fn plan(&mut self, purpose: Purpose, rng: &mut Rng) {
        if self.statutory() && self.course == Course::Braces && purpose == Purpose::Plan {
            self.fee(fee::B_5, 1, "", rng);
        }
        let text = if purpose == Purpose::Plan { "Behandlungsplan" } else { "HKP besprochen und mitgegeben" };
        self.money("Plan", "", text, self.budget.plan);
        if rng.chance(30, 100) {
            self.money("pabg", "", "pabg", self.budget.plan / 2);
        }
    }

    /// Eight to twenty lines: devices go in.
    fn start(&mut self, rng: &mut Rng) {
        let teeth = rng.between(6, 15) as usize;
        match (self.course, self.statutory()) {
            (Course::Aligner, _) => {
                self.money("Leistung", "", "Aligner, Anzahlung", 45_000);
                self.money("Labor", "", "Fremdlabor Schienensatz", self.budget.lab);
                self.fee(if self.budget.plan > 400_000 { fee::G_6040 } else { fee::G_6030 }, 1, "OK", rng);
                self.fee(fee::G_6070, 1, "", rng);
                TEETH.iter().take(teeth.min(9)).for_each(|tooth| self.fee(fee::G_6100, 1, tooth, rng));
            }
            (Course::Implant, _) => {
                let tooth = rng.pick(&["36", "46", "24", "15"]);
                self.charge(rng, "Leistung", tooth, "Implantat gesetzt", 90_000, 150_000);
                self.money("Labor", tooth, "Bohrschablone", self.budget.lab / 2);
                self.charge(rng, "Material", tooth, "Implantatkörper", 18_000, 32_000);
                for text in ["Aufklärung", "Anästhesie", "Naht", "Röntgenkontrolle", "Merkblatt mitgegeben"] {
                    self.note(text, rng);
                }
                self.fee(fee::A_5000, 1, tooth, rng);
            }
            (Course::Braces | Course::Hygiene, true) => {
                TEETH.iter().take(teeth).for_each(|tooth| self.fee(fee::B_126A, 1, tooth, rng));
                self.fee(fee::B_126B, 2, "", rng);
                self.fee(fee::B_127A, 1, "OK", rng);
                self.fee(fee::B_128A, 1, "UK", rng);
                self.money("Labor", "", "Eigenlabor", self.budget.lab);
            }
            (Course::Braces | Course::Hygiene, false) => {
                TEETH.iter().take(teeth).for_each(|tooth| self.fee(fee::G_6100, 1, tooth, rng));
                self.fee(fee::G_6120, 4, "", rng);
                self.fee(fee::G_6150, 2, "", rng);
                self.fee(rng.pick(&[fee::G_6050, fee::G_6080]), 1, "", rng);
                self.money("Labor", "", "Fremdlabor", self.budget.lab);
            }
        }
    }

    fn control(&mut self, rng: &mut Rng) {
        match (self.course, self.statutory()) {
            (Course::Aligner, _) => {
                self.money("Leistung", "", "Aligner-Behandlung, Rate", self.budget.rate);
                if rng.chance(15, 100) {
                    self.money("Zahlung", "", "Zahlungseingang", self.budget.rate);
                }
            }
            (_, true) => self.fee(rng.pick(&[fee::B_128B, fee::B_127B, fee::B_130]), 1, "", rng),
            (_, false) => {
                self.fee(fee::G_6210, 1, "", rng);
                if self.budget.rate > 0 {
                    self.money("Leistung", "", "Rate feste Spange", self.budget.rate);
                }
            }
        }
        if rng.chance(3, 1_000) {
            self.money("Leistung", "", "Kontrolle, ohne Berechnung", 0);
        }
    }

    /// The quarterly instalments between start and end of a statutory treatment: none for a quarter without an act.
    pub(crate) fn instalments(&mut self, visits: &[Visit], today: NaiveDate, rng: &mut Rng) {
        if self.course != Course::Braces || !self.statutory() {
            return;
        }
        let done = |purpose: Purpose| {
            visits.iter().find(|visit| visit.purpose == purpose && visit.ending == Ending::Completed).map(|one| one.day)
        };
        let Some(start) = done(Purpose::Start) else { return };
        let end = done(Purpose::End).unwrap_or(today).min(today);
        let mut quarter = quarter_end(start);
        let mut paid = 0;
        while quarter <= end && paid < INSTALMENTS {
            let begins = quarter - Days::new(90);
            if visits
                .iter()
                .any(|visit| visit.ending == Ending::Completed && visit.day > begins && visit.day <= quarter)
            {
                self.line.date = german::date(quarter).into();
                self.line.practitioner.clone_from(&self.person.row.practitioner);
                let bite = [fee::B_120A, fee::B_120B, fee::B_120C, fee::B_120D][self.budget.degree];
                self.fee(bite, 1, "", rng);
                if self.budget.degree == 3 {
                    let jaw = [fee::B_119A, fee::B_119B, fee::B_119C, fee::B_119D][self.budget.degree];
                    self.fee(jaw, 1, "", rng);
                    self.money("Leistung", "", "Eigenanteil 20 % Quartal", jaw.cents(1, 10) / 5);
                }
                paid += 1;
            }
            quarter = quarter_end(quarter + Days::new(1));
        }
    }

    fn note(&mut self, text: &'static str, rng: &mut Rng) {
        let kind = if rng.chance(3, 4) { "Note" } else { "Text" };
        self.push(kind, "", text, rng.uuid());
    }

    fn fee(&mut self, fee: Fee, count: i64, tooth: &'static str, rng: &mut Rng) {
        let usual = fee.usual_factor();
        let factor = if usual == 10 { 10 } else { rng.weighted(&[(90, usual), (5, 18), (4, 30), (1, 35)]) };
        let row = self.push("Leistung", tooth, "", rng.uuid());
        row.charge(fee, count, factor);
        self.last_charge = Some(fee.cents(count, factor));
    }

    fn charge(
        &mut self,
        rng: &mut Rng,
        kind: &'static str,
        tooth: &'static str,
        text: &'static str,
        low: u32,
        high: u32,
    ) {
        let cents = i64::from(rng.between(low, high));
        self.money(kind, tooth, text, cents);
    }

    fn money(&mut self, kind: &'static str, tooth: &'static str, text: &'static str, cents: i64) {
        // Ids of lines without a draw of their own follow from the lines before.
        let id = Rng::of(cents.unsigned_abs(), &self.line.patient, u64::try_from(self.rows.len()).unwrap_or(0)).uuid();
        let row = self.push(kind, tooth, text, id);
        row.count = Cell::Borrowed("1");
        row.price(cents);
    }

    fn push(&mut self, kind: &'static str, tooth: &'static str, text: &'static str, id: String) -> &mut EntryRow {
        let row = EntryRow {
            id: id.into(),
            kind: Cell::Borrowed(kind),
            tooth: Cell::Borrowed(tooth),
            text: Cell::Borrowed(text),
            ..self.line.clone()
        };
        self.rows.push(row);
        self.rows.last_mut().expect("a row was just pushed")
    }
}

/// The last day of the quarter that `day` lies in.
fn quarter_end(day: NaiveDate) -> NaiveDate {
    let (year, month) = match day.month0() / 3 {
        3 => (day.year() + 1, 1),
        quarter => (day.year(), quarter * 3 + 4),
    };
    NaiveDate::from_ymd_opt(year, month, 1).expect("the first of a month") - Days::new(1)
}
