//! Chart entry → what it means: which row of `eintragsarten.csv` it falls under, and what follows from that.

use crate::domain::{Cents, Entry, StageKey};

use super::amount::{Provenance, amount};
use super::chart::{Chart, fold_code};
use super::fold::fold;
use super::index::Mapping;
use super::notice::Notice;
use super::tables::{EntryKind, EntryMatch, Handler, Share};

/// The type of entry whose meaning nobody but the practice knows (`domain.md` 2.7), as the table folds it.
const PABG: &str = "pabg";

/// What a chart entry means under a mapping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Classified<'m> {
    /// What is done with it; [`Handler::Ignore`] if no row fits.
    pub handler: Handler,
    /// Key of the treatment category it speaks for.
    pub category: Option<&'m str>,
    /// Whether its amount is revenue.
    pub counts_revenue: bool,
    /// Which part of the revenue it belongs to.
    pub share: Share,
    /// Stage it supports when it is linked to a completed appointment.
    pub stage_signal: Option<&'m StageKey>,
    /// Its amount, sign kept; `None` is not zero.
    pub amount: Option<Cents>,
    /// How the amount is known.
    pub provenance: Provenance,
    /// Whether it is a `pabg` line, by its type or by the handler `marker`, whatever is done with it.
    pub is_pabg: bool,
    /// Place of the row that fits among [`Mapping::entry_kinds`].
    pub row: Option<usize>,
    /// No row fits; holds what to list.
    pub notice: Option<Notice>,
}

impl Classified<'_> {
    /// Whether the entry says anything about a deal. One that does not counts as *ignored*.
    #[must_use]
    pub fn is_used(&self) -> bool {
        self.handler != Handler::Ignore
    }
}

/// Returns what `entry` means: the first row of `eintragsarten.csv` by priority that fits, else "not used".
///
/// Units: the amount is in cents, computed exactly and rounded half-up once; the value of a point is that of the entry's
/// day. Assumed: a line of GOZ or GOÄ without factor and amount was billed at 2.3 ([`Provenance::PointsAtUsualFactor`]).
#[must_use]
pub fn classify<'m>(entry: &Entry, mapping: &'m Mapping) -> Classified<'m> {
    let schedule = fold(&entry.schedule);
    let code = if entry.code.is_empty() { String::new() } else { fold_code(entry.code.expose()) };
    let rows = mapping.entry_kinds();
    let chart = mapping.chart();
    let found = first_row(entry, &schedule, &code, rows, chart).and_then(|at| Some((at, rows.get(at)?)));
    let Some((at, row)) = found else {
        return Classified {
            handler: Handler::Ignore,
            category: None,
            counts_revenue: false,
            share: share_of(&schedule),
            stage_signal: None,
            amount: None,
            provenance: Provenance::NotWanted,
            is_pabg: false,
            row: None,
            notice: Some(Notice::UnknownEntryKind { kind: entry.kind.clone(), schedule: entry.schedule.clone() }),
        };
    };
    let (amount, provenance) = amount(entry, row.amount_source, &schedule, &code, chart);
    let natural = if row.handler == Handler::RevenuePrivate { Share::Private } else { share_of(&schedule) };
    Classified {
        handler: row.handler,
        category: row.category.as_deref(),
        counts_revenue: row.counts_revenue,
        share: row.share.unwrap_or(natural),
        stage_signal: row.stage_signal.as_ref(),
        amount,
        provenance,
        is_pabg: row.handler == Handler::Marker || matches!(&row.matches, EntryMatch::Kind(kind) if kind == PABG),
        row: Some(at),
        notice: None,
    }
}

/// The row with the smallest place. Types and codes are looked up; patterns are tried only where they could still win.
fn first_row(entry: &Entry, schedule: &str, code: &str, rows: &[EntryKind], chart: &Chart) -> Option<usize> {
    let fits = |at: &usize| rows.get(*at).is_some_and(|row| row.schedule.as_deref().is_none_or(|own| own == schedule));
    let best = chart.first(&fold(&entry.kind), code, &fits);
    let says = |at: &usize| match rows.get(*at).map(|row| &row.matches) {
        Some(EntryMatch::Text(pattern)) => pattern.is_match(entry.text.expose()),
        Some(EntryMatch::Kind(_) | EntryMatch::Codes(_)) | None => false,
    };
    let earlier = chart.texts.iter().copied().take_while(|at| best.is_none_or(|best| *at < best));
    earlier.filter(fits).find(says).or(best)
}

impl Mapping {
    /// Rows that may answer for entries of this type, schedule and code, folded: the first that looks at no text, and the
    /// patterns before it.
    pub(super) fn entry_rows(&self, kind: &str, schedule: &str, code: &str) -> Vec<&EntryKind> {
        let (rows, chart) = (self.entry_kinds(), self.chart());
        let fits =
            |at: &usize| rows.get(*at).is_some_and(|row| row.schedule.as_deref().is_none_or(|own| own == schedule));
        let best = chart.first(kind, code, &fits);
        let patterns = chart.texts.iter().copied().take_while(|at| best.is_none_or(|best| *at < best)).filter(fits);
        patterns.chain(best).filter_map(|at| rows.get(at)).collect()
    }
}

impl Chart {
    /// The place of the first row for a type and code, both folded, that looks at no text.
    fn first(&self, kind: &str, code: &str, fits: &dyn Fn(&usize) -> bool) -> Option<usize> {
        let first = |places: Option<&Vec<usize>>| places?.iter().copied().find(|at| fits(at));
        let of_code = || if code.is_empty() { None } else { first(self.codes.get(code)) };
        let number = || if code.is_empty() { None } else { number(code) };
        let in_spans = |number: u32| {
            let spans = self.spans.iter().filter(|(first, last, _)| (*first..=*last).contains(&number));
            spans.map(|(_, _, at)| *at).filter(|at| fits(at)).min()
        };
        [first(self.kinds.get(kind)), of_code(), number().and_then(in_spans)].into_iter().flatten().min()
    }
}

/// The number of a code that has nothing but digits; `6030a` lies in no range.
fn number(code: &str) -> Option<u32> {
    if code.bytes().all(|byte| byte.is_ascii_digit()) { code.parse().ok() } else { None }
}

/// The share of a schedule (folded): BEMA statutory, BEL and BEB lab, all else private.
fn share_of(schedule: &str) -> Share {
    if schedule.starts_with("bema") {
        Share::Statutory
    } else if schedule.starts_with("bel") || schedule.starts_with("beb") {
        Share::Lab
    } else {
        Share::Private
    }
}

#[cfg(test)]
#[path = "entry_tests.rs"]
pub(super) mod tests;

#[cfg(test)]
#[path = "vectors_tests.rs"]
mod vectors;
