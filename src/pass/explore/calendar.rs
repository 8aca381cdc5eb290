//! The calendar: whether days and pages are obeyed, what a month holds, and what the other routes say about the same.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, Days, Duration, NaiveDate, Weekday};
use serde_json::Value;

use crate::ivoris::{Ask, DateFormat, Paging, Route, Thing, wire};

use super::asker::Asker;
use super::people::same;
use super::survey::{CalendarFound, Obeyed};

/// Days of the window whose words and names are counted.
const WINDOW: u64 = 30;
/// Pages of one slice; a busy group has more, and a sample is enough.
const MOST_PAGES: u32 = 3;

/// One appointment as far as a survey needs it. Not `Debug`: it belongs to somebody.
#[derive(Clone)]
pub(super) struct Visit {
    pub(super) id: String,
    pub(super) patient: Option<String>,
    pub(super) day: NaiveDate,
    pub(super) chair: Option<String>,
    pub(super) template: Option<String>,
    pub(super) practitioner: Option<String>,
    pub(super) profile: Option<String>,
}

/// Looks at the calendar. `patients`: ids of some patients, for a calendar whose days are long past.
pub(super) async fn calendar(asker: &mut Asker<'_>, patients: &[String]) -> Vec<Visit> {
    let mut found = CalendarFound::default();
    let mut day = weekday_before(asker.today);
    let mut rows = first_day(asker, day).await;
    let undated = asker.once(Route::AllAppointments, &Ask::new()).await;
    found.undated = undated.as_ref().map(|rows| rows.len() as u64).map_err(Clone::clone);
    let undated = undated.ok();
    if rows.as_ref().is_some_and(Vec::is_empty)
        && let Some(other) = latest_day(asker, undated.as_deref().unwrap_or_default(), patients).await
    {
        day = other;
        rows = asker.list(Route::AllAppointments, &Ask::new().days(day, day)).await;
    }
    if let Some(rows) = &rows {
        found.day_rows = rows.len() as u64;
        found.dates = dates(asker, rows, day, undated.as_deref());
        (found.paged, found.one_based) = paging(asker, rows, day).await;
    } else {
        found.dates = Obeyed::Failed;
    }
    // A calendar that is in use is read to the present day.
    let last = if asker.today - day <= Duration::days(14) { asker.today } else { day };
    let visits = if rows.is_some() { window(asker, last, &mut found).await } else { Vec::new() };
    latest(asker, &mut found).await;
    asker.survey.calendar = Some(found);
    visits
}

fn weekday_before(today: NaiveDate) -> NaiveDate {
    let before = today.pred_opt().unwrap_or(today);
    match before.weekday() {
        Weekday::Sun => before.checked_sub_days(Days::new(2)).unwrap_or(before),
        Weekday::Sat => before.pred_opt().unwrap_or(before),
        Weekday::Mon | Weekday::Tue | Weekday::Wed | Weekday::Thu | Weekday::Fri => before,
    }
}

/// Asks for one day; when it is refused, in the other forms of writing a day.
async fn first_day(asker: &mut Asker<'_>, day: NaiveDate) -> Option<Vec<Value>> {
    let ask = Ask::new().days(day, day);
    in_any_form(asker, Route::AllAppointments, &ask).await
}

/// Asks; when the question is refused, in the other forms of writing days and times. The form that is taken is proposed
/// for all routes that have the same form by now.
async fn in_any_form(asker: &mut Asker<'_>, route: Route, ask: &Ask) -> Option<Vec<Value>> {
    let rows = asker.list(route, ask).await;
    let usual = asker.profile().route(route).date_format;
    let refused = |asker: &Asker<'_>| asker.last.as_ref().is_some_and(|one| matches!(one.answer, Ok((400 | 422, _))));
    if rows.is_some() || asker.is_over() || !refused(asker) {
        return rows;
    }
    let before = asker.proposal.clone();
    for format in DateFormat::ALL.iter().copied().filter(|format| *format != usual) {
        for other in Route::ALL.into_iter().filter(|other| before.profile.route(*other).date_format == usual) {
            let asks_days = ["begin", "end", "since"];
            let params = &before.profile.route(other).params;
            if params.keys().any(|param| asks_days.contains(&param.name())) {
                asker.proposal.format(other, format);
            }
        }
        asker.reconnect();
        let rows = asker.list(route, ask).await;
        if rows.is_some() || asker.is_over() {
            return rows;
        }
        asker.proposal = before.clone();
    }
    asker.reconnect();
    None
}

