//! The command line: one file per command with its sequence of calls, and what they share.

mod api_args;
mod args;
mod ask;
mod closing;
mod config_cmd;
mod context;
mod decide;
#[cfg(feature = "sandbox")]
mod demo;
mod exit;
mod explore;
mod failure;
mod findings;
mod folder;
mod from_api;
mod inputs;
mod key;
mod lexicon;
mod lock;
#[cfg(feature = "sandbox")]
mod manifest;
mod mapping;
mod mappings;
mod only;
mod pass_args;
mod passes;
#[cfg(feature = "sandbox")]
mod sandbox;
mod schema;
mod show;
#[cfg_attr(not(test), expect(dead_code, reason = "passes that read from Ivoris call it"))]
mod sources;
mod start;
mod state;
mod status;
mod stop;
mod when;
mod why;

pub use exit::Exit;
pub use failure::Failure;
pub use start::main;
