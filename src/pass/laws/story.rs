//! What happens to one patient: appointments and chart entries in versions, and what people do by hand in the portal.

use std::fmt;

use chrono::{Days, NaiveDate};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::domain::{
    Appointment, AppointmentId, Cents, Entry, EntryId, InstanceKey, LocalTime, PatientId, PatientRef, Personal,
    SourceIds,
};
use crate::mapping::{CaseKey, DealSettings, Grain};

use super::edit::{Edit, edit};

/// One patient's life in the practice and in the portal.
#[derive(Clone, Debug)]
pub(super) struct Story {
    /// Options of the deal rules.
    pub(super) options: DealSettings,
    /// Appointments.
    pub(super) visits: Vec<Told<Seat>>,
    /// Chart entries.
    pub(super) lines: Vec<Told<Line>>,
    /// Edits in the portal.
    pub(super) hands: Vec<Hand>,
    /// Edits of the tables, after all else.
    pub(super) edits: Vec<Edit>,
}

/// A record in versions, each with the time at which it is read; the first is its arrival.
#[derive(Clone, Debug)]
pub(super) struct Told<T>(pub(super) Vec<(u8, T)>);

/// A version of an appointment.
#[derive(Clone, Debug)]
pub(super) struct Seat {
    day: u16,
    hour: u32,
    template: &'static str,
    place: Option<&'static str>,
    chair: &'static str,
    state: &'static str,
    confirmation: &'static str,
    practitioner: &'static str,
    /// Days before its start on which the state was first read.
    ahead: u64,
}

/// A version of an entry; `gone` = it is no longer in the chart.
#[derive(Clone, Debug)]
pub(super) struct Line {
    day: When,
    kind: &'static str,
    schedule: &'static str,
    code: &'static str,
    text: &'static str,
    amount: Option<i64>,
    practitioner: &'static str,
    pub(super) gone: bool,
}

/// The day of an entry.
#[derive(Clone, Copy, Debug)]
enum When {
    /// Of one of the appointments, as it was first read.
    Visit(usize),
    Day(u16),
}

/// A person writes a value on a deal, after the plan of `time`.
#[derive(Clone, Debug)]
pub(super) struct Hand {
    /// When.
    pub(super) time: u8,
    /// Which of the deals there are then.
    pub(super) deal: usize,
    /// Which property: its place among those a law lets people write on.
    pub(super) property: usize,
    /// What.
    pub(super) value: usize,
}

/// Times at which something is read and planned.
pub(super) const TIMES: u8 = 6;

fn first_day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 5, 4).expect("a day")
}

fn on(day: u16) -> NaiveDate {
    first_day().checked_add_days(Days::new(u64::from(day))).expect("within the calendar")
}

/// Every template of the shipped table, some with a location's prefix, and two without a row.
const TEMPLATES: [&str; 22] = [
    "Erstberatung Aligner",
    "NB_Erstberatung Aligner",
    "SB_erstberatung kfo kind",
    "Beratung Implantat",
    "Anfangsunterlagen/Scan",
    "Planbesprechung",
    "MB_HKP-Besprechung",
    "Einsetzen Multiband",
    "Aligner-Abgabe Start",
    "Implantation",
    "Zahnersatz einsetzen",
    "Entbänderung",
    "Kontrolle Aligner",
    "Bogenwechsel",
    "Reparatur/Notfall",
    "Retainer einsetzen",
    "Retentionskontrolle",
    "Prophylaxe",
    "PZR",
    "Teamsitzung",
    "Wurzelkanal Spezial",
    "",
];

const STATES: [(u32, &str); 14] = [
    (12, "geplant"),
    (2, "bestätigt"),
    (1, "da"),
    (1, "in Behandlung"),
    (16, "fertig"),
    (8, "abgesagt"),
    (3, "nicht erschienen"),
    (3, "geklärt"),
    (2, "verschoben"),
    (1, "gelöscht"),
    (1, "deleted"),
    (1, "erledigt"),
    (2, "verwirbelt"),
    (1, ""),
];

