//! One change of the tables as an operator makes it: a row is changed, added, moved or removed.

use std::fmt;

use chrono::NaiveDate;
use proptest::prelude::*;
use proptest::sample::select;
use rust_decimal::Decimal;

use crate::domain::{AppointmentState, Cents, LocationKey, RuleId, StageKey};
use crate::mapping::fold;
use crate::mapping::tables::{
    AmountSource, Category, Chair, CodeRange, EntryKind, EntryMatch, Handler, PointValue, Rule, Share, Status,
    StatusField, Tables, Target, Template,
};

/// A change of one row; what the numbers stand for is in its table's hands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Edit {
    table: Table,
    act: Act,
    row: usize,
    field: usize,
    value: usize,
}

#[derive(Clone, Copy, Debug)]
enum Table {
    Templates,
    Status,
    Chairs,
    EntryKinds,
    Rules,
    Categories,
    PointValues,
}

#[derive(Clone, Copy, Debug)]
enum Act {
    Change,
    Add,
    Move,
    Remove,
}

const TABLES: [Table; 7] = [
    Table::Templates,
    Table::Status,
    Table::Chairs,
    Table::EntryKinds,
    Table::Rules,
    Table::Categories,
    Table::PointValues,
];

const STAGES: [&str; 7] =
    ["termin_gebucht", "erstberatung", "diagnostik", "plan_erstellt", "angebot", "in_behandlung", "gewonnen"];

const CATEGORIES: [&str; 5] = ["erstberatung", "aligner_komplex", "multiband_privat", "kontrolle", "neu"];

const LOCATIONS: [&str; 3] = ["nord", "sued", "mitte"];

const STATES: [AppointmentState; 8] = [
    AppointmentState::Booked,
    AppointmentState::Confirmed,
    AppointmentState::Completed,
    AppointmentState::Cancelled,
    AppointmentState::NoShow,
    AppointmentState::Clarified,
    AppointmentState::Moved,
    AppointmentState::Deleted,
];

/// States as the stories write them: rows about others concern nobody.
const WRITTEN: [&str; 8] =
    ["geplant", "bestätigt", "fertig", "erledigt", "abgesagt", "geklärt", "nicht erschienen", "gelöscht"];

const CONDITIONS: [&str; 6] = ["", "live", "not begun", "opens", "stage_rank > 2", "supported_rank > stage_rank"];

pub(super) fn edit() -> impl Strategy<Value = Edit> {
    let act = prop_oneof![4 => Just(Act::Change), 2 => Just(Act::Add), 1 => Just(Act::Move), 2 => Just(Act::Remove)];
    (select(&TABLES[..]), act, 0_usize..64, 0_usize..64, 0_usize..64).prop_map(|(table, act, row, field, value)| Edit {
        table,
        act,
        row,
        field,
        value,
    })
}

fn pick<T: Copy>(all: &[T], at: usize) -> T {
    all[at % all.len()]
}

/// One of the stages; none now and then.
fn stage(value: usize) -> Option<StageKey> {
    (value % 8 < 7).then(|| StageKey::new(pick(&STAGES, value)))
}

fn day(month: u32, day: u32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(2026, month, day)
}

impl Edit {
    /// The tables with this change.
    pub(super) fn apply(&self, tables: &mut Tables) {
        match self.table {
            Table::Templates => self.on(&mut tables.templates, Self::template, Self::new_template),
            Table::Status => {
                // Half of the time a word that is read.
                let written = fold(pick(&WRITTEN, self.row));
                let place = tables.status.iter().position(|row| row.value == written);
                let row = place.filter(|_| self.field.is_multiple_of(2)).unwrap_or(self.row);
                Self { row, ..*self }.on(&mut tables.status, Self::status, Self::new_status);
            }
            Table::Chairs => self.on(&mut tables.chairs, Self::chair, Self::new_chair),
            Table::EntryKinds => {
                self.on(&mut tables.entry_kinds, Self::entry_kind, Self::new_entry_kind);
                // The loader sorts them.
                tables.entry_kinds.sort_by_key(|row| row.priority);
            }
            Table::Rules => self.on(&mut tables.rules, Self::rule, Self::new_rule),
            Table::Categories => self.on(&mut tables.categories, Self::category, Self::new_category),
            Table::PointValues => self.on(&mut tables.point_values, Self::point_value, Self::new_point_value),
        }
    }

    fn on<R: Clone>(&self, rows: &mut Vec<R>, change: fn(&Self, &mut R), renew: fn(&Self, &mut R)) {
        if rows.is_empty() {
            return;
        }
        let at = self.row % rows.len();
        match self.act {
            Act::Change => change(self, &mut rows[at]),
            Act::Add => {
                let mut new = rows[at].clone();
                renew(self, &mut new);
                rows.insert(self.value % (rows.len() + 1), new);
            }
            Act::Move => {
                let to = self.value % rows.len();
                rows.swap(at, to);
            }
            Act::Remove => drop(rows.remove(at)),
        }
    }

    fn template(&self, row: &mut Template) {
        match self.field % 11 {
            0 => row.stage_on_completed = stage(self.value),
            1 => row.stage_on_booked = stage(self.value),
            2 => row.opens_deal ^= true,
            3 => row.attaches ^= true,
            4 => row.is_treatment_start ^= true,
            5 => row.is_treatment_end ^= true,
            6 => row.is_misc ^= true,
            7 => pick(&CATEGORIES, self.value).clone_into(&mut row.category),
            8 => row.valid_to = if row.valid_to.is_none() { day(5, 20) } else { None },
            9 => row.prefix = row.prefix.is_none().then(|| "NB_".to_owned()),
            _ => row.name.push_str(" alt"),
        }
        // One that opens a deal belongs to one.
        row.attaches |= row.opens_deal;
    }

