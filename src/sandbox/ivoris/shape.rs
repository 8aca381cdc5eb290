//! Records → JSON, with the mess of the real thing: blanks behind texts, four ways to say nothing, unknown fields.

use chrono::{NaiveDate, NaiveDateTime};
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use crate::sandbox::seed::rng::Rng;

use super::installation::{Installation, Item, Listed};
use super::record::{Appointment, Entry, Patient, Profile};
use super::settings::{DayForm, NumberForm, Settings};
use super::{times, words};

/// Shapes the records of one installation.
#[derive(Clone, Copy)]
pub(super) struct Shaper<'a> {
    pub(super) settings: &'a Settings,
    pub(super) installation: &'a Installation,
}

/// A record while it is put together.
struct Fields<'a> {
    settings: &'a Settings,
    /// Decides the mess of this record, always in the same way.
    key: u64,
    map: Map<String, Value>,
}

impl<'a> Fields<'a> {
    fn new(settings: &'a Settings, id: &str) -> Self {
        let key = id.bytes().fold(settings.seed, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte)));
        Self { settings, key, map: Map::new() }
    }

    fn roll(&self, field: &str, of: u32) -> u32 {
        Rng::of(self.settings.seed, field, self.key).below(of)
    }

    /// A value that is not there: `null`, an empty text, or nothing at all.
    fn nothing(&mut self, name: &str) -> &mut Self {
        match self.roll(name, 3) {
            1 if self.settings.messy => self.put(name, json!("")),
            2 if self.settings.messy => self,
            _ => self.put(name, Value::Null),
        }
    }

    fn put(&mut self, name: &str, value: Value) -> &mut Self {
        self.map.insert(name.to_owned(), value);
        self
    }

    /// A text that people typed.
    fn text(&mut self, name: &str, value: &str) -> &mut Self {
        if value.is_empty() {
            return self.nothing(name);
        }
        let blanks = if self.settings.messy && self.roll(name, 6) == 0 { "  " } else { "" };
        self.put(name, json!(format!("{value}{blanks}")))
    }

    /// A word of the server's own.
    fn word(&mut self, name: &str, value: &str) -> &mut Self {
        if value.is_empty() { self.nothing(name) } else { self.put(name, json!(value)) }
    }

    fn id(&mut self, name: &str, value: &str) -> &mut Self {
        let upper = self.settings.mixed_ids && self.roll(name, 2) == 0;
        let value = if upper { value.to_ascii_uppercase() } else { value.to_owned() };
        self.word(name, &value)
    }

    fn day(&mut self, name: &str, value: Option<NaiveDate>) -> &mut Self {
        let Some(day) = value else { return self.nothing(name) };
        let midnight = match self.settings.days {
            DayForm::Day => false,
            DayForm::Midnight => true,
            DayForm::Mixed => self.roll(name, 2) == 0,
        };
        self.put(name, json!(format!("{day}{}", if midnight { "T00:00:00" } else { "" })))
    }

    fn time(&mut self, name: &str, value: Option<NaiveDateTime>) -> &mut Self {
        match value {
            Some(time) => self.put(name, json!(times::given(time, self.settings.times))),
            None => self.nothing(name),
        }
    }

    fn number(&mut self, name: &str, value: Option<Decimal>) -> &mut Self {
        let Some(number) = value else { return self.nothing(name) };
        let text = number.to_string();
        let value = match self.settings.numbers {
            NumberForm::Number => text.parse().map_or(Value::Null, Value::Number),
            NumberForm::Point => json!(text),
            NumberForm::Comma => json!(text.replace('.', ",")),
        };
        self.put(name, value)
    }

    /// The record under its final names.
    fn done(&mut self, kind: &str) -> Value {
        let mut map = std::mem::take(&mut self.map);
        if self.settings.extra_fields {
            let version = Rng::of(self.settings.seed, "row version", self.key).below(1_000);
            map.insert("RowVersion".to_owned(), json!(version));
            map.insert("Extension".to_owned(), json!({"Schema": 3, "Flags": []}));
        }
        self.settings.names.apply(kind, &mut map);
        Value::Object(map)
    }
}

