//! What a change of the tables would do: deals stage by stage, money, and records that get or lose a row.

use serde_json::{Value, json};

use crate::domain::{Cents, Object, StageKey};
use crate::pass::Effect;

use super::line::{Line, Look, counted, grouped};
use super::table::table;

/// Deals and appointments that `--list` shows; machines get all.
const LISTED: usize = 200;

/// An amount with its sign, in euros.
fn delta(cents: Cents) -> String {
    let euros = grouped(cents.0.unsigned_abs() / 100);
    let sign = match cents.0 {
        0 => "±",
        1.. => "+",
        _ => "−",
    };
    format!("{sign}{euros},{:02} €", cents.0.unsigned_abs() % 100)
}

fn stage(stage: Option<&StageKey>) -> String {
    stage.map_or_else(|| "no deal".to_owned(), |stage| stage.as_str().to_owned())
}

/// The page for people.
#[must_use]
pub fn lines(effect: &Effect, list: bool) -> Vec<Line> {
    let Effect { patients, appointments, entries, created, updated, moves, .. } = effect;
    let mut lines = vec![Line::of(&format!(
        "decided again: {}, {}, {}",
        counted(*patients, "patient", "patients"),
        counted(*appointments, "appointment", "appointments"),
        counted(*entries, "entry", "entries")
    ))];
    let number = |of: &std::collections::BTreeMap<Object, u64>, object| of.get(&object).copied().unwrap_or(0);
    let rows: Vec<Vec<String>> = Object::ALL
        .into_iter()
        .filter(|object| number(created, *object) + number(updated, *object) > 0)
        .map(|object| {
            vec![object.word().to_owned(), grouped(number(created, object)), grouped(number(updated, object))]
        })
        .collect();
    if rows.is_empty() && effect.undecided == 0 {
        lines.push(Line::of("nothing in HubSpot would change"));
    } else {
        lines.extend(table(&["", "new", "changed"], &rows, 1, 2));
    }
    if !moves.is_empty() {
        lines.push(Line::new());
        let row = |((from, to), count): (&(Option<StageKey>, Option<StageKey>), &u64)| {
            vec![stage(from.as_ref()), format!("→ {}", stage(to.as_ref())), grouped(*count)]
        };
        let rows: Vec<Vec<String>> = moves.iter().map(row).collect();
        lines.extend(table(&["deals from", "to", ""], &rows, 2, 2));
    }
    let mut facts = Vec::new();
    let mut fact = |count: u64, text: &str| {
        if count > 0 {
            facts.push(format!("{} {text}", grouped(count)));
        }
    };
    fact(effect.closed, "close");
    fact(effect.reopened, "open again");
    if !facts.is_empty() {
        lines.push(Line::of(&format!("  of the deals {}", facts.join(", "))));
    }
    if !effect.deals.is_empty() {
        lines.push(Line::of(&format!("  revenue {}   amount {}", delta(effect.revenue), delta(effect.amount))));
    }
    if let (Some(mapped), Some(unmapped)) = (effect.mapped, effect.unmapped)
        && mapped + unmapped > 0
    {
        let (mapped, unmapped) = (grouped(mapped), grouped(unmapped));
        lines.push(Line::of(&format!("  appointments: {mapped} get a row, {unmapped} lose theirs")));
    }
    if effect.undecided > 0 {
        let who = counted(effect.undecided, "patient", "patients");
        lines.push(Line::new().look(Look::Warn, &format!("  {who} cannot be decided without asking HubSpot")));
    }
    if list {
        lines.extend(listed(effect));
    }
    lines
}

fn listed(effect: &Effect) -> Vec<Line> {
    let mut lines = vec![Line::new()];
    for deal in effect.deals.iter().take(LISTED) {
        let (from, to) = (stage(deal.from.as_ref()), stage(deal.to.as_ref()));
        let moved = if from == to { from } else { format!("{from} → {to}") };
        let revenue = if deal.revenue.0 == 0 { String::new() } else { format!("   revenue {}", delta(deal.revenue)) };
        lines.push(Line::of(&format!("  D:{}   {moved}{revenue}", deal.key)));
    }
    lines.extend(effect.visits.iter().take(LISTED).map(|key| Line::of(&format!("  A:{key}"))));
    let more = effect.deals.len().saturating_sub(LISTED) + effect.visits.len().saturating_sub(LISTED);
    if more > 0 {
        let text = format!("  … {} more; --json lists all", grouped(more as u64));
        lines.push(Line::new().look(Look::Faint, &text));
    }
    lines
}

/// The whole for machines; the records by pseudonym with `list`.
#[must_use]
pub fn json(effect: &Effect, list: bool) -> Value {
    let moves: Vec<Value> =
        effect.moves.iter().map(|((from, to), count)| json!({"from": from, "to": to, "count": count})).collect();
    let mut value = json!({"numbers": effect, "moves": moves});
    if list {
        let deals = effect.deals.iter().map(|deal| json!({"key": format!("D:{}", deal.key), "effect": deal}));
        value["deals"] = deals.collect();
        value["appointments"] = effect.visits.iter().map(|key| json!(format!("A:{key}"))).collect();
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::KeyHash;
    use crate::pass::DealEffect;

    #[test]
    fn deals_are_told_stage_by_stage() {
        let [before, after] = ["diagnostik", "angebot"].map(StageKey::new);
        let mut effect = Effect { patients: 3, appointments: 20, entries: 44, ..Effect::default() };
        let told = |effect: &Effect| lines(effect, true).iter().map(|line| line.text(false)).collect::<Vec<_>>();
        assert_eq!(told(&effect)[1], "nothing in HubSpot would change");
        effect.updated.insert(Object::Deal, 2);
        effect.moves.insert((Some(before.clone()), Some(after.clone())), 2);
        effect.revenue = Cents(-123_450);
        (effect.mapped, effect.unmapped) = (Some(7), Some(0));
        let (from, to) = (Some(before), Some(after));
        effect.deals = vec![DealEffect { key: KeyHash([1; 16]), from, to, revenue: Cents(5), amount: Cents(0) }];
        assert_eq!(
            told(&effect),
            [
                "decided again: 3 patients, 20 appointments, 44 entries",
                "         new   changed",
                "  deal     0         2",
                "",
                "  deals from   to",
                "  diagnostik   → angebot   2",
                "  revenue −1 234,50 €   amount ±0,00 €",
                "  appointments: 7 get a row, 0 lose theirs",
                "",
                "  D:01010101   diagnostik → angebot   revenue +0,05 €",
            ]
        );
        assert_eq!(json(&effect, true)["deals"][0]["key"], "D:01010101");
        assert!(json(&effect, false).get("deals").is_none());
    }
}
