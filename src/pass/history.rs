//! A patient's appointments and entries as the rules see them: what counts, what is linked to what. Pure.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;

use crate::domain::{AppointmentState, KeyHash, Object, StageKey};
use crate::mapping::case::{Case, Visit};
use crate::mapping::tables::Unknown;
use crate::mapping::{Classified, DealSettings, Grain, Read, Sums, classify, link};
use crate::store::PatientFile;

use super::known::Known;
use super::patient::Decider;

/// The visits in order of start, and the entries with their links.
pub(super) struct History<'a> {
    file: &'a PatientFile,
    /// Visits.
    pub(super) visits: Vec<Visit<'a>>,
    /// What the tables say of each, whatever follows from its entries.
    pub(super) read: Vec<Read<'a>>,
    /// Key hash of each visit.
    pub(super) keys: Vec<KeyHash>,
    /// Place of each visit among the file's appointments.
    pub(super) filed: Vec<usize>,
    /// Appointments that are left out: place in the file, and why.
    pub(super) skipped: Vec<(usize, String)>,
    /// What each entry of the file means.
    pub(super) classified: Vec<Classified<'a>>,
    /// Days on which a visit has entries, in order.
    documented: Vec<NaiveDate>,
    /// Appointments with entries of their day that are not completed yet.
    pub(super) would_be_completed: usize,
    /// Keys of deals that are lost by people, as learned in this decision.
    pub(super) lost: HashSet<KeyHash>,
    /// What was written for the patient.
    pub(super) known: Known<'a>,
    /// The visit each entry is linked to.
    links: Vec<Option<usize>>,
}

/// Makes a history of everything in a patient's file.
pub(super) fn gather<'a>(file: &'a PatientFile, decider: &Decider<'a>) -> History<'a> {
    let mapping = decider.mapping;
    let mut skipped = Vec::new();
    let mut order: Vec<usize> = (0..file.appointments.len()).collect();
    order.sort_by_key(|at| (file.appointments[*at].record.start, &file.appointments[*at].record.id));
    let mut history = History {
        file,
        visits: Vec::with_capacity(order.len()),
        read: Vec::with_capacity(order.len()),
        keys: Vec::with_capacity(order.len()),
        filed: Vec::with_capacity(order.len()),
        skipped: Vec::new(),
        documented: Vec::new(),
        would_be_completed: 0,
        classified: file.entries.iter().map(|entry| classify(&entry.record, mapping)).collect(),
        lost: HashSet::new(),
        known: Known::of(&file.ledger),
        links: Vec::new(),
    };
    // Usually there is none: nothing is looked for then.
    let deals = file.ledger.iter().filter(|row| row.object == Object::Deal);
    let lost: HashMap<KeyHash, NaiveDate> = deals.filter_map(|row| Some((row.key, row.memo.lost_by_person?))).collect();
    for at in order {
        let filed = &file.appointments[at];
        let record = &filed.record;
        let read = Read::of(record, mapping);
        let Read { template, state, location } = read;
        if let Some(why) = left_out(decider, filed, location.map(|row| &row.key), template, state) {
            skipped.push((at, why));
            continue;
        }
        let unknown = mapping.tables().unknown_template == Unknown::Attach;
        let attaches = template.map_or(unknown, |row| row.attaches);
        history.visits.push(Visit {
            appointment: record,
            state,
            template,
            location,
            counts: state.is_some() && attaches,
            status_read: filed.status_read,
            made: record.created.map_or(filed.first_read, |made| made.min(filed.first_read)),
            lost_on: lost.get(&filed.key).copied(),
            has_entries: false,
            signal: None,
            loose_signal: None,
        });
        history.read.push(read);
        history.keys.push(filed.key);
        history.filed.push(at);
    }
    history.skipped = skipped;
    history.link_entries(decider);
    history
}

fn left_out(
    decider: &Decider<'_>,
    filed: &crate::store::Filed<crate::domain::Appointment>,
    location: Option<&crate::domain::LocationKey>,
    template: Option<&crate::mapping::tables::Template>,
    state: Option<crate::domain::AppointmentState>,
) -> Option<String> {
    let tables = decider.mapping.tables();
    if template.is_some_and(|row| row.is_misc) {
        return Some("no patient's appointment (is_misc in terminarten.csv)".to_owned());
    }
    if template.is_none() && tables.unknown_template == Unknown::Ignore {
        return Some("Terminart without a row (unknown_terminart = \"ignore\")".to_owned());
    }
    if state.is_none() && tables.unknown_status == Unknown::Ignore {
        return Some("status without a row (unknown_status = \"ignore\")".to_owned());
    }
    decider.selection.leaves_out_appointment(&filed.record, location).map(str::to_owned)
}

impl<'a> History<'a> {
    /// The visit each entry is linked to.
    pub(super) fn links(&self) -> &[Option<usize>] {
        &self.links
    }

    /// Takes over that people lost deals, by their keys; whether any of it is news.
    pub(super) fn learn_lost(&mut self, lost: impl Iterator<Item = (KeyHash, NaiveDate)>) -> bool {
        let lost: HashMap<KeyHash, NaiveDate> = lost.collect();
        let before = self.lost.len();
        for (key, visit) in self.keys.iter().zip(&mut self.visits).filter(|_| !lost.is_empty()) {
            if let Some(day) = lost.get(key).filter(|_| visit.lost_on.is_none()) {
                visit.lost_on = Some(*day);
                self.lost.insert(*key);
            }
        }
        self.lost.len() > before
    }

