//! What Ivoris says, as it says it: one type per kind of record, values as text; and the forms of days, times and numbers.

mod appointment;
mod flaw;
mod number;
mod record;
mod time;

pub use flaw::Flaw;
pub use number::{minutes, number, yes};
pub use record::{Appointment, Chair, Entry, Patient, Practitioner, Profile, Template};
pub use time::{date, instant, local_time};

#[cfg(test)]
mod tests;
