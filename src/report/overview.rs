//! What is in a portal, on one page: deals per stage and location, money.

use std::collections::BTreeMap;

use crate::domain::Cents;

use super::line::{Line, grouped};
use super::table::table;

/// One deal, as far as the page needs it.
#[derive(Clone, Debug)]
pub struct DealSeen {
    /// Label of its stage.
    pub stage: String,
    /// Name of its location.
    pub location: String,
    /// Its amount.
    pub amount: Cents,
    /// Revenue of its treatment so far.
    pub revenue: Cents,
}

/// Deals per stage and location. `stages` and `locations` in the order in which they are shown; what none of them names
/// stands in a row or column of its own.
#[must_use]
pub fn lines(stages: &[String], locations: &[String], deals: &[DealSeen]) -> Vec<Line> {
    let mut cells: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    let mut sums: BTreeMap<&str, (u64, Cents, Cents)> = BTreeMap::new();
    for deal in deals {
        *cells.entry((&deal.stage, &deal.location)).or_default() += 1;
        let (count, amount, revenue) = sums.entry(&deal.stage).or_default();
        *count += 1;
        *amount += deal.amount;
        *revenue += deal.revenue;
    }
    let known = |list: &[String], text: &str| list.iter().any(|have| have == text);
    let mut rows: Vec<&str> = stages.iter().map(String::as_str).collect();
    rows.extend(sums.keys().filter(|stage| !known(stages, stage)));
    let mut columns: Vec<&str> = locations.iter().map(String::as_str).collect();
    let others: std::collections::BTreeSet<&str> =
        deals.iter().map(|deal| deal.location.as_str()).filter(|location| !known(locations, location)).collect();
    columns.extend(others);
    let named = |text: &str| if text.is_empty() { "(none)".to_owned() } else { text.to_owned() };
    let number = |count: u64| if count == 0 { "–".to_owned() } else { grouped(count) };
    let mut header = vec!["deals".to_owned()];
    header.extend(columns.iter().map(|location| named(location)));
    header.extend(["all", "amount", "revenue"].map(str::to_owned));
    let mut body: Vec<Vec<String>> = Vec::with_capacity(rows.len() + 1);
    for stage in rows {
        let (count, amount, revenue) = sums.get(stage).copied().unwrap_or_default();
        let mut row = vec![named(stage)];
        row.extend(columns.iter().map(|location| number(cells.get(&(stage, location)).copied().unwrap_or(0))));
        row.extend([number(count), amount.to_string(), revenue.to_string()]);
        body.push(row);
    }
    let mut total = vec!["all".to_owned()];
    let of_location = |location: &str| deals.iter().filter(|deal| deal.location == location).count() as u64;
    total.extend(columns.iter().map(|location| number(of_location(location))));
    let money = |part: fn(&DealSeen) -> Cents| deals.iter().map(part).sum::<Cents>().to_string();
    total.extend([number(deals.len() as u64), money(|deal| deal.amount), money(|deal| deal.revenue)]);
    body.push(total);
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    table(&header, &body, 1, 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_deal_stands_somewhere_and_sums_agree() {
        let deal = |stage: &str, location: &str, amount| DealSeen {
            stage: stage.to_owned(),
            location: location.to_owned(),
            amount: Cents(amount),
            revenue: Cents(amount / 2),
        };
        let deals = [deal("Gebucht", "Nord", 100_000), deal("Gebucht", "Süd", 0), deal("Fremd", "", 50)];
        let names = |list: &[&str]| list.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let lines = lines(&names(&["Gebucht", "Verloren"]), &names(&["Nord", "Süd"]), &deals);
        let shown: Vec<String> = lines.iter().map(|line| line.text(false)).collect();
        assert_eq!(
            shown,
            [
                "  deals      Nord   Süd   (none)   all     amount   revenue",
                "  Gebucht       1     1        –     2   1 000,00    500,00",
                "  Verloren      –     –        –     –       0,00      0,00",
                "  Fremd         –     –        1     1       0,50      0,25",
                "  all           1     1        1     3   1 000,50    500,25",
            ]
        );
    }
}