    fn new_template(&self, row: &mut Template) {
        let (prefix, name, valid_from) = match self.field % 5 {
            0 => (None, "Wurzelkanal Spezial", None),
            1 => (Some("NB_"), "Erstberatung Aligner", None),
            2 => (Some("SB_"), "Erstberatung KFO Kind", None),
            3 => (None, "Prophylaxe", day(7, 1)),
            _ => (None, "Nie gesehen", None),
        };
        *row = Template {
            prefix: prefix.map(str::to_owned),
            name: name.to_owned(),
            valid_from,
            valid_to: None,
            ..row.clone()
        };
    }

    fn status(&self, row: &mut Status) {
        row.canonical = Some(pick(&STATES, self.value));
    }

    fn new_status(&self, row: &mut Status) {
        let (field, word) = match self.field % 3 {
            0 => (StatusField::State, "verwirbelt"),
            1 => (StatusField::State, "deleted"),
            _ => (StatusField::Confirmation, "vielleicht"),
        };
        *row = Status { field, value: fold(word), canonical: Some(pick(&STATES, self.value)) };
    }

    fn chair(&self, row: &mut Chair) {
        match self.field % 3 {
            0 => row.location = None,
            1 => row.active ^= true,
            _ => row.location = Some(LocationKey::new(pick(&LOCATIONS, self.value))),
        }
    }

    fn new_chair(&self, row: &mut Chair) {
        let (name, prefix) = match self.field % 3 {
            0 => (Some("Zimmer 9"), None),
            1 => (Some("NB_Zimmer 1"), None),
            _ => (None, Some("Zimm")),
        };
        *row = Chair {
            id: None,
            name: name.map(str::to_owned),
            prefix: prefix.map(str::to_owned),
            location: Some(LocationKey::new(pick(&LOCATIONS, self.value))),
            active: true,
        };
    }

    fn entry_kind(&self, row: &mut EntryKind) {
        match self.field % 7 {
            0 => {
                const HANDLERS: [Handler; 6] = [
                    Handler::Revenue,
                    Handler::RevenuePrivate,
                    Handler::PlanSignal,
                    Handler::StartSignal,
                    Handler::Marker,
                    Handler::Ignore,
                ];
                row.handler = pick(&HANDLERS, self.value);
            }
            1 => row.counts_revenue ^= true,
            2 => {
                const SOURCES: [AmountSource; 4] =
                    [AmountSource::Amount, AmountSource::Points, AmountSource::Fixed(Cents(990)), AmountSource::None];
                row.amount_source = pick(&SOURCES, self.value);
            }
            3 => {
                row.share = pick(&[None, Some(Share::Lab), Some(Share::OwnShare), Some(Share::Private)], self.value);
            }
            4 => row.category = Some(pick(&CATEGORIES, self.value).to_owned()),
            5 => row.stage_signal = stage(self.value),
            _ => row.priority = pick(&[5, 15, 20, 55, 70], self.value),
        }
    }

    fn new_entry_kind(&self, row: &mut EntryKind) {
        let code = |code: &str| EntryMatch::Codes(vec![CodeRange::One(code.to_owned())]);
        row.matches = match self.field % 4 {
            0 => EntryMatch::Kind(fold("Sonderbares")),
            1 => EntryMatch::Kind(fold("Zahlung")),
            2 => code("6100"),
            _ => EntryMatch::Codes(vec![CodeRange::Span(1000, 7000)]),
        };
        row.priority = pick(&[5, 15, 20, 55, 70], self.value);
    }

    fn rule(&self, row: &mut Rule) {
        match self.field % 5 {
            0 => pick(&CONDITIONS, self.value).clone_into(&mut row.condition),
            1 => row.states = vec![pick(&STATES, self.value)],
            2 => row.categories = vec![pick(&CATEGORIES, self.value).to_owned()],
            3 => row.has_entries = pick(&[None, Some(true), Some(false)], self.value),
            _ => {
                let to = stage(self.value).map_or(Target::Supported, Target::Stage);
                row.target = row.target.is_some().then_some(to);
            }
        }
    }

    fn new_rule(&self, row: &mut Rule) {
        row.id = RuleId::new("R99");
        self.rule(row);
    }

    fn category(&self, row: &mut Category) {
        match self.field % 3 {
            0 => row.rank = pick(&[1, 50, 120], self.value),
            1 => row.hubspot_value.push_str("_neu"),
            _ => row.key.push_str("_alt"),
        }
    }

    fn new_category(&self, row: &mut Category) {
        *row = Category { key: "neu".to_owned(), rank: pick(&[1, 50, 120], self.value), ..row.clone() };
    }

    fn point_value(&self, row: &mut PointValue) {
        match self.field % 3 {
            0 => row.cents = pick(&[Decimal::ONE, Decimal::TEN, Decimal::ONE_HUNDRED], self.value),
            1 => row.valid_from = day(5, 20),
            _ => row.area = Some("KCH".to_owned()),
        }
    }

    fn new_point_value(&self, row: &mut PointValue) {
        row.valid_from = pick(&[day(5, 5), day(6, 1), day(12, 1)], self.value);
        row.cents += Decimal::ONE;
    }
}

impl fmt::Display for Edit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { table, act, row, field, value } = self;
        write!(f, "{table:?} {act:?} row {row} field {field} value {value}")
    }
}
