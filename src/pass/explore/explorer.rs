//! The order of a survey: the first-contact checklist of `ivoris-api.md` section 11.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::domain::InstanceKey;
use crate::ivoris::{EntrySource, Route, RouteProfile, Thing};
use crate::mapping::Mapping;

use super::about::{compare, contract, profiles, reach};
use super::asker::{Asker, Connect};
use super::calendar::{calendar, own_lists, recent};
use super::entries::entries;
use super::expect::{knows_field, mattering};
use super::mask::Mask;
use super::names::{Lists, lists};
use super::people::patients;
use super::probe::{PROBE_CALLS, probe};
use super::rest::{one_appointment, others, unknown};
use super::survey::{End, RouteState, Survey};
use super::unmapped::{Value as Named, Values, unmapped};
use super::witness::Witness;
use super::words::Words;

/// What is wanted of a survey.
#[derive(Clone, Copy)]
pub struct Wanted<'w> {
    /// Patients whose own lists and entries are read.
    pub sample: u32,
    /// The tables, where values without a row are wanted.
    pub mapping: Option<&'w Mapping>,
    /// Words that are no names, whoever bears them: those of the tables.
    pub words: &'w [&'w str],
    /// Whether the load is probed too.
    pub probe: bool,
    /// Whether answers are masked for fixtures.
    pub record: bool,
}

/// What a survey found, and what is written down beside it.
pub struct Explored {
    /// The findings.
    pub survey: Survey,
    /// The profile that fits them.
    pub profile: RouteProfile,
    /// The contract as it was served.
    pub document: Option<Value>,
    /// Masked answers: name of the route → fixture.
    pub fixtures: BTreeMap<String, Value>,
}

/// How long one that answered before is waited for.
const PATIENCE: Duration = Duration::from_mins(15);

/// Calls of a survey: about so many, and never more than so many. Repeats of failed ones come on top.
#[must_use]
pub fn calls(wanted: &Wanted<'_>) -> (u32, u32) {
    let about = 60 + wanted.sample * 4 + if wanted.probe { PROBE_CALLS } else { 0 };
    (about, about + 60 + wanted.sample * 3)
}

/// Looks at one installation. Never fails: what did not go is a finding.
pub async fn explore(
    instance: InstanceKey,
    at: DateTime<Utc>,
    profile: Arc<RouteProfile>,
    wanted: Wanted<'_>,
    connect: &Connect<'_>,
    witness: &Witness,
    progress: &(dyn Fn(u64) + Send + Sync),
) -> Explored {
    let survey = Survey::new(instance, at);
    let mut asker = Asker::new(survey, profile, connect, witness, progress, calls(&wanted).1);
    asker.people.know(wanted.words.iter().copied());
    // A server that does not even answer the first question is asked a second time, and no more.
    let first = asker.client().settings().probe_first;
    asker.patience(first + first / 4);
    let mut document = None;
    if reach(&mut asker).await {
        asker.patience(PATIENCE);
        document = contract(&mut asker).await;
        ask_all(&mut asker, wanted).await;
    }
    settle(asker, witness, wanted, document)
}

async fn ask_all(asker: &mut Asker<'_>, wanted: Wanted<'_>) {
    let profile_ids = profiles(asker).await;
    let some = patients(asker).await;
    let visits = calendar(asker, &some).await;
    let lists = lists(asker, &visits).await;
    let sample = wanted.sample as usize;
    let mut chosen: Vec<String> =
        recent(&visits, asker.today, sample).into_iter().map(|(patient, _)| patient).collect();
    // Where too few came lately, others make up the number.
    let more: Vec<String> = some.into_iter().filter(|patient| !chosen.contains(patient)).collect();
    chosen.extend(more.into_iter().take(sample.saturating_sub(chosen.len())));
    own_lists(asker, &chosen, &visits).await;
    let profile_ids = if profile_ids.is_empty() { profiles_of(&visits) } else { profile_ids };
    let kinds = entries(asker, &chosen, &profile_ids, wanted.mapping).await;
    others(asker, &chosen, &lists).await;
    one_appointment(asker, visits.first().map(|visit| &visit.id)).await;
    unknown(asker, &profile_ids).await;
    asker.settle_words();
    if let Some(mapping) = wanted.mapping {
        check(asker, &lists, &kinds, mapping);
    }
    if wanted.probe && asker.survey.answers(Route::AllAppointments.name()) && !asker.is_over() {
        probe(asker).await;
    }
}

