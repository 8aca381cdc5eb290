//! The finite world that `regeln.csv` speaks of: every mixture of facts that its rows can tell apart, and which row
//! answers first. It holds more mixtures than happen, so that what is found here is never a false alarm.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use minijinja::Expression;

use crate::domain::{AppointmentState, StageKind};
use crate::mapping::condition::{Variables, compiled};
use crate::mapping::ruling::BOOKED;
use crate::mapping::settings::PushBack;
use crate::mapping::tables::{Action, Rule, Stage, StageMatch, Target};

/// Beyond this many (rule, mixture) pairs the table is not looked through; the shipped one has about 200,000.
const MAX_WORK: usize = 30_000_000;

/// How far a row can be relied on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trust {
    /// As it says.
    Full,
    /// Its condition is broken: it may match, and takes nothing from others.
    Cells,
    /// Its cells are broken: it may match anything.
    Nothing,
}

/// What a look at all mixtures found out.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Findings {
    /// Rows that never answer first, each with the rows that answer instead; none = nothing matches them at all.
    pub(super) unreachable: BTreeMap<usize, Vec<usize>>,
    /// Stages (`None` = no deal) with the states that no row can match there.
    pub(super) gaps: Vec<(Option<usize>, Vec<AppointmentState>)>,
    /// Two rows that move a deal back and forth, with the two stages.
    pub(super) cycles: BTreeMap<(usize, usize), (usize, usize)>,
}

/// The states of an appointment that can drive a case; moved and deleted ones never do.
fn states() -> impl Iterator<Item = AppointmentState> {
    AppointmentState::ALL
        .into_iter()
        .filter(|state| !matches!(state, AppointmentState::Moved | AppointmentState::Deleted))
}

/// One mixture but for the state of the appointment and the stage of the deal.
struct Scene {
    /// Place in [`World::categories`].
    category: usize,
    entries: bool,
    /// Place in [`World::stages`].
    supported: usize,
    flags: [bool; 3],
    push_back: PushBack,
}

struct World<'w> {
    stages: &'w [Stage],
    rows: &'w [(Rule, Trust)],
    /// Those that a row names, behind one for all others.
    categories: Vec<&'w str>,
    conditions: Vec<Option<Condition>>,
    /// Answers of conditions: row and the values it looks at.
    known: HashMap<(usize, [usize; 7]), bool>,
}

/// A compiled condition and the variables it looks at, in the order of a [`World::known`] key.
struct Condition {
    expression: Expression<'static, 'static>,
    looks_at: [bool; 7],
}

/// Looks through everything.
pub(super) fn look_through(rows: &[(Rule, Trust)], stages: &[Stage]) -> Findings {
    let named: BTreeSet<&str> = rows.iter().flat_map(|(rule, _)| rule.categories.iter().map(String::as_str)).collect();
    let categories = std::iter::once("").chain(named).collect();
    let conditions = rows.iter().map(compile).collect();
    World { stages, rows, categories, conditions, known: HashMap::new() }.findings()
}

fn compile((rule, trust): &(Rule, Trust)) -> Option<Condition> {
    if rule.condition.is_empty() || *trust != Trust::Full {
        return None;
    }
    let expression = compiled(&rule.condition)?;
    let used = expression.undeclared_variables(false);
    let looks = |names: &[&str]| names.iter().any(|name| used.contains(*name));
    let looks_at = [
        looks(&["deal_stage", "stage_rank"]),
        looks(&["category"]),
        looks(&["supported_rank"]),
        looks(&["opens"]),
        looks(&["begun"]),
        looks(&["live"]),
        looks(&["push_back"]),
    ];
    Some(Condition { expression, looks_at })
}

