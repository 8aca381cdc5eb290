//! ivohub moves a dental group's patients, appointments and chart entries from Ivoris into HubSpot.
//!
//! Records walk one way through named rooms:
//!
//! ```text
//! extract ─► store (inbox, queue) ─► mapping ─► plan ─► store (outbox) ─► apply ─► hubspot
//! ```
//!
//! * [`domain`]: the words that every room shares. Data only.
//! * [`extract`]: CSV rows → records, each with its origin; every row ends as a record or as a rejection.
//! * [`store`]: what must survive a crash, sealed: inbox, queue, outbox, ledger, journal.
//! * [`mapping`]: the tables in `mappings/`, and the pure functions from records to what HubSpot should hold.
//! * [`plan`]: wanted × what we last wrote × what HubSpot holds → steps with reasons. Pure.
//! * [`pass`]: the stops of each command in order; decides patient by patient, reads what deciding needs.
//! * [`apply`]: sends accepted steps, looks up what stays in doubt. It decides nothing.
//! * [`hubspot`]: the client, [`http`]: one request well sent.
//! * [`ivoris`]: the client of one Ivoris installation: reads only; routes and field names are data.
//! * [`report`]: everything that is printed; [`config`], [`cli`]: the command line.
//! * `sandbox`: the simulated HubSpot, seed data and samples.
//!
//! Deciding (`mapping`, `plan`) knows no clock, disk or network; doing (`apply`) makes no decisions. Who may import whom is a
//! test (`tests/it/layout.rs`). What must survive a crash is written down before it happens and read back the same way.

pub mod apply;
pub mod cli;
pub mod config;
pub mod domain;
pub mod extract;
pub mod http;
pub mod hubspot;
pub mod ivoris;
pub mod mapping;
pub mod pass;
pub mod plan;
pub mod report;
#[cfg(feature = "sandbox")]
pub mod sandbox;
pub mod store;
