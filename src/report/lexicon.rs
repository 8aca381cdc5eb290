//! Which values a screen may show, and how: labels of stages, amounts, days. Nothing about a person is ever shown.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate};
use chrono_tz::Tz;

use crate::domain::{Cents, Object};

/// How the values of a property are shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Show {
    /// That it changes, not what: names, addresses.
    Hidden,
    /// Not at all: ids and what follows from other fields.
    Unsaid,
    /// As text.
    Text,
    /// By the label of each option.
    Options(BTreeMap<String, String>),
    /// As an amount.
    Money,
    /// As a day.
    Day,
    /// As a time in the practice.
    Time,
}

/// One property.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its label.
    pub label: String,
    /// How its values are shown.
    pub show: Show,
    /// Whether it stands in the line of a new record, and at which place.
    pub headline: Option<u8>,
    /// Its place among the fields of a change.
    pub order: u16,
}

/// All properties.
#[derive(Clone, Debug)]
pub struct Lexicon {
    fields: BTreeMap<(Object, String), Field>,
    zone: Tz,
}

impl Lexicon {
    /// An empty one: everything is hidden.
    #[must_use]
    pub const fn new(zone: Tz) -> Self {
        Self { fields: BTreeMap::new(), zone }
    }

    /// Adds a property.
    pub fn add(&mut self, object: Object, name: &str, field: Field) {
        self.fields.insert((object, name.to_owned()), field);
    }

    /// The label of a property; its name when it is not known.
    #[must_use]
    pub fn label<'a>(&'a self, object: Object, name: &'a str) -> &'a str {
        self.field(object, name).map_or(name, |field| field.label.as_str())
    }

    /// The place of a property in the line of a new record.
    pub(super) fn headline(&self, object: Object, name: &str) -> Option<u8> {
        self.field(object, name).and_then(|field| field.headline)
    }

    /// The place of a property among the fields of a change: what stands in the headline comes first.
    pub(super) fn order(&self, object: Object, name: &str) -> (u8, u16) {
        self.field(object, name).map_or((u8::MAX, u16::MAX), |field| (field.headline.unwrap_or(u8::MAX), field.order))
    }

    /// Whether a property is not mentioned at all.
    pub(super) fn is_unsaid(&self, object: Object, name: &str) -> bool {
        self.field(object, name).is_some_and(|field| field.show == Show::Unsaid)
    }

    /// Whether a value is no news where there was none: an amount of zero.
    pub(super) fn is_nothing(&self, object: Object, name: &str, before: &str, after: &str) -> bool {
        before.is_empty()
            && self.field(object, name).is_some_and(|field| field.show == Show::Money)
            && Cents::from_hubspot(after) == Some(Cents(0))
    }

    /// The value as it is shown; `None` = it is not.
    #[must_use]
    pub fn value(&self, object: Object, name: &str, raw: &str) -> Option<String> {
        if raw.is_empty() {
            return Some("(empty)".to_owned());
        }
        match &self.field(object, name)?.show {
            Show::Hidden | Show::Unsaid => None,
            Show::Text => Some(raw.to_owned()),
            Show::Options(labels) => {
                let label = |option: &str| labels.get(option).cloned().unwrap_or_else(|| option.to_owned());
                Some(raw.split(';').map(label).collect::<Vec<_>>().join(", "))
            }
            Show::Money => Some(Cents::from_hubspot(raw).map_or_else(|| raw.to_owned(), |cents| cents.to_string())),
            Show::Day => {
                let day = raw.get(..10).and_then(|day| day.parse::<NaiveDate>().ok());
                Some(day.map_or_else(|| raw.to_owned(), |day| day.to_string()))
            }
            Show::Time => {
                let time = DateTime::parse_from_rfc3339(raw);
                Some(time.map_or_else(
                    |_| raw.to_owned(),
                    |time| time.with_timezone(&self.zone).format("%Y-%m-%d %H:%M").to_string(),
                ))
            }
        }
    }

    fn field(&self, object: Object, name: &str) -> Option<&Field> {
        self.fields.get(&(object, name.to_owned()))
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A small lexicon for the tests of this room.
    pub(in crate::report) fn lexicon() -> Lexicon {
        let mut lexicon = Lexicon::new(chrono_tz::Europe::Berlin);
        let mut order = 0;
        let mut add = |object, name: &str, label: &str, show, headline| {
            order += 1;
            lexicon.add(object, name, Field { label: label.to_owned(), show, headline, order });
        };
        let stages = [("s_gebucht", "Termin gebucht"), ("s_behandlung", "In Behandlung"), ("s_verloren", "Verloren")];
        let stages = stages.iter().map(|(id, label)| ((*id).to_owned(), (*label).to_owned())).collect();
        add(Object::Deal, "dealstage", "Deal-Phase", Show::Options(stages), Some(1));
        add(Object::Deal, "ivoris_location", "Standort", Show::Text, Some(2));
        add(Object::Deal, "amount", "Betrag", Show::Money, Some(3));
        add(Object::Deal, "behandlungsstartdatum", "Behandlungsstart", Show::Day, None);
        add(Object::Deal, "ivoris_revenue_lab", "Umsatz Labor", Show::Money, None);
        add(Object::Deal, "ivoris_rule", "Letzte Regel", Show::Unsaid, None);
        add(Object::Contact, "firstname", "Vorname", Show::Hidden, None);
        add(Object::Contact, "email", "E-Mail", Show::Hidden, None);
        add(Object::Appointment, "hs_appointment_start", "Beginn", Show::Time, Some(1));
        lexicon
    }

    #[test]
    fn values_are_shown_as_people_say_them_or_not_at_all() {
        let lexicon = lexicon();
        let check = |object, name, raw, shown: Option<&str>| {
            assert_eq!(lexicon.value(object, name, raw).as_deref(), shown, "{name} {raw}");
        };
        check(Object::Deal, "dealstage", "s_verloren", Some("Verloren"));
        check(Object::Deal, "amount", "3400.00", Some("3 400,00"));
        check(Object::Deal, "amount", "", Some("(empty)"));
        check(Object::Deal, "behandlungsstartdatum", "2026-11-20", Some("2026-11-20"));
        check(Object::Appointment, "hs_appointment_start", "2026-11-23T08:30:00.000Z", Some("2026-11-23 09:30"));
        check(Object::Contact, "firstname", "Erfunden", None);
        check(Object::Contact, "never_heard_of", "Erfunden", None);
    }
}
