//! Look-ups for chart entries: kinds by type and code, points by code, point values by day. Built once per mapping.

use std::collections::HashMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::fold::fold;
use super::tables::{CodeRange, EntryMatch, Tables};

/// `cents` → euro.
const CENT: Decimal = Decimal::from_parts(1, 0, 0, false, 2);

/// The look-ups; a row is named by its place in `Tables::entry_kinds`, where a smaller place wins.
#[derive(Clone, Debug, Default)]
pub(crate) struct Chart {
    pub(super) kinds: HashMap<String, Vec<usize>>,
    pub(super) codes: HashMap<String, Vec<usize>>,
    pub(super) spans: Vec<(u32, u32, usize)>,
    pub(super) texts: Vec<usize>,
    /// Schedule → code → points.
    points: HashMap<String, HashMap<String, Decimal>>,
    /// Schedule → point values of orthodontic codes, and of all others.
    values: HashMap<String, [Tiers; 2]>,
}

/// Rows that may give the value of a point, in the order in which they are asked; the newest day stands first in each.
type Tiers = Vec<Vec<(Option<NaiveDate>, Decimal)>>;

impl Chart {
    pub(crate) fn of(tables: &Tables) -> Self {
        let mut chart = Self::default();
        for (at, row) in tables.entry_kinds.iter().enumerate() {
            match &row.matches {
                EntryMatch::Kind(kind) => chart.kinds.entry(fold(kind)).or_default().push(at),
                EntryMatch::Codes(ranges) => {
                    for range in ranges {
                        match range {
                            CodeRange::One(code) => chart.codes.entry(fold_code(code)).or_default().push(at),
                            CodeRange::Span(first, last) => chart.spans.push((*first, *last, at)),
                        }
                    }
                }
                EntryMatch::Text(_) => chart.texts.push(at),
            }
        }
        for row in &tables.fees {
            let codes = chart.points.entry(fold(&row.schedule)).or_default();
            codes.entry(fold_code(&row.code)).or_insert(row.points);
        }
        for row in &tables.point_values {
            let schedule = fold(&row.schedule);
            let tiers = || [Some("kfo"), None].map(|area| tiers(tables, &schedule, area));
            chart.values.entry(schedule.clone()).or_insert_with(tiers);
        }
        chart
    }

    /// Points of a code; both texts are folded.
    pub(super) fn points(&self, schedule: &str, code: &str) -> Option<Decimal> {
        self.points.get(schedule)?.get(code).copied()
    }

    /// Euros per point on `day`; both texts are folded.
    ///
    /// An entry does not say its area and Kassenart. Orthodontic codes take the rows of KFO first; then come rows for any
    /// area; rows of one other area count when the schedule has no second one. The same holds for the Kassenart.
    pub(super) fn euros_per_point(&self, schedule: &str, code: &str, day: NaiveDate) -> Option<Decimal> {
        self.point_value(schedule, code, day).map(|(_, euros)| euros)
    }

    /// The same with the day from which it holds.
    pub(super) fn point_value(
        &self,
        schedule: &str,
        code: &str,
        day: NaiveDate,
    ) -> Option<(Option<NaiveDate>, Decimal)> {
        let [orthodontic, other] = self.values.get(schedule)?;
        let tiers = if is_orthodontic(code) { orthodontic } else { other };
        let valid = |rows: &Vec<(Option<NaiveDate>, Decimal)>| {
            rows.iter().find(|(from, _)| from.is_none_or(|from| from <= day)).copied()
        };
        tiers.iter().find_map(valid)
    }
}

