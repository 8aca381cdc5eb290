//! Text → `Mapping`: every table read and checked to the end, all problems at once (`mappings.md` 3.1, 3.4).

mod decode;
mod entries;
mod manifest;
mod places;
mod private;
mod properties;
mod row;
mod rules;
mod sheet;
mod stages;
#[cfg(test)]
mod tests;
mod trials;
mod world;

use super::index::Mapping;
use super::problem::{Level, Problem, advice};
use super::pull::Record;
use super::tables::{Lines, Tables};
pub use decode::decode;
use row::{Known, Problems, References};
use sheet::{Sheet, Spec};

pub use manifest::{PullSource, pull_source};
pub(in crate::mapping) use row::{flag_of, parse_day, parse_decimal, parse_whole};
pub(in crate::mapping) use sheet::vote;

/// The files of a mapping folder; the caller reads the disk.
pub trait Source {
    /// The bytes of a file, `None` if there is no such file.
    fn read(&self, name: &str) -> Option<Vec<u8>>;

    /// Names of all files in the folder, to find misspelt ones; may be empty.
    fn names(&self) -> Vec<String> {
        Vec::new()
    }
}

impl<F: Fn(&str) -> Option<Vec<u8>>> Source for F {
    fn read(&self, name: &str) -> Option<Vec<u8>> {
        self(name)
    }
}

const MANIFEST: &str = "mapping.toml";

/// Files that belong to the folder and are not tables.
const OTHERS: [&str; 2] = [MANIFEST, "README.md"];

macro_rules! specs {
    ($($name:ident = $file:literal, $needed:literal, $keys:expr, $others:expr $(, rows by $rows:expr)?;)*) => {
        $(static $name: Spec = Spec { file: $file, needed: $needed, keys: &$keys, others: &$others, rows: specs!(@rows $keys $(, $rows)?) };)*
        static SPECS: &[&Spec] = &[$(&$name,)*];
    };
    (@rows $keys:expr) => { &$keys };
    (@rows $keys:expr, $rows:expr) => { &$rows };
}

specs! {
    LOCATIONS = "standorte.csv", true, ["location_key"],
        ["name", "city", "instance", "profile_id", "mandant_index", "hubspot_value", "prefix", "active", "holiday_state", "open_from", "open_to"];
    CHAIRS = "behandlungsstuehle.csv", false, [], ["chair_id", "chair_name", "prefix", "location_key", "active"],
        rows by ["chair_id", "chair_name", "prefix"];
    PRACTITIONERS = "behandler.csv", false, ["name"], ["practitioner_id", "role", "hubspot_owner", "location_key"];
    TEMPLATES = "terminarten.csv", true, ["template_name"],
        ["template_id", "prefix", "category", "stage_on_booked", "stage_on_completed", "opens_deal", "is_first_consult", "is_treatment_start",
         "is_treatment_end", "is_misc", "attaches", "default_minutes", "value_hint", "valid_from", "valid_to"];
    ENTRY_KINDS = "eintragsarten.csv", false, ["match", "pattern"],
        ["schedule", "category", "handler", "counts_revenue", "amount_source", "share", "stage_signal", "priority"],
        rows by ["match", "pattern", "schedule"];
    CATEGORIES = "kategorien.csv", true, ["key"], ["label", "rank", "hubspot_value"];
    STATUS = "status.csv", true, ["source_field", "source_value"], ["canonical"];
    PIPELINE = "pipeline.csv", true, ["stage_key"], ["hubspot_stage_id", "label", "order", "kind", "pipeline_id"];
    RULES = "regeln.csv", true, ["id", "action"],
        ["appointment_status", "deal_stage", "category", "has_entries", "bedingung", "stage", "reason"],
        rows by ["id"];
    REASONS = "verlustgruende.csv", true, ["reason_key"], ["hubspot_value", "counts_in_kpi"];
    PROPERTIES = "eigenschaften.csv", true, ["object", "hubspot_property", "source_path", "class"],
        ["label", "type", "transform", "overwrite", "unique", "reason"],
        rows by ["object", "hubspot_property"];
    FEES = "gebuehren.csv", false, ["schedule", "code", "points"], [], rows by ["schedule", "code"];
    POINT_VALUES = "punktwerte.csv", false, ["schedule", "cents"], ["area", "kassenart", "valid_from"],
        rows by ["schedule", "area", "kassenart"];
    TRIALS = "tests.csv", false, ["case", "terminart", "status"],
        ["confirmation", "deal_stage", "previous", "supported", "entries", "begun", "live", "day", "expect_stage", "expect_action", "expect_rule"],
        rows by ["case"];
}

