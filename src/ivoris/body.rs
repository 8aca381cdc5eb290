//! What an answer holds. A body that is not what was asked for is a trouble, never "no data".

use encoding_rs::{Encoding, UTF_8};
use serde_json::{Map, Value};

use crate::http::Response;

use super::error::Trouble;
use super::profile::{Fields, member, same_name, scalar};

/// The JSON in a body, whatever mark of byte order stands before it.
///
/// Text is UTF-8 unless a mark or the content type says otherwise; broken text is not JSON.
pub(super) fn json(response: &Response) -> Result<Value, Trouble> {
    let text = text(response).ok_or(Trouble::NotJson)?;
    let text = text.trim();
    if text.is_empty() {
        return Err(Trouble::EmptyBody);
    }
    if text.starts_with('<') {
        return Err(Trouble::Html);
    }
    serde_json::from_str(text).map_err(|error| if error.is_eof() { Trouble::Truncated } else { Trouble::NotJson })
}

/// Whether the body is a web page.
pub(super) fn is_page(response: &Response) -> bool {
    text(response).is_some_and(|text| text.trim_start().starts_with('<'))
}

/// The message of a refusal: an object with `message`, a bare JSON text, or plain text. For comparison only, never to be
/// shown: it may name a person's record.
pub(super) fn message(response: &Response) -> String {
    let text = text(response).unwrap_or_default();
    match serde_json::from_str(text.trim()) {
        Ok(Value::String(message)) => message,
        Ok(Value::Object(members)) => ["message", "messageDetail", "error", "title", "detail"]
            .iter()
            .filter_map(|name| scalar(member(&members, name)?))
            .collect::<Vec<_>>()
            .join(" "),
        Ok(_) | Err(_) => text,
    }
}

fn text(response: &Response) -> Option<String> {
    let charset = response.header("content-type").and_then(|kind| kind.split_once("charset=")).map(|(_, name)| name);
    let named = charset.and_then(|name| Encoding::for_label(name.trim_matches(['"', ' ', ';']).as_bytes()));
    let (text, _, broken) = named.unwrap_or(UTF_8).decode(&response.body);
    (!broken).then(|| text.into_owned())
}

/// Arrays of these names in an envelope are not the data.
const ASIDE: [&str; 5] = ["errors", "warnings", "messages", "links", "modelstate"];

/// The elements of a list: a bare array, or an object that holds exactly one.
pub(super) fn list(value: Value) -> Result<Vec<Value>, Trouble> {
    match value {
        Value::Array(items) => Ok(items),
        Value::Object(members) => {
            let aside = |name: &str| ASIDE.iter().any(|word| same_name(word, name));
            let mut arrays = members.into_iter().filter_map(|(name, value)| match value {
                Value::Array(items) if !aside(&name) => Some(items),
                Value::Array(_)
                | Value::Null
                | Value::Bool(_)
                | Value::Number(_)
                | Value::String(_)
                | Value::Object(_) => None,
            });
            match (arrays.next(), arrays.next()) {
                (Some(items), None) => Ok(items),
                (_, Some(_)) | (None, None) => Err(Trouble::NotAList),
            }
        }
        Value::Null => Err(Trouble::EmptyBody),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => Err(Trouble::NotAList),
    }
}

/// Names under which one record may be wrapped.
const WRAPPERS: [&str; 9] =
    ["data", "result", "patient", "appointment", "document", "entry", "item", "value", "record"];

/// One record, without the wrapper around it; `None` when the answer says that there is none.
///
/// `id` are the fields that tell a record from its wrapper.
pub(super) fn single(value: Value, id: Option<&Fields>) -> Result<Option<Value>, Trouble> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) if text.trim().is_empty() => Ok(None),
        Value::Object(members) if members.is_empty() => Ok(None),
        Value::Object(members) => {
            if has_id(&members, id) {
                return Ok(Some(Value::Object(members)));
            }
            let wrapped = members.into_iter().find(|(name, _)| WRAPPERS.iter().any(|word| same_name(word, name)));
            match wrapped {
                Some((_, inner @ (Value::Object(_) | Value::Null | Value::Array(_)))) => single(inner, id),
                // An error in place of a record, or a record without an id: nothing follows from it.
                Some(_) | None => Err(Trouble::NotARecord),
            }
        }
        Value::Array(items) => {
            let mut items = items.into_iter();
            match (items.next(), items.next()) {
                (None, _) => Ok(None),
                (Some(item @ Value::Object(_)), None) => single(item, id),
                (Some(_), _) => Err(Trouble::NotARecord),
            }
        }
        Value::Bool(_) | Value::Number(_) | Value::String(_) => Err(Trouble::NotARecord),
    }
}