/// Profiles that appointments name, where no list does.
fn profiles_of(visits: &[super::calendar::Visit]) -> Vec<String> {
    let mut ids: Vec<String> = visits.iter().filter_map(|visit| visit.profile.clone()).collect();
    ids.sort();
    ids.dedup();
    ids.truncate(2);
    ids
}

/// Values without a row.
fn check(asker: &mut Asker<'_>, lists: &Lists, kinds: &BTreeMap<String, u64>, mapping: &Mapping) {
    let used = |at: usize, id: &str| lists.used[at].get(&id.to_lowercase()).copied().unwrap_or(0);
    let text = |text: &'_ Option<String>| text.clone().unwrap_or_default();
    let practitioner_names: Vec<String> = lists
        .practitioners
        .iter()
        .map(|one| [&one.title, &one.last_name].map(text).join(" ").trim().to_owned())
        .collect();
    let survey = &asker.survey;
    // A type is shown only if it looks like one.
    let shown = survey.words.get("entry.type").map(|words| &words.words);
    let kinds: BTreeMap<String, u64> = kinds
        .iter()
        .filter(|(kind, _)| shown.is_some_and(|shown| shown.contains_key(kind.as_str())))
        .map(|(kind, count)| (kind.clone(), *count))
        .collect();
    let active = |active: &Option<String>| active.as_deref().and_then(crate::ivoris::wire::yes).unwrap_or(true);
    let values = Values {
        instance: &survey.instance,
        today: asker.today,
        templates: lists
            .templates
            .iter()
            .filter(|one| active(&one.active) || used(1, &one.id) > 0)
            .filter_map(|one| {
                let (name, minutes) = (one.name.as_deref()?, one.duration.as_deref());
                Some(Named { id: &one.id, name, minutes, profile: None, used: used(1, &one.id) })
            })
            .collect(),
        chairs: lists
            .chairs
            .iter()
            .filter(|one| active(&one.active) || used(0, &one.id) > 0)
            .filter_map(|one| {
                let (name, profile) = (one.name.as_deref()?, one.profile_id.as_deref());
                Some(Named { id: &one.id, name, minutes: None, profile, used: used(0, &one.id) })
            })
            .collect(),
        practitioners: lists
            .practitioners
            .iter()
            .zip(&practitioner_names)
            .filter(|(one, _)| active(&one.active) || used(2, &one.id) > 0)
            .map(|(one, name)| Named { id: &one.id, name, minutes: None, profile: None, used: used(2, &one.id) })
            .collect(),
        states: survey.words.get("appointment.state"),
        confirmations: survey.words.get("appointment.confirmation"),
        entry_kinds: &kinds,
        entry_codes: &BTreeMap::new(),
        profiles: survey.profiles.as_deref().unwrap_or_default(),
    };
    asker.survey.unmapped = Some(unmapped(&values, mapping));
}

/// The proposals that follow from all answers together, and the fixtures.
fn settle(mut asker: Asker<'_>, witness: &Witness, wanted: Wanted<'_>, document: Option<Value>) -> Explored {
    asker.settle_words();
    if asker.survey.end == End::Complete && asker.survey.answers(Route::Ping.name()) {
        for route in Route::ALL {
            let missing = |found: &super::survey::RouteFound| matches!(found.state, RouteState::Missing(_));
            if asker.survey.routes.get(route.name()).is_some_and(missing) {
                asker.proposal.disable(route);
            }
        }
        let [entries, documents] =
            [Route::Entries, Route::DocumentEntries].map(|route| asker.survey.answers(route.name()));
        match (entries, documents) {
            (true, false) => asker.proposal.entries_from(EntrySource::Entries),
            (false, true) => asker.proposal.entries_from(EntrySource::DocumentEntries),
            (true, true) | (false, false) => {}
        }
    }
    let fixtures = if wanted.record { fixtures(&asker, witness) } else { BTreeMap::new() };
    let mut survey = asker.survey;
    fields(&mut survey, &asker.proposal.profile);
    survey.calls = witness.count();
    survey.proposed.clone_from(&asker.proposal.changes);
    Explored { survey, profile: asker.proposal.profile, document, fixtures }
}

