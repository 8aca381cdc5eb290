//! A small portal that keeps definitions as it is told, and misbehaves on request.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::apply::KeyProperties;
use crate::domain::PropertyName;
use crate::http::TransportError;
use crate::hubspot::Client;
use crate::hubspot::fake::{Answer, Asked, Fake, answer, client};
use crate::mapping::shipped;
use crate::pass::schema::{Applied, Definitions, Desired, Readiness, SchemaPlan, apply, check, diff};

/// A portal: definitions as JSON, and how it misbehaves.
#[derive(Default)]
pub(super) struct Land {
    pub(super) properties: BTreeMap<String, Vec<Value>>,
    pub(super) groups: BTreeMap<String, Vec<Value>>,
    pub(super) pipelines: Vec<Value>,
    /// The appointment object is off.
    pub(super) without_appointments: bool,
    /// Unique properties on this object are refused.
    pub(super) refuses_unique: Option<&'static str>,
    /// So many writes are carried out and then cut.
    pub(super) cuts: usize,
    /// Definitions become visible only after so many readings of pipelines.
    pub(super) lag: usize,
    hidden: Vec<Value>,
}

impl Land {
    /// HubSpot's own properties and the default pipeline.
    pub(super) fn new() -> Self {
        let own = |name: &str, kind: &str, field: &str| json!({"name": name, "label": name, "type": kind, "fieldType": field, "hubspotDefined": true});
        let mut land = Self::default();
        land.properties.insert(
            "0-1".to_owned(),
            ["firstname", "lastname", "email", "phone", "mobilephone"].map(|name| own(name, "string", "text")).into(),
        );
        land.properties.insert(
            "0-3".to_owned(),
            vec![
                own("dealname", "string", "text"),
                own("pipeline", "enumeration", "select"),
                own("dealstage", "enumeration", "radio"),
                own("amount", "number", "number"),
                own("closedate", "datetime", "date"),
                own("closed_lost_reason", "string", "textarea"),
            ],
        );
        land.properties.insert(
            "0-421".to_owned(),
            vec![
                own("hs_appointment_name", "string", "text"),
                own("hs_appointment_start", "datetime", "date"),
                own("hs_appointment_end", "datetime", "date"),
            ],
        );
        land.pipelines = vec![json!({"id": "default", "label": "Deals", "stages": []})];
        land
    }

    pub(super) fn property(&mut self, object: &str, name: &str) -> &mut Value {
        let all = self.properties.get_mut(object).expect("an object");
        all.iter_mut().find(|property| property["name"] == name).expect("a property")
    }

    pub(super) fn stage(&mut self, id: &str) -> &mut Value {
        let stages = self.pipelines.iter_mut().filter_map(|pipeline| pipeline["stages"].as_array_mut());
        stages.flatten().find(|stage| stage["id"] == id).expect("a stage")
    }

    fn answer(&mut self, asked: &Asked) -> Answer {
        let parts: Vec<&str> = asked.path.split('/').skip(1).collect();
        let body = &asked.body;
        let list = |results: &[Value]| answer(200, &json!({ "results": results }));
        if body.is_null() {
            return match parts[..] {
                ["crm", "object-library", ..] => {
                    answer(200, &json!({"enablementByObjectTypeId": {"0-421": !self.without_appointments}}))
                }
                ["crm", "properties", _, object] => list(&self.properties[object]),
                ["crm", "properties", _, object, "groups"] => list(self.groups.get(object).map_or(&[], Vec::as_slice)),
                ["crm", "pipelines", _, "0-3"] => {
                    if self.lag > 0 {
                        self.lag -= 1;
                    } else {
                        self.pipelines.append(&mut self.hidden);
                    }
                    list(&self.pipelines)
                }
                _ => panic!("unexpected reading of {}", asked.path),
            };
        }
        let done = self.write(&parts, body);
        if done.as_ref().is_ok_and(|response| response.status < 300) && self.cuts > 0 {
            self.cuts -= 1;
            return Err(TransportError::Cut);
        }
        done
    }

