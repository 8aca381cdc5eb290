//! The rows of the tables in `mappings/`, as the rest of the room reads them. One struct per table, one value per row.

mod chart;
mod place;

use chrono::NaiveDate;

use super::trial::Trial;
use crate::domain::{
    AppointmentState, InstanceKey, LocationKey, Object, Overwrite, PropertyName, RuleId, StageKey, StageKind,
};

pub(crate) use place::Keyed;
pub use place::Lines;

pub use chart::{AmountSource, CodeRange, EntryKind, EntryMatch, Fee, Handler, PointValue, Share};

/// `standorte.csv`: one location.
#[derive(Clone, Debug, PartialEq)]
pub struct Location {
    /// Key used everywhere (`--practice`).
    pub key: LocationKey,
    /// Name shown in deal names and reports.
    pub name: String,
    /// Town.
    pub city: String,
    /// Installation it belongs to.
    pub instance: InstanceKey,
    /// Ivoris profile id, if one belongs to this location alone.
    pub profile_id: Option<String>,
    /// Mandant index, if one belongs to this location alone.
    pub mandant_index: Option<String>,
    /// Option value of `ivoris_location` in HubSpot.
    pub hubspot_value: String,
    /// Name prefix of its chairs and templates (`NB_`), if any.
    pub prefix: Option<String>,
    /// Whether records of this location are taken at all.
    pub active: bool,
}

/// `behandlungsstuehle.csv`: one chair, or all chairs with a prefix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chair {
    /// Ivoris id, if known.
    pub id: Option<String>,
    /// Name, if the row is about one chair.
    pub name: Option<String>,
    /// Name prefix, if the row is about many.
    pub prefix: Option<String>,
    /// Location; `None` for chairs that stand for no location.
    pub location: Option<LocationKey>,
    /// Whether it is a chair for patients.
    pub active: bool,
}

/// `behandler.csv`: one practitioner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Practitioner {
    /// Ivoris id, if known.
    pub id: Option<String>,
    /// Name as Ivoris shows it.
    pub name: String,
    /// ZA, KFO, …
    pub role: String,
    /// HubSpot owner, if mapped.
    pub hubspot_owner: Option<String>,
    /// Location, if the practitioner works at one only.
    pub location: Option<LocationKey>,
}

/// `terminarten.csv`: one appointment template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// Name without location prefix.
    pub name: String,
    /// Prefix that must stand before the name; `None` = any location's prefix or none.
    pub prefix: Option<String>,
    /// Key in `kategorien.csv`.
    pub category: String,
    /// Stage supported while booked.
    pub stage_on_booked: Option<StageKey>,
    /// Stage supported once completed with entries.
    pub stage_on_completed: Option<StageKey>,
    /// Opens a deal.
    pub opens_deal: bool,
    /// First consultation (KPI).
    pub is_first_consult: bool,
    /// Start of active treatment: sets `behandlungsstartdate`.
    pub is_treatment_start: bool,
    /// End of treatment: wins the deal once it has entries.
    pub is_treatment_end: bool,
    /// Never a patient's appointment (Teamsitzung).
    pub is_misc: bool,
    /// Belongs to a deal at all; one that opens a deal always does.
    pub attaches: bool,
    /// Usual length in minutes.
    pub default_minutes: Option<u32>,
    /// First day this row holds.
    pub valid_from: Option<NaiveDate>,
    /// Last day this row holds.
    pub valid_to: Option<NaiveDate>,
}

impl Template {
    /// Whether the template names a stage (design.md section 4b).
    #[must_use]
    pub const fn names_stage(&self) -> bool {
        self.stage_on_completed.is_some() || self.stage_on_booked.is_some()
    }
}

/// `kategorien.csv`: one treatment category.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Category {
    /// Key.
    pub key: String,
    /// Label in HubSpot.
    pub label: String,
    /// The highest rank wins.
    pub rank: u32,
    /// Option value in HubSpot.
    pub hubspot_value: String,
}

/// Which field of an appointment a row of `status.csv` looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StatusField {
    /// `Status`
    State,
    /// `Bestätigung`
    Confirmation,
}

/// `status.csv`: one spelling of a state; the value is folded for case, umlauts and blanks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// Which field.
    pub field: StatusField,
    /// The spelling, folded.
    pub value: String,
    /// What it means; `None` for a confirmation that changes nothing (Requested, Declined).
    pub canonical: Option<AppointmentState>,
}

/// `pipeline.csv`: one deal stage. Its rank is its place by `order`, counted from 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    /// Our name.
    pub key: StageKey,
    /// The id in HubSpot; empty = found by label.
    pub hubspot_stage_id: String,
    /// Label in HubSpot.
    pub label: String,
    /// Place in the pipeline.
    pub order: u32,
    /// Open, won or lost.
    pub kind: StageKind,
    /// Pipeline it stands in.
    pub pipeline_id: String,
}

/// What a stage rule does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// A deal is created (or a lead taken over).
    Open,
    /// The deal moves forward.
    Advance,
    /// The deal is lost.
    Lose,
    /// The deal goes back.
    PushBack,
    /// Nothing is done, and it is said.
    Hold,
}

