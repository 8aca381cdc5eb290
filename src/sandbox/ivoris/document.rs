//! The document of the server's own routes, as OpenAPI 3 or Swagger 2, under the names that are in use.

use serde_json::{Map, Value, json};

use super::answer::{is_there, wrapper};
use super::names::put;
use super::route::{Gives, Param, ROUTES, Spec};
use super::settings::{AskForm, Documented, Envelope, Settings};

/// `IvorisVersion`, and version of the document. Source: S1.
pub(super) const VERSION: &str = "8.2.91.120";

/// Fields of a record with their types: `text`, `uuid`, `date`, `time`, `int`, `number`, `bool`, `any`; dots make objects.
const SCHEMAS: [(&str, &[(&str, &str)]); 13] = [
    ("WebserviceInfo", &[("Name", "text"), ("Version", "text")]),
    ("Profile", &[("Id", "uuid"), ("Name", "text"), ("MandantIndex", "int")]),
    (
        "Patient",
        &[
            ("Id", "uuid"),
            ("HumanReadableId", "text"),
            ("Firstname", "text"),
            ("Lastname", "text"),
            ("Birthday", "date"),
            ("Gender", "text"),
            ("Email", "text"),
            ("Phone", "text"),
            ("Mobile", "text"),
            ("Address.Street", "text"),
            ("Address.Zip", "text"),
            ("Address.City", "text"),
            ("Address.Country", "text"),
            ("HealthInsurance", "text"),
            ("CurrentInsurance.InsuranceStatus", "text"),
            ("CurrentInsurance.InsuranceNumber", "text"),
            ("CurrentInsurance.validFrom", "date"),
            ("CurrentInsurance.Insurant.Firstname", "text"),
            ("CurrentInsurance.Insurant.Lastname", "text"),
            ("Treatment.OrthodontistStage", "text"),
            ("Treatment.OrthodontistPractitioner", "text"),
            ("Treatment.DentistPractitioner", "text"),
            ("mandantIndex", "int"),
        ],
    ),
    (
        "Appointment",
        &[
            ("Id", "uuid"),
            ("PatientId", "uuid"),
            ("Begin", "time"),
            ("End", "time"),
            ("Duration", "int"),
            ("DentistChairId", "uuid"),
            ("PractitionerId", "uuid"),
            ("AppointmentTemplateId", "uuid"),
            ("ProfileId", "uuid"),
            ("State", "state"),
            ("ConfirmationState", "confirmation"),
            ("Comment", "text"),
            ("IsOnlineAppointment", "bool"),
            ("UnknownPatient.Firstname", "text"),
            ("UnknownPatient.Lastname", "text"),
            ("UnknownPatient.Birthday", "date"),
            ("UnknownPatient.Phone", "text"),
            ("UnknownPatient.Email", "text"),
            ("CreatedAt", "time"),
            ("ModifiedAt", "time"),
        ],
    ),
    ("AppointmentTemplate", &[("Id", "uuid"), ("Name", "text"), ("Duration", "int"), ("IsActive", "bool")]),
    ("DentistChair", &[("Id", "uuid"), ("Name", "text"), ("ProfileId", "uuid"), ("IsActive", "bool")]),
    (
        "Practitioner",
        &[
            ("Id", "uuid"),
            ("Title", "text"),
            ("Firstname", "text"),
            ("Lastname", "text"),
            ("ShortName", "text"),
            ("IsActive", "bool"),
        ],
    ),
    ("PractitionerTime", &[("PractitionerId", "uuid"), ("DentistChairId", "uuid"), ("Begin", "time"), ("End", "time")]),
    (
        "DocumentationEntry",
        &[
            ("Id", "uuid"),
            ("ProfileId", "uuid"),
            ("PatientId", "uuid"),
            ("Date", "date"),
            ("Type", "text"),
            ("Treatment", "text"),
            ("Tooth", "text"),
            ("Text", "text"),
            ("DocumentId", "uuid"),
            ("PractitionerId", "uuid"),
            ("Code", "text"),
            ("FeeSchedule", "text"),
            ("Count", "number"),
            ("Factor", "number"),
            ("Amount", "number"),
        ],
    ),
    (
        "Document",
        &[
            ("DocumentId", "uuid"),
            ("ProfileId", "uuid"),
            ("PatientId", "uuid"),
            ("Name", "text"),
            ("Date", "date"),
            ("Content", "text"),
        ],
    ),
    ("WaitingRoomStation", &[("Id", "uuid"), ("Name", "text")]),
    (
        "WaitingRoomProgression",
        &[
            ("PatientId", "uuid"),
            ("StationId", "uuid"),
            ("AppointmentId", "uuid"),
            ("EnteredAt", "time"),
            ("LeftAt", "time"),
        ],
    ),
    ("WaitingRoomPatient", &[("PatientId", "uuid"), ("StationId", "uuid"), ("Since", "time")]),
];

const STATES: [&str; 8] =
    ["Planned", "Confirmed", "Waiting", "InTreatment", "Completed", "Cancelled", "NoShow", "Clarified"];
const CONFIRMATIONS: [&str; 4] = ["None", "Requested", "Confirmed", "Declined"];

