//! The plan on a screen: heading, changes, totals, calls, guard.

use std::collections::BTreeMap;

use serde_json::json;

use crate::domain::{Kind, Object};
use crate::pass::Money;
use crate::plan::guard::ObjectTotals;
use crate::plan::{Guard, Totals, Tripped};

use super::line::{Line, Look, counted, grouped, span};
use super::money;
use super::table::table;

/// Records in one batch call. Source: `hubspot-api.md` section 14.
const BATCH: u64 = 100;
/// Links in one call.
const LINKS: u64 = 2_000;
/// The lowest tier's limit of calls per second.
const PER_SECOND: u64 = 10;

/// What stands above a plan.
#[derive(Clone, Debug)]
pub struct Heading {
    /// The command.
    pub command: &'static str,
    /// Installations.
    pub instances: String,
    /// First characters of the mapping's digest.
    pub mapping: String,
    /// The portal.
    pub portal: u64,
    /// `sandbox` or `live`.
    pub mode: &'static str,
}

impl Heading {
    /// `migrate-patients   nord, sued   mapping 7f3a91c2   portal 4711 (live)`
    #[must_use]
    pub fn line(&self) -> Line {
        let Self { command, instances, mapping, portal, mode } = self;
        Line::new()
            .look(Look::Strong, command)
            .plain(&format!("   {instances}   mapping {mapping}   portal {portal} ({mode})"))
    }
}

/// What a plan comes to.
#[derive(Clone, Debug)]
pub struct PlanTotals<'a> {
    /// In numbers.
    pub totals: Totals,
    /// Rejected rows per kind.
    pub rejected: &'a BTreeMap<Kind, u64>,
    /// Against the limits.
    pub guard: &'a Guard,
    /// Whether there are limits at all.
    pub guarded: bool,
    /// For `--approve`.
    pub digest: &'a str,
    /// What its deals come to.
    pub money: &'a Money,
}

/// Calls that carrying out a plan will take, about.
#[must_use]
pub fn calls(totals: &Totals) -> u64 {
    let Totals { contact, appointment, deal, links, open_counts, taken_over: _ } = totals;
    let records = |of: &ObjectTotals| of.create.div_ceil(BATCH) + of.update.div_ceil(BATCH);
    records(contact) + records(appointment) + records(deal) + links.div_ceil(LINKS) + open_counts.div_ceil(BATCH)
}

impl PlanTotals<'_> {
    /// Table of totals, calls, guard.
    #[must_use]
    pub fn lines(&self) -> Vec<Line> {
        let totals = &self.totals;
        let rejected = |kind| self.rejected.get(&kind).map_or_else(|| "–".to_owned(), |count| grouped(*count));
        let row = |object: Object, of: &ObjectTotals, rejected: String| {
            let close = if object == Object::Deal { grouped(of.close) } else { "–".to_owned() };
            let ObjectTotals { create, update, close: _, unchanged, held } = of;
            vec![
                object.word().to_owned(),
                grouped(*create),
                grouped(*update),
                close,
                grouped(*unchanged),
                grouped(*held),
                rejected,
            ]
        };
        let none = || "–".to_owned();
        let rows = [
            row(Object::Contact, &totals.contact, rejected(Kind::Patient)),
            row(Object::Deal, &totals.deal, none()),
            row(Object::Appointment, &totals.appointment, rejected(Kind::Appointment)),
            vec!["link".to_owned(), grouped(totals.links), none(), none(), none(), none(), none()],
        ];
        let header = ["", "create", "update", "close", "unchanged", "held", "rejected"];
        let mut lines = table(&header, &rows, 1, 2);
        if totals.open_counts > 0 {
            let text = counted(totals.open_counts, "contact gets", "contacts get");
            lines.push(Line::new().look(Look::Faint, &format!("  {text} a new number of open deals")));
        }
        if totals.taken_over > 0 {
            let text =
                counted(totals.taken_over, "record that was there before is", "records that were there before are");
            lines.push(Line::new().look(Look::Faint, &format!("  {text} taken over")));
        }
        lines.extend(money::lines(self.money));
        lines.push(self.calls_and_guard());
        lines.push(Line::of("plan:  ").look(Look::Strong, self.digest));
        lines
    }

    fn calls_and_guard(&self) -> Line {
        let calls = calls(&self.totals);
        let seconds = span(calls.div_ceil(PER_SECOND));
        let line = Line::of(&format!("calls: about {} to HubSpot, {seconds} at {PER_SECOND}/s", grouped(calls)));
        if !self.guard.tripped.is_empty() {
            let over = |over: &Tripped| {
                let Tripped { what, planned, allowed, flag } = over;
                format!("{what} {} of {} allowed ({flag})", grouped(*planned), grouped(*allowed))
            };
            let tripped: Vec<String> = self.guard.tripped.iter().map(over).collect();
            return line.plain("     ").look(Look::Bad, &format!("guard: {}", tripped.join("; ")));
        }
        line.plain("     ").plain(if self.guarded { "guard: within limits" } else { "guard: off" })
    }

    /// The same as one JSON object.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        let tripped: Vec<serde_json::Value> = self
            .guard
            .tripped
            .iter()
            .map(|over| json!({"what": over.what, "planned": over.planned, "allowed": over.allowed, "flag": over.flag}))
            .collect();
        let rejected: BTreeMap<&str, u64> = self.rejected.iter().map(|(kind, count)| (kind.plural(), *count)).collect();
        json!({
            "type": "plan",
            "digest": self.digest,
            "changes": self.totals.changes(),
            "totals": self.totals,
            "rejected": rejected,
            "calls": calls(&self.totals),
            "money": money::json(self.money),
            "tripped": tripped,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn totals() -> Totals {
        Totals {
            contact: ObjectTotals { create: 4, unchanged: 402, ..ObjectTotals::default() },
            deal: ObjectTotals { create: 37, update: 209, close: 6, unchanged: 4_551, held: 12 },
            appointment: ObjectTotals { create: 37, update: 240, unchanged: 4_538, ..ObjectTotals::default() },
            links: 78,
            ..Totals::default()
        }
    }

    fn shown(guard: &Guard, guarded: bool) -> Vec<String> {
        let rejected = BTreeMap::from([(Kind::Appointment, 3)]);
        let (digest, money) = ("7f3a91c27f3a91c2", &Money::default());
        let plan = PlanTotals { totals: totals(), rejected: &rejected, guard, guarded, digest, money };
        plan.lines().iter().map(|line| line.text(false)).collect()
    }

    #[test]
    fn totals_are_a_table() {
        assert_eq!(
            shown(&Guard::default(), true),
            [
                "                create   update   close   unchanged   held   rejected",
                "  contact            4        0       –         402      0          –",
                "  deal              37      209       6       4 551     12          –",
                "  appointment       37      240       –       4 538      0          3",
                "  link              78        –       –           –      –          –",
                "calls: about 10 to HubSpot, 1 s at 10/s     guard: within limits",
                "plan:  7f3a91c27f3a91c2",
            ]
        );
    }

    #[test]
    fn the_guard_says_which_limit_and_which_flag() {
        let over = Tripped { what: "creates", planned: 4_100, allowed: 2_000, flag: "--max-creates" };
        let lines = shown(&Guard { tripped: vec![over] }, true);
        let guard = |lines: &[String], end: &str| assert!(lines.iter().any(|line| line.ends_with(end)), "{lines:?}");
        guard(&lines, "guard: creates 4 100 of 2 000 allowed (--max-creates)");
        guard(&shown(&Guard::default(), false), "guard: off");
    }
}
