//! Looking again at what an edit of the tables concerns is as good as looking at everything.
//!
//! What a decision looked up is known as in a run (`pass::words`), and so is what the edited tables answer now. Where no
//! answer differs, a full look must decide what the tables of before decided, to the last note.

use std::cell::Cell;
use std::sync::{Arc, LazyLock};

use super::hold;
use super::story::{Story, TIMES, stories_with_edits};
use super::world::{World, tables};
use crate::domain::Overwrite;
use crate::mapping::{Mapping, SourceWord};
use crate::pass::Decision;
use crate::pass::words::{Words, answers};
use crate::store::{Word, WordId};

/// The tables of the laws; what is only filled there follows the tables here, so that each edit can show.
static BEFORE: LazyLock<Arc<Mapping>> = LazyLock::new(|| {
    let mut tables = tables().tables().clone();
    let category = SourceWord::DealCategory.word();
    let rows = tables.properties.iter_mut().filter(|row| row.source == category);
    rows.for_each(|row| row.overwrite = Overwrite::IfTool);
    Arc::new(Mapping::new(tables))
});

/// The words that the last decision looked up, with what the tables answered.
type LookedUp = (Vec<Word>, Vec<[u8; 32]>);

fn looked_up(world: &World) -> LookedUp {
    let mut words = Words::of(&[], &world.mapping, &world.rulings);
    words.of_file(&world.file);
    let (_, fresh) = words.fresh();
    let word = |(number, text)| Word { id: WordId(number), text };
    let answers = fresh.iter().map(|word| word.answer).collect();
    ((0..).zip(fresh.into_iter().map(|word| word.text)).map(word).collect(), answers)
}

/// Whether the tables of a world answer any of these words differently.
fn is_concerned((words, before): &LookedUp, world: &World) -> bool {
    let now = answers(words, &world.mapping, &world.rulings);
    now.iter().zip(before).any(|((_, now), before)| now != before)
}

/// What a look at everything decides.
fn everything(world: &World) -> Result<Decision, String> {
    let mut all = world.clone();
    all.requeue(true);
    all.plan()
}

/// What tells two decisions apart, if anything does.
fn difference(before: &Decision, after: &Decision) -> Option<String> {
    if before.plan.steps != after.plan.steps {
        return Some(format!("steps: {:?} or {:?}", before.plan.steps, after.plan.steps));
    }
    if before.plan.outcomes != after.plan.outcomes {
        return Some(format!("outcomes: {:?} or {:?}", before.plan.outcomes, after.plan.outcomes));
    }
    let rest = |one: &Decision| format!("{:?} {:?} {:?} {:?}", one.held, one.unchanged, one.notes, one.money);
    let (before, after) = (rest(before), rest(after));
    (before != after).then(|| format!("{before} or {after}"))
}

/// How often an edit concerned the patient, how often it changed anything, and how often neither.
#[derive(Default)]
struct Tried {
    concerned: Cell<u64>,
    changed: Cell<u64>,
    left_alone: Cell<u64>,
}

fn law(story: &Story, tried: &Tried) -> Result<(), String> {
    let count = |cell: &Cell<u64>| cell.set(cell.get() + 1);
    let mut world = World::new(story.options);
    world.turn_to(Arc::clone(&BEFORE));
    let mut looked = None;
    for time in 0..TIMES {
        if world.read(story, time) {
            world.plan_and_write(&mut |_, _| Ok(()))?;
            looked = Some(looked_up(&world));
        }
    }
    let Some(mut looked) = looked else { return Ok(()) };
    let mut tables = world.mapping.tables().clone();
    for edit in &story.edits {
        edit.apply(&mut tables);
        let mut edited = world.clone();
        edited.turn_to(Arc::new(Mapping::new(tables.clone())));
        if is_concerned(&looked, &edited) {
            count(&tried.concerned);
            edited.requeue(true);
            let changes = Cell::new(false);
            edited.plan_and_write(&mut |_, _| {
                changes.set(true);
                Ok(())
            })?;
            if changes.get() {
                count(&tried.changed);
            }
            looked = looked_up(&edited);
        } else {
            count(&tried.left_alone);
            // Its own rules: what is asked here is no part of what was looked at.
            if let Some(differs) = difference(&everything(&world)?, &everything(&edited)?) {
                return Err(format!("{edit} concerns nobody, but a look at everything differs: {differs}"));
            }
        }
        world = edited;
    }
    Ok(())
}

#[test]
fn a_look_at_what_is_concerned_is_as_good_as_a_look_at_everything() {
    let tried = Tried::default();
    hold("edits::a_look_at_what_is_concerned_is_as_good_as_a_look_at_everything", stories_with_edits(), |story| {
        law(story, &tried)
    });
    let [concerned, changed, left_alone] = [&tried.concerned, &tried.changed, &tried.left_alone].map(Cell::get);
    let enough = (concerned + left_alone) / 20;
    assert!(changed >= enough && left_alone >= enough, "{concerned} concerned, {changed} changed, {left_alone} not");
}
