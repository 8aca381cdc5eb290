//! Options of reading from Ivoris itself, and what all options together mean for where records come from.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use chrono::NaiveDate;
use clap::Args;

use crate::pass::Days;

use super::exit::Exit;
use super::failure::Failure;
use super::pass_args::{Again, PassArgs, SourceName};
use super::when::Since;

/// What passes that read from Ivoris take.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Reading from Ivoris")]
pub(super) struct ApiArgs {
    /// Reads no longer than this (40m, 8h); the same command goes on there
    #[arg(long, value_name = "DUR", value_parser = some_time)]
    pub(super) max_duration: Option<Duration>,
    /// At most so many requests at once to one installation: 1 or 2
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=2))]
    pub(super) ivoris_concurrency: Option<u32>,
    /// `--all-patients`, of backfill-entries.
    #[arg(skip)]
    pub(super) all_patients: bool,
    /// `--cross-check`, of migrate-appointments.
    #[arg(skip)]
    pub(super) cross_check: Option<CrossCheck>,
}

/// What migrate-appointments takes.
#[derive(Args, Clone, Debug, Default)]
pub(super) struct AppointmentArgs {
    #[command(flatten)]
    pass: PassArgs,
    /// Compares the windows with the own lists of N patients, or of all
    #[arg(long, value_name = "N|all", help_heading = "Reading from Ivoris")]
    cross_check: Option<CrossCheck>,
}

impl From<AppointmentArgs> for PassArgs {
    fn from(args: AppointmentArgs) -> Self {
        let AppointmentArgs { pass, cross_check } = args;
        Self { ivoris: ApiArgs { cross_check, ..pass.ivoris }, ..pass }
    }
}

/// What backfill-entries takes.
#[derive(Args, Clone, Debug, Default)]
pub(super) struct EntryArgs {
    #[command(flatten)]
    pass: PassArgs,
    /// Entries of everybody, not only of patients with appointments in these days or an open deal
    #[arg(long, help_heading = "Reading from Ivoris")]
    all_patients: bool,
}

impl From<EntryArgs> for PassArgs {
    fn from(args: EntryArgs) -> Self {
        let EntryArgs { pass, all_patients } = args;
        Self { ivoris: ApiArgs { all_patients, ..pass.ivoris }, ..pass }
    }
}

/// How many patients' own lists are compared with the windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CrossCheck {
    /// So many in each run.
    Patients(u32),
    /// Everybody's.
    All,
}

impl CrossCheck {
    /// As a number of patients.
    pub(super) const fn patients(self) -> u32 {
        match self {
            Self::Patients(number) => number,
            Self::All => u32::MAX,
        }
    }
}

impl FromStr for CrossCheck {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.trim() {
            "all" => Ok(Self::All),
            number => {
                number.parse().map(Self::Patients).map_err(|_| "expected a number of patients, or all".to_owned())
            }
        }
    }
}

impl fmt::Display for CrossCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Patients(number) => write!(f, "{number}"),
            Self::All => f.write_str("all"),
        }
    }
}

fn some_time(text: &str) -> Result<Duration, String> {
    let time = humantime::parse_duration(text).map_err(|_| "expected a time such as 40m or 8h".to_owned())?;
    if time.is_zero() { Err("no time is too little".to_owned()) } else { Ok(time) }
}

impl ApiArgs {
    /// Options with their values, as they were given.
    pub(super) fn words(&self) -> Vec<(&'static str, String)> {
        let Self { max_duration, ivoris_concurrency, all_patients: _, cross_check } = self;
        let time = max_duration.map(|time| humantime::format_duration(time).to_string().replace(' ', ""));
        let all = [
            ("--max-duration", time),
            ("--ivoris-concurrency", ivoris_concurrency.map(|number| number.to_string())),
            ("--cross-check", cross_check.map(|number| number.to_string())),
        ];
        all.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }

    /// The first option that was given, if any.
    fn any(&self) -> Option<&'static str> {
        let first = self.words().first().map(|(name, _)| *name);
        first.or_else(|| self.all_patients.then_some("--all-patients"))
    }
}

/// Where the records of a run come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reads {
    /// Files.
    Files,
    /// Ivoris.
    Ivoris,
    /// Nowhere: what was read before is worked on.
    Nothing,
}

/// What a run wants from Ivoris.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Api {
    /// `--since`; `None` = from where the last complete reading got to.
    pub(super) since: Option<Since>,
    /// `--until`, included; `None` = as far as the pass looks ahead.
    pub(super) until: Option<NaiveDate>,
    /// `--max-duration`
    pub(super) max_duration: Option<Duration>,
    /// `--ivoris-concurrency`
    pub(super) parallel: Option<u32>,
    /// `--all-patients`
    pub(super) all_patients: bool,
    /// `--cross-check`; `None` = as configured.
    pub(super) cross_check: Option<CrossCheck>,
}

