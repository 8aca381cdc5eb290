//! What the plan view may show of each property: by its data class, never a name, an address or an id.

use std::collections::BTreeMap;

use chrono_tz::Tz;

use crate::domain::Object;
use crate::mapping::tables::{DataClass, PropertyRow, PropertyType};
use crate::mapping::{Mapping, SourceWord};
use crate::report::lexicon::{Field, Lexicon, Show};

/// Properties that stand in the line of a new record, in this order.
const HEADLINES: [SourceWord; 9] = [
    SourceWord::DealStage,
    SourceWord::AppointmentStart,
    SourceWord::AppointmentStatus,
    SourceWord::AppointmentType,
    SourceWord::DealLocation,
    SourceWord::AppointmentLocation,
    SourceWord::PatientLocation,
    SourceWord::DealCategory,
    SourceWord::DealAmount,
];

/// Properties that follow from others, and ids.
const UNSAID: [SourceWord; 8] = [
    SourceWord::PatientId,
    SourceWord::AppointmentId,
    SourceWord::DealKey,
    SourceWord::DealPatientId,
    SourceWord::DealName,
    SourceWord::DealPipeline,
    SourceWord::DealRule,
    SourceWord::AppointmentName,
];

/// Properties that name people of the practice.
const STAFF: [SourceWord; 1] = [SourceWord::AppointmentPractitioner];

/// The lexicon of a mapping.
pub(super) fn of(mapping: &Mapping, zone: Tz) -> Lexicon {
    let labels = option_labels(mapping);
    let mut lexicon = Lexicon::new(zone);
    for object in Object::ALL {
        for (at, (word, row)) in mapping.properties(object).iter().enumerate() {
            let headline = HEADLINES.iter().position(|have| have == word).and_then(|at| u8::try_from(at).ok());
            let show = match word {
                word if UNSAID.contains(word) => Show::Unsaid,
                word if STAFF.contains(word) => Show::Hidden,
                word => show(*word, row, &labels),
            };
            let order = u16::try_from(at).unwrap_or(u16::MAX);
            lexicon.add(object, row.name.as_str(), Field { label: row.label.clone(), show, headline, order });
        }
    }
    lexicon
}

fn show(word: SourceWord, row: &PropertyRow, labels: &BTreeMap<SourceWord, BTreeMap<String, String>>) -> Show {
    let choice = matches!(row.kind, PropertyType::Select | PropertyType::MultiSelect | PropertyType::Bool);
    match row.class {
        DataClass::Person | DataClass::Health => return Show::Hidden,
        // Ids are technical; flags and switches are too, and say nothing about who it is.
        DataClass::Technical if !choice => return Show::Hidden,
        DataClass::Technical | DataClass::Care => {}
    }
    match row.kind {
        PropertyType::Text | PropertyType::Number | PropertyType::Bool => Show::Text,
        PropertyType::Phone => Show::Hidden,
        PropertyType::Money => Show::Money,
        PropertyType::Date => Show::Day,
        PropertyType::Datetime => Show::Time,
        PropertyType::Select | PropertyType::MultiSelect => {
            Show::Options(labels.get(&word).cloned().unwrap_or_default())
        }
    }
}

/// Label of each option, as far as a table gives one.
fn option_labels(mapping: &Mapping) -> BTreeMap<SourceWord, BTreeMap<String, String>> {
    let tables = mapping.tables();
    let stages = tables.stages.iter().map(|row| (row.hubspot_stage_id.clone(), row.label.clone())).collect();
    let locations: BTreeMap<String, String> =
        tables.locations.iter().map(|row| (row.hubspot_value.clone(), row.name.clone())).collect();
    let categories = tables.categories.iter().map(|row| (row.hubspot_value.clone(), row.label.clone())).collect();
    BTreeMap::from([
        (SourceWord::DealStage, stages),
        (SourceWord::DealLocation, locations.clone()),
        (SourceWord::AppointmentLocation, locations.clone()),
        (SourceWord::PatientLocation, locations),
        (SourceWord::DealCategory, categories),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::shipped;

    #[test]
    fn only_what_says_nothing_about_who_it_is_is_shown() {
        let lexicon = of(&shipped(), chrono_tz::Europe::Berlin);
        let check = |object, name: &str, raw: &str, shown: Option<&str>| {
            assert_eq!(lexicon.value(object, name, raw).as_deref(), shown, "{object} {name}");
        };
        check(Object::Deal, "dealstage", "ivohub_verloren", Some("Verloren"));
        check(Object::Deal, "ivoris_location", "nord", Some("KFO Nord"));
        check(Object::Deal, "treatment_category", "multiband_kasse", Some("Feste Spange, GKV"));
        check(Object::Deal, "amount", "3400.00", Some("3 400,00"));
        check(Object::Deal, "ivoris_flag", "no_show", Some("no_show"));
        for (object, name) in [
            (Object::Contact, "firstname"),
            (Object::Contact, "email"),
            (Object::Contact, "phone"),
            (Object::Contact, "ivoris_patient_id"),
            (Object::Deal, "ivoris_appointment_id"),
            (Object::Deal, "ivoris_patient_id"),
            (Object::Deal, "dealname"),
            (Object::Appointment, "ivoris_appointment_id"),
            (Object::Appointment, "ivoris_practitioner"),
        ] {
            check(object, name, "erfunden", None);
        }
    }
}
