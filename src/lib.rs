//! ivohub moves a dental group's patients, appointments and chart entries from Ivoris into HubSpot.

pub mod apply;
pub mod cli;
pub mod config;
pub mod domain;
pub mod extract;
pub mod http;
pub mod hubspot;
pub mod mapping;
pub mod pass;
pub mod plan;
pub mod report;
#[cfg(feature = "sandbox")]
pub mod sandbox;
pub mod store;