/// `kind schedule code text`; amounts come beside.
const LINES: [(&str, &str, &str, &str); 18] = [
    ("Leistung", "GOZ", "6100", ""),
    ("Leistung", "GOZ", "6030", "Aligner Behandlung"),
    ("Leistung", "GOZ", "6000", ""),
    ("Leistung", "GOZ", "1040", ""),
    ("Leistung", "BEMA", "119a", ""),
    ("Leistung", "BEMA", "5", ""),
    ("Leistung", "BEMA", "01k", ""),
    ("Leistung", "GOÄ", "Ä5000", ""),
    ("Leistung", "", "", "Retainer unten"),
    ("Leistung", "", "", "Eigenanteil Quartal"),
    ("Labor", "BEB", "", ""),
    ("Storno", "GOZ", "6100", ""),
    ("Plan", "", "", "HKP"),
    ("Plan", "", "", "HKP neu"),
    ("pabg", "", "", ""),
    ("Zahlung", "", "", ""),
    ("Start", "", "", ""),
    ("Sonderbares", "", "", ""),
];

/// Chairs with a row, with the prefix of one, and without.
const CHAIRS: [&str; 7] = ["", "", "NB_Zimmer 1", "SB_2", "Stuhl 3 KFO", "Verwaltung", "Zimmer 9"];

const PRACTITIONERS: [&str; 3] = ["", "Ahrens", "Falkner"];

fn day() -> impl Strategy<Value = u16> {
    prop_oneof![4 => 0_u16..4, 4 => 28_u16..34, 2 => 58_u16..64, 3 => 0_u16..120, 1 => 0_u16..420]
}

fn state() -> impl Strategy<Value = &'static str> {
    let all: Vec<&'static str> =
        STATES.iter().flat_map(|(weight, word)| std::iter::repeat_n(*word, *weight as usize)).collect();
    select(all)
}

fn template() -> impl Strategy<Value = &'static str> {
    prop_oneof![3 => select(&TEMPLATES[..12]), 2 => select(&TEMPLATES[..])]
}

fn visit() -> impl Strategy<Value = Told<Seat>> {
    let place = prop_oneof![3 => Just(None), 2 => select(vec![Some("nord"), Some("sued"), Some("mitte")])];
    let confirmation = prop_oneof![4 => Just(""), 1 => select(vec!["Confirmed", "None", "vielleicht"])];
    let room = (place, select(&CHAIRS[..]));
    let fixed = (day(), 8_u32..11, template(), room, confirmation, select(&PRACTITIONERS[..]), 0_u64..3);
    let version = (0..TIMES, state(), proptest::option::weighted(0.1, day()));
    (fixed, vec(version, 1..4)).prop_map(
        |((day, hour, template, (place, chair), confirmation, practitioner, ahead), versions)| {
            let seat = Seat { day, hour, template, place, chair, state: "", confirmation, practitioner, ahead };
            let version = |(time, state, moved): (u8, _, Option<u16>)| {
                (time, Seat { state, day: moved.unwrap_or(day), ..seat.clone() })
            };
            told(versions.into_iter().map(version).collect())
        },
    )
}

fn line() -> impl Strategy<Value = Told<Line>> {
    let day = prop_oneof![8 => (0_usize..12).prop_map(When::Visit), 1 => day().prop_map(When::Day)];
    let amount = proptest::option::weighted(0.8, -500_i64..50_000);
    let version = (0..TIMES, select(&LINES[..]), amount, prop::bool::weighted(0.1));
    (day, select(&PRACTITIONERS[..]), vec(version, 1..3)).prop_map(|(day, practitioner, versions)| {
        let version = |(time, (kind, schedule, code, text), amount, gone): (u8, (_, _, _, _), _, _)| {
            (time, Line { day, kind, schedule, code, text, amount, practitioner, gone })
        };
        told(versions.into_iter().map(version).collect())
    })
}

fn told<T>(mut versions: Vec<(u8, T)>) -> Told<T> {
    versions.sort_by_key(|(time, _)| *time);
    Told(versions)
}

fn options() -> impl Strategy<Value = DealSettings> {
    let grain = prop_oneof![3 => Just(Grain::Case), 1 => Just(Grain::Appointment)];
    let case_key = prop_oneof![3 => Just(CaseKey::Patient), 1 => Just(CaseKey::PatientLocation)];
    let days = prop_oneof![4 => Just(30_u32), 1 => Just(0), 1 => Just(3)];
    let (idle, link) = (prop_oneof![6 => Just(0_u32), 1 => Just(40)], prop_oneof![4 => Just(0_u32), 1 => Just(2)]);
    (grain, case_key, days, idle, link).prop_map(|(grain, case_key, rebook_days, case_idle_days, link_days)| {
        DealSettings { grain, case_key, rebook_days, case_idle_days, link_days, ..DealSettings::default() }
    })
}

