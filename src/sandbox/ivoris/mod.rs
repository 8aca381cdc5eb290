//! A simulated Ivoris with two installations. Source: `ivoris-api.md`, whose contract (section 13) it shows.
//!
//! [`Practice::handle`] is synchronous and free of I/O: time comes with each request, randomness from a seed, so the same
//! requests in the same order get the same bytes. What the fact sheet leaves open is a switch in [`Settings`].

mod answer;
mod calendar;
mod change;
mod core;
mod counters;
mod data;
mod document;
mod exchange;
mod exports;
mod faults;
mod in_process;
mod installation;
mod kept;
mod names;
mod oddities;
mod people;
mod practice;
mod record;
mod route;
mod server;
mod settings;
mod shape;
mod times;
mod visits;
mod words;

pub use change::{Change, Event, When};
pub use counters::{Counters, Logged, RouteCount};
pub use data::Data;
pub use exchange::{Ending, Reply, Request};
pub use faults::{Burst, Closed, Fault, Faults, Rates};
pub use in_process::InProcess;
pub use kept::{Kept, KeptError};
pub use names::Names;
pub use practice::{Practice, Waiting};
pub use record::{Appointment, Entry, Patient, Profile};
pub use server::Server;
pub use settings::{
    APP, APP_VERSION, AskForm, Credentials, DayForm, Documented, Envelope, KEY, Latency, Load, NumberForm, Oddities,
    PASSWORD, PageBase, Planner, Settings, TimeForm, USER, Unknown,
};

#[cfg(test)]
mod tests;
