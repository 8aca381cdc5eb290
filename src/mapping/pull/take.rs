//! From what was read to what would be written: sheets matched with tables, refusals, differences, the check beforehand.

use std::collections::BTreeMap;

use super::changes::{Changes, changes, settle};
use super::grid::Grid;
use super::record::{Origin, Record, SourceKind};
use super::write::TableText;
use super::{refusal, sheet_name, workbook};
use crate::mapping::fold::{fold, fold_tight};
use crate::mapping::index::Mapping;
use crate::mapping::load::{Shape, Source, decode, load, shapes};
use crate::mapping::problem::{Problem, advice};

/// What was read, before anybody looked into it.
#[derive(Clone, PartialEq, Eq)]
pub enum Taken {
    /// An XLSX file.
    Workbook(Vec<u8>),
    /// CSV texts with the names of their tables; for published ones what the server called their kind.
    Csv(Vec<(String, Vec<u8>, Option<String>)>),
}

/// What a pull may do to the number of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tolerance {
    /// At most 30 % of a table's rows may go.
    Usual,
    /// Any number short of all.
    Shrink,
}

/// One table on its way to the folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PulledTable {
    /// Its file.
    pub file: &'static str,
    /// Its sheet's name in the source.
    pub sheet: String,
    /// The file's new text.
    pub text: String,
    /// What differs from the present file.
    pub changes: Changes,
    /// Whether the present file has the very same bytes.
    pub same: bool,
    /// Whether the present file was edited by hand after its last pull and would lose that.
    pub edited: bool,
}

/// A pull, ready to be looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pulled {
    /// Tables of the source, in the order in which a folder is checked.
    pub tables: Vec<PulledTable>,
    /// Sheets that belong to no table, with the table that may be meant.
    pub strangers: Vec<(String, Option<String>)>,
    /// Why nothing may be written; M090, each with the place in the source.
    pub refusals: Vec<Problem>,
    /// `.pulled.json` as it would stand there afterwards.
    pub record: Record,
}

/// Whether a sheet or file of this name is a table.
#[must_use]
pub fn is_table(name: &str) -> bool {
    shape_of(name).is_some()
}

fn shape_of(name: &str) -> Option<Shape> {
    let wanted = fold_tight(sheet_name(name.trim()));
    shapes().find(|shape| fold_tight(sheet_name(shape.file)) == wanted)
}

/// Matches what was read with the tables of the folder `present` and compares.
///
/// `source` is how the origin is called in the record and in problems (file name, folder name or host), `time` when it
/// was read. Nothing of a refused pull may be written.
#[must_use]
pub fn take(
    kind: SourceKind,
    source: &str,
    taken: Taken,
    present: &dyn Source,
    tolerance: Tolerance,
    time: &str,
) -> Pulled {
    let mut pulled = Pulled::default();
    let before = present.read(Record::FILE).map_or_else(Record::default, |bytes| Record::read(&bytes));
    pulled.record = before.clone();
    let mut grids: BTreeMap<&'static str, Grid> = BTreeMap::new();
    for grid in grids_of(source, taken, &mut pulled) {
        let Some(shape) = shape_of(&grid.name) else { continue };
        if let Some(other) = grids.get(shape.file) {
            let text = format!("two sheets are meant for {}: \"{}\" and \"{}\"", shape.file, other.name, grid.name);
            pulled.refusals.push(refusal(source, text).help("delete or rename one of them"));
            continue;
        }
        grids.insert(shape.file, grid);
    }
    missing(kind, source, &before, &grids, &mut pulled);
    for shape in shapes() {
        let Some(grid) = grids.get(shape.file) else { continue };
        let mut table = grid.table(&shape);
        if let Some(problem) = headless(source, grid, &shape) {
            pulled.refusals.push(problem);
            continue;
        }
        let old = present.read(shape.file);
        let compared = compare(&shape, old.as_deref(), &mut table);
        pulled.refusals.extend(too_few(source, grid, &compared, tolerance));
        let text = table.text();
        let same = old.as_deref() == Some(text.as_bytes());
        let edited = !same && old.as_deref().is_some_and(|old| before.was_edited(shape.file, old));
        pulled.record.keep(shape.file, Origin::new(kind, source, &grid.name, &table, time));
        let sheet = grid.name.clone();
        pulled.tables.push(PulledTable { file: shape.file, sheet, text, changes: compared, same, edited });
    }
    pulled
}