/// Which stage a rule means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// What the evidence supports.
    Supported,
    /// What was held before, at least what is supported.
    Previous,
    /// This stage.
    Stage(StageKey),
}

/// What the `deal_stage` cell of a rule asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StageMatch {
    /// Blank cell: any open stage.
    AnyOpen,
    /// A list that may hold `none`.
    OneOf {
        /// Whether "no deal yet" matches.
        none: bool,
        /// Stages that match.
        stages: Vec<StageKey>,
    },
}

/// `regeln.csv`: one row of the decision table; empty lists mean "any".
#[derive(Clone, Debug)]
pub struct Rule {
    /// Rule id, written to the journal.
    pub id: RuleId,
    /// States of the driving appointment.
    pub states: Vec<AppointmentState>,
    /// Stage of the deal.
    pub stage: StageMatch,
    /// Categories of the driving appointment.
    pub categories: Vec<String>,
    /// Whether the driving appointment has entries; `None` = either.
    pub has_entries: Option<bool>,
    /// The `bedingung` cell, a minijinja expression over the variables of design.md section 4; empty = true.
    pub condition: String,
    /// What is done.
    pub action: Action,
    /// To which stage; `None` for `Hold`.
    pub target: Option<Target>,
    /// Key in `verlustgruende.csv` for `Lose`.
    pub reason: Option<String>,
}

/// `verlustgruende.csv`: one reason for a lost deal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LossReason {
    /// Key.
    pub key: String,
    /// Text in `closed_lost_reason`.
    pub hubspot_value: String,
    /// Whether the deal counts in KPI.
    pub counts_in_kpi: bool,
}

/// Data class of a property (design.md section 1, promise 5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DataClass {
    /// Ids, sync bookkeeping.
    Technical,
    /// Name, e-mail, phone.
    Person,
    /// Coarse derived values: location, category, dates, sums, states.
    Care,
    /// Off by default; needs a reason and a sensitive property.
    Health,
}

/// Type of a property as `hubspot-schema` creates it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PropertyType {
    /// One line of text.
    Text,
    /// Phone number text.
    Phone,
    /// Number.
    Number,
    /// Euro amount.
    Money,
    /// Calendar date.
    Date,
    /// Instant.
    Datetime,
    /// Yes or no.
    Bool,
    /// One option.
    Select,
    /// Several options joined by `;`.
    MultiSelect,
}

/// `eigenschaften.csv`: one property that may leave the host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PropertyRow {
    /// Object it belongs to.
    pub object: Object,
    /// Internal name in HubSpot.
    pub name: PropertyName,
    /// Label in HubSpot (column `label`; empty = the name).
    pub label: String,
    /// Where the value comes from, in our words (`patient.firstname`, `derived.treatment_revenue`).
    pub source: String,
    /// Type.
    pub kind: PropertyType,
    /// Transformation (`trim`, `de`, `eur`, …); empty = none.
    pub transform: String,
    /// Who owns it.
    pub overwrite: Overwrite,
    /// Data class.
    pub class: DataClass,
    /// Whether HubSpot keeps it unique.
    pub unique: bool,
}

/// What is done with a value that has no row (`mapping.toml`, `[options]`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Unknown {
    /// The HubSpot appointment is written without that property, the record counts as held, no deal is opened or moved.
    #[default]
    Hold,
    /// Treated as a template that opens no deal.
    Attach,
    /// The record is skipped.
    Ignore,
}

/// All tables, read and checked; rows in file order.
#[derive(Clone, Debug, Default)]
pub struct Tables {
    /// `standorte.csv`
    pub locations: Vec<Location>,
    /// `behandlungsstuehle.csv`
    pub chairs: Vec<Chair>,
    /// `behandler.csv`
    pub practitioners: Vec<Practitioner>,
    /// `terminarten.csv`
    pub templates: Vec<Template>,
    /// `eintragsarten.csv`, sorted by priority, file order among equals
    pub entry_kinds: Vec<EntryKind>,
    /// `kategorien.csv`
    pub categories: Vec<Category>,
    /// `status.csv`
    pub status: Vec<Status>,
    /// `pipeline.csv`, sorted by order
    pub stages: Vec<Stage>,
    /// `regeln.csv`
    pub rules: Vec<Rule>,
    /// `verlustgruende.csv`
    pub reasons: Vec<LossReason>,
    /// `eigenschaften.csv`
    pub properties: Vec<PropertyRow>,
    /// `gebuehren.csv`
    pub fees: Vec<Fee>,
    /// `punktwerte.csv`
    pub point_values: Vec<PointValue>,
    /// `mapping.toml`: templates without a row
    pub unknown_template: Unknown,
    /// `mapping.toml`: states without a row
    pub unknown_status: Unknown,
    /// `tests.csv`
    pub trials: Vec<Trial>,
    /// Where the rows stand
    pub lines: Lines,
}

impl Tables {
    /// The line of a row in its file, by table (`terminarten`) and key as in [`super::TableDigest`]. Tables that were not
    /// read from files have none.
    #[must_use]
    pub fn line(&self, table: &'static str, key: &str) -> Option<u32> {
        self.lines.of(table, key)
    }
}
