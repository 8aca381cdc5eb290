//! Tests over the whole: the house rules, and the tool against its own simulators.

mod layout;
#[cfg(feature = "sandbox")]
mod simulation;
#[cfg(feature = "sandbox")]
mod stories;
mod supply;
