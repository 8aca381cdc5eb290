//! Error bodies as HubSpot words them. Source: `hubspot-api.md` section 4; `E…` are its rows.

use serde_json::{Value, json};

/// Why a request, or one input of a batch, is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) category: &'static str,
    pub(super) sub_category: Option<&'static str>,
    pub(super) message: String,
    pub(super) details: Vec<Detail>,
    pub(super) context: Vec<(&'static str, Vec<String>)>,
}

/// One problem with one property.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Detail {
    pub(super) code: &'static str,
    pub(super) property: String,
    pub(super) message: String,
}

/// HubSpot's word for what a request is refused for.
pub(super) const VALIDATION: &str = "VALIDATION_ERROR";
/// Entries of `errors[]` in a captured body with four problems.
const SHOWN: usize = 3;

impl Refusal {
    pub(super) fn new(status: u16, category: &'static str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { status, category, sub_category: None, message, details: Vec::new(), context: Vec::new() }
    }

    /// 400 `VALIDATION_ERROR`.
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::new(400, VALIDATION, message)
    }

    /// 404 `OBJECT_NOT_FOUND` (E16).
    pub(super) fn not_found(message: impl Into<String>) -> Self {
        Self::new(404, "OBJECT_NOT_FOUND", message)
    }

    pub(super) fn sub(mut self, sub_category: &'static str) -> Self {
        self.sub_category = Some(sub_category);
        self
    }

    pub(super) fn context(mut self, key: &'static str, values: impl IntoIterator<Item = String>) -> Self {
        self.context.push((key, values.into_iter().collect()));
        self
    }

    pub(super) fn detail(mut self, code: &'static str, property: &str, message: impl Into<String>) -> Self {
        self.details.push(Detail { code, property: property.to_owned(), message: message.into() });
        self
    }

    /// E1 to E4: all problems of one record; the list stands in the message, its beginning in `errors`.
    pub(super) fn values(details: Vec<Detail>) -> Self {
        let list: Vec<Value> = details
            .iter()
            .map(|detail| {
                json!({"isValid": false, "message": detail.message, "error": detail.code, "name": detail.property})
            })
            .collect();
        let message = format!("Property values were not valid: {}", Value::Array(list));
        Self { details, ..Self::invalid(message) }
    }

    /// E9.
    pub(super) fn duplicate_ids(ids: Vec<String>) -> Self {
        let message = format!("Duplicate IDs found in batch input: [{}]. IDs must be unique", ids.join(", "));
        Self::invalid(message).context("ids", ids)
    }

    /// E11; the text is unknown.
    pub(super) fn too_many(limit: usize, got: usize) -> Self {
        Self::invalid(format!("The maximum number of inputs supported in a batch request is {limit}, but got {got}"))
    }

    /// E12; the whole body is unknown.
    pub(super) fn unique_taken(property: &str, value: &str) -> Self {
        let message = format!("{property} with value \"{value}\" already exists on another record");
        let detail = Detail { code: "CONFLICTING_UNIQUE_VALUE", property: property.to_owned(), message };
        Self::values(vec![detail])
    }

    /// E13.
    pub(super) fn contact_exists(id: u64) -> Self {
        let id = id.to_string();
        Self::new(409, "CONFLICT", format!("Contact already exists. Existing ID: {id}")).context("existingId", [id])
    }

    /// E15.
    pub(super) fn missing(word: &str, ids: impl IntoIterator<Item = String>) -> Self {
        let word = word.to_uppercase();
        let message =
            format!("Could not get some {word} objects, they may be deleted or not exist. Check that ids are valid.");
        Self::not_found(message).context("ids", ids)
    }

    /// E25.
    pub(super) fn bad_link_end(id: &str) -> Self {
        Self::invalid(format!("{id} is not a valid identifier"))
            .sub("crm.associations.INVALID_IDENTIFIER")
            .context("id", [id.to_owned()])
    }

    /// E28.
    pub(super) fn bad_cursor(text: &str) -> Self {
        Self::invalid(format!(
            "Invalid input JSON: Cannot deserialize value of type `java.lang.Long` from String \"{text}\""
        ))
    }

    fn common(&self) -> Value {
        let mut body = json!({"status": "error", "message": self.message, "category": self.category});
        if let Some(sub_category) = self.sub_category {
            body["subCategory"] = json!(sub_category);
        }
        if !self.context.is_empty() {
            body["context"] =
                self.context.iter().map(|(key, values)| ((*key).to_owned(), json!(values))).collect::<Value>();
        }
        if !self.details.is_empty() {
            let shown = self.details.iter().take(SHOWN).map(|detail| {
                let context = json!({"propertyName": [detail.property]});
                json!({"message": detail.message, "code": detail.code, "context": context})
            });
            body["errors"] = shown.collect();
        }
        body
    }

    /// Body of a whole answer.
    pub(super) fn body(&self, correlation: &str) -> Vec<u8> {
        let mut body = self.common();
        body["correlationId"] = json!(correlation);
        body.to_string().into_bytes()
    }

    /// One entry of a batch's `errors`.
    pub(super) fn item(&self, trace: Option<&str>) -> Value {
        let mut item = self.common();
        if let Some(trace) = trace {
            item["context"]["objectWriteTraceId"] = json!([trace]);
        }
        item
    }
}
