//! The matrix of `domain.md` 3.3, cell by cell, for both grains, as settled in design.md section 4 (a) to (f): what happens
//! to a deal in a stage when something happens to its appointment. Each test is named after its rule.
//!
//! Every cell is decided by [`super::Decider`] over a real history, a ledger and a portal; then everything is looked at
//! once more, and nothing may be written.

mod case;
mod cell;
mod cells;
mod list;
mod options;
mod others;
mod progress;
mod values;
mod world;
