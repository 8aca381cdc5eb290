//! The contract of the simulated Ivoris, behaviour by behaviour (`ivoris-api.md` section 13).

mod changes;
mod data;
mod desk;
mod faults;
mod forms;
mod laws;
mod quirks;
mod routes;
mod wire;
