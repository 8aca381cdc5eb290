//! `mappings …`: the tables, one file per subcommand.

mod affected;
mod check;
mod diff;
mod met;
mod pull;
mod table;
mod versions;

use clap::Subcommand;

use super::context::Context;
use super::exit::Exit;
use super::failure::Failure;

use affected::AffectedArgs;
use check::CheckArgs;
use diff::DiffArgs;
use pull::PullArgs;
use table::TableArgs;

/// What can be asked of the tables.
#[derive(Debug, Subcommand)]
pub(super) enum MappingsCommand {
    /// Reads and checks all tables to the end; shows every problem with its place
    Check(CheckArgs),
    /// Prints a table, or the rows it lacks
    Table(TableArgs),
    /// Shows what differs from the tables applied last, or from others, and what looked at it
    Diff(DiffArgs),
    /// Shows what the present tables would change in HubSpot, before anything runs; writes nothing
    Affected(AffectedArgs),
    /// Takes the tables over from a spreadsheet, a folder or published CSV; shows and checks them first
    Pull(PullArgs),
}

/// Carries out one of them.
pub(super) async fn run(context: &Context, what: MappingsCommand) -> Result<Exit, Failure> {
    match what {
        MappingsCommand::Check(args) => check::run(context, &args).await,
        MappingsCommand::Table(args) => table::run(context, &args).await,
        MappingsCommand::Diff(args) => diff::run(context, &args).await,
        MappingsCommand::Affected(args) => affected::run(context, &args).await,
        MappingsCommand::Pull(args) => pull::run(context, &args).await,
    }
}
