//! The simulated systems: stateful, strict, with switchable faults. Product default (`ivohub sandbox`) and test bed.
//!
//! The fact sheets are law here: what HubSpot would refuse is refused. Shares no code with the clients but basics of `http`,
//! so that a misreading of the wire format shows. [`hubspot::Portal`] is driven by [`server`] over real HTTP, or by
//! [`InProcess`] under a paused clock; [`serve`] keeps a portal in a folder. [`ivoris::Practice`] has a server and a
//! transport of its own. [`seed`] and [`samples`] are the invented data.

pub mod hubspot;
mod in_process;
pub mod ivoris;
mod line;
pub mod samples;
pub mod seed;
pub mod serve;
pub mod server;

pub use in_process::InProcess;

#[cfg(test)]
mod tests;
