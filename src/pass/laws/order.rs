//! The result does not depend on the order in which records arrive.
//!
//! A story's last versions are read at once, or one group after the other in the story's order. Cases, stages, dates and
//! money come out the same, but for what design.md section 4 (f) leaves to the order: which of the opening ids is the key
//! (and with it name and location of the deal), and lost deals whose appointments the other order never saw active.
//! Appointments come before the entries of their day, as every pass reads them.

use std::collections::BTreeMap;

use super::hold;
use super::story::{Story, TIMES, Told, stories};
use super::world::{World, name_of, tables};
use crate::domain::{Object, StageKind};
use crate::mapping::SourceWord;
use crate::mapping::case::cut;
use crate::pass::history::gather;

/// What depends on the key, the rule of the last move, and what is only filled once in the tables of these tests.
const KEYED: [SourceWord; 5] = [
    SourceWord::DealKey,
    SourceWord::DealName,
    SourceWord::DealLocation,
    SourceWord::DealRule,
    SourceWord::DealCategory,
];

/// The story in which each record arrives once, as it is in the end: appointments at its times, entries after them all.
fn last_versions(story: &Story, at_once: bool) -> Story {
    let mut last = story.clone();
    let time = |time: u8, entry: bool| match (at_once, entry) {
        (true, _) => 0,
        (false, false) => time / 2,
        (false, true) => TIMES / 2 + time / 2,
    };
    for Told(versions) in &mut last.visits {
        versions.drain(..versions.len() - 1);
        versions.iter_mut().for_each(|(when, _)| *when = time(*when, false));
    }
    for Told(versions) in &mut last.lines {
        versions.drain(..versions.len() - 1);
        versions.iter_mut().for_each(|(when, _)| *when = time(*when, true));
    }
    last
}

/// The deal of each case that is not lost, by the ids of the case's appointments.
type Told2 = BTreeMap<Vec<String>, BTreeMap<&'static str, String>>;

fn deals(world: &World) -> Told2 {
    let decider = world.decider();
    let history = gather(&world.file, &decider);
    let mut told = BTreeMap::new();
    for case in cut(&history.visits, decider.rules()) {
        let keys: Vec<_> = case.opening.iter().map(|at| history.keys[*at]).collect();
        let found: Vec<_> =
            world.file.ledger.iter().filter(|row| row.object == Object::Deal && keys.contains(&row.key)).collect();
        let ids: Vec<String> =
            case.visits.iter().map(|at| history.visits[*at].appointment.id.as_str().to_owned()).collect();
        // Of several deals of one case, the others are left to `dedup-deals`: one of them is as it should be.
        let values = |row: &&crate::store::LedgerRow| {
            let words = SourceWord::ALL.iter().filter(|word| word.object() == Object::Deal && !KEYED.contains(word));
            let rows = words.filter(|word| tables().property(**word).is_some());
            rows.map(|word| (word.word(), world.portal.value(row.id, name_of(*word)).to_owned())).collect()
        };
        let mut all: Vec<BTreeMap<&'static str, String>> = found.iter().map(values).collect();
        let lost = |values: &BTreeMap<&'static str, String>| {
            let stage = values.get(SourceWord::DealStage.word()).and_then(|id| tables().by_hubspot_stage(id));
            stage.and_then(|stage| tables().stage(stage)).is_some_and(|row| row.kind == StageKind::Lost)
        };
        all.retain(|values| !lost(values));
        match all.len() {
            0 => {}
            1 => drop(told.insert(ids, all.remove(0))),
            _ => drop(told.insert(ids, BTreeMap::new())),
        }
    }
    told
}

fn law(story: &Story) -> Result<(), String> {
    let played = |at_once: bool| -> Result<Told2, String> {
        let story = last_versions(story, at_once);
        let mut world = World::new(story.options);
        world.play(&story, &mut |_, _| Ok(()))?;
        Ok(deals(&world))
    };
    let (at_once, later) = (played(true)?, played(false)?);
    for (ids, values) in &at_once {
        match later.get(ids) {
            None => return Err(format!("{ids:?} has a deal when all is read at once, none when read in order")),
            Some(other) if other.is_empty() || values.is_empty() => {}
            Some(other) if other == values => {}
            Some(other) => {
                let differ = values.iter().filter(|(word, value)| other.get(*word) != Some(value));
                let differ: Vec<String> =
                    differ.map(|(word, value)| format!("{word}: {value:?} or {:?}", other[word])).collect();
                return Err(format!("{ids:?} differs by the order of arrival: {}", differ.join(", ")));
            }
        }
    }
    for ids in later.keys() {
        if !at_once.contains_key(ids) {
            return Err(format!("{ids:?} has a deal when read in order, none when all is read at once"));
        }
    }
    Ok(())
}

#[test]
fn order_of_arrival_does_not_matter() {
    hold("order::order_of_arrival_does_not_matter", stories(), law);
}
