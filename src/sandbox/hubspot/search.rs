//! Search: late, capped and limited (`hubspot-api.md` 5.8).
//!
//! There is no second store: a record's history tells what an index that lags behind would say.

use std::cmp::Ordering;
use std::collections::HashSet;

use chrono::{DateTime, NaiveDate};
use serde::Deserialize;

use crate::domain::Object;

use super::core::{Call, Core};
use super::definition::{Kind, Meaning};
use super::exchange::Done;
use super::input::{Text, parse};
use super::json::Out;
use super::record::PropertyId;
use super::refusal::Refusal;
use super::shape::{View, Wanted};

/// Limits of the search guide (D15).
const BODY: usize = 3_000;
const GROUPS: usize = 5;
const FILTERS: usize = 6;
const ALL_FILTERS: usize = 18;
const PAGE: usize = 10;
const LONGEST_PAGE: usize = 200;
const REACH: usize = 10_000;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
struct SearchBody<'a> {
    #[serde(borrow)]
    filter_groups: Vec<FilterGroup<'a>>,
    #[serde(borrow)]
    query: Option<Text<'a>>,
    #[serde(borrow)]
    sorts: Vec<Sort<'a>>,
    #[serde(borrow)]
    properties: Vec<Text<'a>>,
    limit: Option<usize>,
    #[serde(borrow)]
    after: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct FilterGroup<'a> {
    #[serde(borrow)]
    filters: Vec<Filter<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Filter<'a> {
    #[serde(borrow)]
    property_name: Text<'a>,
    operator: Operator,
    #[serde(default, borrow)]
    value: Option<Text<'a>>,
    #[serde(default, borrow)]
    high_value: Option<Text<'a>>,
    #[serde(default, borrow)]
    values: Vec<Text<'a>>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Operator {
    Eq,
    Neq,
    Lt,
    Lte,
    Gt,
    Gte,
    Between,
    In,
    NotIn,
    HasProperty,
    NotHasProperty,
    ContainsToken,
    NotContainsToken,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sort<'a> {
    #[serde(borrow)]
    property_name: Text<'a>,
    #[serde(default)]
    direction: Direction,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Direction {
    #[default]
    Ascending,
    Descending,
}

/// A filter with its property looked up.
struct Test<'f> {
    property: PropertyId,
    kind: Kind,
    filter: &'f Filter<'f>,
}

impl Core {
    /// `POST P/search`.
    pub(super) fn search(&self, call: &mut Call, object: Object, body: &[u8]) -> Result<Done, Refusal> {
        if body.len() > BODY {
            return Err(Refusal::invalid(format!("The request body must not exceed {BODY} characters")));
        }
        let search: SearchBody<'_> = parse(body)?;
        let (limit, begin) = page(&search)?;
        let groups = self.tests(object, &search)?;
        call.inputs = 1;
        let view = self.view(object);
        let sort = match search.sorts.as_slice() {
            [] => None,
            [sort] => Some((self.searchable(object, sort.property_name.as_str())?, sort.direction)),
            _ => return Err(Refusal::invalid("Only one sort rule is supported")),
        };
        let words = search.query.as_ref().map(|query| query.as_str().to_lowercase()).filter(|query| !query.is_empty());
        let mut found: Vec<u32> = Vec::new();
        for (index, record) in view.store.all_live() {
            let seen = call.now - self.lag(index);
            if record.created > seen {
                continue;
            }
            let look = |property| at_time(view, index, property, seen);
            let fits = |group: &Vec<Test<'_>>| group.iter().all(|test| test.passes(look(test.property).as_deref()));
            let named = |words: &String| {
                record.properties().any(|of| look(of).is_some_and(|value| value.to_lowercase().contains(words)))
            };
            if (groups.is_empty() || groups.iter().any(fits)) && words.as_ref().is_none_or(named) {
                found.push(index);
            }
        }
        if let Some((property, direction)) = sort {
            let kind = view.store.definition(property).kind;
            let mut keyed: Vec<(Option<String>, u32)> = found
                .into_iter()
                .map(|index| (at_time(view, index, property, call.now - self.lag(index)), index))
                .collect();
            keyed.sort_by(|(a, i), (b, j)| {
                let order = compare(kind, a.as_deref().unwrap_or_default(), b.as_deref().unwrap_or_default());
                let order = if direction == Direction::Descending { order.reverse() } else { order };
                order.then(i.cmp(j))
            });
            found = keyed.into_iter().map(|(_, index)| index).collect();
        }
        let names: Vec<&str> = search.properties.iter().map(Text::as_str).collect();
        let wanted = Wanted::new(view.store, names, &[]);
        let mut out = Out::new(limit * 500 + 64);
        out.raw("{\"total\":");
        out.number(u64::try_from(found.len()).unwrap_or(u64::MAX));
        out.raw(",\"results\":[");
        for index in found.iter().skip(begin).take(limit) {
            view.record(&mut out, *index, &wanted, |_| {});
        }
        out.raw("]");
        if found.len() > begin + limit {
            super::shape::paging(&mut out, u64::try_from(begin + limit).unwrap_or(u64::MAX));
        }
        out.raw("}");
        Ok(Done { status: 200, body: out.bytes })
    }

    /// How far the index is behind for one record: between half of the setting and all of it, in milliseconds.
    fn lag(&self, index: u32) -> i64 {
        let half = i64::try_from(self.settings.profile.search_lag.as_millis()).unwrap_or(i64::MAX) / 2;
        half + i64::from(index.wrapping_mul(2_654_435_761) >> 8).rem_euclid(half + 1)
    }

