//! A second plan after applying changes nothing.

use super::story::{Story, TIMES, stories, stories_with_people};
use super::world::World;
use super::{hold, people};
use crate::domain::{HubspotId, Object};

fn nothing_is_left(world: &World) -> Result<(), String> {
    for queued in [false, true] {
        let mut again = world.clone();
        again.requeue(queued);
        let steps = again.plan()?.plan.steps;
        if let Some(step) = steps.first() {
            return Err(format!(
                "{} steps are left after applying (queued again: {queued}): {:?} {} {} {:?}",
                steps.len(),
                step.object,
                step.key_value,
                step.reason,
                step.set
            ));
        }
    }
    Ok(())
}

/// Whether a deal is the other one of a case with two: no appointment is on it, and nothing reads it before `dedup-deals`
/// (design.md section 4 f).
fn is_left_to_dedup(world: &World, deal: HubspotId) -> bool {
    let rows = &world.file.ledger;
    let row = rows.iter().find(|row| row.object == Object::Deal && row.id == deal);
    row.is_some_and(|deal| rows.iter().all(|row| row.object != Object::Appointment || row.deal != Some(deal.key)))
}

fn law(story: &Story) -> Result<(), String> {
    let mut world = World::new(story.options);
    for time in 0..TIMES {
        if world.read(story, time) {
            world.plan_and_write(&mut |_, _| Ok(()))?;
            nothing_is_left(&world)?;
        }
        // What people do is answered once, too.
        for hand in story.hands.iter().filter(|hand| hand.time == time) {
            let written = people::write(&mut world, hand);
            world.requeue(true);
            world.plan_and_write(&mut |_, _| Ok(()))?;
            nothing_is_left(&world)?;
            // What was written there is unknown until the deal is a case's own again and one of its appointments is news.
            if written.is_some_and(|(deal, ..)| is_left_to_dedup(&world, deal)) {
                return Ok(());
            }
        }
    }
    Ok(())
}

#[test]
fn a_second_plan_changes_nothing() {
    hold("again::a_second_plan_changes_nothing", stories(), law);
}

#[test]
fn a_second_plan_changes_nothing_among_people() {
    hold("again::a_second_plan_changes_nothing_among_people", stories_with_people(), law);
}
