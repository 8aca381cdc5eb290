//! Tests over the whole: the house rules, and the tool against its own simulators.

#[cfg(feature = "sandbox")]
mod calls;
#[cfg(feature = "sandbox")]
mod inputs;
#[cfg(all(feature = "sandbox", unix))]
mod kills;
mod layout;
#[cfg(feature = "sandbox")]
mod options;
#[cfg(feature = "sandbox")]
mod people;
#[cfg(feature = "sandbox")]
mod privacy;
#[cfg(feature = "sandbox")]
mod project;
#[cfg(feature = "sandbox")]
mod refusals;
#[cfg(feature = "sandbox")]
mod samples;
#[cfg(feature = "sandbox")]
mod simulation;
#[cfg(feature = "sandbox")]
mod stories;
mod supply;