    fn link_entries(&mut self, decider: &Decider<'_>) {
        let seats: Vec<crate::mapping::Visit<'_>> = self
            .visits
            .iter()
            .map(|visit| crate::mapping::Visit {
                id: &visit.appointment.id,
                start: visit.appointment.start,
                practitioner: &visit.appointment.practitioner,
                state: visit.state,
            })
            .collect();
        self.links = link(self.file.entries.iter().map(|one| &one.record), &seats, decider.deals.link_days);
        let rank = |stage: Option<&StageKey>| stage.map(|stage| decider.mapping.rank(stage));
        for ((classified, visit), filed) in self.classified.iter().zip(&self.links).zip(&self.file.entries) {
            // An entry that is ignored proves nothing.
            if !classified.is_used() {
                continue;
            }
            let Some(visit) = visit.and_then(|at| self.visits.get_mut(at)) else {
                if decider.deals.unlinked_signals {
                    let before =
                        self.visits.partition_point(|visit| visit.appointment.start.day() <= filed.record.date);
                    let latest = self.visits[..before].iter_mut().rev().find(|visit| visit.counts);
                    let Some(visit) = latest else { continue };
                    if rank(classified.stage_signal) > rank(visit.loose_signal.as_ref()) {
                        visit.loose_signal = classified.stage_signal.cloned();
                    }
                }
                continue;
            };
            let first = !visit.has_entries;
            visit.has_entries = true;
            if first && visit.counts && visit.state.is_some_and(AppointmentState::is_active) {
                // What was done that day was done, whatever the calendar says; it needs the option to count.
                self.would_be_completed += 1;
                if decider.deals.infer_completed_from_entries {
                    visit.state = Some(AppointmentState::Completed);
                }
            }
            if rank(classified.stage_signal) > rank(visit.signal.as_ref()) {
                visit.signal = classified.stage_signal.cloned();
            }
        }
        let documented = self.visits.iter().filter(|visit| visit.has_entries);
        self.documented = documented.map(|visit| visit.appointment.start.day()).collect();
    }

    /// The case each visit belongs to.
    pub(super) fn cases_of(&self, cases: &[Case]) -> Vec<Option<usize>> {
        let mut of = vec![None; self.visits.len()];
        for (at, case) in cases.iter().enumerate() {
            case.visits.iter().for_each(|visit| of[*visit] = Some(at));
        }
        of
    }

    /// The case each entry belongs to: that of its visit; without a visit, the case that was open on its day and was
    /// opened last (grain case).
    pub(super) fn owners(&self, cases: &[Case], settings: &DealSettings) -> Vec<Option<usize>> {
        let cases_of = self.cases_of(cases);
        let of_visit = |visit: usize| cases_of.get(visit).copied().flatten();
        // Cases stand in order of their first day; by its end the latest of all cases up to each says when to stop looking.
        let end = |case: &Case| case.last_day.unwrap_or(NaiveDate::MAX);
        let latest_end = |latest: &mut NaiveDate, case: &Case| {
            *latest = end(case).max(*latest);
            Some(*latest)
        };
        let ends: Vec<NaiveDate> = cases.iter().scan(NaiveDate::MIN, latest_end).collect();
        let open_on = |day: NaiveDate| {
            let begun = cases.partition_point(|case| case.first_day <= day);
            (0..begun).rev().take_while(|case| day <= ends[*case]).find(|case| day <= end(&cases[*case]))
        };
        let owner = |(entry, visit): (&crate::store::Filed<crate::domain::Entry>, &Option<usize>)| match visit {
            Some(visit) => of_visit(*visit),
            None if settings.grain == Grain::Case => open_on(entry.record.date),
            None => None,
        };
        self.file.entries.iter().zip(&self.links).map(owner).collect()
    }

    /// Whether a completed visit of a case has no entries although a reading says so that came long enough after it.
    ///
    /// Of several visits on one day, entries belong to one: if any has some, the others miss none.
    pub(super) fn without_entries(&self, case: &Case, settings: &DealSettings) -> bool {
        let read = |day| self.file.entries_read.iter().any(|read| read.covers(day, settings.entries_wait_days));
        let documented = |day: NaiveDate| self.documented.binary_search(&day).is_ok();
        let visits = case.visits.iter().filter_map(|at| self.visits.get(*at));
        !self.file.entries_read.is_empty()
            && visits
                .filter(|visit| visit.counts && !visit.has_entries && visit.state == Some(AppointmentState::Completed))
                .map(|visit| visit.appointment.start.day())
                .any(|day| read(day) && !documented(day))
    }

    /// What the entries of each of so many cases add up to.
    pub(super) fn sums(&self, owners: &[Option<usize>], cases: usize) -> Vec<Sums<'a>> {
        let mut sums = vec![Sums::default(); cases];
        let mut owned = Vec::with_capacity(self.file.entries.len());
        let all = self.file.entries.iter().zip(&self.classified).zip(owners);
        owned.extend(all.filter_map(|((entry, classified), owner)| Some(((*owner)?, &entry.record, classified))));
        owned.sort_by_key(|(case, ..)| *case);
        for own in owned.chunk_by(|(one, ..), (other, ..)| one == other) {
            sums[own[0].0] = Sums::of(own.iter().map(|(_, entry, classified)| (*entry, *classified)));
        }
        sums
    }
}
