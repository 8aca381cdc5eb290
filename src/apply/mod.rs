//! Room apply.
