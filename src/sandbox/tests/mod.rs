//! The simulator against its rules (through `handle`), and against the project's own client (over HTTP and in process).

mod client;
mod kept;
