//! `mappings …`: the tables, one file per subcommand.

mod check;
mod met;
mod table;

use clap::Subcommand;

use super::context::Context;
use super::exit::Exit;
use super::failure::Failure;

use check::CheckArgs;
use table::TableArgs;

/// What can be asked of the tables.
#[derive(Debug, Subcommand)]
pub(super) enum MappingsCommand {
    /// Reads and checks all tables to the end; shows every problem with its place
    Check(CheckArgs),
    /// Prints a table, or the rows it lacks
    Table(TableArgs),
}

/// Carries out one of them.
pub(super) async fn run(context: &Context, what: MappingsCommand) -> Result<Exit, Failure> {
    match what {
        MappingsCommand::Check(args) => check::run(context, &args).await,
        MappingsCommand::Table(args) => table::run(context, &args).await,
    }
}
