//! Mapping: the tables in `mappings/`, read and checked, and the pure functions from records to what HubSpot should hold.

pub mod tables;