impl World<'_> {
    fn findings(&mut self) -> Findings {
        let looked = |at: usize| self.conditions.iter().flatten().any(|condition| condition.looks_at[at]);
        let both = |looked: bool| if looked { vec![false, true] } else { vec![false] };
        let flags = [3, 4, 5].map(|at| both(looked(at)));
        let pushes = if looked(6) { vec![PushBack::Tool, PushBack::Portal] } else { vec![PushBack::Tool] };
        let entries = both(self.rows.iter().any(|(rule, _)| rule.has_entries.is_some()));
        let classes = self.classes();
        let categories: Vec<usize> = (0..self.categories.len()).collect();
        let size = categories.len() * entries.len() * self.stages.len() * 8 * pushes.len() * classes.len();
        if size.saturating_mul(self.stages.len() + 1).saturating_mul(self.rows.len()) > MAX_WORK {
            return Findings::default();
        }
        let mut seen = Seen::new(self.rows.len(), self.stages.len(), classes.len());
        // Nothing supports a lost stage.
        let supported = |at: &usize| self.stages[*at].kind != StageKind::Lost;
        for supported in (0..self.stages.len()).filter(supported).collect::<Vec<_>>() {
            for (category, entries, push_back) in mixtures(&categories, &entries, &pushes) {
                for flags in mixtures(&flags[0], &flags[1], &flags[2]) {
                    let flags = [flags.0, flags.1, flags.2];
                    let scene = Scene { category, entries, supported, flags, push_back };
                    let open = self.open(&scene);
                    for (place, (mask, _)) in classes.iter().enumerate() {
                        self.look(place, mask, &open, supported, &mut seen);
                    }
                }
            }
        }
        seen.findings(self, &classes)
    }

    /// States that the same rows match, with those rows; the first class is that of no driving appointment at all.
    fn classes(&self) -> Vec<(Vec<bool>, Vec<AppointmentState>)> {
        let mask = |state: Option<AppointmentState>| -> Vec<bool> {
            let fits = |(rule, trust): &(Rule, Trust)| {
                *trust == Trust::Nothing
                    || rule.states.is_empty()
                    || state.is_some_and(|state| rule.states.contains(&state))
            };
            self.rows.iter().map(fits).collect()
        };
        let mut classes = vec![(mask(None), Vec::new())];
        for state in states() {
            let mask = mask(Some(state));
            match classes.iter_mut().skip(1).find(|(have, _)| *have == mask) {
                Some((_, states)) => states.push(state),
                None => classes.push((mask, vec![state])),
            }
        }
        classes
    }

    /// The rows that match a scene in each stage, whatever the state; stage 0 is no deal.
    fn open(&mut self, scene: &Scene) -> Vec<Vec<usize>> {
        (0..=self.stages.len())
            .map(|stage| (0..self.rows.len()).filter(|row| self.matches(*row, stage, scene)).collect())
            .collect()
    }

    fn matches(&mut self, row: usize, stage: usize, scene: &Scene) -> bool {
        let Some((rule, trust)) = self.rows.get(row) else { return false };
        if *trust == Trust::Nothing {
            return true;
        }
        let held = stage.checked_sub(1).and_then(|at| self.stages.get(at));
        let stage_fits = match (&rule.stage, held) {
            (StageMatch::AnyOpen, None) => false,
            (StageMatch::AnyOpen, Some(stage)) => stage.kind == StageKind::Open,
            (StageMatch::OneOf { none, .. }, None) => *none,
            (StageMatch::OneOf { stages, .. }, Some(stage)) => stages.contains(&stage.key),
        };
        let category = rule.categories.is_empty()
            || self.categories.get(scene.category).is_some_and(|one| rule.categories.iter().any(|key| key == one));
        let entries = rule.has_entries.is_none_or(|wanted| wanted == scene.entries);
        stage_fits && category && entries && self.holds(row, stage, scene)
    }

    fn holds(&mut self, row: usize, stage: usize, scene: &Scene) -> bool {
        let Some(condition) = self.conditions.get(row).and_then(Option::as_ref) else { return true };
        let [opens, begun, live] = scene.flags;
        let values = [
            stage,
            scene.category,
            scene.supported,
            usize::from(opens),
            usize::from(begun),
            usize::from(live),
            usize::from(scene.push_back == PushBack::Portal),
        ];
        let mut key = [0; 7];
        for (key, (value, looked)) in key.iter_mut().zip(values.iter().zip(condition.looks_at)) {
            *key = if looked { *value } else { 0 };
        }
        if let Some(known) = self.known.get(&(row, key)) {
            return *known;
        }
        let held = stage.checked_sub(1);
        let rank = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let holds = Variables {
            deal_stage: held.and_then(|at| self.stages.get(at)).map_or("none", |stage| stage.key.as_str()),
            stage_rank: held.map_or(0, rank),
            supported_rank: rank(scene.supported),
            category: self.categories.get(scene.category).copied().unwrap_or_default(),
            opens,
            begun,
            live,
            push_back: scene.push_back,
        }
        .fulfil(&condition.expression);
        self.known.insert((row, key), holds);
        holds
    }

    /// One class of states in one scene: who answers first in each stage, and where that leads.
    fn look(&self, class: usize, mask: &[bool], open: &[Vec<usize>], supported: usize, seen: &mut Seen) {
        let mut next = vec![None; open.len()];
        for (stage, rows) in open.iter().enumerate() {
            let mut rows = rows.iter().copied().filter(|row| mask.get(*row) == Some(&true)).peekable();
            if rows.peek().is_some() {
                seen.covered[class][stage] = true;
            }
            let trusted = |row: &usize| self.rows.get(*row).is_some_and(|(_, trust)| *trust == Trust::Full);
            let mut first = None;
            // What matches behind a row that cannot be relied on may answer just as well.
            let mut unsure = false;
            for row in rows {
                match first {
                    None => {
                        seen.answered[row] = true;
                        first = trusted(&row).then_some(row);
                        unsure |= first.is_none();
                    }
                    Some(first) => seen.instead[row][first] = true,
                }
            }
            if let (Some(row), false) = (first, unsure)
                && let Some(to) = self.target(row, supported)
            {
                next[stage] = Some((row, to + 1)).filter(|(_, to)| *to != stage);
            }
        }
        seen.cycles(&next);
    }

    /// The stage that a moving row leads to.
    fn target(&self, row: usize, supported: usize) -> Option<usize> {
        let (rule, _) = self.rows.get(row)?;
        let place = |key: &str| self.stages.iter().position(|stage| stage.key.as_str() == key);
        match (rule.action, rule.target.as_ref()?) {
            (Action::Lose | Action::Hold | Action::Open, _) => None,
            (Action::Advance | Action::PushBack, Target::Supported) => Some(supported),
            // What was held before is not known here; at least what is supported.
            (Action::Advance | Action::PushBack, Target::Previous) => Some(supported.max(place(BOOKED).unwrap_or(0))),
            (Action::Advance | Action::PushBack, Target::Stage(key)) => place(key.as_str()),
        }
    }
}

