//! What a live contract says otherwise than the route profile expects.

use std::collections::BTreeMap;

use super::contract::{Contract, Field, Operation, Parameter, key};
use super::differs::{Difference, Differs};
use super::like::like;

/// What a route profile sends to one route, and what it wants to find in the answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExpectedRoute {
    /// Its name in the profile: `all_appointments`.
    pub name: String,
    /// Its path.
    pub path: String,
    /// Parameters that are sent.
    pub parameters: Vec<ExpectedParameter>,
    /// Kind of its records: `appointment`; empty = none of ours.
    pub thing: String,
    /// Fields that are read.
    pub fields: Vec<ExpectedField>,
    /// Other fields that our own contract knows; they are nothing new.
    pub known: BTreeMap<String, Field>,
    /// Parameters that our own contract knows and that are not sent; they are nothing new either.
    pub spare: Vec<String>,
    /// Reading needs it. What differs at other routes does not matter.
    pub needed: bool,
    /// It is asked at all; of one that is switched off only the path is known.
    pub enabled: bool,
}

/// One parameter that is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpectedParameter {
    /// Our word: `begin`.
    pub word: String,
    /// What is sent: `von`.
    pub name: String,
    /// Its kind; empty = any.
    pub kind: String,
    /// Answers are wrong without it.
    pub matters: bool,
}

/// One field that is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpectedField {
    /// Our word: `chair_id`.
    pub word: String,
    /// Names under which it is looked for.
    pub aliases: Vec<String>,
    /// Records are of little use without it.
    pub matters: bool,
}

/// Compares; what matters stands first.
#[must_use]
pub fn diff(expected: &[ExpectedRoute], live: &Contract) -> Vec<Difference> {
    let mut found = BTreeMap::<(bool, Differs), Vec<String>>::new();
    let mut add = |path: &str, matters: bool, what: Differs| {
        let paths = found.entry((!matters, what)).or_default();
        if !paths.iter().any(|have| have == path) {
            paths.push(path.to_owned());
        }
    };
    let is_new = |key_of: &String| !expected.iter().any(|route| key(&route.path) == *key_of);
    let new: Vec<&Operation> = live.operations.iter().filter(|(key, _)| is_new(key)).map(|(_, one)| one).collect();
    for route in expected.iter().filter(|route| route.enabled) {
        match live.operation(&route.path) {
            None => {
                let instead = stands_for(route, &new);
                if let Some(operation) = instead {
                    compare(route, operation, &mut |matters, what| {
                        let spelt = matches!(what, Differs::RouteSpelt { .. });
                        if !spelt {
                            add(&operation.path, matters && route.needed, what);
                        }
                    });
                }
                let live = instead.map(|operation| operation.path.clone());
                add(&route.path, route.needed, Differs::RouteMissing { live });
            }
            Some(operation) => {
                compare(route, operation, &mut |matters, what| add(&route.path, matters && route.needed, what));
            }
        }
    }
    let known =
        |path: &String| expected.iter().any(|route| stands_for(route, &new).is_some_and(|one| one.path == *path));
    for operation in new.iter().filter(|one| !known(&one.path)) {
        add(&operation.path, false, Differs::RouteNew);
    }
    found.into_iter().map(|((minor, what), paths)| Difference { paths, matters: !minor, what }).collect()
}

/// The new route that answers with the same kind of records to the same questions, if it is the only one: a route may have
/// moved to another service or version.
fn stands_for<'l>(route: &ExpectedRoute, new: &[&'l Operation]) -> Option<&'l Operation> {
    let last = |path: &str| path.rsplit('/').next().unwrap_or_default().to_lowercase();
    let places = |path: &str| path.matches('{').count();
    let likely = |operation: &&&Operation| {
        let mut found = Vec::new();
        compare(route, operation, &mut |_, what| found.push(what));
        let asked = route.parameters.iter().filter(|one| one.matters).count();
        let unasked = found.iter().filter(|what| matches!(what, Differs::ParameterMissing { live: None, .. })).count();
        let unread = found.iter().filter(|what| matches!(what, Differs::FieldMissing { live: None, .. })).count();
        let told = !operation.fields.is_empty() && !route.fields.is_empty();
        let same_records = told && unread == 0 && (asked > 0 && unasked == 0);
        places(&route.path) == places(&operation.path)
            && (same_records || (last(&route.path) == last(&operation.path) && unread == 0 && unasked == 0))
    };
    let mut hits = new.iter().filter(likely);
    hits.next().filter(|_| hits.next().is_none()).copied()
}

fn compare(route: &ExpectedRoute, live: &Operation, add: &mut dyn FnMut(bool, Differs)) {
    let without_places = |path: &str| {
        path.split('/').map(|part| if part.starts_with('{') { "{}" } else { part }).collect::<Vec<_>>().join("/")
    };
    if without_places(&route.path) != without_places(&live.path) {
        add(true, Differs::RouteSpelt { live: live.path.clone() });
    }
    parameters(route, live, add);
    // A document without schemas says nothing about fields.
    if !live.fields.is_empty() {
        fields(route, live, add);
    }
}

