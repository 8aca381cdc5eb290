//! What is asked, in our words; the profile knows the server's names and formats.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use chrono_tz::Tz;

use crate::domain::practice_utc;

use super::profile::{DateFormat, EndDay, Paging, RouteSpec};
use super::route::Param;

/// Path and query as the server wants them.
pub(super) type Spelled = (String, Vec<(Cow<'static, str>, String)>);

/// One question. What the route has no name for is not sent.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Ask {
    page: Option<u32>,
    days: Option<(NaiveDate, NaiveDate)>,
    since: Option<DateTime<Utc>>,
    texts: BTreeMap<Param, String>,
}

impl Ask {
    /// Everything.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The page with this number, counted from 0 whatever the server does.
    #[must_use]
    pub fn page(mut self, page: u32) -> Self {
        self.page = Some(page);
        self
    }

    /// The days from `from` to `to`, both included.
    #[must_use]
    pub fn days(mut self, from: NaiveDate, to: NaiveDate) -> Self {
        self.days = Some((from, to));
        self
    }

    /// What changed since an instant.
    #[must_use]
    pub fn since(mut self, at: DateTime<Utc>) -> Self {
        self.since = Some(at);
        self
    }

    /// The record with this Ivoris id.
    #[must_use]
    pub fn id(self, id: impl Into<String>) -> Self {
        self.with(Param::Id, id)
    }

    /// Records of the patient with this Ivoris id.
    #[must_use]
    pub fn patient(self, id: impl Into<String>) -> Self {
        self.with(Param::Patient, id)
    }

    /// Records of the profile with this Ivoris id.
    #[must_use]
    pub fn profile(self, id: impl Into<String>) -> Self {
        self.with(Param::Profile, id)
    }

    /// Records of this legal unit.
    #[must_use]
    pub fn mandant(self, index: impl Into<String>) -> Self {
        self.with(Param::Mandant, index)
    }

    /// Entries of this type.
    #[must_use]
    pub fn kind(self, kind: impl Into<String>) -> Self {
        self.with(Param::EntryType, kind)
    }

    /// Any other search field.
    #[must_use]
    pub fn with(mut self, param: Param, value: impl Into<String>) -> Self {
        self.texts.insert(param, value.into());
        self
    }

    /// The days that are asked for.
    pub(super) const fn range(&self) -> Option<(NaiveDate, NaiveDate)> {
        self.days
    }

    /// Whether the question names a record: then 404 may mean that the record is gone.
    pub(super) fn names_a_record(&self, spec: &RouteSpec) -> bool {
        [Param::Id, Param::Patient].into_iter().any(|param| self.texts.contains_key(&param) && spec.has(param))
    }

    /// The page as it is asked for, for the log.
    pub(super) const fn page_number(&self) -> Option<u32> {
        self.page
    }

    /// Path and query as the server wants them; `None` when the path needs a value that is not asked.
    pub(super) fn spell(&self, spec: &RouteSpec, zone: Tz) -> Option<Spelled> {
        let mut path = spec.path.clone();
        let mut query = Vec::new();
        for (param, name) in &spec.params {
            let Some(value) = self.value(*param, spec, zone) else { continue };
            let place = format!("{{{name}}}");
            if path.contains(&place) {
                path = path.replace(&place, &percent_encoded(&value));
            } else {
                query.push((Cow::Owned(name.clone()), value));
            }
        }
        (!path.contains('{')).then_some((path, query))
    }

    fn value(&self, param: Param, spec: &RouteSpec, zone: Tz) -> Option<String> {
        let format = spec.date_format;
        match param {
            Param::Page => match spec.paging {
                Paging::None => None,
                Paging::ZeroBased => self.page.map(|page| page.to_string()),
                Paging::OneBased => self.page.map(|page| page.saturating_add(1).to_string()),
            },
            Param::Begin => self.days.map(|(from, _)| write(from.and_time(NaiveTime::MIN), format, zone)),
            Param::End => self.days.and_then(|(_, to)| Some(write(end_of(to, spec)?, format, zone))),
            Param::Since => self.since.map(|at| write(at.with_timezone(&zone).naive_local(), format, zone)),
            Param::Id
            | Param::Patient
            | Param::Profile
            | Param::Mandant
            | Param::EntryType
            | Param::Practitioner
            | Param::FirstName
            | Param::LastName
            | Param::Birthday
            | Param::Phone
            | Param::Mobile
            | Param::Email
            | Param::Gender => self.texts.get(&param).cloned(),
        }
    }
}

/// The end of a range as the server counts it: with a time, its last second, or midnight after it.
fn end_of(last: NaiveDate, spec: &RouteSpec) -> Option<NaiveDateTime> {
    match spec.end {
        EndDay::Inclusive => last.and_hms_opt(23, 59, 59),
        EndDay::Exclusive => Some(last.checked_add_days(Days::new(1))?.and_time(NaiveTime::MIN)),
    }
}

fn write(local: NaiveDateTime, format: DateFormat, zone: Tz) -> String {
    match format {
        DateFormat::Date => local.format("%Y-%m-%d").to_string(),
        DateFormat::DatetimeLocal => local.format("%Y-%m-%dT%H:%M:%S").to_string(),
        DateFormat::DatetimeOffset => {
            practice_utc(local, zone).instant().with_timezone(&zone).format("%Y-%m-%dT%H:%M:%S%:z").to_string()
        }
        DateFormat::De => local.format("%d.%m.%Y").to_string(),
    }
}

/// Only letters, digits, `-`, `_`, `~` and single dots stay: an id must not become another path.
fn percent_encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-_~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            write!(out, "%{byte:02X}").expect("a String takes everything");
        }
        out
    })
}

