//! The money of a plan: revenue before and after, how it is known, and what it would be with and without `pabg`.

use serde_json::{Value, json};

use crate::domain::{Cents, Lines};
use crate::pass::Money;

use super::line::{Line, counted, grouped};
use super::table::table;

/// A table in euros; nothing when the plan's deals have no billing lines.
pub(super) fn lines(money: &Money) -> Vec<Line> {
    if money.is_empty() {
        return Vec::new();
    }
    let known = &money.lines;
    let change = money.after.0.saturating_sub(money.before.0);
    let sign = if change > 0 { "+" } else { "" };
    let none = String::new;
    let of = if known.missing > 0 { format!(" of {}", grouped(known.all())) } else { none() };
    let mut rows = vec![vec![
        format!("revenue of {}", counted(money.deals, "deal", "deals")),
        format!("{}{of}", grouped(known.priced())),
        money.before.to_string(),
        money.after.to_string(),
        format!("{sign}{}", Cents(change)),
    ]];
    let row = |label: &str, lines: Lines, sum: Cents| {
        vec![label.to_owned(), grouped(lines.count), none(), sum.to_string(), none()]
    };
    let ways = [
        ("  Betrag", known.amount),
        ("  points", known.points),
        ("  points at 2,3", known.usual_factor),
        ("  € in the text", known.text),
        ("  fixed", known.fixed),
    ];
    rows.extend(
        ways.into_iter().filter(|(_, lines)| lines.count > 0).map(|(label, lines)| row(label, lines, lines.sum)),
    );
    let pabg = money.all_pabg();
    if pabg.count > 0 {
        // Which of the two is the revenue above, the table eintragsarten.csv says.
        rows.push(row("without pabg", Lines::default(), money.without_pabg()));
        rows.push(row("with pabg", pabg, money.with_pabg()));
    }
    table(&["€", "lines priced", "before", "after", "change"], &rows, 1, 2)
}

/// The same for machines, in cents.
pub(super) fn json(money: &Money) -> Value {
    let known = &money.lines;
    json!({
        "deals": money.deals,
        "revenue_before_cents": money.before,
        "revenue_after_cents": money.after,
        "lines": known.all(),
        "priced": known.priced(),
        "by": known,
        "pabg": {
            "counted": money.pabg.counted,
            "apart": money.pabg.apart,
            "revenue_without_cents": money.without_pabg(),
            "revenue_with_cents": money.with_pabg(),
        },
    })
}

#[cfg(test)]
mod tests {
    use crate::domain::{Pabg, Pricing};

    use super::*;

    const fn some(count: u64, cents: i64) -> Lines {
        Lines { count, sum: Cents(cents) }
    }

    fn shown(money: &Money) -> Vec<String> {
        lines(money).iter().map(|line| line.text(false)).collect()
    }

    #[test]
    fn money_is_a_table() {
        let lines = Pricing {
            amount: some(700, 1_000_000),
            points: some(100, 400_000),
            usual_factor: some(12, 10_000),
            missing: 28,
            ..Pricing::default()
        };
        let pabg = Pabg { counted: some(0, 0), apart: some(12, 340_000) };
        let money = Money { deals: 43, before: Cents(1_234_560), after: Cents(1_410_000), lines, pabg };
        assert_eq!(
            shown(&money),
            [
                "  €                     lines priced      before       after      change",
                "  revenue of 43 deals     812 of 840   12 345,60   14 100,00   +1 754,40",
                "    Betrag                       700               10 000,00",
                "    points                       100                4 000,00",
                "    points at 2,3                 12                  100,00",
                "  without pabg                     0               14 100,00",
                "  with pabg                       12               17 500,00",
            ]
        );
        let json = json(&money);
        assert_eq!(json["by"]["points"], json!({"count": 100, "cents": 400_000}));
        assert_eq!(json["pabg"]["revenue_with_cents"], 1_750_000);
        assert_eq!((&json["lines"], &json["priced"]), (&json!(840), &json!(812)));
    }

    #[test]
    fn pabg_that_counts_is_taken_out_again() {
        let lines = Pricing { amount: some(3, 50_000), ..Pricing::default() };
        let pabg = Pabg { counted: some(1, 30_000), apart: some(0, 0) };
        let money = Money { deals: 1, before: Cents(50_000), after: Cents(50_000), lines, pabg };
        let shown = shown(&money);
        assert!(
            shown.iter().any(|line| line.starts_with("  revenue of 1 deal ") && line.ends_with("   0,00")),
            "{shown:?}"
        );
        assert!(shown.iter().any(|line| line.contains("without pabg") && line.ends_with("200,00")), "{shown:?}");
        assert!(shown.iter().any(|line| line.contains("with pabg") && line.ends_with("500,00")), "{shown:?}");
    }

    #[test]
    fn a_plan_without_billing_lines_says_nothing() {
        assert!(shown(&Money { deals: 4, ..Money::default() }).is_empty());
    }
}
