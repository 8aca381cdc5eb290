//! The finite world that `regeln.csv` speaks of: every mixture of facts that its rows can tell apart, and which row
//! answers first. It holds more mixtures than happen, so that what is found here is never a false alarm.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use minijinja::Expression;

use crate::domain::{AppointmentState, StageKind};
use crate::mapping::condition::{Variables, compiled};
use crate::mapping::ruling::BOOKED;
use crate::mapping::settings::PushBack;
use crate::mapping::tables::{Action, Rule, Stage, StageMatch, Target};

/// Most rows that are looked through together; the shipped table has five.
const MAX_ROWS: usize = 128;

/// Most mixtures; the shipped table has about 5,000.
const MAX_MIXTURES: usize = 2_000_000;

/// A set of rows: bit 0 is the first.
type Rows = u128;

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

/// What a mixture is made of beside the state of the appointment and the stage of the deal.
struct Scene {
    /// Place in [`World::categories`].
    category: usize,
    entries: bool,
    /// Place in [`World::stages`].
    supported: usize,
    opens: bool,
    begun: bool,
    live: bool,
    push_back: PushBack,
}

struct World<'w> {
    stages: &'w [Stage],
    rows: &'w [(Rule, Trust)],
    /// Those that a row names, behind one for all others.
    categories: Vec<&'w str>,
    /// Rows that match by their cells alone: by stage (0 = no deal), by category, by entries.
    by_stage: Vec<Rows>,
    by_category: Vec<Rows>,
    by_entries: [Rows; 2],
    conditions: Vec<Condition>,
    /// Rows that say what they mean.
    trusted: Rows,
}

/// A compiled condition with the answers it has given.
struct Condition {
    row: usize,
    expression: Expression<'static, 'static>,
    /// Whether it looks at stage, category, supported stage, `opens`, `begun`, `live`, `push_back`.
    looks_at: [bool; 7],
    known: HashMap<usize, bool>,
}

/// Looks through everything.
pub(super) fn look_through(rows: &[(Rule, Trust)], stages: &[Stage]) -> Findings {
    if rows.len() > MAX_ROWS {
        return Findings::default();
    }
    World::of(rows, stages).findings()
}

/// The rows that fulfil something.
fn rows_that(rows: &[(Rule, Trust)], fits: impl Fn(&Rule) -> bool) -> Rows {
    let fits = |(rule, trust): &(Rule, Trust)| *trust == Trust::Nothing || fits(rule);
    rows.iter().enumerate().filter(|(_, row)| fits(row)).fold(0, |set, (at, _)| set | (1 << at))
}

/// Places of the rows of a set.
fn places(mut set: Rows) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let at = usize::try_from(set.trailing_zeros()).unwrap_or(MAX_ROWS);
        set &= set.wrapping_sub(1);
        (at < MAX_ROWS).then_some(at)
    })
}

fn stage_fits(rule: &Rule, stage: Option<&Stage>) -> bool {
    match (&rule.stage, stage) {
        (StageMatch::AnyOpen, None) => false,
        (StageMatch::AnyOpen, Some(stage)) => stage.kind == StageKind::Open,
        (StageMatch::OneOf { none, .. }, None) => *none,
        (StageMatch::OneOf { stages, .. }, Some(stage)) => stages.contains(&stage.key),
    }
}

impl<'w> World<'w> {
    fn of(rows: &'w [(Rule, Trust)], stages: &'w [Stage]) -> Self {
        let named: BTreeSet<&str> = rows.iter().flat_map(|(rule, _)| named(rule)).collect();
        let categories: Vec<&str> = std::iter::once("").chain(named).collect();
        let held = std::iter::once(None).chain(stages.iter().map(Some));
        let fits = |rule: &Rule, category: &str| {
            rule.categories.is_empty() || rule.categories.iter().any(|key| key == category)
        };
        let entries = |has: bool| rows_that(rows, |rule| rule.has_entries.is_none_or(|wanted| wanted == has));
        Self {
            stages,
            rows,
            by_stage: held.map(|stage| rows_that(rows, |rule| stage_fits(rule, stage))).collect(),
            by_category: categories.iter().map(|one| rows_that(rows, |rule| fits(rule, one))).collect(),
            by_entries: [entries(false), entries(true)],
            conditions: rows.iter().enumerate().filter_map(Condition::of).collect(),
            trusted: rows
                .iter()
                .enumerate()
                .filter(|(_, (_, trust))| *trust == Trust::Full)
                .fold(0, |set, (at, _)| set | (1 << at)),
            categories,
        }
    }

    fn findings(mut self) -> Findings {
        let looked = |at: usize| self.conditions.iter().any(|condition| condition.looks_at[at]);
        let both = |looked: bool| if looked { vec![false, true] } else { vec![false] };
        let [opens, begun, live] = [3, 4, 5].map(|at| both(looked(at)));
        let pushes = if looked(6) { vec![PushBack::Tool, PushBack::Portal] } else { vec![PushBack::Tool] };
        let entries = both(self.by_entries[0] != self.by_entries[1]);
        // Nothing supports a lost stage.
        let lost = |at: &usize| self.stages[*at].kind == StageKind::Lost;
        let supported: Vec<usize> = (0..self.stages.len()).filter(|at| !lost(at)).collect();
        let categories: Vec<usize> = (0..self.categories.len()).collect();
        let classes = self.classes();
        let mut seen = Seen::new(self.rows.len(), self.stages.len(), classes.len());
        let size = categories.len() * entries.len() * supported.len() * 16 * classes.len() * self.by_stage.len();
        if size > MAX_MIXTURES {
            return Findings::default();
        }
        for (category, entries, supported) in mixtures(&categories, &entries, &supported) {
            for (opens, begun, live) in mixtures(&opens, &begun, &live) {
                for push_back in pushes.iter().copied() {
                    let scene = Scene { category, entries, supported, opens, begun, live, push_back };
                    let matching: Vec<Rows> =
                        (0..self.by_stage.len()).map(|stage| self.matching(stage, &scene)).collect();
                    for (class, (mask, _)) in classes.iter().enumerate() {
                        self.look(class, *mask, &matching, supported, &mut seen);
                    }
                }
            }
        }
        seen.findings(&self, &classes)
    }

