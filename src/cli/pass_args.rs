//! Options of the passes.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::config::limit::{WrittenLimit, parse};
use crate::pass::Requeue;

use super::api_args::{ApiArgs, Reads};
use super::when::When;

/// What all passes take.
#[derive(Args, Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag on the command line")]
pub(super) struct PassArgs {
    /// Where records come from: csv (files), or api (Ivoris itself); csv with --input, else api where an address is configured
    #[arg(long, value_enum, value_name = "NAME", hide_possible_values = true)]
    pub(super) source: Option<SourceName>,
    /// CSV file as exported, - for stdin; repeats
    #[arg(short, long, value_name = "FILE", num_args = 1..)]
    pub(super) input: Vec<String>,
    /// Encoding of the files, if the guess is wrong: utf-8, utf-16le, utf-16be, windows-1252
    #[arg(long, value_name = "NAME")]
    pub(super) encoding: Option<String>,
    /// Separator of the files, if the guess is wrong: ';', ',' or tab
    #[arg(long, value_name = "CHAR")]
    pub(super) delimiter: Option<String>,
    /// Installation that the rows come from, when the file does not say; from Ivoris: only this one
    #[arg(long, value_name = "NAME")]
    pub(super) instance: Option<String>,
    /// Keys patients by Pat.-Nr. where the file has no Patient-ID
    #[arg(long)]
    pub(super) number_keys: bool,
    /// Only records of these locations; repeats
    #[arg(long, value_name = "KEY", value_delimiter = ',')]
    pub(super) practice: Vec<String>,
    /// Only these records: Ivoris ids, pseudonyms (D:c2f41e88) or HubSpot ids; or @FILE with one per line
    #[arg(long, value_name = "KEYS", value_delimiter = ',')]
    pub(super) only: Vec<String>,
    /// Only appointments and entries from this day on: 2026-01-31, 7d (seven days ago), today, beginning
    #[arg(long, value_name = "DAY")]
    pub(super) since: Option<When>,
    /// Only appointments and entries up to this day, itself included; +60d is in sixty days
    #[arg(long, value_name = "DAY")]
    pub(super) until: Option<When>,
    /// Only the first N records; over the API about so many
    #[arg(long, value_name = "N")]
    pub(super) limit: Option<u64>,

    /// Shows the plan and writes nothing
    #[arg(short = 'n', long, conflicts_with_all = ["yes", "approve", "fetch_only"])]
    pub(super) dry_run: bool,
    /// Does not ask; never lifts the guard
    #[arg(short, long)]
    pub(super) yes: bool,
    /// Accepts the plan with this digest, over the guard too
    #[arg(long, value_name = "DIGEST")]
    pub(super) approve: Option<String>,
    /// Reads into the inbox and plans nothing
    #[arg(long, conflicts_with_all = ["drain_only", "approve"])]
    pub(super) fetch_only: bool,
    /// Reads nothing; plans and writes what is queued
    #[arg(long, conflicts_with_all = ["input", "source", "practice", "only", "since", "until", "limit"])]
    pub(super) drain_only: bool,
    /// Looks again at everything handled before; affected: only at what a change of the tables concerns, reads nothing
    #[arg(
        long,
        value_enum,
        value_name = "WHICH",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "all",
        hide_possible_values = true
    )]
    pub(super) requeue: Option<Again>,
    /// Plans anew what an earlier run left unsent, reads Ivoris anew; begins with an empty state when the portal is
    /// another one
    #[arg(long)]
    pub(super) fresh: bool,

    /// This run's limit of new contacts and deals: a number, exactly, or a share of those there are (5%), never below 200
    #[arg(long, value_name = "N|P%", value_parser = parse)]
    pub(super) max_creates: Option<WrittenLimit>,
    /// This run's limit of changed contacts, and of changed deals; a share never goes below 200
    #[arg(long, value_name = "N|P%", value_parser = parse)]
    pub(super) max_updates: Option<WrittenLimit>,
    /// This run's limit of closed deals; a share of the open ones never goes below 20
    #[arg(long, value_name = "N|P%", value_parser = parse)]
    pub(super) max_closes: Option<WrittenLimit>,

    /// How much of the plan is shown; fields lists the first changes, full all of them
    #[arg(long, value_enum, value_name = "HOW")]
    pub(super) diff: Option<Diff>,
    /// Writes the summary (JSON) to this file too
    #[arg(long, value_name = "FILE")]
    pub(super) summary_out: Option<PathBuf>,
    /// Exit 10 when a dry run finds changes
    #[arg(long)]
    pub(super) detailed_exitcode: bool,

    #[command(flatten)]
    pub(super) ivoris: ApiArgs,
}

/// `--source`
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum SourceName {
    /// CSV exports.
    Csv,
    /// Ivoris itself.
    Api,
}

impl SourceName {
    const fn word(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Api => "api",
        }
    }
}

/// `--requeue`
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Again {
    /// Everything.
    All,
    /// What a change of the tables concerns.
    Affected,
}

impl From<Again> for Requeue {
    fn from(again: Again) -> Self {
        match again {
            Again::All => Self::All,
            Again::Affected => Self::Affected,
        }
    }
}

/// `--diff`
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Diff {
    /// Totals only
    Summary,
    /// The first changes, with their fields
    Fields,
    /// All changes, all fields
    Full,
}

