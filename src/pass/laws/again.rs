//! A second plan after applying changes nothing.

use super::story::{Story, TIMES, stories, stories_with_people};
use super::world::World;
use super::{hold, people};

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

fn law(story: &Story) -> Result<(), String> {
    let mut world = World::new(story.options);
    for time in 0..TIMES {
        if world.read(story, time) {
            world.plan_and_write(&mut |_, _| Ok(()))?;
            nothing_is_left(&world)?;
        }
        // What people do is answered once, too.
        for hand in story.hands.iter().filter(|hand| hand.time == time) {
            people::write(&mut world, hand);
            world.requeue(true);
            world.plan_and_write(&mut |_, _| Ok(()))?;
            nothing_is_left(&world)?;
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