fn grids_of(source: &str, taken: Taken, pulled: &mut Pulled) -> Vec<Grid> {
    let near = |name: &str| {
        let tables: Vec<String> = shapes().map(|shape| sheet_name(shape.file).to_owned()).collect();
        let likely = |table: &&String| strsim::jaro_winkler(&fold(name), table) >= 0.85;
        tables.iter().find(likely).cloned()
    };
    match taken {
        Taken::Workbook(bytes) => match workbook::read(source, &bytes, is_table) {
            Ok(book) => {
                pulled.strangers =
                    book.others.into_iter().map(|name| (near(&name), name)).map(|(near, name)| (name, near)).collect();
                book.grids
            }
            Err(problems) => {
                pulled.refusals.extend(problems);
                Vec::new()
            }
        },
        Taken::Csv(files) => {
            let mut grids = Vec::new();
            for (name, bytes, said) in files {
                let place = format!("{source}, {name}");
                if let Some(problem) = no_csv(&place, &bytes, said.as_deref()) {
                    pulled.refusals.push(problem);
                } else if is_table(&name) {
                    let mut problems = Vec::new();
                    let text = decode(&place, &bytes, &mut problems);
                    pulled.refusals.extend(problems.into_iter().map(|problem| Problem { code: "M090", ..problem }));
                    grids.extend(text.map(|text| Grid::of_csv(&name, &text)));
                } else {
                    let near = near(&name);
                    pulled.strangers.push((name, near));
                }
            }
            grids
        }
    }
}

/// A login page, a workbook or an error text instead of a table.
fn no_csv(place: &str, bytes: &[u8], said: Option<&str>) -> Option<Problem> {
    let begin: String = String::from_utf8_lossy(bytes.get(..bytes.len().min(256)).unwrap_or_default())
        .trim_start_matches(['\u{feff}', ' ', '\n', '\r', '\t'])
        .to_ascii_lowercase();
    let html = said.is_some_and(|kind| kind.to_ascii_lowercase().starts_with("text/html"))
        || ["<!doctype", "<html", "<?xml", "<head", "<body"].iter().any(|tag| begin.starts_with(tag));
    if html {
        let problem = refusal(place, "a web page came instead of CSV, as a login page would".to_owned());
        return Some(problem.help(
            "publish the sheet: File → Share → Publish to web, one sheet, comma-separated values; or save the workbook as XLSX and use --from",
        ));
    }
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"\xd0\xcf\x11\xe0") {
        let problem = refusal(place, "a spreadsheet stands there, not CSV".to_owned());
        return Some(problem.help("pull the XLSX itself with --from, or save each sheet as CSV"));
    }
    None
}

/// Tables that this source gave before, or that a misnamed sheet stands for, and no table at all.
fn missing(kind: SourceKind, source: &str, before: &Record, grids: &BTreeMap<&'static str, Grid>, pulled: &mut Pulled) {
    // What could not be read is complained about already.
    if !pulled.refusals.is_empty() {
        return;
    }
    for file in before.of(kind, source).filter(|file| !grids.contains_key(file)) {
        let table = sheet_name(file);
        let mut problem = refusal(source, format!("there is no sheet \"{table}\" any more, {file} came from it"));
        problem.help = advice(table, pulled.strangers.iter().map(|(name, _)| name.as_str()))
            .map(|advice| advice.replace("did you mean", "was it renamed to"))
            .or_else(|| Some(format!("name a sheet \"{table}\", or delete {file} to do without")));
        pulled.refusals.push(problem);
    }
    if grids.is_empty() {
        let names: Vec<String> = shapes().map(|shape| sheet_name(shape.file).to_owned()).collect();
        let problem = refusal(source, "no sheet has the name of a table".to_owned());
        pulled.refusals.push(problem.help(format!("name the sheets {}", names.join(", "))));
    }
}