impl Diff {
    const fn word(self) -> &'static str {
        match self {
            Self::Summary => "summary",
            Self::Fields => "fields",
            Self::Full => "full",
        }
    }
}

impl PassArgs {
    /// Whether only a part of what there is is read: then only what was read is planned.
    pub(super) fn narrows(&self, reads: Reads) -> bool {
        let days = reads == Reads::Files && (self.since.is_some() || self.until.is_some());
        days || !self.practice.is_empty() || !self.only.is_empty() || self.limit.is_some()
    }

    /// The line that goes on where this command has stopped.
    pub(super) fn again(&self, command: &str, global: &[(&'static str, String)]) -> String {
        // What was read is kept: a run that goes on does not throw it away, and a dry one stays dry.
        let fresh = self.fresh && !self.reads_api();
        let line = Self { fresh, ..self.clone() }.line(command, global);
        if self.dry_run { format!("{line} --dry-run") } else { line }
    }

    /// Whether records come from Ivoris, as far as the options say.
    fn reads_api(&self) -> bool {
        self.source == Some(SourceName::Api) || (self.source.is_none() && self.input.is_empty() && !self.drain_only)
    }

    /// The line that repeats this command, for the operator to copy; without what only this run answered. `global` are
    /// options of all commands that were given: which configuration is meant.
    pub(super) fn line(&self, command: &str, global: &[(&'static str, String)]) -> String {
        let mut words = vec!["ivohub".to_owned(), command.to_owned()];
        let mut option = |name: &str, value: &str| {
            words.push(name.to_owned());
            words.push(quoted(value));
        };
        global.iter().for_each(|(name, value)| option(name, value));
        self.source.iter().for_each(|source| option("--source", source.word()));
        self.input.iter().for_each(|file| option("--input", file));
        self.encoding.iter().for_each(|name| option("--encoding", name));
        self.delimiter.iter().for_each(|text| option("--delimiter", text));
        self.instance.iter().for_each(|name| option("--instance", name));
        if !self.practice.is_empty() {
            option("--practice", &self.practice.join(","));
        }
        if !self.only.is_empty() {
            // Ids of records are not repeated on screens; names of files and pseudonyms are.
            let shown = self.only.iter().all(|word| word.starts_with('@') || word.contains(':'));
            option("--only", if shown { self.only.join(",") } else { "…".to_owned() }.as_str());
        }
        let days = [("--since", self.since), ("--until", self.until)];
        days.iter().for_each(|(name, day)| day.iter().for_each(|day| option(name, &day.to_string())));
        if let Some(limit) = self.limit {
            option("--limit", &limit.to_string());
        }
        let limits = [
            ("--max-creates", self.max_creates),
            ("--max-updates", self.max_updates),
            ("--max-closes", self.max_closes),
        ];
        for (name, limit) in limits {
            limit.iter().for_each(|limit| option(name, &limit.to_string()));
        }
        self.diff.iter().for_each(|diff| option("--diff", diff.word()));
        self.summary_out.iter().for_each(|file| option("--summary-out", &file.display().to_string()));
        self.ivoris.words().iter().for_each(|(name, value)| option(name, value));
        let flags = [
            (self.ivoris.all_patients, "--all-patients"),
            (self.number_keys, "--number-keys"),
            (self.drain_only, "--drain-only"),
            (self.requeue == Some(Again::All), "--requeue"),
            (self.requeue == Some(Again::Affected), "--requeue=affected"),
            (self.fresh, "--fresh"),
        ];
        words.extend(flags.iter().filter(|(given, _)| *given).map(|(_, flag)| (*flag).to_owned()));
        words.join(" ")
    }
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let plain = |char: char| char.is_alphanumeric() || "-_./,:@%+=…".contains(char);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_can_be_copied() {
        let args = PassArgs {
            input: vec!["samples/patienten.csv".to_owned(), "Export Mitte.csv".to_owned()],
            delimiter: Some(";".to_owned()),
            practice: vec!["nord".to_owned(), "sued".to_owned()],
            only: vec!["4711".to_owned()],
            yes: true,
            number_keys: true,
            max_creates: parse("60000").ok(),
            max_updates: parse("10%").ok(),
            diff: Some(Diff::Full),
            ..PassArgs::default()
        };
        assert_eq!(
            args.line("migrate-patients", &[("--profile", "live".to_owned())]),
            "ivohub migrate-patients --profile live --input samples/patienten.csv --input 'Export Mitte.csv' --delimiter ';' \
             --practice nord,sued --only … --max-creates 60000 --max-updates 10% --diff full --number-keys"
        );
        let args = PassArgs {
            source: Some(SourceName::Api),
            since: "2021-01-01".parse().ok(),
            until: "+60d".parse().ok(),
            ivoris: ApiArgs {
                max_duration: Some(std::time::Duration::from_mins(90)),
                ivoris_concurrency: Some(1),
                all_patients: true,
                cross_check: "all".parse().ok(),
            },
            ..PassArgs::default()
        };
        assert_eq!(
            args.line("backfill-entries", &[]),
            "ivohub backfill-entries --source api --since 2021-01-01 --until +60d --max-duration 1h30m \
             --ivoris-concurrency 1 --cross-check all --all-patients"
        );
    }
}
