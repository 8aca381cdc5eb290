//! Room pass.
