//! Room hubspot.
