//! `eintragsarten`, `kategorien`, `gebuehren`, `punktwerte`.

use rust_decimal::Decimal;

use crate::domain::Cents;
use crate::mapping::fold::fold;
use crate::mapping::tables::{
    AmountSource, Category, CodeRange, EntryKind, EntryMatch, Fee, Handler, PointValue, Share, Stage,
};

use super::row::{Once, Placed, Problems, References, Row, parse_decimal};
use super::sheet::Sheet;

/// Memory a compiled pattern may take (SEC-06); the engine is linear in the text.
const MAX_REGEX: usize = 1 << 20;

#[derive(Clone, Copy)]
enum Look {
    Kind,
    Codes,
    Text,
}

const HANDLERS: [(&str, Handler); 6] = [
    ("revenue", Handler::Revenue),
    ("revenue_private", Handler::RevenuePrivate),
    ("plan_signal", Handler::PlanSignal),
    ("start_signal", Handler::StartSignal),
    ("marker", Handler::Marker),
    ("ignore", Handler::Ignore),
];

const SHARES: [(&str, Option<Share>); 4] = [
    ("statutory", Some(Share::Statutory)),
    ("private", Some(Share::Private)),
    ("lab", Some(Share::Lab)),
    ("own_share", Some(Share::OwnShare)),
];

pub(super) fn entry_kinds(
    sheet: &Sheet,
    stages: &[Stage],
    known: &References,
    problems: &Problems,
) -> Placed<EntryKind> {
    let read = |row: Row<'_>| {
        let looks = [("type", Look::Kind), ("code", Look::Codes), ("text-regex", Look::Text), ("text", Look::Text)];
        // Every cell is read before the first that is missing ends it.
        let matches = row.word("match", "M014", None, &looks).and_then(|look| entry_match(&row, look));
        let handler = row.word("handler", "M014", Some(Handler::Ignore), &HANDLERS);
        let revenue = matches!(handler, Some(Handler::Revenue | Handler::RevenuePrivate));
        let (category, counts_revenue) = (row.category("category", known), row.flag("counts_revenue", revenue));
        let (amount_source, share) = (amount_source(&row), row.word("share", "M014", Some(None), &SHARES));
        let stage_signal = row.stage_ahead("stage_signal", known, stages);
        let priority = row.number("priority").unwrap_or(100);
        let kind = EntryKind {
            matches: matches?,
            schedule: row.text("schedule").map(|text| fold(&text)),
            category,
            handler: handler?,
            counts_revenue,
            amount_source: amount_source?,
            share: share?,
            stage_signal,
            priority,
        };
        if kind.counts_revenue && !revenue {
            let message = "the row counts as revenue, but its handler is none of revenue";
            problems
                .add(row.problem("counts_revenue", "M024", message).help("write nein, or choose the handler revenue"));
        }
        Some(kind)
    };
    let mut rows: Vec<(Row<'_>, EntryKind)> =
        Row::all(sheet, problems).filter_map(|row| Some((row, read(row)?))).collect();
    rows.sort_by_key(|(_, kind)| kind.priority);
    if sheet.is_told() {
        conflicts(&rows);
    }
    rows.into_iter().map(|(row, kind)| (row.line(), kind)).collect()
}

fn entry_match(row: &Row<'_>, look: Look) -> Option<EntryMatch> {
    let pattern = row.needed("pattern")?;
    match look {
        Look::Kind => Some(EntryMatch::Kind(fold(pattern))),
        Look::Codes => {
            let codes: Vec<Option<CodeRange>> = row.list("pattern").map(|part| code_range(row, part)).collect();
            let codes = codes.into_iter().collect::<Option<Vec<_>>>()?;
            (!codes.is_empty()).then_some(EntryMatch::Codes(codes))
        }
        Look::Text => match regex::RegexBuilder::new(pattern).size_limit(MAX_REGEX).build() {
            Ok(regex) => Some(EntryMatch::Text(regex)),
            Err(error) => {
                let reason = error.to_string().lines().last().unwrap_or_default().trim().to_owned();
                let problem = row.problem("pattern", "M019", format!("\"{pattern}\" is not a pattern")).note(reason);
                row.problems
                    .add(problem.help("patterns are regular expressions without look-around and back-references"));
                None
            }
        },
    }
}

/// `6030-6080` is a range, `119a` a code; `131-129` is neither.
fn code_range(row: &Row<'_>, part: &str) -> Option<CodeRange> {
    let Some((first, last)) = part.split_once('-') else { return Some(CodeRange::One(fold(part))) };
    match (first.trim().parse::<u32>(), last.trim().parse::<u32>()) {
        (Ok(first), Ok(last)) if first <= last => Some(CodeRange::Span(first, last)),
        _ => {
            let problem = row.problem_at("pattern", part, "M019", format!("\"{part}\" is not a range of codes"));
            row.problems.add(problem.help("write the smaller number first, 6030-6080; codes with letters one by one"));
            None
        }
    }
}

