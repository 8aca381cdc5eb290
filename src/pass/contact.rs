//! One patient's contact: created, changed, taken over from people who were there before, or left as it is. Pure.

use crate::domain::{Held, HubspotId, KeyHash, Object, Properties, PropertyName, Wanted};
use crate::hubspot::Actual;
use crate::mapping::{EmailRole, fold};
use crate::plan::{Memo, Op, Step, Wave, differs_from_base, plan_create, plan_update};
use crate::store::{LedgerRow, MailMate, PatientFile};

use super::reads::{Answer, Answers, Asks, Presence};

const EMAIL: &str = "email";

/// What became of the contact, as planned.
#[derive(Clone, Debug)]
pub(super) struct ContactPlan {
    /// Its change, if there is one.
    pub(super) step: Option<Step>,
    /// Whether it exists or will exist once the plan is carried out.
    pub(super) exists: Result<(), Held>,
    /// HubSpot's id, if it exists already.
    pub(super) id: Option<HubspotId>,
    /// What ivohub will have written.
    pub(super) base: Properties,
    /// What is remembered.
    pub(super) memo: Memo,
    /// The address belongs to a contact of somebody else: listed.
    pub(super) email_taken: bool,
}

impl ContactPlan {
    /// No contact, and nothing is done about it now.
    pub(super) fn not_there(why: Held) -> Self {
        Self {
            step: None,
            exists: Err(why),
            id: None,
            base: Properties::new(),
            memo: Memo::default(),
            email_taken: false,
        }
    }
}

/// What the decision looks at.
pub(super) struct ContactCase<'a> {
    pub(super) file: &'a PatientFile,
    pub(super) key_value: &'a str,
    pub(super) key_property: &'a PropertyName,
    /// The address this patient owns among ours, if any.
    pub(super) owned_email: Option<&'a str>,
    /// Nobody else who is selected has that address.
    pub(super) alone: bool,
    /// Others of ours who give that address up in this plan.
    pub(super) givers: &'a [&'a MailMate],
    pub(super) presence: Presence,
    /// The property with the number of open deals: on a contact that was found it is ours too.
    pub(super) open_count: Option<&'a PropertyName>,
    /// Wanted values for each role.
    pub(super) wanted: &'a dyn Fn(EmailRole) -> Wanted,
}

