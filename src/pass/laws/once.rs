//! Each live appointment is on exactly one deal that is no duplicate, and a deal is keyed by one of its opening ids.

use std::collections::BTreeMap;

use super::hold;
use super::story::{Story, stories};
use super::world::{World, name_of, tables};
use crate::domain::{Appointment, AppointmentState, KeyHash, Object};
use crate::mapping::SourceWord;
use crate::mapping::tables::{Template, Unknown};

/// The template of an appointment, and where it stands.
fn read(appointment: &Appointment) -> (Option<&'static Template>, Option<AppointmentState>) {
    let template = tables().template(&appointment.template, appointment.start.day());
    (template, tables().state(&appointment.state, &appointment.confirmation).ok())
}

/// Appointments of each deal, by what the ledger says of each appointment.
fn on_deals(world: &World) -> BTreeMap<KeyHash, Vec<&Appointment>> {
    let mut on: BTreeMap<KeyHash, Vec<&Appointment>> = BTreeMap::new();
    for row in world.file.ledger.iter().filter(|row| row.object == Object::Appointment) {
        let filed = world.file.appointments.iter().find(|one| one.key == row.key);
        if let (Some(deal), Some(filed)) = (row.deal, filed) {
            on.entry(deal).or_default().push(&filed.record);
        }
    }
    on
}

/// Whether an appointment with an opening template is active or completed: it has a deal.
fn has_a_deal(appointment: &Appointment) -> bool {
    let (template, state) = read(appointment);
    let live = state.is_some_and(|state| state.is_active() || state == AppointmentState::Completed);
    live && template.is_some_and(|row| row.opens_deal)
}

fn law(story: &Story) -> Result<(), String> {
    let mut world = World::new(story.options);
    for time in 0..super::story::TIMES {
        if !world.read(story, time) {
            continue;
        }
        world.plan_and_write(&mut |_, _| Ok(()))?;
        let on = on_deals(&world);
        for filed in &world.file.appointments {
            if has_a_deal(&filed.record) {
                let deals = on.iter().filter(|(_, own)| own.iter().any(|one| one.id == filed.record.id));
                let deals: Vec<_> = deals.filter_map(|(key, _)| world.deal_row(*key)).collect();
                let [deal] = deals.as_slice() else {
                    return Err(format!("{} is on {} deals", filed.record.id.as_str(), deals.len()));
                };
                if !world.portal.value(deal.id, name_of(SourceWord::DealDuplicateOf)).is_empty() {
                    return Err(format!("{} is on a duplicate", filed.record.id.as_str()));
                }
            }
        }
        // A link that was made stays: a deal that nothing live is on any more may have old ones.
        for (key, own) in on.iter().filter(|(_, own)| own.iter().any(|one| has_a_deal(one))) {
            let deal = world.deal_row(*key).ok_or("a deal that is not there has appointments")?;
            let opener = own.iter().find(|one| one.id.as_str() == deal.key_value);
            let opens = opener.is_some_and(|one| read(one).0.is_some_and(|row| row.opens_deal));
            if !opens {
                return Err(format!("{} is no opening id of its own case", deal.key_value));
            }
        }
    }
    Ok(())
}

#[test]
fn a_live_appointment_is_on_one_deal() {
    assert_eq!(tables().tables().unknown_template, Unknown::Hold, "what has no row opens nothing");
    hold("once::a_live_appointment_is_on_one_deal", stories(), law);
}
