//! The options of a select: every value that ivohub may write into it.

use std::collections::HashSet;

use crate::domain::AppointmentState;
use crate::hubspot::OptionDefinition;
use crate::mapping::tables::{PropertyRow, PropertyType};
use crate::mapping::{Mapping, SourceWord, is_state_map, mapped_values};

use super::desired::Choices;

/// The flags of a deal, each with its label (design.md section 4).
const FLAGS: [(&str, &str); 5] = [
    ("completed_without_entries", "Abgeschlossen ohne Einträge"),
    ("no_show", "Nicht erschienen"),
    ("unknown_status", "Unbekannter Status"),
    ("deleted", "In Ivoris gelöscht"),
    ("unmapped", "Terminart nicht zugeordnet"),
];

/// The choices of the property that `word` fills.
#[expect(clippy::wildcard_enum_match_arm, reason = "all other words hold texts, of which no list can be made")]
pub(super) fn choices(word: SourceWord, row: &PropertyRow, mapping: &Mapping) -> Choices {
    match row.kind {
        // HubSpot takes a bool with exactly these two (hubspot-api.md, E22).
        PropertyType::Bool => return known([("true", "Ja"), ("false", "Nein")]),
        PropertyType::Select | PropertyType::MultiSelect => {}
        PropertyType::Text
        | PropertyType::Phone
        | PropertyType::Number
        | PropertyType::Money
        | PropertyType::Date
        | PropertyType::Datetime => return Choices::None,
    }
    if is_state_map(&row.transform) {
        return known(mapped_values(&row.transform).map(same));
    }
    let tables = mapping.tables();
    match word {
        SourceWord::DealPipeline | SourceWord::DealStage => Choices::None,
        SourceWord::PatientLocation | SourceWord::DealLocation | SourceWord::AppointmentLocation => {
            known(tables.locations.iter().map(|row| (row.hubspot_value.as_str(), row.name.as_str())))
        }
        SourceWord::DealCategory => {
            known(tables.categories.iter().map(|row| (row.hubspot_value.as_str(), row.label.as_str())))
        }
        SourceWord::AppointmentStatus => known(AppointmentState::ALL.map(|state| (state.word(), state_label(state)))),
        SourceWord::DealFlag => known(FLAGS),
        SourceWord::DealLostReason => known(tables.reasons.iter().map(|row| same(&row.hubspot_value))),
        SourceWord::DealRule => known(tables.rules.iter().map(|row| same(row.id.as_str()))),
        SourceWord::AppointmentType => known(tables.templates.iter().map(|row| same(&row.name))),
        SourceWord::AppointmentPractitioner => known(tables.practitioners.iter().map(|row| same(&row.name))),
        _ => Choices::Unknown,
    }
}

fn same(text: &str) -> (&str, &str) {
    (text, text)
}

/// Options in order; a value counts once, and a label that stands already is told apart by its value.
fn known<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Choices {
    let (mut values, mut labels) = (HashSet::new(), HashSet::new());
    let fresh = pairs.into_iter().filter(|(value, _)| !value.is_empty() && values.insert(*value));
    let options = fresh.zip(0..).map(|((value, label), display_order)| {
        let label = if labels.insert(label) { label.to_owned() } else { format!("{label} ({value})") };
        OptionDefinition { label, value: value.to_owned(), display_order, hidden: false, description: None }
    });
    Choices::Known(options.collect())
}

/// What people read in HubSpot for a state.
const fn state_label(state: AppointmentState) -> &'static str {
    match state {
        AppointmentState::Booked => "Geplant",
        AppointmentState::Confirmed => "Bestätigt",
        AppointmentState::Arrived => "Angemeldet",
        AppointmentState::InTreatment => "In Behandlung",
        AppointmentState::Completed => "Abgeschlossen",
        AppointmentState::Cancelled => "Abgesagt",
        AppointmentState::NoShow => "Nicht erschienen",
        AppointmentState::Clarified => "Geklärt",
        AppointmentState::Moved => "Verschoben",
        AppointmentState::Deleted => "Gelöscht",
    }
}