impl PassArgs {
    /// Where the records come from. `reachable`: an installation's address is configured.
    pub(super) fn reads(&self, command: &str, reachable: bool, today: NaiveDate) -> Result<Reads, Failure> {
        if let Some(option) = self.beside_affected() {
            let message = format!("{option} does not fit --requeue=affected, which reads nothing");
            return Err(Failure::new(Exit::Usage, message).next(format!("ivohub {command} --requeue=affected")));
        }
        let reads = match self.source {
            Some(SourceName::Api) => Reads::Ivoris,
            None if self.input.is_empty() && (self.drain_only || self.requeue.is_some()) => Reads::Nothing,
            None if self.input.is_empty() && reachable => Reads::Ivoris,
            Some(SourceName::Csv) | None => Reads::Files,
        };
        let usage = |message: String, next: String| Err(Failure::new(Exit::Usage, message).next(next));
        if let Some(option) = self.misfit(reads) {
            let (message, next) = match reads {
                Reads::Ivoris => {
                    ("does not fit --source api", format!("ivohub {command} --source api, without {option}"))
                }
                Reads::Files => ("does not fit --source csv", format!("ivohub {command} --source api {option} …")),
                Reads::Nothing => (
                    "says what is read, and this command reads nothing",
                    format!("leave it away, or name a source: ivohub {command} --source api {option} …"),
                ),
            };
            return usage(format!("{option} {message}"), next);
        }
        if reads == Reads::Files && self.input.is_empty() {
            return usage(
                format!("{command} needs a file to read"),
                format!(
                    "ivohub {command} --input FILE, --source api to read from Ivoris itself, \
                     or --drain-only to work on what was read before"
                ),
            );
        }
        let days = self.days(today);
        if days.from.zip(days.to).is_some_and(|(from, to)| from > to) {
            return usage(
                "--since is later than --until: no day is left".to_owned(),
                format!("ivohub {command} --help"),
            );
        }
        if self.until.is_some() && days.to.is_none() {
            return usage("--until beginning leaves no day".to_owned(), format!("ivohub {command} --help"));
        }
        Ok(reads)
    }

