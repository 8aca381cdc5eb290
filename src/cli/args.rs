//! The command line: global options and commands. A command stands here when it works.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::config;
use crate::report::{Bars, Colour};

use super::api_args::{AppointmentArgs, EntryArgs};
use super::exit::Exit;
use super::explore::ExploreArgs;
use super::mappings::MappingsCommand;
use super::pass_args::PassArgs;
use super::why::WhyArgs;

/// Moves a dental group's patients, appointments and chart entries from Ivoris into HubSpot.
#[derive(Debug, Parser)]
#[command(
    name = "ivohub",
    version,
    arg_required_else_help = true,
    disable_help_subcommand = true,
    subcommand_required = true,
    max_term_width = 110,
    after_long_help = after_help(&[
        ("ivohub demo", "the whole migration on invented data, nothing to set up"),
        ("ivohub migrate-patients --input patienten.csv --dry-run", "what would be written"),
        ("ivohub status", "runs, queues, what is held and why"),
    ])
)]
pub(super) struct Cli {
    #[command(flatten)]
    pub(super) global: Global,
    #[command(subcommand)]
    pub(super) command: Command,
}

/// Options of all commands.
#[derive(Args, Debug)]
#[command(next_help_heading = "Global options")]
pub(super) struct Global {
    /// Works in this folder
    #[arg(short = 'C', value_name = "DIR", global = true)]
    pub(super) folder: Option<PathBuf>,
    /// Configuration file; else ./ivohub.toml, the folders above, the user's, the system's
    #[arg(long, value_name = "FILE", env = "IVOHUB_CONFIG", global = true)]
    pub(super) config: Option<PathBuf>,
    /// Profile of the configuration
    #[arg(long, value_name = "NAME", env = "IVOHUB_PROFILE", global = true)]
    pub(super) profile: Option<String>,
    /// Sets a configuration key for this command (deals.rebook_days=14); repeats
    #[arg(long, value_name = "KEY=VALUE", global = true)]
    pub(super) set: Vec<String>,
    /// Writes one JSON object per line, the summary last
    #[arg(long, env = "IVOHUB_JSON", global = true)]
    pub(super) json: bool,
    /// Shows errors and the last line only
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(super) quiet: bool,
    /// Logs more: -v decisions per record (pseudonyms), -vv requests
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    pub(super) verbose: u8,
    /// When colour is used
    #[arg(
        long,
        value_name = "WHEN",
        env = "IVOHUB_COLOR",
        value_enum,
        default_value_t,
        global = true,
        hide_possible_values = true,
        hide_default_value = true
    )]
    pub(super) color: When,
    /// How progress is shown: auto, bar, lines, off
    #[arg(
        long,
        value_name = "MODE",
        env = "IVOHUB_PROGRESS",
        value_enum,
        default_value_t,
        global = true,
        hide_possible_values = true,
        hide_default_value = true
    )]
    pub(super) progress: ProgressMode,
    /// Never asks; what would be asked needs its flag
    #[arg(long, env = "IVOHUB_NO_INPUT", global = true)]
    pub(super) no_input: bool,
    /// Writes the log to this file instead of stderr
    #[arg(long, value_name = "FILE", env = "IVOHUB_LOG_FILE", global = true)]
    pub(super) log_file: Option<PathBuf>,
    /// Waits so long for another run to end (10m)
    #[arg(long, value_name = "DUR", env = "IVOHUB_LOCK_WAIT", value_parser = humantime::parse_duration, global = true)]
    pub(super) lock_wait: Option<std::time::Duration>,
}

impl Global {
    /// The options that say which configuration is meant, as they were given.
    pub(super) fn given(&self) -> Vec<(&'static str, String)> {
        let path = |path: &Option<PathBuf>| path.as_ref().map(|path| path.display().to_string());
        let one = [("-C", path(&self.folder)), ("--config", path(&self.config)), ("--profile", self.profile.clone())];
        let one = one.into_iter().filter_map(|(name, value)| Some((name, value?)));
        one.chain(self.set.iter().map(|pair| ("--set", config::shown_pair(pair)))).collect()
    }
}

/// `--color`
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(super) enum When {
    #[default]
    Auto,
    Always,
    Never,
}

impl From<When> for Colour {
    fn from(when: When) -> Self {
        match when {
            When::Auto => Self::Auto,
            When::Always => Self::Always,
            When::Never => Self::Never,
        }
    }
}

/// `--progress`
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(super) enum ProgressMode {
    #[default]
    Auto,
    Bar,
    Lines,
    Off,
}

