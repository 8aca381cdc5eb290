//! The plan's digest: the same plan has the same digest, whatever run made it, so that it can be approved.

use std::fmt;

use super::step::{Op, Step};

/// Digest of a whole plan, fed patient by patient in key order.
#[derive(Clone, Debug)]
pub struct PlanDigest(blake3::Hasher);

impl PlanDigest {
    /// An empty plan under one portal and one set of decisions (mapping and options).
    #[must_use]
    pub fn new(portal: u64, decisions: &str) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key("ivohub plan 1");
        hasher.update(&portal.to_le_bytes());
        hasher.update(decisions.as_bytes());
        Self(hasher)
    }

    /// Adds a step. Steps come in the order of (patient hash, object, key).
    pub fn add(&mut self, step: &Step) {
        let mut text = |part: &[u8]| {
            self.0.update(&(part.len() as u64).to_le_bytes());
            self.0.update(part);
        };
        text(&step.patient.0);
        text(&[step.object as u8, step.wave as u8, op_code(step.op), u8::from(step.link_contact)]);
        text(&step.key.0);
        text(step.link_deal.as_ref().map_or(&[][..], |deal| &deal.0));
        for (name, value) in &step.set {
            text(name.as_str().as_bytes());
            text(value.as_bytes());
            text(step.before.get(name).map_or(&[][..], |value| value.as_bytes()));
        }
    }
}

const fn op_code(op: Op) -> u8 {
    match op {
        Op::Create => 1,
        Op::Update => 2,
        Op::TakeOver => 3,
        Op::LinkOnly => 4,
    }
}

/// The first 16 hex digits: what `--approve` takes.
impl fmt::Display for PlanDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.finalize().as_bytes().iter().take(8).try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
