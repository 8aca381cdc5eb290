//! The rows about chart entries: `eintragsarten`, `gebuehren`, `punktwerte`.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::domain::{Cents, StageKey};

/// What is done with a chart entry (`domain.md` 2.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Handler {
    /// Counts as revenue as the row says.
    Revenue,
    /// Counts as private revenue.
    RevenuePrivate,
    /// A plan: its amount is the plan value.
    PlanSignal,
    /// Active treatment has started.
    StartSignal,
    /// Only counted: number, first and last day, amount apart from revenue.
    Marker,
    /// Not used.
    Ignore,
}

impl Handler {
    /// The word in `eintragsarten.csv`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Revenue => "revenue",
            Self::RevenuePrivate => "revenue_private",
            Self::PlanSignal => "plan_signal",
            Self::StartSignal => "start_signal",
            Self::Marker => "marker",
            Self::Ignore => "ignore",
        }
    }
}

/// What a row of `eintragsarten.csv` looks at.
#[derive(Clone, Debug)]
pub enum EntryMatch {
    /// `Typ`, folded for case and umlauts.
    Kind(String),
    /// Fee codes: single ones and inclusive numeric ranges.
    Codes(Vec<CodeRange>),
    /// The text matches; linear-time engine.
    Text(regex::Regex),
}

/// One code or an inclusive range of numeric codes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CodeRange {
    /// Exactly this code, folded for case.
    One(String),
    /// From the first to the last number.
    Span(u32, u32),
}

/// Where the amount of an entry comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AmountSource {
    /// Column `Betrag`.
    Amount,
    /// Points from `gebuehren.csv` × point value × factor × count; `Betrag` wins if it is there.
    Points,
    /// An amount with `€` in the text.
    Text,
    /// The same for each line.
    Fixed(Cents),
    /// None.
    None,
}

/// Which part of the revenue a line belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Share {
    /// Paid by the statutory insurance.
    Statutory,
    /// Paid privately.
    Private,
    /// Lab and material.
    Lab,
    /// The patient's own share of statutory treatment.
    OwnShare,
}

/// `eintragsarten.csv`: one kind of chart entry.
#[derive(Clone, Debug)]
pub struct EntryKind {
    /// What it looks at.
    pub matches: EntryMatch,
    /// Only entries of this `Gebührenart` (folded); `None` = any.
    pub schedule: Option<String>,
    /// Key in `kategorien.csv`, if it says something about the treatment.
    pub category: Option<String>,
    /// What is done with it.
    pub handler: Handler,
    /// Whether its amount is revenue.
    pub counts_revenue: bool,
    /// Where the amount comes from.
    pub amount_source: AmountSource,
    /// Which part of the revenue; `None` = by schedule (BEMA statutory, GOZ and GOÄ private, BEL and BEB lab).
    pub share: Option<Share>,
    /// Stage it supports when linked to a completed appointment.
    pub stage_signal: Option<StageKey>,
    /// Smaller is looked at first.
    pub priority: u32,
}

/// `gebuehren.csv`: points of one fee code.
#[derive(Clone, Debug, PartialEq)]
pub struct Fee {
    /// BEMA, GOZ or GOÄ, folded.
    pub schedule: String,
    /// Code, folded.
    pub code: String,
    /// Points.
    pub points: Decimal,
}

/// `punktwerte.csv`: what a point is worth.
#[derive(Clone, Debug, PartialEq)]
pub struct PointValue {
    /// BEMA, GOZ or GOÄ, folded.
    pub schedule: String,
    /// KFO, KCH, …; `None` = any.
    pub area: Option<String>,
    /// Kassenart; `None` = any.
    pub kassenart: Option<String>,
    /// First day it holds.
    pub valid_from: Option<NaiveDate>,
    /// Cents per point, with decimals (5.62421 for GOZ).
    pub cents: Decimal,
}