impl Shaper<'_> {
    pub(super) fn profile(self, profile: &Profile) -> Value {
        let mut fields = Fields::new(self.settings, &profile.id);
        fields.id("Id", &profile.id).text("Name", &profile.name).put("MandantIndex", json!(profile.mandant));
        fields.done("Profile")
    }

    pub(super) fn patient(self, patient: &Patient) -> Value {
        let mut fields = Fields::new(self.settings, &patient.id);
        fields
            .id("Id", &patient.id)
            .word("HumanReadableId", &patient.number)
            .text("Firstname", &patient.first)
            .text("Lastname", &patient.last)
            .day("Birthday", patient.birthday)
            .word("Gender", &patient.gender)
            .text("Email", &patient.email)
            .text("Phone", &patient.phone)
            .text("Mobile", &patient.mobile)
            .word("HealthInsurance", &patient.insurance);
        let has_address =
            [&patient.street, &patient.zip, &patient.city, &patient.country].iter().any(|one| !one.is_empty());
        let address = if has_address {
            let mut inner = Fields::new(self.settings, &patient.id);
            inner
                .text("Street", &patient.street)
                .text("Zip", &patient.zip)
                .text("City", &patient.city)
                .text("Country", &patient.country);
            Value::Object(inner.map)
        } else {
            Value::Null
        };
        fields.put("Address", address);
        let insurance = if patient.insurance_status.is_empty() { Value::Null } else { self.insurance(patient) };
        fields.put("CurrentInsurance", insurance);
        let mut inner = Fields::new(self.settings, &patient.id);
        inner
            .text("OrthodontistStage", &patient.stage)
            .text("OrthodontistPractitioner", &patient.practitioner)
            .put("DentistPractitioner", Value::Null);
        fields.put("Treatment", Value::Object(inner.map));
        // Seen as a number and as a text.
        let as_text = self.settings.messy && fields.roll("mandantIndex", 4) == 0;
        let mandant = if as_text { json!(patient.mandant.to_string()) } else { json!(patient.mandant) };
        fields.put("mandantIndex", mandant);
        fields.done("Patient")
    }

    fn insurance(self, patient: &Patient) -> Value {
        let mut inner = Fields::new(self.settings, &patient.id);
        inner
            .word("InsuranceStatus", &patient.insurance_status)
            .text("InsuranceNumber", &patient.insurance_number)
            .day("validFrom", NaiveDate::from_ymd_opt(2020, 1, 1));
        let (_, first, last) = words::name_parts(&patient.insurant);
        let mut insurant = Fields::new(self.settings, &patient.id);
        insurant.text("Firstname", &first).text("Lastname", &last);
        inner.put("Insurant", if last.is_empty() { Value::Null } else { Value::Object(insurant.map) });
        Value::Object(inner.map)
    }

    pub(super) fn appointment(self, appointment: &Appointment) -> Value {
        let mut fields = Fields::new(self.settings, &appointment.id);
        let listed = |list: Listed, name: &str| {
            if name.is_empty() { String::new() } else { self.installation.id_of(list, name) }
        };
        fields
            .id("Id", &appointment.id)
            .id("PatientId", appointment.patient.as_deref().unwrap_or_default())
            .time("Begin", Some(appointment.begin))
            .id("DentistChairId", &listed(Listed::Chair, &appointment.chair))
            .id("PractitionerId", &listed(Listed::Practitioner, &appointment.practitioner))
            .id("AppointmentTemplateId", &listed(Listed::Template, &appointment.template))
            .word("ConfirmationState", &appointment.confirmation)
            .text("Comment", &appointment.comment)
            .put("IsOnlineAppointment", json!(appointment.online))
            .time("CreatedAt", appointment.created)
            .time("ModifiedAt", appointment.modified);
        // A state may be a number.
        let state = appointment.state.parse::<u32>().map_or_else(|_| json!(appointment.state), |number| json!(number));
        fields.put("State", state);
        match appointment.end {
            Some(end) if self.settings.durations => {
                fields.put("Duration", json!((end - appointment.begin).num_minutes()));
            }
            end => drop(fields.time("End", end)),
        }
        let own = self.installation.profiles.iter().find(|profile| profile.mandant == appointment.mandant);
        let profile = own.filter(|_| self.settings.appointment_profiles).map_or("", |profile| profile.id.as_str());
        fields.id("ProfileId", profile);
        let caller = if appointment.caller {
            json!({"Firstname": "Kim", "Lastname": "Unbekannt", "Birthday": null, "Phone": "030 23125999", "Email": ""})
        } else {
            Value::Null
        };
        fields.put("UnknownPatient", caller);
        fields.done("Appointment")
    }

    /// A line of a list.
    pub(super) fn item(self, list: Listed, name: &str, item: &Item) -> Value {
        match list {
            Listed::Template => self.template(name, item),
            Listed::Chair => self.chair(name, item),
            Listed::Practitioner => self.practitioner(name, item),
        }
    }

    fn template(self, name: &str, item: &Item) -> Value {
        let mut fields = Fields::new(self.settings, &item.id);
        fields
            .id("Id", &item.id)
            .text("Name", name)
            .put("Duration", json!(item.minutes))
            .put("IsActive", json!(self.is_active(item)));
        fields.done("AppointmentTemplate")
    }

    fn chair(self, name: &str, item: &Item) -> Value {
        let mut fields = Fields::new(self.settings, &item.id);
        fields.id("Id", &item.id).text("Name", name).nothing("ProfileId").put("IsActive", json!(self.is_active(item)));
        fields.done("DentistChair")
    }

    pub(super) fn practitioner(self, name: &str, item: &Item) -> Value {
        let (title, first, last) = words::name_parts(name);
        let short: String = last.chars().take(2).flat_map(char::to_uppercase).collect();
        let mut fields = Fields::new(self.settings, &item.id);
        fields
            .id("Id", &item.id)
            .text("Title", &title)
            .text("Firstname", &first)
            .text("Lastname", &last)
            .text("ShortName", &short)
            .put("IsActive", json!(self.is_active(item)));
        fields.done("Practitioner")
    }

    /// What was not used for a year is not active.
    pub(super) fn is_active(self, item: &Item) -> bool {
        item.last + chrono::Duration::days(365) >= self.installation.calendar_changed
    }

    pub(super) fn entry(self, entry: &Entry) -> Value {
        let mut fields = Fields::new(self.settings, &entry.id);
        let own = self.installation.profiles.iter().find(|profile| profile.mandant == entry.mandant);
        let practitioner = match entry.practitioner.as_str() {
            "" => String::new(),
            name => self.installation.id_of(Listed::Practitioner, name),
        };
        fields
            .id("Id", &entry.id)
            .id("ProfileId", own.map_or("", |profile| profile.id.as_str()))
            .id("PatientId", &entry.patient)
            .day("Date", Some(entry.date))
            .word("Type", &entry.kind)
            .word("Treatment", "Orthodontics")
            .text("Tooth", &entry.tooth)
            .text("Text", &entry.text)
            .id("PractitionerId", &practitioner);
        // Missing or null in every row that was seen.
        if fields.roll("DocumentId", 2) == 0 {
            fields.put("DocumentId", Value::Null);
        }
        if self.settings.amounts {
            fields
                .text("Code", &entry.code)
                .word("FeeSchedule", &entry.schedule)
                .number("Count", entry.count)
                .number("Factor", entry.factor)
                .number("Amount", entry.amount.map(|cents| Decimal::new(cents.0, 2)));
        }
        fields.done("DocumentationEntry")
    }
}
