//! Whole loads by the real binary: first load, the same files again, and one percent changed.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::measure::{self, Cost};
use crate::peer::Peer;
use crate::portal::Served;
use crate::pure::plain_insert;
use crate::set::Set;
use crate::table::{Table, float, grouped, rate};

const PASSES: [&str; 3] = ["migrate-patients", "migrate-appointments", "backfill-entries"];
/// Dirty rows are part of every set, so passes end with "held or rejected records".
const FINE: [i32; 2] = [0, 3];

/// A project folder with its state, and the portal it writes to.
struct Project<'p> {
    folder: tempfile::TempDir,
    portal: &'p Served,
}

/// What three passes did.
#[derive(Default)]
struct Round {
    cost: Cost,
    per_pass: Vec<Cost>,
    /// Contacts, appointments and deals written.
    records: u64,
    links: u64,
    calls: u64,
    bound: u64,
    writing: u64,
}

impl<'p> Project<'p> {
    fn new(portal: &'p Served) -> Result<Self> {
        let project = Self { folder: tempfile::tempdir()?, portal };
        measure::run(project.command(&["hubspot-schema", "apply", "--yes"]), &[0])?;
        Ok(project)
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ivohub"));
        command.current_dir(self.folder.path()).args(["--set", &format!("hubspot.base_url={}", self.portal.url)]);
        command.args(words);
        command
    }

    fn pass(&self, at: usize, file: &Path, more: &[&str]) -> Result<(Cost, Value)> {
        let out = self.folder.path().join("summary.json");
        let (file, out_text) = (file.to_string_lossy(), out.to_string_lossy());
        let mut words = vec![PASSES[at], "--input", &*file, "--summary-out", &*out_text];
        words.extend(more);
        let cost = measure::run(self.command(&words), &FINE)?;
        let summary = std::fs::read(&out).context("the pass wrote no summary")?;
        Ok((cost, serde_json::from_slice(&summary)?))
    }

    /// The three passes over a set.
    fn load(&self, set: &Set) -> Result<Round> {
        let mut round = Round::default();
        for at in 0..PASSES.len() {
            let (cost, summary) = self.pass(at, &set.file(at), &["--yes"])?;
            round.add(cost, &summary)?;
        }
        Ok(round)
    }
}

impl Round {
    fn add(&mut self, cost: Cost, summary: &Value) -> Result<()> {
        self.cost = self.cost.and_then(cost);
        self.per_pass.push(cost);
        let number = |path: &str| summary.pointer(path).and_then(Value::as_u64).unwrap_or(0);
        let written = summary["account"]["written"].as_object().context("no account")?;
        self.records += written.values().map(|one| one["created"].as_u64().unwrap_or(0)).sum::<u64>();
        self.records += written.values().map(|one| one["updated"].as_u64().unwrap_or(0)).sum::<u64>();
        self.links += number("/account/steps/links_done");
        self.calls += number("/calls/read") + number("/calls/write") + number("/calls/link");
        self.writing += number("/calls/write") + number("/calls/link");
        self.bound += number("/calls/bound");
        Ok(())
    }

    fn peak(&self) -> String {
        let peaks: Vec<String> = self.per_pass.iter().map(|cost| cost.peak.to_string()).collect();
        format!("{} MiB ({})", self.cost.peak, peaks.join(", "))
    }

    fn millis_per_record(&self) -> f64 {
        self.cost.cpu * 1000.0 / float(self.records.max(1))
    }
}