impl ContactCase<'_> {
    /// Decides, or asks in `asks` for what is missing; then the result does not count.
    pub(super) fn decide(&self, answers: &Answers, asks: &mut Asks) -> ContactPlan {
        let known = self.file.ledger.iter().find(|row| row.object == Object::Contact);
        match known {
            Some(row) => self.known(row, answers, asks),
            None => self.unknown(answers, asks),
        }
    }

    fn role(&self) -> EmailRole {
        if self.owned_email.is_some() { EmailRole::Owner } else { EmailRole::Shared }
    }

    fn known(&self, row: &LedgerRow, answers: &Answers, asks: &mut Asks) -> ContactPlan {
        let (wanted, email_taken) = self.wanted_for(Some(row), answers, asks);
        let unchanged = ContactPlan {
            step: None,
            exists: Ok(()),
            id: Some(row.id),
            base: row.base.clone(),
            memo: row.memo.clone(),
            email_taken,
        };
        if !differs_from_base(&wanted, &row.base) {
            return unchanged;
        }
        match answers.by_id(Object::Contact, row.id, asks) {
            Answer::Open => unchanged,
            Answer::Missing => ContactPlan { exists: Err(Held::Gone), ..unchanged },
            Answer::Found(actual) => self.update(&wanted, &row.base, actual, Op::Update, row.memo.clone(), email_taken),
        }
    }

    fn unknown(&self, answers: &Answers, asks: &mut Asks) -> ContactPlan {
        if self.presence.contacts {
            match answers.by_key(Object::Contact, self.key_value, asks) {
                // Written before, and forgotten here: what it holds counts as ours.
                Answer::Found(actual) => {
                    let (wanted, email_taken) = self.wanted_for(None, answers, asks);
                    let mut ours = of_wanted(&wanted, &actual.properties);
                    let count = self.open_count.and_then(|name| actual.properties.get_key_value(name));
                    ours.extend(
                        count.filter(|(_, count)| !count.is_empty()).map(|(name, n)| (name.clone(), n.clone())),
                    );
                    return self.update(&wanted, &ours, actual, Op::Update, Memo::default(), email_taken);
                }
                Answer::Open | Answer::Missing => {}
            }
            if let Some(actual) = self.to_take_over(answers, asks) {
                let wanted = (self.wanted)(self.role());
                let memo = Memo { was_there: true, ..Memo::default() };
                return self.update(&wanted, &Properties::new(), actual, Op::TakeOver, memo, false);
            }
        }
        let (wanted, email_taken) = self.wanted_for(None, answers, asks);
        let set = plan_create(wanted);
        let mut step = self.step(Op::Create, None, Memo::default());
        step.set.clone_from(&set);
        step.base.clone_from(&set);
        "new patient".clone_into(&mut step.reason);
        ContactPlan { step: Some(step), exists: Ok(()), id: None, base: set, memo: Memo::default(), email_taken }
    }

    /// A contact without our key that holds the address, is this person by name, and nobody else's.
    fn to_take_over<'x>(&self, answers: &'x Answers, asks: &mut Asks) -> Option<&'x Actual> {
        let address = self.owned_email?;
        let Answer::Found(actual) = answers.by_email(address, asks) else { return None };
        let value = |name: &str| actual.properties.get(name).map_or("", String::as_str);
        let patient = &self.file.patient.as_ref()?.record;
        let same = |ours: &str, theirs: &str| fold(ours) == fold(theirs);
        let free = value(self.key_property.as_str()).is_empty();
        let named = same(patient.first_name.expose(), value("firstname"))
            && same(patient.last_name.expose(), value("lastname"));
        (self.alone && free && named).then_some(actual)
    }

    /// Wanted values; without the address where a contact of somebody else holds it.
    fn wanted_for(&self, row: Option<&LedgerRow>, answers: &Answers, asks: &mut Asks) -> (Wanted, bool) {
        let Some(address) = self.owned_email else { return ((self.wanted)(EmailRole::Shared), false) };
        let written = row.and_then(|row| row.base.get(EMAIL)).is_some_and(|ours| ours == address);
        if written || !self.presence.contacts {
            return ((self.wanted)(EmailRole::Owner), false);
        }
        let Answer::Found(holder) = answers.by_email(address, asks) else {
            return ((self.wanted)(EmailRole::Owner), false);
        };
        let ours = row.is_some_and(|row| row.id == holder.id);
        let key = holder.properties.get(self.key_property).map_or("", String::as_str);
        // A contact of ours gives the address up in an earlier wave of the same plan.
        let given_up = self.givers.iter().any(|mate| mate.patient.id.as_str() == key);
        if ours || key == self.key_value || given_up {
            return ((self.wanted)(EmailRole::Owner), false);
        }
        ((self.wanted)(EmailRole::Shared), true)
    }

    fn update(
        &self,
        wanted: &Wanted,
        base: &Properties,
        actual: &Actual,
        op: Op,
        memo: Memo,
        email_taken: bool,
    ) -> ContactPlan {
        let verdict = plan_update(wanted, base, &actual.properties);
        let in_ledger = self.file.ledger.iter().any(|row| row.object == Object::Contact);
        let mut plan = ContactPlan {
            step: None,
            exists: Ok(()),
            id: Some(actual.id),
            base: verdict.base.clone(),
            memo: memo.clone(),
            email_taken,
        };
        if !verdict.is_empty() || !in_ledger {
            let op = if verdict.is_empty() { Op::LinkOnly } else { op };
            let mut step = self.step(op, Some(actual.id), memo);
            step.set = verdict.set;
            step.before = verdict.before;
            step.base = verdict.base;
            let reason = match op {
                Op::TakeOver => "same e-mail and name: taken over",
                Op::LinkOnly => "found by its key",
                Op::Create | Op::Update => "patient changed",
            };
            reason.clone_into(&mut step.reason);
            plan.step = Some(step);
        }
        plan
    }

    fn step(&self, op: Op, id: Option<HubspotId>, memo: Memo) -> Step {
        let freed = self
            .owned_email
            .is_some_and(|address| self.givers.iter().any(|mate| mate.holds.as_deref() == Some(address)));
        Step {
            wave: if freed { Wave::ContactsWithFreedEmail } else { Wave::Contacts },
            ..bare_step(Object::Contact, self.file.key, self.file.key, self.key_value, op, id, memo)
        }
    }
}

/// What a record found by key holds in the properties that mapping has an opinion on.
pub(super) fn of_wanted(wanted: &Wanted, actual: &Properties) -> Properties {
    wanted
        .properties
        .iter()
        .filter_map(|property| Some((property.name.clone(), actual.get(&property.name)?.clone())))
        .filter(|(_, value)| !value.is_empty())
        .collect()
}

/// A step with nothing in it yet.
pub(super) fn bare_step(
    object: Object,
    patient: KeyHash,
    key: KeyHash,
    key_value: &str,
    op: Op,
    id: Option<HubspotId>,
    memo: Memo,
) -> Step {
    let wave = match object {
        Object::Contact => Wave::Contacts,
        Object::Appointment => Wave::Appointments,
        Object::Deal => Wave::Deals,
    };
    Step {
        wave,
        object,
        patient,
        key,
        key_value: key_value.to_owned(),
        op,
        id,
        set: Properties::new(),
        before: Properties::new(),
        base: Properties::new(),
        memo,
        rule: None,
        reason: String::new(),
        link_contact: false,
        link_deal: None,
        closes: false,
        open: None,
    }
}
