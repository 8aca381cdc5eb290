//! What HubSpot itself defines in every portal. Source: `hubspot-api.md` section 6; labels and options beyond it are inferred.

use crate::domain::Object;

use super::definition::{Choice, Definition, Group, Kind, Meaning};
use super::pipeline::{Pipeline, Stage};

type Row = (&'static str, &'static str, Kind, &'static str, Meaning);

use Kind::{Bool, Datetime, Enumeration, Number, String as Str};
use Meaning::Plain;

const CONTACT: &[Row] = &[
    ("hs_object_id", "Record ID", Number, "number", Meaning::ObjectId),
    ("createdate", "Create Date", Datetime, "date", Meaning::Created),
    ("lastmodifieddate", "Last Modified Date", Datetime, "date", Meaning::Modified),
    ("email", "Email", Str, "text", Meaning::Email),
    ("firstname", "First Name", Str, "text", Plain),
    ("lastname", "Last Name", Str, "text", Plain),
    ("phone", "Phone Number", Str, "phonenumber", Plain),
    ("mobilephone", "Mobile Phone Number", Str, "phonenumber", Plain),
    ("fax", "Fax Number", Str, "text", Plain),
    ("date_of_birth", "Date of birth", Str, "text", Plain),
    ("salutation", "Salutation", Str, "text", Plain),
    ("gender", "Gender", Str, "text", Plain),
    ("address", "Street Address", Str, "text", Plain),
    ("city", "City", Str, "text", Plain),
    ("zip", "Postal Code", Str, "text", Plain),
    ("state", "State/Region", Str, "text", Plain),
    ("country", "Country/Region", Str, "text", Plain),
    ("company", "Company Name", Str, "text", Plain),
    ("jobtitle", "Job Title", Str, "text", Plain),
    ("website", "Website URL", Str, "text", Plain),
    ("message", "Message", Str, "textarea", Plain),
    ("hubspot_owner_id", "Contact owner", Enumeration, "select", Meaning::Owner),
    ("lifecyclestage", "Lifecycle Stage", Enumeration, "radio", Plain),
    ("hs_lead_status", "Lead Status", Enumeration, "radio", Plain),
    ("num_associated_deals", "Number of Associated Deals", Number, "number", Meaning::LinkedDeals),
];

const DEAL: &[Row] = &[
    ("hs_object_id", "Record ID", Number, "number", Meaning::ObjectId),
    ("createdate", "Create Date", Datetime, "date", Meaning::Created),
    ("hs_createdate", "HubSpot Create Date", Datetime, "date", Meaning::Created),
    ("hs_lastmodifieddate", "Last Modified Date", Datetime, "date", Meaning::Modified),
    ("dealname", "Deal Name", Str, "text", Plain),
    ("pipeline", "Pipeline", Enumeration, "select", Meaning::Pipeline),
    ("dealstage", "Deal Stage", Enumeration, "radio", Meaning::Stage),
    ("amount", "Amount", Number, "number", Plain),
    ("closedate", "Close Date", Datetime, "date", Plain),
    ("closed_lost_reason", "Closed Lost Reason", Str, "textarea", Plain),
    ("closed_won_reason", "Closed Won Reason", Str, "textarea", Plain),
    ("dealtype", "Deal Type", Enumeration, "radio", Plain),
    ("deal_currency_code", "Currency", Enumeration, "select", Plain),
    ("description", "Deal Description", Str, "textarea", Plain),
    ("hs_next_step", "Next step", Str, "text", Plain),
    ("hs_priority", "Priority", Enumeration, "select", Plain),
    ("hubspot_owner_id", "Deal owner", Enumeration, "select", Meaning::Owner),
    ("hs_is_closed", "Is Deal Closed?", Bool, "booleancheckbox", Meaning::Closed),
    ("hs_is_closed_won", "Is Closed Won", Bool, "booleancheckbox", Meaning::ClosedWon),
    ("hs_is_closed_lost", "Is Closed Lost", Bool, "booleancheckbox", Meaning::ClosedLost),
    ("hs_deal_stage_probability", "Deal probability", Number, "number", Meaning::Probability),
    ("num_associated_contacts", "Number of Associated Contacts", Number, "number", Meaning::LinkedContacts),
];

const APPOINTMENT: &[Row] = &[
    ("hs_object_id", "Record ID", Number, "number", Meaning::ObjectId),
    ("hs_createdate", "Create Date", Datetime, "date", Meaning::Created),
    ("hs_lastmodifieddate", "Last Modified Date", Datetime, "date", Meaning::Modified),
    ("hs_appointment_name", "Appointment Name", Str, "text", Plain),
    ("hs_appointment_start", "Appointment Start", Datetime, "date", Plain),
    ("hs_appointment_end", "Appointment End", Datetime, "date", Plain),
    ("hs_duration", "Duration", Number, "number", Plain),
    ("hs_pipeline", "Pipeline", Enumeration, "select", Meaning::Pipeline),
    ("hs_pipeline_stage", "Pipeline Stage", Enumeration, "radio", Meaning::Stage),
    ("hubspot_owner_id", "Owner", Enumeration, "select", Meaning::Owner),
];

/// Disputed: some portals have it (`hubspot-api.md` 6.3).
const APPOINTMENT_STATUS: Row = ("hs_appointment_status", "Appointment Status", Enumeration, "select", Plain);

/// Options of HubSpot's enumerations. Source: inferred, as far as the fact sheet names none.
fn options(name: &str) -> &'static [&'static str] {
    match name {
        "lifecyclestage" => &[
            "subscriber",
            "lead",
            "marketingqualifiedlead",
            "salesqualifiedlead",
            "opportunity",
            "customer",
            "evangelist",
            "other",
        ],
        "hs_lead_status" => &[
            "NEW",
            "OPEN",
            "IN_PROGRESS",
            "OPEN_DEAL",
            "UNQUALIFIED",
            "ATTEMPTED_TO_CONTACT",
            "CONNECTED",
            "BAD_TIMING",
        ],
        "dealtype" => &["newbusiness", "existingbusiness"],
        "deal_currency_code" => &["EUR"],
        "hs_priority" => &["low", "medium", "high"],
        "hs_appointment_status" => &["SCHEDULED", "CONFIRMED", "COMPLETED", "CANCELED", "NO_SHOW"],
        _ => &[],
    }
}

