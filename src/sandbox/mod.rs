//! Room sandbox.

pub mod samples;
pub mod seed;
