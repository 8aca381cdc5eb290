//! Both entry routes side by side for some patients (`ivoris-api.md` 8.2: they do not agree).

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate};
use rust_decimal::Decimal;
use serde_json::Value;

use crate::domain::{Entry, EntryId, InstanceKey, PatientRef, Personal};
use crate::ivoris::{Ask, Route, wire};
use crate::mapping::{Mapping, classify};

use super::asker::Asker;
use super::survey::{EntriesFound, Obeyed, Pair};

/// Asks both routes for each patient; further profiles only until one has entries. Returns the types that no row of
/// `eintragsarten.csv` takes, with their number.
pub(super) async fn entries(
    asker: &mut Asker<'_>,
    patients: &[String],
    profiles: &[String],
    mapping: Option<&Mapping>,
) -> BTreeMap<String, u64> {
    let mut found = EntriesFound::default();
    let mut unknown = BTreeMap::new();
    let mut full: Option<(Ask, NaiveDate)> = None;
    let choices: Vec<Option<&String>> =
        if profiles.is_empty() { vec![None] } else { profiles.iter().map(Some).collect() };
    for (number, patient) in patients.iter().enumerate() {
        for (place, profile) in choices.iter().enumerate() {
            let ask = Ask::new().patient(patient.clone());
            let ask = profile.map_or_else(|| ask.clone(), |profile| ask.clone().profile((*profile).clone()));
            let both = [asker.list(Route::Entries, &ask).await, asker.list(Route::DocumentEntries, &ask).await];
            let [entries, documents] = both.each_ref().map(|rows| rows.as_ref().map(|rows| rows.len() as u64));
            let ids = both.each_ref().map(|rows| ids(asker, rows.as_deref().unwrap_or_default()));
            if entries.is_none() && documents.is_none() {
                continue;
            }
            found.pairs.push(Pair {
                patient: number as u64 + 1,
                profile: place as u64 + 1,
                entries,
                document_entries: documents,
                both: ids[0].intersection(&ids[1]).count() as u64,
            });
            let mut seen = BTreeSet::new();
            let mut last = None;
            for row in both.iter().flatten().flatten() {
                let Ok(entry) = wire::Entry::decode(asker.profile(), row) else { continue };
                // What both routes have counts once.
                if entry.id.clone().is_none_or(|id| seen.insert(id.to_lowercase())) {
                    last = last.max(count(asker, &entry, mapping, &mut found, &mut unknown));
                }
            }
            if let Some(last) = last {
                full.get_or_insert((ask, last));
            }
            if entries.unwrap_or(0) + documents.unwrap_or(0) > 0 {
                break;
            }
        }
    }
    if let Some((ask, last)) = full {
        found.dates = dates(asker, ask, last).await;
    }
    asker.survey.entries = (!found.pairs.is_empty()).then_some(found);
    unknown
}

fn ids(asker: &Asker<'_>, rows: &[Value]) -> BTreeSet<String> {
    let id =
        |row| wire::Entry::decode(asker.profile(), row).ok().and_then(|entry| entry.id).map(|id| id.to_lowercase());
    rows.iter().filter_map(id).collect()
}

/// Counts one entry; returns its day.
fn count(
    asker: &mut Asker<'_>,
    entry: &wire::Entry,
    mapping: Option<&Mapping>,
    found: &mut EntriesFound,
    unknown: &mut BTreeMap<String, u64>,
) -> Option<NaiveDate> {
    found.rows += 1;
    found.with_amount += u64::from(entry.amount.is_some());
    found.with_code += u64::from(entry.code.is_some());
    asker.word("entry.type", entry.kind.as_deref());
    asker.word("entry.treatment", entry.treatment.as_deref());
    asker.word("entry.schedule", entry.schedule.as_deref());
    let zone = asker.client().settings().zone;
    let day = entry.date.as_deref().and_then(|text| wire::date(text, zone));
    if let (Some(mapping), Some(kind)) = (mapping, &entry.kind)
        && let Some(entry) = as_record(entry, &asker.survey.instance, day.unwrap_or(asker.today))
        && classify(&entry, mapping).notice.is_some()
    {
        *unknown.entry(kind.clone()).or_default() += 1;
    }
    day
}

/// The entry as the tables look at it.
fn as_record(entry: &wire::Entry, instance: &InstanceKey, date: NaiveDate) -> Option<Entry> {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    Some(Entry {
        id: EntryId::keyed("", "1").ok()?,
        instance: instance.clone(),
        patient: PatientRef::Nobody,
        date,
        practitioner: String::new(),
        kind: text(&entry.kind),
        schedule: text(&entry.schedule),
        code: Personal::new(text(&entry.code)),
        count: Decimal::ONE,
        factor: None,
        amount: None,
        text: Personal::new(text(&entry.text)),
        profile: None,
    })
}

/// Whether days are obeyed: nothing may come for days behind the last entry.
async fn dates(asker: &mut Asker<'_>, ask: Ask, last: NaiveDate) -> Obeyed {
    let day = |days| last.checked_add_days(Days::new(days)).unwrap_or(last);
    match asker.list(Route::Entries, &ask.days(day(1), day(2))).await {
        None => Obeyed::Failed,
        Some(rows) if rows.is_empty() => Obeyed::Yes,
        Some(_) => Obeyed::No,
    }
}