/// What a table's file looks like, for whoever writes one.
pub(in crate::mapping) struct Shape {
    pub(in crate::mapping) file: &'static str,
    /// Columns that tell rows apart; some of them may be empty or not there.
    pub(in crate::mapping) keys: Vec<&'static str>,
    /// All columns.
    pub(in crate::mapping) columns: Vec<&'static str>,
}

impl Shape {
    fn of(spec: &Spec) -> Self {
        Self { file: spec.file, keys: spec.rows.to_vec(), columns: spec.columns().collect() }
    }

    /// A file without columns of its own.
    pub(in crate::mapping) const fn unknown() -> Self {
        Self { file: "", keys: Vec::new(), columns: Vec::new() }
    }
}

/// The shapes of all tables.
pub(in crate::mapping) fn shapes() -> impl Iterator<Item = Shape> {
    SPECS.iter().map(|spec| Shape::of(spec))
}

/// Names of all files that a mapping folder may hold.
pub fn file_names() -> impl Iterator<Item = &'static str> {
    SPECS.iter().map(|spec| spec.file).chain(OTHERS)
}

/// Reads and checks all tables. The mapping is there when no problem outside `tests.csv` is an error.
///
/// Problems come sorted by file, line and column; warnings do not stop a run.
#[must_use]
pub fn load(files: &dyn Source) -> (Option<Mapping>, Vec<Problem>) {
    let mut problems = Vec::new();
    strangers(files, &mut problems);
    let tables = read_tables(files, &mut problems);
    problems.sort_by(|a, b| (&a.file, a.line, a.column, a.code).cmp(&(&b.file, b.line, b.column, b.code)));
    name_cells(files, &mut problems);
    // The operator's cases are looked at by people; whatever is wrong with them, the tables are what they are.
    let sound = problems.iter().all(|problem| problem.level == Level::Warning || problem.file == TRIALS.file);
    (sound.then(|| Mapping::new(tables)), problems)
}

/// Beside file and line the cell of the spreadsheet that a table was pulled from.
fn name_cells(files: &dyn Source, problems: &mut [Problem]) {
    let Some(record) = files.read(Record::FILE).map(|bytes| Record::read(&bytes)) else { return };
    for problem in problems.iter_mut().filter(|problem| problem.line > 0) {
        let text = files.read(&problem.file);
        problem.cell = text.and_then(|text| record.cell(&problem.file, &text, problem.line, problem.column));
    }
}

/// A misspelt table would silently count as missing. What the tables are pulled from may lie beside them.
fn strangers(files: &dyn Source, problems: &mut Vec<Problem>) {
    let names = files.names();
    let source = files.read(MANIFEST).and_then(|text| pull_source(&String::from_utf8_lossy(&text)));
    let source = source.as_ref().and_then(|source| source.path().split('/').next());
    for name in names.iter().filter(|name| !name.starts_with('.')) {
        if !file_names().any(|known| known == name) && source != Some(name.as_str()) {
            let mut problem = Problem::of_file("M001", name, format!("{name} is no mapping table")).warn();
            problem.help = advice(name, file_names());
            problems.push(problem);
        }
    }
}