fn parameters(route: &ExpectedRoute, live: &Operation, add: &mut dyn FnMut(bool, Differs)) {
    let sent = |name: &str| route.parameters.iter().any(|one| one.name == name);
    let free: Vec<&str> = live
        .parameters
        .iter()
        .filter(|(name, one)| !sent(name) && !one.in_path)
        .map(|(name, _)| name.as_str())
        .collect();
    let mut taken = Vec::new();
    for ExpectedParameter { word, name, kind, matters } in &route.parameters {
        match live.parameters.get(name) {
            Some(one) if !agree(kind, &one.kind) => {
                let (ours, live) = (kind.clone(), one.kind.clone());
                add(*matters, Differs::ParameterKind { word: word.clone(), name: name.clone(), ours, live });
            }
            Some(_) => {}
            // The name of a place in a path is for people only.
            None if is_in_path(&route.path, name) => {}
            None => {
                let live = like("", word, &[name], &free).map(str::to_owned);
                taken.extend(live.clone());
                let matters = *matters || live.is_some();
                add(matters, Differs::ParameterMissing { word: word.clone(), name: name.clone(), live });
            }
        }
    }
    for (name, Parameter { kind, required, in_path }) in &live.parameters {
        let spare = !required && route.spare.contains(name);
        if *in_path || spare || sent(name) || taken.contains(name) {
            continue;
        }
        let (name, kind) = (name.clone(), kind.clone());
        add(
            *required,
            if *required { Differs::ParameterNeeded { name, kind } } else { Differs::ParameterNew { name, kind } },
        );
    }
}

fn is_in_path(path: &str, name: &str) -> bool {
    path.contains(&format!("{{{name}}}"))
}

/// Kinds that a sender need not tell apart. A text takes anything.
fn agree(ours: &str, live: &str) -> bool {
    let loose = |kind: &str| matches!(kind, "" | "any" | "text");
    let number = |kind: &str| matches!(kind, "integer" | "number");
    ours == live || loose(ours) || loose(live) || (number(ours) && number(live))
}

