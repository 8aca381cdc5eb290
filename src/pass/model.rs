//! What the models of histories share: one invented patient, and what the store remembers of a step.

use chrono::NaiveDate;

use crate::domain::{HubspotId, InstanceKey, Patient, PatientId, Personal};
use crate::plan::Step;
use crate::store::LedgerRow;

/// The ledger's row after a step was written to `id`.
pub(super) fn remembered(step: &Step, id: HubspotId, old: Option<&LedgerRow>) -> LedgerRow {
    LedgerRow {
        object: step.object,
        key: step.key,
        key_value: step.key_value.clone(),
        id,
        base: step.base.clone(),
        memo: step.memo.clone(),
        contact_link: step.link_contact || old.is_some_and(|row| row.contact_link),
        deal: step.link_deal.or_else(|| old.and_then(|row| row.deal)),
        open: step.open.or_else(|| old.and_then(|row| row.open)),
    }
}

/// An invented patient `p` of the installation `nord`.
pub(super) fn patient() -> Patient {
    let text = Personal::new;
    Patient {
        id: PatientId::new("p"),
        instance: InstanceKey::new("nord"),
        number: None,
        title: Personal::default(),
        first_name: text("Mara"),
        last_name: text("Musterfeld"),
        birthday: NaiveDate::from_ymd_opt(1990, 2, 3),
        gender: None,
        email: Personal::default(),
        phone: Personal::default(),
        mobile: Personal::default(),
        street: Personal::default(),
        zip: Personal::default(),
        city: Personal::default(),
        country: Personal::default(),
        insurance: Personal::default(),
        location: None,
        profile: None,
        practitioner: None,
        created: None,
        deleted: false,
        known_as: None,
    }
}