    /// States that the same rows match, with those rows; the first class is that of no driving appointment at all.
    fn classes(&self) -> Vec<(Rows, Vec<AppointmentState>)> {
        let mask = |state: Option<AppointmentState>| {
            let fits = |rule: &Rule| rule.states.is_empty() || state.is_some_and(|state| rule.states.contains(&state));
            rows_that(self.rows, fits)
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

    /// The rows that match a scene in a stage, whatever the state.
    fn matching(&mut self, stage: usize, scene: &Scene) -> Rows {
        let cells =
            self.by_stage[stage] & self.by_category[scene.category] & self.by_entries[usize::from(scene.entries)];
        let category = self.categories[scene.category];
        let held = stage.checked_sub(1).and_then(|at| self.stages.get(at));
        let mut rows = cells;
        for condition in &mut self.conditions {
            if cells & (1 << condition.row) != 0 && !condition.holds(stage, held, category, scene) {
                rows &= !(1 << condition.row);
            }
        }
        rows
    }

    /// One class of states in one scene: who answers first in each stage, and where that leads.
    fn look(&self, class: usize, mask: Rows, matching: &[Rows], supported: usize, seen: &mut Seen) {
        let mut next = vec![None; matching.len()];
        for (stage, rows) in matching.iter().map(|rows| rows & mask).enumerate() {
            seen.covered[class][stage] |= rows != 0;
            let sure = rows & self.trusted;
            let first = sure & sure.wrapping_neg();
            // Rows up to the first that can be relied on; without one, all of them.
            let until = rows & first.wrapping_sub(1);
            seen.answered |= until | first;
            let Some(row) = places(first).next() else { continue };
            for other in places(rows & !until & !first) {
                seen.instead[other] |= first;
            }
            // What stands before it and cannot be relied on may answer just as well.
            if until == 0
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

/// Categories that a row names in its cell or its condition.
fn named(rule: &Rule) -> impl Iterator<Item = &str> {
    let quoted = rule.condition.split(['"', '\'']).skip(1).step_by(2);
    rule.categories.iter().map(String::as_str).chain(quoted)
}

impl Condition {
    fn of((row, (rule, trust)): (usize, &(Rule, Trust))) -> Option<Self> {
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
        Some(Self { row, expression, looks_at, known: HashMap::new() })
    }

    fn holds(&mut self, stage: usize, held: Option<&Stage>, category: &str, scene: &Scene) -> bool {
        let Scene { supported, opens, begun, live, push_back, .. } = *scene;
        let portal = push_back == PushBack::Portal;
        let values = [stage, scene.category, supported, opens.into(), begun.into(), live.into(), portal.into()];
        // What it does not look at makes no difference.
        let width = [1_usize << 16, 1 << 16, 1 << 16, 2, 2, 2, 2];
        let looked = values.iter().zip(width).zip(self.looks_at).filter(|(_, looked)| *looked);
        let key = looked.fold(0_usize, |key, ((value, width), _)| key.wrapping_mul(width).wrapping_add(*value));
        if let Some(known) = self.known.get(&key) {
            return *known;
        }
        let rank = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let holds = Variables {
            deal_stage: held.map_or("none", |stage| stage.key.as_str()),
            stage_rank: rank(stage.saturating_sub(1)),
            supported_rank: rank(supported),
            category,
            opens,
            begun,
            live,
            push_back,
        }
        .fulfil(&self.expression);
        self.known.insert(key, holds);
        holds
    }
}

/// Every mixture of three.
fn mixtures<'m, A: Copy, B: Copy, C: Copy>(a: &'m [A], b: &'m [B], c: &'m [C]) -> impl Iterator<Item = (A, B, C)> + 'm {
    a.iter().flat_map(move |a| b.iter().flat_map(move |b| c.iter().map(move |c| (*a, *b, *c))))
}

/// What was met on the way.
struct Seen {
    /// Rows that answered first.
    answered: Rows,
    /// By row: which rows answered where it matched, too.
    instead: Vec<Rows>,
    /// By class of states and stage: whether some row matches.
    covered: Vec<Vec<bool>>,
    cycles: BTreeMap<(usize, usize), (usize, usize)>,
}

impl Seen {
    fn new(rows: usize, stages: usize, classes: usize) -> Self {
        let covered = vec![vec![false; stages + 1]; classes];
        Self { answered: 0, instead: vec![0; rows], covered, cycles: BTreeMap::new() }
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

    fn findings(self, world: &World<'_>, classes: &[(Rows, Vec<AppointmentState>)]) -> Findings {
        let Self { answered, instead, covered, cycles } = self;
        let silent = places(world.trusted & !answered);
        let unreachable = silent.map(|row| (row, places(instead[row]).collect())).collect();
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
