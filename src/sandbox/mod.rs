//! The simulated systems: stateful, strict, with switchable faults. Product default (`ivohub sandbox`) and test bed.
//!
//! The fact sheets are law here: what HubSpot would refuse is refused. Shares no code with the clients but basics of `http`,
//! so that a misreading of the wire format shows.

pub mod hubspot;
