//! Room extract.