/// The last day with appointments: of this fortnight, or, for a copy of a practice that was closed long ago, of whatever
/// comes without days or of the own lists of some patients.
async fn latest_day(asker: &mut Asker<'_>, undated: &[Value], patients: &[String]) -> Option<NaiveDate> {
    let days = |asker: &Asker<'_>, rows: &[Value]| {
        let days = rows.iter().filter_map(|row| visit(asker, row)).map(|visit| visit.day);
        days.filter(|day| *day <= asker.today).max()
    };
    let begin = asker.today.checked_sub_days(Days::new(13)).unwrap_or(asker.today);
    let recent = asker.list(Route::AllAppointments, &Ask::new().days(begin, asker.today)).await;
    let mut latest = days(asker, &recent.unwrap_or_default());
    if latest.is_none() {
        latest = days(asker, undated);
        for patient in patients.iter().take(3) {
            let rows = asker.list(Route::PatientAllAppointments, &Ask::new().patient(patient.clone())).await;
            latest = latest.max(days(asker, &rows.unwrap_or_default()));
        }
    }
    latest
}

fn visit(asker: &Asker<'_>, row: &Value) -> Option<Visit> {
    let zone = asker.client().settings().zone;
    let read = wire::Appointment::decode(asker.profile(), row).ok()?;
    let day = read.start(zone).ok()?.day();
    let wire::Appointment { id, patient_id, chair_id, template_id, practitioner_id, profile_id, .. } = read;
    Some(Visit {
        id: id.to_lowercase(),
        patient: patient_id,
        day,
        chair: chair_id,
        template: template_id,
        practitioner: practitioner_id,
        profile: profile_id,
    })
}

/// Whether the days of a question are obeyed.
fn dates(asker: &Asker<'_>, rows: &[Value], day: NaiveDate, undated: Option<&[Value]>) -> Obeyed {
    let days: Vec<NaiveDate> = rows.iter().filter_map(|row| visit(asker, row)).map(|visit| visit.day).collect();
    if days.iter().any(|other| *other != day) {
        return Obeyed::No;
    }
    match (days.is_empty(), undated) {
        (true, _) => Obeyed::Unclear,
        // The same without days: it may be that there is one day only.
        (false, Some(undated)) if undated.len() == rows.len() && same(undated, rows) => Obeyed::Unclear,
        (false, _) => Obeyed::Yes,
    }
}

/// Whether pages are obeyed, and whether the first one is 1.
async fn paging(asker: &mut Asker<'_>, unpaged: &[Value], day: NaiveDate) -> (Obeyed, bool) {
    let route = Route::AllAppointments;
    if unpaged.is_empty() || asker.profile().route(route).paging == Paging::None {
        return (Obeyed::Unclear, false);
    }
    let one_based = asker.profile().route(route).paging == Paging::OneBased;
    let ask = |page| Ask::new().days(day, day).page(page);
    let Some(first) = asker.list(route, &ask(0)).await else { return (Obeyed::Failed, one_based) };
    let Some(second) = asker.list(route, &ask(1)).await else { return (Obeyed::Failed, one_based) };
    if !same(&first, &second) {
        return (Obeyed::Yes, one_based);
    }
    let Some(third) = asker.list(route, &ask(2)).await else { return (Obeyed::Failed, one_based) };
    if same(&first, &third) {
        asker.proposal.unpaged(route);
        asker.reconnect();
        return (Obeyed::No, false);
    }
    asker.proposal.one_based(route);
    asker.reconnect();
    (Obeyed::Yes, true)
}

/// Reads a month in slices; counts words, names and what does not fit.
async fn window(asker: &mut Asker<'_>, last: NaiveDate, found: &mut CalendarFound) -> Vec<Visit> {
    let slice = u64::from(asker.client().settings().slice_days.max(1));
    let paged = asker.profile().route(Route::AllAppointments).paging != Paging::None;
    let mut visits = BTreeMap::new();
    let mut end = last;
    while found.days < WINDOW && !asker.is_over() {
        let length = slice.min(WINDOW - found.days);
        let begin = end.checked_sub_days(Days::new(length - 1)).unwrap_or(end);
        found.days += length;
        let pages = if paged { MOST_PAGES } else { 1 };
        for page in 0..pages {
            let ask = Ask::new().days(begin, end);
            let ask = if paged { ask.page(page) } else { ask };
            let Some(rows) = asker.list(Route::AllAppointments, &ask).await else {
                found.days_failed += length;
                break;
            };
            if rows.is_empty() {
                break;
            }
            take(asker, &rows, (begin, end), found, &mut visits);
            // A page with fewer rows than the first one of a calendar is the last; whether it is, one more question tells.
            found.cut |= paged && page + 1 == pages;
        }
        end = begin.pred_opt().unwrap_or(begin);
    }
    found.rows = visits.len() as u64;
    visits.into_values().collect()
}

