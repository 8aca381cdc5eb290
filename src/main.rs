//! The command line tool.

use std::process::ExitCode;

fn main() -> ExitCode {
    ivohub::cli::main()
}