/// Stories without people: what is read alone decides.
pub(super) fn stories() -> impl Strategy<Value = Story> {
    let all = (options(), vec(visit(), 1..13), vec(line(), 0..8));
    all.prop_map(|(options, visits, lines)| Story { options, visits, lines, hands: Vec::new(), edits: Vec::new() })
}

/// Stories in which people write on deals.
pub(super) fn stories_with_people() -> impl Strategy<Value = Story> {
    let hand = (0..TIMES, 0_usize..3, 0_usize..64, 0_usize..64);
    let hand = hand.prop_map(|(time, deal, property, value)| Hand { time, deal, property, value });
    (stories(), vec(hand, 1..4)).prop_map(|(story, hands)| Story { hands, ..story })
}

/// Stories after which the tables are edited.
pub(super) fn stories_with_edits() -> impl Strategy<Value = Story> {
    (stories(), vec(edit(), 1..4)).prop_map(|(story, edits)| Story { edits, ..story })
}

impl Seat {
    /// The record, and the day on which its state was first read.
    pub(super) fn record(&self, number: usize) -> (Appointment, NaiveDate) {
        let start = LocalTime(on(self.day).and_hms_opt(self.hour, 0, 0).expect("a time"));
        let appointment = Appointment {
            id: AppointmentId::new(&format!("a{number}")),
            instance: InstanceKey::new("nord"),
            patient: PatientRef::Id(PatientId::new("p")),
            start,
            end: None,
            template: self.template.to_owned(),
            chair: self.chair.to_owned(),
            practitioner: self.practitioner.to_owned(),
            location: self.place.map(str::to_owned),
            state: self.state.to_owned(),
            confirmation: self.confirmation.to_owned(),
            created: None,
            changed: None,
            ids: SourceIds::default(),
        };
        (appointment, on(self.day).checked_sub_days(Days::new(self.ahead)).expect("within the calendar"))
    }
}

impl Story {
    fn day(&self, day: When) -> NaiveDate {
        match day {
            When::Visit(at) => {
                let Told(versions) = &self.visits[at % self.visits.len()];
                on(versions.first().map_or(0, |(_, seat)| seat.day))
            }
            When::Day(day) => on(day),
        }
    }

    /// The record of an entry.
    pub(super) fn entry(&self, line: &Line, number: usize) -> Entry {
        line.record(number, self.day(line.day))
    }
}

impl Line {
    fn record(&self, number: usize, date: NaiveDate) -> Entry {
        Entry {
            id: EntryId::new(&format!("e{number}")),
            instance: InstanceKey::new("nord"),
            patient: PatientRef::Id(PatientId::new("p")),
            date,
            practitioner: self.practitioner.to_owned(),
            kind: self.kind.to_owned(),
            schedule: self.schedule.to_owned(),
            code: Personal::new(self.code),
            count: rust_decimal::Decimal::ONE,
            factor: None,
            amount: self.amount.map(Cents),
            text: Personal::new(self.text),
            profile: None,
        }
    }
}

/// One line that tells everything; the people are invented.
impl fmt::Display for Story {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let DealSettings { grain, case_key, rebook_days, case_idle_days, link_days, .. } = self.options;
        write!(f, "{grain:?}, {case_key:?}, rebook {rebook_days}, idle {case_idle_days}, link {link_days}")?;
        for (at, Told(versions)) in self.visits.iter().enumerate() {
            for (time, seat) in versions {
                let Seat { day, hour, template, place, chair, state, confirmation, practitioner, ahead } = seat;
                write!(f, " | t{time} a{at} {} {hour}:00 {template:?} {state:?}", on(*day))?;
                write!(f, " {confirmation:?} @{} {chair:?} {practitioner:?} -{ahead}d", place.unwrap_or(""))?;
            }
        }
        for (at, Told(versions)) in self.lines.iter().enumerate() {
            for (time, line) in versions {
                let Line { day, kind, schedule, code, text, amount, practitioner, gone } = line;
                let gone = if *gone { " gone" } else { "" };
                write!(f, " | t{time} e{at} {} {kind:?} {schedule:?} {code:?} {text:?}", self.day(*day))?;
                write!(f, " {amount:?} {practitioner:?}{gone}")?;
            }
        }
        for Hand { time, deal, property, value } in &self.hands {
            write!(f, " | t{time} by hand: deal {deal} property {property} value {value}")?;
        }
        for edit in &self.edits {
            write!(f, " | {edit}")?;
        }
        Ok(())
    }
}
