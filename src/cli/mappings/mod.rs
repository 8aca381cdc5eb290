//! `mappings …`: the tables, one file per subcommand.

mod check;
mod pull;

use clap::Subcommand;

use super::context::Context;
use super::exit::Exit;
use super::failure::Failure;

use check::CheckArgs;
use pull::PullArgs;

/// What can be asked of the tables.
#[derive(Debug, Subcommand)]
pub(super) enum MappingsCommand {
    /// Reads and checks all tables to the end; shows every problem with its place
    Check(CheckArgs),
    /// Takes the tables over from a spreadsheet, a folder or published CSV; shows and checks them first
    Pull(PullArgs),
}

/// Carries out one of them.
pub(super) async fn run(context: &Context, what: MappingsCommand) -> Result<Exit, Failure> {
    match what {
        MappingsCommand::Check(args) => check::run(context, &args),
        MappingsCommand::Pull(args) => pull::run(context, &args).await,
    }
}