fn read_tables(files: &dyn Source, problems: &mut Vec<Problem>) -> Tables {
    let mut tables = Tables::default();
    if let Some(text) = read(files, MANIFEST, true, problems) {
        (tables.unknown_template, tables.unknown_status) = manifest::manifest(&text, problems);
    }
    let mut sheet = |spec: &'static Spec| match read(files, spec.file, spec.needed, problems) {
        Some(text) => Sheet::read(spec, text, problems),
        None => Sheet::absent(spec),
    };
    let (locations, chairs, practitioners, templates) =
        (sheet(&LOCATIONS), sheet(&CHAIRS), sheet(&PRACTITIONERS), sheet(&TEMPLATES));
    let (entry_kinds, categories, fees, points) =
        (sheet(&ENTRY_KINDS), sheet(&CATEGORIES), sheet(&FEES), sheet(&POINT_VALUES));
    let (status, pipeline, reasons, rules) = (sheet(&STATUS), sheet(&PIPELINE), sheet(&REASONS), sheet(&RULES));
    let (properties, trials) = (sheet(&PROPERTIES), sheet(&TRIALS));
    let known = References {
        stages: Known::of(&pipeline, "stage_key"),
        categories: Known::of(&categories, "key"),
        locations: Known::of(&locations, "location_key"),
        reasons: Known::of(&reasons, "reason_key"),
    };
    let found = Problems::default();
    let mut lines = Lines::default();
    tables.stages = lines.keep(stages::pipeline(&pipeline, &found));
    tables.locations = lines.keep(places::locations(&locations, &found));
    tables.chairs = lines.keep(places::chairs(&chairs, &tables.locations, &known, &found));
    tables.practitioners = lines.keep(places::practitioners(&practitioners, &known, &found));
    tables.templates = lines.keep(places::templates(&templates, &tables.stages, &known, &found));
    tables.entry_kinds = lines.keep(entries::entry_kinds(&entry_kinds, &tables.stages, &known, &found));
    tables.categories = lines.keep(entries::categories(&categories, &found));
    tables.fees = lines.keep(entries::fees(&fees, &found));
    tables.point_values = lines.keep(entries::point_values(&points, &found));
    tables.status = lines.keep(stages::status(&status, &found));
    tables.reasons = lines.keep(stages::reasons(&reasons, &found));
    tables.rules = lines.keep(rules::rules(&rules, &tables.stages, &known, &found));
    tables.properties = lines.keep(properties::properties(&properties, &found));
    tables.trials = trials::trials(&trials, &Known::of(&rules, "id"), &known, &found);
    tables.lines = lines;
    let sheets = [
        &locations,
        &chairs,
        &practitioners,
        &templates,
        &entry_kinds,
        &categories,
        &fees,
        &points,
        &status,
        &pipeline,
        &reasons,
        &rules,
        &properties,
        &trials,
    ];
    sheets.into_iter().for_each(|sheet| private::numbers(sheet, &found));
    // A line with a control character is complained about; what else is wrong with it may be its fault.
    let garbled: Vec<(String, u32)> =
        problems.iter().filter(|one| one.code == "M007").map(|one| (one.file.clone(), one.line)).collect();
    let clear = |one: &Problem| !garbled.iter().any(|(file, line)| *file == one.file && *line == one.line);
    problems.extend(found.into_inner().into_iter().filter(clear));
    tables
}

/// The text of a file; a needed one that is not there is a problem.
fn read(files: &dyn Source, name: &str, needed: bool, problems: &mut Vec<Problem>) -> Option<String> {
    let Some(bytes) = files.read(name) else {
        if needed {
            let problem = Problem::of_file("M001", name, format!("{name} is missing or cannot be read"));
            problems.push(problem.help("every mapping folder needs it; ivohub's own mappings/ shows the form"));
        }
        return None;
    };
    decode(name, &bytes, problems)
}