fn tiers(tables: &Tables, schedule: &str, area: Option<&str>) -> Tiers {
    type Wanted<'a> = dyn Fn(Option<&str>) -> bool + 'a;
    let rows = || tables.point_values.iter().filter(|row| fold(&row.schedule) == schedule);
    let only = |texts: Vec<String>| {
        let (first, rest) = texts.split_first()?;
        rest.iter().all(|text| text == first).then(|| first.clone())
    };
    let only_area = only(rows().filter_map(|row| row.area.as_deref().map(fold)).collect());
    let only_kasse = only(rows().filter_map(|row| row.kassenart.as_deref().map(fold)).collect());
    let is = |wanted: Option<&str>, have: Option<&str>| wanted.is_some() && wanted == have;
    let areas: [&Wanted<'_>; 3] =
        [&|have| is(area, have), &|have| have.is_none(), &|have| is(only_area.as_deref(), have)];
    let kassen: [&Wanted<'_>; 2] = [&|have| have.is_none(), &|have| is(only_kasse.as_deref(), have)];
    let mut tiers = Vec::new();
    for wanted_area in areas {
        for wanted_kasse in kassen {
            let mut tier: Vec<_> = rows()
                .filter(|row| wanted_area(row.area.as_deref().map(fold).as_deref()))
                .filter(|row| wanted_kasse(row.kassenart.as_deref().map(fold).as_deref()))
                .filter_map(|row| Some((row.valid_from, row.cents.checked_mul(CENT)?)))
                .collect();
            tier.sort_by_key(|(from, _)| std::cmp::Reverse(*from));
            if !tier.is_empty() {
                tiers.push(tier);
            }
        }
    }
    tiers
}

/// Whether a BEMA code belongs to the orthodontic part: 01k, 5, 116 to 131 with or without a letter, Ä934a, Ä935d.
///
/// Source: `domain.md` 2.2.
fn is_orthodontic(code: &str) -> bool {
    let digits = code.trim_end_matches(|letter: char| letter.is_ascii_lowercase());
    matches!(code, "01k" | "5" | "ae934a" | "ae935d")
        || digits.parse::<u32>().is_ok_and(|number| (116..=131).contains(&number))
}

/// Returns a fee code in its one spelling: folded, without blanks (`Ä 5000` = `ae5000`).
pub(super) fn fold_code(code: &str) -> String {
    let mut folded = fold(code);
    folded.retain(|letter| letter != ' ');
    folded
}

#[cfg(test)]
mod tests {
    use crate::mapping::tables::PointValue;

    use super::*;

    /// Rows are `area kassenart valid_from cents`, `-` for an empty cell.
    fn value(rows: &[&str], code: &str, day: &str) -> Option<String> {
        let text = |cell: &str| (cell != "-").then(|| cell.to_owned());
        let row = |row: &&str| {
            let cells: Vec<&str> = row.split(' ').collect();
            PointValue {
                schedule: "bema".to_owned(),
                area: text(cells[0]),
                kassenart: text(cells[1]),
                valid_from: text(cells[2]).map(|day| day.parse().expect("a day")),
                cents: cells[3].parse().expect("a number"),
            }
        };
        let chart = Chart::of(&Tables { point_values: rows.iter().map(row).collect(), ..Tables::default() });
        let euros = chart.euros_per_point("bema", code, day.parse().expect("a day"))?;
        Some((euros * Decimal::ONE_HUNDRED).normalize().to_string())
    }

    #[test]
    fn the_value_of_a_point_is_the_closest_row_that_is_valid_on_the_day() {
        let check = |rows: &[&str], code: &str, day: &str, wanted: Option<&str>| {
            assert_eq!(value(rows, code, day).as_deref(), wanted, "{rows:?} {code} {day}");
        };
        let years = ["KFO - 2024-01-01 100", "KFO - 2026-01-01 105", "KFO - 2025-01-01 102"];
        check(&years, "119a", "2023-12-31", None);
        check(&years, "119a", "2024-01-01", Some("100"));
        check(&years, "119a", "2025-12-31", Some("102"));
        check(&years, "119a", "2026-07-01", Some("105"));
        let areas = ["- - - 110", "KFO - - 105", "KCH - - 120"];
        check(&areas, "01k", "2026-07-01", Some("105"));
        check(&areas, "131c", "2026-07-01", Some("105"));
        check(&areas, "ae1", "2026-07-01", Some("110"));
        check(&["KFO - - 105"], "ae1", "2026-07-01", Some("105"));
        check(&["KFO - - 105", "KCH - - 120"], "ae1", "2026-07-01", None);
        check(&["KFO vdek - 106", "KFO - - 105"], "5", "2026-07-01", Some("105"));
        check(&["KFO vdek - 106"], "5", "2026-07-01", Some("106"));
        check(&["KFO vdek - 106", "KFO aok - 105"], "5", "2026-07-01", None);
    }

    #[test]
    fn a_code_has_one_spelling() {
        for spelling in ["Ä5000", "ä 5000", "Ae5000", " A\u{308}5000\u{a0}"] {
            assert_eq!(fold_code(spelling), "ae5000");
        }
    }
}