/// Properties that a read returns when it asks for none.
pub(super) const fn default_names(object: Object) -> &'static [&'static str] {
    match object {
        Object::Contact => &["createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname"],
        Object::Deal => &[
            "amount",
            "closedate",
            "createdate",
            "dealname",
            "dealstage",
            "hs_lastmodifieddate",
            "hs_object_id",
            "pipeline",
        ],
        Object::Appointment => &["hs_createdate", "hs_lastmodifieddate", "hs_object_id"],
    }
}

/// Properties that every answer about a record carries.
pub(super) const fn basic_names(object: Object) -> &'static [&'static str] {
    match object {
        Object::Contact => &["createdate", "hs_object_id", "lastmodifieddate"],
        Object::Deal => &["createdate", "hs_lastmodifieddate", "hs_object_id"],
        Object::Appointment => &["hs_createdate", "hs_lastmodifieddate", "hs_object_id"],
    }
}

/// Properties without which no record is made.
pub(super) const fn required_names(object: Object) -> &'static [&'static str] {
    match object {
        Object::Contact => &[],
        Object::Deal => &["dealname", "dealstage", "pipeline"],
        Object::Appointment => &["hs_appointment_name"],
    }
}

/// The definitions of `object` in a new portal; `status`: whether appointments have the disputed property.
pub(super) fn definitions(object: Object, status: bool) -> Vec<Definition> {
    let (rows, extra) = match object {
        Object::Contact => (CONTACT, None),
        Object::Deal => (DEAL, None),
        Object::Appointment => (APPOINTMENT, status.then_some(&APPOINTMENT_STATUS)),
    };
    rows.iter().chain(extra).map(|row| definition(object, row)).collect()
}

fn definition(object: Object, (name, label, kind, field_type, meaning): &Row) -> Definition {
    let choices: Vec<&str> = match kind {
        Bool => vec!["true", "false"],
        Enumeration => options(name).to_vec(),
        Str | Number | Kind::Date | Datetime | Kind::PhoneNumber => Vec::new(),
    };
    let choice = |(order, value): (i64, &str)| Choice {
        label: value.to_owned(),
        value: value.to_owned(),
        display_order: order,
        hidden: false,
        description: None,
    };
    Definition {
        name: (*name).to_owned(),
        label: (*label).to_owned(),
        description: String::new(),
        kind: *kind,
        field_type: (*field_type).to_owned(),
        group: group_name(object).to_owned(),
        order: -1,
        options: (0..).zip(choices).map(choice).collect(),
        unique: *meaning == Meaning::Email,
        own: true,
        hidden: false,
        meaning: *meaning,
        archived: false,
        created: 0,
        updated: 0,
    }
}

const fn group_name(object: Object) -> &'static str {
    match object {
        Object::Contact => "contactinformation",
        Object::Deal => "dealinformation",
        Object::Appointment => "appointment_information",
    }
}

/// Property groups of a new portal.
pub(super) fn groups(object: Object) -> Vec<Group> {
    let label = match object {
        Object::Contact => "Contact information",
        Object::Deal => "Deal information",
        Object::Appointment => "Appointment information",
    };
    vec![Group { name: group_name(object).to_owned(), label: label.to_owned(), order: 0, archived: false }]
}

/// Pipelines of a new portal. Source: `hubspot-api.md` section 9 for deals; that of appointments is inferred.
pub(super) fn pipelines(object: Object) -> Vec<Pipeline> {
    let stage = |(order, (id, label, probability)): (i64, &(&str, &str, Option<&str>))| Stage {
        id: (*id).to_owned(),
        label: (*label).to_owned(),
        order,
        probability: probability.map(str::to_owned),
        created: 0,
        updated: 0,
    };
    let (id, label, stages): (_, _, &[(&str, &str, Option<&str>)]) = match object {
        Object::Contact => return Vec::new(),
        Object::Deal => (
            "default",
            "Sales Pipeline",
            &[
                ("appointmentscheduled", "Appointment Scheduled", Some("0.2")),
                ("qualifiedtobuy", "Qualified To Buy", Some("0.4")),
                ("presentationscheduled", "Presentation Scheduled", Some("0.6")),
                ("decisionmakerboughtin", "Decision Maker Bought-In", Some("0.8")),
                ("contractsent", "Contract Sent", Some("0.9")),
                ("closedwon", "Closed Won", Some("1.0")),
                ("closedlost", "Closed Lost", Some("0.0")),
            ],
        ),
        Object::Appointment => (
            "appointments-default",
            "Appointments Pipeline",
            &[("appointments-new", "New", None), ("appointments-done", "Done", None)],
        ),
    };
    let stages = (0..).zip(stages).map(stage).collect();
    vec![Pipeline { id: id.to_owned(), label: label.to_owned(), order: 0, stages, created: 0, updated: 0 }]
}
