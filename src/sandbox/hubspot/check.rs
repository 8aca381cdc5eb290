//! One input against everything the portal demands, before anything is written.

use std::borrow::Cow;
use std::collections::HashSet;

use crate::domain::Object;

use super::definition::Meaning;
use super::input::Values;
use super::record::PropertyId;
use super::refusal::{Detail, Refusal};
use super::settings::Profile;
use super::standard;
use super::store::Store;
use super::value::{Dates, accept};

/// An input that will be written as it stands here.
pub(super) struct Prepared<'a> {
    /// Existing record; `None` creates one.
    pub(super) target: Option<u32>,
    /// Ascending, each property once.
    pub(super) changes: Vec<(PropertyId, Cow<'a, str>)>,
    pub(super) warnings: Vec<Warning>,
}

/// A value that is stored in another form than sent.
#[derive(Clone, Debug)]
pub(super) struct Warning {
    pub(super) property: PropertyId,
    pub(super) raw: String,
    pub(super) stored: String,
}

/// Unique values that earlier inputs of the same all-or-nothing batch take.
pub(super) type Claims = HashSet<(PropertyId, String)>;

/// What inputs of one request are checked against.
pub(super) struct Checker<'c> {
    pub(super) store: &'c Store,
    pub(super) profile: &'c Profile,
    pub(super) dates: Dates,
    /// Whether a record that is created needs the required properties.
    pub(super) requires: bool,
}

