//! What `explore` found, told to a tired operator: one line per subject, the worst first in what is to be done; the same
//! as a document that is kept, and as JSON.

mod about;
mod data;
mod document;
mod facts;
mod rest;
mod screen;
#[cfg(test)]
mod tests;

pub use document::{Files, document};
pub use facts::{Finding, Level, Need, findings, json};
pub use screen::{changes, lines, next_steps};