    fn write(&mut self, parts: &[&str], body: &Value) -> Answer {
        let exists = || answer(409, &json!({"category": "OBJECT_ALREADY_EXISTS"}));
        match parts {
            ["crm", "properties", _, object, "groups"] => {
                self.groups.entry((*object).to_owned()).or_default().push(body.clone());
                answer(201, body)
            }
            ["crm", "properties", _, object] => {
                if self.properties[*object].iter().any(|property| property["name"] == body["name"]) {
                    return exists();
                }
                if !self
                    .groups
                    .get(*object)
                    .is_some_and(|groups| groups.iter().any(|one| one["name"] == body["groupName"]))
                    || (body["hasUniqueValue"] == true && self.refuses_unique == Some(*object))
                {
                    return answer(400, &json!({"category": "VALIDATION_ERROR"}));
                }
                self.properties.get_mut(*object).expect("an object").push(body.clone());
                answer(201, body)
            }
            ["crm", "properties", _, object, name] => {
                self.property(object, name)["options"] = body["options"].clone();
                answer(200, body)
            }
            ["crm", "pipelines", _, "0-3"] => {
                let stages: Vec<Value> = body["stages"].as_array().expect("stages").iter().map(as_stage).collect();
                let pipeline = json!({"id": body["pipelineId"], "label": body["label"], "stages": stages});
                if self.lag > 0 { &mut self.hidden } else { &mut self.pipelines }.push(pipeline);
                answer(201, &json!({}))
            }
            ["crm", "pipelines", _, "0-3", id, "stages"] => {
                let ours = self.pipelines.iter_mut().find(|pipeline| pipeline["id"] == *id).expect("a pipeline");
                ours["stages"].as_array_mut().expect("stages").push(as_stage(body));
                answer(201, &json!({}))
            }
            _ => panic!("unexpected writing to {parts:?}"),
        }
    }
}

/// A stage as it is answered: the id that was chosen, and closed by its probability.
fn as_stage(body: &Value) -> Value {
    let probability = body["metadata"]["probability"].as_str().expect("a text");
    let closed = matches!(probability, "0.0" | "1.0");
    json!({"id": body["stageId"], "label": body["label"], "displayOrder": body["displayOrder"],
           "metadata": {"probability": probability, "isClosed": closed.to_string()}})
}

pub(super) struct World {
    pub(super) land: Arc<Mutex<Land>>,
    pub(super) client: Client,
    pub(super) fake: Arc<Fake>,
    pub(super) desired: Desired,
}

pub(super) fn keys() -> KeyProperties {
    KeyProperties {
        contact: PropertyName::new("ivoris_patient_id"),
        appointment: PropertyName::new("ivoris_appointment_id"),
        deal: PropertyName::new("ivoris_appointment_id"),
    }
}

impl World {
    pub(super) fn new(change: impl FnOnce(&mut Land)) -> Self {
        let mut land = Land::new();
        change(&mut land);
        let land = Arc::new(Mutex::new(land));
        let portal = Arc::clone(&land);
        let (client, fake) = client(move |asked, _| portal.lock().expect("no test panics here").answer(asked));
        Self { land, client, fake, desired: Desired::of(&shipped(), &keys()) }
    }

    pub(super) fn change(&self, change: impl FnOnce(&mut Land)) {
        change(&mut self.land.lock().expect("no test panics here"));
    }

    pub(super) async fn portal(&self) -> Definitions {
        Definitions::read(&self.client.reader(), &self.desired).await.expect("a portal")
    }

    pub(super) async fn plan(&self) -> SchemaPlan {
        diff(&self.desired, &self.portal().await)
    }

    pub(super) async fn apply(&self) -> Applied {
        let plan = self.plan().await;
        apply(&plan, &self.desired, &self.client.reader(), &self.client.schema_writer()).await.expect("an end")
    }

    pub(super) async fn ready(&self) -> Readiness {
        check(&self.desired, &self.portal().await)
    }

    pub(super) fn writes(&self) -> usize {
        self.fake.asked().iter().filter(|asked| !asked.body.is_null()).count()
    }
}
