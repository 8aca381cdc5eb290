//! Room sandbox.

pub mod seed;
