//! `explore`: what a running Ivoris offers, asked carefully and told without a single value of a patient.
//!
//! Looking is pure: [`Contract`] and [`diff`], [`Coverage`], [`Words`], [`detect`], [`Search`], [`Mask`] take answers and
//! keep names, kinds and counts. What they find is one [`Survey`] per installation, which `report` shows and which is kept
//! for [`changes`].

mod about;
mod asker;
mod calendar;
mod change;
mod contract;
mod coverage;
mod diff;
mod differs;
mod entries;
mod expect;
mod explorer;
mod like;
mod load;
mod mask;
mod met;
mod names;
mod pages;
mod people;
mod prefix;
mod probe;
mod propose;
mod rest;
mod schema;
mod shape;
mod survey;
mod unmapped;
mod witness;
mod words;

pub use asker::Connect;
pub use change::{Change, Sign, changes};
pub use contract::{Contract, Field, NotAContract, Operation, Parameter};
pub use coverage::{Coverage, Seen};
pub use diff::{ExpectedField, ExpectedParameter, ExpectedRoute, diff};
pub use differs::{Difference, Differs};
pub use expect::{expected, is_needed, is_needed_name};
pub use explorer::{Explored, Wanted, calls, explore, look_at};
pub use load::{Load, Trial};
pub use mask::Mask;
pub use met::Met;
pub use pages::{MOST_CALLS, Search, Total};
pub use prefix::{Prefix, Prefixes, detect};
pub use shape::Shape;
pub use survey::{
    Answer, CalendarFound, ContractFound, End, EntriesFound, FORMAT, Named, NamesFound, Obeyed, Pair, PatientsFound,
    ProfileFound, Proposed, RouteFound, RouteState, Survey, Times,
};
pub use unmapped::{Header, Unmapped};
pub use witness::{Exchange, Form, Witness};
pub use words::{People, Tally, Words};