impl From<ProgressMode> for Bars {
    fn from(mode: ProgressMode) -> Self {
        match mode {
            ProgressMode::Auto => Self::Auto,
            ProgressMode::Bar => Self::Bar,
            ProgressMode::Lines => Self::Lines,
            ProgressMode::Off => Self::Off,
        }
    }
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Looks at a running Ivoris: routes, contract, values, habits; writes nothing to HubSpot
    #[command(after_long_help = after_help(&[
        ("ivohub explore", "every installation that has an address: a page each, and a document"),
        ("ivohub explore nord --sample 20 --check-mappings", "more patients, and values that have no row in mappings/"),
        ("ivohub explore nord --openapi vendor.json", "compares a saved contract, asks nobody"),
    ]))]
    Explore(ExploreArgs),
    /// Patients → contacts
    #[command(after_long_help = after_help(&[
        ("ivohub migrate-patients --input patienten.csv --dry-run", "shows the plan, writes nothing"),
        ("ivohub migrate-patients --input patienten.csv", "shows the plan, asks, writes"),
        ("ivohub migrate-patients --source api --yes --json", "from Ivoris itself, for a scheduler"),
    ]))]
    MigratePatients(PassArgs),
    /// Appointments → HubSpot appointments and deals with their stages
    #[command(after_long_help = after_help(&[
        ("ivohub migrate-appointments --input termine.csv", "shows the plan, asks, writes"),
        ("ivohub migrate-appointments --source api --since 2021-01-01 --max-duration 8h", "years of history from Ivoris; the same command goes on where it stopped"),
        ("ivohub migrate-appointments --requeue --drain-only", "looks at everything again, after a change of the tables"),
    ]))]
    MigrateAppointments(AppointmentArgs),
    /// Chart entries → revenue, category and dates on deals
    #[command(after_long_help = after_help(&[
        ("ivohub backfill-entries --input eintraege.csv", "shows the plan, asks, writes"),
        ("ivohub backfill-entries --source api --since 90d --fetch-only", "reads from Ivoris now, plans later"),
        ("ivohub backfill-entries --drain-only --yes", "plans and writes what was read before"),
    ]))]
    BackfillEntries(EntryArgs),
    /// Runs, queues, what is held and rejected, and what mends it
    #[command(after_long_help = after_help(&[
        ("ivohub status", "a page for people"),
        ("ivohub status --json", "one object for a monitor"),
        ("ivohub --profile live status", "of another profile"),
    ]))]
    Status,
    /// Why a record in HubSpot is as it is: source, rows, rule, decision, writes
    #[command(after_long_help = after_help(&[
        ("ivohub why A:c2f41e88", "an appointment, by the pseudonym that screens and logs show"),
        ("ivohub why 4711 --reveal", "a Pat.-Nr., an Ivoris id or a HubSpot id; with names, on a terminal"),
        ("ivohub why D:c2f41e88 --json", "a deal, as one object"),
    ]))]
    Why(WhyArgs),
    /// The local state
    State {
        #[command(subcommand)]
        what: StateCommand,
    },
    /// Property groups, properties, pipeline and stages of the portal
    HubspotSchema {
        #[command(subcommand)]
        what: SchemaCommand,
    },
    /// The mapping tables
    Mappings {
        #[command(subcommand)]
        what: MappingsCommand,
    },
    /// The configuration
    Config {
        #[command(subcommand)]
        what: ConfigCommand,
    },
    /// The simulated HubSpot and Ivoris, and invented data for them
    #[cfg(feature = "sandbox")]
    Sandbox {
        #[command(subcommand)]
        what: SandboxCommand,
    },
    /// The whole migration on invented data, twice; nothing to set up, nothing left behind
    #[cfg(feature = "sandbox")]
    #[command(after_long_help = after_help(&[
        ("ivohub demo", "a minute, no network beyond this machine"),
        ("ivohub demo --json", "the same for a script: exit 0 when both rounds end as they should"),
        ("ivohub sandbox serve", "the same simulator, to try the passes by hand"),
    ]))]
    Demo,
    /// Explains a command, or the exit codes
    Help {
        /// A command, or exit-codes
        #[arg(value_name = "TOPIC")]
        topic: Vec<String>,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum StateCommand {
    /// Forgets what was written and looks everything up in HubSpot again; what was read stays
    #[command(after_long_help = after_help(&[
        ("ivohub state rebuild", "asks, then queues every record again"),
        ("ivohub state rebuild --yes", "without asking"),
        ("ivohub migrate-patients --drain-only", "then: looks up and writes what differs"),
    ]))]
    Rebuild {
        /// Does not ask
        #[arg(short, long)]
        yes: bool,
    },
}