    /// An option that says what is read beside `--requeue=affected`, or takes a part of what must be whole.
    fn beside_affected(&self) -> Option<&'static str> {
        let options = [
            (!self.input.is_empty(), "--input"),
            (self.source.is_some(), "--source"),
            (!self.practice.is_empty(), "--practice"),
            (!self.only.is_empty(), "--only"),
            (self.limit.is_some(), "--limit"),
            (self.fetch_only, "--fetch-only"),
        ];
        let given = options.into_iter().find(|(given, _)| *given).map(|(_, name)| name);
        given.filter(|_| self.requeue == Some(Again::Affected))
    }

    /// An option that means nothing with this source.
    fn misfit(&self, reads: Reads) -> Option<&'static str> {
        let of_files = || {
            let options = [
                (!self.input.is_empty(), "--input"),
                (self.encoding.is_some(), "--encoding"),
                (self.delimiter.is_some(), "--delimiter"),
                (self.number_keys, "--number-keys"),
            ];
            options.into_iter().find(|(given, _)| *given).map(|(_, name)| name)
        };
        let of_reading = || {
            let options = [(self.since.is_some(), "--since"), (self.until.is_some(), "--until")];
            options.into_iter().find(|(given, _)| *given).map(|(_, name)| name)
        };
        match reads {
            Reads::Files => self.ivoris.any(),
            Reads::Ivoris => of_files(),
            Reads::Nothing => self.ivoris.any().or_else(of_reading),
        }
    }

    /// The days of `--since` and `--until`.
    pub(super) fn days(&self, today: NaiveDate) -> Days {
        Days { from: self.since.and_then(|when| when.day(today)), to: self.until.and_then(|when| when.day(today)) }
    }

    /// What is wanted from Ivoris.
    pub(super) fn api(&self, today: NaiveDate) -> Api {
        let ApiArgs { max_duration, ivoris_concurrency, all_patients, cross_check } = self.ivoris;
        Api {
            since: self.since.map(|when| when.since(today)),
            until: self.days(today).to,
            max_duration,
            parallel: ivoris_concurrency,
            all_patients,
            cross_check,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    use crate::cli::args::{Cli, Command};

    fn today() -> NaiveDate {
        "2026-03-01".parse().expect("a day")
    }

    /// The options of a line, behind its command.
    fn parsed(line: &str) -> PassArgs {
        let cli = Cli::try_parse_from(["ivohub"].into_iter().chain(line.split(' '))).expect("a line");
        if let Command::MigratePatients(args) = cli.command {
            return args;
        }
        if let Command::MigrateAppointments(args) = cli.command {
            return args.into();
        }
        let Command::BackfillEntries(args) = cli.command else { panic!("no pass: {line}") };
        args.into()
    }

    #[test]
    fn where_records_come_from() {
        let check = |line: &str, reachable, wanted: Result<Reads, &str>| {
            let found = parsed(line).reads("migrate-appointments", reachable, today());
            match (found, wanted) {
                (Ok(found), Ok(wanted)) => assert_eq!(found, wanted, "{line}"),
                (Err(failure), Err(wanted)) => {
                    let text = format!("{} → {}", failure.message, failure.next.unwrap_or_default());
                    assert!(failure.exit == Exit::Usage && text.contains(wanted), "{line}: {text}");
                }
                (found, wanted) => panic!("{line}: {found:?}, not {wanted:?}"),
            }
        };
        let files = |options: &str| format!("migrate-appointments --input a.csv{options}");
        check(&files(""), true, Ok(Reads::Files));
        check(&files(" --source csv --since 7d"), false, Ok(Reads::Files));
        check(&files(" --requeue"), false, Ok(Reads::Files));
        check(&files(" --source api"), true, Err("--input does not fit --source api"));
        check(&files(" --max-duration 8h"), true, Err("--max-duration does not fit --source csv"));
        check(&files(" --cross-check all"), true, Err("--cross-check does not fit --source csv"));
        check(&files(" --since 7d --until 8d"), true, Err("--since is later than --until"));
        check(&files(" --until beginning"), true, Err("leaves no day"));
        check("migrate-appointments", true, Ok(Reads::Ivoris));
        check("migrate-appointments --max-duration 8h", true, Ok(Reads::Ivoris));
        check("migrate-appointments", false, Err("needs a file to read"));
        check("migrate-appointments", false, Err("--source api to read from Ivoris itself"));
        check("migrate-appointments --source csv", true, Err("needs a file to read"));
        check("migrate-appointments --source api", false, Ok(Reads::Ivoris));
        check("migrate-appointments --source api --encoding utf-8", false, Err("--encoding does not fit --source api"));
        check("migrate-appointments --source api --number-keys", false, Err("without --number-keys"));
        check("migrate-appointments --requeue --source api", true, Ok(Reads::Ivoris));
        check("migrate-appointments --requeue", true, Ok(Reads::Nothing));
        check("migrate-appointments --requeue --since 7d", true, Err("--since says what is read"));
        check("migrate-appointments --drain-only", true, Ok(Reads::Nothing));
        check("migrate-appointments --drain-only --max-duration 1h", true, Err("--max-duration says what is read"));
        check("backfill-entries --all-patients --input a.csv", true, Err("--all-patients does not fit --source csv"));
    }

    #[test]
    fn what_is_wanted_from_ivoris() {
        let api = parsed("migrate-appointments --source api --since 7d --until +60d --cross-check 50").api(today());
        let day = |text: &str| text.parse::<NaiveDate>().expect("a day");
        assert_eq!((api.since, api.until), (Some(Since::Day(day("2026-02-22"))), Some(day("2026-04-30"))));
        assert_eq!(api.cross_check.map(CrossCheck::patients), Some(50));
        let api =
            parsed("backfill-entries --source api --since beginning --max-duration 8h --all-patients").api(today());
        assert_eq!((api.since, api.until, api.all_patients), (Some(Since::Beginning), None, true));
        assert_eq!(api.max_duration, Some(Duration::from_hours(8)));
    }

    #[test]
    fn options_stand_where_they_mean_something() {
        let refused = |line: &str| Cli::try_parse_from(["ivohub"].into_iter().chain(line.split(' '))).is_err();
        for line in [
            "migrate-patients --all-patients",
            "migrate-patients --cross-check 5",
            "backfill-entries --cross-check 5",
            "migrate-appointments --all-patients",
            "migrate-appointments --cross-check some",
            "migrate-appointments --ivoris-concurrency 3",
            "migrate-appointments --max-duration 0s",
            "migrate-appointments --since soon",
            "migrate-appointments --drain-only --source api",
            "migrate-appointments --drain-only --since 7d",
        ] {
            assert!(refused(line), "{line}");
        }
    }
}
