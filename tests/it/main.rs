//! Tests over the whole: the house rules, and the tool against its own simulators.

#[cfg(all(feature = "sandbox", unix))]
mod kills;
mod layout;
#[cfg(feature = "sandbox")]
mod simulation;
mod supply;
