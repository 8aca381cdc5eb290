//! One route answered from the data: parameters in, JSON out. Changes nothing.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use serde_json::{Map, Value, json};

use crate::sandbox::seed::rng::Rng;

use super::document;
use super::exchange::{Reply, Request};
use super::installation::{Installation, Item, Listed};
use super::names::put;
use super::record::Appointment;
use super::route::{ROUTES, Route, Spec};
use super::settings::{AskForm, Envelope, PageBase, Planner, Settings, Unknown};
use super::shape::Shaper;
use super::times;

/// A request that has found its route.
pub(super) struct Asked<'a> {
    pub(super) settings: &'a Settings,
    pub(super) installation: &'a Installation,
    pub(super) spec: &'static Spec,
    pub(super) request: &'a Request,
    /// The patient id of the path.
    pub(super) in_path: Option<&'a str>,
    pub(super) now: DateTime<Utc>,
}

/// A parameter that the server does not understand, or that it lacks.
pub(super) struct BadParameter;

pub(super) type Answered<T> = Result<T, BadParameter>;

/// First and last day asked for.
pub(super) type Window = (Option<NaiveDate>, Option<NaiveDate>);

/// What a route has found.
enum Found {
    Text(String),
    Rows(Vec<Value>),
    One(Option<Value>),
    Document,
}