/// Page and days only: ids and search fields belong to people.
impl fmt::Debug for Ask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ask").field("page", &self.page).field("days", &self.days).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::super::profile::RouteProfile;
    use super::super::route::Route;
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    fn check(route: Route, change: impl FnOnce(&mut RouteSpec), ask: &Ask, wanted: Option<&str>) {
        let mut profile = RouteProfile::builtin();
        change(profile.route_mut(route));
        let found = ask.spell(profile.route(route), chrono_tz::Europe::Berlin).map(|(path, query)| {
            let query: Vec<String> = query.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
            format!("{path}?{}", query.join("&"))
        });
        assert_eq!(found.as_deref(), wanted);
    }

    #[test]
    fn the_built_in_profile_asks_as_the_fact_sheet_says() {
        let window = Ask::new().page(0).days(day("2026-11-16"), day("2026-11-22")).mandant("1");
        let wanted = "/Appointment/v1/AllAppointments?page=0&begin=2026-11-16&end=2026-11-22&mandantIndex=1";
        check(Route::AllAppointments, |_| {}, &window, Some(wanted));
        check(Route::AllPatients, |_| {}, &window, Some("/Patient/v1/AllPatients?page=0&mandantIndex=1"));
        let since = Ask::new().since("2026-07-01T10:00:00Z".parse().expect("a time"));
        let wanted = "/Appointment/v1/LatestAppointments?since=2026-07-01T12:00:00";
        check(Route::LatestAppointments, |_| {}, &since, Some(wanted));
        let wanted = "/Appointment/v1/Patient/a-1%2F%2E%2E/AllAppointments?";
        check(Route::PatientAllAppointments, |_| {}, &Ask::new().patient("a-1/.."), Some(wanted));
        check(Route::PatientAllAppointments, |_| {}, &Ask::new().id("a-1"), None);
    }

    #[test]
    fn formats_paging_and_names_are_data() {
        let ask = Ask::new().page(0).days(day("2026-10-24"), day("2026-10-25"));
        let of = |format, end, wanted: &str| {
            let wanted = format!("/x?seite=1&von={wanted}");
            let change = move |spec: &mut RouteSpec| {
                spec.path = "/x".to_owned();
                (spec.date_format, spec.end, spec.paging) = (format, end, Paging::OneBased);
                spec.params = [(Param::Page, "seite"), (Param::Begin, "von"), (Param::End, "bis")]
                    .map(|(param, name)| (param, name.to_owned()))
                    .into();
            };
            check(Route::AllAppointments, change, &ask, Some(&wanted));
        };
        of(DateFormat::Date, EndDay::Inclusive, "2026-10-24&bis=2026-10-25");
        of(DateFormat::Date, EndDay::Exclusive, "2026-10-24&bis=2026-10-26");
        of(DateFormat::De, EndDay::Inclusive, "24.10.2026&bis=25.10.2026");
        of(DateFormat::DatetimeLocal, EndDay::Inclusive, "2026-10-24T00:00:00&bis=2026-10-25T23:59:59");
        of(DateFormat::DatetimeLocal, EndDay::Exclusive, "2026-10-24T00:00:00&bis=2026-10-26T00:00:00");
        let wanted = "2026-10-24T00:00:00+02:00&bis=2026-10-25T23:59:59+01:00";
        of(DateFormat::DatetimeOffset, EndDay::Inclusive, wanted);
    }

    #[test]
    fn debug_shows_page_and_days_only() {
        let ask = Ask::new().page(3).patient("4711").with(Param::LastName, "Beispiel");
        assert_eq!(format!("{ask:?}"), "Ask { page: Some(3), days: None, .. }");
    }
}