fn take(
    asker: &mut Asker<'_>,
    rows: &[Value],
    (begin, end): (NaiveDate, NaiveDate),
    found: &mut CalendarFound,
    visits: &mut BTreeMap<String, Visit>,
) {
    for row in rows {
        let Some(visit) = visit(asker, row) else {
            found.flawed += 1;
            continue;
        };
        if visit.day < begin || visit.day > end {
            found.outside += 1;
            continue;
        }
        if visits.contains_key(&visit.id) {
            found.repeated += 1;
            continue;
        }
        found.nobody += u64::from(visit.patient.is_none());
        if let Some(record) = row.as_object() {
            let fields = asker.profile().fields(Thing::Appointment);
            let words = ["state", "confirmation"].map(|field| (field, fields.text(field, record)));
            for (field, word) in words {
                asker.word(&format!("appointment.{field}"), word.as_deref());
            }
        }
        visits.insert(visit.id.clone(), visit);
    }
}

/// The routes that tell of changes.
async fn latest(asker: &mut Asker<'_>, found: &mut CalendarFound) {
    let zone = asker.client().settings().zone;
    let since = |asker: &Asker<'_>, hours: i64| Ask::new().since(asker.now - Duration::hours(hours));
    let ask = since(asker, 24);
    let mut rows = in_any_form(asker, Route::LatestAppointments, &ask).await;
    found.latest_rows = rows.as_ref().map(|rows| rows.len() as u64);
    if rows.as_ref().is_some_and(Vec::is_empty) {
        // A quiet day tells nothing; a month with nothing does.
        rows = asker.list(Route::LatestAppointments, &since(asker, 30 * 24)).await;
    }
    found.since = match rows {
        None => Obeyed::Failed,
        Some(before) => {
            // Nothing can have changed since a day that has not come.
            let ask = since(asker, -48);
            match asker.list(Route::LatestAppointments, &ask).await {
                None => Obeyed::Failed,
                Some(rows) if rows.is_empty() && !before.is_empty() => Obeyed::Yes,
                Some(rows) if !rows.is_empty() => Obeyed::No,
                Some(_) => Obeyed::Unclear,
            }
        }
    };
    let text = asker.text(Route::LatestAppointmentSystemChange).await;
    found.last_change_minutes =
        text.and_then(|text| wire::instant(&text, zone)).map(|at| (asker.now - at).num_minutes());
}

/// Compares the own lists of patients with the window.
pub(super) async fn own_lists(asker: &mut Asker<'_>, patients: &[String], visits: &[Visit]) {
    for patient in patients {
        let Some(rows) = asker.list(Route::PatientAllAppointments, &Ask::new().patient(patient.clone())).await else {
            continue;
        };
        let own: BTreeSet<String> = rows.iter().filter_map(|row| visit(asker, row)).map(|visit| visit.id).collect();
        let expected: Vec<&Visit> =
            visits.iter().filter(|visit| visit.patient.as_deref() == Some(patient.as_str())).collect();
        let hits = expected.iter().filter(|visit| own.contains(&visit.id)).count();
        if let Some(calendar) = &mut asker.survey.calendar {
            calendar.own_lists += 1;
            calendar.own_expected += expected.len() as u64;
            calendar.own_found += hits as u64;
        }
    }
}

/// Patients with recent appointments, the most recent first; each once.
pub(super) fn recent(visits: &[Visit], today: NaiveDate, number: usize) -> Vec<(String, NaiveDate)> {
    let mut past: Vec<&Visit> = visits.iter().filter(|visit| visit.day <= today && visit.patient.is_some()).collect();
    past.sort_by(|a, b| b.day.cmp(&a.day).then_with(|| a.id.cmp(&b.id)));
    let mut seen = BTreeSet::new();
    let of = |visit: &Visit| Some((visit.patient.clone()?, visit.day));
    past.into_iter().filter_map(of).filter(|(patient, _)| seen.insert(patient.clone())).take(number).collect()
}