fn amount_source(row: &Row<'_>) -> Option<AmountSource> {
    let cell = row.cell("amount_source");
    if let Some(euro) = fold(cell).strip_prefix("fixed:") {
        let cents = parse_decimal(euro).and_then(|euro| Cents::from_euro(euro).ok());
        if cents.is_none() {
            let message = format!("\"{cell}\" has no amount after fixed:");
            row.complain("amount_source", "M019", message, "write fixed:12,50");
        }
        return cents.map(AmountSource::Fixed);
    }
    let words = [
        ("amount", AmountSource::Amount),
        ("points", AmountSource::Points),
        ("text", AmountSource::Text),
        ("none", AmountSource::None),
        ("fixed:<euro>", AmountSource::None),
    ];
    row.word("amount_source", "M014", Some(AmountSource::Amount), &words)
}

/// Two rows of one priority that can match the same entry would leave the answer to the order of rows.
fn conflicts(rows: &[(Row<'_>, EntryKind)]) {
    for (at, (row, kind)) in rows.iter().enumerate() {
        let earlier =
            rows.get(..at).unwrap_or_default().iter().rev().take_while(|(_, other)| other.priority == kind.priority);
        if let Some((other, _)) = earlier.into_iter().find(|(_, other)| may_meet(kind, other)) {
            let message = format!("two rows of priority {} can match the same entry", kind.priority);
            let problem = row.problem("pattern", "M022", message).note(other.sheet.shown("the other is", other.line()));
            row.problems.add(problem.help("give one of them another priority"));
        }
    }
}

fn may_meet(one: &EntryKind, other: &EntryKind) -> bool {
    let apart = matches!((&one.schedule, &other.schedule), (Some(one), Some(other)) if one != other);
    !apart
        && match (&one.matches, &other.matches) {
            (EntryMatch::Kind(one), EntryMatch::Kind(other)) => one == other,
            (EntryMatch::Codes(one), EntryMatch::Codes(other)) => {
                one.iter().any(|a| other.iter().any(|b| overlap(a, b)))
            }
            (EntryMatch::Kind(_) | EntryMatch::Codes(_) | EntryMatch::Text(_), _) => true,
        }
}

fn overlap(one: &CodeRange, other: &CodeRange) -> bool {
    match (one, other) {
        (CodeRange::One(one), CodeRange::One(other)) => one == other,
        (CodeRange::One(code), CodeRange::Span(first, last)) | (CodeRange::Span(first, last), CodeRange::One(code)) => {
            code.parse::<u32>().is_ok_and(|code| (*first..=*last).contains(&code))
        }
        (CodeRange::Span(a, b), CodeRange::Span(c, d)) => a <= d && c <= b,
    }
}

pub(super) fn categories(sheet: &Sheet, problems: &Problems) -> Placed<Category> {
    let mut once = Once::default();
    let read = |row: Row<'_>| {
        let (key, rank) = (row.key("key"), row.number("rank").unwrap_or(0));
        let key = key?;
        once.check(&row, "key", fold(key), key);
        Some(Category {
            key: key.to_owned(),
            label: row.text("label").unwrap_or_else(|| key.to_owned()),
            rank,
            hubspot_value: row.text("hubspot_value").unwrap_or_else(|| key.to_owned()),
        })
    };
    Row::each(sheet, problems, read)
}

pub(super) fn fees(sheet: &Sheet, problems: &Problems) -> Placed<Fee> {
    let mut once = Once::default();
    let read = |row: Row<'_>| {
        let (schedule, code, points) = (row.needed("schedule"), row.needed("code"), positive(&row, "points"));
        let (schedule, code) = (fold(schedule?), fold(code?));
        once.check(&row, "code", format!("{schedule} {code}"), row.cell("code"));
        Some(Fee { points: points?, schedule, code })
    };
    Row::each(sheet, problems, read)
}

pub(super) fn point_values(sheet: &Sheet, problems: &Problems) -> Placed<PointValue> {
    let mut once = Once::default();
    let read = |row: Row<'_>| {
        let (schedule, valid_from, cents) = (row.needed("schedule"), row.day("valid_from"), positive(&row, "cents"));
        let (schedule, area, kassenart) = (fold(schedule?), row.text("area"), row.text("kassenart"));
        if sheet.is_told() {
            let key = format!("{schedule} {area:?} {kassenart:?} {valid_from:?}");
            once.check(&row, "schedule", key, row.cell("schedule"));
        }
        Some(PointValue { schedule, area, kassenart, valid_from, cents: cents? })
    };
    Row::each(sheet, problems, read)
}

fn positive(row: &Row<'_>, column: &str) -> Option<Decimal> {
    let number = row.decimal(column)?;
    if number.is_sign_negative() || number > Decimal::from(1_000_000) {
        row.complain(column, "M019", format!("{column} lies outside 0 to 1.000.000"), "check the decimal point");
        return None;
    }
    Some(number)
}