fn fields(route: &ExpectedRoute, live: &Operation, add: &mut dyn FnMut(bool, Differs)) {
    let is = |alias: &str, name: &str| alias.eq_ignore_ascii_case(name);
    let aliased = |name: &str| route.fields.iter().any(|one| one.aliases.iter().any(|alias| is(alias, name)));
    let known = |name: &str| route.known.keys().any(|known| is(known, name));
    let free: Vec<&str> =
        live.fields.keys().map(String::as_str).filter(|name| !aliased(name) && !known(name)).collect();
    let mut taken = Vec::new();
    for ExpectedField { word, aliases, matters } in &route.fields {
        if live.fields.keys().any(|name| aliases.iter().any(|alias| is(alias, name))) {
            continue;
        }
        let names: Vec<&str> = aliases.iter().map(String::as_str).collect();
        let live = like(&route.thing, word, &names, &free).map(str::to_owned);
        taken.extend(live.clone());
        let word = word.clone();
        add(
            *matters,
            if *matters { Differs::FieldMissing { word, live } } else { Differs::FieldAbsent { word, live } },
        );
    }
    for (name, Field { kind, words }) in &live.fields {
        let ours = route.known.iter().find(|(known, _)| is(known, name)).map(|(_, field)| field);
        if ours.is_none() && !aliased(name) && !taken.contains(name) {
            add(false, Differs::FieldNew { name: name.clone(), kind: kind.clone() });
        }
        let listed = ours.map_or(&[][..], |field| field.words.as_slice());
        let new: Vec<String> =
            words.iter().filter(|word| !listed.iter().any(|have| have.eq_ignore_ascii_case(word))).cloned().collect();
        if !new.is_empty() {
            add(false, Differs::WordsNew { field: name.clone(), words: new });
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn expected() -> ExpectedRoute {
        let field = |word: &str, aliases: &[&str], matters| ExpectedField {
            word: word.to_owned(),
            aliases: aliases.iter().map(|one| (*one).to_owned()).collect(),
            matters,
        };
        let parameter = |word: &str, kind: &str| ExpectedParameter {
            word: word.to_owned(),
            name: word.to_owned(),
            kind: kind.to_owned(),
            matters: true,
        };
        ExpectedRoute {
            name: "all".to_owned(),
            path: "/Appointment/v1/All".to_owned(),
            parameters: vec![parameter("begin", "date"), parameter("end", "date"), parameter("page", "integer")],
            thing: "appointment".to_owned(),
            fields: vec![
                field("id", &["Id"], true),
                field("begin", &["Begin", "Start"], true),
                field("chair_id", &["DentistChairId", "DentistChair.Id"], true),
                field("changed", &["ModifiedAt"], false),
            ],
            known: [("State".to_owned(), Field { kind: "text".to_owned(), words: vec!["Planned".to_owned()] })].into(),
            spare: Vec::new(),
            needed: true,
            enabled: true,
        }
    }

    fn check(parameters: &serde_json::Value, fields: &serde_json::Value, wanted: &[&str]) {
        let document = json!({"openapi": "3.0.0", "paths": {"/Appointment/v1/All": {"get": {"parameters": parameters,
            "responses": {"200": {"content": {"application/json": {"schema": {"properties": fields}}}}}}}}});
        let found = diff(&[expected()], &Contract::read(&document).expect("a contract"));
        let lines: Vec<String> =
            found.iter().map(|one| format!("{}{}", if one.matters { "! " } else { "" }, one.what)).collect();
        assert_eq!(lines, wanted);
    }

    fn text() -> serde_json::Value {
        json!({"type": "string"})
    }

    #[test]
    fn a_contract_as_expected_differs_in_nothing() {
        let query = |name: &str, kind: &str| json!({"name": name, "in": "query", "schema": {"type": kind}});
        check(
            &json!([query("begin", "string"), query("end", "string"), query("page", "integer")]),
            &json!({"ID": text(), "start": text(), "DentistChair": {"properties": {"Id": text()}}, "ModifiedAt": text(),
                "State": {"type": "string", "enum": ["planned"]}}),
            &[],
        );
    }

    #[test]
    fn renamed_and_new_things_are_found() {
        let query = |name: &str, format: &str| json!({"name": name, "in": "query", "schema": {"type": "string", "format": format}});
        check(
            &json!([query("von", "date"), query("end", "date-time"), query("colour", "x"),
                {"name": "tenant", "in": "query", "required": true, "schema": {"type": "integer"}}]),
            &json!({"Id": text(), "Beginn": text(), "Stuhl": {"properties": {"Id": text()}}, "Pet": text(),
                "State": {"type": "string", "enum": ["Planned", "Lost"]}}),
            &[
                "! no parameter begin; von stands for it",
                "! no parameter page",
                "! parameter end is date-time, not date",
                "! parameter tenant (integer) is required and not sent",
                "! no field for begin; Beginn stands for it",
                "! no field for chair_id; Stuhl.Id stands for it",
                "parameter colour (text) could be sent",
                "no field for changed, which is optional",
                "field Pet (text) is new",
                "State has further values: Lost",
            ],
        );
    }

    #[test]
    fn a_route_that_moved_is_found_by_what_it_says() {
        let query = |name: &str| json!({"name": name, "in": "query", "schema": {"type": "string"}});
        let schema =
            json!({"properties": {"TerminId": text(), "StartTime": text(), "Room": {"properties": {"Id": text()}}}});
        let operation = |fields: &serde_json::Value| {
            json!({"get": {"parameters": [query("dateFrom"), query("dateTo"), query("pageNumber")],
                "responses": {"200": {"schema": {"type": "array", "items": fields}}}}})
        };
        let document = json!({"swagger": "2.0", "paths": {
            "/Calendar/v2/Appointments": operation(&schema),
            "/Calendar/v2/Holidays": operation(&json!({"properties": {"Day": text()}}))}});
        let lines: Vec<String> = diff(&[expected()], &Contract::read(&document).expect("a contract"))
            .iter()
            .map(|one| format!("{}: {}", one.paths.join(" "), one.what))
            .collect();
        assert_eq!(
            lines,
            [
                "/Appointment/v1/All: the route is not there; /Calendar/v2/Appointments stands for it",
                "/Calendar/v2/Appointments: no parameter begin; dateFrom stands for it",
                "/Calendar/v2/Appointments: no parameter end; dateTo stands for it",
                "/Calendar/v2/Appointments: no parameter page; pageNumber stands for it",
                "/Calendar/v2/Appointments: no field for begin; StartTime stands for it",
                "/Calendar/v2/Appointments: no field for chair_id; Room.Id stands for it",
                "/Calendar/v2/Appointments: no field for id; TerminId stands for it",
                "/Calendar/v2/Holidays: a route that ivohub does not use",
                "/Calendar/v2/Appointments: no field for changed, which is optional",
            ]
        );
    }

    #[test]
    fn routes_come_and_go_and_silence_about_fields_is_no_difference() {
        let document = json!({"swagger": "2.0", "paths": {"/appointment/v1/all": {"get": {}}, "/Pet/v1/Food": {"get": {}, "post": {}}}});
        let live = Contract::read(&document).expect("a contract");
        let mut gone = expected();
        gone.path = "/Appointment/v1/Gone".to_owned();
        gone.parameters.clear();
        let mut here = expected();
        here.parameters.clear();
        let lines: Vec<String> =
            diff(&[here, gone], &live).iter().map(|one| format!("{}: {}", one.paths.join(" "), one.what)).collect();
        assert_eq!(
            lines,
            [
                "/Appointment/v1/Gone: the route is not there",
                "/Appointment/v1/All: the path is spelt /appointment/v1/all",
                "/Pet/v1/Food: a route that ivohub does not use",
            ]
        );
    }
}
