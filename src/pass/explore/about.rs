//! First contact: is it there, which version, which services, what does it say about itself.

use serde_json::Value;

use crate::ivoris::{Ask, Fields, Route, Thing};

use super::asker::Asker;
use super::contract::{Contract, Operation};
use super::diff::diff;
use super::expect::expected;
use super::survey::{ContractFound, ProfileFound};
use super::words::is_word;

/// Profiles that are asked one by one.
const MOST_PROFILES: usize = 3;

/// Reachability and what comes without a question. `false` = there is no use in going on.
pub(super) async fn reach(asker: &mut Asker<'_>) -> bool {
    asker.ping().await;
    if asker.is_over() {
        return false;
    }
    asker.survey.version = asker.text(Route::IvorisVersion).await.filter(|text| is_version(text));
    // Only whether it answers: the number of the customer is nobody's business.
    asker.text(Route::CustomerId).await;
    services(asker).await;
    !asker.is_over()
}

async fn services(asker: &mut Asker<'_>) {
    let Some(rows) = asker.list(Route::Webservices, &Ask::new()).await else { return };
    let name = |row: &Value| match row {
        Value::String(name) => Some(name.clone()),
        Value::Object(object) => {
            let named = |(key, _): &(&String, &Value)| key.to_lowercase().ends_with("name");
            object.iter().find(named).and_then(|(_, name)| name.as_str()).map(str::to_owned)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => None,
    };
    let mut names: Vec<String> = rows.iter().filter_map(name).filter(|name| is_word(name)).collect();
    names.sort();
    names.dedup();
    asker.survey.services = Some(names);
}

/// A version, not a text of another kind.
fn is_version(text: &str) -> bool {
    let text = text.trim();
    (1..=30).contains(&text.len())
        && text.starts_with(|char: char| char.is_ascii_digit() || char == 'v')
        && text.chars().all(|char| char.is_ascii_alphanumeric() || matches!(char, '.' | '-' | '_' | '+'))
}

/// The contract: compared, and what is clear in it is asked under its own names from here on. Returns the document.
pub(super) async fn contract(asker: &mut Asker<'_>) -> Option<Value> {
    let document = asker.document().await?;
    if let Some(found) = compare(&document, asker.profile()) {
        asker.proposal.take_contract(&found.differences);
        if !asker.proposal.changes.is_empty() {
            asker.reconnect();
        }
        asker.survey.contract = Some(found);
    }
    Some(document)
}

/// What a document says otherwise than a profile; `None` = it is none.
pub(super) fn compare(document: &Value, profile: &crate::ivoris::RouteProfile) -> Option<ContractFound> {
    let contract = Contract::read(document).ok()?;
    let differences = diff(&expected(profile), &contract);
    let routes = contract.operations.values().map(|one| (one.path.clone(), line(one))).collect();
    let Contract { form, version, writing, .. } = contract;
    Some(ContractFound { form, version, routes, writing, differences })
}

/// What a route takes, in one line.
fn line(operation: &Operation) -> String {
    let one = |(name, parameter): (&String, &super::contract::Parameter)| {
        format!("{name} {}{}", parameter.kind, if parameter.required { " (required)" } else { "" })
    };
    operation.parameters.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// Billing profiles, and which of them are asked for entries.
pub(super) async fn profiles(asker: &mut Asker<'_>) -> Vec<String> {
    let rows = asker.list(Route::Profiles, &Ask::new()).await;
    let fields = asker.profile().fields(Thing::Profile).clone();
    asker.survey.profiles = rows.map(|rows| rows.iter().filter_map(|row| profile(&fields, row)).collect());
    let configured = asker.client().settings().profiles.clone();
    let listed = asker.survey.profiles.iter().flatten().map(|profile| profile.id.clone());
    let mut ids: Vec<String> = if configured.is_empty() { listed.collect() } else { configured };
    ids.truncate(MOST_PROFILES);
    ids
}

fn profile(fields: &Fields, row: &Value) -> Option<ProfileFound> {
    let record = row.as_object()?;
    Some(ProfileFound {
        id: fields.text("id", record)?,
        name: fields.text("name", record).filter(|name| name.chars().count() <= 80),
        mandant: fields.text("mandant", record).filter(|index| index.len() <= 4),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_versions() {
        for (text, wanted) in
            [("8.2.91.120", true), ("v8", true), ("Lena Beispiel", false), ("", false), ("0170/1", false)]
        {
            assert_eq!(is_version(text), wanted, "{text}");
        }
    }
}
