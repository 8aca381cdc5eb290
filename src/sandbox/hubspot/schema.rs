//! Property and group endpoints (`hubspot-api.md` 8.1).

use serde::Deserialize;
use serde_json::{Value, json};

use crate::domain::Object;

use super::core::{Call, Core, Mark};
use super::definition::{Choice, Definition, Group, Kind, Meaning};
use super::exchange::Done;
use super::input::{Inputs, parse};
use super::record::PropertyId;
use super::refusal::Refusal;
use super::route::PropertyBatch;

/// Unique properties per object. Source: `hubspot-api.md` 8.1.
const UNIQUE: usize = 10;
/// Custom properties per object.
const CUSTOM: usize = 1_000;
/// Definitions of one batch.
const BATCH: usize = 100;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NewProperty {
    name: String,
    label: String,
    #[serde(rename = "type")]
    kind: String,
    field_type: String,
    group_name: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    display_order: Option<i64>,
    #[serde(default)]
    options: Vec<Choice>,
    #[serde(default)]
    has_unique_value: bool,
    #[serde(default)]
    hidden: bool,
    #[serde(default)]
    data_sensitivity: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PropertyPatch {
    label: Option<String>,
    field_type: Option<String>,
    group_name: Option<String>,
    description: Option<String>,
    display_order: Option<i64>,
    options: Option<Vec<Choice>>,
    hidden: Option<bool>,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NewGroup {
    name: String,
    label: String,
    #[serde(default)]
    display_order: Option<i64>,
}

impl Core {
    /// `GET Q`.
    pub(super) fn properties(&self, object: Object, archived: bool) -> Done {
        let all = &self.store(object).definitions;
        let shown = all.iter().filter(|definition| definition.archived == archived);
        let results: Vec<Value> = shown.map(|definition| self.definition_json(object, definition)).collect();
        Done::json(200, &json!({ "results": results }))
    }

    /// A definition; the options of pipelines and stages follow from the pipelines.
    fn definition_json(&self, object: Object, definition: &Definition) -> Value {
        let pipelines = &self.store(object).pipelines;
        let choice = |id: &String, label: &String, order: i64| Choice {
            label: label.clone(),
            value: id.clone(),
            display_order: order,
            hidden: false,
            description: None,
        };
        let derived: Option<Vec<Choice>> = if definition.meaning == Meaning::Pipeline {
            Some(pipelines.iter().map(|one| choice(&one.id, &one.label, one.order)).collect())
        } else if definition.meaning == Meaning::Stage {
            let stages = pipelines.iter().flat_map(|pipeline| &pipeline.stages);
            Some(stages.map(|stage| choice(&stage.id, &stage.label, stage.order)).collect())
        } else {
            None
        };
        definition.to_json(derived.as_deref())
    }

    /// `GET Q/{name}`.
    pub(super) fn property(&self, object: Object, name: &str, archived: bool) -> Result<Done, Refusal> {
        let store = self.store(object);
        let found = store.any_property(name).map(|property| store.definition(property));
        let found = found.filter(|definition| definition.archived == archived);
        let found = found.ok_or_else(|| unknown(name))?;
        Ok(Done::json(200, &self.definition_json(object, found)))
    }

    /// `POST Q`.
    pub(super) fn create_property(&mut self, call: &Call, object: Object, body: &[u8]) -> Result<Done, Refusal> {
        let property = self.add_property(call, object, parse(body)?)?;
        Ok(Done::json(201, &self.definition_json(object, self.store(object).definition(property))))
    }

    fn add_property(&mut self, call: &Call, object: Object, new: NewProperty) -> Result<PropertyId, Refusal> {
        let store = self.store(object);
        if let Some(property) = store.any_property(&new.name) {
            if !store.definition(property).archived {
                return Err(Refusal::new(
                    409,
                    "OBJECT_ALREADY_EXISTS",
                    format!("A property named '{}' already exists.", new.name),
                )
                .sub("Properties.PROPERTY_WITH_NAME_EXISTS")
                .context("name", [new.name]));
            }
            // The name of an archived property brings it back, with the values of its records.
            self.store_mut(object).definitions[usize::from(property)].archived = false;
            self.mark(Mark::Schema(object));
            return Ok(property);
        }
        let kind = self.fits(object, &new)?;
        let definition = Definition {
            name: new.name,
            label: new.label,
            description: new.description,
            kind,
            field_type: new.field_type,
            group: new.group_name,
            order: new.display_order.unwrap_or(-1),
            options: new.options,
            unique: new.has_unique_value,
            own: false,
            hidden: new.hidden,
            meaning: Meaning::Plain,
            archived: false,
            created: call.now,
            updated: call.now,
        };
        let property = self.store_mut(object).define(definition);
        self.mark(Mark::Schema(object));
        Ok(property)
    }

    /// Checks a new property and returns its type.
    fn fits(&self, object: Object, new: &NewProperty) -> Result<Kind, Refusal> {
        let store = self.store(object);
        let shaped = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        let begins = new.name.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase());
        if !begins || new.name.len() > 100 || !new.name.bytes().all(shaped) {
            return Err(Refusal::invalid(
                "Property name must begin with a lowercase letter and hold only lowercase letters, numbers and underscores",
            ));
        }
        if new.label.trim().is_empty() {
            return Err(Refusal::invalid("Some required fields were not set: [label]"));
        }
        let kind: Kind = serde_json::from_value(json!(new.kind))
            .map_err(|_| Refusal::invalid(format!("{} is not a valid property type", new.kind)))?;
        if !kind.field_types().contains(&new.field_type.as_str()) {
            let (field, kind) = (&new.field_type, kind.word());
            return Err(Refusal::invalid(format!("fieldType {field} is not valid for a property of type {kind}")));
        }
        if new.field_type == "calculation_equation" {
            return Err(Refusal::invalid("calculationFormula is not supported by this simulation"));
        }
        if !store.groups.iter().any(|group| group.name == new.group_name && !group.archived) {
            return Err(Refusal::invalid(format!("Property group {} does not exist", new.group_name)));
        }
        check_options(kind, &new.options)?;
        if matches!(new.data_sensitivity.as_deref(), Some("sensitive" | "highly_sensitive")) {
            return Err(Refusal::invalid("The portal is not enabled for sensitive data")
                .sub("PORTAL_NOT_ENABLED_FOR_SENSITIVE_DATA"));
        }
        let live = || store.definitions.iter().filter(|definition| !definition.archived);
        if live().filter(|definition| !definition.own).count() >= CUSTOM {
            return Err(Refusal::invalid(format!("The limit of {CUSTOM} custom properties is reached")));
        }
        if new.has_unique_value {
            if object == Object::Appointment && !self.settings.profile.appointment_unique {
                return Err(Refusal::invalid("Unique properties are not supported for 0-421"));
            }
            if !matches!(kind, Kind::String | Kind::Number) {
                return Err(Refusal::invalid("Unique properties must be of type string or number"));
            }
            // HubSpot's own unique property (`email`) does not count (inferred).
            if live().filter(|definition| definition.unique && !definition.own).count() >= UNIQUE {
                return Err(Refusal::invalid(format!("At most {UNIQUE} unique properties are allowed per object")));
            }
        }
        Ok(kind)
    }

    /// `PATCH Q/{name}`; `hasUniqueValue` and `dataSensitivity` are ignored.
    pub(super) fn patch_property(
        &mut self,
        call: &Call,
        object: Object,
        name: &str,
        body: &[u8],
    ) -> Result<Done, Refusal> {
        let patch: PropertyPatch = parse(body)?;
        let store = self.store(object);
        let property = store.property(name).ok_or_else(|| unknown(name))?;
        let old = store.definition(property);
        if old.meaning != Meaning::Plain || old.own && patch.options.is_none() {
            return Err(Refusal::invalid(format!("{name} is defined by HubSpot and cannot be changed")));
        }
        if let Some(options) = &patch.options {
            check_options(old.kind, options)?;
        }
        let fits = |field: &String| old.kind.field_types().contains(&field.as_str());
        if patch.field_type.as_ref().is_some_and(|field| !fits(field)) {
            return Err(Refusal::invalid(format!("fieldType is not valid for a property of type {}", old.kind.word())));
        }
        let has_group = |wanted: &String| store.groups.iter().any(|group| group.name == *wanted && !group.archived);
        if patch.group_name.as_ref().is_some_and(|group| !has_group(group)) {
            return Err(Refusal::invalid("Property group does not exist"));
        }
        let PropertyPatch { label, field_type, group_name, description, display_order, options, hidden } = patch;
        let definition = &mut self.store_mut(object).definitions[usize::from(property)];
        definition.label = label.unwrap_or_else(|| definition.label.clone());
        definition.field_type = field_type.unwrap_or_else(|| definition.field_type.clone());
        definition.group = group_name.unwrap_or_else(|| definition.group.clone());
        definition.description = description.unwrap_or_else(|| definition.description.clone());
        definition.order = display_order.unwrap_or(definition.order);
        definition.hidden = hidden.unwrap_or(definition.hidden);
        // The whole list: what is left out is gone.
        definition.options = options.unwrap_or_else(|| definition.options.clone());
        definition.updated = call.now;
        self.mark(Mark::Schema(object));
        self.property(object, name, false)
    }

    /// `DELETE Q/{name}`; 204 also for what is not there.
    pub(super) fn archive_property(&mut self, object: Object, name: &str) -> Result<Done, Refusal> {
        let Some(property) = self.store(object).property(name) else { return Ok(Done::empty()) };
        if self.store(object).definition(property).own {
            return Err(Refusal::invalid(format!("{name} is defined by HubSpot and cannot be deleted"))
                .sub("PropertyValidationError.CANNOT_DELETE_PROPERTY_IN_USE")
                .context("parentType", ["HUBSPOT".to_owned()]));
        }
        self.store_mut(object).definitions[usize::from(property)].archived = true;
        self.mark(Mark::Schema(object));
        Ok(Done::empty())
    }

    /// `POST Q/batch/…`.
    pub(super) fn property_batch(
        &mut self,
        call: &mut Call,
        object: Object,
        kind: PropertyBatch,
        body: &[u8],
    ) -> Result<Done, Refusal> {
        let limit = |count: usize| if count > BATCH { Err(Refusal::too_many(BATCH, count)) } else { Ok(()) };
        let (mut results, mut errors) = (Vec::new(), Vec::new());
        match kind {
            PropertyBatch::Create => {
                let Inputs { inputs } = parse::<Inputs<NewProperty>>(body)?;
                limit(inputs.len())?;
                call.inputs = inputs.len();
                for input in inputs {
                    match self.add_property(call, object, input) {
                        Ok(property) => {
                            results.push(self.definition_json(object, self.store(object).definition(property)));
                        }
                        Err(refusal) => errors.push(refusal.item(None)),
                    }
                }
            }
            PropertyBatch::Read | PropertyBatch::Archive => {
                let Inputs { inputs } = parse::<Inputs<Named>>(body)?;
                limit(inputs.len())?;
                call.inputs = inputs.len();
                if kind == PropertyBatch::Archive {
                    inputs.iter().try_for_each(|named| self.archive_property(object, &named.name).map(|_| ()))?;
                    return Ok(Done::empty());
                }
                let store = self.store(object);
                for Named { name } in &inputs {
                    match store.property(name) {
                        Some(property) => results.push(self.definition_json(object, store.definition(property))),
                        None => errors.push(unknown(name).item(None)),
                    }
                }
            }
        }
        let status = match (errors.is_empty(), kind) {
            (false, _) => 207,
            (true, PropertyBatch::Create) => 201,
            (true, PropertyBatch::Read | PropertyBatch::Archive) => 200,
        };
        let at = super::json::iso(call.now);
        let mut answer = json!({"status": "COMPLETE", "results": results, "startedAt": at, "completedAt": at});
        if !errors.is_empty() {
            answer["numErrors"] = json!(errors.len());
            answer["errors"] = json!(errors);
        }
        Ok(Done::json(status, &answer))
    }

    /// `GET Q/groups`.
    pub(super) fn groups(&self, object: Object) -> Done {
        let live = self.store(object).groups.iter().filter(|group| !group.archived);
        Done::json(200, &json!({"results": live.map(Group::to_json).collect::<Vec<_>>()}))
    }

    /// `GET Q/groups/{name}`.
    pub(super) fn group(&self, object: Object, name: &str) -> Result<Done, Refusal> {
        let found = self.store(object).groups.iter().find(|group| group.name == name && !group.archived);
        let found = found.ok_or_else(|| Refusal::not_found(format!("Property group {name} does not exist")))?;
        Ok(Done::json(200, &found.to_json()))
    }

    /// `POST Q/groups`.
    pub(super) fn create_group(&mut self, object: Object, body: &[u8]) -> Result<Done, Refusal> {
        let NewGroup { name, label, display_order } = parse(body)?;
        if name.is_empty() || label.trim().is_empty() {
            return Err(Refusal::invalid("Some required fields were not set: [name, label]"));
        }
        let groups = &mut self.store_mut(object).groups;
        if groups.iter().any(|group| group.name == name && !group.archived) {
            return Err(Refusal::new(409, "OBJECT_ALREADY_EXISTS", format!("Property group {name} already exists"))
                .context("name", [name]));
        }
        groups.retain(|group| group.name != name);
        let group = Group { name, label, order: display_order.unwrap_or(-1), archived: false };
        let answer = group.to_json();
        groups.push(group);
        self.mark(Mark::Schema(object));
        Ok(Done::json(201, &answer))
    }

    /// `DELETE Q/groups/{name}`.
    pub(super) fn archive_group(&mut self, object: Object, name: &str) -> Result<Done, Refusal> {
        let store = self.store_mut(object);
        let used = store.definitions.iter().any(|definition| definition.group == name && !definition.archived);
        if used {
            return Err(Refusal::invalid(format!("Property group {name} has active properties")));
        }
        store.groups.iter_mut().filter(|group| group.name == name).for_each(|group| group.archived = true);
        self.mark(Mark::Schema(object));
        Ok(Done::empty())
    }
}

fn unknown(name: &str) -> Refusal {
    Refusal::not_found(format!("Property \"{name}\" does not exist")).context("name", [name.to_owned()])
}

/// E22, and no value twice.
fn check_options(kind: Kind, options: &[Choice]) -> Result<(), Refusal> {
    let mut values: Vec<&str> = options.iter().map(|option| option.value.as_str()).collect();
    values.sort_unstable();
    if values.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(Refusal::invalid("Option values must be unique"));
    }
    let mut labels: Vec<&str> = options.iter().map(|option| option.label.as_str()).collect();
    labels.sort_unstable();
    if labels.windows(2).any(|pair| pair[0] == pair[1]) || labels.first() == Some(&"") {
        return Err(Refusal::invalid("Option labels must be unique and not empty"));
    }
    if kind == Kind::Bool && values != ["false", "true"] {
        return Err(Refusal::invalid("Boolean properties must have exactly the options true and false")
            .sub("INVALID_BOOLEAN_OPTION"));
    }
    Ok(())
}
