//! A person's edit to an `if_tool` property survives; `never` is left alone; `if_empty` is only filled.

use std::collections::BTreeMap;

use super::hold;
use super::story::{Hand, Story, TIMES, stories_with_people};
use super::world::{World, name_of, tables};
use crate::domain::{HubspotId, Object, Overwrite, PropertyName};
use crate::mapping::SourceWord;
use crate::plan::{Op, Step};

/// What people write on deals: properties that yield to them, and values that no plan would think of. An empty value is an
/// edit, too.
const YIELDING: [(SourceWord, [&str; 3]); 5] = [
    (SourceWord::DealName, ["von Hand", "von Hand, neu", ""]),
    (SourceWord::DealAmount, ["123456.78", "0.01", ""]),
    (SourceWord::DealCloseDate, ["2031-03-04T05:06:07Z", "2019-01-01T00:00:00Z", ""]),
    (SourceWord::DealLostReason, ["zu teuer", "umgezogen", ""]),
    (SourceWord::DealStartDate, ["2018-01-01", "2031-01-01", ""]),
];

/// Stages and locks: what the rules answer to.
const STEERING: [(SourceWord, [&str; 6]); 2] = [
    (
        SourceWord::DealStage,
        [
            "ivohub_in_behandlung",
            "ivohub_verloren",
            "ivohub_gewonnen",
            "ivohub_neuer_lead",
            "ivohub_erstberatung",
            "stage_of_another_pipeline",
        ],
    ),
    (SourceWord::DealLock, ["true", "", "true", "", "false", "true"]),
];

/// Writes what a hand says: a yielding property, or one that steers.
pub(super) fn write(world: &mut World, hand: &Hand) -> Option<(HubspotId, SourceWord, &'static str)> {
    let pick = |values: &[&'static str]| values.get(hand.value % values.len().max(1)).copied().unwrap_or("");
    let (word, value) = if hand.property.is_multiple_of(2) {
        let (word, values) = STEERING[usize::from(hand.property.is_multiple_of(8))];
        (word, pick(&values))
    } else {
        let (word, values) = YIELDING[hand.property / 2 % YIELDING.len()];
        (word, pick(&values))
    };
    let deal = world.by_hand(hand, name_of(word), value)?;
    Some((deal, word, value))
}

/// The owner of a property, by its name.
fn owner(object: Object, name: &PropertyName) -> Overwrite {
    let rows = tables().properties(object).iter();
    rows.map(|(_, row)| row).find(|row| row.name == *name).map_or(Overwrite::Never, |row| row.overwrite)
}

fn respects_owners(world: &World, step: &Step) -> Result<(), String> {
    for name in step.set.keys() {
        let there = step.id.map_or("", |id| world.portal.value(id, name));
        let allowed = match owner(step.object, name) {
            Overwrite::Always | Overwrite::IfTool => true,
            Overwrite::IfEmpty => there.is_empty(),
            Overwrite::Never => step.op == Op::Create && *name != *name_of(SourceWord::DealLock),
        };
        if !allowed {
            return Err(format!("{} is written on {} over {there:?}", name.as_str(), step.key_value));
        }
    }
    Ok(())
}

fn law(story: &Story) -> Result<(), String> {
    let mut world = World::new(story.options);
    let mut edits: BTreeMap<(HubspotId, &str), &str> = BTreeMap::new();
    for time in 0..TIMES {
        if world.read(story, time) {
            world.plan_and_write(&mut |world, step| respects_owners(world, step))?;
        }
        for hand in story.hands.iter().filter(|hand| hand.time == time) {
            if let Some((deal, word, value)) = write(&mut world, hand) {
                edits.insert((deal, name_of(word).as_str()), value);
                let yields = YIELDING.iter().any(|(yielding, _)| *yielding == word);
                if !yields {
                    edits.remove(&(deal, name_of(word).as_str()));
                }
            }
        }
        world.requeue(true);
        world.plan_and_write(&mut |world, step| respects_owners(world, step))?;
        for ((deal, name), value) in &edits {
            let now = world.portal.value(*deal, &PropertyName::new(name));
            // An empty one where we want none is no edit: what we write there later is ours.
            if now != *value && !value.is_empty() {
                return Err(format!("{name} of {deal}: a person wrote {value:?}, now it is {now:?}"));
            }
        }
    }
    Ok(())
}

#[test]
fn an_edit_survives() {
    hold("people::an_edit_survives", stories_with_people(), law);
}
