//! A case → the values of its deal: dates, money, category, name, flags. Pure, always from the whole set.

use chrono::NaiveDate;
use chrono_tz::Tz;

use crate::domain::{AppointmentId, AppointmentState, Cents, LocalTime, StageKind};

use super::case::{Case, StageVerdict, Visit};
use super::index::Mapping;
use super::settings::{CloseDate, DealSettings, StartDate};
use super::sums::Sums;
use super::visit::DealValues;
use super::words::SourceWord;

/// What the values are made from.
#[derive(Clone, Copy, Debug)]
pub struct DealFacts<'a> {
    /// The case.
    pub case: &'a Case,
    /// All visits of the patient; the case's are places in it.
    pub visits: &'a [Visit<'a>],
    /// What its entries add up to.
    pub sums: &'a Sums<'a>,
    /// Where it belongs.
    pub verdict: &'a StageVerdict,
    /// Key of the deal: the id of an opening appointment.
    pub key: &'a AppointmentId,
    /// Key of the patient.
    pub patient: &'a str,
    /// A completed visit has no entries, and a complete reading says so that was made long enough after it.
    pub without_entries: bool,
    /// Options.
    pub settings: &'a DealSettings,
    /// Zone of the practice.
    pub zone: Tz,
}

/// Returns the values of a deal by source word. A word that is missing is no opinion: what HubSpot has stays.
///
/// Dates never move to "nothing" for `behandlungsstartdate` (R9), which is left out instead. The rule is not part of it.
#[must_use]
pub fn deal_values(facts: &DealFacts<'_>, mapping: &Mapping) -> DealValues {
    let mut values = DealValues::new();
    identity(facts, mapping, &mut values);
    stage(facts, mapping, &mut values);
    money(facts.sums, &mut values);
    dates(facts, &mut values);
    let category = category(facts, mapping).unwrap_or_default();
    values.insert(SourceWord::DealCategory, category);
    values.insert(SourceWord::DealFlag, flags(facts).join(";"));
    values
}

fn visits<'a>(facts: &DealFacts<'a>) -> impl Iterator<Item = &'a Visit<'a>> {
    let all = facts.visits;
    facts.case.visits.iter().filter_map(move |at| all.get(*at))
}

/// Names hold no person and no treatment; the eight hex digits are of the key, which stands beside it anyway.
fn identity(facts: &DealFacts<'_>, mapping: &Mapping, values: &mut DealValues) {
    values.insert(SourceWord::DealKey, facts.key.as_str().to_owned());
    values.insert(SourceWord::DealPatientId, facts.patient.to_owned());
    values.insert(SourceWord::DealPipeline, mapping.pipeline_id().to_owned());
    let Some(opener) = visits(facts).find(|visit| visit.appointment.id == *facts.key) else { return };
    let month = opener.appointment.start.0.format("%Y-%m");
    let digest = blake3::hash(facts.key.as_str().as_bytes()).to_hex();
    let digest: String = digest.chars().take(8).collect();
    let place = opener.location.map_or("", |row| row.name.as_str());
    values.insert(SourceWord::DealName, format!("{place} {month} {digest}").trim_start().to_owned());
    if let Some(location) = opener.location {
        values.insert(SourceWord::DealLocation, location.hubspot_value.clone());
    }
}

fn stage(facts: &DealFacts<'_>, mapping: &Mapping, values: &mut DealValues) {
    let Some(key) = &facts.verdict.stage else { return };
    let Some(row) = mapping.stage(key) else { return };
    values.insert(SourceWord::DealStage, row.hubspot_stage_id.clone());
    let reason = facts.verdict.reason.as_deref().and_then(|key| mapping.reason(key));
    let closed = facts.verdict.closed_at.and_then(|at| facts.visits.get(at));
    match row.kind {
        StageKind::Open => {
            values.insert(SourceWord::DealCloseDate, String::new());
            values.insert(SourceWord::DealLostReason, String::new());
        }
        StageKind::Won => {
            if let Some(visit) = closed {
                values.insert(SourceWord::DealCloseDate, visit.appointment.start.to_hubspot(facts.zone));
            }
            values.insert(SourceWord::DealLostReason, String::new());
        }
        StageKind::Lost => {
            if let Some(visit) = closed {
                values.insert(
                    SourceWord::DealCloseDate,
                    lost_at(visit, facts.settings.close_date).to_hubspot(facts.zone),
                );
            }
            if let Some(reason) = reason {
                values.insert(SourceWord::DealLostReason, reason.hubspot_value.clone());
            }
        }
    }
}

