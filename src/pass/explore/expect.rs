//! What a route profile expects of a contract: its paths, what it sends, the fields it reads.

use crate::ivoris::{DateFormat, IGNORED, Param, Route, RouteProfile, Thing};

use super::contract::Contract;
use super::diff::{ExpectedField, ExpectedParameter, ExpectedRoute};

/// Routes that reading needs; the others are asked for curiosity.
const NEEDED: [Route; 13] = [
    Route::Ping,
    Route::Profiles,
    Route::AllPatients,
    Route::Patient,
    Route::AllAppointments,
    Route::LatestAppointmentSystemChange,
    Route::Appointment,
    Route::PatientAllAppointments,
    Route::AppointmentTemplates,
    Route::DentistChairs,
    Route::AllPractitioners,
    Route::DocumentEntries,
    Route::Entries,
];

/// Fields without which records are of little use, and what else may say the same.
const MATTER: &[(Thing, &str, &[&str])] = &[
    (Thing::Patient, "id", &[]),
    (Thing::Patient, "first_name", &[]),
    (Thing::Patient, "last_name", &[]),
    (Thing::Appointment, "id", &[]),
    (Thing::Appointment, "patient_id", &[]),
    (Thing::Appointment, "begin", &["date", "time"]),
    (Thing::Appointment, "state", &[]),
    (Thing::Appointment, "chair_id", &["chair"]),
    (Thing::Appointment, "template_id", &["template"]),
    (Thing::Entry, "date", &[]),
    (Thing::Entry, "kind", &[]),
    (Thing::Template, "id", &[]),
    (Thing::Template, "name", &[]),
    (Thing::Chair, "id", &[]),
    (Thing::Chair, "name", &[]),
    (Thing::Practitioner, "id", &[]),
    (Thing::Profile, "id", &[]),
];

/// Whether reading needs `route`.
#[must_use]
pub fn is_needed(route: Route) -> bool {
    NEEDED.contains(&route)
}

/// The same by the route's name in profiles.
#[must_use]
pub fn is_needed_name(name: &str) -> bool {
    Route::from_name(name).is_some_and(is_needed)
}

/// What the profile expects, route by route.
#[must_use]
pub fn expected(profile: &RouteProfile) -> Vec<ExpectedRoute> {
    let (ours, standard) = (Contract::ours(), RouteProfile::builtin());
    Route::ALL.into_iter().map(|route| one(route, profile, &standard, &ours)).collect()
}

fn one(route: Route, profile: &RouteProfile, standard: &RouteProfile, ours: &Contract) -> ExpectedRoute {
    let spec = profile.route(route);
    let usual = standard.route(route);
    let known = ours.operation(&usual.path).cloned().unwrap_or_default();
    let parameter = |(param, name): (&Param, &String)| {
        let usual = || usual.params.get(param).and_then(|name| known.parameters.get(name));
        let day = matches!(param, Param::Begin | Param::End | Param::Since);
        // What is sent decides, not what would be sent by default.
        let kind = if day { kind(spec.date_format) } else { usual().map_or("", |one| one.kind.as_str()) };
        let matters = day || matches!(param, Param::Page | Param::Id | Param::Patient | Param::Profile);
        ExpectedParameter { word: param.name().to_owned(), name: name.clone(), kind: kind.to_owned(), matters }
    };
    ExpectedRoute {
        name: route.name().to_owned(),
        path: spec.path.clone(),
        parameters: spec.params.iter().map(parameter).collect(),
        thing: route.thing().map_or("", Thing::name).to_owned(),
        fields: route.thing().map(|thing| fields(thing, profile, &known)).unwrap_or_default(),
        known: known.fields,
        spare: known.parameters.into_keys().collect(),
        needed: is_needed(route),
        enabled: spec.enabled,
    }
}

/// What a contract calls a form of days and times; a German date is a text to it.
const fn kind(format: DateFormat) -> &'static str {
    match format {
        DateFormat::Date => "date",
        DateFormat::DatetimeLocal | DateFormat::DatetimeOffset => "date-time",
        DateFormat::De => "text",
    }
}

/// Our words for the fields of a kind of record without which it is of little use.
pub(super) fn mattering(thing: Thing) -> Vec<&'static str> {
    MATTER.iter().filter(|(of, _, _)| *of == thing).map(|(_, word, _)| *word).collect()
}

/// The fields that are read and that matter, or that our own contract has: what it does not have will hardly be missed.
fn fields(thing: Thing, profile: &RouteProfile, known: &super::contract::Operation) -> Vec<ExpectedField> {
    let names = profile.fields(thing);
    let field = |word: &'static str| {
        let others = MATTER.iter().find(|(of, name, _)| *of == thing && *name == word).map(|(_, _, others)| *others);
        let mut aliases = names.aliases(word).to_vec();
        for other in others.into_iter().flatten() {
            aliases.extend(names.aliases(other).iter().cloned());
        }
        let in_ours = aliases.iter().any(|alias| known.fields.keys().any(|name| name.eq_ignore_ascii_case(alias)));
        (others.is_some() || in_ours).then(|| ExpectedField {
            word: word.to_owned(),
            aliases,
            matters: others.is_some(),
        })
    };
    names.names().filter(|word| *word != IGNORED).filter_map(field).collect()
}

/// Whether a field is known: under any name of the profile, or in our own contract.
pub(super) fn knows_field(profile: &RouteProfile, thing: Thing, name: &str) -> bool {
    let fields = profile.fields(thing);
    let mut aliases = fields.names().flat_map(|word| fields.aliases(word));
    // The object around a known field is known as well.
    aliases.any(|alias| {
        alias.eq_ignore_ascii_case(name)
            || alias.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name))
                && alias.get(name.len()..).is_some_and(|rest| rest.starts_with('.'))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::diff::diff;
    use super::*;

    #[test]
    fn the_built_in_profile_expects_our_own_contract() {
        let differences = diff(&expected(&RouteProfile::builtin()), &Contract::ours());
        let found: Vec<String> = differences.iter().map(|one| format!("{:?} {}", one.paths, one.what)).collect();
        assert_eq!(found, [""; 0]);
    }

    #[test]
    fn another_profile_expects_other_names() {
        let mut profile = RouteProfile::builtin();
        let spec = profile.route_mut(Route::AllPatients);
        spec.path = "/P/v2/All".to_owned();
        spec.params.insert(Param::Page, "seite".to_owned());
        profile.route_mut(Route::Stations).enabled = false;
        let live = Contract::read(&json!({"swagger": "2.0", "paths": {"/P/v2/All": {"get": {"parameters": [
            {"name": "seite", "in": "query", "type": "integer"}, {"name": "mandantIndex", "in": "query", "type": "string"}]}}}}));
        let differences = diff(&expected(&profile), &live.expect("a contract"));
        assert!(!differences.iter().any(|one| one.paths.iter().any(|path| path == "/P/v2/All")), "{differences:#?}");
        assert!(!differences.iter().any(|one| one.paths.iter().any(|path| path.ends_with("Stations"))));
        let missing: usize = differences.iter().filter(|one| one.matters).map(|one| one.paths.len()).sum();
        assert_eq!(missing, NEEDED.len() - 1);
    }

    #[test]
    fn fields_around_known_ones_are_known() {
        let profile = RouteProfile::builtin();
        for (name, known) in [("address", true), ("Address.Zip", true), ("Addr", false), ("Pet", false), ("id", true)] {
            assert_eq!(knows_field(&profile, Thing::Patient, name), known, "{name}");
        }
    }
}
