//! Other names of paths, parameters and fields than those of the fact sheet: for route profiles and drift.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What is called otherwise; a name that is missing here is the usual one. A renamed thing is known by its new name only.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Names {
    /// Usual path (`/Appointment/v1/AllAppointments`) → path.
    pub paths: BTreeMap<String, String>,
    /// Usual parameter, of one action (`AllAppointments.begin`) or of all (`begin`) → parameter.
    pub params: BTreeMap<String, String>,
    /// Usual field with its record (`Appointment.Begin`, `Patient.Address.Zip`) → field; dots make objects.
    pub fields: BTreeMap<String, String>,
}

impl Names {
    /// A contract in which much is called otherwise: all new field names are aliases that the fact sheet lists, or need a
    /// route profile.
    #[must_use]
    pub fn altered() -> Self {
        let map =
            |pairs: &[(&str, &str)]| pairs.iter().map(|(from, to)| ((*from).to_owned(), (*to).to_owned())).collect();
        Self {
            paths: map(&[
                ("/Appointment/v1/AllAppointments", "/Calendar/v2/Appointments"),
                ("/Documentation/v1/Entries", "/Documentation/v2/TreatmentEntries"),
            ]),
            params: map(&[
                ("AllAppointments.begin", "dateFrom"),
                ("AllAppointments.end", "dateTo"),
                ("AllAppointments.page", "pageNumber"),
                ("AllPatients.page", "pageNumber"),
                ("since", "changedAfter"),
                ("patientId", "patient"),
                ("profileId", "mandant"),
            ]),
            fields: map(&[
                ("Patient.Id", "PatientGuid"),
                ("Patient.Lastname", "Surname"),
                ("Patient.Email", "Contact.Mail"),
                ("Patient.mandantIndex", "ClientIndex"),
                ("Appointment.Id", "AppointmentId"),
                ("Appointment.PatientId", "Patient.Id"),
                ("Appointment.Begin", "StartTime"),
                ("Appointment.End", "EndTime"),
                ("Appointment.DentistChairId", "Room.Id"),
                ("Appointment.AppointmentTemplateId", "TemplateId"),
                ("Appointment.State", "Status"),
                ("Appointment.ModifiedAt", "LastChange"),
                ("DocumentationEntry.Id", "EntryId"),
                ("DocumentationEntry.Date", "TreatmentDate"),
                ("DocumentationEntry.Amount", "Total"),
                ("DocumentationEntry.Code", "FeeCode"),
                ("DentistChair.Name", "Label"),
                ("Practitioner.Lastname", "Surname"),
            ]),
        }
    }

    /// The path of a route.
    pub(super) fn path<'n>(&'n self, usual: &'n str) -> &'n str {
        self.paths.get(usual).map_or(usual, String::as_str)
    }

    /// A parameter of an action.
    pub(super) fn param<'n>(&'n self, action: &str, usual: &'n str) -> &'n str {
        let own = self.params.get(&format!("{action}.{usual}"));
        own.or_else(|| self.params.get(usual)).map_or(usual, String::as_str)
    }

    /// The fields of a kind of record that are called otherwise, each as a path.
    pub(super) fn renamed<'n>(&'n self, kind: &'n str) -> impl Iterator<Item = (&'n str, &'n str)> {
        self.fields.iter().filter_map(move |(from, to)| {
            let from = from.strip_prefix(kind)?.strip_prefix('.')?;
            Some((from, to.as_str()))
        })
    }

    /// Renames the fields of a record.
    pub(super) fn apply(&self, kind: &str, record: &mut Map<String, Value>) {
        // All are taken before one is put: two fields may swap their names.
        let taken: Vec<(&str, Value)> =
            self.renamed(kind).filter_map(|(from, to)| Some((to, take(record, from)?))).collect();
        for (to, value) in taken {
            put(record, to, value);
        }
    }
}

/// Takes what stands at a dotted path.
fn take(record: &mut Map<String, Value>, path: &str) -> Option<Value> {
    match path.split_once('.') {
        None => record.remove(path),
        Some((first, rest)) => take(record.get_mut(first)?.as_object_mut()?, rest),
    }
}

/// Puts a value at a dotted path.
pub(super) fn put(record: &mut Map<String, Value>, path: &str, value: Value) {
    match path.split_once('.') {
        None => drop(record.insert(path.to_owned(), value)),
        Some((first, rest)) => {
            let inner = record.entry(first).or_insert_with(|| Value::Object(Map::new()));
            if !inner.is_object() {
                *inner = Value::Object(Map::new());
            }
            put(inner.as_object_mut().expect("it was just made an object"), rest, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn fields_move_swap_and_nest() {
        let fields = [("A.X", "Y"), ("A.Y", "X"), ("A.In.Z", "Z"), ("A.P", "Q.Id")];
        let fields = fields.map(|(from, to)| (from.to_owned(), to.to_owned())).into();
        let names = Names { fields, ..Names::default() };
        let mut record = json!({"X": 1, "Y": 2, "In": {"Z": 3, "W": 4}, "P": 5, "Other": 6});
        names.apply("A", record.as_object_mut().expect("an object"));
        assert_eq!(record, json!({"X": 2, "Y": 1, "In": {"W": 4}, "Z": 3, "Q": {"Id": 5}, "Other": 6}));
    }
}