impl<'a> Asked<'a> {
    /// A parameter by its usual name; an empty one is none.
    pub(super) fn param(&self, usual: &str) -> Option<&'a str> {
        if usual == "patientId" && self.in_path.is_some() {
            return self.in_path;
        }
        let name = self.settings.names.param(self.spec.action(), usual);
        self.request.query(name).map(str::trim).filter(|value| !value.is_empty())
    }

    /// An id of a parameter, in lower case.
    pub(super) fn id(&self, usual: &str) -> Option<String> {
        self.param(usual).map(str::to_ascii_lowercase)
    }

    pub(super) fn needed(&self, usual: &str) -> Answered<String> {
        self.id(usual).ok_or(BadParameter)
    }

    pub(super) fn time(&self, usual: &str) -> Answered<Option<NaiveDateTime>> {
        let read = |text| times::asked(text, self.settings.ask, true).ok_or(BadParameter);
        self.param(usual).map(read).transpose()
    }

    pub(super) fn day(&self, usual: &str) -> Answered<Option<NaiveDate>> {
        let read = |text| times::asked(text, self.settings.ask, self.settings.ask != AskForm::Date).ok_or(BadParameter);
        Ok(self.param(usual).map(read).transpose()?.map(|time| time.date()))
    }

    /// Both ends of the window, if the server looks at them; they have to be readable in any case.
    pub(super) fn window(&self, looks: bool) -> Answered<Window> {
        let (begin, end) = (self.day("begin")?, self.day("end")?);
        Ok(if looks { (begin, end) } else { (None, None) })
    }

    /// The rows of the asked page.
    pub(super) fn page<T>(&self, rows: impl Iterator<Item = T>, size: usize) -> Answered<Vec<T>> {
        let page: usize = self.param("page").map_or(Ok(0), |text| text.parse().map_err(|_| BadParameter))?;
        let before = match self.settings.page_base {
            PageBase::Zero => page,
            PageBase::One => page.saturating_sub(1),
        };
        Ok(rows.skip(before.saturating_mul(size)).take(size).collect())
    }

    pub(super) fn shaper(&self) -> Shaper<'a> {
        Shaper { settings: self.settings, installation: self.installation }
    }

    pub(super) fn given(&self, time: NaiveDateTime) -> String {
        times::given(time, self.settings.times)
    }

    /// The answer, and how many records it holds.
    pub(super) fn answer(&self) -> (Reply, usize) {
        match self.find() {
            Ok(Found::Text(text)) => (Reply::json(200, &json!(text)), 0),
            Ok(Found::Rows(rows)) => {
                let count = rows.len();
                (Reply::json(200, &self.in_envelope(rows)), count)
            }
            Ok(Found::One(Some(record))) => {
                let body = match &self.settings.envelope {
                    Envelope::Bare => record,
                    Envelope::Named(_) => json!({wrapper(self.spec): record}),
                };
                (Reply::json(200, &body), 1)
            }
            Ok(Found::One(None)) => (self.unknown(), 0),
            Ok(Found::Document) => (Reply::json(200, &document::document(self.settings)), 0),
            Err(BadParameter) => (Reply::message(400, "The request is invalid."), 0),
        }
    }

    fn find(&self) -> Answered<Found> {
        let shaper = self.shaper();
        let planned = |rows: Vec<&Appointment>| {
            let rows = if self.settings.planner == Planner::On { rows } else { Vec::new() };
            Found::Rows(rows.into_iter().map(|one| shaper.appointment(one)).collect())
        };
        let text = |text: &str| Found::Text(text.to_owned());
        Ok(match self.spec.route {
            Route::Ping => text("Pong"),
            Route::Version => text(document::VERSION),
            Route::CustomerId => {
                Found::Text((100_000 + Rng::of(0, &self.installation.name, 0).below(900_000)).to_string())
            }
            Route::Documentation => Found::Document,
            Route::Webservices => Found::Rows(self.services()),
            Route::Profiles => {
                Found::Rows(self.installation.profiles.iter().map(|profile| shaper.profile(profile)).collect())
            }
            Route::AllPatients => Found::Rows(self.all_patients()?),
            Route::Patients => Found::Rows(self.found_patients()?),
            Route::Patient => Found::One(self.patient()?),
            Route::AllAppointments => planned(self.all_appointments()?),
            Route::LatestAppointments => planned(self.latest_appointments()?),
            Route::CalendarChange | Route::WaitingRoomChange => {
                Found::Text(self.given(self.installation.calendar_changed))
            }
            Route::Appointment => {
                let id = self.needed("id")?;
                let found = self.installation.calendar.newest(&id).filter(|_| self.settings.planner == Planner::On);
                Found::One(found.map(|one| shaper.appointment(one)))
            }
            Route::PatientAllAppointments => planned(self.appointments_of_patient()?),
            Route::PatientOnlineAppointments => planned(online(self.appointments_of_patient()?)),
            Route::PatientAppointments => {
                let (from, to) = self.window(self.settings.window_dates)?;
                let inside = |day: NaiveDate| from.is_none_or(|from| from <= day) && to.is_none_or(|to| day <= to);
                let of_patient = self.appointments_of_patient()?.into_iter();
                planned(of_patient.filter(|one| inside(one.begin.date())).collect())
            }
            Route::OnlineAppointments => {
                let (from, to) = self.window(self.settings.window_dates)?;
                planned(online(self.installation.calendar.between(from, to)))
            }
            Route::Templates => Found::Rows(self.rows(Listed::Template)),
            Route::Template => Found::One(self.row(Listed::Template)?),
            Route::Chairs => Found::Rows(self.rows(Listed::Chair)),
            Route::Chair => Found::One(self.row(Listed::Chair)?),
            Route::PractitionerTimes => Found::Rows(self.practitioner_times()?),
            Route::ActivePractitioners => {
                let active = self.items(Listed::Practitioner).filter(|(_, item)| shaper.is_active(item));
                Found::Rows(active.map(|(name, item)| shaper.practitioner(name, item)).collect())
            }
            Route::AllPractitioners => Found::Rows(self.rows(Listed::Practitioner)),
            Route::Practitioners => Found::Rows(self.found_practitioners()),
            Route::Practitioner => Found::One(self.row(Listed::Practitioner)?),
            Route::PractitionerChange => {
                let last = self.items(Listed::Practitioner).map(|(_, item)| item.last).max();
                Found::Text(self.given(last.unwrap_or_default()))
            }
            Route::DocumentEntries | Route::Entries => Found::Rows(self.entries()?),
            // No document was ever linked.
            Route::StoredDocument => self.needed("documentId").map(|_| Found::One(None))?,
            Route::Stations => Found::Rows(self.stations()),
            Route::Progressions => {
                let today = times::local(self.now).date();
                let since = self.time("since")?.map_or(today, |time| time.date());
                Found::Rows(self.progressions(self.installation.calendar.between(Some(since), Some(today))))
            }
            Route::WaitingPatients => Found::Rows(self.waiting()),
            Route::PatientProgression => Found::Rows(self.progressions(self.appointments_of_patient()?)),
        })
    }

    fn in_envelope(&self, rows: Vec<Value>) -> Value {
        match &self.settings.envelope {
            Envelope::Bare => Value::Array(rows),
            Envelope::Named(name) => {
                let mut map = Map::new();
                map.insert("Success".to_owned(), json!(true));
                put(&mut map, name, Value::Array(rows));
                Value::Object(map)
            }
        }
    }

    fn unknown(&self) -> Reply {
        let id = self.id("id").or_else(|| self.id("documentId")).unwrap_or_default();
        let text = format!("The {} with Id {id} could not be found.", self.spec.action().to_lowercase());
        match self.settings.unknown {
            Unknown::Text400 => Reply::of(400, "text/plain; charset=utf-8", text),
            Unknown::NotFound404 => Reply::message(404, &text),
            Unknown::Null200 => Reply::json(200, &Value::Null),
            Unknown::Empty200 => Reply::empty(200),
        }
    }

    fn services(&self) -> Vec<Value> {
        let there = ROUTES.iter().filter(|spec| is_there(self.settings, spec));
        let mut names: Vec<&str> = there.map(Spec::service).collect();
        names.dedup();
        names.into_iter().map(|name| json!({"Name": name, "Version": "v1"})).collect()
    }

    pub(super) fn items(&self, list: Listed) -> impl Iterator<Item = (&'a str, &'a Item)> + use<'a> {
        self.installation.list(list).iter().map(|(name, item)| (name.as_str(), item))
    }

    fn rows(&self, list: Listed) -> Vec<Value> {
        self.items(list).map(|(name, item)| self.shaper().item(list, name, item)).collect()
    }

    fn row(&self, list: Listed) -> Answered<Option<Value>> {
        let id = self.needed("id")?;
        let found = self.items(list).find(|(_, item)| item.id == id);
        Ok(found.map(|(name, item)| self.shaper().item(list, name, item)))
    }
}

fn online(mut appointments: Vec<&Appointment>) -> Vec<&Appointment> {
    appointments.retain(|one| one.online);
    appointments
}

/// What a single record is wrapped in, under an envelope.
pub(super) fn wrapper(spec: &Spec) -> &'static str {
    match spec.action() {
        "Patient" => "patient",
        "Appointment" => "appointment",
        "Document" => "document",
        _ => "data",
    }
}

/// Whether a route exists.
pub(super) fn is_there(settings: &Settings, spec: &Spec) -> bool {
    let planner = settings.planner != Planner::Absent || spec.service() != "Appointment";
    planner && !settings.missing.contains(spec.action())
}
