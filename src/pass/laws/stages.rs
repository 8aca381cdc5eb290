//! Transitions only along the allowed graph (`domain.md` 3.3), and closed deals stay closed but for R7.

use std::collections::{BTreeMap, BTreeSet};

use super::story::{Story, TIMES, stories, stories_with_people};
use super::world::{World, name_of, tables};
use super::{hold, people};
use crate::domain::{HubspotId, Object, StageKind};
use crate::mapping::SourceWord;
use crate::plan::{Op, Step};

/// What is remembered beside the portal to judge a move.
#[derive(Default)]
struct Witness {
    /// Push-backs so far, by deal, appointment and how often the appointment's state had changed by then.
    pushed: BTreeSet<(String, String, usize)>,
    /// Deals whose present stage a person chose.
    by_person: BTreeSet<HubspotId>,
    /// The stage the tool wrote last, by the key of the deal.
    by_tool: BTreeMap<String, String>,
}

/// Place in the pipeline and kind of a stage by its id in HubSpot.
fn stage(id: &str) -> Option<(u32, StageKind)> {
    let key = tables().by_hubspot_stage(id)?;
    Some((tables().rank(key), tables().stage(key)?.kind))
}

impl Witness {
    fn judge(&mut self, world: &World, step: &Step) -> Result<(), String> {
        let name = name_of(SourceWord::DealStage);
        let Some(to) = step.set.get(name).filter(|_| step.object == Object::Deal) else { return Ok(()) };
        let from = step.id.map_or("", |id| world.portal.value(id, name));
        let rule = step.rule.as_ref().map_or("", |rule| rule.as_str());
        let told = format!("{}: {from:?} → {to:?} by {rule:?}", step.key_value);
        let booked = stage("ivohub_termin_gebucht").map_or(0, |(rank, _)| rank);
        let Some((rank, kind)) = stage(to) else { return Err(format!("{told}: no stage of ours")) };
        if rank < booked {
            return Err(format!("{told}: below termin_gebucht"));
        }
        let person = step.id.is_some_and(|id| self.by_person.contains(&id));
        let allowed = match (stage(from), kind) {
            (None, _) if step.op == Op::Create => true,
            (Some((_, StageKind::Open)), StageKind::Lost) => matches!(rule, "R3" | "R4"),
            (Some((before, StageKind::Open)), StageKind::Open) if rank < before => {
                let marks = step.memo.pushed.clone().unwrap_or_default();
                let mark = marks.rsplit(';').next().unwrap_or_default();
                let (id, _) = mark.split_once(' ').unwrap_or_default();
                rule == "R6" && self.pushed.insert((step.key_value.clone(), id.to_owned(), world.changes_of(id)))
            }
            // What was missed had been booked.
            (Some((before, StageKind::Open)), StageKind::Open)
                if before < booked && rank == booked && rule == "R10" =>
            {
                true
            }
            (Some((_, StageKind::Open)), StageKind::Open | StageKind::Won) => matches!(rule, "R2" | "R5"),
            (Some((_, StageKind::Lost)), StageKind::Open | StageKind::Won) => rule == "R7" && !person,
            (None | Some((_, StageKind::Won)), _) | (Some((_, StageKind::Lost)), StageKind::Lost) => false,
        };
        if let Some(id) = step.id {
            self.by_person.remove(&id);
        }
        self.by_tool.insert(step.key_value.clone(), to.clone());
        if allowed { Ok(()) } else { Err(told) }
    }
}

fn law(story: &Story) -> Result<(), String> {
    let mut world = World::new(story.options);
    let mut witness = Witness::default();
    for time in 0..TIMES {
        if world.read(story, time) {
            world.plan_and_write(&mut |world, step| witness.judge(world, step))?;
        }
        for hand in story.hands.iter().filter(|hand| hand.time == time) {
            if let Some((deal, SourceWord::DealStage, value)) = people::write(&mut world, hand) {
                // The very stage that the tool wrote last is the tool's again: nothing tells the two apart.
                let key = &world.portal.records[&deal].key;
                if witness.by_tool.get(key).is_some_and(|ours| ours == value) {
                    witness.by_person.remove(&deal);
                } else {
                    witness.by_person.insert(deal);
                }
            }
        }
        world.requeue(true);
        world.plan_and_write(&mut |world, step| witness.judge(world, step))?;
    }
    Ok(())
}

#[test]
fn stages_move_as_allowed() {
    hold("stages::stages_move_as_allowed", stories(), law);
}

#[test]
fn stages_move_as_allowed_among_people() {
    hold("stages::stages_move_as_allowed_among_people", stories_with_people(), law);
}