    fn searchable(&self, object: Object, name: &str) -> Result<PropertyId, Refusal> {
        let refusal = || {
            let message = format!("There was a problem with the request: property \"{name}\" does not exist");
            Refusal::invalid(message).detail("PROPERTY_DOESNT_EXIST", name, "does not exist")
        };
        self.store(object).property(name).ok_or_else(refusal)
    }

    fn tests<'f>(&self, object: Object, search: &'f SearchBody<'f>) -> Result<Vec<Vec<Test<'f>>>, Refusal> {
        let counts: Vec<usize> = search.filter_groups.iter().map(|group| group.filters.len()).collect();
        let too_many = counts.len() > GROUPS
            || counts.iter().any(|count| *count > FILTERS)
            || counts.iter().sum::<usize>() > ALL_FILTERS;
        if too_many {
            return Err(Refusal::invalid(format!(
                "at most {GROUPS} filterGroups, {FILTERS} filters per group and {ALL_FILTERS} filters in total"
            )));
        }
        let test = |filter: &'f Filter<'f>| {
            let property = self.searchable(object, filter.property_name.as_str())?;
            let kind = self.store(object).definition(property).kind;
            let listed = matches!(filter.operator, Operator::In | Operator::NotIn);
            // The guide: `IN` on texts needs lower case.
            let upper = |value: &Text<'_>| value.as_str().chars().any(char::is_uppercase);
            if listed && (filter.values.is_empty() || kind == Kind::String && filter.values.iter().any(upper)) {
                return Err(Refusal::invalid("IN needs values, in lower case for text properties"));
            }
            Ok(Test { property, kind, filter })
        };
        search.filter_groups.iter().map(|group| group.filters.iter().map(test).collect()).collect()
    }
}

fn page(search: &SearchBody<'_>) -> Result<(usize, usize), Refusal> {
    let limit = search.limit.unwrap_or(PAGE);
    if !(1..=LONGEST_PAGE).contains(&limit) {
        return Err(Refusal::invalid(format!("limit must be between 1 and {LONGEST_PAGE}")));
    }
    let after = search.after.as_ref().map(Text::as_str).filter(|after| !after.is_empty());
    let begin = after.map_or(Ok(0), |text| text.parse::<usize>().map_err(|_| Refusal::bad_cursor(text)))?;
    if begin + limit > REACH {
        return Err(Refusal::invalid(format!("Cannot page past {REACH} results")));
    }
    Ok((limit, begin))
}

/// What the index says about a value that had `seen` as its latest write.
fn at_time(view: View<'_>, index: u32, property: PropertyId, seen: i64) -> Option<String> {
    let definition = view.store.definition(property);
    let record = view.store.record(index);
    if definition.meaning == Meaning::Modified {
        Some(super::json::iso(record.updated.min(seen).max(record.created)))
    } else if definition.meaning.is_calculated() {
        view.value(index, property).map(std::borrow::Cow::into_owned)
    } else {
        record.as_of(property, seen).map(str::to_owned)
    }
}

impl Test<'_> {
    fn passes(&self, value: Option<&str>) -> bool {
        let Filter { operator, value: wanted, high_value, values, property_name: _ } = self.filter;
        let wanted = wanted.as_ref().map(Text::as_str).unwrap_or_default();
        let against = |other: &str| value.map(|value| compare(self.kind, value, other));
        let listed = || {
            let listed: HashSet<String> = values.iter().map(|Text(value)| self.folded(value)).collect();
            value.is_some_and(|value| listed.contains(&self.folded(value)))
        };
        let token = || {
            let pattern = wanted.trim_matches('*').to_lowercase();
            value.is_some_and(|value| value.to_lowercase().contains(&pattern))
        };
        match operator {
            Operator::Eq => against(wanted) == Some(Ordering::Equal),
            Operator::Neq => against(wanted) != Some(Ordering::Equal),
            Operator::Lt => against(wanted) == Some(Ordering::Less),
            Operator::Lte => against(wanted).is_some_and(Ordering::is_le),
            Operator::Gt => against(wanted) == Some(Ordering::Greater),
            Operator::Gte => against(wanted).is_some_and(Ordering::is_ge),
            Operator::Between => {
                let high = high_value.as_ref().map(Text::as_str).unwrap_or_default();
                against(wanted).is_some_and(Ordering::is_ge) && against(high).is_some_and(Ordering::is_le)
            }
            Operator::In => listed(),
            Operator::NotIn => value.is_some() && !listed(),
            Operator::HasProperty => value.is_some(),
            Operator::NotHasProperty => value.is_none(),
            Operator::ContainsToken => token(),
            Operator::NotContainsToken => !token(),
        }
    }

    fn folded(&self, value: &str) -> String {
        if self.kind == Kind::Enumeration { value.to_owned() } else { value.to_lowercase() }
    }
}

/// Orders two values of one kind; enumerations are case-sensitive, other texts are not.
fn compare(kind: Kind, a: &str, b: &str) -> Ordering {
    match kind {
        Kind::Number => {
            let number = |text: &str| text.parse::<f64>().unwrap_or(f64::NEG_INFINITY);
            number(a).total_cmp(&number(b))
        }
        Kind::Date | Kind::Datetime => millis(a).cmp(&millis(b)),
        Kind::Enumeration | Kind::Bool => a.cmp(b),
        Kind::String | Kind::PhoneNumber => a.to_lowercase().cmp(&b.to_lowercase()),
    }
}

/// Epoch milliseconds, a day or an instant.
fn millis(text: &str) -> Option<i64> {
    let day =
        || Some(NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_hms_opt(0, 0, 0)?.and_utc().timestamp_millis());
    let instant = || Some(DateTime::parse_from_rfc3339(text).ok()?.timestamp_millis());
    text.parse().ok().or_else(day).or_else(instant)
}
