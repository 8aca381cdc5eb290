//! The bench: what a load costs, measured as whole processes of the real binary against a simulated portal without limits.
//!
//! `cargo bench --bench load` measures everything (some minutes); `cargo bench --bench load -- --small` a small set in half
//! a minute. The table on stdout is Markdown, made to be pasted into the README. Figures to reach: design.md section 9.
//!
//! Times depend on the machine and on who else uses it, so the figures are ratios to something measured beside them: SQLite
//! inserting the same rows, and a batch script on the official Node client writing the same records.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a bench prints what it measured")]

mod measure;
mod peer;
mod portal;
mod pure;
mod rounds;
mod set;
mod table;

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};

use set::Set;
use table::Table;

/// Sizes of one bench, in patients.
struct Sizes {
    /// Written by us and by the peer; about 90,000 records.
    compared: u32,
    /// The load set of `domain.md` 6.2.
    load: u32,
}

const FULL: Sizes = Sizes { compared: 8_500, load: 48_000 };
const SMALL: Sizes = Sizes { compared: 1_000, load: 2_000 };

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        [] => bench(&FULL, &[]),
        ["--small"] => bench(&SMALL, &[]),
        // Parts that run in a process of their own.
        ["serve"] => portal::serve(),
        ["parse", folder] => pure::parse_and_map(Path::new(folder)),
        ["decide", folder] => pure::decide(Path::new(folder)),
        ["insert", folder] => pure::insert(Path::new(folder)),
        only if only.iter().all(|word| PARTS.contains(word) || *word == "--small") => {
            bench(if only.contains(&"--small") { &SMALL } else { &FULL }, only)
        }
        _ => Err(anyhow::anyhow!("words are --small and, to measure only these, {}", PARTS.join(", "))),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

const PARTS: [&str; 3] = ["alone", "compared", "load-set"];

fn bench(sizes: &Sizes, only: &[&str]) -> Result<()> {
    let wanted = |part: &str| only.iter().all(|word| *word == "--small") || only.contains(&part);
    let folder = tempfile::tempdir().context("a folder for the data")?;
    let mut table = Table::default();
    if wanted("alone") || wanted("compared") {
        let set = Set::make(&folder.path().join("compared"), sizes.compared)?;
        if wanted("alone") {
            pure::measured(&set, &mut table)?;
        }
        if wanted("compared") {
            rounds::compared(&set, &mut table)?;
        }
    }
    if wanted("load-set") {
        let set = Set::make(&folder.path().join("load"), sizes.load)?;
        rounds::load(&set, &mut table)?;
    }
    if table.is_empty() {
        bail!("nothing was measured");
    }
    println!("{}", table.markdown());
    Ok(())
}
