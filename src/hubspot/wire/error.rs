//! Error bodies. They quote e-mail addresses and values, so only codes, names and ids leave this file.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::domain::HubspotId;

/// A single error, or one item of a batch's `errors`.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::hubspot) struct ErrorBody {
    message: Option<Value>,
    pub(in crate::hubspot) category: Option<String>,
    #[serde(rename = "errorType")]
    pub(in crate::hubspot) error_type: Option<String>,
    #[serde(rename = "policyName")]
    policy_name: Option<String>,
    #[serde(rename = "subCategory")]
    sub_category: Option<Value>,
    context: BTreeMap<String, Value>,
    pub(in crate::hubspot) errors: Vec<Detail>,
}

/// One entry of `errors[]`, or of the JSON list that some messages hold.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::hubspot) struct Detail {
    code: Option<String>,
    error: Option<String>,
    name: Option<String>,
    #[serde(rename = "subCategory")]
    sub_category: Option<Value>,
    context: BTreeMap<String, Value>,
}

/// Which limit a 429 is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::hubspot) enum Policy {
    Daily,
    Window,
    Second,
}

impl ErrorBody {
    /// Reads a body of any form; what is not understood is empty.
    pub(in crate::hubspot) fn parse(body: &[u8]) -> Self {
        serde_json::from_slice(body).unwrap_or_default()
    }

    /// By policy name first, then by the words of the message (`hubspot-api.md` 3.3).
    pub(in crate::hubspot) fn policy(&self) -> Policy {
        let of = |text: &str| {
            let text = text.to_ascii_lowercase();
            if text.contains("ten_secondly") {
                Some(Policy::Window)
            } else if text.contains("daily") {
                Some(Policy::Daily)
            } else if text.contains("secondly") {
                Some(Policy::Second)
            } else {
                None
            }
        };
        let message = self.message.as_ref().and_then(Value::as_str);
        self.policy_name.as_deref().and_then(of).or_else(|| message.and_then(of)).unwrap_or(Policy::Window)
    }

    /// Values of `context.<key>` as they came: ids and trace ids, to be compared and never shown.
    pub(in crate::hubspot) fn context<'a>(&'a self, key: &str) -> impl Iterator<Item = &'a str> {
        texts(self.context.get(key))
    }

    /// Values of `context.<key>` that look like codes.
    pub(in crate::hubspot) fn context_tokens(&self, key: &str) -> impl Iterator<Item = String> {
        self.context(key).filter_map(|text| token(Some(text)))
    }

    /// `subCategory`, which is a text or an object.
    pub(in crate::hubspot) fn sub_category(&self) -> Option<String> {
        token(self.sub_category.as_ref().and_then(Value::as_str))
    }

    /// Scopes of both forms of a 403.
    pub(in crate::hubspot) fn scopes(&self) -> Vec<String> {
        let own = self.context_tokens("requiredGranularScopes");
        let inner = self.errors.iter().flat_map(|detail| texts(detail.context.get("requiredGranularScopes")));
        let mut scopes: Vec<String> = own.chain(inner.filter_map(|text| token(Some(text)))).collect();
        scopes.sort();
        scopes.dedup();
        scopes
    }

    /// The record that holds a conflicting value.
    pub(in crate::hubspot) fn existing_id(&self) -> Option<HubspotId> {
        let named = self.context("existingId").next().and_then(|text| text.parse().ok());
        let message = || self.message.as_ref().and_then(Value::as_str)?.split_once("Existing ID:");
        let told = || {
            let digits: String = message()?.1.trim_start().chars().take_while(char::is_ascii_digit).collect();
            digits.parse().ok()
        };
        named.or_else(told).map(HubspotId)
    }

    /// The JSON list inside "Property values were not valid: […]".
    pub(in crate::hubspot) fn embedded(&self) -> Vec<Detail> {
        let list = self.message.as_ref().and_then(Value::as_str).and_then(|text| text.split_once(": ["));
        list.and_then(|(_, rest)| serde_json::from_str(&format!("[{rest}")).ok()).unwrap_or_default()
    }
}

impl Detail {
    /// The code, from whichever field holds it.
    pub(in crate::hubspot) fn code(&self) -> Option<String> {
        token(self.code.as_deref())
            .or_else(|| token(self.error.as_deref()))
            .or_else(|| token(self.sub_category.as_ref().and_then(Value::as_str)))
    }

    /// Properties it is about.
    pub(in crate::hubspot) fn properties(&self) -> impl Iterator<Item = String> {
        texts(self.context.get("propertyName")).chain(self.name.as_deref()).filter_map(|text| token(Some(text)))
    }
}

/// A list of texts, or one text.
fn texts(value: Option<&Value>) -> impl Iterator<Item = &str> {
    let (list, one) = match value {
        Some(Value::Array(list)) => (list.as_slice(), None),
        Some(Value::String(text)) => (&[][..], Some(text.as_str())),
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_)) | None => (&[][..], None),
    };
    list.iter().filter_map(Value::as_str).chain(one)
}

/// A code, scope or property name; anything that could be a value of a person is dropped.
pub(in crate::hubspot) fn token(text: Option<&str>) -> Option<String> {
    let text = text?;
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
    let shaped = !text.is_empty() && text.len() <= 100 && text.bytes().all(fits);
    (shaped && text.bytes().any(|byte| byte.is_ascii_alphabetic())).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_429_says_which_limit() {
        let policy = |body: &str| ErrorBody::parse(body.as_bytes()).policy();
        assert_eq!(policy(r#"{"policyName":"DAILY"}"#), Policy::Daily);
        assert_eq!(policy(r#"{"policyName":"TEN_SECONDLY_ROLLING"}"#), Policy::Window);
        assert_eq!(policy(r#"{"policyName":"SECONDLY"}"#), Policy::Second);
        assert_eq!(policy(r#"{"message":"You have reached your ten_secondly_rolling limit."}"#), Policy::Window);
        assert_eq!(policy(r#"{"message":"You have reached your daily limit."}"#), Policy::Daily);
        assert_eq!(policy("too many"), Policy::Window);
    }

    #[test]
    fn scopes_are_found_in_both_forms() {
        let new = r#"{"errors":[{"message":"x","context":{"requiredGranularScopes":["crm.objects.deals.write"]}}]}"#;
        let old = r#"{"context":{"requiredGranularScopes":["crm.objects.deals.write"]}}"#;
        for body in [new, old] {
            assert_eq!(ErrorBody::parse(body.as_bytes()).scopes(), ["crm.objects.deals.write"]);
        }
    }
}
