//! The command line: one file per command with its sequence of calls, and what they share.

mod args;
mod ask;
mod closing;
mod context;
mod decide;
#[cfg(feature = "sandbox")]
mod demo;
mod exit;
mod failure;
mod findings;
mod inputs;
mod lexicon;
mod lock;
#[cfg(feature = "sandbox")]
mod manifest;
mod mapping;
mod only;
mod pass_args;
mod passes;
#[cfg(feature = "sandbox")]
mod sandbox;
mod schema;
mod show;
mod start;
mod state;
mod status;
mod stop;
mod tables;

pub use exit::Exit;
pub use failure::Failure;
pub use start::main;
