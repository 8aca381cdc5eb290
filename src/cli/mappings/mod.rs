//! `mappings …`: the tables, one file per subcommand.

mod check;

use clap::Subcommand;

use super::context::Context;
use super::exit::Exit;
use super::failure::Failure;

use check::CheckArgs;

/// What can be asked of the tables.
#[derive(Debug, Subcommand)]
pub(super) enum MappingsCommand {
    /// Reads and checks all tables to the end; shows every problem with its place
    Check(CheckArgs),
}

/// Carries out one of them.
#[expect(clippy::unused_async, reason = "subcommands that read the state or the portal wait")]
pub(super) async fn run(context: &Context, what: MappingsCommand) -> Result<Exit, Failure> {
    match what {
        MappingsCommand::Check(args) => check::run(context, &args),
    }
}
