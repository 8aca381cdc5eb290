//! Property definitions: what a property is called, holds and means.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::json::iso;

/// Value type of a property.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    String,
    Number,
    Date,
    Datetime,
    Enumeration,
    Bool,
    PhoneNumber,
}

impl Kind {
    /// HubSpot's spelling.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Number => "number",
            Self::Date => "date",
            Self::Datetime => "datetime",
            Self::Enumeration => "enumeration",
            Self::Bool => "bool",
            Self::PhoneNumber => "phone_number",
        }
    }

    /// Field types that go with it (`hubspot-api.md` 8.1).
    pub(super) const fn field_types(self) -> &'static [&'static str] {
        match self {
            Self::String => &["text", "textarea", "html", "file", "phonenumber", "calculation_equation"],
            Self::Number => &["number", "calculation_equation"],
            Self::Date | Self::Datetime => &["date"],
            Self::Enumeration => &["select", "radio", "checkbox", "booleancheckbox", "calculation_equation"],
            Self::Bool => &["booleancheckbox", "calculation_equation"],
            Self::PhoneNumber => &["phonenumber"],
        }
    }
}

/// What the portal itself knows about a property.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Meaning {
    /// Nothing: any value of its type.
    Plain,
    /// A contact's address: unique, in lower case.
    Email,
    /// Id of a pipeline of the object.
    Pipeline,
    /// Id of a stage of the record's pipeline.
    Stage,
    /// Digits of an owner's id.
    Owner,
    /// Calculated: the record's id.
    ObjectId,
    /// Calculated: when the record was made.
    Created,
    /// Calculated: when it was last changed.
    Modified,
    /// Calculated: the stage is closed.
    Closed,
    /// Calculated: closed and won.
    ClosedWon,
    /// Calculated: closed and lost.
    ClosedLost,
    /// Calculated: the stage's probability.
    Probability,
    /// Calculated: number of linked deals.
    LinkedDeals,
    /// Calculated: number of linked contacts.
    LinkedContacts,
}

impl Meaning {
    /// Whether the portal alone sets it.
    pub(super) const fn is_calculated(self) -> bool {
        match self {
            Self::Plain | Self::Email | Self::Pipeline | Self::Stage | Self::Owner => false,
            Self::ObjectId
            | Self::Created
            | Self::Modified
            | Self::Closed
            | Self::ClosedWon
            | Self::ClosedLost
            | Self::Probability
            | Self::LinkedDeals
            | Self::LinkedContacts => true,
        }
    }
}

/// One option of an enumeration or bool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Choice {
    pub(super) label: String,
    pub(super) value: String,
    #[serde(default)]
    pub(super) display_order: i64,
    #[serde(default)]
    pub(super) hidden: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<String>,
}

/// A property as the portal keeps it; archived ones stay, with the values of their records.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "HubSpot's own flags")]
pub(super) struct Definition {
    pub(super) name: String,
    pub(super) label: String,
    pub(super) description: String,
    pub(super) kind: Kind,
    pub(super) field_type: String,
    pub(super) group: String,
    pub(super) order: i64,
    pub(super) options: Vec<Choice>,
    pub(super) unique: bool,
    pub(super) own: bool,
    pub(super) hidden: bool,
    pub(super) meaning: Meaning,
    pub(super) archived: bool,
    pub(super) created: i64,
    pub(super) updated: i64,
}

impl Definition {
    /// Whether several options may be chosen.
    pub(super) fn is_multiple(&self) -> bool {
        self.field_type == "checkbox"
    }

    /// The definition as an answer shows it. `options` replaces its own where the portal derives them.
    pub(super) fn to_json(&self, options: Option<&[Choice]>) -> Value {
        let calculated = self.meaning.is_calculated() || self.field_type == "calculation_equation";
        let mut body = json!({
            "name": self.name, "label": self.label, "type": self.kind.word(), "fieldType": self.field_type,
            "description": self.description, "groupName": self.group, "displayOrder": self.order,
            "options": options.unwrap_or(&self.options), "hasUniqueValue": self.unique,
            "hidden": self.hidden, "calculated": calculated, "externalOptions": self.meaning == Meaning::Owner,
            "hubspotDefined": self.own, "archived": self.archived, "formField": !calculated,
            "dataSensitivity": "non_sensitive",
            "createdAt": iso(self.created), "updatedAt": iso(self.updated),
            "modificationMetadata": {
                "archivable": !self.own, "readOnlyDefinition": self.own, "readOnlyValue": calculated,
                "readOnlyOptions": self.own && self.kind != Kind::Enumeration || options.is_some()
            }
        });
        if self.own {
            // HubSpot leaves these out for its own properties.
            if let Some(map) = body.as_object_mut() {
                map.remove("createdAt");
                map.remove("updatedAt");
            }
        }
        body
    }
}

/// A group of properties.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Group {
    pub(super) name: String,
    pub(super) label: String,
    pub(super) order: i64,
    pub(super) archived: bool,
}

impl Group {
    pub(super) fn to_json(&self) -> Value {
        json!({"name": self.name, "label": self.label, "displayOrder": self.order, "archived": self.archived})
    }
}
