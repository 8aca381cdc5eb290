//! What goes wrong on purpose: seeded, per request, switchable at run time.

use serde::{Deserialize, Serialize};

use crate::http::{Method, Random};

use super::route::Route;

/// One way for a request to go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// Nothing goes wrong (in [`Faults::next`]: this request passes).
    Nothing,
    /// 423.
    Locked,
    /// 429, policy `TEN_SECONDLY_ROLLING`.
    Burst,
    /// 429, policy `DAILY`.
    Daily,
    /// 477 with `Retry-After`.
    Moving,
    /// 502, 503, 504 or 524 before anything is done.
    Gateway,
    /// The same after the request was carried out.
    GatewayAfter,
    /// The connection breaks before anything is done.
    Cut,
    /// The connection breaks after the request was carried out: the duplicate-maker.
    CutAfter,
    /// 504 now, and the request is carried out later.
    Late,
    /// The JSON of the answer ends in the middle.
    Truncated,
    /// The answer takes its time.
    Slow,
    /// Some inputs of a batch are refused.
    Partial,
    /// Written records carry `warnings[]`.
    Warnings,
    /// Ids of linked records are numbers.
    NumberIds,
}

/// Which requests can go wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// All.
    #[default]
    Any,
    /// Those that change nothing.
    Reads,
    /// Those that change something.
    Writes,
    /// Writes of records.
    Records,
    /// Writes of links.
    Links,
}

impl Scope {
    pub(super) fn covers(self, route: &Route<'_>, method: Method) -> bool {
        let writes = route.writes(method);
        match self {
            Self::Any => true,
            Self::Reads => !writes,
            Self::Writes => writes,
            Self::Records => writes && !route.is_association() && !route.is_definition(),
            Self::Links => writes && route.is_association(),
        }
    }
}

/// Probabilities per request, between 0 and 1.
///
/// At most one of the first group happens to a request; the second group may come on top.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Faults {
    /// Which requests can go wrong.
    pub scope: Scope,
    /// [`Fault::Locked`].
    pub locked: f64,
    /// [`Fault::Burst`].
    pub burst: f64,
    /// [`Fault::Daily`].
    pub daily: f64,
    /// [`Fault::Moving`].
    pub moving: f64,
    /// [`Fault::Gateway`].
    pub gateway: f64,
    /// [`Fault::GatewayAfter`].
    pub gateway_after: f64,
    /// [`Fault::Cut`].
    pub cut: f64,
    /// [`Fault::CutAfter`].
    pub cut_after: f64,
    /// [`Fault::Late`]; writes only.
    pub late: f64,
    /// [`Fault::Truncated`].
    pub truncated: f64,
    /// [`Fault::Slow`].
    pub slow: f64,
    /// [`Fault::Partial`].
    pub partial: f64,
    /// [`Fault::Warnings`].
    pub warnings: f64,
    /// [`Fault::NumberIds`].
    pub number_ids: f64,
    /// How slow, in milliseconds.
    pub slow_ms: u64,
    /// How late, in milliseconds.
    pub late_ms: u64,
    /// `Retry-After` of a 477, in seconds.
    pub moving_s: u64,
    /// Share of the inputs that [`Fault::Partial`] refuses.
    pub partial_share: f64,
    /// What happens to the next requests in scope, one each, before chance has its turn.
    pub next: Vec<Fault>,
}

impl Default for Faults {
    fn default() -> Self {
        Self {
            scope: Scope::Any,
            locked: 0.0,
            burst: 0.0,
            daily: 0.0,
            moving: 0.0,
            gateway: 0.0,
            gateway_after: 0.0,
            cut: 0.0,
            cut_after: 0.0,
            late: 0.0,
            truncated: 0.0,
            slow: 0.0,
            partial: 0.0,
            warnings: 0.0,
            number_ids: 0.0,
            slow_ms: 200,
            late_ms: 5_000,
            moving_s: 3_600,
            partial_share: 0.2,
            next: Vec::new(),
        }
    }
}

impl Faults {
    /// Nothing goes wrong.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// What happens to one request.
    pub(super) fn draw(&mut self, random: &impl Random, route: &Route<'_>, method: Method) -> Vec<Fault> {
        if !self.scope.covers(route, method) {
            return Vec::new();
        }
        if !self.next.is_empty() {
            return vec![self.next.remove(0)];
        }
        let mut drawn = Vec::new();
        let late = if route.writes(method) { self.late } else { 0.0 };
        let one_of = [
            (Fault::Locked, self.locked),
            (Fault::Burst, self.burst),
            (Fault::Daily, self.daily),
            (Fault::Moving, self.moving),
            (Fault::Gateway, self.gateway),
            (Fault::GatewayAfter, self.gateway_after),
            (Fault::Cut, self.cut),
            (Fault::CutAfter, self.cut_after),
            (Fault::Late, late),
            (Fault::Truncated, self.truncated),
        ];
        if one_of.iter().any(|(_, share)| *share > 0.0) {
            let mut left = uniform(random);
            for (fault, share) in one_of {
                if left < share {
                    drawn.push(fault);
                    break;
                }
                left -= share;
            }
        }
        let besides = [
            (Fault::Slow, self.slow),
            (Fault::Partial, self.partial),
            (Fault::Warnings, self.warnings),
            (Fault::NumberIds, self.number_ids),
        ];
        drawn.extend(besides.into_iter().filter(|(_, share)| chance(random, *share)).map(|(fault, _)| fault));
        drawn
    }
}

/// True with probability `share`; draws nothing when it is 0.
pub(super) fn chance(random: &impl Random, share: f64) -> bool {
    share > 0.0 && uniform(random) < share
}

/// Between 0 and 1, 1 excluded.
fn uniform(random: &impl Random) -> f64 {
    let high = u32::try_from(random.draw() >> 32).expect("32 bits are left");
    f64::from(high) / (f64::from(u32::MAX) + 1.0)
}
