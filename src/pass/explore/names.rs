//! Chairs, Terminarten, practitioners: what they are called, how often they are used, which of them no list has.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::ivoris::{Ask, Route, wire};

use super::asker::Asker;
use super::calendar::Visit;
use super::prefix::detect;
use super::survey::Named;

/// What the lists hold. Practitioners are people too: not `Debug`.
#[derive(Default)]
pub(super) struct Lists {
    pub(super) chairs: Vec<wire::Chair>,
    pub(super) templates: Vec<wire::Template>,
    pub(super) practitioners: Vec<wire::Practitioner>,
    /// Appointments of the window by chair, by Terminart, by practitioner.
    pub(super) used: [BTreeMap<String, u64>; 3],
}

/// Reads the three lists.
pub(super) async fn lists(asker: &mut Asker<'_>, visits: &[Visit]) -> Lists {
    let chairs = read(asker, Route::DentistChairs, wire::Chair::decode).await;
    let templates = read(asker, Route::AppointmentTemplates, wire::Template::decode).await;
    let practitioners = read(asker, Route::AllPractitioners, wire::Practitioner::decode).await;
    read(asker, Route::ActivePractitioners, wire::Practitioner::decode).await;
    let count = |of: fn(&Visit) -> Option<&String>| {
        let mut used = BTreeMap::new();
        visits.iter().filter_map(of).for_each(|id| *used.entry(id.to_lowercase()).or_default() += 1);
        used
    };
    let used = [
        count(|visit| visit.chair.as_ref()),
        count(|visit| visit.template.as_ref()),
        count(|visit| visit.practitioner.as_ref()),
    ];
    let named = |id: &str, name: Option<&String>, active: Option<&String>, used: &BTreeMap<String, u64>| Named {
        name: name.cloned().unwrap_or_default(),
        active: active.and_then(|text| wire::yes(text)).unwrap_or(true),
        used: used.get(&id.to_lowercase()).copied().unwrap_or(0),
    };
    let found = &mut asker.survey.names;
    let mut all_chairs = chairs.as_ref().map(|all| {
        all.iter().map(|one| named(&one.id, one.name.as_ref(), one.active.as_ref(), &used[0])).collect::<Vec<_>>()
    });
    let mut all_templates = templates.as_ref().map(|all| {
        all.iter().map(|one| named(&one.id, one.name.as_ref(), one.active.as_ref(), &used[1])).collect::<Vec<_>>()
    });
    all_chairs.iter_mut().chain(&mut all_templates).for_each(|all| all.sort());
    found.prefixes = detect(&texts(all_chairs.as_ref()), &texts(all_templates.as_ref()));
    (found.chairs, found.templates) = (all_chairs, all_templates);
    found.practitioners = practitioners.as_ref().map(|all| {
        let active = all.iter().filter(|one| one.active.as_deref().and_then(wire::yes).unwrap_or(true)).count();
        (all.len() as u64, active as u64)
    });
    let lists = Lists {
        chairs: chairs.unwrap_or_default(),
        templates: templates.unwrap_or_default(),
        practitioners: practitioners.unwrap_or_default(),
        used,
    };
    unlisted(asker, &lists);
    lists
}

fn texts(all: Option<&Vec<Named>>) -> Vec<&str> {
    all.into_iter().flatten().map(|one| one.name.as_str()).collect()
}

async fn read<T>(
    asker: &mut Asker<'_>,
    route: Route,
    decode: fn(&crate::ivoris::RouteProfile, &Value) -> Result<T, wire::Flaw>,
) -> Option<Vec<T>> {
    let rows = asker.list(route, &Ask::new()).await?;
    Some(rows.iter().filter_map(|row| decode(asker.profile(), row).ok()).collect())
}

/// Appointments whose chair, Terminart or practitioner is in no list.
fn unlisted(asker: &mut Asker<'_>, lists: &Lists) {
    let ids = [
        ("chair", lists.chairs.iter().map(|one| one.id.to_lowercase()).collect::<BTreeSet<_>>()),
        ("Terminart", lists.templates.iter().map(|one| one.id.to_lowercase()).collect()),
        ("practitioner", lists.practitioners.iter().map(|one| one.id.to_lowercase()).collect()),
    ];
    let Some(calendar) = &mut asker.survey.calendar else { return };
    for ((word, ids), used) in ids.into_iter().zip(&lists.used) {
        let missing: u64 = used.iter().filter(|(id, _)| !ids.contains(*id)).map(|(_, count)| count).sum();
        if missing > 0 {
            calendar.unlisted.insert(word.to_owned(), missing);
        }
    }
}
