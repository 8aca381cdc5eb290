//! `kill -9` at random moments of all three passes, while HubSpot fails before and after acting.
//!
//! `IVOHUB_KILLS` sets how many; `IVOHUB_KILLS_SEED` runs one project. Which answers fail and when a run is killed follow
//! from the seed; how far the run has come by then does not, so a rare failure may need a few repetitions.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use ivohub::http::{Random, SeededRandom};
use ivohub::sandbox::hubspot::{Faults, Scope};

use super::books::{Books, Phase};
use super::picture::Picture;
use super::reference::{GATES, Gate, Reference, SETS, slow};
use super::site::{PASSES, Site};

const KILLS: u64 = 100;
/// Most kills of one pass of one project.
const PER_PASS: u64 = 6;
/// Projects at once: they wait more than they work.
const AT_ONCE: usize = 3;
/// Response faults of every kind that a repeated command must cope with; in one project of four they hit reads too.
fn hostile(dice: &SeededRandom) -> Faults {
    Faults {
        scope: if dice.draw().is_multiple_of(4) { Scope::Any } else { Scope::Writes },
        gateway: 0.04,
        gateway_after: 0.06,
        cut: 0.04,
        cut_after: 0.06,
        burst: 0.03,
        locked: 0.01,
        truncated: 0.03,
        ..slow()
    }
}

/// Phases in which runs were killed.
type Tally = BTreeMap<Phase, u64>;

/// One project: every pass is killed a few times, each time started again, and at last runs to its end.
fn project(seed: u64) -> Result<Tally, String> {
    let dice = SeededRandom::new(seed);
    let data = SETS[usize::from(!seed.is_multiple_of(2))];
    let reference = Reference::of(data);
    let site = Site::new(data, seed);
    site.portal.set_faults(hostile(&dice));
    let mut tally = Tally::new();
    for pass in 0..PASSES.len() {
        for _ in 0..=dice.draw() % PER_PASS {
            if !kill_once(&site, pass, &dice, reference.lengths[pass], &mut tally)? {
                break;
            }
        }
        site.project.finish_pass(pass)?;
        sound(&site)?;
    }
    site.portal.set_faults(Faults::none());
    let (writing, found) = (site.writing(), Picture::of(&site.portal)?);
    site.project.finish()?;
    if site.writing() != writing {
        return Err(format!("one more run made {} writing calls", site.writing() - writing));
    }
    reference.differs(site.day, &found).map_or(Ok(tally), Err)
}

/// Starts a pass and kills it at a moment of its own; `false` when it had ended before.
///
/// The moment: one of the gates, and from there anything up to the length that the way to the next gate had undisturbed.
fn kill_once(
    site: &Site,
    pass: usize,
    dice: &SeededRandom,
    lengths: [Duration; 5],
    tally: &mut Tally,
) -> Result<bool, String> {
    let at = usize::try_from(dice.draw() % GATES.len() as u64).expect("small");
    let after = Duration::from_micros(dice.draw() % u64::try_from(lengths[at].as_micros() + 1).expect("short"));
    let before = Books::copied(&site.project.state()).map(|books| books.run);
    let written = site.writing();
    let mut working = site.project.start_pass(pass);
    while !GATES[at].is_passed(&working, site, written) {
        match working.wait_until(Instant::now() + Duration::from_millis(1)) {
            Ok(_) => return Ok(false),
            Err(still) => working = still,
        }
    }
    let Err(working) = working.wait_until(Instant::now() + after) else { return Ok(false) };
    let begun = Gate::Begun.is_passed(&working, site, written);
    working.kill();
    sound(site)?;
    let phase = match Books::copied(&site.project.state()) {
        Some(books) if Some(&books.run) == before.as_ref() => Phase::Starting,
        Some(books) if books.phase == Phase::Settling && begun => Phase::Reading,
        Some(books) => books.phase,
        None => Phase::Starting,
    };
    *tally.entry(phase).or_default() += 1;
    Ok(true)
}

/// No two live records with one key, and the books tell the truth.
fn sound(site: &Site) -> Result<(), String> {
    if site.portal.counters().duplicates > 0 {
        return Err("the portal holds duplicates".to_owned());
    }
    Books::copied(&site.project.state()).map_or(Ok(()), |books| books.check(&site.portal))
}

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

#[test]
#[expect(clippy::print_stdout, reason = "figures for whoever runs it with --nocapture")]
fn killed_at_any_moment_and_repeated_a_load_ends_like_an_undisturbed_one() {
    let only = setting("IVOHUB_KILLS_SEED");
    let wanted = if only.is_some() { 1 } else { setting("IVOHUB_KILLS").unwrap_or(KILLS) };
    let (next, kills) = (AtomicU64::new(only.unwrap_or(1)), AtomicU64::new(0));
    let (phases, failures) = (Mutex::new(Tally::new()), Mutex::new(Vec::new()));
    let work = || {
        while kills.load(Ordering::Relaxed) < wanted && failures.lock().expect("sound").is_empty() {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            match project(seed) {
                Ok(tally) => {
                    kills.fetch_add(tally.values().sum(), Ordering::Relaxed);
                    let mut phases = phases.lock().expect("sound");
                    tally.into_iter().for_each(|(phase, count)| *phases.entry(phase).or_default() += count);
                }
                Err(problem) => failures.lock().expect("sound").push(format!(
                    "seed {seed}: {problem}\nIVOHUB_KILLS_SEED={seed} cargo test --release --test it kills::random"
                )),
            }
        }
    };
    std::thread::scope(|scope| (0..if only.is_some() { 1 } else { AT_ONCE }).for_each(|_| drop(scope.spawn(work))));
    let (phases, failures) = (phases.into_inner().expect("sound"), failures.into_inner().expect("sound"));
    println!("{} kills in {} projects: {phases:?}", kills.into_inner(), next.into_inner() - 1);
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
    if wanted >= KILLS {
        let missed = [Phase::Reading, Phase::Planning, Phase::Sending, Phase::InFlight];
        let missed: Vec<&Phase> = missed.iter().filter(|phase| !phases.contains_key(phase)).collect();
        assert!(missed.is_empty(), "no kill fell into {missed:?}: {phases:?}");
    }
}
