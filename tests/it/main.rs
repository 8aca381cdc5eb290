//! Tests over the whole: the house rules, and the tool against its own simulators.

#[cfg(feature = "sandbox")]
mod calls;
#[cfg(all(feature = "sandbox", unix))]
mod kills;
mod layout;
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
mod supply;