impl Checker<'_> {
    /// Checks one input for `target`; `key` is the property and value it was named by.
    pub(super) fn check<'a>(
        &self,
        target: Option<u32>,
        values: Values<'a>,
        key: Option<(PropertyId, Cow<'a, str>)>,
        claims: Option<&mut Claims>,
    ) -> Result<Prepared<'a>, Refusal> {
        let mut prepared = self.values(target, values)?;
        if let Some((property, value)) = key
            && target.is_none()
            && prepared.changes.iter().all(|(changed, _)| *changed != property)
        {
            prepared.changes.push((property, value));
        }
        prepared.changes.sort_by_key(|(property, _)| *property);
        // Named twice: the later value counts.
        prepared.changes.reverse();
        prepared.changes.dedup_by_key(|(property, _)| *property);
        prepared.changes.reverse();
        self.stage(&prepared)?;
        self.required(&prepared)?;
        self.rules(&prepared)?;
        self.unique(&prepared, claims)?;
        Ok(prepared)
    }

    fn values<'a>(&self, target: Option<u32>, values: Values<'a>) -> Result<Prepared<'a>, Refusal> {
        let mut changes = Vec::with_capacity(values.0.len() + 1);
        let mut warnings = Vec::new();
        let mut details = Vec::new();
        for (name, raw) in values.0 {
            let Some(property) = self.store.property(&name) else {
                let message = format!("Property \"{name}\" does not exist");
                details.push(Detail { code: "PROPERTY_DOESNT_EXIST", property: name.into_owned(), message });
                continue;
            };
            let current = target.and_then(|index| self.store.record(index).get(property));
            let sent = raw.clone();
            match accept(self.store.definition(property), raw, current, self.dates) {
                Ok(accepted) => {
                    if accepted.warn {
                        let (raw, stored) = (sent.into_owned(), accepted.text.clone().into_owned());
                        warnings.push(Warning { property, raw, stored });
                    }
                    changes.push((property, accepted.text));
                }
                Err(detail) => details.push(detail),
            }
        }
        if details.is_empty() { Ok(Prepared { target, changes, warnings }) } else { Err(Refusal::values(details)) }
    }

    /// The value a property will have.
    fn effective<'p>(&'p self, prepared: &'p Prepared<'_>, property: PropertyId) -> Option<&'p str> {
        match prepared.changes.iter().find(|(changed, _)| *changed == property) {
            Some((_, value)) => Some(value.as_ref()).filter(|value| !value.is_empty()),
            None => self.store.record(prepared.target?).get(property),
        }
    }

    /// The stage must belong to the pipeline.
    fn stage(&self, prepared: &Prepared<'_>) -> Result<(), Refusal> {
        let (Some(pipeline), Some(stage)) = (self.store.meaning(Meaning::Pipeline), self.store.meaning(Meaning::Stage))
        else {
            return Ok(());
        };
        if prepared.changes.iter().all(|(changed, _)| *changed != pipeline && *changed != stage) {
            return Ok(());
        }
        let refuse = |property, value: &str, allowed: Vec<&str>| {
            let message = format!("{value} was not one of the allowed options: [{}]", allowed.join(", "));
            let property = self.store.definition(property).name.clone();
            Err(Refusal::values(vec![Detail { code: "INVALID_OPTION", property, message }]))
        };
        let pipelines = &self.store.pipelines;
        let stage_id = self.effective(prepared, stage);
        let Some(pipeline_id) = self.effective(prepared, pipeline) else {
            return match stage_id {
                Some(id) if self.store.stage(id).is_none() => refuse(stage, id, Vec::new()),
                Some(_) | None => Ok(()),
            };
        };
        let Some(found) = pipelines.iter().find(|known| known.id == pipeline_id) else {
            return refuse(pipeline, pipeline_id, pipelines.iter().map(|known| known.id.as_str()).collect());
        };
        match stage_id {
            Some(id) if found.stage(id).is_none() => {
                refuse(stage, id, found.stages.iter().map(|known| known.id.as_str()).collect())
            }
            Some(_) | None => Ok(()),
        }
    }

    fn required(&self, prepared: &Prepared<'_>) -> Result<(), Refusal> {
        let object = self.store.object;
        let needed = if prepared.target.is_none() && self.requires { standard::required_names(object) } else { &[] };
        // Required properties cannot be emptied either.
        let cleared = |name: &str| {
            let property = self.store.property(name);
            prepared.changes.iter().any(|(changed, value)| Some(*changed) == property && value.is_empty())
        };
        let emptied = standard::required_names(object).iter().filter(|name| prepared.target.is_some() && cleared(name));
        let lacks =
            |name: &str| self.store.property(name).is_none_or(|property| self.effective(prepared, property).is_none());
        let missing: Vec<String> =
            needed.iter().filter(|name| lacks(name)).chain(emptied).map(|name| (*name).to_owned()).collect();
        if missing.is_empty() {
            return Ok(());
        }
        let word = object.word().to_uppercase();
        let message = format!("Error creating {word}. Some required properties were not set.");
        let refusal = Refusal::invalid(message).context("properties", missing.clone());
        Err(missing.iter().fold(refusal, |refusal, name| {
            refusal.detail("MISSING_REQUIRED_PROPERTY", name, format!("{name} is required"))
        }))
    }

    /// Rules of the portal's administrators (E6, E7); API writes are bound by them from 2026-09 on.
    fn rules(&self, prepared: &Prepared<'_>) -> Result<(), Refusal> {
        if self.dates == Dates::Strict {
            return Ok(());
        }
        let value = |name: &str| self.store.property(name).and_then(|property| self.effective(prepared, property));
        let of = |object: Object| object == self.store.object;
        let create = self.profile.create_rules.iter().filter(|rule| of(rule.object) && prepared.target.is_none());
        let created = create
            .filter(|rule| value(&rule.property).is_none())
            .map(|rule| ("MISSING_REQUIRED_PROPERTY", &rule.property));
        let conditional = self.profile.conditional_rules.iter().filter(|rule| {
            of(rule.object) && value(&rule.when) == Some(rule.is.as_str()) && value(&rule.property).is_none()
        });
        let conditioned = conditional.map(|rule| ("MISSING_CONDITIONAL_REQUIRED_PROPERTY", &rule.property));
        let details: Vec<Detail> = created
            .chain(conditioned)
            .map(|(code, property)| Detail {
                code,
                property: property.clone(),
                message: format!("{property} is required"),
            })
            .collect();
        if details.is_empty() { Ok(()) } else { Err(Refusal::values(details)) }
    }

    fn unique(&self, prepared: &Prepared<'_>, claims: Option<&mut Claims>) -> Result<(), Refusal> {
        let mut claims = claims;
        for (property, value) in &prepared.changes {
            if value.is_empty() || !self.store.is_unique(*property) {
                continue;
            }
            let owner = self.store.owner(*property, value).filter(|owner| Some(*owner) != prepared.target);
            let claimed = claims.as_deref_mut().is_some_and(|claims| !claims.insert((*property, value.to_string())));
            let definition = self.store.definition(*property);
            match (owner, claimed, definition.meaning) {
                (None, false, _) => {}
                (owner, _, Meaning::Email) => return Err(Refusal::contact_exists(owner.map_or(0, Store::id))),
                _ => return Err(Refusal::unique_taken(&definition.name, value)),
            }
        }
        Ok(())
    }
}