/// The earlier of the visit's start and the day its state was first read, unless the option names one of them.
fn lost_at(visit: &Visit<'_>, option: CloseDate) -> LocalTime {
    let start = visit.appointment.start;
    let read = visit.status_read.and_hms_opt(0, 0, 0).map_or(start, LocalTime);
    match option {
        CloseDate::Earlier => read.min(start),
        CloseDate::Appointment => start,
        CloseDate::Read => read,
    }
}

fn money(sums: &Sums<'_>, values: &mut DealValues) {
    let priced = sums.priced > 0;
    let cents = |amount: Cents| if priced { amount.to_hubspot() } else { String::new() };
    let maybe = |amount: Option<Cents>| amount.map_or_else(String::new, Cents::to_hubspot);
    values.insert(SourceWord::DealRevenue, cents(sums.revenue));
    values.insert(SourceWord::DealRevenueStatutory, cents(sums.statutory));
    values.insert(SourceWord::DealRevenuePrivate, cents(sums.private));
    values.insert(SourceWord::DealRevenueLab, cents(sums.lab));
    values.insert(SourceWord::DealRevenueOwnShare, cents(sums.own_share));
    values.insert(SourceWord::DealPlanValue, maybe(sums.plan_value));
    values.insert(SourceWord::DealAmount, sums.plan_value.map_or_else(|| cents(sums.revenue), Cents::to_hubspot));
    let count = sums.markers.count;
    values.insert(SourceWord::DealPabgCount, if count > 0 { count.to_string() } else { String::new() });
    values.insert(SourceWord::DealPabgAmount, maybe(sums.markers.amount));
    values.insert(SourceWord::DealPabgFirstDate, day(sums.markers.first));
    values.insert(SourceWord::DealPabgLastDate, day(sums.markers.last));
}

fn day(day: Option<NaiveDate>) -> String {
    day.map_or_else(String::new, |day| day.format("%Y-%m-%d").to_string())
}

/// R9: the earliest completed start of treatment, or entry that says so; planned: the earliest booked one.
fn dates(facts: &DealFacts<'_>, values: &mut DealValues) {
    let start = |visit: &&Visit<'_>| visit.counts && visit.template.is_some_and(|row| row.is_treatment_start);
    let earliest = |wanted: fn(AppointmentState) -> bool| {
        let visits = visits(facts).filter(start).filter(|visit| visit.state.is_some_and(wanted));
        visits.map(|visit| visit.appointment.start.day()).min()
    };
    let started = match facts.settings.start_date {
        StartDate::Completed => earliest(|state| state == AppointmentState::Completed),
        StartDate::Booked => earliest(|state| state == AppointmentState::Completed || state.is_active()),
    };
    let started = [started, facts.sums.started].into_iter().flatten().min();
    if started.is_some() {
        values.insert(SourceWord::DealStartDate, day(started));
    }
    values.insert(SourceWord::DealPlannedStartDate, day(earliest(AppointmentState::is_active)));
}

/// The highest rank over the templates of completed visits and the revenue lines; among equals the highest amount, then
/// the smaller key (`domain.md` 2.8).
fn category(facts: &DealFacts<'_>, mapping: &Mapping) -> Option<String> {
    let completed = visits(facts).filter(|visit| visit.counts && visit.state == Some(AppointmentState::Completed));
    let of_visits = completed.filter_map(|visit| visit.template).map(|row| row.category.as_str());
    let all = of_visits.chain(facts.sums.categories.keys().copied());
    let amount = |key: &str| facts.sums.categories.get(key).copied().unwrap_or_default();
    let best = all.max_by(|a, b| {
        let worth = |key: &str| (mapping.category_rank(key), amount(key));
        worth(a).cmp(&worth(b)).then_with(|| b.cmp(a))
    })?;
    mapping.category(best).map(|row| row.hubspot_value.clone())
}

/// R10, sorted.
fn flags(facts: &DealFacts<'_>) -> Vec<&'static str> {
    let any = |wanted: fn(&Visit<'_>) -> bool| visits(facts).any(wanted);
    let mut flags = Vec::new();
    if facts.without_entries {
        flags.push("completed_without_entries");
    }
    if any(|visit| visit.state == Some(AppointmentState::Deleted)) {
        flags.push("deleted");
    }
    if any(|visit| visit.state == Some(AppointmentState::NoShow)) {
        flags.push("no_show");
    }
    if any(|visit| visit.state.is_none()) {
        flags.push("unknown_status");
    }
    if any(|visit| visit.template.is_none()) {
        flags.push("unmapped");
    }
    flags
}