/// The whole document.
pub(super) fn document(settings: &Settings) -> Value {
    let swagger = settings.document == Documented::Swagger2;
    let mut paths = Map::new();
    for spec in ROUTES.iter().filter(|spec| is_there(settings, spec)) {
        let path = settings.names.path(spec.path).to_owned();
        paths.insert(path, json!({"get": operation(spec, settings, swagger)}));
    }
    let schemas: Map<String, Value> =
        SCHEMAS.iter().map(|(name, fields)| ((*name).to_owned(), schema(name, fields, settings))).collect();
    let info = json!({"title": "ivoris® API", "version": VERSION});
    if swagger {
        return json!({
            "swagger": "2.0", "info": info, "basePath": "/webservice/api", "produces": ["application/json"],
            "securityDefinitions": {"basic": {"type": "basic"}}, "paths": paths, "definitions": schemas,
        });
    }
    json!({
        "openapi": "3.0.1", "info": info, "servers": [{"url": "/webservice/api"}], "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": {"basic": {"type": "http", "scheme": "basic"}}},
    })
}

fn operation(spec: &Spec, settings: &Settings, swagger: bool) -> Value {
    let in_path = |param: &Param| spec.path.contains(&format!("{{{}}}", param.name));
    let parameters = spec.params.iter().map(|param| {
        let in_path = in_path(param);
        let name = if in_path { param.name } else { settings.names.param(spec.action(), param.name) };
        let mut shown = json!({"name": name, "in": if in_path { "path" } else { "query" }, "required": param.required});
        let kind = kind(param, settings.ask);
        let map = shown.as_object_mut().expect("it was just made an object");
        if swagger {
            map.extend(kind.as_object().cloned().unwrap_or_default());
        } else {
            map.insert("schema".to_owned(), kind);
        }
        shown
    });
    let base = if swagger { "#/definitions/" } else { "#/components/schemas/" };
    let of = |name: &str| json!({"$ref": format!("{base}{name}")});
    let gives = match (spec.gives, &settings.envelope) {
        (Gives::List(name), Envelope::Bare) => json!({"type": "array", "items": of(name)}),
        (Gives::List(name), Envelope::Named(wrapper)) => {
            let mut map = Map::new();
            put(&mut map, wrapper, json!({"type": "array", "items": of(name)}));
            json!({"type": "object", "properties": map})
        }
        (Gives::One(name), Envelope::Bare) => of(name),
        (Gives::One(name), Envelope::Named(_)) => {
            json!({"type": "object", "properties": {wrapper(spec): of(name)}})
        }
        (Gives::Text, _) => json!({"type": "string"}),
        (Gives::Document, _) => json!({"type": "object"}),
    };
    let ok = if swagger {
        json!({"description": "OK", "schema": gives})
    } else {
        json!({"description": "OK", "content": {"application/json": {"schema": gives}}})
    };
    json!({
        "operationId": spec.operation, "tags": [spec.service()], "parameters": parameters.collect::<Vec<_>>(),
        "responses": {"200": ok},
    })
}

/// Type and format of a parameter: days are what the server takes for days.
fn kind(param: &Param, form: AskForm) -> Value {
    match (param.kind, form) {
        (("string", "date"), AskForm::DatetimeLocal | AskForm::DatetimeOffset) => {
            json!({"type": "string", "format": "date-time"})
        }
        (("string", "date" | "date-time"), AskForm::De) => json!({"type": "string", "description": "dd.MM.yyyy"}),
        ((kind, ""), _) => json!({"type": kind}),
        ((kind, format), _) => json!({"type": kind, "format": format}),
    }
}

fn schema(name: &str, fields: &[(&str, &str)], settings: &Settings) -> Value {
    let kept = |field: &str| match (name, field) {
        ("Appointment", "Duration") => settings.durations,
        ("Appointment", "End") => !settings.durations,
        ("DocumentationEntry", "Code" | "FeeSchedule" | "Count" | "Factor" | "Amount") => settings.amounts,
        _ => true,
    };
    let mut map = Map::new();
    for (field, kind) in fields.iter().filter(|(field, _)| kept(field)) {
        let renamed = settings.names.renamed(name).find(|(from, _)| from == field).map_or(*field, |(_, to)| to);
        put(&mut map, renamed, field_type(kind));
    }
    object(map)
}

/// Maps of fields become object schemas, all the way down.
fn object(fields: Map<String, Value>) -> Value {
    let is_type = |value: &Value| value.get("type").is_some_and(Value::is_string);
    let inner = |value: Value| {
        let fields = value.as_object().filter(|_| !is_type(&value)).cloned();
        fields.map_or(value, object)
    };
    let properties: Map<String, Value> = fields.into_iter().map(|(name, value)| (name, inner(value))).collect();
    json!({"type": "object", "properties": properties})
}

fn field_type(kind: &str) -> Value {
    match kind {
        "uuid" => json!({"type": "string", "format": "uuid", "nullable": true}),
        "date" => json!({"type": "string", "format": "date", "nullable": true}),
        "time" => json!({"type": "string", "format": "date-time", "nullable": true}),
        "int" => json!({"type": "integer", "format": "int32", "nullable": true}),
        "number" => json!({"type": "number", "format": "double", "nullable": true}),
        "bool" => json!({"type": "boolean"}),
        "state" => json!({"type": "string", "enum": STATES}),
        "confirmation" => json!({"type": "string", "enum": CONFIRMATIONS}),
        _ => json!({"type": "string", "nullable": true}),
    }
}
