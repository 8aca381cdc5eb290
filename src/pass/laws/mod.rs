//! Laws of deciding, tried on generated histories of one patient against a model of the portal.
//!
//! A [`story::Story`] says what the practice and people do, a [`world::World`] plays it: it decides with the real
//! [`super::Decider`], answers its questions from a [`portal::ModelPortal`], applies the steps and keeps the ledger as the
//! store would. No store, no HTTP, no clock.
//!
//! Each law tries 5,000 stories, or as many as `IVOHUB_LAWS` says; story `n` is the same on every machine. A failure is
//! shrunk, told in one line and names the line that repeats it (`IVOHUB_SEED=n`).

mod again;
mod edit;
mod edits;
mod money;
mod once;
mod order;
mod people;
mod portal;
mod stages;
mod story;
mod world;

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};

use story::Story;

/// Stories per law.
const STORIES: u64 = 5_000;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Tries a law on the stories of a strategy; `name` is the test's path under `pass::laws`.
fn hold(name: &str, stories: impl Strategy<Value = Story>, law: impl Fn(&Story) -> Result<(), String>) {
    let only = number("IVOHUB_SEED");
    let seeds = only.map_or(0..number("IVOHUB_LAWS").unwrap_or(STORIES), |seed| seed..seed + 1);
    for seed in seeds {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        let config = Config { cases: 1, failure_persistence: None, max_shrink_iters: 100_000, ..Config::default() };
        let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
        match runner.run(&stories, |story| law(&story).map_err(TestCaseError::fail)) {
            Ok(()) => {}
            Err(TestError::Fail(why, story)) => {
                panic!("{why}\n  story: {story}\n  again: IVOHUB_SEED={seed} cargo test --lib pass::laws::{name}\n")
            }
            Err(TestError::Abort(why)) => panic!("seed {seed}: {why}"),
        }
    }
}
