//! What callers did: the figures that tests and benches judge a client by.

use std::collections::BTreeMap;

use serde::Serialize;

/// Calls of one endpoint.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct RouteCount {
    /// All calls, however they were answered.
    pub calls: u64,
    /// Inputs in batches; 1 for single writes.
    pub inputs: u64,
    /// Of the calls, those answered with anything but 2xx, or not at all.
    pub failed: u64,
    /// Most inputs of one call, where the endpoint has batches.
    pub limit: Option<u64>,
}

impl RouteCount {
    /// Inputs in relation to what as many full batches would hold.
    #[must_use]
    pub fn fill(&self) -> Option<f64> {
        let most = self.limit?.checked_mul(self.calls).filter(|most| *most > 0)?;
        // Counts far below 2^52: exact.
        let float = |number: u64| u32::try_from(number).map_or(f64::MAX, f64::from);
        Some(float(self.inputs) / float(most))
    }
}

/// Everything counted since the last reset.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Counters {
    /// By method and endpoint: `POST objects/deal/batch/upsert`.
    pub routes: BTreeMap<String, RouteCount>,
    /// All calls with a token, 429 included.
    pub calls: u64,
    /// Calls that could change something, whether they did or not.
    pub writing: u64,
    /// Records created through the API.
    pub created: u64,
    /// Inputs that wrote what was there already.
    pub repeated_writes: u64,
    /// Links that were there already.
    pub repeated_links: u64,
    /// Calls that created records of an object that was searched before.
    pub creates_after_search: u64,
    /// Calls answered 429 because of a limit: the caller's fault.
    pub rate_limited: u64,
    /// Calls that a fault hit.
    pub faults: u64,
    /// Requests carried out after they were answered.
    pub late: u64,
    /// Most calls begun within one window.
    pub peak: u64,
    /// The same for association calls.
    pub association_peak: u64,
    /// Live records that share a unique value with another; must stay 0.
    pub duplicates: u64,
}

impl Counters {
    /// Calls of endpoints whose name contains `part`.
    #[must_use]
    pub fn calls_of(&self, part: &str) -> u64 {
        self.routes.iter().filter(|(name, _)| name.contains(part)).map(|(_, count)| count.calls).sum()
    }

    /// Inputs of endpoints whose name contains `part`.
    #[must_use]
    pub fn inputs_of(&self, part: &str) -> u64 {
        self.routes.iter().filter(|(name, _)| name.contains(part)).map(|(_, count)| count.inputs).sum()
    }
}
