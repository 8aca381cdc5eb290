//! Everything that is decided about one patient: contact, deals, appointments, entries, open deals. Pure.

use std::collections::BTreeMap;

use chrono_tz::Tz;

use crate::domain::{Appointment, Held, HubspotId, KeyHash, Kind, Object, Patient, Properties};
use crate::mapping::case::{Case, Rules, cut};
use crate::mapping::{
    CaseKey, DealSettings, EmailCandidate, EmailRole, Grain, Mapping, Notice, Rulings, SourceWord, Sums, contact,
    email_of, email_owner,
};
use crate::plan::{Op, Outcome, Step, Wave};
use crate::store::{MailMate, PatientFile};

use super::closing::{entries, finish};
use super::contact::{ContactCase, ContactPlan, bare_step};
use super::deal::{DealCase, DealPlan};
use super::decision::Decision;
use super::history::{History, gather};
use super::money::Money;
use super::reads::{Answer, Answers, Asks, Presence};
use super::select::Selection;
use super::visit::VisitCase;

/// Decides about patients, one at a time.
pub struct Decider<'a> {
    /// Tables, for this portal.
    pub mapping: &'a Mapping,
    /// The decision table.
    pub rulings: &'a Rulings,
    /// Options of the deal rules.
    pub deals: &'a DealSettings,
    /// Who is taken at all.
    pub selection: &'a Selection,
    /// What the portal held when the run began.
    pub presence: Presence,
    /// Whether HubSpot appointments are written.
    pub appointment_objects: bool,
    /// Zone of the practice.
    pub zone: Tz,
}