/// Ours and the peer's on the same files.
pub(crate) fn compared(set: &Set, table: &mut Table) -> Result<()> {
    let portal = Served::start()?;
    let project = Project::new(&portal)?;
    let first = project.load(set)?;
    let again = project.load(set)?;
    let what = format!("{} records, {} links", grouped(first.records), grouped(first.links));
    table.row(&format!("Writing {what}: records/s"), &rate(first.records, first.cost.wall), "≥ 1.2 × the Node script");
    table.row("… CPU per record", &format!("{:.3} ms", first.millis_per_record()), "≤ 1.0 × the Node script");
    table.row("… peak memory (per pass)", &first.peak(), "≤ 96 MiB");
    nothing_changed(&again, &first, "≤ 1/10 of the Node script's reload", table);
    let Some(peer) = Peer::install()? else { return Ok(()) };
    let portal = Served::start()?;
    let _schema = Project::new(&portal)?;
    let theirs = peer.load(&portal, set)?;
    let theirs_again = peer.load(&portal, set)?;
    let per_record = theirs.cost.cpu * 1000.0 / float(theirs.records.max(1));
    table.row(
        &format!("Node script writing {} records, {} links: records/s", grouped(theirs.records), grouped(theirs.links)),
        &rate(theirs.records, theirs.cost.wall),
        "",
    );
    table.row("… CPU per record", &format!("{per_record:.3} ms"), "");
    table.row("… peak memory", &format!("{} MiB", theirs.cost.peak), "");
    table.row("… the same files again", &format!("{:.1} s", theirs_again.cost.wall), "");
    let speed = (float(first.records) / first.cost.wall) / (float(theirs.records) / theirs.cost.wall);
    table.row("Ours ÷ Node script: records/s", &format!("{speed:.2} ×"), "≥ 1.2 ×");
    let cpu = first.millis_per_record() / per_record;
    table.row("Ours ÷ Node script: CPU per record", &format!("{cpu:.2} ×"), "≤ 1.0 ×");
    let reload = again.cost.wall / theirs_again.cost.wall;
    table.row("Ours ÷ Node script: reload", &format!("{reload:.2} ×"), "≤ 0.10 ×");
    Ok(())
}

fn nothing_changed(again: &Round, first: &Round, figure: &str, table: &mut Table) {
    table.row(
        "… the same files again",
        &format!(
            "{:.1} s ({:.0} % of the first load), {:.1} s CPU, {} writing calls",
            again.cost.wall,
            100.0 * again.cost.wall / first.cost.wall,
            again.cost.cpu,
            again.writing
        ),
        figure,
    );
}

/// The load set: from CSV to a finished plan, the load itself, the same again, one percent changed.
pub(crate) fn load(set: &Set, table: &mut Table) -> Result<()> {
    let rows = set.rows();
    to_plan(set, table)?;
    let portal = Served::start()?;
    let project = Project::new(&portal)?;
    let first = project.load(set)?;
    let (calls, _) = portal.calls()?;
    let named =
        format!("Load of {} rows: {} records, {} links", grouped(rows), grouped(first.records), grouped(first.links));
    table.row(&named, &format!("{:.1} s, {} records/s", first.cost.wall, rate(first.records, first.cost.wall)), "");
    table.row("… CPU per record", &format!("{:.3} ms", first.millis_per_record()), "");
    table.row("… peak memory (per pass)", &first.peak(), "≤ 160 MiB");
    table.row(
        "… calls",
        &format!("{} of at most {} ({} with the schema)", grouped(first.calls), grouped(first.bound), grouped(calls)),
        "≤ 1.02 × the bound",
    );
    nothing_changed(&project.load(set)?, &first, "≤ 15 s, 0 writing calls", table);
    let later: PathBuf = set.folder.with_extension("later");
    let changed = project.load(&set.later(&later, 1)?)?;
    table.row(
        "… 1 % of the rows changed",
        &format!(
            "{:.1} s, {} records written, {} calls (bound {})",
            changed.cost.wall,
            grouped(changed.records),
            grouped(changed.calls),
            grouped(changed.bound)
        ),
        "only what changed is read and sent",
    );
    Ok(())
}

/// Everything read into a durable sealed inbox, and a plan for all of it; the portal is empty and nothing is written.
fn to_plan(set: &Set, table: &mut Table) -> Result<()> {
    let portal = Served::start()?;
    let project = Project::new(&portal)?;
    let mut cost = Cost::default();
    let modes: [&[&str]; 3] = [&["--fetch-only"], &["--fetch-only"], &["--dry-run"]];
    for (at, mode) in modes.into_iter().enumerate() {
        cost = cost.and_then(project.pass(at, &set.file(at), mode)?.0);
    }
    let (plain, plain_cpu) = plain_insert(set)?;
    let ours = float(set.rows()) / cost.wall;
    let ours_cpu = float(set.rows()) / cost.cpu;
    table.row(
        "CSV to finished plan, rows/s (per CPU second)",
        &format!("{} ({})", rate(set.rows(), cost.wall), rate(set.rows(), cost.cpu)),
        "",
    );
    table.row(
        "… ÷ plain inserts of SQLite (per CPU second)",
        &format!("{:.2} × ({:.2} ×)", ours / plain, ours_cpu / plain_cpu),
        "≥ 0.35 ×",
    );
    Ok(())
}
