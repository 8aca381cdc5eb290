//! Digests of rows, tables and the whole (`mappings.md` 3.5): what a decision was made with.
//!
//! A row's digest covers its parsed value, so notes, comments, spelling of yes and no, and the order of rows in
//! look-up tables change nothing; in `regeln.csv` the order is the meaning and counts.

use std::fmt;

use super::tables::{Keyed, Tables};

/// Version of the canonical form; a change re-plans everything once.
const FORMAT: u32 = 1;

/// A BLAKE3 digest; shown by its first eight hex characters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    pub(super) fn over<'p>(parts: impl IntoIterator<Item = &'p [u8]>) -> Self {
        let mut hasher = blake3::Hasher::new();
        for part in parts {
            hasher.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes());
            hasher.update(part);
        }
        Self(*hasher.finalize().as_bytes())
    }

    /// All 64 hex characters.
    #[must_use]
    pub fn hex(&self) -> String {
        blake3::Hash::from_bytes(self.0).to_hex().to_string()
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().take(4).try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The digests of one table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableDigest {
    /// Name without `.csv`.
    pub table: &'static str,
    /// The table as a whole.
    pub digest: Digest,
    /// Key and digest of each row; sorted by key in look-up tables, in order for `regeln`.
    pub rows: Vec<(String, Digest)>,
}

/// The digests of all tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digests {
    /// The whole mapping: pinned in run and plan.
    pub mapping: Digest,
    /// What every decision depends on: the tables [`UNDER_ALL`] and the options of `mapping.toml`.
    pub foundation: Digest,
    /// One per table.
    pub tables: Vec<TableDigest>,
}

/// Tables whose change concerns every record.
pub const UNDER_ALL: [&str; 3] = ["pipeline", "verlustgruende", "eigenschaften"];

/// Whether the order of rows is part of a table's meaning.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    Any,
    Matters,
}

impl Digests {
    /// Digests of checked tables.
    #[must_use]
    pub fn of(tables: &Tables) -> Self {
        // Taken apart by name: a new table cannot be forgotten.
        let Tables {
            locations,
            chairs,
            practitioners,
            templates,
            entry_kinds,
            categories,
            status,
            stages,
            rules,
            reasons,
            properties,
            fees,
            point_values,
            unknown_template,
            unknown_status,
            trials: _,
            lines: _,
        } = tables;
        let all = vec![
            table(locations, Order::Any),
            table(chairs, Order::Any),
            table(practitioners, Order::Any),
            table(templates, Order::Any),
            table(entry_kinds, Order::Any),
            table(categories, Order::Any),
            table(status, Order::Any),
            table(stages, Order::Any),
            table(rules, Order::Matters),
            table(reasons, Order::Any),
            table(properties, Order::Any),
            table(fees, Order::Any),
            table(point_values, Order::Any),
        ];
        let options = format!("{FORMAT} {unknown_template:?} {unknown_status:?}");
        let parts = all.iter().flat_map(|one| [one.table.as_bytes(), &one.digest.0]);
        let mapping = Digest::over(parts.chain([options.as_bytes()]));
        let under_all = all.iter().filter(|one| UNDER_ALL.contains(&one.table)).flat_map(|one| &one.digest.0);
        let under_all: Vec<u8> = under_all.copied().collect();
        let foundation = Digest::over([under_all.as_slice(), options.as_bytes()]);
        Self { mapping, foundation, tables: all }
    }
}

/// `Debug` of a row struct is its canonical form: every field, by name, as parsed.
fn table<R: fmt::Debug + Keyed>(rows: &[R], order: Order) -> TableDigest {
    let digest = |row: &R| Digest::over([format!("{row:?}").as_bytes()]);
    let mut rows: Vec<(String, Digest)> = rows.iter().map(|row| (row.key(), digest(row))).collect();
    if order == Order::Any {
        rows.sort();
    }
    let digest = Digest::over(rows.iter().flat_map(|(key, digest)| [key.as_bytes(), &digest.0[..]]));
    TableDigest { table: R::TABLE, digest, rows }
}