#[cfg(feature = "sandbox")]
#[derive(Debug, Subcommand)]
pub(super) enum SandboxCommand {
    /// Serves a simulated HubSpot and a simulated Ivoris on 127.0.0.1 until Ctrl-C
    ///
    /// HubSpot keeps its data in .ivohub/sandbox. Ivoris holds the data of the last `ivohub sandbox seed` here, else that of samples/, and nothing is ever written to it.
    #[command(after_long_help = after_help(&[
        ("ivohub sandbox serve", "in one terminal"),
        ("ivohub hubspot-schema apply --yes", "in another: creates properties and pipeline"),
        ("ivohub sandbox serve --fresh", "begins with an empty portal of another id"),
        ("ivohub sandbox serve --samples", "Ivoris holds the samples, whatever was seeded last"),
    ]))]
    Serve {
        /// Port of HubSpot on 127.0.0.1; 0 takes any that is free
        #[arg(long, value_name = "PORT", default_value_t = 4810)]
        port: u16,
        /// Port of Ivoris on 127.0.0.1; the one after --port if not given
        #[arg(long, value_name = "PORT")]
        ivoris_port: Option<u16>,
        /// Empties the portal and draws a new portal id
        #[arg(long)]
        fresh: bool,
        /// No rate limits
        #[arg(long)]
        unlimited: bool,
        /// Ivoris holds the data of samples/
        #[arg(long)]
        samples: bool,
    },
    /// Writes invented exports of any size: patienten.csv, termine.csv, eintraege.csv
    ///
    /// The simulated Ivoris holds the same data from its next start on: `ivohub sandbox serve` in the same project.
    #[command(after_long_help = after_help(&[
        ("ivohub sandbox seed --out data --patients 5000", "5 000 patients with their appointments and entries"),
        ("ivohub sandbox seed --out later --patients 5000 --changed 1", "the same practice later: 1 % of the rows differ"),
        ("ivohub migrate-patients --input data/patienten.csv", "then: migrate them"),
    ]))]
    Seed {
        /// Folder for the files; made if it is missing
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        /// Patients; about 8.6 appointments and 21 entries each
        #[arg(long, value_name = "N", default_value_t = 1_000)]
        patients: u32,
        /// The same seed gives the same bytes
        #[arg(long, value_name = "N", default_value_t = 1)]
        seed: u64,
        /// Percent of rows that differ from the same seed without this option
        #[arg(long, value_name = "P", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=100))]
        changed: u32,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum SchemaCommand {
    /// Shows what would be created, and what only people can do
    Plan {
        /// Exit 10 when something is to be created
        #[arg(long)]
        detailed_exitcode: bool,
    },
    /// Creates it
    Apply {
        /// Does not ask
        #[arg(short, long)]
        yes: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum ConfigCommand {
    /// Checks file, environment, secrets and tables; opens no connection
    Check,
    /// Shows each value that was given, and who gave it: file and line, variable, --set
    Show {
        /// Always shown; taken so that older scripts go on
        #[arg(long, hide = true)]
        origin: bool,
    },
}

/// Three examples and the exit codes, below the options.
pub(super) fn after_help(examples: &[(&str, &str)]) -> String {
    let mut text = String::from("Examples:\n");
    for (command, why) in examples {
        text.push_str("  ");
        text.push_str(command);
        text.push_str("\n      ");
        text.push_str(why);
        text.push('\n');
    }
    text.push('\n');
    text.push_str(&exit_codes());
    text
}

/// The table of exit codes.
pub(super) fn exit_codes() -> String {
    let mut text = String::from("Exit codes:\n");
    for exit in Exit::ALL {
        text.push_str("  ");
        let code = exit.code().to_string();
        text.push_str(&" ".repeat(3_usize.saturating_sub(code.len())));
        text.push_str(&code);
        text.push_str("  ");
        text.push_str(exit.meaning());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn long_help_has_examples_and_exit_codes() {
        let mut cli = Cli::command();
        for name in ["explore", "migrate-patients", "migrate-appointments", "backfill-entries", "status"] {
            let command = cli.find_subcommand_mut(name).expect("a command");
            let long = command.render_long_help().to_string();
            assert_eq!(long.matches("\n  ivohub ").count(), 3, "{name}: three examples");
            assert!(
                ["explore", "status"].contains(&name)
                    || long.contains("\n  ivohub ") && long.contains(" --source api "),
                "{name}"
            );
            assert!(long.contains("  8  the guard stopped the plan"), "{name}");
            assert!(!command.render_help().to_string().contains("Exit codes"), "-h stays short");
        }
    }

    #[test]
    fn no_option_takes_a_secret() {
        let long = Cli::command().render_long_help().to_string();
        assert!(!long.contains("--token") && !long.contains("--password"));
        assert!(Cli::try_parse_from(["ivohub", "status", "--token", "x"]).is_err());
    }
}