/// Masked answers of the routes that gave any.
fn fixtures(asker: &Asker<'_>, witness: &Witness) -> BTreeMap<String, Value> {
    let mut mask = Mask::default();
    let words = |thing: &str| -> Vec<(&str, &Words)> {
        asker
            .survey
            .words
            .iter()
            .filter_map(|(name, words)| Some((name.strip_prefix(thing)?.strip_prefix('.')?, words)))
            .collect()
    };
    let mut all = BTreeMap::new();
    for (path, kept) in witness.kept() {
        let Some(route) = Route::ALL.into_iter().find(|route| asker.profile().route(*route).path == path) else {
            continue;
        };
        // The contract is written down as it is, elsewhere.
        if route == Route::Documentation {
            continue;
        }
        let thing = route.thing().map_or("", Thing::name);
        let listed = words(thing);
        let keep = |field: &str, text: &str| {
            let named = |(word, _): &&(&str, &Words)| {
                let word = if *word == "type" { "kind" } else { word };
                let fields = route.thing().map(|thing| asker.profile().fields(thing).aliases(word));
                fields.is_some_and(|names| {
                    names
                        .iter()
                        .any(|name| name.rsplit('.').next().is_some_and(|last| last.eq_ignore_ascii_case(field)))
                })
            };
            listed.iter().find(named).is_some_and(|(_, words)| words.words.contains_key(text))
        };
        let body = mask.answer(&kept.body, &keep);
        all.insert(route.name().to_owned(), json!({
            "route": route.name(),
            "path": path,
            "asked": kept.names.iter().filter(|name| !name.starts_with("app") && !name.starts_with("api_")).collect::<Vec<_>>(),
            "content_type": kept.content_type,
            "body": body,
        }));
    }
    all
}

/// Compares a saved contract with a profile; asks nobody. `None` = it is no contract.
#[must_use]
pub fn look_at(document: &Value, instance: InstanceKey, at: DateTime<Utc>, profile: &RouteProfile) -> Option<Explored> {
    let found = compare(document, profile)?;
    let mut proposal = super::propose::Proposal::new(profile.clone());
    proposal.take_contract(&found.differences);
    let mut survey = Survey::new(instance, at);
    survey.end = End::Document;
    survey.contract = Some(found);
    survey.proposed.clone_from(&proposal.changes);
    Some(Explored { survey, profile: proposal.profile, document: None, fixtures: BTreeMap::new() })
}

/// What is missing in the records that came, and what is in them that nobody knows.
fn fields(survey: &mut Survey, profile: &RouteProfile) {
    for thing in Thing::ALL.iter().copied() {
        let own = |name: &str| name == thing.name() || name.starts_with(&format!("{} (", thing.name()));
        let of = survey.coverage.iter().filter(|(name, coverage)| own(name) && coverage.rows > 0);
        let names: BTreeSet<&String> = of.flat_map(|(_, coverage)| coverage.fields.keys()).collect();
        if names.is_empty() {
            continue;
        }
        let has = |word: &str| {
            let aliases = profile.fields(thing).aliases(word);
            aliases.iter().any(|alias| names.iter().any(|name| name.eq_ignore_ascii_case(alias)))
        };
        // A day and a time are a begin too, a name is as good as an id.
        let or_else = |word: &str| match word {
            "begin" => has("date"),
            "chair_id" => has("chair"),
            "template_id" => has("template"),
            _ => false,
        };
        let absent = mattering(thing).into_iter().filter(|word| !has(word) && !or_else(word));
        survey.absent.extend(absent.map(|word| format!("{}.{word}", thing.name())));
        let strangers: Vec<String> =
            names.into_iter().filter(|name| !knows_field(profile, thing, name)).cloned().collect();
        if !strangers.is_empty() {
            survey.strangers.insert(thing.name().to_owned(), strangers);
        }
    }
}