/// A document has an id of its own, or at least its content.
fn has_id(members: &Map<String, Value>, id: Option<&Fields>) -> bool {
    match id {
        Some(fields) => fields.text("id", members).is_some(),
        None => ["id", "documentId", "content"].iter().any(|name| member(members, name).and_then(scalar).is_some()),
    }
}

/// The one text of an answer: a bare text or number, or an object that holds exactly one.
pub(super) fn one_text(value: &Value) -> Result<String, Trouble> {
    if let Some(text) = scalar(value) {
        return Ok(text);
    }
    match value {
        Value::Object(members) => {
            let mut texts =
                members.iter().filter(|(name, _)| !same_name(name, "message")).filter_map(|(_, value)| scalar(value));
            match (texts.next(), texts.next()) {
                (Some(text), None) => Ok(text),
                (_, Some(_)) | (None, None) => Err(Trouble::NotAText),
            }
        }
        Value::Null | Value::String(_) => Err(Trouble::EmptyBody),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) => Err(Trouble::NotAText),
    }
}

/// A document of its own form: an object, or a text that holds one.
pub(super) fn document(value: Value) -> Result<Value, Trouble> {
    match value {
        Value::Object(_) => Ok(value),
        Value::String(text) => serde_json::from_str(&text).ok().filter(Value::is_object).ok_or(Trouble::NotARecord),
        Value::Null => Err(Trouble::EmptyBody),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) => Err(Trouble::NotARecord),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::super::profile::RouteProfile;
    use super::super::route::Thing;
    use super::*;

    fn response(body: &[u8], kind: Option<&str>) -> Response {
        let headers = kind.map(|kind| ("content-type".to_owned(), kind.to_owned())).into_iter().collect();
        Response { status: 200, headers, body: body.to_vec() }
    }

    #[test]
    fn what_is_not_json_is_a_trouble() {
        let check = |body: &[u8], kind, wanted: Result<Value, Trouble>| {
            assert_eq!(json(&response(body, kind)), wanted, "{}", String::from_utf8_lossy(body));
        };
        check(b"[]", None, Ok(json!([])));
        check(b"\xef\xbb\xbf[1]", None, Ok(json!([1])));
        check(b"\xff\xfe[\x001\x00]\x00", None, Ok(json!([1])));
        check("\"Müller\"".as_bytes(), Some("application/json; charset=utf-8"), Ok(json!("Müller")));
        check(b"\"M\xfcller\"", Some("application/json; charset=\"iso-8859-1\""), Ok(json!("Müller")));
        check(b"\"M\xfcller\"", None, Err(Trouble::NotJson));
        check(b"", None, Err(Trouble::EmptyBody));
        check(b"\xef\xbb\xbf \r\n", None, Err(Trouble::EmptyBody));
        check(b" <html>504</html>", None, Err(Trouble::Html));
        check(b"Bad gateway", None, Err(Trouble::NotJson));
        check(b"[{\"Id\":\"a\"},{\"Id\"", None, Err(Trouble::Truncated));
        check(b"[1] and more", None, Err(Trouble::NotJson));
        check(&[b'['; 500], None, Err(Trouble::NotJson));
    }

    #[test]
    fn lists_and_envelopes() {
        let check = |value: Value, wanted: Result<usize, Trouble>| {
            assert_eq!(list(value.clone()).map(|items| items.len()), wanted, "{value}");
        };
        check(json!([]), Ok(0));
        check(json!([{"Id": 1}]), Ok(1));
        check(json!({"items": [1, 2], "total": 2, "next": null}), Ok(2));
        check(json!({"patients": []}), Ok(0));
        check(json!({"data": [1], "errors": []}), Ok(1));
        check(json!({"items": [], "entries": []}), Err(Trouble::NotAList));
        check(json!({"errors": []}), Err(Trouble::NotAList));
        check(json!({"message": "An error has occurred."}), Err(Trouble::NotAList));
        check(json!({"data": {"items": []}}), Err(Trouble::NotAList));
        check(json!({}), Err(Trouble::NotAList));
        check(json!(null), Err(Trouble::EmptyBody));
        check(json!("[]"), Err(Trouble::NotAList));
        check(json!(0), Err(Trouble::NotAList));
    }

    #[test]
    fn records_and_wrappers() {
        let profile = RouteProfile::builtin();
        let check = |value: Value, wanted: Result<Option<Value>, Trouble>| {
            assert_eq!(single(value.clone(), Some(profile.fields(Thing::Appointment))), wanted, "{value}");
        };
        let record = json!({"Id": "a", "Patient": {"Id": "p"}});
        check(record.clone(), Ok(Some(record.clone())));
        check(json!({"appointment": record}), Ok(Some(record.clone())));
        check(json!({"Data": {"Appointment": record}}), Ok(Some(record.clone())));
        check(json!([record]), Ok(Some(record.clone())));
        for nothing in [json!(null), json!(""), json!({}), json!([]), json!({"appointment": null}), json!({"data": []})]
        {
            check(nothing, Ok(None));
        }
        for neither in [json!({"message": "An error has occurred."}), json!(true), json!("x"), json!([record, record])]
        {
            check(neither, Err(Trouble::NotARecord));
        }
        let document = json!({"PatientId": "p", "Content": "JVBERi0="});
        assert_eq!(single(json!({"document": document}), None), Ok(Some(document)));
    }

    #[test]
    fn texts_and_documents() {
        let check = |value: Value, wanted: Result<&str, Trouble>| {
            assert_eq!(one_text(&value), wanted.map(str::to_owned), "{value}");
        };
        check(json!("8.2.91.120 "), Ok("8.2.91.120"));
        check(json!(4711), Ok("4711"));
        check(json!({"Version": "8.2.91.120", "Parts": []}), Ok("8.2.91.120"));
        check(json!({"a": 1, "b": 2}), Err(Trouble::NotAText));
        check(json!({"message": "An error has occurred."}), Err(Trouble::NotAText));
        check(json!(null), Err(Trouble::EmptyBody));
        check(json!(" "), Err(Trouble::EmptyBody));
        assert_eq!(document(json!("{\"paths\":{}}")), Ok(json!({"paths": {}})));
        assert_eq!(document(json!([])), Err(Trouble::NotARecord));
    }

    #[test]
    fn messages_of_all_three_forms() {
        for body in [
            r#"{"Message": "The patient with Id 1 could not be found."}"#,
            r#""The patient with Id 1 could not be found.""#,
            "The patient with Id 1 could not be found.",
        ] {
            assert_eq!(message(&response(body.as_bytes(), None)), "The patient with Id 1 could not be found.");
        }
    }

    proptest! {
        #[test]
        fn a_list_that_breaks_off_is_never_shorter(rows in 1_usize..20, cut in 1_usize..400) {
            let rows: Vec<Value> = (0..rows).map(|row| json!({"Id": row, "Text": "Kontrolle ü"})).collect();
            let whole = json!(rows).to_string().into_bytes();
            let part = whole.get(..cut.min(whole.len() - 1)).unwrap_or_default();
            let read = json(&response(part, None)).and_then(list);
            prop_assert!(read.is_err(), "{:?}", read);
        }

        #[test]
        fn no_body_breaks_it(body in proptest::collection::vec(any::<u8>(), 0..60)) {
            let response = response(&body, None);
            drop(message(&response));
            if let Ok(value) = json(&response) {
                drop((list(value.clone()), single(value.clone(), None), one_text(&value), document(value)));
            }
        }
    }
}
