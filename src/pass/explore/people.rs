//! The list of patients: pages, order, number, Mandanten.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::ivoris::{Ask, Fields, Paging, Route, Thing};

use super::asker::Asker;
use super::pages::{Search, Total};
use super::survey::{Obeyed, PatientsFound};

/// Mandanten that are asked for one by one.
const MOST_MANDANTS: usize = 2;

/// Looks at the list. Returns ids of some patients, for where nothing else names any.
pub(super) async fn patients(asker: &mut Asker<'_>) -> Vec<String> {
    let mut found = PatientsFound::default();
    let Some(first) = page(asker, 0).await else { return Vec::new() };
    let mut pages = BTreeMap::from([(0, first)]);
    found.paged = paging(asker, &mut pages).await;
    if found.paged == Obeyed::No {
        asker.proposal.unpaged(Route::AllPatients);
        let rows = pages.values().map(Vec::len).sum::<usize>() as u64;
        found.total = Total { size: rows, pages: 1, rows, exact: true };
    } else {
        found.total = search(asker, &mut pages).await;
    }
    let fields = asker.profile().fields(Thing::Patient).clone();
    let all: Vec<&Value> = pages.values().flatten().collect();
    found.order = order(&fields, &all);
    let ids = ids(&fields, &all);
    found.repeated = (ids.len() - ids.iter().collect::<BTreeSet<_>>().len()) as u64;
    for row in all.iter().filter_map(|row| row.as_object()) {
        if let Some(mandant) = fields.text("mandant", row).filter(|text| text.len() <= 4) {
            *found.mandants.entry(mandant).or_default() += 1;
        }
        for field in ["gender", "health_insurance", "insurance_status"] {
            asker.word(&format!("patient.{field}"), fields.text(field, row).as_deref());
        }
    }
    found.by_mandant = by_mandant(asker, &fields, &found.mandants).await;
    asker.survey.patients = Some(found);
    ids.into_iter().take(50).collect()
}

async fn page(asker: &mut Asker<'_>, number: u32) -> Option<Vec<Value>> {
    asker.list(Route::AllPatients, &Ask::new().page(number)).await
}

/// Whether pages are obeyed. The same rows again may mean that pages are counted from 1 and that 0 is taken for 1.
async fn paging(asker: &mut Asker<'_>, pages: &mut BTreeMap<u32, Vec<Value>>) -> Obeyed {
    let first = pages.get(&0).cloned().unwrap_or_default();
    if first.is_empty() || asker.profile().route(Route::AllPatients).paging == Paging::None {
        return Obeyed::Unclear;
    }
    let Some(second) = page(asker, 1).await else { return Obeyed::Failed };
    if !same(&first, &second) {
        pages.insert(1, second);
        return Obeyed::Yes;
    }
    let Some(third) = page(asker, 2).await else { return Obeyed::Failed };
    if same(&first, &third) {
        return Obeyed::No;
    }
    asker.proposal.one_based(Route::AllPatients);
    asker.reconnect();
    pages.insert(1, third);
    Obeyed::Yes
}

/// Whether two pages hold the same rows.
pub(super) fn same(a: &[Value], b: &[Value]) -> bool {
    !a.is_empty() && a == b
}

async fn search(asker: &mut Asker<'_>, pages: &mut BTreeMap<u32, Vec<Value>>) -> Total {
    let mut search = Search::default();
    search.took(0, pages.get(&0).map(|rows| rows.len() as u64));
    while let Some(number) = search.next() {
        if !pages.contains_key(&number)
            && let Some(rows) = page(asker, number).await
        {
            pages.insert(number, rows);
        }
        search.took(number, pages.get(&number).map(|rows| rows.len() as u64));
    }
    search.total()
}

fn ids(fields: &Fields, rows: &[&Value]) -> Vec<String> {
    rows.iter().filter_map(|row| fields.text("id", row.as_object()?)).collect()
}

/// What rows are sorted by, if it is a field of theirs.
fn order(fields: &Fields, rows: &[&Value]) -> Option<String> {
    let words = [
        ("number", "number"),
        ("last_name", "last name"),
        ("id", "id"),
        ("birthday", "birthday"),
        ("modified", "change"),
    ];
    let sorted = |word: &str| {
        let values: Option<Vec<String>> =
            rows.iter().map(|row| fields.text(word, row.as_object()?).map(|text| text.to_lowercase())).collect();
        let values = values.filter(|values| values.iter().collect::<BTreeSet<_>>().len() > 5)?;
        if values.is_sorted() { Some("ascending") } else { values.is_sorted_by(|a, b| a >= b).then_some("descending") }
    };
    words.into_iter().find_map(|(word, shown)| sorted(word).map(|way| format!("{shown}, {way}")))
}

/// Whether asking for one Mandant gives only its patients.
async fn by_mandant(asker: &mut Asker<'_>, fields: &Fields, mandants: &BTreeMap<String, u64>) -> Obeyed {
    if mandants.len() < 2 {
        return Obeyed::Unclear;
    }
    let mut obeyed = Obeyed::Unclear;
    for mandant in mandants.keys().take(MOST_MANDANTS) {
        let ask = Ask::new().page(0).mandant(mandant.clone());
        let Some(rows) = asker.list(Route::AllPatients, &ask).await else { return Obeyed::Failed };
        let other = |row: &Value| {
            row.as_object().and_then(|row| fields.text("mandant", row)).is_some_and(|own| own != *mandant)
        };
        if rows.iter().any(other) {
            return Obeyed::No;
        }
        if !rows.is_empty() {
            obeyed = Obeyed::Yes;
        }
    }
    obeyed
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::ivoris::RouteProfile;

    #[test]
    fn an_order_is_told_by_its_field() {
        let profile = RouteProfile::builtin();
        let fields = profile.fields(Thing::Patient);
        let check = |rows: Vec<Value>, wanted: Option<&str>| {
            let rows: Vec<&Value> = rows.iter().collect();
            assert_eq!(order(fields, &rows).as_deref(), wanted);
        };
        check(
            (0..9).map(|at| json!({"HumanReadableId": format!("{at:08}"), "Id": at * 7 % 9})).collect(),
            Some("number, ascending"),
        );
        check((0..9).rev().map(|at| json!({"Lastname": at})).collect(), Some("last name, descending"));
        check((0..9).map(|at| json!({"Id": at * 7 % 9})).collect(), None);
        check(vec![json!({"Id": 1}), json!({"Id": 2})], None);
    }
}
