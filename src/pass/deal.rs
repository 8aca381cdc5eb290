//! One case's deal: found, taken over, created, moved or left alone. Pure.

use chrono::NaiveDate;

use crate::domain::{
    AppointmentId, AppointmentState, Held, HubspotId, KeyHash, Object, Properties, StageKey, StageKind,
};
use crate::hubspot::Actual;
use crate::mapping::case::{Case, DealNow, Rules, StageVerdict, Visit, judge};
use crate::mapping::{DealFacts, Mapping, SourceWord, Sums, deal_values, deal_wanted};
use crate::plan::{Memo, Op, Step, differs_from_base, plan_create, plan_update};
use crate::store::LedgerRow;

use super::candidate::Candidate;
use super::contact::{bare_step, of_wanted};
use super::known::Known;
use super::reads::{Answer, Answers, Asks};

/// What the decision looks at.
pub(super) struct DealCase<'a> {
    pub(super) patient: KeyHash,
    pub(super) patient_id: &'a str,
    pub(super) case: &'a Case,
    pub(super) visits: &'a [Visit<'a>],
    /// Key hash of each visit.
    pub(super) keys: &'a [KeyHash],
    pub(super) sums: &'a Sums<'a>,
    /// All rows of the patient.
    pub(super) ledger: &'a Known<'a>,
    /// Whether one of its appointments waits to be handled: its deal is read, because people move deals too.
    pub(super) touched: bool,
    /// Whether any entries of the patient are in the inbox.
    pub(super) entries_known: bool,
    /// A completed visit has no entries although a reading says so that came long enough after it.
    pub(super) without_entries: bool,
    /// Whether the portal held any deal when the run began.
    pub(super) deals_present: bool,
    /// The contact was there before us, and this is its first deal: leads are looked for.
    pub(super) leads_of: Option<HubspotId>,
    pub(super) zone: chrono_tz::Tz,
    pub(super) rules: Rules<'a>,
}

/// What becomes of the deal.
#[derive(Default)]
pub(super) struct DealPlan {
    pub(super) step: Option<Step>,
    /// The deal's key, if there is or will be one.
    pub(super) key: Option<KeyHash>,
    /// Whether it will be open.
    pub(super) open: bool,
    pub(super) held: Option<Held>,
    /// Two deals were found for the case; the other is left to `dedup-deals`.
    pub(super) duplicate: bool,
    /// Open deals of others found on the contact.
    pub(super) foreign: Option<u32>,
    /// A person lost it on that day.
    pub(super) lost_by_person: Option<(KeyHash, NaiveDate)>,
    /// Why its stage stays although a rule would move it.
    pub(super) undone: Option<Held>,
    /// What an operator should look at.
    pub(super) listed: Vec<&'static str>,
}

