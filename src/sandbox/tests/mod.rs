//! The simulator against its rules (through `handle`), and against the project's own client (over HTTP and in process).

mod client;
mod desk;
mod faults;
mod kept;
mod laws;
mod limits;
mod links;
mod profiles;
mod reads;
mod schema;
mod search;
mod writes;
