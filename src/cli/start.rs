//! From the process to a command: arguments, configuration, log, signals, and the exit code.

use std::fs::OpenOptions;
use std::process::ExitCode;
use std::time::Duration;

use clap::{CommandFactory, Parser};
use secrecy::ExposeSecret;

use crate::config::{self, Config, LogFormat, Request, Surroundings};
use crate::domain::Kind;
use crate::http::Redactor;
use crate::report::log::{self, Form, Loudness, RunName};
use crate::report::{Line, Look, Options, Screen, finding};

use super::args::{Cli, Command, ConfigCommand, Global, SchemaCommand, StateCommand, exit_codes};
use super::ask::Asking;
use super::closing::{stopped, tell};
use super::context::Context;
use super::exit::Exit;
use super::failure::Failure;
use super::stop::Stop;
use super::{config_cmd, explore, findings, mappings, passes, schema, state, status, why};
#[cfg(feature = "sandbox")]
use super::{demo, sandbox};

/// Runs the command line of this process.
#[must_use]
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // A closed pipe is fine here too.
            let _gone = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(Exit::Usage.code()));
        }
    };
    let screen = screen(&cli.global);
    if let Some(folder) = &cli.global.folder
        && let Err(error) = std::env::set_current_dir(folder)
    {
        return early(&screen, &Failure::new(Exit::Usage, format!("-C {}: {error}", folder.display())));
    }
    if let Command::Help { topic } = &cli.command {
        return help(&screen, topic);
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return early(&screen, &Failure::new(Exit::Unexpected, error.to_string())),
    };
    let exit = runtime.block_on(command(cli, screen));
    // A thread that still reads a file or a terminal does not hold up the end.
    runtime.shutdown_timeout(Duration::from_millis(200));
    exit.into()
}

fn screen(global: &Global) -> Screen {
    Screen::of_process(Options {
        json: global.json,
        quiet: global.quiet,
        colour: global.color.into(),
        bars: global.progress.into(),
    })
}

fn early(screen: &Screen, failure: &Failure) -> ExitCode {
    show(screen, failure);
    failure.exit.into()
}

fn show(screen: &Screen, failure: &Failure) {
    screen.complain(&failure.message);
    if let Some(next) = &failure.next {
        screen.error(&Line::of("→ ").look(Look::Command, next));
    }
}

/// `help`, `help exit-codes`, `help migrate-patients`.
fn help(screen: &Screen, topic: &[String]) -> ExitCode {
    let words: Vec<&str> = topic.iter().map(String::as_str).collect();
    let mut here = Cli::command();
    here.build();
    match words.as_slice() {
        ["exit-codes"] => {
            exit_codes().lines().for_each(|line| screen.last(&Line::of(line)));
            return Exit::Done.into();
        }
        names => {
            for name in names {
                let Some(found) = here.find_subcommand(name).cloned() else {
                    let message = format!("there is no command \"{}\"", names.join(" "));
                    return early(screen, &Failure::new(Exit::Usage, message).next("ivohub --help"));
                };
                here = found;
            }
        }
    }
    let _gone = here.print_long_help();
    Exit::Done.into()
}

async fn command(cli: Cli, screen: Screen) -> Exit {
    let context = match context(&cli, screen.clone()) {
        Ok(context) => context,
        Err(failure) => {
            show(&screen, &failure);
            return failure.exit;
        }
    };
    match Box::pin(run(&context, cli.command)).await {
        Ok(exit) => exit,
        Err(failure) => {
            let failure = stopped(&context, failure);
            tell(&context, &failure);
            failure.exit
        }
    }
}

async fn run(context: &Context, command: Command) -> Result<Exit, Failure> {
    match command {
        Command::MigratePatients(args) => passes::run(context, Kind::Patient, &args).await,
        Command::MigrateAppointments(args) => passes::run(context, Kind::Appointment, &args.into()).await,
        Command::BackfillEntries(args) => passes::run(context, Kind::Entry, &args.into()).await,
        Command::Explore(args) => explore::run(context, &args).await,
        Command::Status => status::run(context).await,
        Command::Why(args) => why::run(context, &args).await,
        Command::State { what: StateCommand::Rebuild { yes } } => state::rebuild(context, yes).await,
        Command::HubspotSchema { what: SchemaCommand::Plan { detailed_exitcode } } => {
            schema::plan(context, detailed_exitcode).await
        }
        Command::HubspotSchema { what: SchemaCommand::Apply { yes } } => schema::apply_plan(context, yes).await,
        Command::Mappings { what } => mappings::run(context, what).await,
        Command::Config { what: ConfigCommand::Check } => config_cmd::check(context),
        Command::Config { what: ConfigCommand::Show { origin: _ } } => Ok(config_cmd::show(context)),
        #[cfg(feature = "sandbox")]
        Command::Sandbox { what } => sandbox::run(context, what).await,
        #[cfg(feature = "sandbox")]
        Command::Demo => demo::run(context).await,
        Command::Help { .. } => Ok(Exit::Done),
    }
}

/// Configuration, log and signals.
fn context(cli: &Cli, screen: Screen) -> Result<Context, Failure> {
    let global = &cli.global;
    let request = Request { file: global.config.clone(), profile: global.profile.clone(), set: global.set.clone() };
    let config = match Config::load(&request, &Surroundings::here()) {
        Ok(config) => config,
        Err(config::Error::Problems(problems)) => {
            finding::show(&screen, &findings::of_config(&problems));
            return Err(Failure::told(Exit::Usage));
        }
        Err(error) => return Err(Failure::new(Exit::Usage, error.to_string())),
    };
    let run = start_log(global, is_demo(&cli.command), &config, &screen)?;
    Ok(Context {
        stop: Stop::listen(&screen),
        asking: Asking::here(global.no_input),
        lock_wait: global.lock_wait.unwrap_or(Duration::ZERO),
        global: global.given(),
        screen,
        config,
        run,
    })
}

/// The demo tells of its passes itself.
fn is_demo(command: &Command) -> bool {
    #[cfg(feature = "sandbox")]
    let demo = matches!(command, Command::Demo);
    #[cfg(not(feature = "sandbox"))]
    let demo = matches!(command, Command::Help { .. });
    demo
}

fn start_log(global: &Global, demo: bool, config: &Config, screen: &Screen) -> Result<RunName, Failure> {
    let loudness = match (global.quiet, global.verbose) {
        (true, _) => Loudness::Errors,
        (_, 0) if demo || screen.is_terminal() => Loudness::Warnings,
        (_, 0) => Loudness::Normal,
        (_, 1) => Loudness::Decisions,
        (_, _) => Loudness::Requests,
    };
    let path = global.log_file.clone().or_else(|| config.log.file.clone());
    let file = path.map(|path| {
        let mut options = OpenOptions::new();
        options.create(true).append(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let opened = options.open(&path);
        opened.map_err(|error| Failure::new(Exit::Storage, format!("cannot write the log {}: {error}", path.display())))
    });
    // A file keeps what a terminal need not show.
    let loudness = if file.is_some() && loudness == Loudness::Warnings { Loudness::Normal } else { loudness };
    let form = match config.log.format {
        LogFormat::Text => Form::Text,
        LogFormat::Json => Form::Json,
    };
    let masked = config.masked();
    let redactor = Redactor::new(masked.iter().map(ExposeSecret::expose_secret));
    let mask: log::Mask = Box::new(move |text| redactor.clean(text));
    Ok(log::start(screen, log::Settings { loudness, form, file: file.transpose()?, zone: config.zone, mask }))
}
