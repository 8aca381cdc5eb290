//! The sums of each deal are the sums of its entries, and no entry is counted on two.
//!
//! Whose an entry is, is found out here once more (`design.md` section 4): that of its appointment's case; without an
//! appointment, of the case opened last among those open on its day, in grain case.

use super::hold;
use super::story::{Story, TIMES, stories};
use super::world::{World, name_of, tables};
use crate::domain::Object;
use crate::mapping::case::{Case, cut};
use crate::mapping::{Grain, SourceWord, classify};
use crate::pass::history::gather;
use crate::store::LedgerRow;

/// What a deal says its revenue is, in cents: the whole, and its four parts together.
fn said(world: &World, deal: &LedgerRow) -> [i64; 2] {
    let cents = |word: SourceWord| -> i64 {
        let text = world.portal.value(deal.id, name_of(word));
        let euro: rust_decimal::Decimal = if text.is_empty() { "0" } else { text }.parse().expect("an amount");
        i64::try_from(euro * rust_decimal::Decimal::ONE_HUNDRED).expect("whole cents")
    };
    let parts = [
        SourceWord::DealRevenueStatutory,
        SourceWord::DealRevenuePrivate,
        SourceWord::DealRevenueLab,
        SourceWord::DealRevenueOwnShare,
    ];
    [cents(SourceWord::DealRevenue), parts.into_iter().map(cents).sum()]
}

fn law(story: &Story) -> Result<(), String> {
    let mut world = World::new(story.options);
    for time in 0..TIMES {
        if !world.read(story, time) {
            continue;
        }
        world.plan_and_write(&mut |_, _| Ok(()))?;
        let decider = world.decider();
        let history = gather(&world.file, &decider);
        let cases = cut(&history.visits, decider.rules());
        let owner_of = |entry: usize| match history.links()[entry] {
            Some(visit) => cases.iter().position(|case| case.visits.contains(&visit)),
            None if story.options.grain == Grain::Case => {
                let day = world.file.entries[entry].record.date;
                let after = |case: &Case| case.last_day.is_some_and(|last| last < day);
                cases.iter().rposition(|case| case.first_day <= day && !after(case))
            }
            None => None,
        };
        let deals_of = |case: &Case| -> Vec<&LedgerRow> {
            let keys: Vec<_> = case.opening.iter().map(|at| history.keys[*at]).collect();
            let rows = world.file.ledger.iter().filter(|row| row.object == Object::Deal && keys.contains(&row.key));
            rows.collect()
        };
        for (at, case) in cases.iter().enumerate() {
            // Of two deals of one case the other is left to `dedup-deals`.
            let [deal] = deals_of(case)[..] else { continue };
            let own = world.file.entries.iter().enumerate().filter(|(entry, _)| owner_of(*entry) == Some(at));
            let lines = own.map(|(_, filed)| classify(&filed.record, tables())).filter(|line| line.counts_revenue);
            let worth: i64 = lines.filter_map(|line| line.amount).map(|amount| amount.0).sum();
            let said = said(&world, deal);
            if said != [worth, worth] {
                return Err(format!("entries of {} are worth {worth} ct, it says {said:?}", deal.key_value));
            }
        }
    }
    Ok(())
}

#[test]
fn sums_are_those_of_the_entries() {
    hold("money::sums_are_those_of_the_entries", stories(), law);
}
