//! The remaining routes: whether they answer, and how records that do not exist are answered.

use std::sync::LazyLock;

use chrono::{Days, Duration};

use crate::ivoris::{Ask, Route};

use super::asker::Asker;
use super::names::Lists;
use super::survey::{Answer, RouteState};
use super::witness::{Exchange, Form};

/// An id that nobody has: invented, and of the version that real ones have.
const NOBODY: &str = "00e1f0e1-0f0e-4f1e-8f0e-1f0e1f0e1f0e";

/// Lists that are asked whether they are there; `ivohub` does not need them.
pub(super) async fn others(asker: &mut Asker<'_>, patients: &[String], lists: &Lists) {
    let (begin, end) = (asker.today, asker.today.checked_add_days(Days::new(7)).unwrap_or(asker.today));
    let day = asker.now - Duration::hours(24);
    asker.list(Route::OnlineAppointments, &Ask::new().days(begin, end)).await;
    asker.text(Route::LatestPractitionerSystemChange).await;
    asker.list(Route::Stations, &Ask::new()).await;
    asker.list(Route::LatestProgressions, &Ask::new().since(day)).await;
    asker.list(Route::WaitingRoomPatients, &Ask::new()).await;
    asker.text(Route::LatestWaitingRoomSystemChange).await;
    if let Some(practitioner) = lists.practitioners.first() {
        let ask = Ask::new().days(begin, end).with(crate::ivoris::Param::Practitioner, practitioner.id.clone());
        asker.list(Route::PractitionerTimes, &ask).await;
        asker.single(Route::Practitioner, &Ask::new().id(practitioner.id.clone())).await;
        asker.list(Route::Practitioners, &Ask::new().id(practitioner.id.clone())).await;
    } else {
        for route in [Route::PractitionerTimes, Route::Practitioners] {
            asker.pass_over(route, "no practitioner is known");
        }
    }
    if let Some(template) = lists.templates.first() {
        asker.single(Route::AppointmentTemplate, &Ask::new().id(template.id.clone())).await;
    }
    if let Some(chair) = lists.chairs.first() {
        asker.single(Route::DentistChair, &Ask::new().id(chair.id.clone())).await;
    }
    let Some(patient) = patients.first() else {
        let routes = [
            Route::Patients,
            Route::PatientAppointments,
            Route::PatientOnlineAppointments,
            Route::PatientAllAppointments,
            Route::Entries,
            Route::DocumentEntries,
        ];
        routes.into_iter().for_each(|route| asker.pass_over(route, "no patient is known"));
        return;
    };
    asker.single(Route::Patient, &Ask::new().id(patient.clone())).await;
    asker.list(Route::Patients, &Ask::new().id(patient.clone())).await;
    let ask = Ask::new().patient(patient.clone());
    asker.list(Route::PatientOnlineAppointments, &ask).await;
    asker.list(Route::PatientAppointments, &ask.days(begin, end)).await;
}

/// One appointment that exists.
pub(super) async fn one_appointment(asker: &mut Asker<'_>, id: Option<&String>) {
    if let Some(id) = id {
        asker.single(Route::Appointment, &Ask::new().id(id.clone())).await;
    }
}

/// How a record that does not exist is answered, route by route.
pub(super) async fn unknown(asker: &mut Asker<'_>, profiles: &[String]) {
    static NOBODY_ID: LazyLock<Ask> = LazyLock::new(|| Ask::new().id(NOBODY));
    let singles = Route::ALL.into_iter().filter(|route| route.is_single());
    for route in singles {
        let answer = asker.single(route, &NOBODY_ID).await;
        if asker.is_over() {
            return;
        }
        keep(asker, route, matches!(answer, Some(None)));
    }
    for route in [Route::PatientAllAppointments, Route::Entries, Route::DocumentEntries] {
        let ask = Ask::new().patient(NOBODY);
        let ask = profiles.first().map_or_else(|| ask.clone(), |profile| ask.clone().profile(profile.clone()));
        let answer = asker.list(route, &ask).await;
        if asker.is_over() {
            return;
        }
        keep(asker, route, answer.is_none_or(|rows| rows.is_empty()));
    }
}

fn keep(asker: &mut Asker<'_>, route: Route, gone: bool) {
    let Some(Exchange { answer: Ok((status, form)), .. }) = asker.last.clone() else { return };
    // A server that is away, or a route that is not there, says nothing about records.
    let missing =
        asker.survey.routes.get(route.name()).is_some_and(|found| matches!(found.state, RouteState::Missing(_)));
    if status >= 500 || form == Form::Html || missing {
        return;
    }
    let answer = Answer { status, form: form.word().to_owned(), gone };
    asker.survey.unknown.insert(route.name().to_owned(), answer);
}
