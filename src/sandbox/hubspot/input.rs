//! Request bodies, borrowed from the bytes they came in.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, Visitor};

use super::refusal::Refusal;

/// Reads a body; a body that is no JSON of this shape is a refusal.
pub(super) fn parse<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|error| {
        // Not the error's own text: it quotes values.
        let (line, column) = (error.line(), error.column());
        Refusal::invalid(format!("Invalid input JSON on line {line}, column {column}: Cannot deserialize value"))
    })
}

/// A text, a number or a bool, as text; `null` is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Text<'a>(pub(super) Cow<'a, str>);

impl Text<'_> {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor;
        impl<'de> Visitor<'de> for TextVisitor {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a plain value")
            }

            fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Self::Value, E> {
                Ok(Text(Cow::Owned(number.to_string())))
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Self::Value, E> {
                Ok(Text(Cow::Owned(number.to_string())))
            }

            fn visit_f64<E: de::Error>(self, number: f64) -> Result<Self::Value, E> {
                Ok(Text(Cow::Owned(number.to_string())))
            }

            fn visit_bool<E: de::Error>(self, truth: bool) -> Result<Self::Value, E> {
                Ok(Text(Cow::Borrowed(if truth { "true" } else { "false" })))
            }

            fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
                Ok(Text(Cow::Borrowed("")))
            }
        }
        deserializer.deserialize_any(TextVisitor)
    }
}

/// Property values in the order they were sent.
#[derive(Clone, Debug, Default)]
pub(super) struct Values<'a>(pub(super) Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl<'de: 'a, 'a> Deserialize<'de> for Values<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ValuesVisitor;
        impl<'de> Visitor<'de> for ValuesVisitor {
            type Value = Values<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map of property values")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut values = Vec::with_capacity(16);
                while let Some((Text(name), Text(value))) = map.next_entry()? {
                    values.push((name, value));
                }
                Ok(Values(values))
            }
        }
        deserializer.deserialize_map(ValuesVisitor)
    }
}

/// `{"inputs":[…]}`.
#[derive(Deserialize)]
pub(super) struct Inputs<T> {
    pub(super) inputs: Vec<T>,
}

/// One input of batch create, update and upsert, or the body of a single write.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RecordInput<'a> {
    #[serde(default, borrow)]
    pub(super) id: Option<Text<'a>>,
    #[serde(default, borrow)]
    pub(super) id_property: Option<Text<'a>>,
    #[serde(default, borrow)]
    pub(super) object_write_trace_id: Option<Text<'a>>,
    #[serde(default, borrow)]
    pub(super) properties: Values<'a>,
    #[serde(default, borrow)]
    pub(super) associations: Option<Vec<InlineLink<'a>>>,
}

/// A link that a new record begins with.
#[derive(Deserialize)]
pub(super) struct InlineLink<'a> {
    #[serde(borrow)]
    pub(super) to: IdOnly<'a>,
    #[serde(default)]
    pub(super) types: Vec<LinkType>,
}

/// Type of a link.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LinkType {
    pub(super) association_type_id: u16,
}

/// `{"id":"…"}`.
#[derive(Deserialize)]
pub(super) struct IdOnly<'a> {
    #[serde(borrow)]
    pub(super) id: Text<'a>,
}

/// Body of a batch read.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ReadBody<'a> {
    #[serde(default, borrow)]
    pub(super) id_property: Option<Text<'a>>,
    #[serde(default, borrow)]
    pub(super) properties: Vec<Text<'a>>,
    #[serde(default, borrow)]
    pub(super) properties_with_history: Vec<Text<'a>>,
    #[serde(borrow)]
    pub(super) inputs: Vec<IdOnly<'a>>,
}

/// One pair of association batch create and `associate/default`.
#[derive(Deserialize)]
pub(super) struct PairInput<'a> {
    #[serde(borrow)]
    pub(super) from: IdOnly<'a>,
    #[serde(borrow)]
    pub(super) to: IdOnly<'a>,
    #[serde(default)]
    pub(super) types: Vec<LinkType>,
}

/// One input of an association batch read.
#[derive(Deserialize)]
pub(super) struct LinksInput<'a> {
    #[serde(borrow)]
    pub(super) id: Text<'a>,
    #[serde(default, borrow)]
    pub(super) after: Option<Text<'a>>,
}

/// One input of an association batch archive.
#[derive(Deserialize)]
pub(super) struct UnlinkInput<'a> {
    #[serde(borrow)]
    pub(super) from: IdOnly<'a>,
    #[serde(default, borrow)]
    pub(super) to: Vec<IdOnly<'a>>,
}

/// Body of a merge.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct MergeBody<'a> {
    #[serde(borrow)]
    pub(super) primary_object_id: Text<'a>,
    #[serde(borrow)]
    pub(super) object_id_to_merge: Text<'a>,
}
