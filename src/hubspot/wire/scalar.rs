//! Single values that HubSpot spells now as text, now as number.

use std::fmt;

use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize, Serializer};

use crate::domain::HubspotId;

/// A record id, `"171"` or `171`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::hubspot) struct Id(pub(in crate::hubspot) HubspotId);

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct IdVisitor;
        impl Visitor<'_> for IdVisitor {
            type Value = Id;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a record id")
            }

            fn visit_u64<E: de::Error>(self, id: u64) -> Result<Id, E> {
                Ok(Id(HubspotId(id)))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Id, E> {
                text.parse().map(|id| Id(HubspotId(id))).map_err(|_| E::custom("a record id is not a number"))
            }
        }
        deserializer.deserialize_any(IdVisitor)
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// A value as text, whatever its JSON type; `null` is the empty text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::hubspot) struct Text(pub(in crate::hubspot) String);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor;
        impl Visitor<'_> for TextVisitor {
            type Value = Text;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text, a number, true, false or null")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Text, E> {
                Ok(Text(text.to_owned()))
            }

            fn visit_string<E: de::Error>(self, text: String) -> Result<Text, E> {
                Ok(Text(text))
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Text, E> {
                Ok(Text(number.to_string()))
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Text, E> {
                Ok(Text(number.to_string()))
            }

            fn visit_f64<E: de::Error>(self, number: f64) -> Result<Text, E> {
                Ok(Text(number.to_string()))
            }

            fn visit_bool<E: de::Error>(self, truth: bool) -> Result<Text, E> {
                Ok(Text(truth.to_string()))
            }

            fn visit_unit<E: de::Error>(self) -> Result<Text, E> {
                Ok(Text::default())
            }
        }
        deserializer.deserialize_any(TextVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_values_come_as_text_or_number() {
        let ids: Vec<Id> = serde_json::from_str(r#"["5790939450", 5790939450]"#).expect("two ids");
        assert_eq!(ids, [Id(HubspotId(5_790_939_450)); 2]);
        let texts: Vec<Text> = serde_json::from_str(r#"["a", 1, -2, 0.5, true, null]"#).expect("texts");
        assert_eq!(texts.iter().map(|text| text.0.as_str()).collect::<Vec<_>>(), ["a", "1", "-2", "0.5", "true", ""]);
    }

    #[test]
    fn a_wrong_id_is_not_quoted() {
        let error = serde_json::from_str::<Id>("\"Eva\"").expect_err("no id");
        assert!(!error.to_string().contains("Eva"), "{error}");
    }
}