impl Decider<'_> {
    /// Decides, or asks in `asks` for what is missing; then the result does not count.
    #[must_use]
    pub fn decide(&self, file: &PatientFile, answers: &Answers, asks: &mut Asks) -> Decision {
        let mut decision = Decision::of(file);
        let Some(patient) = &file.patient else {
            self.waiting(file, &mut decision);
            return decision;
        };
        if let Some(why) = self.leaves_out(file) {
            let skipped = Outcome::Skipped(why.to_owned());
            decision.outcome(Kind::Patient, file.key, patient, skipped.clone());
            file.appointments
                .iter()
                .for_each(|one| decision.outcome(Kind::Appointment, file.key, one, skipped.clone()));
            file.entries.iter().for_each(|one| decision.outcome(Kind::Entry, file.key, one, skipped.clone()));
            return decision;
        }
        let mut history = gather(file, self);
        let contact = self.contact(file, &history, answers, asks, &mut decision);
        if let Err(held) = &contact.exists {
            let outcome = Outcome::Held(held.clone());
            file.appointments
                .iter()
                .for_each(|one| decision.outcome(Kind::Appointment, file.key, one, outcome.clone()));
            file.entries.iter().for_each(|one| decision.outcome(Kind::Entry, file.key, one, outcome.clone()));
            return decision;
        }
        let rules =
            Rules { mapping: self.mapping, rulings: self.rulings, settings: self.deals, today: self.selection.today };
        let revenue = self.mapping.property(SourceWord::DealRevenue).map(|row| &row.name);
        let has_deal = file.ledger.iter().any(|row| row.object == Object::Deal);
        let (cases, owners, deals, money) = loop {
            let cases = cut(&history.visits, rules);
            let owners = history.owners(&cases, self.deals);
            let mut deals: Vec<DealPlan> = Vec::with_capacity(cases.len());
            let mut money = Money::default();
            let mut is_first = contact.memo.was_there && !has_deal;
            for (case, sums) in cases.iter().zip(history.sums(&owners, cases.len())) {
                let leads_of = contact.id.filter(|_| is_first);
                let deal = self.deal_case(file, &history, case, &sums, leads_of).decide(answers, asks);
                money.merge(&Money::of(&deal, &sums, &history.known, revenue));
                is_first &= deal.key.is_none();
                deals.push(deal);
            }
            // What people lost is known once their deals are read; it ends cases.
            if !history.learn_lost(deals.iter().filter_map(|deal| deal.lost_by_person)) {
                break (cases, owners, deals, money);
            }
        };
        decision.money.merge(&money);
        self.appointments(file, &history, &cases, &deals, answers, asks, &mut decision);
        entries(file, &history, &owners, &deals, &mut decision);
        let count = self.open_count(file, &contact, &deals, answers, asks);
        if history.would_be_completed > 0 && !self.deals.infer_completed_from_entries {
            decision.notes.push((WOULD_BE_COMPLETED.to_owned(), format!("P:{}", file.key)));
        }
        let open = deals.iter().zip(&cases).filter(|(deal, case)| deal.open && case.ending.is_none()).count();
        if self.deals.grain == Grain::Case && self.deals.case_key == CaseKey::Patient && open > 1 {
            decision.notes.push((SEVERAL_OPEN.to_owned(), format!("P:{}", file.key)));
        }
        finish(file, contact, deals, count, &mut decision);
        decision
    }

    pub(super) const fn rules(&self) -> Rules<'_> {
        Rules { mapping: self.mapping, rulings: self.rulings, settings: self.deals, today: self.selection.today }
    }

    /// One case of a patient with all that its deal is decided by.
    pub(super) fn deal_case<'c>(
        &'c self,
        file: &'c PatientFile,
        history: &'c History<'c>,
        case: &'c Case,
        sums: &'c Sums<'c>,
        leads_of: Option<HubspotId>,
    ) -> DealCase<'c> {
        DealCase {
            patient: file.key,
            patient_id: file.patient.as_ref().map_or("", |patient| patient.record.id.as_str()),
            case,
            visits: &history.visits,
            keys: &history.keys,
            sums,
            ledger: &history.known,
            touched: case.visits.iter().any(|visit| {
                file.appointments[history.filed[*visit]].queued || history.lost.contains(&history.keys[*visit])
            }),
            entries_known: !file.entries.is_empty(),
            without_entries: history.without_entries(case, self.deals),
            deals_present: self.presence.deals,
            leads_of,
            zone: self.zone,
            rules: self.rules(),
        }
    }

    /// Records whose patient is not in the inbox wait for it; blockers and meetings are nobody's.
    fn waiting(&self, file: &PatientFile, decision: &mut Decision) {
        for one in &file.appointments {
            let template = self.mapping.template_of(&one.record);
            let outcome = if template.is_some_and(|row| row.is_misc) {
                Outcome::Skipped("no patient's appointment (is_misc in terminarten.csv)".to_owned())
            } else {
                if one.queued {
                    decision.held.push(Object::Appointment);
                }
                Outcome::Held(Held::WaitingForPatient)
            };
            decision.outcome(Kind::Appointment, file.key, one, outcome);
        }
        let waiting = Outcome::Held(Held::WaitingForPatient);
        file.entries.iter().for_each(|one| decision.outcome(Kind::Entry, file.key, one, waiting.clone()));
    }

    fn leaves_out(&self, file: &PatientFile) -> Option<&'static str> {
        let latest = file.appointments.iter().map(|one| &one.record).max_by_key(|one| (one.start, &one.id));
        self.leaves_out_patient(&file.patient.as_ref()?.record, latest)
    }

    /// Why a patient is left out, if so; where the record names no location, the latest appointment does.
    fn leaves_out_patient(&self, patient: &Patient, latest: Option<&Appointment>) -> Option<&'static str> {
        let own = self.mapping.location_of_patient(patient);
        let location = own.or_else(|| latest.and_then(|one| self.mapping.location_of_appointment(one)));
        self.selection.leaves_out_patient(patient, location.map(|row| &row.key))
    }

    fn is_selected(&self, mate: &MailMate) -> bool {
        self.leaves_out_patient(&mate.patient, mate.latest.as_ref()).is_none()
    }

    fn contact(
        &self,
        file: &PatientFile,
        history: &History<'_>,
        answers: &Answers,
        asks: &mut Asks,
        decision: &mut Decision,
    ) -> ContactPlan {
        let patient = file.patient.as_ref().expect("the caller has one");
        let known = file.ledger.iter().any(|row| row.object == Object::Contact);
        if !known && !patient.queued {
            return ContactPlan::not_there(Held::WaitingForPatient);
        }
        let owned = self.owned_email(file);
        let latest = history.visits.last().and_then(|visit| visit.location);
        let usual = role(owned.is_some());
        let (usually, notices) = contact(&patient.record, usual, latest, self.mapping);
        if patient.queued {
            let listed = notices.into_iter().filter(|notice| *notice != Notice::SharedEmail);
            listed.for_each(|notice| decision.note(Kind::Patient, file.key, &notice));
        }
        let key_property = &self.mapping.key_property(Object::Contact).expect("checked tables have a key").name;
        // Reading phone numbers is the dearest part of a decision: once is enough.
        let wanted = |role: EmailRole| {
            if role == usual { usually.clone() } else { contact(&patient.record, role, latest, self.mapping).0 }
        };
        let (givers, others): (Vec<&MailMate>, Vec<&MailMate>) =
            file.mates.iter().filter(|mate| self.is_selected(mate)).partition(|mate| mate.leaves);
        let case = ContactCase {
            file,
            key_value: patient.record.id.as_str(),
            key_property,
            owned_email: owned.as_deref(),
            alone: others.is_empty(),
            givers: &givers,
            presence: self.presence,
            open_count: self.mapping.property(SourceWord::NumOpenDeal).map(|row| &row.name),
            wanted: &wanted,
        };
        let plan = case.decide(answers, asks);
        let outcome = match (&plan.exists, plan.step.as_ref().map(|step| step.op)) {
            (Err(held), _) => Outcome::Held(held.clone()),
            (Ok(()), Some(Op::Create)) => Outcome::Created,
            (Ok(()), Some(Op::Update | Op::TakeOver)) => Outcome::Updated,
            (Ok(()), Some(Op::LinkOnly) | None) => Outcome::Unchanged,
        };
        if outcome == Outcome::Unchanged {
            decision.unchanged.push(Object::Contact);
        } else if matches!(outcome, Outcome::Held(_)) {
            decision.held.push(Object::Contact);
        }
        if plan.email_taken && patient.queued {
            decision.note(Kind::Patient, file.key, &Held::EmailTaken);
        }
        decision.outcome(Kind::Patient, file.key, patient, outcome);
        plan
    }

    /// The address that this patient owns among the selected patients who have it.
    fn owned_email(&self, file: &PatientFile) -> Option<String> {
        let patient = &file.patient.as_ref()?.record;
        let address = email_of(patient)?;
        let email = self.mapping.property(SourceWord::PatientEmail).map_or("email", |row| row.name.as_str());
        let own = file.ledger.iter().find(|row| row.object == Object::Contact);
        let holds = own.and_then(|row| row.base.get(email)).is_some_and(|held| *held == address);
        let mut candidates = vec![EmailCandidate { patient: &patient.id, birthday: patient.birthday, holds }];
        for mate in file.mates.iter().filter(|mate| !mate.leaves) {
            let holds = mate.holds.as_deref() == Some(address.as_str());
            // A contact keeps its address when its patient is left out later: nothing is written on it any more.
            if holds || self.is_selected(mate) {
                candidates.push(EmailCandidate { patient: &mate.patient.id, birthday: mate.patient.birthday, holds });
            }
        }
        let owner = email_owner(&candidates, self.selection.today)?;
        (*owner == patient.id).then_some(address)
    }

    #[expect(clippy::too_many_arguments, reason = "one stop of a list, not an interface")]
    fn appointments(
        &self,
        file: &PatientFile,
        history: &History<'_>,
        cases: &[Case],
        deals: &[DealPlan],
        answers: &Answers,
        asks: &mut Asks,
        decision: &mut Decision,
    ) {
        for (at, why) in &history.skipped {
            decision.outcome(Kind::Appointment, file.key, &file.appointments[*at], Outcome::Skipped(why.clone()));
        }
        let cases_of = history.cases_of(cases);
        let deal_of = |visit: usize| deals.get((*cases_of.get(visit)?)?)?.key;
        for (visit, at) in history.filed.iter().enumerate() {
            let filed = &file.appointments[*at];
            if !self.appointment_objects {
                let off = Outcome::Skipped("HubSpot appointments are switched off".to_owned());
                decision.outcome(Kind::Appointment, file.key, filed, off);
                continue;
            }
            let ledger = history.known.get(Object::Appointment, filed.key);
            if ledger.is_none() && !filed.queued {
                continue;
            }
            let read = history.read[visit];
            let (wanted, notices) = crate::mapping::appointment(&filed.record, read, self.zone, self.mapping);
            let case = VisitCase {
                patient: file.key,
                key: filed.key,
                key_value: filed.record.id.as_str(),
                wanted,
                ledger,
                presence: self.presence,
                deal: deal_of(visit),
            };
            let planned = case.decide(answers, asks);
            let held = held_by(&notices, self.mapping);
            if filed.queued {
                let listed = notices.into_iter().filter(|_| held.is_none());
                listed.for_each(|notice| decision.note(Kind::Appointment, filed.key, &notice));
            }
            if held.is_some() && filed.queued {
                decision.held.push(Object::Appointment);
            }
            match (&planned.step, &planned.outcome) {
                (_, Outcome::Held(_)) => decision.held.push(Object::Appointment),
                (None, _) | (Some(_), Outcome::Unchanged) => decision.unchanged.push(Object::Appointment),
                (Some(_), _) => {}
            }
            let outcome = held.map_or(planned.outcome, Outcome::Held);
            decision.outcome(Kind::Appointment, file.key, filed, outcome);
            decision.plan.steps.extend(planned.step);
        }
    }

    /// The last step of all: the number of open deals on the contact, if it is another one than was written.
    fn open_count(
        &self,
        file: &PatientFile,
        contact: &ContactPlan,
        deals: &[DealPlan],
        answers: &Answers,
        asks: &mut Asks,
    ) -> Option<Step> {
        let name = &self.mapping.property(SourceWord::NumOpenDeal)?.name;
        let planned: BTreeMap<KeyHash, bool> = deals.iter().filter_map(|deal| Some((deal.key?, deal.open))).collect();
        let ours = planned.values().filter(|open| **open).count();
        let untouched = file.ledger.iter().filter(|row| row.object == Object::Deal && !planned.contains_key(&row.key));
        let untouched = untouched.filter(|row| row.open == Some(true)).count();
        let found = deals.iter().find_map(|deal| deal.foreign);
        let foreign = found.or(contact.memo.foreign_open_deals).filter(|_| self.deals.count_open_deals_of_others);
        let foreign = foreign.unwrap_or(0);
        let number = u64::try_from(ours + untouched).unwrap_or(u64::MAX) + u64::from(foreign);
        let written = contact.base.get(name).map_or("", String::as_str);
        let wanted = number.to_string();
        let memo_changes = found.is_some() && found != contact.memo.foreign_open_deals;
        if wanted == written || (number == 0 && written.is_empty() && !memo_changes) {
            return None;
        }
        let mut memo = contact.memo.clone();
        memo.foreign_open_deals = found.or(memo.foreign_open_deals);
        let key_value = file.patient.as_ref()?.record.id.as_str();
        let mut step = bare_step(Object::Contact, file.key, file.key, key_value, Op::Update, contact.id, memo);
        step.wave = Wave::OpenCounts;
        step.base.clone_from(&contact.base);
        step.base.insert(name.clone(), wanted.clone());
        step.set = Properties::from([(name.clone(), wanted.clone())]);
        step.reason = format!("open deals: {wanted}");
        if let Some(id) = contact.id {
            match answers.by_id(Object::Contact, id, asks) {
                Answer::Open => {}
                Answer::Missing => return None,
                Answer::Found(actual) => {
                    let before = actual.properties.get(name).cloned().unwrap_or_default();
                    step.before = Properties::from([(name.clone(), before)]);
                }
            }
        } else {
            step.before = Properties::from([(name.clone(), String::new())]);
        }
        Some(step)
    }
}

/// The would-be set of `infer_completed_from_entries`.
const WOULD_BE_COMPLETED: &str = "patient with entries on the day of an appointment that is not completed";
/// The limit of grain case: one open deal per case key.
const SEVERAL_OPEN: &str = "contact with more than one open deal of ours";

const fn role(owns: bool) -> EmailRole {
    if owns { EmailRole::Owner } else { EmailRole::Shared }
}

/// Whether a notice means that the record counts as held although its appointment is written.
fn held_by(notices: &[Notice], mapping: &Mapping) -> Option<Held> {
    use crate::mapping::tables::Unknown;
    notices.iter().find_map(|notice| {
        if let Notice::UnknownStatus(text) = notice {
            (mapping.tables().unknown_status == Unknown::Hold).then(|| Held::UnknownStatus(text.clone()))
        } else if let Notice::UnknownTemplate(text) = notice {
            (mapping.tables().unknown_template == Unknown::Hold).then(|| Held::UnknownTemplate(text.clone()))
        } else {
            None
        }
    })
}
