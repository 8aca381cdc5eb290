//! Tests over the whole: the house rules, and the tool against its own simulators.

#[cfg(all(feature = "sandbox", unix))]
mod calls;
#[cfg(all(feature = "sandbox", unix))]
mod explore;
#[cfg(all(feature = "sandbox", unix))]
mod inputs;
#[cfg(all(feature = "sandbox", unix))]
mod ivoris;
#[cfg(all(feature = "sandbox", unix))]
mod ivoris_data;
#[cfg(all(feature = "sandbox", unix))]
mod ivoris_served;
#[cfg(all(feature = "sandbox", unix))]
mod kills;
mod layout;
#[cfg(all(feature = "sandbox", unix))]
mod location;
#[cfg(all(feature = "sandbox", unix))]
mod mappings;
#[cfg(all(feature = "sandbox", unix))]
mod money;
#[cfg(all(feature = "sandbox", unix))]
mod only;
#[cfg(all(feature = "sandbox", unix))]
mod options;
#[cfg(all(feature = "sandbox", unix))]
mod people;
#[cfg(all(feature = "sandbox", unix))]
mod privacy;
#[cfg(all(feature = "sandbox", unix))]
mod project;
#[cfg(all(feature = "sandbox", unix))]
mod pull;
#[cfg(all(feature = "sandbox", unix))]
mod readme;
#[cfg(all(feature = "sandbox", unix))]
mod refusals;
#[cfg(all(feature = "sandbox", unix))]
mod samples;
#[cfg(all(feature = "sandbox", unix))]
mod secrets;
#[cfg(all(feature = "sandbox", unix))]
mod select;
#[cfg(feature = "sandbox")]
mod shared;
#[cfg(feature = "sandbox")]
mod simulation;
#[cfg(all(feature = "sandbox", unix))]
mod states;
#[cfg(feature = "sandbox")]
mod stories;
mod supply;
#[cfg(all(feature = "sandbox", unix))]
mod versions;
#[cfg(all(feature = "sandbox", unix))]
mod why;