impl DealCase<'_> {
    /// Decides, or asks in `asks` for what is missing; then the result does not count.
    pub(super) fn decide(&self, answers: &Answers, asks: &mut Asks) -> DealPlan {
        let mut found = self.in_ledger();
        // A case that calls for no deal was looked for when its appointments were news.
        if found.is_empty() && self.deals_present && (self.touched || self.case.stage.is_some()) {
            found = self.in_hubspot(answers, asks);
        }
        let duplicate = found.len() > 1;
        let best = found.into_iter().max_by(|a, b| self.worth(a).cmp(&self.worth(b)));
        let plan = match best {
            Some(Candidate { at, row: Some(row), actual: _ }) => self.known(at, row, answers, asks),
            Some(Candidate { at, row: None, actual: Some(actual) }) => {
                self.update(at, actual, None, Op::Update, &Memo::default())
            }
            Some(_) | None => self.fresh(answers, asks),
        };
        let listed = if plan.key.is_some() { self.listed(plan.open) } else { Vec::new() };
        DealPlan { duplicate, listed, ..plan }
    }

    pub(super) fn mapping(&self) -> &Mapping {
        self.rules.mapping
    }

    pub(super) fn name(&self, word: SourceWord) -> &str {
        self.mapping().property(word).map_or("", |row| row.name.as_str())
    }

    pub(super) fn stage_in(&self, properties: &Properties) -> Option<StageKey> {
        let id = properties.get(self.name(SourceWord::DealStage))?;
        Some(self.mapping().stage_of(id))
    }

    fn known(&self, at: usize, row: &LedgerRow, answers: &Answers, asks: &mut Asks) -> DealPlan {
        let link = (!row.contact_link).then(|| {
            let mut step = self.step(at, Op::LinkOnly, Some(row.id), row.memo.clone());
            step.base.clone_from(&row.base);
            step.open = row.open;
            step
        });
        let unchanged =
            DealPlan { key: Some(row.key), open: row.open == Some(true), step: link, ..DealPlan::default() };
        if row.memo.recovered && !self.entries_known {
            return unchanged;
        }
        let verdict = self.verdict(&row.base, Some(row), &row.memo);
        if verdict.held.is_some() {
            return DealPlan { held: verdict.held, ..unchanged };
        }
        let wanted = deal_wanted(&self.values(at, &verdict, &row.base), self.mapping());
        let remembered = verdict.pushed.is_none() && !verdict.push_is_over && !row.memo.elsewhere;
        let settled = remembered && !differs_from_base(&wanted, &row.base);
        if settled && !self.touched {
            return unchanged;
        }
        match answers.by_id(Object::Deal, row.id, asks) {
            Answer::Open => unchanged,
            Answer::Missing => DealPlan { held: Some(Held::Gone), step: None, ..unchanged },
            Answer::Found(actual) => self.update(at, actual, Some(row), Op::Update, &row.memo),
        }
    }

    pub(super) fn verdict(&self, properties: &Properties, row: Option<&LedgerRow>, memo: &Memo) -> StageVerdict {
        let stage = self.stage_in(properties);
        let ours = row.and_then(|row| self.stage_in(&row.base));
        let closed_by_tool = self.closed_by_tool(properties, row);
        let lost_by_tool = match row {
            Some(_) => memo.lost_by_tool && ours == stage,
            None => self.closed_for_our_reason(properties),
        };
        let locked = self.is_locked(properties);
        let moved_by_person = ours.is_some() && ours != stage;
        let now = DealNow {
            stage: stage.as_ref(),
            previous: if moved_by_person { ours.as_ref() } else { memo.previous_stage.as_ref() },
            moved_by_person,
            lost_by_tool,
            closed_by_tool,
            locked,
            pushed: memo.pushed.as_deref(),
        };
        judge(self.case, self.visits, &now, self.rules)
    }

    /// Whether the stage, should it be a closed one, is the tool's doing.
    fn closed_by_tool(&self, properties: &Properties, row: Option<&LedgerRow>) -> bool {
        let stage = self.stage_in(properties);
        match row {
            Some(row) => self.stage_in(&row.base) == stage,
            // Found by its key without a memory of it: our own reasons and a history that says the same count as ours.
            None => self.closed_for_our_reason(properties) || self.case.stage == stage,
        }
    }

    /// The day on which a person lost the deal: remembered, else its close date, else today.
    fn lost_by_person(&self, actual: &Properties, row: Option<&LedgerRow>) -> Option<NaiveDate> {
        let lost = self.is_lost(self.stage_in(actual).as_ref()) && !self.closed_by_tool(actual, row);
        let known = row.and_then(|row| row.memo.lost_by_person);
        let day = || actual.get(self.name(SourceWord::DealCloseDate))?.get(..10)?.parse().ok();
        lost.then(|| known.or_else(day).unwrap_or(self.rules.today))
    }

    fn is_locked(&self, properties: &Properties) -> bool {
        properties.get(self.name(SourceWord::DealLock)).is_some_and(|value| value == "true")
    }

    fn closed_for_our_reason(&self, properties: &Properties) -> bool {
        let reason = properties.get(self.name(SourceWord::DealLostReason)).map_or("", String::as_str);
        !reason.is_empty() && self.mapping().tables().reasons.iter().any(|row| row.hubspot_value == reason)
    }

    pub(super) fn values(&self, at: usize, verdict: &StageVerdict, base: &Properties) -> crate::mapping::DealValues {
        let key: &AppointmentId = &self.visits[at].appointment.id;
        let facts = DealFacts {
            case: self.case,
            visits: self.visits,
            sums: self.sums,
            verdict,
            key,
            patient: self.patient_id,
            without_entries: self.without_entries,
            settings: self.rules.settings,
            zone: self.zone,
        };
        let mut values = deal_values(&facts, self.mapping());
        // A start that was written here and belongs to another case now counts there, and only there.
        let written = base.get(self.name(SourceWord::DealStartDate)).map_or("", String::as_str);
        if !values.contains_key(&SourceWord::DealStartDate) && self.starts_elsewhere(written) {
            values.insert(SourceWord::DealStartDate, String::new());
        }
        values
    }

    /// Whether a visit of another case is the start of treatment on this day.
    fn starts_elsewhere(&self, day: &str) -> bool {
        let others = self.visits.iter().enumerate().filter(|(at, _)| self.case.visits.binary_search(at).is_err());
        let started = others.filter(|(_, visit)| {
            visit.counts
                && visit.state == Some(AppointmentState::Completed)
                && visit.template.is_some_and(|row| row.is_treatment_start)
        });
        !day.is_empty() && started.into_iter().any(|(_, visit)| visit.appointment.start.day().to_string() == day)
    }

    /// Remembers a deal that was found by its key. Without the patient's entries its stage and money cannot be judged, and
    /// what is not known here is no reason to take anything back.
    fn recover(&self, at: usize, actual: &Actual) -> DealPlan {
        let stage = self.stage_in(&actual.properties);
        let open = stage.as_ref().is_some_and(|stage| self.is_open(stage));
        let lost_by_tool = self.is_lost(stage.as_ref()) && self.closed_for_our_reason(&actual.properties);
        let memo = Memo { recovered: true, lost_by_tool, ..Memo::default() };
        let mut step = self.step(at, Op::LinkOnly, Some(actual.id), memo);
        step.base = self.of_ours(&actual.properties);
        step.open = Some(open);
        "found by its key".clone_into(&mut step.reason);
        DealPlan { step: Some(step), key: Some(self.keys[at]), open, ..DealPlan::default() }
    }

    /// Decides on a deal that HubSpot holds.
    fn update(&self, at: usize, actual: &Actual, row: Option<&LedgerRow>, op: Op, memo: &Memo) -> DealPlan {
        if row.is_none() && op == Op::Update && !self.entries_known {
            return self.recover(at, actual);
        }
        let before = self.stage_in(&actual.properties);
        let mut verdict = self.verdict(&actual.properties, row, memo);
        let undone = self.yields(&mut verdict, before.as_ref(), memo);
        let key = self.keys[at];
        let was_open = before.as_ref().is_some_and(|stage| self.is_open(stage));
        let mut plan = DealPlan { key: Some(key), open: was_open, undone, ..DealPlan::default() };
        if verdict.held.is_some() && op == Op::Update {
            plan.held = verdict.held;
            let lost = self.lost_by_person(&actual.properties, row);
            plan.lost_by_person = lost.map(|day| (key, day));
            let known =
                |row: &LedgerRow| row.contact_link && row.open == Some(was_open) && lost <= row.memo.lost_by_person;
            // What was lost from memory is remembered again, so that its appointments find it; and what a person closed
            // is not counted as open.
            plan.step = (!row.is_some_and(known)).then(|| {
                let memo = Memo { lost_by_person: lost.or(memo.lost_by_person), ..memo.clone() };
                let mut step = self.step(at, Op::LinkOnly, Some(actual.id), memo);
                step.base = row.map_or_else(|| self.of_ours(&actual.properties), |row| row.base.clone());
                step.open = Some(was_open);
                step.link_contact = row.is_none_or(|row| !row.contact_link);
                step
            });
            return plan;
        }
        let written = row.map_or(&actual.properties, |row| &row.base);
        let wanted = deal_wanted(&self.values(at, &verdict, written), self.mapping());
        let base = match (row, op) {
            (Some(row), _) => row.base.clone(),
            (None, Op::TakeOver) => Properties::new(),
            (None, Op::Create | Op::Update | Op::LinkOnly) => of_wanted(&wanted, &actual.properties),
        };
        let changes = plan_update(&wanted, &base, &actual.properties);
        let stage = verdict.stage.clone().or(before.clone());
        let open = stage.as_ref().is_some_and(|stage| self.is_open(stage));
        plan.open = open;
        let link = row.is_none_or(|row| !row.contact_link);
        let known = row.is_some_and(|row| row.open == Some(open)) && !link;
        // Where something else is written, their stage becomes the known one.
        let elsewhere = changes.is_empty() && stage == before && self.stands_elsewhere(row, before.as_ref());
        let remembered = verdict.pushed.is_none() && !verdict.push_is_over && memo.elsewhere == elsewhere;
        if changes.is_empty() && known && remembered {
            return plan;
        }
        let moved = stage != before;
        let new_memo = Memo {
            previous_stage: if moved { before.clone() } else { memo.previous_stage.clone() },
            lost_by_tool: if moved { self.is_lost(stage.as_ref()) } else { memo.lost_by_tool },
            pushed: verdict.pushed.clone().or_else(|| memo.pushed.clone().filter(|_| !verdict.push_is_over)),
            moved: if moved { self.mark(&verdict) } else { memo.moved.clone() },
            recovered: false,
            elsewhere,
            waits_for_entries: self.without_entries,
            ..memo.clone()
        };
        let op = if changes.is_empty() { Op::LinkOnly } else { op };
        let mut step = self.step(at, op, Some(actual.id), new_memo);
        step.link_contact = link;
        step.set = changes.set;
        step.before = changes.before;
        // The stage that was ours stays known: it is the one before.
        step.base = if elsewhere { base } else { changes.base };
        step.closes = moved && was_open && !open;
        step.open = Some(open);
        step.rule.clone_from(&verdict.rule);
        step.reason = self.reason(op, before.as_ref(), stage.as_ref(), &step.set);
        if op != Op::LinkOnly {
            self.write_rule(&mut step, &actual.properties);
        }
        plan.step = Some(step);
        plan
    }

    /// No deal yet: a lead is taken over, or the deal is created, if history opened one.
    fn fresh(&self, answers: &Answers, asks: &mut Asks) -> DealPlan {
        let opener = self.case.keyed_by(self.visits, self.rules.settings);
        let Some(at) = opener.filter(|_| self.case.stage.is_some()) else {
            return DealPlan::default();
        };
        let mut foreign = None;
        if let Some(contact) = self.leads_of {
            let Some(deals) = answers.deals_of(contact, asks) else { return DealPlan::default() };
            let others: Vec<&Actual> = deals.iter().filter(|deal| self.is_foreign_and_open(deal)).collect();
            let leads: Vec<&Actual> = others.iter().copied().filter(|deal| self.is_lead(deal)).collect();
            let left = others.len() - usize::from(leads.len() == 1);
            foreign = Some(u32::try_from(left).unwrap_or(u32::MAX));
            match leads.as_slice() {
                [] => {}
                [lead] if self.is_locked(&lead.properties) => {
                    return DealPlan { held: Some(Held::Locked), foreign, ..DealPlan::default() };
                }
                [lead] => {
                    let plan = self.update(at, lead, None, Op::TakeOver, &Memo::default());
                    return DealPlan { foreign, ..plan };
                }
                [..] => return DealPlan { held: Some(Held::SeveralLeads), foreign, ..DealPlan::default() },
            }
        }
        let verdict = judge(self.case, self.visits, &DealNow::default(), self.rules);
        let wanted = deal_wanted(&self.values(at, &verdict, &Properties::new()), self.mapping());
        let lost_by_tool = self.is_lost(verdict.stage.as_ref());
        let memo = Memo {
            lost_by_tool,
            moved: self.mark(&verdict),
            waits_for_entries: self.without_entries,
            ..Memo::default()
        };
        let mut step = self.step(at, Op::Create, None, memo);
        step.set = plan_create(wanted);
        step.base.clone_from(&step.set);
        step.link_contact = true;
        let open = verdict.stage.as_ref().is_some_and(|stage| self.is_open(stage));
        step.open = Some(open);
        step.rule.clone_from(&verdict.rule);
        step.reason = self.reason(Op::Create, None, verdict.stage.as_ref(), &step.set);
        self.write_rule(&mut step, &Properties::new());
        DealPlan { step: Some(step), key: Some(self.keys[at]), open, foreign, ..DealPlan::default() }
    }

    fn is_foreign_and_open(&self, deal: &Actual) -> bool {
        let value = |word| deal.properties.get(self.name(word)).map_or("", String::as_str);
        let stage = self.stage_in(&deal.properties);
        value(SourceWord::DealKey).is_empty()
            && value(SourceWord::DealPipeline) == self.mapping().pipeline_id()
            && stage.is_some_and(|stage| self.is_open(&stage))
    }

    fn is_lead(&self, deal: &Actual) -> bool {
        let first = self.mapping().first_stage(StageKind::Open).map(|row| &row.key);
        self.stage_in(&deal.properties).as_ref() == first
    }

    fn is_open(&self, stage: &StageKey) -> bool {
        self.mapping().kind_of(stage) == Some(StageKind::Open)
    }

    fn is_lost(&self, stage: Option<&StageKey>) -> bool {
        stage.and_then(|stage| self.mapping().stage(stage)).is_some_and(|row| row.kind == StageKind::Lost)
    }

    /// Every property of ours that HubSpot holds.
    fn of_ours(&self, actual: &Properties) -> Properties {
        let ours = self.mapping().properties(Object::Deal).iter();
        ours.filter_map(|(_, row)| Some((row.name.clone(), actual.get(&row.name)?.clone())))
            .filter(|(_, value)| !value.is_empty())
            .collect()
    }

    /// The rule is written only together with something else (design.md section 4).
    fn write_rule(&self, step: &mut Step, actual: &Properties) {
        let (Some(rule), Some(row)) = (&step.rule, self.mapping().property(SourceWord::DealRule)) else { return };
        let theirs = actual.get(&row.name).map_or("", String::as_str);
        step.base.insert(row.name.clone(), rule.as_str().to_owned());
        if theirs != rule.as_str() {
            step.set.insert(row.name.clone(), rule.as_str().to_owned());
            if step.op != Op::Create {
                step.before.insert(row.name.clone(), theirs.to_owned());
            }
        }
    }

    fn step(&self, at: usize, op: Op, id: Option<HubspotId>, memo: Memo) -> Step {
        let key_value = self.visits[at].appointment.id.as_str();
        let mut step = bare_step(Object::Deal, self.patient, self.keys[at], key_value, op, id, memo);
        step.link_contact = true;
        step
    }
}