/// Every mixture of three.
fn mixtures<'m, A: Copy, B: Copy, C: Copy>(a: &'m [A], b: &'m [B], c: &'m [C]) -> impl Iterator<Item = (A, B, C)> + 'm {
    a.iter().flat_map(move |a| b.iter().flat_map(move |b| c.iter().map(move |c| (*a, *b, *c))))
}

/// What was met on the way.
struct Seen {
    /// Whether a row answered first.
    answered: Vec<bool>,
    /// By row: which rows answered where it matched, too.
    instead: Vec<Vec<bool>>,
    /// By class of states and stage: whether some row matches.
    covered: Vec<Vec<bool>>,
    cycles: BTreeMap<(usize, usize), (usize, usize)>,
}

impl Seen {
    fn new(rows: usize, stages: usize, classes: usize) -> Self {
        Self {
            answered: vec![false; rows],
            instead: vec![vec![false; rows]; rows],
            covered: vec![vec![false; stages + 1]; classes],
            cycles: BTreeMap::new(),
        }
    }

    /// A way that comes back to a stage it left.
    fn cycles(&mut self, next: &[Option<(usize, usize)>]) {
        for start in 1..next.len() {
            let Some(Some((first, to))) = next.get(start) else { continue };
            let mut at = *to;
            for _ in 0..next.len() {
                let Some(Some((row, to))) = next.get(at) else { break };
                if *to == start {
                    let pair = (*first.min(row), *first.max(row));
                    let stages = (start.min(at) - 1, start.max(at) - 1);
                    self.cycles.entry(pair).or_insert(stages);
                    break;
                }
                at = *to;
            }
        }
    }

    fn findings(self, world: &World<'_>, classes: &[(Vec<bool>, Vec<AppointmentState>)]) -> Findings {
        let Self { answered, instead, covered, cycles } = self;
        let yes = |all: &[bool]| -> Vec<usize> { (0..all.len()).filter(|at| all[*at]).collect() };
        let full = |row: &usize| world.rows[*row].1 == Trust::Full;
        let silent = (0..answered.len()).filter(|row| !answered[*row]).filter(full);
        let unreachable = silent.map(|row| (row, yes(&instead[row]))).collect();
        let open = |stage: &usize| stage.checked_sub(1).is_none_or(|at| world.stages[at].kind == StageKind::Open);
        let states = |stage: usize| -> Vec<AppointmentState> {
            let bare = |state: &AppointmentState| {
                classes.iter().zip(&covered).any(|((_, states), covered)| states.contains(state) && !covered[stage])
            };
            states().filter(bare).collect()
        };
        let gaps = (0..=world.stages.len()).filter(open).map(|stage| (stage.checked_sub(1), states(stage)));
        Findings { unreachable, gaps: gaps.filter(|(_, states)| !states.is_empty()).collect(), cycles }
    }
}