/// A sheet whose first row is no header.
fn headless(source: &str, grid: &Grid, shape: &Shape) -> Option<Problem> {
    let known = |cell: &String| shape.columns.iter().any(|column| fold_tight(column) == fold_tight(cell));
    let is_header = |cells: &[String]| {
        let named = cells.iter().filter(|cell| !cell.is_empty()).count();
        named > 0 && cells.iter().filter(|cell| known(cell)).count() * 2 > named
    };
    let place = |row: u32| format!("{source}, {}!{}", grid.name, workbook::address(row.saturating_sub(1), 0));
    let Some(first) = grid.data().next() else {
        let problem = refusal(&place(1), "the sheet is empty".to_owned());
        return Some(problem.help("a table is never emptied by a pull; delete the sheet if it is not needed"));
    };
    if is_header(&first.cells) {
        return None;
    }
    let problem = refusal(&place(first.row), format!("the first row is no header of {}", shape.file));
    let header = grid.data().take(20).find(|row| is_header(&row.cells));
    Some(match header {
        Some(row) => {
            problem.help(format!("the header stands in row {}: delete the rows above, or begin them with #", row.row))
        }
        None => problem.help(format!("columns: {}", shape.columns.join(", "))),
    })
}

/// What differs, once values that are as before have the text that they had.
fn compare(shape: &Shape, old: Option<&[u8]>, new: &mut TableText) -> Changes {
    let text = old.and_then(|bytes| decode(shape.file, bytes, &mut Vec::new())).unwrap_or_default();
    let old = Grid::of_csv(shape.file, &text).table(shape);
    settle(shape, &old, new);
    changes(shape, &old, new)
}

fn too_few(source: &str, grid: &Grid, changes: &Changes, tolerance: Tolerance) -> Option<Problem> {
    let (before, after) = changes.rows;
    let gone = changes.removed.len();
    let place = format!("{source}, {}", grid.name);
    if after == 0 && before > 0 {
        let problem = refusal(&place, format!("the table is empty, {before} rows would be gone"));
        return Some(problem.help("a pull never empties a table; is this the right sheet?"));
    }
    if gone * 10 > before * 3 && tolerance == Tolerance::Usual {
        let problem = refusal(&place, format!("{gone} of {before} rows would be gone, more than 30 %"));
        return Some(problem.help("is this the right sheet? If the rows are meant to go: --allow-shrink"));
    }
    None
}

impl Pulled {
    /// Tables whose file would change.
    pub fn changing(&self) -> impl Iterator<Item = &PulledTable> {
        self.tables.iter().filter(|table| !table.same)
    }

    /// Checks the folder as it would stand afterwards.
    #[must_use]
    pub fn check(&self, present: &dyn Source) -> (Option<Mapping>, Vec<Problem>) {
        load(&After { pulled: self, present })
    }
}

struct After<'p> {
    pulled: &'p Pulled,
    present: &'p dyn Source,
}

impl Source for After<'_> {
    fn read(&self, name: &str) -> Option<Vec<u8>> {
        if name == Record::FILE {
            return Some(self.pulled.record.text().into_bytes());
        }
        let pulled = self.pulled.tables.iter().find(|table| table.file == name);
        pulled.map(|table| table.text.clone().into_bytes()).or_else(|| self.present.read(name))
    }

    fn names(&self) -> Vec<String> {
        self.present.names()
    }
}
